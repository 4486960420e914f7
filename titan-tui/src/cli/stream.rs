//! Results that go on through standard output or a pipe instead of into a file: `titan get 7 -o - | tar x`. They are fetched whole
//! and checked first, so that no program is fed half of something, or something that is not what was promised.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::failure::Failure;

/// Links that are followed to find out what a path means.
const LINKS_MOST: usize = 16;

/// Where bytes pass through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    Output,
    /// A named pipe or a device.
    Through(PathBuf),
}

impl Stream {
    /// What a path names, if that is no file and no folder.
    pub fn named(path: &Path) -> Option<Self> {
        if path == Path::new("-") || leads_to_output(path) {
            return Some(Self::Output);
        }
        let found = fs::metadata(path).ok()?;
        (!found.is_file() && !found.is_dir()).then(|| Self::Through(path.to_owned()))
    }

    /// A folder where it is until it is whole; gone once this is dropped.
    pub fn waiting_room(&self) -> Result<TempDir, Failure> {
        let made = tempfile::Builder::new().prefix("titan-").tempdir();
        made.map_err(|error| {
            Failure::refused(format!("can't make a folder in {}: {error}", std::env::temp_dir().display()))
        })
    }

    /// Hands the bytes on, off the runtime: whoever reads may take their time.
    pub async fn pass_on(self, file: PathBuf) -> Result<(), Failure> {
        match tokio::task::spawn_blocking(move || self.copy(&file)).await {
            Ok(copied) => Ok(copied?),
            Err(error) => Err(Failure::refused(error.to_string())),
        }
    }

    fn copy(&self, file: &Path) -> io::Result<()> {
        let mut from = File::open(file)?;
        match self {
            Self::Output => {
                let mut out = io::stdout().lock();
                io::copy(&mut from, &mut out)?;
                out.flush()
            }
            Self::Through(path) => {
                let mut out = OpenOptions::new().write(true).open(path)?;
                io::copy(&mut from, &mut out)?;
                out.flush()
            }
        }
    }
}

/// Whether a path is standard output by another name, also where that is a file.
fn leads_to_output(path: &Path) -> bool {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MOST {
        if ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name)) {
            return true;
        }
        let Ok(target) = fs::read_link(&path) else { return false };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    false
}
