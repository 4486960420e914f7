//! What the database says of itself, and the sums of its rows.

use super::super::soundness::Identity;
use super::super::tx::{Ask, Cell, any, values};
use super::super::verbs::{audit, sums};
use super::super::{StoreError, StoreResult};
use super::address::Address;
use super::aside::Aside;
use super::schema::{self, Found};
use super::session;

/// Rows that are looked at together.
const PAGE: u32 = 5_000;

/// What the house in this database says of itself; none where there is none yet. Nothing is changed or migrated.
pub async fn identity_of(url: &str) -> StoreResult<Option<Identity>> {
    let settings = [("default_transaction_read_only", "on")];
    let mut aside = Aside(session::connect(&Address::parse(url)?, &settings).await?);
    match schema::look(&aside.0).await? {
        Found::Nothing | Found::House { version: 0, .. } => Ok(None),
        Found::House { version: 1, .. } => {
            let peppered = any(&mut aside, sums::PEPPERED, &[]).await?;
            Ok(Some(Identity { peppered, ..Identity::default() }))
        }
        Found::House { .. } => sums::identity(&mut aside).await.map(Some),
    }
}

/// Takes the database as it stands for the house: it gets a new epoch, and a turn beyond the one that is known.
pub async fn accept(url: &str, known_turn: i64, new_pepper: bool) -> StoreResult<Identity> {
    let mut aside = Aside(session::open(&Address::parse(url)?, false).await?);
    let sql = "UPDATE house SET epoch = replace(gen_random_uuid()::text, '-', ''), turn = greatest(turn, $1) + 1";
    aside.0.execute(sql, &[&known_turn]).await?;
    if new_pepper {
        aside.0.batch_execute("UPDATE house SET pepper = ''").await?;
    }
    sums::identity(&mut aside).await
}

/// A line for each entry that no longer says what it said when it was written.
pub(super) async fn damaged_rows(ask: &mut dyn Ask) -> StoreResult<Vec<String>> {
    let sql = format!(
        "SELECT {}, e.sum FROM entries e WHERE (e.conversation, e.seq) > ($1, $2) ORDER BY e.conversation, e.seq LIMIT $3",
        sums::SUMMED
    );
    let (mut damaged, mut last) = (sums::Damaged::default(), (0, 0));
    loop {
        let page = ask.rows(&sql, values![last.0, last.1, PAGE]).await?;
        for row in &page {
            last = match row.0[..2] {
                [Cell::Number(conversation), Cell::Number(seq)] => (conversation, seq),
                _ => return Err(StoreError::Broken("an entry without a number".into())),
            };
            damaged.look_at(row);
        }
        if page.is_empty() {
            return Ok(damaged.lines());
        }
    }
}

/// A line where the audit log is not as it was written.
pub(super) async fn broken_audit(ask: &mut dyn Ask) -> StoreResult<Option<String>> {
    let has = "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('audit') AND attname = 'hash'";
    if !any(ask, has, &[]).await? {
        return Ok(None); // The chain came later.
    }
    audit::verify(ask).await.map(|chain| audit::line_of(&chain))
}
