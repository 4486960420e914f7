//! Who may do what: the one place where permission is given, for all doors alike.
//!
//! Pure functions of who asks and what for. Everything that changes something passes here.

use std::time::Duration;

use titan_core::protocol::{Fault, FaultCode, MemberRole, Right, Role};
use titan_core::{AccountId, Time};

use super::Outcome;
use super::rules::{SessionTerms, Terms};

/// Who asks: an account, what it is on the server, and what it is in the conversation concerned (none: no member).
#[derive(Clone, Copy, Debug)]
pub struct Actor {
    pub account: AccountId,
    pub role: Role,
    pub member: Option<MemberRole>,
    /// What keeps a member from writing.
    pub silence: Option<Silence>,
}

/// Why a member may read but not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Muted in a room for that much longer; none: with no end.
    Muted { left: Option<Duration> },
    /// One of the two of a direct has blocked the other, or is gone.
    Shut,
}

/// How long a password that was given vouches for who asks.
pub const CONFIRMED_FOR: Duration = Duration::from_secs(10 * 60);

/// Lets what an account or the house is taken over by happen only to who gave the password lately: so long `ago`, or never.
pub fn lately_confirmed(ago: Option<Duration>) -> Outcome<()> {
    match ago {
        Some(ago) if ago < CONFIRMED_FOR => Ok(()),
        _ => Err(Fault::new(FaultCode::ConfirmFirst, "Give your password again first: that is asked for this.")),
    }
}

/// What a session was opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The account's own password, with its second factor where it has one.
    Own,
    /// An app password, for which the account's role on the server counts or not.
    App { administers: bool },
}

/// Lets what concerns the account itself happen only to who came in by its own password.
pub fn own_key(key: Key) -> Outcome<()> {
    let said = "An app password changes nothing about the account: log in with your own password for that.";
    own(key == Key::Own, said)
}

/// Lets an app password open the doors alone that it was made for: all, where none is named.
pub fn opens(doors: &[String], door: &str) -> Outcome<()> {
    let named = doors.is_empty() || doors.iter().any(|named| named == door);
    own(named, "That app password is not for this door.")
}

/// Lets an account's role on the server count only where its session may use it: not in one of an app password for something else,
/// nor, where that is demanded, before there is a second factor.
pub fn role_counts(key: Key, secured: bool) -> Outcome<()> {
    own(
        key != Key::App { administers: false },
        "This app password administers nothing: log in with your own password.",
    )?;
    let said = "Admins of this house need a second factor: set one up first, by `titan factor add`, by /factor in the client or in \
        the page's settings.";
    own(secured, said)
}

/// The terms of sessions for each of those that an account may be on the server.
pub fn terms(sessions: &SessionTerms) -> [(Role, Terms); 2] {
    [(Role::User, sessions.users), (Role::Admin, sessions.admins)]
}

/// Until when a session stands of an account that is this on the server, if it isn't used again.
pub fn ends(sessions: &SessionTerms, role: Role, opened: Time, used: Time) -> Time {
    used.after(of_role(sessions, role).idle).min(expiry(sessions, role, opened))
}

/// Until when a session stands that is opened now, however much it is used.
pub fn expiry(sessions: &SessionTerms, role: Role, opened: Time) -> Time {
    opened.after(of_role(sessions, role).lasts)
}

fn of_role(sessions: &SessionTerms, role: Role) -> Terms {
    match role {
        Role::Admin => sessions.admins,
        _ => sessions.users,
    }
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
    /// Kicking, muting, banning somebody who is so much in the room (none: no member), and on the server.
    Moderate { over: Option<MemberRole>, on_server: Role },
    /// Giving a member of a room another role.
    GiveRole { from: MemberRole, to: MemberRole },
    /// Joining a room.
    Join { banned: bool },
    /// Writing to somebody in private for the first time, who is blocked or blocks.
    WriteTo { blocked: bool, blocking: bool },
    /// Passing something to one member alone, who may be blocked.
    SignalTo { blocked: bool },
    /// Seeing, deciding and deleting what is the admins' to: accounts, bans, the approval queue, the admin key.
    Administer,
    /// Seeing an app that is not approved, or deleting an app, of `author`.
    OwnApp { author: AccountId },
}

impl Act {
    /// As the log names it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Edit { .. } => "edit",
            Self::Erase { .. } => "erase",
            Self::ChangeRoom => "change_room",
            Self::DeleteRoom { .. } => "delete_room",
            Self::Moderate { .. } => "moderate",
            Self::GiveRole { .. } => "give_role",
            Self::Join { .. } => "join",
            Self::WriteTo { .. } => "write_to",
            Self::SignalTo { .. } => "signal_to",
            Self::Administer => "administer",
            Self::OwnApp { .. } => "own_app",
        }
    }
}

