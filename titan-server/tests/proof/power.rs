//! Power cuts and dying disks for a server process, by `power.c`: what it did not fsync is gone when it is killed.

use std::path::PathBuf;
use std::process::Command;

/// The preloaded library, built anew. A C compiler is there: the bundled SQLite was built with it.
pub struct Power {
    folder: tempfile::TempDir,
}

impl Power {
    pub fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proof/power.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", source, "-ldl", "-lpthread", "-o"])
            .arg(folder.path().join("power.so"))
            .status();
        assert!(built.unwrap().success());
        Self { folder }
    }

    /// What a process needs in its environment to depend on this power.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        let library = self.folder.path().join("power.so");
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
