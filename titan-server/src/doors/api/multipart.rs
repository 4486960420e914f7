//! `POST /api/upload`: an app as a form with the parts `metadata` and `file`, in any order.
//!
//! The file goes to the blobs as it comes; what is held of a form is bounded, however it is written.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, header};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use serde_json::json;
use titan_core::text;

use super::answer::{Answer, Refused, success};
use super::body::pieces;
use super::disposition;
use super::entering::LoggedIn;
use super::wish::AppWish;
use crate::blobs::{Blob, BlobError};
use crate::doors::House;
use crate::hub::{AppUpload, NewFile};

/// What a form may have beside its file.
const ASIDE_MOST: u64 = 1024 * 1024;
const METADATA_MOST: usize = 64 * 1024;
/// Bytes of a form that may wait to be understood: headers that don't end, a first boundary that doesn't come.
const HELD_MOST: usize = 2 * 1024 * 1024;

pub async fn upload(State(house): State<House>, LoggedIn(session): LoggedIn, request: Request) -> Answer {
    let most = house.sizes.upload;
    if announced(request.headers()).is_some_and(|bytes| bytes > most.saturating_add(ASIDE_MOST)) {
        return Err(BlobError::TooLarge { most }.into());
    }
    session.permit_app_upload()?;
    let form = Form::read(&house, request).await?;
    let (name, blob) = form.file.ok_or_else(no_file)?;
    let AppWish { name: title, description, category, version, metadata } =
        form.metadata.unwrap_or_else(|| AppWish::of_json(b"{}"))?;
    let file = NewFile { name, size: blob.size, blob: blob.id };
    let app = session.add_app(AppUpload { name: title, description, category, version, file, metadata }).await?;
    Ok(success(json!({
        "app_id": app.id,
        "message": "File uploaded successfully. Pending admin approval.",
    })))
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn no_file() -> Refused {
    Refused::bad_request("File data required")
}

/// What a form brought.
#[derive(Default)]
struct Form {
    metadata: Option<Answer<AppWish>>,
    file: Option<(String, Blob)>,
}

impl Form {
    async fn read(house: &House, request: Request) -> Answer<Self> {
        let held = Arc::new(AtomicUsize::new(0));
        let left = house.sizes.upload.saturating_add(ASIDE_MOST);
        let measured = |body| Measured { pieces: pieces(body), left, held: held.clone(), paused: false };
        let request = request.map(|body| Body::from_stream(measured(body)));
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| {
            Refused::bad_request(
                "File data required: send a multipart/form-data form with the parts metadata and file.",
            )
        })?;
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|error| broken(house, &error))? {
            form.take(Part { house, field: part, held: &held }).await?;
        }
        Ok(form)
    }

    async fn take(&mut self, part: Part<'_, '_>) -> Answer<()> {
        match part.field.name() {
            Some("metadata") if self.metadata.is_none() => {
                self.metadata = Some(AppWish::of_json(&part.text().await?));
            }
            Some("file") if self.file.is_none() => {
                // What is known to be wrong is said before the bytes are taken in.
                if let Some(Err(refused)) = self.metadata.take_if(|metadata| metadata.is_err()) {
                    return Err(refused);
                }
                let name = disposition::file_name(part.field.headers()).filter(|name| !name.is_empty());
                let name = text::file_name(&name.ok_or_else(no_file)?);
                self.file = Some((name, part.into_blob().await?));
            }
            _ => part.pass_over().await?,
        }
        Ok(())
    }
}

/// A part of a form, being read.
struct Part<'house, 'form> {
    house: &'house House,
    field: Field<'form>,
    held: &'house AtomicUsize,
}

impl Part<'_, '_> {
    async fn piece(&mut self) -> Answer<Option<Bytes>> {
        let piece = self.field.chunk().await.map_err(|error| broken(self.house, &error));
        self.held.store(0, Ordering::Relaxed);
        piece
    }

    async fn into_blob(mut self) -> Answer<Blob> {
        let mut incoming = self.house.blobs.incoming(self.house.sizes.upload).await?;
        while let Some(piece) = self.piece().await? {
            incoming.push(&piece).await?;
            self.house.metrics.uploaded(piece.len() as u64);
        }
        if incoming.taken() == 0 {
            return Err(no_file());
        }
        Ok(incoming.finish().await?)
    }

    async fn text(mut self) -> Answer<Vec<u8>> {
        let mut text = Vec::new();
        while let Some(piece) = self.piece().await? {
            text.extend_from_slice(&piece);
            if text.len() > METADATA_MOST {
                return Err(Refused::bad_request(format!("The metadata may have at most {METADATA_MOST} bytes.")));
            }
        }
        Ok(text)
    }

    async fn pass_over(mut self) -> Answer<()> {
        while self.piece().await?.is_some() {}
        Ok(())
    }
}

/// A form that breaks off or is none; or one that is too large, which its measuring ends.
fn broken(house: &House, error: &MultipartError) -> Refused {
    if is_too_large(error) {
        return BlobError::TooLarge { most: house.sizes.upload }.into();
    }
    tracing::debug!(%error, "a form could not be read");
    Refused::bad_request("File data required: the form breaks off or is not well-formed.")
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
