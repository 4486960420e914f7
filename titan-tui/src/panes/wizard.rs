//! The first steps, in a box in the middle of the screen.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::{
    app::{
        state::Hit,
        wizard::{Step, Way},
    },
    layout, overlays, words,
    wrap::wrap,
};

pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let inside = layout::centered(area, 60, area.height.min(20));
    let mut y = draw_banner(canvas, inside);
    match &state.wizard.step {
        Step::Server => draw_ways(canvas, inside, y),
        Step::Working(what) => {
            canvas.write(inside.x + 2, y, inside.width.saturating_sub(2), &[(what, state.theme.text)]);
        }
        Step::Address(form) => {
            overlays::draw_fields(canvas, below(inside, y), form);
        }
        Step::Account(server, form) => {
            let at = words::at_server(server);
            canvas.write(inside.x + 2, y, inside.width.saturating_sub(2), &[(&at, state.theme.dim)]);
            y += if inside.height > 14 { 2 } else { 1 };
            overlays::draw_fields(canvas, below(inside, y), form);
        }
    }
}

fn below(area: Rect, y: u16) -> Rect {
    let (x, width) = (area.x + 2, area.width.saturating_sub(4));
    Rect { x, y, width, height: area.bottom().saturating_sub(y) }
}

/// The name and a line about it; gives the row below.
fn draw_banner(canvas: &mut Canvas<'_>, area: Rect) -> u16 {
    let theme = &canvas.state.theme;
    let title = match canvas.state.wizard.form() {
        Some(form) => form.title.as_str(),
        None => words::WIZARD_TITLE,
    };
    canvas.write(
        area.x + 2,
        area.y,
        area.width.saturating_sub(2),
        &[(words::NAME, theme.accent), ("  ", theme.dim), (words::TAGLINE, theme.dim)],
    );
    let gap = u16::from(area.height > 14);
    canvas.write(area.x + 2, area.y + 1 + gap, area.width.saturating_sub(2), &[(title, theme.heading)]);
    area.y + 2 + 2 * gap
}

fn draw_ways(canvas: &mut Canvas<'_>, area: Rect, mut y: u16) {
    let state = canvas.state;
    let theme = &state.theme;
    for (at, way) in Way::offered(state.can_host).into_iter().enumerate() {
        let (text, about) = match way {
            Way::Host => (words::WAY_HOST, words::WAY_HOST_ABOUT),
            Way::Connect => (words::WAY_CONNECT, words::WAY_CONNECT_ABOUT),
            Way::Leave => (words::WAY_LEAVE, ""),
        };
        let chosen = at == state.wizard.at;
        let style = if chosen { theme.selected } else { theme.text };
        let row = Rect { x: area.x + 2, y, width: area.width.saturating_sub(4), height: 1 };
        canvas.write(row.x, y, row.width, &[(if chosen { " › " } else { "   " }, style), (text, style)]);
        if chosen {
            canvas.fill(row, style);
        }
        canvas.hit(row, Hit::Row(at));
        y += 1;
        for line in wrap(&[(about.to_owned(), theme.dim)], usize::from(area.width.saturating_sub(9))) {
            canvas.line(area.x + 5, y, area.width.saturating_sub(5), &line);
            y += 1;
        }
    }
    if let Some(error) = &state.wizard.error {
        for line in wrap(&[(error.clone(), theme.bad)], usize::from(area.width.saturating_sub(4))) {
            canvas.line(area.x + 2, y, area.width.saturating_sub(2), &line);
            y += 1;
        }
    }
    canvas.write(
        area.x + 2,
        area.bottom().saturating_sub(1).max(y),
        area.width.saturating_sub(2),
        &[(words::WAYS_HINT, theme.dim)],
    );
}
