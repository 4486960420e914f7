//! The pickers: what stands in each, and what choosing a row does.

use titan_core::{
    ConversationId, EntryId, Seq,
    protocol::{Account, Body, Entry, FileInfo, Found, Person, Results, Right, Room, What},
};

use super::{asking::open_list, cards, transfers};
use crate::{
    app::{
        commands,
        effect::Effect,
        fold,
        overlay::{Choice, Group, Overlay, Picker, PickerKind, Row},
        state::{State, title},
    },
    keymap::{Action, Context},
    rich, times, words,
};

/// Everything one can go to.
pub fn open_switcher(state: &mut State, typed: &str) -> Vec<Effect> {
    let mut rows: Vec<Row> = state.chat.by_need().into_iter().map(|(_, it)| conversation_row(it)).collect();
    let joined = |room: &&Room| state.chat.conversation(room.id).is_none();
    rows.extend(state.chat.rooms.iter().filter(joined).map(room_row));
    rows.extend(state.known_people().into_iter().filter(|it| !state.is_me(it.id)).map(|it| person_row(state, it)));
    rows.extend(state.repository.apps.iter().map(|app| {
        let detail = words::app_in_switcher(&app.version);
        Row::new(app.name.as_str(), detail, Group::Thing, Choice::ShowApp(app.id))
    }));
    rows.extend(files_here(state));
    rows.extend(commands::ALL.iter().filter(|spec| state.is_admin() || !spec.admin).map(|spec| {
        Row::new(format!("/{}", spec.name), spec.about, Group::Command, Choice::Write(format!("/{} ", spec.name)))
    }));
    let mut picker = Picker::new(PickerKind::Switcher, words::GO_TO, rows);
    picker.query.insert(typed);
    picker.narrow();
    open_list(state, picker)
}

fn conversation_row(conversation: &titan_core::protocol::Conversation) -> Row {
    let group = if matches!(conversation.what, What::Room(_)) { Group::Room } else { Group::Person };
    let detail = words::unread_detail(conversation.unread, conversation.mentions);
    Row::new(title(conversation), detail, group, Choice::Open(conversation.id))
}

fn room_row(room: &Room) -> Row {
    Row::new(format!("#{}", room.name), words::room_detail(room), Group::Room, Choice::Join(room.id))
}

fn person_row(state: &State, account: &Account) -> Row {
    let online = state.people.online.contains_key(&account.id);
    Row::new(format!("@{}", account.username), words::online_detail(online), Group::Person, Choice::Direct(account.id))
}

fn files_here(state: &State) -> Vec<Row> {
    let entries = state.open_log().into_iter().flat_map(|log| log.items.values()).map(|item| &item.entry);
    entries.filter_map(|entry| file_of(entry).map(|file| file_row(entry, file))).collect()
}

fn file_of(entry: &Entry) -> Option<&FileInfo> {
    match &entry.body {
        Body::Message(message) => message.file.as_ref(),
        _ => None,
    }
}

fn file_row(entry: &Entry, file: &FileInfo) -> Row {
    let detail = words::file_detail(&words::bytes(file.size), &entry.author.username);
    Row::new(file.name.as_str(), detail, Group::Thing, Choice::Fetch(Box::new(file.clone())))
}

/// Keys and commands, from the live tables.
pub fn open_help(state: &mut State) -> Vec<Effect> {
    let mut rows = Vec::new();
    for context in Context::ALL {
        rows.push(Row::heading(words::context(context)));
        let shown = state.keymap.shown().into_iter().filter(|shown| shown.context == context && !shown.keys.is_empty());
        rows.extend(shown.map(|shown| Row::plain(shown.keys, shown.about)));
    }
    for (admin, heading) in [(false, words::COMMANDS), (true, words::ADMIN_COMMANDS)] {
        rows.push(Row::heading(heading));
        rows.extend(commands::ALL.iter().filter(|spec| spec.admin == admin).map(|spec| {
            let choice = Choice::Write(format!("/{} ", spec.name));
            Row::new(format!("/{} {}", spec.name, spec.usage), spec.about, Group::Plain, choice)
        }));
    }
    open_list(state, Picker::new(PickerKind::Help, words::HELP, rows))
}

pub fn open_search(state: &mut State, typed: &str) -> Vec<Effect> {
    let mut picker = Picker::new(PickerKind::Search, words::SEARCH, vec![]).or_say(words::SEARCH_EMPTY);
    picker.query.insert(typed);
    open_list(state, picker);
    query_changed(state)
}

