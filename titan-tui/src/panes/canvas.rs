//! What panes draw on, and what they all need for it.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::Line,
};

use super::lines::LineCache;
use crate::{
    app::state::{Drawn, Hit, State},
    wrap::{self, Piece},
};

/// What panes draw on.
pub struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub state: &'a State,
    pub lines: &'a mut LineCache,
    pub drawn: Drawn,
    pub cursor: Option<Position>,
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

    /// Gives what stands on the ground another one: what has its own (a mention, a card) keeps it.
    pub fn tint(&mut self, area: Rect, style: Style) {
        let ground = self.state.theme.ground.bg.unwrap_or_default();
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            let cell = &mut self.buffer[position];
            if cell.bg == ground {
                cell.set_style(style);
            }
        }
    }

    /// The column left of the middle: a surface of its own, or a thin line along its edge where the theme has none. What is left of it.
    pub fn left_side(&mut self, area: Rect) -> Rect {
        self.side(area, area.right().saturating_sub(1));
        Rect { width: area.width.saturating_sub(1), ..area }
    }

    pub fn right_side(&mut self, area: Rect) -> Rect {
        self.side(area, area.x);
        Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area }
    }

    /// A thin line along the right edge; what is left of it.
    pub fn rule_right(&mut self, area: Rect) -> Rect {
        self.vertical(area.right().saturating_sub(1), area);
        Rect { width: area.width.saturating_sub(1), ..area }
    }

    fn side(&mut self, area: Rect, x: u16) {
        if self.state.theme.side.bg.is_some() {
            return self.fill(area, self.state.theme.side);
        }
        self.vertical(x, area);
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
