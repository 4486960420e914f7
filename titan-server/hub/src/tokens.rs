//! Secrets that open something once or for a while, of which the house keeps the hashes.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use titan_core::Secret;

/// 256 random bits, as they travel.
pub fn fresh_token() -> Secret {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into()
}

/// What is kept of one.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
