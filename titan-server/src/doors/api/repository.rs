//! Apps: lists, numbers, search, and what admins decide.

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};
use titan_core::BlobId;
use titan_core::protocol::{App, AppState, Category};

use super::answer::{Answer, Refused, success};
use super::entering::{At, LoggedIn, enter_if_told};
use super::small::{AppPath, SmallJson, WordPath, Words};
use crate::doors::House;
use crate::doors::moment::iso;
use crate::hub::AppRecord;

/// `GET /api/repository`
pub async fn all(State(house): State<House>) -> Answer {
    let apps = house.hub.approved_apps(None, None).await?;
    Ok(success(json!({"apps": list(&apps)})))
}

/// `GET /api/repository/{category}`; a category that doesn't exist has no apps.
pub async fn of_category(State(house): State<House>, WordPath(category): WordPath) -> Answer {
    let apps = match category.parse::<Category>() {
        Ok(category) => house.hub.approved_apps(Some(category), None).await?,
        Err(_) => Vec::new(),
    };
    Ok(success(json!({"category": category, "apps": list(&apps)})))
}

/// `GET /api/search?q=&category=`
pub async fn search(State(house): State<House>, words: Words) -> Answer {
    let query = words.word("q").ok_or_else(|| Refused::bad_request("Search query required"))?;
    let apps = match words.word("category").map(str::parse::<Category>) {
        Some(Err(_)) => Vec::new(),
        Some(Ok(category)) => house.hub.approved_apps(Some(category), Some(query.to_owned())).await?,
        None => house.hub.approved_apps(None, Some(query.to_owned())).await?,
    };
    Ok(success(json!({"query": query, "apps": list(&apps)})))
}

/// `GET /api/stats`
pub async fn stats(State(house): State<House>) -> Answer {
    let stats = house.hub.repository_stats().await?;
    Ok(success(json!({"stats": {
        "total_apps": stats.approved,
        "pending_apps": stats.pending,
        "total_downloads": stats.downloads,
        "categories": stats.categories,
    }})))
}

/// `GET /api/apps/{id}`: one app with everything known of it; pending and rejected ones for their author and admins.
pub async fn one(State(house): State<House>, At(visitor): At, AppPath(app): AppPath, headers: HeaderMap) -> Answer {
    let record = match enter_if_told(&house, &visitor, &headers).await? {
        Some(session) => session.open_app(app).await?,
        None => house.hub.approved_app(app).await?,
    };
    Ok(success(json!({"app": full(&record)})))
}

/// `GET /api/pending`
pub async fn pending(LoggedIn(session): LoggedIn) -> Answer {
    let apps = session.pending_apps().await?;
    Ok(success(json!({"apps": list(&apps)})))
}

/// `POST /api/approve/{id}`; with {sha256} only if the app's bytes are still those that were looked at.
pub async fn approve(LoggedIn(session): LoggedIn, AppPath(app): AppPath, SmallJson(asked): SmallJson) -> Answer {
    let looked_at = match &asked["sha256"] {
        Value::Null => None,
        Value::String(text) => Some(text.parse::<BlobId>().map_err(|error| Refused::bad_request(error.to_string()))?),
        _ => return Err(Refused::bad_request("sha256 must be a text of 64 hexadecimal digits.")),
    };
    session.approve_app(app, looked_at).await?;
    Ok(success(json!({"message": "App approved successfully"})))
}

/// `POST /api/reject/{id}` {reason}
pub async fn reject(LoggedIn(session): LoggedIn, AppPath(app): AppPath, SmallJson(asked): SmallJson) -> Answer {
    session.reject_app(app, asked["reason"].as_str().unwrap_or_default()).await?;
    Ok(success(json!({"message": "App rejected"})))
}

/// `DELETE /api/delete/{id}`
pub async fn delete(LoggedIn(session): LoggedIn, AppPath(app): AppPath) -> Answer {
    session.delete_app(app).await?;
    Ok(success(json!({"message": "App deleted successfully"})))
}

fn list(apps: &[AppRecord]) -> Vec<Value> {
    apps.iter().map(|record| row(&record.app, &record.metadata)).collect()
}

/// An app as a row of the original's table.
fn row(app: &App, metadata: &str) -> Value {
    let approved = app.state == AppState::Approved;
    json!({
        "id": app.id,
        "name": app.name,
        "description": app.description,
        "category": app.category.name(),
        "version": app.version,
        "author_id": app.author.id,
        "author_username": app.author.username,
        "file_size": app.size,
        "uploaded_at": iso(app.uploaded_at),
        "approved": i32::from(approved),
        "approved_by": app.decided_by.as_ref().filter(|_| approved).map(|by| by.id),
        "approved_at": app.decided_at.filter(|_| approved).map(iso),
        "downloads": app.downloads,
        "metadata": metadata,
    })
}

fn full(record: &AppRecord) -> Value {
    let app = &record.app;
    let mut all = row(app, &record.metadata);
    all["file_name"] = json!(app.file_name);
    all["sha256"] = json!(app.sha256);
    all["state"] = json!(app.state);
    all["reason"] = json!(app.reason);
    all
}
