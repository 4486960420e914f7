//! The linear mode, `titan --plain`: for screen readers, pipes and people who like it so. Nothing is drawn and nothing moves:
//! each thing is said once, on a line of its own, sender then text then time, and a prompt waits for a line.
//!
//! It is the same state and the same `update` as the screen's; only [`Speaker::say`] (what is new, in words) and [`hear`]
//! (a line typed, as what it means here) are its own, and both are pure.

use std::collections::HashMap;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use titan_core::{
    ConversationId, Seq,
    protocol::{Body, Entry},
};

use crate::{
    app::{
        effect::Effect,
        event::Event,
        fold::is_folded,
        overlay::{Confirm, Form, Group, Overlay, Picker, Value},
        state::{Link, Screen, ServerInfo, State, TransferState, title},
        update::{show_section, update},
        wizard::{Step, Way},
    },
    times::clock,
    words,
};

/// Rows of a list that are read out at once.
const ROWS_MOST: usize = 20;

/// Remembers what has been said, so that nothing is said twice.
#[derive(Default)]
pub struct Speaker {
    told: HashMap<ConversationId, Seq>,
    open: Option<ConversationId>,
    notice: Option<String>,
    link: Option<&'static str>,
    asked: String,
    transfers: HashMap<u64, TransferState>,
}

impl Speaker {
    /// What is new since the last time, a line each.
    pub fn say(&mut self, state: &State) -> Vec<String> {
        let mut lines = Vec::new();
        self.say_link(state, &mut lines);
        self.say_entries(state, &mut lines);
        self.say_transfers(state, &mut lines);
        self.say_notice(state, &mut lines);
        self.say_question(state, &mut lines);
        lines
    }

    fn say_link(&mut self, state: &State, lines: &mut Vec<String>) {
        let now = match &state.link {
            Link::None | Link::Ended { .. } => words::NOT_CONNECTED,
            Link::Connecting => words::CONNECTING,
            Link::Online => words::ONLINE,
            Link::Waiting { .. } | Link::Untrusted => words::WAITS_FOR_CONNECTION,
        };
        if self.link.replace(now) != Some(now) {
            let exposed = state.is_online() && state.server.as_ref().is_some_and(ServerInfo::is_exposed);
            lines.push(if exposed { format!("{now}, {}", words::NOT_ENCRYPTED) } else { now.to_owned() });
        }
    }

    fn say_entries(&mut self, state: &State, lines: &mut Vec<String>) {
        let Some(conversation) = state.open().filter(|_| state.screen == Screen::Chat) else { return };
        if self.open.replace(conversation.id) != Some(conversation.id) {
            lines.push(words::you_are_in(&title(conversation)));
        }
        let Some(log) = state.open_log() else { return };
        let after = self.told.entry(conversation.id).or_default();
        for (seq, item) in log.items.range(after.next()..) {
            lines.extend(entry_line(state, &item.entry));
            *after = *seq;
        }
    }

    fn say_transfers(&mut self, state: &State, lines: &mut Vec<String>) {
        for transfer in &state.transfers.list {
            let before = self.transfers.insert(transfer.id, transfer.state.clone());
            if before.as_ref() != Some(&transfer.state) {
                lines.push(words::transfer_line(transfer));
            }
        }
    }

    fn say_notice(&mut self, state: &State, lines: &mut Vec<String>) {
        let now = state.notice.as_ref().map(|notice| notice.text.clone());
        if now != self.notice {
            lines.extend(now.clone());
            self.notice = now;
        }
    }

