//! The hall: everything is decided here, and only here. Who may do what, what happened, who is told.
//!
//! Doors come in by [`Hub::register`], [`Hub::login`] or [`Hub::authenticate`], and then act through a [`Session`]: one
//! method a command, the same for every door. The hub knows no door, no framework, no database and no wire format. What it
//! does to the house is a verb of the store; what became of that comes back by the one stream of commits, which
//! [`stream`] follows: nothing is remembered, told or ended by hand.

mod accounts;
mod admin;
mod decision;
mod ending;
mod entering;
mod export;
mod files;
mod limits;
mod messages;
mod moderation;
mod operator;
mod passwords;
mod people;
pub mod policy;
mod relations;
mod repository;
mod reset;
mod rooms;
mod session;
mod sessions;
mod standing;
mod stream;
pub mod switchboard;
mod view;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use titan_core::protocol::{Fault, FaultCode};
use tokio::sync::{Mutex, OnceCell, Semaphore};

pub use accounts::ProfileChange;
pub use admin::AccountEdit;
pub use entering::{Login, Registration, Secret};
pub use export::Export;
pub use limits::Limits;
pub use messages::Post;
pub use operator::{Operator, Which};
pub use passwords::{Passwords, PreHash};
pub use repository::{AppUpload, Particulars};
pub use reset::{Letter, Mailer};
pub use rooms::{RoomEdit, RoomWish};
pub use session::{Attachment, Session};
pub use stream::Follower;

/// Records that doors hand in or are handed.
pub use crate::store::{AccountKey, AccountRecord, AppFilter, AppRecord, FileRecord, NewFile, Range};

use titan_disk::admin_key;
use titan_store as store;

use crate::admin_key::AdminKey;
use crate::store::{Store, StoreError};
use crate::switchboard::{Ending, Switchboard};

pub use titan_core::GENERAL;

pub type Outcome<T> = Result<T, Fault>;

/// The hall with all it needs; shared by every door.
pub struct Hub {
    store: Arc<dyn Store>,
    switchboard: Switchboard,
    passwords: Passwords,
    limits: Limits,
    admin_key: AdminKey,
    sessions: Arc<sessions::Sessions>,
    standings: Arc<standing::Standings>,
    mailer: Arc<dyn Mailer>,
    /// Places of letters being written.
    letters: Arc<Semaphore>,
    /// How the last probe of the store went.
    probed: Mutex<Option<(Instant, Outcome<()>)>>,
    /// The house's epoch, once somebody asked for it. It changes only while nobody serves the house.
    epoch: OnceCell<String>,
}

/// How old the answer to a probe may be: asking all the time must not mean writing all the time.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// Somebody at a door, before and after they say who they are.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The door's name, such as `native`; sessions remember it.
    pub door: &'static str,
    pub address: IpAddr,
}

impl Hub {
    pub fn new(
        store: Arc<dyn Store>,
        switchboard: Switchboard,
        passwords: Passwords,
        limits: Limits,
        admin_key: AdminKey,
        mailer: Arc<dyn Mailer>,
    ) -> Arc<Self> {
        let sessions = Arc::new(sessions::Sessions::new(store.clone()));
        let standings = Arc::default();
        let letters = Arc::new(Semaphore::new(reset::LETTERS_AT_ONCE));
        let (probed, epoch) = (Mutex::default(), OnceCell::new());
        Arc::new(Self {
            store,
            switchboard,
            passwords,
            limits,
            admin_key,
            sessions,
            standings,
            mailer,
            letters,
            probed,
            epoch,
        })
    }

    pub fn switchboard(&self) -> &Switchboard {
        &self.switchboard
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether what is written now reaches the disk and whoever follows it: by having it done, once a second at most.
    pub async fn probe(&self) -> Outcome<()> {
        let mut probed = self.probed.lock().await;
        match &*probed {
            Some((at, outcome)) if at.elapsed() < PROBE_EVERY => outcome.clone(),
            _ => {
                let outcome = self.store.probe().await.map_err(from_store);
                *probed = Some((Instant::now(), outcome.clone()));
                outcome
            }
        }
    }

    /// Tells every connection to come back later, and ends it.
    pub fn close(&self) {
        self.switchboard.end_all(&Ending::closing());
    }
}

/// What a person is told when the store could not do its work.
fn from_store(error: StoreError) -> Fault {
    match error {
        StoreError::Taken(what) => {
            Fault::new(FaultCode::NameTaken, format!("That {} is taken.", what.replace('_', " ")))
        }
        StoreError::NotFound => Fault::not_found("There is no such thing (any more)."),
        StoreError::Stale | StoreError::Conflict => {
            Fault::new(FaultCode::Conflict, "It has changed since you looked: look again.")
        }
        StoreError::Unavailable(why) => {
            tracing::error!(%why, "the store can't write");
            let said = "The server can't write to its disk just now. Nothing was kept: try again soon.";
            Fault::new(FaultCode::Unavailable, said).retry_after(std::time::Duration::from_secs(1))
        }
        StoreError::Ended(why) => {
            tracing::error!(%why, "the store has ended");
            Fault::new(FaultCode::Unavailable, "The server ends, and can't say whether that was kept: look again soon.")
        }
        StoreError::Broken(why) => {
            tracing::error!(%why, "the store failed");
            Fault::new(FaultCode::Internal, "The server failed at that; its log says why.")
        }
    }
}
