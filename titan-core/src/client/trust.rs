//! Whom to believe that they are the server. One TLS configuration, for the socket and for transfers alike; without TLS, whether
//! that is wanted.

use std::{
    error::Error as StdError,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;
use sha2::{Digest, Sha256};

use super::{
    Error, Options, Trust,
    known::KnownServers,
    untrusted::{Flaw, Known, Untrusted},
};
use crate::{Fingerprint, SafeText, Time};

/// The configuration for the server of these options. Without TLS it is never used, and nothing is read from the system for it;
/// [`Error::Untrusted`] then, unless plaintext is wanted.
pub(super) fn config(options: &Options) -> Result<Arc<ClientConfig>, Error> {
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()));
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    if !options.origin.tls {
        may_be_plain(options)?;
        return Ok(Arc::new(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()));
    }
    let server = options.address();
    // A machine that knows no authority can still know fingerprints.
    let system = Verifier::new(provider.clone()).ok();
    let judge = Judge { system, trust: options.trust.clone(), server, proving: Mutex::default(), provider };
    Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(Arc::new(judge)).with_no_client_auth()))
}

fn unusable(error: rustls::Error) -> Error {
    Error::Tls(format!("TLS can't be set up here: {error}"), Some(error.into()))
}

/// Whether nothing needs to be encrypted: on this very machine, or because it was said so. A server that was encrypted until now
/// isn't plain all at once, whoever says so.
fn may_be_plain(options: &Options) -> Result<(), Error> {
    if !options.is_exposed() {
        return Ok(());
    }
    let server = options.address();
    let known = match &options.trust {
        Trust::Known(servers) => servers.of(&server)?,
        _ => None,
    };
    match (known, &options.trust) {
        (Some(Known::Plaintext), _) => Ok(()),
        (None, Trust::Known(servers)) if options.plaintext => servers.keep(&server, Known::Plaintext),
        (None, _) if options.plaintext => Ok(()),
        _ => Err(Error::Untrusted(Box::new(Untrusted::new(server, Flaw::Plaintext).known_until_now(known)))),
    }
}

/// The refusal of a certificate somewhere among an error's causes.
pub(super) fn refusal(error: &(dyn StdError + 'static)) -> Option<Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(refused(tls));
        }
        // io::Error shows what it wraps only here, not among its sources.
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn refused(error: &rustls::Error) -> Error {
    let own = match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(other))) => Some(other),
        _ => None,
    };
    if let Some(untrusted) = own.and_then(|other| other.downcast_ref::<Untrusted>()) {
        return Error::Untrusted(Box::new(untrusted.clone()));
    }
    let why = match (own, error) {
        (Some(other), _) => other.to_string(),
        (None, rustls::Error::InvalidMessage(_)) => {
            "the server doesn't speak TLS: if nothing is to be encrypted, begin its address with http://".to_owned()
        }
        (None, other) => format!("the server could not prove who it is: {other}"),
    };
    Error::Tls(why, Some(error.clone().into()))
}

/// Holds what a server shows against what is known of it.
#[derive(Debug)]
struct Judge {
    system: Option<Verifier>,
    trust: Trust,
    /// `host:port`.
    server: String,
    /// What is to be remembered of the certificate that was believed last, once who shows it has proved to hold its key.
    proving: Mutex<Option<(Fingerprint, Known)>>,
    provider: Arc<CryptoProvider>,
}

/// What is known of servers can't be read.
#[derive(Debug)]
struct Unknowable(Error);

impl StdError for Unknowable {}

impl fmt::Display for Unknowable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Unknowable> for rustls::Error {
    fn from(unknowable: Unknowable) -> Self {
        CertificateError::Other(OtherError(Arc::new(unknowable))).into()
    }
}

