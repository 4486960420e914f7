//! What is kept of a password, as text: by which algorithm it was made, with which parameters and which pepper, so that each
//! of them may become another while people log in by what was kept before.
//!
//! `$argon2id$v=19$m=19456,t=2,p=1,pepper=ID$HASH`, the hash in base64 without padding; the salt stands beside it, in
//! [`Verifier::salt`](crate::store::Verifier), since a door shows it. What argon2id was given is PBKDF2 of the password, as at
//! every door. In front of it stands the rule of an older system instead, where the hash that was imported was wrapped: nothing
//! for SHA-256, `$pbkdf2-sha256$ROUNDS$SALT` for passlib's.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;

use super::pepper::Peppers;
use super::pre_hash::{PreHash, same};

const BEGINNING: &str = "$argon2id$v=19$";
/// What began a hash before it said by which parameters it was made; these were [`Cost::FIRST`].
const BEGINNING_BEFORE: &str = "argon2id$";

/// What argon2id costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Cost {
    /// What there was before hashes told it.
    const FIRST: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    /// Of new hashes. Whoever logs in by another has theirs made anew.
    pub const NOW: Self = Self::FIRST;
    /// More than that is nobody's.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 64, lanes: 64 };
}

/// A hash by argon2id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub cost: Cost,
    /// By which pepper; none in hashes of before that was told.
    pub pepper: Option<String>,
    pub hash: [u8; 32],
}

impl Kept {
    /// Hashes what is given, in today's way.
    pub fn make(given: &PreHash, salt: &[u8; 32], peppers: &Peppers) -> Result<Self, argon2::Error> {
        let pepper = peppers.now();
        let hash = argon2id(given, salt, pepper.reveal(), Cost::NOW)?;
        Ok(Self { cost: Cost::NOW, pepper: Some(pepper.id().to_owned()), hash })
    }

    /// Reads a text that holds one, and the rule in front of it; none where it holds none.
    pub fn read(text: &str) -> Option<(&str, Self)> {
        if let Some(hash) = text.strip_prefix(BEGINNING_BEFORE) {
            return Some(("", Self { cost: Cost::FIRST, pepper: None, hash: from_hex(hash)? }));
        }
        let (rule, rest) = text.split_at(text.find(BEGINNING)?);
        let (parameters, hash) = rest.strip_prefix(BEGINNING)?.split_once('$')?;
        let mut parameters = parameters.split(',');
        let mut number = |name: &str| parameters.next()?.strip_prefix(name)?.parse::<u32>().ok();
        let cost = Cost { memory_kib: number("m=")?, passes: number("t=")?, lanes: number("p=")? };
        let pepper = parameters.next()?.strip_prefix("pepper=")?.to_owned();
        let hash = BASE64_STANDARD_NO_PAD.decode(hash).ok()?.try_into().ok()?;
        let most = Cost::MOST;
        let bearable = cost.memory_kib <= most.memory_kib && cost.passes <= most.passes && cost.lanes <= most.lanes;
        (bearable && parameters.next().is_none()).then_some((rule, Self { cost, pepper: Some(pepper), hash }))
    }

    pub fn to_text(&self) -> String {
        let Cost { memory_kib, passes, lanes } = self.cost;
        let (pepper, hash) = (self.pepper.as_deref().unwrap_or_default(), BASE64_STANDARD_NO_PAD.encode(self.hash));
        format!("{BEGINNING}m={memory_kib},t={passes},p={lanes},pepper={pepper}${hash}")
    }

    /// Whether it was made of what is given.
    pub fn fits(&self, given: &PreHash, salt: &[u8; 32], peppers: &Peppers) -> bool {
        let Some(pepper) = peppers.known_as(self.pepper.as_deref()) else { return false };
        argon2id(given, salt, pepper.reveal(), self.cost).is_ok_and(|hash| same(hash, self.hash))
    }

    /// Whether it is as it would be made today.
    pub fn is_of_today(&self, peppers: &Peppers) -> bool {
        self.cost == Cost::NOW && self.pepper.as_deref() == Some(peppers.now().id())
    }
}

