//! Roles of members, and what keeps somebody from writing in a room or out of it.

use rusqlite::{Connection, Row};
use titan_core::protocol::{Author, MemberRole, SanctionKind};
use titan_core::{AccountId, ConversationId, Time, TitanNumber};

use super::super::{NewSanction, SanctionRecord, StoreError, StoreResult};
use super::accounts::{self, ACCOUNT, ACCOUNT_WIDTH};
use super::memberships::role_name;
use super::row::{all, any, change, impossible, one};

pub(super) fn set_role(
    connection: &Connection,
    room: ConversationId,
    account: AccountId,
    role: MemberRole,
) -> StoreResult<()> {
    let standing = "SELECT 1 FROM rooms r JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL \
        JOIN members m ON m.conversation = r.conversation AND m.account = ?2 WHERE r.conversation = ?1";
    if !any(connection, standing, (room.0, account.0))? {
        return Err(StoreError::NotFound);
    }
    if matches!(role, MemberRole::Owner) {
        let step_down = "UPDATE members SET role = 'moderator' WHERE conversation = ?1 AND role = 'owner'";
        change(connection, step_down, [room.0])?;
        change(connection, "UPDATE rooms SET owner = ?2 WHERE conversation = ?1", (room.0, account.0))?;
    }
    let sql = "UPDATE members SET role = ?3 WHERE conversation = ?1 AND account = ?2";
    change(connection, sql, (room.0, account.0, role_name(role))).map(drop)
}

pub(super) fn set(connection: &Connection, new: &NewSanction) -> StoreResult<()> {
    let both = "SELECT 1 FROM rooms r JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL, accounts a \
        WHERE r.conversation = ?1 AND a.id = ?2 AND a.deleted_at IS NULL";
    if !any(connection, both, (new.room.0, new.account.0))? {
        return Err(StoreError::NotFound);
    }
    let sql = "INSERT OR REPLACE INTO sanctions (conversation, account, kind, until, reason, by, at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let kind = kind_name(new.kind);
    change(connection, sql, (new.room.0, new.account.0, kind, new.until.0, &new.reason, new.by.0, new.now.0)).map(drop)
}

pub(super) fn lift(
    connection: &Connection,
    room: ConversationId,
    account: AccountId,
    kind: SanctionKind,
) -> StoreResult<bool> {
    let sql = "DELETE FROM sanctions WHERE conversation = ?1 AND account = ?2 AND kind = ?3";
    Ok(change(connection, sql, (room.0, account.0, kind_name(kind)))? > 0)
}

/// Those that stand: `?2` is the time.
fn select(condition: &str) -> String {
    format!(
        "SELECT {ACCOUNT}, s.kind, s.until, s.reason, s.at, b.id, b.username, b.titan_number FROM sanctions s \
         JOIN accounts a ON a.id = s.account LEFT JOIN accounts b ON b.id = s.by AND b.deleted_at IS NULL \
         WHERE s.conversation = ?1 AND s.until > ?2 AND {condition} ORDER BY s.at DESC, s.account"
    )
}

pub(super) fn list(connection: &Connection, room: ConversationId, now: Time) -> StoreResult<Vec<SanctionRecord>> {
    all(connection, &select("true"), (room.0, now.0), sanction_of)
}

pub(super) fn find(
    connection: &Connection,
    room: ConversationId,
    account: AccountId,
    kind: SanctionKind,
    now: Time,
) -> StoreResult<Option<SanctionRecord>> {
    let sql = select("s.account = ?3 AND s.kind = ?4");
    one(connection, &sql, (room.0, now.0, account.0, kind_name(kind)), sanction_of)
}

fn sanction_of(row: &Row<'_>) -> StoreResult<SanctionRecord> {
    let by = match row.get::<_, Option<i64>>(ACCOUNT_WIDTH + 4)? {
        Some(id) => Some(Author {
            id: AccountId(id),
            username: row.get::<_, String>(ACCOUNT_WIDTH + 5)?.into(),
            titan_number: TitanNumber(row.get(ACCOUNT_WIDTH + 6)?),
        }),
        None => None,
    };
    Ok(SanctionRecord {
        account: accounts::account_of(row, 0)?,
        kind: kind_of(row.get_ref(ACCOUNT_WIDTH)?.as_str().map_err(rusqlite::Error::from)?)?,
        until: Time(row.get(ACCOUNT_WIDTH + 1)?),
        reason: row.get(ACCOUNT_WIDTH + 2)?,
        at: Time(row.get(ACCOUNT_WIDTH + 3)?),
        by,
    })
}

fn kind_name(kind: SanctionKind) -> &'static str {
    match kind {
        SanctionKind::Mute => "mute",
        SanctionKind::Ban => "ban",
    }
}

fn kind_of(name: &str) -> StoreResult<SanctionKind> {
    match name {
        "mute" => Ok(SanctionKind::Mute),
        "ban" => Ok(SanctionKind::Ban),
        _ => Err(impossible("a sanction", name)),
    }
}
