//! What the server answers, one shape a command.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountStanding, AddressBan, App, AuditAct, Conversation, Entry, FileInfo, Found, Member, Person, Place,
    Relation, RepositoryStats, Room, Sanction, SessionInfo,
};
use crate::{ConversationId, EntryId, Seq, SessionId, Time};

/// A reply as the server writes it: the bare object, without a tag. Clients know the shape from what they asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    Done {},
    Registered(Registered),
    LoggedIn(LoggedIn),
    Sessions(Sessions),
    People(People),
    Person(Person),
    Relations(Relations),
    Relation(Box<Relation>),
    Accounts(Accounts),
    AddressBans(AddressBans),
    Audit(Audit),
    Sanctions(Sanctions),
    Rooms(Rooms),
    Room(Room),
    Conversations(Conversations),
    Conversation(Box<Conversation>),
    Members(Members),
    Posted(Posted),
    Entries(Entries),
    Results(Results),
    Resumed(Resumed),
    File(FileInfo),
    Apps(Apps),
    App(Box<App>),
    AppStats(RepositoryStats),
}

macro_rules! reply {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type),* }
    )*};
}

/// To `login` and `authenticate`. The token is a secret of 256 bits: keep it where only its owner reads.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedIn {
    pub account: Account,
    pub session: SessionId,
    pub token: String,
    /// The server's clock, for showing ages right on a machine whose clock is wrong.
    pub now: Time,
}

/// Without the token: a reply may end up in a log.
impl fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedIn")
            .field("account", &self.account)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

reply! {
    /// To `register`, `add_account` and `edit_account`.
    Registered { account: Account }
    /// To `sessions` and `account_sessions`.
    Sessions { sessions: Vec<SessionInfo> }
    /// To `who` and `search_accounts`.
    People { people: Vec<Person> }
    /// To `relations`.
    Relations { relations: Vec<Relation> }
    /// To `sanctions`.
    Sanctions { sanctions: Vec<Sanction> }
    /// To `banned_addresses`.
    AddressBans { addresses: Vec<AddressBan> }
    /// To `audit`.
    Audit { acts: Vec<AuditAct> }
    /// To `accounts`.
    Accounts { accounts: Vec<AccountStanding> }
    /// To `rooms`.
    Rooms { rooms: Vec<Room> }
    /// To `conversations`.
    Conversations { conversations: Vec<Conversation> }
    /// To `members`.
    Members { members: Vec<Member> }
    /// To `post`, `edit`, `delete` and `react`: the entry is on disk. A retry gets the same answer.
    Posted { conversation: ConversationId, seq: Seq, id: EntryId, at: Time }
    /// To `history`, ordered by seq.
    Entries {
        entries: Vec<Entry>,
        /// The last seq of the log.
        head: Seq,
    }
    /// To `search`.
    Results { results: Vec<Found> }
    /// To `resume`: the heads that the events following will reach.
    Resumed { heads: Vec<Place> }
    /// To `apps`.
    Apps { apps: Vec<App> }
}
