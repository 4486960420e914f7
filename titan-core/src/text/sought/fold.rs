//! What two words that are spelled differently have in common: one form for all cases, widths, accents and points.
//!
//! Full case folding (ß is ss, every sigma one), compatibility decomposition (UAX 15), without accents, Arabic and Hebrew vowel
//! points, and what nobody sees. Signs that make another syllable stay: vowel signs of Indian scripts, tones of Thai, the voicing
//! of kana.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::super::shown::is_hidden;

pub(super) fn folded(text: &str) -> String {
    // Most of what is said, and much cheaper.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare = text.nfkd().filter(|&c| !is_nothing(c)).flat_map(in_one_case);
    // Changing the case may bring marks of its own.
    bare.nfkd().filter(|&c| !is_nothing(c)).flat_map(plain).nfc().collect()
}

/// To upper case and back: what has no capital letter of its own is written out in capitals, as ß is.
fn in_one_case(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// What doesn't tell words apart.
fn is_nothing(c: char) -> bool {
    const TATWEEL: char = '\u{640}';
    !c.is_ascii() && (is_accent(c) || c == TATWEEL || is_hidden(c) && !separates(c) && !is_tag(c))
}

/// Marks above, below, beside or through a letter, and the points of Semitic scripts: by their combining classes.
fn is_accent(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 10..=36 | 200..=240)
}

/// What nobody sees, but stands between words.
fn separates(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{2028}' | '\u{2029}')
}

/// Which of the flags that begin alike.
fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

/// Letters that are others with a stroke or joined, though no form of Unicode says so; and letters for which keyboards of
/// neighbouring languages have others that look the same.
fn plain(c: char) -> impl Iterator<Item = char> {
    let letters = match c {
        'ł' => ['l', '\0'],
        'ø' => ['o', '\0'],
        'đ' | 'ð' => ['d', '\0'],
        'ħ' => ['h', '\0'],
        'ŧ' => ['t', '\0'],
        'æ' => ['a', 'e'],
        'œ' => ['o', 'e'],
        'þ' => ['t', 'h'],
        'ى' | 'ی' => ['ي', '\0'],
        'ک' => ['ك', '\0'],
        'ة' | 'ہ' => ['ه', '\0'],
        other => [other, '\0'],
    };
    letters.into_iter().take(if letters[1] == '\0' { 1 } else { 2 })
}
