//! Making, entering and leaving rooms, and what is listed of them.

use titan_core::protocol::{Body, Conversation, FaultCode, What};
use titan_core::{SafeText, Seq};

use super::answer::{Answer, Refusal, Then};
use super::file_names::name_of;
use super::guest::{Person, Room};
use super::history::{self, History};
use super::words::{LIST_MOST, and_more, as_fits, date, joined, name_length, stamped};
use titan_door::listing::{beginning, fitting};
use titan_hub::{FileRecord, LISTED_MOST, Listed, RoomWish, Session};

/// Lines of history that who joins is shown.
const HISTORY_MOST: usize = 200;

type Done = Result<Answer, Refusal>;

impl Person {
    pub async fn create(&mut self, name: String) -> Done {
        let wish = RoomWish { name: name.clone(), ..RoomWish::default() };
        let made = self.session.create_room(wish).await.map_err(|fault| match fault.code {
            FaultCode::NameTaken => Refusal::stamped(format_args!("Room '{}' already exists.", SafeText::line(&name))),
            _ => fault.into(),
        })?;
        let Conversation { id, what: What::Room(made), .. } = made else { return Ok(Answer::default()) };
        self.leave().await;
        self.attachment.tune(Some(id)).await?;
        let created = stamped(format_args!("Room '{}' created successfully.", made.name));
        let entered = stamped(format_args!("You joined room '{}'.", made.name));
        // To hang up doesn't cost anybody the room they made.
        self.room = Some(Room { id, name: made.name, brought: false, written: Vec::new() });
        Ok(Answer { texts: vec![created, entered], then: Then::Stay })
    }

    pub async fn join(&mut self, name: &str) -> Done {
        let found = found(&self.session, name).await?;
        if self.room.as_ref().is_some_and(|room| room.id == found.id) {
            return Err(Refusal::stamped(format_args!("You are already in room '{}'.", found.name)));
        }
        let brought = !found.joined && self.become_member(&found).await?;
        if !brought {
            self.session.visit(found.id, true).await?;
        }
        self.leave().await;
        let room = Room { id: found.id, name: found.name, brought, written: Vec::new() };
        self.enter(room).await
    }

    /// Whether it made one a member; one who has become a member elsewhere meanwhile is one.
    async fn become_member(&self, room: &titan_core::protocol::Room) -> Result<bool, Refusal> {
        match self.session.join_room(room.id, None).await {
            Ok(_) => Ok(true),
            Err(fault) => match fault.code {
                FaultCode::AlreadyMember => Ok(false),
                FaultCode::WrongRoomPassword => Err(Refusal::error(format_args!(
                    "Room '{}' asks for a password: join it once at another door, such as titan's, and then here.",
                    room.name
                ))),
                _ => Err(fault.into()),
            },
        }
    }

    /// Hears a room from its head on, and shows what was before that.
    async fn enter(&mut self, room: Room) -> Done {
        let head = self.attachment.tune(Some(room.id)).await?;
        let room = self.room.insert(room);
        let told = history::lines(&self.session, room.id, &room.name, Some(head), HISTORY_MOST).await?;
        let History { mut lines, cut } = told;
        if room.brought {
            let me = self.session.account();
            let own = |(entry, _): &(_, _)| is_joining(entry, me);
            if let Some(at) = lines.iter().rposition(own) {
                lines.remove(at);
            }
        }
        let mut texts = Vec::with_capacity(2);
        if !lines.is_empty() {
            let events: String = lines.into_iter().map(|(_, line)| format!("\n{line}")).collect();
            let older = if cut { history::OLDER } else { "" };
            texts.push(stamped(format_args!("Chat history for '{}':{older}{events}", room.name)));
        }
        texts.push(stamped(format_args!("You joined room '{}'.", room.name)));
        Ok(Answer { texts, then: Then::Stay })
    }

    pub async fn leave_room(&mut self) -> Done {
        let room = self.leave().await.ok_or_else(outside)?;
        Ok(Answer::saying(format_args!("You left room '{}'.", room.name)))
    }

    pub async fn users_in_room(&self) -> Done {
        let room = self.room.as_ref().ok_or_else(outside)?;
        let present = self.session.present(room.id).await?;
        let names = as_fits(present.into_iter().map(|account| account.username));
        Ok(Answer::saying(format_args!("Users in room '{}': {names}", room.name)))
    }

    pub async fn rooms(&self) -> Done {
        let (place, name) = (|room: &titan_core::protocol::Room| room.id, |room: titan_core::protocol::Room| room.name);
        let Listed { list, more } =
            beginning(LIST_MOST, place, name, name_length, |page| self.session.rooms(page)).await?;
        let left_out = if more { self.session.number_of_rooms().await?.saturating_sub(list.len() as u64) } else { 0 };
        let names = if list.is_empty() { "No active rooms".to_owned() } else { joined(&list) };
        Ok(Answer::saying(format_args!("Available rooms: {names}{}", and_more(left_out))))
    }

    pub async fn files(&self) -> Done {
        let room = self.room.as_ref().ok_or_else(outside)?;
        let (files, number) = self.session.last_files(room.id, LISTED_MOST).await?;
        if files.is_empty() {
            return Ok(Answer::saying(format_args!("No files found in room '{}'.", room.name)));
        }
        let line = |file: FileRecord| {
            let unique = name_of(&file, &room.name);
            format!("\nUnique Name: {unique}, Original Name: {}, Uploaded: {}", file.name, date(file.at))
        };
        // The newest of them are wanted most.
        let lines = Listed { list: files.into_iter().rev().map(line).collect(), more: false };
        let lines = fitting(lines, LIST_MOST, String::len).list;
        let left_out = number.saturating_sub(lines.len() as u64);
        let lines: String = lines.into_iter().rev().collect();
        Ok(Answer::saying(format_args!("Files in room '{}':{lines}{}", room.name, and_more(left_out))))
    }

    pub fn whereami(&self) -> Answer {
        match &self.room {
            Some(room) => Answer::saying(format_args!("You are currently in room '{}'.", room.name)),
            None => Answer::saying("You are not in any room."),
        }
    }

    /// Remembers what this connection wrote in the room it is in.
    pub fn wrote(&mut self, conversation: titan_core::ConversationId, seq: Seq) {
        if let Some(room) = self.room.as_mut().filter(|room| room.id == conversation) {
            room.written.push(seq);
        }
    }
}

/// A room by its name.
pub async fn found(me: &Session, name: &str) -> Result<titan_core::protocol::Room, Refusal> {
    me.room_named(name).await.map_err(|fault| match fault.code {
        FaultCode::NotFound => Refusal::stamped(format_args!("Room '{}' does not exist.", SafeText::line(name))),
        _ => fault.into(),
    })
}

pub fn outside() -> Refusal {
    Refusal::error("You are not in a room.")
}

fn is_joining(entry: &titan_core::protocol::Entry, who: titan_core::AccountId) -> bool {
    entry.author.id == who && matches!(entry.body, Body::Joined { .. })
}
