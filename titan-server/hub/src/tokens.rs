//! Secrets that open something once or for a while, of which the house keeps the hashes.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use titan_core::Secret;

/// Letters and digits that aren't taken for each other: each is five bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS: usize = 5;
const LETTERS_IN_GROUP: usize = 5;

/// 256 random bits, as they travel.
pub fn fresh_token() -> Secret {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into()
}

/// What is kept of one.
pub fn hash(token: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// 125 random bits, for people: in groups of letters and digits.
pub fn fresh_words() -> Secret {
    let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
    let group = || (0..LETTERS_IN_GROUP).map(|_| letter()).collect::<String>();
    (0..GROUPS).map(|_| group()).collect::<Vec<_>>().join("-").into()
}

/// What is kept of those, however somebody types them. They are random, so a quick hash does.
pub fn hash_of_words(given: &str) -> [u8; 32] {
    hash(plain(given))
}

/// The letters and digits alone.
fn plain(given: &str) -> String {
    given.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_however_they_are_typed_and_never_come_twice() {
        let (one, other) = (fresh_words(), fresh_words());
        assert_eq!(one.reveal().len(), GROUPS * (LETTERS_IN_GROUP + 1) - 1);
        let shouted = one.reveal().to_uppercase().replace('-', " ");
        assert_eq!(hash_of_words(one.reveal()), hash_of_words(&format!(" {shouted}\n")));
        assert_ne!(hash_of_words(one.reveal()), hash_of_words(other.reveal()));
        assert_eq!(LETTERS.iter().collect::<std::collections::HashSet<_>>().len(), LETTERS.len());
    }
}
