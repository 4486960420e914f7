//! Bytes on their way out, in large pieces, read ahead by one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use futures_util::Stream;
use sha2::{Digest, Sha256};
use titan_core::BlobId;
use tokio::task::JoinHandle;

use super::{Blob, BlobError, Blobs, off_thread};

/// Bytes read at a time: two such pieces are held for each download.
const PIECE: u64 = 512 * 1024;

/// An open blob whose size has been found right. It stays readable even when it is swept meanwhile.
pub struct BlobFile(File);

impl Blobs {
    pub async fn open_blob(&self, id: BlobId, size: u64) -> Result<BlobFile, BlobError> {
        let shelf = self.0.clone();
        off_thread(move || shelf.open(id, size)).await?.map(BlobFile)
    }
}

impl BlobFile {
    /// The bytes from `start`, `length` of them.
    pub fn stream(self, start: u64, length: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let Self(mut file) = self;
        let first = tokio::task::spawn_blocking(move || {
            file.seek(SeekFrom::Start(start))?;
            read_piece(file, length)
        });
        futures_util::stream::try_unfold((first, length), next_piece)
    }
}

type Reading = JoinHandle<io::Result<(File, Bytes)>>;

/// Waits for the piece being read and begins the one after it.
async fn next_piece((reading, left): (Reading, u64)) -> io::Result<Option<(Bytes, (Reading, u64))>> {
    if left == 0 {
        return Ok(None);
    }
    let (file, piece) = reading.await.map_err(io::Error::other).flatten()?;
    if piece.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let left = left - piece.len() as u64;
    let reading = tokio::task::spawn_blocking(move || read_piece(file, left));
    Ok(Some((piece, (reading, left))))
}

fn read_piece(mut file: File, left: u64) -> io::Result<(File, Bytes)> {
    let wanted = left.min(PIECE);
    let mut piece = Vec::with_capacity(wanted as usize);
    (&mut file).take(wanted).read_to_end(&mut piece)?;
    Ok((file, piece.into()))
}

/// Name and size of a file's bytes. Blocks.
pub fn measure(file: &mut File) -> io::Result<Blob> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE as usize];
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
