//! Room for bytes: what an account and the house may keep, and what the disk must have left so that the log can be written.
//! Whoever takes bytes in holds room for them first, and until the store knows what they became or they are gone.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use titan_core::AccountId;
use titan_hub::Session;

use super::error::{BlobError, in_words};

const MEGABYTE: u64 = 1024 * 1024;
/// Bytes written between two looks at the disk.
const LOOKED_EVERY: u64 = MEGABYTE;
/// What is kept free of a disk, where nobody said how much: a twentieth of it, within these.
const RESERVE: (u64, u64) = (6 * MEGABYTE, 512 * MEGABYTE);

/// How much may be kept, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// Files and apps of one account.
    pub account: u64,
    /// Files and apps of all.
    pub house: u64,
    /// What stays free on the disk; none: a twentieth of it.
    pub reserve: Option<u64>,
}

impl Default for Space {
    fn default() -> Self {
        Self { account: 2_048 * MEGABYTE, house: u64::MAX, reserve: None }
    }
}

impl Space {
    /// As the settings say it; 0 is no bound.
    pub fn of_megabytes(account: Option<u64>, house: Option<u64>, reserve: Option<u64>) -> Self {
        let bytes = |megabytes: u64| megabytes.saturating_mul(MEGABYTE);
        let bound = |megabytes| if megabytes == 0 { u64::MAX } else { bytes(megabytes) };
        let usual = Self::default();
        let (account, house) = (account.map_or(usual.account, bound), house.map_or(usual.house, bound));
        Self { account, house, reserve: reserve.map(bytes) }
    }

    /// The same again, for who shows the settings.
    pub fn in_megabytes(self) -> (u64, u64, Option<u64>) {
        let megabytes = |bytes| if bytes == u64::MAX { 0 } else { bytes / MEGABYTE };
        (megabytes(self.account), megabytes(self.house), self.reserve.map(|bytes| bytes / MEGABYTE))
    }
}

/// What is held of a data folder's room.
pub(super) struct Room {
    dir: PathBuf,
    space: Space,
    /// Held by whoever decides, so that two don't take the same room.
    deciding: tokio::sync::Mutex<()>,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    last: u64,
    held: HashMap<u64, Place>,
    /// Bytes given back since the house was counted for somebody who would be refused otherwise: files may have become of them,
    /// which an older count doesn't know.
    given_back: u64,
}

impl Places {
    /// What may be missing from a count of the house.
    fn unsettled(&self) -> u64 {
        self.held.values().map(|place| place.bytes).fold(self.given_back, u64::saturating_add)
    }

    fn give_back(&mut self, number: u64) {
        if let Some(place) = self.held.remove(&number) {
            self.given_back = self.given_back.saturating_add(place.bytes);
        }
    }
}

struct Place {
    account: AccountId,
    bytes: u64,
    /// Of these, what takes its place on the disk already.
    written: u64,
}

/// Room that is held: it is given back when this is dropped.
pub struct Held {
    room: Arc<Room>,
    number: u64,
    bytes: u64,
}

/// Looks now and then whether what is written still leaves the reserve alone.
pub(super) struct Watch {
    room: Arc<Room>,
    unseen: u64,
}

fn fits(least: u64, left: u64, said: impl FnOnce() -> String) -> Result<(), BlobError> {
    // Who says no size needs some room all the same.
    if left < least.max(1) { Err(BlobError::NoRoom(said())) } else { Ok(()) }
}

impl Room {
    pub fn new(dir: &Path, space: Space) -> Arc<Self> {
        let (deciding, places) = (tokio::sync::Mutex::default(), Mutex::default());
        Arc::new(Self { dir: dir.to_owned(), space, deciding, places })
    }

    /// What one account may keep; none: no bound.
    pub fn quota(&self) -> Option<u64> {
        Some(self.space.account).filter(|bytes| *bytes < u64::MAX)
    }

