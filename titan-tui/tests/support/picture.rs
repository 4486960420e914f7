//! A terminal's screen as an SVG: one text element a run of cells in one style, with a place for each character, so that
//! any font keeps to its columns; lines and blocks are drawn as shapes, so that they meet.

use std::fmt::Write as _;

use vt100::{Cell, Color, Screen};

const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const MARGIN: f64 = 14.0;
const TITLE_BAR: f64 = 34.0;
const GROUND: &str = "#14171c";
const INK: &str = "#d5d9e0";
const FONTS: &str = "'JetBrains Mono','Cascadia Mono','SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace";
/// The sixteen colours that terminals choose themselves.
const NAMED: [&str; 16] = [
    "#1b1f26", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#5c6370", "#ff7b85",
    "#b5e08f", "#ffd68a", "#7fc4ff", "#dc9cf0", "#74d3df", "#ffffff",
];

/// How a cell looks.
#[derive(Clone, PartialEq)]
struct Look {
    ink: String,
    ground: Option<String>,
    bold: bool,
    italic: bool,
    underline: bool,
    dim: bool,
}

/// Cells in one style.
struct Run {
    column: u16,
    columns: u16,
    text: String,
    look: Look,
}

/// The whole picture: a window with the screen in it.
pub fn svg(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (inner_width, inner_height) = (f64::from(columns.get()) * WIDTH, f64::from(rows.get()) * HEIGHT);
    let (width, height) = (inner_width + 2.0 * MARGIN, inner_height + TITLE_BAR + MARGIN);
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="{title}">
<rect width="{width}" height="{height}" rx="10" fill="{GROUND}"/>
<circle cx="20" cy="17" r="6" fill="#ff5f57"/><circle cx="40" cy="17" r="6" fill="#febc2e"/><circle cx="60" cy="17" r="6" fill="#28c840"/>
<text x="{middle}" y="21" fill="#8b929e" font-family="sans-serif" font-size="12" text-anchor="middle">{title}</text>
<g transform="translate({MARGIN} {TITLE_BAR})" font-family="{FONTS}" font-size="14" xml:space="preserve" shape-rendering="crispEdges">
"##,
        middle = width / 2.0,
    );
    for row in 0..rows.get() {
        let runs = runs(screen, row, columns.get());
        runs.iter().for_each(|run| draw_ground(&mut out, run, row));
        runs.iter().for_each(|run| draw_text(&mut out, run, row));
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        rectangle(&mut out, f64::from(column) * WIDTH, f64::from(row) * HEIGHT + 1.0, 2.0, HEIGHT - 2.0, "#7fc4ff");
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else { continue };
        let (look, text) = (look(cell), if cell.has_contents() { cell.contents() } else { " " });
        // What fonts make wider or narrower than a cell stands alone, so that it can't push its neighbours.
        let plain = |text: &str| text.chars().all(|c| matches!(c, ' '..='~' | '\u{a0}'..='\u{17f}'));
        match runs.last_mut() {
            Some(run) if run.look == look && plain(text) && plain(&run.text) => {
                run.columns += 1;
                run.text.push_str(text);
            }
            _ => {
                let columns = if cell.is_wide() { 2 } else { 1 };
                runs.push(Run { column, columns, text: text.to_owned(), look });
            }
        }
    }
    runs
}

fn look(cell: &Cell) -> Look {
    let (ink, ground) = (color(cell.fgcolor()), color(cell.bgcolor()));
    let (ink, ground) = match cell.inverse() {
        true => (ground.unwrap_or_else(|| GROUND.to_owned()), Some(ink.unwrap_or_else(|| INK.to_owned()))),
        false => (ink.unwrap_or_else(|| INK.to_owned()), ground),
    };
    let (bold, italic, underline, dim) = (cell.bold(), cell.italic(), cell.underline(), cell.dim());
    Look { ink, ground, bold, italic, underline, dim }
}

