//! What a commit makes true, beside entries: a closed set of facts, told in the order of commits.
//!
//! A verb tells its changes inside its transaction. Whoever must know follows the one stream of [`Committed`] and nothing
//! else: what the hub remembers of accounts, who hears which conversation, which connections end, what clients are told.
//! A change says what is true now, not what to do about it; applying it twice does no harm.

use std::sync::Arc;

use titan_core::protocol::{App, Entry, MemberRole};
use titan_core::{AccountId, AppId, BlobId, ConversationId, SafeText, Seq, SessionId, Time};

use super::{AccountRecord, Deed, MembershipRecord, RelationRecord, RoomRecord, Turn};

/// What one commit made true. Its callers are answered when it is let go of: who follows the stream holds it until all of
/// it has been applied.
pub struct Committed {
    pub turn: Turn,
    /// In order of seq for each conversation.
    pub entries: Vec<Arc<Entry>>,
    pub changes: Vec<Told>,
    callers: Vec<Box<dyn FnOnce() + Send>>,
}

/// A change, and after how many of its commit's entries it was made.
#[derive(Clone, Debug)]
pub struct Told {
    pub after: usize,
    pub change: Change,
}

/// A stretch of a commit, in the order in which it was made.
#[derive(Debug)]
pub enum Step<'a> {
    Entries(&'a [Arc<Entry>]),
    Change(&'a Change),
}

impl Committed {
    pub fn new(turn: Turn, entries: Vec<Arc<Entry>>, changes: Vec<Told>) -> Self {
        Self { turn, entries, changes, callers: Vec::new() }
    }

    /// Lets callers wait for what becomes of this commit.
    pub fn answering(mut self, callers: impl IntoIterator<Item = Box<dyn FnOnce() + Send>>) -> Self {
        self.callers.extend(callers);
        self
    }

    /// Entries and changes as they came one after the other.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let mut done = 0;
        let mut stretch = move |up_to: usize| {
            let entries = self.entries.get(done..up_to).unwrap_or_default();
            done = up_to;
            (!entries.is_empty()).then_some(Step::Entries(entries))
        };
        let ends = self.changes.iter().map(|told| (told.after, Some(&told.change)));
        ends.chain([(self.entries.len(), None)])
            .flat_map(move |(after, change)| [stretch(after), change.map(Step::Change)].into_iter().flatten())
    }
}

impl Drop for Committed {
    fn drop(&mut self) {
        self.callers.drain(..).for_each(|answer| answer());
    }
}

impl std::fmt::Debug for Committed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Committed {{ {:?}, {:?}, {:?} }}", self.turn, self.entries, self.changes)
    }
}

/// A fact that lasts.
#[derive(Clone, Debug)]
pub enum Change {
    AccountMade {
        account: Box<AccountRecord>,
    },
    /// Its profile, role or password is another; `by` is the admin who did it, if not the account itself or the operator.
    AccountChanged {
        account: Box<AccountRecord>,
        by: Option<SafeText>,
    },
    AccountBanned {
        account: AccountId,
    },
    AccountUnbanned {
        account: AccountId,
    },
    /// It is gone for good, from all its conversations. `known` had to do with it: in directs, as friends, by requests.
    AccountEnded {
        account: AccountId,
        username: SafeText,
        places: Vec<EndedPlace>,
        known: Vec<AccountId>,
    },
    AddressBanned {
        address: String,
    },
    AddressUnbanned {
        address: String,
    },
    SessionOpened {
        account: AccountId,
        session: SessionId,
        expires_at: Time,
    },
    SessionsEnded {
        account: AccountId,
        which: Sessions,
        why: Why,
    },
    RoomMade {
        room: Box<RoomRecord>,
    },
    RoomChanged {
        room: ConversationId,
    },
    /// With those who were in it.
    RoomEnded {
        room: ConversationId,
        name: SafeText,
        by: Option<SafeText>,
        members: Vec<AccountId>,
    },
    /// An account is in a conversation from the entry after `seen` on; `membership` as that account sees it. `quiet`: a
    /// direct that somebody else opened, and where nothing was said yet.
    Joined {
        account: AccountId,
        membership: Box<MembershipRecord>,
        shut: bool,
        seen: Seq,
        quiet: bool,
    },
    Left {
        conversation: ConversationId,
        account: AccountId,
        how: Farewell,
    },
    /// What a member is in a room, and until when it is muted.
    MemberChanged {
        conversation: ConversationId,
        account: AccountId,
        role: MemberRole,
        muted_until: Option<Time>,
    },
    /// Until when somebody is kept out of a room; none: no longer.
    BannedOfRoom {
        room: ConversationId,
        account: AccountId,
        until: Option<Time>,
    },
    /// How another stands to an account now, as that account sees it; none: not at all.
    Related {
        account: AccountId,
        other: AccountId,
        relation: Option<Box<RelationRecord>>,
    },
    /// Whether one of two has blocked the other, with their direct, where they have one.
    Shut {
        one: AccountId,
        other: AccountId,
        direct: Option<ConversationId>,
        shut: bool,
    },
    /// Handed in or decided; `admins` are those who decide.
    AppChanged {
        app: Box<App>,
        admins: Vec<AccountId>,
    },
    AppRemoved {
        app: AppId,
    },
    ReadMarkMoved {
        account: AccountId,
        conversation: ConversationId,
        seq: Seq,
    },
    /// Something that was said, named or kept is gone for good: what else holds it, files first, is to let go of it. The blobs are
    /// those that it pointed to.
    Erased {
        blobs: Vec<BlobId>,
    },
    /// A setting of the house, such as its admin key.
    SettingChanged {
        setting: &'static str,
    },
    /// For the server's log: what else this commit tells of was somebody's doing.
    Done(Box<Deed>),
}

/// A conversation that an account was in when it ended, and the other one of a direct.
#[derive(Clone, Copy, Debug)]
pub struct EndedPlace {
    pub conversation: ConversationId,
    pub other: Option<AccountId>,
}

/// Which sessions of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    One(SessionId),
    AllBut(Option<SessionId>),
}

impl Sessions {
    pub fn hold(self, session: SessionId) -> bool {
        match self {
            Self::One(one) => session == one,
            Self::AllBut(keep) => Some(session) != keep,
        }
    }
}

/// Why sessions ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    LoggedOut,
    /// Its time was up.
    Expired,
    /// The account has as many as it may, and this one was not in use for longest.
    TooMany,
    PasswordChanged,
    PasswordGiven,
    PasswordReset,
    /// The account has a second factor now, or none any more.
    FactorChanged,
    /// The app password that it was opened with is gone.
    AppPasswordRemoved,
    /// An admin ended it, or the operator.
    EndedByAdmin,
    Banned,
    /// The account is gone: by its own wish, an admin's or the operator's.
    Gone(Ender),
}

/// Who ends an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ender {
    Itself,
    Admin,
    Operator,
}

/// How somebody comes to be in a room no longer.
#[derive(Clone, Debug)]
pub enum Farewell {
    Left,
    Removed { room: SafeText, by: SafeText, banned: bool, reason: String },
}
