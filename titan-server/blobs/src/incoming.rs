//! Bytes on their way in: hashed and written as they come, counted against their bound, named at the end.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use titan_core::BlobId;

use super::room::{Room, Watch};
use super::{Blob, BlobError, Blobs, Pour, Shelf, off_thread};

/// A disk with less room than this is full.
const PROBED: u64 = 256 * 1024;

/// Bytes being taken in. Dropped before [`Incoming::finish`], nothing of them is kept.
pub struct Incoming {
    shelf: Arc<Shelf>,
    most: u64,
    taken: u64,
    pour: Pour<Hashing>,
}

/// A temporary file with the hash of what was written.
struct Hashing {
    file: File,
    hash: Sha256,
    temporary: Temporary,
    watch: Watch,
}

/// A file that goes when this does, unless it was renamed.
struct Temporary(PathBuf);

impl Blobs {
    /// Whether the folder takes bytes in, and keeps them: by having it done.
    pub async fn probe(&self) -> Result<(), BlobError> {
        static PROBES: AtomicU64 = AtomicU64::new(0);
        let name = format!("probe-{}", PROBES.fetch_add(1, Ordering::Relaxed));
        let path = self.0.incoming_dir().join(name);
        let probed = off_thread(move || {
            let mut file = create_private_file(&path)?;
            let kept = file.write_all(b"probe").and_then(|()| file.sync_all());
            std::fs::remove_file(&path).and(kept)
        });
        probed.await??;
        // What needs no more room may be written to a full disk, and nothing else.
        if self.0.room.free().0 < PROBED { Err(BlobError::Full) } else { Ok(()) }
    }

    /// Begins to take bytes in, at most so many.
    pub async fn incoming(&self, most: u64) -> Result<Incoming, BlobError> {
        let shelf = self.0.clone();
        let hashing = off_thread(move || Hashing::create(&shelf.incoming_dir(), &shelf.room)).await??;
        Ok(Incoming { shelf: self.0.clone(), most, taken: 0, pour: self.pour(hashing) })
    }

    /// Copies a file in that lies on another disk. Blocks.
    pub(super) fn copy_in(&self, file: &Path, id: BlobId) -> Result<(), BlobError> {
        let mut hashing = Hashing::create(&self.0.incoming_dir(), &self.0.room)?;
        io::copy(&mut File::open(file)?, &mut hashing)?;
        hashing.file.sync_data()?;
        self.0.place(&hashing.temporary.0, id)
    }

    /// Takes in what is in memory already.
    pub async fn keep(&self, bytes: &[u8]) -> Result<Blob, BlobError> {
        let mut incoming = self.incoming(bytes.len() as u64).await?;
        incoming.push(bytes).await?;
        incoming.finish().await
    }
}

impl Incoming {
    pub async fn push(&mut self, piece: &[u8]) -> Result<(), BlobError> {
        self.taken += piece.len() as u64;
        if self.taken > self.most {
            return Err(BlobError::TooLarge { most: self.most });
        }
        Ok(self.pour.push(piece).await?)
    }

    /// Bytes taken in so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Puts everything on disk under its name.
    pub async fn finish(self) -> Result<Blob, BlobError> {
        let (shelf, size) = (self.shelf, self.taken);
        let hashing = self.pour.end().await?;
        off_thread(move || {
            hashing.file.sync_data()?;
            let id = BlobId(hashing.hash.finalize().into());
            shelf.place(&hashing.temporary.0, id)?;
            Ok(Blob { id, size })
        })
        .await?
    }
}

impl Hashing {
    fn create(dir: &Path, room: &Arc<Room>) -> io::Result<Self> {
        let path = dir.join(uuid::Uuid::new_v4().simple().to_string());
        let file = create_private_file(&path)?;
        Ok(Self { file, hash: Sha256::new(), temporary: Temporary(path), watch: room.watch() })
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.watch.allow(bytes.len())?;
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        match std::fs::remove_file(&self.0) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, "an unfinished upload could not be removed"),
        }
    }
}

/// A new file that only its owner reads.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
