//! The export of one's own data, as it travels.

use serde::{Deserialize, Serialize};

use super::{Account, App, Conversation, Entry, Relation, SessionInfo};
use crate::{SafeText, Time};

/// A piece of the export of one's own data: a line of JSON at `GET /api/export`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "export", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Exported {
    /// The first line: who it is about.
    #[non_exhaustive]
    Account {
        /// As others see it.
        account: Account,
        /// As only its owner sees it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<SafeText>,
        /// When a session was last opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_login: Option<Time>,
    },
    /// A session that is open.
    #[non_exhaustive]
    Session {
        /// Which.
        session: SessionInfo,
    },
    /// Somebody who is more, or less, than others are.
    #[non_exhaustive]
    Relation {
        /// Who, and what.
        relation: Relation,
    },
    /// A conversation of the account.
    #[non_exhaustive]
    Conversation {
        /// With where it stands.
        conversation: Box<Conversation>,
    },
    /// What the account wrote, in whatever conversation, and what others wrote to it in private.
    #[non_exhaustive]
    Entry {
        /// Which.
        entry: Box<Entry>,
    },
    /// An app that the account uploaded.
    #[non_exhaustive]
    App {
        /// Which.
        app: Box<App>,
    },
    /// The last line: without it the export was cut off.
    #[non_exhaustive]
    End {},
    /// A kind of a newer server.
    #[serde(other)]
    Unknown,
}

/// How each kind is made: kinds may gain fields, so that nobody else can write one out.
impl Exported {
    /// The first line.
    pub fn account(account: Account, email: Option<SafeText>, last_login: Option<Time>) -> Self {
        Self::Account { account, email, last_login }
    }

    /// One that is open.
    pub fn session(session: SessionInfo) -> Self {
        Self::Session { session }
    }

    /// How somebody stands to the account.
    pub fn relation(relation: Relation) -> Self {
        Self::Relation { relation }
    }

    /// One of the account's.
    pub fn conversation(conversation: Box<Conversation>) -> Self {
        Self::Conversation { conversation }
    }

    /// One that the account wrote, or that was written to it.
    pub fn entry(entry: Box<Entry>) -> Self {
        Self::Entry { entry }
    }

    /// One that the account uploaded.
    pub fn app(app: Box<App>) -> Self {
        Self::App { app }
    }

    /// The last line.
    pub fn end() -> Self {
        Self::End {}
    }
}
