//! Passwords as the older systems kept them: checked by their own rules, until the first login replaces them. Those that anybody
//! who reads the database could try millions of passwords a second against are wrapped in argon2id until then.

use argon2::{Argon2, PasswordVerifier};
use base64::Engine;
use base64::alphabet::Alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};

use super::kept::{Kept, from_hex};
use super::pepper::Peppers;
use super::pre_hash::{PreHash, hex, pre_hash, same};
use crate::store::{Scheme, Verifier};

/// How many rounds passlib's PBKDF2 may have: its default is 29,000.
const ROUNDS_MOST: u32 = 1_000_000;

pub fn matches(scheme: Scheme, password: &str, verifier: &Verifier) -> bool {
    match scheme {
        Scheme::Titan => false,
        Scheme::Sha256 => same(hex(&Sha256::digest(password)), verifier.hash.to_ascii_lowercase()),
        // By the rule that the hash itself names, memory and passes included.
        Scheme::Bcrypt if verifier.hash.starts_with("$argon2") => {
            PasswordVerifier::<str>::verify_password(&Argon2::default(), password.as_bytes(), &verifier.hash).is_ok()
        }
        // Of longer passwords the first 72 bytes count, as they did there.
        Scheme::Bcrypt => bcrypt::verify(password, &verifier.hash).unwrap_or(false),
        Scheme::Pbkdf2 if verifier.hash.starts_with('$') => passlib(password, &verifier.hash).unwrap_or(false),
        Scheme::Pbkdf2 => matches_pre_hash(&pre_hash(password, &verifier.salt), verifier),
    }
}

pub fn matches_pre_hash(pre: &PreHash, verifier: &Verifier) -> bool {
    same(hex(pre), verifier.hash.to_ascii_lowercase())
}

/// What argon2id was given of a password, where a hash of that scheme was wrapped, by the rule that stands in front of it.
pub fn first_step(scheme: Scheme, password: &str, rule: &str) -> Option<PreHash> {
    match scheme {
        Scheme::Sha256 if rule.is_empty() => Some(Sha256::digest(password).into()),
        Scheme::Pbkdf2 => Rule::read(rule)?.hash(password),
        _ => None,
    }
}

/// The same password kept safely; none where nothing is to be done.
pub fn safely(verifier: &Verifier, peppers: &Peppers) -> Option<Verifier> {
    let Verifier { scheme, salt, hash } = verifier;
    let wrapped = |rule: &str, given: PreHash, scheme: Scheme, salt: [u8; 32]| {
        let kept = Kept::make(&given, &salt, peppers).ok()?;
        Some(Verifier { scheme, salt, hash: format!("{rule}{}", kept.to_text()) })
    };
    match (scheme, Kept::read(hash)) {
        (Scheme::Titan, Some((_, kept @ Kept { pepper: None, .. }))) => {
            let pepper = Some(peppers.first().id().to_owned());
            Some(Verifier { hash: Kept { pepper, ..kept }.to_text(), ..verifier.clone() })
        }
        (Scheme::Sha256, None) => wrapped("", from_hex(hash)?, Scheme::Sha256, rand::random()),
        (Scheme::Pbkdf2, None) => match hash.starts_with('$') {
            true => {
                let (rule, hash) = Rule::with_hash(hash)?;
                wrapped(rule, hash, Scheme::Pbkdf2, *salt)
            }
            // Which is what our own is made of.
            false => wrapped("", from_hex(hash)?, Scheme::Titan, *salt),
        },
        _ => None,
    }
}

/// Passlib's PBKDF2: `$pbkdf2-sha256$rounds$salt`, in its own base64.
struct Rule {
    rounds: u32,
    salt: Vec<u8>,
}

impl Rule {
    fn read(rule: &str) -> Option<Self> {
        let (rounds, salt) = rule.strip_prefix("$pbkdf2-sha256$")?.split_once('$')?;
        let rounds = rounds.parse().ok().filter(|rounds| (1..=ROUNDS_MOST).contains(rounds))?;
        Some(Self { rounds, salt: passlibs_base64()?.decode(salt).ok()? })
    }

    /// The rule of a hash by passlib, and the hash.
    fn with_hash(text: &str) -> Option<(&str, PreHash)> {
        let (rule, hash) = text.rsplit_once('$')?;
        Self::read(rule)?;
        Some((rule, passlibs_base64()?.decode(hash).ok()?.try_into().ok()?))
    }

    fn hash(&self, password: &str) -> Option<PreHash> {
        Some(pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), &self.salt, self.rounds))
    }
}

fn passlibs_base64() -> Option<GeneralPurpose> {
    let alphabet = Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").ok()?;
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone);
    Some(GeneralPurpose::new(&alphabet, config))
}

/// `$pbkdf2-sha256$rounds$salt$hash`. None where it is no such text.
fn passlib(password: &str, kept: &str) -> Option<bool> {
    let (rule, hash) = Rule::with_hash(kept)?;
    Some(same(Rule::read(rule)?.hash(password)?, hash))
}

