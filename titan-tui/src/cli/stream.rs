//! Results that go on through standard output or a pipe instead of into a file: `titan get 7 -o - | tar x`. They are fetched whole
//! and checked first, so that no program is fed half of something, or something that is not what was promised. And what comes in
//! so: `tar c . | titan put - general`.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use titan_core::text;

use super::failure::Failure;

/// Links that are followed to find out what a path means.
const LINKS_MOST: usize = 16;

/// Where bytes pass through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output, or input.
    Standard,
    /// A named pipe or a device.
    Through(PathBuf),
}

/// What came through a pipe, in a file that is gone once this is dropped.
pub struct Gathered {
    pub path: PathBuf,
    _room: TempDir,
}

impl Stream {
    /// The same of a path that is read.
    pub fn incoming(path: &Path) -> Option<Self> {
        if path == Path::new("-") {
            return Some(Self::Standard);
        }
        let found = fs::metadata(path).ok()?;
        (!found.is_file() && !found.is_dir()).then(|| Self::Through(path.to_owned()))
    }

    /// Reads all that comes, into a file of this name.
    pub async fn gather(self, name: &str) -> Result<Gathered, Failure> {
        let room = self.waiting_room()?;
        let path = room.path().join(text::file_name(name));
        let to = path.clone();
        let gathered = tokio::task::spawn_blocking(move || {
            let mut to = File::create(to)?;
            match self {
                Self::Standard => io::copy(&mut io::stdin().lock(), &mut to),
                Self::Through(path) => io::copy(&mut File::open(path)?, &mut to),
            }
        });
        match gathered.await {
            Ok(done) => Ok(done.map(|_| Gathered { path, _room: room })?),
            Err(error) => Err(Failure::refused(error.to_string())),
        }
    }

    /// What a path names, if that is no file and no folder, or a file that is open here already.
    pub fn named(path: &Path) -> Option<Self> {
        if path == Path::new("-") {
            return Some(Self::Standard);
        }
        match open_descriptor(path) {
            Some((_, 1)) => return Some(Self::Standard),
            Some((path, _)) => return Some(Self::Through(path)),
            None => {}
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
            Self::Standard => {
                let mut out = io::stdout().lock();
                io::copy(&mut from, &mut out)?;
                out.flush()
            }
            Self::Through(path) => {
                // What is a file there goes on where it ends: others write to it, too.
                let mut out = OpenOptions::new().append(true).open(path)?;
                io::copy(&mut from, &mut out)?;
                out.flush()
            }
        }
    }
}

/// What is open here under a path's name, `/dev/stderr` or `/dev/fd/3`, also where that is a file: its own path, and its number.
fn open_descriptor(path: &Path) -> Option<(PathBuf, u32)> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MOST {
        let number = match path.to_str()? {
            "/dev/stdout" => Some(1),
            "/dev/stderr" => Some(2),
            name => {
                let of = |folder: &str| name.strip_prefix(folder)?.parse().ok();
                of("/dev/fd/").or_else(|| of("/proc/self/fd/"))
            }
        };
        if let Some(number) = number {
            return Some((path, number));
        }
        let target = fs::read_link(&path).ok()?;
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    None
}
