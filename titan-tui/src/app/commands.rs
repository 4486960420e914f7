//! The slash commands, as a table: every command of UtuVox's two tables, and the newer ones. Help and completion read it;
//! a wrong number of words is answered with the usage, and what was typed is put back.

mod people;

pub use people::find_command;

use titan_core::{
    ConversationId,
    protocol::{Command, Role, What},
};

use super::{
    directory::Section,
    effect::{Effect, How, Then, Wish},
    order::Step,
    overlay::{Choice, FormKind},
    state::{Cargo, State, title},
    update::{self, choose, lists, open_form, send_text, transfers},
};
use crate::{theme::ThemeName, words};

/// A command.
pub struct Spec {
    pub name: &'static str,
    pub usage: &'static str,
    pub about: &'static str,
    pub admin: bool,
    pub least: usize,
    pub most: usize,
    run: fn(&mut State, &Words) -> Vec<Effect>,
}

/// Any number of words, taken as one text.
const ANY: usize = usize::MAX;

macro_rules! commands {
    ($($name:literal $usage:literal $about:literal $admin:literal $least:tt..$most:tt $run:expr;)*) => {
        /// All of them.
        pub const ALL: &[Spec] = &[$(Spec {
            name: $name, usage: $usage, about: $about, admin: $admin, least: $least, most: $most, run: $run,
        }),*];
    };
}

