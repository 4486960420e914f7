//! The bytes of apps and files.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use titan_core::FileId;
use titan_core::protocol::FaultCode;

use super::answer::{Answer, Refusal, Refused};
use super::entering::{At, LoggedIn, enter_if_told};
use super::small::{AppPath, WordPath};
use titan_door::House;
use titan_door::transfer::handing_out::{Kept, Offered, hand_out, whole_size};

/// Fetches an app: an approved one anybody, another one its author and admins, for review.
#[utoipa::path(
    get, path = "/api/download/{id}", tag = "titan-net", security((), ("session" = [])),
    params(("id" = i64, Path, description = "The app's id"), super::papers::Conditions),
    responses(
        (status = 200, description = "The bytes, as an attachment", content(("*/*")),
            headers(("Content-Disposition" = String), ("ETag" = String), ("Accept-Ranges" = String), ("Repr-Digest" = String))),
        (status = 206, description = "The part that was asked for", content(("*/*")), headers(("Content-Range" = String))),
        (status = 304, description = "The client has these bytes already"),
        (status = 404, description = "There is no such app", body = Refusal),
        (status = 416, description = "The range begins beyond the end", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn app(
    State(house): State<House>,
    At(visitor): At,
    AppPath(app): AppPath,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let (record, public) = match house.hub.approved_app(app).await {
        Ok(record) => (record, true),
        Err(fault) if fault.code == FaultCode::NotApproved => {
            let session = enter_if_told(&house, &visitor, &headers).await?;
            let session = session.ok_or_else(|| Refused::from(fault))?;
            (session.open_app(app).await?, false)
        }
        Err(fault) => return Err(fault.into()),
    };
    let app = record.app;
    let offered = Offered { name: &app.file_name, size: app.size, blob: app.sha256 };
    let (response, begun) = hand_out(&house, &method, &headers, offered).await?;
    if begun && public {
        // A download that can't be counted is given all the same: reading goes on while the disk is full.
        if let Err(fault) = house.hub.count_download(app.id).await {
            tracing::warn!(%fault, "a download was not counted");
        }
    }
    Ok(response)
}

/// Fetches a file of a conversation one is in.
#[utoipa::path(
    get, path = "/api/files/{id}", tag = "transfers", security(("session" = [])),
    params(("id" = i64, Path, description = "The file's id"), super::papers::Conditions),
    responses(
        (status = 200, description = "The bytes, as an attachment", content(("*/*")),
            headers(("Content-Disposition" = String), ("ETag" = String), ("Accept-Ranges" = String), ("Repr-Digest" = String))),
        (status = 206, description = "The part that was asked for", content(("*/*")), headers(("Content-Range" = String))),
        (status = 304, description = "The client has these bytes already"),
        (status = 404, description = "There is no such file", body = Refusal),
        (status = 416, description = "The range begins beyond the end", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn file(
    State(house): State<House>,
    LoggedIn(session): LoggedIn,
    WordPath(file): WordPath,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let file: FileId = file.parse().map_err(|_| Refused::not_found("File not found"))?;
    let record = session.open_file(file).await?;
    let offered = Offered { name: &record.name, size: record.size, blob: record.blob };
    Ok(hand_out(&house, &method, &headers, offered).await?.0)
}

/// What an app's bytes would come with.
#[utoipa::path(
    head, path = "/api/download/{id}", tag = "titan-net", security((), ("session" = [])),
    params(("id" = i64, Path, description = "The app's id")),
    responses(
        (status = 200, description = "What the bytes would come with"),
        (status = 304, description = "The client has these bytes already"),
        (status = 401, description = "There is no token, or it is not good (any more)"),
        (status = 403, description = "One may not have it"),
        (status = 404, description = "There is none such"),
        (status = 429, description = "Too fast"),
    )
)]
#[expect(dead_code, reason = "a paper only: GET answers HEAD as well")]
pub fn app_head() {}

/// What a file's bytes would come with.
#[utoipa::path(
    head, path = "/api/files/{id}", tag = "transfers", security(("session" = [])),
    params(("id" = i64, Path, description = "The file's id")),
    responses(
        (status = 200, description = "What the bytes would come with"),
        (status = 304, description = "The client has these bytes already"),
        (status = 401, description = "There is no token, or it is not good (any more)"),
        (status = 403, description = "One may not have it"),
        (status = 404, description = "There is none such"),
        (status = 429, description = "Too fast"),
    )
)]
#[expect(dead_code, reason = "a paper only: GET answers HEAD as well")]
pub fn file_head() {}

impl From<Kept> for Refused {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Beyond(size) => {
                let said = format!("The file has {size} bytes: that range is beyond its end.");
                Self::new(StatusCode::RANGE_NOT_SATISFIABLE, said).with(header::CONTENT_RANGE, whole_size(size))
            }
            Kept::Changed => Self::new(StatusCode::PRECONDITION_FAILED, "The file is another one now."),
            Kept::Blob(error) => error.into(),
        }
    }
}
