//! `POST /api/upload`: an app as a form with the parts `metadata` and `file`, in any order.

use axum::extract::{Request, State};
use titan_core::text;
use utoipa::ToSchema;

use super::answer::{Answer, Refusal, Refused, success};
use super::entering::LoggedIn;
use super::said::{HandedIn, Success};
use super::wish::{AppWish, Wished};
use titan_blobs::{Blob, BlobError};
use titan_door::House;
use titan_door::transfer::form::{Form, Part, Unformed};
use titan_hub::{AppUpload, NewFile};

const METADATA_MOST: usize = 64 * 1024;

/// A form with an app.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form is read as it comes")]
pub struct AppForm {
    metadata: Wished,
    #[schema(value_type = String, format = Binary, min_length = 1)]
    file: Vec<u8>,
}

/// Hands in an app; it waits for an admin.
#[utoipa::path(
    post, path = "/api/upload", tag = "titan-net", security(("session" = [])),
    request_body(content = AppForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "It waits for an admin", body = Success<HandedIn>),
        (status = 400, description = "Something is missing from the form, or will not do", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn upload(State(house): State<House>, LoggedIn(session): LoggedIn, request: Request) -> Answer {
    session.permit_app_upload().await?;
    let brought = Brought::by(&house, request).await?;
    let (name, blob) = brought.file.ok_or_else(no_file)?;
    let AppWish { name: title, description, category, version, metadata } =
        brought.metadata.unwrap_or_else(|| AppWish::of_json(b"{}"))?;
    let file = NewFile { name, size: blob.size, blob: blob.id, unique_name: None };
    let app = session.add_app(AppUpload { name: title, description, category, version, file, metadata }).await?;
    Ok(success(HandedIn { app_id: app.id, message: "File uploaded successfully. Pending admin approval." }))
}

fn no_file() -> Refused {
    Refused::bad_request("File data required")
}

/// What a form brought.
#[derive(Default)]
struct Brought {
    metadata: Option<Answer<AppWish>>,
    file: Option<(String, Blob)>,
}

impl Brought {
    async fn by(house: &House, request: Request) -> Answer<Self> {
        let most = house.sizes.upload;
        let refused = |unformed| refused(unformed, most);
        let mut form = Form::open(house, request, most).await.map_err(refused)?;
        let mut brought = Self::default();
        while let Some(part) = form.next().await.map_err(refused)? {
            brought.take(part, most).await?;
        }
        Ok(brought)
    }

    async fn take(&mut self, part: Part<'_>, most: u64) -> Answer<()> {
        let refused = |unformed| refused(unformed, most);
        match part.name() {
            Some("metadata") if self.metadata.is_none() => {
                self.metadata = Some(AppWish::of_json(&part.text(METADATA_MOST).await.map_err(refused)?));
            }
            Some("file") if self.file.is_none() => {
                // What is known to be wrong is said before the bytes are taken in.
                if let Some(Err(refused)) = self.metadata.take_if(|metadata| metadata.is_err()) {
                    return Err(refused);
                }
                let name = part.file_name().filter(|name| !name.is_empty());
                let name = text::file_name(&name.ok_or_else(no_file)?);
                let blob = part.into_blob().await.map_err(refused)?;
                if blob.size == 0 {
                    return Err(no_file());
                }
                self.file = Some((name, blob));
            }
            _ => part.pass_over().await.map_err(refused)?,
        }
        Ok(())
    }
}

fn refused(unformed: Unformed, most: u64) -> Refused {
    match unformed {
        Unformed::NoForm => Refused::bad_request(
            "File data required: send a multipart/form-data form with the parts metadata and file.",
        ),
        Unformed::Broken => Refused::bad_request("File data required: the form breaks off or is not well-formed."),
        Unformed::TooLarge => BlobError::TooLarge { most }.into(),
        Unformed::LongText(most) => Refused::bad_request(format!("The metadata may have at most {most} bytes.")),
        Unformed::Blob(error) => error.into(),
    }
}
