//! Looking again at what the policy decided on, inside the transaction that acts on it.
//!
//! The two facts that every message rests on, that its session stands and what its author is in the conversation, are
//! remembered by the ledger for as long as no change touches them; the rest is asked for. What has an end is held against
//! the time of the transaction, since no change tells of an end that was known before.

use titan_core::{AccountId, ConversationId, SessionId, Time};

use super::super::ledger::Ledger;
use super::super::tx::{Ask, any, one, values};
use super::super::{Fact, Standing, StoreError, StoreResult, Verifier};
use super::{addresses, memberships, relations, sanctions};

/// Refuses with `Stale` where one of the facts does not hold now.
pub async fn hold(ask: &mut dyn Ask, ledger: &mut Ledger, now: Time, grounds: &[Fact]) -> StoreResult<()> {
    for fact in grounds {
        if !holds(ask, ledger, now, fact).await? {
            return Err(StoreError::Stale);
        }
    }
    Ok(())
}

async fn holds(ask: &mut dyn Ask, ledger: &mut Ledger, now: Time, fact: &Fact) -> StoreResult<bool> {
    match fact {
        Fact::Session { account, session } => session_stands(ask, ledger, now, *account, *session).await,
        Fact::Member { account, conversation, standing } => {
            Ok(self::standing(ask, ledger, *account, *conversation).await? == *standing)
        }
        Fact::Role { account, role } => {
            let sql = "SELECT role FROM accounts WHERE id = $1 AND deleted_at IS NULL AND banned IS NULL";
            Ok(one(ask, sql, values![*account], |row| row.named(0)).await? == Some(*role))
        }
        Fact::RoleOfTarget { account, role } => {
            let sql = "SELECT role FROM accounts WHERE id = $1";
            Ok(one(ask, sql, values![*account], |row| row.named(0)).await? == Some(*role))
        }
        Fact::RoomBan { account, room, banned } => {
            let ban = titan_core::protocol::SanctionKind::Ban;
            Ok(sanctions::find(ask, *room, *account, ban, now).await?.is_some() == *banned)
        }
        Fact::Relation { account, other, kind } => Ok(relations::between(ask, *account, *other).await? == *kind),
        Fact::Password { account, verifier } => has_password(ask, *account, verifier).await,
        Fact::AppPassword { account, app_password } => {
            let sql = "SELECT 1 FROM app_passwords p JOIN accounts a ON a.id = p.account \
                WHERE p.id = $1 AND a.id = $2 AND a.banned IS NULL";
            any(ask, sql, values![*app_password, *account]).await
        }
        Fact::RoomPassword { room, hash } => Ok(room_asks_for(ask, *room).await? == Some(hash.clone())),
        Fact::RoomOwner { room, owner } => {
            let sql = "SELECT owner FROM rooms WHERE conversation = $1";
            Ok(one(ask, sql, values![*room], |row| row.get(0)).await? == Some(*owner))
        }
        Fact::AddressWelcome { address } => Ok(addresses::ban(ask, address).await?.is_none()),
    }
}

async fn session_stands(
    ask: &mut dyn Ask,
    ledger: &mut Ledger,
    now: Time,
    account: AccountId,
    session: SessionId,
) -> StoreResult<bool> {
    // One that could not be written lasts in the server's memory; its account must be welcome all the same.
    if session < SessionId(0) {
        let sql = "SELECT 1 FROM accounts WHERE id = $1 AND deleted_at IS NULL AND banned IS NULL";
        return any(ask, sql, values![account]).await;
    }
    if let Some(expires_at) = ledger.session(account, session) {
        return Ok(expires_at > now);
    }
    let sql = "SELECT expires_at FROM sessions WHERE id = $1 AND account = $2";
    let Some(expires_at) = one(ask, sql, values![session, account], |row| row.get(0)).await? else { return Ok(false) };
    ledger.note_session(account, session, expires_at);
    Ok(expires_at > now)
}

async fn standing(
    ask: &mut dyn Ask,
    ledger: &mut Ledger,
    account: AccountId,
    conversation: ConversationId,
) -> StoreResult<Option<Standing>> {
    if let Some(known) = ledger.standing(account, conversation) {
        return Ok(known);
    }
    let found = memberships::place(ask, account, conversation).await?.map(|place| place.standing());
    ledger.note_standing(account, conversation, found);
    Ok(found)
}

async fn has_password(ask: &mut dyn Ask, account: AccountId, verifier: &Verifier) -> StoreResult<bool> {
    let sql = "SELECT scheme, salt, hash FROM accounts WHERE id = $1 AND deleted_at IS NULL AND banned IS NULL";
    let now = one(ask, sql, values![account], |row| {
        Ok(Verifier { scheme: row.named(0)?, salt: row.get(1)?, hash: row.get(2)? })
    })
    .await?;
    Ok(now.is_some_and(|now| now == *verifier))
}

/// What a room that stands asks who joins for.
async fn room_asks_for(ask: &mut dyn Ask, room: ConversationId) -> StoreResult<Option<Option<String>>> {
    let sql = "SELECT r.password_hash FROM rooms r JOIN conversations c ON c.id = r.conversation \
        WHERE r.conversation = $1 AND c.deleted_at IS NULL";
    one(ask, sql, values![room], |row| row.get(0)).await
}
