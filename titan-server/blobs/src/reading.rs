//! Bytes on their way out, in large pieces, read ahead by one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use futures_util::Stream;
use sha2::{Digest, Sha256};
use titan_core::BlobId;
use tokio::task::JoinHandle;

use super::buffers::{BUFFER, Buffers};
use super::{Blob, BlobError, Blobs, off_thread};

/// An open blob whose size has been found right. It stays readable even when it is swept meanwhile.
pub struct BlobFile {
    file: File,
    buffers: Buffers,
}

impl Blobs {
    pub async fn open_blob(&self, id: BlobId, size: u64) -> Result<BlobFile, BlobError> {
        let shelf = self.0.clone();
        let buffers = self.0.buffers.clone();
        off_thread(move || shelf.open(id, size)).await?.map(|file| BlobFile { file, buffers })
    }
}

impl BlobFile {
    /// The bytes from `start`, `length` of them.
    pub fn stream(self, start: u64, length: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let mut blob = self;
        let first = tokio::task::spawn_blocking(move || {
            blob.file.seek(SeekFrom::Start(start))?;
            blob.read_piece(length)
        });
        futures_util::stream::try_unfold((first, length), next_piece)
    }

    fn read_piece(mut self, left: u64) -> io::Result<(Self, Bytes)> {
        let mut piece = self.buffers.take();
        piece.fill_from(&mut self.file, usize::try_from(left).unwrap_or(usize::MAX))?;
        Ok((self, piece.share()))
    }
}

type Reading = JoinHandle<io::Result<(BlobFile, Bytes)>>;

/// Waits for the piece being read and begins the one after it.
async fn next_piece((reading, left): (Reading, u64)) -> io::Result<Option<(Bytes, (Reading, u64))>> {
    if left == 0 {
        return Ok(None);
    }
    let (blob, piece) = reading.await.map_err(io::Error::other).flatten()?;
    if piece.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let left = left - piece.len() as u64;
    let reading = tokio::task::spawn_blocking(move || blob.read_piece(left));
    Ok(Some((piece, (reading, left))))
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
