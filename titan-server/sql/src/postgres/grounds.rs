//! What many messages rest on, looked up at once: two statements, however many messages wait. What is not found here is
//! asked for one by one, which decides.

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, SessionId, Time};

use super::super::names::Named;
use super::super::{Fact, Standing, StoreResult};
use super::batch::Batch;
use super::row::AskPostgres;

pub(super) async fn look_up(batch: &mut Batch<'_>, resting: &[&Fact]) -> StoreResult<()> {
    sessions(batch, resting).await?;
    standings(batch, resting).await
}

async fn sessions(batch: &mut Batch<'_>, resting: &[&Fact]) -> StoreResult<()> {
    let mut unknown: Vec<i64> = resting
        .iter()
        .filter_map(|fact| match fact {
            Fact::Session { account, session } if batch.ledger.session(*account, *session).is_none() => Some(session.0),
            _ => None,
        })
        .collect();
    if unknown.len() < 2 {
        return Ok(());
    }
    unknown.sort_unstable();
    unknown.dedup();
    let sql = "SELECT account, id, expires_at FROM sessions WHERE id = ANY ($1)";
    for row in batch.found(sql, &[&unknown]).await? {
        let (account, session) = (AccountId(row.try_get(0)?), SessionId(row.try_get(1)?));
        batch.ledger.note_session(account, session, Time(row.try_get(2)?));
    }
    Ok(())
}

async fn standings(batch: &mut Batch<'_>, resting: &[&Fact]) -> StoreResult<()> {
    let mut unknown: Vec<(i64, i64)> = resting
        .iter()
        .filter_map(|fact| match fact {
            Fact::Member { account, conversation, .. } if batch.ledger.standing(*account, *conversation).is_none() => {
                Some((account.0, conversation.0))
            }
            _ => None,
        })
        .collect();
    if unknown.len() < 2 {
        return Ok(());
    }
    unknown.sort_unstable();
    unknown.dedup();
    let (accounts, conversations): (Vec<i64>, Vec<i64>) = unknown.into_iter().unzip();
    let sql = "SELECT m.account, m.conversation, m.role, s.until, d.conversation IS NOT NULL AND (\
          EXISTS (SELECT 1 FROM relations r WHERE r.kind = 'blocked' \
            AND ((r.account = d.one AND r.other = d.other) OR (r.account = d.other AND r.other = d.one))) \
          OR EXISTS (SELECT 1 FROM accounts a WHERE a.id IN (d.one, d.other) AND a.deleted_at IS NOT NULL)) \
        FROM unnest($1::bigint[], $2::bigint[]) AS w (account, conversation) \
        JOIN members m ON m.account = w.account AND m.conversation = w.conversation \
        JOIN conversations c ON c.id = m.conversation AND c.deleted_at IS NULL \
        LEFT JOIN sanctions s ON s.conversation = c.id AND s.account = m.account AND s.kind = 'mute' \
        LEFT JOIN directs d ON d.conversation = c.id";
    for row in batch.found(sql, &[&accounts, &conversations]).await? {
        let role = MemberRole::read(row.try_get(2)?)?;
        let muted_until = row.try_get::<_, Option<i64>>(3)?.map(Time);
        let standing = Standing { role, muted_until, shut: row.try_get(4)? };
        let (account, conversation) = (AccountId(row.try_get(0)?), ConversationId(row.try_get(1)?));
        batch.ledger.note_standing(account, conversation, Some(standing));
    }
    Ok(())
}
