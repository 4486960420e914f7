//! Everything the house keeps of an account, for its owner: handed out piece by piece, never all at once in memory.

use std::collections::{HashSet, VecDeque};

use titan_core::protocol::{Body, Conversation, Entry, Exported, Relation};
use titan_core::{ConversationId, EntryId, Seq};

use super::listing::{listed, whole};
use super::{Outcome, Session, from_store, journal, view};
use crate::store::{AppFilter, AppRecord, Range};

/// Entries read at a time: no more than that waits, and the next page is read once it has been handed out.
const PAGE_MOST: u32 = 200;

/// An export under way.
pub struct Export {
    session: Session,
    ready: VecDeque<Exported>,
    next: Stage,
    /// The directs whose logs are still to come.
    directs: VecDeque<ConversationId>,
}

/// What is read next.
enum Stage {
    Account,
    Relations,
    Conversations,
    /// Everything the account wrote, wherever.
    Written(EntryId),
    /// What others wrote to it in private.
    Received(Seq),
    Apps,
    Done,
}

impl Session {
    /// Begins an export of one's own data.
    pub fn export(&self) -> Outcome<Export> {
        self.hub.limits.uploading(self.account())?;
        journal::done(&self.deed("export"));
        let (session, ready, directs) = (self.clone(), VecDeque::new(), VecDeque::new());
        Ok(Export { session, ready, next: Stage::Account, directs })
    }
}

impl Export {
    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Outcome<Option<Exported>> {
        while self.ready.is_empty() {
            match self.next {
                Stage::Account => self.account().await?,
                Stage::Relations => self.relations().await?,
                Stage::Conversations => self.conversations().await?,
                Stage::Written(after) => self.written(after).await?,
                Stage::Received(after) => self.received(after).await?,
                Stage::Apps => self.apps().await?,
                Stage::Done => return Ok(None),
            }
        }
        Ok(self.ready.pop_front())
    }

    async fn account(&mut self) -> Outcome<()> {
        let record = self.session.record().await?;
        let (email, last_login) = (record.email.clone().map(Into::into), record.last_login);
        self.ready.push_back(Exported::account(record.public(), email, last_login));
        let sessions = self.session.hub.sessions.of(record.id).await?;
        let current = self.session.id;
        self.ready.extend(sessions.into_iter().map(|kept| Exported::session(view::session(kept, current))));
        self.next = Stage::Relations;
        Ok(())
    }

    async fn relations(&mut self) -> Outcome<()> {
        let relations = whole(|one: &Relation| one.person.account.id, |page| self.session.relations(page)).await?;
        self.ready.extend(relations.into_iter().map(Exported::relation));
        self.next = Stage::Conversations;
        Ok(())
    }

    async fn conversations(&mut self) -> Outcome<()> {
        let places = self.session.hub.store.places(self.session.account()).await.map_err(from_store)?;
        self.directs.extend(places.iter().filter(|place| place.other.is_some()).map(|place| place.conversation));
        let all = whole(|one: &Conversation| one.id, |page| self.session.conversations(page)).await?;
        // One in which something was said meanwhile has come to the front of the list, and so twice.
        let mut told = HashSet::new();
        let each_once = all.into_iter().filter(|one| told.insert(one.id));
        self.ready.extend(each_once.map(|conversation| Exported::conversation(Box::new(conversation))));
        self.next = Stage::Written(EntryId(0));
        Ok(())
    }

    async fn written(&mut self, after: EntryId) -> Outcome<()> {
        let store = &self.session.hub.store;
        let page = store.entries_by(self.session.account(), after, PAGE_MOST).await.map_err(from_store)?;
        self.next = page.last().map_or(Stage::Received(Seq(0)), |last| Stage::Written(last.id));
        self.take(page);
        Ok(())
    }

    async fn received(&mut self, after: Seq) -> Outcome<()> {
        let Some(direct) = self.directs.front().copied() else {
            self.next = Stage::Apps;
            return Ok(());
        };
        let mut page = self.session.history(direct, Range::After(after), Some(PAGE_MOST)).await?.entries;
        match page.last() {
            Some(last) => self.next = Stage::Received(last.seq),
            None => {
                self.directs.pop_front();
                self.next = Stage::Received(Seq(0));
            }
        }
        let me = self.session.account();
        page.retain(|entry| entry.author.id != me);
        self.take(page);
        Ok(())
    }

    async fn apps(&mut self) -> Outcome<()> {
        let filter = AppFilter { author: Some(self.session.account()), ..AppFilter::default() };
        let store = &self.session.hub.store;
        let apps = whole(AppRecord::id, |page| listed(page, |page| store.apps(filter.clone(), page))).await?;
        self.ready.extend(apps.into_iter().map(|record| Exported::app(Box::new(record.app))));
        self.next = Stage::Done;
        Ok(())
    }

    fn take(&mut self, page: Vec<Entry>) {
        let known = page.into_iter().filter(|entry| entry.body != Body::Unknown);
        self.ready.extend(known.map(|entry| Exported::entry(Box::new(entry))));
    }
}
