//! What the screen says about people: friends, keeping order, accounts, oneself. Part of `words`, where everything it says
//! stands; only the view of people, its menus and forms use these.

use titan_core::protocol::{
    Account, AccountStanding, AddressBan, AuditAct, AuditChain, MemberRole, RelationKind, Role, SessionInfo,
};

use super::{
    lists::online_or_not,
    sanctions::{muted_note, until_when},
    screen::{ADMIN, NEWER_WORD, plural},
};
use crate::{
    app::{
        directory::{Deed, Item, Section, Wing},
        state::State,
    },
    keymap::Action,
    times,
};

// --- the view
pub const VIEW_PEOPLE: &str = "People";
pub const YOU: &str = "you are";
pub const NUMBER: &str = "number";
pub const CALLED: &str = "name";
pub const BLOG_AT: &str = "blog";
pub const HERE_SINCE: &str = "joined";
pub const SINCE: &str = "since";
pub const WHY: &str = "reason";
pub const DETAIL: &str = "detail";
pub const IS_BANNED: &str = "banned";
pub const ROLE: &str = "role";
pub const ROLE_LABEL: &str = "Role";
pub const STANDING: &str = "standing";
pub const LAST_LOGIN: &str = "last login";
pub const OPENED: &str = "opened";
pub const LAST_SEEN: &str = "last seen";
pub const WHEN: &str = "when";
pub const WHERE: &str = "where";
pub const NEVER: &str = "never";
pub const THE_OPERATOR: &str = "the operator";
pub const PEOPLE_OFFLINE: &str = "This needs the connection, which is away just now.";

pub const PEOPLE_HINTS: &[(Action, &str)] = &[
    (Action::PersonMenu, "what can be done"),
    (Action::AddPerson, "add"),
    (Action::RemovePerson, "remove"),
    (Action::SectionNext, "section"),
    (Action::FindPerson, "find"),
    (Action::WritePerson, "write"),
    (Action::Leave, "back"),
    (Action::RefreshPeople, "ask again"),
];

pub fn wing(wing: Wing) -> &'static str {
    match wing {
        Wing::People => "PEOPLE",
        Wing::Own => "YOU",
        Wing::House => "THE HOUSE",
    }
}

pub fn section(section: Section) -> &'static str {
    match section {
        Section::Friends => "Friends",
        Section::Requests => "Requests",
        Section::Blocked => "Blocked",
        Section::Online => "Online now",
        Section::Me => "Your account",
        Section::Sessions => "Your sessions",
        Section::Accounts => "Accounts",
        Section::Addresses => "Banned addresses",
        Section::Audit => "Audit log",
    }
}

/// What stands in a section that lists nothing, and how to fill it.
pub fn empty_section(state: &State, section: Section) -> String {
    let add = state.keymap.key(Action::AddPerson);
    match section {
        Section::Friends => format!("No friends yet. Press {add} to ask somebody, or write /friend NAME in the chat."),
        Section::Requests => "Nobody asks to be your friend, and you have asked nobody.".to_owned(),
        Section::Blocked => {
            "You have blocked nobody. /block NAME shuts somebody out: no private messages, no requests, and what they say \
             in rooms is folded."
                .to_owned()
        }
        Section::Online => "Nobody is online.".to_owned(),
        Section::Sessions => "No other session.".to_owned(),
        Section::Me => String::new(),
        Section::Accounts => "No accounts.".to_owned(),
        Section::Addresses => format!("No address is banned. Press {add} to ban one."),
        Section::Audit => "Nothing has been done yet that is kept here.".to_owned(),
    }
}

/// What the letters do here, for the card.
pub fn section_keys(section: Section) -> &'static [(Action, &'static str)] {
    match section {
        Section::Friends => &[
            (Action::PersonMenu, "what can be done"),
            (Action::WritePerson, "writes"),
            (Action::RemovePerson, "ends the friendship"),
            (Action::BlockPerson, "blocks"),
            (Action::AddPerson, "asks somebody new"),
        ],
        Section::Requests => &[
            (Action::AddPerson, "accepts"),
            (Action::RemovePerson, "declines, withdraws"),
            (Action::BlockPerson, "blocks"),
            (Action::PersonMenu, "what can be done"),
        ],
        Section::Blocked => &[(Action::RemovePerson, "unblocks"), (Action::PersonMenu, "what can be done")],
        Section::Online => &[
            (Action::PersonMenu, "what can be done"),
            (Action::WritePerson, "writes"),
            (Action::AddPerson, "asks to be friends"),
            (Action::BlockPerson, "blocks"),
        ],
        Section::Me => &[(Action::PersonMenu, "does it")],
        Section::Sessions => &[(Action::RemovePerson, "ends it")],
        Section::Accounts => &[
            (Action::PersonMenu, "role, password, …"),
            (Action::BlockPerson, "bans, or lets in"),
            (Action::RemovePerson, "removes the account"),
            (Action::AddPerson, "adds an account"),
        ],
        Section::Addresses => &[(Action::RemovePerson, "lets it in again"), (Action::AddPerson, "bans another")],
        Section::Audit => &[],
    }
}

