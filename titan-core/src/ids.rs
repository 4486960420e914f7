//! Ids as types of their own, so that a room's number can't be handed where an account's is wanted.
//!
//! All numbers are positive 64-bit integers on the wire, in SQL and on the screen; JavaScript clients are safe up to 2⁵³.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

number!(
    /// A person's account. Never given twice.
    AccountId
);
number!(
    /// One login of an account.
    SessionId
);
number!(
    /// A password of an account for one program or device.
    AppPasswordId
);
number!(
    /// A room or a direct pair.
    ConversationId
);
number!(
    /// An entry of any log, unique over all conversations; the older protocols call it a message id.
    EntryId
);
number!(
    /// The place of an entry in its conversation's log: 1, 2, 3, … without a gap. 0 stands before the first.
    Seq
);
number!(
    /// A file of a conversation.
    FileId
);
number!(
    /// An app of the repository.
    AppId
);

/// The room every account is in from the start; it belongs to nobody and can't be left.
pub const GENERAL: ConversationId = ConversationId(1);

impl Seq {
    /// The place after this one.
    pub fn next(self) -> Seq {
        Seq(self.0 + 1)
    }

    /// Whether it stands before the first.
    pub fn is_start(&self) -> bool {
        self.0 == 0
    }
}

/// The number people give each other instead of a name: five digits, six once those have run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TitanNumber(pub i64);

impl fmt::Display for TitanNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Chosen by a client for each thing it sends; sending again with the same one is answered with the first result, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(pub uuid::Uuid);

impl ClientId {
    /// A fresh one, ordered by time (UUID version 7).
    #[allow(clippy::new_without_default, reason = "a default would hide that each one is another")]
    pub fn new() -> Self {
        Self(uuid::Uuid::now_v7())
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A moment: milliseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// The end of the year 9999, where something has no end: more than anyone waits for, and still a date everywhere.
    pub const FOREVER: Self = Self(253_402_300_799_000);

    /// This machine's clock, now.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond())
    }

    /// So long after this.
    #[must_use]
    pub fn after(self, time: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
    }

    /// So long before this.
    #[must_use]
    pub fn before(self, time: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// The name of some bytes: their SHA-256, 64 hexadecimal digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub [u8; 32]);

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("not a SHA-256: 64 hexadecimal digits are wanted")]
pub struct NotABlobId;

impl FromStr for BlobId {
    type Err = NotABlobId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(NotABlobId);
        }
        let mut bytes = [0u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = (pair[0] as char).to_digit(16).ok_or(NotABlobId)?;
            let low = (pair[1] as char).to_digit(16).ok_or(NotABlobId)?;
            *byte = (high * 16 + low) as u8;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for BlobId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlobId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a server's certificate is known by: the SHA-256 of its DER form. Shown as 64 hexadecimal digits, with `{:#}` in groups of
/// four, which people compare more easily; read in both forms, and as `openssl x509 -fingerprint -sha256` writes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let gap = if f.alternate() && at > 0 && at % 2 == 0 { " " } else { "" };
            write!(f, "{gap}{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A text that is no fingerprint.
#[derive(Debug, thiserror::Error)]
#[error("not a fingerprint: the SHA-256 of a certificate is wanted, 64 hexadecimal digits, as the server prints it")]
pub struct NotAFingerprint;

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value = text.rsplit_once('=').map_or(text, |(_, value)| value);
        let digits: String = value.chars().filter(|c| *c != ':' && !c.is_whitespace()).collect();
        digits.parse().map(|BlobId(bytes)| Self(bytes)).map_err(|_| NotAFingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_people_copy_it() {
        let fingerprint = Fingerprint(std::array::from_fn(|at| at as u8 + 0xa0));
        let openssl: Vec<String> = fingerprint.0.iter().map(|byte| format!("{byte:02X}")).collect();
        let openssl = format!("sha256 Fingerprint={}\n", openssl.join(":"));
        for text in [fingerprint.to_string(), format!(" {fingerprint:#} "), openssl] {
            assert_eq!(text.parse::<Fingerprint>().unwrap(), fingerprint, "{text}");
        }
        assert!(format!("{fingerprint:#}").starts_with("a0a1 a2a3 ") && format!("{fingerprint:#}").len() == 79);
        for text in ["", "yes", "a0a1", "é"] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_blob_id_survives_the_wire() {
        let id = BlobId([0xab; 32]);
        let text = serde_json::to_string(&id).unwrap();
        assert_eq!(text, format!("\"{}\"", "ab".repeat(32)));
        assert_eq!(serde_json::from_str::<BlobId>(&text).unwrap(), id);
        assert!("xyz".parse::<BlobId>().is_err());
        assert!("é".repeat(32).parse::<BlobId>().is_err());
    }
}
