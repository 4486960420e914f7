//! What an older system's data is known by again, so that the same doesn't come in twice: its first person and the first thing
//! said. They stay the same in a copy, under any file name, and while the old server goes on running.

use sha2::{Digest, Sha256};

use crate::foreign::{Foreign, Found, Readable, Row};
use crate::wish::System;

/// How many digits of a digest are kept.
const DIGITS: usize = 16;
/// What stands before it in the audit log.
const WORD: &str = "source ";
/// What stands for a part that a source has none of.
const NONE: &str = "-";

/// Kept with the import, in the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    people: String,
    talk: String,
}

/// A table, and the columns of its first row that never change.
pub type Lasting<'a> = (&'a Found, &'static [usize]);

impl Fingerprint {
    pub fn of(foreign: &Foreign, system: System, people: Lasting<'_>, talk: Lasting<'_>) -> Readable<Self> {
        let part = |(found, places): Lasting<'_>| Ok(digest(system, foreign.first(found)?.as_ref(), places));
        Ok(Self { people: part(people)?, talk: part(talk)? })
    }

    /// Whether this is the same source as that one. Where nothing had been said the first time, people alone tell.
    pub fn is(&self, other: &Self) -> bool {
        let silent = [&self.talk, &other.talk].contains(&&NONE.to_owned());
        self.people != NONE && self.people == other.people && (silent || self.talk == other.talk)
    }

    /// For the audit log.
    pub fn to_text(&self) -> String {
        format!("{WORD}{}.{}", self.people, self.talk)
    }

    /// Reads what the audit log holds; none where it is an import of before there were fingerprints.
    pub fn from_text(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(WORD)?;
        let (people, talk) = rest.split_whitespace().next()?.split_once('.')?;
        Some(Self { people: people.to_owned(), talk: talk.to_owned() })
    }
}

fn digest(system: System, row: Option<&Row>, places: &[usize]) -> String {
    let Some(row) = row else { return NONE.to_owned() };
    let mut sum = Sha256::new();
    for value in [Some(system.name())].into_iter().chain(places.iter().map(|place| row.text(*place))) {
        let value = value.unwrap_or_default();
        sum.update((value.len() as u64).to_be_bytes());
        sum.update(value);
    }
    let digits: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits[..DIGITS].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_known_again_by_what_lasts() {
        let print = |people: &str, talk: &str| Fingerprint { people: people.into(), talk: talk.into() };
        let known = print("aa", "bb");
        assert_eq!(Fingerprint::from_text(&format!("3 accounts, {}", known.to_text())), Some(known.clone()));
        assert_eq!(Fingerprint::from_text("3 accounts"), None);
        assert!(known.is(&print("aa", "bb")) && known.is(&print("aa", "-")) && print("aa", "-").is(&known));
        assert!(
            !known.is(&print("aa", "cc")) && !known.is(&print("cc", "bb")) && !print("-", "-").is(&print("-", "-"))
        );
    }
}
