//! Resumable uploads at `/api/uploads`: tus 1.0 with creation, creation-with-upload, expiration, checksum, termination.
//!
//! `Upload-Metadata` says what the bytes are to become: with `conversation` (and `text`, `client_id`) a file of a
//! conversation, otherwise an app with `name`, `description`, `category`, `version`; beside these `filename` and
//! `sha256`. The request that completes an upload is answered with `Titan-Result`, the JSON of the posted message or of
//! the app; so is every later one, since the answer may have been lost.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{head, post};
use jiff::Timestamp;
use std::sync::Arc;
use titan_core::Time;

use super::answer::{Answer, Refusal as Said, Refused};
use super::entering::LoggedIn;
use super::papers::{Overridden, Piece, Speaking, Summed, UploadPath, Wish};
use super::small::WordPath;
use super::tus_headers::{self as told, NotTold};
use titan_blobs::uploads::{Checksum, Cut, Refusal, Turn, Upload, permit};
use titan_door::House;
use titan_door::media::Kind;
use titan_door::transfer::body::pieces;
use titan_hub::Session;

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,expiration,checksum,termination";
const BYTES: &str = "application/offset+octet-stream";

pub const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const TITAN_RESULT: HeaderName = HeaderName::from_static("titan-result");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

pub fn router() -> Router<House> {
    Router::new()
        .route("/uploads", post(create).options(discover))
        .route("/uploads/{id}", head(work).patch(work).delete(work).post(work).options(discover))
        .route_layer(from_fn(speak_tus))
}

/// A middleware: only this version is spoken, and every answer says so.
async fn speak_tus(request: Request, next: Next) -> Response {
    let speaks = request.headers().get(TUS_RESUMABLE).is_some_and(|version| version == VERSION);
    let mut response = if request.method() == Method::OPTIONS {
        next.run(request).await
    } else if let Some(extension) = told::not_spoken(request.headers()) {
        let said = format!("The header {extension} is of no extension that is spoken here: {EXTENSIONS}.");
        Refused::bad_request(said).into_response()
    } else if speaks {
        next.run(request).await
    } else {
        let said = "This speaks tus 1.0.0: send the header Tus-Resumable: 1.0.0.";
        let version = HeaderValue::from_static(VERSION);
        Refused::new(StatusCode::PRECONDITION_FAILED, said).with(TUS_VERSION, version).into_response()
    };
    response.headers_mut().insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

/// Says which tus is spoken here, and how large an upload may be.
#[utoipa::path(
    options, path = "/api/uploads", tag = "transfers",
    responses((status = 204, description = "In headers", headers(
        ("Tus-Version" = String), ("Tus-Extension" = String), ("Tus-Max-Size" = u64), ("Tus-Checksum-Algorithm" = String),
    )))
)]
async fn discover(State(house): State<House>) -> Response {
    let headers = [
        (TUS_VERSION, HeaderValue::from_static(VERSION)),
        (TUS_EXTENSION, HeaderValue::from_static(EXTENSIONS)),
        (TUS_MAX_SIZE, house.sizes.upload.into()),
        (TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static("sha1,sha256")),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begins an upload, with its first bytes where some come along.
#[utoipa::path(
    post, path = "/api/uploads", tag = "transfers", security(("session" = [])),
    params(
        Speaking,
        Wish,
        Summed,
    ),
    request_body(content = Piece, content_type = "application/offset+octet-stream"),
    responses(
        (status = 201, description = "It has begun, or is all there", headers(
            ("Location" = String), ("Upload-Offset" = u64), ("Upload-Expires" = String), ("Titan-Result" = String),
        )),
        (status = 400, description = "A header is missing or will not do", body = Said),
        (status = 404, description = "The conversation is gone", body = Said),
        (status = 409, description = "Somebody else goes on with it", body = Said),
        (status = 412, description = "This speaks tus 1.0.0 only", body = Said),
        (status = 507, description = "There is no room for it", body = Said),
        (status = 460, description = "The bytes don't match their checksum", body = Said),
        super::papers::Known,
    )
)]
async fn create(State(house): State<House>, LoggedIn(session): LoggedIn, request: Request) -> Answer {
    let new = told::new_upload(request.headers())?;
    permit(&session, &new.purpose).await?;
    let upload = house.uploads.begin_for(&session, new).await?;
    let location = HeaderValue::try_from(format!("/api/uploads/{}", upload.id));
    let location = location.map_err(|_| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "No place for the upload."))?;
    let bytes = match carries_bytes(request.headers()) {
        true => Some(Bytes::of(request, 0)?),
        false => None,
    };
    let mut created = match go_on(house, session, upload, bytes).await {
        Ok(progress) => (StatusCode::CREATED, progress.headers()).into_response(),
        Err(refused) => refused.into_response(),
    };
    created.headers_mut().insert(header::LOCATION, location);
    Ok(created)
}

