//! Apps.

use async_trait::async_trait;
use rusqlite::{Connection, Row};
use titan_core::protocol::{App, AppState, Author, Category, RepositoryStats};
use titan_core::{AccountId, AppId, BlobId, Time, TitanNumber};

use super::super::{AppFilter, AppRecord, Decision, NewApp, Repository, StoreError, StoreResult};
use super::SqliteStore;
use super::accounts;
use super::row::{all, change, impossible, one};

#[async_trait]
impl Repository for SqliteStore {
    async fn add_app(&self, new: NewApp) -> StoreResult<AppRecord> {
        self.write(move |batch| add(batch.connection, &new)).await
    }

    async fn app(&self, app: AppId) -> StoreResult<Option<AppRecord>> {
        self.read(move |connection| find(connection, app)).await
    }

    async fn apps(&self, filter: AppFilter) -> StoreResult<Vec<AppRecord>> {
        self.read(move |connection| list(connection, &filter)).await
    }

    async fn decide_app(&self, app: AppId, decision: Decision) -> StoreResult<AppRecord> {
        self.write(move |batch| decide(batch.connection, app, &decision)).await
    }

    async fn count_download(&self, app: AppId) -> StoreResult<()> {
        self.write(move |batch| count_download(batch.connection, app)).await
    }

    async fn delete_app(&self, app: AppId) -> StoreResult<AppRecord> {
        self.write(move |batch| delete(batch.connection, app)).await
    }

    async fn repository_stats(&self) -> StoreResult<RepositoryStats> {
        self.read(stats).await
    }
}

fn select(condition: &str) -> String {
    format!(
        "SELECT p.id, p.name, p.description, p.category, p.version, p.author, a.username, a.titan_number, p.file_name, \
           p.size, p.blob, p.state, p.decided_by, d.username, d.titan_number, p.decided_at, p.reason, p.downloads, \
           p.uploaded_at, p.metadata \
         FROM apps p LEFT JOIN accounts a ON a.id = p.author LEFT JOIN accounts d ON d.id = p.decided_by \
         WHERE {condition} ORDER BY p.id DESC"
    )
}

fn record_of(row: &Row<'_>) -> StoreResult<AppRecord> {
    let app = App {
        id: AppId(row.get(0)?),
        name: row.get::<_, String>(1)?.into(),
        description: row.get::<_, String>(2)?.into(),
        category: category_of(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
        version: row.get::<_, String>(4)?.into(),
        author: author_of(row, 5)?.ok_or_else(|| impossible("an app's author", ()))?,
        file_name: row.get::<_, String>(8)?.into(),
        size: row.get::<_, i64>(9)? as u64,
        sha256: BlobId(row.get(10)?),
        state: state_of(row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)?)?,
        decided_by: author_of(row, 12)?,
        decided_at: row.get::<_, Option<i64>>(15)?.map(Time),
        reason: row.get::<_, Option<String>>(16)?.map(Into::into),
        downloads: row.get::<_, i64>(17)? as u64,
        uploaded_at: Time(row.get(18)?),
    };
    Ok(AppRecord { app, metadata: row.get(19)? })
}

/// The account in three columns; one that is gone keeps its id and has no name.
fn author_of(row: &Row<'_>, first: usize) -> StoreResult<Option<Author>> {
    let Some(id) = row.get::<_, Option<i64>>(first)? else { return Ok(None) };
    let username = row.get::<_, Option<String>>(first + 1)?.unwrap_or_default();
    let titan_number = TitanNumber(row.get::<_, Option<i64>>(first + 2)?.unwrap_or_default());
    Ok(Some(Author { id: AccountId(id), username: username.into(), titan_number }))
}

fn find(connection: &Connection, app: AppId) -> StoreResult<Option<AppRecord>> {
    one(connection, &select("p.id = ?1"), [app.0], record_of)
}

