//! From where people have come in before. Strangers who try an account's password are slowed down; who comes from where its
//! owner came from is not, so that no stranger can lock one out. Held in memory only: every token that is used again after a
//! restart makes its owner known anew.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::network::counted_as;

/// Accounts that are remembered; beyond it some are forgotten.
const ACCOUNTS_MOST: usize = 100_000;
/// Networks that are remembered of an account, the last ones.
const NETWORKS_MOST: usize = 16;

#[derive(Default)]
pub struct Acquaintances(Mutex<HashMap<String, VecDeque<IpAddr>>>);

/// What a name is counted by, however it is spelt.
pub fn name_key(username: &str) -> String {
    titan_core::text::look_alike(username.trim())
}

impl Acquaintances {
    /// Somebody has come in.
    pub fn came_in(&self, username: &str, address: IpAddr) {
        let (key, network) = (name_key(username), counted_as(address));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ACCOUNTS_MOST
            && !all.contains_key(&key)
            && let Some(some) = all.keys().next().cloned()
        {
            all.remove(&some);
        }
        let networks = all.entry(key).or_default();
        if networks.front() != Some(&network) {
            networks.retain(|known| *known != network);
            networks.push_front(network);
            networks.truncate(NETWORKS_MOST);
        }
    }

    /// Whether they came from there before.
    pub fn know(&self, username: &str, address: IpAddr) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&name_key(username)).is_some_and(|networks| networks.contains(&counted_as(address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_in_is_known_from_there_and_from_nowhere_else() {
        let (known, at) = (Acquaintances::default(), |address: &str| address.parse().unwrap());
        known.came_in("Ada", at("2001:db8::1"));
        assert!(known.know(" ada", at("2001:db8::2")));
        assert!(!known.know("ada", at("2001:db8:0:1::1")) && !known.know("bob", at("2001:db8::1")));
        for number in 1..=NETWORKS_MOST {
            known.came_in("ada", at(&format!("192.0.2.{number}")));
        }
        assert!(!known.know("ada", at("2001:db8::1")) && known.know("ada", at("192.0.2.1")));
    }
}
