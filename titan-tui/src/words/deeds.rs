//! What the screen says about doing something to somebody, or to one's own account: forms, questions, and what came of it.
//! Part of `words`.

use titan_core::protocol::{MemberRole, Role};

use super::{people::member_role, screen::plural};
use crate::app::order::{Order, Step};

// --- forms and questions
pub const BEFRIEND: &str = "Ask somebody to be friends";
pub const WHO_HINT: &str = "a username or titan number";
pub const ADD_ACCOUNT: &str = "Add an account";
pub const BAN_ADDRESS: &str = "Ban an address";
pub const IP_ADDRESS: &str = "IP address";
pub const IP_HINT: &str = "such as 192.0.2.7";
pub const CHANGE_ADMIN_KEY: &str = "Change the admin key";
pub const NEW_ADMIN_KEY: &str = "New key";
pub const NEW_ADMIN_KEY_HINT: &str = "the old one is worth nothing from then on";
pub const DELETE_ACCOUNT: &str = "Delete your account for good";
pub const TYPE_YOUR_NAME: &str = "Your username";
pub const TYPE_YOUR_NAME_HINT: &str = "type it, to be sure";
pub const HOW_LONG: &str = "For";
pub const MUTE_TIMES: [(&str, Option<u64>); 5] = [
    ("10 minutes", Some(600)),
    ("1 hour", Some(3_600)),
    ("1 day", Some(86_400)),
    ("1 week", Some(604_800)),
    ("until lifted", None),
];
pub const REASON_TOLD: &str = "told to them, may stay empty";
pub const EXPORT: &str = "Export your data";
pub const EXPORT_TO: &str = "Write to";
pub const EXPORT_HINT: &str = "a file or folder, ~ is your home";
pub const REMOVE_YES: &str = "remove it";
pub const REMOVE_ACCOUNT_DETAIL: &str =
    "Its sessions end, it leaves its rooms, its name is free again. What it wrote stays. This can't be undone.";
pub const END_FRIENDSHIP_DETAIL: &str = "To be friends again one of you has to ask, the other to accept.";
pub const END_YES: &str = "end it";
pub const OWNER_DETAIL: &str = "You become a moderator, and only the new owner can give it back.";
pub const OWNER_YES: &str = "hand it over";

/// Under the question who gets a room.
pub const WHO_GETS_ABOUT: &str = "The room is yours: whoever you choose owns it, and you leave. Esc: stay.";

pub fn who_gets(room: &str) -> String {
    format!("Who gets {room}?")
}

pub fn heir_detail(role: MemberRole) -> &'static str {
    if role == MemberRole::Moderator { "moderator" } else { "" }
}

pub fn kick_title(name: &str, room: &str) -> String {
    format!("Remove {name} from {room}")
}

pub fn mute_title(name: &str, room: &str) -> String {
    format!("Mute {name} in {room}")
}

pub fn ban_member_title(name: &str, room: &str) -> String {
    format!("Ban {name} from {room}")
}

pub fn end_friendship(name: &str) -> String {
    format!("End the friendship with {name}?")
}

pub fn remove_account(name: &str) -> String {
    format!("Remove the account of {name} for good?")
}

pub fn hand_over(name: &str, room: &str) -> String {
    format!("Make {name} the owner of {room}?")
}

pub fn not_your_name(name: &str) -> String {
    format!("That is not your username. Type {name} to delete this account, or esc to keep it.")
}

// --- what came of it
pub const ACCOUNT_DELETED: &str = "Your account is deleted.";
pub const ACCOUNT_IS_REMOVED: &str = "The account is removed.";
pub const SESSION_ENDED: &str = "That session is over.";
pub const NOTHING_TO_TAKE_BACK: &str = "There is nothing to take back.";
pub const NO_ORDER_HERE: &str = "Only the room's owner, its moderators and admins can do that.";
pub const NO_ROLES_HERE: &str = "Only the room's owner and admins can say who is a moderator.";
pub const THAT_IS_THE_OWNER: &str = "That is the room's owner: the room needs another owner first.";
pub const THAT_IS_AN_ADMIN: &str = "Only admins can do that to an admin.";
pub const EVERYBODYS_ROOM: &str = "This room is everybody's: mute there instead.";
pub const THAT_IS_A_MODERATOR: &str = "Only the room's owner and admins can do that to a moderator.";
pub const NO_MEMBER: &str = "They are no member of this room.";
pub const NOT_ONESELF: &str = "That can't be done to oneself.";
pub const ONLY_IN_ROOMS: &str = "That is for rooms: open one first, ctrl-k goes to any.";
pub const HOW_LONG_THEN: &str = "How long? Write 10m, 1h, 1d, or forever.";
pub const WHICH_ROLE: &str = "Which role? Write member, moderator or owner.";

pub fn did(order: &Order, name: &str, room: &str) -> String {
    match order {
        Order::Role(MemberRole::Owner) => format!("{name} owns {room} now."),
        Order::Role(role) => format!("{name} is a {} of {room} now.", member_role(*role)),
        Order::Kick => format!("{name} is out of {room} and may come back."),
        Order::Mute(Some(seconds)) => format!("{name} is muted in {room} for {}.", span(*seconds)),
        Order::Mute(None) => format!("{name} is muted in {room} until it is lifted."),
        Order::Unmute => format!("{name} may write in {room} again."),
        Order::Ban => format!("{name} is banned from {room}."),
        Order::Unban => format!("{name} may join {room} again."),
    }
}

pub fn stepped(step: Step, name: &str) -> String {
    match step {
        Step::Ask => format!("{name} is asked to be your friend."),
        Step::Accept => format!("{name} and you are friends now."),
        Step::Decline => format!("Declined; {name} isn't told."),
        Step::End => format!("{name} and you are no friends any more."),
        Step::Withdraw => format!("Your request to {name} is taken back."),
        Step::Block => format!("{name} is blocked."),
        Step::Unblock => format!("{name} is no longer blocked."),
    }
}

pub fn with_take_back(said: &str, key: &str) -> String {
    match key {
        "" => format!("{said} /undo takes it back."),
        key => format!("{said} {key} takes it back."),
    }
}

pub fn account_banned(name: &str) -> String {
    format!("{name} is banned: their sessions are over.")
}

pub fn account_let_in(name: &str) -> String {
    format!("{name} may come in again.")
}

pub fn address_banned(address: &str) -> String {
    format!("{address} is banned.")
}

pub fn address_let_in(address: &str) -> String {
    format!("{address} may come in again.")
}

/// A length of time in words.
pub fn span(seconds: u64) -> String {
    let units =
        [(604_800, "week", "weeks"), (86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes")];
    for (unit, one, many) in units {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            let count = seconds / unit;
            return format!("{count} {}", plural(count as usize, one, many));
        }
    }
    format!("{seconds} s")
}

pub fn role_set(name: &str, role: Role) -> String {
    match role {
        Role::Admin => format!("{name} is an admin now."),
        _ => format!("{name} is no admin any more."),
    }
}
