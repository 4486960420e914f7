//! One connection's ear, as strict as a client would have to be: every conversation in order, without a gap or a double,
//! and nothing after one has gone.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use titan_core::protocol::{Body, Entry, Event, Place};
use titan_core::{AccountId, ConversationId, Seq, SessionId};
use titan_server::hub::{Attachment, Session};
use titan_server::switchboard::{Happening, Next};

use crate::chance::Chance;
use crate::executor::pause;
use crate::truth::Truth;

/// What was heard last of a conversation, and how often the account had gone from it by then.
#[derive(Clone, Copy)]
struct Heard {
    seq: Seq,
    departures: usize,
}

pub struct Ear {
    account: AccountId,
    session: SessionId,
    /// Where the conversations were when it had begun to listen.
    start: BTreeMap<ConversationId, Seq>,
    heard: BTreeMap<ConversationId, Heard>,
    /// Conversations that it was told to have gone from.
    removed: BTreeSet<ConversationId>,
    truth: Rc<RefCell<Truth>>,
}

impl Ear {
    pub fn new(session: &Session, truth: &Rc<RefCell<Truth>>) -> Self {
        let start = {
            let truth = truth.borrow();
            truth.conversations().into_iter().map(|conversation| (conversation, truth.head(conversation))).collect()
        };
        let (heard, removed, truth) = (BTreeMap::new(), BTreeSet::new(), truth.clone());
        Self { account: session.account(), session: session.id, start, heard, removed, truth }
    }

    /// Up to where it has heard what.
    pub fn places(&self) -> Vec<Place> {
        self.heard.iter().map(|(conversation, heard)| Place::new(*conversation, heard.seq)).collect()
    }

    /// It goes on after these places.
    pub fn rewound(&mut self, places: &[Place]) {
        for place in places {
            let departures = self.truth.borrow().departures(self.account, place.conversation);
            self.heard.insert(place.conversation, Heard { seq: place.seq, departures });
        }
    }

    fn hears(&mut self, happening: &Happening) {
        match happening {
            Happening::Entry(entry) => self.entry(entry),
            Happening::Passing(event) => match &**event {
                Event::ConversationAdded { conversation, .. } => {
                    self.removed.remove(&conversation.id);
                }
                Event::ConversationRemoved { conversation, .. } => {
                    self.heard.remove(conversation);
                    self.removed.insert(*conversation);
                }
                _ => {}
            },
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let (conversation, seq) = (entry.conversation, entry.seq);
        let mut truth = self.truth.borrow_mut();
        let departures = truth.departures(self.account, conversation);
        let me = self.account;
        if !truth.may_hear(me, entry) {
            truth.breaks(format!("{me:?} is told {entry:?}, and is not in it"));
        }
        if self.removed.contains(&conversation) {
            truth.breaks(format!("{me:?} is told {seq:?} of {conversation:?} after having gone from it"));
        }
        let came = matches!(entry.body, Body::Joined { .. }) && entry.author.id == me;
        let follows = match self.heard.get(&conversation) {
            Some(heard) if heard.departures == departures => seq == heard.seq.next(),
            Some(_) => true,
            None => seq <= self.start.get(&conversation).copied().unwrap_or_default().next(),
        };
        if !(follows || came) {
            let before = self.heard.get(&conversation).map(|heard| heard.seq);
            truth.breaks(format!("{me:?} hears {seq:?} of {conversation:?} after {before:?}"));
        }
        self.heard.insert(conversation, Heard { seq, departures });
    }

    /// When nothing is left to be heard: all of it has been.
    pub fn is_complete(&self) {
        let mut truth = self.truth.borrow_mut();
        if !truth.stands(self.account, self.session) {
            truth.breaks(format!("{:?} listens by {:?}, which has ended", self.account, self.session));
        }
        for conversation in truth.conversations() {
            if truth.seat(self.account, conversation).is_none() {
                continue;
            }
            let head = truth.head(conversation);
            let known = self.heard.get(&conversation).map(|heard| heard.seq);
            let known = known.or(self.start.get(&conversation).copied()).unwrap_or_default();
            if known < head {
                truth.breaks(format!("{:?} heard {conversation:?} to {known:?} of {head:?}", self.account));
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
