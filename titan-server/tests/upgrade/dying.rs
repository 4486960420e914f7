//! A server that is killed at its n-th change of a file, by `dying.c`.

use crate::support::preloaded;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::Child;

use crate::support::process::{error_of, titan_server};
use crate::upgrade::house::House;

/// What became of a server that was to be killed on its way.
pub enum Death {
    Killed,
    /// It was ready before that.
    Lived,
}

/// The preloaded library, built anew.
pub struct Library(tempfile::TempDir);

impl Library {
    pub fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        preloaded::build("upgrade/dying.c", folder.path());
        Self(folder)
    }
}

/// Serves the house until it is ready or dead.
pub fn start(house: &House, library: &Library, at: u64, torn: bool) -> Death {
    let folder = house.folder().to_str().unwrap();
    let mut command = titan_server(&["serve", "--data-dir", folder, "--http", "127.0.0.1:0", "--titan-net", "off"]);
    command.env("LD_PRELOAD", library.0.path().join("preloaded.so")).env("DYING_AT", at.to_string());
    if torn {
        command.env("DYING_HALF", "1");
    }
    end_of(command.spawn().unwrap())
}

/// Waits until it is ready, and ends it then, or dead.
pub fn end_of(mut server: Child) -> Death {
    let stdout = BufReader::new(server.stdout.take().unwrap());
    let ready = stdout.lines().map_while(Result::ok).any(|line| line == "ready");
    if ready {
        server.kill().unwrap();
    }
    let ended = server.wait_with_output().unwrap();
    assert_eq!(ended.status.signal(), Some(9), "it ended by itself: {}", error_of(&ended));
    if ready { Death::Lived } else { Death::Killed }
}
