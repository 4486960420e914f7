//! Takes in what the server sent: answers to their askers, events in their order to the cache and then to the reader.

use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Broken, Link};
use crate::{
    ConversationId, Seq, Time,
    client::{
        ClientEvent, Error,
        call::{Answer, Asker, Call},
    },
    protocol::{Conversation, EndedAccounts, Entries, Entry, Event, Fault, FaultCode, Incoming, What, ask},
};

/// As many as a server tells at once.
const ENDED_MOST: usize = 1_000;

/// What a batch of frames comes to.
#[derive(Default)]
struct Batch {
    /// What to hand on, in order. Entries stand here too, once they are due.
    events: Vec<Event>,
    /// Whether there is a cache.
    keeps: bool,
    /// The entries among them, to be cached first.
    entries: Vec<Entry>,
    answers: Vec<(Asker, Answer)>,
    goodbye: Option<Broken>,
}

impl Link {
    /// Takes in frames that came together.
    pub(super) fn take_in(&mut self, texts: &[Utf8Bytes]) -> Result<(), Broken> {
        let mut batch = Batch { keeps: self.shared.options.cache.is_some(), ..Batch::default() };
        for text in texts {
            match Incoming::parse(text) {
                Ok(Incoming::Event(event)) => self.take_event(*event, &mut batch),
                Ok(Incoming::Ok { id, ok }) => self.take_answer(id, Ok(ok), &mut batch),
                Ok(Incoming::Error { id: Some(id), error }) => self.take_answer(id, Err(error.into()), &mut batch),
                // What a newer server says, or nobody asked for, is ignored.
                Ok(_) | Err(_) => {}
            }
        }
        self.hand_on(batch)
    }

    fn take_answer(&mut self, id: u64, answer: Answer, batch: &mut Batch) {
        match self.calls.answered(id) {
            Some(Asker::Gap(conversation)) => self.fill_gap(conversation, answer, batch),
            Some(Asker::Names) => self.forget_names(answer),
            Some(asker) => batch.answers.push((asker, answer)),
            None => {}
        }
    }

    fn fill_gap(&mut self, conversation: ConversationId, answer: Answer, batch: &mut Batch) {
        let entries = match answer.map(|json| serde_json::from_str::<Entries>(json.get())) {
            Ok(Ok(page)) => page.entries,
            Err(Error::Fault(fault)) if super::passes(&fault) => return self.ask_again(conversation, &fault),
            // Not a member any more, say: nothing is there for us.
            Ok(Err(_)) | Err(_) => Vec::new(),
        };
        let mut due = Vec::new();
        self.order.fill(conversation, entries, true, &mut due);
        batch.add_entries(due);
    }

    /// Accounts that ended while there was no connection. A server that doesn't tell, or not now, is asked the next time.
    fn forget_names(&mut self, answer: Answer) {
        let Ok(Ok(ended)) = answer.map(|json| serde_json::from_str::<EndedAccounts>(json.get())) else { return };
        for account in &ended.accounts {
            self.remember(|cache| cache.forget_person(*account));
        }
        self.remember(|cache| cache.knows_names_until(ended.until));
        if ended.accounts.len() >= ENDED_MOST {
            self.calls.add(Call::own(ask::EndedAccounts { since: ended.until }.into(), Asker::Names));
        }
    }

    /// Asks for the names that the cache is to forget; a cache that is new has none.
    pub(super) fn ask_who_ended(&mut self, now: Time) {
        let Some(cache) = self.shared.options.cache.clone() else { return };
        match self.cached(cache.names_known_until()).flatten() {
            Some(since) => self.calls.add(Call::own(ask::EndedAccounts { since }.into(), Asker::Names)),
            None => self.remember(|cache| cache.knows_names_until(now)),
        }
    }

    fn ask_again(&mut self, conversation: ConversationId, fault: &Fault) {
        self.order.ask_again(conversation);
        self.ask_from = Some(Instant::now() + super::wait_after(fault));
    }

