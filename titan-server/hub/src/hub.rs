//! The hall itself, with all it needs. It stands upon its parts; sessions and what people do through them stand upon it, each
//! in a module of its own.

use std::sync::Arc;

use titan_core::{AccountId, Time};
use tokio::sync::{Mutex, OnceCell, Semaphore};

use super::acquaintance::Acquaintances;
use super::confirmations::Confirmations;
use super::erasures::Erasures;
use super::factors::Factors;
use super::letter::{LETTERS_AT_ONCE, Mailer};
use super::outcome::{Outcome, from_store};
use super::rules::Rules;
use super::sessions::Sessions;
use super::standing::Standings;
use super::tally::Tally;
use super::turns::Turns;
use super::{Limits, Passwords};
use crate::admin_key::AdminKey;
use crate::store::{AuditRecord, Clock, Store};
use crate::switchboard::{Ending, Switchboard};

/// The hall with all it needs; shared by every door.
pub struct Hub {
    pub(super) store: Arc<dyn Store>,
    pub(super) switchboard: Switchboard,
    pub(super) passwords: Passwords,
    pub(super) limits: Limits,
    pub(super) searches: Turns,
    pub(super) acquaintances: Acquaintances,
    pub(super) confirmations: Confirmations,
    pub(super) factors: Factors,
    /// Whether an admin without a second factor administers nothing.
    pub(super) admins_need_factors: bool,
    pub(super) admin_key: AdminKey,
    pub(super) sessions: Arc<Sessions>,
    pub(super) standings: Arc<Standings>,
    pub(super) erasures: Arc<Erasures>,
    pub(super) mailer: Arc<dyn Mailer>,
    /// Places of letters being written.
    pub(super) letters: Arc<Semaphore>,
    /// How the last probe of the store went.
    probed: Mutex<Option<(Time, Outcome<()>)>>,
    /// The house's epoch, once somebody asked for it. It changes only while nobody serves the house.
    pub(super) epoch: OnceCell<String>,
    pub(super) clock: Arc<dyn Clock>,
    /// Bytes of all files and apps, and when they were counted.
    pub(super) counted: Mutex<Option<(Time, u64)>>,
    pub(super) tallies: Tallies,
}

/// What the log tells of once a minute, for each who does it.
pub(super) struct Tallies {
    /// What the policy refused.
    pub forbidden: Tally,
    /// Locked rooms that an admin read without being in them.
    pub read_as_admin: Tally,
    /// Wrong keys of the figures.
    pub metrics_key: Tally,
    /// Handshakes that came to nothing.
    pub handshakes: Arc<Tally>,
}

impl Tallies {
    fn new() -> Self {
        let events = ["forbidden", "read_as_admin", "metrics_key_refused", "tls_failed"];
        let [forbidden, read_as_admin, metrics_key, handshakes] = events.map(Tally::of_event);
        Self { forbidden, read_as_admin, metrics_key, handshakes: Arc::new(handshakes) }
    }

    fn tell_rest(&self) {
        let all = [&self.forbidden, &self.read_as_admin, &self.metrics_key, &*self.handshakes];
        all.into_iter().for_each(Tally::tell_rest);
    }
}

/// How old the answer to a probe may be, in milliseconds: asking all the time must not mean writing all the time.
const PROBE_EVERY: i64 = 1_000;

impl Hub {
    pub fn new(
        store: Arc<dyn Store>,
        switchboard: Switchboard,
        passwords: Passwords,
        rules: impl Into<Rules>,
        admin_key: AdminKey,
        mailer: Arc<dyn Mailer>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let Rules { limits, sessions, admins_need_factors } = rules.into();
        let sessions = Arc::new(Sessions::new(store.clone(), clock.clone(), sessions));
        let standings = Arc::default();
        let letters = Arc::new(Semaphore::new(LETTERS_AT_ONCE));
        let (probed, epoch, counted) = (Mutex::default(), OnceCell::new(), Mutex::default());
        Arc::new(Self {
            store,
            switchboard,
            passwords,
            limits,
            searches: Turns::default(),
            acquaintances: Acquaintances::default(),
            confirmations: Confirmations::default(),
            factors: Factors::default(),
            admins_need_factors,
            admin_key,
            sessions,
            standings,
            erasures: Arc::default(),
            mailer,
            letters,
            probed,
            epoch,
            clock,
            counted,
            tallies: Tallies::new(),
        })
    }

    pub fn switchboard(&self) -> &Switchboard {
        &self.switchboard
    }

    /// What was erased and is to be tidied up.
    pub fn erasures(&self) -> &Erasures {
        &self.erasures
    }

    /// What time it is in this house.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The audit log's line of an act that is done now.
    pub(super) fn audit(&self, by: Option<AccountId>, act: &str, object: String, detail: String) -> AuditRecord {
        AuditRecord { at: self.now(), by, act: act.to_owned(), object, detail }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// For doors that speak TLS: handshakes that came to nothing.
    pub fn failed_handshakes(&self) -> Arc<Tally> {
        self.tallies.handshakes.clone()
    }

    /// Tells the log that whoever asks gave a wrong key of the figures.
    pub fn refused_metrics_key(&self) {
        self.tallies.metrics_key.note();
    }

    /// Forgets who did nothing lately, and tells the log what has not been told yet.
    pub fn forget_idle(&self) {
        self.limits.forget_idle();
        self.tallies.tell_rest();
    }

    /// Whether what is written now reaches the disk and whoever follows it: by having it done, once a second at most.
    pub async fn probe(&self) -> Outcome<()> {
        let mut probed = self.probed.lock().await;
        let now = self.now();
        match &*probed {
            // A clock that was set back must not keep an answer for as long.
            Some((at, outcome)) if (0..PROBE_EVERY).contains(&(now.0 - at.0)) => outcome.clone(),
            _ => {
                let outcome = self.store.probe().await.map_err(from_store);
                *probed = Some((self.now(), outcome.clone()));
                outcome
            }
        }
    }

    /// Tells every connection to come back later, and ends it.
    pub fn close(&self) {
        self.switchboard.end_all(&Ending::closing());
    }
}