/// Answers of a search, unless another has been asked since.
pub fn found(state: &mut State, generation: u64, page: &Results, from_server: bool) -> Vec<Effect> {
    if generation != state.search_generation {
        return vec![];
    }
    let rows = found_rows(state, page);
    if let Some(Overlay::Picker(picker)) = state.overlays.last_mut()
        && picker.kind == PickerKind::Search
    {
        picker.empty = words::SEARCH_NOTHING.to_owned();
        if from_server || picker.rows.is_empty() || !rows.is_empty() {
            picker.set_rows(rows);
        }
    }
    vec![]
}

/// Asks for what else a search finds; its last row says so meanwhile.
pub fn search_further(state: &mut State, before: EntryId) -> Vec<Effect> {
    let generation = state.search_generation;
    let Some(Overlay::Picker(picker)) = state.overlays.last_mut() else { return vec![] };
    let query = picker.query.text().trim().to_owned();
    picker.further_rows(vec![Row::plain(words::SEARCH_GOES_ON, "")]);
    vec![Effect::SearchAll { generation, query, before: Some(before) }]
}

/// What else a search finds, in the place of the row that asked for it.
pub fn found_further(state: &mut State, generation: u64, page: &Results) -> Vec<Effect> {
    if generation != state.search_generation {
        return vec![];
    }
    let rows = found_rows(state, page);
    if let Some(Overlay::Picker(picker)) = state.overlays.last_mut()
        && picker.kind == PickerKind::Search
    {
        picker.further_rows(rows);
    }
    vec![]
}

/// A row for each, and one that asks for more where that is not all.
fn found_rows(state: &State, page: &Results) -> Vec<Row> {
    let found = page.results.iter().map(|found| found_row(state, found));
    let more = |before| Row::new(words::SEARCH_FURTHER, words::SEARCH_IS_CUT, Group::Plain, Choice::Further(before));
    found.chain(page.before.map(more)).collect()
}

fn found_row(state: &State, found: &Found) -> Row {
    let text = match &found.entry.body {
        Body::Message(message) if message.text.is_empty() => {
            message.file.as_ref().map(|file| file.name.to_string()).unwrap_or_default()
        }
        Body::Message(message) => message.text.replace('\n', " "),
        _ => String::new(),
    };
    let when = times::day_and_time(found.entry.at, state);
    let detail = words::found_detail(&found.conversation_name, &found.entry.author.username, &when);
    Row::new(text, detail, Group::Plain, Choice::OpenAt(found.entry.conversation, found.entry.seq))
}

/// What was typed into a picker changed.
pub fn query_changed(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Picker(picker)) = state.overlays.last_mut() else { return vec![] };
    picker.narrow();
    if picker.kind != PickerKind::Search {
        return vec![];
    }
    let query = picker.query.text().trim().to_owned();
    state.search_generation += 1;
    if query.is_empty() {
        picker.set_rows(vec![]);
        picker.empty = words::SEARCH_EMPTY.to_owned();
        return vec![];
    }
    vec![Effect::SearchAll { generation: state.search_generation, query, before: None }]
}

pub fn show_rooms(state: &mut State) -> Vec<Effect> {
    let mut rooms: Vec<&Room> = state.chat.rooms.iter().collect();
    rooms.sort_by_key(|room| (room.owner.is_some(), room.name.to_lowercase()));
    let rows = rooms.into_iter().map(|room| {
        let joined = state.chat.conversation(room.id).is_some();
        let choice = if joined { Choice::Open(room.id) } else { Choice::Join(room.id) };
        Row::new(format!("#{}", room.name), words::room_detail(room), Group::Room, choice)
    });
    let picker = Picker::list(words::ALL_ROOMS, rows.collect()).or_say(words::NO_ROOMS);
    open_list(state, picker)
}

pub fn show_people(state: &mut State, heading: &str, people: &[Person]) -> Vec<Effect> {
    let rows = people.iter().map(|person| {
        let account = &person.account;
        let detail = words::person_detail(account, person.online);
        Row::new(format!("@{}", account.username), detail, Group::Person, Choice::Person(Box::new(account.clone())))
    });
    open_list(state, Picker::list(heading, rows.collect()).or_say(words::NOBODY))
}

pub fn show_members(state: &mut State, id: ConversationId) -> Vec<Effect> {
    let heading = words::members_of(&state.chat.conversation(id).map(title).unwrap_or_default());
    let people: Vec<Person> = match state.chat.open == Some(id) {
        true => state.people_here().into_iter().map(|(person, _)| person).collect(),
        false => state.people.members.get(&id).into_iter().flatten().map(|member| member.person.clone()).collect(),
    };
    show_people(state, &heading, &people)
}

