//! What older systems kept of passwords: told by its form, checked by its own rule until the first login.

use titan_core::BlobId;

use titan_store::{Scheme, Verifier};

/// Bcrypt's work doubles with each step. Beyond this, one login would keep a core busy for many seconds.
const BCRYPT_COST_MOST: u32 = 15;
/// KiB that one argon2 may take, passes over them, and lanes: what a login may cost.
const ARGON2_MOST: [u32; 3] = [256 * 1_024, 16, 64];

/// A verifier, where the form is one that can be checked: bcrypt, argon2id, SHA-256 without salt, passlib's PBKDF2.
pub fn recognise(hash: &str) -> Option<Verifier> {
    let hash = hash.trim();
    let scheme = match hash {
        _ if is_bcrypt(hash) || is_argon2(hash) => Scheme::Bcrypt,
        _ if hash.starts_with("$pbkdf2-sha256$") => Scheme::Pbkdf2,
        _ if is_hexadecimal(hash, 64) => return Some(unsalted(hash)),
        _ => return None,
    };
    // The form has its own salt. Ours is one like any other, since the TLS-frames door shows salts to everybody.
    Some(Verifier { scheme, salt: rand::random(), hash: hash.to_owned() })
}

/// SHA-256 without a salt, as it was kept.
pub fn unsalted(hash: &str) -> Verifier {
    Verifier { scheme: Scheme::Sha256, salt: [0; 32], hash: hash.trim().to_ascii_lowercase() }
}

/// 32 bytes of salt and 32 of PBKDF2, hexadecimal.
pub fn salted_pbkdf2(hash: &str) -> Option<Verifier> {
    let hash = hash.trim();
    if !is_hexadecimal(hash, 128) {
        return None;
    }
    let (salt, hash) = hash.split_at(64);
    let BlobId(salt) = salt.parse().ok()?;
    Some(Verifier { scheme: Scheme::Pbkdf2, salt, hash: hash.to_ascii_lowercase() })
}

/// What no password fits.
pub fn unknowable() -> Verifier {
    Verifier { scheme: Scheme::Sha256, salt: [0; 32], hash: "-".to_owned() }
}

fn is_bcrypt(hash: &str) -> bool {
    let versions = ["$2a$", "$2b$", "$2y$"];
    let cost = hash.get(4..6).and_then(|cost| cost.parse().ok());
    hash.len() == 60
        && versions.iter().any(|version| hash.starts_with(version))
        && cost.is_some_and(|cost: u32| (4..=BCRYPT_COST_MOST).contains(&cost))
}

/// `$argon2id$v=19$m=65536,t=3,p=4$salt$hash`.
fn is_argon2(hash: &str) -> bool {
    let parts: Vec<&str> = hash.split('$').collect();
    let ["", "argon2id" | "argon2i", "v=19", costs, salt, digest] = parts[..] else { return false };
    let cost = |(cost, (name, most)): (&str, (&str, u32))| {
        let number = cost.strip_prefix(name).and_then(|cost| cost.parse().ok());
        number.is_some_and(|number: u32| (1..=most).contains(&number))
    };
    let wanted = ["m=", "t=", "p="].into_iter().zip(ARGON2_MOST);
    let base64 = |text: &str| {
        text.len() >= 11 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
    };
    costs.split(',').count() == ARGON2_MOST.len()
        && costs.split(',').zip(wanted).all(cost)
        && base64(salt)
        && base64(digest)
}

fn is_hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hash_is_known_by_its_form() {
        let scheme = |hash: &str| recognise(hash).map(|verifier| verifier.scheme);
        assert_eq!(scheme("$2b$12$L6Bc/AlTQHyd9liGgGEZyOFLPHNgyxeEPfgYfBCVxJ7JIlwxyVU3u"), Some(Scheme::Bcrypt));
        assert_eq!(scheme("$2b$31$L6Bc/AlTQHyd9liGgGEZyOFLPHNgyxeEPfgYfBCVxJ7JIlwxyVU3u"), None);
        assert_eq!(scheme(&"aB".repeat(32)), Some(Scheme::Sha256));
        assert_eq!(scheme("$pbkdf2-sha256$29000$x$y"), Some(Scheme::Pbkdf2));
        assert_eq!(scheme("secret"), None);
        let argon2 = |costs: &str| {
            scheme(&format!(
                "$argon2id$v=19${costs}$d9vZEnxRklDbZvQznHO/Sg$HI5mLflOuegCioB9CDGJYY2MDO0LrGjYZ1JMztxQ8mQ"
            ))
        };
        assert_eq!(argon2("m=65536,t=3,p=4"), Some(Scheme::Bcrypt));
        for costs in
            ["m=4194304,t=3,p=4", "m=65536,t=3000,p=4", "m=65536,t=3", "m=65536,t=3,p=4,x=1", "t=3,m=65536,p=4"]
        {
            assert_eq!(argon2(costs), None, "{costs}");
        }
        let verifier = salted_pbkdf2(&("01".repeat(32) + &"AB".repeat(32))).unwrap();
        assert_eq!((verifier.salt, verifier.hash), ([1; 32], "ab".repeat(32)));
        assert_eq!(salted_pbkdf2("zz"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_hash_or_none(text in any::<String>(), bcrypt in "\\$2[abxy]\\$[0-9a-z]{2}\\$.{0,60}") {
            for text in [text, bcrypt] {
                let _ = (recognise(&text), salted_pbkdf2(&text));
            }
        }
    }
}
