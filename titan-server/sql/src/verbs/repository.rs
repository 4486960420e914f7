//! Apps.

use titan_core::protocol::{App, AppState, RepositoryStats};
use titan_core::{AccountId, AppId};

use super::super::names::{Named, impossible};
use super::super::tx::{Ask, Row, Tx, all, insert, one, values};
use super::super::{
    AppFilter, AppRecord, AuditRecord, Change, Decision, NewApp, Page, StoreError, StoreResult, Warrant,
};
use super::{account_rows, audit, erasing};

fn select(condition: &str) -> String {
    format!(
        "SELECT p.id, p.name, p.description, p.category, p.version, p.author, a.username, a.titan_number, p.file_name, \
           p.size, p.blob, p.state, p.decided_by, d.username, d.titan_number, p.decided_at, p.reason, p.downloads, \
           p.uploaded_at, p.metadata \
         FROM apps p LEFT JOIN accounts a ON a.id = p.author LEFT JOIN accounts d ON d.id = p.decided_by \
         WHERE {condition} ORDER BY p.id DESC"
    )
}

fn record_of(row: &mut Row) -> StoreResult<AppRecord> {
    let author = row.author(5)?.ok_or_else(|| impossible("an app's author", ()))?;
    let mut app = App::new(row.get(0)?, row.named(3)?, author, row.get(10)?, row.get(18)?);
    app.name = row.get::<String>(1)?.into();
    app.description = row.get::<String>(2)?.into();
    app.version = row.get::<String>(4)?.into();
    app.file_name = row.get::<String>(8)?.into();
    app.size = row.get(9)?;
    app.state = row.named(11)?;
    (app.decided_by, app.decided_at) = (row.author(12)?, row.get(15)?);
    app.reason = row.get::<Option<String>>(16)?.map(Into::into);
    app.downloads = row.get(17)?;
    Ok(AppRecord { app, metadata: row.get(19)? })
}

pub async fn find(ask: &mut dyn Ask, app: AppId) -> StoreResult<Option<AppRecord>> {
    one(ask, &select("p.id = $1"), values![app], record_of).await
}

async fn standing(ask: &mut dyn Ask, app: AppId) -> StoreResult<AppRecord> {
    find(ask, app).await?.ok_or(StoreError::NotFound)
}

pub async fn list(ask: &mut dyn Ask, filter: &AppFilter, page: Page<AppId>) -> StoreResult<Vec<AppRecord>> {
    // Found in what is longer without it: both databases know `replace`, and nothing else that fits.
    let sql = select(
        "(CAST($1 AS TEXT) IS NULL OR p.category = $1) AND (CAST($2 AS TEXT) IS NULL OR p.state = $2) \
         AND (CAST($3 AS BIGINT) IS NULL OR p.author = $3) \
         AND (CAST($4 AS TEXT) IS NULL OR replace(p.folded, $4, '') <> p.folded) AND p.id < $5",
    ) + " LIMIT $6";
    let (category, state) = (filter.category.map(Named::name), filter.state.map(Named::name));
    let query = filter.query.as_ref().map(|query| query.to_lowercase()).filter(|query| !query.is_empty());
    let before = page.after.unwrap_or(AppId(i64::MAX));
    all(ask, &sql, values![category, state, filter.author, query, before, page.limit], record_of).await
}

pub async fn add(tx: &mut dyn Tx, new: &NewApp, warrant: &Warrant) -> StoreResult<AppRecord> {
    tx.hold(&warrant.grounds).await?;
    let record = put(tx, new).await?;
    super::note(tx, warrant).await?;
    tell(tx, &record).await?;
    Ok(record)
}

/// Adds the row.
pub async fn put(tx: &mut dyn Tx, new: &NewApp) -> StoreResult<AppRecord> {
    account_rows::author(tx, new.author).await?;
    let sql = "INSERT INTO apps (name, description, folded, category, version, author, file_name, size, blob, metadata, \
        uploaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    let folded = format!("{}\n{}", new.name, new.description).to_lowercase();
    let (category, size, file, blob) = (new.category.name(), new.file.size as i64, &new.file.name, &new.file.blob.0);
    let (version, author, metadata) = (&new.version, new.author, &new.metadata);
    let id = insert(
        tx,
        sql,
        values![&new.name, &new.description, folded, category, version, author, file, size, blob, metadata, new.now],
    )
    .await?;
    standing(tx, AppId(id)).await
}

/// Decides, and writes into the audit log about which bytes.
pub async fn decide(tx: &mut dyn Tx, app: AppId, decision: &Decision, warrant: &Warrant) -> StoreResult<AppRecord> {
    tx.hold(&warrant.grounds).await?;
    let record = set_state(tx, app, decision).await?;
    let act = if decision.state == AppState::Approved { "approve_app" } else { "reject_app" };
    let detail = format!("{} {}", record.app.sha256, decision.reason.as_deref().unwrap_or_default());
    let (at, by, act, object) = (decision.now, decision.by, act.to_owned(), format!("app {app}"));
    audit::record(tx, &AuditRecord { at, by, act, object, detail }, warrant.deeds.first()).await?;
    super::tell_deeds(tx, warrant);
    tell(tx, &record).await?;
    Ok(record)
}

pub async fn set_state(tx: &mut dyn Tx, app: AppId, decision: &Decision) -> StoreResult<AppRecord> {
    let stands = standing(tx, app).await?;
    if decision.sha256.is_some_and(|sha256| sha256 != stands.app.sha256) {
        return Err(StoreError::Conflict);
    }
    let sql = "UPDATE apps SET state = $2, decided_by = $3, decided_at = $4, reason = $5 WHERE id = $1";
    tx.change(sql, values![app, decision.state.name(), decision.by, decision.now, &decision.reason]).await?;
    standing(tx, app).await
}

async fn tell(tx: &mut dyn Tx, record: &AppRecord) -> StoreResult<()> {
    let sql = "SELECT id FROM accounts WHERE role = 'admin' AND deleted_at IS NULL";
    let admins = all(tx, sql, &[], |row| row.get::<AccountId>(0)).await?;
    tx.tell(Change::AppChanged { app: Box::new(record.app.clone()), admins });
    Ok(())
}

pub async fn count_download(tx: &mut dyn Tx, app: AppId) -> StoreResult<()> {
    match tx.change("UPDATE apps SET downloads = downloads + 1 WHERE id = $1", values![app]).await? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub async fn delete(tx: &mut dyn Tx, app: AppId, warrant: &Warrant) -> StoreResult<AppRecord> {
    tx.hold(&warrant.grounds).await?;
    let was = standing(tx, app).await?;
    tx.change("DELETE FROM apps WHERE id = $1", values![app]).await?;
    tx.tell(Change::AppRemoved { app });
    erasing::tell(tx, vec![was.app.sha256]);
    super::note(tx, warrant).await?;
    Ok(was)
}

pub async fn stats(ask: &mut dyn Ask) -> StoreResult<RepositoryStats> {
    let sql = "SELECT state, category, count(*), CAST(sum(downloads) AS BIGINT) FROM apps GROUP BY state, category";
    let groups = all(ask, sql, &[], |row| {
        Ok((row.named::<AppState>(0)?, row.get::<String>(1)?, row.get::<u64>(2)?, row.get::<u64>(3)?))
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
            _ => {}
        }
    }
    Ok(stats)
}