/// What a hash costs, whoever it is checked for.
pub fn argon2id(given: &PreHash, salt: &[u8; 32], pepper: &[u8], cost: Cost) -> Result<[u8; 32], argon2::Error> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))?;
    let mut hash = [0; 32];
    Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)?
        .hash_password_into(given, salt, &mut hash)?;
    Ok(hash)
}

/// 32 bytes in 64 hexadecimal digits.
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    let titan_core::BlobId(bytes) = text.to_ascii_lowercase().parse().ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::pepper::Pepper;
    use super::*;
    use proptest::prelude::*;

    fn peppers(now: &str, before: &[&str]) -> Peppers {
        let pepper = |text: &&str| Pepper::new(text.as_bytes());
        Peppers::new(pepper(&now), before.iter().map(pepper).collect())
    }

    #[test]
    fn a_hash_says_how_it_was_made_and_is_known_again_by_that() {
        let (ours, salt) = (peppers("pepper", &[]), [7; 32]);
        let kept = Kept::make(&[1; 32], &salt, &ours).unwrap();
        let text = kept.to_text();
        let id = ours.now().id();
        assert!(text.starts_with(&format!("$argon2id$v=19$m=19456,t=2,p=1,pepper={id}$")), "{text}");
        let (rule, read) = Kept::read(&text).unwrap();
        assert_eq!((rule, &read), ("", &kept));
        assert!(read.fits(&[1; 32], &salt, &ours) && !read.fits(&[2; 32], &salt, &ours));
        assert!(read.is_of_today(&ours) && !read.is_of_today(&peppers("another", &["pepper"])));
        assert!(read.fits(&[1; 32], &salt, &peppers("another", &["pepper"])), "the pepper it was made with is there");
        assert!(!read.fits(&[1; 32], &salt, &peppers("another", &[])));
    }

    #[test]
    fn a_hash_of_other_parameters_and_one_of_before_they_were_told_fit_too() {
        let (ours, salt) = (peppers("pepper", &[]), [7; 32]);
        let cost = Cost { memory_kib: 64, passes: 3, lanes: 2 };
        let hash = argon2id(&[1; 32], &salt, b"pepper", cost).unwrap();
        let kept = Kept { cost, pepper: Some(ours.now().id().to_owned()), hash };
        let (_, kept) = Kept::read(&kept.to_text()).unwrap();
        assert!(kept.fits(&[1; 32], &salt, &ours) && !kept.is_of_today(&ours));
        let first = argon2id(&[1; 32], &salt, b"pepper", Cost::FIRST).unwrap();
        let before = format!("argon2id${}", super::super::pre_hash::hex(&first));
        let (rule, before) = Kept::read(&before).unwrap();
        assert_eq!((rule, &before.pepper), ("", &None));
        assert!(before.fits(&[1; 32], &salt, &ours) && !before.is_of_today(&ours));
        assert!(before.fits(&[1; 32], &salt, &peppers("another", &["pepper", "third"])), "the first was its");
    }

    #[test]
    fn what_would_cost_more_than_a_server_bears_is_no_hash() {
        let hash = BASE64_STANDARD_NO_PAD.encode([0; 32]);
        for costs in ["m=4194304,t=2,p=1", "m=19456,t=4000,p=1", "m=19456,t=2,p=999", "m=19456,t=2", "t=2,m=1,p=1"] {
            assert_eq!(Kept::read(&format!("{BEGINNING}{costs},pepper=x${hash}")), None, "{costs}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_hash_or_none(text in any::<String>(), near in "(\\$[a-z0-9-]{0,9})?\\$argon2id\\$v=19\\$m=[0-9]{1,9},t=[0-9],p=[0-9],pepper=.{0,9}\\$[A-Za-z0-9+/=]{0,44}") {
            for text in [text, near] {
                if let Some((rule, kept)) = Kept::read(&text) {
                    prop_assert!(text.starts_with(rule));
                    if kept.pepper.is_some() {
                        let again = kept.to_text();
                        prop_assert_eq!(Kept::read(&again), Some(("", kept)));
                    }
                }
            }
        }
    }
}
