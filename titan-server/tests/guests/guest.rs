//! What a guest can do at whichever door, and where.

use async_trait::async_trait;

pub const PASSWORD: &str = "secret-password";

/// Where people talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Room {
        id: i64,
        name: String,
    },
    /// In private with somebody.
    Direct {
        account: i64,
        name: String,
    },
}

/// Words as they are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub author: String,
    pub text: String,
}

/// Somebody who has logged in at a door.
#[async_trait]
pub trait Guest: Send {
    /// Goes where the place is heard and spoken to; joins a room first that it is not in.
    async fn goes_to(&mut self, place: &Place);

    async fn says(&mut self, text: &str);

    /// Makes sure that nothing it said was refused, where the door would only say so and go on.
    async fn was_not_refused(&mut self) {}

    /// What is heard there, in order, up to these words and with them.
    async fn hears_up_to(&mut self, last: &str) -> Vec<Said>;

    /// What it is told when the house ends its connection, which it waits for.
    async fn is_shown_out(&mut self) -> String;
}

impl Place {
    pub fn general() -> Self {
        Self::Room { id: titan_core::GENERAL.0, name: "general".to_owned() }
    }
}
