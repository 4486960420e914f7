//! The view of people: friends and requests, who is online, oneself, and for admins the house. What each section lists is
//! made from what is known already; only what nothing else needs is kept here.

use titan_core::protocol::{AccountStanding, AddressBan, AuditAct, AuditChain, Person, Relation, SessionInfo};

/// A part of the view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    #[default]
    Friends,
    Requests,
    Blocked,
    Online,
    Me,
    Sessions,
    Accounts,
    Addresses,
    Audit,
}

/// Sections that stand under one heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wing {
    People,
    Own,
    House,
}

impl Section {
    const ALL: [Section; 9] = [
        Self::Friends,
        Self::Requests,
        Self::Blocked,
        Self::Online,
        Self::Me,
        Self::Sessions,
        Self::Accounts,
        Self::Addresses,
        Self::Audit,
    ];

    /// Those that this person may see; the house is for admins.
    pub fn of(admin: bool) -> &'static [Section] {
        if admin { &Self::ALL } else { &Self::ALL[..6] }
    }

    pub fn wing(self) -> Wing {
        match self {
            Self::Friends | Self::Requests | Self::Blocked | Self::Online => Wing::People,
            Self::Me | Self::Sessions => Wing::Own,
            Self::Accounts | Self::Addresses | Self::Audit => Wing::House,
        }
    }
}

/// What the view keeps.
#[derive(Default)]
pub struct Directory {
    pub section: Section,
    pub at: usize,
    /// An answer for the section shown is on its way.
    pub loading: bool,
    pub accounts: Vec<AccountStanding>,
    pub sessions: Vec<SessionInfo>,
    pub addresses: Vec<AddressBan>,
    pub acts: Vec<AuditAct>,
    /// There are older ones on the server.
    pub more_acts: bool,
    /// Whether they are as they were written, once the server has said so.
    pub chain: Option<AuditChain>,
}

/// Something a section lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Relation(Relation),
    Person(Person),
    Account(AccountStanding),
    Session(SessionInfo),
    Address(AddressBan),
    Act(AuditAct),
    Deed(Deed),
}

/// Something one may do with one's own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Profile,
    Password,
    Factor,
    AppPasswords,
    Export,
    AdminKey,
    Logout,
    Delete,
}
