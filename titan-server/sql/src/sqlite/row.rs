//! Asking SQLite: statements are prepared once a connection, rows become values by a function.

use rusqlite::{Connection, Params, Row};

use super::super::StoreResult;

/// All rows.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    value: impl Fn(&Row<'_>) -> StoreResult<T>,
) -> StoreResult<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(value(row)?);
    }
    Ok(values)
}

/// The first row, if there is one.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    value: impl FnOnce(&Row<'_>) -> StoreResult<T>,
) -> StoreResult<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(value).transpose()
}

/// Whether there is a row.
pub(super) fn any(connection: &Connection, sql: &str, params: impl Params) -> StoreResult<bool> {
    one(connection, sql, params, |_| Ok(())).map(|found| found.is_some())
}

/// Changes rows; how many.
pub(super) fn change(connection: &Connection, sql: &str, params: impl Params) -> StoreResult<usize> {
    Ok(connection.prepare_cached(sql)?.execute(params)?)
}
