//! Who is in the house, at all its doors: how many, how many of each network, and who has said nothing yet.
//!
//! A connection costs a file descriptor, and the house has so many. Some stay in reserve, so that a newcomer can be told, and
//! so that the store and uploads go on. When all others are taken, whoever has been silent for longest makes room.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

use titan_hub::network::counted_as;

/// Connections that a network may hold at a door; fewer in a small house, of which it may never have more than a quarter.
const A_NETWORK: usize = 1_024;
/// Newcomers who are told that they can't stay, at once; more are not heard.
const TURNED_AWAY_AT_ONCE: usize = 32;
/// Silent ones that were asked to go and haven't yet, beside those who may be in.
const GOING_MOST: usize = 32;

/// All connections of a house. Clones are the same.
#[derive(Clone)]
pub struct Crowd {
    most: usize,
    state: Arc<Mutex<State>>,
    telling: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    inside: usize,
    networks: HashMap<(&'static str, IpAddr), usize>,
    /// Who has said nothing yet, or nothing lately, the longest silent first.
    silent: BTreeMap<u64, CancellationToken>,
    /// Numbers for them.
    next: u64,
}

/// Why somebody can't come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    House,
    Network,
}

impl Full {
    pub fn words(self) -> &'static str {
        match self {
            Self::House => "The server has as many connections as it can hold: try again soon.",
            Self::Network => "Too many connections come from your network: close some, or try again soon.",
        }
    }
}

/// A connection's place in the house, given back when this is dropped.
pub struct Place {
    crowd: Crowd,
    /// Where it is counted; the connections of a trusted proxy are not.
    counted: Option<Counted>,
    /// Cancelled when it must make room.
    leaves: CancellationToken,
    /// Its number among the silent; [`SPEAKING`] while it is none.
    silent: AtomicU64,
}

const SPEAKING: u64 = u64::MAX;

/// A connection's stay in the house. It holds its place, and closing waits for it, until the last clone is dropped: who takes
/// a request's connection over (a WebSocket) takes this along from the request's extensions.
#[derive(Clone)]
pub struct Stay {
    place: Arc<(Place, TaskTrackerToken)>,
    /// Where a proxy's connection is somebody else's for now.
    _counted: Option<Arc<Counted>>,
}

impl Stay {
    pub fn new(place: Place, closing: TaskTrackerToken) -> Self {
        Self { place: Arc::new((place, closing)), _counted: None }
    }

    /// It has said something, and makes room for nobody any more.
    pub fn speaks(&self) {
        self.place.0.speaks();
    }

    /// It may have nothing more to say.
    pub fn rests(&self) {
        self.place.0.rests();
    }

    /// Waits until it must make room for others.
    pub async fn must_leave(&self) {
        self.place.0.leaves.cancelled().await;
    }

    /// The same for a visitor who comes through it, if their network may have another.
    pub fn of_visitor(&self, door: &'static str, visitor: IpAddr) -> Result<Self, Full> {
        let counted = self.place.0.count(door, visitor)?;
        Ok(Self { place: self.place.clone(), _counted: counted.map(Arc::new) })
    }
}

