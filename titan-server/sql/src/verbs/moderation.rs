//! What moderators do: roles given to members, mutes and bans set and lifted.

use titan_core::protocol::{MemberRole, SanctionKind};
use titan_core::{AccountId, ConversationId};

use super::super::tx::{Tx, any, values};
use super::super::{Change, Departure, NewSanction, StoreError, StoreResult, Warrant};
use super::memberships::tell_member;
use super::{owners, rooms};

pub async fn set_role(
    tx: &mut dyn Tx,
    room: ConversationId,
    account: AccountId,
    role: MemberRole,
    warrant: &Warrant,
) -> StoreResult<()> {
    let standing = "SELECT 1 FROM rooms r JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL \
        JOIN members m ON m.conversation = r.conversation AND m.account = $2 WHERE r.conversation = $1";
    if !any(tx, standing, values![room, account]).await? {
        return Err(StoreError::NotFound);
    }
    tx.hold(&warrant.grounds).await?;
    match role {
        MemberRole::Owner => owners::give(tx, room, account, MemberRole::Moderator).await?,
        role => {
            let sql = "UPDATE members SET role = $3 WHERE conversation = $1 AND account = $2";
            tx.change(sql, values![room, account, role.name()]).await?;
            tell_member(tx, room, account).await?;
        }
    }
    super::note(tx, warrant).await
}

/// Mutes or bans. Who is banned is no member any more.
pub async fn set(tx: &mut dyn Tx, new: &NewSanction, warrant: &Warrant) -> StoreResult<()> {
    let both = "SELECT 1 FROM rooms r JOIN conversations c ON c.id = r.conversation AND c.deleted_at IS NULL, accounts a \
        WHERE r.conversation = $1 AND a.id = $2 AND a.deleted_at IS NULL";
    if !any(tx, both, values![new.room, new.account]).await? {
        return Err(StoreError::NotFound);
    }
    tx.hold(&warrant.grounds).await?;
    let sql = "INSERT INTO sanctions (conversation, account, kind, until, reason, by, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (conversation, account, kind) DO UPDATE \
        SET until = excluded.until, reason = excluded.reason, by = excluded.by, at = excluded.at";
    let (kind, reason) = (new.kind.name(), &new.reason);
    tx.change(sql, values![new.room, new.account, kind, new.until, reason, new.by, new.now]).await?;
    match new.kind {
        SanctionKind::Mute => tell_member(tx, new.room, new.account).await?,
        _ => shut_out(tx, new).await?,
    }
    super::note(tx, warrant).await
}

async fn shut_out(tx: &mut dyn Tx, new: &NewSanction) -> StoreResult<()> {
    tx.tell(Change::BannedOfRoom { room: new.room, account: new.account, until: Some(new.until) });
    let departure = Departure { by: Some(new.by), banned: true, reason: new.reason.clone(), heir: None };
    match rooms::depart(tx, new.room, new.account, &departure, new.now).await {
        Ok(_) | Err(StoreError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether there was one.
pub async fn lift(
    tx: &mut dyn Tx,
    room: ConversationId,
    account: AccountId,
    kind: SanctionKind,
    warrant: &Warrant,
) -> StoreResult<bool> {
    tx.hold(&warrant.grounds).await?;
    let sql = "DELETE FROM sanctions WHERE conversation = $1 AND account = $2 AND kind = $3";
    if tx.change(sql, values![room, account, kind.name()]).await? == 0 {
        return Ok(false);
    }
    match kind {
        SanctionKind::Mute => tell_member(tx, room, account).await?,
        _ => tx.tell(Change::BannedOfRoom { room, account, until: None }),
    }
    super::note(tx, warrant).await?;
    Ok(true)
}
