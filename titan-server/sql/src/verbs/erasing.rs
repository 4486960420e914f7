//! What was deleted lets go of what still names it: blobs that nothing points to any more, names of accounts that have ended.

use titan_core::{AccountId, BlobId, ConversationId, EntryId, Seq, TitanNumber};

use super::super::tx::{Ask, Row, Tx, all, any, one, values};
use super::super::{Change, StoreResult};
use super::sums::{self, SUMMED};

/// Tells that what these blobs were pointed to by is gone, or that words are.
pub fn tell(tx: &mut dyn Tx, blobs: Vec<BlobId>) {
    tx.tell(Change::Erased { blobs });
}

/// Those of the blobs that nothing points to.
pub async fn blobs_let_go(ask: &mut dyn Ask, of: &[BlobId]) -> StoreResult<Vec<BlobId>> {
    let sql = "SELECT 1 FROM files WHERE blob = $1 UNION ALL SELECT 1 FROM apps WHERE blob = $1 LIMIT 1";
    let mut let_go = Vec::new();
    for blob in of {
        if !any(ask, sql, values![&blob.0]).await? {
            let_go.push(*blob);
        }
    }
    Ok(let_go)
}

/// What somebody is called who has ended: nobody else's name ever, since the number is not given again.
fn name_of(number: TitanNumber) -> String {
    format!("former-{number}")
}

/// An account whose name still stands in what it left behind.
struct Named {
    account: AccountId,
    number: TitanNumber,
    /// In entries below this one.
    below: EntryId,
}

async fn named(ask: &mut dyn Ask) -> StoreResult<Option<Named>> {
    let sql =
        "SELECT id, titan_number, named_below FROM accounts WHERE named_below IS NOT NULL ORDER BY named_below LIMIT 1";
    one(ask, sql, &[], |row| Ok(Named { account: row.get(0)?, number: row.get(1)?, below: row.get(2)? })).await
}

/// Whether [`forget_names`] has something to do.
pub async fn any_named(ask: &mut dyn Ask) -> StoreResult<bool> {
    Ok(named(ask).await?.is_some())
}

/// Goes some entries further back; how many were looked at, 0 once nothing is left to do.
pub async fn forget_names(tx: &mut dyn Tx, limit: u32) -> StoreResult<u32> {
    let Some(Named { account, number, below }) = named(tx).await? else { return Ok(0) };
    let name = name_of(number);
    let from = EntryId((below.0 - i64::from(limit)).max(0));
    let entries = entries_of(tx, account, from, below).await?;
    let sql = "UPDATE entries SET author_name = $2 WHERE id >= $3 AND id < $4 AND author = $1";
    tx.change(sql, values![account, &name, from, below]).await?;
    for entry in entries {
        if let Some(detail) = entry.detail_with(account, &name) {
            let sql = "UPDATE entries SET detail = $3 WHERE conversation = $1 AND seq = $2";
            tx.change(sql, values![entry.conversation, entry.seq, detail]).await?;
        }
        if entry.held {
            sums::seal(tx, entry.conversation, entry.seq).await?;
        }
    }
    tx.change("UPDATE files SET uploader_name = $2 WHERE uploader = $1", values![account, &name]).await?;
    let rest = Some(from).filter(|from| from.0 > 0);
    tx.change("UPDATE accounts SET named_below = $2 WHERE id = $1", values![account, rest]).await?;
    if rest.is_none() {
        tell(tx, Vec::new());
    }
    Ok(limit)
}

/// An entry that somebody wrote, or that tells of somebody's going.
struct Told {
    conversation: ConversationId,
    seq: Seq,
    detail: Option<String>,
    /// Whether it said what it said when it was written. Others get no sum of what they say now.
    held: bool,
}

impl Told {
    /// What it says with another name of who removed somebody, where that was this account.
    fn detail_with(&self, account: AccountId, name: &str) -> Option<String> {
        let mut said: serde_json::Value = serde_json::from_str(self.detail.as_deref()?).ok()?;
        let by = said.get_mut("by").filter(|by| by.get("id").and_then(serde_json::Value::as_i64) == Some(account.0))?;
        *by.get_mut("username")? = name.into();
        Some(said.to_string())
    }
}

async fn entries_of(ask: &mut dyn Ask, account: AccountId, from: EntryId, below: EntryId) -> StoreResult<Vec<Told>> {
    let sql = format!(
        "SELECT {SUMMED}, e.sum FROM entries e WHERE e.id >= $2 AND e.id < $3 AND (e.author = $1 OR e.kind = 'left')"
    );
    let told = |row: &mut Row| {
        let held = sums::holds(row);
        Ok(Told { held, conversation: row.get(0)?, seq: row.get(1)?, detail: row.get(15)? })
    };
    all(ask, &sql, values![account, from, below], told).await
}
