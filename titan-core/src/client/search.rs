//! Searching page by page.

use super::{Client, Error};
use crate::{
    ConversationId, EntryId,
    protocol::{Found, Results, ask::Search},
};

/// What a search finds, the newest first, a page at a time: made by [`Client::search`].
pub struct Searching {
    client: Client,
    ask: Search,
    is_over: bool,
}

impl Client {
    /// Looks for messages that hold all these words, in one conversation or in all of mine. The last word may be the beginning
    /// of one; accents and case don't count; a file is found by its name. Nothing is asked before the first page.
    ///
    /// ```no_run
    /// # async fn find(titan: titan_core::client::Client) -> Result<(), titan_core::client::Error> {
    /// let mut search = titan.search("lem solaris", None);
    /// while let Some(page) = search.next().await? {
    ///     for found in page {
    ///         println!("{}: {:?}", found.conversation_name, found.entry.body);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn search(&self, words: impl Into<String>, conversation: Option<ConversationId>) -> Searching {
        let ask = Search { query: words.into(), conversation, ..Search::default() };
        Searching { client: self.clone(), ask, is_over: false }
    }
}

impl Searching {
    /// Pages of so many: 50 if not said, 500 at most.
    #[must_use]
    pub fn by(mut self, results: u32) -> Self {
        self.ask.limit = Some(results);
        self
    }

    /// Only what is older than this entry.
    #[must_use]
    pub fn before(mut self, entry: EntryId) -> Self {
        self.ask.before = Some(entry);
        self
    }

    /// The next page; none after the last one. Where the server had no time to look back to the next find, it is asked on. What
    /// fails can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Vec<Found>>, Error> {
        while !self.is_over {
            let Results { results, before, .. } = self.client.ask(self.ask.clone()).await?;
            // A server that doesn't get on would be asked for ever.
            self.is_over = before.is_none_or(|next| self.ask.before.is_some_and(|last| next >= last));
            self.ask.before = before.or(self.ask.before);
            if !results.is_empty() {
                return Ok(Some(results));
            }
        }
        Ok(None)
    }

    /// Before which entry the next page looks; none where there is no further page.
    pub fn rest(&self) -> Option<EntryId> {
        self.ask.before.filter(|_| !self.is_over)
    }
}
