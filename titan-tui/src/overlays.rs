//! Drawing what lies over the screen: pickers, forms, confirmations. The keys of each are in `app/update`.

mod list;

use ratatui::{
    layout::{Position, Rect},
    widgets::{Clear, Widget},
};

use crate::{
    app::{
        overlay::{Choice, Confirm, Form, Overlay, Picker, Scan, Value},
        state::Hit,
    },
    keymap::Action,
    layout,
    panes::canvas::Canvas,
    words,
    wrap::{self, wrap},
};

/// Columns of a list, and of help, which has two columns where there is room.
const LIST_WIDTH: u16 = 84;
const HELP_WIDTH: u16 = 132;
/// Columns of text beside a QR code.
const BESIDE_SCAN: u16 = 30;
const LINES_BESIDE_SCAN: u16 = 12;

/// Draws the topmost overlay; those beneath wait out of sight.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let Some(overlay) = canvas.state.overlays.last() else { return };
    canvas.hit(area, Hit::Outside);
    canvas.cursor = None;
    match overlay {
        Overlay::Picker(picker) => draw_picker(canvas, area, picker),
        Overlay::Form(form) => draw_form(canvas, area, form),
        Overlay::Confirm(confirm) => draw_confirm(canvas, area, confirm),
    }
}

/// An empty box with a title; gives its inside.
fn frame(canvas: &mut Canvas<'_>, area: Rect, title: &str) -> Rect {
    let theme = &canvas.state.theme;
    Clear.render(area, canvas.buffer);
    canvas.fill(area, theme.overlay);
    let rule = theme.overlay.patch(theme.focus_rule);
    let across = "─".repeat(usize::from(area.width.saturating_sub(2)));
    canvas.write(area.x, area.y, area.width, &[("╭", rule), (&across, rule), ("╮", rule)]);
    for y in area.y + 1..area.bottom().saturating_sub(1) {
        canvas.write(area.x, y, 1, &[("│", rule)]);
        canvas.write(area.right().saturating_sub(1), y, 1, &[("│", rule)]);
    }
    canvas.write(area.x, area.bottom().saturating_sub(1), area.width, &[("╰", rule), (&across, rule), ("╯", rule)]);
    let title = format!(" {} ", wrap::cut(title, usize::from(area.width.saturating_sub(6))));
    canvas.write(area.x + 2, area.y, area.width.saturating_sub(3), &[(&title, theme.overlay.patch(theme.heading))]);
    canvas.hit(area, Hit::Field(usize::MAX));
    Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) }
}

fn draw_picker(canvas: &mut Canvas<'_>, area: Rect, picker: &Picker) {
    let about = u16::from(!picker.about.is_empty());
    let height = (picker.rows.len() as u16 + 4 + about).clamp(8, (area.height.saturating_sub(4)).max(8));
    let most = if picker.is_help() { HELP_WIDTH } else { LIST_WIDTH };
    let outer = layout::centered(area, area.width.saturating_sub(4).min(most), height.min(area.height));
    let inside = frame(canvas, outer, &picker.title);
    let theme = &canvas.state.theme;
    let field = Rect { x: inside.x + 2, width: inside.width.saturating_sub(2), height: 1, ..inside };
    canvas.write(inside.x, inside.y, 2, &[("› ", theme.overlay.patch(theme.accent))]);
    picker.query.draw(field, canvas.buffer);
    if picker.query.is_empty() {
        canvas.write(
            field.x,
            field.y,
            field.width,
            &[(words::typing_narrows(picker.kind), theme.overlay.patch(theme.dim))],
        );
    }
    let (x, y) = picker.query.cursor_in(field);
    canvas.cursor = Some(Position { x, y });
    let head = 1 + about;
    canvas.write(inside.x, inside.y + 1, about * inside.width, &[(&picker.about, theme.overlay.patch(theme.dim))]);
    let list = Rect { y: inside.y + head, height: inside.height.saturating_sub(head), ..inside };
    canvas.drawn.overlay_height = list.height;
    if picker.rows.is_empty() {
        for (y, line) in
            (list.y + 1..list.bottom()).zip(wrap(&[(picker.empty.clone(), theme.dim)], usize::from(list.width)))
        {
            canvas.line(list.x, y, list.width, &line);
        }
        return;
    }
    list::draw(canvas, list, picker);
}

fn draw_form(canvas: &mut Canvas<'_>, area: Rect, form: &Form) {
    if let Some(scan) = &form.scan {
        return draw_scan(canvas, area, form, scan);
    }
    let rows = form.fields.len() as u16 * 2 + 5;
    let outer = layout::centered(area, area.width.saturating_sub(2).min(70), rows.min(area.height));
    let inside = frame(canvas, outer, &form.title);
    draw_fields(canvas, inside, form);
}

/// The QR code with everything else beside it; without it where the screen is too small, since half of one is none.
fn draw_scan(canvas: &mut Canvas<'_>, area: Rect, form: &Form, scan: &Scan) {
    let wide = scan.drawn.first().map_or(0, |row| row.chars().count()) as u16;
    let high = scan.drawn.len() as u16;
    let fits = high + 2 <= area.height && wide + BESIDE_SCAN + 6 <= area.width;
    let (wide, high) = if fits { (wide + 2, high.max(LINES_BESIDE_SCAN)) } else { (0, LINES_BESIDE_SCAN) };
    let outer = layout::centered(area, (wide + BESIDE_SCAN + 4).min(area.width), (high + 2).min(area.height));
    let inside = frame(canvas, outer, &form.title);
    let theme = &canvas.state.theme;
    for (y, row) in (inside.y..inside.bottom()).zip(&scan.drawn).filter(|_| fits) {
        canvas.write(inside.x, y, wide, &[(row, theme.scan)]);
    }
    let side = Rect { x: inside.x + wide, width: inside.width.saturating_sub(wide), ..inside };
    let told = if fits { words::FACTOR_SCAN } else { words::FACTOR_TYPE };
    let mut lines = wrap(&[(told.to_owned(), theme.overlay)], usize::from(side.width));
    lines.push(Default::default());
    lines.extend(wrap(&[(scan.secret.clone(), theme.overlay.patch(theme.accent))], usize::from(side.width)));
    for (y, line) in (side.y..side.bottom()).zip(&lines) {
        canvas.line(side.x, y, side.width, line);
    }
    let used = (lines.len() as u16 + 1).min(side.height);
    draw_fields(canvas, Rect { y: side.y + used, height: side.height - used, ..side }, form);
}

