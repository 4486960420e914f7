//! Files named by their SHA-256: `<data>/blobs/ab/<64 hexadecimal digits>`.
//!
//! Doors bring bytes in by [`Blobs::incoming`] and hand them out by [`Blobs::open_blob`]; the store alone says what points
//! to them. A blob is whole and on disk before anybody learns its name, equal bytes are kept once, and nothing a client
//! says ever becomes part of a path. What nothing points to is removed by [`Blobs::sweep`].

mod buffers;
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

use titan_core::BlobId;
use titan_core::protocol::{Fault, FaultCode};

use buffers::Buffers;
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

/// Why bytes could not be kept or given.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("File too large, max {}.", in_words(*.most))]
    TooLarge { most: u64 },
    #[error("the disk is full")]
    Full,
    /// What may be kept is kept: in words for who brings more.
    #[error("{0}")]
    NoRoom(String),
    /// The hall can't say.
    #[error(transparent)]
    Hub(Fault),
    #[error("the blob {0} is missing")]
    Missing(BlobId),
    #[error("the blob {id} has {found} bytes where {wanted} are wanted")]
    Damaged { id: BlobId, found: u64, wanted: u64 },
    #[error("the blob {0} no longer holds the bytes of its name")]
    Changed(BlobId),
    #[error(transparent)]
    Io(io::Error),
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

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl From<Fault> for BlobError {
    fn from(fault: Fault) -> Self {
        Self::Hub(fault)
    }
}

impl From<BlobError> for Fault {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::TooLarge { .. } | BlobError::NoRoom(_) => Fault::new(FaultCode::TooLarge, error.to_string()),
            BlobError::Hub(fault) => fault,
            BlobError::Full => {
                tracing::error!("the disk is full: files can't be taken in");
                let said = "The server's disk is full: try again later.";
                Fault::new(FaultCode::Unavailable, said).retry_after(std::time::Duration::from_secs(30))
            }
            BlobError::Missing(_) | BlobError::Damaged { .. } | BlobError::Changed(_) | BlobError::Io(_) => {
                tracing::error!(%error, "a blob could not be kept or given");
                Fault::new(FaultCode::Internal, "The server failed at that file; its log says why.")
            }
        }
    }
}

/// A number of bytes for people: whole megabytes where it is.
fn in_words(bytes: u64) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    match bytes {
        0..MEGABYTE => format!("{bytes} bytes"),
        _ if bytes.is_multiple_of(MEGABYTE) => format!("{} MB", bytes / MEGABYTE),
        _ => format!("{:.1} MB", bytes as f64 / MEGABYTE as f64),
    }
}

#[cfg(test)]
mod tests;
