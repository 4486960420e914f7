//! Names that are the same for people: what rows are found by that have one of them.
//!
//! A row's key is its name's [`look_alike`], and new names whose key is somebody's are refused. Names that an older rule let in
//! beside each other keep their rows: of those all but the first have a key with their number behind it, which no name gives.
//! Whoever is written exactly so is meant before anybody else, and where only the rule would tell them apart nobody is.

use titan_core::text::{folded, look_alike};

use super::super::StoreResult;
use super::super::tx::{Row, Tx, all, any, one, values};

/// The rule by which keys are made; rows of before get others. One more each time [`look_alike`] or [`folded`] changes.
const RULE: i64 = 2;
/// Rows looked at by one statement.
const AT_ONCE: i64 = 1_000;
/// Before a row's number in a key. No name holds it.
const BEHIND: char = '\u{1}';

/// What rows of a name are found by: the key, and the bounds of those with a number behind it.
pub struct Alike {
    pub key: String,
    pub above: String,
    pub below: String,
}

/// Whether the column `key` is that of a name, as `$1`, `$2` and `$3` are its [`Alike`].
pub const IS_ALIKE: &str = "(key = $1 OR (key > $2 AND key < $3))";

impl Alike {
    pub fn new(name: &str) -> Self {
        Self::of_key(look_alike(name))
    }

    pub fn of_key(key: String) -> Self {
        Self { above: format!("{key}{BEHIND}"), below: format!("{key}\u{2}"), key }
    }
}

/// Gives the rows of before the keys that today's rule makes. Cheap where that was done.
pub async fn renew(tx: &mut dyn Tx) -> StoreResult<()> {
    let by = one(tx, "SELECT names FROM house", &[], |row| row.get::<i64>(0)).await?;
    if by == Some(RULE) {
        return Ok(());
    }
    let accounts = Kind { table: "accounts", id: "id", name: "username", standing: "deleted_at IS NULL" };
    let rooms = Kind { table: "rooms", id: "conversation", name: "name", standing: "key IS NOT NULL" };
    for kind in [accounts, rooms] {
        let twins = kind.renew(tx).await?;
        if twins > 0 {
            let table = kind.table;
            tracing::warn!(
                "{twins} {table} have a name that is the same as another's by now: they go by its exact spelling"
            );
        }
    }
    tx.change("UPDATE house SET names = $1", values![RULE]).await.map(drop)
}

/// A table whose rows have names.
struct Kind {
    table: &'static str,
    id: &'static str,
    name: &'static str,
    standing: &'static str,
}

/// A row with its name and what it is found by.
struct Named {
    id: i64,
    name: String,
    key: String,
}

impl Kind {
    /// How many rows had to get a key with their number, since another has the name.
    async fn renew(&self, tx: &mut dyn Tx) -> StoreResult<u64> {
        let Self { table, id, name, standing } = self;
        let page = format!(
            "SELECT {id}, {name}, key FROM {table} WHERE {id} > $1 AND {standing} ORDER BY {id} LIMIT {AT_ONCE}"
        );
        let (mut last, mut twins) = (i64::MIN, 0);
        loop {
            let named = |row: &mut Row| Ok(Named { id: row.get(0)?, name: row.get(1)?, key: row.get(2)? });
            let rows = all(tx, &page, values![last], named).await?;
            let full = rows.len() as i64 == AT_ONCE;
            for row in rows {
                last = row.id;
                twins += u64::from(self.renew_row(tx, row).await?);
            }
            if !full {
                return Ok(twins);
            }
        }
    }

    /// Whether it got a number.
    async fn renew_row(&self, tx: &mut dyn Tx, row: Named) -> StoreResult<bool> {
        let Self { table, id, .. } = self;
        if self.table == "accounts" && !row.name.is_ascii() {
            let sql = "UPDATE accounts SET folded = $2 WHERE id = $1";
            tx.change(sql, values![row.id, folded(&row.name)]).await?;
        }
        let mut key = look_alike(&row.name);
        if row.key.split(BEHIND).next() == Some(&key) {
            return Ok(false);
        }
        let taken = any(tx, &format!("SELECT 1 FROM {table} WHERE key = $1"), values![&key]).await?;
        if taken {
            key.push_str(&format!("{BEHIND}{}", row.id));
        }
        tx.change(&format!("UPDATE {table} SET key = $2 WHERE {id} = $1"), values![row.id, key]).await?;
        Ok(taken)
    }
}
