//! The rows of a list over the screen. Columns are measured, what doesn't fit goes on below, and nothing is cut: help least of all.

use ratatui::{layout::Rect, text::Line};

use crate::{
    app::{
        overlay::{Group, Picker, Row},
        state::Hit,
    },
    panes::canvas::{Canvas, window},
    theme::Theme,
    wrap::{self, wrap},
};

/// Columns for keys, and for what else is short beside something longer.
const KEYS_MOST: usize = 16;
/// Columns from which help stands in two columns, and what is between them.
const TWO_COLUMNS: u16 = 100;
const BETWEEN: u16 = 3;
/// Lines of one row; a message found by a search may be long.
const LINES_MOST: usize = 6;

/// A line of the screen, and the row that it belongs to.
struct Placed {
    row: usize,
    is_heading: bool,
    line: Line<'static>,
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, picker: &Picker) {
    if area.is_empty() {
        return;
    }
    let columns = if picker.is_help() && area.width >= TWO_COLUMNS { 2 } else { 1 };
    let width = (area.width - BETWEEN * (columns - 1)) / columns;
    let height = usize::from(area.height);
    let capacity = height * usize::from(columns);
    let lines = flow(canvas.state, picker, usize::from(width), capacity);
    let last_of_chosen = lines.iter().rposition(|placed| placed.row == picker.at).unwrap_or(0);
    let shown = window(last_of_chosen, lines.len(), capacity);
    for (at, placed) in lines[shown].iter().enumerate() {
        let (column, y) = ((at / height) as u16, (at % height) as u16);
        let place = Rect { x: area.x + column * (width + BETWEEN), y: area.y + y, width, height: 1 };
        canvas.line(place.x, place.y, place.width, &placed.line);
        if placed.is_heading {
            continue;
        }
        canvas.hit(place, Hit::Row(placed.row));
        if placed.row == picker.at {
            canvas.fill(place, canvas.state.theme.selected);
        }
    }
}

/// The lines of the rows around the chosen one: more of them than can be seen, and no more.
fn flow(state: &crate::app::state::State, picker: &Picker, width: usize, capacity: usize) -> Vec<Placed> {
    let near = picker.at.saturating_sub(capacity)..(picker.at + capacity + 1).min(picker.rows.len());
    let column = text_column(picker, width);
    let mut lines = Vec::new();
    for (row, it) in near.clone().zip(&picker.rows[near]) {
        let is_heading = it.group == Group::Heading;
        let drawn = if is_heading {
            heading_lines(&state.theme, it, width)
        } else {
            row_lines(&state.theme, it, column, width)
        };
        lines.extend(drawn.into_iter().map(|line| Placed { row, is_heading, line }));
    }
    lines
}

fn heading_lines(theme: &Theme, row: &Row, width: usize) -> Vec<Line<'static>> {
    wrap(&[(row.text.clone(), theme.overlay.patch(theme.heading))], width)
}

/// What it is, and beside it what is said of it; below, where it is too long for its column.
fn row_lines(theme: &Theme, row: &Row, column: usize, width: usize) -> Vec<Line<'static>> {
    let (plain, dim) = (theme.overlay, theme.overlay.patch(theme.dim));
    let beside = width.saturating_sub(column + 2);
    let detail = || wrap(&[(row.detail.clone(), dim)], beside.max(1));
    let indented = |mut line: Line<'static>| {
        line.spans.insert(0, ratatui::text::Span::styled(" ".repeat(column + 2), plain));
        line
    };
    let mut lines = Vec::new();
    match () {
        () if row.detail.is_empty() => lines.extend(wrap(&[(row.text.clone(), plain)], width)),
        () if wrap::width(&row.text) <= column && beside > 0 => {
            let mut below = detail().into_iter();
            let mut first = below.next().unwrap_or_default();
            first.spans.insert(0, ratatui::text::Span::styled(wrap::fit(&row.text, column + 2), plain));
            lines.push(first);
            lines.extend(below.map(indented));
        }
        () => {
            lines.extend(wrap(&[(row.text.clone(), plain)], width));
            lines.extend(detail().into_iter().map(indented));
        }
    }
    lines.truncate(LINES_MOST);
    lines
}

/// Cells for the first column: what it needs where both have room, else at most half; keys need little.
fn text_column(picker: &Picker, width: usize) -> usize {
    let rows = || picker.rows.iter().filter(|row| row.group != Group::Heading);
    let most = if picker.is_help() { KEYS_MOST } else { width };
    let text = rows().map(|row| wrap::width(&row.text)).filter(|text| *text <= most).max().unwrap_or(0);
    let detail = rows().map(|row| wrap::width(&row.detail)).max().unwrap_or(0);
    match detail {
        0 => width,
        detail if text + detail + 2 <= width => text,
        _ => text.min(width.saturating_sub(detail + 2).max(width / 2)),
    }
}
