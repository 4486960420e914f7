//! What the store does, written once for every database over the small transaction of [`super::tx`].
//!
//! A file a family, upon the rows that several read ([`account_rows`], [`room_rows`]). Looks take whoever can be asked;
//! verbs take a transaction, look again at what they must not assume, write their rows, and tell their
//! [`Change`](super::Change)s. Nothing here knows which database it talks to.

pub mod account_rows;
pub mod accounts;
pub mod addresses;
pub mod alike;
pub mod audit;
pub mod credentials;
pub mod directs;
pub mod ending;
pub mod erasing;
pub mod factors;
pub mod files;
pub mod former_names;
pub mod grounds;
pub mod history;
pub mod keeping;
pub mod log;
pub mod marks;
pub mod memberships;
pub mod moderation;
pub mod owners;
pub mod reactions;
pub mod relations;
pub mod repository;
pub mod room_rows;
pub mod rooms;
pub mod sanctions;
pub mod search;
pub mod sessions;
pub mod sums;
pub mod upkeep;
pub mod words;

use super::tx::Tx;
use super::{Change, StoreResult, Warrant};

/// Writes the line of the audit log that goes with what this transaction did, and tells what the server's log says of it.
pub(super) async fn note(tx: &mut dyn Tx, warrant: &Warrant) -> StoreResult<()> {
    tell_deeds(tx, warrant);
    match &warrant.audit {
        Some(act) => audit::record(tx, act, warrant.deeds.first()).await,
        None => Ok(()),
    }
}

/// Brings what a release before wrote under today's rules: the keys of names, the chain of the audit log. Cheap where that was done.
pub async fn renew(tx: &mut dyn Tx) -> StoreResult<()> {
    alike::renew(tx).await?;
    audit::chain(tx).await
}

fn tell_deeds(tx: &mut dyn Tx, warrant: &Warrant) {
    for deed in &warrant.deeds {
        tx.tell(Change::Done(Box::new(deed.clone())));
    }
}
