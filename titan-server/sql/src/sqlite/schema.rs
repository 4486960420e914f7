//! The file and its tables: made, migrated and opened here, by [`super::SqliteStore::open`] only. A migration that has
//! been released is never changed; a new one is added to the list, and runs in one transaction with the version it leads
//! to, so that being killed at any point loses nothing.

use std::ffi::c_int;
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use titan_store::failure::sqlite::leaves_doubt;

use super::super::telling::Telling;
use super::super::{StoreError, StoreResult};

const MIGRATIONS: [&str; 11] = [
    include_str!("migrations/0001_house.sql"),
    include_str!("migrations/0002_people.sql"),
    include_str!("migrations/0003_changes.sql"),
    include_str!("migrations/0004_words.sql"),
    include_str!("migrations/0005_names.sql"),
    include_str!("migrations/0006_shares.sql"),
    include_str!("migrations/0007_former_names.sql"),
    include_str!("migrations/0008_credentials.sql"),
    include_str!("migrations/0009_erased.sql"),
    include_str!("migrations/0010_audit.sql"),
    include_str!("migrations/0011_factors.sql"),
];

/// Marks the file as ours ("Titn"), so that another program's database is not taken for an empty one of ours.
const APPLICATION_ID: i64 = 0x5469_746e;

/// Pages that the log may hold before they are moved into the database: 4 MB, so that a damaged log costs little.
const LOG_PAGES: c_int = 1_000;

/// Steps of SQLite's machine, some milliseconds, from one look at the clock to the next while it migrates.
const STEPS_UNTOLD: c_int = 1_000_000;

/// How long SQLite waits for another process that writes, such as an operator's sqlite3.
const BUSY: Duration = Duration::from_secs(5);

/// How long writing waits, once a minute at most, for those who read when the log is emptied.
const PATIENCE: Duration = Duration::from_millis(250);

/// The connection that writes, with the tables as this program knows them.
pub(super) fn open_writer(path: &Path) -> StoreResult<Connection> {
    make_private(path)?;
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    refuse_strangers(&connection, path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -8000;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    migrate(&mut connection, &MIGRATIONS)?;
    // What a server left that was killed is in one place only, and may never have reached the disk.
    match checkpoint_by(&connection, "TRUNCATE") {
        Err(StoreError::Unavailable(why)) => tracing::warn!(%why, "{STAYS_IN_THE_LOG}"),
        moved => drop(moved?),
    }
    connection.wal_hook(Some(checkpoint_early()))?;
    keep_statements(&connection, 128)?;
    Ok(connection)
}

/// Statements are prepared once: without this SQLite plans those anew whose plan might depend on a value, each time that one
/// is given, which costs more than any better plan would save.
fn keep_statements(connection: &Connection, most: usize) -> StoreResult<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(most);
    Ok(())
}

/// The connection of a memory that lasts no longer than itself.
pub(super) fn open_in_memory() -> StoreResult<Connection> {
    let mut connection = Connection::open_in_memory()?;
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;")?;
    migrate(&mut connection, &MIGRATIONS)?;
    keep_statements(&connection, 256)?;
    Ok(connection)
}

/// Moves what the log holds into the database, as far as nobody reads it; beside whoever writes.
pub(super) fn checkpoint(path: &Path) -> StoreResult<()> {
    checkpoint_by(&open_aside(path)?, "PASSIVE").map(drop)
}

/// The same, and empties the log, which holds what was there before it was erased; whether it is empty. Where somebody reads
/// from it for longer than a moment it is not. Nobody writes meanwhile.
pub(super) fn scour(path: &Path) -> StoreResult<bool> {
    let connection = open_aside(path)?;
    connection.busy_timeout(PATIENCE)?;
    checkpoint_by(&connection, "TRUNCATE")
}

/// Writes the whole file anew, so that nothing is in it but what stands. Nobody writes meanwhile.
pub(super) fn rewrite(path: &Path) -> StoreResult<()> {
    let connection = open_aside(path)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA temp_store = FILE; VACUUM;")?;
    match checkpoint_by(&connection, "TRUNCATE")? {
        true => Ok(()),
        false => Err(StoreError::Unavailable("somebody reads the database just now: try again".into())),
    }
}

/// A connection that stands beside the writer, and leaves the log to it.
fn open_aside(path: &Path) -> StoreResult<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")?;
    Ok(connection)
}

/// Whether all of it was done: that somebody else is reading or writing just now is no failure.
fn checkpoint_by(connection: &Connection, how: &str) -> StoreResult<bool> {
    let done = |row: &rusqlite::Row<'_>| Ok(row.get::<_, i64>(0)? == 0);
    match connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], done) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        moved => Ok(moved?),
    }
}

const STAYS_IN_THE_LOG: &str = "the write-ahead log can't be moved into the database just now: it grows meanwhile, and nothing is \
    lost";

