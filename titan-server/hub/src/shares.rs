//! What an account may pile up, and how quickly: each kind of thing that stays, or that others are shown, has its own pace,
//! which the limits keep. Refused in words, with when to try again.

use std::time::Duration;

/// Rooms one account may own.
pub const ROOMS_OF_ONE: u32 = 500;
/// Sessions one account may have; beyond it the one ends that was not in use for longest.
pub const SESSIONS_OF_ONE: u32 = 200;
/// Apps of one account that may wait for an admin.
pub const APPS_WAITING: u32 = 50;

/// Something that an account does and others have to live with.
#[derive(Clone, Copy, Debug)]
pub enum Share {
    /// Makes a room.
    Room,
    /// Changes one: each time is an entry of its log.
    RoomChange,
    /// Joins a room, or leaves it.
    Coming,
    /// Opens a direct that wasn't there.
    Direct,
    Reaction,
    /// Hands in an app.
    App,
    /// Asks somebody to be friends.
    Friend,
    /// Blocks somebody.
    Block,
}

/// At once, then one each so often, and what there was too much of.
pub struct Pace(pub u32, pub Duration, pub &'static str);

impl Share {
    /// Each at the place of its own number.
    pub const ALL: [Self; 8] = [
        Self::Room,
        Self::RoomChange,
        Self::Coming,
        Self::Direct,
        Self::Reaction,
        Self::App,
        Self::Friend,
        Self::Block,
    ];

    /// What the log calls the limit of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Room => "rooms",
            Self::RoomChange => "room_changes",
            Self::Coming => "comings",
            Self::Direct => "directs",
            Self::Reaction => "reactions",
            Self::App => "apps",
            Self::Friend => "friends",
            Self::Block => "blocks",
        }
    }

    pub fn pace(self) -> Pace {
        let seconds = Duration::from_secs;
        match self {
            Self::Room => Pace(20, seconds(60), "You made many rooms just now"),
            Self::RoomChange => Pace(30, seconds(10), "You changed rooms very often just now"),
            Self::Coming => Pace(60, seconds(3), "You came and went very often just now"),
            Self::Direct => Pace(50, seconds(10), "You began many conversations just now"),
            Self::Reaction => Pace(100, Duration::from_millis(200), "You reacted very often just now"),
            Self::App => Pace(20, seconds(60), "You handed in many apps just now"),
            Self::Friend => Pace(50, seconds(30), "You asked many people just now"),
            Self::Block => Pace(200, seconds(5), "You blocked many people just now"),
        }
    }
}
