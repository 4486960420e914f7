//! What handlers say of themselves to the OpenAPI document: answers, parameters and fields that several have in common.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, IntoResponses};

use super::answer::Detail;
use titan_door::patterns;

/// What anybody may be answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "responses are told by their fields' types")]
pub enum Anybody {
    #[response(status = 403, description = "The account or the address is banned")]
    Banned(Detail),
    #[response(status = 413, description = "The body is too large")]
    TooLarge(Detail),
    #[response(status = 429, description = "Too fast: wait as Retry-After says", headers(("Retry-After" = u64)))]
    TooFast(Detail),
    #[response(status = 500, description = "The server failed; its log says why")]
    Failed(Detail),
    #[response(status = 503, description = "The server can't write just now: nothing was kept, try again soon")]
    Unavailable(Detail),
}

/// What somebody with a token may be answered, and somebody without.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "responses are told by their fields' types")]
pub enum Known {
    #[response(
        status = 401, description = "There is no token, or it is not good (any more)",
        headers(("WWW-Authenticate" = String))
    )]
    NotAuthenticated(Detail),
    #[response(status = 403, description = "One may not do that")]
    Forbidden(Detail),
    #[response(status = 413, description = "The body is too large")]
    TooLarge(Detail),
    #[response(status = 429, description = "Too fast: wait as Retry-After says", headers(("Retry-After" = u64)))]
    TooFast(Detail),
    #[response(status = 500, description = "The server failed; its log says why")]
    Failed(Detail),
    #[response(status = 503, description = "The server can't write just now: nothing was kept, try again soon")]
    Unavailable(Detail),
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

/// Which stretch of a channel is wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read from the query itself")]
pub struct Stretch {
    /// How many messages; taken to the nearest of 1 to 200. 50 where none is given.
    #[param(schema_with = patterns::number)]
    limit: Option<i64>,
    /// From the `Link` of another page: what was said before that.
    #[param(schema_with = patterns::number)]
    before: Option<i64>,
}

/// Where a page of a list begins.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read from the query itself")]
pub struct Behind {
    /// From the `Link` of the page before.
    #[param(schema_with = patterns::number)]
    after: Option<i64>,
}

pub fn username() -> RefOr<Schema> {
    patterns::trimmed(3, 32)
}

pub fn password() -> RefOr<Schema> {
    patterns::trimmed(6, 128)
}

pub fn channel_name() -> RefOr<Schema> {
    patterns::trimmed(1, 100)
}

pub fn content() -> RefOr<Schema> {
    patterns::visible(2_000)
}
