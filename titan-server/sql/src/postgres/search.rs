//! Finding messages by their words, see [`super::words`]. Whole words are looked for first, and beginnings only when those
//! are too few. Each look has a bounded time; where that is not enough only what was said last is looked through.

use titan_core::protocol::Entry;
use titan_core::{AccountId, ConversationId};

use super::super::StoreResult;
use super::super::tx::{Ask, all, values};
use super::super::verbs::history::{ENTRY, each_with_reactions, entry_of};
use super::failure::is_overdue;
use super::words;

/// Entries that are looked through where there is no time for all: the last ones of the house.
const LAST_ONES: i64 = 20_000;

pub(super) async fn search(
    ask: &mut dyn Ask,
    account: AccountId,
    words: &str,
    within: Option<ConversationId>,
    limit: u32,
) -> StoreResult<Vec<Entry>> {
    let Some(query) = words::query(words) else { return Ok(Vec::new()) };
    let whole = match matching(ask, account, within, &query.whole, limit, i64::MAX).await {
        Err(error) if is_overdue(&error) => {
            return matching(ask, account, within, &query.whole, limit, LAST_ONES).await;
        }
        whole => whole?,
    };
    if whole.len() >= limit as usize {
        return Ok(whole);
    }
    match matching(ask, account, within, &query.beginning, limit, i64::MAX).await {
        Err(error) if is_overdue(&error) => Ok(whole),
        beginnings => beginnings,
    }
}

/// The newest messages that match, among the last ones of the house.
async fn matching(
    ask: &mut dyn Ask,
    account: AccountId,
    within: Option<ConversationId>,
    query: &str,
    limit: u32,
    last: i64,
) -> StoreResult<Vec<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM entries e JOIN members m ON m.conversation = e.conversation AND m.account = $2 \
         JOIN conversations c ON c.id = e.conversation AND c.deleted_at IS NULL LEFT JOIN files f ON f.id = e.file \
         WHERE e.words @@ $1::text::tsquery AND ($3::bigint IS NULL OR e.conversation = $3) \
         AND e.id >= (SELECT next_entry FROM house) - $5::bigint ORDER BY e.id DESC LIMIT $4"
    );
    let mut entries = all(ask, &sql, values![query, account, within, limit, last], entry_of).await?;
    each_with_reactions(ask, &mut entries).await?;
    Ok(entries)
}
