//! What the server tells without being asked.

use titan_core::{
    AccountId, ConversationId, GENERAL, SafeText, Seq, Time,
    protocol::{Account, App, Author, Body, Conversation, Entry, Event, Member, Person, Room, RoomChange, What, ask},
    text::{look_alike, mentions},
};

use super::{bonds, chat, repository};
use crate::{
    app::{
        effect::Effect,
        log::Scroll,
        question::{Answer, Question},
        state::{Screen, State},
    },
    words,
};

/// How long somebody counts as writing after the last sign of it.
const TYPING_FOR_MS: i64 = 6_000;
/// It rings at most so often.
const RINGS_EVERY_MS: i64 = 2_000;

pub fn heard(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Entry { entry, .. } => entry_came(state, &entry),
        Event::Presence { person, .. } => presence(state, person),
        Event::Typing { conversation, author, .. } => typing(state, conversation, author),
        Event::ConversationAdded { conversation, .. } => added(state, *conversation),
        Event::ConversationRemoved { conversation, reason, .. } => removed(state, conversation, &reason),
        Event::ReadMark { conversation, seq, .. } => read_mark(state, conversation, seq),
        Event::RoomCreated { room, .. } => room_created(state, room),
        Event::RoomRemoved { conversation, .. } => room_removed(state, conversation),
        Event::AccountRegistered { account, .. } => registered(state, account),
        Event::AccountRemoved { account, username, .. } => account_removed(state, account, &username),
        Event::MemberChanged { conversation, account, role, muted_until, .. } => {
            bonds::member_changed(state, conversation, account, role, muted_until)
        }
        Event::RelationChanged { relation, .. } => bonds::relation_changed(state, *relation),
        Event::RelationEnded { account, .. } => bonds::relation_ended(state, account),
        Event::AccountChanged { account, .. } => account_changed(state, account),
        Event::AppChanged { app, .. } => app_changed(state, &app),
        Event::AppRemoved { app, .. } => repository::removed(state, app),
        Event::Goodbye { reason, retry_after_ms: Some(_), .. } => said(state, &reason),
        // Who merely looks in at another door is shown there.
        Event::CaughtUp { .. }
        | Event::VoiceSignal { .. }
        | Event::Goodbye { .. }
        | Event::Visit { .. }
        | Event::Unknown => vec![],
        // Of a kind that this screen has no picture of.
        _ => vec![],
    }
}

fn said(state: &mut State, reason: &SafeText) -> Vec<Effect> {
    state.say(reason.to_string());
    vec![]
}

/// An entry of a conversation of mine: into the log, the counts, the members.
fn entry_came(state: &mut State, entry: &Entry) -> Vec<Effect> {
    let open = state.chat.open == Some(entry.conversation);
    let watched = open && state.attended && state.screen == Screen::Chat;
    let at_bottom = {
        let log = state.chat.logs.entry(entry.conversation).or_default();
        log.apply(entry);
        log.trim(open);
        log.scroll == Scroll::Bottom
    };
    state.chat.typing.retain(|(id, author, _)| !(*id == entry.conversation && author.id == entry.author.id));
    apply_to_room(state, entry);
    let told = count(state, entry, watched && at_bottom);
    if watched && at_bottom {
        chat::seen(state);
    }
    told
}

/// Counts a message of somebody else as unread; rings for a mention or a direct message.
fn count(state: &mut State, entry: &Entry, seen: bool) -> Vec<Effect> {
    let (mine, blocked) = (state.is_me(entry.author.id), state.is_blocked(entry.author.id));
    let name = state.me.as_ref().map(|me| look_alike(&me.username)).unwrap_or_default();
    let open = state.chat.open == Some(entry.conversation);
    let Some(conversation) = state.chat.conversation_mut(entry.conversation) else { return vec![] };
    let fresh = entry.seq > conversation.head;
    conversation.head = conversation.head.max(entry.seq);
    conversation.active_at = conversation.active_at.max(Some(entry.at));
    let Body::Message(message) = &entry.body else { return vec![] };
    if mine || !fresh || entry.seq <= conversation.read {
        return vec![];
    }
    // What somebody blocked says is folded, so nobody is called by it.
    let mentioned = !blocked
        && mentions(message.text.written()).iter().any(|it| it.meant(|found| look_alike(found) == name).is_some());
    if !seen {
        conversation.unread += 1;
        conversation.mentions += u64::from(mentioned);
    }
    let direct = matches!(conversation.what, What::Direct(_));
    if open && !seen {
        let log = state.chat.logs.entry(entry.conversation).or_default();
        log.new_after.get_or_insert(Seq(entry.seq.0 - 1));
    }
    let rings = state.settings.bell && !blocked;
    match rings && (mentioned || direct) && !seen {
        true => ring(state),
        false => vec![],
    }
}

/// However much comes at once, it rings once.
fn ring(state: &mut State) -> Vec<Effect> {
    if (0..RINGS_EVERY_MS).contains(&(state.now.0 - state.rung_at.0)) {
        return vec![];
    }
    state.rung_at = state.now;
    vec![Effect::Bell]
}

/// Entries that change who is in a room or what it is called.
fn apply_to_room(state: &mut State, entry: &Entry) {
    let id = entry.conversation;
    match &entry.body {
        Body::Joined { .. } => joined(state, id, &entry.author, entry.at),
        Body::Left { .. } => left(state, id, entry.author.id),
        Body::RoomChanged { change, .. } => room_changed(state, id, change),
        _ => {}
    }
}

