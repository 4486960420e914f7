//! An older system's SQLite file.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::row::Row;
use super::shape::{Column, Table, quoted};
use titan_store::{StoreError, StoreResult};

pub struct Sqlite(Connection);

impl Sqlite {
    pub fn open(path: &Path) -> StoreResult<Self> {
        if !path.is_file() {
            return Err(StoreError::Broken("there is no such file".into()));
        }
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(unreadable)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; BEGIN").map_err(unreadable)?;
        Ok(Self(connection))
    }

    pub fn tables(&self) -> StoreResult<Vec<Table>> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
        let mut statement = self.0.prepare(sql).map_err(unreadable)?;
        let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(unreadable)?;
        names.map(|name| self.table(name.map_err(unreadable)?)).collect()
    }

    fn table(&self, name: String) -> StoreResult<Table> {
        let mut statement =
            self.0.prepare("SELECT name, lower(type) FROM pragma_table_info(?1)").map_err(unreadable)?;
        let columns = statement.query_map([&name], |row| Ok(Column { name: row.get(0)?, kind: row.get(1)? }));
        let columns = columns.and_then(Iterator::collect).map_err(unreadable)?;
        Ok(Table { name, columns })
    }

    pub fn count(&self, table: &str) -> StoreResult<u64> {
        let sql = format!("SELECT count(*) FROM {}", quoted(table));
        let count: i64 = self.0.query_row(&sql, [], |row| row.get(0)).map_err(unreadable)?;
        Ok(count.max(0) as u64)
    }

    pub fn each<E: From<StoreError>>(
        &self,
        select: &str,
        mut take: impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.0.prepare(select).map_err(unreadable)?;
        let columns = statement.column_count();
        let mut rows = statement.query([]).map_err(unreadable)?;
        while let Some(row) = rows.next().map_err(unreadable)? {
            let values = (0..columns).map(|column| row.get_ref(column).map(text)).collect::<Result<_, _>>();
            take(&Row(values.map_err(unreadable)?))?;
        }
        Ok(())
    }
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text).into_owned()),
    }
}

/// Whatever is wrong with it, it is no damage to the house.
fn unreadable(error: rusqlite::Error) -> StoreError {
    StoreError::Broken(error.to_string())
}
