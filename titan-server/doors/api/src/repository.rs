//! Apps: lists, numbers, search, and what admins decide.

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::Value;
use titan_core::BlobId;
use titan_core::protocol::Category;
use utoipa::ToSchema;

use super::answer::{Answer, Refusal, Refused, success};
use super::entering::{At, LoggedIn, enter_if_told};
use super::said::{Apps, AppsFound, AppsOfCategory, Done, Numbers, OneApp, Stats, Success, rows};
use super::small::{AppPath, SmallJson, WordPath, Words};
use titan_door::House;

/// All approved apps, newest first.
#[utoipa::path(
    get, path = "/api/repository", tag = "titan-net",
    responses((status = 200, description = "The apps", body = Success<Apps>), super::papers::Anybody)
)]
pub async fn all(State(house): State<House>) -> Answer {
    let apps = house.hub.approved_apps(None, None).await?;
    Ok(success(Apps { apps: rows(&apps) }))
}

/// The approved apps of a category; one that doesn't exist has none.
#[utoipa::path(
    get, path = "/api/repository/{category}", tag = "titan-net",
    params(("category" = String, Path, description = "Such as `game`; a category that doesn't exist has no apps")),
    responses(
        (status = 200, description = "The apps", body = Success<AppsOfCategory>),
        (status = 404, description = "The path is no text, or `apps` or `upload`, which are no categories", body = Refusal),
        super::papers::Anybody,
    )
)]
pub async fn of_category(State(house): State<House>, WordPath(category): WordPath) -> Answer {
    let apps = match category.parse::<Category>() {
        Ok(category) => house.hub.approved_apps(Some(category), None).await?,
        Err(_) => Vec::new(),
    };
    Ok(success(AppsOfCategory { category, apps: rows(&apps) }))
}

/// Approved apps with a text in their name or description.
#[utoipa::path(
    get, path = "/api/search", tag = "titan-net",
    params(
        ("q" = String, Query, description = "The text", pattern = r"\S"),
        ("category" = Option<String>, Query, description = "Only apps of this one"),
    ),
    responses(
        (status = 200, description = "The apps", body = Success<AppsFound>),
        (status = 400, description = "There is no text to look for", body = Refusal),
        super::papers::Anybody,
    )
)]
pub async fn search(State(house): State<House>, words: Words) -> Answer {
    let query = words.word("q").ok_or_else(|| Refused::bad_request("Search query required"))?;
    let apps = match words.word("category").map(str::parse::<Category>) {
        Some(Err(_)) => Vec::new(),
        Some(Ok(category)) => house.hub.approved_apps(Some(category), Some(query.to_owned())).await?,
        None => house.hub.approved_apps(None, Some(query.to_owned())).await?,
    };
    Ok(success(AppsFound { query: query.to_owned(), apps: rows(&apps) }))
}

/// The repository in numbers.
#[utoipa::path(
    get, path = "/api/stats", tag = "titan-net",
    responses((status = 200, description = "The numbers", body = Success<Stats>), super::papers::Anybody)
)]
pub async fn stats(State(house): State<House>) -> Answer {
    let stats = house.hub.repository_stats().await?;
    Ok(success(Stats {
        stats: Numbers {
            total_apps: stats.approved,
            pending_apps: stats.pending,
            total_downloads: stats.downloads,
            categories: stats.categories,
        },
    }))
}

/// One app with everything known of it; pending and rejected ones for their author and admins.
#[utoipa::path(
    get, path = "/api/apps/{id}", tag = "titan-net", security((), ("session" = [])),
    params(("id" = i64, Path, description = "The app's id")),
    responses(
        (status = 200, description = "The app", body = Success<OneApp>),
        (status = 404, description = "There is no such app", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn one(State(house): State<House>, At(visitor): At, AppPath(app): AppPath, headers: HeaderMap) -> Answer {
    let record = match enter_if_told(&house, &visitor, &headers).await? {
        Some(session) => session.open_app(app).await?,
        None => house.hub.approved_app(app).await?,
    };
    Ok(success(OneApp { app: (&record).into() }))
}

/// The apps that wait for an admin.
#[utoipa::path(
    get, path = "/api/pending", tag = "titan-net", security(("session" = [])),
    responses((status = 200, description = "The apps", body = Success<Apps>), super::papers::Known)
)]
pub async fn pending(LoggedIn(session): LoggedIn) -> Answer {
    let apps = session.pending_apps().await?;
    Ok(success(Apps { apps: rows(&apps) }))
}

/// What an admin looked at.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read one by one")]
pub struct LookedAt {
    /// Approves the app only if its bytes are still these.
    #[schema(pattern = "^[0-9A-Fa-f]{64}$")]
    sha256: Option<String>,
}

/// Approves an app; with a hash only if its bytes are still those that were looked at.
#[utoipa::path(
    post, path = "/api/approve/{id}", tag = "titan-net", security(("session" = [])), request_body = Option<LookedAt>,
    params(("id" = i64, Path, description = "The app's id")),
    responses(
        (status = 200, description = "Everybody can fetch it now", body = Success<Done>),
        (status = 400, description = "The hash is none", body = Refusal),
        (status = 404, description = "There is no such app", body = Refusal),
        (status = 409, description = "Its bytes are others, or it was decided before", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn approve(LoggedIn(session): LoggedIn, AppPath(app): AppPath, SmallJson(asked): SmallJson) -> Answer {
    let looked_at = match &asked["sha256"] {
        Value::Null => None,
        Value::String(text) => Some(text.parse::<BlobId>().map_err(|error| Refused::bad_request(error.to_string()))?),
        _ => return Err(Refused::bad_request("sha256 must be a text of 64 hexadecimal digits.")),
    };
    session.approve_app(app, looked_at).await?;
    Ok(success(Done { message: "App approved successfully" }))
}

/// Why an app is rejected.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read one by one")]
pub struct Rejection {
    /// Its author will read it.
    #[schema(schema_with = super::papers::reason)]
    reason: String,
}

/// Rejects an app.
#[utoipa::path(
    post, path = "/api/reject/{id}", tag = "titan-net", security(("session" = [])), request_body = Rejection,
    params(("id" = i64, Path, description = "The app's id")),
    responses(
        (status = 200, description = "Its author can read why", body = Success<Done>),
        (status = 400, description = "The reason is no text or too long", body = Refusal),
        (status = 404, description = "There is no such app", body = Refusal),
        (status = 409, description = "It was decided before", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn reject(LoggedIn(session): LoggedIn, AppPath(app): AppPath, SmallJson(asked): SmallJson) -> Answer {
    let reason = match &asked["reason"] {
        Value::Null => "",
        Value::String(reason) => reason,
        _ => return Err(Refused::bad_request("reason must be a text.")),
    };
    session.reject_app(app, reason).await?;
    Ok(success(Done { message: "App rejected" }))
}

/// Deletes an app; for its author and admins.
#[utoipa::path(
    delete, path = "/api/delete/{id}", tag = "titan-net", security(("session" = [])),
    params(("id" = i64, Path, description = "The app's id")),
    responses(
        (status = 200, description = "It is gone", body = Success<Done>),
        (status = 404, description = "There is no such app", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn delete(LoggedIn(session): LoggedIn, AppPath(app): AppPath) -> Answer {
    session.delete_app(app).await?;
    Ok(success(Done { message: "App deleted successfully" }))
}
