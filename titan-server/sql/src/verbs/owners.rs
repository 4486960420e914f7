//! Whose a room is: it is never left to nobody by the way. An owner who goes, is kept out of the house or ends hands over to the
//! one who has been moderator, or else member, for longest; where nobody else is in it, it belongs to who comes first.

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, GENERAL};

use super::super::tx::{Ask, Tx, all, any, one, values};
use super::super::{Change, Deed, StoreResult};
use super::memberships::tell_member;

/// Rooms that stand, but for everybody's.
const ROOMS: &str = "SELECT r.conversation FROM rooms r JOIN conversations c ON c.id = r.conversation \
    WHERE r.key IS NOT NULL AND c.deleted_at IS NULL AND r.conversation <> $1";

/// Hands the room over if it is this account's, to the one who is named or to whom it falls. With nobody to hand it to it stays
/// theirs.
pub async fn hand_over(
    tx: &mut dyn Tx,
    room: ConversationId,
    from: AccountId,
    to: Option<AccountId>,
) -> StoreResult<()> {
    let owned = "SELECT 1 FROM rooms WHERE conversation = $1 AND owner = $2";
    if !any(tx, owned, values![room, from]).await? {
        return Ok(());
    }
    match to.or(heir(tx, room, Some(from)).await?) {
        Some(heir) => give(tx, room, heir, MemberRole::Member).await,
        None => Ok(()),
    }
}

/// Hands over all rooms of an account.
pub async fn hand_over_all(tx: &mut dyn Tx, from: AccountId) -> StoreResult<()> {
    let owned = "SELECT conversation FROM rooms WHERE owner = $1 AND key IS NOT NULL ORDER BY conversation";
    for room in all(tx, owned, values![from], |row| row.get(0)).await? {
        hand_over(tx, room, from, None).await?;
    }
    Ok(())
}

/// Makes a member the room's owner, and of who was it until now what is said.
pub async fn give(
    tx: &mut dyn Tx,
    room: ConversationId,
    heir: AccountId,
    steps_down_to: MemberRole,
) -> StoreResult<()> {
    let sql = "SELECT account FROM members WHERE conversation = $1 AND role = 'owner'";
    let before: Option<AccountId> = one(tx, sql, values![room], |row| row.get(0)).await?;
    let sql = "UPDATE members SET role = $2 WHERE conversation = $1 AND role = 'owner'";
    tx.change(sql, values![room, steps_down_to.name()]).await?;
    tx.change("UPDATE rooms SET owner = $2 WHERE conversation = $1", values![room, heir]).await?;
    let sql = "UPDATE members SET role = 'owner' WHERE conversation = $1 AND account = $2";
    tx.change(sql, values![room, heir]).await?;
    for account in before.into_iter().filter(|before| *before != heir).chain([heir]) {
        tell_member(tx, room, account).await?;
    }
    tx.tell(Change::RoomChanged { room });
    let sql = "SELECT a.username || '@' || r.name FROM rooms r, accounts a WHERE r.conversation = $1 AND a.id = $2";
    let of = one(tx, sql, values![room, heir], |row| row.get::<String>(0)).await?.unwrap_or_default();
    tx.tell(Change::Done(Box::new(Deed::of_house("give_room").of(of))));
    Ok(())
}

/// Whether it belongs to somebody who may come into the house.
pub async fn is_owned(ask: &mut dyn Ask, room: ConversationId) -> StoreResult<bool> {
    let sql = "SELECT 1 FROM rooms r JOIN accounts a ON a.id = r.owner AND a.banned IS NULL AND a.deleted_at IS NULL \
        WHERE r.conversation = $1";
    Ok(room == GENERAL || any(ask, sql, values![room]).await?)
}

/// Gives the rooms that belong to nobody to those who have been in them for longest; how many got an owner.
pub async fn find_owners(tx: &mut dyn Tx) -> StoreResult<u64> {
    let mut given = 0;
    for room in all(tx, &unowned(), values![GENERAL], |row| row.get(0)).await? {
        if let Some(heir) = heir(tx, room, None).await? {
            give(tx, room, heir, MemberRole::Member).await?;
            given += 1;
        }
    }
    Ok(given)
}

/// Whether [`find_owners`] has something to do.
pub async fn any_unowned(ask: &mut dyn Ask) -> StoreResult<bool> {
    let sql = format!("{} LIMIT 1", unowned());
    any(ask, &sql, values![GENERAL]).await
}

/// Rooms somebody is in whose owner is none, or kept out of the house. One who is away may come back to it.
fn unowned() -> String {
    format!(
        "{ROOMS} AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = r.owner \
           AND a.banned IS NULL AND a.deleted_at IS NULL) \
         AND EXISTS (SELECT 1 FROM members m JOIN accounts a ON a.id = m.account \
           AND a.banned IS NULL AND a.deleted_at IS NULL WHERE m.conversation = r.conversation)"
    )
}

async fn heir(ask: &mut dyn Ask, room: ConversationId, but: Option<AccountId>) -> StoreResult<Option<AccountId>> {
    let sql = "SELECT m.account FROM members m JOIN accounts a ON a.id = m.account \
        AND a.banned IS NULL AND a.deleted_at IS NULL \
        WHERE m.conversation = $1 AND m.account <> coalesce(CAST($2 AS BIGINT), 0) \
        ORDER BY CASE m.role WHEN 'moderator' THEN 0 ELSE 1 END, m.joined_at, m.account LIMIT 1";
    one(ask, sql, values![room, but], |row| row.get(0)).await
}
