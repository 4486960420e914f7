//! Which house the history is of. An operator who restores a backup begins another epoch of it: what was held of the logs may
//! never have been said then, and is dropped. What its person wrote and has not sent is theirs, and stays.

use super::{Cache, search};
use crate::client::Error;

/// Where the epoch is kept.
const EPOCH: &str = "epoch";

impl Cache {
    /// The epoch of the house that the history is of, once a server told it.
    pub fn epoch(&self) -> Result<Option<String>, Error> {
        self.value(EPOCH)
    }

    /// Says of which epoch the house is. Where the history is of another one, conversations and all that is held of their
    /// logs are dropped; drafts and the outbox stay. Whether something was to be dropped.
    pub fn enter_epoch(&self, epoch: &str) -> Result<bool, Error> {
        let known = self.epoch()?;
        if known.as_deref() == Some(epoch) {
            return Ok(false);
        }
        if known.is_some() {
            self.drop_history()?;
        }
        self.set_value(EPOCH, epoch)?;
        Ok(known.is_some())
    }

    fn drop_history(&self) -> Result<(), Error> {
        self.history(|db| {
            let change = db.transaction()?;
            for table in ["entry", "held", "mark", "conversation"] {
                change.execute(&format!("DELETE FROM {table}"), [])?;
            }
            search::begin_anew(&change)?;
            Ok(change.commit()?)
        })?;
        self.scour(true)
    }
}
