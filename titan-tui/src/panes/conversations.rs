//! The list of rooms and directs by need: what is unread first. Where not all fits, each part shows its share, and its heading says what
//! is out of sight: directs are never buried under rooms.

use std::ops::Range;

use ratatui::layout::Rect;
use titan_core::protocol::{Conversation, What};

use super::canvas::{Canvas, window};
use crate::{
    app::state::{Hit, Need, Pane},
    words, wrap,
};

/// A part of the list under its heading.
struct Part<'a> {
    heading: &'static str,
    rows: Vec<&'a Conversation>,
    /// Said where there is nothing of the kind.
    empty: Option<&'static str>,
}

impl Part<'_> {
    fn height(&self) -> usize {
        self.rows.len().max(1)
    }
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    canvas.hit(area, Hit::Pane(Pane::Conversations));
    let state = canvas.state;
    let focused = state.pane == Pane::Conversations;
    let by_need = state.chat.by_need();
    let is_room = |it: &Conversation| matches!(it.what, What::Room(_));
    let none = |room: bool| !by_need.iter().any(|(_, it)| is_room(it) == room);
    let part = |(need, heading, empty): (Need, &'static str, Option<&'static str>)| {
        let rows = by_need.iter().filter(|(it, _)| *it == need).map(|(_, it)| *it).collect();
        Part { heading, rows, empty }
    };
    let parts = [
        (Need::Unread, words::UNREAD, None),
        (Need::Room, words::ROOMS, none(true).then_some(words::NO_ROOMS_YET)),
        (Need::Direct, words::DIRECTS, none(false).then_some(words::NO_DIRECTS_YET)),
    ];
    let parts: Vec<_> = parts.map(part).into_iter().filter(|it| !it.rows.is_empty() || it.empty.is_some()).collect();
    let marked = if focused { state.chat.cursor } else { state.chat.open };
    let gaps = if shares(&parts, usize::from(area.height), 1).1 { 0 } else { 1 };
    let (shares, _) = shares(&parts, usize::from(area.height), gaps);
    let mut y = area.y;
    for (part, share) in parts.iter().zip(shares) {
        let at = part.rows.iter().position(|it| Some(it.id) == marked);
        let shown = window(at.unwrap_or(0), part.rows.len(), share);
        draw_heading(canvas, Rect { y, height: 1, ..area }, part, &shown, focused);
        y += 1;
        if let Some(empty) = part.empty.filter(|_| y < area.bottom()) {
            canvas.write(area.x, y, area.width, &[("  ", canvas.state.theme.dim), (empty, canvas.state.theme.dim)]);
        }
        for (row, conversation) in (y..area.bottom()).zip(&part.rows[shown]) {
            draw_conversation(canvas, Rect { y: row, height: 1, ..area }, conversation, focused);
        }
        y += (share + gaps) as u16;
        if y >= area.bottom() {
            return;
        }
    }
}

/// How many rows each part gets, and whether something is out of sight: first an even share, then the rest in their order.
fn shares(parts: &[Part<'_>], height: usize, gap: usize) -> (Vec<usize>, bool) {
    let mut left = height.saturating_sub(parts.len() + gap * parts.len().saturating_sub(1));
    let even = left / parts.len().max(1);
    let mut shares: Vec<usize> = parts.iter().map(|part| part.height().min(even).max(1)).collect();
    left = left.saturating_sub(shares.iter().sum());
    for (share, part) in shares.iter_mut().zip(parts) {
        let more = left.min(part.height().saturating_sub(*share));
        *share += more;
        left -= more;
    }
    let hidden = shares.iter().zip(parts).any(|(share, part)| *share < part.height());
    (shares, hidden)
}

fn draw_heading(canvas: &mut Canvas<'_>, area: Rect, part: &Part<'_>, shown: &Range<usize>, focused: bool) {
    if area.y >= canvas.buffer.area.bottom() {
        return;
    }
    let theme = &canvas.state.theme;
    let style = if focused { theme.accent.add_modifier(ratatui::style::Modifier::BOLD) } else { theme.heading };
    let end = canvas.write(area.x, area.y, area.width, &[(" ", style), (part.heading, style)]);
    let hidden = words::out_of_sight(shown.start, part.rows.len() - shown.end);
    if usize::from(area.right().saturating_sub(end)) > wrap::width(&hidden) + 1 {
        canvas.write_right(Rect { width: area.width.saturating_sub(1), ..area }, area.y, &hidden, theme.dim);
    }
}

fn draw_conversation(canvas: &mut Canvas<'_>, area: Rect, conversation: &Conversation, focused: bool) {
    let state = canvas.state;
    let theme = &state.theme;
    canvas.hit(area, Hit::Conversation(conversation.id));
    let (mark, mark_style, name) = match &conversation.what {
        What::Room(room) if room.locked => ("◆ ", theme.dim, room.name.as_str()),
        What::Room(_) => ("# ", theme.dim, title_name(conversation)),
        What::Direct(account) => match state.is_online() && state.people.online.contains_key(&account.id) {
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
