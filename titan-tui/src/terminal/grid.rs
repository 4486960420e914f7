//! What the terminal shows, and how much of a row is written when something of it changes.
//!
//! One changed cell is written alone: a typed letter costs a byte. Where more changes, words are written whole, so that who reads the
//! stream (a screen reader, a recorder) gets words and no splinters. And terminals disagree about how wide clusters of several code points
//! are (flags, families, Indic syllables): a row that holds one, or held one, is erased and written whole, so that nothing of it stays
//! behind anywhere.

use std::collections::BTreeMap;

use ratatui::buffer::Cell;
use unicode_width::UnicodeWidthStr;

#[derive(Default)]
pub struct Grid {
    rows: Vec<Vec<Cell>>,
}

/// The columns of a row that are to be written, from left to right.
#[derive(Debug, PartialEq)]
pub struct Redrawn {
    /// The row is erased before.
    pub whole: bool,
    pub columns: Vec<u16>,
}

impl Grid {
    /// Nothing is shown, or nobody knows what.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// Takes changes in; what is to be written of each row that has some, on a screen of this width.
    pub fn change<'a>(
        &mut self,
        content: impl Iterator<Item = (u16, u16, &'a Cell)>,
        width: u16,
    ) -> BTreeMap<u16, Redrawn> {
        let mut changed: BTreeMap<u16, (bool, Vec<u16>)> = BTreeMap::new();
        for (x, y, cell) in content {
            let (odd, columns) = changed
                .entry(y)
                .or_insert_with(|| (self.rows.get(usize::from(y)).is_some_and(|row| is_odd(row)), vec![]));
            *odd |= is_cluster(cell);
            columns.push(x);
            self.set(x, y, cell);
        }
        let redrawn = |(y, (odd, columns)): (u16, (bool, Vec<u16>))| {
            let row = &mut self.rows[usize::from(y)];
            if odd {
                // What a terminal holds wider than we do is written over, to the very end.
                row.resize(usize::from(width).max(row.len()), Cell::EMPTY);
            }
            let columns = match columns.len() {
                _ if odd => starts(row, 0..row.len() as u16).collect(),
                0 | 1 => columns,
                _ => words(row, &columns),
            };
            (y, Redrawn { whole: odd, columns })
        };
        changed.into_iter().map(redrawn).collect()
    }

    /// A row, until it is put back.
    pub fn take(&mut self, y: u16) -> Option<Vec<Cell>> {
        self.rows.get_mut(usize::from(y)).map(std::mem::take)
    }

    pub fn put_back(&mut self, y: u16, row: Vec<Cell>) {
        if let Some(place) = self.rows.get_mut(usize::from(y)) {
            *place = row;
        }
    }

    fn set(&mut self, x: u16, y: u16, cell: &Cell) {
        let (x, y, width) = (usize::from(x), usize::from(y), width(cell));
        if self.rows.len() <= y {
            self.rows.resize_with(y + 1, Vec::new);
        }
        let row = &mut self.rows[y];
        if row.len() < x + width {
            row.resize(x + width, Cell::EMPTY);
        }
        row[x].clone_from(cell);
        // What a wide one covers.
        row[x + 1..x + width].fill(Cell::EMPTY);
    }
}

fn width(cell: &Cell) -> usize {
    cell.symbol().width().max(1)
}

/// Several code points in one cell: what terminals disagree about.
fn is_cluster(cell: &Cell) -> bool {
    cell.symbol().chars().nth(1).is_some()
}

fn is_odd(row: &[Cell]) -> bool {
    row.iter().any(is_cluster)
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " "
}

/// The columns among these in which something begins: not what a wide one before covers.
fn starts(row: &[Cell], columns: std::ops::Range<u16>) -> impl Iterator<Item = u16> {
    let mut covered = columns.start;
    columns.filter(move |x| {
        let free = *x >= covered;
        if free {
            covered = x + width(&row[usize::from(*x)]) as u16;
        }
        free
    })
}

/// The changed columns, and the rest of the words that they are part of.
fn words(row: &[Cell], changed: &[u16]) -> Vec<u16> {
    let mut columns: Vec<u16> = Vec::with_capacity(changed.len());
    for &x in changed {
        let done = columns.last().map_or(0, |last| last + 1);
        if x < done {
            continue;
        }
        if is_blank(&row[usize::from(x)]) {
            columns.push(x);
            continue;
        }
        let word = |x: &u16| !is_blank(&row[usize::from(*x)]);
        let first = (done..x).rev().take_while(word).last().unwrap_or(x);
        let end = (x..row.len() as u16).take_while(word).last().map_or(x, |last| last) + 1;
        columns.extend(starts(row, first..end));
    }
    columns
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::{Terminal, TerminalOptions, Viewport, layout::Rect, style::Style};

    use super::super::Screen;

    const SIZE: (u16, u16) = (60, 4);
    /// So that the emulator, which knows no switch for that, wraps nothing.
    const TEXT: usize = 20;

    type Drawn = Terminal<Screen<Vec<u8>>>;

    fn terminal() -> Drawn {
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1)) };
        let screen = Screen::new(Vec::new());
        screen.width.set(SIZE.0);
        Terminal::with_options(screen, options).unwrap()
    }

    fn frame(terminal: &mut Drawn, lines: &[String]) -> Vec<u8> {
        terminal.backend_mut().writer.clear();
        let draw = |frame: &mut ratatui::Frame<'_>| {
            for (y, line) in (0..SIZE.1).zip(lines) {
                frame.buffer_mut().set_stringn(0, y, line, TEXT, Style::new());
            }
        };
        terminal.draw(draw).unwrap();
        terminal.backend().writer.clone()
    }

    /// What an emulator shows that counts the width of clusters otherwise than we do.
    fn shown(bytes: &[u8]) -> Vec<String> {
        let mut emulator = vt100::Parser::new(SIZE.1.try_into().unwrap(), SIZE.0.try_into().unwrap(), 0);
        emulator.process(bytes);
        emulator.screen().rows(0, SIZE.0).map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn changed_words_are_written_whole_and_a_letter_alone() {
        let mut terminal = terminal();
        frame(&mut terminal, &["12:00 gone-06 here".into()]);
        let bytes = String::from_utf8(frame(&mut terminal, &["12:00 true-06 here".into()])).unwrap();
        assert!(bytes.contains("true-06") && !bytes.contains("here") && !bytes.contains("12:00"), "{bytes:?}");
        let bytes = frame(&mut terminal, &["12:00 true-07 here".into()]);
        assert!(bytes.ends_with(b"7"), "{bytes:?}");
    }

    fn line() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "a",
            "bc",
            " ",
            "  ",
            "漢",
            "🎉",
            "🇩🇪",
            "👩‍👩‍👧‍👦",
            "👍🏽",
            "नमस्ते",
            "❤️",
            "é",
            "e\u{301}",
            "│",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        /// Whatever was there before: a screen that was drawn anew would look the same.
        #[test]
        fn nothing_of_an_earlier_frame_stays_behind(frames in prop::collection::vec(prop::collection::vec(line(), 0..5), 1..6)) {
            let mut terminal = terminal();
            let bytes: Vec<u8> = frames.iter().flat_map(|lines| frame(&mut terminal, lines)).collect();
            let fresh = frame(&mut self::terminal(), frames.last().unwrap());
            prop_assert_eq!(shown(&bytes), shown(&fresh));
        }
    }
}
