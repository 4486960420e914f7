//! A new mail address, confirmed by the link of the letter that went there. Looking at the link changes nothing: programs that
//! look through people's mail follow links too.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use titan_core::Secret;
use titan_core::protocol::{Fault, FaultCode};

use super::page;
use super::site::{DOOR, Filled, Site, invalid, status_of};
use titan_door::Peer;

pub async fn show(State(site): State<Site>, Path(token): Path<String>) -> Response {
    let token = Secret::from(token);
    match site.house.hub.mail_of(&token).await {
        Ok(Some((username, email))) => form(&site, &token, &username, &email, None),
        Ok(None) => invalid(),
        Err(fault) => failed(&fault),
    }
}

pub async fn confirm(
    State(site): State<Site>,
    Extension(peer): Extension<Peer>,
    Path(token): Path<String>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Response {
    let token = Secret::from(token);
    let (username, email) = match site.house.hub.mail_of(&token).await {
        Ok(Some(found)) => found,
        Ok(None) => return invalid(),
        Err(fault) => return failed(&fault),
    };
    if !site.is_ours(token.reveal(), filled.ok().and_then(|Form(filled)| filled.csrf_token)) {
        let old = "This form was not filled in here, or is old: please try once more.";
        return form(&site, &token, &username, &email, Some(old));
    }
    match site.house.hub.confirm_mail(&peer.at(DOOR), &token).await {
        Ok(()) => page::words(StatusCode::OK, "Mail address confirmed"),
        Err(fault) if fault.code == FaultCode::NotFound => invalid(),
        Err(fault) => failed(&fault),
    }
}

fn form(site: &Site, token: &Secret, username: &str, email: &str, wrong: Option<&str>) -> Response {
    page::confirmation(&site.proof(token.reveal()), username, email, wrong).into_response()
}

fn failed(fault: &Fault) -> Response {
    (status_of(fault), page::said(&fault.message)).into_response()
}