impl Judge {
    /// What is to be remembered of a server that shows this; an error if it is not believed. `vouched`: by an authority that this
    /// machine trusts, for this name and time; or what speaks against that.
    fn judge(&self, shown: Fingerprint, vouched: Result<(), Flaw>) -> Result<Option<Known>, rustls::Error> {
        let untrusted = |flaw, known| -> rustls::Error {
            let untrusted = Untrusted::new(self.server.clone(), flaw).showing(shown).known_until_now(known);
            CertificateError::Other(OtherError(Arc::new(untrusted))).into()
        };
        let servers = match &self.trust {
            Trust::System => return vouched.map(|()| None).map_err(|flaw| untrusted(flaw, None)),
            Trust::Fingerprint(told) if *told == shown => return Ok(None),
            Trust::Fingerprint(told) => return Err(untrusted(Flaw::OtherThanTold(*told), None)),
            Trust::Known(servers) => servers,
        };
        if let Some(told) = servers.expected().filter(|told| *told != shown) {
            return Err(untrusted(Flaw::OtherThanTold(told), None));
        }
        match (vouched, servers.expected()) {
            (Ok(()), _) => Ok(Some(Known::ByAuthority)),
            (Err(_), Some(_)) => Ok(Some(Known::ByFingerprint(shown))),
            (Err(flaw), None) => match self.known(servers)? {
                Some(Known::ByFingerprint(pinned)) if pinned == shown => Ok(None),
                known => Err(untrusted(flaw, known)),
            },
        }
    }

    /// How the server was known where it was encrypted.
    fn known(&self, servers: &KnownServers) -> Result<Option<Known>, Unknowable> {
        Ok(servers.of(&self.server).map_err(Unknowable)?.filter(|known| *known != Known::Plaintext))
    }

    /// Remembers what is to be of this certificate. That this fails keeps nobody out: who shows another one will be asked about.
    fn proved(&self, certificate: &CertificateDer<'_>) {
        let shown = fingerprint(certificate);
        let proving = self.proving.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some((of, known)), Trust::Known(servers)) = (proving, &self.trust)
            && of == shown
            && !servers.of(&self.server).is_ok_and(|before| before == Some(known))
        {
            let _ = servers.keep(&self.server, known);
        }
    }
}

fn fingerprint(certificate: &CertificateDer<'_>) -> Fingerprint {
    Fingerprint(Sha256::digest(certificate).into())
}

/// What speaks against a certificate that the system does not believe.
fn flaw(error: &rustls::Error, certificate: &CertificateDer<'_>) -> Flaw {
    use CertificateError as E;
    let time = |time: &UnixTime| Some(Time(i64::try_from(time.as_secs()).unwrap_or_default().saturating_mul(1_000)));
    let rustls::Error::InvalidCertificate(error) = error else { return unsound(error) };
    match error {
        E::NotValidForName => Flaw::OtherName(Vec::new()),
        E::NotValidForNameContext { presented, .. } => Flaw::OtherName(presented.iter().map(|it| name(it)).collect()),
        // Whatever else it says of itself, only it says so.
        _ if is_self_issued(certificate) => Flaw::SelfSigned,
        // A signature that doesn't hold: from another authority, which calls itself like one that is known.
        E::UnknownIssuer | E::BadSignature => Flaw::UnknownAuthority,
        E::Expired => Flaw::Expired(None),
        E::ExpiredContext { not_after, .. } => Flaw::Expired(time(not_after)),
        E::NotValidYet => Flaw::NotYetValid(None),
        E::NotValidYetContext { not_before, .. } => Flaw::NotYetValid(time(not_before)),
        other => unsound(other),
    }
}

fn unsound(why: &impl fmt::Display) -> Flaw {
    Flaw::Unsound(SafeText::line(&why.to_string()))
}

/// A name as the library tells it, `DnsName("example.org")`, without what is around it.
fn name(told: &str) -> SafeText {
    let inner = told.rsplit('(').next().unwrap_or(told);
    SafeText::line(inner.trim_end_matches(')').trim_matches('"'))
}

/// Whether a certificate names itself as its issuer, so that its subject stands in it twice. That decides about words, not about
/// trust: either way nobody vouches for it.
fn is_self_issued(certificate: &CertificateDer<'_>) -> bool {
    let mut roots = RootCertStore::empty();
    if roots.add(certificate.clone().into_owned()).is_err() {
        return false;
    }
    let subject = roots.roots.first().map(|root| root.subject.to_vec()).unwrap_or_default();
    !subject.is_empty() && certificate.windows(subject.len()).filter(|part| *part == subject).count() > 1
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = Err(CertificateError::UnknownIssuer.into());
        let vouched =
            self.system.as_ref().map_or(unknown, |it| it.verify_server_cert(certificate, chain, name, ocsp, now));
        let shown = fingerprint(certificate);
        if let Some(known) = self.judge(shown, vouched.map(drop).map_err(|error| flaw(&error, certificate)))? {
            *self.proving.lock().unwrap_or_else(PoisonError::into_inner) = Some((shown, known));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms).inspect(|_| self.proved(certificate))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms).inspect(|_| self.proved(certificate))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
