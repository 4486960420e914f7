//! Certificates for the doors that speak TLS: from files, or made here and kept in `<data>/tls`.
//!
//! Files that are replaced while the server runs (renewed by an ACME client, say) are taken up within a minute, or at once
//! when the server is told to (SIGHUP), for new connections; files that can't be read leave the old certificate in use. A certificate made here is known to clients by
//! its fingerprint: the SHA-256 of the certificate, which the server prints when it starts.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use sha2::{Digest, Sha256};
use titan_core::Fingerprint;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use webpki::EndEntityCert;

use crate::config::Tls;
use crate::data_dir::{create_private, write_secret};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// What HTTP ports offer.
pub const HTTP: &[&[u8]] = &[b"h2", b"http/1.1"];

/// The certificate in use. Clones share it.
#[derive(Clone, Debug)]
pub struct Certificates(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    cert: PathBuf,
    key: PathBuf,
    current: RwLock<Current>,
    /// Whether somebody else vouches for the one in use.
    vouched: Arc<AtomicBool>,
}

#[derive(Clone, Debug)]
struct Current {
    certified: Arc<CertifiedKey>,
    changed: [SystemTime; 2],
}

impl Certificates {
    /// Reads the certificate, made before where it is to be a self-signed one; none where doors are plain.
    pub fn open(tls: &Tls, data_dir: &Path) -> anyhow::Result<Option<Self>> {
        let (cert, key) = match tls {
            Tls::Off => return Ok(None),
            Tls::Files { cert, key } => (cert.clone(), key.clone()),
            Tls::SelfSigned => self_signed(&data_dir.join("tls")).context("making a certificate")?,
        };
        let current = Current::read(&cert, &key)?;
        let vouched = Arc::new(AtomicBool::new(current.is_vouched()));
        Ok(Some(Self(Arc::new(Kept { cert, key, current: RwLock::new(current), vouched }))))
    }

    /// The SHA-256 of the certificate, by which clients know it.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        let current = self.0.current();
        current.certified.cert.first().map(|leaf| Fingerprint(Sha256::digest(leaf).into()))
    }

    /// Says it to who runs the house, as clients show it, where people have nothing else to know the house by.
    pub fn tell(&self) {
        let vouched = self.0.vouched.load(Ordering::Relaxed);
        if let Some(fingerprint) = self.fingerprint().filter(|_| !vouched) {
            tracing::info!("TLS certificate SHA-256: {fingerprint:#}");
        }
    }

    /// Whether somebody else vouches for the certificate in use: an authority has signed it, and not itself. It goes with the certificate.
    pub fn vouched(&self) -> Arc<AtomicBool> {
        self.0.vouched.clone()
    }

    /// What accepts connections: TLS 1.3, with `allow_older` 1.2 too. `protocols` are offered by ALPN.
    pub fn acceptor(&self, protocols: &[&[u8]], allow_older: bool) -> anyhow::Result<TlsAcceptor> {
        let versions: &[_] = if allow_older { &[&version::TLS13, &version::TLS12] } else { &[&version::TLS13] };
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions)?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(self.0.clone());
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Takes up files that changed; whether they had. What can't be read leaves everything as it is.
    pub fn look_again(&self) -> anyhow::Result<bool> {
        let kept = &self.0;
        if changed(&kept.cert, &kept.key)? == kept.current().changed {
            return Ok(false);
        }
        kept.replace(Current::read(&kept.cert, &kept.key)?);
        Ok(true)
    }

    /// Reads the files anew, also such as bear the time of those before: they were put there by a copy that keeps it.
    fn read_anew(&self) -> anyhow::Result<bool> {
        let before = self.fingerprint();
        self.0.replace(Current::read(&self.0.cert, &self.0.key)?);
        Ok(self.fingerprint() != before)
    }

    /// Looks at the files now and then, until the house closes.
    pub async fn watch(self, closing: CancellationToken) {
        while closing.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            self.take_up(Self::look_again).await;
        }
    }

    /// Takes up what is in the files now, as whoever runs the server asks for.
    pub async fn reload(&self) {
        self.take_up(Self::read_anew).await;
    }

    async fn take_up(&self, look: fn(&Self) -> anyhow::Result<bool>) {
        let certificates = self.clone();
        match crate::blobs::off_thread(move || look(&certificates)).await {
            Ok(Ok(true)) => {
                tracing::info!("a new certificate is in use");
                self.tell();
            }
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::warn!("the new certificate can't be used, the old one stays: {error:#}"),
            Err(error) => tracing::warn!(%error, "the certificate could not be looked at"),
        }
    }
}

