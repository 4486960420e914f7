//! What every page of the site is made with.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use titan_core::Secret;
use titan_door::House;

/// The door's name, as sessions and the log know it.
pub const DOOR: &str = "reset_site";

/// What the site's pages need.
#[derive(Clone)]
pub struct Site {
    pub house: House,
    /// Who has it may ask for tokens, as who has the admin key may.
    pub key: Option<Secret>,
    /// Signs what proves that a form was ours.
    pub seal: [u8; 32],
}

impl Site {
    /// What the form for a token carries, which no other site can know.
    pub fn proof(&self, token: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.seal) else { return String::new() };
        mac.update(token.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
