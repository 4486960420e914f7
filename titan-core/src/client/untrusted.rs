//! Why a server is not believed, in data for programs and in words for people. Nothing here looks at a certificate; `trust` does.

use std::fmt;

use crate::{Fingerprint, SafeText, Time};

/// A server that is not believed. Nothing was sent to it: no token, no password, no name.
///
/// Who asks a person shows them [`Untrusted::fingerprint`] and [`Untrusted::flaw`], and with their consent has
/// [`KnownServers::believe`](super::KnownServers::believe) remember it; then the same call goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Untrusted {
    /// `host:port`, as it was given.
    pub server: String,
    /// What speaks against it.
    pub flaw: Flaw,
    /// The certificate that it showed; none where nothing is encrypted.
    pub fingerprint: Option<Fingerprint>,
    /// How it was known until now; none at a first contact.
    pub known: Option<Known>,
}

/// What speaks against a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// Nothing is encrypted, and the server is not this very machine.
    Plaintext,
    /// Nobody but itself vouches for its certificate.
    SelfSigned,
    /// Its certificate is from an authority that this machine doesn't know.
    UnknownAuthority,
    /// Its certificate is for others.
    OtherName(Vec<SafeText>),
    /// Its certificate is no longer good; since when, where that is told.
    Expired(Option<Time>),
    /// Its certificate is not good yet; until when, where that is told.
    NotYetValid(Option<Time>),
    /// It shows another certificate than the one of this fingerprint, which was asked for.
    OtherThanTold(Fingerprint),
    /// Anything else, in the words of whoever found it.
    Unsound(SafeText),
}

/// How a server is known: what it has to show again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Known {
    /// An authority that this machine trusts vouched for it, for its name and for the time.
    ByAuthority,
    /// A person, or a script, trusted this certificate.
    ByFingerprint(Fingerprint),
    /// A person, or a script, took it that nothing is encrypted.
    Plaintext,
}

impl Untrusted {
    /// A first contact with a server that has this flaw.
    pub fn new(server: impl Into<String>, flaw: Flaw) -> Self {
        Self { server: server.into(), flaw, fingerprint: None, known: None }
    }

    /// The same, with the certificate that it showed.
    pub fn showing(mut self, fingerprint: Fingerprint) -> Self {
        self.fingerprint = Some(fingerprint);
        self
    }

    /// The same, of a server that was known until now.
    pub fn known_until_now(mut self, known: Option<Known>) -> Self {
        self.known = known;
        self
    }

    /// Whether a person may be asked to decide: at a first contact, where nobody vouches for anything. Who was known and shows
    /// something else, and who shows what was made for others or for another time, is refused instead.
    pub fn may_be_asked_about(&self) -> bool {
        let nobody_vouches = matches!(self.flaw, Flaw::Plaintext | Flaw::SelfSigned | Flaw::UnknownAuthority);
        self.known.is_none() && nobody_vouches
    }
}

impl std::error::Error for Untrusted {}

/// As sentences, without what to do about it, which differs from program to program.
impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, flaw, .. } = self;
        match (flaw, self.known) {
            (Flaw::Plaintext, None) => write!(f, "nothing on the way to {server} is encrypted, passwords neither"),
            (Flaw::Plaintext, Some(_)) => {
                write!(f, "nothing on the way to {server} is encrypted any more. Somebody may be listening in")
            }
            (Flaw::OtherThanTold(told), _) => {
                write!(f, "{server} does not show the certificate that was asked for, {told}")
            }
            (_, Some(Known::ByFingerprint(pinned))) => {
                write!(f, "THE CERTIFICATE OF {server} HAS CHANGED. Somebody may be listening in. ")?;
                write!(f, "Until now its fingerprint was {pinned}")
            }
            (_, Some(_)) => {
                write!(f, "an authority vouched for {server} until now, and none does any more: {flaw}. ")?;
                f.write_str("Somebody may be listening in")
            }
            (_, None) => write!(f, "nobody vouches for {server}: {flaw}"),
        }?;
        match self.fingerprint {
            Some(shown) => write!(f, ". The fingerprint that it shows is {shown}. Nothing was sent to it"),
            None => f.write_str(". Nothing was sent to it"),
        }
    }
}

/// As a part of a sentence.
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plaintext => f.write_str("nothing is encrypted"),
            Self::SelfSigned => f.write_str("its certificate is self-signed"),
            Self::UnknownAuthority => {
                f.write_str("its certificate is from an authority that this machine doesn't know")
            }
            Self::OtherName(names) if names.is_empty() => f.write_str("its certificate is for no name at all"),
            Self::OtherName(names) => {
                let names: Vec<&str> = names.iter().map(SafeText::as_str).collect();
                write!(f, "its certificate is for another name ({})", names.join(", "))
            }
            Self::Expired(None) => f.write_str("its certificate has expired"),
            Self::Expired(Some(since)) => write!(f, "its certificate expired on {}", Day(*since)),
            Self::NotYetValid(None) => f.write_str("its certificate is not valid yet"),
            Self::NotYetValid(Some(until)) => write!(f, "its certificate is not valid before {}", Day(*until)),
            Self::OtherThanTold(told) => write!(f, "its certificate is not the one of the fingerprint {told}"),
            Self::Unsound(why) => write!(f, "its certificate is unsound ({why})"),
        }
    }
}

/// A date, in UTC.
struct Day(Time);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0.0) {
            Ok(at) => write!(f, "{}", at.strftime("%Y-%m-%d")),
            Err(_) => f.write_str("another day"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_first_contact_that_nobody_vouches_for_is_a_persons_to_decide() {
        let at_first = |flaw| Untrusted::new("h:1", flaw).showing(Fingerprint([1; 32]));
        for flaw in [Flaw::Plaintext, Flaw::SelfSigned, Flaw::UnknownAuthority] {
            assert!(at_first(flaw.clone()).may_be_asked_about(), "{flaw}");
            for known in [Known::ByAuthority, Known::ByFingerprint(Fingerprint([2; 32]))] {
                assert!(!at_first(flaw.clone()).known_until_now(Some(known)).may_be_asked_about(), "{flaw}");
            }
        }
        let others = [
            Flaw::OtherName(vec![]),
            Flaw::Expired(None),
            Flaw::NotYetValid(None),
            Flaw::OtherThanTold(Fingerprint([3; 32])),
            Flaw::Unsound(SafeText::line("odd")),
        ];
        for flaw in others {
            assert!(!at_first(flaw.clone()).may_be_asked_about(), "{flaw}");
        }
    }

    #[test]
    fn each_flaw_is_told_in_words_of_its_own() {
        let said = |flaw: Flaw| flaw.to_string();
        assert!(said(Flaw::OtherName(vec!["a.example".into(), "b.example".into()])).contains("a.example, b.example"));
        assert!(said(Flaw::Expired(Some(Time(1_795_183_200_000)))).contains("expired on 2026-11-20"));
        assert!(said(Flaw::NotYetValid(Some(Time(0)))).contains("before 1970-01-01"));
        let changed = Untrusted::new("h:1", Flaw::SelfSigned).showing(Fingerprint([2; 32]));
        let changed = changed.known_until_now(Some(Known::ByFingerprint(Fingerprint([1; 32])))).to_string();
        assert!(changed.contains("HAS CHANGED") && changed.contains(&"01".repeat(32)), "{changed}");
        assert!(changed.contains(&"02".repeat(32)) && changed.ends_with("Nothing was sent to it"), "{changed}");
    }
}
