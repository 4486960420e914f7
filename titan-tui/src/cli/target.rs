//! How a conversation is named in the shell: `#room`, a room's name, `@user`, a titan number, or a conversation's number.
//!
//! A text that could be a name or a number means the name. `no:NUMBER` is a titan number and `id:NUMBER` a conversation's,
//! whoever and whatever may be called so.

use std::str::FromStr;

use titan_core::{
    ConversationId, Seq,
    client::{Client, Who},
    protocol::{Account, Conversation, Person, What, ask},
    text::look_alike,
};

use super::{failure::Failure, words};

/// Numbers below are conversations', from here on people's.
const FIRST_TITAN_NUMBER: i64 = 10_000;

/// A conversation as it was named; what it is, the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Conversation(ConversationId),
    Room(String),
    Person(Who),
    /// What may be called so; else by its number.
    Number(i64),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix('#').filter(|name| !name.is_empty()) {
            return Ok(Self::Room(name.to_owned()));
        }
        if let Some(name) = text.strip_prefix('@').filter(|name| !name.is_empty()) {
            return Ok(Self::Person(Who::Username(name.to_owned())));
        }
        if let Some(number) = text.strip_prefix("no:") {
            let number = number.parse().map_err(|_| format!("{number:?} is no number"))?;
            return Ok(Self::Person(Who::TitanNumber(number)));
        }
        if let Some(number) = text.strip_prefix("id:") {
            let number = number.parse().map_err(|_| format!("{number:?} is no number"))?;
            return Ok(Self::Conversation(ConversationId(number)));
        }
        match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Ok(Self::Number(number)),
            _ if text.is_empty() || matches!(text, "#" | "@") => {
                Err("name a conversation: #room, @user, no:TITAN-NUMBER or id:NUMBER".to_owned())
            }
            _ => Ok(Self::Room(text.to_owned())),
        }
    }
}

/// Reads the place of a message, as shown: `12` or `#12`.
pub fn seq(text: &str) -> Result<Seq, String> {
    let number = text.trim_start_matches('#');
    number.parse().map_err(|_| format!("{text:?} is not the number of a message: titan history shows them"))
}

impl Target {
    /// The conversation itself. A direct is opened where there is none yet.
    pub async fn find(&self, client: &Client) -> Result<ConversationId, Failure> {
        match self {
            Self::Conversation(id) => Ok(*id),
            Self::Room(name) => room(client, name).await?.ok_or_else(|| Failure::refused(words::no_room(name))),
            Self::Person(who) => direct(client, who).await,
            Self::Number(number) => match room(client, &number.to_string()).await? {
                Some(room) => Ok(room),
                None if *number >= FIRST_TITAN_NUMBER => direct(client, &Who::Typed(number.to_string())).await,
                None => Ok(ConversationId(*number)),
            },
        }
    }

    /// The same, for what makes sense for rooms only.
    pub async fn find_room(&self, client: &Client) -> Result<ConversationId, Failure> {
        match self {
            Self::Person(_) => Err(Failure::Usage(words::NOT_A_ROOM.to_owned())),
            Self::Number(number) if *number >= FIRST_TITAN_NUMBER => {
                room(client, &number.to_string()).await?.ok_or_else(|| Failure::Usage(words::NOT_A_ROOM.to_owned()))
            }
            _ => self.find(client).await,
        }
    }

    /// The conversation among those known already, without asking anybody.
    pub fn among(&self, conversations: &[Conversation]) -> Option<ConversationId> {
        let find = |is_meant: &dyn Fn(&Conversation) -> bool| {
            conversations.iter().find(|conversation| is_meant(conversation)).map(|conversation| conversation.id)
        };
        let room = |name: &str| {
            let called = |is: &dyn Fn(&str) -> bool| find(&|it| matches!(&it.what, What::Room(room) if is(&room.name)));
            called(&|room| room == name).or_else(|| called(&|room| same(room, name)))
        };
        let direct = |is: &dyn Fn(&Account) -> bool| find(&|it| matches!(&it.what, What::Direct(other) if is(other)));
        let named = |name: &str| {
            direct(&|other| other.username.as_str() == name).or_else(|| direct(&|other| same(&other.username, name)))
        };
        let numbered = |number: i64| direct(&|other| other.titan_number.0 == number);
        match self {
            Self::Conversation(id) => find(&|it| it.id == *id),
            Self::Room(name) => room(name),
            Self::Person(Who::Username(name)) => named(name),
            Self::Person(Who::TitanNumber(number)) => numbered(*number),
            Self::Number(number) if *number >= FIRST_TITAN_NUMBER => {
                let text = number.to_string();
                room(&text).or_else(|| named(&text)).or_else(|| numbered(*number))
            }
            Self::Number(number) => room(&number.to_string()).or_else(|| find(&|it| it.id.0 == *number)),
            Self::Person(_) => None,
        }
    }
}

/// Somebody as named in the shell: `ada`, `@ada`, `48213`, `#48213`.
pub async fn find_person(client: &Client, text: &str) -> Result<Person, Failure> {
    Ok(client.find_account(Who::typed(text)).await?)
}

async fn direct(client: &Client, who: &Who) -> Result<ConversationId, Failure> {
    let person = client.find_account(who.clone()).await?;
    Ok(client.ask(ask::OpenDirect { account: person.account.id }).await?.id)
}

async fn room(client: &Client, name: &str) -> Result<Option<ConversationId>, Failure> {
    let rooms = client.rooms().await?;
    let found = rooms.iter().find(|room| room.name.as_str() == name);
    Ok(found.or_else(|| rooms.iter().find(|room| same(&room.name, name))).map(|room| room.id))
}

fn same(name: &str, other: &str) -> bool {
    look_alike(name) == look_alike(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_understood_in_every_usual_form() {
        let cases = [
            ("#general", Target::Room("general".into())),
            ("the lab", Target::Room("the lab".into())),
            ("#7", Target::Room("7".into())),
            ("7", Target::Number(7)),
            ("007", Target::Room("007".into())),
            ("id:12345", Target::Conversation(ConversationId(12345))),
            ("12345", Target::Number(12345)),
            ("no:12345", Target::Person(Who::TitanNumber(12345))),
            ("@12345", Target::Person(Who::Username("12345".into()))),
            ("@ada", Target::Person(Who::Username("ada".into()))),
        ];
        for (text, target) in cases {
            assert_eq!(text.parse(), Ok(target), "{text}");
        }
        for text in ["", " ", "#", "@", "id:x", "no:x"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