    /// A list, form or question is read out when it comes, or changes.
    fn say_question(&mut self, state: &State, lines: &mut Vec<String>) {
        let question = match (state.overlays.last(), state.screen) {
            (Some(Overlay::Picker(picker)), _) => picker_lines(picker),
            (Some(Overlay::Form(form)), _) => form_lines(form),
            (Some(Overlay::Confirm(confirm)), _) => confirm_lines(confirm),
            (None, Screen::Wizard) => wizard_lines(state),
            (None, Screen::Repository) => repository_lines(state),
            (None, Screen::People) => people_lines(state),
            (None, _) => vec![],
        };
        let asked = question.join("\n");
        if asked != self.asked {
            lines.extend(question);
            self.asked = asked;
        }
    }
}

/// What stands before the cursor.
pub fn prompt(state: &State) -> String {
    let field = |form: &Form| form.fields.get(form.at).map(|field| format!("{}: ", field.label)).unwrap_or_default();
    match (state.overlays.last(), state.screen) {
        (Some(Overlay::Form(form)), _) => field(form),
        (Some(_), _) => words::PLAIN_ANSWER.to_owned(),
        (None, Screen::Wizard) => state.wizard.form().map(field).unwrap_or_else(|| words::PLAIN_ANSWER.to_owned()),
        (None, Screen::Repository | Screen::People) => words::PLAIN_ANSWER.to_owned(),
        (None, _) => format!("{}> ", state.open().map(title).unwrap_or_default()),
    }
}

/// Whether what is typed now must not show.
pub fn is_secret(state: &State) -> bool {
    let form = match state.overlays.last() {
        Some(Overlay::Form(form)) => Some(form),
        Some(_) => None,
        None if state.screen == Screen::Wizard => state.wizard.form(),
        None => None,
    };
    let field = form.and_then(|form| form.fields.get(form.at));
    matches!(field.map(|field| &field.value), Some(Value::Text(editor)) if editor.is_secret())
}

/// What a typed line means here. A lone `.` leaves a list, form or question.
pub fn hear(state: &mut State, line: &str) -> Vec<Effect> {
    let leaves = line.trim() == ".";
    match (state.overlays.last_mut(), state.screen) {
        (Some(_), _) if leaves => key(state, KeyCode::Esc),
        (Some(Overlay::Picker(picker)), _) => match pick(picker, line) {
            true => key(state, KeyCode::Enter),
            false => paste(state, line),
        },
        (Some(Overlay::Form(form)), _) => {
            fill(form, line);
            answer_form(state)
        }
        (Some(Overlay::Confirm(confirm)), _) => {
            let answer = answer(confirm, &line.trim().to_lowercase());
            key(state, answer)
        }
        (None, Screen::Wizard) if leaves => key(state, KeyCode::Esc),
        (None, Screen::Wizard) => hear_wizard(state, line),
        (None, Screen::Repository) => hear_repository(state, line),
        (None, Screen::People) => hear_people(state, line),
        (None, _) => say_it(state, line),
    }
}

fn answer(confirm: &Confirm, line: &str) -> KeyCode {
    match confirm.careful {
        true if line == "yes" => KeyCode::F(2),
        false if line.starts_with('y') => KeyCode::Enter,
        _ => KeyCode::Esc,
    }
}

