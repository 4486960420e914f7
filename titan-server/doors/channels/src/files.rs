//! Files of a channel: putting one there, fetching one.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use titan_core::protocol::FaultCode;
use titan_core::{ConversationId, FileId, SafeText, text};
use utoipa::ToSchema;

use super::answer::{Answer, Detail, Mistakes, Refused, given};
use super::asked::{At, Written};
use super::check::Check;
use super::door::Door;
use super::entering::session;
use super::event::{Shared, shared};
use super::rooms::find;
use titan_blobs::{Blob, BlobError, Held};
use titan_door::House;
use titan_door::media::Kind;
use titan_door::transfer::form::{Form, Unformed};
use titan_door::transfer::handing_out::{Kept, Offered, hand_out, whole_size};
use titan_hub::{NewFile, Session};

const MEGABYTE: u64 = 1024 * 1024;
/// A text where a file should be is told back so far, in bytes.
const TEXT_MOST: usize = 64 * 1024;

/// A form with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form is read as it comes")]
pub struct FileForm {
    /// The file. `file` is taken as well as `upload`; the first of them counts.
    #[schema(value_type = String, format = Binary)]
    upload: Vec<u8>,
}

/// Puts a file into a channel.
#[utoipa::path(
    post, path = "/channels/{channel_id}/files", tag = "channels", security(("jwt" = [])),
    params(("channel_id" = i64, Path, description = "The channel's id")),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The file as it is kept", body = Shared),
        (status = 400, description = "The file is too large, or the form can't be read", body = Detail),
        (status = 403, description = "One is no member, or may not write there just now", body = Detail),
        (status = 404, description = "There is no such channel", body = Detail),
        (status = 422, description = "The id is no number, or the file is missing", body = Mistakes),
        (status = 507, description = "There is no room for it", body = Detail),
        super::papers::Known,
    )
)]
pub async fn upload(
    State(door): State<Door>,
    At(visitor): At,
    Written(id): Written,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let session = session(&door, &visitor, &headers).await?;
    let mut check = Check::default();
    let Some(id) = check.number("path", "channel_id", &id) else { return Err(check.refused()) };
    let channel = find(&session, ConversationId(id)).await?.id();
    session.permit_upload(channel).await?;
    let (name, blob, _held) = file_of(&door.house, &session, request).await?;
    Ok(given(&keep(&session, channel, name, blob).await?))
}

/// The file that a form brings.
async fn file_of(house: &House, session: &Session, request: Request) -> Answer<(String, Blob, Arc<Held>)> {
    let most = house.sizes.channel_file;
    let refused = |unformed| refused(unformed, most);
    if lacks_boundary(request.headers()) {
        return Err(Refused::bad_request("Missing boundary in multipart."));
    }
    let (mut found, mut instead) = (None, None);
    let mut form = Form::open(house, session, request, most).await.map_err(refused)?;
    // To its end: a form that breaks off brought nothing.
    while let Some(part) = form.next().await.map_err(refused)? {
        let wanted = matches!(part.name(), Some("upload" | "file")) && found.is_none();
        match part.file_name().filter(|_| wanted) {
            Some(name) => found = Some((text::file_name(&name), part.into_blob().await.map_err(refused)?)),
            None if wanted => {
                let given = part.text(TEXT_MOST).await.map_err(refused)?;
                instead = Some(String::from_utf8_lossy(&given).into_owned());
            }
            None => part.pass_over().await.map_err(refused)?,
        }
    }
    let (name, blob) = found.ok_or_else(|| no_file(instead))?;
    Ok((name, blob, form.room()))
}

/// A form without a boundary can't be taken apart.
fn lacks_boundary(headers: &HeaderMap) -> bool {
    Kind::of(headers).is_some_and(|kind| kind.is("multipart/form-data") && kind.parameter("boundary").is_none())
}

async fn keep(session: &Session, channel: ConversationId, name: String, blob: Blob) -> Answer<Shared> {
    let file = NewFile { name, size: blob.size, blob: blob.id, unique_name: None };
    let entry = session.share(channel, file).await?;
    shared(&entry).ok_or_else(|| Refused::not_found("The file was deleted at once."))
}

fn no_file(instead: Option<String>) -> Refused {
    let mut check = Check::default();
    check.no_file("upload", instead);
    check.refused()
}

fn refused(unformed: Unformed, most: u64) -> Refused {
    match unformed {
        Unformed::NoForm => no_file(None),
        Unformed::Broken => Refused::bad_request("Invalid multipart data."),
        Unformed::TooLarge => Refused::bad_request(format!("File too large, max {}.", in_words(most))),
        Unformed::LongText(most) => Refused::bad_request(format!("A text in a form may have at most {most} bytes.")),
        Unformed::Blob(error @ (BlobError::NoRoom(_) | BlobError::Full)) => {
            let said = titan_core::protocol::Fault::from(error).message;
            Refused::new(StatusCode::INSUFFICIENT_STORAGE, said)
        }
        Unformed::Blob(error) => titan_core::protocol::Fault::from(error).into(),
    }
}

/// As the original writes it: no blank before the unit.
fn in_words(bytes: u64) -> String {
    match bytes {
        0..MEGABYTE => format!("{bytes} bytes"),
        _ => format!("{}MB", bytes / MEGABYTE),
    }
}

/// Fetches a file, whole or in part.
#[utoipa::path(
    get, path = "/files/{file_id}", tag = "channels", security(("jwt" = [])),
    params(
        ("file_id" = i64, Path, description = "The file's id"),
        super::papers::Conditions,
    ),
    responses(
        (status = 200, description = "The bytes, as an attachment", body = Vec<u8>, content_type = "*/*",
            headers(("Content-Disposition" = String), ("ETag" = String), ("Accept-Ranges" = String))),
        (status = 206, description = "The part that was asked for", body = Vec<u8>, content_type = "*/*",
            headers(("Content-Range" = String))),
        (status = 304, description = "The client has these bytes already"),
        (status = 403, description = "One is no member of its channel", body = Detail),
        (status = 404, description = "There is no such file", body = Detail),
        (status = 410, description = "Its bytes are gone", body = Detail),
        (status = 412, description = "It is not the file that If-Match wants", body = Detail),
        (status = 416, description = "The range begins beyond its end", body = Detail),
        (status = 422, description = "The id is no number", body = Mistakes),
        super::papers::Known,
    )
)]
pub async fn download(
    State(door): State<Door>,
    At(visitor): At,
    Written(id): Written,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let session = session(&door, &visitor, &headers).await?;
    let mut check = Check::default();
    let Some(id) = check.number("path", "file_id", &id) else { return Err(check.refused()) };
    let record = session.find_file(FileId(id)).await.map_err(|fault| match fault.code {
        FaultCode::NotFound => Refused::not_found("File not found"),
        _ => fault.into(),
    })?;
    let name = SafeText::line(&record.name);
    let offered = Offered { name: &name, size: record.size, blob: record.blob };
    let (response, _) = hand_out(&door.house, &method, &headers, offered).await?;
    Ok(response)
}

impl From<Kept> for Refused {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Beyond(size) => {
                let said = format!("The file has {size} bytes: that range is beyond its end.");
                Self::new(StatusCode::RANGE_NOT_SATISFIABLE, said).with(header::CONTENT_RANGE, whole_size(size))
            }
            Kept::Changed => Self::new(StatusCode::PRECONDITION_FAILED, "The file is another one now."),
            Kept::Blob(BlobError::Missing(_)) => Self::new(StatusCode::GONE, "File no longer available"),
            Kept::Blob(error) => titan_core::protocol::Fault::from(error).into(),
        }
    }
}