impl Kept {
    fn current(&self) -> Current {
        self.current.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    fn replace(&self, fresh: Current) {
        self.vouched.store(fresh.is_vouched(), Ordering::Relaxed);
        *self.current.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = fresh;
    }
}

impl ResolvesServerCert for Kept {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current().certified)
    }
}

impl Current {
    fn read(cert: &Path, key: &Path) -> anyhow::Result<Self> {
        let changed = changed(cert, key)?;
        let read = || format!("reading {}", cert.display());
        let chain = CertificateDer::pem_file_iter(cert)
            .with_context(read)?
            .collect::<Result<Vec<_>, _>>()
            .with_context(read)?;
        let private = PrivateKeyDer::from_pem_file(key).with_context(|| format!("reading {}", key.display()))?;
        let certified = CertifiedKey::from_der(chain, private, &ring::default_provider())
            .with_context(|| format!("{} and {} don't go together", cert.display(), key.display()))?;
        Ok(Self { certified: Arc::new(certified), changed })
    }

    /// What can't be read as a certificate is vouched for by nobody.
    fn is_vouched(&self) -> bool {
        let leaf = self.certified.cert.first().and_then(|leaf| EndEntityCert::try_from(leaf).ok());
        leaf.is_some_and(|leaf| leaf.issuer() != leaf.subject())
    }
}

fn changed(cert: &Path, key: &Path) -> anyhow::Result<[SystemTime; 2]> {
    let at = |path: &Path| {
        let known = std::fs::metadata(path).and_then(|known| known.modified());
        known.with_context(|| format!("reading {}", path.display()))
    };
    Ok([at(cert)?, at(key)?])
}

/// The certificate in this folder, made where there is none. The key is written first: a certificate stands for both.
fn self_signed(dir: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    create_private(dir)?;
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    if !cert.exists() {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names.to_vec())?;
        write_secret(&key, made.signing_key.serialize_pem().as_bytes())?;
        write_secret(&cert, made.cert.pem().as_bytes())?;
    }
    Ok((cert, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_made_here_is_kept_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Certificates::open(&Tls::SelfSigned, folder.path()).unwrap().unwrap();
        let fingerprint = open().fingerprint().unwrap();
        assert_eq!(open().fingerprint().unwrap(), fingerprint);
        open().acceptor(HTTP, false).unwrap();
        #[cfg(unix)]
        for name in ["cert.pem", "key.pem"] {
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &std::fs::metadata(folder.path().join("tls").join(name)).unwrap().permissions(),
            );
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn new_files_are_taken_up_and_broken_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let certificates = Certificates::open(&Tls::SelfSigned, folder.path()).unwrap().unwrap();
        let first = certificates.fingerprint().unwrap();
        assert!(!certificates.look_again().unwrap());
        let cert = folder.path().join("tls/cert.pem");
        let later = |path: &Path, seconds| {
            let time = SystemTime::now() + Duration::from_secs(seconds);
            std::fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        };
        std::fs::write(&cert, "no certificate").unwrap();
        later(&cert, 10);
        assert!(certificates.look_again().is_err());
        assert_eq!(certificates.fingerprint().unwrap(), first);
        std::fs::remove_file(&cert).unwrap();
        self_signed(&folder.path().join("tls")).unwrap();
        later(&cert, 20);
        assert!(certificates.look_again().unwrap());
        assert_ne!(certificates.fingerprint().unwrap(), first);
    }
}
