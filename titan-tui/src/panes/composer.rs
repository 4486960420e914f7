//! Where one writes: a rule that tells what the message answers and who is writing, then the text.

use ratatui::{
    layout::{Position, Rect},
    widgets::{Clear, Widget},
};

use titan_core::protocol::{Conversation, What};

use super::canvas::Canvas;
use crate::{
    app::{
        composer::Completion,
        state::{Hit, Link, Pane, State, title},
    },
    words, wrap,
};

pub fn draw(canvas: &mut Canvas<'_>, rule: Rect, area: Rect) {
    canvas.hit(area, Hit::Pane(Pane::Composer));
    draw_rule(canvas, rule);
    let state = canvas.state;
    let theme = &state.theme;
    let focused = state.pane == Pane::Composer;
    let prompt = if focused { theme.accent } else { theme.dim };
    canvas.write(area.x, area.y, area.width, &[(" › ", prompt)]);
    let field = Rect { x: area.x + 3, width: area.width.saturating_sub(3), ..area };
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
        draw_completion(canvas, rule, completion);
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

fn draw_rule(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    let style = if state.pane == Pane::Composer { theme.focus_rule } else { theme.rule };
    let line = "─".repeat(usize::from(area.width));
    canvas.write(area.x, area.y, area.width, &[(&line, style)]);
    let (note, tone) = match state.muted_until() {
        Some(until) => (words::muted_note(&words::until_when(state, until)), theme.warn),
        None => (note(state), theme.dim),
    };
    if !note.is_empty() {
        let note = wrap::cut(&format!(" {note} "), usize::from(area.width.saturating_sub(4)));
        canvas.write(area.x + 2, area.y, area.width.saturating_sub(2), &[(&note, tone)]);
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
