//! Thousands of small lives of a house, each from a seed: hub, stream of commits, switchboard and the real verbs over a
//! database in memory, on one thread without sockets and sleeping. What happens when, and who is cut off where, is the
//! seed's to say, so a life that went wrong is lived again by it.
//!
//! Time is the seed's as well: hub and store are given a clock that goes on, jumps and is set back, so that mutes, bans and
//! sessions run out while things are done. Every commit is judged by what the clock shows then.
//!
//! There are no lives on PostgreSQL here: that store has a thread of its own and sockets to a server that has more, and what
//! those do when is no seed's to say. It runs the same verbs, and `store_contract` and `races` hold it to them.

mod chance;
mod clock;
mod connection;
mod deeds;
mod ear;
mod ends;
mod executor;
mod judge;
mod life;
mod people;
mod planted;
mod truth;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use life::live;
use world::Planted;

/// Lives of one run; TITAN_SEEDS asks for more.
const SEEDS: u64 = 2_000;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|number| number.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// What went wrong in a life, panics included.
fn wrongs(seed: u64, planted: Planted) -> Vec<String> {
    std::panic::catch_unwind(|| live(seed, planted).0).unwrap_or_else(|_| vec!["it panicked".to_owned()])
}

#[test]
fn whatever_happens_when_the_promises_are_kept() {
    if let Some(seed) = asked("TITAN_SEED") {
        let (wrongs, trace) = live(seed, Planted::Nothing);
        trace.iter().for_each(|commit| println!("{commit}"));
        assert!(wrongs.is_empty(), "seed {seed}: {wrongs:#?}");
        return;
    }
    let (next, most) = (AtomicU64::new(0), asked("TITAN_SEEDS").unwrap_or(SEEDS));
    let first_wrong = || {
        std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed))
            .take_while(|seed| *seed < most)
            .map(|seed| (seed, wrongs(seed, Planted::Nothing)))
            .find(|(_, wrongs)| !wrongs.is_empty())
    };
    let at_once = std::thread::available_parallelism().map_or(2, usize::from);
    let found = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(first_wrong)).collect();
        threads.into_iter().find_map(|thread| thread.join().unwrap())
    });
    if let Some((seed, wrongs)) = found {
        panic!(
            "seed {seed}: {wrongs:#?}\nagain: TITAN_SEED={seed} cargo nextest run -p titan-server --test all simulation::"
        );
    }
}