    /// For as many bytes as there is room for, at least and at most so many.
    pub async fn hold(self: &Arc<Self>, session: &Session, least: u64, most: u64) -> Result<Held, BlobError> {
        let _deciding = self.deciding.lock().await;
        let mine = self.left_of_account(session).await?;
        fits(least, mine.0, || {
            let (may, taken) = (in_words(self.space.account), in_words(mine.1));
            format!("Your files may take {may} together, and {taken} are taken: delete some first.")
        })?;
        let house = self.left_of_house(session, least).await?;
        fits(least, house, || {
            let may = in_words(self.space.house);
            format!("The files of the house may take {may} together, and there is no room left for that one.")
        })?;
        let disk = self.left_of_disk();
        fits(least, disk, || "The server's disk has no room left for that file: try again later.".to_owned())?;
        Ok(self.take(session.account(), most.min(mine.0).min(house).min(disk), 0))
    }

    pub fn watch(self: &Arc<Self>) -> Watch {
        Watch { room: self.clone(), unseen: 0 }
    }

    /// What is left, and what is taken.
    async fn left_of_account(&self, session: &Session) -> Result<(u64, u64), BlobError> {
        let account = session.account();
        let taken =
            session.kept_bytes().await? + self.sum(|place| if place.account == account { place.bytes } else { 0 });
        Ok((self.space.account.saturating_sub(taken), taken))
    }

    /// Counts again before anybody is refused.
    async fn left_of_house(&self, session: &Session, least: u64) -> Result<u64, BlobError> {
        if self.space.house == u64::MAX {
            return Ok(u64::MAX);
        }
        let left = |kept: u64| self.space.house.saturating_sub(kept.saturating_add(self.places().unsettled()));
        match left(session.hub().kept_bytes(false).await?) {
            enough if enough >= least.max(1) => return Ok(enough),
            _ => self.places().given_back = 0,
        }
        Ok(left(session.hub().kept_bytes(true).await?))
    }

    /// Beyond the reserve, and what others will write.
    fn left_of_disk(&self) -> u64 {
        let (free, reserve) = self.free();
        free.saturating_sub(reserve).saturating_sub(self.sum(|place| place.bytes.saturating_sub(place.written)))
    }

    /// What is free on the disk, and what of that is the reserve. A disk that can't be asked is taken for large.
    pub fn free(&self) -> (u64, u64) {
        let (free, size) = disk(&self.dir).unwrap_or_else(|error| {
            tracing::debug!(%error, "how much room the disk has can't be seen");
            (u64::MAX, 0)
        });
        let (least, most) = RESERVE;
        (free, self.space.reserve.unwrap_or_else(|| (size / 20).clamp(least, most)))
    }

    pub fn take(self: &Arc<Self>, account: AccountId, bytes: u64, written: u64) -> Held {
        let mut places = self.places();
        places.last += 1;
        let number = places.last;
        places.held.insert(number, Place { account, bytes, written });
        Held { room: self.clone(), number, bytes }
    }

    fn sum(&self, of: impl Fn(&Place) -> u64) -> u64 {
        self.places().held.values().map(of).sum()
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// So much of it is on the disk by now.
    pub fn wrote(&self, written: u64) {
        if let Some(place) = self.room.places().held.get_mut(&self.number) {
            place.written = written;
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.places().give_back(self.number);
    }
}

impl Watch {
    /// To be asked before so much is written.
    pub fn allow(&mut self, bytes: usize) -> io::Result<()> {
        self.unseen += bytes as u64;
        if self.unseen < LOOKED_EVERY {
            return Ok(());
        }
        self.unseen = 0;
        let (free, reserve) = self.room.free();
        if free < reserve { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

/// What is free on the disk that a folder lies on, and how large it is.
#[cfg(unix)]
fn disk(dir: &Path) -> io::Result<(u64, u64)> {
    let known = rustix::fs::statvfs(dir)?;
    Ok((known.f_bavail.saturating_mul(known.f_frsize), known.f_blocks.saturating_mul(known.f_frsize)))
}

#[cfg(not(unix))]
fn disk(_: &Path) -> io::Result<(u64, u64)> {
    Err(io::ErrorKind::Unsupported.into())
}
