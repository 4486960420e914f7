//! Request bodies that are not read to their end, and those that come to a standstill.
//!
//! Many clients read an answer only once they have sent everything: closing on them would show them a reset connection
//! instead of what was wrong. So what a handler leaves unread is read to its end and thrown away, up to a bound, beside
//! the answer. And nobody may hold a handler by sending nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;

use crate::House;
use crate::pace::{Pace, TooSlow};

/// What is read after an answer was given.
const DRAINED_MOST: u64 = 1024 * 1024 * 1024;
const DRAINED_FOR: Duration = Duration::from_secs(30);

/// A middleware: what the handler leaves of the body is drained.
pub async fn drain_what_is_left(State(house): State<House>, request: Request, next: Next) -> Response {
    // Who waits for "100 Continue" has sent nothing yet, and must not be asked to.
    let waits = request.headers().contains_key(header::EXPECT);
    let lent = |body| Body::new(Lent { body: Some(body), drained: !waits, closing: house.closing.clone() });
    next.run(request.map(lent)).await
}

/// A body whose rest is drained when it is dropped.
struct Lent {
    body: Option<Body>,
    drained: bool,
    closing: CancellationToken,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        match &polled {
            Poll::Ready(None | Some(Err(_))) => self.body = None,
            // Reading has begun: whoever waited for "100 Continue" is sending now.
            Poll::Ready(Some(Ok(_))) => self.drained = true,
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let drained = self.drained;
        let Some(body) = self.body.take().filter(|body| drained && !body.is_end_stream()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let closing = self.closing.clone();
            let draining = tokio::time::timeout(DRAINED_FOR, drain(body));
            runtime.spawn(async move { closing.run_until_cancelled(draining).await });
        }
    }
}

async fn drain(body: Body) {
    let mut body = body.into_data_stream();
    let mut left = DRAINED_MOST;
    while let Some(Ok(piece)) = body.next().await {
        match left.checked_sub(piece.len() as u64) {
            Some(less) => left = less,
            None => return,
        }
    }
}

/// The pieces of a body.
pub fn pieces(body: Body) -> BoxStream<'static, Result<Bytes, axum::Error>> {
    body.into_data_stream().boxed()
}

/// A body that ends with an error where it comes too slowly. Every request's is one.
pub struct Paced<B> {
    body: B,
    pace: Pace,
    /// Since when more is waited for, and how long that may go on.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    late: Arc<AtomicBool>,
    /// It was too slow, and that has been said.
    over: bool,
}

impl<B> Paced<B> {
    /// `late` becomes true where it comes too slowly.
    pub fn new(body: B, late: Arc<AtomicBool>) -> Self {
        Self { body, pace: Pace::default(), waiting: None, late, over: false }
    }

    fn note(&mut self, bytes: usize) -> Result<(), TooSlow> {
        let waited = self.waiting.take().map(|(since, _)| since.elapsed()).unwrap_or_default();
        self.pace.note(waited, bytes as u64).inspect_err(|_| self.late.store(true, Ordering::Relaxed))
    }
}

impl<B> HttpBody for Paced<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.over {
            return Poll::Ready(None);
        }
        loop {
            let noted = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match self.note(frame.data_ref().map_or(0, Bytes::len)) {
                    Ok(()) => return Poll::Ready(Some(Ok(frame))),
                    slow => slow,
                },
                Poll::Ready(ended) => return Poll::Ready(ended.map(|read| read.map_err(axum::Error::new))),
                Poll::Pending => {
                    let left = self.pace.left();
                    let (_, timer) = self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
                    ready!(timer.as_mut().poll(cx));
                    self.note(0)
                }
            };
            if let Err(slow) = noted {
                self.over = true;
                return Poll::Ready(Some(Err(axum::Error::new(slow))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    /// Sends pieces of this size every so often; whether they were taken to the end.
    async fn taken(size: usize, every: Duration, pieces: usize) -> bool {
        let (send, coming) = mpsc::channel::<Bytes>(1);
        let coming = futures_util::stream::unfold(coming, async |mut coming| {
            coming.recv().await.map(|piece| (Ok::<_, std::convert::Infallible>(piece), coming))
        });
        let late = Arc::new(AtomicBool::new(false));
        let body = Body::new(Paced::new(Body::from_stream(coming), late.clone()));
        let sending = async move {
            for _ in 0..pieces {
                sleep(every).await;
                if send.send(Bytes::from(vec![0; size])).await.is_err() {
                    return;
                }
            }
        };
        let (_, read) = tokio::join!(sending, self::pieces(body).collect::<Vec<_>>());
        let whole = read.iter().all(Result::is_ok) && read.len() == pieces;
        assert_eq!(whole, !late.load(Ordering::Relaxed));
        whole
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_may_be_slow_and_may_not_drip() {
        assert!(taken(50_000, Duration::from_secs(20), 200).await, "over an hour, with long pauses");
        assert!(taken(1, Duration::from_millis(100), 20).await, "a short one, byte by byte");
        assert!(!taken(1, Duration::from_secs(9), 20).await);
        assert!(!taken(1_000, Duration::from_secs(31), 2).await);
    }
}
