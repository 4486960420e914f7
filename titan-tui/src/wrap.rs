//! Breaking styled text into lines of a width, by words where they fit and by graphemes where they don't. No visible
//! character is ever lost; white space at a break is.

use ratatui::{
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A piece of text in one style.
pub type Piece = (String, Style);

/// Breaks one logical line into lines at most `width` cells wide.
pub fn wrap(pieces: &[Piece], width: usize) -> Vec<Line<'static>> {
    let mut wrapper = Wrapper::new(width.max(1));
    for (text, style) in pieces {
        text.graphemes(true).for_each(|grapheme| wrapper.push(grapheme, *style));
    }
    wrapper.finish()
}

/// The width of a text in cells.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(grapheme_width).sum()
}

fn grapheme_width(grapheme: &str) -> usize {
    UnicodeWidthStr::width(grapheme)
}

/// Cuts a text to `most` cells, with `…` where something is missing.
pub fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for grapheme in text.graphemes(true) {
        used += grapheme_width(grapheme);
        if used > most {
            break;
        }
        out.push_str(grapheme);
    }
    if most > 0 {
        out.push('…');
    }
    out
}

/// Cuts or fills with spaces to exactly `cells`.
pub fn fit(text: &str, cells: usize) -> String {
    let mut out = cut(text, cells);
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(&out))));
    out
}

/// The line being filled: `line` is settled, `word` may still move to the next line.
struct Wrapper {
    width: usize,
    lines: Vec<Line<'static>>,
    line: Vec<Piece>,
    line_width: usize,
    word: Vec<Piece>,
    word_width: usize,
}

impl Wrapper {
    fn new(width: usize) -> Self {
        Self { width, lines: Vec::new(), line: Vec::new(), line_width: 0, word: Vec::new(), word_width: 0 }
    }

    fn push(&mut self, grapheme: &str, style: Style) {
        let cells = grapheme_width(grapheme);
        if grapheme.chars().all(char::is_whitespace) {
            return self.push_space(grapheme, cells, style);
        }
        while self.line_width + self.word_width > 0 && self.line_width + self.word_width + cells > self.width {
            if self.line_width == 0 {
                self.settle_word();
            }
            self.break_line();
        }
        append(&mut self.word, grapheme, style);
        self.word_width += cells;
    }

    fn push_space(&mut self, space: &str, cells: usize, style: Style) {
        self.settle_word();
        if self.line_width + cells > self.width {
            return self.break_line();
        }
        append(&mut self.line, space, style);
        self.line_width += cells;
    }

    fn settle_word(&mut self) {
        for (text, style) in std::mem::take(&mut self.word) {
            append(&mut self.line, &text, style);
        }
        self.line_width += std::mem::take(&mut self.word_width);
    }

    fn break_line(&mut self) {
        let spans: Vec<_> =
            std::mem::take(&mut self.line).into_iter().map(|(text, style)| Span::styled(text, style)).collect();
        self.lines.push(Line::from(spans));
        self.line_width = 0;
    }

    fn finish(mut self) -> Vec<Line<'static>> {
        self.settle_word();
        if !self.line.is_empty() || self.lines.is_empty() {
            self.break_line();
        }
        self.lines
    }
}

/// Adds to the last piece where the style is the same, so that a line has few spans.
fn append(pieces: &mut Vec<Piece>, text: &str, style: Style) {
    match pieces.last_mut() {
        Some((last, last_style)) if *last_style == style => last.push_str(text),
        _ => pieces.push((text.to_owned(), style)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        wrap(&[(text.to_owned(), Style::new())], width).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrapped("the quick brown fox", 10), ["the quick ", "brown fox"]);
        assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("漢字漢字", 5), ["漢字", "漢字"]);
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(cut("hello", 4), "hel…");
        assert_eq!(cut("漢字漢字", 4), "漢…");
        assert_eq!(fit("ab", 4), "ab  ");
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_text_and_keeps_the_width(text in "[a-z é漢👩‍👧]{0,60}", width in 2usize..20) {
            let lines = wrapped(&text, width);
            let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(visible(&lines.concat()), visible(&text));
            for line in lines {
                prop_assert!(super::width(&line) <= width, "{line:?}");
            }
        }
    }
}
