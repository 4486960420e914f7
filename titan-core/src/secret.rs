//! What nobody may read over somebody's shoulder: passwords, tokens, keys, addresses with a password in them.
//!
//! One type for all of them, on both sides. It can't be printed: `Debug` shows that there is one and nothing of it, there is no
//! `Display`, and where settings or logs are written it is hidden. Who needs it says [`Secret::reveal`], where a reader
//! sees it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

const HIDDEN: &str = "(hidden)";

/// A text that is shown to nobody.
///
/// ```
/// use titan_core::Secret;
/// let password = Secret::from("correct horse");
/// assert_eq!(format!("{password:?}"), "(hidden)");
/// assert_eq!(password.reveal(), "correct horse");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What may be shown of an address: all but its password. What is no address is not shown at all.
    pub fn address(&self) -> String {
        let (place, settings) = match self.0.split_once("://") {
            // Only letters make a scheme: a password in a setting may hold a `://` too.
            Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                (format!("{scheme}://"), without_password(rest))
            }
            _ if self.0.contains(['@', '=']) => (String::new(), without_password(&self.0)),
            _ => return HIDDEN.to_owned(),
        };
        place + &without_setting(&settings)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

/// Writes a secret as it is, where it must travel: for `#[serde(serialize_with)]`.
pub fn revealed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal())
}

/// The same, where there may be none.
pub fn revealed_if_given<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::reveal).serialize(serializer)
}

/// The same for several.
pub fn all_revealed<S: Serializer>(secrets: &[Secret], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(Secret::reveal))
}

/// Writes a setting that is an address, without its password: for `#[serde(serialize_with)]`.
pub fn shown_as_address<S: Serializer>(address: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    address.as_ref().map(Secret::address).serialize(serializer)
}

/// Takes the password out of `USER:PASSWORD@HOST`. The last `@` ends it: rather too much is hidden than too little.
fn without_password(rest: &str) -> String {
    match rest.rsplit_once('@').map(|(who, place)| (who.split_once(':'), place)) {
        Some((Some((user, _)), place)) => format!("{user}:***@{place}"),
        _ => rest.to_owned(),
    }
}

/// Takes it out of `password=…`: up to the next setting of a URL, or to the end.
fn without_setting(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find("password").filter(|_| lower.len() == text.len()) else { return text.to_owned() };
    let kept = &text[..at];
    let after = text[at..].split_once('&').map(|(_, after)| format!("&{}", without_setting(after))).unwrap_or_default();
    format!("{kept}password=***{after}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_shown_to_nobody() {
        for text in ["s3cret", "smtps://me:s3cret@mail.example.org", ""] {
            let secret = Secret::from(text);
            assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "(hidden) Some((hidden))");
            assert_eq!(serde_json::to_string(&secret).unwrap(), r#""(hidden)""#);
            assert_eq!(serde_json::from_value::<Secret>(text.into()).unwrap().reveal(), text);
        }
    }

    #[test]
    fn of_an_address_all_but_the_password_is_shown() {
        for (url, shown) in [
            ("postgres://titan:secret@db.example/titan", "postgres://titan:***@db.example/titan"),
            ("postgres://titan@db/titan?sslmode=require", "postgres://titan@db/titan?sslmode=require"),
            ("postgres://db/titan?password=secret&user=titan", "postgres://db/titan?password=***&user=titan"),
            ("host=db user=titan password='se cret'", "host=db user=titan password=***"),
            ("nonsense:secret@db", "nonsense:***@db"),
            ("host=db password==://secret", "host=db password=***"),
            ("postgres://titan:s@e/c:ret@db/titan", "postgres://titan:***@db/titan"),
            ("smtps://me:s3cret@mail.example.org:465", "smtps://me:***@mail.example.org:465"),
            ("s3cret", "(hidden)"),
        ] {
            assert_eq!(Secret::from(url).address(), shown);
        }
    }

    proptest! {
        #[test]
        fn no_password_is_shown(secret in "[A-Z@:/?=%]{4,20}Z") {
            for url in [
                format!("postgres://u:{secret}@h/d"),
                format!("host=h password={secret}"),
                format!("postgres://h/d?password={secret}"),
            ] {
                let shown = Secret::from(url).address();
                prop_assert!(!shown.contains(&secret), "{shown}");
            }
        }
    }
}
