//! Sanctions that stand: what keeps somebody from writing in a room, or out of it. [`super::moderation`] sets them.

use titan_core::protocol::SanctionKind;
use titan_core::{AccountId, ConversationId, Time};

use super::super::tx::{Ask, Row, all, one, values};
use super::super::{SanctionRecord, StoreResult};
use super::account_rows::{self, ACCOUNT, ACCOUNT_WIDTH};

/// Those that stand: `$2` is the time.
fn select(condition: &str) -> String {
    format!(
        "SELECT {ACCOUNT}, s.kind, s.until, s.reason, s.at, b.id, b.username, b.titan_number FROM sanctions s \
         JOIN accounts a ON a.id = s.account LEFT JOIN accounts b ON b.id = s.by AND b.deleted_at IS NULL \
         WHERE s.conversation = $1 AND s.until > $2 AND {condition} ORDER BY s.at DESC, s.account"
    )
}

pub async fn list(ask: &mut dyn Ask, room: ConversationId, now: Time) -> StoreResult<Vec<SanctionRecord>> {
    all(ask, &select("true"), values![room, now], sanction_of).await
}

pub async fn find(
    ask: &mut dyn Ask,
    room: ConversationId,
    account: AccountId,
    kind: SanctionKind,
    now: Time,
) -> StoreResult<Option<SanctionRecord>> {
    let sql = select("s.account = $3 AND s.kind = $4");
    one(ask, &sql, values![room, now, account, kind.name()], sanction_of).await
}

fn sanction_of(row: &mut Row) -> StoreResult<SanctionRecord> {
    Ok(SanctionRecord {
        account: account_rows::account_of(row, 0)?,
        kind: row.named(ACCOUNT_WIDTH)?,
        until: row.get(ACCOUNT_WIDTH + 1)?,
        reason: row.get(ACCOUNT_WIDTH + 2)?,
        at: row.get(ACCOUNT_WIDTH + 3)?,
        by: row.author(ACCOUNT_WIDTH + 4)?,
    })
}
