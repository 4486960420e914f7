//! Whom a message may mean: `@name`, wherever a person would take it for one. Not in code, not inside an address.
//!
//! What follows an `@` may be written together with the next word, as Chinese, Japanese, Korean and Thai are; so a mention is all
//! the names that may stand there, the longest first, and the longest that somebody has is meant.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use super::USERNAME_MOST;

/// Places of a message where somebody may be mentioned; nobody means more people by name.
const MENTIONS_MOST: usize = 50;

/// A place where somebody may be mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mention<'a> {
    /// Where the `@` stands, in bytes.
    pub at: usize,
    /// Where the names begin.
    begin: usize,
    /// What stands behind it, up to the first character that no name holds.
    behind: &'a str,
    /// Where in it a name may end, the longest first; never empty.
    ends: Vec<usize>,
}

impl<'a> Mention<'a> {
    /// Where a name of this place ends, in bytes of the text.
    pub fn end_of(&self, name: &str) -> usize {
        self.begin + name.len()
    }

    /// The names that may be meant, the longest first, in NFC as names are kept.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.ends.iter().map(|&end| self.behind[..end].nfc().collect())
    }

    /// The longest name that is somebody's, as it is written here.
    pub fn meant(&self, is_somebody: impl Fn(&str) -> bool) -> Option<&'a str> {
        let end = self.ends.iter().find(|&&end| is_somebody(&self.behind[..end].nfc().collect::<String>()))?;
        Some(&self.behind[..*end])
    }

    /// The name that is most likely meant, for who knows no names: up to another script or the punctuation of the sentence.
    pub fn likely(&self) -> &'a str {
        let alphabet = script(self.behind);
        let same =
            self.behind.graphemes(true).take_while(|g| [alphabet, None].contains(&script(g))).map(str::len).sum();
        let name = self.behind[..same].trim_end_matches(['.', '-', '_']);
        if name.is_empty() { &self.behind[..self.ends[0]] } else { name }
    }
}

/// The places of a message where somebody may be mentioned, the first fifty.
///
/// ```
/// use titan_core::text::mentions;
/// let found: Vec<Vec<String>> = mentions("hi @ada! `@bob` mail@cleo").iter().map(|it| it.names().collect()).collect();
/// assert_eq!(found, [["ada"]]);
/// ```
pub fn mentions(text: &str) -> Vec<Mention<'_>> {
    if !text.contains(is_at) {
        return Vec::new();
    }
    let barred = [code(text), addresses(text)].concat();
    let signs = text.char_indices().filter(|&(at, c)| is_at(c) && !barred.iter().any(|range| range.contains(&at)));
    signs.filter_map(|(at, c)| mention(text, at, at + c.len_utf8())).take(MENTIONS_MOST).collect()
}

/// Input methods of Chinese and Japanese write a wide one.
fn is_at(c: char) -> bool {
    matches!(c, '@' | '＠')
}

fn mention(text: &str, at: usize, begin: usize) -> Option<Mention<'_>> {
    let rest = &text[begin..];
    let behind = &rest[..rest.find(|c| !is_of_names(c)).unwrap_or(rest.len())];
    if is_within_word(&text[..at], behind, &rest[behind.len()..]) {
        return None;
    }
    let ends = ends(behind);
    (!ends.is_empty()).then_some(Mention { at, begin, behind, ends })
}

fn is_of_names(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '_' | '-' | '.')
}

/// Whether an `@` with this before and behind it is part of an address or of a word.
fn is_within_word(before: &str, behind: &str, after: &str) -> bool {
    let host = behind.trim_end_matches(['.', '-', '_']).contains('.');
    // `@ada@example.org`: an account of another system.
    if after.strip_prefix('@').is_some_and(|host| {
        host[..host.find(|c| !is_of_names(c)).unwrap_or(host.len())].trim_end_matches('.').contains('.')
    }) {
        return true;
    }
    let local = before.trim_end_matches(['.', '_', '-', '+', '%']);
    match local.chars().next_back().filter(|&c| c.is_alphanumeric() || is_combining_mark(c)) {
        None => false,
        Some(_) if host => true,
        Some(last) => local.len() == before.len() && !is_unspaced(script_of(last)),
    }
}

/// Where a name may end: at its end, before another script, between the letters of a script that is written without spaces, and
/// before punctuation that may be the sentence's.
fn ends(behind: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let (mut current, mut last) = (None, 0);
    for (at, grapheme) in behind.grapheme_indices(true).take(USERNAME_MOST + 1) {
        let next = script(grapheme);
        if at > 0 && next.is_some() && (next != current || is_unspaced(next)) && current.is_some() {
            ends.extend(before_punctuation(behind, at));
        }
        (current, last) = (next.or(current), at + grapheme.len());
    }
    if last == behind.len() {
        ends.extend(before_punctuation(behind, last));
    }
    ends.retain(|&end| end > 0 && behind[..end].graphemes(true).count() <= USERNAME_MOST);
    ends.sort_unstable_by(|one, other| other.cmp(one));
    ends.dedup();
    ends
}

/// An end, and those before it that leave out the punctuation there.
fn before_punctuation(text: &str, end: usize) -> impl Iterator<Item = usize> {
    let marks = text[..end].chars().rev().take_while(|c| matches!(c, '.' | '-' | '_')).count();
    (0..=marks).map(move |left_out| end - left_out)
}

/// The script of the letters of a text; none where it has only what all scripts share.
fn script(text: &str) -> Option<Script> {
    text.chars().find_map(script_of)
}

pub(super) fn script_of(c: char) -> Option<Script> {
    Some(c.script()).filter(|script| !matches!(script, Script::Common | Script::Inherited | Script::Unknown))
}

/// Whether a script is written without spaces between words, or with particles at their ends.
pub(super) fn is_unspaced(script: Option<Script>) -> bool {
    use Script::*;
    let unspaced = [
        Han,
        Hiragana,
        Katakana,
        Bopomofo,
        Hangul,
        Thai,
        Lao,
        Khmer,
        Myanmar,
        Tibetan,
        Yi,
        Javanese,
        Balinese,
        Tai_Le,
        New_Tai_Lue,
        Tai_Tham,
        Tai_Viet,
    ];
    script.is_some_and(|script| unspaced.contains(&script))
}

/// The places of code, as Markdown has it.
fn code(text: &str) -> Vec<Range<usize>> {
    if !text.contains(['`', '~', '\t']) && !text.contains("    ") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Code(_) | Event::Start(Tag::CodeBlock(_)) | Event::End(TagEnd::CodeBlock) => found.push(range),
            _ => {}
        }
    }
    found
}

/// The places of web addresses: from the scheme, or `www.`, to white space or what no address holds; and what stands behind a
/// host and a slash, as in `example.org/@ada`.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split(ends_address) {
        let begin =
            ["://", "www.", "mailto:"].iter().filter_map(|mark| word.find(mark)).chain(host_and_slash(word)).min();
        found.extend(begin.map(|begin| at + begin..at + word.len()));
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    found
}

fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '`' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}' | '：' | '；' | '？')
}

fn host_and_slash(word: &str) -> Option<usize> {
    let slash = word.find('/')?;
    let host = word[..slash].trim_start_matches(|c: char| !c.is_alphanumeric());
    let dot = host.find('.')?;
    (!word[..slash].contains(is_at) && host[dot + 1..].starts_with(char::is_alphanumeric)).then_some(slash)
}

#[cfg(test)]
mod tests;