commands! {
    "help" "" "show the keys and commands" false 0..ANY |state, _| lists::open_help(state);
    "register" "<username> <password> [admin_key]" "make an account and enter with it" false 2..3 register;
    "login" "<username> <password>" "enter as somebody" false 2..2 login;
    "logout" "" "end this session and forget its token" false 0..0 |state, _| choose(state, Choice::AskLogout);
    "changepassword" "<old_password> <new_password>" "change your password" false 2..2 change_password;
    "profile" "" "change your name, blog and mail" false 0..0 |state, _| choose(state, Choice::Profile);
    "whoami" "" "tell who you are" false 0..0 who_am_i;
    "whereami" "" "tell which room you are in" false 0..0 where_am_i;
    "create" "<room>" "create a room and enter it" false 1..ANY create;
    "join" "<room>" "enter a room" false 1..ANY join;
    "leave" "" "leave this room" false 0..0 leave;
    "message" "<text>" "say something in this room" false 1..ANY |state, words| send_text(state, words.all(), None);
    "msg" "<username> <text>" "say something to one person" false 2..ANY direct;
    "dm" "<username>" "open the conversation with one person" false 1..1 direct;
    "me" "<what you do>" "say what you do" false 1..ANY action;
    "reply" "<text>" "answer the chosen or newest message" false 1..ANY reply;
    "edit" "[text]" "change your last or chosen message" false 0..ANY edit;
    "delete" "" "delete your last or chosen message" false 0..0 delete;
    "react" "<emoji>" "react to the chosen or newest message" false 1..1 react;
    "topic" "<text>" "change this room's description" false 1..ANY topic;
    "room" "" "change this room's name, description, password" false 0..0 room;
    "upload" "<room> <path>" "send a file to a room" false 2..ANY upload;
    "download" "<filename>" "download a file of this room" false 1..ANY download;
    "list_files" "" "list this room's files" false 0..0 list_files;
    "list_all_users" "" "list who is online" false 0..0 |state, _| ask_if_online(state, Command::Who { watch: true }, Then::ListPeople);
    "who" "" "list who is online" false 0..0 |state, _| ask_if_online(state, Command::Who { watch: true }, Then::ListPeople);
    "list_users_in_room" "" "list who is in this room" false 0..0 people::members;
    "members" "" "list who is in this room" false 0..0 people::members;
    "list_all_rooms" "" "list all rooms" false 0..0 |state, _| lists::ask_rooms(state);
    "rooms" "" "list all rooms" false 0..0 |state, _| lists::ask_rooms(state);
    "people" "" "show the people: friends, requests, your account" false 0..0 |state, _| update::show_people(state);
    "friends" "" "show your friends" false 0..0 |state, _| update::show_section(state, Section::Friends);
    "requests" "" "show who asks to be your friend" false 0..0 |state, _| update::show_section(state, Section::Requests);
    "friend" "<username>" "ask somebody to be friends" false 1..1 |state, words| find(state, words, Wish::Step(Step::Ask));
    "unfriend" "<username>" "end a friendship, or take your request back" false 1..1 |state, words| find(state, words, Wish::Step(Step::End));
    "accept" "<username>" "accept a friend request" false 1..1 |state, words| find(state, words, Wish::Step(Step::Accept));
    "decline" "<username>" "decline a friend request" false 1..1 |state, words| find(state, words, Wish::Step(Step::Decline));
    "block" "<username>" "shut somebody out of your directs and requests" false 1..1 |state, words| find(state, words, Wish::Step(Step::Block));
    "unblock" "<username>" "take a block back" false 1..1 |state, words| find(state, words, Wish::Step(Step::Unblock));
    "blocked" "" "show whom you have blocked" false 0..0 |state, _| update::show_section(state, Section::Blocked);
    "role" "<username> <member|moderator|owner>" "say what somebody is in this room" false 2..2 people::role;
    "kick" "<username> [reason]" "remove somebody from this room; they may come back" false 1..ANY people::kick;
    "mute" "<username> [10m|1h|1d|forever] [reason]" "let somebody read but not write here" false 1..ANY people::mute;
    "unmute" "<username>" "let somebody write here again" false 1..1 people::unmute;
    "ban" "<username> [reason]" "keep somebody out of this room" false 1..ANY people::ban;
    "unban" "<username>" "let somebody join this room again" false 1..1 people::unban;
    "bans" "" "show who is banned and muted here" false 0..0 |state, _| with_open(state, |state, id| choose(state, Choice::Sanctions(id)));
    "undo" "" "take back what you just did to somebody" false 0..0 |state, _| update::take_back(state);
    "account" "" "your account: profile, password, data, deletion" false 0..0 |state, _| update::show_section(state, Section::Me);
    "sessions" "" "show where you are logged in" false 0..0 |state, _| update::show_section(state, Section::Sessions);
    "export" "[path]" "write everything the server keeps of you to a file" false 0..ANY people::export;
    "delete_account" "" "delete your account for good" false 0..0 |state, _| open_form(state, FormKind::DeleteAccount);
    "whois" "<username>" "tell about somebody, and what can be done with them" false 1..1 |state, words| find(state, words, Wish::Show);
    "blog" "[username]" "open somebody's blog" false 0..1 blog;
    "search" "[words]" "search all history" false 0..ANY |state, words| lists::open_search(state, words.all());
    "repo" "[words]" "browse the repository of apps" false 0..ANY repository;
    "transfers" "" "show uploads and downloads" false 0..0 |state, _| transfers::show(state);
    "theme" "[dark|light|high-contrast|none]" "change the colours" false 0..1 theme;
    "mouse" "" "give the mouse to Titan or to the terminal" false 0..0 |state, _| super::update::toggle_mouse(state);
    "quit" "" "leave Titan" false 0..0 |state, _| choose(state, Choice::Quit);
    "delete_room" "<room>" "delete a room and its history" true 1..ANY delete_room;
    "add_user" "<username> <password> [is_admin]" "make an account for somebody" true 2..3 add_user;
    "edit_user" "<username> <new_password> [is_admin]" "change somebody's password or role" true 2..3 edit_user;
    "view_users" "" "list all accounts" true 0..0 |state, _| update::show_section(state, Section::Accounts);
    "accounts" "" "list all accounts" true 0..0 |state, _| update::show_section(state, Section::Accounts);
    "view_room_history" "<room>" "read a room's history" true 1..ANY view_history;
    "ban_user" "<username> [reason]" "keep somebody out of the whole server" true 1..ANY ban;
    "unban_user" "<username>" "let somebody in again" true 1..1 |state, words| find(state, words, Wish::Unban);
    "remove_user" "<username>" "remove somebody's account for good" true 1..1 |state, words| find(state, words, Wish::Remove);
    "reset_password" "<username>" "set a new password for somebody" true 1..1 people::reset;
    "user_sessions" "<username>" "show where somebody is logged in" true 1..1 |state, words| find(state, words, Wish::Sessions);
    "ban_address" "<ip> [reason]" "keep everybody out who comes from an address" true 1..ANY people::ban_ip;
    "unban_address" "<ip>" "let an address in again" true 1..1 people::unban_ip;
    "addresses" "" "list the banned addresses" true 0..0 |state, _| update::show_section(state, Section::Addresses);
    "audit" "" "show what admins and moderators did" true 0..0 |state, _| update::show_section(state, Section::Audit);
    "change_admin_key" "<new_key>" "change the key that makes admins" true 1..1 change_key;
}

