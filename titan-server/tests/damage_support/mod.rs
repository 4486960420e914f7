//! Houses to be damaged, and what damages them.

use crate::support::preloaded;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use serde_json::{Value, json};

use crate::support::Native;
use crate::support::process::{self, Running, error_of};

pub const GENERAL: i64 = 1;
/// The exit code of a server that finds its house unsound.
pub const UNSOUND: i32 = 3;

pub struct House(tempfile::TempDir);

/// What ada says, one after the other.
pub fn message(n: usize) -> String {
    format!("message {n} {}", "and on it goes ".repeat(n % 5))
}

pub fn messages(count: usize) -> Vec<String> {
    (1..=count).map(|n| message(n).trim_end().to_owned()).collect()
}

impl House {
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("house")).unwrap();
        Self(folder)
    }

    /// One in which ada said so much, with a file, whose server was killed.
    pub async fn killed_after(count: usize) -> Self {
        let house = Self::empty();
        house.lived_in(count).await.kill();
        house
    }

    /// The same, whose server ended well.
    pub async fn closed_after(count: usize) -> Self {
        let house = Self::empty();
        let mut running = house.lived_in(count).await;
        running.terminate();
        house
    }

    async fn lived_in(&self, count: usize) -> Running {
        let running = Running::serve(self.folder());
        let mut ada = enter(&running, "ada").await;
        say(&mut ada, 1, count).await;
        let app = json!({"do": "create_room", "name": "quiet", "kind": "text"});
        ada.ok(app).await;
        std::fs::create_dir_all(self.path("blobs/ab")).unwrap();
        std::fs::write(self.path("blobs/ab/x"), "a file").unwrap();
        running
    }

    pub fn folder(&self) -> &Path {
        Box::leak(self.0.path().join("house").into_boxed_path())
    }

    pub fn text(&self) -> &str {
        self.folder().to_str().unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Runs a verb to its end: its exit code, and all that it said.
    pub fn run(&self, verb: &str, more: &[&str]) -> (i32, String) {
        let output = process::run(&[&[verb], more, &["--data-dir", self.text()]].concat());
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned() + &error_of(&output))
    }

    pub fn ok(&self, verb: &str, more: &[&str]) -> String {
        let (code, said) = self.run(verb, more);
        assert_eq!(code, 0, "{verb}: {said}");
        said
    }

    pub fn ok_with_line(&self, verb: &str, more: &[&str], line: &str) {
        let output = process::run_with_line(&[&[verb], more, &["--data-dir", self.text()]].concat(), line);
        assert!(output.status.success(), "{}", error_of(&output));
    }

    /// Runs a server that is expected not to start.
    pub fn serve(&self, more: &[&str]) -> (i32, String) {
        let doors = ["--http", "127.0.0.1:0", "--titan-net", "off"];
        let mut server = process::titan_server(&[&["serve"], &doors[..], more, &["--data-dir", self.text()]].concat())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(server.stdout.take().unwrap());
        let mut line = String::new();
        if stdout.read_line(&mut line).unwrap() > 0 {
            let _ = server.kill();
            panic!("it started: {line}");
        }
        let output = server.wait_with_output().unwrap();
        (output.status.code().unwrap_or(-1), error_of(&output))
    }

    /// What a server says that finds the house unsound.
    pub fn refuses(&self) -> String {
        let (code, said) = self.serve(&[]);
        assert_eq!(code, UNSOUND, "{said}");
        said
    }

    pub fn check(&self) -> (i32, String) {
        self.run("check", &["--blobs"])
    }

    pub fn check_finds(&self, what: &str) -> bool {
        let (code, said) = self.check();
        assert_eq!(code, 1, "{said}");
        said.contains(what) || panic!("check said {said}")
    }

    pub fn is_sound(&self) {
        let (code, said) = self.check();
        assert_eq!(code, 0, "{said}");
    }

    /// SQLite's index of the log, which it makes anew.
    pub fn forget_the_index(&self) {
        let _ = std::fs::remove_file(self.path("titan.db-shm"));
    }

    pub fn epoch(&self) -> String {
        let database = rusqlite::Connection::open(self.path("titan.db")).unwrap();
        database.query_row("SELECT epoch FROM house", [], |row| row.get(0)).unwrap()
    }

    /// Everything that was said in general.
    pub async fn entries(&self) -> Vec<Value> {
        let running = Running::serve(self.folder());
        let mut ada = Native::connect(running.address("http")).await;
        ada.login("ada", "secret-password").await;
        let mut entries: Vec<Value> = Vec::new();
        loop {
            let after = entries.last().map_or(json!(0), |last| last["seq"].clone());
            let page = ada.ok(json!({"do": "history", "conversation": GENERAL, "after": after, "limit": 500})).await;
            let page = page["entries"].as_array().unwrap().clone();
            if page.is_empty() {
                return entries;
            }
            entries.extend(page);
        }
    }

    pub async fn texts(&self) -> Vec<String> {
        let said = |entry: Value| entry["text"].as_str().unwrap_or_default().trim_end().to_owned();
        self.entries().await.into_iter().map(said).collect()
    }

    /// Says more, and ends well; the last seq.
    pub async fn says_more(&self, first: usize, count: usize) -> i64 {
        let mut running = Running::serve(self.folder());
        let mut ada = Native::connect(running.address("http")).await;
        ada.login("ada", "secret-password").await;
        let seq = say(&mut ada, first, count).await;
        running.terminate();
        seq
    }

    /// Waits until every row has its sum, as the server's upkeep gives them.
    pub fn seals_all_rows(&self) {
        let mut running = Running::serve(self.folder());
        let begun = std::time::Instant::now();
        loop {
            let database = rusqlite::Connection::open(self.path("titan.db")).unwrap();
            let open: i64 =
                database.query_row("SELECT count(*) FROM entries WHERE sum IS NULL", [], |row| row.get(0)).unwrap();
            if open == 0 {
                break;
            }
            assert!(begun.elapsed() < crate::support::DEADLINE, "{open} rows have no sum");
            std::thread::yield_now();
        }
        running.terminate();
    }
}