/// One of a network's connections at a door.
pub struct Counted {
    crowd: Crowd,
    key: (&'static str, IpAddr),
}

impl Crowd {
    /// So many connections at most, besides a few that are on their way out.
    pub fn new(most: usize) -> Self {
        let telling = Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE));
        Self { most, state: Arc::default(), telling }
    }

    /// Lets somebody in at a door. `counted` is whose connection it is, where networks are bounded.
    pub fn enter(&self, door: &'static str, counted: Option<IpAddr>) -> Result<Place, Full> {
        let counted = counted.map(|address| self.count(door, address)).transpose()?;
        let mut state = self.state();
        if state.inside >= self.most + GOING_MOST {
            return Err(Full::House);
        }
        if state.inside >= self.most {
            let (_, oldest) = state.silent.pop_first().ok_or(Full::House)?;
            oldest.cancel();
        }
        state.inside += 1;
        let leaves = CancellationToken::new();
        let silent = AtomicU64::new(state.falls_silent(&leaves));
        drop(state);
        Ok(Place { crowd: self.clone(), counted, leaves, silent })
    }

    /// Whether some are on their way out.
    pub fn makes_room(&self) -> bool {
        self.state().inside > self.most
    }

    /// Counts one more for a network, if it may have more.
    pub fn count(&self, door: &'static str, address: IpAddr) -> Result<Counted, Full> {
        let key = (door, counted_as(address));
        let mut state = self.state();
        let held = state.networks.entry(key).or_default();
        if *held >= A_NETWORK.min(self.most.div_ceil(4)) {
            return Err(Full::Network);
        }
        *held += 1;
        Ok(Counted { crowd: self.clone(), key })
    }

    /// The right to tell a newcomer why not; none where too many are being told.
    pub fn telling(&self) -> Option<OwnedSemaphorePermit> {
        self.telling.clone().try_acquire_owned().ok()
    }

    /// Has the one who has been silent for longest go: the system gives no more descriptors.
    pub fn make_room(&self) {
        if let Some((_, oldest)) = self.state().silent.pop_first() {
            oldest.cancel();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn falls_silent(&mut self, leaves: &CancellationToken) -> u64 {
        let number = self.next;
        self.next += 1;
        self.silent.insert(number, leaves.clone());
        number
    }
}

impl Place {
    /// It has said something: nobody takes its place from now on.
    pub fn speaks(&self) {
        let number = self.silent.swap(SPEAKING, Ordering::Relaxed);
        if number != SPEAKING {
            self.crowd.state().silent.remove(&number);
        }
    }

    /// It has been answered and may have nothing more to say.
    pub fn rests(&self) {
        let mut state = self.crowd.state();
        let number = state.falls_silent(&self.leaves);
        let before = self.silent.swap(number, Ordering::Relaxed);
        state.silent.remove(&before);
    }

    /// Where somebody else is behind it, who is to be counted: the right to, or why not.
    pub fn count(&self, door: &'static str, visitor: IpAddr) -> Result<Option<Counted>, Full> {
        if self.counted.is_some() {
            return Ok(None);
        }
        self.crowd.count(door, visitor).map(Some)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.crowd.state();
        state.inside -= 1;
        state.silent.remove(self.silent.get_mut());
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut state = self.crowd.state();
        if let Some(held) = state.networks.get_mut(&self.key) {
            *held -= 1;
            if *held == 0 {
                state.networks.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    #[test]
    fn in_a_full_house_the_longest_silent_makes_room_and_who_speaks_stays() {
        let crowd = Crowd::new(3);
        let [speaks, first, second] = [(); 3].map(|()| crowd.enter("http", None).unwrap());
        speaks.speaks();
        let newcomer = crowd.enter("http", None).unwrap();
        assert!(first.leaves.is_cancelled() && !second.leaves.is_cancelled() && !speaks.leaves.is_cancelled());
        drop(first);
        second.speaks();
        newcomer.speaks();
        assert_eq!(crowd.enter("http", None).err(), Some(Full::House));
        second.rests();
        assert!(crowd.enter("http", None).is_ok() && second.leaves.is_cancelled());
    }

    #[test]
    fn a_network_has_its_share_at_each_door_and_gives_it_back() {
        let crowd = Crowd::new(8);
        let held = [(); 2].map(|()| crowd.enter("http", at("2001:db8::1")).unwrap());
        assert_eq!(crowd.enter("http", at("2001:db8::2")).err(), Some(Full::Network));
        assert!(crowd.enter("slash", at("2001:db8::2")).is_ok() && crowd.enter("http", at("192.0.2.1")).is_ok());
        drop(held);
        assert!(crowd.enter("http", at("2001:db8::2")).is_ok());
        assert!(crowd.state().networks.is_empty());
    }

    #[test]
    fn who_comes_through_a_proxy_is_counted_once_it_is_known_who() {
        let crowd = Crowd::new(4);
        let proxied = [(); 2].map(|()| crowd.enter("http", None).unwrap());
        let visitor = "203.0.113.9".parse().unwrap();
        let _one = proxied[0].count("http", visitor).unwrap().unwrap();
        assert_eq!(proxied[1].count("http", visitor).err(), Some(Full::Network));
        let direct = crowd.enter("http", at("198.51.100.1")).unwrap();
        assert!(direct.count("http", visitor).unwrap().is_none(), "it is counted already");
    }
}
