//! Drawing. `view` reads the state and fills a frame; it changes nothing, and hands back what stands where.
//!
//! One file a pane. Panes draw on a [`Canvas`] and ask the theme for roles, `words` for words.

pub mod canvas;
mod composer;
mod conversations;
mod directory;
mod gutter;
mod lines;
mod people;
mod repository;
mod status;
mod timeline;
mod transfers;
mod wizard;

use canvas::Canvas;
pub use lines::LineCache;

use ratatui::{Frame, layout::Rect};

use crate::{
    app::state::{Drawn, Screen, State},
    layout, overlays, words,
};

/// Columns and rows below which nothing useful can be shown.
const LEAST: (u16, u16) = (20, 6);

/// Draws everything.
pub fn view(frame: &mut Frame<'_>, state: &State, lines: &mut LineCache) -> Drawn {
    let area = frame.area();
    let mut canvas = Canvas { buffer: frame.buffer_mut(), state, lines, drawn: Drawn::default(), cursor: None };
    canvas.buffer.set_style(area, state.theme.ground);
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
    status::line(canvas, areas.status);
    areas.hints.into_iter().for_each(|hints| status::hints(canvas, hints));
    if canvas.state.screen == Screen::Chat {
        return chat(canvas, areas);
    }
    let main = status::toast(canvas, areas.main);
    match canvas.state.screen {
        Screen::Repository => repository::draw(canvas, main),
        Screen::Transfers => transfers::draw(canvas, main),
        _ => directory::draw(canvas, main),
    }
}

fn chat(canvas: &mut Canvas<'_>, mut areas: layout::Areas) {
    if areas.main.is_empty() {
        // A pane alone.
        areas.left = areas.left.map(|left| status::toast(canvas, left));
        areas.right = areas.right.map(|right| status::toast(canvas, right));
    }
    if let Some(left) = areas.left {
        let inner = if areas.main.is_empty() { left } else { canvas.left_side(left) };
        conversations::draw(canvas, inner);
    }
    if let Some(right) = areas.right {
        let inner = if areas.main.is_empty() { right } else { canvas.right_side(right) };
        people::draw(canvas, inner);
    }
    if areas.main.is_empty() {
        return;
    }
    let parts = layout::chat(canvas.state, areas.main);
    timeline::header(canvas, parts.header);
    let timeline = status::toast(canvas, parts.timeline);
    timeline::draw(canvas, timeline);
    composer::draw(canvas, &parts);
}
