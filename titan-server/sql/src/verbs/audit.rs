//! The audit log: a line an act, written by the transaction that does it.
//!
//! Its rows are a chain: the hash of each is over the hash of the row before and all that the row itself says, so that none can be
//! changed, taken out or put in between without every later one being another. That its end is gone shows by the house's own row, which says
//! where it ends; and that all of it was made anew by the server's log, which lies elsewhere and is told the end now and then.
//!
//! **The chain never changes its form**: SHA-256 over the form's number, one byte; the hash of the row before, or 32 zeros; and then each
//! field in the order of [`CHAINED`]: 0 for null, or 1 and the eight bytes of a number, or 2 and the length as eight bytes and the bytes
//! of a text; numbers little-endian. A NUL in a text, which PostgreSQL can't hold, counts as what it becomes there.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use titan_core::protocol::Author;
use titan_core::{AccountId, Time, TitanNumber};

use super::super::tx::{Ask, Cell, Row, Tx, Value, all, any, one, values};
use super::super::{AuditChain, AuditHead, AuditRecord, AuditRow, Deed, StoreError, StoreResult};
use super::marks::{AT_ONCE, marks, padded};

/// The one form there is.
const FORM: u8 = 1;
/// Before the first row.
const NOTHING: [u8; 32] = [0; 32];
/// What the chain is over.
pub const CHAINED: &str = "id, at, by, act, object, detail, door, address";
/// Where it ends.
pub const END: &str = "SELECT audit_row, audit_hash FROM house WHERE audit_row IS NOT NULL AND audit_hash IS NOT NULL";
/// Where the hash itself stands behind that.
const HASH: usize = 8;
/// Rows that are looked at together.
const PAGE: u32 = 1_000;

