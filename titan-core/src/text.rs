//! Names and texts: what is kept of them, what of it may be shown, and what is refused.
//!
//! What people write is kept to the code point, with one exception: U+0000 becomes `␀`, since PostgreSQL holds none. It is made
//! safe where it is *shown*, by [`shown`]; [`SafeText`] carries both forms. Names are stricter: [`username`] and [`room_name`]
//! say what is wrong, and [`look_alike`] which of them are one. Lengths count what a person sees, grapheme clusters (UAX 29:
//! [`characters`]), with a bound in bytes behind it.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

mod mention;
mod names;
mod passwords;
mod safe;
mod shown;
mod sought;

pub use mention::{Mention, mentions};
pub use names::{folded, look_alike, username};
pub use passwords::{long_enough, new_password, password};
pub use safe::SafeText;
pub use shown::{escaped_json, is_blank, shown};
use shown::{is_hidden, is_line_break};
pub use sought::{Sought, message_words, words};

/// Why a name or text was refused; the message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// There is nothing in it.
    #[error("{what} may not be empty")]
    #[non_exhaustive]
    Empty {
        /// Of what, such as "a username".
        what: &'static str,
    },
    /// It is too long.
    #[error("{what} may have at most {most} characters")]
    #[non_exhaustive]
    TooLong {
        /// Of what.
        what: &'static str,
        /// Characters.
        most: usize,
    },
    /// Its characters are few enough, but written with too many bytes.
    #[error("{what} may have at most {most} bytes: its characters are few enough, but long ones")]
    #[non_exhaustive]
    TooManyBytes {
        /// Of what.
        what: &'static str,
        /// Bytes in UTF-8.
        most: usize,
    },
    /// It holds a character that it may not hold.
    #[error("{what} may not hold {found:?}: {allowed}")]
    #[non_exhaustive]
    Character {
        /// Of what.
        what: &'static str,
        /// The first such character.
        found: char,
        /// What it may hold, for people.
        allowed: &'static str,
    },
    /// It begins with what no name begins with.
    #[error("{what} may not begin with {found:?}: begin with a letter, a digit, '_' or '.'")]
    #[non_exhaustive]
    Beginning {
        /// Of what.
        what: &'static str,
        /// The character.
        found: char,
    },
    /// It holds no letter, as numbers and punctuation do.
    #[error("{what} needs a letter: digits and punctuation alone are taken for a number")]
    #[non_exhaustive]
    NoLetter {
        /// Of what.
        what: &'static str,
    },
    /// It is too short.
    #[error("{what} needs at least {least} characters")]
    #[non_exhaustive]
    TooShort {
        /// Of what.
        what: &'static str,
        /// Characters.
        least: usize,
    },
    /// It is one of the passwords that are tried first.
    #[error("that password is one of the first that others try: choose another")]
    #[non_exhaustive]
    Common {},
    /// It is the name of who wants it.
    #[error("a password may not be the username")]
    #[non_exhaustive]
    OwnName {},
    /// It holds letters of several scripts, as names do that pretend to be others (UTS 39, 5.1).
    #[error("{what} may not mix alphabets: keep to the letters of one script")]
    #[non_exhaustive]
    MixedScripts {
        /// Of what.
        what: &'static str,
    },
    /// Nobody may be called that.
    #[error("the name {name:?} is kept for the server itself: choose another")]
    #[non_exhaustive]
    Reserved {
        /// The name.
        name: String,
    },
}

impl Unfit {
    /// The field of a command that is meant, where only one can be.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::TooShort { .. } | Self::Common {} | Self::OwnName {} => Some("password"),
            Self::Reserved { .. } => Some("username"),
            Self::Empty { what }
            | Self::TooLong { what, .. }
            | Self::TooManyBytes { what, .. }
            | Self::Character { what, .. }
            | Self::Beginning { what, .. }
            | Self::NoLetter { what }
            | Self::MixedScripts { what } => (*what == "a username").then_some("username"),
        }
    }
}

/// Longest username, in characters.
pub const USERNAME_MOST: usize = 50;
/// Shortest new password, in characters, where no older system's document says otherwise.
pub const PASSWORD_LEAST: usize = 8;
/// Longest room name, in characters.
pub const ROOM_NAME_MOST: usize = 100;
/// Longest message, in characters.
pub const MESSAGE_MOST: usize = 16_000;
/// Longest reaction, in characters: an emoji or a word.
pub const REACTION_MOST: usize = 32;
/// Longest room or app description, in characters.
pub const DESCRIPTION_MOST: usize = 4_000;
/// Longest [`look_alike`] of a name, in bytes: what an index of a database takes.
const KEY_MOST: usize = 2_400;

/// Checks a room's name: 1 to 100 characters on one line, trimmed, as written. [`Unfit`] where nothing of it can be seen, where it
/// is too long, or where it holds what could not be [`shown`] as it is.
pub fn room_name(text: &str) -> Result<String, Unfit> {
    const WHAT: &str = "a room name";
    let name = text.trim();
    within(WHAT, name, ROOM_NAME_MOST)?;
    indexable(WHAT, name)?;
    let other = name.chars().zip(shown(name).chars()).find(|(c, shown)| c != shown || *c == '\t' || is_line_break(*c));
    if let Some((found, _)) = other {
        return Err(Unfit::Character { what: WHAT, found, allowed: "only visible characters and spaces are allowed" });
    }
    Ok(name.to_owned())
}

