//! Direct conversations: each the one of its pair.

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, Seq, Time};

use super::super::tx::{Ask, Tx, one, values};
use super::super::{StoreResult, Warrant};
use super::account_rows;
use super::memberships::{self, Manner};

/// The direct of the two, made where there is none; whether it was made now. It shows to who opened it, and to the other
/// one from the first message on: see [`introduce`].
pub async fn open(
    tx: &mut dyn Tx,
    account: AccountId,
    other: AccountId,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<(ConversationId, bool)> {
    if let Some(conversation) = find(tx, account, other).await? {
        if opener(tx, conversation).await?.is_some_and(|opener| opener != account) {
            tx.hold(&warrant.grounds).await?;
            introduce(tx, conversation).await?;
        }
        return Ok((conversation, false));
    }
    tx.hold(&warrant.grounds).await?;
    let conversation = make(tx, account, other, now, Some(account)).await?;
    let shut = memberships::place(tx, account, conversation).await?.is_some_and(|place| place.shut);
    let both = if other == account { &[account][..] } else { &[other, account] };
    for &member in both {
        let quiet = member != account;
        memberships::tell_joined(tx, conversation, member, Seq(0), Manner { shut, quiet }).await?;
    }
    Ok((conversation, true))
}

/// Who alone a direct shows to, as yet.
async fn opener(ask: &mut dyn Ask, conversation: ConversationId) -> StoreResult<Option<AccountId>> {
    let sql = "SELECT opener FROM directs WHERE conversation = $1 AND one <> other";
    Ok(one(ask, sql, values![conversation], |row| row.get(0)).await?.flatten())
}

/// Shows a direct to the one who did not open it, unless it does already: something is about to be said there.
pub async fn introduce(tx: &mut dyn Tx, conversation: ConversationId) -> StoreResult<()> {
    let Some(opener) = opener(tx, conversation).await? else { return Ok(()) };
    let sql = "UPDATE directs SET opener = NULL WHERE conversation = $1 \
        RETURNING CASE one WHEN $2 THEN other ELSE one END";
    let mut changed = tx.change_returning(sql, values![conversation, opener]).await?;
    let Some(other) = changed.first_mut().map(|row| row.get(0)).transpose()? else { return Ok(()) };
    let shut = memberships::place(tx, other, conversation).await?.is_some_and(|place| place.shut);
    memberships::tell_joined(tx, conversation, other, Seq(0), Manner { shut, quiet: false }).await
}

/// Adds the rows of a direct. It shows to both, or to its opener alone until something is said there.
pub async fn make(
    tx: &mut dyn Tx,
    account: AccountId,
    other: AccountId,
    now: Time,
    opener: Option<AccountId>,
) -> StoreResult<ConversationId> {
    account_rows::by_id(tx, account).await?;
    account_rows::by_id(tx, other).await?;
    let conversation = memberships::new_conversation(tx, now).await?;
    let (one, two) = pair(account, other);
    let sql = "INSERT INTO directs (one, other, conversation, opener) VALUES ($1, $2, $3, $4)";
    tx.change(sql, values![one, two, conversation, opener]).await?;
    memberships::add(tx, conversation, account, MemberRole::Member, now, Seq(0)).await?;
    if other != account {
        memberships::add(tx, conversation, other, MemberRole::Member, now, Seq(0)).await?;
    }
    Ok(conversation)
}

/// The direct of the two, if there is one.
pub async fn find(ask: &mut dyn Ask, account: AccountId, other: AccountId) -> StoreResult<Option<ConversationId>> {
    let (one_of_two, two) = pair(account, other);
    let sql = "SELECT conversation FROM directs WHERE one = $1 AND other = $2";
    one(ask, sql, values![one_of_two, two], |row| row.get(0)).await
}

fn pair(account: AccountId, other: AccountId) -> (AccountId, AccountId) {
    (account.min(other), account.max(other))
}
