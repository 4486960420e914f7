//! Whom to believe that they are the server. One TLS configuration, for the socket and for transfers alike.

use std::{
    error::Error as StdError,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
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

use super::{Error, Trust, options::Origin};
use crate::BlobId;

/// The configuration for one server. Without TLS it is never used, and nothing is read from the system for it.
pub(super) fn config(origin: &Origin, trust: &Trust) -> Result<Arc<ClientConfig>, Error> {
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()));
    let unusable = |error: rustls::Error| Error::Tls(format!("TLS can't be set up here: {error}"), Some(error.into()));
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    if !origin.tls {
        return Ok(Arc::new(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()));
    }
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::System => Arc::new(Verifier::new(provider).map_err(unusable)?),
        Trust::PinOnFirstUse(path) => Arc::new(Pinned {
            // A machine without any root certificates can still pin.
            system: Verifier::new(provider.clone()).ok(),
            pin: Pin::File { path: path.clone(), server: origin.host_and_port(), writing: Mutex::new(()) },
            provider,
        }),
        Trust::Fingerprint(fingerprint) => Arc::new(Pinned { system: None, pin: Pin::Known(*fingerprint), provider }),
    };
    Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

/// The refusal of a certificate somewhere among an error's causes.
pub(super) fn refusal(error: &(dyn StdError + 'static)) -> Option<Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(Error::Tls(say(tls), Some(tls.clone().into())));
        }
        // io::Error shows what it wraps only here, not among its sources.
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn say(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(other))) => other.to_string(),
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "nobody this machine trusts vouches for the server's certificate: if it is self-signed, pin it".to_owned()
        }
        other => format!("the server could not prove who it is: {other}"),
    }
}

/// Why a pinned server was refused.
#[derive(Debug)]
enum Refused {
    Changed { server: String, pinned: BlobId, shown: BlobId, path: PathBuf },
    Unexpected { expected: BlobId, shown: BlobId },
    Unwritable { path: PathBuf, error: io::Error },
}

impl StdError for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { server, pinned, shown, path } => write!(
                f,
                "THE CERTIFICATE OF {server} HAS CHANGED. Pinned is sha256 {pinned}, it now shows sha256 {shown}. Somebody may \
                 be listening in. If the server's owner says that the new one is right, remove the line of {server} from {}",
                path.display()
            ),
            Self::Unexpected { expected, shown } => {
                write!(f, "the server's certificate is sha256 {shown}, expected is sha256 {expected}")
            }
            Self::Unwritable { path, error } => {
                write!(f, "the server's certificate can't be pinned in {}: {error}", path.display())
            }
        }
    }
}

/// Believes what the system believes, and one certificate besides.
#[derive(Debug)]
struct Pinned {
    system: Option<Verifier>,
    pin: Pin,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Pin {
    Known(BlobId),
    File { path: PathBuf, server: String, writing: Mutex<()> },
}

impl Pin {
    fn check(&self, shown: BlobId) -> Result<(), Refused> {
        match self {
            Self::Known(expected) if *expected == shown => Ok(()),
            Self::Known(expected) => Err(Refused::Unexpected { expected: *expected, shown }),
            Self::File { path, server, writing } => {
                let _alone = writing.lock().unwrap_or_else(PoisonError::into_inner);
                let unwritable = |error| Refused::Unwritable { path: path.clone(), error };
                match pinned(path, server).map_err(unwritable)? {
                    Some(pinned) if pinned == shown => Ok(()),
                    Some(pinned) => Err(Refused::Changed { server: server.clone(), pinned, shown, path: path.clone() }),
                    None => add_pin(path, server, shown).map_err(unwritable),
                }
            }
        }
    }
}

fn pinned(path: &Path, server: &str) -> io::Result<Option<BlobId>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    Ok(lines.find(|(name, _)| *name == server).and_then(|(_, fingerprint)| fingerprint.trim().parse().ok()))
}

fn add_pin(path: &Path, server: &str, fingerprint: BlobId) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(format!("{server} {fingerprint}\n").as_bytes())?;
    file.sync_all()
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(system) = &self.system
            && let Ok(verified) = system.verify_server_cert(certificate, chain, name, ocsp, now)
        {
            return Ok(verified);
        }
        let shown = BlobId(Sha256::digest(certificate).into());
        match self.pin.check(shown) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(refused) => Err(CertificateError::Other(OtherError(Arc::new(refused))).into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_certificate_is_pinned_and_another_one_is_refused_naming_both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/known_servers");
        let pin = |server: &str| Pin::File { path: path.clone(), server: server.to_owned(), writing: Mutex::new(()) };
        let (first, other) = (BlobId([1; 32]), BlobId([2; 32]));
        pin("example.org:443").check(first).unwrap();
        pin("example.org:444").check(other).unwrap();
        pin("example.org:443").check(first).unwrap();
        let message = pin("example.org:443").check(other).unwrap_err().to_string();
        assert!(message.contains(&first.to_string()) && message.contains(&other.to_string()), "{message}");
        assert!(Pin::Known(first).check(other).is_err());
    }
}