#[cfg(test)]
mod tests {
    use super::super::{Applicant, Passwords};
    use super::*;
    use proptest::prelude::*;

    async fn fits(scheme: Scheme, password: &str, hash: &str) -> bool {
        let verifier = Verifier { scheme, salt: [0; 32], hash: hash.to_owned() };
        let by = Applicant::known(std::net::Ipv4Addr::LOCALHOST.into());
        let passwords = Passwords::new(Peppers::of(b"pepper"), 1);
        let right = passwords.check(password, &verifier, by).await.unwrap();
        // The same once it is kept safely, and again.
        if let Some(safe) = passwords.safely(&verifier, by).await.unwrap() {
            assert!(safe.hash.contains("$argon2id$") && !safe.hash.contains(hash), "{}", safe.hash);
            assert_eq!(passwords.check(password, &safe, by).await.unwrap(), right, "{hash}");
            assert_eq!(passwords.safely(&safe, by).await.unwrap(), None, "{}", safe.hash);
        }
        right
    }

    #[tokio::test]
    async fn unsalted_hashes_are_understood() {
        let hash = hex(&Sha256::digest("secret"));
        assert!(fits(Scheme::Sha256, "secret", &hash).await);
        assert!(fits(Scheme::Sha256, "secret", &hash.to_uppercase()).await);
        assert!(!fits(Scheme::Sha256, "other", &hash).await);
    }

    /// Made by Python's bcrypt 4.0 and by passlib 1.7.
    #[tokio::test]
    async fn hashes_by_pythons_bcrypt_and_passlib_are_understood() {
        for (password, hash) in [
            ("secret-żółw", "$2b$04$iRPvXDBRVWWwBq2zYsZMOu9tvJ11fAjYHQLNX3SmRHnuemAJjIbf."),
            ("secret", "$2a$04$XEg6oQcf2lvsOrM6LDSjkOnlwFNjhB4nYGSFTO9wcoyf79y9Q5MNu"),
            ("secret", "$2b$04$jR1V4QIs0VnGwOdWK8.CBOfb2fEjHu5mTET4SGOZF69Nl6AqRVqWu"),
            ("secret", "$2y$04$JGuggn8pq23THBUZuLvcsu68W3SeN/TZiGPVG3aoKkJgcjHxEo0cO"),
            ("secret", "$2a$04$GAJYlbMJ9/YJdHBkg8Mf9u3cOzhZ2V4B7.pX4AP12iwpRgkMwrw.."),
            ("", "$2b$04$jTlA6CV9jbIQy6fO2.zswuw0Tz0yIbXbvmJs3jU1AY.Wyw5i/LhYK"),
        ] {
            assert!(fits(Scheme::Bcrypt, password, hash).await, "{hash}");
            assert!(!fits(Scheme::Bcrypt, "other", hash).await, "{hash}");
        }
        let hash = "$pbkdf2-sha256$29000$5Hzvvbd2zjlH6P3fG6N0rg$ZAN6tFpnxUSuPHMjQe71W0t9LxTU5E4YLIHmRFwYA4U";
        assert!(fits(Scheme::Pbkdf2, "secret", hash).await);
        assert!(!fits(Scheme::Pbkdf2, "other", hash).await);
    }

    #[tokio::test]
    async fn of_a_long_password_bcrypt_counts_72_bytes_as_it_did_there() {
        let hash = "$2b$04$tU9gYDmfJDsJv52s6rzOwe8rBfU7dduCHc0bCr.ZmI.bclFc.a1pe";
        assert!(fits(Scheme::Bcrypt, &"x".repeat(80), hash).await);
        assert!(fits(Scheme::Bcrypt, &"x".repeat(72), hash).await);
        assert!(!fits(Scheme::Bcrypt, &"x".repeat(71), hash).await);
        // The 72nd byte is half of a letter.
        let hash = "$2b$04$7UykA654DVPzFRvvWmPU3eARC95mfGRDG4X4ea/cdRchEuQoyx.2y";
        let long = "x".repeat(71) + "é and more that never counted";
        assert!(fits(Scheme::Bcrypt, &long, hash).await);
        assert!(!fits(Scheme::Bcrypt, &"x".repeat(71), hash).await);
    }

    #[tokio::test]
    async fn what_is_no_hash_fits_nothing() {
        for hash in ["", "-", "$2b$", "$pbkdf2-sha256$", "$pbkdf2-sha256$4294967295$AA$AA", "$2b$12$żółć"] {
            for scheme in [Scheme::Sha256, Scheme::Bcrypt, Scheme::Pbkdf2] {
                assert!(!fits(scheme, "", hash).await && !fits(scheme, "-", hash).await, "{scheme:?} {hash}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_in_place_of_a_hash_is_only_wrong(hash in "\\$pbkdf2-sha256\\$.{0,40}", text in any::<String>()) {
            for hash in [hash, text] {
                prop_assert_ne!(passlib("secret", &hash), Some(true));
            }
        }
    }
}