/// The fields of a form, one under the other, with what is wrong below them.
pub fn draw_fields(canvas: &mut Canvas<'_>, area: Rect, form: &Form) {
    let theme = &canvas.state.theme;
    let roomy = area.height >= form.fields.len() as u16 * 2 + 3;
    let step = if roomy { 2 } else { 1 };
    let label_width = form.fields.iter().map(|field| wrap::width(field.label)).max().unwrap_or(0).min(18) + 2;
    let (mut y, mut told) = (area.y + u16::from(roomy), false);
    for (at, field) in form.fields.iter().enumerate() {
        let row = Rect { y, height: 1, ..area };
        canvas.hit(row, Hit::Field(at));
        let style = if at == form.at { theme.accent } else { theme.dim };
        let label = wrap::fit(field.label, label_width);
        canvas.write(area.x, y, area.width, &[(&label, style)]);
        let value =
            Rect { x: area.x + label_width as u16, y, width: area.width.saturating_sub(label_width as u16), height: 1 };
        draw_value(canvas, value, &field.value, field.hint, at == form.at && !form.busy);
        if let Some(error) = beside(form, at, value.width).filter(|_| roomy) {
            canvas.write(value.x, y + 1, value.width, &[(error, theme.bad)]);
            told = true;
        }
        y += step;
    }
    draw_form_foot(canvas, Rect { y, height: area.bottom().saturating_sub(y), ..area }, form, told);
}

/// What is wrong with this field, where it fits beneath it.
fn beside(form: &Form, at: usize, width: u16) -> Option<&str> {
    let error = form.error.as_deref().filter(|_| form.wrong == Some(at))?;
    (wrap::width(error) <= usize::from(width)).then_some(error)
}

fn draw_value(canvas: &mut Canvas<'_>, area: Rect, value: &Value, hint: &str, focused: bool) {
    let theme = &canvas.state.theme;
    match value {
        Value::Text(editor) => {
            if area.intersection(canvas.buffer.area) != area || area.is_empty() {
                return;
            }
            canvas.fill(area, theme.gauge_rest);
            editor.draw(area, canvas.buffer);
            canvas.fill(area, theme.gauge_rest);
            if editor.is_empty() {
                canvas.write(area.x, area.y, area.width, &[(hint, theme.gauge_rest.patch(theme.dim))]);
            }
            if focused {
                let (x, y) = editor.cursor_in(area);
                canvas.cursor = Some(Position { x, y });
            }
        }
        Value::Pick { options, at } => {
            let text = format!("‹ {} ›", options.get(*at).map_or("", String::as_str));
            let style = if focused { theme.selected } else { theme.text };
            canvas.write(area.x, area.y, area.width, &[(&text, style)]);
            if focused {
                let used = wrap::width(&text) as u16 + 2;
                canvas.write(area.x + used, area.y, area.width.saturating_sub(used), &[(hint, theme.dim)]);
            }
        }
    }
}

/// `told`: what is wrong stands beside its field already.
fn draw_form_foot(canvas: &mut Canvas<'_>, area: Rect, form: &Form, told: bool) {
    let theme = &canvas.state.theme;
    let (text, style) = match (&form.error, form.busy, &form.note) {
        (Some(error), ..) if !told => (error.clone(), theme.bad),
        (_, true, _) => (words::ONE_MOMENT.to_owned(), theme.dim),
        (_, false, Some(note)) => (note.clone(), theme.good),
        (_, false, None) => (words::form_hint(&form.kind).to_owned(), theme.dim),
    };
    for (y, line) in (area.y..area.bottom()).zip(wrap(&[(text, style)], usize::from(area.width))) {
        canvas.line(area.x, y, area.width, &line);
    }
}

fn draw_confirm(canvas: &mut Canvas<'_>, area: Rect, confirm: &Confirm) {
    let width = area.width.saturating_sub(2).min(64);
    let inner = usize::from(width.saturating_sub(4));
    let theme = &canvas.state.theme;
    let mut lines = wrap(&[(confirm.question.clone(), theme.overlay.patch(theme.unread))], inner);
    if !confirm.detail.is_empty() {
        let dim = theme.overlay.patch(theme.dim);
        lines.extend(confirm.detail.lines().flat_map(|line| wrap(&[(line.to_owned(), dim)], inner)));
    }
    lines.push(Default::default());
    let answer = match &confirm.choice {
        Choice::Quit => words::quit_keys(&canvas.state.keymap.key(Action::ClearOrQuit)),
        _ => words::confirm_keys(confirm.yes, confirm.careful),
    };
    lines.extend(wrap(&[(answer, theme.overlay.patch(theme.accent))], inner));
    let outer = layout::centered(area, width, (lines.len() as u16 + 2).min(area.height));
    let inside = frame(canvas, outer, words::SURE);
    for (y, line) in (inside.y..inside.bottom()).zip(&lines) {
        canvas.line(inside.x, y, inside.width, line);
    }
}