fn joined(state: &mut State, id: ConversationId, author: &Author, at: Time) {
    let account = Account::new(author.id, author.username.clone(), author.titan_number, at);
    new_member(state, id, Person::new(account, true), at);
}

/// Everybody is in general from the start, and no entry says so.
fn registered(state: &mut State, account: Account) -> Vec<Effect> {
    let at = account.created_at;
    new_member(state, GENERAL, Person::new(account, false), at);
    vec![]
}

fn new_member(state: &mut State, id: ConversationId, person: Person, joined_at: Time) {
    let Some(members) = state.people.members.get_mut(&id) else { return };
    if !members.iter().any(|member| member.person.account.id == person.account.id) {
        members.push(Member::new(person, joined_at));
    }
}

fn left(state: &mut State, id: ConversationId, account: AccountId) {
    if let Some(members) = state.people.members.get_mut(&id) {
        members.retain(|member| member.person.account.id != account);
    }
}

fn room_changed(state: &mut State, id: ConversationId, change: &RoomChange) {
    if let Some(What::Room(room)) = state.chat.conversation_mut(id).map(|conversation| &mut conversation.what) {
        change_room(room, change);
    }
    if let Some(room) = state.chat.rooms.iter_mut().find(|room| room.id == id) {
        change_room(room, change);
    }
}

fn change_room(room: &mut Room, change: &RoomChange) {
    if let Some(name) = &change.name {
        room.name = name.clone();
    }
    if let Some(description) = &change.description {
        room.description = description.clone();
    }
    if let Some(locked) = change.locked {
        room.locked = locked;
    }
}

fn presence(state: &mut State, person: Person) -> Vec<Effect> {
    match person.online {
        true => {
            state.people.online.insert(person.account.id, person);
        }
        false => {
            state.people.online.remove(&person.account.id);
        }
    }
    vec![]
}

fn typing(state: &mut State, conversation: ConversationId, author: Author) -> Vec<Effect> {
    if state.is_me(author.id) || state.is_blocked(author.id) {
        return vec![];
    }
    let until = Time(state.now.0 + TYPING_FOR_MS);
    state.chat.typing.retain(|(id, other, _)| !(*id == conversation && other.id == author.id));
    state.chat.typing.push((conversation, author, until));
    vec![]
}

/// Puts a conversation into the list, or in the place of what was known of it.
pub fn added(state: &mut State, conversation: Conversation) -> Vec<Effect> {
    let id = conversation.id;
    match state.chat.conversation_mut(id) {
        Some(known) => *known = conversation,
        None => state.chat.conversations.push(conversation),
    }
    match state.chat.open {
        None => chat::open_conversation(state, id),
        Some(_) => vec![],
    }
}

fn removed(state: &mut State, id: ConversationId, reason: &SafeText) -> Vec<Effect> {
    let open = state.chat.open == Some(id);
    let mut effects = if open { chat::keep_draft(state) } else { vec![] };
    state.chat.conversations.retain(|conversation| conversation.id != id);
    state.chat.logs.remove(&id);
    state.people.members.remove(&id);
    if !reason.is_empty() {
        state.say_longer(reason.to_string());
    }
    if !open {
        return effects;
    }
    state.chat.open = None;
    state.composer.begin("");
    let screen = state.screen;
    let next = state.chat.ordered().first().map(|conversation| conversation.id);
    effects.extend(next.map(|id| chat::open_conversation(state, id)).unwrap_or_default());
    state.screen = screen;
    effects
}

/// Read on another device.
fn read_mark(state: &mut State, id: ConversationId, seq: Seq) -> Vec<Effect> {
    if let Some(conversation) = state.chat.conversation_mut(id) {
        conversation.read = conversation.read.max(seq);
        if conversation.read >= conversation.head {
            conversation.unread = 0;
            conversation.mentions = 0;
        }
    }
    vec![]
}

fn room_created(state: &mut State, room: Room) -> Vec<Effect> {
    state.chat.rooms.retain(|known| known.id != room.id);
    state.chat.rooms.push(room);
    vec![]
}

fn room_removed(state: &mut State, id: ConversationId) -> Vec<Effect> {
    state.chat.rooms.retain(|room| room.id != id);
    vec![]
}

fn account_changed(state: &mut State, account: Account) -> Vec<Effect> {
    let (known, was_admin) = (state.me.is_some(), state.is_admin());
    state.me = Some(account);
    if !known || was_admin == state.is_admin() {
        return vec![];
    }
    state.say(if was_admin { words::NO_LONGER_ADMIN } else { words::NOW_ADMIN });
    bonds::admin_changed(state)
}

/// They left their rooms before; what they wrote stays.
fn account_removed(state: &mut State, account: AccountId, username: &SafeText) -> Vec<Effect> {
    let known = state.people.relations.remove(&account).is_some();
    state.people.online.remove(&account);
    state.people.members.values_mut().for_each(|members| members.retain(|it| it.person.account.id != account));
    state.directory.accounts.retain(|standing| standing.account.id != account);
    let direct =
        state.chat.conversations.iter().any(|it| matches!(&it.what, What::Direct(other) if other.id == account));
    if known || direct {
        state.say(words::account_gone(username));
    }
    vec![]
}

fn app_changed(state: &mut State, app: &App) -> Vec<Effect> {
    state.say(words::app_changed(app));
    repository::changed(state, app);
    let mut effects = vec![Effect::Ask(Question::new(ask::AppStats {}, Answer::AppStats))];
    if state.screen == Screen::Repository {
        effects.extend(repository::refresh(state));
    }
    effects
}
