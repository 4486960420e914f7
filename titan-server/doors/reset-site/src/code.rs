//! A new password by the code of a letter: what stands behind the `#` of its link, or what somebody types. It comes with the form, so
//! that no address holds it; and since no other site knows it, it is what shows that the form was meant.

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use titan_core::Secret;
use titan_core::protocol::FaultCode;

use super::page;
use super::site::{DOOR, Filled, Site, invalid, status_of};
use titan_door::Peer;

pub async fn show() -> Response {
    page::by_code(&Secret::default(), None).into_response()
}

pub async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], page::SCRIPT).into_response()
}

pub async fn change(
    State(site): State<Site>,
    Extension(peer): Extension<Peer>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Response {
    let Filled { token, password, .. } = filled.map(|Form(filled)| filled).unwrap_or_default();
    let (token, password) = (token.unwrap_or_default(), password.unwrap_or_default());
    match site.house.hub.reset_password(&peer.at(DOOR), token.reveal().trim(), &password).await {
        Ok(()) => page::words(StatusCode::OK, "Password succesfully changed"),
        Err(fault) if fault.code == FaultCode::NotFound => invalid(),
        Err(fault) => (status_of(&fault), page::by_code(&token, Some(&fault.message))).into_response(),
    }
}
