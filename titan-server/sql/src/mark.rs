//! The mark: which house was here and how far it had got, kept in a second place.
//!
//! A database can't know that it is missing, empty, older than it was or another's; the mark does. The writer tells it each
//! commit's turn ([`Mark::committed`]), which is one small write without an fsync: killed, a server leaves it exact, and a
//! loss of power leaves it a little behind, never ahead, since it is told after the commit is on disk. Whoever opens a
//! house holds both against each other first. A mark that can't be read proves nothing and is made anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// The name of the file, in the data folder.
pub const MARK: &str = "titan.mark";

/// The form of the file that this program writes and reads.
const FORM: u32 = 1;
/// Where the turns stand, by turns: one is whole whatever happens to the other.
const TURNS: [u64; 2] = [4096, 8192];

/// Which house, without how far it has got.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Known {
    form: u32,
    pub epoch: String,
    /// What the pepper of its passwords is known by.
    pub pepper: String,
    /// Where its database was, for people.
    pub home: String,
}

/// What a mark says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// There is none.
    Nothing,
    /// It is damaged, or a newer program's.
    Unreadable,
    House {
        known: Known,
        turn: i64,
    },
}

/// The mark of a house that is in use. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Mark(Arc<Place>);

#[derive(Debug, Default)]
struct Place {
    /// None until the house is known.
    file: OnceLock<Mutex<File>>,
    turn: AtomicI64,
    failing: AtomicBool,
}

impl Known {
    pub fn new(epoch: String, pepper: String, home: String) -> Self {
        Self { form: FORM, epoch, pepper, home }
    }
}

/// Where the mark of a data folder is.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(MARK)
}

/// Reads the mark of a data folder.
pub fn read(data_dir: &Path) -> io::Result<Marked> {
    match fs::read(path(data_dir)) {
        Ok(bytes) => Ok(parse(&bytes).unwrap_or(Marked::Unreadable)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Marked::Nothing),
        Err(error) => Err(error),
    }
}

/// Writes a mark for a house that nobody uses just now.
pub fn write(data_dir: &Path, known: &Known, turn: i64) -> io::Result<()> {
    create(data_dir, known, turn)?.sync_all()
}

/// Takes the mark away, before there is another house in the folder.
pub fn remove(data_dir: &Path) -> io::Result<()> {
    match fs::remove_file(path(data_dir)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Mark {
    /// From now on the turns are kept, in the mark of this folder; on disk when this returns. Where none can be made anew,
    /// such as on a full disk, the one that is there goes on if it is this house's.
    pub fn keep(&self, data_dir: &Path, known: &Known, turn: i64) -> io::Result<()> {
        let turn = turn.max(self.turn());
        let file = match create(data_dir, known, turn) {
            Ok(file) => file,
            Err(error) => {
                let Some(file) = of_before(data_dir, known) else { return Err(error) };
                tracing::warn!(%error, "{MARK} can't be made anew: the one that is there goes on");
                file
            }
        };
        let _ = self.0.file.set(Mutex::new(file));
        self.committed(turn);
        Ok(())
    }

    /// A commit is on disk: to be told after each, by the one who writes. That it can't be noted is no reason to fail.
    pub fn committed(&self, turn: i64) {
        self.0.turn.fetch_max(turn, Ordering::AcqRel);
        let Some(file) = self.0.file.get() else { return };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // Of several who tell it at once the last one's is the latest, whoever that is.
        let noted = note(&mut file, self.turn());
        match noted {
            Ok(()) => self.0.failing.store(false, Ordering::Relaxed),
            Err(error) if !self.0.failing.swap(true, Ordering::Relaxed) => {
                tracing::warn!(%error, "the mark of what was last committed can't be written");
            }
            Err(_) => {}
        }
    }

    /// The last turn it was told.
    pub fn turn(&self) -> i64 {
        self.0.turn.load(Ordering::Acquire)
    }

    /// Puts it on disk, at a clean stop.
    pub fn settle(&self) -> io::Result<()> {
        match self.0.file.get() {
            Some(file) => file.lock().unwrap_or_else(PoisonError::into_inner).sync_all(),
            None => Ok(()),
        }
    }
}

/// A new mark in place of the one before, if there is one.
fn create(data_dir: &Path, known: &Known, turn: i64) -> io::Result<File> {
    let beside = data_dir.join("titan.mark.part");
    let file = fill(&beside, known, turn).inspect_err(|_| drop(fs::remove_file(&beside)))?;
    fs::rename(&beside, path(data_dir))?;
    if cfg!(unix) {
        File::open(data_dir)?.sync_all()?;
    }
    Ok(file)
}

fn fill(beside: &Path, known: &Known, turn: i64) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside)?;
    let text = serde_json::to_string(known)?;
    file.write_all(format!("{:016x} {text}\n", xxh3_64(text.as_bytes())).as_bytes())?;
    for turn in [turn.saturating_sub(1).max(0), turn] {
        note(&mut file, turn)?;
    }
    file.sync_all()?;
    Ok(file)
}

