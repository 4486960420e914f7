//! An authority of the tests' own, and the certificates that it issues, as files that a house takes.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use titan_server::config::Tls;

pub struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "An authority of these tests");
        let key = KeyPair::generate().unwrap();
        std::fs::write(folder.path().join("root.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    /// What a machine reads that trusts it.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// A certificate for a name or address, good until the beginning of a year.
    pub fn issues(&self, name: &str, until: i32) -> Tls {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        let number = std::fs::read_dir(self.folder.path()).unwrap().count();
        let file = |kind: &str, text: String| -> PathBuf {
            let path = self.folder.path().join(format!("{number}-{kind}.pem"));
            std::fs::write(&path, text).unwrap();
            path
        };
        Tls::Files { cert: file("cert", certificate), key: file("key", key.serialize_pem()) }
    }
}

/// The fingerprint of the first certificate in a file.
pub fn fingerprint(pem: &[u8]) -> String {
    super::sha256(&CertificateDer::from_pem_slice(pem).unwrap())
}
