//! Apps: lists, numbers, search, and what admins decide.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::Value;
use titan_core::protocol::Category;
use titan_core::{AppId, BlobId};
use utoipa::ToSchema;

use super::answer::{Answer, Refusal, Refused, success};
use super::entering::{At, LoggedIn, enter_if_told};
use super::said::{AppRow, Apps, AppsFound, AppsOfCategory, Done, Numbers, OneApp, Stats, Success};
use super::small::{AppPath, SmallJson, WordPath, Words};
use titan_door::House;
use titan_door::listing::{fitting, json_length, next_page};
use titan_hub::{AppRecord, Listed, Page};

/// Apps of an answer, and their bytes.
const APPS_MOST: u32 = 1_000;
const ANSWER_MOST: usize = 1024 * 1024;

/// All approved apps, newest first.
#[utoipa::path(
    get, path = "/api/repository", tag = "titan-net", params(super::papers::Behind),
    responses(
        (status = 200, description = "The apps. Where they don't all fit, `Link` leads to the next page",
            body = Success<Apps>, headers(("Link" = String))),
        (status = 400, description = "`after` is no number", body = Refusal),
        super::papers::Anybody,
    )
)]
pub async fn all(State(house): State<House>, words: Words) -> Answer {
    let (apps, next) = rows(house.hub.approved_apps(None, None, page(&words)?).await?);
    Ok(with_next(success(Apps { apps }), &words, next))
}

/// The approved apps of a category; one that doesn't exist has none.
#[utoipa::path(
    get, path = "/api/repository/{category}", tag = "titan-net",
    params(
        ("category" = String, Path, description = "Such as `game`; a category that doesn't exist has no apps"),
        super::papers::Behind,
    ),
    responses(
        (status = 200, description = "The apps. Where they don't all fit, `Link` leads to the next page",
            body = Success<AppsOfCategory>, headers(("Link" = String))),
        (status = 400, description = "`after` is no number", body = Refusal),
        (status = 404, description = "The path is no text, or `apps` or `upload`, which are no categories", body = Refusal),
        super::papers::Anybody,
    )
)]
pub async fn of_category(State(house): State<House>, WordPath(category): WordPath, words: Words) -> Answer {
    let page = page(&words)?;
    let apps = match category.parse::<Category>() {
        Ok(category) => house.hub.approved_apps(Some(category), None, page).await?,
        Err(_) => Listed::none(),
    };
    let (apps, next) = rows(apps);
    Ok(with_next(success(AppsOfCategory { category, apps }), &words, next))
}

/// Approved apps with a text in their name or description.
#[utoipa::path(
    get, path = "/api/search", tag = "titan-net",
    params(
        ("q" = String, Query, description = "The text", pattern = r"\S"),
        ("category" = Option<String>, Query, description = "Only apps of this one"),
        super::papers::Behind,
    ),
    responses(
        (status = 200, description = "The apps. Where they don't all fit, `Link` leads to the next page",
            body = Success<AppsFound>, headers(("Link" = String))),
        (status = 400, description = "There is no text to look for, or `after` is no number", body = Refusal),
        super::papers::Anybody,
    )
)]
pub async fn search(State(house): State<House>, words: Words) -> Answer {
    let query = words.word("q").ok_or_else(|| Refused::bad_request("Search query required"))?;
    let page = page(&words)?;
    let apps = match words.word("category").map(str::parse::<Category>) {
        Some(Err(_)) => Listed::none(),
        Some(Ok(category)) => house.hub.approved_apps(Some(category), Some(query.to_owned()), page).await?,
        None => house.hub.approved_apps(None, Some(query.to_owned()), page).await?,
    };
    let (apps, next) = rows(apps);
    Ok(with_next(success(AppsFound { query: query.to_owned(), apps }), &words, next))
}

/// Which page is asked for.
fn page(words: &Words) -> Answer<Page<AppId>> {
    let after = words.word("after").map(str::parse::<AppId>).transpose();
    let after = after.map_err(|_| Refused::bad_request("after must be a number: that of an app."))?;
    Ok(Page { after, limit: APPS_MOST })
}

/// As many as fit an answer; and after which one the next page begins, if there is one.
fn rows(apps: Listed<AppRecord>) -> (Vec<AppRow>, Option<AppId>) {
    let ids: Vec<AppId> = apps.list.iter().map(AppRecord::id).collect();
    let rows = fitting(apps.map(|app| AppRow::from(&app)), ANSWER_MOST, json_length);
    let last = rows.list.len().checked_sub(1).filter(|_| rows.more);
    (rows.list, last.map(|last| ids[last]))
}

/// The same question for what comes behind.
fn with_next(mut response: Response, words: &Words, next: Option<AppId>) -> Response {
    let Some(next) = next else { return response };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["q", "category"] {
        if let Some(word) = words.word(name) {
            query.append_pair(name, word);
        }
    }
    if let Some(link) = next_page(&query.append_pair("after", &next.to_string()).finish()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
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
    get, path = "/api/pending", tag = "titan-net", security(("session" = [])), params(super::papers::Behind),
    responses(
        (status = 200, description = "The apps. Where they don't all fit, `Link` leads to the next page",
            body = Success<Apps>, headers(("Link" = String))),
        (status = 400, description = "`after` is no number", body = Refusal),
        super::papers::Known,
    )
)]
pub async fn pending(LoggedIn(session): LoggedIn, words: Words) -> Answer {
    let (apps, next) = rows(session.pending_apps(page(&words)?).await?);
    Ok(with_next(success(Apps { apps }), &words, next))
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