/// The mark that is there, if it is this house's.
fn of_before(data_dir: &Path, known: &Known) -> Option<File> {
    match read(data_dir) {
        Ok(Marked::House { known: there, .. }) if there.epoch == known.epoch => {
            OpenOptions::new().write(true).open(path(data_dir)).ok()
        }
        _ => None,
    }
}

fn note(file: &mut File, turn: i64) -> io::Result<()> {
    file.seek(SeekFrom::Start(TURNS[(turn & 1) as usize]))?;
    let digits = format!("{turn:020}");
    file.write_all(format!("{digits} {:016x}\n", xxh3_64(digits.as_bytes())).as_bytes())
}

pub(crate) fn parse(bytes: &[u8]) -> Option<Marked> {
    let head = bytes.get(..TURNS[0] as usize)?.split(|byte| *byte == b'\n').next()?;
    let (sum, text) = std::str::from_utf8(head).ok()?.split_once(' ')?;
    let known: Known = serde_json::from_str(text).ok()?;
    let turn = TURNS.iter().filter_map(|at| turn_at(bytes, *at as usize)).max()?;
    (sum == format!("{:016x}", xxh3_64(text.as_bytes())) && known.form == FORM).then_some(Marked::House { known, turn })
}

fn turn_at(bytes: &[u8], at: usize) -> Option<i64> {
    let line = std::str::from_utf8(bytes.get(at..)?.split(|byte| *byte == b'\n').next()?).ok()?;
    let (digits, sum) = line.split_once(' ')?;
    (sum == format!("{:016x}", xxh3_64(digits.as_bytes()))).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known::new("e".repeat(32), "p".repeat(16), "/var/lib/titan/titan.db".to_owned())
    }

    #[test]
    fn a_mark_says_which_house_and_how_far_it_had_got() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), Marked::Nothing);
        let mark = Mark::default();
        mark.committed(3);
        mark.keep(folder.path(), &known(), 2).unwrap();
        assert_eq!(read(folder.path()).unwrap(), Marked::House { known: known(), turn: 3 });
        for turn in 4..300 {
            mark.committed(turn);
            assert_eq!(read(folder.path()).unwrap(), Marked::House { known: known(), turn });
        }
    }

    #[test]
    fn where_none_can_be_made_anew_the_houses_own_goes_on_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &known(), 7).unwrap();
        // Where the new one would be written first there is no place for it.
        fs::create_dir(folder.path().join("titan.mark.part")).unwrap();
        let mark = Mark::default();
        let moved = Known { home: "elsewhere".to_owned(), ..known() };
        mark.keep(folder.path(), &moved, 8).unwrap();
        mark.committed(9);
        assert_eq!(read(folder.path()).unwrap(), Marked::House { known: known(), turn: 9 });
        let other = Known { epoch: "f".repeat(32), ..known() };
        assert!(Mark::default().keep(folder.path(), &other, 10).is_err());
        fs::remove_file(path(folder.path())).unwrap();
        assert!(Mark::default().keep(folder.path(), &known(), 10).is_err());
    }

    #[test]
    fn a_turn_that_is_half_written_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let mark = Mark::default();
        mark.keep(folder.path(), &known(), 7).unwrap();
        mark.committed(8);
        let mut bytes = fs::read(path(folder.path())).unwrap();
        bytes[TURNS[0] as usize + 5] = b'?';
        fs::write(path(folder.path()), &bytes).unwrap();
        assert_eq!(read(folder.path()).unwrap(), Marked::House { known: known(), turn: 7 });
    }

    #[test]
    fn a_flipped_bit_makes_a_mark_unreadable_or_older_but_never_newer() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &known(), 1_000).unwrap();
        let whole = fs::read(path(folder.path())).unwrap();
        for byte in (0..whole.len()).filter(|byte| whole[*byte] != 0) {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1 << (byte % 8);
            match parse(&bytes) {
                None => {}
                Some(Marked::House { known: said, turn }) => assert!(said == known() && turn <= 1_000, "byte {byte}"),
                Some(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(parse(&[]), None);
    }
}
