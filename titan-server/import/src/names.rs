//! Names that come in: as they are where they may, another one where they may not.

use titan_core::SafeText;
use titan_core::text::{ROOM_NAME_MOST, USERNAME_MOST, Unfit, look_alike, room_name, username};

/// Why a username can't stay as it is; none where it can.
pub fn unfit(name: &str) -> Option<String> {
    match username(name) {
        Ok(fit) if fit == name => None,
        Ok(_) => Some("it has spaces around it, or letters in an unusual form".to_owned()),
        Err(unfit) => Some(unfit.to_string()),
    }
}

/// A name as it was, for a line to the operator.
pub fn shown(name: &str) -> String {
    format!("{:?}", SafeText::line(name).as_str())
}

/// The closest username that may stand and that nobody has.
pub fn free_username<E>(name: &str, number: i64, taken: impl FnMut(&str) -> Result<bool, E>) -> Result<String, E> {
    let (base, first) = match fitting(name) {
        Some(base) => (base, 1),
        // A word that is the house's own: its owner is the second of that name.
        None => match kept(name).filter(|kept| matches!(username(kept), Err(Unfit::Reserved { .. }))) {
            Some(base) => (base, 2),
            None => (format!("user-{number}"), 1),
        },
    };
    numbered(first, |attempt| with_suffix(&base, USERNAME_MOST, attempt, |attempt| format!("_{attempt}")), taken)
}

/// The room's name, or the closest one that may stand and that no room has.
pub fn free_room_name<E>(name: &str, id: i64, taken: impl FnMut(&str) -> Result<bool, E>) -> Result<String, E> {
    let short = |name: &str| name.chars().take(ROOM_NAME_MOST).collect::<String>();
    let line = SafeText::line(name.trim());
    let base = room_name(&short(line.written())).or_else(|_| room_name(&short(&line)));
    let base = base.unwrap_or_else(|_| format!("Room {id}"));
    numbered(1, |attempt| with_suffix(&base, ROOM_NAME_MOST, attempt, |attempt| format!(" ({attempt})")), taken)
}

/// What of the name may stand: as written, else with letters of other scripts taken for those that they look like.
fn fitting(name: &str) -> Option<String> {
    if let Ok(fit) = username(name) {
        return Some(fit);
    }
    let kept = kept(name)?;
    username(&kept).or_else(|_| username(&kept.chars().map(plain).collect::<String>())).ok()
}

/// Letters, digits and what may stand between them; one `_` for all that may not, and none at the ends.
fn kept(name: &str) -> Option<String> {
    let mut kept = String::new();
    for c in name.trim().chars() {
        match c.is_alphanumeric() || matches!(c, '_' | '-' | '.') {
            true => kept.push(c),
            false if kept.ends_with('_') => {}
            false => kept.push('_'),
        }
    }
    let ends =
        if name.trim().starts_with('_') || name.trim().ends_with('_') { kept.as_str() } else { kept.trim_matches('_') };
    let short: String = ends.trim_start_matches('-').chars().take(USERNAME_MOST).collect();
    short.chars().any(char::is_alphanumeric).then_some(short)
}

/// The Latin letter that a letter of another script looks like.
fn plain(c: char) -> char {
    let alike = look_alike(&c.to_string());
    let mut letters = alike.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if !c.is_ascii() && letter.is_ascii_alphanumeric() => {
            if c.is_uppercase() {
                letter.to_ascii_uppercase()
            } else {
                letter
            }
        }
        _ => c,
    }
}

fn with_suffix(base: &str, most: usize, attempt: u32, suffix: impl Fn(u32) -> String) -> String {
    if attempt < 2 {
        return base.to_owned();
    }
    let suffix = suffix(attempt);
    let kept: String = base.chars().take(most - suffix.chars().count()).collect();
    kept + &suffix
}

fn numbered<E>(
    first: u32,
    name: impl Fn(u32) -> String,
    mut taken: impl FnMut(&str) -> Result<bool, E>,
) -> Result<String, E> {
    let mut attempt = first;
    loop {
        let candidate = name(attempt);
        if !taken(&candidate)? {
            return Ok(candidate);
        }
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(name: &str, taken: &[&str]) -> String {
        free_username(name, 12345, |name| Ok::<_, ()>(taken.contains(&name))).unwrap()
    }

    #[test]
    fn a_name_becomes_the_closest_one_that_may_stand() {
        assert_eq!(free("ada", &[]), "ada");
        assert_eq!(free("two words", &[]), "two_words");
        assert_eq!(free("O'Brien", &[]), "O_Brien");
        assert_eq!(free("emoji\u{1f980}", &[]), "emoji");
        assert_eq!(free("\u{1f980} & crab", &[]), "crab");
        assert_eq!(free("ada", &["ada", "ada_2"]), "ada_3");
        assert_eq!(free("\u{430}da", &["ada"]), "ada_2");
        assert_eq!(free("p\u{430}yp\u{430}l", &[]), "paypal");
        assert_eq!(free("-rf *", &[]), "rf");
        assert_eq!(free("  ", &[]), "user-12345");
        assert_eq!(free("\u{1f980}", &[]), "user-12345");
        assert_eq!(free("titan", &[]), "titan_2");
        assert_eq!(free("\u{436}\u{430}ba", &[]), "user-12345");
        let long = "x".repeat(60);
        assert_eq!(free(&long, &[&"x".repeat(50)]).chars().count(), 50);
        assert!(unfit("ada").is_none() && unfit(" ada").is_some() && unfit("a b").is_some());
    }

    #[test]
    fn a_room_whose_name_is_taken_gets_a_number() {
        let free = |name: &str, taken: &str| free_room_name(name, 7, |name| Ok::<_, ()>(name == taken)).unwrap();
        assert_eq!(free("Lab", ""), "Lab");
        assert_eq!(free("general", "general"), "general (2)");
        assert_eq!(free("\u{200b}", ""), "Room 7");
    }
}
