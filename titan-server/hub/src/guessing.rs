//! How often strangers may try the password of one account, wherever they come from. Beyond it they are slowed down, a
//! network at a time, and never shut out for good: its owner may be one of them.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::patience::{self, Moment};

/// Tries at once, and the time that brings another.
const TRIES: u32 = 100;
const EACH: Duration = Duration::from_millis(500);
/// Who would have to wait longer is told to come back.
const WAITING_MOST: Duration = Duration::from_secs(10);

/// Clones are the same.
#[derive(Clone, Default)]
pub struct Guessing(Arc<Mutex<HashMap<String, Tries>>>);

struct Tries {
    /// When all tries would be free again.
    free_at: Moment,
    /// Networks that wait, each for one.
    waiting: HashSet<IpAddr>,
}

/// A turn at an account: after `wait`. The network may wait for another when this is dropped.
pub struct Turn {
    pub wait: Duration,
    place: Option<(Guessing, String, IpAddr)>,
}

impl Guessing {
    /// A turn, or how long until there is one.
    pub fn turn(&self, name: &str, network: IpAddr) -> Result<Turn, Duration> {
        let (now, mut all) = (patience::now(), self.all());
        let tries = all.entry(name.to_owned()).or_insert_with(|| Tries { free_at: now, waiting: HashSet::default() });
        let free_at = tries.free_at.max(now) + EACH;
        let wait = (free_at - now).saturating_sub(EACH * TRIES);
        let waits = !wait.is_zero();
        if wait > WAITING_MOST || waits && !tries.waiting.insert(network) {
            return Err(wait);
        }
        tries.free_at = free_at;
        Ok(Turn { wait, place: waits.then(|| (self.clone(), name.to_owned(), network)) })
    }

    /// Forgets accounts that nobody tries any more.
    pub fn forget_idle(&self) {
        let now = patience::now();
        self.all().retain(|_, tries| tries.free_at > now || !tries.waiting.is_empty());
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Tries>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some((guessing, name, network)) = self.place.take() else { return };
        if let Some(tries) = guessing.all().get_mut(&name) {
            tries.waiting.remove(&network);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0xC600_0000 + number).into()
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_are_slowed_down_at_one_account_and_nobody_is_at_another() {
        let guessing = Guessing::default();
        for number in 0..TRIES {
            assert!(guessing.turn("ada", network(number)).unwrap().wait.is_zero());
        }
        let waiting: Vec<_> = (0..40).map_while(|number| guessing.turn("ada", network(number)).ok()).collect();
        assert_eq!(waiting.len(), 20);
        assert!(waiting.iter().all(|turn| !turn.wait.is_zero() && turn.wait <= WAITING_MOST));
        assert!(guessing.turn("bob", network(1)).unwrap().wait.is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_waits_for_one_turn_at_a_time_and_leaves_the_others_to_the_owner() {
        let guessing = Guessing::default();
        (0..TRIES).for_each(|_| drop(guessing.turn("ada", network(1)).unwrap()));
        let _flood = guessing.turn("ada", network(1)).unwrap();
        assert!((0..100).all(|_| guessing.turn("ada", network(1)).is_err()));
        let owner = guessing.turn("ada", network(2)).unwrap();
        assert!(owner.wait <= Duration::from_secs(1));
        tokio::time::advance(EACH * TRIES * 2).await;
        drop((owner, _flood));
        guessing.forget_idle();
        assert!(guessing.all().is_empty());
    }
}
