//! The write-ahead log, looked at before SQLite does.
//!
//! SQLite stops at the first frame that is not as it was written, and drops every commit behind it without a word. A crash
//! leaves no more than a torn tail of *one* commit, since each is on disk before the next begins: whatever else is wrong
//! is damage, and dropping it would lose what was acknowledged. Whoever opens a house asks here first ([`look`]); a rescue
//! puts right what can be ([`mend`]). The form of the file: <https://sqlite.org/fileformat2.html#walformat>.

mod frame;
mod mending;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use frame::{Frame, Header, fill};
pub use mending::{Mended, mend};

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    #[error("the head of the write-ahead log is damaged: SQLite would drop everything that is in it")]
    Head,
    /// Frames are counted from 1.
    #[error(
        "frame {frame} of the write-ahead log is damaged: SQLite would drop it and the {behind} commits at and behind it"
    )]
    Frame { frame: u64, behind: u64 },
}

/// Where SQLite keeps the log of a database, which is named by its file and not by a link to it.
pub fn beside(database: &Path) -> PathBuf {
    super::with_ending(database, "-wal")
}

/// What is wrong with the log of a database, if anything is. To be asked while nobody writes: see [`look_beside_writers`].
pub fn look(database: &Path) -> io::Result<Option<Damage>> {
    match File::open(beside(database)) {
        Ok(file) => examine(&mut BufReader::with_capacity(1 << 18, file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The same while somebody may be writing: what is half written looks damaged for a moment, so what is found must be found
/// again.
pub fn look_beside_writers(database: &Path) -> io::Result<Option<Damage>> {
    const LOOKS: u32 = 4;
    let mut found = look(database)?;
    for _ in 1..LOOKS {
        if found.is_none() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        let again = look(database)?;
        found = again.filter(|again| found.as_ref() == Some(again));
    }
    Ok(found)
}

/// Whether the log of a database holds a commit that SQLite would take.
pub fn holds_a_commit(database: &Path) -> io::Result<bool> {
    let mut log = match File::open(beside(database)) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut head = [0; Header::SIZE];
    fill(&mut log, &mut head)?;
    let Some(header) = Header::read(&head) else { return Ok(false) };
    let (mut running, mut frame) = (header.sum, Frame::of(header.page_size));
    while frame.read(&mut log)? && frame.follows(&header, running) {
        if frame.commits(&header) {
            return Ok(true);
        }
        running = frame.sum();
    }
    Ok(false)
}

pub(crate) fn examine(log: &mut impl Read) -> io::Result<Option<Damage>> {
    let mut head = [0; Header::SIZE];
    if fill(log, &mut head)? < head.len() {
        return Ok(None); // It was being made; the head is on disk before the first frame is.
    }
    let Some(header) = Header::read(&head) else {
        return Ok(anything(log)?.then_some(Damage::Head));
    };
    let (mut running, mut number) = (header.sum, 0);
    let mut frame = Frame::of(header.page_size);
    while frame.read(log)? {
        number += 1;
        match frame.follows(&header, running) {
            true => running = frame.sum(),
            false => return behind(log, &header, running, frame, number),
        }
    }
    Ok(None)
}

/// What stands at and behind the first frame that SQLite would not take.
fn behind(
    log: &mut impl Read,
    header: &Header,
    running: (u32, u32),
    mut frame: Frame,
    number: u64,
) -> io::Result<Option<Damage>> {
    // No crash leaves a frame that is right but for a single bit, or for its salts.
    let certain = frame.is_nearly_right(header, running);
    let mut commits = u64::from(certain || frame.commits(header));
    while frame.read(log)? {
        commits += u64::from(frame.commits(header));
    }
    Ok((certain || commits > 1).then_some(Damage::Frame { frame: number, behind: commits }))
}

/// Whether anything but zeros is left to read.
fn anything(log: &mut impl Read) -> io::Result<bool> {
    let mut piece = [0; 4096];
    loop {
        match fill(log, &mut piece)? {
            0 => return Ok(false),
            read if piece[..read].iter().any(|byte| *byte != 0) => return Ok(true),
            _ => {}
        }
    }
}
