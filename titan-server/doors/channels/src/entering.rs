//! Coming in: registering, logging in, and who a token says it is.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use serde::Serialize;
use titan_core::protocol::FaultCode;
use titan_core::{AccountId, SafeText};
use utoipa::ToSchema;

use super::answer::{Answer, Detail, Mistakes, Refused, given};
use super::asked::{At, body};
use super::check::{Check, Length};
use super::door::Door;
use titan_door::sight;
use titan_door::token::Bearer;
use titan_hub::{Login, Registration, Session, Visitor};

const USERNAME: Length = Length { least: 3, most: 32 };
const PASSWORD: Length = Length { least: 6, most: 128 };

/// Who wants to be known here.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read one by one, to tell every mistake at once")]
pub struct NewUser {
    /// 3 to 32 letters, digits, `_`, `-` or `.` of one script; blanks around it are taken off.
    #[schema(schema_with = super::papers::username)]
    username: String,
    /// 6 to 128 characters; blanks around it are taken off.
    #[schema(schema_with = super::papers::password)]
    password: String,
}

/// A name with its password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read one by one, to tell every mistake at once")]
pub struct Credentials {
    username: String,
    password: String,
}

/// Somebody.
#[derive(Serialize, ToSchema)]
pub struct User {
    #[schema(value_type = i64)]
    pub id: AccountId,
    #[schema(value_type = String)]
    pub username: SafeText,
}

/// What to send as `Authorization: Bearer ...` for a day.
#[derive(Serialize, ToSchema)]
pub struct Token {
    pub access_token: String,
    /// Always `bearer`.
    #[schema(value_type = String)]
    pub token_type: &'static str,
}

/// Makes an account, which is a member of the channel "general" from the start.
#[utoipa::path(
    post, path = "/auth/register", tag = "channels", request_body = NewUser,
    responses(
        (status = 200, description = "The new user", body = User),
        (status = 400, description = "The name is taken or will not do", body = Detail),
        (status = 422, description = "A field is missing or out of its bounds", body = Mistakes),
        super::papers::Anybody,
    )
)]
pub async fn register(State(door): State<Door>, At(visitor): At, request: Request) -> Answer {
    let body = body(request).await?;
    let mut check = Check::default();
    let fields = check.fields(&body);
    let username = check.trimmed(&fields, "username", USERNAME);
    let password = check.trimmed(&fields, "password", PASSWORD);
    let (Some(username), Some(password)) = (username, password) else { return Err(check.refused()) };
    let account =
        door.house.hub.register(&visitor, Registration::new(username, password)).await.map_err(
            |fault| match fault.code {
                FaultCode::NameTaken => Refused::bad_request("Username already taken"),
                _ => fault.into(),
            },
        )?;
    Ok(given(&User { id: account.id, username: account.username }))
}

/// Opens a session.
#[utoipa::path(
    post, path = "/auth/login", tag = "channels", request_body = Credentials,
    responses(
        (status = 200, description = "A token for a day", body = Token),
        (status = 400, description = "Nobody has this name with this password", body = Detail),
        (status = 422, description = "A field is missing or no text", body = Mistakes),
        super::papers::Anybody,
    )
)]
pub async fn login(State(door): State<Door>, At(visitor): At, request: Request) -> Answer {
    let body = body(request).await?;
    let mut check = Check::default();
    let fields = check.fields(&body);
    let (username, password) = (check.text(&fields, "username"), check.text(&fields, "password"));
    let (Some(username), Some(password)) = (username, password) else { return Err(check.refused()) };
    let Login { session, .. } = enter(&door, &visitor, username, password).await?;
    let bearer = Bearer { session: session.id, account: session.account() };
    let access_token = door.house.tokens.token(bearer, door.house.hub.now());
    Ok(given(&Token { access_token, token_type: "bearer" }))
}

/// Registering takes off the blanks around a password, so who types them again must come in all the same.
async fn enter(door: &Door, visitor: &Visitor, username: &str, password: &str) -> Answer<Login> {
    let entered = match door.house.hub.login(visitor, username, password).await {
        Err(fault) if fault.code == FaultCode::BadCredentials && password.trim() != password => {
            door.house.hub.login(visitor, username, password.trim()).await
        }
        entered => entered,
    };
    entered.map_err(|fault| match fault.code {
        FaultCode::BadCredentials => Refused::bad_request("Incorrect username or password"),
        _ => fault.into(),
    })
}

/// Who the token belongs to.
#[utoipa::path(
    get, path = "/me", tag = "channels", security(("jwt" = [])),
    responses((status = 200, description = "Oneself", body = User), super::papers::Known)
)]
pub async fn me(State(door): State<Door>, At(visitor): At, headers: HeaderMap) -> Answer {
    let session = session(&door, &visitor, &headers).await?;
    let account = session.record().await?.public();
    Ok(given(&User { id: account.id, username: account.username }))
}

/// The session whose token came with a request.
pub async fn session(door: &Door, visitor: &Visitor, headers: &HeaderMap) -> Answer<Session> {
    let not_authenticated = || Refused::unauthorized("Not authenticated");
    let value = headers.get(header::AUTHORIZATION).ok_or_else(not_authenticated)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let (scheme, token) = text.split_once(' ').unwrap_or((&text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(not_authenticated());
    }
    session_of(door, visitor, token.trim()).await
}

/// The session of a token, of whichever kind.
pub async fn session_of(door: &Door, visitor: &Visitor, token: &str) -> Answer<Session> {
    let session = door.house.tokens.enter(&door.house.hub, visitor, token).await?.session;
    sight::entered(&session);
    Ok(session)
}
