//! How stores write what is one of a few: one word for each, the same in every database, so that a house can move from one
//! to another. A word that is none of them means damage, or another program's hand.

use titan_core::protocol::{AppState, Category, MemberRole, RelationKind, Role, RoomKind, SanctionKind, Words};

use super::{Scheme, StoreError, StoreResult};

/// What a store keeps as a word.
pub trait Named: Sized {
    /// What it is, for the one who has to repair it.
    const WHAT: &'static str;
    fn named(name: &str) -> Option<Self>;
    fn name(self) -> &'static str;

    /// Reads what the database holds.
    fn read(name: &str) -> StoreResult<Self> {
        Self::named(name).ok_or_else(|| impossible(Self::WHAT, name))
    }
}

/// A value that the database can't hold unless it was damaged or written by another program.
pub fn impossible(what: &str, value: impl std::fmt::Debug) -> StoreError {
    StoreError::Broken(format!("the database holds {value:?} as {what}"))
}

macro_rules! named {
    ($type:ident, $what:literal, $($variant:ident = $name:literal),+) => {
        impl Named for $type {
            const WHAT: &'static str = $what;

            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

named!(Scheme, "a password scheme", Titan = "titan", Sha256 = "sha256", Bcrypt = "bcrypt", Pbkdf2 = "pbkdf2");

/// The words of the protocol, by the names that they have on the wire.
macro_rules! of_the_wire {
    ($($type:ident, $what:literal;)+) => {$(
        impl Named for $type {
            const WHAT: &'static str = $what;

            fn named(name: &str) -> Option<Self> {
                Words::known(name)
            }

            fn name(self) -> &'static str {
                $type::name(self)
            }
        }
    )+};
}

of_the_wire! {
    Role, "a role";
    MemberRole, "a member's role";
    RoomKind, "a room's kind";
    SanctionKind, "a sanction";
    RelationKind, "a relation";
    AppState, "an app's state";
    Category, "an app's category";
}
