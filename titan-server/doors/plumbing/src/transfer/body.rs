//! Request bodies that are not read to their end, and those that come to a standstill.
//!
//! Many clients read an answer only once they have sent everything: closing on them would show them a reset connection
//! instead of what was wrong. So what a handler leaves unread is read to its end and thrown away, up to a bound, beside
//! the answer. And nobody may hold a handler by sending nothing.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use hyper::body::{Frame, SizeHint};
use tokio_util::sync::CancellationToken;

use crate::House;

/// What is read after an answer was given.
const DRAINED_MOST: u64 = 1024 * 1024 * 1024;
const DRAINED_FOR: Duration = Duration::from_secs(30);
/// A body may pause this long.
const PAUSE_MOST: Duration = Duration::from_secs(60);

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

/// The pieces of a body; an error where it comes to a standstill.
pub fn pieces(body: Body) -> BoxStream<'static, Result<Bytes, axum::Error>> {
    futures_util::stream::unfold(Some(body.into_data_stream()), next_piece).boxed()
}

async fn next_piece<S>(stream: Option<S>) -> Option<(Result<Bytes, axum::Error>, Option<S>)>
where
    S: Stream<Item = Result<Bytes, axum::Error>> + Unpin,
{
    let mut stream = stream?;
    match tokio::time::timeout(PAUSE_MOST, stream.next()).await {
        Ok(piece) => piece.map(|piece| (piece, Some(stream))),
        Err(elapsed) => Some((Err(axum::Error::new(elapsed)), None)),
    }
}
