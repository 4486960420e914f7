//! A disk whose fsync can be made to fail, for one process: the server's tests have the library that is preloaded for it.

use std::process::Command;

pub struct Disk(tempfile::TempDir);

impl Disk {
    /// A C compiler is there: the bundled SQLite was built with it.
    pub fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../titan-server/tests/damage_support/disk.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", source, "-ldl", "-o"])
            .arg(folder.path().join("disk.so"))
            .status();
        assert!(built.unwrap().success());
        Self(folder)
    }

    /// What a process is started with that is to stand on it.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |name: &str| self.0.path().join(name).to_str().unwrap().to_owned();
        vec![("LD_PRELOAD".to_owned(), path("disk.so")), ("DISK_FAULT".to_owned(), path("fault"))]
    }

    pub fn fails(&self) {
        std::fs::write(self.0.path().join("fault"), "").unwrap();
    }

    pub fn works(&self) {
        std::fs::remove_file(self.0.path().join("fault")).unwrap();
    }
}
