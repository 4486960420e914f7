//! Asking PostgreSQL: statements are prepared once a connection, rows become values by a function.

use std::borrow::Cow;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::StoreResult;

/// The values of a statement's `$1`, `$2`, …
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Who can be asked: the readers, or a transaction of the writer.
pub(super) trait Ask: Sync {
    fn rows(&self, sql: &str, params: Params<'_>) -> impl Future<Output = StoreResult<Vec<Row>>> + Send;
}

/// All rows.
pub(super) async fn all<T>(
    ask: &impl Ask,
    sql: &str,
    params: Params<'_>,
    value: impl Fn(&Row) -> StoreResult<T>,
) -> StoreResult<Vec<T>> {
    ask.rows(sql, params).await?.iter().map(value).collect()
}

/// The first row, if there is one.
pub(super) async fn one<T>(
    ask: &impl Ask,
    sql: &str,
    params: Params<'_>,
    value: impl FnOnce(&Row) -> StoreResult<T>,
) -> StoreResult<Option<T>> {
    ask.rows(sql, params).await?.first().map(value).transpose()
}

/// Whether there is a row.
pub(super) async fn any(ask: &impl Ask, sql: &str, params: Params<'_>) -> StoreResult<bool> {
    Ok(!ask.rows(sql, params).await?.is_empty())
}

/// A text as PostgreSQL can hold it: it knows no NUL.
pub(super) fn held(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}