pub fn show_history(state: &mut State, room: &str, entries: &[Entry]) -> Vec<Effect> {
    let rows = entries.iter().filter_map(|entry| {
        let text = words::history_line(entry)?;
        Some(Row::plain(text, times::day_and_time(entry.at, state)))
    });
    let picker = Picker::list(words::history_of(room), rows.collect()).or_say(words::NOTHING_SAID);
    open_list(state, picker)
}

pub fn show_files(state: &mut State, room: &str, entries: &[Entry]) -> Vec<Effect> {
    let rows: Vec<Row> =
        entries.iter().rev().filter_map(|entry| file_of(entry).map(|it| file_row(entry, it))).collect();
    open_list(state, Picker::list(words::files_of(room), rows).or_say(words::NO_FILES))
}

/// Fetches the newest file of this name, or else the one with this number.
pub fn fetch_named(state: &mut State, name: &str, entries: &[Entry]) -> Vec<Effect> {
    let wanted = name.to_lowercase();
    let files = || entries.iter().rev().filter_map(file_of);
    let named = files().find(|file| file.name.to_lowercase() == wanted);
    match named.or_else(|| files().find(|file| file.id.to_string() == wanted)).cloned() {
        Some(file) => transfers::fetch(state, &file),
        None => {
            state.complain(words::no_file(name));
            vec![]
        }
    }
}

pub fn fetch_file_of(state: &mut State, seq: Seq) -> Vec<Effect> {
    let file = state.open_log().and_then(|log| log.message(seq)).and_then(|(_, message)| message.file.clone());
    match file {
        Some(file) => transfers::fetch(state, &file),
        None => {
            state.say(words::NO_FILE_HERE);
            vec![]
        }
    }
}

fn item(text: &str, detail: String, choice: Choice) -> Row {
    Row::new(text, detail, Group::Plain, choice)
}

pub fn open_message_menu(state: &mut State, seq: Seq) -> Vec<Effect> {
    let Some(log) = state.open_log() else { return vec![] };
    let Some((entry, message)) = log.message(seq) else { return vec![] };
    if fold::is_folded(state, log, entry) {
        let author = entry.author.id;
        return cards::open_fold(state, author);
    }
    let mine = state.is_me(entry.author.id);
    let key = |action| state.keymap.key(action);
    let mut rows = vec![item(words::DO_REPLY, key(Action::Reply), Choice::Reply(seq))];
    rows.push(item(words::DO_REACT, key(Action::React), Choice::PickEmoji(seq)));
    if let Some(file) = &message.file {
        rows.push(item(words::DO_FETCH, key(Action::Fetch), Choice::Fetch(Box::new(file.clone()))));
    }
    let may = |right| state.open().is_some_and(|open| open.may(right));
    if mine && message.file.is_none() && may(Right::EditOwn) {
        rows.push(item(words::DO_EDIT, key(Action::Edit), Choice::Edit(seq)));
    }
    if may(if mine { Right::EraseOwn } else { Right::EraseOthers }) {
        rows.push(item(words::DO_DELETE, key(Action::Delete), Choice::AskDelete(seq)));
    }
    rows.push(item(words::DO_COPY, key(Action::Copy), Choice::Copy(seq)));
    if rich::first_link(&message.text).is_some() {
        rows.push(item(words::DO_OPEN_LINK, key(Action::OpenLink), Choice::OpenLink(seq)));
    }
    if !mine {
        let account = state.account_of(&entry.author);
        rows.push(item(&words::card_of(&entry.author.username), String::new(), Choice::Person(Box::new(account))));
    }
    let heading = words::message_of(&entry.author.username);
    open_list(state, Picker::list(heading, rows))
}

/// The emoji most wanted, then all of them by name.
pub fn open_emoji(state: &mut State, seq: Seq) -> Vec<Effect> {
    const FIRST: [&str; 12] = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀", "✅", "🔥", "👎", "🚀"];
    let row = |emoji: &emojis::Emoji| {
        let choice = Choice::React(seq, emoji.as_str().to_owned());
        Row::new(format!("{emoji}  {}", emoji.name()), emoji.shortcode().unwrap_or_default(), Group::Plain, choice)
    };
    let first = FIRST.iter().filter_map(|emoji| emojis::get(emoji));
    let rest = emojis::iter().filter(|emoji| !FIRST.contains(&emoji.as_str()));
    let rows = first.chain(rest).map(row).collect();
    open_list(state, Picker::new(PickerKind::Emoji(seq), words::REACT_WITH, rows))
}
