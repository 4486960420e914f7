//! TLS to the database, by rustls: who is believed to be the server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::{StoreError, StoreResult};

/// Who may be the server.
pub(super) enum Believed {
    /// Whoever answers: keeps those out who only listen.
    Anybody,
    /// For whom these certificates (or the system's) vouch; with `name`, under the name that was called.
    Vouched { root: Option<PathBuf>, name: bool },
}

pub(super) fn connector(believed: Believed) -> StoreResult<MakeRustlsConnect> {
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()));
    let unusable = |error: &dyn std::fmt::Display| StoreError::Broken(format!("TLS can't be set up here: {error}"));
    let (strict, known, name) = match believed {
        Believed::Anybody => (None, Vec::new(), false),
        Believed::Vouched { root: Some(root), name } => {
            let known = certificates(&root)?;
            (Some(vouched_by(&root, &known, provider.clone())?), known, name)
        }
        Believed::Vouched { root: None, name } => {
            let system = Verifier::new(provider.clone()).map_err(|error| unusable(&error))?;
            (Some(Arc::new(system) as Arc<dyn ServerCertVerifier>), Vec::new(), name)
        }
    };
    let verifier = Arc::new(Trust { strict, known, name, provider: provider.clone() });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn certificates(root: &Path) -> StoreResult<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(root).and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>());
    read.map_err(|error| unfit(root, &error))
}

fn vouched_by(
    root: &Path,
    known: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> StoreResult<Arc<dyn ServerCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in known {
        roots.add(certificate.clone()).map_err(|error| unfit(root, &error))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider).build();
    Ok(verifier.map_err(|error| unfit(root, &error))?)
}

fn unfit(root: &Path, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Broken(format!("sslrootcert {}: {why}", root.display()))
}

/// Who is believed, as libpq has it. That the server holds the key of the certificate it shows is checked in any case.
#[derive(Debug)]
struct Trust {
    /// None: anybody.
    strict: Option<Arc<dyn ServerCertVerifier>>,
    /// Certificates that are believed as they are: a server's own, signed by nobody else.
    known: Vec<CertificateDer<'static>>,
    /// Whether the certificate must be for the name that was called.
    name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(strict) = &self.strict else { return Ok(ServerCertVerified::assertion()) };
        if self.known.iter().any(|known| known.as_ref() == end_entity.as_ref()) {
            if self.name {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match strict.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
