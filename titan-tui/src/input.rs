//! The text fields: one line or many, on `tui-textarea`. That crate counts by `char`; people count by what they see, so
//! every move and deletion here ends on a grapheme's edge, and a flag, a family or an accent is one step. It draws no control
//! characters either; for those, and what else could act on a terminal, something visible stands there ([`stand_ins`]).

mod stand_ins;

use ratatui::{
    buffer::{Buffer, CellWidth},
    layout::Rect,
    style::Style,
    widgets::Widget,
};
use tui_textarea::{CursorMove, DataCursor, TextArea, WrapMode};
use unicode_segmentation::UnicodeSegmentation;

use self::stand_ins::StandIns;

/// A text field.
#[derive(Clone, Debug)]
pub struct Editor {
    area: TextArea<'static>,
    multiline: bool,
    stand_ins: StandIns,
}

impl Editor {
    pub fn line() -> Self {
        Self::new(false)
    }

    pub fn multiline() -> Self {
        Self::new(true)
    }

    /// A one-line field whose text shows as dots.
    pub fn secret() -> Self {
        let mut editor = Self::line();
        editor.area.set_mask_char('•');
        editor
    }

    fn new(multiline: bool) -> Self {
        let mut area = TextArea::default();
        area.set_cursor_line_style(Style::new());
        area.set_cursor_style(Style::new());
        area.set_max_histories(200);
        if multiline {
            area.set_wrap_mode(WrapMode::WordOrGlyph);
        }
        Self { area, multiline, stand_ins: StandIns::default() }
    }

    pub fn with(mut self, text: &str) -> Self {
        self.set(text);
        self
    }

    pub fn text(&self) -> String {
        self.stand_ins.written(self.area.lines().join("\n"))
    }

