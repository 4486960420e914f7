//! Uploads that may be interrupted: begun at one time, gone on with later, finished exactly once.
//!
//! The bytes so far stand in `<data>/uploads/<id>`, what is known of them beside it in `<id>.json`; both outlive the
//! server, so that a client goes on where the disk ends. The HTTP door speaks tus over this. Who may put something where
//! is the hub's to say: it is asked when an upload begins and again when it ends.

mod handing;
mod slip;
mod turn;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use titan_core::protocol::{Fault, FaultCode};
use titan_core::{AccountId, BlobId, Time};
use tokio_util::sync::CancellationToken;

pub use handing::{Refusal, permit};
pub use slip::{NewUpload, Purpose, UploadId};
pub use turn::{Checksum, Cut, Turn};

use slip::{Slip, Stage};

use crate::{BlobError, Blobs, Held, off_thread, sync_folder};
use titan_disk::data_dir::create_private;
use titan_hub::Session;

/// How large things may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// An app or file.
    pub upload: u64,
    /// A file at the channels door.
    pub channel_file: u64,
    /// All unfinished uploads of one account together.
    pub unfinished: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { upload: 100 * 1024 * 1024, channel_file: 25 * 1024 * 1024, unfinished: 1024 * 1024 * 1024 }
    }
}

/// How long an upload is kept after the last time it was touched.
pub const KEPT: Duration = Duration::from_secs(24 * 3_600);
/// Unfinished uploads one account may have.
const UPLOADS_AN_ACCOUNT: usize = 100;

/// All uploads of the house. Clones share them.
#[derive(Clone)]
pub struct Uploads(Arc<Desk>);

struct Desk {
    dir: PathBuf,
    blobs: Blobs,
    sizes: Sizes,
    all: Mutex<HashMap<UploadId, Arc<Upload>>>,
}

/// One upload, finished or not.
pub struct Upload {
    pub id: UploadId,
    pub account: AccountId,
    /// Bytes it will have.
    pub length: u64,
    desk: std::sync::Weak<Desk>,
    state: Arc<tokio::sync::Mutex<slip::State>>,
    /// Cancelled when somebody else wants the turn.
    give_way: Mutex<CancellationToken>,
    standing: Mutex<Standing>,
    /// Its room, until the store knows what it became.
    held: Mutex<Option<Held>>,
}

/// What others may know of an upload without taking a turn.
#[derive(Clone, Copy)]
struct Standing {
    touched: Time,
    done: bool,
    blob: Option<BlobId>,
}

impl Uploads {
    /// Opens the folder and takes up what is there. Blocks.
    pub fn open(dir: &Path, blobs: Blobs, sizes: Sizes) -> io::Result<Self> {
        create_private(dir)?;
        let uploads = Self(Arc::new(Desk { dir: dir.to_owned(), blobs, sizes, all: Mutex::default() }));
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            match slip::id_of(&path) {
                Some((id, true)) => uploads.take_up(id)?,
                Some((id, false)) if uploads.0.slip_path(&id).exists() => {}
                _ => std::fs::remove_file(&path)?,
            }
        }
        Ok(uploads)
    }

    fn take_up(&self, id: UploadId) -> io::Result<()> {
        match Slip::read(&self.0.slip_path(&id)) {
            Ok(slip) => {
                let upload = Upload::load(id.clone(), slip, &self.0)?;
                self.0.all().insert(id, upload);
            }
            Err(error) => {
                tracing::warn!(%id, %error, "an unfinished upload can't be read and is given up");
                self.0.remove_files(&id)?;
            }
        }
        Ok(())
    }

    /// Begins an upload, for which there must be room.
    pub async fn begin_for(&self, session: &Session, new: NewUpload) -> Result<Arc<Upload>, BlobError> {
        if new.length > self.0.sizes.upload {
            return Err(BlobError::TooLarge { most: self.0.sizes.upload });
        }
        let held = self.0.blobs.hold(session, new.length, new.length).await?;
        Ok(self.begin(session.account(), new, held).await?)
    }

    async fn begin(&self, account: AccountId, new: NewUpload, held: Held) -> Result<Arc<Upload>, Fault> {
        let id = UploadId::fresh();
        let upload = Upload::fresh(id.clone(), account, new.length, &self.0);
        *upload.lock_held() = Some(held);
        self.0.reserve(&upload)?;
        let slip = Slip::new(account, new);
        let (desk, made) = (self.0.clone(), upload.clone());
        let written = off_thread(move || desk.write_new(&made.id, &slip).map(|()| slip)).await.flatten();
        match written {
            Ok(slip) => {
                upload.state.lock().await.slip = Some(slip);
                Ok(upload)
            }
            Err(error) => {
                self.0.forget(&id);
                Err(BlobError::from(error).into())
            }
        }
    }

    /// An upload of this account. Another's looks like none at all.
    pub fn find(&self, account: AccountId, id: &str) -> Result<Arc<Upload>, Fault> {
        let found = id.parse().ok().and_then(|id: UploadId| self.0.all().get(&id).cloned());
        found
            .filter(|upload| upload.account == account)
            .ok_or_else(|| Fault::not_found("There is no such upload (any more): begin it again."))
    }

    /// Removes what has not been touched for [`KEPT`]; how many there were.
    pub async fn sweep(&self, now: Time) -> usize {
        let expired: Vec<_> = self.0.all().values().filter(|upload| upload.expires_at() < now).cloned().collect();
        for upload in &expired {
            upload.turn().await.give_up().await;
        }
        expired.len()
    }

    /// Removes all of an account that has ended.
    pub async fn give_up_of(&self, account: AccountId) {
        let theirs: Vec<_> = self.0.all().values().filter(|upload| upload.account == account).cloned().collect();
        for upload in theirs {
            upload.turn().await.give_up().await;
        }
    }

    /// Blobs that an upload is about to make something point to.
    pub fn blobs_in_use(&self) -> Vec<BlobId> {
        self.0.all().values().filter_map(|upload| upload.standing().blob).collect()
    }
}

