//! The doors, as they are tried: which acts each has a word for, and that word.

mod api;
mod channels;
mod json_lines;
mod native;
mod slash;
mod subject;
mod titan_net;
mod tls_frames;

pub use subject::{Got, Subject, is_direct};

use crate::matrix::cast::{People, Who};
use crate::matrix::door::Door;
use crate::support::TestHouse;

impl Door {
    /// Comes in, as far as one may: who is banned is refused, and goes on as a stranger with tokens that are dead.
    pub async fn enter(self, house: &TestHouse, people: &People, who: &Who) -> Box<dyn Subject> {
        match self {
            Self::Native => native::enter(house, who).await,
            Self::Api => api::enter(house, who),
            Self::TitanNet => titan_net::enter(house, who).await,
            Self::Channels => channels::enter(house, who),
            Self::JsonLines => json_lines::enter(house, who).await,
            Self::Slash => slash::enter(house, people, who).await,
            Self::TlsFrames => tls_frames::enter(house, who).await,
        }
    }
}
