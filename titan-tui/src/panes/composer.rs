//! Where one writes: a frame that tells where it goes, what it answers and who is writing, and the text. On a low screen a rule does.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
    widgets::{Clear, Widget},
};

use titan_core::protocol::{Conversation, What};

use super::canvas::Canvas;
use crate::{
    app::{
        composer::Completion,
        state::{Hit, Link, Pane, State, title},
    },
    layout::ChatAreas,
    words, wrap,
};

pub fn draw(canvas: &mut Canvas<'_>, parts: &ChatAreas) {
    let (frame, field) = (parts.frame, parts.composer);
    canvas.hit(frame.union(field), Hit::Pane(Pane::Composer));
    match parts.is_boxed() {
        true => draw_box(canvas, frame),
        false => draw_rule(canvas, frame, field),
    }
    let state = canvas.state;
    let theme = &state.theme;
    let focused = state.pane == Pane::Composer;
    state.composer.editor.draw(field, canvas.buffer);
    if state.composer.editor.is_empty() {
        let placeholder = placeholder(state);
        canvas.write(field.x, field.y, field.width, &[(&placeholder, theme.dim)]);
    }
    if focused && state.overlays.is_empty() {
        let (x, y) = state.composer.editor.cursor_in(field);
        canvas.cursor = Some(Position { x, y });
    }
    if let (true, Some(completion)) = (focused, &state.composer.completion) {
        draw_completion(canvas, frame, completion);
    }
}

fn placeholder(state: &State) -> String {
    match state.open() {
        Some(conversation) => match (state.muted_until(), blocked_here(conversation, state)) {
            (Some(_), _) => words::MUTED_PLACEHOLDER.to_owned(),
            (None, Some(name)) => words::you_blocked(&name),
            (None, None) => words::write_in(&title(conversation)),
        },
        None => words::WRITE_NOWHERE.to_owned(),
    }
}

/// The other of a direct conversation, where one has blocked them.
fn blocked_here(conversation: &Conversation, state: &State) -> Option<String> {
    match &conversation.what {
        What::Direct(account) if state.is_blocked(account.id) => Some(account.username.to_string()),
        _ => None,
    }
}

/// The frame tells where the message goes, what it answers, how long it is, and what the keys do.
fn draw_box(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    let rule = rule_style(state);
    let (left, right) = (area.x, area.right().saturating_sub(1));
    let across = "─".repeat(usize::from(area.width.saturating_sub(2)));
    canvas.write(left, area.y, area.width, &[("╭", rule), (&across, rule), ("╮", rule)]);
    canvas.write(left, area.bottom() - 1, area.width, &[("╰", rule), (&across, rule), ("╯", rule)]);
    for y in area.y + 1..area.bottom() - 1 {
        canvas.write(left, y, 1, &[("│", rule)]);
        canvas.write(right, y, 1, &[("│", rule)]);
    }
    let (note, tone) = told(state);
    let whither = state.open().map(title).unwrap_or_default();
    let count = words::letters_of(&state.composer.editor.text());
    let count_width = wrap::width(&count) as u16;
    let room = usize::from(area.width.saturating_sub(count_width + 8));
    let whither = if whither.is_empty() { whither } else { format!(" {} ", wrap::cut(&whither, room)) };
    let note = match note.is_empty() {
        true => note,
        false => format!(" {} ", wrap::cut(&note, room.saturating_sub(wrap::width(&whither) + 3))),
    };
    let dash = if note.is_empty() || whither.is_empty() { "" } else { "─" };
    let heading = if state.pane == Pane::Composer { theme.accent } else { theme.dim };
    canvas.write(left + 2, area.y, area.width.saturating_sub(4), &[(&whither, heading), (dash, rule), (&note, tone)]);
    if !count.is_empty() {
        canvas.write(
            right - count_width - 2,
            area.y,
            count_width + 2,
            &[(" ", rule), (&count, theme.dim), (" ", rule)],
        );
    }
    let keys = words::composer_keys(|action| state.keymap.key(action), state.composer.editing.is_some());
    if wrap::width(&keys) + 6 < usize::from(area.width) && state.pane == Pane::Composer {
        canvas.write(
            left + 2,
            area.bottom() - 1,
            area.width.saturating_sub(4),
            &[(" ", rule), (&keys, theme.dim), (" ", rule)],
        );
    }
}

fn draw_rule(canvas: &mut Canvas<'_>, area: Rect, field: Rect) {
    let state = canvas.state;
    let line = "─".repeat(usize::from(area.width));
    canvas.write(area.x, area.y, area.width, &[(&line, rule_style(state))]);
    let (note, tone) = told(state);
    if !note.is_empty() {
        let note = wrap::cut(&format!(" {note} "), usize::from(area.width.saturating_sub(4)));
        canvas.write(area.x + 2, area.y, area.width.saturating_sub(2), &[(&note, tone)]);
    }
    let prompt = if state.pane == Pane::Composer { state.theme.accent } else { state.theme.dim };
    canvas.write(area.x, field.y, 3, &[(" › ", prompt)]);
}

fn rule_style(state: &State) -> Style {
    if state.pane == Pane::Composer { state.theme.focus_rule } else { state.theme.rule }
}

fn told(state: &State) -> (String, Style) {
    match state.muted_until() {
        Some(until) => (words::muted_note(&words::until_when(state, until)), state.theme.warn),
        None => (note(state), state.theme.dim),
    }
}

/// What the rule tells: the answer or edit under way, else who is writing, else that sending waits.
fn note(state: &State) -> String {
    if state.composer.editing.is_some() {
        return words::EDITING.to_owned();
    }
    if let Some(target) = state.composer.reply_to {
        let message = state.open_log().and_then(|log| log.message(target));
        return message
            .map(|(entry, message)| words::replying(&entry.author.username, &message.text))
            .unwrap_or_default();
    }
    let here = state.chat.typing.iter().filter(|(id, _, _)| Some(*id) == state.chat.open);
    let writers: Vec<&str> = here.map(|(_, author, _)| author.username.as_str()).collect();
    if !writers.is_empty() {
        return words::typing(&writers);
    }
    match state.link {
        Link::Waiting { .. } | Link::Untrusted => words::WAITS_FOR_CONNECTION.to_owned(),
        _ => String::new(),
    }
}

/// The offers, just above the rule.
fn draw_completion(canvas: &mut Canvas<'_>, rule: Rect, completion: &Completion) {
    let theme = &canvas.state.theme;
    let rows = (completion.offers.len() as u16).min(rule.y.saturating_sub(1));
    let label_width = completion.offers.iter().map(|offer| wrap::width(&offer.label)).max().unwrap_or(0);
    let about_width = completion.offers.iter().map(|offer| wrap::width(&offer.about)).max().unwrap_or(0);
    let gap = if about_width > 0 { 2 } else { 0 };
    let width = ((label_width + about_width + gap + 2) as u16).min(rule.width.saturating_sub(2));
    let area = Rect { x: rule.x + 1, y: rule.y.saturating_sub(rows), width, height: rows };
    Clear.render(area, canvas.buffer);
    canvas.fill(area, theme.overlay);
    for (at, offer) in completion.offers.iter().take(usize::from(rows)).enumerate() {
        let y = area.y + at as u16;
        let label = wrap::fit(&offer.label, label_width);
        let (plain, dim) = (theme.overlay, theme.overlay.patch(theme.dim));
        canvas.write(area.x, y, width, &[(" ", plain), (&label, plain), ("  ", dim), (&offer.about, dim)]);
        if at == completion.at {
            canvas.fill(Rect { y, height: 1, ..area }, theme.selected);
        }
    }
}
