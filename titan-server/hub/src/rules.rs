//! What whoever runs the house may set about it, as far as the hall is concerned.

use std::time::Duration;

use super::Limits;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// How long a session may go unused, and how long it lasts in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub idle: Duration,
    pub lasts: Duration,
}

/// The terms of sessions, by what their account is on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTerms {
    pub users: Terms,
    pub admins: Terms,
}

impl Default for SessionTerms {
    fn default() -> Self {
        let terms = |idle, lasts| Terms { idle: DAY * idle, lasts: DAY * lasts };
        Self { users: terms(30, 180), admins: terms(1, 7) }
    }
}

pub struct Rules {
    pub limits: Limits,
    pub sessions: SessionTerms,
    /// Whether an admin without a second factor administers nothing.
    pub admins_need_factors: bool,
}

impl From<Limits> for Rules {
    fn from(limits: Limits) -> Self {
        Self { limits, sessions: SessionTerms::default(), admins_need_factors: false }
    }
}