impl Upload {
    fn fresh(id: UploadId, account: AccountId, length: u64, desk: &Arc<Desk>) -> Arc<Self> {
        let standing = Standing { touched: Time::now(), done: false, blob: None };
        Arc::new(Self {
            id,
            account,
            length,
            desk: Arc::downgrade(desk),
            state: Arc::default(),
            give_way: Mutex::default(),
            standing: Mutex::new(standing),
            held: Mutex::default(),
        })
    }

    /// As the disk has it.
    fn load(id: UploadId, slip: Slip, desk: &Arc<Desk>) -> io::Result<Arc<Self>> {
        let offset = match &slip.stage {
            Stage::Receiving => std::fs::metadata(desk.data_path(&id))?.len(),
            Stage::Handing { .. } | Stage::Done { .. } => slip.length,
        };
        let mut upload = Self::fresh(id.clone(), slip.account, slip.length, desk);
        if let Some(upload) = Arc::get_mut(&mut upload) {
            upload.standing = Mutex::new(Standing {
                touched: desk.touched(&id)?,
                done: matches!(slip.stage, Stage::Done { .. }),
                blob: slip.stage.blob(),
            });
            if !matches!(slip.stage, Stage::Done { .. }) {
                upload.held = Mutex::new(Some(desk.blobs.hold_again(slip.account, slip.length, offset)));
            }
            upload.state = Arc::new(tokio::sync::Mutex::new(slip::State { slip: Some(slip), offset }));
        }
        Ok(upload)
    }

    /// When it will be given up unless it is touched before.
    pub fn expires_at(&self) -> Time {
        Time(self.standing().touched.0 + KEPT.as_millis() as i64)
    }

    fn standing(&self) -> Standing {
        *self.lock_standing()
    }

    fn lock_held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn lock_standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Desk {
    fn data_path(&self, id: &UploadId) -> PathBuf {
        self.dir.join(id.as_str())
    }

    fn slip_path(&self, id: &UploadId) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    /// When the bytes or the slip were last written.
    fn touched(&self, id: &UploadId) -> io::Result<Time> {
        let data = std::fs::metadata(self.data_path(id)).and_then(|known| known.modified());
        let slip = std::fs::metadata(self.slip_path(id))?.modified()?;
        let latest = data.map_or(slip, |data| data.max(slip));
        let since = latest.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(Time(since.as_millis() as i64))
    }

    /// Gives an upload its place, if its account may have it.
    fn reserve(&self, upload: &Arc<Upload>) -> Result<(), Fault> {
        let mut all = self.all();
        let mine = || all.values().filter(|other| other.account == upload.account && !other.standing().done);
        let bytes: u64 = mine().map(|other| other.length).sum();
        if mine().count() >= UPLOADS_AN_ACCOUNT || bytes.saturating_add(upload.length) > self.sizes.unfinished {
            let said = "You have too many unfinished uploads: finish or delete some first.";
            return Err(Fault::new(FaultCode::TooLarge, said));
        }
        all.insert(upload.id.clone(), upload.clone());
        Ok(())
    }

    fn write_new(&self, id: &UploadId, slip: &Slip) -> io::Result<()> {
        crate::create_private_file(&self.data_path(id))?;
        let written = slip.write(&self.slip_path(id)).and_then(|()| sync_folder(&self.dir));
        if written.is_err() {
            let _ = self.remove_files(id);
        }
        written
    }

    /// The slip goes first: bytes without one are cleared away when the server starts.
    fn remove_files(&self, id: &UploadId) -> io::Result<()> {
        for path in [self.slip_path(id), self.data_path(id)] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn forget(&self, id: &UploadId) {
        self.all().remove(id);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UploadId, Arc<Upload>>> {
        self.all.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests;
