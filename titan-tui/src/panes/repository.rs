//! The repository browser: shelves with counts, the list, and all about the chosen app.

use ratatui::{
    layout::{Constraint, Layout, Rect},
    text::Line,
};
use titan_core::protocol::{App, AppState};

use super::canvas::{Canvas, window};
use crate::{
    app::state::{Hit, Shelf, State},
    rich,
    times::day_and_time,
    words,
    wrap::{self, wrap},
};

/// Columns from which list and details stand side by side.
const SIDE_BY_SIDE: u16 = 72;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    if area.width >= SIDE_BY_SIDE {
        let [shelves, list, details] =
            Layout::horizontal([Constraint::Length(22), Constraint::Fill(2), Constraint::Fill(3)]).areas(area);
        let shelves_inner = canvas.left_side(shelves);
        draw_shelves(canvas, shelves_inner);
        let list_inner = canvas.rule_right(list);
        draw_list(canvas, list_inner);
        return draw_details(canvas, details);
    }
    let [shelf, list, details] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(2), Constraint::Fill(3)]).areas(area);
    let text = words::shelf_line(words::shelf(canvas.state.repository.shelf));
    canvas.write(shelf.x, shelf.y, shelf.width, &[(&text, canvas.state.theme.heading)]);
    draw_list(canvas, list);
    draw_details(canvas, details);
}

fn draw_shelves(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    canvas.write(area.x, area.y, area.width, &[(" ", theme.heading), (words::SHELVES, theme.heading)]);
    for (at, shelf) in Shelf::ALL.into_iter().enumerate() {
        let y = area.y + 1 + at as u16 + u16::from(at >= 7);
        if y >= area.bottom() {
            break;
        }
        let row = Rect { y, height: 1, ..area };
        canvas.hit(row, Hit::Shelf(at));
        canvas.write(row.x, y, row.width, &[("  ", theme.text), (words::shelf(shelf), theme.text)]);
        if let Some(count) = count(state, shelf) {
            let count = count.to_string();
            canvas.write_right(Rect { width: row.width.saturating_sub(1), ..row }, y, &count, theme.dim);
        }
        if shelf == state.repository.shelf {
            canvas.fill(row, theme.selected_away);
        }
    }
}

fn count(state: &State, shelf: Shelf) -> Option<u64> {
    let stats = state.repository.stats.as_ref()?;
    match shelf {
        Shelf::All => Some(stats.approved),
        Shelf::Of(category) => Some(stats.categories.get(category.name()).copied().unwrap_or(0)),
        Shelf::Waiting => Some(stats.pending),
        Shelf::Rejected => None,
    }
}

fn draw_list(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    let repository = &state.repository;
    let heading = words::apps_heading(repository.query.as_deref());
    canvas.write(area.x, area.y, area.width, &[(" ", theme.heading), (&heading, theme.heading)]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if repository.apps.is_empty() {
        let text = match (repository.loading, state.is_online()) {
            (true, true) => words::LOADING,
            (_, false) => words::REPOSITORY_OFFLINE,
            (false, true) => words::no_apps(repository.shelf, repository.query.is_some(), state.is_admin()),
        };
        let lines = wrap(&[(text.to_owned(), theme.dim)], usize::from(body.width.saturating_sub(3)));
        for (y, line) in (body.y..body.bottom()).zip(&lines) {
            canvas.line(body.x + 2, y, body.width.saturating_sub(2), line);
        }
        return;
    }
    let shown = window(repository.at, repository.apps.len(), usize::from(body.height));
    let first = shown.start;
    for (offset, app) in repository.apps[shown].iter().enumerate() {
        let row = Rect { y: body.y + offset as u16, height: 1, ..body };
        canvas.hit(row, Hit::App(first + offset));
        draw_app(canvas, row, app, first + offset == repository.at);
    }
}

fn draw_app(canvas: &mut Canvas<'_>, area: Rect, app: &App, chosen: bool) {
    let theme = &canvas.state.theme;
    let version = wrap::cut(&app.version, 8);
    let room = usize::from(area.width).saturating_sub(wrap::width(&version) + 5);
    let name = wrap::fit(&app.name, room);
    let (mark, tone) = match app.state {
        AppState::Approved => ("  ", theme.text),
        AppState::Pending => ("◌ ", theme.warn),
        AppState::Rejected => ("✗ ", theme.bad),
        _ => ("? ", theme.dim),
    };
    canvas.write(
        area.x,
        area.y,
        area.width,
        &[(" ", tone), (mark, tone), (&name, theme.text), (" ", tone), (&version, theme.dim)],
    );
    if chosen {
        canvas.fill(area, theme.selected);
    }
}

fn draw_details(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let Some(app) = state.repository.apps.get(state.repository.at) else { return };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let lines = details(state, app, usize::from(area.width));
    for (y, line) in (area.y..area.bottom()).zip(&lines) {
        canvas.line(area.x, y, area.width, line);
    }
}

fn details(state: &State, app: &App, width: usize) -> Vec<Line<'static>> {
    let theme = &state.theme;
    let mut lines = wrap(&[(words::app_title(app), theme.heading)], width);
    let tone = match app.state {
        AppState::Approved => theme.good,
        AppState::Pending => theme.warn,
        AppState::Rejected => theme.bad,
        _ => theme.dim,
    };
    lines.extend(wrap(&[(words::standing(app), tone)], width));
    lines.push(Line::default());
    let facts = [
        (words::AUTHOR, app.author.username.to_string()),
        (words::CATEGORY, words::category(app.category).to_owned()),
        (words::FILE, format!("{} · {}", app.file_name, words::bytes(app.size))),
        (words::DOWNLOADS, app.downloads.to_string()),
        (words::UPLOADED, day_and_time(app.uploaded_at, state)),
        (words::SHA256, app.sha256.to_string()),
    ];
    for (label, value) in facts {
        let label = wrap::fit(label, 11);
        lines.extend(wrap(&[(label, theme.dim), (value, theme.text)], width));
    }
    lines.push(Line::default());
    match app.description.is_empty() {
        true => lines.extend(wrap(&[(words::NO_DESCRIPTION.to_owned(), theme.dim)], width)),
        false => lines.extend(rich::render(&app.description, width, theme, None)),
    }
    lines.push(Line::default());
    let what_now = words::app_keys(state, app);
    lines.extend(wrap(&[(what_now, theme.accent)], width));
    lines
}
