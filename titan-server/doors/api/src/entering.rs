//! Who asks: Bearer tokens, and opening and ending a session without a WebSocket.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use titan_core::Secret;
use titan_core::protocol::FaultCode;
use utoipa::ToSchema;

use super::answer::{Answer, Refusal, Refused, success};
use super::said::{Done, Entrance, Success};
use super::small::SmallJson;
use titan_door::{House, Peer, client_of, sight};
use titan_hub::{Beside, Session, Visitor};

/// The longest token that is looked up.
const TOKEN_MOST: usize = 512;

/// The session whose token came with the request.
pub struct LoggedIn(pub Session);

impl FromRequestParts<House> for LoggedIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Answer<Self> {
        let session = enter_if_told(house, &visitor(parts), &parts.headers).await?;
        session.map(Self).ok_or_else(|| Refused::not_logged_in("this needs a login."))
    }
}

/// Who is at the other end, by address.
pub struct At(pub Visitor);

impl FromRequestParts<House> for At {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &House) -> Result<Self, Self::Rejection> {
        Ok(Self(visitor(parts)))
    }
}

fn visitor(parts: &Parts) -> Visitor {
    let unknown = Peer(std::net::Ipv4Addr::UNSPECIFIED.into());
    parts.extensions.get::<Peer>().copied().unwrap_or(unknown).at("api").with_client(client_of(&parts.headers))
}

/// The session of the token that came along; none where none came.
pub async fn enter_if_told(house: &House, visitor: &Visitor, headers: &HeaderMap) -> Answer<Option<Session>> {
    let Some(token) = token(headers)? else { return Ok(None) };
    match house.tokens.enter(&house.hub, visitor, &token).await {
        Ok(login) => {
            sight::entered(&login.session);
            Ok(Some(login.session))
        }
        Err(fault) if fault.code == FaultCode::BadToken => {
            Err(Refused::not_logged_in("that token is not valid (any more)."))
        }
        Err(fault) => Err(fault.into()),
    }
}

fn token(headers: &HeaderMap) -> Answer<Option<String>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let unreadable = || Refused::not_logged_in("the Authorization header is not \"Bearer <session_id>\".");
    let (scheme, token) = value.to_str().ok().and_then(|text| text.trim().split_once(' ')).ok_or_else(unreadable)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > TOKEN_MOST {
        return Err(unreadable());
    }
    if is_forgeable(token) {
        return Err(Refused::not_logged_in(
            "a token made of user id and name is not accepted: anybody could make one.",
        ));
    }
    Ok(Some(token.to_owned()))
}

/// The original's tokens: base64 of `id:username`.
fn is_forgeable(token: &str) -> bool {
    let bare = token.trim_end_matches('=');
    let decoded = BASE64_STANDARD_NO_PAD.decode(bare).or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(bare));
    let text = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.as_deref().and_then(|text| text.split_once(':')).is_some_and(|(id, _)| id.parse::<i64>().is_ok())
}

/// A name with its password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read one by one")]
pub struct SessionWish {
    #[schema(min_length = 1)]
    username: String,
    #[schema(min_length = 1)]
    password: String,
    /// Of the account's second factor, where it has one, or a recovery code. An app password needs none.
    code: Option<String>,
    /// The password from now on, in place of one that somebody else made up.
    #[schema(min_length = 1)]
    new_password: Option<String>,
}

/// Opens a session without a WebSocket. A password that somebody else made up is refused (403, `choose_password`) until another
/// comes with it; one of an account with a second factor (403, `second_factor_required`) until a right code does.
#[utoipa::path(
    post, path = "/api/login", tag = "titan-net", request_body = SessionWish,
    responses(
        (status = 200, description = "The session", body = Success<Entrance>),
        (status = 400, description = "A field is missing or no text", body = Refusal),
        (status = 401, description = "Nobody has this name with this password", body = Refusal),
        super::papers::Anybody,
    )
)]
pub async fn login(State(house): State<House>, At(visitor): At, SmallJson(asked): SmallJson) -> Answer {
    let given = |field: &str| asked[field].as_str().filter(|text| !text.is_empty());
    let (Some(username), Some(password)) = (given("username"), given("password")) else {
        return Err(Refused::bad_request("Username and password required"));
    };
    let (new, code) = (given("new_password").map(Secret::from), given("code").map(Secret::from));
    let beside = Beside { new_password: new.as_ref(), code: code.as_ref() };
    let login = house.hub.login_asking(&visitor, username, password, beside).await?;
    Ok(success(Entrance { session_id: login.token.reveal().to_owned(), user: login.account.public().into() }))
}

/// Ends the session: its token dies, at every door.
#[utoipa::path(
    post, path = "/api/logout", tag = "titan-net", security(("session" = [])),
    responses((status = 200, description = "It has ended", body = Success<Done>), super::papers::Known)
)]
pub async fn logout(LoggedIn(session): LoggedIn) -> Answer<Response> {
    session.logout().await?;
    Ok(success(Done { message: "Logged out" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_anybody_could_make_are_known() {
        assert!(is_forgeable("MTpqb2huX2RvZQ==")); // 1:john_doe
        assert!(is_forgeable("MTpqb2huX2RvZQ"));
        assert!(!is_forgeable("3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        assert!(!is_forgeable("am9objpkb2U")); // john:doe
    }
}
