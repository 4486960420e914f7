//! What the tests stand on: a real server, a wire to it that can be cut, people with a machine of their own who run the
//! real `titan`, in a shell or in a terminal. Every wait has a condition and a deadline; nothing sleeps to be safe.

mod authority;
mod disk;
mod house;
mod person;
pub mod picture;
mod terminal;
mod wire;

pub use authority::{Authority, fingerprint};
pub use disk::Disk;
pub use house::House;
pub use person::{Person, Run, grows, interrupt};
pub use terminal::Terminal;
pub use wire::Wire;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

/// How long anything may take before the test has failed.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";

/// Waits until something holds that nobody tells of, such as the size of a file.
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < DEADLINE, "it did not come to this in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Bytes that look like nothing and are the same in each run.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..length.div_ceil(8)).flat_map(|_| next().to_le_bytes()).take(length).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sha256_of(path: &Path) -> String {
    sha256(&std::fs::read(path).unwrap())
}
