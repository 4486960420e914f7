//! A real server in the test's process, on a port and folder of its own, that can be stopped and started again.

use std::net::SocketAddr;

use titan_server::{
    Server,
    config::{Address, Config, Tls},
};
use tokio::runtime::Runtime;

use super::{Person, Wire};

pub struct House {
    runtime: Runtime,
    server: Option<Server>,
    folder: tempfile::TempDir,
    config: Config,
}

impl House {
    pub fn open() -> Self {
        Self::open_by(Tls::Off)
    }

    /// A house whose doors speak TLS.
    pub fn open_by(tls: Tls) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::local(folder.path());
        config.limits = false;
        config.tls = tls;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(config.clone())).unwrap();
        config.http = Address::At(server.address("http").unwrap().to_string());
        config.titan_net = Address::Off;
        Self { runtime, server: Some(server), folder, config }
    }

    pub fn address(&self) -> SocketAddr {
        self.config.http.socket().unwrap().unwrap()
    }

    pub fn url(&self) -> String {
        let scheme = if self.config.tls == Tls::Off { "http" } else { "https" };
        format!("{scheme}://{}", self.address())
    }

    pub fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.close());
        }
    }

    /// Opens it again, on the same port and folder.
    pub fn start(&mut self) {
        self.server = Some(self.runtime.block_on(Server::start(self.config.clone())).unwrap());
    }

    /// Opens it again in the same place, with other certificates.
    pub fn start_by(&mut self, tls: Tls) {
        self.config.tls = tls;
        self.start();
    }

    /// The fingerprint of the certificate that it made itself.
    pub fn fingerprint(&self) -> String {
        let pem = std::fs::read(self.folder.path().join("tls/cert.pem")).unwrap();
        super::fingerprint(&pem)
    }

    /// A wire to this house.
    pub fn wire(&self) -> Wire {
        Wire::lay(self.runtime.handle(), self.address())
    }

    /// Somebody with a machine of their own, not registered yet.
    pub fn stranger(&self, name: &str) -> Person {
        Person::new(name, &self.url())
    }

    /// Somebody registered and logged in.
    pub fn person(&self, name: &str) -> Person {
        let person = self.stranger(name);
        person.registers(&[]);
        person
    }

    pub fn admin(&self, name: &str) -> Person {
        let person = self.stranger(name);
        person.registers(&["--admin-key", &self.admin_key()]);
        person
    }

    pub fn admin_key(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("admin_key.txt")).unwrap().trim().to_owned()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop();
    }
}
