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
    Session {
        /// Which.
        session: SessionInfo,
    },
    /// Somebody who is more, or less, than others are.
    Relation {
        /// Who, and what.
        relation: Relation,
    },
    /// A conversation of the account.
    Conversation {
        /// With where it stands.
        conversation: Box<Conversation>,
    },
    /// What the account wrote, in whatever conversation, and what others wrote to it in private.
    Entry {
        /// Which.
        entry: Box<Entry>,
    },
    /// An app that the account uploaded.
    App {
        /// Which.
        app: Box<App>,
    },
    /// The last line: without it the export was cut off.
    End {},
    /// A kind of a newer server.
    #[serde(other)]
    Unknown,
}
