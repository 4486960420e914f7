//! The audit log: a line an act, written by the transaction that does it.

use titan_core::Time;

use super::super::tx::{Ask, Row, Tx, all, values};
use super::super::{AuditRecord, StoreResult};

pub async fn record(tx: &mut dyn Tx, act: &AuditRecord) -> StoreResult<()> {
    let sql = "INSERT INTO audit (at, by, act, object, detail) VALUES ($1, $2, $3, $4, $5)";
    tx.change(sql, values![act.at, act.by, &act.act, &act.object, &act.detail]).await.map(drop)
}

/// The last acts, newest first.
pub async fn list(ask: &mut dyn Ask, limit: u32) -> StoreResult<Vec<AuditRecord>> {
    let sql = "SELECT at, by, act, object, detail FROM audit ORDER BY id DESC LIMIT $1";
    all(ask, sql, values![limit], record_of).await
}

/// All acts of one kind, the oldest first.
pub async fn of_kind(ask: &mut dyn Ask, act: &str) -> StoreResult<Vec<AuditRecord>> {
    let sql = "SELECT at, by, act, object, detail FROM audit WHERE act = $1 ORDER BY id";
    all(ask, sql, values![act], record_of).await
}

fn record_of(row: &mut Row) -> StoreResult<AuditRecord> {
    Ok(AuditRecord {
        at: row.get::<Time>(0)?,
        by: row.get(1)?,
        act: row.get(2)?,
        object: row.get(3)?,
        detail: row.get(4)?,
    })
}
