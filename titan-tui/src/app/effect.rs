//! Everything the screen may ask of the world: one closed set. `update` returns these and does nothing itself; only the
//! runner (`runner.rs`) touches network, disk, clock and clipboard.

use std::path::PathBuf;

use titan_core::{ClientId, ConversationId, Seq, protocol::Command};

use super::{
    order::{Order, Step},
    state::{
        repository::AppQuery,
        server::ServerInfo,
        transfers::{SavedTransfer, Transfer, TransferId},
    },
};
use crate::settings::Settings;

/// A wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Quit,
    /// Draw everything anew, after something else wrote to the terminal.
    Redraw,
    /// Ask the server; the answer comes back with `Then`.
    Ask(Command, Then),
    /// Start the server on this machine, or say where it is already.
    Host,
    /// Log in or register.
    Enter(Entrance),
    /// Forget the token and end the session.
    Logout,
    /// Into the outbox: sent now or when there is a connection.
    Send(Outgoing),
    Load(Load),
    SaveDraft(ConversationId, String),
    /// Remember what was open.
    SaveOpen(ConversationId),
    SearchAll {
        generation: u64,
        query: String,
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
#[derive(Clone, PartialEq)]
pub enum How {
    /// The token kept from last time.
    Token,
    Login {
        username: String,
        password: String,
    },
    Register {
        username: String,
        password: String,
        full_name: Option<String>,
        admin_key: Option<String>,
    },
}

impl std::fmt::Debug for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Token => "Token",
            Self::Login { .. } => "Login",
            Self::Register { .. } => "Register",
        })
    }
}

/// What to do with the answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Only a fault is of interest.
    Nothing,
    /// Nothing at all is: it was a courtesy (a typing notice, a read mark).
    Ignore,
    /// Say this when it worked.
    Say(String),
    Conversations,
    Rooms,
    ListRooms,
    Who,
    ListPeople,
    Members(ConversationId),
    ListMembers(ConversationId),
    /// A room or direct to open now that we are in it.
    Open,
    /// The same, and send this there.
    OpenAndSay(String),
    /// An answer for the form on top: close it, say this.
    CloseForm(String),
    /// The same, opening the room.
    CloseFormAndOpen,
    Apps(AppQuery),
    AppStats,
    AppDecided(String),
    Relations,
    Sanctions(ConversationId),
    Sessions,
    /// Somebody's, by their name.
    SessionsOf(String),
    Accounts,
    Addresses,
    Audit,
    /// Something was done to somebody.
    Did(Box<Did>),
    /// My account is gone.
    Deleted,
    Account(Wish),
    Profile,
    RoomHistory(String),
    ListFiles(String),
    /// Look for a file of this name among what comes back.
    FetchFile(String),
}

impl Then {
    /// Says this once it is done; there is no way back by a key.
    pub fn did(said: impl Into<String>) -> Self {
        Self::Did(Box::new(Did { said: said.into(), back: None }))
    }
}

/// What is said once something is done, and what takes it back, with what is said then.
#[derive(Clone, Debug, PartialEq)]
pub struct Did {
    pub said: String,
    pub back: Option<(Command, String)>,
}

/// What is wanted of an account that had to be looked up by name.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    Show,
    Blog,
    Direct(Option<String>),
    Ban(String),
    Unban,
    Step(Step),
    /// In the open room; with questions first, or at once for this reason.
    Order {
        order: Order,
        reason: String,
        asks: bool,
    },
    ResetPassword,
    Sessions,
    Remove,
    Edit {
        password: Option<String>,
        role: Option<titan_core::protocol::Role>,
    },
}
