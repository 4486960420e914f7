//! Whose turn it is to search: one search of an account at a time, so that nobody's searches keep those of others waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use titan_core::AccountId;
use titan_core::protocol::Fault;
use tokio::sync::OwnedMutexGuard;

use super::outcome::Outcome;

/// Searches of one account that may wait for the one that runs; a person waits for one or two.
const WAITING_MOST: usize = 16;

/// The searches that run, by accounts.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Waits until no other search of this account runs; while what it gives is kept, none does.
    pub(super) async fn take(&self, account: AccountId) -> Outcome<OwnedMutexGuard<()>> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(account).or_default().clone()
        };
        // The table's own, this one, and those who wait or run.
        if Arc::strong_count(&turn) > WAITING_MOST + 2 {
            return Err(Fault::rate_limited(Duration::from_secs(1)));
        }
        Ok(turn.lock_owned().await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_account_searches_once_at_a_time_and_others_beside_it() {
        let turns = Turns::default();
        let first = turns.take(AccountId(1)).await.unwrap();
        let mut second = Box::pin(turns.take(AccountId(1)));
        assert!(still_waits(second.as_mut()), "the second search of an account waits");
        drop(turns.take(AccountId(2)).await.unwrap());
        drop(first);
        drop(second.await.unwrap());
        turns.take(AccountId(3)).await.unwrap();
        assert_eq!(turns.0.lock().unwrap().len(), 1, "who doesn't search is forgotten");
    }

    #[tokio::test]
    async fn who_searches_all_the_time_is_told_to_wait() {
        let turns = Turns::default();
        let _first = turns.take(AccountId(1)).await.unwrap();
        let mut waiting: Vec<_> = (0..WAITING_MOST).map(|_| Box::pin(turns.take(AccountId(1)))).collect();
        assert!(waiting.iter_mut().all(|wait| still_waits(wait.as_mut())));
        assert!(turns.take(AccountId(1)).await.is_err());
        turns.take(AccountId(2)).await.unwrap();
    }

    /// Whether something still waits when it is asked once.
    fn still_waits<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        future.poll(&mut context).is_pending()
    }
}
