//! TLS to the database, by rustls: who is believed to be the server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
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
    let verifier: Arc<dyn ServerCertVerifier> = match believed {
        Believed::Anybody => Arc::new(Lenient { strict: None, provider: provider.clone() }),
        Believed::Vouched { root, name } => {
            let strict = match root {
                Some(root) => vouched_by(&root, provider.clone())?,
                None => Arc::new(Verifier::new(provider.clone()).map_err(|error| unusable(&error))?),
            };
            if name { strict } else { Arc::new(Lenient { strict: Some(strict), provider: provider.clone() }) }
        }
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn vouched_by(root: &Path, provider: Arc<CryptoProvider>) -> StoreResult<Arc<dyn ServerCertVerifier>> {
    let unfit = |why: String| StoreError::Broken(format!("sslrootcert {}: {why}", root.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(root).map_err(|error| unfit(error.to_string()))? {
        let certificate = certificate.map_err(|error| unfit(error.to_string()))?;
        roots.add(certificate).map_err(|error| unfit(error.to_string()))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider).build();
    Ok(verifier.map_err(|error| unfit(error.to_string()))?)
}

/// Believes more than the strict one: any name, or anybody at all. That the server holds the key of the certificate it
/// shows is checked in any case.
#[derive(Debug)]
struct Lenient {
    strict: Option<Arc<dyn ServerCertVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(strict) = &self.strict else { return Ok(ServerCertVerified::assertion()) };
        match strict.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
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
