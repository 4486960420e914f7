//! How a conversation is named in the shell: `#room`, a room's name, `@user`, a titan number, or a conversation's number.

use std::str::FromStr;

use titan_core::{
    ConversationId, Seq,
    client::{Client, Error, Who},
    protocol::{Conversation, FaultCode, Person, What, ask},
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
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix('#').filter(|name| !name.is_empty()) {
            return Ok(Self::Room(name.to_owned()));
        }
        if let Some(name) = text.strip_prefix('@').filter(|name| !name.is_empty()) {
            return Ok(Self::Person(person(name)));
        }
        if let Some(number) = text.strip_prefix("id:") {
            let number = number.parse().map_err(|_| format!("{number:?} is no number"))?;
            return Ok(Self::Conversation(ConversationId(number)));
        }
        match text.parse::<i64>() {
            Ok(number) if number >= FIRST_TITAN_NUMBER => Ok(Self::Person(Who::TitanNumber(number))),
            Ok(number) => Ok(Self::Conversation(ConversationId(number))),
            Err(_) if text.is_empty() || matches!(text, "#" | "@") => {
                Err("name a conversation: #room, @user, a titan number or id:NUMBER".to_owned())
            }
            Err(_) => Ok(Self::Room(text.to_owned())),
        }
    }
}

/// A person as named in the shell, with or without the @.
pub fn person(text: &str) -> Who {
    let text = text.trim_start_matches('@');
    match text.parse::<i64>() {
        Ok(number) if number >= FIRST_TITAN_NUMBER => Who::TitanNumber(number),
        _ => Who::Username(text.to_owned()),
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
            Self::Room(name) => room(client, name).await,
            Self::Person(who) => {
                let person = find_person(client, who).await?;
                Ok(client.ask(ask::OpenDirect { account: person.account.id }).await?.id)
            }
        }
    }

    /// The same, for what makes sense for rooms only.
    pub async fn find_room(&self, client: &Client) -> Result<ConversationId, Failure> {
        match self {
            Self::Person(_) => Err(Failure::Usage(words::NOT_A_ROOM.to_owned())),
            _ => self.find(client).await,
        }
    }

    /// The conversation among those known already, without asking anybody.
    pub fn among(&self, conversations: &[Conversation]) -> Option<ConversationId> {
        let is_meant = |conversation: &&Conversation| match (self, &conversation.what) {
            (Self::Conversation(id), _) => conversation.id == *id,
            (Self::Room(name), What::Room(room)) => same(&room.name, name),
            (Self::Person(Who::Username(name)), What::Direct(account)) => same(&account.username, name),
            (Self::Person(Who::TitanNumber(number)), What::Direct(account)) => account.titan_number.0 == *number,
            _ => false,
        };
        conversations.iter().find(is_meant).map(|conversation| conversation.id)
    }
}

/// Somebody by name or number. People don't remember capitals: a name that isn't found as written is looked for without.
pub async fn find_person(client: &Client, who: &Who) -> Result<Person, Failure> {
    match (client.find_account(who.clone()).await, who) {
        (Err(Error::Fault(fault)), Who::Username(name)) if fault.code == FaultCode::NotFound => {
            let alike = client.ask(ask::SearchAccounts { prefix: name.clone(), limit: None }).await?.people;
            let found = alike.into_iter().find(|person| same(&person.account.username, name));
            found.ok_or_else(|| fault.into())
        }
        (found, _) => Ok(found?),
    }
}

async fn room(client: &Client, name: &str) -> Result<ConversationId, Failure> {
    let rooms = client.rooms().await?;
    let found = rooms.iter().find(|room| room.name.as_str() == name);
    let found = found.or_else(|| rooms.iter().find(|room| same(&room.name, name)));
    found.map(|room| room.id).ok_or_else(|| Failure::refused(words::no_room(name)))
}

fn same(name: &str, other: &str) -> bool {
    name.to_lowercase() == other.to_lowercase()
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
            ("7", Target::Conversation(ConversationId(7))),
            ("id:12345", Target::Conversation(ConversationId(12345))),
            ("12345", Target::Person(Who::TitanNumber(12345))),
            ("@12345", Target::Person(Who::TitanNumber(12345))),
            ("@ada", Target::Person(Who::Username("ada".into()))),
        ];
        for (text, target) in cases {
            assert_eq!(text.parse(), Ok(target), "{text}");
        }
        for text in ["", " ", "#", "@", "id:x"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