fn key(state: &mut State, code: KeyCode) -> Vec<Effect> {
    update(state, Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

fn paste(state: &mut State, line: &str) -> Vec<Effect> {
    if let Some(Overlay::Picker(picker)) = state.overlays.last_mut() {
        picker.query.set("");
    }
    update(state, Event::Paste(line.trim().to_owned()))
}

fn say_it(state: &mut State, line: &str) -> Vec<Effect> {
    state.screen = Screen::Chat;
    state.composer.interject(line);
    state.pane = crate::app::state::Pane::Composer;
    state.composer.completion = None;
    key(state, KeyCode::Enter)
}

/// Puts the cursor on the row of this number.
fn pick(picker: &mut Picker, line: &str) -> bool {
    let choosable = picker.rows.iter().enumerate().filter(|(_, row)| row.group != Group::Heading).map(|(at, _)| at);
    let number: Option<usize> = line.trim().parse().ok();
    match number.and_then(|number| choosable.into_iter().nth(number.checked_sub(1)?)) {
        Some(at) => {
            picker.at = at;
            true
        }
        None => false,
    }
}

fn fill(form: &mut Form, line: &str) {
    let Some(field) = form.fields.get_mut(form.at) else { return };
    match &mut field.value {
        Value::Text(editor) if !line.is_empty() => editor.set(line),
        Value::Text(_) => {}
        Value::Pick { options, at } => {
            let typed = line.trim().to_lowercase();
            let by_number = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let found = options.iter().position(|option| option.to_lowercase() == typed).or(by_number);
            *at = found.filter(|found| *found < options.len()).unwrap_or(*at);
        }
    }
}

/// The next field; after the last one the form is sent.
fn answer_form(state: &mut State) -> Vec<Effect> {
    let form = match state.overlays.last() {
        Some(Overlay::Form(form)) => Some(form),
        _ => state.wizard.form(),
    };
    let last = form.is_some_and(|form| form.at + 1 >= form.fields.len());
    key(state, if last { KeyCode::Enter } else { KeyCode::Tab })
}

fn hear_wizard(state: &mut State, line: &str) -> Vec<Effect> {
    if let Some(form) = state.wizard.form_mut() {
        if line.trim() == words::PLAIN_SWITCH {
            return key(state, KeyCode::F(2));
        }
        fill(form, line);
        return answer_form(state);
    }
    match line.trim().parse::<usize>() {
        Ok(number) if (1..=Way::offered(state.can_host).len()).contains(&number) => {
            state.wizard.at = number - 1;
            key(state, KeyCode::Enter)
        }
        _ => vec![],
    }
}

/// In the repository a number downloads, `.` goes back, anything else is searched for; commands work as ever.
fn hear_repository(state: &mut State, line: &str) -> Vec<Effect> {
    let count = state.repository.apps.len();
    match line.trim() {
        "." => key(state, KeyCode::Esc),
        line if line.starts_with('/') => say_it(state, line),
        line => match line.parse::<usize>() {
            Ok(number) if (1..=count).contains(&number) => {
                state.repository.at = number - 1;
                key(state, KeyCode::Enter)
            }
            _ => say_it(state, &format!("/repo {line}")),
        },
    }
}

/// In the view of people a number chooses, the name of a section shows it, `.` goes back; commands work as ever.
fn hear_people(state: &mut State, line: &str) -> Vec<Effect> {
    let line = line.trim();
    let named = line.to_lowercase();
    let section =
        state.sections().iter().find(|it| !named.is_empty() && words::section(**it).to_lowercase().starts_with(&named));
    match (line, line.parse::<usize>(), section) {
        (".", ..) => key(state, KeyCode::Esc),
        (_, Ok(number), _) if (1..=state.items(state.directory.section).len()).contains(&number) => {
            state.directory.at = number - 1;
            key(state, KeyCode::Enter)
        }
        (_, _, Some(section)) => show_section(state, *section),
        _ => say_it(state, line),
    }
}

/// An entry in words; none for what shows on the message it changed.
fn entry_line(state: &State, entry: &Entry) -> Option<String> {
    let when = clock(entry.at, state);
    if state.open_log().is_some_and(|log| is_folded(state, log, entry)) {
        return Some(format!("{}, {when}", words::PLAIN_FOLDED));
    }
    match &entry.body {
        Body::Message(message) => {
            let text = match (&message.file, message.deleted) {
                (_, true) => words::DELETED.to_owned(),
                (Some(file), _) => words::plain_file(file, &message.text),
                (None, _) => message.text.to_string(),
            };
            Some(format!("{}: {text}, {when}", entry.author.username))
        }
        _ => words::happening(entry).map(|text| format!("{text}, {when}")),
    }
}

fn picker_lines(picker: &Picker) -> Vec<String> {
    let mut lines = vec![picker.title.clone()];
    lines.extend(Some(picker.about.clone()).filter(|about| !about.is_empty()));
    let mut number = 0;
    for row in picker.rows.iter().take(ROWS_MOST) {
        match row.group {
            Group::Heading => lines.push(row.text.clone()),
            _ => {
                number += 1;
                lines.push(words::plain_row(number, &row.text, &row.detail));
            }
        }
    }
    if picker.rows.is_empty() {
        lines.push(picker.empty.clone());
    }
    lines.push(words::plain_picker(picker.rows.len().saturating_sub(ROWS_MOST)));
    lines
}

fn form_lines(form: &Form) -> Vec<String> {
    let mut lines = vec![form.title.clone()];
    if let Some(scan) = &form.scan {
        lines.extend([words::FACTOR_TYPE.to_owned(), scan.secret.clone()]);
    }
    if let Some(field) = form.fields.get(form.at) {
        lines.push(match &field.value {
            Value::Text(_) => words::plain_field(field.label, field.hint),
            Value::Pick { options, .. } => words::plain_field(field.label, &options.join(", ")),
        });
    }
    lines.extend(form.error.clone());
    lines.extend(form.note.clone());
    lines
}

fn confirm_lines(confirm: &Confirm) -> Vec<String> {
    let keys = match confirm.careful {
        true => words::plain_careful(confirm.yes),
        false => words::PLAIN_CONFIRM.to_owned(),
    };
    vec![confirm.question.clone(), confirm.detail.clone(), keys]
}

fn wizard_lines(state: &State) -> Vec<String> {
    match &state.wizard.step {
        Step::Working(what) => vec![(*what).to_owned()],
        Step::Address(form) => form_lines(form),
        Step::Account(server, form) => {
            let mut lines = vec![words::at_server(server), words::PLAIN_ACCOUNT.to_owned()];
            lines.extend(form_lines(form));
            lines
        }
        Step::Server => {
            let mut lines = vec![words::WIZARD_TITLE.to_owned()];
            lines.extend(Way::offered(state.can_host).iter().enumerate().map(|(at, way)| {
                let text = match way {
                    Way::Host => words::WAY_HOST,
                    Way::Connect => words::WAY_CONNECT,
                    Way::Leave => words::WAY_LEAVE,
                };
                words::plain_row(at + 1, text, "")
            }));
            lines.extend(state.wizard.error.clone());
            lines
        }
    }
}

fn people_lines(state: &State) -> Vec<String> {
    if state.directory.loading {
        return vec![];
    }
    let section = state.directory.section;
    let mut lines = vec![words::section(section).to_owned()];
    let items = state.items(section);
    lines.extend(items.iter().take(ROWS_MOST).enumerate().map(|(at, item)| {
        let (text, detail) = words::item_line(state, item);
        words::plain_row(at + 1, &text, &detail)
    }));
    if items.is_empty() {
        lines.push(words::empty_section(state, section));
    }
    let names: Vec<&str> = state.sections().iter().map(|section| words::section(*section)).collect();
    lines.push(words::plain_sections(&names));
    lines.push(words::PLAIN_PEOPLE.to_owned());
    lines
}

fn repository_lines(state: &State) -> Vec<String> {
    if state.repository.loading {
        return vec![];
    }
    let mut lines = vec![words::apps_heading(state.repository.query.as_deref())];
    let apps = state.repository.apps.iter().take(ROWS_MOST).enumerate();
    lines.extend(apps.map(|(at, app)| {
        let detail = format!("{}, {}", words::standing(app), words::bytes(app.size));
        words::plain_row(at + 1, &words::app_title(app), &detail)
    }));
    if state.repository.apps.is_empty() {
        let repository = &state.repository;
        lines.push(words::no_apps(repository.shelf, repository.query.is_some(), state.is_admin()).to_owned());
    }
    lines.push(words::PLAIN_REPOSITORY.to_owned());
    lines
}
