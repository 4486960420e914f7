//! Bytes on their way out, in large pieces, read ahead by one, and held against their name.
//!
//! A whole blob is hashed as it goes out; for a part of one the rest is looked through beside it, unless that was done a
//! short while ago. Either way the last piece waits for the verdict: a transfer of damaged bytes is broken off, and never
//! ends as if all were well.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::Stream;
use sha2::{Digest, Sha256};
use titan_core::BlobId;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use super::buffers::BUFFER;
use super::{Blob, BlobError, Blobs, Shelf, off_thread};

/// An open blob whose size has been found right. It stays readable even when it is swept meanwhile.
pub struct BlobFile {
    file: File,
    blob: Blob,
    modified: SystemTime,
    shelf: Arc<Shelf>,
}

/// One that is being read; hashed where all of it is.
struct Reading {
    file: BlobFile,
    hash: Option<Sha256>,
}

impl Blobs {
    /// Opens a blob, unless it is known to be damaged.
    pub async fn open_blob(&self, id: BlobId, size: u64) -> Result<BlobFile, BlobError> {
        let shelf = self.0.clone();
        off_thread(move || {
            let file = shelf.open(id, size)?;
            let modified = file.metadata()?.modified()?;
            match shelf.verdicts.of(id, modified) {
                Some(false) => Err(BlobError::Changed(id)),
                _ => Ok(BlobFile { file, blob: Blob { id, size }, modified, shelf }),
            }
        })
        .await?
    }

    /// How often damaged bytes were met since the start.
    pub fn damaged(&self) -> u64 {
        self.0.verdicts.damaged()
    }
}

impl BlobFile {
    /// The bytes from `start`, `length` of them.
    pub fn stream(self, start: u64, length: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let whole = start == 0 && length == self.blob.size;
        let beside = (!whole && length > 0).then(|| self.look_through());
        let mut reading = Reading { file: self, hash: whole.then(Sha256::new) };
        let first = tokio::task::spawn_blocking(move || {
            reading.file.file.seek(SeekFrom::Start(start))?;
            reading.piece(length)
        });
        futures_util::stream::try_unfold(Outgoing { reading: first, left: length, beside }, Outgoing::next)
    }

    /// Looks through all of it, beside whatever else goes on; not where that was done a short while ago.
    fn look_through(&self) -> AbortOnDropHandle<io::Result<()>> {
        let (shelf, blob, modified) = (self.shelf.clone(), self.blob, self.modified);
        AbortOnDropHandle::new(tokio::spawn(async move {
            let turn = shelf.looking_through.clone().acquire_owned().await.map_err(io::Error::other)?;
            let look = move || {
                let _turn = turn;
                if shelf.verdicts.of(blob.id, modified).is_none() {
                    let found = measure(&mut File::open(shelf.path(blob.id))?)?;
                    shelf.verdicts.note(blob.id, modified, found == blob);
                }
                shelf.verdict(blob.id, modified)
            };
            tokio::task::spawn_blocking(look).await.map_err(io::Error::other).flatten()
        }))
    }
}

impl Reading {
    fn piece(mut self, left: u64) -> io::Result<(Self, Bytes)> {
        let BlobFile { file, blob, modified, shelf } = &mut self.file;
        let mut piece = shelf.buffers.take();
        piece.fill_from(file, usize::try_from(left).unwrap_or(usize::MAX))?;
        let is_last = piece.as_ref().len() as u64 == left;
        if let Some(hash) = &mut self.hash {
            hash.update(piece.as_ref());
            if is_last {
                let is = BlobId(hash.clone().finalize().into());
                shelf.verdicts.note(blob.id, *modified, is == blob.id);
                shelf.verdict(blob.id, *modified)?;
            }
        }
        Ok((self, piece.share()))
    }
}

impl Shelf {
    fn verdict(&self, id: BlobId, modified: SystemTime) -> io::Result<()> {
        match self.verdicts.of(id, modified) {
            Some(false) => Err(io::Error::new(io::ErrorKind::InvalidData, BlobError::Changed(id))),
            _ => Ok(()),
        }
    }
}

/// A transfer: the piece being read, how much is to come with it, and the look at the rest of the blob.
struct Outgoing {
    reading: JoinHandle<io::Result<(Reading, Bytes)>>,
    left: u64,
    beside: Option<AbortOnDropHandle<io::Result<()>>>,
}

impl Outgoing {
    /// Waits for the piece being read and begins the one after it.
    async fn next(self) -> io::Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        let (reading, piece) = self.reading.await.map_err(io::Error::other).flatten()?;
        if piece.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let left = self.left - piece.len() as u64;
        let beside = match self.beside {
            Some(verdict) if left == 0 => {
                verdict.await.map_err(io::Error::other).flatten()?;
                None
            }
            beside => beside,
        };
        let reading = tokio::task::spawn_blocking(move || reading.piece(left));
        Ok(Some((piece, Self { reading, left, beside })))
    }
}

/// Name and size of a file's bytes. Blocks.
pub fn measure(file: &mut File) -> io::Result<Blob> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; BUFFER];
    let mut size = 0;
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Blob { id: BlobId(hash.finalize().into()), size }),
            read => {
                hash.update(&piece[..read]);
                size += read as u64;
            }
        }
    }
}