pub async fn enter(running: &Running, name: &str) -> Native {
    enter_at(running.address("http"), name).await
}

pub async fn enter_at(http: SocketAddr, name: &str) -> Native {
    let mut native = Native::connect(http).await;
    native.ok(json!({"do": "register", "username": name, "password": "secret-password"})).await;
    native.login(name, "secret-password").await;
    native
}

/// Says so many, one after the other; the last seq.
async fn say(ada: &mut Native, first: usize, count: usize) -> i64 {
    let mut asked = Vec::new();
    for n in first..first + count {
        asked.push(ada.send(json!({"do": "post", "conversation": GENERAL, "text": message(n)})).await);
        if asked.len() == 50 || n + 1 == first + count {
            for id in asked.drain(..) {
                let answer = ada.answer(id).await;
                assert!(answer.get("ok").is_some(), "{answer}");
            }
        }
    }
    ada.ok(json!({"do": "history", "conversation": GENERAL, "limit": 1})).await["head"].as_i64().unwrap()
}

/// How much of a log is of its last generation: behind it lie frames that are in the database already.
pub fn live(log: &[u8]) -> usize {
    let live = log[32..].chunks_exact(4096 + 24).take_while(|frame| frame[8..16] == log[16..24]).count();
    assert!(live > 5, "the log holds something");
    32 + live * (4096 + 24)
}

pub fn flip(file: &Path, at: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[at] ^= 1;
    put(file, &bytes);
}

pub fn garble(file: &Path, at: usize, length: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[at..at + length].iter_mut().enumerate().for_each(|(n, byte)| *byte = (n * 131 % 251) as u8);
    put(file, &bytes);
}

fn put(file: &Path, bytes: &[u8]) {
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(file, bytes).unwrap();
}

/// Where a text stands last in a file.
pub fn place_of(file: &Path, text: &str) -> usize {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(text.len()).position(|window| window == text.as_bytes()).expect("the text is there")
}