fn color(color: Color) -> Option<String> {
    match color {
        Color::Default => None,
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Idx(index @ 0..16) => Some(NAMED[usize::from(index)].to_owned()),
        Color::Idx(index @ 16..232) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let index = index - 16;
            Some(format!("#{:02x}{:02x}{:02x}", level(index / 36), level(index / 6 % 6), level(index % 6)))
        }
        Color::Idx(index) => {
            let gray = 8 + 10 * (index - 232);
            Some(format!("#{gray:02x}{gray:02x}{gray:02x}"))
        }
    }
}

fn draw_ground(out: &mut String, run: &Run, row: u16) {
    if let Some(ground) = &run.look.ground {
        let width = f64::from(run.columns) * WIDTH;
        rectangle(out, f64::from(run.column) * WIDTH, f64::from(row) * HEIGHT, width, HEIGHT, ground);
    }
}

fn draw_text(out: &mut String, run: &Run, row: u16) {
    let (x, y) = (f64::from(run.column) * WIDTH, f64::from(row) * HEIGHT);
    if run.text.trim().is_empty() || draw_shape(out, &run.text, x, y, &run.look.ink) {
        return;
    }
    let lead = run.text.len() - run.text.trim_start().len();
    let text = run.text.trim();
    let place = |column: usize| format!("{:.1}", x + (lead + column) as f64 * WIDTH);
    let places: Vec<String> = (0..text.chars().count()).map(place).collect();
    // An emoji may be several characters in one place.
    let places = if run.columns == 2 { place(0) } else { places.join(" ") };
    let mut style = String::new();
    for (holds, attribute) in [
        (run.look.bold, r#" font-weight="bold""#),
        (run.look.italic, r#" font-style="italic""#),
        (run.look.underline, r#" text-decoration="underline""#),
        (run.look.dim, r#" opacity="0.65""#),
    ] {
        style.push_str(if holds { attribute } else { "" });
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        out,
        r#"<text x="{places}" y="{:.1}" fill="{}"{style} xml:space="preserve">{escaped}</text>"#,
        y + 13.5,
        run.look.ink
    );
}

/// Lines and blocks; says whether it was one.
fn draw_shape(out: &mut String, text: &str, x: f64, y: f64, ink: &str) -> bool {
    let (middle, centre) = (x + WIDTH / 2.0, y + HEIGHT / 2.0);
    // Which arms a line has: left, right, up, down.
    let arms = match text {
        "─" | "━" => [true, true, false, false],
        "│" | "┃" => [false, false, true, true],
        "┌" | "╭" => [false, true, false, true],
        "┐" | "╮" => [true, false, false, true],
        "└" | "╰" => [false, true, true, false],
        "┘" | "╯" => [true, false, true, false],
        "├" => [false, true, true, true],
        "┤" => [true, false, true, true],
        "┬" => [true, true, false, true],
        "┴" => [true, true, true, false],
        "┼" => [true, true, true, true],
        "█" => return rectangle(out, x, y, WIDTH, HEIGHT, ink),
        "▌" => return rectangle(out, x, y, WIDTH / 2.0, HEIGHT, ink),
        "▐" => return rectangle(out, middle, y, WIDTH / 2.0, HEIGHT, ink),
        "▏" => return rectangle(out, x, y, WIDTH / 8.0, HEIGHT, ink),
        _ => return false,
    };
    let [left, right, up, down] = arms;
    if left || right {
        let from = if left { x } else { middle };
        rectangle(out, from, centre - 0.5, if left && right { WIDTH } else { WIDTH / 2.0 }, 1.0, ink);
    }
    if up || down {
        let from = if up { y } else { centre };
        rectangle(out, middle - 0.5, from, 1.0, if up && down { HEIGHT } else { HEIGHT / 2.0 }, ink);
    }
    true
}

fn rectangle(out: &mut String, x: f64, y: f64, width: f64, height: f64, ink: &str) -> bool {
    let _ = writeln!(out, r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{ink}"/>"#);
    true
}
