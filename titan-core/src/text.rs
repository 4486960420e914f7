//! Names and texts, checked and made safe at the edge.
//!
//! No byte of another person's text may reach a terminal but as visible characters. [`clean`] removes what could act on a
//! terminal or hide in a line: C0 and C1 controls, DEL, bidi controls, zero-width characters (but the joiner inside an
//! emoji), tag characters, and combining marks beyond four a base. The server cleans at its doors, and the client once
//! more, since a server may be anyone's. Names are stricter: [`username`] and [`room_name`] say what is wrong.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::{MixedScript, skeleton};

/// Combining marks that one base character may carry.
const MARKS_A_BASE: usize = 4;

/// Text that is safe to show: made by [`clean`], and cleaned again whenever it is read from the wire.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SafeText(String);

impl SafeText {
    /// Cleans a text that may hold several lines.
    pub fn new(text: &str) -> Self {
        Self(clean(text))
    }

    /// Cleans a text and joins its lines by spaces: for names, titles, one-line notes.
    pub fn line(text: &str) -> Self {
        Self(clean(text).replace(['\n', '\t'], " "))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text itself, without a copy.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for SafeText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SafeText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for SafeText {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for SafeText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

/// Removes everything that could act on a terminal or hide in a line. Newlines and tabs stay, `\r\n` and a lone `\r`
/// become `\n`. Clean text comes back unchanged.
///
/// ```
/// assert_eq!(titan_core::clean("a\u{1b}[31mred\r\nline"), "a[31mred\nline");
/// assert_eq!(titan_core::clean("fine 👩‍👩‍👧 é"), "fine 👩‍👩‍👧 é");
/// ```
pub fn clean(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            '\n' | '\t' => out.push(c),
            '\u{200d}' if out.chars().next_back().is_some_and(joins) && chars.peek().copied().is_some_and(joins) => {
                out.push(c);
            }
            '\u{fe0f}' if out.chars().next_back().is_some_and(takes_variation) => out.push(c),
            _ if is_hidden(c) => {}
            _ if is_combining_mark(c) => {
                marks += 1;
                if marks <= MARKS_A_BASE {
                    out.push(c);
                }
                continue;
            }
            _ => out.push(c),
        }
        marks = 0;
    }
    out
}

/// Characters that show nothing of their own and may act on what stands around them.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Whether a zero-width joiner may stand beside this character: pictographs and what belongs to them.
fn joins(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}' | '\u{2190}'..='\u{21ff}')
}

/// Whether an emoji variation selector may follow this character.
fn takes_variation(c: char) -> bool {
    joins(c) && c != '\u{fe0f}'
        || matches!(c, '#' | '*' | '0'..='9' | '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{25ff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}')
}

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

/// Longest username, in characters.
pub const USERNAME_MOST: usize = 50;
/// Longest room name, in characters.
pub const ROOM_NAME_MOST: usize = 100;
/// Longest message, in characters.
pub const MESSAGE_MOST: usize = 16_000;
/// Longest room or app description, in characters.
pub const DESCRIPTION_MOST: usize = 4_000;

const RESERVED: [&str; 3] = ["titan", "system", "everyone"];

/// Checks a name someone wants to register: 1 to 50 letters, digits, `_`, `-` or `.`, of one script (UTS 39, "single
/// script"), trimmed. The result is in NFC (UAX 15). [`Unfit`] says what is wrong with any other.
///
/// ```
/// use titan_core::text::username;
/// assert_eq!(username("  ada ").unwrap(), "ada");
/// assert!(username("two words").is_err());
/// assert!(username("p\u{430}ypal").is_err()); // a Cyrillic а
/// ```
pub fn username(text: &str) -> Result<String, Unfit> {
    const WHAT: &str = "a username";
    let name: String = text.trim().nfc().collect();
    within(WHAT, &name, USERNAME_MOST)?;
    let stranger =
        name.chars().find(|&c| !(c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '_' | '-' | '.')));
    if let Some(found) = stranger {
        return Err(Unfit::Character { what: WHAT, found, allowed: "letters, digits, '_', '-' and '.' are allowed" });
    }
    if clean(&name) != name {
        return Err(Unfit::Character { what: WHAT, found: '\u{fffd}', allowed: "only visible characters are allowed" });
    }
    if !name.is_single_script() {
        return Err(Unfit::MixedScripts { what: WHAT });
    }
    if RESERVED.contains(&name.to_lowercase().as_str()) {
        return Err(Unfit::Reserved { name });
    }
    Ok(name)
}