fn standing(connection: &Connection, app: AppId) -> StoreResult<AppRecord> {
    find(connection, app)?.ok_or(StoreError::NotFound)
}

fn list(connection: &Connection, filter: &AppFilter) -> StoreResult<Vec<AppRecord>> {
    let sql = select(
        "(?1 IS NULL OR p.category = ?1) AND (?2 IS NULL OR p.state = ?2) AND (?3 IS NULL OR p.author = ?3) \
         AND (?4 IS NULL OR instr(p.folded, ?4) > 0)",
    );
    let category = filter.category.map(Category::name);
    let query = filter.query.as_ref().map(|query| query.to_lowercase());
    all(connection, &sql, (category, filter.state.map(state_name), filter.author.map(|id| id.0), query), record_of)
}

pub(super) fn add(connection: &Connection, new: &NewApp) -> StoreResult<AppRecord> {
    accounts::author(connection, new.author)?;
    let sql = "INSERT INTO apps (name, description, folded, category, version, author, file_name, size, blob, metadata, \
        uploaded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let folded = format!("{}\n{}", new.name, new.description).to_lowercase();
    let (category, size) = (new.category.name(), new.file.size as i64);
    change(
        connection,
        sql,
        (
            &new.name,
            &new.description,
            folded,
            category,
            &new.version,
            new.author.0,
            &new.file.name,
            size,
            new.file.blob.0,
            &new.metadata,
            new.now.0,
        ),
    )?;
    standing(connection, AppId(connection.last_insert_rowid()))
}

pub(super) fn decide(connection: &Connection, app: AppId, decision: &Decision) -> StoreResult<AppRecord> {
    let stands = standing(connection, app)?;
    if decision.sha256.is_some_and(|sha256| sha256 != stands.app.sha256) {
        return Err(StoreError::Conflict);
    }
    let sql = "UPDATE apps SET state = ?2, decided_by = ?3, decided_at = ?4, reason = ?5 WHERE id = ?1";
    change(
        connection,
        sql,
        (app.0, state_name(decision.state), decision.by.map(|by| by.0), decision.now.0, &decision.reason),
    )?;
    standing(connection, app)
}

fn count_download(connection: &Connection, app: AppId) -> StoreResult<()> {
    match change(connection, "UPDATE apps SET downloads = downloads + 1 WHERE id = ?1", [app.0])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

fn delete(connection: &Connection, app: AppId) -> StoreResult<AppRecord> {
    let was = standing(connection, app)?;
    change(connection, "DELETE FROM apps WHERE id = ?1", [app.0])?;
    Ok(was)
}

fn stats(connection: &Connection) -> StoreResult<RepositoryStats> {
    let sql = "SELECT state, category, count(*), sum(downloads) FROM apps GROUP BY state, category";
    let groups = all(connection, sql, [], |row| {
        let state = state_of(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
        Ok((state, row.get::<_, String>(1)?, row.get::<_, i64>(2)? as u64, row.get::<_, i64>(3)? as u64))
    })?;
    let mut stats = RepositoryStats::default();
    for (state, category, apps, downloads) in groups {
        stats.downloads += downloads;
        match state {
            AppState::Approved => {
                stats.approved += apps;
                stats.categories.insert(category, apps);
            }
            AppState::Pending => stats.pending += apps,
            AppState::Rejected => {}
        }
    }
    Ok(stats)
}

fn category_of(name: &str) -> StoreResult<Category> {
    name.parse().map_err(|_| impossible("an app's category", name))
}

fn state_name(state: AppState) -> &'static str {
    match state {
        AppState::Pending => "pending",
        AppState::Approved => "approved",
        AppState::Rejected => "rejected",
    }
}

fn state_of(name: &str) -> StoreResult<AppState> {
    match name {
        "pending" => Ok(AppState::Pending),
        "approved" => Ok(AppState::Approved),
        "rejected" => Ok(AppState::Rejected),
        _ => Err(impossible("an app's state", name)),
    }
}