/// Lets the act happen or says why not.
pub fn may(actor: &Actor, act: Act) -> Outcome<()> {
    let admin = actor.role == Role::Admin;
    match act {
        Act::Read => member(actor),
        Act::Write => member(actor).and_then(|()| unsilenced(actor)),
        Act::Edit { author } => {
            let mine = own(actor.account == author, "Only its author can edit a message.");
            member(actor).and_then(|()| unsilenced(actor)).and(mine)
        }
        Act::Erase { author } => {
            let keeper = admin || actor.member >= Some(MemberRole::Moderator);
            let said = "Only its author, the room's owner and moderators, and admins can delete a message.";
            reaches(actor, admin).and_then(|()| own(keeper || actor.account == author, said))
        }
        Act::ChangeRoom => {
            let keeper = admin || actor.member >= Some(MemberRole::Moderator);
            own(keeper, "Only the room's owner and moderators, and admins can change a room.")?;
            if admin { Ok(()) } else { unsilenced(actor) }
        }
        Act::DeleteRoom { owner } => {
            own(admin || owner == Some(actor.account), "Only the room's owner and admins can delete a room.")
        }
        Act::Moderate { over, on_server } => moderate(actor, admin, over, on_server),
        Act::GiveRole { from, to } => give_role(actor, admin, from, to),
        Act::Join { banned: false } => Ok(()),
        Act::Join { banned: true } => Err(Fault::new(FaultCode::Banned, "You are banned from this room.")),
        Act::WriteTo { blocked: true, .. } | Act::SignalTo { blocked: true } => {
            Err(Fault::forbidden("You have blocked them: unblock them first."))
        }
        Act::WriteTo { blocking: true, .. } => Err(closed()),
        Act::WriteTo { .. } | Act::SignalTo { .. } => Ok(()),
        Act::Administer => own(admin, "Admin access required"),
        Act::OwnApp { author } => {
            own(admin || author == actor.account, "Only its author and admins can do that with an app.")
        }
    }
}

/// Whether what passes to one person alone gets to them. Who is blocked isn't told: it is as if the other were away.
pub fn is_heard(blocking: bool) -> bool {
    !blocking
}

/// What somebody counts as where others want to act upon them: whose room it is stands over it also while away.
pub fn rank(member: Option<MemberRole>, owns_room: bool) -> Option<MemberRole> {
    if owns_room { Some(MemberRole::Owner) } else { member }
}

/// Where something is done.
#[derive(Clone, Copy, Debug)]
pub enum Ground {
    Direct,
    /// The room of everybody, which nobody owns, ends, changes, leaves or is kept out of.
    General,
    Room {
        owner: Option<AccountId>,
    },
}

/// What somebody is shown that they may do somewhere: what [`may`] lets happen, asked for every kind of act.
pub fn rights(actor: &Actor, ground: Ground) -> Vec<Right> {
    let room = !matches!(ground, Ground::Direct);
    let (own_room, owner) = match ground {
        Ground::Room { owner } => (true, owner),
        Ground::General | Ground::Direct => (false, None),
    };
    let mine = actor.account;
    let acts = [
        (Right::Join, room && actor.member.is_none(), Act::Join { banned: false }),
        (Right::Leave, own_room, Act::Read),
        (Right::Write, true, Act::Write),
        (Right::EditOwn, true, Act::Edit { author: mine }),
        (Right::EraseOwn, true, Act::Erase { author: mine }),
        (Right::EraseOthers, true, Act::Erase { author: NOBODY }),
        (Right::ChangeRoom, own_room, Act::ChangeRoom),
        (Right::DeleteRoom, own_room, Act::DeleteRoom { owner }),
        (Right::Moderate, room, Act::Moderate { over: None, on_server: Role::User }),
        (Right::GiveRole, room, Act::GiveRole { from: MemberRole::Member, to: MemberRole::Moderator }),
    ];
    allowed(actor, &acts)
}

/// What somebody is shown that they may do to a member who is that much in the room, and on the server.
pub fn rights_over(actor: &Actor, ground: Ground, over: (AccountId, MemberRole), on_server: Role) -> Vec<Right> {
    let (member, role) = over;
    let room = !matches!(ground, Ground::Direct);
    let other = room && member != actor.account;
    let own_room = other && matches!(ground, Ground::Room { .. });
    let moderate = Act::Moderate { over: Some(role), on_server };
    let acts = [
        (Right::Kick, own_room, moderate),
        (Right::Mute, other, moderate),
        (Right::Ban, own_room, moderate),
        (Right::GiveRole, room, Act::GiveRole { from: role, to: MemberRole::Moderator }),
    ];
    allowed(actor, &acts)
}