pub fn flip_in_text(file: &Path, text: &str) {
    flip(file, place_of(file, text) + 2);
}

pub fn only_blob(blobs: &Path) -> PathBuf {
    let folders = std::fs::read_dir(blobs).unwrap().flatten().filter(|folder| folder.file_name().len() == 2);
    let files: Vec<_> = folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap().flatten()).collect();
    assert_eq!(files.len(), 1);
    files[0].path()
}

/// Puts a file into general; its id.
pub async fn upload(running: &Running, token: &str, name: &str, bytes: &[u8]) -> i64 {
    use base64::Engine;
    let base64 = |text: &str| base64::prelude::BASE64_STANDARD.encode(text);
    let metadata = format!("filename {},conversation {}", base64(name), base64("1"));
    let answer = client()
        .post(format!("http://{}/api/uploads", running.address("http")))
        .bearer_auth(token)
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Length", bytes.len())
        .header("Content-Type", "application/offset+octet-stream")
        .header("Upload-Metadata", metadata)
        .body(bytes.to_vec())
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    let mut ada = Native::connect(running.address("http")).await;
    ada.ok(json!({"do": "authenticate", "token": token})).await;
    let page = ada.ok(json!({"do": "history", "conversation": GENERAL, "limit": 1})).await;
    page["entries"][0]["file"]["id"].as_i64().unwrap()
}

/// A file's bytes, or those of a part of it; none where it was refused or broken off.
pub async fn fetch(url: &str, token: &str, range: Option<&str>) -> Option<Vec<u8>> {
    let mut request = client().get(url).bearer_auth(token);
    if let Some(range) = range {
        request = request.header("Range", range);
    }
    let answer = request.send().await.unwrap();
    if !answer.status().is_success() {
        return None;
    }
    answer.bytes().await.ok().map(|bytes| bytes.to_vec())
}

fn client() -> reqwest::Client {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// A disk that fails as it is told to (`disk.c`), by a preloaded library. A C compiler is there: the bundled SQLite was built
/// with it.
pub struct Disk(tempfile::TempDir);

impl Disk {
    pub fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        preloaded::build("damage_support/disk.c", folder.path());
        Self(folder)
    }

    pub fn fails(&self) {
        std::fs::write(self.0.path().join("fault"), "").unwrap();
    }

    pub fn works(&self) {
        std::fs::remove_file(self.0.path().join("fault")).unwrap();
    }

    /// Nothing that would make this file larger is written any more; or, with a slash at the end, any file of a folder.
    pub fn is_full(&self, at: &str) {
        std::fs::write(self.0.path().join("full"), at).unwrap();
    }

    pub fn has_room(&self) {
        std::fs::remove_file(self.0.path().join("full")).unwrap();
    }

    /// Whoever has put a file there is killed.
    pub fn kills_at(&self, file: &Path) {
        std::fs::write(self.0.path().join("kill"), file.to_str().unwrap()).unwrap();
    }

    /// A command over this disk.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::titan_server(arguments);
        command.env("LD_PRELOAD", self.0.path().join("preloaded.so"));
        for (variable, file) in [("DISK_FAULT", "fault"), ("DISK_FULL", "full"), ("DISK_KILL", "kill")] {
            command.env(variable, self.0.path().join(file));
        }
        command
    }
}

/// A server over such a disk.
pub struct Started {
    child: Child,
    http: SocketAddr,
}

impl Started {
    pub fn serve(folder: &Path, disk: &Disk) -> Self {
        let folder = folder.to_str().unwrap();
        let doors = ["--http", "127.0.0.1:0", "--titan-net", "off", "--limits", "off"];
        let mut child = disk.command(&[&["serve"], &doors[..], &["--data-dir", folder]].concat()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        let http = said.trim().strip_prefix("listening http ").expect("it did not start").parse().unwrap();
        Self { child, http }
    }

    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Waits until it has ended by itself: its exit code, and what it said.
    pub fn ended(&mut self) -> (i32, String) {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code().unwrap_or(-1), said)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
