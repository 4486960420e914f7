//! A writer's line to the TLS-frames door, where a history with one's words in it says that they are said.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::doors::{DoorWriter, Mouth};
use super::given::{PASSWORD, deadline};

const ERR: u8 = 1;
const MSG: u8 = 3;
const LOG: u8 = 4;
const SES: u8 = 5;
const HIS: u8 = 9;
const UPD: u8 = 10;

pub struct Frames {
    stream: TlsStream<TcpStream>,
    reciever: String,
}

#[async_trait]
impl Mouth for Frames {
    async fn enter(address: SocketAddr, writer: &DoorWriter) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(believing()));
        let name = ServerName::try_from("localhost").unwrap();
        let stream = deadline("a TLS handshake", connector.connect(name, stream)).await.ok()?;
        let mut frames = Self { stream, reciever: format!("#{}", writer.room) };
        frames.send(LOG, json!({"login": writer.name, "password": "X"})).await?;
        let salted = frames.hear(LOG).await?;
        let hash = hashed(&salted["password"].as_str().expect("a salt")[..64]);
        frames.send(LOG, json!({"login": writer.name, "password": hash})).await?;
        frames.hear(SES).await?;
        frames.send(UPD, json!({"reciever": frames.reciever})).await?;
        Some(frames)
    }

    async fn says(&mut self, text: &str) -> Option<Option<i64>> {
        self.send(MSG, json!({"reciever": self.reciever, "msg": text})).await?;
        let mine = format!(": {text}");
        loop {
            let shown = self.hear(HIS).await?;
            let lines = shown["history"].as_array().expect("a history has lines");
            if lines.iter().any(|line| line.as_str().is_some_and(|line| line.ends_with(&mine))) {
                return Some(None);
            }
        }
    }
}

impl Frames {
    async fn send(&mut self, kind: u8, payload: Value) -> Option<()> {
        let payload = payload.to_string();
        let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
        let frame = [&[0x40 | kind, length[0], length[1]], payload.as_bytes()].concat();
        deadline("a write", self.stream.write_all(&frame)).await.ok()?;
        deadline("a flush", self.stream.flush()).await.ok()
    }

    /// The next frame of a kind.
    async fn hear(&mut self, wanted: u8) -> Option<Value> {
        loop {
            let mut head = [0; 3];
            deadline("a frame", self.stream.read_exact(&mut head)).await.ok()?;
            let mut payload = vec![0; u16::from_be_bytes([head[1], head[2]]).into()];
            deadline("a payload", self.stream.read_exact(&mut payload)).await.ok()?;
            let said: Value = serde_json::from_slice(&payload).expect("a payload is JSON");
            let kind = head[0] & 0x3f;
            assert_ne!(kind, ERR, "{said}");
            if kind == wanted {
                return Some(said);
            }
        }
    }
}

/// As the original's client hashes, with the salt it was sent.
fn hashed(salt: &str) -> String {
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&salt[2 * at..2 * at + 2], 16).unwrap()).collect();
    let hash = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(PASSWORD.as_bytes(), &bytes, 10_000);
    bytes.iter().chain(&hash).map(|byte| format!("{byte:02x}")).collect()
}

fn believing() -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
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
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
