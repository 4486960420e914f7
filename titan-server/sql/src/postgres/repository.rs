//! Apps.

use async_trait::async_trait;
use titan_core::protocol::{App, AppState, Author, Category, RepositoryStats};
use titan_core::{AccountId, AppId, Time, TitanNumber};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::names::{Named, impossible};
use super::super::{AppFilter, AppRecord, Decision, NewApp, Repository, StoreError, StoreResult};
use super::PostgresStore;
use super::accounts;
use super::history::blob_of;
use super::row::{Ask, all, held, one};
use super::writer::Batch;

#[async_trait]
impl Repository for PostgresStore {
    async fn add_app(&self, new: NewApp) -> StoreResult<AppRecord> {
        self.write(async move |batch: &mut Batch<'_>| add(batch, &new).await).await
    }

    async fn app(&self, app: AppId) -> StoreResult<Option<AppRecord>> {
        find(&self.readers()?, app).await
    }

    async fn apps(&self, filter: AppFilter) -> StoreResult<Vec<AppRecord>> {
        list(&self.readers()?, &filter).await
    }

    async fn decide_app(&self, app: AppId, decision: Decision) -> StoreResult<AppRecord> {
        self.write(async move |batch: &mut Batch<'_>| decide(batch, app, &decision).await).await
    }

    async fn count_download(&self, app: AppId) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| count_download(batch, app).await).await
    }

    async fn delete_app(&self, app: AppId) -> StoreResult<AppRecord> {
        self.write(async move |batch: &mut Batch<'_>| delete(batch, app).await).await
    }

    async fn repository_stats(&self) -> StoreResult<RepositoryStats> {
        stats(&self.readers()?).await
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

fn record_of(row: &Row) -> StoreResult<AppRecord> {
    let app = App {
        id: AppId(row.try_get(0)?),
        name: row.try_get::<_, &str>(1)?.into(),
        description: row.try_get::<_, &str>(2)?.into(),
        category: Named::read(row.try_get(3)?)?,
        version: row.try_get::<_, &str>(4)?.into(),
        author: author_of(row, 5)?.ok_or_else(|| impossible("an app's author", ()))?,
        file_name: row.try_get::<_, &str>(8)?.into(),
        size: row.try_get::<_, i64>(9)? as u64,
        sha256: blob_of(row.try_get(10)?)?,
        state: Named::read(row.try_get(11)?)?,
        decided_by: author_of(row, 12)?,
        decided_at: row.try_get::<_, Option<i64>>(15)?.map(Time),
        reason: row.try_get::<_, Option<&str>>(16)?.map(Into::into),
        downloads: row.try_get::<_, i64>(17)? as u64,
        uploaded_at: Time(row.try_get(18)?),
    };
    Ok(AppRecord { app, metadata: row.try_get(19)? })
}

/// The account in three columns; one that is gone keeps its id and has no name.
fn author_of(row: &Row, first: usize) -> StoreResult<Option<Author>> {
    let Some(id) = row.try_get::<_, Option<i64>>(first)? else { return Ok(None) };
    let username = row.try_get::<_, Option<&str>>(first + 1)?.unwrap_or_default();
    let titan_number = TitanNumber(row.try_get::<_, Option<i64>>(first + 2)?.unwrap_or_default());
    Ok(Some(Author { id: AccountId(id), username: username.into(), titan_number }))
}

async fn find(ask: &impl Ask, app: AppId) -> StoreResult<Option<AppRecord>> {
    one(ask, &select("p.id = $1"), &[&app.0], record_of).await
}

async fn standing(ask: &impl Ask, app: AppId) -> StoreResult<AppRecord> {
    find(ask, app).await?.ok_or(StoreError::NotFound)
}

async fn list(ask: &impl Ask, filter: &AppFilter) -> StoreResult<Vec<AppRecord>> {
    let sql = select(
        "($1::text IS NULL OR p.category = $1) AND ($2::text IS NULL OR p.state = $2) \
         AND ($3::bigint IS NULL OR p.author = $3) AND ($4::text IS NULL OR strpos(p.folded, $4) > 0)",
    );
    let (category, state) = (filter.category.map(Category::name), filter.state.map(Named::name));
    let query = filter.query.as_ref().map(|query| held(&query.to_lowercase()).into_owned());
    all(ask, &sql, &[&category, &state, &filter.author.map(|id| id.0), &query], record_of).await
}

async fn add(batch: &mut Batch<'_>, new: &NewApp) -> StoreResult<AppRecord> {
    accounts::author(batch, new.author).await?;
    let sql = "INSERT INTO apps (name, description, folded, category, version, author, file_name, size, blob, metadata, \
        uploaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    let folded = format!("{}\n{}", new.name, new.description).to_lowercase();
    let (category, size) = (new.category.name(), new.file.size as i64);
    let values: [&(dyn ToSql + Sync); 11] = [
        &held(&new.name),
        &held(&new.description),
        &held(&folded),
        &category,
        &held(&new.version),
        &new.author.0,
        &held(&new.file.name),
        &size,
        &new.file.blob.0.as_slice(),
        &held(&new.metadata),
        &new.now.0,
    ];
    let app = batch.insert(sql, &values).await?;
    standing(batch, AppId(app)).await
}

async fn decide(batch: &mut Batch<'_>, app: AppId, decision: &Decision) -> StoreResult<AppRecord> {
    let stands = standing(batch, app).await?;
    if decision.sha256.is_some_and(|sha256| sha256 != stands.app.sha256) {
        return Err(StoreError::Conflict);
    }
    let sql = "UPDATE apps SET state = $2, decided_by = $3, decided_at = $4, reason = $5 WHERE id = $1";
    let (state, by, reason) = (decision.state.name(), decision.by.map(|by| by.0), decision.reason.as_deref().map(held));
    batch.change(sql, &[&app.0, &state, &by, &decision.now.0, &reason]).await?;
    standing(batch, app).await
}

async fn count_download(batch: &mut Batch<'_>, app: AppId) -> StoreResult<()> {
    match batch.change("UPDATE apps SET downloads = downloads + 1 WHERE id = $1", &[&app.0]).await? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

async fn delete(batch: &mut Batch<'_>, app: AppId) -> StoreResult<AppRecord> {
    let was = standing(batch, app).await?;
    batch.change("DELETE FROM apps WHERE id = $1", &[&app.0]).await?;
    Ok(was)
}

async fn stats(ask: &impl Ask) -> StoreResult<RepositoryStats> {
    let sql = "SELECT state, category, count(*), sum(downloads)::bigint FROM apps GROUP BY state, category";
    let groups = all(ask, sql, &[], |row| {
        let state: AppState = Named::read(row.try_get(0)?)?;
        let (apps, downloads): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
        Ok((state, row.try_get::<_, String>(1)?, apps as u64, downloads as u64))
    })
    .await?;
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
