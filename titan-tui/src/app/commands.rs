//! The slash commands, as a table: every command of UtuVox's two tables, and the newer ones. Help and completion read it;
//! `update/slash.rs` does what it says.

use super::{
    directory::Section,
    order::{Order, Step},
    overlay::{Attempt, Choice, FormKind},
    question::Wish,
};
use crate::words;

/// A command.
pub struct Spec {
    pub name: &'static str,
    pub usage: &'static str,
    pub about: &'static str,
    pub admin: bool,
    pub least: usize,
    pub most: usize,
    pub verb: Verb,
}

/// What a command does.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// The same as a row of a list does.
    Choose(Choice),
    /// Looks the first word up as a person, for this.
    Find(Wish),
    /// Does this to a member of the open room; the reason follows the name.
    Order(Order),
    /// Opens the view of people here.
    Show(Section),
    /// Says how it is done here, to people who know it from elsewhere.
    Tell(&'static str),
    Act,
    AddUser,
    AppPasswords,
    Ban,
    BanAddress,
    Blog,
    ChangeKey,
    ChangePassword,
    ConfirmMail,
    Create,
    Delete,
    DeleteRoom,
    Direct,
    Download,
    Edit,
    EditUser,
    Export,
    Factor,
    Help,
    History,
    Join,
    Leave,
    LiftAddress,
    ListFiles,
    Login,
    Members,
    Mouse,
    Mute,
    People,
    React,
    Register,
    Reply,
    Repository,
    Role,
    Room,
    Rooms,
    Sanctions,
    Say,
    Search,
    TakeBack,
    Theme,
    Density,
    Topic,
    Transfers,
    Upload,
    WhereAmI,
    Who,
    Usage,
    WhoAmI,
}

/// The command that was most likely meant.
pub fn nearest(name: &str, admin: bool) -> Option<&'static str> {
    let name = name.to_lowercase();
    let apart = |spec: &Spec| strsim::damerau_levenshtein(&name, spec.name);
    let known = ALL.iter().filter(|spec| admin || !spec.admin);
    known.map(|spec| (apart(spec), spec.name)).min().filter(|(apart, _)| *apart <= MISTYPED).map(|(_, name)| name)
}

/// Letters that are wrong in a name that was meant otherwise.
const MISTYPED: usize = 2;

/// Any number of words, taken as one text.
const ANY: usize = usize::MAX;

macro_rules! commands {
    ($($name:literal $usage:literal $about:literal $admin:literal $least:tt..$most:tt $verb:ident $(($($with:expr),*))?;)*) => {
        /// All of them.
        pub const ALL: &[Spec] = &[$(Spec {
            name: $name, usage: $usage, about: $about, admin: $admin, least: $least, most: $most,
            verb: Verb::$verb $(($($with),*))?,
        }),*];
    };
}

