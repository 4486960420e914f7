//! Letters to people, and who takes them to be sent.

use std::time::Duration;

use titan_core::Secret;

/// Letters that wait to be written; beyond it a request is told to come back in a second.
pub(super) const LETTERS_AT_ONCE: usize = 1_024;

/// Takes letters to be sent, and returns at once: what sends them has a bounded queue of its own.
pub trait Mailer: Send + Sync + 'static {
    fn take(&self, letter: Letter);

    /// Whether a letter can be sent to an address; if not, why.
    fn takes(&self, _address: &str) -> Result<(), String> {
        Ok(())
    }

    /// How long a letter is tried again that can't be delivered yet.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// Where the token of a letter leads, as far as that is known.
    fn link(&self, _token: &Secret) -> Option<String> {
        None
    }
}

/// What an account's owner is told of, since somebody else could have done it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    FactorAdded,
    FactorRemoved,
    RecoveryCodeUsed,
    AppPasswordAdded,
}

/// A letter to somebody.
#[derive(Clone)]
pub enum Letter {
    /// The way to a new password.
    Reset {
        username: String,
        /// None where the account has none: the operator may hand the link over.
        email: Option<String>,
        token: Secret,
    },
    /// The way to confirm a mail address: to that address.
    ConfirmMail { username: String, email: String, token: Secret },
    /// That something was done that may have been somebody else.
    Turned { username: String, email: String, turn: Turn },
    /// That another mail address was given, or none any more: to the one that there was.
    MailChanged { username: String, email: String, to: Option<String> },
}
