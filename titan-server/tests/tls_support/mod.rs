//! Clients as the original had them: TLS without a known certificate, frames of three bytes and JSON, passwords hashed here.

pub mod postbox;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion, version};
use serde_json::{Value, json};
use sha2::Sha256;
use titan_server::config::{Address, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{TestHouse, deadline};

pub const PASSWORD: &str = "secret-password";

pub const ACK: u8 = 0;
pub const ERR: u8 = 1;
pub const DIS: u8 = 2;
pub const MSG: u8 = 3;
pub const LOG: u8 = 4;
pub const SES: u8 = 5;
pub const REG: u8 = 6;
pub const LIS: u8 = 7;
pub const FRP: u8 = 8;
pub const HIS: u8 = 9;
pub const UPD: u8 = 10;
pub const CHP: u8 = 11;
pub const CHM: u8 = 12;
pub const DEL: u8 = 13;

/// A house with both doors open.
pub async fn house() -> TestHouse {
    house_with(|_| {}).await
}

pub async fn house_with(change: impl FnOnce(&mut Config)) -> TestHouse {
    TestHouse::open_with(|config| {
        config.limits = false;
        config.tls_frames = Address::local(0);
        config.reset_site = Address::local(0);
        change(config);
    })
    .await
}

/// One connection at the TLS-frames door.
pub struct Client {
    pub stream: TlsStream<TcpStream>,
    inbox: Vec<u8>,
    /// Frames that came while another was waited for.
    heard: VecDeque<(u8, Value)>,
}

pub fn frame(kind: u8, payload: &Value) -> Vec<u8> {
    raw(0x40 | kind, payload.to_string().as_bytes())
}

pub fn raw(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    [&[first][..], &length.to_be_bytes(), payload].concat()
}

/// As the original's client hashes: salt and PBKDF2 output, in hexadecimal.
pub fn hashed(password: &str, salt: &[u8]) -> String {
    let hash = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), salt, 10_000);
    salt.iter().chain(&hash).map(|byte| format!("{byte:02x}")).collect()
}

pub fn fresh(password: &str) -> String {
    hashed(password, &rand::random::<[u8; 32]>())
}

/// A stranger.
pub async fn client(house: &TestHouse) -> Client {
    Client::connect(house.address("tls-frames"), &[&version::TLS13]).await
}

/// Somebody registered and logged in.
pub async fn enter(house: &TestHouse, name: &str) -> Client {
    let mut client = client(house).await;
    assert_eq!(client.register(name, PASSWORD).await, (ACK, json!({"msg": "Created Account"})));
    client.login(name, PASSWORD).await;
    client
}

/// Somebody who has an account logged in.
pub async fn enter_again(house: &TestHouse, name: &str) -> Client {
    let mut client = client(house).await;
    client.login(name, PASSWORD).await;
    client
}

