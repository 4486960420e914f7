//! What happened elsewhere, told to who is in a room: one text for each thing, or none.

use titan_core::protocol::{Account, Body, Entry, Event, Message, Role, RoomChange};
use titan_core::{AccountId, SafeText};

use super::file_names::unique_name;
use super::guest::{Person, Room};
use super::words::{indented, stamped, stamped_at};
use titan_hub::switchboard::{Delivery, Happening};

impl Person {
    pub async fn hear(&mut self, delivery: &Delivery) -> Option<String> {
        match delivery.happening() {
            // Who was put out is told so in words of its own.
            Happening::Entry(entry) if is_leaving(entry, self.session.account()) => None,
            Happening::Entry(entry) => self.room.as_mut().filter(|room| room.id == entry.conversation)?.told(entry),
            Happening::Passing(event) => self.passing(event).await,
        }
    }

    async fn passing(&mut self, event: &Event) -> Option<String> {
        let here = |room: &&mut Room| event.conversation() == Some(room.id);
        match event {
            Event::Visit { author, here: came, .. } => {
                let room = self.room.as_mut().filter(here)?;
                Some(stamped(moved(&author.username, *came, &room.name)))
            }
            Event::ConversationRemoved { reason, .. } => {
                self.room.as_mut().filter(here)?;
                self.put_out(reason).await
            }
            Event::AccountChanged { account, by, .. } => self.changed(account, by.as_ref()),
            _ => None,
        }
    }

    /// Is no longer in the room, by what somebody else did.
    async fn put_out(&mut self, reason: &SafeText) -> Option<String> {
        let room = self.room.take()?;
        let _ = self.attachment.tune(None).await;
        let stands = self.session.room_named(&room.name).await.is_ok_and(|found| found.id == room.id);
        Some(if stands {
            stamped(format_args!("You are no longer in room '{}'. {reason}", room.name))
        } else {
            stamped(format_args!("Room '{}' has been deleted by an admin.", room.name))
        })
    }

    fn changed(&mut self, account: &Account, by: Option<&SafeText>) -> Option<String> {
        if std::mem::replace(&mut self.role, account.role) == account.role {
            return None;
        }
        let (from, to) = match account.role {
            Role::Admin => ("a regular user", "an admin"),
            _ => ("an admin", "a regular user"),
        };
        let by = by.map_or("the operator".to_owned(), |admin| format!("admin '{admin}'"));
        Some(stamped(format_args!("Your status has changed from {from} to {to} by {by}.")))
    }
}

impl Room {
    fn told(&mut self, entry: &Entry) -> Option<String> {
        if self.is_own(entry.seq) {
            return None;
        }
        let who = &entry.author.username;
        match &entry.body {
            Body::Message(message) => self.message(entry, message),
            Body::Edit { text, .. } => Some(stamped_at(entry.at, format_args!("{who} (edited): {}", indented(text)))),
            Body::Joined { .. } => Some(stamped_at(entry.at, moved(who, true, &self.name))),
            Body::Left { .. } => Some(stamped_at(entry.at, moved(who, false, &self.name))),
            Body::RoomChanged { change: RoomChange { name: Some(name), .. }, .. } => {
                let before = std::mem::replace(&mut self.name, name.clone());
                Some(stamped_at(entry.at, format_args!("Room '{before}' is now called '{name}'.")))
            }
            _ => None,
        }
    }

    fn message(&self, entry: &Entry, message: &Message) -> Option<String> {
        if message.deleted {
            return None;
        }
        let said = || stamped_at(entry.at, format_args!("{}: {}", entry.author.username, indented(&message.text)));
        let Some(file) = &message.file else { return Some(said()) };
        let unique = unique_name(&self.name, entry.at, &file.name, file.id);
        let uploaded = stamped_at(entry.at, format_args!("File '{unique}' uploaded to room '{}'.", self.name));
        Some(if message.text.is_empty() { uploaded } else { format!("{uploaded}\n{}", said()) })
    }
}

fn is_leaving(entry: &Entry, who: AccountId) -> bool {
    entry.author.id == who && matches!(entry.body, Body::Left { .. })
}

/// That somebody came or went.
pub fn moved(who: &str, came: bool, room: &str) -> String {
    format!("User {who} {} room '{room}'", if came { "joined" } else { "left" })
}
