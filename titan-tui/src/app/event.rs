//! Everything that can happen to the screen: one closed set. Keys come from the terminal; the rest is what effect runners
//! bring back. No event carries a handle to anything: they are facts, so that tests can make them by hand.

use std::path::PathBuf;

use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use titan_core::{
    BlobId, ClientId, ConversationId, Seq,
    client::Untrusted,
    protocol::{self, Account, Conversation, Entry, FaultCode, Posted, Results},
};

use super::{
    composer::UnderWay,
    log::Pending,
    question::{Answer, Concern, Question},
    state::{
        server::{Link, ServerInfo},
        transfers::{SavedTransfer, TransferId},
    },
};

/// A fact.
#[derive(Debug)]
pub enum Event {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    Resize(u16, u16),
    /// Whether the terminal's window has the focus.
    Attended(bool),
    /// The moment that [`super::state::State::wake_at`] asked for has come.
    Tick,
    /// The connection changed.
    Link(Link),
    /// The server is not believed, and the connection over for this.
    Untrusted(Box<Untrusted>),
    /// The server says something.
    Push(Box<protocol::Event>),
    /// The server was restored from a backup: what was loaded of these logs may never have been said.
    Rewound(Vec<ConversationId>),
    /// What was sent is in the outbox, on disk.
    Kept(ClientId),
    /// What became of something in the outbox.
    Sent(ClientId, Result<Posted, Trouble>),
    /// What the answer to an [`super::effect::Effect::Ask`] means.
    Answer(Answer),
    /// The server said no to one, or there is no server.
    Refused(Concern, Trouble),
    /// The server asks for the password again before it answers that.
    ConfirmFirst(Question),
    /// Logging in or registering ended.
    Entered(Result<Box<Entered>, Trouble>),
    /// The server on this machine is up, or isn't.
    Hosted(Result<ServerInfo, Trouble>),
    /// The server in this process can't go on: what to tell the person.
    HostEnded(String),
    /// The server on this machine is at this address now; a token for it is kept.
    At(ServerInfo),
    /// What the local cache knew at the start.
    Restored(Box<Restored>),
    /// A piece of a log.
    Loaded(Loaded),
    /// What a search found; `generation` tells an old answer from the newest.
    Found {
        generation: u64,
        page: Results,
        /// Whether it goes on where another page ended.
        further: bool,
        from_server: bool,
    },
    /// A link for a new password was asked for, for this name.
    Forgotten(Result<String, Trouble>),
    /// How a transfer goes.
    Transfer(TransferId, TransferNews),
    /// Something worth a line: copied, saved, failed.
    Said(Result<String, Trouble>),
}

/// Why something did not work, in words that say what to do, and the fault's code where the server gave one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub text: String,
    pub code: Option<FaultCode>,
    /// The field of the question that is wrong, where it is one.
    pub field: Option<String>,
    /// The server that is not believed, where it is that.
    pub untrusted: Option<Box<Untrusted>>,
}

impl Trouble {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: titan_core::shown(&text.into()).into_owned(), code: None, field: None, untrusted: None }
    }
}

impl From<protocol::Fault> for Trouble {
    fn from(fault: protocol::Fault) -> Self {
        Self { code: Some(fault.code), field: fault.field, ..Self::new(fault.message) }
    }
}

/// A login that worked.
#[derive(Clone, Debug)]
pub struct Entered {
    pub server: ServerInfo,
    pub account: Account,
    pub restored: Restored,
}

/// What the disk remembers of a server.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    pub me: Option<Account>,
    pub conversations: Vec<Conversation>,
    pub drafts: Vec<(ConversationId, String)>,
    pub under_way: Vec<(ConversationId, UnderWay)>,
    pub open: Option<ConversationId>,
    pub outbox: Vec<(ConversationId, Pending)>,
    pub transfers: Vec<SavedTransfer>,
    pub relations: Vec<protocol::Relation>,
}

/// Entries of one conversation, in order.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub conversation: ConversationId,
    pub entries: Vec<Entry>,
    /// Whether nothing older exists.
    pub at_start: bool,
    /// Whether more may follow for the same question (the cache answered, the server will).
    pub more_follows: bool,
    /// The message to show, where one was asked for.
    pub focus: Option<Seq>,
}

/// How a transfer goes.
#[derive(Clone, Debug)]
pub enum TransferNews {
    Progress { done: u64, total: u64 },
    Paused,
    Done { path: PathBuf, sha256: Option<BlobId> },
    Failed(Trouble),
}