impl Client {
    pub async fn connect(address: SocketAddr, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let stream = deadline(TcpStream::connect(address)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = deadline(TlsConnector::from(Arc::new(config(versions))).connect(name, stream)).await.unwrap();
        Self { stream, inbox: Vec::new(), heard: VecDeque::new() }
    }

    pub async fn send(&mut self, kind: u8, payload: Value) {
        self.send_raw(&frame(kind, &payload)).await;
    }

    pub async fn send_raw(&mut self, bytes: &[u8]) {
        deadline(self.stream.write_all(bytes)).await.unwrap();
        deadline(self.stream.flush()).await.unwrap();
    }

    /// The next frame to arrive; none once the server has closed, which it must do well.
    pub async fn arrives(&mut self) -> Option<(u8, Value)> {
        loop {
            if let Some(length) = self.inbox.get(1..3) {
                let end = 3 + usize::from(u16::from_be_bytes([length[0], length[1]]));
                if self.inbox.len() >= end {
                    let frame: Vec<u8> = self.inbox.drain(..end).collect();
                    assert_eq!(frame[0] >> 6, 1, "the version");
                    return Some((frame[0] & 0x3f, serde_json::from_slice(&frame[3..]).unwrap()));
                }
            }
            let read = deadline(self.stream.read_buf(&mut self.inbox)).await.expect("the server broke the connection");
            if read == 0 {
                assert!(self.inbox.is_empty(), "half a frame");
                return None;
            }
        }
    }

    /// The next frame, of which none has been passed over.
    pub async fn next(&mut self) -> (u8, Value) {
        match self.heard.pop_front() {
            Some(heard) => heard,
            None => self.arrives().await.expect("the server closed"),
        }
    }

    /// The next frame of a type; others are kept.
    pub async fn hears(&mut self, kind: u8) -> Value {
        self.hears_that(kind, |_| true).await
    }

    /// The next frame of a type that the condition picks.
    pub async fn hears_that(&mut self, kind: u8, wanted: impl Fn(&Value) -> bool) -> Value {
        let is = |frame: &(u8, Value)| frame.0 == kind && wanted(&frame.1);
        if let Some(at) = self.heard.iter().position(is) {
            return self.heard.remove(at).unwrap().1;
        }
        loop {
            let frame = self.arrives().await.unwrap_or_else(|| panic!("the server closed: {:?}", self.heard));
            if is(&frame) {
                return frame.1;
            }
            self.heard.push_back(frame);
        }
    }

    /// Waits until what is shown ends with these words.
    pub async fn sees(&mut self, words: &str) -> Vec<String> {
        let ends = |shown: &Value| {
            shown["history"]
                .as_array()
                .and_then(|lines| lines.last()?.as_str())
                .is_some_and(|last| last.ends_with(words))
        };
        let shown = self.hears_that(HIS, ends).await;
        shown["history"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }

    /// The answer to a request: the next of these types.
    pub async fn ask(&mut self, kind: u8, payload: Value) -> (u8, Value) {
        self.send(kind, payload).await;
        let answer = |kind: u8| matches!(kind, ACK | ERR | LOG | SES);
        if let Some(at) = self.heard.iter().position(|(kind, _)| answer(*kind)) {
            panic!("an answer nobody asked for: {:?}", self.heard[at]);
        }
        loop {
            let frame = self.arrives().await.expect("the server closed before it answered");
            if answer(frame.0) {
                return frame;
            }
            self.heard.push_back(frame);
        }
    }

    /// What the `ERR` says that answers a request.
    pub async fn refused(&mut self, kind: u8, payload: Value) -> String {
        let (answer, said) = self.ask(kind, payload.clone()).await;
        assert_eq!(answer, ERR, "{payload} was answered {said}");
        said["msg"].as_str().unwrap().to_owned()
    }

    pub async fn register(&mut self, name: &str, password: &str) -> (u8, Value) {
        let email = format!("{name}@example.org");
        self.ask(REG, json!({"login": name, "password": fresh(password), "email": email})).await
    }

    pub async fn salt(&mut self, name: &str) -> Vec<u8> {
        let (kind, said) = self.ask(LOG, json!({"login": name, "password": "X"})).await;
        assert_eq!((kind, &said["login"]), (LOG, &json!(name)));
        let digits = said["password"].as_str().unwrap();
        assert_eq!((digits.len(), &digits[64..]), (128, "0".repeat(64).as_str()));
        (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    pub async fn tries_to_login(&mut self, name: &str, password: &str) -> (u8, Value) {
        let salt = self.salt(name).await;
        self.ask(LOG, json!({"login": name, "password": hashed(password, &salt)})).await
    }

    pub async fn login(&mut self, name: &str, password: &str) {
        let (kind, said) = self.tries_to_login(name, password).await;
        assert_eq!(kind, SES, "{name} was answered {said}");
        assert!((0..1_000).contains(&said["session"].as_i64().unwrap()));
    }

    pub async fn says(&mut self, reciever: &str, text: &str) {
        self.send(MSG, json!({"reciever": reciever, "msg": text})).await;
    }

    pub async fn shows(&mut self, reciever: &str) {
        self.send(UPD, json!({"reciever": reciever})).await;
    }

    /// Everything heard before an answer that is asked for now: a way to be sure that something did not come.
    pub async fn heard_by_now(&mut self) -> Vec<(u8, Value)> {
        let (kind, _) = self.ask(SES, json!({})).await;
        assert_eq!(kind, ERR);
        self.heard.drain(..).collect()
    }

    /// What the server still says before it closes.
    pub async fn is_closed(&mut self) -> Vec<(u8, Value)> {
        while let Some(frame) = self.arrives().await {
            self.heard.push_back(frame);
        }
        self.heard.drain(..).collect()
    }

    /// The reason of the `DIS` that the server closes with.
    pub async fn is_dismissed(&mut self) -> String {
        let said = self.is_closed().await.pop().expect("it was closed without a word");
        assert_eq!(said.0, DIS, "{said:?}");
        said.1["msg"].as_str().unwrap().to_owned()
    }
}

pub fn config(versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    config.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate)).with_no_client_auth()
}

/// The original's clients looked at no certificate.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
