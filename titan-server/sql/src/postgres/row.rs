//! Values on their way to PostgreSQL and back: statements are prepared once a connection.

use std::borrow::Cow;
use std::error::Error;

use async_trait::async_trait;
use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::super::tx::{Cell, Row, Value, Values};
use super::super::{StoreError, StoreResult};

/// The values of a statement's `$1`, `$2`, …, where they are no plain [`Values`].
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// What plain values are as parameters.
pub(super) fn params<'a>(values: Values<'a>) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Who can be asked with any parameters: the readers, or a transaction of the writer.
#[async_trait]
pub(super) trait AskPostgres: Send {
    async fn found(&mut self, sql: &str, params: Params<'_>) -> StoreResult<Vec<tokio_postgres::Row>>;
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) => number.to_sql(kind, out),
            Self::Text(text) => held(text).to_sql(kind, out),
            Self::Bytes(bytes) => bytes.as_ref().to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        <i64 as ToSql>::accepts(kind) || <&str as ToSql>::accepts(kind) || <&[u8] as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

/// A row as verbs read it.
pub(super) fn row_of(row: &tokio_postgres::Row) -> StoreResult<Row> {
    let cell = |(place, column): (usize, &tokio_postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(place)?.map_or(Cell::Null, Cell::Number),
            Type::INT4 => row.try_get::<_, Option<i32>>(place)?.map_or(Cell::Null, |it| Cell::Number(it.into())),
            Type::BOOL => row.try_get::<_, Option<bool>>(place)?.map_or(Cell::Null, |it| Cell::Number(it.into())),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(place)?.map_or(Cell::Null, Cell::Bytes),
            _ => row.try_get::<_, Option<String>>(place)?.map_or(Cell::Null, Cell::Text),
        })
    };
    row.columns().iter().enumerate().map(cell).collect::<StoreResult<_>>().map(Row)
}

/// A text as PostgreSQL can hold it: it knows no NUL.
pub(super) fn held(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// The only column of the first row.
pub(super) fn first<T: for<'r> tokio_postgres::types::FromSql<'r>>(
    rows: &[tokio_postgres::Row],
) -> StoreResult<Option<T>> {
    rows.first().map(|row| row.try_get(0).map_err(StoreError::from)).transpose()
}