/// Not the account of anybody.
const NOBODY: AccountId = AccountId(0);

fn allowed(actor: &Actor, acts: &[(Right, bool, Act)]) -> Vec<Right> {
    let allowed = acts.iter().filter(|(_, there, act)| *there && may(actor, *act).is_ok());
    allowed.map(|(right, ..)| *right).collect()
}

fn member(actor: &Actor) -> Outcome<()> {
    match actor.member {
        Some(_) => Ok(()),
        None => Err(Fault::new(FaultCode::NotAMember, "You are not a member of that conversation: join it first.")),
    }
}

/// Moderators stand over members, the owner over moderators, admins over everybody in a room but its owner, who must be
/// replaced first: a room is never left to nobody by the way.
fn moderate(actor: &Actor, admin: bool, over: Option<MemberRole>, on_server: Role) -> Outcome<()> {
    let refusal = "Only the room's owner and moderators, and admins can do that to a member.";
    own(admin || actor.member >= Some(MemberRole::Moderator), refusal)?;
    own(over != Some(MemberRole::Owner), "That is the room's owner: the room needs another owner first.")?;
    own(admin || on_server < Role::Admin, "Only admins can do that to an admin.")?;
    own(admin || actor.member > over, "Only the room's owner and admins can do that to a moderator.")
}

fn give_role(actor: &Actor, admin: bool, from: MemberRole, to: MemberRole) -> Outcome<()> {
    own(admin || actor.member == Some(MemberRole::Owner), "Only the room's owner and admins can give roles.")?;
    let steps_down = from == MemberRole::Owner && to < MemberRole::Owner;
    own(!steps_down, "Give the room another owner: the one before steps down by that.")
}

/// Doesn't say why or by whom: the same where one of the two has blocked the other, and where the account is gone.
pub(super) fn closed() -> Fault {
    Fault::forbidden("They can't be reached in private.")
}

