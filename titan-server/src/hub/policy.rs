//! Who may do what: the one place where permission is given, for all doors alike.
//!
//! Pure functions of who asks and what for. Everything that changes something passes here.

use titan_core::AccountId;
use titan_core::protocol::{Fault, FaultCode, MemberRole, Role};

use super::Outcome;

/// Who asks: an account, what it is on the server, and what it is in the conversation concerned (none: no member).
#[derive(Clone, Copy, Debug)]
pub struct Actor {
    pub account: AccountId,
    pub role: Role,
    pub member: Option<MemberRole>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Reading a conversation: its history, members, files; marking it read.
    Read,
    /// Writing into it: messages, reactions, typing, signals.
    Write,
    /// Changing a message of `author`.
    Edit { author: AccountId },
    /// Deleting a message of `author`.
    Erase { author: AccountId },
    /// Changing a room's name, description or password.
    ChangeRoom,
    /// Ending a room.
    DeleteRoom { owner: Option<AccountId> },
    /// Seeing, deciding and deleting what is the admins' to: accounts, bans, the approval queue, the admin key.
    Administer,
    /// Seeing an app that is not approved, or deleting an app, of `author`.
    OwnApp { author: AccountId },
}

/// Lets the act happen or says why not.
pub fn may(actor: &Actor, act: Act) -> Outcome<()> {
    let admin = actor.role == Role::Admin;
    match act {
        Act::Read | Act::Write => member(actor),
        Act::Edit { author } => {
            member(actor).and_then(|()| own(actor.account == author, "Only its author can edit a message."))
        }
        Act::Erase { author } => {
            let keeper = admin || actor.member >= Some(MemberRole::Moderator);
            let said = "Only its author, the room's owner and moderators, and admins can delete a message.";
            reaches(actor, admin).and_then(|()| own(keeper || actor.account == author, said))
        }
        Act::ChangeRoom => {
            let keeper = admin || actor.member >= Some(MemberRole::Moderator);
            own(keeper, "Only the room's owner and moderators, and admins can change a room.")
        }
        Act::DeleteRoom { owner } => {
            own(admin || owner == Some(actor.account), "Only the room's owner and admins can delete a room.")
        }
        Act::Administer => own(admin, "Admin access required"),
        Act::OwnApp { author } => {
            own(admin || author == actor.account, "Only its author and admins can do that with an app.")
        }
    }
}

fn member(actor: &Actor) -> Outcome<()> {
    match actor.member {
        Some(_) => Ok(()),
        None => Err(Fault::new(FaultCode::NotAMember, "You are not a member of that conversation: join it first.")),
    }
}

/// Admins reach into rooms they are no member of.
fn reaches(actor: &Actor, admin: bool) -> Outcome<()> {
    if admin { Ok(()) } else { member(actor) }
}

fn own(allowed: bool, refusal: &str) -> Outcome<()> {
    if allowed { Ok(()) } else { Err(Fault::forbidden(refusal)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: AccountId = AccountId(1);
    const BOB: AccountId = AccountId(2);

    fn actor(role: Role, member: Option<MemberRole>) -> Actor {
        Actor { account: ADA, role, member }
    }

    #[test]
    fn every_cell_of_the_matrix_is_as_written() {
        use MemberRole::{Member, Moderator, Owner};
        let acts: [(Act, &str); 10] = [
            // Columns: stranger, member, moderator, owner, admin who is no member.
            (Act::Read, "-+++-"),
            (Act::Write, "-+++-"),
            (Act::Edit { author: ADA }, "-+++-"),
            (Act::Edit { author: BOB }, "-----"),
            (Act::Erase { author: ADA }, "-++++"),
            (Act::Erase { author: BOB }, "--+++"),
            (Act::ChangeRoom, "--+++"),
            (Act::DeleteRoom { owner: Some(BOB) }, "----+"),
            (Act::Administer, "----+"),
            (Act::OwnApp { author: BOB }, "----+"),
        ];
        let actors = [
            actor(Role::User, None),
            actor(Role::User, Some(Member)),
            actor(Role::User, Some(Moderator)),
            actor(Role::User, Some(Owner)),
            actor(Role::Admin, None),
        ];
        for (act, wanted) in acts {
            let got: String = actors.iter().map(|actor| if may(actor, act).is_ok() { '+' } else { '-' }).collect();
            assert_eq!(got, wanted, "{act:?}");
        }
        assert!(may(&actor(Role::User, None), Act::DeleteRoom { owner: Some(ADA) }).is_ok());
        assert!(may(&actor(Role::User, None), Act::DeleteRoom { owner: None }).is_err());
    }
}
