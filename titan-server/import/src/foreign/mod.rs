//! Databases of older systems, in SQLite or PostgreSQL, as they lie there: read row by row, never changed.
//!
//! Imports alone come here. They say which tables and columns they know by which names ([`Shape`]); what a version of a
//! system lacks reads as empty, and every value is taken as text however the database keeps it, so that one broken row
//! never stands in the way of the others. All of it is seen as it stood at one moment.

mod postgres;
mod row;
mod shape;
mod sqlite;
mod trouble;

use std::path::{Path, PathBuf};

use crate::foreign::postgres::Postgres;
use crate::foreign::shape::{Column, Table};
use crate::foreign::sqlite::Sqlite;
pub use row::Row;
pub use shape::{Found, Shape};
pub use trouble::{Readable, Trouble};

/// Where a database of an older system is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    File(PathBuf),
    /// A URL of PostgreSQL, which may hold a password.
    Postgres(String),
}

/// An open one.
pub struct Foreign {
    base: Base,
    tables: Vec<Table>,
}

enum Base {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Place {
    /// Takes a path, a URL of PostgreSQL, or either as SQLAlchemy writes it.
    pub fn of(text: &str) -> Self {
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        match scheme.split('+').next() {
            Some("postgres" | "postgresql") => Self::Postgres(format!("postgresql://{rest}")),
            Some("sqlite") => Self::File(PathBuf::from(rest.strip_prefix('/').unwrap_or(rest))),
            _ => Self::File(PathBuf::from(text)),
        }
    }

    /// The folder that the database's files are looked for beside; none for one that a server keeps.
    pub fn folder(&self) -> Option<&Path> {
        let Self::File(path) = self else { return None };
        Some(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }
}

/// Without the password.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(url) => write!(f, "postgresql://{}{}", url.host_str().unwrap_or_default(), url.path()),
                Err(_) => f.write_str("that PostgreSQL database"),
            },
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Place({self})")
    }
}

impl Foreign {
    pub fn open(place: &Place) -> Readable<Self> {
        let (base, tables) = match place {
            Place::File(path) => {
                let base = Sqlite::open(path)?;
                let tables = base.tables()?;
                (Base::Sqlite(base), tables)
            }
            Place::Postgres(url) => {
                let base = Postgres::open(url)?;
                let tables = base.tables()?;
                (Base::Postgres(base), tables)
            }
        };
        let foreign = Self { base, tables };
        if foreign.table("conversations").is_some_and(|table| table.column("head").is_some()) {
            return Err(Trouble::AHouse);
        }
        Ok(foreign)
    }

    /// The first of the tables that is there, with the columns that it has.
    pub fn find(&self, shape: &Shape) -> Option<Found> {
        let table = shape.tables.iter().find_map(|name| self.table(name))?;
        Some(shape.found_in(table))
    }

    pub fn count(&self, found: &Found) -> Readable<u64> {
        self.count_of(found.table())
    }

    fn count_of(&self, table: &str) -> Readable<u64> {
        match &self.base {
            Base::Sqlite(base) => base.count(table),
            Base::Postgres(base) => base.count(table),
        }
    }

    /// Row by row, in order.
    pub fn each<E: From<Trouble>>(&self, found: &Found, take: impl FnMut(&Row) -> Result<(), E>) -> Result<(), E> {
        match &self.base {
            Base::Sqlite(base) => base.each(&found.select(Column::of_row), take),
            Base::Postgres(base) => base.each(&found.select(postgres::as_text), take),
        }
    }

    /// The first row, if there is one.
    pub fn first(&self, found: &Found) -> Readable<Option<Row>> {
        let mut first = None;
        let take = |row: &Row| {
            first.get_or_insert_with(|| row.clone());
            Ok(())
        };
        match &self.base {
            Base::Sqlite(base) => base.each::<Trouble>(&(found.select(Column::of_row) + " LIMIT 1"), take),
            Base::Postgres(base) => base.each::<Trouble>(&(found.select(postgres::as_text) + " LIMIT 1"), take),
        }?;
        Ok(first)
    }

    /// Whether there is a table of this name with these columns.
    pub fn has(&self, table: &str, columns: &[&str]) -> bool {
        self.table(table).is_some_and(|table| table.has_all(columns))
    }

    /// The tables that hold something and are none of these, each with the number of its rows.
    pub fn besides(&self, taken: &[&Found]) -> Readable<Vec<(String, u64)>> {
        let other = |table: &&Table| taken.iter().all(|found| found.table() != table.name);
        let mut besides = Vec::new();
        for table in self.tables.iter().filter(other) {
            let count = self.count_of(&table.name)?;
            if count > 0 {
                besides.push((table.name.clone(), count));
            }
        }
        Ok(besides)
    }

    fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_operators_write_it_and_shown_without_its_password() {
        let file = |path: &str| Place::File(PathBuf::from(path));
        assert_eq!(Place::of("old/chat.db"), file("old/chat.db"));
        assert_eq!(Place::of("sqlite:///./chat.db"), file("./chat.db"));
        assert_eq!(Place::of("sqlite+aiosqlite:////srv/chat.db"), file("/srv/chat.db"));
        for url in ["postgres://u:secret@db.example:5433/chat", "postgresql+psycopg2://u:secret@db.example:5433/chat"] {
            let place = Place::of(url);
            assert_eq!(place, Place::Postgres("postgresql://u:secret@db.example:5433/chat".to_owned()));
            assert_eq!(format!("{place} {place:?}").matches("secret").count(), 0);
        }
        assert_eq!(file("chat.db").folder(), Some(Path::new(".")));
    }
}
