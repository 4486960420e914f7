//! Opens the native socket: TCP, TLS where the address says so, the WebSocket handshake (RFC 6455). Knows no protocol.

use std::{sync::Arc, time::Duration};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, protocol::WebSocketConfig},
};
use url::Host;

use super::{Error, options::Origin, trust};
use crate::protocol::REPLY_MOST;

/// A buffer of this many bytes a connection serves chat well; the library's default is 128 KiB.
const READ_BUFFER: usize = 8 * 1024;
/// The longest frame taken from a server: with room to spare for lists that don't come in pages.
const ANSWER_MOST: usize = 8 * REPLY_MOST;

pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub(super) type Socket = WebSocketStream<Box<dyn Stream>>;

/// Connects within `limit`.
pub(super) async fn open(origin: &Origin, tls: &Arc<ClientConfig>, limit: Duration) -> Result<Socket, Error> {
    let server = origin.http("");
    match tokio::time::timeout(limit, connect(origin, tls)).await {
        Ok(result) => result,
        Err(_) => Err(Error::network(format!("{server} did not answer within {} s", limit.as_secs()))),
    }
}

async fn connect(origin: &Origin, tls: &Arc<ClientConfig>) -> Result<Socket, Error> {
    let stream = tcp(origin).await.map_err(|error| unreachable_server(origin, error))?;
    let stream: Box<dyn Stream> =
        if origin.tls { Box::new(secure(origin, tls, stream).await?) } else { Box::new(stream) };
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(READ_BUFFER)
        .max_frame_size(Some(ANSWER_MOST))
        .max_message_size(Some(ANSWER_MOST));
    match tokio_tungstenite::client_async_with_config(origin.socket(), stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(error) => Err(no_socket(origin, error)),
    }
}

async fn tcp(origin: &Origin) -> std::io::Result<TcpStream> {
    let stream = match &origin.host {
        Host::Domain(name) => TcpStream::connect((name.as_str(), origin.port)).await,
        Host::Ipv4(address) => TcpStream::connect((*address, origin.port)).await,
        Host::Ipv6(address) => TcpStream::connect((*address, origin.port)).await,
    }?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn secure(origin: &Origin, tls: &Arc<ClientConfig>, stream: TcpStream) -> Result<impl Stream + use<>, Error> {
    let name = match &origin.host {
        Host::Domain(name) => ServerName::try_from(name.clone())
            .map_err(|_| Error::BadUrl(format!("{name:?} is no name that a certificate can be for")))?,
        Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
        Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
    };
    let stream = TlsConnector::from(tls.clone()).connect(name, stream).await;
    stream.map_err(|error| match trust::refusal(&error) {
        Some(refusal) => refusal,
        None => unreachable_server(origin, error),
    })
}

fn unreachable_server(origin: &Origin, error: std::io::Error) -> Error {
    Error::broken(format!("can't reach {}: {error}", origin.http("")), error)
}

fn no_socket(origin: &Origin, error: tungstenite::Error) -> Error {
    let server = origin.http("");
    let why = match &error {
        tungstenite::Error::Http(response) => {
            format!("{server} answered {}: is it a Titan server?", response.status())
        }
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::HandshakeIncomplete) => {
            format!("can't reach {server}: the connection was closed before it answered")
        }
        tungstenite::Error::Protocol(_) | tungstenite::Error::HttpFormat(_) => {
            format!("{server} does not speak WebSocket ({error}): is it a Titan server?")
        }
        other => format!("can't reach {server}: {other}"),
    };
    Error::broken(why, error)
}
