//! Counts what was said and what arrived. A message carries a mark: its room, its number there, and when it was meant to
//! be said; so every listener knows what it has heard, how late, and whether twice.

use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Serialize;

/// Begins every message; `~` stands in no JSON key and is never escaped.
const MARK: &str = "~load~";

pub struct Tally {
    start: Instant,
    /// Tells this run's messages from an earlier one's.
    run: u32,
    rooms: Vec<Room>,
    errors: AtomicU64,
    listeners: Mutex<Vec<(usize, std::sync::Arc<Mutex<Heard>>)>>,
}

#[derive(Default)]
struct Room {
    numbers: AtomicU64,
    /// The numbers that the server acknowledged.
    posted: Mutex<Bits>,
}

/// What one listener heard.
#[derive(Default)]
pub struct Heard {
    room: usize,
    numbers: Bits,
    pub deliveries: u64,
    doubled: u64,
    latencies: Histogram,
}

/// One message's mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    run: u32,
    room: usize,
    number: u64,
    /// Microseconds since the start.
    at: u64,
}

impl Tally {
    pub fn new(rooms: usize) -> Self {
        let rooms = (0..rooms).map(|_| Room::default()).collect();
        let (errors, listeners) = (AtomicU64::new(0), Mutex::default());
        Self { start: Instant::now(), run: std::process::id(), rooms, errors, listeners }
    }

    /// A new listener of this room.
    pub fn listener(&self, room: usize) -> std::sync::Arc<Mutex<Heard>> {
        let heard = std::sync::Arc::new(Mutex::new(Heard { room, ..Heard::default() }));
        self.listeners.lock().unwrap().push((room, heard.clone()));
        heard
    }

    /// The next message of a room, meant to be said at `due`.
    pub fn next_message(&self, room: usize, due: Instant, size: usize) -> (u64, String) {
        let number = self.rooms[room].numbers.fetch_add(1, Ordering::Relaxed);
        let at = due.saturating_duration_since(self.start).as_micros();
        let mut text = format!("{MARK}{}~{room}~{number}~{at}~", self.run);
        while text.len() < size {
            text.push('.');
        }
        (number, text)
    }

    pub fn was_posted(&self, room: usize, number: u64) {
        self.rooms[room].posted.lock().unwrap().set(number);
    }

    pub fn failed(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    /// A listener heard a text or a whole frame with a mark in it.
    pub fn hear(&self, heard: &Mutex<Heard>, text: &str) {
        let Some(mark) = Mark::find(text).filter(|mark| mark.run == self.run) else { return };
        let now = self.start.elapsed().as_micros() as u64;
        let mut heard = heard.lock().unwrap();
        if mark.room != heard.room {
            return;
        }
        heard.deliveries += 1;
        heard.latencies.add(now.saturating_sub(mark.at));
        if !heard.numbers.set(mark.number) {
            heard.doubled += 1;
        }
    }

    pub fn posted(&self) -> u64 {
        self.rooms.iter().map(|room| room.posted.lock().unwrap().count()).sum()
    }

    pub fn lost(&self) -> u64 {
        let listeners = self.listeners.lock().unwrap();
        let lost = |(room, heard): &(usize, std::sync::Arc<Mutex<Heard>>)| {
            self.rooms[*room].posted.lock().unwrap().missing_in(&heard.lock().unwrap().numbers)
        };
        listeners.iter().map(lost).sum()
    }

    pub fn report(&self, time: Duration) -> Report {
        let mut latencies = Histogram::default();
        let (mut deliveries, mut doubled) = (0, 0);
        for (_, heard) in self.listeners.lock().unwrap().iter() {
            let heard = heard.lock().unwrap();
            latencies.join(&heard.latencies);
            deliveries += heard.deliveries;
            doubled += heard.doubled;
        }
        Report {
            messages_a_second: self.posted() as f64 / time.as_secs_f64(),
            deliveries,
            deliveries_a_second: deliveries as f64 / time.as_secs_f64(),
            p50_ms: latencies.at(0.5),
            p99_ms: latencies.at(0.99),
            p999_ms: latencies.at(0.999),
            errors: self.errors.load(Ordering::Relaxed),
            lost: self.lost(),
            doubled,
        }
    }
}

impl Mark {
    fn find(text: &str) -> Option<Self> {
        let mut parts = text[text.find(MARK)? + MARK.len()..].split('~');
        let run = parts.next()?.parse().ok()?;
        let room = parts.next()?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        let at = parts.next()?.parse().ok()?;
        Some(Self { run, room, number, at })
    }
}

#[derive(Serialize)]
pub struct Report {
    messages_a_second: f64,
    pub deliveries: u64,
    deliveries_a_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    p999_ms: f64,
    errors: u64,
    pub lost: u64,
    pub doubled: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "messages          {:.0} a second", self.messages_a_second)?;
        writeln!(f, "deliveries        {:.0} a second, {} in all", self.deliveries_a_second, self.deliveries)?;
        writeln!(
            f,
            "latency           p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms",
            self.p50_ms, self.p99_ms, self.p999_ms
        )?;
        write!(f, "errors            {}; lost {}, doubled {}", self.errors, self.lost, self.doubled)
    }
}

/// A growing set of small numbers.
#[derive(Default)]
struct Bits(Vec<u64>);

impl Bits {
    /// Whether it wasn't in there yet.
    fn set(&mut self, number: u64) -> bool {
        let (word, bit) = (number as usize / 64, 1 << (number % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    fn missing_in(&self, other: &Bits) -> u64 {
        let missing = |(index, word): (usize, &u64)| word & !other.0.get(index).copied().unwrap_or(0);
        self.0.iter().enumerate().map(|pair| u64::from(missing(pair).count_ones())).sum()
    }
}

/// Microseconds in buckets no wider than 1/32 of their value.
#[derive(Default)]
struct Histogram(Vec<u64>);

const STEPS: u64 = 32;

impl Histogram {
    fn add(&mut self, micros: u64) {
        let bucket = Self::bucket(micros);
        if self.0.len() <= bucket {
            self.0.resize(bucket + 1, 0);
        }
        self.0[bucket] += 1;
    }

    fn join(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// The time, in milliseconds, within which this part of all lies.
    fn at(&self, part: f64) -> f64 {
        let wanted = (self.0.iter().sum::<u64>() as f64 * part).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.0.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return Self::most(bucket) as f64 / 1000.0;
            }
        }
        0.0
    }

    fn bucket(micros: u64) -> usize {
        if micros < STEPS {
            return micros as usize;
        }
        let power = 63 - u64::from(micros.leading_zeros());
        let step = (micros >> (power - 5)) - STEPS;
        ((power - 4) * STEPS + step) as usize
    }

    fn most(bucket: usize) -> u64 {
        let bucket = bucket as u64;
        if bucket < STEPS {
            return bucket;
        }
        let power = bucket / STEPS + 4;
        ((bucket % STEPS + STEPS + 1) << (power - 5)) - 1
    }
}
