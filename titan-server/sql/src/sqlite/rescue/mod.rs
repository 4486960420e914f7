//! A new sound database out of a damaged one: every row that can still be read and says what it said when it was written.
//!
//! Called by `upkeep::rescue`, while no server runs, on files that were put aside. The damaged ones are only read. What is
//! lost is told, a line each; where entries are, others take their places that say so, so that no log has a gap.

mod filling;
mod reading;
mod terms;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use titan_core::BlobId;

use super::super::ledger::Ledger;
use super::super::moving::TABLES;
use super::super::verbs::sums;
use super::super::{Clock, MachineClock, StoreError, StoreResult};
use super::batch::{Batch, at_once};
use super::{schema, upkeep, wal};
use filling::Filling;
use reading::Reading;
pub use terms::{Rescued, Wanted};

/// Makes the new database at `to` of the one at `from`, which is left as it is. `beside` is a folder to work in.
pub fn rescue(from: &Path, beside: &Path, to: &Path, wanted: &Wanted<'_>) -> StoreResult<Rescued> {
    let Prepared { work, repaired, doubtful } = prepare(from, beside).map_err(|error| unavailable(beside, &error))?;
    let reading = Reading::open(&work)?;
    let mut filling = Filling::open(to)?;
    if doubtful > 0 {
        filling.note(format!(
            "{doubtful} pages of the write-ahead log are damaged: entries in them were held against their checksums, other rows \
             are kept as they stand there"
        ));
    }
    for table in &TABLES {
        let damaged = reading.rows(table, &mut |line, sum| filling.take(table, line, sum, wanted))?;
        filling.note_damage(table, damaged);
    }
    if filling.is_empty() {
        return Err(StoreError::Broken("nothing of the database can be read any more: restore a backup".into()));
    }
    for (table, last) in reading.last_given() {
        filling.note_given(&table, last)?;
    }
    drop(reading);
    let (connection, mut rescued) = filling.finish(wanted)?;
    rescued.frames = repaired + doubtful;
    settle(connection, to)?;
    Ok(rescued)
}

fn settle(mut connection: Connection, to: &Path) -> StoreResult<()> {
    let mut ledger = Ledger::default();
    while at_once(sums::sum_rows(&mut Batch::new(&mut connection, &mut ledger, MachineClock.now()), 5_000))? > 0 {}
    let wrong = upkeep::check(&connection)?;
    connection.execute_batch("COMMIT")?;
    if let Some(wrong) = wrong.first() {
        return Err(StoreError::Broken(format!("the new database is not sound either ({wrong}): restore a backup")));
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    connection.close().map_err(|(_, error)| error)?;
    fs::File::open(to).and_then(|file| file.sync_all()).map_err(|error| unavailable(to, &error))
}

/// A copy to read from, and how many frames of its log were put right or are still damaged somewhere.
struct Prepared {
    work: PathBuf,
    repaired: u64,
    doubtful: u64,
}

/// Copies a database, puts its head right and mends its log.
fn prepare(from: &Path, beside: &Path) -> std::io::Result<Prepared> {
    let work = beside.join("damaged.db");
    fs::copy(from, &work)?;
    let page_size = right_head(&work)?;
    let unmended = |work| Prepared { work, repaired: 0, doubtful: 0 };
    let log = match fs::read(wal::beside(from)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(unmended(work)),
        log => log?,
    };
    if wal::look(from)?.is_none() {
        fs::write(wal::beside(&work), log)?;
        return Ok(unmended(work));
    }
    let mended = wal::mend(&log, page_size, &|page| page_of(&work, page, page_size));
    fs::write(wal::beside(&work), mended.as_ref().map_or(&log, |mended| &mended.bytes))?;
    let (repaired, doubtful) = mended.map_or((0, 0), |mended| (mended.repaired, mended.doubtful + mended.dropped));
    Ok(Prepared { work, repaired, doubtful })
}

fn page_of(database: &Path, page: u32, size: usize) -> Option<Vec<u8>> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = fs::File::open(database).ok()?;
    file.seek(SeekFrom::Start(u64::from(page).checked_sub(1)? * size as u64)).ok()?;
    let mut bytes = vec![0; size];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// The fields of a database's head that are the same in every house, as they should be.
fn right_head(database: &Path) -> std::io::Result<usize> {
    use std::io::{Read, Seek, SeekFrom, Write};
    const PAGE_SIZE: u16 = 4096;
    let mut file = fs::File::options().read(true).write(true).open(database)?;
    let mut head = [0; 100];
    if file.read(&mut head)? < head.len() {
        return Ok(usize::from(PAGE_SIZE));
    }
    head[..16].copy_from_slice(b"SQLite format 3\0");
    head[16..18].copy_from_slice(&PAGE_SIZE.to_be_bytes());
    // In WAL mode, nothing reserved, fractions of pages, schema format 4, UTF-8.
    head[18..24].copy_from_slice(&[2, 2, 0, 64, 32, 32]);
    head[44..48].copy_from_slice(&4u32.to_be_bytes());
    head[56..60].copy_from_slice(&1u32.to_be_bytes());
    schema::right_marks(&mut head);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&head)?;
    Ok(usize::from(PAGE_SIZE))
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}

/// Blobs that rows of a damaged database point to, as far as they can be read.
pub fn blobs_of(from: &Path, beside: &Path) -> StoreResult<HashSet<BlobId>> {
    let work = prepare(from, beside).map_err(|error| unavailable(beside, &error))?.work;
    let reading = Reading::open(&work)?;
    let mut blobs = HashSet::new();
    for table in TABLES.iter().filter(|table| table.place("blob").is_some()) {
        reading.rows(table, &mut |line, _| {
            blobs.extend(filling::blob_of(table, &line));
            Ok(())
        })?;
    }
    Ok(blobs)
}
