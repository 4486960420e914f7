//! Parts of logs, and searches: from the cache at once, then from the server what the cache lacks.

use std::time::Duration;

use titan_core::{
    EntryId, Seq,
    cache::Cache,
    client::{Error, Range},
    protocol::{Entry, Results, ask::Search},
};

use super::{Runner, lock};
use crate::app::{
    effect::{Load, Part},
    event::{Event, Loaded},
};

/// Typing rests so long before the server is asked too.
const REST: Duration = Duration::from_millis(250);
/// Entries of a search.
const FOUND_MOST: usize = 100;
/// Entries loaded from the cache around one that was searched for.
const AROUND_MOST: usize = 2_000;
/// Entries shown before it.
const BEFORE_FOUND: i64 = 50;

impl Runner {
    pub(super) fn load(&self, load: Load) {
        let Some(session) = self.session() else { return };
        let runner = self.clone();
        tokio::spawn(async move {
            let cache = session.cache.clone();
            let asked = load.clone();
            let kept = tokio::task::spawn_blocking(move || from_cache(&cache, &asked)).await;
            let (entries, whole) = kept.ok().and_then(Result::ok).unwrap_or_default();
            let at_start = entries.first().is_some_and(|entry| entry.seq.0 <= 1);
            runner.tell(loaded(&load, entries, at_start, !whole)).await;
            if !whole {
                runner.load_from_server(&load).await;
            }
        });
    }

    async fn load_from_server(&self, load: &Load) {
        let range = match load.part {
            Part::Newest => Range::Last,
            Part::Before(seq) => Range::Before(seq),
            Part::Around(seq) => Range::After(Seq((seq.0 - BEFORE_FOUND).max(0))),
        };
        let page = match self.client() {
            Some(client) => client.history(load.conversation, range, load.limit).await.ok(),
            None => None,
        };
        let answered = page.is_some();
        let entries = page.map(|page| page.entries).unwrap_or_default();
        let at_start = answered && entries.first().is_none_or(|entry| entry.seq.0 <= 1);
        self.tell(loaded(load, entries, at_start, false)).await;
    }

    /// Searches the cache at once and the server once typing rests; a newer search ends an older.
    pub(super) fn search(&self, generation: u64, query: String) {
        let runner = self.clone();
        self.search_by(async move {
            let page = runner.search_here(&query, None).await.unwrap_or_else(nothing);
            runner.tell(Event::Found { generation, page, further: false, from_server: false }).await;
            tokio::time::sleep(REST).await;
            if let Some(page) = runner.search_there(query, None).await {
                runner.tell(Event::Found { generation, page, further: false, from_server: true }).await;
            }
        });
    }

    /// Goes on with a search: the server does, or the cache while there is none.
    pub(super) fn search_further(&self, generation: u64, query: String, before: Option<EntryId>) {
        let runner = self.clone();
        self.search_by(async move {
            let (page, from_server) = match runner.search_there(query.clone(), before).await {
                Some(page) => (page, true),
                None => (runner.search_here(&query, before).await.unwrap_or_else(nothing), false),
            };
            runner.tell(Event::Found { generation, page, further: true, from_server }).await;
        });
    }

    fn search_by(&self, search: impl Future<Output = ()> + Send + 'static) {
        if let Some(before) = lock(&self.shared.search).replace(tokio::spawn(search)) {
            before.abort();
        }
    }

    async fn search_here(&self, query: &str, before: Option<EntryId>) -> Option<Results> {
        let (cache, query) = (self.session()?.cache.clone(), query.to_owned());
        tokio::task::spawn_blocking(move || cache.find(&query, None, before, FOUND_MOST)).await.ok()?.ok()
    }

    async fn search_there(&self, query: String, before: Option<EntryId>) -> Option<Results> {
        self.client()?.ask(Search { query, conversation: None, before, limit: Some(FOUND_MOST as u32) }).await.ok()
    }
}

fn nothing() -> Results {
    Results::new(Vec::new(), None)
}

fn loaded(load: &Load, entries: Vec<Entry>, at_start: bool, more_follows: bool) -> Event {
    let focus = match load.part {
        Part::Around(seq) => Some(seq),
        Part::Newest | Part::Before(_) => None,
    };
    Event::Loaded(Loaded { conversation: load.conversation, entries, at_start, more_follows, focus })
}

/// What the cache has, and whether that is all of what was asked for.
fn from_cache(cache: &Cache, load: &Load) -> Result<(Vec<Entry>, bool), Error> {
    let (id, limit) = (load.conversation, load.limit as usize);
    let (entries, last) = match load.part {
        Part::Newest => (cache.entries(id, Range::Last, limit)?, cache.last_seq(id)?.unwrap_or_default()),
        Part::Before(seq) => (cache.entries(id, Range::Before(seq), limit)?, Seq(seq.0 - 1)),
        Part::Around(seq) => {
            let after = Seq((seq.0 - BEFORE_FOUND).max(0));
            (cache.entries(id, Range::After(after), AROUND_MOST)?, seq)
        }
    };
    let Some(first) = entries.first().map(|entry| entry.seq) else { return Ok((entries, false)) };
    let reaches = entries.len() >= limit || first.0 <= 1 || matches!(load.part, Part::Around(_));
    let whole = reaches && last >= first && cache.holds(id, first, last)?;
    Ok((entries, whole))
}
