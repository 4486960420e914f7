//! Everything the screen may ask of the world: one closed set. `update` returns these and does nothing itself; only the
//! runner (`runner.rs`) touches network, disk, clock and clipboard.

use std::{collections::BTreeMap, path::PathBuf};

use titan_core::{ClientId, ConversationId, EntryId, Secret, Seq, client::Untrusted};

use super::{
    composer::UnderWay,
    question::Question,
    state::{
        server::ServerInfo,
        transfers::{SavedTransfer, Transfer, TransferId},
    },
};
use crate::settings::Settings;

/// A wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Quit,
    /// The program can't go on: leave, and say this where it was started.
    GiveUp(String),
    /// Draw everything anew, after something else wrote to the terminal.
    Redraw,
    /// Ask the server; what the answer means comes back.
    Ask(Question),
    /// Start the server on this machine, or say where it is already.
    Host,
    /// Log in or register.
    Enter(Entrance),
    /// Connect again, with the token of this session.
    Reconnect,
    /// Remember that this server is trusted in spite of its flaw.
    Believe(Box<Untrusted>),
    /// Forget the token and end the session.
    Logout,
    /// Into the outbox: sent now or when there is a connection.
    Send(Outgoing),
    Load(Load),
    SaveDraft(ConversationId, String),
    /// Keep what stands beside drafts, of all conversations.
    SaveUnderWay(BTreeMap<ConversationId, UnderWay>),
    /// Remember what was open.
    SaveOpen(ConversationId),
    SearchAll {
        generation: u64,
        query: String,
        /// What else there is, before this entry.
        before: Option<EntryId>,
    },
    StartTransfer(Box<Transfer>),
    PauseTransfer(TransferId),
    CancelTransfer(TransferId),
    SaveTransfers(Vec<SavedTransfer>),
    Copy(String),
    Bell,
    OpenLink(String),
    OpenFolder(PathBuf),
    SaveSettings(Box<Settings>),
    Mouse(bool),
    /// The account is no more: forget its token, back to the door.
    Forget(String),
    /// Have a link for a new password mailed; needs no login.
    Forgot(ServerInfo, String),
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    pub client_id: ClientId,
    pub conversation: ConversationId,
    pub text: String,
    pub reply_to: Option<Seq>,
}

/// Which part of a log is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    pub conversation: ConversationId,
    pub part: Part,
    pub limit: u32,
}

/// A part of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Newest,
    Before(Seq),
    /// Around a place: what a search found.
    Around(Seq),
}

/// How to get into a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Entrance {
    pub server: ServerInfo,
    pub how: How,
}

/// With what. Passwords live here and in the form, and nowhere on disk.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// The token kept from last time.
    Token,
    Login {
        username: String,
        password: Secret,
        /// In place of it, where somebody else made it up.
        new: Option<Secret>,
        /// Of the account's second factor.
        code: Option<Secret>,
    },
    Register {
        username: String,
        password: Secret,
        full_name: Option<String>,
        admin_key: Option<Secret>,
    },
}
