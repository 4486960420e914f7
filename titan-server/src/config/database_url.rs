//! The address of a PostgreSQL database. It may hold a password, which is shown to nobody: not in logs, not in errors, not
//! where settings are printed.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// As libpq takes it: `postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=…`, or `host=… dbname=…`. Whether it is one is found
/// out when it is used, so that nobody quotes it in a complaint.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// With the password.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, settings) = match self.0.split_once("://") {
            // Only letters make a scheme: a password in a setting may hold a `://` too.
            Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                (format!("{scheme}://"), without_password(rest))
            }
            _ => (String::new(), without_password(&self.0)),
        };
        f.write_str(&place)?;
        f.write_str(&without_setting(&settings))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
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
    fn the_password_is_not_shown() {
        for (url, shown) in [
            ("postgres://titan:secret@db.example/titan", "postgres://titan:***@db.example/titan"),
            ("postgres://titan@db/titan?sslmode=require", "postgres://titan@db/titan?sslmode=require"),
            ("postgres://db/titan?password=secret&user=titan", "postgres://db/titan?password=***&user=titan"),
            ("host=db user=titan password='se cret'", "host=db user=titan password=***"),
            ("nonsense:secret@db", "nonsense:***@db"),
            ("host=db password==://secret", "host=db password=***"),
            ("postgres://titan:s@e/c:ret@db/titan", "postgres://titan:***@db/titan"),
        ] {
            let Ok(url) = url.parse::<DatabaseUrl>();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
            assert_eq!(toml::Value::try_from(&url).unwrap().as_str(), Some(shown));
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
                let Ok(url) = url.parse::<DatabaseUrl>();
                prop_assert!(!url.to_string().contains(&secret), "{url}");
            }
        }
    }
}
