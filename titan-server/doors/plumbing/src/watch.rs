//! Where an HTTP connection stands, and how long it may stand there: before its first request, in a head, between requests,
//! or with an answer that nobody takes.
//!
//! [`Watched`] is the stream under the protocol: it sees bytes come, and ends the connection, in words where the protocol
//! has them, when a head does not come in time. The requests are told by [`Watch`], which the connection's service shares.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;

use super::crowd::Stay;
use super::headers;
use super::patience::{Patient, STALL_MOST};

/// A connection that was answered may wait so long for its next request: longer than proxies keep theirs, so that it is they
/// who end it, and no request meets the end.
const IDLE_MOST: Duration = Duration::from_secs(180);
/// How often answers are looked at that nobody may be taking.
const LOOKING_EVERY: Duration = Duration::from_secs(5);
/// How HTTP/2 begins.
const PREFACE: &[u8] = b"PRI ";
const TOO_LATE: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 34\r\nconnection: close\r\n\r\nThe request did not come in time.\n";

/// What is known of a connection's requests. Clones are the same.
#[derive(Clone)]
pub struct Watch(Arc<State>);

struct State {
    stay: Stay,
    /// Requests that are being answered.
    open: AtomicUsize,
    /// One has been answered.
    answered: AtomicBool,
    /// It speaks something else by now.
    upgraded: AtomicBool,
    /// HTTP/2 has waited for too long: it is ended by the protocol's own word.
    late: CancellationToken,
    /// Since when bytes of an answer wait to be taken.
    handed: Mutex<HashMap<u64, Instant>>,
    next: AtomicU64,
}

impl Watch {
    pub fn new(stay: Stay) -> Self {
        let (open, answered, upgraded) = Default::default();
        let (late, handed, next) = Default::default();
        Self(Arc::new(State { stay, open, answered, upgraded, late, handed, next }))
    }

    /// A request has begun, of somebody who stays here; it lasts until what is given is dropped.
    pub fn request(&self, stay: Stay) -> Answering {
        self.0.open.fetch_add(1, Ordering::AcqRel);
        self.0.stay.speaks();
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        Answering { watch: self.clone(), number, _stay: stay }
    }

    /// The connection is no longer HTTP's.
    pub fn upgraded(&self) {
        self.0.upgraded.store(true, Ordering::Release);
    }

    /// Waits until HTTP/2 has waited for too long.
    pub async fn is_late(&self) {
        self.0.late.cancelled().await;
    }

    /// Waits until an answer has not been taken for too long.
    pub async fn is_unread(&self) {
        loop {
            sleep(LOOKING_EVERY).await;
            if self.handed().values().any(|since| since.elapsed() > STALL_MOST) {
                return;
            }
        }
    }

    fn waits(&self) -> bool {
        self.0.open.load(Ordering::Acquire) == 0 && !self.0.upgraded.load(Ordering::Acquire)
    }

