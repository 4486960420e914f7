//! Passwords: how one is written before it is hashed, and which ones are no good as new ones.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::bounds::{PASSWORD_LEAST, Unfit};
use super::names::{folded, look_alike};

/// What a house is called by everybody: with figures or signs around it, it is tried first, too.
const HOUSE: [&str; 4] = ["titan", "titannet", "titanchat", "titanserver"];

/// Those that are tried first, of 8 characters and more, in lower case; one a line.
const COMMONEST: &str = include_str!("commonest.txt");

/// A password as it is hashed, whatever wrote it: in NFC, with every kind of space as the usual one (RFC 8265, `OpaqueString`).
/// What that profile forbids is let be, since older systems let it be.
///
/// ```
/// use titan_core::text::password;
/// assert_eq!(password("cafe\u{301}\u{3000}1"), password("café 1"));
/// assert_ne!(password("Secret"), password("secret"));
/// ```
pub fn password(given: &str) -> String {
    if given.is_ascii() {
        return given.to_owned();
    }
    given.nfc().map(|c| if is_space(c) { ' ' } else { c }).collect()
}

/// Zs of the Unicode Character Database.
fn is_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Whether a password will do as a new one of this person: [`PASSWORD_LEAST`] characters as a person counts them, none of those that
/// are tried first, and not the person's name. [`Unfit`] says what is wrong.
///
/// ```
/// use titan_core::text::new_password;
/// assert!(new_password("correct horse", "ada").is_ok());
/// assert!(new_password("short", "ada").is_err());
/// assert!(new_password("Password1", "ada").is_err());
/// assert!(new_password("Ada_Lovelace", "ada_lovelace").is_err());
/// ```
pub fn new_password(wanted: &str, username: &str) -> Result<(), Unfit> {
    let wanted = password(wanted);
    long_enough(&wanted, PASSWORD_LEAST)?;
    let own = look_alike(username.trim());
    if [wanted.as_str(), bare(&wanted)].iter().any(|wanted| look_alike(wanted) == own) {
        return Err(Unfit::OwnName {});
    }
    let plain = folded(&wanted);
    match is_a_row(&plain) || is_of_the_house(&plain) || COMMONEST.lines().any(|common| common == plain) {
        true => Err(Unfit::Common {}),
        false => Ok(()),
    }
}

/// Whether a password has at least so many characters, as a person counts them.
pub fn long_enough(wanted: &str, least: usize) -> Result<(), Unfit> {
    match wanted.graphemes(true).take(least).count() < least {
        true => Err(Unfit::TooShort { what: "a password", least }),
        false => Ok(()),
    }
}

/// Without the figures and signs around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphabetic())
}

/// `titan2026!`, `titan-net`, `titantitan`.
fn is_of_the_house(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
    HOUSE.contains(&letters.as_str()) || !letters.is_empty() && letters.replace(HOUSE[0], "").is_empty()
}

/// `aaaaaaaa`, `12345678`, `hgfedcba`.
fn is_a_row(text: &str) -> bool {
    let mut steps = text
        .chars()
        .zip(text.chars().skip(1))
        .map(|(one, next)| i64::from(u32::from(next)) - i64::from(u32::from(one)));
    let first = steps.next().unwrap_or(0);
    (-1..=1).contains(&first) && steps.all(|step| step == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_tried_first_is_no_new_password() {
        for common in
            ["password", "PASSWORD123", "12345678", "87654321", "aaaaaaaa", "        ", "iloveyou", "qwertyuiop"]
        {
            assert_eq!(new_password(common, "ada"), Err(Unfit::Common {}), "{common}");
        }
        for short in [
            "",
            "a",
            "1",
            "password".split_at(7).0,
            "👩\u{200d}👩\u{200d}👧👩\u{200d}👩\u{200d}👧",
            "e\u{301}e\u{301}e\u{301}e\u{301}",
        ] {
            assert!(matches!(new_password(short, "ada"), Err(Unfit::TooShort { .. })), "{short}");
        }
        for of_the_house in ["Titan2026!", "titan-net", "TITANtitan", "1234titan", "Titan Server"] {
            assert_eq!(new_password(of_the_house, "ada"), Err(Unfit::Common {}), "{of_the_house}");
        }
        assert_eq!(new_password("ΝΙΚΟΛΑΟΣ", "νικολαος"), Err(Unfit::OwnName {}));
        assert_eq!(new_password("Ada-1815!", "ada"), Err(Unfit::OwnName {}));
        for good in
            ["correct horse 1", "correct horse battery", "secret-password", "пароль-из-слов", "八つの文字で十分だ"]
        {
            assert_eq!(new_password(good, "ada"), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_list_is_in_order_and_long_enough() {
        let lines: Vec<&str> = COMMONEST.lines().collect();
        assert!(lines.len() > 10_000 && lines.is_sorted());
        assert!(lines.iter().all(|line| line.len() >= PASSWORD_LEAST && folded(line) == **line));
    }

    proptest! {
        #[test]
        fn every_form_of_a_password_is_one(text in any::<String>()) {
            prop_assert_eq!(password(&text.nfd().collect::<String>()), password(&text));
            prop_assert_eq!(password(&password(&text)), password(&text));
        }
    }
}
