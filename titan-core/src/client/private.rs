//! Files for their owner's eyes: logins, what is known of servers, uploads that go on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Opens a file for writing that only its owner can read, making it where there is none; what stands in it stays. On Unix by its mode
/// (0600), elsewhere it is as private as its folder. Errors are those of [`OpenOptions::open`].
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Has these bytes stand in such a file, and nothing else: written beside (`.new` behind the name) and renamed, so that a crash leaves the
/// old file or the new one. Errors are those of the file system.
pub fn replace_private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = private_file(Path::new(&beside))?;
    file.set_len(0)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
