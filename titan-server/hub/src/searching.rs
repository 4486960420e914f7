//! Searching what was said. An answer that isn't all says so, and where the next one goes on.

use std::collections::HashMap;

use titan_core::protocol::{Entry, Found, Results};
use titan_core::{ConversationId, EntryId, SafeText, text};

use super::messages::{HISTORY_MOST, HISTORY_USUAL, PAGE_BYTES, bytes_of};
use super::policy::Act;
use super::{Outcome, Session, from_store};
use crate::store::{Hits, Query, StoreError, WhatRecord};

/// Characters of a search.
const QUERY_MOST: usize = 500;

impl Session {
    /// Messages with all the words, newest first, before an entry if one is named.
    pub async fn search(
        &self,
        query: &str,
        within: Option<ConversationId>,
        before: Option<EntryId>,
        limit: Option<u32>,
    ) -> Outcome<Results> {
        self.hub.limits.asking(self.account())?;
        if let Some(conversation) = within {
            self.permit_in(conversation, Act::Read).await?;
        }
        let words = text::description("a search", query.trim(), QUERY_MOST)?;
        let limit = limit.unwrap_or(HISTORY_USUAL).clamp(1, HISTORY_MOST);
        let turn = self.hub.searches.take(self.account()).await?;
        let hits = self.hub.store.search(self.account(), Query { words, within, before, limit }).await;
        drop(turn);
        let Hits { mut entries, mut rest } = hits.map_err(from_store)?;
        if let Some(cut) = fit(&mut entries) {
            rest = Some(cut);
        }
        self.name_own_reactions(&mut entries).await?;
        Ok(Results::new(self.named(entries).await?, rest))
    }

    /// The entries, each with the name of its conversation.
    async fn named(&self, entries: Vec<Entry>) -> Outcome<Vec<Found>> {
        let mut names = HashMap::new();
        let mut results = Vec::with_capacity(entries.len());
        for entry in entries {
            let id = entry.conversation;
            if let std::collections::hash_map::Entry::Vacant(name) = names.entry(id) {
                name.insert(self.name_of(id).await?);
            }
            results.push(Found::new(entry, names[&id].clone()));
        }
        Ok(results)
    }

    async fn name_of(&self, conversation: ConversationId) -> Outcome<SafeText> {
        let membership = self.hub.store.membership(self.account(), conversation).await;
        match membership {
            Ok(Some(membership)) => Ok(match membership.what {
                WhatRecord::Room(room) => room.name.into(),
                WhatRecord::Direct(other) => other.username.into(),
            }),
            Ok(None) | Err(StoreError::NotFound) => Ok(SafeText::default()),
            Err(error) => Err(from_store(error)),
        }
    }
}

/// Cuts what was found to what one reply may hold; where it was cut, if it was. One entry always fits.
fn fit(entries: &mut Vec<Entry>) -> Option<EntryId> {
    let mut held = 0;
    let fits = |entry: &&Entry| {
        held += bytes_of(entry);
        held <= PAGE_BYTES
    };
    let keep = entries.iter().take_while(fits).count().max(1);
    if keep >= entries.len() {
        return None;
    }
    entries.truncate(keep);
    entries.last().map(|entry| entry.id)
}
