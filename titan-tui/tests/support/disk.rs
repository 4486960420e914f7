//! A disk whose fsync can be made to fail, for one process: the server's tests have the library that is preloaded for it.

#[path = "../../../titan-server/tests/support/preloaded.rs"]
mod preloaded;

pub struct Disk(tempfile::TempDir);

impl Disk {
    pub fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        preloaded::build("damage_support/disk.c", folder.path());
        Self(folder)
    }

    /// What a process is started with that is to stand on it.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |name: &str| self.0.path().join(name).to_str().unwrap().to_owned();
        vec![("LD_PRELOAD".to_owned(), path("preloaded.so")), ("DISK_FAULT".to_owned(), path("fault"))]
    }

    pub fn fails(&self) {
        std::fs::write(self.0.path().join("fault"), "").unwrap();
    }

    pub fn works(&self) {
        std::fs::remove_file(self.0.path().join("fault")).unwrap();
    }
}
