//! What carries a conversation: frames or lines that come in, frames or lines that go out.
//!
//! [`talk`](super::talk) is written against a [`Wire`]; [`socket`](super::socket) has the WebSocket, [`lines`](super::lines)
//! lines of text over any stream. A wire bounds what it holds of the peer's bytes and how long a write may stand still. It
//! knows no command and nobody's name.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::Utf8Bytes;

/// After the last word, what the peer was still sending is read so far and so long, then dropped.
const DRAIN_MOST: usize = 4 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(2);
const DRAIN_BUFFER: usize = 4 * 1024;

/// One connection, as a conversation needs it.
pub trait Wire: Send {
    /// A peer that has not sent a thing for so long, asked three times for a sign of life, is gone. None where the wire
    /// can't ask: people at it may be silent for hours, and the system's keepalive finds the dead.
    const SILENCE_MOST: Option<Duration>;

    /// Waits for the peer. Cancelling loses nothing.
    fn hear(&mut self) -> impl Future<Output = Heard> + Send;

    /// Takes text that is UTF-8 in to be written, and waits while too much of it waits. Not to be cancelled but with the
    /// whole connection.
    fn feed(&mut self, text: Bytes) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Writes out what was fed.
    fn flush(&mut self) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Asks for a sign of life.
    fn ping(&mut self) -> impl Future<Output = Result<(), Gone>> + Send;

    /// The peer has asked something: it makes room for nobody any more.
    fn spoke(&mut self) {}

    /// Ends the connection so that the peer can read why.
    fn close(self, parting: Parting, reason: &'static str) -> impl Future<Output = ()> + Send;
}

/// What came from the peer.
#[derive(Debug)]
pub enum Heard {
    Text(Utf8Bytes),
    /// No request, but what comes after it can be read.
    Unreadable(Unreadable),
    /// Nothing but a sign of life.
    Sign,
    /// Longer than may be, and nothing more can be read.
    TooLong,
    /// Not this wire's protocol any more: nothing more can be read, end with this.
    Broken(Parting),
    /// The peer says no more, and may be waiting for what it asked.
    Over,
    Gone,
}

/// Why something is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    Binary,
    /// Bytes that are no UTF-8.
    NotText,
    /// Longer than the wire takes.
    TooLong,
}

/// How a connection ends, for wires that have a word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// All is said.
    Done,
    /// The house closes.
    Away,
    /// Who is there may not stay.
    Policy,
    TooLong,
    /// Bytes that are no UTF-8.
    NotText,
    /// Not the wire's protocol.
    Broken,
    /// The server failed.
    Failed,
}

/// The peer can't be reached (any more).
#[derive(Debug)]
pub struct Gone;

/// Gives a peer time to read the last word: a stream dropped with bytes unread would be reset, and the word lost with it.
pub async fn see_off<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let seeing_off = async {
        stream.shutdown().await.ok()?;
        // Not in the future itself: every open connection would carry it.
        let mut buffer = vec![0; DRAIN_BUFFER];
        let mut drained = 0;
        while drained < DRAIN_MOST {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => drained += read,
            }
        }
        Some(())
    };
    let _ = timeout(DRAIN_TIME, seeing_off).await;
}
