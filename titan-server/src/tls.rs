//! Certificates for the doors that speak TLS.

use std::path::Path;

use tokio_rustls::TlsAcceptor;

use crate::config::Tls;

/// What accepts TLS connections; none where doors are plain.
pub fn acceptor(tls: &Tls, _data_dir: &Path) -> anyhow::Result<Option<TlsAcceptor>> {
    match tls {
        Tls::Off => Ok(None),
        Tls::SelfSigned | Tls::Files { .. } => anyhow::bail!("TLS is being built"),
    }
}
