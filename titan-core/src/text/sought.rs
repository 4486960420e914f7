//! What a text is found by: its words, and what a search looks for. Cut in one way for every store and for the client's cache, so
//! that all of them find the same.
//!
//! Words are compared folded ([`fold`]). Letters and digits that stand together are a word; of scripts that are written
//! without spaces, or with particles at the ends of their words, each letter is one, and so is each emoji: a word in such a
//! script is found as neighbours.

use unicode_normalization::char::is_combining_mark;

use super::mention::is_unspaced;
use fold::folded;

mod fold;
#[cfg(test)]
mod tests;

/// Bytes of a word that count: an index of PostgreSQL refuses words beyond 2,046.
const WORD_MOST: usize = 500;

/// The words of a text in their order, as an index keeps them: no word is empty or holds a space or an ASCII sign.
///
/// ```
/// use titan_core::text::words;
/// assert_eq!(words("Die Straße, 東京!"), ["die", "strasse", "東", "京"]);
/// ```
pub fn words(text: &str) -> Vec<String> {
    let mut cut = Cut { words: Vec::new(), last: Part::Between };
    // Signs stay what they are: folded, many would be letters.
    for piece in text.split_inclusive(is_sign) {
        let sign = piece.chars().next_back().filter(|&c| is_sign(c));
        let letters = &piece[..piece.len() - sign.map_or(0, char::len_utf8)];
        folded(letters).chars().for_each(|c| cut.take(Part::of(c), c));
        sign.into_iter().for_each(|sign| cut.take(Part::Single, sign));
    }
    cut.words
}

/// The words so far, and what stood last.
struct Cut {
    words: Vec<String>,
    last: Part,
}

impl Cut {
    fn take(&mut self, part: Part, c: char) {
        let goes_on = matches!(
            (part, self.last),
            (Part::Word, Part::Word) | (Part::Half, Part::Half) | (Part::Mark, Part::Word | Part::Single | Part::Half)
        );
        match part {
            _ if goes_on => {
                self.words.last_mut().into_iter().filter(|it| it.len() < WORD_MOST).for_each(|it| it.push(c))
            }
            Part::Between | Part::Mark => {}
            _ => self.words.push(c.to_string()),
        }
        self.last = match (part, self.last) {
            (Part::Mark, last) => last,
            (Part::Half, Part::Half) => Part::Single,
            (part, _) => part,
        };
    }
}

/// The words that a message is found by: those of its text, and of the name of its file.
///
/// ```
/// assert_eq!(titan_core::text::message_words("Have a look", Some("plan.pdf")), ["plan", "pdf", "have", "a", "look"]);
/// ```
pub fn message_words(text: &str, file: Option<&str>) -> Vec<String> {
    match file {
        Some(name) => words(&format!("{name} {text}")),
        None => words(text),
    }
}

/// What a search looks for: all its phrases, each of words that are neighbours. The last word of the last one may be the beginning
/// of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    phrases: Vec<Vec<String>>,
}

impl Sought {
    /// What somebody typed: each part between spaces is a phrase, and no sign has a meaning of its own. None where there is
    /// no word.
    ///
    /// ```
    /// use titan_core::text::{Sought, words};
    /// let sought = Sought::of("東京 sol").unwrap();
    /// assert!(sought.is_in(&words("Solaris: 私は東京に住んでいます")));
    /// assert!(Sought::of("?!").is_none());
    /// ```
    pub fn of(query: &str) -> Option<Self> {
        let parts = query.split(|c: char| c.is_whitespace() || c.is_control());
        let phrases: Vec<_> = parts.map(words).filter(|phrase| !phrase.is_empty()).collect();
        (!phrases.is_empty()).then_some(Self { phrases })
    }

    /// The phrases: at least one, each of at least one word.
    pub fn phrases(&self) -> &[Vec<String>] {
        &self.phrases
    }

    /// Whether words that stand alone tell all: where not, neighbours have to be looked at.
    pub fn is_of_single_words(&self) -> bool {
        self.phrases.iter().all(|phrase| phrase.len() == 1)
    }

    /// Whether a text of these words is found.
    pub fn is_in(&self, words: &[String]) -> bool {
        let last = self.phrases.len() - 1;
        self.phrases.iter().enumerate().all(|(at, phrase)| {
            words
                .windows(phrase.len())
                .any(|window| if at == last { begins(window, phrase) } else { window == &phrase[..] })
        })
    }
}

/// Whether these words are the phrase, whose last word may be unfinished.
fn begins(words: &[String], phrase: &[String]) -> bool {
    match (words.split_last(), phrase.split_last()) {
        (Some((word, words)), Some((beginning, phrase))) => words == phrase && word.starts_with(beginning.as_str()),
        _ => false,
    }
}

/// What a character is to the words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A letter or digit, which makes a word with those beside it.
    Word,
    /// A word by itself.
    Single,
    /// Half of a flag.
    Half,
    /// Belongs to what stands before it.
    Mark,
    /// Stands between words.
    Between,
}

impl Part {
    fn of(c: char) -> Self {
        match c {
            _ if c.is_ascii_alphanumeric() => Self::Word,
            _ if c.is_ascii() => Self::Between,
            '\u{1f1e6}'..='\u{1f1ff}' => Self::Half,
            '\u{e0020}'..='\u{e007f}' => Self::Mark,
            _ if is_combining_mark(c) => Self::Mark,
            _ if !c.is_alphanumeric() => Self::Between,
            _ if is_written_together(c) => Self::Single,
            _ => Self::Word,
        }
    }
}

/// Emoji and other pictures, arrows, signs of money and mathematics: what people look for though it is no letter.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{a2}'..='\u{a7}' | '\u{a9}' | '\u{ac}' | '\u{ae}' | '\u{b0}' | '\u{b1}' | '\u{d7}' | '\u{f7}' | '\u{203c}'
        | '\u{2049}' | '\u{20a0}'..='\u{20cf}' | '\u{20e3}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{245f}' | '\u{24c2}'
        | '\u{2500}'..='\u{2bff}' | '\u{3004}' | '\u{3012}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1f0ff}' | '\u{1f16a}'..='\u{1f1e5}' | '\u{1f200}'..='\u{1faff}')
}

/// Letters of scripts without spaces, and what belongs to their words though other scripts have it too.
fn is_written_together(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3031}'..='\u{3035}' | '\u{303b}' | '\u{303c}' | '\u{30fc}')
        || c >= '\u{e00}' && is_unspaced(super::mention::script_of(c))
}
