//! How long texts may be, and why one is refused.

use unicode_segmentation::UnicodeSegmentation;

use super::shown::is_blank;

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

/// The most bytes of a name by which something is found: what an index of a database takes.
pub(super) const KEY_MOST: usize = 2_400;

pub(super) fn within(what: &'static str, text: &str, most: usize) -> Result<(), Unfit> {
    if is_blank(text) {
        return Err(Unfit::Empty { what });
    }
    short_enough(what, text, most)
}

/// At most so many grapheme clusters, and as many bytes as that number of them has, so that no cluster is endless.
pub(super) fn short_enough(what: &'static str, text: &str, most: usize) -> Result<(), Unfit> {
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

/// How long a text is to whoever sees it: its grapheme clusters (UAX 29).
///
/// ```
/// assert_eq!(titan_core::text::characters("कि👩\u{200d}💻"), 2);
/// ```
pub fn characters(text: &str) -> usize {
    text.graphemes(true).count()
}
