//! Reads the truth straight from the database, with SQL that is not the server's.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::checker::Line;
use super::postgres::{Database, run};

/// Every conversation's log. The server must have ended: its unfinished write-ahead log is taken in as SQLite does it.
pub fn read(folder: &Path) -> BTreeMap<i64, Vec<Line>> {
    if let Some(url) = Database::of(folder) {
        return read_postgres(&url);
    }
    let file = Connection::open(folder.join("titan.db")).unwrap();
    sound(&file);
    let mut logs: BTreeMap<i64, Vec<Line>> = BTreeMap::new();
    let rows = "SELECT conversation, seq, id, author, kind, text FROM entries ORDER BY conversation, seq";
    let mut rows = file.prepare(rows).unwrap();
    let mut rows = rows.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let message = row.get::<_, String>(4).unwrap() == "message";
        let text = row.get::<_, Option<String>>(5).unwrap().filter(|_| message);
        let line = Line { seq: row.get(1).unwrap(), id: row.get(2).unwrap(), author: row.get(3).unwrap(), text };
        logs.entry(row.get(0).unwrap()).or_default().push(line);
    }
    heads(&file, &logs);
    logs
}

/// Each file's message has its bytes: the row names them, and they lie where blobs lie.
pub fn holds(folder: &Path, files: &BTreeMap<String, String>) {
    if let Some(url) = Database::of(folder) {
        return holds_postgres(folder, &url, files);
    }
    let database = Connection::open(folder.join("titan.db")).unwrap();
    let row = "SELECT lower(hex(files.blob)), size FROM entries
               JOIN files ON files.conversation = entries.conversation AND files.seq = entries.seq WHERE text = ?1";
    for (text, sha256) in files {
        let (blob, size): (String, i64) = database
            .query_row(row, [text], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        has_bytes(folder, text, sha256, &blob, size);
    }
}

fn holds_postgres(folder: &Path, url: &str, files: &BTreeMap<String, String>) {
    let rows = "SELECT text, encode(files.blob, 'hex'), size FROM entries
                JOIN files ON files.conversation = entries.conversation AND files.seq = entries.seq";
    let rows = run(url, rows).into_iter().map(|row| row.into_iter().map(Option::unwrap).collect::<Vec<_>>());
    let rows: BTreeMap<String, (String, i64)> =
        rows.map(|row| (row[0].clone(), (row[1].clone(), row[2].parse().unwrap()))).collect();
    for (text, sha256) in files {
        let (blob, size) = rows.get(text).unwrap_or_else(|| panic!("{text} is not there"));
        has_bytes(folder, text, sha256, blob, *size);
    }
}

fn has_bytes(folder: &Path, text: &str, sha256: &String, blob: &String, size: i64) {
    let bytes = std::fs::read(folder.join("blobs").join(&blob[..2]).join(blob)).unwrap();
    assert_eq!((blob, &super::files::sha256(&bytes), size), (sha256, sha256, bytes.len() as i64), "{text}");
}

/// The same from PostgreSQL.
fn read_postgres(url: &str) -> BTreeMap<i64, Vec<Line>> {
    let mut logs: BTreeMap<i64, Vec<Line>> = BTreeMap::new();
    let rows = "SELECT conversation, seq, id, author, kind, text FROM entries ORDER BY conversation, seq";
    for row in run(url, rows) {
        let number = |column: usize| row[column].as_ref().unwrap().parse::<i64>().unwrap();
        let text = row[5].clone().filter(|_| row[4].as_deref() == Some("message"));
        logs.entry(number(0)).or_default().push(Line { seq: number(1), id: number(2), author: number(3), text });
    }
    for row in run(url, "SELECT id, head FROM conversations") {
        let number = |column: usize| row[column].as_ref().unwrap().parse::<i64>().unwrap();
        let last = logs.get(&number(0)).and_then(|lines| lines.last()).map_or(0, |line| line.seq);
        assert_eq!(number(1), last, "the head of conversation {} is not its last place", number(0));
    }
    logs
}

/// The file is whole, as SQLite judges it.
fn sound(file: &Connection) {
    let said: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
}

/// The head that the server goes by is the last place of each log.
fn heads(file: &Connection, logs: &BTreeMap<i64, Vec<Line>>) {
    let mut rows = file.prepare("SELECT id, head FROM conversations").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).unwrap();
    for (conversation, head) in rows.map(Result::unwrap) {
        let last = logs.get(&conversation).and_then(|lines| lines.last()).map_or(0, |line| line.seq);
        assert_eq!(head, last, "the head of conversation {conversation} is not its last place");
    }
}
