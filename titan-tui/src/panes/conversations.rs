//! The list of rooms and directs, with what is unread.

use ratatui::layout::Rect;
use titan_core::protocol::{Conversation, What};

use super::canvas::{Canvas, window};
use crate::{
    app::state::{Hit, Pane},
    words, wrap,
};

/// A line of the list.
enum Line<'a> {
    Heading(&'static str),
    Gap,
    One(&'a Conversation),
    Hint(&'static str),
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    canvas.hit(area, Hit::Pane(Pane::Conversations));
    let state = canvas.state;
    let ordered = state.chat.ordered();
    let (rooms, directs): (Vec<_>, Vec<_>) = ordered.into_iter().partition(|it| matches!(it.what, What::Room(_)));
    let mut lines = vec![Line::Heading(words::ROOMS)];
    lines.extend(rooms.iter().map(|conversation| Line::One(conversation)));
    if rooms.is_empty() {
        lines.push(Line::Hint(words::NO_ROOMS_YET));
    }
    lines.extend([Line::Gap, Line::Heading(words::DIRECTS)]);
    lines.extend(directs.iter().map(|conversation| Line::One(conversation)));
    if directs.is_empty() {
        lines.push(Line::Hint(words::NO_DIRECTS_YET));
    }
    let focused = state.pane == Pane::Conversations;
    let marked = if focused { state.chat.cursor } else { state.chat.open };
    let at = lines.iter().position(|line| matches!(line, Line::One(it) if Some(it.id) == marked)).unwrap_or(0);
    let shown = window(at, lines.len(), usize::from(area.height));
    for (y, line) in (area.y..area.bottom()).zip(&lines[shown]) {
        draw_line(canvas, Rect { y, height: 1, ..area }, line, focused);
    }
}

fn draw_line(canvas: &mut Canvas<'_>, area: Rect, line: &Line<'_>, focused: bool) {
    let theme = &canvas.state.theme;
    match line {
        Line::Heading(text) => {
            canvas.write(area.x, area.y, area.width, &[(" ", theme.heading), (text, theme.heading)]);
        }
        Line::Hint(text) => {
            canvas.write(area.x, area.y, area.width, &[("  ", theme.dim), (text, theme.dim)]);
        }
        Line::Gap => {}
        Line::One(conversation) => draw_conversation(canvas, area, conversation, focused),
    }
}

fn draw_conversation(canvas: &mut Canvas<'_>, area: Rect, conversation: &Conversation, focused: bool) {
    let state = canvas.state;
    let theme = &state.theme;
    canvas.hit(area, Hit::Conversation(conversation.id));
    let (mark, mark_style, name) = match &conversation.what {
        What::Room(room) if room.locked => ("◆ ", theme.dim, room.name.as_str()),
        What::Room(_) => ("# ", theme.dim, title_name(conversation)),
        What::Direct(account) => match state.people.online.contains_key(&account.id) {
            true => ("● ", theme.good, account.username.as_str()),
            false => ("○ ", theme.dim, account.username.as_str()),
        },
        _ => ("? ", theme.dim, words::NEWER_CONVERSATION),
    };
    let badge = words::badge(conversation.unread, conversation.mentions);
    let room = usize::from(area.width).saturating_sub(4 + wrap::width(&badge));
    let name = wrap::fit(name, room);
    let is_open = state.chat.open == Some(conversation.id);
    let style = if conversation.unread > 0 { theme.unread } else { theme.text };
    canvas.write(area.x, area.y, area.width, &[(" ", style), (mark, mark_style), (&name, style)]);
    let badge_style = if conversation.mentions > 0 { theme.mention } else { theme.accent };
    canvas.write_right(Rect { width: area.width.saturating_sub(1), ..area }, area.y, &badge, badge_style);
    match (focused && state.chat.cursor == Some(conversation.id), is_open) {
        (true, _) => canvas.fill(area, theme.selected),
        (false, true) => canvas.fill(area, theme.selected_away),
        (false, false) => {}
    }
}

fn title_name(conversation: &Conversation) -> &str {
    conversation.what.name().map_or(words::NEWER_CONVERSATION, |name| name.as_str())
}
