//! The bytes of apps and files.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use titan_core::FileId;
use titan_core::protocol::FaultCode;

use super::answer::{Answer, Refused};
use super::entering::{At, LoggedIn, enter_if_told};
use super::small::{AppPath, WordPath};
use crate::doors::House;
use crate::doors::transfer::handing_out::{Kept, Offered, hand_out, whole_size};

/// `GET|HEAD /api/download/{id}`: an approved app to anybody; another one to its author and admins, for review.
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

/// `GET|HEAD /api/files/{id}`: a file of a conversation, to its members.
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
