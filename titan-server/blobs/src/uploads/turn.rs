//! One request at a time works on an upload; a newer one is the client that came back, so the older gives way.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use titan_core::Time;
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

use super::{
    Desk, Upload,
    slip::{Stage, State},
};
use crate::room::Watch;
use crate::{BlobError, Pour, off_thread};

/// The right to work on an upload.
pub struct Turn {
    pub(super) upload: Arc<Upload>,
    pub(super) state: OwnedMutexGuard<State>,
    give_way: CancellationToken,
}

/// What the bytes of one request must hash to.
#[derive(Clone, Debug)]
pub enum Checksum {
    Sha1(Vec<u8>),
    Sha256(Vec<u8>),
}

/// Why not all of a request's bytes were taken in. All that came before the cut are kept, but for the last two.
#[derive(Debug, thiserror::Error)]
pub enum Cut {
    #[error("There is no such upload (any more): begin it again.")]
    Gone,
    #[error("The upload stands at {0}: go on from there.")]
    OtherOffset(u64),
    #[error("Another request goes on with this upload.")]
    GaveWay,
    #[error("The connection was cut.")]
    Connection,
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("These are more bytes than the upload was said to have.")]
    BeyondLength,
    #[error("The checksum is not that of the bytes: send them again.")]
    WrongChecksum,
}

impl From<io::Error> for Cut {
    fn from(error: io::Error) -> Self {
        Self::Blob(error.into())
    }
}

impl Upload {
    /// Waits for the turn; whoever has it is asked to end.
    pub async fn turn(self: &Arc<Self>) -> Turn {
        let give_way = CancellationToken::new();
        let earlier = {
            let mut current = self.give_way.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            std::mem::replace(&mut *current, give_way.clone())
        };
        earlier.cancel();
        let state = self.state.clone().lock_owned().await;
        Turn { upload: self.clone(), state, give_way }
    }
}

impl Turn {
    /// Bytes on disk.
    pub fn offset(&self) -> u64 {
        self.state.offset
    }

    /// The metadata as the client wrote it.
    pub fn told(&self) -> Option<&str> {
        self.state.slip.as_ref()?.told.as_deref()
    }

    pub fn is_whole(&self) -> bool {
        self.state.slip.is_some() && self.state.offset == self.upload.length
    }

