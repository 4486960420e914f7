//! On what grounds a verb is done. The policy of the hub writes them down as it decides; the transaction that does the deed
//! looks at them again.

use std::net::IpAddr;

use titan_core::protocol::{RelationKind, Role};
use titan_core::{AccountId, AppPasswordId, ConversationId, SessionId};
use tracing::Span;

use super::{AuditRecord, Standing, Verifier};

/// What a decision of the policy rested on. The verb that it allowed looks again, in its own transaction, and refuses with
/// `Stale` what is no longer so: then the policy decides anew.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The session stands, and its time is not up. Who is banned has none.
    Session { account: AccountId, session: SessionId },
    /// The account is there, not banned, and is this on the server.
    Role { account: AccountId, role: Role },
    /// The account, welcome or not, is this on the server: who is acted upon may be banned.
    RoleOfTarget { account: AccountId, role: Role },
    /// What the account is in the conversation; none: no member.
    Member { account: AccountId, conversation: ConversationId, standing: Option<Standing> },
    /// Whether the account is banned from the room.
    RoomBan { account: AccountId, room: ConversationId, banned: bool },
    /// How `other` stands to the account.
    Relation { account: AccountId, other: AccountId, kind: Option<RelationKind> },
    /// The account has this password.
    Password { account: AccountId, verifier: Verifier },
    /// The account is not banned, and has this app password.
    AppPassword { account: AccountId, app_password: AppPasswordId },
    /// The room stands, and asks for this.
    RoomPassword { room: ConversationId, hash: Option<String> },
    /// The room stands, and is this account's.
    RoomOwner { room: ConversationId, owner: Option<AccountId> },
    /// Nobody who comes from there is kept out.
    AddressWelcome { address: String },
}

/// On what grounds something may be done, and how the audit log tells of it: both are the business of the transaction
/// that does it. And how the server's log does, once that is committed.
#[derive(Clone, Debug, Default)]
pub struct Warrant {
    pub grounds: Vec<Fact>,
    pub audit: Option<AuditRecord>,
    pub deeds: Vec<Deed>,
}

/// What the server's log tells of something that was done: who did it, from where, and to whom.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Such as `ban`.
    pub event: &'static str,
    pub door: &'static str,
    /// None at this machine's command line.
    pub address: Option<IpAddr>,
    /// By name; empty where it is nobody's.
    pub account: String,
    /// To whom or what it is done; empty where that is said.
    pub of: String,
    /// Of who asked for it.
    pub span: Span,
}

impl Deed {
    /// Of the house itself, that nobody asked for.
    pub fn of_house(event: &'static str) -> Self {
        let (account, of, span) = (String::new(), String::new(), Span::none());
        Self { event, door: "house", address: None, account, of, span }
    }

    pub fn of(self, of: impl Into<String>) -> Self {
        Self { of: of.into(), ..self }
    }
}

impl Warrant {
    /// For who needs no leave: the operator, or the house itself.
    pub fn of_house() -> Self {
        Self::default()
    }

    pub fn with_audit(mut self, audit: AuditRecord) -> Self {
        self.audit = Some(audit);
        self
    }

    pub fn with_deed(mut self, deed: Deed) -> Self {
        self.deeds.push(deed);
        self
    }
}

impl From<Vec<Fact>> for Warrant {
    fn from(grounds: Vec<Fact>) -> Self {
        Self { grounds, ..Self::default() }
    }
}
