//! What may be shown of a text: on terminals, in logs, in protocols of lines. One policy, which looks at the whole text.
//!
//! Nothing is taken away. What could act on a terminal, reorder what stands around the text, hide a text in another or forge a
//! line is shown as something visible in its place: `␛`, `‹U+202E›`. What writing needs stays as it is: joiners, emoji
//! sequences, variation selectors, direction marks, private letters. Every mandatory line break (UAX 14) becomes a newline.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

/// Combining marks on one base that are shown on it: the tallest stacks of Tibetan have eight. More would paint over other lines.
const MARKS_A_BASE: usize = 8;

/// What may be shown of a text, with nothing left out. A text that may be shown as it is comes back itself.
///
/// ```
/// assert_eq!(titan_core::shown("a\u{1b}[31mred\r\nline"), "a␛[31mred\nline");
/// assert_eq!(titan_core::shown("\u{202e}txt.exe"), "‹U+202E›txt.exe");
/// assert_eq!(titan_core::shown("می\u{200c}خواهم 👩‍👩‍👧 é"), "می\u{200c}خواهم 👩‍👩‍👧 é");
/// ```
pub fn shown(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
    if plain || !text.chars().any(is_judged) {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = text.chars().collect();
    let out =
        Showing { chars: &chars, kept: closed_bidi(&chars), out: String::with_capacity(text.len()), marks: 0 }.all();
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// A JSON text whose strings hold nothing that could act on a terminal: such characters stand there as escapes, which give the
/// same code points to whoever reads the JSON.
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    let acts = |c: char| is_judged(c) && !is_combining_mark(c) && !is_selector(c);
    if !json.chars().any(acts) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match acts(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character ends a line wherever it stands (UAX 14: BK, CR, LF, NL).
pub fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that show nothing of their own (default ignorable, or separating without a width).
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether there is nothing to be seen in a text.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_hidden(c))
}

/// Characters that stay or not by what stands around them, or never stay.
fn is_judged(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || is_bidi(c)
        || is_tag(c)
        || is_selector(c)
        || is_combining_mark(c)
        || is_line_break(c) && c != '\n'
        || matches!(c, '\u{206a}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Embeddings, overrides, isolates, and what closes them.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The places of embeddings and isolates that are closed in their own line, and so reorder nothing but what they enclose.
/// Overrides are never among them: they show letters in an order that nobody wrote.
fn closed_bidi(chars: &[char]) -> Vec<usize> {
    let (mut open, mut kept): (Vec<(usize, char)>, Vec<usize>) = (Vec::new(), Vec::new());
    for (at, &c) in chars.iter().enumerate() {
        match c {
            _ if is_line_break(c) => open.clear(),
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' | '\u{2066}'..='\u{2068}' => open.push((at, c)),
            '\u{202c}' | '\u{2069}' => {
                let isolate = c == '\u{2069}';
                let Some((from, opener)) =
                    open.pop_if(|(_, opener)| matches!(*opener, '\u{2066}'..='\u{2068}') == isolate)
                else {
                    continue;
                };
                if !matches!(opener, '\u{202d}' | '\u{202e}') {
                    kept.extend([from, at]);
                }
            }
            _ => {}
        }
    }
    kept.sort_unstable();
    kept
}

struct Showing<'a> {
    chars: &'a [char],
    /// Places of bidi controls that stay, in order.
    kept: Vec<usize>,
    out: String,
    /// Combining marks since the last base.
    marks: usize,
}

impl Showing<'_> {
    fn all(mut self) -> String {
        let mut at = 0;
        while at < self.chars.len() {
            at += self.one(at);
        }
        self.out
    }

    /// Shows what stands at a place; how many characters that were.
    fn one(&mut self, at: usize) -> usize {
        let c = self.chars[at];
        let flag = flag_tags(&self.chars[at..]);
        match c {
            '\r' if self.chars.get(at + 1) == Some(&'\n') => return 1,
            '\n' | '\t' => self.out.push(c),
            _ if is_line_break(c) => self.out.push('\n'),
            _ if flag > 0 => self.out.extend(&self.chars[at..=at + flag]),
            _ if is_selector(c) => return self.selector(at),
            _ if is_combining_mark(c) => return self.mark(c),
            _ if is_bidi(c) && self.kept.binary_search(&at).is_ok() => self.out.push(c),
            _ if is_judged(c) => self.visible(c),
            _ => self.out.push(c),
        }
        self.marks = 0;
        1 + flag
    }

    /// One variation selector belongs to what stands before it; a row of them is a hidden message.
    fn selector(&mut self, at: usize) -> usize {
        let base = at.checked_sub(1).map(|before| self.chars[before]);
        match base.is_some_and(|base| !base.is_whitespace() && !base.is_control() && !is_hidden(base)) {
            true => self.out.push(self.chars[at]),
            false => self.visible(self.chars[at]),
        }
        1
    }

    fn mark(&mut self, c: char) -> usize {
        self.marks += 1;
        match self.marks <= MARKS_A_BASE {
            true => self.out.push(c),
            false => self.visible(c),
        }
        1
    }

    fn visible(&mut self, c: char) {
        match c {
            '\0'..='\u{1f}' => self.out.extend(char::from_u32(0x2400 + u32::from(c))),
            '\u{7f}' => self.out.push('␡'),
            _ => self.out.push_str(&format!("‹U+{:04X}›", u32::from(c))),
        }
    }
}

/// How many tag characters follow a black flag and make it a region's (UTS 51, ED-14a); none where they spell no such thing.
fn flag_tags(chars: &[char]) -> usize {
    if chars.first() != Some(&'\u{1f3f4}') {
        return 0;
    }
    let tags = chars[1..].iter().take_while(|c| matches!(c, '\u{e0020}'..='\u{e007e}')).count();
    if (3..=6).contains(&tags) && chars.get(1 + tags) == Some(&'\u{e007f}') { tags + 1 } else { 0 }
}
