//! The reset site: where the link of a letter leads, and a new password is chosen or a mail address confirmed. HTTPS on a port
//! of its own.
//!
//! A link is a secret that works once, so its page is kept by no cache, told to no other site, framed by none and loads nothing from
//! elsewhere; where the token stands behind the `#` of a link it is for the page's script alone, and travels in the form. Letters have
//! it in the path, as the older system does. `POST /token/<user>` gives a token without a letter, to who has the house's admin key or the site's own.

mod code;
mod mail;
mod page;
mod site;
mod token;

use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router, middleware};
use titan_core::Secret;
use titan_core::protocol::{Fault, FaultCode};

use self::site::{DOOR, Filled, Site, invalid, status_of};
use titan_door::{House, Peer};
use titan_hub::Visitor;

/// Bytes of a form: a password of 1,024 characters fits, however it is written.
const FORM_MOST: usize = 32 * 1024;
/// What its pages may do: wear their style, read the token behind the `#`, and send their form back.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub fn router(house: House, key: Option<Secret>) -> Router {
    let site = Site { house, key, seal: rand::random() };
    Router::new()
        .route("/token/{user}", post(token::issue))
        .route("/", get(code::show))
        .route("/reset", post(code::change))
        .route("/reset/{token}", get(show).post(change))
        .route("/mail/{token}", get(mail::show).post(mail::confirm))
        .route("/style.css", get(style))
        .route("/script.js", get(code::script))
        .fallback(|| async { invalid() })
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED })
        .layer(DefaultBodyLimit::max(FORM_MOST))
        .layer(middleware::map_response(strict))
        .with_state(site)
}

async fn show(State(site): State<Site>, Path(token): Path<String>) -> Response {
    match site.house.hub.reset_of(&token).await {
        Ok(Some(_)) => page::form(&site.proof(&token), None).into_response(),
        Ok(None) => invalid(),
        Err(fault) => refused(&site, &token, &fault),
    }
}

async fn change(
    State(site): State<Site>,
    Extension(peer): Extension<Peer>,
    Path(token): Path<String>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Response {
    match site.house.hub.reset_of(&token).await {
        Ok(Some(_)) => {}
        Ok(None) => return invalid(),
        Err(fault) => return refused(&site, &token, &fault),
    }
    let filled = filled.map_or(Filled::default(), |Form(filled)| filled);
    if !site.is_ours(&token, filled.csrf_token) {
        return page::form(
            &site.proof(&token),
            Some("This form was not filled in here, or is old: please fill it in again."),
        )
        .into_response();
    }
    let password = filled.password.unwrap_or_default();
    let visitor: Visitor = peer.at(DOOR);
    match site.house.hub.reset_password(&visitor, &token, &password).await {
        Ok(()) => page::words(StatusCode::OK, "Password succesfully changed"),
        Err(fault) => refused(&site, &token, &fault),
    }
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE).into_response()
}

/// What is wrong is told above the form, to be mended there.
fn refused(site: &Site, token: &str, fault: &Fault) -> Response {
    match fault.code {
        FaultCode::NotFound => invalid(),
        _ => (status_of(fault), page::form(&site.proof(token), Some(&fault.message))).into_response(),
    }
}

async fn strict(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