fn unsilenced(actor: &Actor) -> Outcome<()> {
    match actor.silence {
        None => Ok(()),
        Some(Silence::Muted { left: None }) => {
            Err(Fault::forbidden("You are muted here: you can read, but not write."))
        }
        Some(Silence::Muted { left: Some(left) }) => {
            let minutes = left.as_millis().div_ceil(60_000);
            let said = format!("You are muted here for another {minutes} min: you can read, but not write.");
            Err(Fault::forbidden(said).retry_after(left))
        }
        Some(Silence::Shut) => Err(closed()),
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
        Actor { account: ADA, role, member, silence: None }
    }

    #[test]
    fn every_cell_of_the_matrix_is_as_written() {
        use MemberRole::{Member, Moderator, Owner};
        let acts: [(Act, &str); 23] = [
            // Columns: stranger, member, moderator, owner, admin who is no member.
            (Act::Read, "-+++-"),
            (Act::Write, "-+++-"),
            (Act::Edit { author: ADA }, "-+++-"),
            (Act::Edit { author: BOB }, "-----"),
            (Act::Erase { author: ADA }, "-++++"),
            (Act::Erase { author: BOB }, "--+++"),
            (Act::ChangeRoom, "--+++"),
            (Act::DeleteRoom { owner: Some(BOB) }, "----+"),
            (Act::Moderate { over: None, on_server: Role::User }, "--+++"),
            (Act::Moderate { over: Some(Member), on_server: Role::User }, "--+++"),
            (Act::Moderate { over: Some(Moderator), on_server: Role::User }, "---++"),
            (Act::Moderate { over: Some(Owner), on_server: Role::User }, "-----"),
            (Act::Moderate { over: Some(Member), on_server: Role::Admin }, "----+"),
            (Act::GiveRole { from: Member, to: Moderator }, "---++"),
            (Act::GiveRole { from: Moderator, to: Owner }, "---++"),
            (Act::GiveRole { from: Owner, to: Member }, "-----"),
            (Act::Join { banned: true }, "-----"),
            (Act::WriteTo { blocked: false, blocking: true }, "-----"),
            (Act::WriteTo { blocked: true, blocking: false }, "-----"),
            (Act::SignalTo { blocked: true }, "-----"),
            (Act::SignalTo { blocked: false }, "+++++"),
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

    #[test]
    fn a_password_vouches_for_ten_minutes() {
        let after = |seconds| lately_confirmed(Some(Duration::from_secs(seconds)));
        assert!(after(0).is_ok() && after(599).is_ok());
        assert_eq!(after(600).unwrap_err().code, FaultCode::ConfirmFirst);
        assert_eq!(lately_confirmed(None).unwrap_err().code, FaultCode::ConfirmFirst);
    }

    #[test]
    fn a_session_ends_by_its_use_or_by_its_age_and_an_admins_sooner() {
        const DAY: i64 = 24 * 3_600 * 1_000;
        let ends = |role, opened, used| ends(&SessionTerms::default(), role, Time(opened), Time(used));
        assert_eq!(ends(Role::User, 0, DAY), Time(31 * DAY));
        assert_eq!(ends(Role::User, 0, 170 * DAY), Time(180 * DAY));
        assert_eq!(ends(Role::Admin, 0, DAY), Time(2 * DAY));
        assert_eq!(ends(Role::Admin, 0, 7 * DAY - 1), Time(7 * DAY));
    }

    #[test]
    fn an_admins_role_counts_where_the_session_may_use_it() {
        assert!(role_counts(Key::Own, true).is_ok() && role_counts(Key::App { administers: true }, true).is_ok());
        assert!(role_counts(Key::App { administers: false }, true).is_err());
        assert!(role_counts(Key::Own, false).unwrap_err().message.contains("titan factor add"));
        assert!(own_key(Key::Own).is_ok() && own_key(Key::App { administers: true }).is_err());
    }

    #[test]
    fn who_is_silenced_reads_but_does_not_write() {
        let said =
            [Silence::Muted { left: None }, Silence::Muted { left: Some(Duration::from_secs(1)) }, Silence::Shut];
        for silence in said {
            let silenced = Actor { silence: Some(silence), ..actor(Role::User, Some(MemberRole::Member)) };
            assert!(may(&silenced, Act::Read).is_ok());
            assert!(may(&silenced, Act::Write).is_err());
            assert!(may(&silenced, Act::Edit { author: ADA }).is_err());
            assert!(may(&silenced, Act::Erase { author: ADA }).is_ok());
        }
    }

    #[test]
    fn what_is_shown_is_what_would_be_let_happen() {
        use MemberRole::{Member, Moderator, Owner};
        use Right::*;
        let room = Ground::Room { owner: Some(BOB) };
        let of = |role, member, ground| rights(&actor(role, member), ground);
        assert_eq!(of(Role::User, None, room), [Join]);
        assert_eq!(of(Role::User, Some(Member), room), [Leave, Write, EditOwn, EraseOwn]);
        assert_eq!(of(Role::User, Some(Member), Ground::General), [Write, EditOwn, EraseOwn]);
        assert_eq!(of(Role::User, Some(Member), Ground::Direct), [Write, EditOwn, EraseOwn]);
        let moderator = of(Role::User, Some(Moderator), room);
        assert_eq!(moderator, [Leave, Write, EditOwn, EraseOwn, EraseOthers, ChangeRoom, Moderate]);
        let owner = rights(&actor(Role::User, Some(Owner)), Ground::Room { owner: Some(ADA) });
        assert!(owner.contains(&DeleteRoom) && owner.contains(&GiveRole));
        assert_eq!(
            of(Role::Admin, None, room),
            [Join, EraseOwn, EraseOthers, ChangeRoom, DeleteRoom, Moderate, GiveRole]
        );
        let muted = Actor { silence: Some(Silence::Shut), ..actor(Role::User, Some(Member)) };
        assert_eq!(rights(&muted, room), [Leave, EraseOwn]);
    }

    #[test]
    fn nobody_is_offered_the_owner_nor_themselves() {
        use MemberRole::{Member, Moderator, Owner};
        let room = Ground::Room { owner: Some(BOB) };
        let over =
            |actor: Actor, ground, account, role, on_server| rights_over(&actor, ground, (account, role), on_server);
        let all = [Right::Kick, Right::Mute, Right::Ban, Right::GiveRole];
        let (admin, moderator) = (actor(Role::Admin, None), actor(Role::User, Some(Moderator)));
        assert_eq!(over(admin, room, BOB, Moderator, Role::Admin), all);
        assert_eq!(over(admin, room, BOB, Owner, Role::User), []);
        assert_eq!(over(admin, room, ADA, Member, Role::Admin), [Right::GiveRole]);
        assert_eq!(over(admin, Ground::General, BOB, Member, Role::User), [Right::Mute, Right::GiveRole]);
        assert_eq!(over(moderator, room, BOB, Member, Role::User), all[..3]);
        assert_eq!(over(moderator, room, BOB, Member, Role::Admin), []);
        assert_eq!(over(moderator, room, BOB, Moderator, Role::User), []);
        assert_eq!(over(admin, Ground::Direct, BOB, Member, Role::User), []);
    }
}
