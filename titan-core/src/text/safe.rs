//! Text of others as it travels: what was written, to the code point, beside what may be shown of it.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize, Serializer};

use super::shown::{is_line_break, shown};

/// A text of somebody's that is safe to show. As a `str` and by `Display` it is the form to be [`shown`]; what was
/// [`written`](Self::written) is asked for by name, and is what goes over the wire.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeText {
    written: String,
    /// Where it is another.
    shown: Option<Box<str>>,
}

impl SafeText {
    /// A text that may hold several lines.
    pub fn new(text: &str) -> Self {
        Self::from(text.to_owned())
    }

    /// A text whose lines are joined by spaces: for names, titles, one-line notes.
    pub fn line(text: &str) -> Self {
        Self::from(text.replace("\r\n", " ").replace(|c: char| c == '\t' || is_line_break(c), " "))
    }

    /// What was written, for who keeps it, counts it, compares it or hands it on; not for a terminal.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// What was written, without a copy.
    pub fn into_written(self) -> String {
        self.written
    }

    /// What may be shown, as everywhere where a `str` is asked for.
    pub fn as_str(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.written)
    }

    /// What may be shown, where a door hands out nothing else.
    pub fn serialize_shown<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl Deref for SafeText {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        self
    }
}

impl From<&str> for SafeText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for SafeText {
    fn from(written: String) -> Self {
        let shown = match shown(&written) {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(shown) => Some(shown.into_boxed_str()),
        };
        Self { written, shown }
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl Serialize for SafeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

impl<'de> Deserialize<'de> for SafeText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
