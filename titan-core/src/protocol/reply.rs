//! What the server answers. The table of commands (`ask.rs`) says which command is answered with what.

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountStanding, AddressBan, App, AppPassword, AuditAct, AuditChain, Conversation, Entry, Found, Member,
    Person, Place, Relation, Room, Sanction, SessionInfo,
};
use crate::secret::{all_revealed, revealed};
use crate::{AccountId, ConversationId, EntryId, SafeText, Secret, Seq, SessionId, Time};

/// Replies that hold one thing each, made of it by `into`.
macro_rules! reply {
    ($($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $type:ty })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $(#[$field_doc])*
            pub $field: $type,
        }

        impl From<$type> for $name {
            fn from($field: $type) -> Self {
                Self { $field }
            }
        }
    )*};
}

/// Replies that are lists: a page of one, and whether there is more behind it.
macro_rules! list {
    ($($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $type:ty })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $(#[$field_doc])*
            pub $field: Vec<$type>,
            /// Whether there are more, to be asked for after the last one of these.
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            pub more: bool,
        }

        impl From<Vec<$type>> for $name {
            fn from($field: Vec<$type>) -> Self {
                Self { $field, more: false }
            }
        }

        impl From<(Vec<$type>, bool)> for $name {
            fn from(($field, more): (Vec<$type>, bool)) -> Self {
                Self { $field, more }
            }
        }
    )*};
}

reply! {
    /// To `register`, `update_profile`, `add_account` and `edit_account`.
    Registered {
        /// As it is now.
        account: Account
    }
    /// To `verify_audit`.
    AuditVerified {
        /// What its chain says of it.
        chain: AuditChain
    }
    /// To `resume`.
    Resumed {
        /// What the events following will reach.
        heads: Vec<Place>
    }
}

list! {
    /// To `sessions` and `account_sessions`.
    Sessions {
        /// Those that are open.
        sessions: SessionInfo
    }
    /// To `app_passwords`.
    AppPasswords {
        /// The oldest first.
        app_passwords: AppPassword
    }
    /// To `who` and `search_accounts`.
    People {
        /// Everybody who is online, or whose name begins so.
        people: Person
    }
    /// To `relations`.
    Relations {
        /// Everybody who is more to the one who asks than others are, or less.
        relations: Relation
    }
    /// To `sanctions`.
    Sanctions {
        /// Those that stand; what has run out is left away.
        sanctions: Sanction
    }
    /// To `banned_addresses`.
    AddressBans {
        /// All of them.
        addresses: AddressBan
    }
    /// To `audit`.
    Audit {
        /// The newest first.
        acts: AuditAct
    }
    /// To `accounts`.
    Accounts {
        /// Everybody.
        accounts: AccountStanding
    }
    /// To `rooms`.
    Rooms {
        /// All of the server.
        rooms: Room
    }
    /// To `members`.
    Members {
        /// Everybody who is in.
        members: Member
    }
    /// To `apps`.
    Apps {
        /// The newest first.
        apps: App
    }
}

/// An answer without anything in it: it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

impl From<()> for Done {
    fn from((): ()) -> Self {
        Self {}
    }
}

/// To `search`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Results {
    /// The newest first.
    pub results: Vec<Found>,
    /// Whether that is all there is. Otherwise there were too many for one answer, or there was no time to look further: ask
    /// again with `before`. A page without results may be followed by one that has some.
    #[serde(default = "yes")]
    pub complete: bool,
    /// Where the next page goes on; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<EntryId>,
}

impl Results {
    /// A page; `before` says where the next one goes on, if this is not all.
    pub fn new(results: Vec<Found>, before: Option<EntryId>) -> Self {
        Self { results, complete: before.is_none(), before }
    }
}

/// Servers of before have no other pages.
fn yes() -> bool {
    true
}

/// To `request_reset`: the same whether or not there is such an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResetAsked {
    /// For so many minutes the letter is tried again, where its mail server turns it away at first; 0: the server doesn't say.
    #[serde(default)]
    pub letter_minutes: u32,
    /// For so many minutes from now the link is good; 0: the server doesn't say.
    #[serde(default)]
    pub link_minutes: u32,
}

impl ResetAsked {
    /// As the house has it.
    pub fn new(letter_minutes: u32, link_minutes: u32) -> Self {
        Self { letter_minutes, link_minutes }
    }
}

/// To `usage`: what of mine takes room, in files of conversations and apps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// Files and apps together.
    pub files: u64,
    /// What they take.
    pub bytes: u64,
    /// How many bytes they may take; none: the house asks for no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
}

