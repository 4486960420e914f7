//! Frames over a stream: hearing them however they are cut, writing many at once, and an end that arrives.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::frame::{FRAME_MOST, Frame, Malformed};
use titan_door::patience::{Patient, STALL_MOST};

/// Read at a time.
const PIECE: usize = 4 * 1024;
/// What a peer may still send while it reads the last frame, and how long that may take.
const DRAIN_MOST: usize = 4 * FRAME_MOST;
const DRAIN_TIME: Duration = Duration::from_secs(2);

pub struct Wire<S> {
    stream: Patient<S>,
    /// What has arrived of the next frame: no more than one, and a piece.
    inbox: BytesMut,
}

pub enum Heard {
    Frame(Frame),
    Malformed(Malformed),
    Gone,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub fn new(stream: S) -> Self {
        Self { stream: Patient::new(stream, STALL_MOST), inbox: BytesMut::new() }
    }

    /// The next frame. Cancelling loses nothing.
    pub async fn hear(&mut self) -> Heard {
        loop {
            match Frame::take(&mut self.inbox) {
                Ok(Some(frame)) => return Heard::Frame(frame),
                Ok(None) => {}
                Err(malformed) => return Heard::Malformed(malformed),
            }
            self.inbox.reserve(PIECE);
            if !matches!(self.stream.read_buf(&mut self.inbox).await, Ok(read) if read > 0) {
                return Heard::Gone;
            }
        }
    }

    /// Writes each frame by itself and out of the way: where earlier bytes still wait, the TLS library takes a part of
    /// what it is given, and the frame would become two records.
    pub async fn write(&mut self, frames: &[Bytes]) -> io::Result<()> {
        for frame in frames {
            self.stream.write_all(frame).await?;
            self.stream.flush().await?;
        }
        Ok(())
    }

    /// Says a last thing and gives the peer time to read it: a socket dropped with bytes unread would be reset, and the
    /// last frame lost with it.
    pub async fn close(mut self, last: Option<Bytes>) {
        let farewell = async {
            if let Some(last) = last {
                self.stream.write_all(&last).await?;
            }
            self.stream.shutdown().await?;
            let mut drained = 0;
            let mut piece = vec![0; PIECE];
            while drained < DRAIN_MOST {
                match self.stream.read(&mut piece).await? {
                    0 => break,
                    read => drained += read,
                }
            }
            io::Result::Ok(())
        };
        let _ = timeout(DRAIN_TIME, farewell).await;
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use super::*;
    use crate::frame::Kind;
    use tokio::io::ReadBuf;

    #[tokio::test]
    async fn a_frame_is_heard_however_its_bytes_come_and_half_a_frame_is_none() {
        let (near, mut far) = tokio::io::duplex(3);
        let mut wire = Wire::new(near);
        let sending = tokio::spawn(async move {
            for byte in b"\x42\x00\x02{}\x4d\x00\x00\x43\x00" {
                far.write_all(&[*byte]).await.unwrap();
            }
        });
        for wanted in [(Kind::Dis, 2), (Kind::Del, 0)] {
            let Heard::Frame(frame) = wire.hear().await else { panic!("a frame was sent") };
            assert_eq!((frame.kind, frame.payload.len()), wanted);
        }
        assert!(matches!(wire.hear().await, Heard::Gone));
        sending.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_who_never_reads_is_given_up() {
        let (near, _far) = tokio::io::duplex(8);
        let mut wire = Wire::new(near);
        let error = wire.write(&[Bytes::from_static(&[0; 64])]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    /// A stream that makes a record of what each write gives it, and has room for little beside what was not flushed.
    #[derive(Default)]
    struct Records {
        waiting: usize,
        lengths: Vec<usize>,
    }

    impl AsyncWrite for Records {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(64 * 1024 - self.waiting);
            self.waiting += taken;
            self.lengths.push(taken);
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.waiting = 0;
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_flush(cx)
        }
    }

    impl AsyncRead for Records {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn many_frames_at_once_are_a_record_each() {
        let mut wire = Wire::new(Records::default());
        let frames = vec![Bytes::from_static(&[0; 15_000]); 9];
        wire.write(&frames).await.unwrap();
        assert_eq!(wire.stream.get_ref().lengths, [15_000; 9]);
    }
}
