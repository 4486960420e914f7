//! Uploads and downloads, with gauge, rate and time left.

use ratatui::layout::Rect;

use super::canvas::{Canvas, window};
use crate::{
    app::state::{Hit, Transfer, TransferState},
    words, wrap,
};

/// Rows of one transfer: name, gauge, a gap.
const ROWS: u16 = 3;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let list = &state.transfers.list;
    if list.is_empty() {
        return canvas.empty(area, words::NO_TRANSFERS, words::NO_TRANSFERS_HINT);
    }
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let shown = window(state.transfers.at, list.len(), usize::from((area.height / ROWS).max(1)));
    let first = shown.start;
    for (offset, transfer) in list[shown].iter().enumerate() {
        let top = area.y + offset as u16 * ROWS;
        let rows = Rect { y: top, height: (ROWS - 1).min(area.bottom().saturating_sub(top)), ..area };
        canvas.hit(rows, Hit::Transfer(first + offset));
        draw_transfer(canvas, rows, transfer, first + offset == state.transfers.at);
    }
}

fn draw_transfer(canvas: &mut Canvas<'_>, area: Rect, transfer: &Transfer, chosen: bool) {
    let theme = &canvas.state.theme;
    let mark = if chosen { "▌" } else { " " };
    let arrow = if transfer.saved.cargo.is_upload() { "↑ " } else { "↓ " };
    let (standing, tone) = match &transfer.state {
        TransferState::Running => (words::RUNNING.to_owned(), theme.accent),
        TransferState::Paused => (words::PAUSED.to_owned(), theme.warn),
        TransferState::Done => (words::done(transfer), theme.good),
        TransferState::Failed(why) => (words::failed(why), theme.bad),
    };
    let name_style = if chosen { theme.unread } else { theme.text };
    let room = usize::from(area.width).saturating_sub(wrap::width(&standing) + 5).max(12);
    let name = wrap::cut(&transfer.saved.name, room);
    let pieces = [(mark, theme.accent), (arrow, tone), (&name, name_style), ("  ", tone), (&standing, tone)];
    canvas.write(area.x, area.y, area.width, &pieces);
    if area.height < 2 {
        return;
    }
    canvas.write(area.x, area.y + 1, 1, &[(mark, theme.accent)]);
    let second = Rect { x: area.x + 3, y: area.y + 1, width: area.width.saturating_sub(3), height: 1 };
    match transfer.state {
        TransferState::Done | TransferState::Failed(_) => {
            let path = transfer.saved.path.display().to_string();
            canvas.write(second.x, second.y, second.width, &[(&path, theme.dim)]);
        }
        _ => gauge(canvas, second, transfer),
    }
}

fn gauge(canvas: &mut Canvas<'_>, area: Rect, transfer: &Transfer) {
    let theme = &canvas.state.theme;
    let numbers = words::progress(transfer);
    let width = area.width.saturating_sub(wrap::width(&numbers) as u16 + 2).clamp(6, 50).min(area.width);
    if transfer.saved.size == 0 {
        // How much it will be is not known before its end.
        canvas.write(area.x, area.y, area.width, &[(&numbers, theme.dim)]);
        return;
    }
    let fraction = transfer.fraction();
    let full = (f64::from(width) * fraction).round() as u16;
    let percent = format!("{:>3.0}%", (fraction * 100.0).floor());
    let label = wrap::fit(&format!("{:>pad$}", percent, pad = usize::from(width) / 2 + 2), usize::from(width));
    canvas.write(area.x, area.y, width, &[(&label, theme.gauge_rest)]);
    canvas.fill(Rect { width: full, ..area }, theme.gauge);
    canvas.write(area.x + width + 2, area.y, area.width.saturating_sub(width), &[(&numbers, theme.dim)]);
}
