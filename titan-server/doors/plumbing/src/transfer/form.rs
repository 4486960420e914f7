//! `multipart/form-data`, as it comes in: a file goes to the blobs piece by piece; what is held of a form is bounded,
//! however it is written.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};

use super::body::pieces;
use super::disposition;
use crate::House;
use titan_blobs::{Blob, BlobError, Held};
use titan_hub::Session;

/// What a form may have beside its file.
const ASIDE_MOST: u64 = 1024 * 1024;
/// What a form has around a file that is alone in it, at most: the rest of what was announced is the file's.
const FRAME_MOST: u64 = 64 * 1024;
const CRAMPED: &str = "There is no room left for that file: delete some first, or try again later.";
/// Bytes of a form that may wait to be understood: headers that don't end, a first boundary that doesn't come.
const HELD_MOST: usize = 2 * 1024 * 1024;

/// Why a form could not be taken in.
#[derive(Debug)]
pub enum Unformed {
    /// The request is none, or names no boundary.
    NoForm,
    /// It breaks off or is not well-formed.
    Broken,
    /// More came than may, in all or for the file.
    TooLarge,
    /// A text in it is longer than this.
    LongText(usize),
    Blob(BlobError),
}

/// A form being read, part by part, in the order they come.
pub struct Form<'house> {
    house: &'house House,
    parts: Multipart,
    /// The largest file.
    most: u64,
    room: Arc<Held>,
    held: Arc<AtomicUsize>,
}

impl<'house> Form<'house> {
    /// Begins to read a form whose file may have so many bytes, if there is room for it.
    pub async fn open(house: &'house House, session: &Session, request: Request, most: u64) -> Result<Self, Unformed> {
        let announced = announced(request.headers());
        if announced.is_some_and(|bytes| bytes > most.saturating_add(ASIDE_MOST)) {
            return Err(Unformed::TooLarge);
        }
        let held = Arc::new(AtomicUsize::new(0));
        let left = most.saturating_add(ASIDE_MOST);
        let measured = |body| Measured { pieces: pieces(body), left, held: held.clone(), paused: false };
        let request = request.map(|body| Body::from_stream(measured(body)));
        let parts = Multipart::from_request(request, &()).await.map_err(|_| Unformed::NoForm)?;
        let least = announced.unwrap_or_default().saturating_sub(FRAME_MOST).min(most);
        let room = house.blobs.hold(session, least, most).await.map_err(Unformed::Blob)?;
        Ok(Self { house, parts, most, room: Arc::new(room), held })
    }

    /// The room that its file takes, to be held until the store knows of it.
    pub fn room(&self) -> Arc<Held> {
        self.room.clone()
    }

    /// The next part; none at the form's end.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, Unformed> {
        let Self { house, parts, most, room, held } = self;
        let field = parts.next_field().await.map_err(|error| broken(&error))?;
        Ok(field.map(|field| Part { house, field, most: *most, room: room.bytes(), held }))
    }
}

/// A part of a form, being read.
pub struct Part<'form> {
    house: &'form House,
    field: Field<'form>,
    most: u64,
    /// Bytes that there is room for.
    room: u64,
    held: &'form AtomicUsize,
}

impl Part<'_> {
    pub fn name(&self) -> Option<&str> {
        self.field.name()
    }

    /// The name of the file it is, as the client wrote it; none where it is none.
    pub fn file_name(&self) -> Option<String> {
        disposition::file_name(self.field.headers())
    }

    /// Puts its bytes into the blobs.
    pub async fn into_blob(mut self) -> Result<Blob, Unformed> {
        let mut incoming = self.house.blobs.incoming(self.most.min(self.room)).await.map_err(of_blob)?;
        let cramped = self.room < self.most;
        while let Some(piece) = self.piece().await? {
            incoming.push(&piece).await.map_err(|error| match error {
                BlobError::TooLarge { .. } if cramped => Unformed::Blob(BlobError::NoRoom(CRAMPED.to_owned())),
                error => of_blob(error),
            })?;
            self.house.metrics.uploaded(piece.len() as u64);
        }
        incoming.finish().await.map_err(of_blob)
    }

    pub async fn text(mut self, most: usize) -> Result<Vec<u8>, Unformed> {
        let mut text = Vec::new();
        while let Some(piece) = self.piece().await? {
            text.extend_from_slice(&piece);
            if text.len() > most {
                return Err(Unformed::LongText(most));
            }
        }
        Ok(text)
    }

    pub async fn pass_over(mut self) -> Result<(), Unformed> {
        while self.piece().await?.is_some() {}
        Ok(())
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Unformed> {
        let piece = self.field.chunk().await.map_err(|error| broken(&error));
        self.held.store(0, Ordering::Relaxed);
        piece
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn of_blob(error: BlobError) -> Unformed {
    match error {
        BlobError::TooLarge { .. } => Unformed::TooLarge,
        error => Unformed::Blob(error),
    }
}

/// A form that breaks off or is none; or one that is too large, which its measuring ends.
pub(crate) fn broken(error: &MultipartError) -> Unformed {
    if is_too_large(error) {
        return Unformed::TooLarge;
    }
    tracing::debug!(%error, "a form could not be read");
    Unformed::Broken
}

fn is_too_large(error: &(dyn Error + 'static)) -> bool {
    error.is::<TooLarge>() || error.source().is_some_and(is_too_large)
}

#[derive(Debug, thiserror::Error)]
#[error("the form is larger than it may be")]
struct TooLarge;

/// A body that ends with an error where more comes than may, in all or at once. It gives one piece at a time: the form's
/// reader would take in everything that is there.
struct Measured {
    pieces: BoxStream<'static, Result<Bytes, axum::Error>>,
    left: u64,
    held: Arc<AtomicUsize>,
    paused: bool,
}

impl Stream for Measured {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.paused) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = self.pieces.poll_next_unpin(cx);
        let Poll::Ready(Some(Ok(piece))) = &polled else { return polled };
        self.paused = true;
        let held = self.held.fetch_add(piece.len(), Ordering::Relaxed) + piece.len();
        match self.left.checked_sub(piece.len() as u64) {
            Some(left) if held <= HELD_MOST => self.left = left,
            _ => return Poll::Ready(Some(Err(axum::Error::new(TooLarge)))),
        }
        polled
    }
}