/// Everything about one upload, by method; POST with `X-HTTP-Method-Override` where a client can't send the method.
async fn work(
    State(house): State<House>,
    LoggedIn(session): LoggedIn,
    WordPath(id): WordPath,
    request: Request,
) -> Answer {
    let method = match request.headers().get(METHOD_OVERRIDE) {
        Some(named) if request.method() == Method::POST => Method::from_bytes(named.as_bytes()).unwrap_or_default(),
        _ => request.method().clone(),
    };
    let upload = house.uploads.find(session.account(), &id)?;
    match method {
        Method::PATCH => patch(house, session, upload, request).await,
        Method::HEAD => stand(house, session, upload).await,
        Method::DELETE => terminate(upload).await,
        _ => Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, "An upload knows HEAD, PATCH and DELETE.")),
    }
}

/// Brings more bytes.
#[utoipa::path(
    patch, path = "/api/uploads/{id}", tag = "transfers", security(("session" = [])),
    params(
        UploadPath,
        Speaking,
        ("Upload-Offset" = u64, Header, description = "Where these bytes belong: as many as are there already"),
        Summed,
    ),
    request_body(content = Piece, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "They are kept", headers(
            ("Upload-Offset" = u64), ("Upload-Expires" = String), ("Titan-Result" = String),
        )),
        (status = 400, description = "A header is missing or will not do", body = Said),
        (status = 404, description = "There is no such upload", body = Said),
        (status = 409, description = "The bytes belong elsewhere, or somebody else goes on with it", body = Said),
        (status = 412, description = "This speaks tus 1.0.0 only", body = Said),
        (status = 415, description = "The Content-Type must be application/offset+octet-stream", body = Said),
        (status = 507, description = "The disk is full: what came of it is gone", body = Said),
        (status = 460, description = "The bytes don't match their checksum", body = Said),
        super::papers::Known,
    )
)]
async fn patch(house: House, session: Session, upload: Arc<Upload>, request: Request) -> Answer {
    if !carries_bytes(request.headers()) {
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("The Content-Type must be {BYTES}.")));
    }
    let at = told::number(request.headers(), &UPLOAD_OFFSET).map_err(NotTold::refused)?;
    let bytes = Bytes::of(request, at)?;
    let progress = go_on(house, session, upload, Some(bytes)).await?;
    Ok((StatusCode::NO_CONTENT, progress.headers()).into_response())
}

/// Says how far it is.
#[utoipa::path(
    head, path = "/api/uploads/{id}", tag = "transfers", security(("session" = [])),
    params(UploadPath, Speaking),
    responses(
        (status = 200, description = "In headers", headers(
            ("Upload-Offset" = u64), ("Upload-Length" = u64), ("Upload-Expires" = String), ("Upload-Metadata" = String),
            ("Titan-Result" = String),
        )),
        (status = 401, description = "There is no token, or it is not good (any more)"),
        (status = 403, description = "One may not do that"),
        (status = 404, description = "There is no such upload"),
        (status = 409, description = "Somebody else goes on with it"),
        (status = 412, description = "This speaks tus 1.0.0 only"),
        (status = 429, description = "Too fast"),
    )
)]
async fn stand(house: House, session: Session, upload: Arc<Upload>) -> Answer {
    let length = upload.length;
    let progress = go_on(house, session, upload, None).await?;
    let mut response = (StatusCode::OK, progress.headers()).into_response();
    response.headers_mut().insert(UPLOAD_LENGTH, length.into());
    if let Some(told) = progress.told.and_then(|told| HeaderValue::try_from(told).ok()) {
        response.headers_mut().insert(UPLOAD_METADATA, told);
    }
    Ok(response)
}

/// Gives the upload up.
#[utoipa::path(
    delete, path = "/api/uploads/{id}", tag = "transfers", security(("session" = [])),
    params(UploadPath, Speaking),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is no such upload", body = Said),
        (status = 412, description = "This speaks tus 1.0.0 only", body = Said),
        super::papers::Known,
    )
)]
async fn terminate(upload: Arc<Upload>) -> Answer {
    upload.turn().await.give_up().await;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Says the same of one upload.
#[utoipa::path(
    options, path = "/api/uploads/{id}", tag = "transfers", params(("id" = String, Path, description = "Any upload's")),
    responses((status = 204, description = "In headers"))
)]
#[expect(dead_code, reason = "a paper only: `discover` answers")]
pub fn discover_one() {}

