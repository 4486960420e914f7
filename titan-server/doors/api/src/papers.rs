//! What handlers say of themselves to the OpenAPI document: answers, parameters and fields that several have in common.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use titan_core::protocol::Category;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::answer::Refusal;
use titan_door::patterns;

/// What anybody may be answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "responses are told by their fields' types")]
pub enum Anybody {
    #[response(status = 403, description = "The account or the address is banned, or one may not do that")]
    Forbidden(Refusal),
    #[response(status = 413, description = "The body is too large, or so are one's uploads together")]
    TooLarge(Refusal),
    #[response(status = 429, description = "Too fast: wait as Retry-After says", headers(("Retry-After" = u64)))]
    TooFast(Refusal),
    #[response(status = 500, description = "The server failed; its log says why")]
    Failed(Refusal),
    #[response(status = 503, description = "The server can't write just now: nothing was kept, try again soon")]
    Unavailable(Refusal),
}

/// What somebody with a token may be answered, and somebody without.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "responses are told by their fields' types")]
pub enum Known {
    #[response(
        status = 401, description = "There is no token, or it is not good (any more)",
        headers(("WWW-Authenticate" = String))
    )]
    NotAuthenticated(Refusal),
    #[response(status = 403, description = "The account or the address is banned, or one may not do that")]
    Forbidden(Refusal),
    #[response(status = 413, description = "The body is too large, or so are one's uploads together")]
    TooLarge(Refusal),
    #[response(status = 429, description = "Too fast: wait as Retry-After says", headers(("Retry-After" = u64)))]
    TooFast(Refusal),
    #[response(status = 500, description = "The server failed; its log says why")]
    Failed(Refusal),
    #[response(status = 503, description = "The server can't write just now: nothing was kept, try again soon")]
    Unavailable(Refusal),
}

/// Which bytes of a file are wanted, and when.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read from the headers themselves")]
pub struct Conditions {
    /// `bytes=0-99`, `bytes=100-` or `bytes=-100`. Several ranges, and what can't be read, give the whole.
    #[param(rename = "Range")]
    range: Option<String>,
    /// The range is meant for this ETag only; with another the whole is given.
    #[param(rename = "If-Range")]
    if_range: Option<String>,
    /// An ETag that need not be sent again.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// Where a page of a list begins.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read from the query itself")]
pub struct Behind {
    /// From the `Link` of the page before.
    after: Option<i64>,
}

/// The version of tus that is spoken.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read from the headers themselves")]
pub struct Speaking {
    #[param(rename = "Tus-Resumable", inline)]
    tus_resumable: TusVersion,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "read from the headers themselves")]
enum TusVersion {
    #[schema(rename = "1.0.0")]
    One,
}

/// Which upload.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read from the path itself")]
pub struct UploadPath {
    /// The last part of its Location.
    #[param(pattern = "^[0-9a-f]{32}$")]
    id: String,
}

/// What an upload is to be.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read from the headers themselves")]
pub struct Wish {
    /// How many bytes there will be.
    #[param(rename = "Upload-Length")]
    length: u64,
    /// Pairs of a name and the base64 of a text, in any order. With `conversation` (and `text`, `client_id`) the bytes become
    /// a file there, otherwise an app with `name`, `description`, `category` and `version`; beside these `filename` and
    /// `sha256`.
    #[param(rename = "Upload-Metadata", schema_with = upload_metadata)]
    metadata: String,
}

/// What bytes add up to.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read from the headers themselves")]
pub struct Summed {
    /// `sha1` or `sha256`, and the base64 of the hash of these bytes.
    #[param(rename = "Upload-Checksum", pattern = "^(sha1|sha256) [A-Za-z0-9+/]{20,}={0,2}$")]
    checksum: Option<String>,
}

/// Bytes of an upload.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "the body is read as it comes")]
pub struct Piece(Vec<u8>);

/// What clients that can only POST may mean.
#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
#[expect(dead_code, reason = "read from the headers themselves")]
pub enum Overridden {
    Patch,
    Head,
    Delete,
}

/// The forms that clients write, among others: a file for a conversation, an app.
fn upload_metadata() -> RefOr<Schema> {
    /// Base64 of three printable characters of ASCII.
    const THREE: &str = "[I-d][C-HS-Xi-ny-z0-3][BFJNRVZdhlptx159][A-Z]";
    let categories = Category::ALL.map(|category| BASE64_STANDARD.encode(category.name())).join("|");
    let file = format!("conversation (MQ|Mg|Mw)==,filename ({THREE})+(,text ({THREE})+)?");
    let words = format!(
        "name ({THREE}){{1,30}},description ({THREE}){{0,99}},category ({categories}),version ({THREE}){{1,9}}"
    );
    let pattern = format!("^({file}|{words}(,filename ({THREE})+)?)$");
    let examples = ["conversation MQ==,filename TXlB", "name TXlB,description ,category Z2FtZQ==,version MS5B"];
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).examples(examples).build();
    Schema::Object(schema).into()
}

pub fn title() -> RefOr<Schema> {
    patterns::visible_or_number(100)
}

pub fn reason() -> RefOr<Schema> {
    patterns::visible(1_000)
}

pub fn version() -> RefOr<Schema> {
    patterns::visible_or_number(50)
}

pub fn app_description() -> RefOr<Schema> {
    patterns::text_or_number(4_000)
}