commands! {
    "help" "" "show the keys and commands" false 0..ANY Help;
    "register" "<username> <password> [admin_key]" "make an account and enter with it" false 2..3 Register;
    "login" "<username> <password>" "enter as somebody" false 2..2 Login;
    "logout" "" "end this session and forget its token" false 0..0 Choose(Choice::AskLogout);
    "changepassword" "<old_password> <new_password>" "change your password" false 2..2 ChangePassword;
    "reconnect" "" "connect to the server again" false 0..0 Choose(Choice::Attempt(Attempt::Reconnect));
    "profile" "" "change your name, blog and mail" false 0..0 Choose(Choice::Profile);
    "whoami" "" "tell who you are" false 0..0 WhoAmI;
    "whereami" "" "tell which room you are in" false 0..0 WhereAmI;
    "create" "<room>" "create a room and enter it" false 1..ANY Create;
    "join" "<room>" "enter a room" false 1..ANY Join;
    "leave" "" "leave this room" false 0..0 Leave;
    "part" "" "leave this room" false 0..0 Leave;
    "message" "<text>" "say something in this room" false 1..ANY Say;
    "msg" "<username> <text>" "say something to one person" false 2..ANY Direct;
    "dm" "<username>" "open the conversation with one person" false 1..1 Direct;
    "query" "<username> [text]" "open the conversation with one person, and say something" false 1..ANY Direct;
    "me" "<what you do>" "say what you do" false 1..ANY Act;
    "reply" "<text>" "answer the chosen or newest message" false 1..ANY Reply;
    "edit" "[text]" "change your last or chosen message" false 0..ANY Edit;
    "delete" "" "delete your last or chosen message" false 0..0 Delete;
    "react" "<emoji>" "react to the chosen or newest message" false 1..1 React;
    "topic" "[text]" "tell or change this room's description" false 0..ANY Topic;
    "room" "" "change this room's name, description, password" false 0..0 Room;
    "upload" "[room] <path>" "send a file to a room, or to this one" false 1..ANY Upload;
    "download" "<filename>" "download a file of this room" false 1..ANY Download;
    "list_files" "" "list this room's files" false 0..0 ListFiles;
    "list_all_users" "" "list who is online" false 0..0 Who;
    "who" "" "list who is online" false 0..0 Who;
    "list_users_in_room" "" "list who is in this room" false 0..0 Members;
    "members" "" "list who is in this room" false 0..0 Members;
    "names" "" "list who is in this room" false 0..0 Members;
    "list_all_rooms" "" "list all rooms" false 0..0 Rooms;
    "rooms" "" "list all rooms" false 0..0 Rooms;
    "list" "" "list all rooms" false 0..0 Rooms;
    "people" "" "show the people: friends, requests, your account" false 0..0 People;
    "friends" "" "show your friends" false 0..0 Show(Section::Friends);
    "requests" "" "show who asks to be your friend" false 0..0 Show(Section::Requests);
    "friend" "<username>" "ask somebody to be friends" false 1..1 Find(Wish::Step(Step::Ask));
    "unfriend" "<username>" "end a friendship, or take your request back" false 1..1 Find(Wish::Step(Step::End));
    "accept" "<username>" "accept a friend request" false 1..1 Find(Wish::Step(Step::Accept));
    "decline" "<username>" "decline a friend request" false 1..1 Find(Wish::Step(Step::Decline));
    "block" "<username>" "shut somebody out of your directs and requests" false 1..1 Find(Wish::Step(Step::Block));
    "ignore" "<username>" "shut somebody out of your directs and requests" false 1..1 Find(Wish::Step(Step::Block));
    "unignore" "<username>" "take a block back" false 1..1 Find(Wish::Step(Step::Unblock));
    "unblock" "<username>" "take a block back" false 1..1 Find(Wish::Step(Step::Unblock));
    "blocked" "" "show whom you have blocked" false 0..0 Show(Section::Blocked);
    "role" "<username> <member|moderator|owner>" "say what somebody is in this room" false 2..2 Role;
    "kick" "<username> [reason]" "remove somebody from this room; they may come back" false 1..ANY Order(Order::Kick);
    "mute" "<username> [10m|1h|1d|forever] [reason]" "let somebody read but not write here" false 1..ANY Mute;
    "unmute" "<username>" "let somebody write here again" false 1..1 Order(Order::Unmute);
    "ban" "<username> [reason]" "keep somebody out of this room" false 1..ANY Order(Order::Ban);
    "unban" "<username>" "let somebody join this room again" false 1..1 Order(Order::Unban);
    "bans" "" "show who is banned and muted here" false 0..0 Sanctions;
    "undo" "" "take back what you just did to somebody" false 0..0 TakeBack;
    "account" "" "your account: profile, password, data, deletion" false 0..0 Show(Section::Me);
    "confirm_mail" "<code>" "confirm your mail address by the code of the letter" false 1..1 ConfirmMail;
    "factor" "" "your second factor: codes of an app beside the password" false 0..0 Factor;
    "app_passwords" "" "passwords for programs that can't ask for a second factor" false 0..0 AppPasswords;
    "sessions" "" "show where you are logged in" false 0..0 Show(Section::Sessions);
    "usage" "" "tell how much room your files take" false 0..0 Usage;
    "export" "[path]" "write everything the server keeps of you to a file" false 0..ANY Export;
    "delete_account" "" "delete your account for good" false 0..0 Choose(Choice::Form(FormKind::DeleteAccount));
    "whois" "<username>" "tell about somebody, and what can be done with them" false 1..1 Find(Wish::Show);
    "blog" "[username]" "open somebody's blog" false 0..1 Blog;
    "search" "[words]" "search all history" false 0..ANY Search;
    "repo" "[words]" "browse the repository of apps" false 0..ANY Repository;
    "transfers" "" "show uploads and downloads" false 0..0 Transfers;
    "theme" "[theme]" "change the colours, looking at each" false 0..1 Theme;
    "density" "[cosy|compact]" "how close messages stand" false 0..1 Density;
    "mouse" "" "give the mouse to Titan or to the terminal" false 0..0 Mouse;
    "nick" "[name]" "how one is called here" false 0..ANY Tell(words::NICK);
    "away" "[text]" "how one is away here" false 0..ANY Tell(words::AWAY);
    "clear" "" "how a screen is cleared here" false 0..0 Tell(words::CLEAR);
    "quit" "" "leave Titan" false 0..ANY Choose(Choice::Quit);
    "exit" "" "leave Titan" false 0..ANY Choose(Choice::Quit);
    "q" "" "leave Titan" false 0..ANY Choose(Choice::Quit);
    "delete_room" "<room>" "delete a room and its history" true 1..ANY DeleteRoom;
    "add_user" "<username> <password> [is_admin]" "make an account for somebody" true 2..3 AddUser;
    "edit_user" "<username> <new_password> [is_admin]" "change somebody's password or role" true 2..3 EditUser;
    "view_users" "" "list all accounts" true 0..0 Show(Section::Accounts);
    "accounts" "" "list all accounts" true 0..0 Show(Section::Accounts);
    "view_room_history" "<room>" "read a room's history" true 1..ANY History;
    "ban_user" "<username> [reason]" "keep somebody out of the whole server" true 1..ANY Ban;
    "unban_user" "<username>" "let somebody in again" true 1..1 Find(Wish::Unban);
    "remove_user" "<username>" "remove somebody's account for good" true 1..1 Find(Wish::Remove);
    "reset_password" "<username>" "set a new password for somebody" true 1..1 Find(Wish::ResetPassword);
    "user_sessions" "<username>" "show where somebody is logged in" true 1..1 Find(Wish::Sessions);
    "ban_address" "<ip> [reason]" "keep everybody out who comes from an address" true 1..ANY BanAddress;
    "unban_address" "<ip>" "let an address in again" true 1..1 LiftAddress;
    "addresses" "" "list the banned addresses" true 0..0 Show(Section::Addresses);
    "audit" "" "show what admins and moderators did" true 0..0 Show(Section::Audit);
    "change_admin_key" "<new_key>" "change the key that makes admins" true 1..1 ChangeKey;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::secretive::SECRETIVE;

    #[test]
    fn a_command_that_takes_a_secret_is_known_for_it() {
        let takes_one = |spec: &&Spec| ["password", "new_key"].iter().any(|secret| spec.usage.contains(secret));
        let known: Vec<_> = ALL.iter().filter(takes_one).map(|spec| spec.name).collect();
        assert_eq!(known, SECRETIVE);
    }

    #[test]
    fn every_command_of_utuvox_is_here() {
        let theirs = "register login changepassword help create join leave message upload download list_all_users \
            list_users_in_room list_all_rooms quit whoami whereami list_files delete_room add_user edit_user view_users \
            view_room_history ban_user unban_user change_admin_key";
        for name in theirs.split_whitespace() {
            assert!(ALL.iter().any(|spec| spec.name == name), "{name} is missing");
        }
    }
}
