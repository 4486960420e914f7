//! HTTP for transfers: one client a server, the session's token, and answers turned into faults.

use std::time::Duration;

use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use serde::Deserialize;

use super::Failure;
use crate::{
    SafeText,
    client::{Client, Error, trust},
    protocol::{Fault, FaultCode},
};

/// As much of a refusal's body as is read.
const REFUSAL_MOST: usize = 16 * 1024;

impl Client {
    /// The HTTP client of this server, made at the first transfer. It follows no redirect, which could carry the token away.
    pub(super) async fn http(&self) -> Result<&reqwest::Client, Error> {
        let shared = &self.shared;
        let make = || async {
            let tls = trust::config(&shared.options)?;
            reqwest::Client::builder()
                .tls_backend_preconfigured((*tls).clone())
                .redirect(Policy::none())
                .no_proxy()
                .connect_timeout(shared.options.pace.handshake)
                .build()
                .map_err(|error| Error::broken(format!("HTTP can't be set up here: {error}"), error))
        };
        shared.transfers.http.get_or_try_init(make).await
    }

    /// As who is logged in, if somebody is.
    pub(super) fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match self.me() {
            Some(session) => request.bearer_auth(session.token.reveal()),
            None => request,
        }
    }
}

/// Why a request got no answer.
pub(super) fn no_answer(error: &reqwest::Error) -> Failure {
    match trust::refusal(error) {
        Some(refusal) => Failure::Final(refusal),
        None => Failure::passing(format!("the transfer's connection broke: {}", causes(error))),
    }
}

/// reqwest says what it did; what went wrong is in the causes.
fn causes(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// What an answer that is no success means.
pub(super) async fn refused(mut response: Response) -> Failure {
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await
        && body.len() < REFUSAL_MOST
    {
        body.extend_from_slice(&chunk);
    }
    let fault = fault(status, &body);
    let passes = matches!(status.as_u16(), 408 | 423 | 425 | 429 | 500 | 502 | 503 | 504);
    let retry_after = retry_after.or(fault.retry_after_ms.map(Duration::from_millis));
    match passes {
        true => Failure::Passing { error: fault.into(), retry_after },
        false => Failure::Final(fault.into()),
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// A fault from a refusal's body: a fault itself, the older API's `detail` or `error`, or just the status.
fn fault(status: StatusCode, body: &[u8]) -> Fault {
    #[derive(Deserialize)]
    struct Older {
        #[serde(alias = "error", alias = "message")]
        detail: String,
    }
    #[derive(Deserialize)]
    struct Wrapped {
        error: Fault,
    }
    if let Ok(fault) = serde_json::from_slice::<Fault>(body) {
        return fault;
    }
    if let Ok(Wrapped { error }) = serde_json::from_slice(body) {
        return error;
    }
    let message = match serde_json::from_slice::<Older>(body) {
        Ok(older) => SafeText::line(&older.detail).to_string(),
        Err(_) => format!("The server answered {status}."),
    };
    Fault::new(code(status), message)
}

fn code(status: StatusCode) -> FaultCode {
    match status.as_u16() {
        400 | 415 | 416 | 422 => FaultCode::BadRequest,
        401 => FaultCode::BadToken,
        403 => FaultCode::Forbidden,
        404 | 410 => FaultCode::NotFound,
        409 | 412 | 460 => FaultCode::Conflict,
        413 | 507 => FaultCode::TooLarge,
        429 => FaultCode::RateLimited,
        503 => FaultCode::Unavailable,
        500.. => FaultCode::Internal,
        _ => FaultCode::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_the_server_said() {
        let said = |body: &str| fault(StatusCode::FORBIDDEN, body.as_bytes());
        assert_eq!(said(r#"{"code":"not_approved","message":"Wait."}"#).code, FaultCode::NotApproved);
        assert_eq!(said(r#"{"error":{"code":"not_approved","message":"Wait."}}"#).message, "Wait.");
        assert_eq!(said(r#"{"detail":"App not approved yet"}"#).message, "App not approved yet");
        assert_eq!(said(r#"{"error":"No."}"#), Fault::new(FaultCode::Forbidden, "No."));
        assert!(said("<html>").message.contains("403"));
    }
}
