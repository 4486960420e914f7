//! The line in which passwords wait to be hashed. Hashing costs on purpose, so whoever floods it must stand in a line of
//! its own: networks take turns, whatever each has waiting, and who is known goes before strangers.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Who may wait: in all of a class, and of one network. Beyond it one is told to come back.
const WAITING_MOST: usize = 1_024;
const NETWORK_MOST: usize = 256;
/// So many of the known go before a stranger has a turn, and so many networks that have just come before one that has had one.
const IN_A_ROW: u32 = 3;

/// Who wants a password hashed.
#[derive(Clone, Copy, Debug)]
pub struct Applicant {
    network: IpAddr,
    known: bool,
}

impl Applicant {
    pub fn stranger(address: IpAddr) -> Self {
        Self { network: neighbourhood_of(address), known: false }
    }

    /// Somebody who is logged in, or has been from there.
    pub fn known(address: IpAddr) -> Self {
        Self { network: neighbourhood_of(address), known: true }
    }

    /// The house itself, which has time.
    pub fn house() -> Self {
        Self::stranger(Ipv4Addr::UNSPECIFIED.into())
    }

    /// The operator, at the machine itself.
    pub fn operator() -> Self {
        Self::known(Ipv4Addr::LOCALHOST.into())
    }
}

/// What shares a line: a /24, or the /48 that one customer of a provider may have.
fn neighbourhood_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(four) => Ipv4Addr::from_bits(four.to_bits() >> 8 << 8).into(),
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() >> 80 << 80).into(),
    }
}

/// The line. Clones are the same.
#[derive(Clone)]
pub struct Queue(Arc<Mutex<State>>);

struct State {
    free: usize,
    known: Lines,
    strangers: Lines,
    known_in_a_row: u32,
}

/// Those who wait, by their networks, and whose turn is next.
#[derive(Default)]
struct Lines {
    /// Networks of which nobody had a turn since they began to wait, and the others.
    fresh: VecDeque<IpAddr>,
    served: VecDeque<IpAddr>,
    fresh_in_a_row: u32,
    waiting: HashMap<IpAddr, VecDeque<oneshot::Sender<Place>>>,
    count: usize,
}

/// The right to hash now; the next one has it when this is dropped.
pub struct Place(Option<Queue>);

impl Queue {
    /// `at_once` is how many are hashed at the same time.
    pub fn new(at_once: usize) -> Self {
        let (known, strangers) = (Lines::default(), Lines::default());
        Self(Arc::new(Mutex::new(State { free: at_once.max(1), known, strangers, known_in_a_row: 0 })))
    }

    /// Waits for a place; none where too many wait already.
    pub async fn wait(&self, applicant: Applicant) -> Option<Place> {
        let turn = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Some(Place(Some(self.clone())));
            }
            let lines = if applicant.known { &mut state.known } else { &mut state.strangers };
            lines.join(applicant.network)?
        };
        turn.await.ok()
    }

    /// Gives a place that is free to whoever is next, or keeps it for who comes.
    fn release(&self) {
        while let Some(next) = self.next() {
            match next.send(Place(Some(self.clone()))) {
                Ok(()) => return,
                // Gone while waiting: the place is still to be given.
                Err(mut unwanted) => unwanted.0 = None,
            }
        }
    }

    fn next(&self) -> Option<oneshot::Sender<Place>> {
        let mut state = self.state();
        let next = state.next();
        if next.is_none() {
            state.free += 1;
        }
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Option<oneshot::Sender<Place>> {
        let known_first = self.known_in_a_row < IN_A_ROW || self.strangers.count == 0;
        if known_first && let Some(next) = self.known.next() {
            self.known_in_a_row += 1;
            return Some(next);
        }
        self.known_in_a_row = 0;
        self.strangers.next()
    }
}

impl Lines {
    fn join(&mut self, network: IpAddr) -> Option<oneshot::Receiver<Place>> {
        let line = self.waiting.entry(network).or_default();
        if self.count >= WAITING_MOST || line.len() >= NETWORK_MOST {
            return None;
        }
        let (turn, waits) = oneshot::channel();
        if line.is_empty() {
            self.fresh.push_back(network);
        }
        line.push_back(turn);
        self.count += 1;
        Some(waits)
    }

