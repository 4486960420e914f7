//! Opens a cache file, and sets one aside that can't be used. Called by `Cache` alone; knows nothing of the tables' meaning.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode};

use super::{
    Failed,
    schema::{APPLICATION_ID, Schema},
};
use crate::{Time, client::Error};

/// How long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same where it can be done later.
const A_MOMENT: Duration = Duration::from_millis(50);

/// Why a file that is there can't be used.
enum Unusable {
    Damaged,
    OtherVersion(i32),
    Other(Error),
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) { Self::Damaged } else { Self::Other(Failed::from(error).into()) }
    }
}

/// Opens the file, making it where there is none. One that can't be used is renamed, a fresh one begun, and a note left.
pub(super) fn open(path: &Path, schema: &Schema, notes: &mut Vec<String>) -> Result<Connection, Failed> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| Error::Io(format!("can't make {}", folder.display()), error))?;
    }
    let reason = match try_open(path, schema) {
        Ok(connection) => return Ok(connection),
        Err(Unusable::Other(error)) => return Err(error.into()),
        Err(Unusable::Damaged) => "it is damaged".to_owned(),
        Err(Unusable::OtherVersion(version)) if version > schema.version => {
            format!("a newer Titan wrote it (version {version})")
        }
        Err(Unusable::OtherVersion(version)) => format!("an older Titan wrote it (version {version})"),
    };
    set_aside(path, schema, &reason, notes)?;
    begin(path, schema)
}

pub(super) fn in_memory(schema: &Schema) -> Result<Connection, Failed> {
    match prepare(Connection::open_in_memory()?, Path::new(":memory:"), schema) {
        Ok(connection) => Ok(connection),
        Err(unusable) => Err(unusable.into_error(Path::new(":memory:")).into()),
    }
}

/// Sets the file under an open connection aside and puts a fresh one in its place.
pub(super) fn renew(
    connection: &mut Connection,
    path: Option<&Path>,
    schema: &Schema,
    reason: &str,
    notes: &mut Vec<String>,
) -> Result<(), Failed> {
    let stand_in = in_memory(schema)?;
    drop(std::mem::replace(connection, stand_in));
    if let Some(path) = path {
        set_aside(path, schema, reason, notes)?;
        *connection = begin(path, schema)?;
    }
    Ok(())
}

/// Whether SQLite says that the file is not, or no longer, a sound database.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn begin(path: &Path, schema: &Schema) -> Result<Connection, Failed> {
    try_open(path, schema).map_err(|unusable| unusable.into_error(path).into())
}

fn try_open(path: &Path, schema: &Schema) -> Result<Connection, Unusable> {
    for_owner_only(path)
        .map_err(|error| Unusable::Other(Error::Io(format!("can't open {}", path.display()), error)))?;
    prepare(Connection::open(path)?, path, schema)
}

/// Sets the connection up and makes the tables in an empty file. Reads the header and the schema, no rows.
fn prepare(mut connection: Connection, path: &Path, schema: &Schema) -> Result<Connection, Unusable> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(64);
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && application != APPLICATION_ID {
        let why = format!("{} belongs to another program: choose another path for the cache", path.display());
        return Err(Unusable::Other(Error::Io(why, io::ErrorKind::AlreadyExists.into())));
    }
    let step = schema.step.filter(|(since, _)| (*since..schema.version).contains(&version));
    if tables > 0 && version != schema.version && step.is_none() {
        return Err(Unusable::OtherVersion(version));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", if schema.durable { "FULL" } else { "NORMAL" })?;
    connection.pragma_update(None, "secure_delete", true)?;
    match step.filter(|_| tables > 0) {
        Some((_, step)) => take_step(&mut connection, schema, step)?,
        None if tables == 0 => make_tables(&mut connection, schema)?,
        None => {}
    }
    // Whoever had it before may have been killed with what was erased still in the log.
    scour(&connection)?;
    Ok(connection)
}

/// Empties the write-ahead log, which holds what was there before it was erased; whether it is empty. Where another process
/// reads for longer than a moment it is not.
pub(super) fn scour(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(A_MOMENT)?;
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    connection.busy_timeout(PATIENCE)?;
    match busy {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        busy => Ok(busy? == 0),
    }
}

fn make_tables(connection: &mut Connection, schema: &Schema) -> Result<(), Unusable> {
    let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let tables: i64 = change.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        change.execute_batch(schema.tables)?;
        change.pragma_update(None, "application_id", APPLICATION_ID)?;
        change.pragma_update(None, "user_version", schema.version)?;
    }
    Ok(change.commit()?)
}

fn take_step(connection: &mut Connection, schema: &Schema, step: &str) -> Result<(), Unusable> {
    let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let version: i32 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != schema.version {
        change.execute_batch(step)?;
        change.pragma_update(None, "user_version", schema.version)?;
    }
    Ok(change.commit()?)
}

/// SQLite gives its -wal and -shm files the mode of the database file, so that one decides.
fn for_owner_only(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(0o600).open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    options.open(path)?;
    Ok(())
}

fn set_aside(path: &Path, schema: &Schema, reason: &str, notes: &mut Vec<String>) -> Result<(), Failed> {
    let aside = with_suffix(path, &format!(".aside-{}", Time::now().0));
    for suffix in ["", "-wal", "-shm"] {
        match fs::rename(with_suffix(path, suffix), with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::Io(format!("can't set {} aside", path.display()), error).into());
            }
            _ => {}
        }
    }
    notes.push(format!("The {} was set aside as {}, since {reason}: {}.", schema.what, aside.display(), schema.loss));
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Unusable {
    fn into_error(self, path: &Path) -> Error {
        let unsound = |why: &str| Error::Io(format!("{} {why}", path.display()), io::ErrorKind::InvalidData.into());
        match self {
            Self::Other(error) => error,
            Self::Damaged => unsound("is damaged"),
            Self::OtherVersion(version) => unsound(&format!("is of another version ({version})")),
        }
    }
}
