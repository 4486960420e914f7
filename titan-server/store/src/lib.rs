//! The memory of the house: what happened is true once it is written here.
//!
//! The hub is the only caller. Every verb that changes something is one transaction: it looks again at the grounds of its
//! [`Warrant`], does the deed, and writes the audit log's line of it. What it wrote and changed goes to the [`Committed`]
//! stream in the order of commits, whether or not the caller still waits; the caller is answered when whoever follows that
//! stream has let go of the commit, and it is on disk (fsync) by then. A store decides nothing: who may do what is the
//! hub's to say. `titan-sql` keeps it, in SQLite or PostgreSQL, both proved by the same contract tests.
//!
//! From the bottom up: errors and records; what goes in, on what grounds it is done and what it changes; the traits.

mod audit;
mod body;
pub mod change;
pub mod clock;
pub mod draft;
pub mod erasure;
mod error;
pub mod failure;
pub mod moving;
pub mod names;
pub mod network;
#[doc(hidden)]
pub mod parsers;
pub mod record;
pub mod soundness;
mod traits;
mod warrant;

pub use audit::*;
pub use body::*;
pub use change::*;
pub use clock::{Clock, MachineClock};
pub use draft::*;
pub use erasure::Erasure;
pub use error::*;
pub use record::*;
pub use soundness::Soundness;
pub use traits::*;
pub use warrant::*;
