//! The database of the original Titan-Net server, as it lies there: read row by row and never changed. Versions of it
//! differ, so columns (and tables) that one lacks read as empty, and every value is taken however SQLite kept it.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

use titan_store::{StoreError, StoreResult};

pub struct Original {
    connection: Connection,
}

#[derive(Clone, Debug)]
pub struct OriginalAccount {
    pub id: i64,
    pub username: String,
    pub password_hash: String,
    pub titan_number: Option<i64>,
    pub full_name: Option<String>,
    pub created_at: Option<String>,
    pub last_login: Option<String>,
    pub is_admin: bool,
    pub blog_url: Option<String>,
}

#[derive(Clone, Debug)]
pub struct OriginalRoom {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub creator: Option<i64>,
    pub created_at: Option<String>,
    pub voice: bool,
    pub password_hash: Option<String>,
}

#[derive(Clone, Debug)]
pub struct OriginalMember {
    pub room: i64,
    pub account: i64,
    pub joined_at: Option<String>,
}

#[derive(Clone, Debug)]
pub struct OriginalMessage {
    pub room: i64,
    pub author: i64,
    pub text: String,
    pub sent_at: Option<String>,
}

#[derive(Clone, Debug)]
pub struct OriginalPrivate {
    pub sender: i64,
    pub recipient: i64,
    pub text: String,
    pub sent_at: Option<String>,
    pub read: bool,
}

#[derive(Clone, Debug)]
pub struct OriginalApp {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub category: String,
    pub version: String,
    pub author: i64,
    pub file_path: String,
    pub uploaded_at: Option<String>,
    pub approved: bool,
    pub approved_by: Option<i64>,
    pub approved_at: Option<String>,
    pub downloads: u64,
    pub metadata: Option<String>,
}

/// How many rows each table has, by a count of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OriginalCounts {
    pub accounts: u64,
    pub rooms: u64,
    pub messages: u64,
    pub privates: u64,
    pub members: u64,
    pub apps: u64,
}

impl Original {
    pub fn open(path: &Path) -> StoreResult<Self> {
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; BEGIN")?;
        let original = Self { connection };
        if !original.columns("users")?.contains("password_hash") {
            return Err(StoreError::Broken("it is no database of the original Titan-Net server".into()));
        }
        if original.columns("conversations")?.contains("head") {
            return Err(StoreError::Broken("it is a Titan house already: use `backup` and `restore`".into()));
        }
        Ok(original)
    }

    pub fn counts(&self) -> StoreResult<OriginalCounts> {
        Ok(OriginalCounts {
            accounts: self.count("users")?,
            rooms: self.count("chat_rooms")?,
            messages: self.count("room_messages")?,
            privates: self.count("private_messages")?,
            members: self.count("room_members")?,
            apps: self.count("app_repository")?,
        })
    }

    pub fn accounts(&self) -> StoreResult<Vec<OriginalAccount>> {
        const COLUMNS: [&str; 9] = [
            "id",
            "username",
            "password_hash",
            "titan_number",
            "full_name",
            "created_at",
            "last_login",
            "is_admin",
            "blog_url",
        ];
        self.all("users", &COLUMNS, "id", |row| {
            Ok(OriginalAccount {
                id: number(row, 0)?.unwrap_or_default(),
                username: text(row, 1)?.unwrap_or_default(),
                password_hash: text(row, 2)?.unwrap_or_default(),
                titan_number: number(row, 3)?,
                full_name: text(row, 4)?,
                created_at: text(row, 5)?,
                last_login: text(row, 6)?,
                is_admin: number(row, 7)?.is_some_and(|is_admin| is_admin != 0),
                blog_url: text(row, 8)?,
            })
        })
    }

    pub fn rooms(&self) -> StoreResult<Vec<OriginalRoom>> {
        const COLUMNS: [&str; 7] =
            ["id", "name", "description", "creator_id", "created_at", "room_type", "password_hash"];
        self.all("chat_rooms", &COLUMNS, "id", |row| {
            Ok(OriginalRoom {
                id: number(row, 0)?.unwrap_or_default(),
                name: text(row, 1)?.unwrap_or_default(),
                description: text(row, 2)?.unwrap_or_default(),
                creator: number(row, 3)?,
                created_at: text(row, 4)?,
                voice: text(row, 5)?.is_some_and(|kind| kind == "voice"),
                password_hash: text(row, 6)?.filter(|hash| !hash.is_empty()),
            })
        })
    }

    /// Room by room, in the order of their joining.
    pub fn members(&self) -> StoreResult<Vec<OriginalMember>> {
        self.all("room_members", &["room_id", "user_id", "joined_at"], "room_id, joined_at, user_id", |row| {
            Ok(OriginalMember {
                room: number(row, 0)?.unwrap_or_default(),
                account: number(row, 1)?.unwrap_or_default(),
                joined_at: text(row, 2)?,
            })
        })
    }

