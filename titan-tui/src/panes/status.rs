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

/// What is said for some seconds, at the bottom of an area: nothing is hidden by it, what is left of the area is given back.
pub fn toast(canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let state = canvas.state;
    let theme = &state.theme;
    let Some(notice) = state.notice.as_ref().filter(|_| area.width > 8 && area.height > 2) else { return area };
    let (mark, tone) = if notice.bad { (" ! ", theme.bad) } else { (" · ", theme.accent) };
    let width = usize::from(area.width.saturating_sub(5));
    let mut lines = wrap::wrap(&[(notice.text.clone(), theme.overlay)], width);
    lines.truncate(usize::from(area.height / 2));
    let height = lines.len() as u16;
    let place = Rect { y: area.bottom() - height, height, ..area };
    canvas.fill(place, theme.overlay);
    for (y, line) in (place.y..place.bottom()).zip(&lines) {
        let mark = if y == place.y { mark } else { "   " };
        canvas.write(place.x, y, 3, &[(mark, theme.overlay.patch(tone))]);
        canvas.line(place.x + 3, y, place.width.saturating_sub(3), line);
    }
    Rect { height: area.height - height, ..area }
}

/// Fields that stand where they stand: the connection, who one is, what is under way, what is unread.
pub fn line(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    canvas.fill(area, theme.bar);
    let right = words::counts(state.chat.unread_total(), state.chat.mentions_total());
    let right_width = wrap::width(&right) as u16 + 1;
    let end = connection(canvas, Rect { width: area.width.saturating_sub(right_width), ..area });
    canvas.write_right(Rect { width: area.width.saturating_sub(1), ..area }, area.y, &right, theme.bar);
    let Some(moving) = state.transfers.moving() else { return };
    let room = area.right().saturating_sub(right_width + end + 4);
    let others = state.transfers.running() - 1;
    let text = words::on_its_way(moving, others, usize::from(room));
    if !text.is_empty() {
        let text = format!(" │ {text}");
        canvas.write(end, area.y, room + 4, &[(&text, theme.bar)]);
    }
}

/// Gives the column after it.
fn connection(canvas: &mut Canvas<'_>, area: Rect) -> u16 {
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
    let me =
        state.me.as_ref().map(|me| format!(" │ {}", words::me(&me.username, me.titan_number.0))).unwrap_or_default();
    let tone = theme.bar.patch(Style { bg: None, ..style });
    let pieces = [(&*mark, tone), (&*text, tone), (&*exposed, warn), (&*me, theme.bar)];
    canvas.write(area.x, area.y, area.width, &pieces)
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