    /// One arm, one call.
    fn take_event(&mut self, event: Event, batch: &mut Batch) {
        match event {
            Event::Entry { entry } => self.take_entry(entry, batch),
            Event::CaughtUp {} => self.take_caught_up(batch),
            Event::ConversationAdded { conversation } => self.take_conversation(*conversation, batch),
            Event::ConversationRemoved { conversation, .. } | Event::RoomRemoved { conversation } => {
                self.drop_conversation(conversation, event, batch);
            }
            Event::ReadMark { conversation, seq } => self.take_read_mark(conversation, seq, batch),
            Event::MemberChanged { conversation, account, role, muted_until } => {
                self.remember(|cache| cache.member_changed(conversation, account, role, muted_until));
                batch.events.push(event);
            }
            Event::RelationChanged { ref relation } => {
                self.remember(|cache| cache.put_relation(relation));
                batch.events.push(event);
            }
            Event::RelationEnded { account } => {
                self.remember(|cache| cache.end_relation(account));
                batch.events.push(event);
            }
            Event::AccountRemoved { account, .. } => {
                self.remember(|cache| cache.forget_person(account));
                batch.events.push(event);
            }
            Event::AccountChanged { ref account, .. } => {
                self.take_my_account(account.clone());
                batch.events.push(event);
            }
            Event::Goodbye { ref reason, retry_after_ms } => {
                batch.goodbye = Some(goodbye(reason, retry_after_ms));
                batch.events.push(event);
            }
            Event::Unknown => {}
            other => batch.events.push(other),
        }
    }

    fn take_entry(&mut self, entry: Entry, batch: &mut Batch) {
        let room = self.outlet.has_room(batch.events.len() + 1);
        let mut due = Vec::new();
        self.order.accept(entry, room, &mut due);
        batch.add_entries(due);
    }

    fn take_caught_up(&mut self, batch: &mut Batch) {
        self.resuming = false;
        batch.events.push(Event::CaughtUp {});
    }

    fn take_conversation(&mut self, conversation: Conversation, batch: &mut Batch) {
        if matches!(conversation.what, What::Direct(_)) && self.order.last(conversation.id).is_none() {
            self.order.begin(conversation.id, Seq(0));
        }
        if let Some(known) = &mut self.known {
            known.insert(conversation.id);
        }
        if let Some(cache) = self.shared.options.cache.clone() {
            self.cached(cache.put_conversation(&conversation));
        }
        batch.events.push(Event::ConversationAdded { conversation: Box::new(conversation) });
    }

    fn drop_conversation(&mut self, conversation: ConversationId, event: Event, batch: &mut Batch) {
        if let Some(known) = &mut self.known {
            known.remove(&conversation);
        }
        // Its last entries, such as who left, are written and handed on before it goes.
        self.write_entries(batch);
        self.forget(conversation);
        batch.events.push(event);
    }

    fn take_read_mark(&mut self, conversation: ConversationId, seq: Seq, batch: &mut Batch) {
        self.write_entries(batch);
        if let Some(cache) = self.shared.options.cache.clone() {
            self.cached(cache.mark_read(conversation, seq));
        }
        batch.events.push(Event::ReadMark { conversation, seq });
    }

    fn remember(&mut self, write: impl FnOnce(&crate::cache::Cache) -> Result<(), Error>) {
        if let Some(cache) = self.shared.options.cache.clone() {
            self.cached(write(&cache));
        }
    }

    fn take_my_account(&mut self, account: crate::protocol::Account) {
        if let Some(mut session) = self.shared.session().filter(|session| session.account.id == account.id) {
            session.account = account;
            self.shared.set_session(session);
        }
    }

    fn hand_on(&mut self, mut batch: Batch) -> Result<(), Broken> {
        self.write_entries(&mut batch);
        for event in batch.events {
            self.outlet.push(ClientEvent::Server(event));
        }
        for (asker, answer) in batch.answers {
            self.answer(asker, answer);
        }
        batch.goodbye.map_or(Ok(()), Err)
    }

    fn write_entries(&mut self, batch: &mut Batch) {
        let entries = std::mem::take(&mut batch.entries);
        if let Some(cache) = self.shared.options.cache.clone().filter(|_| !entries.is_empty()) {
            self.cached(cache.apply(&entries));
        }
    }

    fn answer(&mut self, asker: Asker, answer: Answer) {
        match asker {
            Asker::Caller(caller) => drop(caller.send(answer)),
            Asker::Outbox(client_id) => self.outbox_answered(client_id, answer),
            Asker::Gap(_) | Asker::Names => {}
        }
    }
}

impl Batch {
    fn add_entries(&mut self, due: Vec<Entry>) {
        self.entries.extend(due.iter().filter(|_| self.keeps).cloned());
        self.events.extend(due.into_iter().map(|entry| Event::Entry { entry }));
    }
}

/// With a time to come back the server is only away; without one the session is over.
fn goodbye(reason: &str, retry_after_ms: Option<u64>) -> Broken {
    match retry_after_ms {
        Some(ms) => {
            let retry_after = Some(std::time::Duration::from_millis(ms));
            Broken::Lost { error: Error::network(reason), retry_after }
        }
        None => Broken::Ended(Fault::new(FaultCode::BadToken, reason).into()),
    }
}