    /// Room by room, each in the order of its writing.
    pub fn each_message<E: From<StoreError>>(
        &self,
        take: impl FnMut(OriginalMessage) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(
            "room_messages",
            &["room_id", "user_id", "message", "sent_at"],
            "room_id, id",
            |row| {
                Ok(OriginalMessage {
                    room: number(row, 0)?.unwrap_or_default(),
                    author: number(row, 1)?.unwrap_or_default(),
                    text: text(row, 2)?.unwrap_or_default(),
                    sent_at: text(row, 3)?,
                })
            },
            take,
        )
    }

    /// Pair by pair, each in the order of its writing.
    pub fn each_private<E: From<StoreError>>(
        &self,
        take: impl FnMut(OriginalPrivate) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(
            "private_messages",
            &["sender_id", "recipient_id", "message", "sent_at", "read"],
            "min(sender_id, recipient_id), max(sender_id, recipient_id), id",
            |row| {
                Ok(OriginalPrivate {
                    sender: number(row, 0)?.unwrap_or_default(),
                    recipient: number(row, 1)?.unwrap_or_default(),
                    text: text(row, 2)?.unwrap_or_default(),
                    sent_at: text(row, 3)?,
                    read: number(row, 4)?.is_none_or(|read| read != 0),
                })
            },
            take,
        )
    }

    pub fn apps(&self) -> StoreResult<Vec<OriginalApp>> {
        const COLUMNS: [&str; 13] = [
            "id",
            "name",
            "description",
            "category",
            "version",
            "author_id",
            "file_path",
            "uploaded_at",
            "approved",
            "approved_by",
            "approved_at",
            "downloads",
            "metadata",
        ];
        self.all("app_repository", &COLUMNS, "id", |row| {
            Ok(OriginalApp {
                id: number(row, 0)?.unwrap_or_default(),
                name: text(row, 1)?.unwrap_or_default(),
                description: text(row, 2)?.unwrap_or_default(),
                category: text(row, 3)?.unwrap_or_default(),
                version: text(row, 4)?.unwrap_or_default(),
                author: number(row, 5)?.unwrap_or_default(),
                file_path: text(row, 6)?.unwrap_or_default(),
                uploaded_at: text(row, 7)?,
                approved: number(row, 8)?.is_some_and(|approved| approved != 0),
                approved_by: number(row, 9)?,
                approved_at: text(row, 10)?,
                downloads: number(row, 11)?.unwrap_or_default().max(0) as u64,
                metadata: text(row, 12)?,
            })
        })
    }

    fn all<T>(
        &self,
        table: &str,
        columns: &[&str],
        order: &str,
        value: impl Fn(&Row<'_>) -> StoreResult<T>,
    ) -> StoreResult<Vec<T>> {
        let mut values = Vec::new();
        self.each(table, columns, order, value, |value| {
            values.push(value);
            Ok::<_, StoreError>(())
        })?;
        Ok(values)
    }

    fn each<T, E: From<StoreError>>(
        &self,
        table: &str,
        columns: &[&str],
        order: &str,
        value: impl Fn(&Row<'_>) -> StoreResult<T>,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let there = self.columns(table)?;
        if there.is_empty() {
            return Ok(());
        }
        let select: Vec<_> = columns
            .iter()
            .map(
                |column| {
                    if there.contains(*column) { format!("\"{column}\"") } else { format!("NULL AS \"{column}\"") }
                },
            )
            .collect();
        let sql = format!("SELECT {} FROM \"{table}\" ORDER BY {order}", select.join(", "));
        let mut statement = self.connection.prepare(&sql).map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            take(value(row)?)?;
        }
        Ok(())
    }

    fn count(&self, table: &str) -> StoreResult<u64> {
        if self.columns(table)?.is_empty() {
            return Ok(0);
        }
        let count: i64 =
            self.connection.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0))?;
        Ok(count.max(0) as u64)
    }

    /// The columns of a table; none where there is no such table.
    fn columns(&self, table: &str) -> StoreResult<HashSet<String>> {
        let mut statement = self.connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let names = statement.query_map([table], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}

fn text(row: &Row<'_>, column: usize) -> StoreResult<Option<String>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text).into_owned()),
    })
}

fn number(row: &Row<'_>, column: usize) -> StoreResult<Option<i64>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Real(number) => Some(number as i64),
        ValueRef::Text(text) => String::from_utf8_lossy(text).trim().parse().ok(),
        ValueRef::Null | ValueRef::Blob(_) => None,
    })
}
