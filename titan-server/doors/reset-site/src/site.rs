//! What every page of the site is made with.

use axum::http::StatusCode;
use axum::response::Response;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use titan_core::Secret;
use titan_core::protocol::{Fault, FaultCode};
use titan_door::House;

use super::page;

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

/// What a form brings.
#[derive(Default, Deserialize)]
pub struct Filled {
    /// Where the address has none.
    pub token: Option<Secret>,
    pub password: Option<String>,
    pub csrf_token: Option<String>,
}

impl Site {
    /// What the form for a token carries, which no other site can know.
    pub fn proof(&self, token: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.seal) else { return String::new() };
        mac.update(token.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a form for a token was ours.
    pub fn is_ours(&self, token: &str, given: Option<String>) -> bool {
        given.is_some_and(|given| given.as_bytes().ct_eq(self.proof(token).as_bytes()).into())
    }
}

/// A link that is none (any more).
pub fn invalid() -> Response {
    page::words(StatusCode::NOT_FOUND, "Invalid address")
}

/// Of a fault that is told on a page: what can be mended in the form there is none.
pub fn status_of(fault: &Fault) -> StatusCode {
    match fault.code {
        FaultCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        FaultCode::Banned => StatusCode::FORBIDDEN,
        FaultCode::Unavailable | FaultCode::Internal => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    }
}