impl Usage {
    /// So many files of so many bytes, of as many as there may be.
    pub fn new(files: u64, bytes: u64, quota: Option<u64>) -> Self {
        Self { files, bytes, quota }
    }
}

/// To `login` and `authenticate`. The token is a secret of 256 bits: keep it where only its owner reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LoggedIn {
    /// Who is logged in.
    pub account: Account,
    /// The session that was opened, or entered.
    pub session: SessionId,
    /// What enters it again.
    #[serde(serialize_with = "revealed")]
    pub token: Secret,
    /// The server's clock, for showing ages right on a machine whose clock is wrong.
    pub now: Time,
    /// The house's epoch: another one than before means that the house was restored from a backup, and what a client kept
    /// of its conversations is not to be trusted. None: the server doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
}

impl LoggedIn {
    /// As of this machine's clock.
    pub fn new(account: Account, session: SessionId, token: Secret, epoch: Option<String>) -> Self {
        Self { account, session, token, now: Time::now(), epoch }
    }
}

/// To `profile`: what nobody else is told of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// What everybody sees.
    pub account: Account,
    /// Where letters with a way to a new password go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<SafeText>,
    /// Where they will go once this address is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_email: Option<SafeText>,
    /// Since when the account has a second factor, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor_since: Option<Time>,
    /// Recovery codes that are left.
    #[serde(default)]
    pub recovery_codes: u32,
}

impl Profile {
    /// Of an account without a mail address.
    pub fn new(account: Account) -> Self {
        Self { account, email: None, new_email: None, factor_since: None, recovery_codes: 0 }
    }
}

/// To `add_factor`: a secret that an app for codes by time is to be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewFactor {
    /// As base32 text, for who types it.
    #[serde(serialize_with = "revealed")]
    pub secret: Secret,
    /// As an `otpauth://` address.
    #[serde(serialize_with = "revealed")]
    pub uri: Secret,
    /// The same as a QR code: rows from the top, `#` for each dark module and a blank for each light one, without the light
    /// margin of four modules that belongs around it.
    pub qr: Vec<String>,
}

impl NewFactor {
    /// All three say the same.
    pub fn new(secret: Secret, uri: Secret, qr: Vec<String>) -> Self {
        Self { secret, uri, qr }
    }
}

/// To `confirm_factor` and `renew_recovery_codes`: each is good once in the place of a code, and shown never again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecoveryCodes {
    /// All of them.
    #[serde(serialize_with = "all_revealed")]
    pub codes: Vec<Secret>,
}

impl From<Vec<Secret>> for RecoveryCodes {
    fn from(codes: Vec<Secret>) -> Self {
        Self { codes }
    }
}

/// To `add_app_password`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewAppPassword {
    /// What it is.
    #[serde(flatten)]
    pub app_password: AppPassword,
    /// The password itself, shown never again.
    #[serde(serialize_with = "revealed")]
    pub password: Secret,
}

impl NewAppPassword {
    /// Just made.
    pub fn new(app_password: AppPassword, password: Secret) -> Self {
        Self { app_password, password }
    }
}

/// To `conversations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Conversations {
    /// The most recently active first.
    pub conversations: Vec<Conversation>,
    /// As in the reply to `login`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// Whether there are more, to be asked for after the last one of these.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

impl Conversations {
    /// These, in a house of this epoch.
    pub fn new(conversations: Vec<Conversation>, epoch: Option<String>) -> Self {
        Self { conversations, epoch, more: false }
    }
}

/// To `post`, `edit`, `delete` and `react`: the entry is on disk. A retry gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Posted {
    /// Where.
    pub conversation: ConversationId,
    /// At which place of its log.
    pub seq: Seq,
    /// The entry's id.
    pub id: EntryId,
    /// When.
    pub at: Time,
}

impl From<&Entry> for Posted {
    fn from(entry: &Entry) -> Self {
        Self { conversation: entry.conversation, seq: entry.seq, id: entry.id, at: entry.at }
    }
}

/// To `history`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entries {
    /// Ordered by seq; perhaps fewer than asked for, and none only where there are none.
    pub entries: Vec<Entry>,
    /// The last seq of the log.
    pub head: Seq,
}

impl Entries {
    /// These, of a log that ends there.
    pub fn new(entries: Vec<Entry>, head: Seq) -> Self {
        Self { entries, head }
    }
}

/// To `ended_accounts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndedAccounts {
    /// Theirs, which nobody gets again; 1,000 at most.
    pub accounts: Vec<AccountId>,
    /// Until when these are all: what to ask after next.
    pub until: Time,
}

impl EndedAccounts {
    /// Those, and until when they are all.
    pub fn new(accounts: Vec<AccountId>, until: Time) -> Self {
        Self { accounts, until }
    }
}
