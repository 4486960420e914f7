use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;

const PAGE: usize = 512;
const FRAME: usize = PAGE + 24;

/// A real log of so many commits, as a process leaves it that is killed; and where its last commit begins.
struct Left {
    folder: tempfile::TempDir,
    log: Vec<u8>,
    last: usize,
}

impl Left {
    fn of(commits: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let writing = Connection::open(&path).unwrap();
        writing
            .execute_batch("PRAGMA page_size = 512; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x TEXT)")
            .unwrap();
        let mut last = 0;
        for n in 0..commits {
            last = std::fs::metadata(beside(&path)).unwrap().len() as usize;
            for _ in 0..=n % 4 {
                writing.execute("INSERT INTO t VALUES (?1)", [format!("{n} {}", "x".repeat(n * 97 % 900))]).unwrap();
            }
        }
        // One transaction of several pages at the end.
        if commits > 0 {
            last = std::fs::metadata(beside(&path)).unwrap().len() as usize;
            writing.execute("INSERT INTO t VALUES (?1)", ["end".repeat(600)]).unwrap();
        }
        let log = std::fs::read(beside(&path)).unwrap();
        let left = Self { folder, log, last };
        std::fs::copy(&path, left.database()).unwrap();
        left
    }

    fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("left.db")
    }

    fn look(&self, log: &[u8]) -> Option<Damage> {
        std::fs::write(beside(&self.database()), log).unwrap();
        look(&self.database()).unwrap()
    }

    fn flipped(&self, byte: usize, bit: u8) -> Vec<u8> {
        let mut log = self.log.clone();
        log[byte] ^= 1 << bit;
        log
    }
}

/// What SQLite reads with this log.
fn rows(database: &Path, log: &[u8]) -> Vec<String> {
    let other = database.with_file_name("other.db");
    std::fs::copy(database, &other).unwrap();
    std::fs::write(beside(&other), log).unwrap();
    let reading = Connection::open(&other).unwrap();
    let rows = reading
        .prepare("SELECT x FROM t ORDER BY rowid")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>();
    drop(reading);
    rows.unwrap()
}

#[test]
fn a_log_as_it_was_left_is_sound() {
    for commits in [0, 1, 2, 30] {
        let left = Left::of(commits);
        assert_eq!(left.look(&left.log), None, "{commits} commits");
    }
}

#[test]
fn every_torn_tail_of_a_last_commit_opens() {
    let left = Left::of(12);
    assert!(left.log.len() - left.last > 3 * FRAME, "a commit of several frames");
    for cut in left.last..=left.log.len() {
        assert_eq!(left.look(&left.log[..cut]), None, "cut at {cut}");
    }
}

#[test]
fn frames_of_an_older_log_behind_the_end_are_no_damage() {
    let left = Left::of(30);
    let writing = Connection::open(left.database()).unwrap();
    std::fs::write(beside(&left.database()), &left.log).unwrap();
    drop(writing);
    let writing = Connection::open(left.database()).unwrap();
    writing.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA wal_checkpoint(FULL)").unwrap();
    let before = std::fs::metadata(beside(&left.database())).unwrap().len();
    for _ in 0..3 {
        writing.execute("INSERT INTO t VALUES ('anew')", []).unwrap();
        assert_eq!(std::fs::metadata(beside(&left.database())).unwrap().len(), before, "old frames lie behind");
        assert_eq!(look(&left.database()).unwrap(), None);
    }
}

#[test]
fn a_lost_head_is_named_and_an_unwritten_one_is_not() {
    let left = Left::of(3);
    let headless = [&[0; Header::SIZE], &left.log[Header::SIZE..]].concat();
    assert_eq!(left.look(&headless), Some(Damage::Head));
    for unwritten in [&left.log[..0], &left.log[..31], &left.log[..Header::SIZE], &[0; 5_000]] {
        assert_eq!(left.look(unwritten), None);
    }
}

#[test]
fn a_flipped_salt_of_the_very_last_frame_is_put_right() {
    let left = Left::of(3);
    let log = left.flipped(left.log.len() - FRAME + 15, 0);
    assert!(matches!(left.look(&log), Some(Damage::Frame { behind: 1, .. })));
    let mended = mend(&log, PAGE, &|_| None).unwrap();
    assert_eq!((mended.repaired, mended.doubtful), (1, 0));
    assert_eq!(rows(&left.database(), &mended.bytes), rows(&left.database(), &left.log));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_flipped_bit_is_named_and_put_right(commits in 2..20usize, places in prop::collection::vec((any::<prop::sample::Index>(), 0..8u8), 40)) {
        let left = Left::of(commits);
        let whole = rows(&left.database(), &left.log);
        for (place, bit) in places {
            let byte = place.index(left.log.len());
            let log = left.flipped(byte, bit);
            prop_assert!(left.look(&log).is_some(), "byte {} bit {}", byte, bit);
            let database = std::fs::read(left.database()).unwrap();
            let page = |number: u32| Some(database.chunks_exact(PAGE).nth((number as usize).checked_sub(1)?)?.to_vec());
            let mended = mend(&log, PAGE, &page).unwrap();
            prop_assert_eq!(mended.dropped, 0, "byte {}", byte);
            // A bit that can't be told from others is left, and said to be.
            if mended.doubtful == 0 || byte < Header::SIZE {
                prop_assert_eq!(&rows(&left.database(), &mended.bytes), &whole, "byte {} bit {}", byte, bit);
            }
        }
    }

    #[test]
    fn any_damage_before_the_last_commit_is_named(at: prop::sample::Index, length in 1..2_000usize, filling: u8) {
        let left = Left::of(12);
        let before = left.last - FRAME - 1;
        let from = at.index(before);
        let to = (from + length).min(before);
        let mut log = left.log.clone();
        log[from..to].fill(filling);
        prop_assume!(log != left.log);
        prop_assert!(left.look(&log).is_some(), "{from}..{to}");
    }

    #[test]
    fn sectors_of_the_last_commit_that_never_came_are_a_torn_tail(lost in prop::collection::vec(any::<bool>(), 64), garbage: bool) {
        let left = Left::of(12);
        let mut log = left.log.clone();
        for (sector, _) in lost.iter().enumerate().filter(|(_, lost)| **lost) {
            let from = (left.last.next_multiple_of(512) + sector * 512).min(log.len());
            let to = (from + 512).min(log.len());
            for byte in &mut log[from..to] {
                *byte = if garbage { byte.wrapping_mul(31).wrapping_add(7) } else { 0 };
            }
        }
        prop_assert_eq!(left.look(&log), None);
    }

    #[test]
    fn no_log_breaks_the_look(bytes in prop::collection::vec(any::<u8>(), 0..5_000), headed: bool) {
        let left = Left::of(1);
        let log = if headed { [&left.log[..Header::SIZE], &bytes[..]].concat() } else { bytes };
        left.look(&log);
        mend(&log, PAGE, &|_| None);
    }
}