/// The words after a command; a quoted one may hold spaces.
pub struct Words {
    words: Vec<String>,
    /// Where each word began in the rest of the line.
    starts: Vec<usize>,
    rest: String,
}

impl Words {
    fn parse(rest: &str) -> Self {
        let rest = rest.trim();
        let (mut words, mut starts) = (Vec::new(), Vec::new());
        let mut chars = rest.char_indices().peekable();
        while let Some((start, c)) = chars.next() {
            if c.is_whitespace() {
                continue;
            }
            let quoted = c == '"';
            let mut word = if quoted { String::new() } else { c.to_string() };
            for (_, c) in chars.by_ref() {
                if if quoted { c == '"' } else { c.is_whitespace() } {
                    break;
                }
                word.push(c);
            }
            words.push(word);
            starts.push(start);
        }
        Self { words, starts, rest: rest.to_owned() }
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// Everything from this word on, as it was typed.
    fn from(&self, at: usize) -> &str {
        self.starts.get(at).map_or("", |start| &self.rest[*start..])
    }

    fn all(&self) -> &str {
        &self.rest
    }

    /// The whole as a name, which may be quoted.
    fn name(&self) -> &str {
        match self.words.len() {
            1 => self.word(0),
            _ => self.all(),
        }
    }
}

/// Runs a line that begins with a slash.
pub fn run(state: &mut State, line: &str) -> Vec<Effect> {
    let line = line.trim_start_matches('/');
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let Some(spec) = ALL.iter().find(|spec| spec.name.eq_ignore_ascii_case(name)) else {
        state.complain(words::unknown_command(name));
        state.composer.editor.insert(&format!("/{line}"));
        return vec![];
    };
    let words = Words::parse(rest);
    let count = words.words.len();
    if count < spec.least || count > spec.most {
        state.complain(words::usage(spec.name, spec.usage));
        state.composer.editor.insert(&format!("/{line}"));
        return vec![];
    }
    if spec.admin && !state.is_admin() {
        state.complain(words::ONLY_ADMINS);
        return vec![];
    }
    (spec.run)(state, &words)
}

fn ask(command: Command, then: Then) -> Vec<Effect> {
    vec![Effect::Ask(command, then)]
}

fn ask_if_online(state: &mut State, command: Command, then: Then) -> Vec<Effect> {
    if !state.is_online() {
        state.complain(words::NEEDS_CONNECTION);
        return vec![];
    }
    ask(command, then)
}

fn complain(state: &mut State, text: impl Into<String>) -> Vec<Effect> {
    state.complain(text);
    vec![]
}

/// The open conversation, or a word on how to get one.
fn with_open(state: &mut State, run: impl FnOnce(&mut State, ConversationId) -> Vec<Effect>) -> Vec<Effect> {
    match state.chat.open {
        Some(id) => run(state, id),
        None => complain(state, words::NO_ROOM_OPEN),
    }
}

/// The room of this name, or a word that there is none.
fn with_room(
    state: &mut State,
    name: &str,
    run: impl FnOnce(&mut State, ConversationId) -> Vec<Effect>,
) -> Vec<Effect> {
    match state.chat.room_named(name).map(|room| room.id) {
        Some(id) => run(state, id),
        None => complain(state, words::no_room(name)),
    }
}

fn register(state: &mut State, words: &Words) -> Vec<Effect> {
    let admin_key = Some(words.word(2).to_owned()).filter(|key| !key.is_empty());
    let (username, password) = (words.word(0).to_owned(), words.word(1).to_owned());
    enter(state, How::Register { username, password, full_name: None, admin_key })
}

fn login(state: &mut State, words: &Words) -> Vec<Effect> {
    enter(state, How::Login { username: words.word(0).to_owned(), password: words.word(1).to_owned() })
}

fn enter(state: &mut State, how: How) -> Vec<Effect> {
    super::update::enter_as(state, how)
}

fn change_password(_: &mut State, words: &Words) -> Vec<Effect> {
    let command = Command::ChangePassword { old: words.word(0).to_owned(), new: words.word(1).to_owned() };
    ask(command, Then::Say(crate::words::PASSWORD_CHANGED.into()))
}

fn who_am_i(state: &mut State, _: &Words) -> Vec<Effect> {
    let text = match &state.me {
        Some(me) => words::you_are(&me.username, me.titan_number.0, me.role == Role::Admin),
        None => words::NOT_LOGGED_IN.into(),
    };
    state.say(text);
    vec![]
}

fn where_am_i(state: &mut State, _: &Words) -> Vec<Effect> {
    let text = match state.open() {
        Some(conversation) => words::you_are_in(&title(conversation)),
        None => words::NOWHERE.into(),
    };
    state.say(text);
    vec![]
}

fn create(_: &mut State, words: &Words) -> Vec<Effect> {
    let name = words.name().trim_start_matches('#').to_owned();
    let command = Command::CreateRoom { name, description: String::new(), kind: Default::default(), password: None };
    ask(command, Then::Open)
}

fn join(state: &mut State, words: &Words) -> Vec<Effect> {
    with_room(state, words.name(), |state, id| choose(state, Choice::Join(id)))
}

fn leave(state: &mut State, _: &Words) -> Vec<Effect> {
    with_open(state, |state, id| match state.open().map(|conversation| &conversation.what) {
        Some(What::Room(_)) => choose(state, Choice::LeaveRoom(id)),
        _ => complain(state, words::NOT_A_ROOM),
    })
}

fn direct(state: &mut State, words: &Words) -> Vec<Effect> {
    let text = Some(words.from(1).to_owned()).filter(|text| !text.is_empty());
    find(state, words, Wish::Direct(text))
}

/// Looks the first word up as a person, by name or titan number.
fn find(state: &mut State, words: &Words, wish: Wish) -> Vec<Effect> {
    ask_if_online(state, find_command(words.word(0)), Then::Account(wish))
}

fn action(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = state.me.as_ref().map(|me| me.username.to_string()).unwrap_or_default();
    send_text(state, &format!("*{name} {}*", words.all()), None)
}

fn reply(state: &mut State, words: &Words) -> Vec<Effect> {
    let target = super::update::meant(state, |_, message| !message.deleted);
    send_text(state, words.all(), target)
}

fn mine(state: &State) -> Option<titan_core::Seq> {
    let me = state.me.as_ref()?.id;
    super::update::meant(state, |entry, message| entry.author.id == me && !message.deleted)
}

fn edit(state: &mut State, words: &Words) -> Vec<Effect> {
    match (mine(state), words.all()) {
        (None, _) => complain(state, crate::words::NOTHING_OF_YOURS),
        (Some(seq), "") => choose(state, Choice::Edit(seq)),
        (Some(seq), text) => with_open(state, |_, conversation| {
            let client_id = Some(titan_core::ClientId::new());
            ask(Command::Edit { conversation, seq, text: text.to_owned(), client_id }, Then::Nothing)
        }),
    }
}

fn delete(state: &mut State, _: &Words) -> Vec<Effect> {
    match mine(state) {
        Some(seq) => choose(state, Choice::AskDelete(seq)),
        None => complain(state, words::NOTHING_OF_YOURS),
    }
}

fn react(state: &mut State, words: &Words) -> Vec<Effect> {
    let typed = words.word(0);
    let emoji = emojis::get_by_shortcode(typed.trim_matches(':')).map_or(typed, |emoji| emoji.as_str()).to_owned();
    match super::update::meant(state, |_, message| !message.deleted) {
        Some(seq) => choose(state, Choice::React(seq, emoji)),
        None => complain(state, crate::words::NOTHING_HERE),
    }
}

fn topic(state: &mut State, words: &Words) -> Vec<Effect> {
    let description = Some(words.all().to_owned());
    with_open(state, |_, conversation| {
        let command = Command::UpdateRoom { conversation, name: None, description, password: None };
        ask(command, Then::Say(crate::words::ROOM_CHANGED.into()))
    })
}

fn room(state: &mut State, _: &Words) -> Vec<Effect> {
    with_open(state, |state, id| open_form(state, FormKind::EditRoom(id)))
}

fn upload(state: &mut State, words: &Words) -> Vec<Effect> {
    let path = if words.words.len() == 2 { words.word(1) } else { words.from(1) }.to_owned();
    with_room(state, words.word(0), |state, conversation| {
        transfers::start_upload(state, Cargo::SendFile { conversation, text: String::new() }, &path)
    })
}

fn download(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = words.name().to_owned();
    with_open(state, |_, conversation| ask(newest(conversation), Then::FetchFile(name)))
}

fn newest(conversation: ConversationId) -> Command {
    Command::History { conversation, before: None, after: None, limit: Some(500) }
}

fn list_files(state: &mut State, _: &Words) -> Vec<Effect> {
    with_open(state, |state, id| {
        let title = state.open().map(title).unwrap_or_default();
        ask(newest(id), Then::ListFiles(title))
    })
}

fn blog(state: &mut State, words: &Words) -> Vec<Effect> {
    if !words.all().is_empty() {
        return find(state, words, Wish::Blog);
    }
    match state.me.as_ref().and_then(|me| me.blog_url.clone()) {
        Some(url) => choose(state, Choice::Blog(url.to_string())),
        None => choose(state, Choice::Profile),
    }
}

fn repository(state: &mut State, words: &Words) -> Vec<Effect> {
    let query = Some(words.all().to_owned()).filter(|query| !query.is_empty());
    super::update::find_apps(state, query)
}

fn theme(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = match words.word(0) {
        "" => Some(state.theme.name.next()),
        name => ThemeName::parse(name),
    };
    match name {
        Some(name) => super::update::set_theme(state, name),
        None => complain(state, crate::words::usage("theme", "[dark|light|high-contrast|none]")),
    }
}

fn delete_room(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = words.name().to_owned();
    with_room(state, &name, |state, id| choose(state, Choice::AskDeleteRoom(id)))
}

/// UtuVox writes `0` or `1` for whether somebody is an admin.
fn role(word: &str) -> Option<Role> {
    match word {
        "" => None,
        "1" | "true" | "admin" => Some(Role::Admin),
        _ => Some(Role::User),
    }
}

fn add_user(_: &mut State, words: &Words) -> Vec<Effect> {
    let (username, password) = (words.word(0).to_owned(), words.word(1).to_owned());
    let done = crate::words::account_added(&username);
    ask(Command::AddAccount { username, password, role: role(words.word(2)).unwrap_or_default() }, Then::Say(done))
}

fn edit_user(state: &mut State, words: &Words) -> Vec<Effect> {
    let wish = Wish::Edit { password: Some(words.word(1).to_owned()), role: role(words.word(2)) };
    find(state, words, wish)
}

fn view_history(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = words.name().to_owned();
    with_room(state, &name, |_, id| ask(newest(id), Then::RoomHistory(format!("#{name}"))))
}

fn ban(state: &mut State, words: &Words) -> Vec<Effect> {
    let reason = words.from(1).to_owned();
    find(state, words, Wish::Ban(reason))
}

fn change_key(_: &mut State, words: &Words) -> Vec<Effect> {
    ask(Command::ChangeAdminKey { key: words.word(0).to_owned() }, Then::Say(crate::words::ADMIN_KEY_CHANGED.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_utuvox_is_here() {
        let theirs = "register login changepassword help create join leave message upload download list_all_users \
            list_users_in_room list_all_rooms quit whoami whereami list_files delete_room add_user edit_user view_users \
            view_room_history ban_user unban_user change_admin_key";
        for name in theirs.split_whitespace() {
            assert!(ALL.iter().any(|spec| spec.name == name), "{name} is missing");
        }
    }

    #[test]
    fn quotes_hold_words_together() {
        let words = Words::parse(r#"  "my room" ~/a b.txt "#);
        assert_eq!(words.word(0), "my room");
        assert_eq!(words.from(1), "~/a b.txt");
        assert_eq!(words.words.len(), 3);
    }
}
