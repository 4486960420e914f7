//! An older system's SQLite file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::row::Row;
use super::shape::{Column, Table, quoted};
use super::trouble::{Readable, Trouble};

pub struct Sqlite(Connection);

impl Sqlite {
    pub fn open(path: &Path) -> Readable<Self> {
        refuse_strangers(path)?;
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(unreadable)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; BEGIN").map_err(unreadable)?;
        Ok(Self(connection))
    }

    pub fn tables(&self) -> Readable<Vec<Table>> {
        // An index of words is a virtual table upon shadows: it only holds again what another one does.
        let sql = "SELECT name FROM pragma_table_list \
            WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
        let mut statement = self.0.prepare(sql).map_err(unreadable)?;
        let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(unreadable)?;
        names.map(|name| self.table(name.map_err(unreadable)?)).collect()
    }

    fn table(&self, name: String) -> Readable<Table> {
        let mut statement =
            self.0.prepare("SELECT name, lower(type) FROM pragma_table_info(?1)").map_err(unreadable)?;
        let columns = statement.query_map([&name], |row| Ok(Column { name: row.get(0)?, kind: row.get(1)? }));
        let columns = columns.and_then(Iterator::collect).map_err(unreadable)?;
        Ok(Table { name, columns })
    }

    pub fn count(&self, table: &str) -> Readable<u64> {
        let sql = format!("SELECT count(*) FROM {}", quoted(table));
        let count: i64 = self.0.query_row(&sql, [], |row| row.get(0)).map_err(unreadable)?;
        Ok(count.max(0) as u64)
    }

    pub fn each<E: From<Trouble>>(&self, select: &str, mut take: impl FnMut(&Row) -> Result<(), E>) -> Result<(), E> {
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

fn unreadable(error: rusqlite::Error) -> Trouble {
    Trouble::Unreadable(error.to_string())
}

/// How a database begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The least size of a database's page.
const PAGE: u64 = 512;

/// Before SQLite is asked, which says of everything strange that it is not a database. An empty file is an empty database.
fn refuse_strangers(path: &Path) -> Readable<()> {
    let unreadable = |error: std::io::Error| Trouble::Unreadable(error.to_string());
    let mut head = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    file.take(PAGE).read_to_end(&mut head).map_err(unreadable)?;
    if head.is_empty() || head.starts_with(MAGIC) {
        return Ok(());
    }
    let of_pages = size.is_multiple_of(PAGE) && std::str::from_utf8(&head).is_err();
    Err(if of_pages { Trouble::Encrypted } else { Trouble::NoDatabase })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_database_is_told_from_an_encrypted_one() {
        let folder = tempfile::tempdir().unwrap();
        let of = |bytes: &[u8]| {
            let path = folder.path().join("it");
            std::fs::write(&path, bytes).unwrap();
            Sqlite::open(&path).map(|_| ()).map_err(|trouble| trouble.to_string())
        };
        assert!(of(&[0xd7; 4096]).unwrap_err().contains("sqlcipher_export"));
        assert!(of(&[b'x'; 4096]).unwrap_err().contains("not a database of SQLite"));
        assert!(of(&[0xd7; 4095]).unwrap_err().ends_with("not a database of SQLite"));
        assert!(of(b"").is_ok());
    }
}
