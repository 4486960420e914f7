//! The people of a world, and what all of them share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use titan_core::AccountId;
use titan_core::protocol::Place;
use titan_server::hub::{Hub, Session};
use titan_server::store::{Store, Verifier};

use crate::simulation::chance::Chance;
use crate::simulation::clock::VirtualClock;
use crate::simulation::ear::Ear;
use crate::simulation::truth::Truth;

pub struct Person {
    pub account: AccountId,
    pub verifier: Verifier,
    pub token: RefCell<Option<String>>,
    /// Up to where their client has heard what.
    pub places: RefCell<Vec<Place>>,
}

impl Person {
    pub fn new(account: AccountId, verifier: Verifier) -> Rc<Self> {
        Rc::new(Self { account, verifier, token: RefCell::default(), places: RefCell::default() })
    }
}

/// A session that listens, and by what ear.
pub type Listening = (Session, Rc<RefCell<Ear>>);

/// What all connections of a world share.
pub struct World {
    pub hub: Arc<Hub>,
    pub store: Arc<dyn Store>,
    pub chance: Chance,
    pub clock: Arc<VirtualClock>,
    pub truth: Rc<RefCell<Truth>>,
    pub people: RefCell<Vec<Rc<Person>>>,
    /// Acts begun, and acts acknowledged.
    pub acts: RefCell<BTreeMap<&'static str, (i64, i64)>>,
    /// Connections that listen.
    pub present: RefCell<BTreeMap<u64, Listening>>,
    /// Whether there are floods of messages, and long rests.
    pub floods: bool,
    /// Whether who means to hear one conversation is made to hear them all.
    pub hears_too_much: bool,
}