/// After each commit, as SQLite does it by itself, but for two things. A failed fsync is told: to go on would be to believe in
/// what may not be there. And no other failure is the commit's, which is made: what can't be moved, such as when the disk is
/// full, stays in the log until it can be. It is said once until then.
fn checkpoint_early() -> impl FnMut(&mut Wal, c_int) -> rusqlite::Result<()> + Send {
    let mut failing = false;
    move |wal, pages| {
        if pages < LOG_PAGES {
            return Ok(());
        }
        match wal.checkpoint() {
            Ok(()) => failing = false,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
            Err(error) if leaves_doubt(&error) => return Err(error),
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(%error, "{STAYS_IN_THE_LOG}");
            }
            Err(_) => {}
        }
        Ok(())
    }
}

/// A connection that can only read.
pub(super) fn open_reader(path: &Path) -> StoreResult<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000;",
    )?;
    keep_statements(&connection, 64)?;
    Ok(connection)
}

/// The file exists and is its owner's alone; SQLite gives the write-ahead log the same mode.
pub(super) fn make_private(path: &Path) -> StoreResult<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path).and_then(|file| keep_private(&file));
    opened.map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))
}

#[cfg(unix)]
fn keep_private(file: &std::fs::File) -> std::io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn keep_private(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// The marks of ours in the head of a database (bytes of the file), for one whose head is damaged.
pub(super) fn right_marks(head: &mut [u8; 100]) {
    head[68..72].copy_from_slice(&(APPLICATION_ID as u32).to_be_bytes());
    let version = u32::from_be_bytes([head[60], head[61], head[62], head[63]]);
    if !(1..=MIGRATIONS.len() as u32).contains(&version) {
        head[60..64].copy_from_slice(&(MIGRATIONS.len() as u32).to_be_bytes());
    }
}

/// Before anything is changed: the file is empty or ours, and not of a newer program.
pub(super) fn refuse_strangers(connection: &Connection, path: &Path) -> StoreResult<()> {
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && tables > 0 {
        let path = path.display();
        return Err(StoreError::Broken(format!(
            "{path} is another program's database: import it, or choose another file"
        )));
    }
    let (version, newest) = (version(connection)?, MIGRATIONS.len());
    if version > newest {
        return Err(StoreError::Broken(format!(
            "{} has version {version}, this program knows versions up to {newest}: use a newer titan-server",
            path.display()
        )));
    }
    Ok(())
}

/// Brings the tables to the last of the migrations, and says so where a house is in them.
fn migrate(connection: &mut Connection, migrations: &[&str]) -> StoreResult<()> {
    let Some(telling) = Telling::of(version(connection)?, migrations.len()) else {
        return take_steps(connection, migrations);
    };
    let mut going_on = telling.clone();
    let tell = move || {
        going_on.goes_on();
        false
    };
    connection.progress_handler(STEPS_UNTOLD, Some(tell))?;
    let taken = take_steps(connection, migrations);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    taken.map(|()| telling.done())
}

fn take_steps(connection: &Connection, migrations: &[&str]) -> StoreResult<()> {
    for (step, migration) in migrations.iter().enumerate() {
        if version(connection)? > step {
            continue;
        }
        let transaction = rusqlite::Transaction::new_unchecked(connection, rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        if version(connection)? == step {
            transaction.execute_batch(migration)?;
            transaction.execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {};",
                step + 1
            ))?;
        }
        transaction.commit()?;
    }
    Ok(())
}

pub(super) fn version(connection: &Connection) -> StoreResult<usize> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    usize::try_from(version).map_err(|_| StoreError::Broken(format!("the database says it has version {version}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = MIGRATIONS[0];
    const SECOND: [&str; 3] = [
        "ALTER TABLE accounts ADD COLUMN colour TEXT;",
        "UPDATE accounts SET colour = 'blue';",
        "CREATE TABLE colours (name TEXT PRIMARY KEY) STRICT;",
    ];

    /// What the database holds of the first migration and of the second.
    fn holds(connection: &Connection) -> (bool, bool, usize) {
        let prepares = |sql| connection.prepare(sql).is_ok();
        (prepares("SELECT id FROM accounts"), prepares("SELECT colour FROM accounts"), version(connection).unwrap())
    }

    #[test]
    fn a_migration_happens_wholly_or_not_at_all_and_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[FIRST]).unwrap();
        for done in 0..SECOND.len() {
            let cut_off = format!("{} SELECT no_such_thing();", SECOND[..=done].concat());
            migrate(&mut connection, &[FIRST, &cut_off]).unwrap_err();
            assert_eq!(holds(&connection), (true, false, 1), "after {done} statements");
        }
        for _ in 0..2 {
            migrate(&mut connection, &[FIRST, &SECOND.concat()]).unwrap();
            assert_eq!(holds(&connection), (true, true, 2));
        }
    }

    #[test]
    fn a_process_that_dies_in_a_migration_leaves_the_old_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("titan.db");
        drop(open_writer(&path).unwrap());
        for done in 0..SECOND.len() {
            let dying = open_writer(&path).unwrap();
            dying.execute_batch(&format!("BEGIN IMMEDIATE; {}", SECOND[..=done].concat())).unwrap();
            // The files as a process would leave them that is killed here.
            let left = tempfile::tempdir().unwrap();
            for name in ["titan.db", "titan.db-wal"] {
                std::fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
            }
            let survivor = open_writer(&left.path().join("titan.db")).unwrap();
            assert_eq!(holds(&survivor), (true, false, MIGRATIONS.len()), "after {done} statements");
        }
    }
}