pub fn relation_note(relation: RelationKind) -> &'static str {
    match relation {
        RelationKind::Requests => "asks to be your friend",
        RelationKind::Friend => "friend",
        RelationKind::Requested => "asked, no answer yet",
        RelationKind::Blocked => "blocked",
        _ => NEWER_WORD,
    }
}

pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Admin => "admin",
        _ => NEWER_WORD,
    }
}

pub fn member_role(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Member => "member",
        MemberRole::Moderator => "moderator",
        MemberRole::Owner => "owner",
        _ => NEWER_WORD,
    }
}

pub fn number_and_name(account: &Account) -> String {
    match &account.full_name {
        Some(name) => format!("{} · {name}", account.titan_number),
        None => account.titan_number.to_string(),
    }
}

pub fn account_note(standing: &AccountStanding) -> &'static str {
    match (standing.banned, standing.account.role) {
        (true, _) => "banned",
        (false, Role::Admin) => "admin",
        (false, Role::User) => "",
        _ => NEWER_WORD,
    }
}

pub fn session_title(session: &SessionInfo) -> String {
    let door = titan_core::SafeText::line(&session.door);
    let with = match opened_with(session).as_str() {
        "-" => String::new(),
        with => format!(", {with}"),
    };
    match &session.address {
        Some(address) => format!("{door} from {address}{with}"),
        None => format!("{door}{with}"),
    }
}

/// What a session was opened with, as that says of itself, and by which app password.
pub fn opened_with(session: &SessionInfo) -> String {
    let by = session.app_password.as_ref().map(|name| format!("app password {name}"));
    match (&session.client, by) {
        (Some(client), Some(by)) => format!("{client} ({by})"),
        (Some(client), None) => client.to_string(),
        (None, Some(by)) => by,
        (None, None) => "-".to_owned(),
    }
}

pub fn sessions_of_ended(name: &str, one: bool) -> String {
    if one { format!("That session of {name} has ended.") } else { format!("All sessions of {name} have ended.") }
}

pub fn session_note(session: &SessionInfo, when: &str) -> String {
    if session.current { "this one".to_owned() } else { when.to_owned() }
}

pub fn address_title(ban: &AddressBan) -> String {
    ban.address.to_string()
}

/// Who did what, the accounts and rooms by their names where those are known.
pub fn act_title(state: &State, act: &AuditAct) -> String {
    let (who, deed) = (act.by.as_ref().map_or(THE_OPERATOR, |by| by.username.as_str()), act.act.replace('_', " "));
    // What somebody does to themselves needs no second name.
    let own = act.by.as_ref().is_some_and(|by| act.object.as_str() == format!("account {}", by.id));
    match own {
        true => format!("{who}: {deed}"),
        false => format!("{who}: {deed} {}", act_object(act, |kind, id| name_of(state, kind, id))),
    }
}

/// Whether the audit log is as it was written, in a heading.
pub fn audit_state(chain: &AuditChain) -> String {
    match chain.broken {
        None => format!("whole, {}", rows(chain.rows)),
        Some(row) => format!("broken at row {row}"),
    }
}

