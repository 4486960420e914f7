//! The bar of views at the top, the status line at the bottom, and the line of hints, which is read from the live keymap.

use ratatui::{layout::Rect, style::Style};

use super::canvas::Canvas;
use crate::{
    app::state::{Hit, Link, Pane, Screen, ServerInfo, State},
    keymap::Action,
    words, wrap,
};

pub fn bar(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    canvas.fill(area, theme.bar);
    let views = [
        (Screen::Chat, words::VIEW_CHAT, state.chat.unread_total() as usize),
        (Screen::Repository, words::VIEW_REPOSITORY, 0),
        (Screen::Transfers, words::VIEW_TRANSFERS, state.transfers.running()),
        (Screen::People, words::VIEW_PEOPLE, state.requests()),
    ];
    let label = |name: &str, count: usize| if count > 0 { format!("{name} {count}") } else { String::from(name) };
    let needed: usize = views.iter().map(|(_, name, count)| wrap::width(&label(name, *count)) + 2).sum();
    let after = if needed > usize::from(area.width) { "" } else { " " };
    let mut x = area.x;
    for (screen, name, count) in views {
        let text = format!(" {}{after}", label(name, count));
        let style = if screen == state.screen { theme.bar_active } else { theme.bar };
        let end = canvas.write(x, area.y, area.right().saturating_sub(x), &[(&text, style)]);
        canvas.hit(Rect { x, width: end.saturating_sub(x), ..area }, Hit::View(screen));
        x = end;
    }
    let server = state.server.as_ref().map(words::server_label).unwrap_or_default();
    let room = area.right().saturating_sub(x + 2);
    if wrap::width(&server) < usize::from(room) {
        canvas.write_right(Rect { width: area.width.saturating_sub(1), ..area }, area.y, &server, theme.bar);
    }
}

/// A notice too long for the status line takes the line of hints too, so that it can say what to do. Whether it did.
pub fn long_notice(canvas: &mut Canvas<'_>, hints: Rect, status: Rect) -> bool {
    let state = canvas.state;
    let Some(notice) = state.notice.as_ref() else { return false };
    let width = usize::from(status.width.saturating_sub(4));
    if wrap::width(&notice.text) <= width {
        return false;
    }
    let style = notice_style(state, notice.bad);
    let lines = wrap::wrap(&[(notice.text.clone(), style)], width);
    for (row, line) in [hints, status].into_iter().zip(&lines) {
        canvas.fill(row, style);
        canvas.line(row.x + 3, row.y, row.width.saturating_sub(3), line);
    }
    let mark = if notice.bad { " ! " } else { "   " };
    canvas.write(hints.x, hints.y, hints.width, &[(mark, style)]);
    true
}

fn notice_style(state: &State, bad: bool) -> Style {
    if bad { state.theme.bar.patch(state.theme.bad) } else { state.theme.bar }
}

pub fn line(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    canvas.fill(area, theme.bar);
    let right = counts(state);
    let right_width = wrap::width(&right) as u16 + 1;
    let room = area.width.saturating_sub(right_width);
    match &state.notice {
        Some(notice) => {
            let style = notice_style(state, notice.bad);
            let mark = if notice.bad { " ! " } else { " " };
            canvas.write(area.x, area.y, area.width, &[(mark, style), (&notice.text, style)]);
            if wrap::width(&notice.text) + mark.len() >= usize::from(room) {
                return;
            }
        }
        None => connection(canvas, Rect { width: room, ..area }),
    }
    canvas.write_right(Rect { width: area.width.saturating_sub(1), ..area }, area.y, &right, theme.bar);
}

fn connection(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    let (mark, style, text) = match &state.link {
        Link::None => ("○", theme.dim, words::NOT_CONNECTED.to_owned()),
        Link::Connecting => ("◌", theme.warn, words::CONNECTING.to_owned()),
        Link::Online => ("●", theme.good, words::ONLINE.to_owned()),
        Link::Waiting { until, .. } => ("○", theme.bad, words::waiting((until.0 - state.now.0).max(0) as u64 / 1_000)),
        Link::Untrusted => ("○", theme.bad, words::NOT_BELIEVED.to_owned()),
        Link::Ended { .. } => ("○", theme.bad, words::ENDED.to_owned()),
    };
    let exposed = state.server.as_ref().is_some_and(ServerInfo::is_exposed);
    let exposed = if exposed { format!(" · {}", words::NOT_ENCRYPTED) } else { String::new() };
    let warn = theme.bar.patch(Style { bg: None, ..theme.warn });
    let mark = format!(" {mark} ");
    let me = state.me.as_ref().map(|me| words::me(&me.username, me.titan_number.0)).unwrap_or_default();
    let tone = theme.bar.patch(Style { bg: None, ..style });
    let pieces = [(&*mark, tone), (&*text, tone), (&*exposed, warn), ("   ", theme.bar), (&*me, theme.bar)];
    canvas.write(area.x, area.y, area.width, &pieces);
}

fn counts(state: &State) -> String {
    words::counts(state.chat.unread_total(), state.chat.mentions_total(), state.transfers.running())
}

pub fn hints(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let (key_style, dim) = (state.theme.accent, state.theme.dim);
    let mut x = area.x + 1;
    for (action, text) in hinted(state) {
        let key = state.keymap.key(*action);
        let width = (wrap::width(&key) + wrap::width(text) + 3) as u16;
        if key.is_empty() || x + width > area.right() {
            continue;
        }
        x = canvas.write(x, area.y, width, &[(&key, key_style), (" ", dim), (text, dim), ("  ", dim)]);
    }
}

/// What is worth knowing here, the most useful first.
fn hinted(state: &State) -> &'static [(Action, &'static str)] {
    match (state.screen, state.pane) {
        (Screen::Repository, _) if state.is_admin() => words::ADMIN_REPOSITORY_HINTS,
        (Screen::Repository, _) => words::REPOSITORY_HINTS,
        (Screen::Transfers, _) => words::TRANSFERS_HINTS,
        (Screen::People, _) => words::PEOPLE_HINTS,
        (_, Pane::Timeline) => words::TIMELINE_HINTS,
        (_, Pane::Conversations | Pane::People) => words::LIST_HINTS,
        _ => words::COMPOSER_HINTS,
    }
}
