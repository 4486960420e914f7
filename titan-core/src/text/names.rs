//! Names of people: what may be one, and when two are the same. One rule for registration, login, look-up and mention.

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::{MixedScript, skeleton};

use super::bounds::{KEY_MOST, USERNAME_MOST, Unfit, within};
use super::shown::is_hidden;

const CASES: CaseMapperBorrowed<'static> = CaseMapper::new();

/// What doors, logs and lists say where nobody of that name is meant: by [`look_alike`].
const OF_THE_HOUSE: [&str; 18] = [
    "all",
    "channel",
    "console",
    "deleted",
    "everybody",
    "everyone",
    "former",
    "general",
    "here",
    "nobody",
    "operator",
    "room",
    "server",
    "somebody",
    "someone",
    "system",
    "titan",
    "utuvox",
];

/// Checks a name someone wants to register: 1 to 50 letters, digits, `_`, `-` or `.`, of one script (UTS 39, "single
/// script"), trimmed, with a letter among them, and no word that the house uses for itself. The result is in NFC (UAX 15).
/// [`Unfit`] says what is wrong with any other.
///
/// ```
/// use titan_core::text::username;
/// assert_eq!(username("  ada ").unwrap(), "ada");
/// assert!(username("two words").is_err());
/// assert!(username("p\u{430}ypal").is_err()); // a Cyrillic а
/// assert!(username("20860").is_err());
/// assert!(username("operator").is_err());
/// ```
pub fn username(text: &str) -> Result<String, Unfit> {
    const WHAT: &str = "a username";
    let name: String = text.trim().nfc().collect();
    within(WHAT, &name, USERNAME_MOST)?;
    indexable(WHAT, &name)?;
    let stranger =
        name.chars().find(|&c| !(c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '_' | '-' | '.')));
    if let Some(found) = stranger {
        return Err(Unfit::Character { what: WHAT, found, allowed: "letters, digits, '_', '-' and '.' are allowed" });
    }
    if name.chars().any(is_hidden) {
        return Err(Unfit::Character { what: WHAT, found: '\u{fffd}', allowed: "only visible characters are allowed" });
    }
    if let Some(found) = name.chars().next().filter(|&c| c == '-' || is_combining_mark(c)) {
        return Err(Unfit::Beginning { what: WHAT, found });
    }
    if !name.chars().any(|c| c.is_alphabetic() && !c.is_numeric() && !is_combining_mark(c)) {
        return Err(Unfit::NoLetter { what: WHAT });
    }
    if !name.is_single_script() {
        return Err(Unfit::MixedScripts { what: WHAT });
    }
    if is_of_the_house(&name) {
        return Err(Unfit::Reserved { name });
    }
    Ok(name)
}

/// Whether the key of a name can be looked up: compatibility forms grow in it.
pub(super) fn indexable(what: &'static str, name: &str) -> Result<(), Unfit> {
    if name.len() * 18 > KEY_MOST && look_alike(name).len() > KEY_MOST {
        return Err(Unfit::TooManyBytes { what, most: KEY_MOST });
    }
    Ok(())
}

fn is_of_the_house(name: &str) -> bool {
    let key = look_alike(name);
    let bare = key.trim_matches(['_', '-', '.']);
    // `former-12` is how an import calls somebody who is gone.
    OF_THE_HOUSE.contains(&bare) || key.starts_with("former-") || key.starts_with("deleted-")
}

/// Two names are the same if their look-alike keys are. Case doesn't tell names apart (full case folding), nor does the form
/// in which they are written (NFKC), nor letters that look the same (UTS 39 skeleton), nor what nobody sees. ASCII letters
/// and digits stay apart: those are what one types.
///
/// ```
/// use titan_core::text::look_alike;
/// assert_eq!(look_alike("Ada"), look_alike("ada"));
/// assert_eq!(look_alike("ΝΙΚΟΣ"), look_alike("νικος"));
/// assert_eq!(look_alike("Straße"), look_alike("STRASSE"));
/// assert_eq!(look_alike("\u{0440}\u{0430}\u{0443}"), look_alike("pay")); // Cyrillic раy
/// assert_ne!(look_alike("user1"), look_alike("userl"));
/// ```
pub fn look_alike(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let visible: String = name.chars().filter(|&c| !is_hidden(c)).nfd().collect();
    // The Unicode Standard, 3.13, D146: what compatibility forms decompose to is folded once more.
    let once: String = CASES.fold_string(&visible).nfkd().collect();
    let folded: String = CASES.fold_string(&once).nfkd().collect();
    let mut looks = String::with_capacity(folded.len());
    for c in folded.chars() {
        match c.is_ascii() {
            true => looks.push(c),
            false => looks.extend(skeleton(c.encode_utf8(&mut [0; 4]))),
        }
    }
    CASES.fold_string(&looks).nfc().collect()
}

/// A name as its beginning is searched by: with case folded, and letters of unusual forms taken for the usual ones (NFKC).
///
/// ```
/// use titan_core::text::folded;
/// assert!(folded("JOSÉ-LUIS").starts_with(&folded("jose\u{301}")));
/// assert!(folded("ＷＩＤＥ").starts_with("wi"));
/// ```
pub fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let apart: String = name.nfkd().collect();
    CASES.fold_string(&apart).nfkc().collect()
}

#[cfg(test)]
mod tests;
