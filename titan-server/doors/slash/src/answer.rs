//! What is answered: texts to say and what then, or why not.

use std::fmt::Display;

use titan_core::protocol::Fault;

use super::words::stamped;
use titan_blobs::BlobFile;

/// What a stranger is told who asks for more than to come in.
pub const LOGIN_FIRST: &str = "Please register or login first.";

/// Texts to say, and what then.
#[derive(Default)]
pub struct Answer {
    pub texts: Vec<String>,
    pub then: Then,
}

#[derive(Default)]
pub enum Then {
    #[default]
    Stay,
    /// The connection ends.
    Quit,
    /// A file's bytes follow.
    Send(Box<Sending>),
}

/// A file on its way out.
pub struct Sending {
    pub name: String,
    pub size: u64,
    pub blob: BlobFile,
}

/// What is said instead of doing what was asked.
pub struct Refusal(pub String);

impl Answer {
    pub fn saying(text: impl Display) -> Self {
        Self { texts: vec![stamped(text)], then: Then::Stay }
    }
}

impl Refusal {
    /// A refusal that begins with the time, as most do.
    pub fn stamped(text: impl Display) -> Self {
        Self(stamped(text))
    }

    pub fn error(text: impl Display) -> Self {
        Self(stamped(format_args!("[ERROR] {text}")))
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::error(fault)
    }
}
