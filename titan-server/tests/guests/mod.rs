//! Guests: somebody at each door, speaking its wire as its own clients do, behind one set of verbs.
//!
//! Tests that are about the house and not about a door say who goes where, says what and hears what; what that looks like
//! on the wire is here, a file for each door. In [`stock`] are the older systems' own clients, with what they can't take.

pub mod bytes;
pub mod channels;
pub mod guest;
pub mod json_lines;
pub mod native;
pub mod slash;
pub mod stock;
pub mod titan_net;
pub mod tls_frames;

use titan_server::config::{Address, Config};

use self::guest::{Guest, PASSWORD, Place};
use crate::support::TestHouse;

/// Every door somebody can come in by and talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    Native,
    TitanNet,
    Channels,
    JsonLines,
    Slash,
    TlsFrames,
}

pub const DOORS: [Door; 6] =
    [Door::Native, Door::TitanNet, Door::Channels, Door::JsonLines, Door::Slash, Door::TlsFrames];

impl Door {
    /// Makes an account, as a client of the door does.
    pub async fn register(self, house: &TestHouse, name: &str) {
        match self {
            Self::Native => native::register(house, name).await,
            Self::TitanNet => titan_net::register(house, name).await,
            Self::Channels => channels::register(house, name).await,
            Self::JsonLines => json_lines::register(house, name).await,
            Self::Slash => slash::register(house, name).await,
            Self::TlsFrames => tls_frames::register(house, name).await,
        }
    }

    /// Logs in, or says in which words the door refused to.
    pub async fn login(self, house: &TestHouse, name: &str, password: &str) -> Result<Box<dyn Guest>, String> {
        match self {
            Self::Native => native::login(house, name, password).await,
            Self::TitanNet => titan_net::login(house, name, password).await,
            Self::Channels => channels::login(house, name, password).await,
            Self::JsonLines => json_lines::login(house, name, password).await,
            Self::Slash => slash::login(house, name, password).await,
            Self::TlsFrames => tls_frames::login(house, name, password).await,
        }
    }

    /// Somebody registered and logged in.
    pub async fn enter(self, house: &TestHouse, name: &str) -> Box<dyn Guest> {
        self.register(house, name).await;
        let entered = self.login(house, name, PASSWORD).await;
        entered.unwrap_or_else(|refusal| panic!("{self:?} refused {name}: {refusal}"))
    }

    /// Whether people at this door can be in such a place.
    pub fn leads_to(self, place: &Place) -> bool {
        match place {
            Place::Room { id, .. } => *id == titan_core::GENERAL.0 || self != Self::JsonLines,
            Place::Direct { .. } => !matches!(self, Self::JsonLines | Self::Slash),
        }
    }

    /// Whether one's own words are told back there.
    pub fn echoes(self, place: &Place) -> bool {
        match place {
            Place::Room { .. } => self != Self::Slash,
            Place::Direct { .. } => self != Self::TitanNet,
        }
    }

    /// How many words are heard at most: one door shows the last ones over and over.
    pub fn shows_most(self) -> usize {
        if self == Self::TlsFrames { 200 } else { usize::MAX }
    }
}

/// A house with every door open, and no limits on how fast.
pub async fn open_house() -> TestHouse {
    open_house_with(|_| ()).await
}

pub async fn open_house_with(change: impl FnOnce(&mut Config)) -> TestHouse {
    TestHouse::open_with(|config| {
        config.limits = false;
        config.json_lines = Address::local(0);
        config.slash = Address::local(0);
        config.tls_frames = Address::local(0);
        config.reset_site = Address::local(0);
        change(config);
    })
    .await
}
