//! Conversations and who is in them, as they travel.

use serde::{Deserialize, Serialize, ser::SerializeMap};

use super::{Account, Author, MemberRole, Person, Right, RoomKind};
use crate::{ConversationId, SafeText, Seq, Time};

/// A room, as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Room {
    /// The conversation it is.
    pub id: ConversationId,
    /// What it is called.
    pub name: SafeText,
    /// What it is for; perhaps empty.
    #[serde(default)]
    pub description: SafeText,
    /// For writing or talking.
    pub kind: RoomKind,
    /// Whether joining asks for a password.
    pub locked: bool,
    /// None for the room "general", which belongs to the house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Author>,
    /// How many are in.
    pub members: u64,
    /// When it was made.
    pub created_at: Time,
    /// Whether the one who asks is a member.
    pub joined: bool,
    /// What the one who asks may do with it. None: the server doesn't say, so try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<Vec<Right>>,
}

/// A member of a room or direct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// Who.
    #[serde(flatten)]
    pub person: Person,
    /// What they are in the room.
    pub room_role: MemberRole,
    /// Since when.
    pub joined_at: Time,
    /// May not write before then; [`Time::FOREVER`] where no end was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Time>,
    /// What the one who asks may do to them. None: the server doesn't say, so try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<Vec<Right>>,
}

/// A conversation of the account that asks, with where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// A room, or a pair.
    #[serde(flatten)]
    pub what: What,
    /// The last seq of the log; 0 while it is empty.
    pub head: Seq,
    /// Everything up to here has been read, on whatever device.
    pub read: Seq,
    /// Messages of others beyond `read`.
    pub unread: u64,
    /// Those of them that mention the account by name.
    pub mentions: u64,
    /// When the last entry was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_at: Option<Time>,
    /// What the account is in it.
    pub room_role: MemberRole,
    /// The account may not write here before then; [`Time::FOREVER`] where no end was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Time>,
    /// The oldest place that its log still has; 0 while nothing was ever given up. What lies before is no gap.
    #[serde(default, skip_serializing_if = "Seq::is_start")]
    pub floor: Seq,
    /// What the one who asks may do in it. None: the server doesn't say, so try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<Vec<Right>>,
}

impl Room {
    /// An open room for writing, of nobody's, without members.
    pub fn new(id: ConversationId, name: SafeText, created_at: Time) -> Self {
        let (description, kind, locked, owner) = Default::default();
        Self { id, name, description, kind, locked, owner, members: 0, created_at, joined: false, may: None }
    }

    /// Whether the one who asked may do that with it, as far as is known.
    pub fn may(&self, right: Right) -> bool {
        allows(self.may.as_deref(), right)
    }
}

impl Member {
    /// A plain member who may write.
    pub fn new(person: Person, joined_at: Time) -> Self {
        Self { person, room_role: MemberRole::Member, joined_at, muted_until: None, may: None }
    }

    /// Whether the one who asked may do that to them, as far as is known.
    pub fn may(&self, right: Right) -> bool {
        allows(self.may.as_deref(), right)
    }
}

impl Conversation {
    /// One in which nothing was written yet, and in which the account is a plain member.
    pub fn new(id: ConversationId, what: What) -> Self {
        let (head, read, floor) = Default::default();
        let (active_at, muted_until, may) = Default::default();
        let room_role = MemberRole::Member;
        Self { id, what, head, read, unread: 0, mentions: 0, active_at, room_role, muted_until, floor, may }
    }

    /// Whether the one who asked may do that in it, as far as is known.
    pub fn may(&self, right: Right) -> bool {
        allows(self.may.as_deref(), right)
    }
}

/// What isn't known is offered, and left to the server to refuse.
fn allows(may: Option<&[Right]>, right: Right) -> bool {
    may.is_none_or(|may| may.contains(&right))
}

/// A room or a direct pair.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// Several people, by a name.
    Room(Room),
    /// The other person (oneself in the conversation with oneself).
    Direct(Account),
    /// A kind that a newer server knows.
    Unknown,
}

impl What {
    /// The room, where it is one.
    pub fn room(&self) -> Option<&Room> {
        match self {
            Self::Room(room) => Some(room),
            _ => None,
        }
    }

    /// The other person, where it is a direct.
    pub fn direct(&self) -> Option<&Account> {
        match self {
            Self::Direct(account) => Some(account),
            _ => None,
        }
    }

    /// What it is called: the room's name, or the other person's; none where neither is known.
    pub fn name(&self) -> Option<&SafeText> {
        self.room().map(|room| &room.name).or(self.direct().map(|account| &account.username))
    }
}

/// As it travels: a field that names the kind.
#[derive(Deserialize)]
struct Kinds {
    room: Option<Room>,
    direct: Option<Account>,
}

impl Serialize for What {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Room(room) => map.serialize_entry("room", room)?,
            Self::Direct(account) => map.serialize_entry("direct", account)?,
            Self::Unknown => {}
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for What {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Kinds::deserialize(deserializer)? {
            Kinds { room: Some(room), .. } => Self::Room(room),
            Kinds { direct: Some(account), .. } => Self::Direct(account),
            Kinds { .. } => Self::Unknown,
        })
    }
}
