//! The real server as a process of its own, on ports that the system chooses: started, killed, started again.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::given::deadline;
use super::postgres::Database;

pub struct Process {
    child: Child,
}

/// The doors it opens.
pub const DOORS: [&str; 5] = ["http", "titan-net", "json-lines", "slash", "tls-frames"];

/// Where its doors are.
pub type Doors = HashMap<String, SocketAddr>;

impl Process {
    /// Starts a server over the folder. What it logs is added to `server.log` there.
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, [])
    }

    /// The same, with variables in its environment.
    pub fn start_with<'a>(folder: &Path, variables: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let log = OpenOptions::new().create(true).append(true).open(folder.join("server.log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_titan-server"))
            .arg("serve")
            .args(DOORS.iter().flat_map(|door| [format!("--{door}"), "127.0.0.1:0".to_owned()]))
            .arg("--data-dir")
            .arg(folder)
            .env("TITAN_LIMITS", "off")
            .envs(Database::of(folder).map(|url| ("TITAN_DATABASE_URL", url)))
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child }
    }

    /// Waits until it says it is ready; gives its doors.
    pub async fn ready(&mut self) -> Doors {
        let output = BufReader::new(self.child.stdout.take().expect("asked once"));
        let listening = tokio::task::spawn_blocking(move || {
            let mut doors = Doors::new();
            for line in output.lines().map_while(Result::ok) {
                let words: Vec<&str> = line.split(' ').collect();
                match words[..] {
                    ["listening", door, address] => drop(doors.insert(door.to_owned(), address.parse().unwrap())),
                    ["ready"] => return Some(doors),
                    _ => panic!("the server said {line:?}"),
                }
            }
            None
        });
        deadline("a server's start", listening).await.unwrap().expect("the server ended before it was ready")
    }

    /// SIGKILL: it gets no moment to put anything in order.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
