//! The sums of entries' rows: made anew when a row is changed, and held against it when it is read; for both stores.

use titan_core::protocol::Entry;
use titan_core::{ConversationId, EntryId, Seq, Time};

use super::super::soundness::Identity;
use super::super::sum::{self, Field};
use super::super::tx::{Ask, Cell, Row, Tx, Value, any, values};
use super::super::{StoreError, StoreResult};

/// The columns that a sum is made of, in the order of [`sum::Row`].
pub const SUMMED: &str = "e.conversation, e.seq, e.id, e.kind, e.author, e.author_name, e.author_number, e.at, e.client_id, \
    e.text, e.reply_to, e.file, e.edited, e.deleted, e.target, e.detail";
/// Where the sum itself stands behind them.
pub const SUM: usize = 16;

/// Gives an entry that was changed the sum of what it says now. To be asked for one only that held before, since whatever is
/// wrong with it is sealed as if it were right.
pub async fn seal(tx: &mut dyn Tx, conversation: ConversationId, seq: Seq) -> StoreResult<()> {
    let sql = format!("SELECT {SUMMED} FROM entries e WHERE e.conversation = $1 AND e.seq = $2");
    let rows = tx.rows(&sql, values![conversation, seq]).await?;
    write(tx, &rows).await
}

/// Refuses to build on an entry that is damaged.
pub async fn must_hold(tx: &mut dyn Tx, conversation: ConversationId, seq: Seq) -> StoreResult<()> {
    let sql = format!("SELECT {SUMMED}, e.sum FROM entries e WHERE e.conversation = $1 AND e.seq = $2");
    match tx.rows(&sql, values![conversation, seq]).await?.first() {
        Some(row) if !holds(row) => {
            Err(StoreError::Broken(format!("entry {seq} of conversation {conversation} is damaged")))
        }
        _ => Ok(()),
    }
}

/// Those that hold of a message and its edits.
pub async fn holding(tx: &mut dyn Tx, conversation: ConversationId, message: Seq) -> StoreResult<Vec<Seq>> {
    let sql = format!(
        "SELECT {SUMMED}, e.sum FROM entries e \
         WHERE e.conversation = $1 AND (e.seq = $2 OR (e.target = $2 AND e.kind = 'edit'))"
    );
    let mut rows = tx.rows(&sql, values![conversation, message]).await?;
    rows.iter_mut().filter(|row| holds(row)).map(|row| row.get(1)).collect()
}

/// Gives up to `limit` rows of before their sums; how many there were.
pub async fn sum_rows(tx: &mut dyn Tx, limit: u32) -> StoreResult<u32> {
    let sql = format!("SELECT {SUMMED} FROM entries e WHERE e.sum IS NULL ORDER BY e.conversation, e.seq LIMIT $1");
    let rows = tx.rows(&sql, values![limit]).await?;
    write(tx, &rows).await?;
    Ok(rows.len() as u32)
}

/// Rows that get their sums by one statement.
const AT_ONCE: usize = 100;

async fn write(tx: &mut dyn Tx, rows: &[Row]) -> StoreResult<()> {
    for rows in rows.chunks(AT_ONCE) {
        let sums: Vec<_> = rows.iter().filter_map(sum_of).collect();
        if sums.is_empty() {
            continue;
        }
        let made: Vec<_> = (0..sums.len()).map(made_at).collect();
        let sql = format!(
            "WITH made (conversation, seq, sum) AS (VALUES {}) UPDATE entries SET sum = made.sum FROM made \
             WHERE entries.conversation = made.conversation AND entries.seq = made.seq",
            made.join(", ")
        );
        let values: Vec<_> = sums.into_iter().flatten().map(Value::Number).collect();
        tx.change(&sql, &values).await?;
    }
    Ok(())
}

/// Where an entry stands, and its sum.
fn sum_of(Row(cells): &Row) -> Option<[i64; 3]> {
    let (Some(Cell::Number(conversation)), Some(Cell::Number(seq))) = (cells.first(), cells.get(1)) else {
        return None;
    };
    // What can't be read at all is damaged already: no sum fits it.
    Some([*conversation, *seq, said(cells).map_or(0, |row| sum::of(&row))])
}

/// The values of a row of [`write`]'s statement: three more than those before it.
fn made_at(row: usize) -> String {
    let value = |column| format!("CAST(${} AS bigint)", row * 3 + column);
    format!("({}, {}, {})", value(1), value(2), value(3))
}

/// Whether a row of [`SUMMED`] and its sum says what it said when it was written. One of before, without a sum, is believed.
pub fn holds(Row(cells): &Row) -> bool {
    match (cells.get(SUM), said(cells)) {
        (None | Some(Cell::Null), said) => said.is_some(),
        (Some(Cell::Number(sum)), Some(row)) => *sum == sum::of(&row),
        _ => false,
    }
}

/// What is served in place of a row that doesn't hold.
pub fn damaged(Row(cells): &Row) -> Entry {
    let number = |place: usize| if let Some(Cell::Number(number)) = cells.get(place) { *number } else { 0 };
    sum::damaged(ConversationId(number(0)), Seq(number(1)), EntryId(number(2)), Time(number(7)))
}

/// None where a column holds what it can't hold.
fn said(cells: &[Cell]) -> Option<sum::Row<'_>> {
    sum::Row::of_columns(|place| {
        Some(match cells.get(place)? {
            Cell::Null => Field::Null,
            Cell::Number(number) => Field::Number(*number),
            Cell::Text(text) => Field::Text(text.as_bytes()),
            Cell::Bytes(bytes) => Field::Bytes(bytes),
        })
    })
}

/// The lines of a check: one for each entry that no longer says what it said when it was written; beyond so many they are
/// counted.
#[derive(Default)]
pub struct Damaged {
    lines: Vec<String>,
    more: u64,
}

impl Damaged {
    const NAMED: usize = 100;

    /// Looks at a row of [`SUMMED`] and its sum.
    pub fn look_at(&mut self, row: &Row) {
        match holds(row) {
            true => {}
            false if self.lines.len() < Self::NAMED => self.lines.push(named(row)),
            false => self.more += 1,
        }
    }

    pub fn lines(mut self) -> Vec<String> {
        if self.more > 0 {
            self.lines.push(format!("a damaged entry: {} more", self.more));
        }
        self.lines
    }
}

fn named(Row(cells): &Row) -> String {
    let number = |place: usize| match cells.get(place) {
        Some(Cell::Number(number)) => number.to_string(),
        _ => "?".to_owned(),
    };
    format!("a damaged entry: conversation {}, entry {}", number(0), number(1))
}

/// Whether there are passwords that can't be checked without the pepper.
pub const PEPPERED: &str = "SELECT 1 FROM accounts WHERE scheme = 'titan' AND hash <> '' \
    OR hash LIKE '%$argon2id$v=19$m=%,pepper=%' LIMIT 1";

/// Keeps what the pepper of the passwords here is known by.
pub async fn remember_pepper(tx: &mut dyn Tx, known_by: &str) -> StoreResult<()> {
    tx.change("UPDATE house SET pepper = $1 WHERE pepper <> $1", values![known_by]).await.map(drop)
}

/// What the database says of itself.
pub async fn identity(ask: &mut dyn Ask) -> StoreResult<Identity> {
    let mut rows = ask.rows("SELECT epoch, turn, pepper FROM house", &[]).await?;
    let row = rows.first_mut().ok_or_else(|| StoreError::Broken("the table `house` is empty".into()))?;
    let (epoch, turn, pepper) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let peppered = any(ask, PEPPERED, &[]).await?;
    Ok(Identity { epoch, turn, pepper, peppered })
}
