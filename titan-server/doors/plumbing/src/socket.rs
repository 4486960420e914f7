//! WebSockets as every door wants them: bounded both ways, and closed so that the peer reads why.
//!
//! [`upgrade`] takes a request over and hands a [`Socket`] to the door. The library underneath speaks the frames; what is
//! added here is the bounds, a limit on writes that make no progress, and a close that reaches a peer who is still sending.

use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame, Utf8Bytes};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use titan_core::protocol::{FRAME_ESCAPED_MOST, fits_a_frame};

use super::crowd::Stay;
use super::patience::{Patient, STALL_MOST};
use super::site::{FOREIGN, Site};
use super::wire::{Gone, Heard, Parting, Unreadable, Wire, see_off};

/// The longest message a peer may send, in bytes, where an escape counts as the character that it stands for.
pub const MESSAGE_MOST: usize = titan_core::protocol::FRAME_MOST;
/// The library's default of 128 KiB would be most of what an idle connection costs.
const READ_BUFFER: usize = 4 * 1024;
/// Bytes gathered before a write.
const WRITE_BUFFER: usize = 16 * 1024;
/// What is longer goes out in several frames, so that no more than this and a write buffer waits in memory.
const FRAME_MOST: usize = 32 * 1024;
/// Above anything that can wait, since the library counts a frame too many as a failure.
const WRITE_MOST: usize = 128 * 1024;
/// A close frame may take this long to write.
const CLOSE_MOST: Duration = Duration::from_secs(2);

/// A WebSocket that a peer opened.
pub struct Socket(WebSocketStream<Patient<TokioIo<Upgraded>>>);

/// Takes a request over as a WebSocket, or says with status 426 that this is what the door wants; pages of other sites are refused.
pub fn upgrade<C, F>(mut request: Request, converse: C) -> Response
where
    C: FnOnce(Socket) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    if !lets_in(&request) {
        return (StatusCode::FORBIDDEN, FOREIGN).into_response();
    }
    let Some(accept) = accept_key(&request) else { return upgrade_required() };
    let stay = request.extensions_mut().remove::<Stay>();
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgraded.await {
            converse(Socket::over(upgraded).await).await;
        }
        drop(stay);
    });
    let headers = [(header::CONNECTION, "upgrade"), (header::UPGRADE, "websocket")];
    (StatusCode::SWITCHING_PROTOCOLS, headers, [(header::SEC_WEBSOCKET_ACCEPT, accept)], Body::empty()).into_response()
}

/// Whether the page that connects, if it is one, is of this house or one that the operator lets in.
pub fn lets_in(request: &Request) -> bool {
    let nowhere = Site::default();
    request.extensions().get::<Site>().unwrap_or(&nowhere).lets_in(request.headers())
}

/// Whether a request wants to become a WebSocket.
pub fn is_handshake(request: &Request) -> bool {
    accept_key(request).is_some()
}

/// The protocol that is offered behind this one (RFC 6455, 11.3.4): where pages, which can send no other header, put a token.
pub fn protocol_behind(request: &Request, first: &str) -> Option<String> {
    let offered = words(request, header::SEC_WEBSOCKET_PROTOCOL);
    let mut offered = offered.into_iter().skip_while(|word| *word != first);
    offered.nth(1).filter(|word| !word.is_empty()).map(str::to_owned)
}

/// What answers the request's key; none where it is no WebSocket handshake.
fn accept_key(request: &Request) -> Option<String> {
    let says = |name, word: &str| words(request, name).iter().any(|said| said.eq_ignore_ascii_case(word));
    let asks = request.method() == Method::GET
        && says(header::CONNECTION, "upgrade")
        && says(header::UPGRADE, "websocket")
        && says(header::SEC_WEBSOCKET_VERSION, "13");
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).filter(|_| asks)?;
    Some(derive_accept_key(key.as_bytes()))
}

/// What a header lists, of all its lines.
fn words(request: &Request, name: HeaderName) -> Vec<&str> {
    let values = request.headers().get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}

fn upgrade_required() -> Response {
    let headers = [
        (header::CONNECTION, "upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_VERSION, "13"),
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
    ];
    (StatusCode::UPGRADE_REQUIRED, headers, "This is a WebSocket door of Titan: connect with a WebSocket client.\n")
        .into_response()
}

impl Socket {
    async fn over(upgraded: Upgraded) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(WRITE_MOST)
            .max_message_size(Some(FRAME_ESCAPED_MOST))
            .max_frame_size(Some(FRAME_ESCAPED_MOST));
        let stream = Patient::new(TokioIo::new(upgraded), STALL_MOST);
        Self(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await)
    }
}

impl Wire for Socket {
    const SILENCE_MOST: Option<Duration> = Some(Duration::from_secs(90));

    /// Pings have been answered.
    async fn hear(&mut self) -> Heard {
        loop {
            return match self.0.next().await {
                Some(Ok(Message::Text(text))) if fits_a_frame(&text) => Heard::Text(text),
                Some(Ok(Message::Text(_))) => Heard::TooLong,
                Some(Ok(Message::Binary(bytes))) if bytes.len() > MESSAGE_MOST => Heard::TooLong,
                Some(Ok(Message::Binary(_))) => Heard::Unreadable(Unreadable::Binary),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Heard::Sign,
                // The library has an answer ready, and sends it when it is asked for more.
                Some(Ok(Message::Close(_) | Message::Frame(_))) => continue,
                Some(Err(error)) => broken(&error),
                None => Heard::Gone,
            };
        }
    }

    /// Not to be cancelled: half a message may have been written.
    async fn feed(&mut self, text: Bytes) -> Result<(), Gone> {
        let mut rest = text;
        let mut kind = Data::Text;
        loop {
            let piece = rest.split_to(rest.len().min(FRAME_MOST));
            let last = rest.is_empty();
            let frame = Frame::message(piece, OpCode::Data(kind), last);
            self.0.feed(Message::Frame(frame)).await.map_err(|_| Gone)?;
            if last {
                return Ok(());
            }
            kind = Data::Continue;
        }
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        self.0.flush().await.map_err(|_| Gone)
    }

    async fn ping(&mut self) -> Result<(), Gone> {
        self.0.send(Message::Ping(Bytes::new())).await.map_err(|_| Gone)
    }

    async fn close(mut self, parting: Parting, reason: &'static str) {
        let frame = CloseFrame { code: code_of(parting), reason: Utf8Bytes::from_static(reason) };
        if let Ok(Ok(())) = timeout(CLOSE_MOST, self.0.send(Message::Close(Some(frame)))).await {
            see_off(self.0.get_mut()).await;
        }
    }
}

fn code_of(parting: Parting) -> CloseCode {
    match parting {
        Parting::Done => CloseCode::Normal,
        Parting::Away => CloseCode::Away,
        Parting::Policy => CloseCode::Policy,
        Parting::TooLong => CloseCode::Size,
        Parting::NotText => CloseCode::Invalid,
        Parting::Broken => CloseCode::Protocol,
        Parting::Failed => CloseCode::Error,
    }
}

fn broken(error: &Error) -> Heard {
    match error {
        Error::Capacity(_) => Heard::TooLong,
        Error::Utf8(_) => Heard::Broken(Parting::NotText),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Heard::Gone,
        Error::Protocol(_) => Heard::Broken(Parting::Broken),
        _ => Heard::Gone,
    }
}
