//! The memories of the house in a database: [`sqlite`] and [`postgres`], each with its migrations.
//!
//! What puts the house together opens one; everybody else knows it by the traits of `titan_store`. A database's library and SQL
//! for the house's tables stand here and nowhere else in the server.

mod credentials;
pub mod engine;
pub mod import;
mod ledger;
pub mod mark;
mod obituary;
#[doc(hidden)]
pub mod parsers;
pub mod postgres;
mod sql;
pub mod sqlite;
pub mod sum;
mod telling;
mod tending;
mod tx;
mod verbs;

use titan_store::*;
