//! Roles of members, and what keeps somebody from writing in a room or out of it.

use titan_core::protocol::{Author, MemberRole, SanctionKind};
use titan_core::{AccountId, ConversationId, Time, TitanNumber};
use tokio_postgres::Row;

use super::super::names::Named;
use super::super::{NewSanction, SanctionRecord, StoreError, StoreResult};
use super::accounts::{self, ACCOUNT, ACCOUNT_WIDTH};
use super::row::{Ask, all, any, held, one};
use super::writer::Batch;

pub(super) async fn set_role(
    batch: &mut Batch<'_>,
    room: ConversationId,
    account: AccountId,
    role: MemberRole,
) -> StoreResult<()> {
    let standing = "SELECT 1 FROM rooms r JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL \
        JOIN members m ON m.conversation = r.conversation AND m.account = $2 WHERE r.conversation = $1";
    if !any(batch, standing, &[&room.0, &account.0]).await? {
        return Err(StoreError::NotFound);
    }
    if matches!(role, MemberRole::Owner) {
        let step_down = "UPDATE members SET role = 'moderator' WHERE conversation = $1 AND role = 'owner'";
        batch.change(step_down, &[&room.0]).await?;
        batch.change("UPDATE rooms SET owner = $2 WHERE conversation = $1", &[&room.0, &account.0]).await?;
    }
    let sql = "UPDATE members SET role = $3 WHERE conversation = $1 AND account = $2";
    batch.change(sql, &[&room.0, &account.0, &role.name()]).await.map(drop)
}

pub(super) async fn set(batch: &mut Batch<'_>, new: &NewSanction) -> StoreResult<()> {
    let both = "SELECT 1 FROM rooms r JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL, accounts a \
        WHERE r.conversation = $1 AND a.id = $2 AND a.deleted_at IS NULL";
    if !any(batch, both, &[&new.room.0, &new.account.0]).await? {
        return Err(StoreError::NotFound);
    }
    let sql = "INSERT INTO sanctions (conversation, account, kind, until, reason, by, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (conversation, account, kind) DO UPDATE \
        SET until = excluded.until, reason = excluded.reason, by = excluded.by, at = excluded.at";
    let NewSanction { room, account, kind, until, reason, by, now } = new;
    batch.change(sql, &[&room.0, &account.0, &kind.name(), &until.0, &held(reason), &by.0, &now.0]).await.map(drop)
}

pub(super) async fn lift(
    batch: &mut Batch<'_>,
    room: ConversationId,
    account: AccountId,
    kind: SanctionKind,
) -> StoreResult<bool> {
    let sql = "DELETE FROM sanctions WHERE conversation = $1 AND account = $2 AND kind = $3";
    Ok(batch.change(sql, &[&room.0, &account.0, &kind.name()]).await? > 0)
}

/// Those that stand: `$2` is the time.
fn select(condition: &str) -> String {
    format!(
        "SELECT {ACCOUNT}, s.kind, s.until, s.reason, s.at, b.id, b.username, b.titan_number FROM sanctions s \
         JOIN accounts a ON a.id = s.account LEFT JOIN accounts b ON b.id = s.by AND b.deleted_at IS NULL \
         WHERE s.conversation = $1 AND s.until > $2 AND {condition} ORDER BY s.at DESC, s.account"
    )
}

pub(super) async fn list(ask: &impl Ask, room: ConversationId, now: Time) -> StoreResult<Vec<SanctionRecord>> {
    all(ask, &select("true"), &[&room.0, &now.0], sanction_of).await
}

pub(super) async fn find(
    ask: &impl Ask,
    room: ConversationId,
    account: AccountId,
    kind: SanctionKind,
    now: Time,
) -> StoreResult<Option<SanctionRecord>> {
    let sql = select("s.account = $3 AND s.kind = $4");
    one(ask, &sql, &[&room.0, &now.0, &account.0, &kind.name()], sanction_of).await
}

fn sanction_of(row: &Row) -> StoreResult<SanctionRecord> {
    let by = match row.try_get::<_, Option<i64>>(ACCOUNT_WIDTH + 4)? {
        Some(id) => Some(Author {
            id: AccountId(id),
            username: row.try_get::<_, &str>(ACCOUNT_WIDTH + 5)?.into(),
            titan_number: TitanNumber(row.try_get(ACCOUNT_WIDTH + 6)?),
        }),
        None => None,
    };
    Ok(SanctionRecord {
        account: accounts::account_of(row, 0)?,
        kind: Named::read(row.try_get(ACCOUNT_WIDTH)?)?,
        until: Time(row.try_get(ACCOUNT_WIDTH + 1)?),
        reason: row.try_get(ACCOUNT_WIDTH + 2)?,
        at: Time(row.try_get(ACCOUNT_WIDTH + 3)?),
        by,
    })
}
