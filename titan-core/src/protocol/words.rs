//! Enums of words that may grow: a word that this version doesn't know is read as `Unknown`, so that an old client
//! understands the rest of what a newer server says.

use super::Fault;

/// What all of them have in common.
pub trait Words: Copy + 'static {
    /// The words that this version knows, as on the wire.
    const NAMES: &'static [&'static str];

    /// The one of that name.
    fn known(name: &str) -> Option<Self>;
}

/// Declares them, each word beside its name on the wire.
macro_rules! words {
    ($($(#[$doc:meta])* $type:ident { $($(#[$word_doc:meta])* $word:ident = $name:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $type {
            /// A word of a newer version. It ranks below all others.
            Unknown,
            $($(#[$word_doc])* $word),*
        }

        impl $type {
            /// All that this version knows.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$word),*];

            /// The name on every wire and in SQL.
            pub const fn name(self) -> &'static str {
                match self {
                    Self::Unknown => "unknown",
                    $(Self::$word => $name),*
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
                Ok($crate::protocol::Words::known(&name).unwrap_or(Self::Unknown))
            }
        }

        impl $crate::protocol::Words for $type {
            const NAMES: &'static [&'static str] = &[$($name),*];

            fn known(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|word| word.name() == name)
            }
        }
    )*};
}
pub(super) use words;

/// The word of that name; a `bad_request` that lists them where there is none.
pub fn word<W: Words>(what: &str, name: &str) -> Result<W, Fault> {
    W::known(name).ok_or_else(|| Fault::bad_request(format!("Invalid {what}. Must be one of: {}", W::NAMES.join(", "))))
}