/// Checks what someone says: not blank ([`Unfit::Empty`]), at most [`MESSAGE_MOST`] characters ([`Unfit::TooLong`]).
pub fn message(text: &str) -> Result<String, Unfit> {
    const WHAT: &str = "a message";
    within(WHAT, text, MESSAGE_MOST)?;
    Ok(kept(text))
}

/// Checks a text that may be empty and may have at most `most` characters; [`Unfit::TooLong`] names `what` it is.
pub fn description(what: &'static str, text: &str, most: usize) -> Result<String, Unfit> {
    short_enough(what, text, most)?;
    Ok(kept(text))
}

/// Checks a reaction: something to see, on one line, at most [`REACTION_MOST`] characters.
pub fn reaction(text: &str) -> Result<String, Unfit> {
    const WHAT: &str = "a reaction";
    let text = SafeText::line(text.trim());
    within(WHAT, text.written(), REACTION_MOST)?;
    Ok(kept(text.written()))
}

/// Two reactions are the same if their keys are: in any form of Unicode, with the emoji variation selector or without, and whatever
/// stands in them that nobody sees. Joiners count where they join.
///
/// ```
/// use titan_core::text::reaction_key;
/// assert_eq!(reaction_key("❤\u{fe0f}"), reaction_key("❤"));
/// assert_eq!(reaction_key("cafe\u{301}"), reaction_key("café"));
/// assert_eq!(reaction_key("👍\u{200b}"), reaction_key("👍"));
/// assert_ne!(reaction_key("👩\u{200d}💻"), reaction_key("👩💻"));
/// ```
pub fn reaction_key(text: &str) -> String {
    let seen: String = text.chars().filter(|&c| is_joiner(c) || !changes_nothing(c)).nfc().collect();
    let mut key = String::with_capacity(seen.len());
    for c in seen.trim_matches(is_joiner).chars() {
        if !(is_joiner(c) && key.ends_with(c)) {
            key.push(c);
        }
    }
    key
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Characters without which a short text looks the same. Those that choose a form, and the tags of flags, are not among them.
fn changes_nothing(c: char) -> bool {
    let chooses = matches!(c, '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0e}' | '\u{e0000}'..='\u{e0fff}');
    is_hidden(c) && !chooses
}

/// What is kept of a text: all of it, but for the one character that not every database holds.
pub fn kept(text: &str) -> String {
    text.replace('\0', "␀")
}

/// Makes a file's name safe to show and to save: the last component of any path, cleaned, at most 200 bytes, never a
/// name that a system or a command line gives a meaning of its own (`..`, `CON`, a leading dot or dash).
///
/// ```
/// use titan_core::text::file_name;
/// assert_eq!(file_name("../../etc/passwd"), "passwd");
/// assert_eq!(file_name("C:\\temp\\a.zip"), "a.zip");
/// assert_eq!(file_name(".."), "file");
/// assert_eq!(file_name("con.txt"), "_con.txt");
/// assert_eq!(file_name("-rf"), "_-rf");
/// ```
pub fn file_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name: String = shown(last)
        .chars()
        .map(|c| if c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c })
        .collect();
    name = name.trim_matches([' ', '.']).to_owned();
    shorten(&mut name, 200);
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = stem.len() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT"));
    match stem.as_str() {
        "" => "file".to_owned(),
        "CON" | "PRN" | "AUX" | "NUL" => format!("_{name}"),
        _ if numbered || name.starts_with('-') => format!("_{name}"),
        _ => name,
    }
}

/// Cuts to at most `most` bytes, keeping the extension and whole characters.
fn shorten(name: &mut String, most: usize) {
    if name.len() <= most {
        return;
    }
    let extension =
        name.rfind('.').map(|dot| name[dot..].to_owned()).filter(|extension| extension.len() <= 20).unwrap_or_default();
    let mut end = most - extension.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name.push_str(&extension);
}

fn within(what: &'static str, text: &str, most: usize) -> Result<(), Unfit> {
    if is_blank(text) {
        return Err(Unfit::Empty { what });
    }
    short_enough(what, text, most)
}

/// At most so many grapheme clusters, and as many bytes as that number of them has, so that no cluster is endless.
fn short_enough(what: &'static str, text: &str, most: usize) -> Result<(), Unfit> {
    if text.len() <= most {
        return Ok(());
    }
    if text.graphemes(true).nth(most).is_some() {
        return Err(Unfit::TooLong { what, most });
    }
    let bytes = bytes_most(most);
    if text.len() <= bytes { Ok(()) } else { Err(Unfit::TooManyBytes { what, most: bytes }) }
}

/// How many bytes a text of so many characters may have: 4 for each, as a code point has at most; in a name or a reaction 32, as the
/// longest emoji have.
const fn bytes_most(most: usize) -> usize {
    match most {
        0..=100 if most * 32 < KEY_MOST => most * 32,
        0..=100 => KEY_MOST,
        _ => most.saturating_mul(4),
    }
}

/// Whether the key of a name can be looked up: compatibility forms grow in it.
fn indexable(what: &'static str, name: &str) -> Result<(), Unfit> {
    if name.len() * 18 > KEY_MOST && look_alike(name).len() > KEY_MOST {
        return Err(Unfit::TooManyBytes { what, most: KEY_MOST });
    }
    Ok(())
}

/// How long a text is to whoever sees it: its grapheme clusters (UAX 29).
///
/// ```
/// assert_eq!(titan_core::text::characters("कि👩\u{200d}💻"), 2);
/// ```
pub fn characters(text: &str) -> usize {
    text.graphemes(true).count()
}

#[cfg(test)]
mod tests;
