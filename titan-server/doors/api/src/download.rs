//! The bytes of apps and files.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use titan_core::FileId;
use titan_core::protocol::FaultCode;

use super::answer::{Answer, Refusal, Refused, success};
use super::entering::{At, LoggedIn, enter_if_told};
use super::said::{Link, Success};
use super::small::{AppPath, WordPath};
use titan_door::House;
use titan_door::site::Site;
use titan_door::token::{Bearer, LINK_LIFE};
use titan_door::transfer::handing_out::{Kept, Offered, hand_out, whole_size};

/// Where links to files lead.
pub const LINKED: &str = "/api/linked/";
/// What anybody may fetch.
pub const PUBLIC_FILES: &str = "/api/download/";

/// Fetches an app: an approved one anybody, another one its author and admins, for review.
#[utoipa::path(
    get, path = "/api/download/{id}", tag = "titan-net", security((), ("session" = [])),
    params(("id" = i64, Path, description = "The app's id"), super::papers::Conditions),
    responses(
        (status = 200, description = "The bytes, as an attachment", content(("*/*")),
            headers(("Content-Disposition" = String), ("ETag" = String), ("Accept-Ranges" = String), ("Repr-Digest" = String))),
        (status = 206, description = "The part that was asked for", content(("*/*")), headers(("Content-Range" = String))),
        (status = 303, description = "A browser opens it at the origin that files have of their own"),
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
    site: Option<Extension<Site>>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    if let Some(elsewhere) = elsewhere(&house, site, &headers) {
        return Ok(Redirect::to(&format!("{elsewhere}{PUBLIC_FILES}{app}")).into_response());
    }
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

/// Where a browser that would open it as a page of this origin is sent instead. What is no browser is given it here.
fn elsewhere(house: &House, site: Option<Extension<Site>>, headers: &HeaderMap) -> Option<String> {
    let origin = house.files_origin.as_ref()?;
    let there = site.is_some_and(|Extension(site)| site.is(origin));
    let opens = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    (opens && !there).then(|| origin.origin().ascii_serialization())
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

/// A link to a file of a conversation one is in, for a browser to open: it needs no token beside it, is good for five minutes and ends with the
/// session. It leads to the origin that the house has for files, where there is one.
#[utoipa::path(
    post, path = "/api/files/{id}/link", tag = "transfers", security(("session" = [])),
    params(("id" = i64, Path, description = "The file's id")),
    responses(
        (status = 200, description = "The link", body = Success<Link>),
        (status = 404, description = "There is no such file", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn link(
    State(house): State<House>,
    LoggedIn(session): LoggedIn,
    WordPath(file): WordPath,
    site: Option<Extension<Site>>,
) -> Answer {
    let file: FileId = file.parse().map_err(|_| Refused::not_found("File not found"))?;
    session.open_file(file).await?;
    let bearer = Bearer { session: session.id, account: session.account() };
    let path = format!("{LINKED}{}", house.tokens.link(bearer, file, house.hub.now()));
    let url = match (&house.files_origin, &site) {
        (Some(origin), _) => format!("{}{path}", origin.origin().ascii_serialization()),
        (None, Some(Extension(site))) => site.path(&path),
        (None, None) => path,
    };
    Ok(success(Link { url, expires_in: LINK_LIFE }))
}

/// Fetches the file that a link leads to.
#[utoipa::path(
    get, path = "/api/linked/{token}", tag = "transfers",
    params(("token" = String, Path, description = "What the link ends with"), super::papers::Conditions),
    responses(
        (status = 200, description = "The bytes, as an attachment", content(("*/*")),
            headers(("Content-Disposition" = String), ("ETag" = String), ("Accept-Ranges" = String), ("Repr-Digest" = String))),
        (status = 206, description = "The part that was asked for", content(("*/*")), headers(("Content-Range" = String))),
        (status = 304, description = "The client has these bytes already"),
        (status = 404, description = "The link is not good (any more)", body = Refusal),
        (status = 416, description = "The range begins beyond the end", body = Refusal),
        super::papers::Anybody,
    )
)]
pub async fn linked(
    State(house): State<House>,
    At(visitor): At,
    WordPath(token): WordPath,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let none = || Refused::not_found("That link is not good (any more).");
    let (Bearer { session, account }, file) = house.tokens.read_link(&token, house.hub.now()).ok_or_else(none)?;
    let entered = house.hub.enter_session(&visitor, session, account).await;
    let (session, _) =
        entered.map_err(|fault| if fault.code == FaultCode::BadToken { none() } else { fault.into() })?;
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