/// Writes a line, with where its deed was done.
pub async fn record(tx: &mut dyn Tx, act: &AuditRecord, deed: Option<&Deed>) -> StoreResult<()> {
    let (last, before) = head(tx).await?.map_or((0, NOTHING), |head| (head.row, head.hash));
    // Somebody may have put rows behind the end, or taken some away.
    let sql = "SELECT coalesce(max(id), 0) FROM audit";
    let id = one(tx, sql, &[], |row| row.get::<i64>(0)).await?.unwrap_or_default().max(last) + 1;
    let door = deed.map(|deed| deed.door);
    let address = deed.and_then(|deed| deed.address).map(|address| address.to_canonical().to_string());
    let AuditRecord { at, by, act, object, detail } = act;
    let said: [Value<'_>; HASH] = [
        id.into(),
        (*at).into(),
        (*by).into(),
        act.into(),
        object.into(),
        detail.into(),
        door.into(),
        (&address).into(),
    ];
    let hash = link(&before, said.iter().map(Field::of_value));
    let sql = format!("INSERT INTO audit ({CHAINED}, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    let mut row = said.to_vec();
    row.push((&hash).into());
    tx.change(&sql, &row).await?;
    ends_with(tx, id, &hash).await
}

async fn ends_with(tx: &mut dyn Tx, row: i64, hash: &[u8; 32]) -> StoreResult<()> {
    tx.change("UPDATE house SET audit_row = $1, audit_hash = $2", values![row, hash]).await.map(drop)
}

/// Where the chain ends, as the house's own row says; none while there is no chain.
pub async fn head<A: Ask + ?Sized>(ask: &mut A) -> StoreResult<Option<AuditHead>> {
    one(ask, END, &[], head_of).await
}

/// A row of [`END`].
pub fn head_of(row: &mut Row) -> StoreResult<AuditHead> {
    Ok(AuditHead { row: row.get(0)?, hash: row.get(1)? })
}

/// The last acts, newest first: those before a row, or all.
pub async fn list(ask: &mut dyn Ask, before: Option<i64>, limit: u32) -> StoreResult<Vec<AuditRow>> {
    let sql = format!("SELECT {CHAINED} FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2");
    let mut rows = ask.rows(&sql, values![before.unwrap_or(i64::MAX), limit]).await?;
    let mut names = Names::default();
    let mut acts = Vec::with_capacity(rows.len());
    for row in &mut rows {
        acts.push(names.give(ask, row).await?);
    }
    Ok(acts)
}

/// All acts of one kind, the oldest first.
pub async fn of_kind(ask: &mut dyn Ask, act: &str) -> StoreResult<Vec<AuditRecord>> {
    let sql = "SELECT at, by, act, object, detail FROM audit WHERE act = $1 ORDER BY id";
    let record_of = |row: &mut Row| {
        let at = row.get::<Time>(0)?;
        Ok(AuditRecord { at, by: row.get(1)?, act: row.get(2)?, object: row.get(3)?, detail: row.get(4)? })
    };
    all(ask, sql, values![act], record_of).await
}

/// Chains the rows of a release that knew no chain, all of them or none; where there is a chain, a row without a hash is a breach of it.
pub async fn chain(tx: &mut dyn Tx) -> StoreResult<()> {
    if head(tx).await?.is_some() || any(tx, "SELECT 1 FROM audit WHERE hash IS NOT NULL LIMIT 1", &[]).await? {
        return Ok(());
    }
    let (mut last, mut before) = (i64::MIN, NOTHING);
    let sql = format!("SELECT {CHAINED} FROM audit WHERE id > $1 ORDER BY id LIMIT $2");
    let noted = hashes_noted();
    loop {
        let rows = tx.rows(&sql, values![last, PAGE]).await?;
        let (mut ids, mut hashes) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for Row(cells) in &rows {
            (last, before) = (id_of(cells)?, link(&before, cells.iter().map(Field::of_cell)));
            ids.push(last);
            hashes.push(before);
        }
        let hashes: Vec<&[u8; 32]> = hashes.iter().collect();
        for (mut values, hashes) in padded(&ids).zip(padded(&hashes)) {
            values.extend(hashes);
            tx.change(&noted, &values).await?;
        }
        if rows.is_empty() && last == i64::MIN {
            return Ok(());
        }
        if rows.is_empty() {
            return ends_with(tx, last, &before).await;
        }
    }
}

/// Gives [`AT_ONCE`] rows their hashes: first the numbers, then the hashes.
fn hashes_noted() -> String {
    let cases: String = (1..=AT_ONCE).map(|id| format!(" WHEN ${id} THEN ${}", id + AT_ONCE)).collect();
    format!("UPDATE audit SET hash = CASE id{cases} ELSE hash END WHERE id IN ({})", marks())
}

/// Whether all rows are as they were written and follow one another.
pub async fn verify(ask: &mut dyn Ask) -> StoreResult<AuditChain> {
    let sql = format!("SELECT {CHAINED}, hash FROM audit WHERE id > $1 ORDER BY id LIMIT $2");
    let (mut following, mut last) = (Following::towards(head(ask).await?), i64::MIN);
    loop {
        let rows = ask.rows(&sql, values![last, PAGE]).await?;
        for row in &rows {
            following.look_at(row)?;
            last = id_of(&row.0)?;
        }
        if rows.is_empty() {
            return Ok(following.arrived(head(ask).await?));
        }
    }
}

/// Whether a head that was told once is still in the chain.
pub async fn holds(ask: &mut dyn Ask, head: AuditHead) -> StoreResult<bool> {
    any(ask, "SELECT 1 FROM audit WHERE id = $1 AND hash = $2", values![head.row, &head.hash]).await
}

/// The line of a check.
pub fn line_of(chain: &AuditChain) -> Option<String> {
    let row = chain.broken?;
    Some(format!("the audit log: row {row} is not as it was written, is gone, or does not follow the one before it"))
}

/// Goes along the chain, from its first row on.
#[derive(Default)]
pub struct Following {
    chain: AuditChain,
    before: [u8; 32],
    unchained: Option<i64>,
    /// Where the house said that the log ends, and whether that row was met.
    end: Option<AuditHead>,
    met: bool,
    last: i64,
}

impl Following {
    /// Begins, where the house says that the log ends there.
    pub fn towards(end: Option<AuditHead>) -> Self {
        Self { end, met: end.is_none(), ..Self::default() }
    }

    /// Looks at the next row: [`CHAINED`], and its hash.
    pub fn look_at(&mut self, Row(cells): &Row) -> StoreResult<()> {
        let row = id_of(cells)?;
        let wanted = link(&self.before, cells[..HASH].iter().map(Field::of_cell));
        self.chain.rows += 1;
        self.last = row;
        let hash: Option<[u8; 32]> = match cells.get(HASH) {
            Some(Cell::Bytes(bytes)) => bytes.as_slice().try_into().ok(),
            _ => None,
        };
        match hash {
            Some(hash) if hash == wanted => {}
            None if self.chain.head.is_none() => _ = self.unchained.get_or_insert(row),
            _ => _ = self.chain.broken.get_or_insert(row),
        }
        if let Some(hash) = hash {
            self.chain.head = Some(AuditHead { row, hash });
            self.before = hash;
            self.met |= self.chain.head == self.end;
        }
        Ok(())
    }

    /// What there is to say, where the house says by now that the log ends there: who went along it may have met rows that came meanwhile.
    ///
    /// A log without any hash is one of a release before; one with some has had each row's from the first on.
    pub fn arrived(mut self, end: Option<AuditHead>) -> AuditChain {
        if self.chain.head.or(self.end).is_some() {
            self.chain.broken = self.unchained.or(self.chain.broken);
        }
        let ends_so = if self.end == end { self.chain.head == end } else { self.met };
        if !ends_so {
            let row = self.last.min(self.end.map_or(0, |end| end.row)) + 1;
            self.chain.broken.get_or_insert(row);
        }
        self.chain
    }
}

fn id_of(cells: &[Cell]) -> StoreResult<i64> {
    match cells.first() {
        Some(Cell::Number(id)) => Ok(*id),
        _ => Err(StoreError::Broken("a row of the audit log without a number".into())),
    }
}

/// A field as the chain takes it.
enum Field<'a> {
    Null,
    Number(i64),
    Text(&'a str),
}

impl<'a> Field<'a> {
    fn of_value(value: &'a Value<'_>) -> Self {
        match value {
            Value::Number(number) => Self::Number(*number),
            Value::Text(text) => Self::Text(text),
            Value::Null | Value::Bytes(_) => Self::Null,
        }
    }

    fn of_cell(cell: &'a Cell) -> Self {
        match cell {
            Cell::Number(number) => Self::Number(*number),
            Cell::Text(text) => Self::Text(text),
            Cell::Null | Cell::Bytes(_) => Self::Null,
        }
    }
}

/// The hash of a row that comes after one of this hash.
fn link<'a>(before: &[u8; 32], fields: impl Iterator<Item = Field<'a>>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([FORM]);
    hash.update(before);
    for field in fields {
        match field {
            Field::Null => hash.update([0]),
            Field::Number(number) => {
                hash.update([1]);
                hash.update(number.to_le_bytes());
            }
            Field::Text(text) => {
                let text = text.replace('\0', "\u{fffd}");
                hash.update([2]);
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            }
        }
    }
    hash.finalize().into()
}

