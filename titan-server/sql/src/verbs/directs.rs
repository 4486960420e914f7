//! Direct conversations: each the one of its pair.

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, Seq, Time};

use super::super::tx::{Ask, Tx, one, values};
use super::super::{StoreResult, Warrant};
use super::{account_rows, memberships};

/// The direct of the two, made where there is none; whether it was made now.
pub async fn open(
    tx: &mut dyn Tx,
    account: AccountId,
    other: AccountId,
    now: Time,
    warrant: &Warrant,
) -> StoreResult<(ConversationId, bool)> {
    if let Some(conversation) = find(tx, account, other).await? {
        return Ok((conversation, false));
    }
    tx.hold(&warrant.grounds).await?;
    let conversation = make(tx, account, other, now).await?;
    let shut = memberships::place(tx, account, conversation).await?.is_some_and(|place| place.shut);
    let both = if other == account { &[account][..] } else { &[other, account] };
    for &account in both {
        memberships::tell_joined(tx, conversation, account, shut, Seq(0)).await?;
    }
    Ok((conversation, true))
}

/// Adds the rows of a direct.
pub async fn make(tx: &mut dyn Tx, account: AccountId, other: AccountId, now: Time) -> StoreResult<ConversationId> {
    account_rows::by_id(tx, account).await?;
    account_rows::by_id(tx, other).await?;
    let conversation = memberships::new_conversation(tx, now).await?;
    let (one, two) = pair(account, other);
    let sql = "INSERT INTO directs (one, other, conversation) VALUES ($1, $2, $3)";
    tx.change(sql, values![one, two, conversation]).await?;
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
