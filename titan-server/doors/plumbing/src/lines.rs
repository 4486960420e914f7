//! A wire of lines: text over any stream, one request a line, ended by `\n` or `\r\n`.
//!
//! A line that is too long or no UTF-8 is reported where it stood and costs nothing else: what comes after it is read as
//! before. Held are at most one line on the way in and [`WRITE_BUFFER`] on the way out.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::protocol::frame::Utf8Bytes;

use titan_core::protocol::{FRAME_ESCAPED_MOST, fits_a_frame};

use super::crowd::Stay;
use super::patience::{Patient, STALL_MOST};
use super::wire::{Gone, Heard, Parting, Unreadable, Wire, see_off};

/// The longest line, in bytes, without its end; where lines are JSON, an escape counts as the character that it stands for.
pub const LINE_MOST: usize = 64 * 1024;
/// Read at once.
const READ_BUFFER: usize = 4 * 1024;
/// Bytes gathered before a write; a longer text is written in one piece.
const WRITE_BUFFER: usize = 16 * 1024;

/// A stream of lines.
pub struct Lines<S> {
    stream: Patient<S>,
    coming: LineBuffer,
    /// The peer has closed its side.
    ended: bool,
    going: BytesMut,
    stay: Option<Stay>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Lines<S> {
    /// Over a stream of somebody who stays here.
    pub fn over(stream: S, stay: Stay) -> Self {
        Self { stay: Some(stay), ..Self::of(stream) }
    }

    fn of(stream: S) -> Self {
        let stream = Patient::new(stream, STALL_MOST);
        Self { stream, coming: LineBuffer::of_json(), ended: false, going: BytesMut::new(), stay: None }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Wire for Lines<S> {
    const SILENCE_MOST: Option<Duration> = None;

    async fn hear(&mut self) -> Heard {
        loop {
            if let Some(line) = self.coming.line() {
                return line.into();
            }
            if self.ended {
                return self.coming.rest().map_or(Heard::Over, Heard::from);
            }
            match self.stream.read_buf(self.coming.space(READ_BUFFER)).await {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(_) => return Heard::Gone,
            }
        }
    }

    async fn feed(&mut self, text: Bytes) -> Result<(), Gone> {
        if self.going.len() + text.len() > WRITE_BUFFER {
            self.flush().await?;
        }
        if text.len() > WRITE_BUFFER {
            return self.stream.write_all(&text).await.map_err(|_| Gone);
        }
        self.going.extend_from_slice(&text);
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        if !self.going.is_empty() {
            let going = self.going.split();
            self.stream.write_all(&going).await.map_err(|_| Gone)?;
        }
        self.stream.flush().await.map_err(|_| Gone)
    }

    /// Lines have no word for it.
    async fn ping(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    fn spoke(&mut self) {
        if let Some(stay) = &self.stay {
            stay.speaks();
        }
    }

    /// Nor for why a connection ends: the door has said it in a line.
    async fn close(mut self, _: Parting, _: &'static str) {
        see_off(&mut self.stream).await;
    }
}

/// Bytes on their way to becoming lines. Pure.
#[derive(Default)]
pub struct LineBuffer {
    bytes: BytesMut,
    /// This many of them hold no end of a line.
    searched: usize,
    /// A line too long has been reported, and its end has not come yet.
    skipping: bool,
    /// Whether lines are JSON, which may be longer by its escapes.
    json: bool,
}

/// A line, or what stood in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Text(Utf8Bytes),
    NotText,
    TooLong,
}

impl From<Line> for Heard {
    fn from(line: Line) -> Self {
        match line {
            Line::Text(text) => Self::Text(text),
            Line::NotText => Self::Unreadable(Unreadable::NotText),
            Line::TooLong => Self::Unreadable(Unreadable::TooLong),
        }
    }
}

impl LineBuffer {
    pub fn of_json() -> Self {
        Self { json: true, ..Self::default() }
    }

    fn most(&self) -> usize {
        if self.json { FRAME_ESCAPED_MOST } else { LINE_MOST }
    }

    fn read(&self, bytes: Bytes) -> Line {
        let bytes = match bytes.last() {
            Some(b'\r') => bytes.slice(..bytes.len() - 1),
            _ => bytes,
        };
        if bytes.len() > self.most() {
            return Line::TooLong;
        }
        match Utf8Bytes::try_from(bytes) {
            Ok(text) if self.json && !fits_a_frame(&text) => Line::TooLong,
            Ok(text) => Line::Text(text),
            Err(_) => Line::NotText,
        }
    }

    /// Where to put what comes, with room for so much more.
    pub fn space(&mut self, more: usize) -> &mut BytesMut {
        if self.bytes.is_empty() && self.bytes.capacity() > 4 * more {
            // What a long line needed is not kept for ever.
            self.bytes = BytesMut::new();
        }
        self.bytes.reserve(more);
        &mut self.bytes
    }

    /// The next whole line, without its end. To be asked until there is none before more is put in.
    pub fn line(&mut self) -> Option<Line> {
        loop {
            let Some(at) = self.bytes[self.searched..].iter().position(|&byte| byte == b'\n') else {
                return self.no_end();
            };
            let line = self.bytes.split_to(self.searched + at + 1).freeze();
            self.searched = 0;
            if !std::mem::take(&mut self.skipping) {
                return Some(self.read(line.slice(..line.len() - 1)));
            }
        }
    }

    /// What stands behind the last end of a line, once nothing more comes.
    pub fn rest(&mut self) -> Option<Line> {
        self.searched = 0;
        let rest = self.bytes.split();
        let line = !std::mem::take(&mut self.skipping) && !rest.is_empty();
        line.then(|| self.read(rest.freeze()))
    }

    /// What is there, whole lines or not.
    pub fn peek(&self) -> &[u8] {
        &self.bytes
    }

    /// Up to so many bytes that are no line.
    pub fn take(&mut self, most: usize) -> Bytes {
        let taken = self.bytes.len().min(most);
        self.searched = self.searched.saturating_sub(taken);
        self.bytes.split_to(taken).freeze()
    }

    /// Bytes that wait here.
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    fn no_end(&mut self) -> Option<Line> {
        self.searched = self.bytes.len();
        // One more than may be, for the '\r' of a line that just fits.
        if !self.skipping && self.searched <= self.most() + 1 {
            return None;
        }
        self.bytes.clear();
        self.searched = 0;
        (!std::mem::replace(&mut self.skipping, true)).then_some(Line::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a buffer makes of bytes that come in these pieces.
    fn lines(pieces: &[&[u8]]) -> Vec<Line> {
        let mut buffer = LineBuffer::default();
        let mut lines = Vec::new();
        for piece in pieces {
            buffer.space(piece.len()).extend_from_slice(piece);
            lines.extend(std::iter::from_fn(|| buffer.line()));
        }
        lines.extend(buffer.rest());
        lines
    }

    fn text(text: &str) -> Line {
        Line::Text(text.into())
    }

    #[test]
    fn lines_end_with_or_without_a_carriage_return() {
        assert_eq!(lines(&[b"one\ntwo\r\n\nthr", b"ee"]), [text("one"), text("two"), text(""), text("three")]);
        assert_eq!(lines(&[b"one\r", b"\ntwo\r"]), [text("one"), text("two")]);
        assert!(lines(&[b""]).is_empty());
    }

    #[test]
    fn what_is_no_line_is_reported_once_and_the_next_one_is_read() {
        assert_eq!(lines(&[b"\xff\xfe\nnext\n"]), [Line::NotText, text("next")]);
        let long = vec![b'x'; 3 * LINE_MOST];
        assert_eq!(lines(&[&long, &long, b"x\nnext\n"]), [Line::TooLong, text("next")]);
        assert_eq!(lines(&[&long, b"x"]), [Line::TooLong]);
        let fits = "x".repeat(LINE_MOST);
        assert_eq!(lines(&[fits.as_bytes(), b"\r", b"\n"]), [text(&fits)]);
        assert_eq!(lines(&[fits.as_bytes(), b"x\nnext\n"]), [Line::TooLong, text("next")]);
    }

    #[test]
    fn a_line_of_json_may_be_longer_by_its_escapes() {
        let escaped = r"\ud83d\ude00".repeat(16_000);
        let read = |line: &str| {
            let mut buffer = LineBuffer::of_json();
            buffer.space(line.len()).extend_from_slice(format!("{line}\n").as_bytes());
            buffer.line()
        };
        assert_eq!(read(&escaped), Some(text(&escaped)));
        assert_eq!(read(&"x".repeat(LINE_MOST + 1)), Some(Line::TooLong));
        assert_eq!(read(&r"\u0041".repeat(LINE_MOST)), Some(Line::TooLong));
        assert_eq!(lines(&[escaped.as_bytes()]), [Line::TooLong]);
    }

    proptest! {
        #[test]
        fn how_bytes_are_split_changes_nothing(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0xc3), Just(0xa9), any::<u8>()], 0..200),
            at in any::<prop::sample::Index>(),
        ) {
            let whole = lines(&[&bytes]);
            let (one, other) = bytes.split_at(at.index(bytes.len() + 1));
            prop_assert_eq!(&lines(&[one, other]), &whole);
            let singly: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(&lines(&singly), &whole);
        }
    }

    #[tokio::test]
    async fn a_peer_that_says_no_more_is_heard_to_its_last_word() {
        let (near, mut far) = tokio::io::duplex(64);
        far.write_all(b"one\nlast").await.unwrap();
        far.shutdown().await.unwrap();
        let mut wire = Lines::of(near);
        assert!(matches!(wire.hear().await, Heard::Text(line) if line == "one"));
        assert!(matches!(wire.hear().await, Heard::Text(line) if line == "last"));
        assert!(matches!(wire.hear().await, Heard::Over));
    }

    #[tokio::test]
    async fn many_texts_go_out_in_order() {
        let (near, mut far) = tokio::io::duplex(1024);
        let long = "y".repeat(2 * WRITE_BUFFER);
        let sent = format!("{}{long}{}", "short\n".repeat(3_000), "end\n");
        let writing = tokio::spawn(async move {
            let mut wire = Lines::of(near);
            for _ in 0..3_000 {
                wire.feed(Bytes::from_static(b"short\n")).await.unwrap();
            }
            wire.feed(long.into()).await.unwrap();
            wire.feed(Bytes::from_static(b"end\n")).await.unwrap();
            wire.flush().await.unwrap();
        });
        let mut got = String::new();
        far.read_to_string(&mut got).await.unwrap();
        writing.await.unwrap();
        assert!(got == sent);
    }
}
