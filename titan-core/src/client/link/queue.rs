//! Where the outbox stands: whether there is something to send, and when.

use tokio::time::Instant;

/// Where the outbox stands.
#[derive(Default)]
pub(super) struct Outbox {
    /// Whether there may be something to send.
    pub look: bool,
    pub under_way: bool,
    pub next_try: Option<Instant>,
}

impl Outbox {
    pub fn look(&mut self) {
        self.look = true;
    }

    /// When a message that the server put off is due.
    pub fn next_try(&self) -> Option<Instant> {
        self.next_try
    }

    pub fn connection_lost(&mut self) {
        *self = Self { look: true, ..Self::default() };
    }

    pub fn is_due(&self) -> bool {
        !self.under_way && (self.look || self.next_try.is_some()) && self.next_try.is_none_or(|at| at <= Instant::now())
    }
}