    fn handed(&self) -> MutexGuard<'_, HashMap<u64, Instant>> {
        self.0.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request being answered.
pub struct Answering {
    watch: Watch,
    number: u64,
    _stay: Stay,
}

impl Answering {
    /// A body that says how its answer is taken.
    pub fn body(self, body: Body) -> Body {
        Body::new(Answer { body, answering: self })
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let state = &self.watch.0;
        self.watch.handed().remove(&self.number);
        state.answered.store(true, Ordering::Release);
        if state.open.fetch_sub(1, Ordering::AcqRel) == 1 && !state.upgraded.load(Ordering::Acquire) {
            state.stay.rests();
        }
    }
}

struct Answer {
    body: Body,
    answering: Answering,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let Answering { watch, number, .. } = &self.answering;
        let mut handed = watch.handed();
        match &polled {
            // Asked for the next one when this has been taken.
            Poll::Ready(Some(Ok(_))) => drop(handed.insert(*number, Instant::now())),
            _ => drop(handed.remove(number)),
        }
        drop(handed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The stream of a connection.
pub struct Watched<S> {
    stream: Patient<S>,
    watch: Watch,
    /// Within which who connects must have sent a head, and a head must have come.
    silence: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    /// What it began with.
    began: Vec<u8>,
    in_head: bool,
    over: bool,
    /// Whether somebody else vouches for the house's certificate.
    vouched: bool,
    /// What is still to be written of an answer that was given without a router.
    unasked: Vec<u8>,
}

impl<S> Watched<S> {
    pub fn new(stream: S, watch: Watch, silence: Duration, vouched: bool) -> Self {
        let stream = Patient::new(stream, STALL_MOST);
        let (timer, began, in_head, over, unasked) = Default::default();
        Self { stream, watch, silence, timer, began, in_head, over, vouched, unasked }
    }

    fn is_http2(&self) -> bool {
        self.began == PREFACE
    }

    /// Bytes came while a request was waited for.
    fn begins(&mut self, bytes: &[u8]) {
        let more = PREFACE.len() - self.began.len();
        self.began.extend_from_slice(&bytes[..bytes.len().min(more)]);
        if !self.in_head && !self.is_http2() {
            self.in_head = true;
            self.timer = Some(Box::pin(sleep(self.silence)));
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Watched<S> {
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let first = !self.watch.0.answered.load(Ordering::Acquire);
        let most = if first || self.in_head { self.silence } else { IDLE_MOST };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(most)));
        ready!(timer.as_mut().poll(cx));
        if self.is_http2() {
            self.watch.0.late.cancel();
            return Poll::Pending;
        }
        if first || self.in_head {
            // One write: nothing else was written before, or all of it has been taken.
            let answer = headers::completed(TOO_LATE, self.vouched);
            let _ = Pin::new(&mut self.stream).poll_write(cx, answer.as_deref().unwrap_or(TOO_LATE));
            let _ = Pin::new(&mut self.stream).poll_flush(cx);
        }
        Poll::Ready(())
    }

    fn poll_unasked(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unasked.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.unasked))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unasked.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.over {
            return Poll::Ready(Ok(()));
        }
        if !self.watch.waits() {
            (self.timer, self.in_head) = (None, false);
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        match &polled {
            Poll::Ready(Ok(())) => self.begins(&buffer.filled()[before..]),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                ready!(self.poll_late(cx));
                // As if the peer had closed.
                self.over = true;
                return Poll::Ready(Ok(()));
            }
        }
        polled
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_unasked(cx))?;
        // What is no request is answered by the library alone, in few words.
        let alone = self.watch.waits() && !self.is_http2();
        match alone.then(|| headers::completed(bytes, self.vouched)).flatten() {
            Some(whole) => {
                self.unasked = whole;
                Poll::Ready(Ok(bytes.len()))
            }
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unasked(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unasked(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crowd::Crowd;
    use axum::body::BodyDataStream;
    use futures_util::StreamExt;
    use tokio_util::task::TaskTracker;

    fn stay() -> Stay {
        Stay::new(Crowd::new(16).enter("http", None).unwrap(), TaskTracker::new().token())
    }

    fn answer(watch: &Watch) -> BodyDataStream {
        let pieces = futures_util::stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(b"piece")));
        watch.request(stay()).body(Body::from_stream(pieces)).into_data_stream()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_is_found_and_one_that_is_taken_slowly_is_not() {
        let watch = Watch::new(stay());
        let mut slow = answer(&watch);
        let reading = async {
            for _ in 0..100 {
                slow.next().await.unwrap().unwrap();
                sleep(STALL_MOST / 2).await;
            }
        };
        tokio::select! {
            () = reading => {}
            () = watch.is_unread() => panic!("it is being taken"),
        }
        tokio::time::timeout(2 * STALL_MOST, watch.is_unread()).await.unwrap();
        drop(slow);
        assert!(tokio::time::timeout(10 * STALL_MOST, watch.is_unread()).await.is_err());
    }
}