    /// Appends what a request brings, on disk when this returns. However it ends, the offset tells what is there.
    pub async fn append<S, E>(&mut self, at: u64, body: S, checksum: Option<Checksum>) -> Result<(), Cut>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let desk = self.desk()?;
        if at != self.offset() {
            return Err(Cut::OtherOffset(self.offset()));
        }
        if self.is_whole() {
            return self.nothing_more(body).await;
        }
        let path = desk.data_path(&self.upload.id);
        let tally = {
            let watch = desk.blobs.0.room.watch();
            off_thread(move || Tally::open(&path, at, checksum, watch)).await??
        };
        let mut pour = desk.blobs.pour(tally);
        let came = self.pour(body, &mut pour).await;
        let ended = match pour.end().await {
            Ok(tally) => off_thread(move || tally.settle(at, came)).await?,
            // What failed first says more than what failed for it.
            Err(error) => came.and(Err(error.into())),
        };
        if let Err(Cut::Blob(BlobError::Full)) = &ended {
            // What is here of it would keep others from writing until somebody came back for it.
            self.give_up().await;
            return ended;
        }
        self.look_at_disk(&desk).await?;
        ended
    }

    async fn pour<S, E>(&self, mut body: S, pour: &mut Pour<Tally>) -> Result<(), Cut>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let mut left = self.upload.length - self.offset();
        loop {
            let piece = tokio::select! {
                biased;
                () = self.give_way.cancelled() => return Err(Cut::GaveWay),
                piece = body.next() => piece,
            };
            match piece {
                None => return Ok(()),
                Some(Err(_)) => return Err(Cut::Connection),
                Some(Ok(piece)) => {
                    left = left.checked_sub(piece.len() as u64).ok_or(Cut::BeyondLength)?;
                    pour.push(&piece).await?;
                }
            }
        }
    }

    async fn nothing_more<S, E>(&self, mut body: S) -> Result<(), Cut>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        while let Some(Ok(piece)) = body.next().await {
            if !piece.is_empty() {
                return Err(Cut::BeyondLength);
            }
        }
        Ok(())
    }

    /// Takes the offset from the file itself.
    async fn look_at_disk(&mut self, desk: &Arc<Desk>) -> Result<(), Cut> {
        let path = desk.data_path(&self.upload.id);
        self.state.offset = off_thread(move || std::fs::metadata(path)).await??.len();
        if let Some(held) = &*self.upload.lock_held() {
            held.wrote(self.state.offset);
        }
        self.upload.lock_standing().touched = Time::now();
        Ok(())
    }

    /// Writes down how far the upload has come.
    pub(super) async fn enter(&mut self, stage: Stage) -> Result<(), Cut> {
        let desk = self.desk()?;
        let mut slip = self.state.slip.clone().ok_or(Cut::Gone)?;
        slip.stage = stage;
        if matches!(slip.stage, Stage::Done { .. }) {
            slip.forget_words();
        }
        let path = desk.slip_path(&self.upload.id);
        let slip = off_thread(move || slip.write(&path).map(|()| slip)).await??;
        {
            let mut standing = self.upload.lock_standing();
            standing.touched = Time::now();
            standing.done = matches!(slip.stage, Stage::Done { .. });
            standing.blob = slip.stage.blob();
        }
        if matches!(slip.stage, Stage::Done { .. }) {
            self.upload.lock_held().take();
        }
        self.state.slip = Some(slip);
        Ok(())
    }

    /// Ends the upload and removes what is there of it.
    pub async fn give_up(&mut self) {
        self.state.slip = None;
        self.upload.lock_held().take();
        let Some(desk) = self.upload.desk.upgrade() else { return };
        desk.forget(&self.upload.id);
        let id = self.upload.id.clone();
        if let Err(error) = off_thread(move || desk.remove_files(&id)).await.flatten() {
            tracing::warn!(%error, "an upload's file could not be removed");
        }
    }

    pub(super) fn desk(&self) -> Result<Arc<Desk>, Cut> {
        let desk = self.upload.desk.upgrade().ok_or(Cut::Gone)?;
        self.state.slip.as_ref().map(|_| desk).ok_or(Cut::Gone)
    }
}

/// The file being appended to, with the hash of what one request brought.
struct Tally {
    file: File,
    hash: Option<Hashing>,
    watch: Watch,
}

enum Hashing {
    Sha1(sha1::Sha1, Vec<u8>),
    Sha256(Sha256, Vec<u8>),
}

impl Tally {
    fn open(path: &std::path::Path, at: u64, checksum: Option<Checksum>, watch: Watch) -> io::Result<Self> {
        let mut file = File::options().write(true).open(path)?;
        file.set_len(at)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(at))?;
        let hash = checksum.map(|checksum| match checksum {
            Checksum::Sha1(wanted) => Hashing::Sha1(sha1::Digest::new(), wanted),
            Checksum::Sha256(wanted) => Hashing::Sha256(Sha256::new(), wanted),
        });
        Ok(Self { file, hash, watch })
    }

    /// Puts what came on disk, or takes it back where it is not what was announced.
    fn settle(self, at: u64, came: Result<(), Cut>) -> Result<(), Cut> {
        let right = match self.hash {
            None => true,
            Some(Hashing::Sha1(hash, wanted)) => sha1::Digest::finalize(hash)[..] == wanted[..],
            Some(Hashing::Sha256(hash, wanted)) => hash.finalize()[..] == wanted[..],
        };
        let verdict = came.and(if right { Ok(()) } else { Err(Cut::WrongChecksum) });
        if !right || matches!(verdict, Err(Cut::BeyondLength)) {
            self.file.set_len(at)?;
        }
        if let Err(error) = self.file.sync_all() {
            // Nobody knows what of it is on disk: it is sent again from where it was sure.
            self.file.set_len(at)?;
            return Err(error.into());
        }
        verdict
    }
}

impl Write for Tally {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.watch.allow(bytes.len())?;
        let written = self.file.write(bytes)?;
        match &mut self.hash {
            None => {}
            Some(Hashing::Sha1(hash, _)) => sha1::Digest::update(hash, &bytes[..written]),
            Some(Hashing::Sha256(hash, _)) => hash.update(&bytes[..written]),
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
