//! The hall: everything is decided here, and only here. Who may do what, what happened, who is told.
//!
//! Doors come in by [`Hub::register`], [`Hub::login`] or [`Hub::authenticate`], and then act through a [`Session`]: one
//! method a command, the same for every door. The hub knows no door, no framework, no database and no wire format. What it
//! does to the house is a verb of the store; what became of that comes back by the one stream of commits, which
//! [`stream`] follows: nothing is remembered, told or ended by hand.
//!
//! Modules stand upon each other one way: at the bottom what is answered ([`Outcome`]), then the parts of the hall (policy,
//! standings, sessions, passwords, limits, the log's journal), the [`Hub`] that has them, the [`Session`], and on top what people do through it.

mod accounts;
mod acquaintance;
mod admin;
mod app_passwords;
mod asking;
mod confirmations;
mod confirming;
mod decision;
mod ending;
mod entering;
mod erasures;
mod expiring;
mod export;
mod factors;
mod files;
mod guessing;
mod hub;
pub mod journal;
mod keeping;
mod letter;
mod limits;
mod listing;
mod mailing;
mod messages;
mod moderation;
pub mod network;
mod operator;
mod outcome;
mod particulars;
mod passwords;
mod patience;
mod people;
pub mod policy;
mod relations;
mod repository;
mod reset;
mod rooms;
mod rules;
mod safekeeping;
mod searching;
mod second_factor;
mod session;
mod sessions;
mod shares;
mod standing;
mod stream;
pub mod switchboard;
mod tally;
mod tokens;
mod turns;
mod view;
mod visitor;

pub use accounts::ProfileChange;
pub use admin::AccountEdit;
pub use app_passwords::AppPasswordWish;
pub use asking::Beside;
pub use entering::{Login, NewPassword, Registration};
pub use erasures::{Erased, Erasures};
pub use export::Export;
pub use hub::Hub;
pub use letter::{Letter, Mailer, Turn};
pub use limits::Limits;
pub use listing::{LISTED_MOST, Listed};
pub use messages::Post;
pub use operator::{Operator, Which};
pub use outcome::Outcome;
pub use passwords::{Demand, Passwords, Pepper, Peppers, PreHash, safely};
pub use repository::{AppUpload, Particulars};
pub use rooms::{RoomEdit, RoomWish};
pub use rules::{Rules, SessionTerms, Terms};
pub use session::{Attachment, Session};
pub use stream::Follower;
pub use tally::{Asker, Tally};
pub use visitor::Visitor;

/// Records that doors hand in or are handed.
pub use crate::store::{AccountKey, AccountRecord, AppFilter, AppRecord, FileRecord, NewFile, Page, Range};

use outcome::from_store;
use titan_disk::admin_key;
use titan_store as store;

pub use titan_core::GENERAL;