/// Two names are the same if their look-alike keys are: case doesn't tell names apart, nor do letters of another script
/// that look the same (UTS 39 skeleton).
///
/// ```
/// use titan_core::text::look_alike;
/// assert_eq!(look_alike("Ada"), look_alike("ada"));
/// assert_eq!(look_alike("\u{0440}\u{0430}\u{0443}"), look_alike("pay")); // Cyrillic раy
/// assert_ne!(look_alike("user1"), look_alike("userl"));
/// ```
pub fn look_alike(name: &str) -> String {
    let lower = name.to_lowercase();
    if lower.is_ascii() { lower } else { skeleton(&lower).collect::<String>().to_lowercase() }
}

/// Checks a room's name: 1 to 100 visible characters on one line, trimmed, in NFC (UAX 15). [`Unfit`] where it is empty, too
/// long, or holds a character that nobody sees.
pub fn room_name(text: &str) -> Result<String, Unfit> {
    const WHAT: &str = "a room name";
    let name: String = text.trim().nfc().collect();
    within(WHAT, &name, ROOM_NAME_MOST)?;
    if let Some(found) = name.chars().find(|&c| c.is_control() || is_hidden(c)) {
        return Err(Unfit::Character { what: WHAT, found, allowed: "only visible characters and spaces are allowed" });
    }
    Ok(name)
}

/// Checks and cleans what someone says: not blank ([`Unfit::Empty`]), at most [`MESSAGE_MOST`] characters
/// ([`Unfit::TooLong`]).
pub fn message(text: &str) -> Result<String, Unfit> {
    const WHAT: &str = "a message";
    let text = clean(text);
    within(WHAT, &text, MESSAGE_MOST)?;
    Ok(text)
}

/// Cleans a text that may be empty and may have at most `most` characters; [`Unfit::TooLong`] names `what` it is.
pub fn description(what: &'static str, text: &str, most: usize) -> Result<String, Unfit> {
    let text = clean(text);
    match text.chars().nth(most) {
        None => Ok(text),
        Some(_) => Err(Unfit::TooLong { what, most }),
    }
}

/// Makes a file's name safe to show and to save: the last component of any path, cleaned, at most 200 bytes, never a
/// name that a system gives a meaning of its own (`..`, `CON`, a leading dot).
///
/// ```
/// use titan_core::text::file_name;
/// assert_eq!(file_name("../../etc/passwd"), "passwd");
/// assert_eq!(file_name("C:\\temp\\a.zip"), "a.zip");
/// assert_eq!(file_name(".."), "file");
/// assert_eq!(file_name("con.txt"), "_con.txt");
/// ```
pub fn file_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name: String = clean(last)
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
        _ if numbered => format!("_{name}"),
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
    if text.trim().is_empty() {
        return Err(Unfit::Empty { what });
    }
    match text.chars().nth(most) {
        None => Ok(()),
        Some(_) => Err(Unfit::TooLong { what, most }),
    }
}

/// The names mentioned in a message, as written, without the `@`: `@ada, see @bob.` gives `ada` and `bob`.
pub fn mentions(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let free = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let rest = &text[at + 1..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches(['.', '-']);
        if free && !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_on_a_terminal_is_gone() {
        for hostile in [
            "\u{1b}]0;title\u{7}",
            "\u{9b}31m",
            "\u{202e}txt.exe",
            "a\u{200b}b",
            "\u{e0041}",
            "\u{7f}",
            "\0",
            "\u{feff}",
        ] {
            let safe = clean(hostile);
            assert!(!safe.chars().any(|c| c.is_control() || is_hidden(c)), "{hostile:?} became {safe:?}");
        }
        assert_eq!(clean(&format!("z{}", "\u{301}".repeat(50))).chars().count(), 5);
    }

    #[test]
    fn mentions_are_found_where_a_person_would_see_them() {
        assert_eq!(mentions("@ada, see @bob. mail@host @@x"), ["ada", "bob", "x"]);
        assert!(mentions("no one @ all").is_empty());
    }

    #[test]
    fn names_say_what_is_wrong_with_them() {
        assert_eq!(username(""), Err(Unfit::Empty { what: "a username" }));
        assert!(username("a b").unwrap_err().to_string().contains("letters, digits"));
        assert!(username(&"x".repeat(51)).is_err());
        assert!(username("Titan").is_err());
        assert!(username("żółw").is_ok());
        assert!(room_name("General Chat").is_ok());
        assert!(room_name("a\u{202e}b").is_err());
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once.clone());
            let controls = once.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
            prop_assert!(!controls);
        }

        #[test]
        fn a_file_name_never_leaves_its_folder(text in any::<String>()) {
            let name = file_name(&text);
            prop_assert!(!name.is_empty() && name.len() <= 221 && !name.contains(['/', '\\', '\0']));
            prop_assert!(name != "." && name != "..");
            prop_assert!(!name.starts_with('.'));
        }
    }
}