/// Who and what rows name, looked up once.
#[derive(Default)]
struct Names {
    accounts: BTreeMap<AccountId, Option<Author>>,
    rooms: BTreeMap<i64, Option<String>>,
}

impl Names {
    async fn give(&mut self, ask: &mut dyn Ask, row: &mut Row) -> StoreResult<AuditRow> {
        let object: String = row.get(4)?;
        let by = match row.get(2)? {
            Some(account) => self.account(ask, account).await?,
            None => None,
        };
        let whom = match number_behind(&object, "account") {
            Some(account) => self.account(ask, AccountId(account)).await?,
            None => None,
        };
        let room = match number_behind(&object, "room") {
            Some(room) => self.room(ask, room).await?,
            None => None,
        };
        let (id, at, act) = (row.get(0)?, row.get(1)?, row.get(3)?);
        let (detail, door, address) = (row.get(5)?, row.get(6)?, row.get(7)?);
        Ok(AuditRow { id, at, by, act, object, whom, room, detail, door, address })
    }

    async fn account(&mut self, ask: &mut dyn Ask, account: AccountId) -> StoreResult<Option<Author>> {
        if let Some(known) = self.accounts.get(&account) {
            return Ok(known.clone());
        }
        let sql = "SELECT username, titan_number, deleted_at FROM accounts WHERE id = $1";
        let author = |row: &mut Row| {
            let number: TitanNumber = row.get(1)?;
            // As what they wrote names them.
            let name = if row.is_null(2) { row.get::<String>(0)? } else { format!("former-{number}") };
            Ok(Author::new(account, name.into(), number))
        };
        let found = one(ask, sql, values![account], author).await?;
        Ok(self.accounts.entry(account).or_insert(found).clone())
    }

    async fn room(&mut self, ask: &mut dyn Ask, room: i64) -> StoreResult<Option<String>> {
        if let Some(known) = self.rooms.get(&room) {
            return Ok(known.clone());
        }
        let sql = "SELECT name FROM rooms WHERE conversation = $1 AND key IS NOT NULL";
        let found = one(ask, sql, values![room], |row| row.get::<String>(0)).await?;
        Ok(self.rooms.entry(room).or_insert(found).clone())
    }
}

/// The number that stands behind a word.
fn number_behind(object: &str, word: &str) -> Option<i64> {
    let mut words = object.split(' ').skip_while(|said| *said != word);
    words.nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Python's `hashlib` from what this module's head says.
    #[test]
    fn the_form_of_the_chain_is_what_it_was() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let first = [
            Cell::Number(1),
            Cell::Number(1_795_000_000_000),
            Cell::Null,
            text("ban"),
            text("account 2"),
            text("Spam, żółw\0"),
            text("console"),
            Cell::Null,
        ];
        let second = [
            Cell::Number(2),
            Cell::Number(1_795_000_000_001),
            Cell::Number(7),
            text("kick"),
            text("account 2 in room 5"),
            text(""),
            text("native"),
            text("192.0.2.7"),
        ];
        let hash = |before: &[u8; 32], cells: &[Cell]| link(before, cells.iter().map(Field::of_cell));
        let one = hash(&NOTHING, &first);
        let two = hash(&one, &second);
        let head = |row, hash| AuditHead { row, hash }.to_string();
        assert_eq!(head(1, one), "1:caa696ccea9eb6ee3af98d2f9994bfef73baa2c295916d66d5027e2ce0b13f1c");
        assert_eq!(head(2, two), "2:a554e619a59a99e9685721324aca56602081fc02e9771f67cb9cc9e1d32068ea");
    }

    #[test]
    fn what_an_object_names_is_found() {
        for (object, account, room) in [
            ("account 12", Some(12), None),
            ("account 12 in room 5", Some(12), Some(5)),
            ("room 5", None, Some(5)),
            ("address 192.0.2.7", None, None),
            ("account", None, None),
            ("account x", None, None),
        ] {
            assert_eq!((number_behind(object, "account"), number_behind(object, "room")), (account, room), "{object}");
        }
    }
}
