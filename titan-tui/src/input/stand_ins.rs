//! Characters that could act on a terminal are in a text field by a stand-in: a private letter that takes one cell and is drawn as
//! something visible. What the person wrote comes out again to the code point; a private letter of that range that somebody
//! did write has a stand-in as well, so that none is taken for another's.

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
};

/// The private letters that are stand-ins.
const FIRST: u32 = 0x10_f000;
const LAST: u32 = 0x10_fffd;

/// Who stands in for whom: in the order of their coming.
#[derive(Clone, Debug, Default)]
pub struct StandIns(Vec<char>);

impl StandIns {
    /// The text with stand-ins where they are needed.
    pub fn stand_in(&mut self, text: String) -> String {
        match text.contains(needs_one) {
            true => text.chars().map(|c| if needs_one(c) { self.of(c) } else { c }).collect(),
            false => text,
        }
    }

    fn of(&mut self, c: char) -> char {
        let known = self.0.iter().position(|known| *known == c);
        let at = known.unwrap_or_else(|| {
            self.0.push(c);
            self.0.len() - 1
        });
        // Nobody types thousands of different ones; what finds no place any more is the sign for something unreadable.
        let letter = u32::try_from(at).ok().and_then(|at| char::from_u32(FIRST + at));
        letter.filter(|letter| is_stand_in(*letter)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The text as it was written.
    pub fn written(&self, text: String) -> String {
        match text.contains(is_stand_in) {
            true => text.chars().map(|c| self.original(c).unwrap_or(c)).collect(),
            false => text,
        }
    }

    /// Draws what they stand for, as something to see.
    pub fn reveal(&self, area: Rect, buffer: &mut Buffer) {
        if self.0.is_empty() {
            return;
        }
        for position in area.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position) {
                self.reveal_in(cell);
            }
        }
    }

    fn reveal_in(&self, cell: &mut Cell) {
        let mut symbol = cell.symbol().chars();
        if let Some(original) = symbol.next().and_then(|first| self.original(first)) {
            let shown = visible(original).to_string() + symbol.as_str();
            cell.set_symbol(&shown);
        }
    }

    fn original(&self, c: char) -> Option<char> {
        is_stand_in(c).then(|| self.0.get((u32::from(c) - FIRST) as usize).copied()).flatten()
    }
}

fn is_stand_in(c: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(c))
}

/// Whether a character moves the cursor, begins a sequence, ends a line or turns letters around; or would pass for a stand-in.
fn needs_one(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
        || is_stand_in(c)
}

fn visible(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        _ if is_stand_in(c) => c,
        _ => char::REPLACEMENT_CHARACTER,
    }
}