    pub fn is_secret(&self) -> bool {
        self.area.mask_char().is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Replaces everything, as one step that undo takes back.
    pub fn set(&mut self, text: &str) {
        self.area.select_all();
        self.area.cut();
        self.area.cancel_selection();
        self.insert(text);
    }

    /// Begins anew, with nothing to undo.
    pub fn reset(&mut self) {
        let mask = self.area.mask_char();
        *self = Self::new(self.multiline);
        if let Some(mask) = mask {
            self.area.set_mask_char(mask);
        }
    }

    /// Puts text at the cursor, as it was written; a one-line field joins lines by spaces. Terminals say CR for a newline.
    pub fn insert(&mut self, text: &str) {
        let text = match self.multiline {
            true => text.replace("\r\n", "\n").replace('\r', "\n"),
            false => titan_core::SafeText::line(text).into_written(),
        };
        self.area.insert_str(self.stand_ins.stand_in(text));
        self.snap_forward();
    }

    pub fn new_line(&mut self) {
        if self.multiline {
            self.area.insert_newline();
            self.snap_forward();
        }
    }

    pub fn left(&mut self) {
        self.area.move_cursor(CursorMove::Back);
        self.snap_back();
    }

    pub fn right(&mut self) {
        self.area.move_cursor(CursorMove::Forward);
        self.snap_forward();
    }

    /// Whether there was a line above to go to.
    pub fn up(&mut self) -> bool {
        self.moved(CursorMove::Up)
    }

    /// Whether there was a line below to go to.
    pub fn down(&mut self) -> bool {
        self.moved(CursorMove::Down)
    }

    pub fn word_left(&mut self) {
        self.area.move_cursor(CursorMove::WordBack);
        self.snap_back();
    }

    pub fn word_right(&mut self) {
        self.area.move_cursor(CursorMove::WordForward);
        self.snap_forward();
    }

    pub fn line_start(&mut self) {
        self.area.move_cursor(CursorMove::Head);
    }

    pub fn line_end(&mut self) {
        self.area.move_cursor(CursorMove::End);
    }

    /// Takes away the grapheme before the cursor, or joins the line to the one above.
    pub fn delete_back(&mut self) {
        let (row, column) = self.at();
        let before = edges(&self.row(row)).into_iter().rev().find(|edge| *edge < column);
        for _ in 0..before.map_or(1, |before| column - before) {
            self.area.delete_char();
        }
        self.snap_forward();
    }

    /// Takes away the grapheme after the cursor, or joins the line below to this one.
    pub fn delete_next(&mut self) {
        let (row, column) = self.at();
        let after = edges(&self.row(row)).into_iter().find(|edge| *edge > column);
        for _ in 0..after.map_or(1, |after| after - column) {
            self.area.delete_next_char();
        }
        self.snap_forward();
    }

    pub fn delete_word(&mut self) {
        self.area.delete_word();
        self.snap_forward();
    }

    pub fn delete_to_start(&mut self) {
        self.area.delete_line_by_head();
        self.snap_forward();
    }

    pub fn delete_to_end(&mut self) {
        self.area.delete_line_by_end();
        self.snap_forward();
    }

    pub fn put_back(&mut self) {
        self.area.paste();
    }

    pub fn undo(&mut self) {
        self.area.undo();
        self.snap_back();
    }

    pub fn redo(&mut self) {
        self.area.redo();
        self.snap_back();
    }

    /// The text of the cursor's line up to the cursor.
    pub fn before_cursor(&self) -> String {
        let (row, column) = self.at();
        self.stand_ins.written(self.row(row).chars().take(column).collect())
    }

    /// Whether the cursor is on the first line of all.
    pub fn on_first_line(&self) -> bool {
        self.at().0 == 0
    }

    /// Replaces the last `count` characters before the cursor.
    pub fn replace_before(&mut self, count: usize, text: &str) {
        for _ in 0..count {
            self.area.delete_char();
        }
        self.insert(text);
    }

    /// Whether the cursor stands between graphemes.
    pub fn on_edge(&self) -> bool {
        let (row, column) = self.at();
        edges(&self.row(row)).contains(&column)
    }

    /// Lines it takes at this width, at least one.
    pub fn height(&self, width: u16) -> u16 {
        let width = usize::from(width.max(1));
        let lines: usize = self.area.lines().iter().map(|line| 1 + counted(line) / width).sum();
        lines.clamp(1, usize::from(u16::MAX)) as u16
    }

    pub fn draw(&self, area: Rect, buffer: &mut Buffer) {
        self.area.render(area, buffer);
        self.stand_ins.reveal(area, buffer);
    }

    /// Where the terminal's cursor belongs, after it was drawn.
    pub fn cursor_in(&self, area: Rect) -> (u16, u16) {
        let screen = self.area.screen_cursor();
        let (top, left) = self.area.scroll_offset();
        let column = screen.col.saturating_add_signed(self.miscounted(screen.col));
        let x = area.x + (column as u16).saturating_sub(left).min(area.width.saturating_sub(1));
        let y = area.y + (screen.row as u16).saturating_sub(top).min(area.height.saturating_sub(1));
        (x, y)
    }

    /// By how much the crate's column is wrong: it adds up the letters that a joined emoji or a syllable is made of.
    fn miscounted(&self, mut columns: usize) -> isize {
        let mut wrong = 0;
        let (row, column) = self.at();
        let before: String = self.row(row).chars().take(if self.is_secret() { 0 } else { column }).collect();
        for grapheme in before.graphemes(true).rev() {
            let counted = counted(grapheme);
            if columns == 0 || counted > columns {
                break;
            }
            columns -= counted;
            if grapheme != "\t" {
                wrong += grapheme.cell_width() as isize - counted as isize;
            }
        }
        wrong
    }

    fn at(&self) -> (usize, usize) {
        let DataCursor(row, column) = self.area.cursor();
        (row, column)
    }

    fn row(&self, row: usize) -> String {
        self.area.lines().get(row).cloned().unwrap_or_default()
    }

    fn moved(&mut self, step: CursorMove) -> bool {
        let before = self.at();
        self.area.move_cursor(step);
        self.snap_back();
        let after = self.at();
        before.0 != after.0 || before.1.abs_diff(after.1) > 1
    }

    fn snap_back(&mut self) {
        let (row, column) = self.at();
        if let Some(edge) = edges(&self.row(row)).into_iter().rev().find(|edge| *edge <= column) {
            self.area.move_cursor(CursorMove::Jump(row as u16, edge as u16));
        }
    }

    fn snap_forward(&mut self) {
        let (row, column) = self.at();
        if let Some(edge) = edges(&self.row(row)).into_iter().find(|edge| *edge >= column) {
            self.area.move_cursor(CursorMove::Jump(row as u16, edge as u16));
        }
    }
}

/// Columns as the crate beneath counts them: letter by letter.
fn counted(text: &str) -> usize {
    const TAB: usize = 4;
    let columns = |c: char| match c {
        '\t' => TAB,
        _ if c.is_control() => 0,
        _ => c.encode_utf8(&mut [0; 4]).cell_width().into(),
    };
    text.chars().map(columns).sum()
}

/// Where a cursor may stand in a line, in characters.
fn edges(line: &str) -> Vec<usize> {
    let mut at = 0;
    let mut found = vec![0];
    for grapheme in line.graphemes(true) {
        at += grapheme.chars().count();
        found.push(at);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WIDE: Rect = Rect { x: 0, y: 0, width: 20, height: 2 };

    fn drawn(editor: &Editor) -> String {
        let mut buffer = Buffer::empty(WIDE);
        editor.draw(WIDE, &mut buffer);
        let rows = buffer.content.chunks(20).map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>());
        rows.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    #[test]
    fn what_could_act_on_a_terminal_shows_and_is_kept() {
        let mut editor = Editor::multiline();
        let text = "a\u{1b}[31mb\0c\u{7f}\u{9b}d\u{202e}\u{10f000}";
        editor.insert(text);
        assert_eq!(drawn(&editor), "a␛[31mb␀c␡�d�\u{10f000}");
        assert_eq!(editor.cursor_in(WIDE), (14, 0));
        assert_eq!(editor.text(), text);
        editor.delete_back();
        editor.delete_back();
        editor.insert("\u{1b}");
        assert_eq!(editor.text(), "a\u{1b}[31mb\0c\u{7f}\u{9b}d\u{1b}");
        assert_eq!(editor.before_cursor(), editor.text());
        editor.undo();
        editor.set("plain");
        assert_eq!(drawn(&editor), "plain");
    }

    #[test]
    fn the_cursor_stands_behind_what_was_drawn() {
        for text in ["日本", "👩‍👩‍👧", "🇩🇪", "क्षि", "e\u{301}", "❤\u{fe0f}", "ﾊﾟ", "a\tb", "👍🏽"]
        {
            let mut editor = Editor::multiline();
            editor.insert(text);
            editor.insert("|");
            let mut buffer = Buffer::empty(WIDE);
            editor.draw(WIDE, &mut buffer);
            let (x, _) = editor.cursor_in(WIDE);
            let bar = (0..20).find(|at| buffer[(*at, 0)].symbol() == "|");
            assert_eq!(bar.map(|at| at + 1), Some(x), "{text:?}");
        }
    }

    const FAMILY: &str = "👩‍👩‍👧";

    #[test]
    fn a_family_is_one_step_and_one_deletion() {
        let mut editor = Editor::line().with(&format!("a{FAMILY}e\u{301}"));
        editor.delete_back();
        assert_eq!(editor.text(), format!("a{FAMILY}"));
        editor.left();
        assert_eq!(editor.before_cursor(), "a");
        editor.delete_next();
        assert_eq!(editor.text(), "a");
    }

    #[test]
    fn a_pasted_text_stays_one_message() {
        let mut editor = Editor::multiline();
        editor.insert("one\r\ntwo\rthree");
        assert_eq!(editor.text(), "one\ntwo\nthree");
        let mut line = Editor::line();
        line.insert("one\ntwo");
        assert_eq!(line.text(), "one two");
        let mut makefile = Editor::multiline();
        makefile.insert("all:\n\techo hi");
        assert_eq!(makefile.text(), "all:\n\techo hi");
    }

    #[test]
    fn an_emoji_typed_in_pieces_is_as_it_was_typed() {
        let mut editor = Editor::multiline();
        "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}".chars().for_each(|c| editor.insert(&c.to_string()));
        assert_eq!(editor.text(), "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}");
        editor.delete_back();
        assert_eq!(editor.text(), "👩\u{200d}👩\u{200d}👧 ");
    }

    #[test]
    fn undo_takes_back_what_set_replaced() {
        let mut editor = Editor::multiline().with("precious");
        editor.set("");
        assert_eq!(editor.text(), "");
        editor.undo();
        assert_eq!(editor.text(), "precious");
    }

    proptest! {
        #[test]
        fn a_text_comes_out_as_it_went_in(text in any::<String>(), more in any::<String>()) {
            let mut editor = Editor::multiline();
            editor.insert(&text);
            editor.insert(&more);
            let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
            prop_assert_eq!(editor.text(), lines(&text) + &lines(&more));
        }

        #[test]
        fn the_cursor_stays_on_grapheme_edges(text in "[a-zé👩‍🇩🇪\u{301}한 \n]{0,20}", steps in proptest::collection::vec(0u8..10, 0..30)) {
            let mut editor = Editor::multiline();
            editor.insert(&text);
            for step in steps {
                match step {
                    0 => editor.left(),
                    1 => editor.right(),
                    2 => { editor.up(); }
                    3 => { editor.down(); }
                    4 => editor.word_left(),
                    5 => editor.word_right(),
                    6 => editor.delete_back(),
                    7 => editor.delete_next(),
                    8 => editor.delete_word(),
                    _ => editor.line_start(),
                }
                prop_assert!(editor.on_edge(), "{:?} at {:?}", editor.text(), editor.at());
            }
        }
    }
}