/// Does what the header names, for clients that can't send the method itself.
#[utoipa::path(
    post, path = "/api/uploads/{id}", tag = "transfers", security(("session" = [])),
    params(
        UploadPath,
        Speaking,
        ("X-HTTP-Method-Override" = inline(Overridden), Header, description = "The method that is meant"),
        ("Upload-Offset" = Option<u64>, Header, description = "As with PATCH"),
        Summed,
    ),
    request_body(content = Piece, content_type = "application/offset+octet-stream"),
    responses(
        (status = 200, description = "As with HEAD"),
        (status = 204, description = "As with PATCH or DELETE"),
        (status = 400, description = "A header is missing or will not do", body = Said),
        (status = 404, description = "There is no such upload", body = Said),
        (status = 405, description = "The header names another method", body = Said),
        (status = 409, description = "The bytes belong elsewhere, or somebody else goes on with it", body = Said),
        (status = 412, description = "This speaks tus 1.0.0 only", body = Said),
        (status = 415, description = "The Content-Type must be application/offset+octet-stream", body = Said),
        (status = 507, description = "The disk is full: what came of it is gone", body = Said),
        (status = 460, description = "The bytes don't match their checksum", body = Said),
        super::papers::Known,
    )
)]
#[expect(dead_code, reason = "a paper only: `work` answers")]
pub fn overridden() {}

/// Bytes that came along, and where they belong.
struct Bytes {
    at: u64,
    body: Body,
    checksum: Option<Checksum>,
}

impl Bytes {
    fn of(request: Request, at: u64) -> Answer<Self> {
        let checksum = told::checksum(request.headers())?;
        Ok(Self { at, body: request.into_body(), checksum })
    }
}

fn carries_bytes(headers: &HeaderMap) -> bool {
    Kind::of(headers).is_some_and(|kind| kind.is(BYTES))
}

/// How an upload stands.
struct Progress {
    offset: u64,
    expires_at: Time,
    told: Option<String>,
    result: Option<String>,
}

/// Appends what came, and hands in what is whole. In a task of its own: it is finished even when the client is gone.
async fn go_on(house: House, session: Session, upload: Arc<Upload>, bytes: Option<Bytes>) -> Answer<Progress> {
    let work = tokio::spawn(async move {
        let mut turn = upload.turn().await;
        if let Some(Bytes { at, body, checksum }) = bytes {
            let before = turn.offset();
            let appended = turn.append(at, pieces(body), checksum).await;
            house.metrics.uploaded(turn.offset().saturating_sub(before));
            appended?;
        }
        if turn.is_whole() {
            turn.hand_in(&session).await?;
        }
        Ok(Progress::of(&upload, &turn))
    });
    work.await.unwrap_or_else(|_| Err(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "The server failed at that.")))
}

impl Progress {
    fn of(upload: &Upload, turn: &Turn) -> Self {
        Self {
            offset: turn.offset(),
            expires_at: upload.expires_at(),
            told: turn.told().map(str::to_owned),
            result: turn.result().map(str::to_owned),
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(UPLOAD_OFFSET, self.offset.into());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let expires = HeaderValue::try_from(http_date(self.expires_at));
        headers.extend(expires.ok().map(|expires| (UPLOAD_EXPIRES, expires)));
        let result = self.result.as_deref().and_then(|result| HeaderValue::try_from(told::for_header(result)).ok());
        headers.extend(result.map(|result| (TITAN_RESULT, result)));
        headers
    }
}

fn http_date(time: Time) -> String {
    let moment = Timestamp::from_millisecond(time.0).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// tus has a status of its own for bytes that don't match their checksum.
fn checksum_mismatch(said: String) -> Refused {
    Refused::new(StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST), said)
}

impl From<Cut> for Refused {
    fn from(cut: Cut) -> Self {
        let said = cut.to_string();
        match cut {
            Cut::Gone => Self::not_found(said),
            Cut::OtherOffset(offset) => Self::new(StatusCode::CONFLICT, said).with(UPLOAD_OFFSET, offset.into()),
            Cut::GaveWay => Self::new(StatusCode::CONFLICT, said),
            Cut::Connection => Self::bad_request(said),
            Cut::Blob(error) => error.into(),
            Cut::BeyondLength => Self::new(StatusCode::PAYLOAD_TOO_LARGE, said),
            Cut::WrongChecksum => checksum_mismatch(said),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(fault) | Refusal::Later(fault) => fault.into(),
            Refusal::WrongHash => {
                checksum_mismatch("The bytes are not those of the SHA-256 that was announced: begin again.".to_owned())
            }
        }
    }
}
