//! Names and texts: what is kept of them, what of it may be shown, and what is refused.
//!
//! What people write is kept to the code point, with one exception: U+0000 becomes `␀`, since PostgreSQL holds none. It is made
//! safe where it is *shown*, by [`shown`]; [`SafeText`] carries both forms. Names are stricter: [`username`] and [`room_name`]
//! say what is wrong, and [`look_alike`] which of them are one. Lengths count what a person sees, grapheme clusters (UAX 29:
//! [`characters`]), with a bound in bytes behind it.

use unicode_normalization::UnicodeNormalization;

mod bounds;
mod mention;
mod names;
mod passwords;
mod safe;
mod shown;
mod sought;

pub use bounds::{
    DESCRIPTION_MOST, MESSAGE_MOST, PASSWORD_LEAST, REACTION_MOST, ROOM_NAME_MOST, USERNAME_MOST, Unfit, characters,
};
use bounds::{short_enough, within};
pub use mention::{Mention, mentions};
pub use names::{folded, look_alike, username};
pub use passwords::{long_enough, new_password, password};
pub use safe::SafeText;
pub use shown::{escaped_json, is_blank, shown};
use shown::{is_hidden, is_line_break};
pub use sought::{Sought, message_words, words};

/// Checks a room's name: 1 to 100 characters on one line, trimmed, as written. [`Unfit`] where nothing of it can be seen, where it
/// is too long, or where it holds what could not be [`shown`] as it is.
pub fn room_name(text: &str) -> Result<String, Unfit> {
    const WHAT: &str = "a room name";
    let name = text.trim();
    within(WHAT, name, ROOM_NAME_MOST)?;
    names::indexable(WHAT, name)?;
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

#[cfg(test)]
mod tests;
