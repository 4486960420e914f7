//! The words of a text, as the index of words holds them and as a search names them. Case doesn't tell words apart, nor do
//! the marks on letters; what is neither letter nor digit stands between words. PostgreSQL's own parser is passed by: it
//! would take addresses and numbers as a whole, and the stores would not agree on what is found.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Words of a search that count; nobody types more.
const WORDS_MOST: usize = 32;

/// Bytes of a word that count: PostgreSQL refuses words beyond 2,046.
const WORD_MOST: usize = 500;

/// Words of a text that are found: PostgreSQL counts places no further.
const PLACES_MOST: usize = 16_000;

/// The words of a message, in the form that PostgreSQL reads as a tsvector.
pub(super) fn vector(text: &str) -> String {
    let mut vector = String::with_capacity(text.len() * 2);
    for (place, word) in words(text).take(PLACES_MOST).enumerate() {
        vector.push_str(&format!("'{word}':{} ", place + 1));
    }
    vector
}

/// What a search looks for, in the form that PostgreSQL reads as a tsquery.
pub(super) struct Query {
    /// Every word as it stands.
    pub whole: String,
    /// The last one may be the beginning of a word.
    pub beginning: String,
}

/// What people type is never query syntax: what stands between two spaces is looked for as it stands. None where there is
/// no word.
pub(super) fn query(text: &str) -> Option<Query> {
    let phrases: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .map(|typed| words(typed).map(|word| format!("'{word}'")).collect::<Vec<_>>())
        .filter(|words| !words.is_empty())
        .take(WORDS_MOST)
        .map(|words| words.join(" <-> "))
        .collect();
    if phrases.is_empty() {
        return None;
    }
    let whole = phrases.join(" & ");
    Some(Query { beginning: format!("{whole}:*"), whole })
}

/// Letters and digits that stand together, in lower case and without marks.
fn words(text: &str) -> impl Iterator<Item = String> {
    // Most of what is said, and much cheaper.
    let folded = if text.is_ascii() { text.to_ascii_lowercase() } else { folded(text) };
    let words: Vec<String> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(shortened).collect();
    words.into_iter()
}

/// In lower case, which may bring marks of its own, and without marks.
fn folded(text: &str) -> String {
    text.to_lowercase().nfd().filter(|&c| !is_mark(c)).nfc().collect()
}

/// A mark above, below or through a letter. Signs that make another syllable, as in Indian scripts, are none.
fn is_mark(c: char) -> bool {
    matches!(canonical_combining_class(c), 200..=240 | 1)
}

fn shortened(word: &str) -> String {
    let mut end = word.len().min(WORD_MOST);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    word[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_folded_and_keep_their_places() {
        assert_eq!(vector("The Żółw, don't!"), "'the':1 'zołw':2 'don':3 't':4 ");
        let query = query("Don't CAFÉ").unwrap();
        assert_eq!(query.whole, "'don' <-> 't' & 'cafe'");
        assert_eq!(query.beginning, "'don' <-> 't' & 'cafe':*");
        assert!(super::query(" !!! \0 👍").is_none());
        assert_eq!(vector("नमस्ते").matches(':').count(), vector("नमस्ते").matches('\'').count() / 2);
    }

    proptest! {
        #[test]
        fn nothing_typed_can_be_syntax(text in any::<String>()) {
            for word in words(&text) {
                prop_assert!(!word.is_empty() && word.len() <= WORD_MOST);
                prop_assert!(word.chars().all(char::is_alphanumeric));
            }
        }
    }
}
