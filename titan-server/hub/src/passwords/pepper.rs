//! The peppers of a house: secrets in files of their own that go into every password hash, so that the database alone gives none
//! away. New hashes are made with the one; those before it are kept for the hashes that still rest on them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A pepper, and what it is known by to who doesn't know it.
#[derive(Clone)]
pub struct Pepper {
    secret: Vec<u8>,
    id: String,
}

/// Those of a house.
#[derive(Clone)]
pub struct Peppers {
    now: Pepper,
    /// The oldest first.
    before: Vec<Pepper>,
}

impl Pepper {
    pub fn new(secret: &[u8]) -> Self {
        Self { secret: secret.to_vec(), id: known_by(secret) }
    }

    /// 16 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn reveal(&self) -> &[u8] {
        &self.secret
    }
}

impl Peppers {
    /// The one that new hashes are made with, and those before it, the oldest first.
    pub fn new(now: Pepper, before: Vec<Pepper>) -> Self {
        Self { now, before }
    }

    /// The only one there is.
    pub fn of(secret: &[u8]) -> Self {
        Self::new(Pepper::new(secret), Vec::new())
    }

    pub fn now(&self) -> &Pepper {
        &self.now
    }

    pub fn before(&self) -> &[Pepper] {
        &self.before
    }

    /// The one of this id. Hashes of before peppers had ids were made with the first.
    pub(super) fn known_as(&self, id: Option<&str>) -> Option<&Pepper> {
        match id {
            None => Some(self.first()),
            Some(id) => self.before.iter().chain([&self.now]).find(|pepper| pepper.id == id),
        }
    }

    /// The oldest that is here.
    pub(super) fn first(&self) -> &Pepper {
        self.before.first().unwrap_or(&self.now)
    }
}

fn known_by(secret: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(b"which pepper a house of Titan has");
    super::pre_hash::hex(&mac.finalize().into_bytes()[..8])
}
