//! Reads history in pages. The server decides how much one page holds, so the end of the log is known by its seq alone.

use titan_core::{
    ConversationId, Seq,
    client::{Client, Error, Range},
    protocol::{Body, Entry},
};

/// Entries to ask for at once.
const PAGE_MOST: u32 = 500;

/// Which entries are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub after: Option<Seq>,
    pub before: Option<Seq>,
    pub count: u32,
    /// Also edits, deletions and reactions, which show in their messages anyway.
    pub all_kinds: bool,
}

/// The end of a log.
pub struct Newest {
    pub entries: Vec<Entry>,
    pub head: Seq,
}

pub async fn read(client: &Client, conversation: ConversationId, wanted: Wanted) -> Result<Vec<Entry>, Error> {
    match wanted.after {
        Some(after) => forward(client, conversation, after, wanted).await,
        None => Ok(newest(client, conversation, wanted).await?.entries),
    }
}

/// The first ones after a place.
async fn forward(
    client: &Client,
    conversation: ConversationId,
    mut after: Seq,
    wanted: Wanted,
) -> Result<Vec<Entry>, Error> {
    let before = wanted.before.unwrap_or(Seq(i64::MAX));
    let mut entries = Vec::new();
    while entries.len() < wanted.count as usize {
        let page = client.history(conversation, Range::After(after), wanted.page()).await?;
        let Some(last) = page.entries.last() else { break };
        after = last.seq;
        entries.extend(page.entries.into_iter().filter(|entry| entry.seq < before && wanted.shows(entry)));
        if after >= page.head || after.next() >= before {
            break;
        }
    }
    entries.truncate(wanted.count as usize);
    Ok(entries)
}

/// The last ones, or the last ones before a place.
pub async fn newest(client: &Client, conversation: ConversationId, wanted: Wanted) -> Result<Newest, Error> {
    let mut range = wanted.before.map_or(Range::Last, Range::Before);
    let mut pages: Vec<Vec<Entry>> = Vec::new();
    let (mut count, mut head) = (0, None);
    loop {
        let page = client.history(conversation, range, wanted.page()).await?;
        head.get_or_insert(page.head);
        let Some(first) = page.entries.first().map(|entry| entry.seq) else { break };
        let shown: Vec<Entry> = page.entries.into_iter().filter(|entry| wanted.shows(entry)).collect();
        count += shown.len();
        pages.push(shown);
        if count >= wanted.count as usize || first <= Seq(1) {
            break;
        }
        range = Range::Before(first);
    }
    let entries: Vec<Entry> = pages.into_iter().rev().flatten().collect();
    let surplus = entries.len().saturating_sub(wanted.count as usize);
    Ok(Newest { entries: entries.into_iter().skip(surplus).collect(), head: head.unwrap_or_default() })
}

impl Wanted {
    fn page(&self) -> u32 {
        self.count.clamp(1, PAGE_MOST)
    }

    fn shows(&self, entry: &Entry) -> bool {
        self.all_kinds || !matches!(entry.body, Body::Edit { .. } | Body::Deletion { .. } | Body::Reaction { .. })
    }
}
