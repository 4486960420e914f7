//! Who is at a connection: a stranger, or a person who is in a room or outside of all.

use std::sync::Arc;

use titan_core::protocol::Role;
use titan_core::{ConversationId, SafeText, Seq};

use titan_blobs::Blobs;
use titan_door::House;
use titan_hub::switchboard::Next;
use titan_hub::{Attachment, Session, Visitor};

pub struct Guest {
    pub house: House,
    pub visitor: Arc<Visitor>,
    pub person: Option<Person>,
}

/// Somebody who has logged in.
pub struct Person {
    pub session: Session,
    pub attachment: Attachment,
    pub blobs: Blobs,
    /// As it was told last.
    pub role: Role,
    pub room: Option<Room>,
}

/// The room somebody is in.
pub struct Room {
    pub id: ConversationId,
    pub name: SafeText,
    /// Whether this connection made the person a member, and ends that when it leaves.
    pub brought: bool,
    /// What this connection wrote and has not heard of yet: it isn't told of that. Goes as soon as later ones are heard.
    pub written: Vec<Seq>,
}

impl Guest {
    pub fn new(house: House, visitor: Visitor) -> Self {
        Self { house, visitor: Arc::new(visitor), person: None }
    }

    /// What happens elsewhere; nothing ever for a stranger.
    pub async fn next(&self) -> Next {
        match &self.person {
            Some(person) => person.attachment.next().await,
            None => std::future::pending().await,
        }
    }

    /// Leaves the house. Nobody was given the session's token, so it ends with its connection.
    pub async fn depart(&mut self) {
        let Some(mut person) = self.person.take() else { return };
        person.leave().await;
        let Person { session, attachment, .. } = person;
        drop(attachment);
        if let Err(fault) = session.logout().await {
            tracing::debug!(%fault, "a session did not end with its connection");
        }
    }
}

impl Person {
    /// Leaves the room, if in one; the others there are told. Which one it was.
    pub async fn leave(&mut self) -> Option<Room> {
        let room = self.room.take()?;
        let Self { session, attachment, .. } = self;
        let told = async {
            attachment.tune(None).await?;
            if room.brought { session.leave_room(room.id).await } else { session.visit(room.id, false).await }
        };
        if let Err(fault) = told.await {
            tracing::debug!(%fault, "a room was left without its being told");
        }
        Some(room)
    }
}

impl Room {
    /// Whether it is this connection that wrote an entry it hears of.
    pub fn is_own(&mut self, seq: Seq) -> bool {
        let own = self.written.contains(&seq);
        self.written.retain(|written| *written > seq);
        own
    }
}