    fn next(&mut self) -> Option<oneshot::Sender<Place>> {
        let network = self.next_network()?;
        let line = self.waiting.get_mut(&network)?;
        let next = line.pop_front();
        self.count -= usize::from(next.is_some());
        if line.is_empty() {
            self.waiting.remove(&network);
        } else {
            self.served.push_back(network);
        }
        next
    }

    fn next_network(&mut self) -> Option<IpAddr> {
        let fresh_first = self.fresh_in_a_row < IN_A_ROW || self.served.is_empty();
        if fresh_first && let Some(fresh) = self.fresh.pop_front() {
            self.fresh_in_a_row += 1;
            return Some(fresh);
        }
        self.fresh_in_a_row = 0;
        self.served.pop_front().or_else(|| self.fresh.pop_front())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;
    use tokio::task::yield_now;

    fn at(address: &str) -> Applicant {
        Applicant::stranger(address.parse().unwrap())
    }

    /// Lets them wait in this order behind one who has the only place; in which order they have it then.
    async fn order_of(waiting: &[(&'static str, Applicant)]) -> Vec<&'static str> {
        let queue = Queue::new(1);
        let first = queue.wait(at("192.0.2.1")).await.unwrap();
        let (tell, mut told) = mpsc::unbounded_channel();
        for (name, applicant) in waiting.iter().copied() {
            let (queue, tell) = (queue.clone(), tell.clone());
            tokio::spawn(async move {
                let _place = queue.wait(applicant).await.unwrap();
                tell.send(name).unwrap();
            });
            yield_now().await;
        }
        drop((first, tell));
        let mut order = Vec::new();
        while let Some(name) = told.recv().await {
            order.push(name);
        }
        order
    }

    #[tokio::test]
    async fn a_network_that_floods_the_line_holds_up_nobody_but_itself() {
        let flood = at("2001:db8::1");
        let order = order_of(&[("f", flood), ("f", flood), ("f", flood), ("ada", at("198.51.100.1"))]).await;
        assert_eq!(order, ["f", "ada", "f", "f"]);
        // Another network of the same customer stands in the same line.
        let order = order_of(&[("f", flood), ("f", at("2001:db8:0:9::1")), ("ada", at("198.51.100.1"))]).await;
        assert_eq!(order, ["f", "ada", "f"]);
    }

    #[tokio::test]
    async fn who_is_known_goes_first_and_strangers_are_not_forgotten() {
        let known = |address: &str| Applicant::known(address.parse().unwrap());
        let mut waiting = vec![("stranger", at("203.0.113.1")); 2];
        waiting.extend(vec![("known", known("198.51.100.1")); 4]);
        let order = order_of(&waiting).await;
        assert_eq!(order, ["known", "known", "known", "stranger", "known", "stranger"]);
    }

    #[tokio::test]
    async fn a_place_given_to_who_has_gone_is_given_on() {
        let queue = Queue::new(1);
        let first = queue.wait(at("192.0.2.1")).await.unwrap();
        let gone = tokio::spawn({
            let queue = queue.clone();
            async move { queue.wait(at("192.0.2.2")).await.is_some() }
        });
        yield_now().await;
        gone.abort();
        assert!(gone.await.is_err());
        drop(first);
        assert!(queue.wait(at("192.0.2.3")).await.is_some());
    }

    #[tokio::test]
    async fn too_many_of_one_network_are_sent_away_and_others_are_not() {
        let queue = Queue::new(1);
        let _first = queue.wait(at("192.0.2.1")).await.unwrap();
        let mut waiting = Vec::new();
        for _ in 0..NETWORK_MOST {
            waiting.push(queue.state().strangers.join(at("203.0.113.1").network).unwrap());
        }
        assert!(queue.wait(at("203.0.113.1")).await.is_none());
        assert!(queue.state().strangers.join(at("198.51.100.1").network).is_some());
    }
}
