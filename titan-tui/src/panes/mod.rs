//! Drawing. `view` reads the state and fills a frame; it changes nothing, and hands back what stands where.
//!
//! One file a pane. Panes draw on a [`Canvas`] and ask the theme for roles, `words` for words.

mod composer;
mod conversations;
mod directory;
mod people;
mod repository;
mod status;
mod timeline;
mod transfers;
mod wizard;

use jiff::Timestamp;
use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::Line,
};
use titan_core::Time;

pub use timeline::LineCache;

use crate::{
    app::state::{Drawn, Hit, Screen, State},
    layout, overlays, words,
    wrap::{self, Piece},
};

/// Columns and rows below which nothing useful can be shown.
const LEAST: (u16, u16) = (20, 6);

/// What panes draw on.
pub struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub state: &'a State,
    pub lines: &'a mut LineCache,
    pub drawn: Drawn,
    pub cursor: Option<Position>,
}

/// Draws everything.
pub fn view(frame: &mut Frame<'_>, state: &State, lines: &mut LineCache) -> Drawn {
    let area = frame.area();
    let mut canvas = Canvas { buffer: frame.buffer_mut(), state, lines, drawn: Drawn::default(), cursor: None };
    canvas.buffer.set_style(area, state.theme.text);
    match state.screen {
        _ if area.width < LEAST.0 || area.height < LEAST.1 => {
            canvas.write(area.x, area.y, area.width, &[(words::TOO_SMALL, state.theme.text)]);
        }
        Screen::Wizard => wizard::draw(&mut canvas, area),
        _ => screen(&mut canvas, area),
    }
    if area.width >= LEAST.0 && area.height >= LEAST.1 {
        overlays::draw(&mut canvas, area);
    }
    let Canvas { drawn, cursor, .. } = canvas;
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    drawn
}

fn screen(canvas: &mut Canvas<'_>, area: Rect) {
    let areas = layout::areas(canvas.state, area);
    status::bar(canvas, areas.bar);
    let long = areas.hints.is_some_and(|hints| status::long_notice(canvas, hints, areas.status));
    if !long {
        status::line(canvas, areas.status);
        areas.hints.into_iter().for_each(|hints| status::hints(canvas, hints));
    }
    match canvas.state.screen {
        Screen::Repository => repository::draw(canvas, areas.main),
        Screen::Transfers => transfers::draw(canvas, areas.main),
        Screen::People => directory::draw(canvas, areas.main),
        _ => chat(canvas, areas),
    }
}

fn chat(canvas: &mut Canvas<'_>, areas: layout::Areas) {
    if let Some(left) = areas.left {
        let inner = if areas.main.is_empty() { left } else { canvas.rule_right(left) };
        conversations::draw(canvas, inner);
    }
    if let Some(right) = areas.right {
        let inner = if areas.main.is_empty() { right } else { canvas.rule_left(right) };
        people::draw(canvas, inner);
    }
    if areas.main.is_empty() {
        return;
    }
    let parts = layout::chat(canvas.state, areas.main);
    timeline::header(canvas, parts.header);
    timeline::draw(canvas, parts.timeline);
    composer::draw(canvas, parts.rule, parts.composer);
}

impl Canvas<'_> {
    /// Writes pieces on one line, cut to the width. Gives the column after the last.
    pub fn write(&mut self, x: u16, y: u16, width: u16, pieces: &[(&str, Style)]) -> u16 {
        let mut at = x;
        if !self.buffer.area.contains(Position { x, y }) {
            return at;
        }
        let end = x.saturating_add(width).min(self.buffer.area.right());
        for (text, style) in pieces {
            let left = usize::from(end.saturating_sub(at));
            if left == 0 {
                break;
            }
            let text = wrap::cut(text, left);
            (at, _) = self.buffer.set_stringn(at, y, &text, left, *style);
        }
        at
    }

    /// Writes text that ends at the right edge, where it fits.
    pub fn write_right(&mut self, area: Rect, y: u16, text: &str, style: Style) {
        let width = wrap::width(text) as u16;
        if width < area.width {
            self.write(area.right() - width, y, width, &[(text, style)]);
        }
    }

    pub fn fill(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    pub fn line(&mut self, x: u16, y: u16, width: u16, line: &Line<'_>) {
        if self.buffer.area.contains(Position { x, y }) {
            self.buffer.set_line(x, y, line, width);
        }
    }

    pub fn hit(&mut self, area: Rect, hit: Hit) {
        self.drawn.hits.push((area, hit));
    }

    /// A thin line along the right edge; what is left of it.
    fn rule_right(&mut self, area: Rect) -> Rect {
        self.vertical(area.right().saturating_sub(1), area);
        Rect { width: area.width.saturating_sub(1), ..area }
    }

    fn rule_left(&mut self, area: Rect) -> Rect {
        self.vertical(area.x, area);
        Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area }
    }

    fn vertical(&mut self, x: u16, area: Rect) {
        let style = self.state.theme.rule;
        for y in area.top()..area.bottom() {
            self.buffer.set_string(x, y, "│", style);
        }
    }

    /// Paragraphs in the middle of an empty pane.
    pub fn empty(&mut self, area: Rect, title: &str, text: &str) {
        let theme = &self.state.theme;
        let (heading, dim) = (theme.heading, theme.dim);
        let width = usize::from(area.width.saturating_sub(4)).min(60);
        let mut lines = wrap::wrap(&[(title.to_owned(), heading)], width);
        lines.push(Line::default());
        for paragraph in text.lines() {
            let piece: Piece = (paragraph.to_owned(), dim);
            lines.extend(wrap::wrap(&[piece], width));
        }
        let height = (lines.len() as u16).min(area.height);
        let x = area.x + (area.width.saturating_sub(width as u16)) / 2;
        let top = area.y + (area.height - height) / 3;
        for (y, line) in (top..top + height).zip(&lines) {
            self.line(x, y, width as u16, line);
        }
    }
}

/// The window of a list that keeps the chosen row in sight.
pub fn window(at: usize, count: usize, height: usize) -> std::ops::Range<usize> {
    let height = height.max(1);
    let start = at.saturating_sub(height / 2).min(count.saturating_sub(height));
    start..(start + height).min(count)
}

fn zoned(time: Time, state: &State) -> jiff::Zoned {
    Timestamp::from_millisecond(time.0).unwrap_or_default().to_zoned(state.zone.clone())
}

/// The hour and minute.
pub fn clock(time: Time, state: &State) -> String {
    zoned(time, state).strftime("%H:%M").to_string()
}

/// The day in full.
pub fn day(time: Time, state: &State) -> String {
    zoned(time, state).strftime("%A %-d %B %Y").to_string()
}

/// A number for each day, to see where one ends.
pub fn day_number(time: Time, state: &State) -> i64 {
    let date = zoned(time, state).date();
    i64::from(date.year()) * 1_000 + i64::from(date.day_of_year())
}

/// Shortest: the time today, the day of this year, else the date.
pub fn briefly(time: Time, state: &State) -> String {
    let (then, now) = (zoned(time, state), zoned(state.now, state));
    let form = match (then.date() == now.date(), then.year() == now.year()) {
        (true, _) => "%H:%M",
        (false, true) => "%-d %b",
        (false, false) => "%Y-%m-%d",
    };
    then.strftime(form).to_string()
}

/// Short: the day in a list.
pub fn day_and_time(time: Time, state: &State) -> String {
    zoned(time, state).strftime("%Y-%m-%d %H:%M").to_string()
}
