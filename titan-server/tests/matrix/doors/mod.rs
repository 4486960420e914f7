//! The doors, as they are tried: which acts each has a word for, and that word.

mod api;
mod channels;
mod json_lines;
mod native;
mod slash;
mod titan_net;
mod tls_frames;

use async_trait::async_trait;

use crate::cast::{People, Who};
use crate::scene::{Scene, Stage};
use crate::support::TestHouse;
use crate::table::{Act, Object};

/// It was done, or why not.
pub type Got = Result<(), String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    Native,
    Api,
    TitanNet,
    Channels,
    JsonLines,
    Slash,
    TlsFrames,
}

pub const DOORS: [Door; 7] =
    [Door::Native, Door::Api, Door::TitanNet, Door::Channels, Door::JsonLines, Door::Slash, Door::TlsFrames];

/// Somebody who tries things at a door.
#[async_trait]
pub trait Subject: Send {
    /// Whether the door has a word for it.
    fn knows(&self, act: Act, object: Object) -> bool;

    async fn tries(&mut self, act: Act, object: Object, scene: &Scene, stage: &mut Stage<'_>) -> Got;
}

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

    pub fn letter(self) -> char {
        match self {
            Self::Native => 'N',
            Self::Api => 'A',
            Self::TitanNet => 'T',
            Self::Channels => 'C',
            Self::JsonLines => 'J',
            Self::Slash => 'S',
            Self::TlsFrames => 'F',
        }
    }

    /// What names made for its tries begin with.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Api => "api",
            Self::TitanNet => "net",
            Self::Channels => "channels",
            Self::JsonLines => "lines",
            Self::Slash => "slash",
            Self::TlsFrames => "frames",
        }
    }
}

fn is_room(object: Object) -> bool {
    matches!(object, Object::OpenRoom | Object::LockedRoom | Object::General)
}

pub fn is_direct(object: Object) -> bool {
    matches!(object, Object::OwnDirect | Object::AnothersDirect)
}
