//! What a store does so that damage is found: it says which house it is and how far it has got, gives rows their sums, and
//! keeps its log short.

use async_trait::async_trait;

use super::StoreResult;

/// What a database says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Made with the database and anew by a restore; empty in one of before.
    pub epoch: String,
    /// The number of its last commit.
    pub turn: i64,
    /// What the pepper is known by; empty until one was remembered.
    pub pepper: String,
    /// Whether there are passwords that can't be checked without it.
    pub peppered: bool,
}

/// A memory that is on no disk has nothing to say to any of it.
#[async_trait]
pub trait Soundness: Send + Sync + 'static {
    async fn identity(&self) -> StoreResult<Identity> {
        Ok(Identity::default())
    }

    /// Keeps what the pepper of the passwords here is known by.
    async fn remember_pepper(&self, _known_by: String) -> StoreResult<()> {
        Ok(())
    }

    /// Gives up to `limit` rows of before their sums; how many there were.
    async fn sum_rows(&self, _limit: u32) -> StoreResult<u32> {
        Ok(0)
    }

    /// Moves what the log holds to where it stays, as far as nobody reads it: so that little is in one place only.
    async fn checkpoint(&self) -> StoreResult<()> {
        Ok(())
    }
}
