//! One connection's ear, as strict as a client would have to be: every conversation that it listens to in order, without a
//! gap or a double, nothing of any other, and nothing after one has gone.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use titan_core::protocol::{Body, Entry, Event, Place};
use titan_core::{AccountId, ConversationId, Seq, SessionId};
use titan_server::hub::{Attachment, Session};
use titan_server::switchboard::{Happening, Next};

use crate::simulation::chance::Chance;
use crate::simulation::executor::pause;
use crate::simulation::truth::Truth;

/// What was heard last of a conversation, and how often the account had gone from it by then.
#[derive(Clone, Copy)]
struct Heard {
    seq: Seq,
    departures: usize,
}

/// What it listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    One(Option<ConversationId>),
}

impl Scope {
    fn one(self) -> Option<ConversationId> {
        match self {
            Self::All => None,
            Self::One(one) => one,
        }
    }
}

pub struct Ear {
    account: AccountId,
    session: SessionId,
    pub scope: Scope,
    /// Where the conversations were when it had begun to listen.
    start: BTreeMap<ConversationId, Seq>,
    heard: BTreeMap<ConversationId, Heard>,
    /// Conversations that it was told to have gone from.
    removed: BTreeSet<ConversationId>,
    truth: Rc<RefCell<Truth>>,
}

impl Ear {
    pub fn new(session: &Session, scope: Scope, truth: &Rc<RefCell<Truth>>) -> Self {
        let start = {
            let truth = truth.borrow();
            truth.conversations().into_iter().map(|conversation| (conversation, truth.head(conversation))).collect()
        };
        let (heard, removed, truth) = (BTreeMap::new(), BTreeSet::new(), truth.clone());
        Self { account: session.account(), session: session.id, scope, start, heard, removed, truth }
    }

    /// Up to where it has heard what.
    pub fn places(&self) -> Vec<Place> {
        self.heard.iter().map(|(conversation, heard)| Place::new(*conversation, heard.seq)).collect()
    }

    /// It goes on after these places.
    pub fn rewound(&mut self, places: &[Place]) {
        places.iter().for_each(|place| self.goes_on(place.conversation, place.seq));
    }

    /// It begins to turn to another conversation: until that is done it listens to none.
    pub fn turns(&mut self) {
        self.scope = Scope::One(None);
        self.heard.clear();
    }

    /// It listens to this conversation, from the entry after this one on, and was told so.
    pub fn turned(&mut self, to: ConversationId, head: Seq) {
        self.scope = Scope::One(Some(to));
        self.removed.remove(&to);
        self.goes_on(to, head);
    }

    fn goes_on(&mut self, conversation: ConversationId, seq: Seq) {
        let departures = self.truth.borrow().departures(self.account, conversation);
        self.heard.insert(conversation, Heard { seq, departures });
    }

    fn hears(&mut self, happening: &Happening) {
        match happening {
            Happening::Entry(entry) => self.entry(entry),
            Happening::Passing(event) => match &**event {
                Event::ConversationAdded { conversation, .. } => {
                    self.removed.remove(&conversation.id);
                    // Who is muted there comes without an entry that would say from where on.
                    let later = self.start.get(&conversation.id).is_none_or(|start| conversation.head > *start);
                    if later && matches!(self.scope, Scope::All) && !self.heard.contains_key(&conversation.id) {
                        self.goes_on(conversation.id, conversation.head);
                    }
                }
                Event::ConversationRemoved { conversation, .. } => self.is_removed(*conversation),
                _ => {}
            },
        }
    }

    /// Who listens to one conversation may be told so late, having come back and turned to it before: then what is heard of
    /// it must be in order all the same, but nothing is owed.
    fn is_removed(&mut self, conversation: ConversationId) {
        self.removed.insert(conversation);
        match self.scope {
            Scope::All => drop(self.heard.remove(&conversation)),
            Scope::One(_) => self.scope = Scope::One(self.scope.one().filter(|one| *one != conversation)),
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let (conversation, seq) = (entry.conversation, entry.seq);
        let departures = self.truth.borrow().departures(self.account, conversation);
        let follows = match self.scope {
            Scope::All => self.follows(entry, departures),
            Scope::One(_) => self.heard.get(&conversation).is_some_and(|heard| seq == heard.seq.next()),
        };
        let (me, mut truth) = (self.account, self.truth.borrow_mut());
        if !truth.may_hear(me, entry) {
            truth.breaks(format!("{me:?} is told {entry:?}, and is not in it"));
        }
        if self.removed.contains(&conversation) {
            truth.breaks(format!("{me:?} is told {seq:?} of {conversation:?} after having gone from it"));
        }
        if !follows {
            let (before, scope) = (self.heard.get(&conversation).map(|heard| heard.seq), self.scope);
            truth.breaks(format!("{me:?} hears {seq:?} of {conversation:?} after {before:?}, listening to {scope:?}"));
        }
        self.heard.insert(conversation, Heard { seq, departures });
    }

    /// Whether an ear for everything hears this entry at its place.
    fn follows(&self, entry: &Entry, departures: usize) -> bool {
        let came = matches!(entry.body, Body::Joined { .. }) && entry.author.id == self.account;
        came || match self.heard.get(&entry.conversation) {
            Some(heard) if heard.departures == departures => entry.seq == heard.seq.next(),
            Some(_) => true,
            None => entry.seq <= self.start.get(&entry.conversation).copied().unwrap_or_default().next(),
        }
    }

    /// When nothing is left to be heard: all of it has been.
    pub fn is_complete(&self) {
        let mut truth = self.truth.borrow_mut();
        let now = truth.now();
        if truth.expiry(self.account, self.session).is_none_or(|until| until <= now) {
            truth.breaks(format!("{:?} listens by {:?}, which has ended", self.account, self.session));
        }
        let listens_to: Vec<_> = match self.scope {
            Scope::All => truth.conversations(),
            Scope::One(one) => one.into_iter().collect(),
        };
        for conversation in listens_to {
            if truth.seat(self.account, conversation).is_none() {
                continue;
            }
            let head = truth.head(conversation);
            let known = self.heard.get(&conversation).map(|heard| heard.seq);
            let known = known.or(self.start.get(&conversation).copied()).unwrap_or_default();
            if known < head {
                let (me, scope) = (self.account, self.scope);
                truth.breaks(format!("{me:?} heard {conversation:?} to {known:?} of {head:?}, listening to {scope:?}"));
            }
        }
    }
}

/// Listens until the connection is ended, with rests as a slow reader takes them.
pub async fn listen(attachment: &Attachment, ear: &RefCell<Ear>, chance: &Chance, longest_rest: usize) {
    loop {
        match attachment.next().await {
            Next::Deliveries(deliveries) => {
                let mut ear = ear.borrow_mut();
                deliveries.iter().for_each(|delivery| ear.hears(delivery.happening()));
            }
            Next::Trouble(error) => ear.borrow().truth.borrow_mut().breaks(format!("the log: {error}")),
            Next::Ended(_) => return,
        }
        pause(chance.below(longest_rest)).await;
    }
}
