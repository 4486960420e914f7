//! The peppers of a house: secrets in files of their own that go into every password hash, so that the database alone gives none
//! away. New hashes are made with the one; those before it are kept for the hashes that still rest on them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::store::SEALED;

/// Bytes of a secret that is sealed, and of what covers it once.
pub const SECRET: usize = 20;
const NONCE: usize = SEALED - SECRET;

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

    /// Covers a secret, or uncovers it, by what nobody makes of the nonce who hasn't the pepper. Each nonce covers one only.
    fn cover(&self, nonce: &[u8], secret: &mut [u8]) {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else { return };
        mac.update(b"covers a second factor of Titan");
        mac.update(nonce);
        secret.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(byte, cover)| *byte ^= cover);
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

    /// A secret sealed with the pepper of now, and which that is.
    pub(super) fn seal(&self, secret: &[u8; SECRET]) -> ([u8; SEALED], String) {
        let mut sealed = [0; SEALED];
        let (nonce, covered) = sealed.split_at_mut(NONCE);
        nonce.copy_from_slice(&rand::random::<[u8; NONCE]>());
        covered.copy_from_slice(secret);
        self.now.cover(nonce, covered);
        (sealed, self.now.id.clone())
    }

    /// What was sealed with the pepper of this id; none where that isn't here.
    pub(super) fn unseal(&self, sealed: &[u8; SEALED], pepper: &str) -> Option<[u8; SECRET]> {
        let (nonce, covered) = sealed.split_at(NONCE);
        let mut secret: [u8; SECRET] = covered.try_into().ok()?;
        self.known_as(Some(pepper))?.cover(nonce, &mut secret);
        Some(secret)
    }

    /// The oldest that is here.
    pub(super) fn first(&self) -> &Pepper {
        self.before.first().unwrap_or(&self.now)
    }
}

#[cfg(test)]
#[test]
fn what_is_sealed_opens_by_its_own_pepper_alone_and_looks_different_each_time() {
    let secret = [7; SECRET];
    let (first, second) = (Pepper::new(b"first"), Pepper::new(b"second"));
    let before = Peppers::new(first.clone(), Vec::new());
    let (sealed, id) = before.seal(&secret);
    assert_ne!(sealed, before.seal(&secret).0);
    assert!(!sealed.windows(4).any(|bytes| bytes == [7; 4]));
    let after = Peppers::new(second.clone(), vec![first]);
    assert_eq!(after.unseal(&sealed, &id), Some(secret));
    assert_eq!(Peppers::new(second, Vec::new()).unseal(&sealed, &id), None);
}

fn known_by(secret: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(b"which pepper a house of Titan has");
    super::pre_hash::hex(&mac.finalize().into_bytes()[..8])
}
