//! Power cuts and dying disks for a server process, by `power.c`: what it did not fsync is gone when it is killed.

use crate::support::preloaded;
use std::path::PathBuf;

/// The preloaded library, built anew.
pub struct Power {
    folder: tempfile::TempDir,
}

impl Power {
    pub fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        preloaded::build("proof/power.c", folder.path());
        Self { folder }
    }

    /// What a process needs in its environment to depend on this power.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        let library = self.folder.path().join("preloaded.so");
        [("LD_PRELOAD", text(library)), ("POWER_FAULT", text(self.fault()))]
    }

    /// From now on every fsync of the log fails.
    pub fn fails(&self) {
        std::fs::write(self.fault(), "").unwrap();
    }

    pub fn works(&self) {
        std::fs::remove_file(self.fault()).unwrap();
    }

    fn fault(&self) -> PathBuf {
        self.folder.path().join("fault")
    }
}

fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap()
}
