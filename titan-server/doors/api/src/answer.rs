//! Answers of the HTTP API: `{"success":true,...}` and `{"success":false,"error":"..."}`.

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use titan_core::protocol::{Fault, FaultCode};
use utoipa::ToSchema;

use super::said::Success;

use titan_blobs::BlobError;

pub type Answer<T = Response> = Result<T, Refused>;

/// Why not.
#[derive(Serialize, ToSchema)]
pub struct Refusal {
    /// Always false.
    success: bool,
    error: String,
    /// Where something else than other words has to be sent: `choose_password`, `confirm_first`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    code: Option<FaultCode>,
}

/// A refusal on its way out.
#[derive(Debug)]
pub struct Refused {
    pub status: StatusCode,
    pub said: String,
    pub code: Option<FaultCode>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refused {
    pub fn new(status: StatusCode, said: impl Into<String>) -> Self {
        Self { status, said: said.into(), code: None, headers: Vec::new() }
    }

    pub fn bad_request(said: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, said)
    }

    pub fn not_found(said: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, said)
    }

    /// Every 401 begins with the same words and ends with what to do.
    pub fn not_logged_in(why: &str) -> Self {
        let said = format!(
            "Authentication required: {why} Log in by POST /api/login or over the WebSocket, and send the session_id as \
             \"Authorization: Bearer <session_id>\"."
        );
        Self::new(StatusCode::UNAUTHORIZED, said)
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Titan\""))
    }

    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let code = Some(fault.code).filter(|code| {
            matches!(code, FaultCode::ChoosePassword | FaultCode::ConfirmFirst | FaultCode::SecondFactorRequired)
        });
        let refused = Self { code, ..Self::new(status_of(fault.code), fault.message) };
        match fault.retry_after_ms {
            Some(wait) => refused.with(header::RETRY_AFTER, HeaderValue::from(wait.div_ceil(1_000).max(1))),
            None => refused,
        }
    }
}

impl From<BlobError> for Refused {
    fn from(error: BlobError) -> Self {
        let no_room = matches!(error, BlobError::NoRoom(_) | BlobError::Full);
        let refused = Self::from(Fault::from(error));
        if no_room { Self { status: StatusCode::INSUFFICIENT_STORAGE, ..refused } } else { refused }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = json_response(self.status, &Refusal { success: false, error: self.said, code: self.code });
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

fn status_of(code: FaultCode) -> StatusCode {
    match code {
        FaultCode::BadRequest | FaultCode::UnknownCommand => StatusCode::BAD_REQUEST,
        FaultCode::NotLoggedIn | FaultCode::BadCredentials | FaultCode::BadToken => StatusCode::UNAUTHORIZED,
        FaultCode::Banned
        | FaultCode::NotAMember
        | FaultCode::WrongRoomPassword
        | FaultCode::Forbidden
        | FaultCode::ConfirmFirst
        | FaultCode::ChoosePassword
        | FaultCode::SecondFactorRequired
        | FaultCode::NotApproved => StatusCode::FORBIDDEN,
        FaultCode::NotFound => StatusCode::NOT_FOUND,
        FaultCode::NameTaken | FaultCode::AlreadyMember | FaultCode::Conflict => StatusCode::CONFLICT,
        FaultCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        FaultCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        FaultCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A success: the object with `"success": true` in front.
pub fn success<T: Serialize + ToSchema>(given: T) -> Response {
    json_response(StatusCode::OK, &Success { success: true, given })
}

fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    // Only maps with keys that are no strings can't be written, and there are none.
    let body = serde_json::to_vec(body).unwrap_or_default();
    (status, headers, Bytes::from(body)).into_response()
}
