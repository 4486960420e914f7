//! Answers as FastAPI gives them: the bare object, or `{"detail": ...}` with why not.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use titan_core::protocol::{Fault, FaultCode};
use utoipa::ToSchema;

use super::mistake::Mistake;
use titan_door::listing::next_page;

pub type Answer<T = Response> = Result<T, Refused>;

pub const NO_CHANNEL: &str = "Channel not found";
pub const NO_MEMBER: &str = "Not a member of this channel";

/// Why not, in words.
#[derive(Serialize, ToSchema)]
pub struct Detail {
    pub detail: String,
}

/// What is wrong with the parts of a request, each by its place.
#[derive(Serialize, ToSchema)]
pub struct Mistakes {
    pub detail: Vec<Mistake>,
}

/// A refusal on its way out.
pub enum Refused {
    Said { status: StatusCode, detail: String, headers: Vec<(HeaderName, HeaderValue)> },
    Invalid(Vec<Mistake>),
}

impl Refused {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::Said { status, detail: detail.into(), headers: Vec::new() }
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail).with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Self::Said { headers, .. } = &mut self {
            headers.push((name, value));
        }
        self
    }
}

/// The original's words where it has some, the house's where the original can't come into it.
impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let refused = match fault.code {
            FaultCode::NotAMember => Self::new(StatusCode::FORBIDDEN, NO_MEMBER),
            FaultCode::NotLoggedIn | FaultCode::BadToken => Self::unauthorized("Could not validate token."),
            code => Self::new(status_of(code), fault.message),
        };
        match fault.retry_after_ms {
            Some(wait) => refused.with(header::RETRY_AFTER, HeaderValue::from(wait.div_ceil(1_000).max(1))),
            None => refused,
        }
    }
}

fn status_of(code: FaultCode) -> StatusCode {
    match code {
        FaultCode::BadRequest
        | FaultCode::UnknownCommand
        | FaultCode::BadCredentials
        | FaultCode::NameTaken
        | FaultCode::AlreadyMember
        | FaultCode::Conflict
        | FaultCode::TooLarge => StatusCode::BAD_REQUEST,
        FaultCode::Banned
        | FaultCode::Forbidden
        | FaultCode::ConfirmFirst
        | FaultCode::ChoosePassword
        | FaultCode::SecondFactorRequired
        | FaultCode::NotAMember
        | FaultCode::WrongRoomPassword
        | FaultCode::NotApproved => StatusCode::FORBIDDEN,
        FaultCode::NotLoggedIn | FaultCode::BadToken => StatusCode::UNAUTHORIZED,
        FaultCode::NotFound => StatusCode::NOT_FOUND,
        FaultCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        FaultCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid(detail) => told(StatusCode::UNPROCESSABLE_ENTITY, &Mistakes { detail }),
            Self::Said { status, detail, headers } => {
                let mut response = told(status, &Detail { detail });
                response.headers_mut().extend(headers);
                response
            }
        }
    }
}

/// A success.
pub fn given(body: &impl Serialize) -> Response {
    told(StatusCode::OK, body)
}

/// A page of a list, and by which query the next one is asked for.
pub fn given_with_next(body: &impl Serialize, next: Option<String>) -> Response {
    let mut response = given(body);
    if let Some(link) = next.and_then(|query| next_page(&query)) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

fn told(status: StatusCode, body: &impl Serialize) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, headers, Json(body)).into_response()
}
