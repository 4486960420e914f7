//! Somebody with a machine of their own, who runs the real `titan` on it.

use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use super::{Authority, PASSWORD, Terminal, eventually};

pub struct Person {
    pub name: String,
    home: tempfile::TempDir,
    server: String,
    more: Vec<(String, String)>,
}

/// How a shell command ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Person {
    pub fn new(name: &str, server: &str) -> Self {
        Self { name: name.to_owned(), home: tempfile::tempdir().unwrap(), server: server.to_owned(), more: Vec::new() }
    }

    /// Has a machine that trusts this authority, and no other.
    pub fn trusts(mut self, authority: &Authority) -> Self {
        self.more.push(("SSL_CERT_FILE".to_owned(), authority.root().display().to_string()));
        self
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where Titan keeps what it keeps for this person.
    pub fn data_dir(&self) -> PathBuf {
        self.home().join("titan")
    }

    pub fn goes_to(&mut self, server: &str) {
        self.server = server.to_owned();
    }

    pub fn registers(&self, more: &[&str]) {
        self.titan_reading(&[&["register", &self.name], more].concat(), PASSWORD).succeeds();
    }

    pub fn logs_in(&self) {
        self.titan_reading(&["login", &self.name], PASSWORD).succeeds();
    }

    /// Runs a command to its end, with nothing on standard input.
    pub fn titan(&self, arguments: &[&str]) -> Run {
        self.titan_reading(arguments, "")
    }

    pub fn titan_reading(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = self.starts(arguments);
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Run::of(child)
    }

    /// Starts a command that the test ends.
    pub fn starts(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_titan"));
        command.args(arguments).current_dir(self.home()).env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Nothing of the machine that runs the tests leaks in.
    pub fn environment(&self) -> Vec<(String, String)> {
        let variable = |name: &str, value: &dyn AsRef<OsStr>| {
            (name.to_owned(), value.as_ref().to_str().expect("paths here are plain").to_owned())
        };
        let own = vec![
            variable("HOME", &self.home()),
            variable("TITAN_HOME", &self.data_dir()),
            variable("TITAN_SERVER", &self.server),
            variable("PATH", &std::env::var("PATH").unwrap_or_default()),
            variable("LANG", &"C.UTF-8"),
            variable("TZ", &"UTC"),
            variable("TERM", &"xterm-256color"),
            variable("COLORTERM", &"truecolor"),
        ];
        own.into_iter().chain(self.more.clone()).collect()
    }

    /// The same, without a server to go to.
    pub fn environment_of_a_newcomer(&self) -> Vec<(String, String)> {
        self.environment().into_iter().filter(|(name, _)| name != "TITAN_SERVER").collect()
    }

    /// Says something, by the shell.
    pub fn says(&self, conversation: &str, text: &str) -> i64 {
        let posted = self.titan(&["--json", "send", conversation, text]).succeeds().object();
        posted["seq"].as_i64().unwrap()
    }

    /// Runs the real client in a terminal of 120×40.
    pub fn opens(&self, arguments: &[&str]) -> Terminal {
        self.opens_sized(arguments, (120, 40))
    }

    pub fn opens_sized(&self, arguments: &[&str], size: (u16, u16)) -> Terminal {
        self.opens_in(&self.environment(), arguments, size)
    }

    pub fn opens_in(&self, environment: &[(String, String)], arguments: &[&str], size: (u16, u16)) -> Terminal {
        Terminal::open(env!("CARGO_BIN_EXE_titan").as_ref(), arguments, environment, self.home(), size)
    }

    /// Opens the screen and waits until it is online and a conversation is open.
    #[track_caller]
    pub fn sits_down(&self) -> Terminal {
        let mut terminal = self.opens(&[]);
        terminal.sees("● online").until("people in it", |text| text.contains("PEOPLE  ") && text.contains(" of "));
        terminal
    }

    /// Where the screen puts downloads: set in the settings, since the platform's folder is nobody's in a test.
    pub fn has_an_inbox(&self) -> PathBuf {
        let inbox = self.home().join("inbox");
        std::fs::create_dir_all(&inbox).unwrap();
        std::fs::create_dir_all(self.data_dir()).unwrap();
        std::fs::write(self.data_dir().join("settings.toml"), format!("downloads = {:?}\n", inbox)).unwrap();
        inbox
    }

    /// All that others said to this person somewhere, oldest first.
    pub fn reads(&self, conversation: &str) -> Vec<String> {
        let entries = self.titan(&["--json", "history", conversation, "-n", "500"]).succeeds().objects();
        entries.iter().filter_map(|entry| Some(entry["text"].as_str()?.to_owned())).collect()
    }
}

impl Run {
    /// Waits for the end of a command.
    pub fn of(mut child: Child) -> Self {
        drop(child.stdin.take());
        let done = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what titan prints is UTF-8");
        Self { code: done.status.code().unwrap_or(-1), out: text(done.stdout), err: text(done.stderr) }
    }

    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, 0, "it failed: {self:#?}");
        self
    }

    /// Fails with this exit code and says something about it that holds these words.
    #[track_caller]
    pub fn fails(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, code, "another end was expected: {self:#?}");
        assert!(self.err.contains(words), "{words:?} was expected in {self:#?}");
        self
    }

    /// The lines of the output, each one an object.
    pub fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// The one object of the output.
    #[track_caller]
    pub fn object(&self) -> Value {
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "one object was expected: {self:#?}");
        objects.remove(0)
    }
}

/// Ctrl-c, from outside.
pub fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until a file has grown to this size.
pub fn grows(folder: &Path, least: u64) {
    eventually("a file grows", || {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).any(|meta| meta.is_file() && meta.len() >= least)
    });
}