/// The same as a sentence.
pub fn audit_chain(chain: &AuditChain) -> String {
    match (chain.broken, &chain.head) {
        (Some(row), _) => format!(
            "The audit log is not as it was written: row {row} was changed, is gone, or does not follow the one before it."
        ),
        (None, None) => "The audit log is empty.".to_owned(),
        (None, Some(head)) => format!("The audit log is whole: {}, the last one {head}", rows(chain.rows)),
    }
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// From where something was done, as far as that was noted.
pub fn act_place(act: &AuditAct) -> Option<String> {
    let door = act.door.as_ref()?;
    Some(match &act.address {
        Some(address) => format!("{door} from {address}"),
        None => door.to_string(),
    })
}

/// `account 7 in room 5` as `eve in #lab`: by the names that the server tells, or else by those that are known here.
pub fn act_object(act: &AuditAct, known: impl Fn(&str, &str) -> Option<String>) -> String {
    let named = |kind: &str, id: &str| match kind {
        "room" => act.room.as_ref().map(|room| format!("#{room}")).or_else(|| known(kind, id)),
        _ => {
            let whom = act.whom.as_ref().filter(|whom| whom.id.to_string() == id);
            whom.map(|whom| whom.username.to_string()).or_else(|| known(kind, id))
        }
    };
    let mut words = act.object.split(' ');
    let mut said = Vec::new();
    while let Some(word) = words.next() {
        let name = match word {
            "account" | "room" => words.next().map(|id| (id, named(word, id))),
            _ => None,
        };
        match name {
            Some((_, Some(name))) => said.push(name),
            Some((id, None)) => said.push(format!("{word} {id}")),
            None => said.push(word.to_owned()),
        }
    }
    said.join(" ")
}

fn name_of(state: &State, kind: &str, id: &str) -> Option<String> {
    let id: i64 = id.parse().ok()?;
    match kind {
        "room" => state.chat.rooms.iter().find(|room| room.id.0 == id).map(|room| format!("#{}", room.name)),
        _ => state.known_people().into_iter().find(|it| it.id.0 == id).map(|it| it.username.to_string()),
    }
}

pub fn deed(deed: Deed) -> (&'static str, &'static str) {
    match deed {
        Deed::Profile => {
            ("Change your profile", "name, blog and mail; a mail address brings back a forgotten password")
        }
        Deed::Password => ("Change your password", "your other sessions end"),
        Deed::Factor => ("Your second factor", "codes of an app, asked for beside the password"),
        Deed::AppPasswords => ("Your app passwords", "for programs and devices that can't ask for a second factor"),
        Deed::Export => ("Export your data", "everything the server keeps of you, as a file of JSON lines"),
        Deed::AdminKey => ("Change the admin key", "the key that makes whoever registers with it an admin"),
        Deed::Logout => ("Log out", "ends this session and forgets it"),
        Deed::Delete => ("Delete your account", "for good; what you wrote stays under your name as it was"),
    }
}

// --- cards and menus
pub const DO_BEFRIEND: &str = "Ask to be friends";
pub const DO_ACCEPT: &str = "Accept the friend request";
pub const DO_DECLINE: &str = "Decline the friend request";
pub const DO_WITHDRAW: &str = "Take back your friend request";
pub const DO_UNFRIEND: &str = "End the friendship";
pub const DO_BLOCK: &str = "Block";
pub const DO_BLOCK_ABOUT: &str = "no directs, no requests, folded in rooms";
pub const DO_UNBLOCK: &str = "Unblock";
pub const DO_MUTE: &str = "Mute…";
pub const DO_MUTE_ABOUT: &str = "may read, not write, for a time";
pub const DO_UNMUTE: &str = "Let write again";
pub const DO_KICK: &str = "Remove…";
pub const DO_KICK_ABOUT: &str = "may come back";
pub const DO_BAN_MEMBER: &str = "Ban…";
pub const DO_BAN_MEMBER_ABOUT: &str = "kept out until it is lifted";
pub const DO_MODERATOR: &str = "Make a moderator";
pub const DO_MEMBER: &str = "Make a plain member";
pub const DO_OWNER: &str = "Make the owner";
pub const DO_OWNER_ABOUT: &str = "the owner now becomes a moderator";
pub const DO_SESSIONS: &str = "Show the sessions";
pub const DO_REMOVE_ACCOUNT: &str = "Remove the account";
pub const DO_REVOKE_SESSION: &str = "End this session";
pub const DO_LIFT_ADDRESS: &str = "Let the address in again";
pub const DO_SANCTIONS: &str = "Bans and mutes";
pub const DO_MEMBERS: &str = "Members";
pub const DO_UNFOLD: &str = "Show the messages";
pub const ON_THE_SERVER: &str = "ON THE SERVER";
pub const NO_SESSIONS: &str = "No session is open.";
pub const LIFTS_IT: &str = "enter lifts it";

pub fn in_room(title: &str) -> String {
    format!("IN {title}")
}

pub fn sessions_of(name: &str) -> String {
    format!("Sessions of {name}")
}

pub fn you_blocked(name: &str) -> String {
    format!("You blocked {name}: /unblock {name} to write")
}

pub fn folded(count: usize) -> String {
    format!("⋯ {count} {} from someone you blocked", plural(count, "message", "messages"))
}

pub const QUOTE_OF_BLOCKED: &str = "a message from someone you blocked";

// --- what others did
pub fn asks_you(name: &str, key: &str) -> String {
    format!("{name} asks to be your friend: {key} answers.")
}

pub fn friends_now(name: &str) -> String {
    format!("{name} and you are friends now.")
}

pub fn you_are_now(role: MemberRole, title: &str) -> String {
    match role {
        MemberRole::Owner => format!("You own {title} now."),
        MemberRole::Moderator => format!("You are a moderator of {title} now."),
        _ => format!("You are a plain member of {title} now."),
    }
}

pub fn you_may_write(title: &str) -> String {
    format!("You may write in {title} again.")
}

pub fn account_gone(name: &str) -> String {
    format!("{name} has deleted their account.")
}

pub const EXPORT_NAME: &str = "your data";

pub fn exporting(path: &str) -> String {
    format!("Exporting your data to {path}")
}

pub fn exported(path: &str) -> String {
    format!("Your data is in {path}.")
}

pub fn reset_asked(name: &str) -> String {
    format!(
        "If {name} has a mail address here, a link for a new password is on its way to it. Some mail servers let a first letter wait for ten minutes."
    )
}

pub const NO_NAME_TO_RESET: &str = "Type your username first, then f3: a link for a new password is mailed to you.";

// --- the linear mode
pub const PLAIN_PEOPLE: &str = "A number chooses, the name of a section shows it, a full stop goes back to the chat.";

pub fn plain_sections(names: &[&str]) -> String {
    format!("Sections: {}", names.join(", "))
}

pub const PLAIN_FOLDED: &str = "a message from someone you blocked";

// --- cards, in full
pub const DO_OWN_ACCOUNT: &str = "Your account: password, sessions, data, deletion";
pub const DO_BAN_ABOUT: &str = "kept out of the whole server";
pub const DO_REMOVE_ACCOUNT_ABOUT: &str = "for good";
pub const DO_CARD: &str = "What can be done with them";
pub const FOLDED_TITLE: &str = "Folded messages";

pub fn card_of(name: &str) -> String {
    format!("What can be done with {name}")
}

pub fn unblock(name: &str) -> String {
    format!("Unblock {name}")
}

pub fn session_seen(session: &SessionInfo, when: &str) -> String {
    if session.current { "this one".to_owned() } else { format!("last seen {when}") }
}

/// All that is known of how somebody stands: to oneself, in the open room, on the server.
pub fn card(state: &State, account: &Account) -> String {
    let mut parts = vec![online_or_not(state.is_online_now(account.id)).to_owned()];
    parts.extend(state.relation(account.id).map(|relation| relation_note(relation).to_owned()));
    if account.role == Role::Admin {
        parts.push(ADMIN.to_owned());
    }
    if let Some((member, title)) = state.member_here(account.id) {
        if member.room_role > MemberRole::Member {
            parts.push(format!("{} of {title}", member_role(member.room_role)));
        }
        if let Some(until) = member.muted_until.filter(|until| *until > state.now) {
            parts.push(muted_note(&until_when(state, until)));
        }
    }
    parts.join(" · ")
}

/// Something listed, on one line: what it is, and what to know of it.
pub fn item_line(state: &State, item: &Item) -> (String, String) {
    match item {
        Item::Relation(relation) => {
            let note = match relation.relation {
                RelationKind::Friend | RelationKind::Blocked => number_and_name(&relation.person.account),
                kind => relation_note(kind).to_owned(),
            };
            (relation.person.account.username.to_string(), note)
        }
        Item::Person(person) => (person.account.username.to_string(), number_and_name(&person.account)),
        Item::Account(standing) => {
            let number = standing.account.titan_number;
            let note = match account_note(standing) {
                "" => number.to_string(),
                note => format!("{number} · {note}"),
            };
            (standing.account.username.to_string(), note)
        }
        Item::Session(session) => {
            let seen = times::briefly(session.last_seen, state);
            (session_title(session), session_note(session, &seen))
        }
        Item::Address(ban) => (address_title(ban), ban.reason.to_string()),
        Item::Act(act) => (act_title(state, act), times::briefly(act.at, state)),
        Item::Deed(deed) => (self::deed(*deed).0.to_owned(), String::new()),
    }
}
