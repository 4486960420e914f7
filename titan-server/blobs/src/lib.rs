//! Files named by their SHA-256: `<data>/blobs/ab/<64 hexadecimal digits>`.
//!
//! Doors bring bytes in by [`Blobs::incoming`] and hand them out by [`Blobs::open_blob`]; the store alone says what points
//! to them. A blob is whole and on disk before anybody learns its name, equal bytes are kept once, and nothing a client
//! says ever becomes part of a path. What nothing points to is removed by [`Blobs::sweep`].

mod buffers;
mod error;
mod incoming;
mod pour;
mod reading;
mod room;
mod sweep;
pub mod uploads;
mod verdicts;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use titan_core::{AccountId, BlobId};
use titan_hub::Session;

use buffers::Buffers;
pub use error::BlobError;
pub use incoming::{Incoming, create_private_file};
pub use pour::Pour;
pub use reading::{BlobFile, measure};
pub use room::{Held, Space};
pub use sweep::Swept;
use tokio::sync::Semaphore;
use verdicts::Verdicts;

use titan_disk::data_dir::create_private;

/// Blobs that are looked through at once, for the parts of them that go out.
const LOOKS_MOST: usize = 2;

/// The blobs of a data folder. Clones share them.
#[derive(Clone)]
pub struct Blobs(Arc<Shelf>);

struct Shelf {
    dir: PathBuf,
    /// Held while a blob is put in its place and while one is removed, so that bytes that come again at the very moment
    /// their unused twin is swept are not lost.
    placing: Mutex<()>,
    buffers: Buffers,
    verdicts: Verdicts,
    /// Blobs that are looked through at once.
    looking_through: Arc<Semaphore>,
    room: Arc<room::Room>,
}

/// The name and size of bytes that are here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob {
    pub id: BlobId,
    pub size: u64,
}

impl Blobs {
    /// Opens the folder, made where there is none, and clears away what a crash left unfinished. Blocks.
    pub fn open(dir: &Path) -> io::Result<Self> {
        Self::open_within(dir, Space::default())
    }

    /// The same, where no more than so much is kept.
    pub fn open_within(dir: &Path, space: Space) -> io::Result<Self> {
        create_private(dir)?;
        let shelf = Shelf {
            dir: dir.to_owned(),
            placing: Mutex::new(()),
            buffers: Buffers::default(),
            verdicts: Verdicts::default(),
            looking_through: Arc::new(Semaphore::new(LOOKS_MOST)),
            room: room::Room::new(dir, space),
        };
        create_private(&shelf.incoming_dir())?;
        for left_over in std::fs::read_dir(shelf.incoming_dir())? {
            std::fs::remove_file(left_over?.path())?;
        }
        Ok(Self(Arc::new(shelf)))
    }

    /// Bytes that the files and apps of one account may take; none: no bound.
    pub fn quota(&self) -> Option<u64> {
        self.0.room.quota()
    }

    /// Holds room for what an account brings: for as many bytes as there is room for, at least and at most so many.
    pub async fn hold(&self, session: &Session, least: u64, most: u64) -> Result<Held, BlobError> {
        self.0.room.hold(session, least, most).await
    }

    /// Holds the room of what was begun before the server started.
    fn hold_again(&self, account: AccountId, bytes: u64, written: u64) -> Held {
        self.0.room.take(account, bytes, written)
    }

    /// A writer of large batches, over the buffers that all transfers share.
    pub fn pour<W: io::Write + Send + 'static>(&self, writer: W) -> Pour<W> {
        Pour::new(writer, &self.0.buffers)
    }

    /// Takes a finished file in under its name, by renaming it; its bytes must be on disk already. Coming again for what
    /// is here already is harmless, whether or not the file still stands at its old place. Blocks.
    pub fn adopt(&self, file: &Path, blob: Blob) -> Result<(), BlobError> {
        match self.0.place(file, blob.id) {
            Err(BlobError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                self.0.open(blob.id, blob.size).map(drop)
            }
            Err(BlobError::Io(error)) if error.kind() == io::ErrorKind::CrossesDevices => {
                self.copy_in(file, blob.id).and_then(|()| Ok(std::fs::remove_file(file)?))
            }
            placed => placed,
        }
    }
}

impl Shelf {
    fn incoming_dir(&self) -> PathBuf {
        self.dir.join("tmp")
    }

    fn path(&self, id: BlobId) -> PathBuf {
        self.dir.join(blob_path(id))
    }

    fn folder(&self, id: BlobId) -> PathBuf {
        self.dir.join(format!("{:02x}", id.0[0]))
    }

    /// Gives a finished file its name. Equal bytes that are here already are replaced by it, which also heals damage.
    fn place(&self, file: &Path, id: BlobId) -> Result<(), BlobError> {
        let folder = self.folder(id);
        if !folder.is_dir() {
            create_private(&folder)?;
            sync_folder(&self.dir)?;
        }
        let _placing = self.placing();
        std::fs::File::options().write(true).open(file)?.set_modified(std::time::SystemTime::now())?;
        std::fs::rename(file, self.path(id))?;
        sync_folder(&folder)?;
        Ok(())
    }

    fn open(&self, id: BlobId, size: u64) -> Result<std::fs::File, BlobError> {
        let file = std::fs::File::open(self.path(id)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => BlobError::Missing(id),
            _ => error.into(),
        })?;
        let found = file.metadata()?.len();
        if found == size { Ok(file) } else { Err(BlobError::Damaged { id, found, wanted: size }) }
    }

    fn placing(&self) -> MutexGuard<'_, ()> {
        self.placing.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Where a blob stands below the folder of blobs.
pub fn blob_path(id: BlobId) -> PathBuf {
    PathBuf::from(format!("{:02x}", id.0[0])).join(id.to_string())
}

/// Makes what was created in or renamed into a folder survive a loss of power.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { std::fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Runs what blocks off the async threads.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

#[cfg(test)]
mod tests;
