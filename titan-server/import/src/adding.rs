//! Files that an earlier import had to leave out, brought in later: each answers the line that stands in its place, since what
//! was said in between stays where it is.

use std::collections::HashSet;
use std::path::Path;

use titan_core::text::file_name;
use titan_core::{ConversationId, Seq};

use super::done::Imported;
use super::foreign::{Found, Row};
use super::names::shown;
use super::sharing::{LEFT_OUT, place_of};
use super::under_way::{Import, Source};
use super::wish::Wish;
use crate::fingerprint::Fingerprint;
use titan_store::{AuditRecord, NewFile};

/// The act in the audit log for a file that came in later.
pub const ADDED: &str = "added_file";

/// A file as the older system keeps it.
pub struct Stored {
    pub key: String,
    pub name: String,
    pub path: String,
    pub unique_name: Option<String>,
}

/// A file that is waited for, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    pub object: String,
    pub key: String,
}

impl Import {
    /// The files of this source that were left out and have not come yet.
    pub fn waiting(&mut self) -> anyhow::Result<Vec<Waiting>> {
        let came: HashSet<Waiting> = self.importer.acts(ADDED)?.iter().filter_map(|act| self.told_by(act)).collect();
        let left = self.importer.acts(LEFT_OUT)?;
        Ok(left.iter().filter_map(|act| self.told_by(act)).filter(|waiting| !came.contains(waiting)).collect())
    }

    /// What a line of the audit log tells of a file, if it is of this source.
    fn told_by(&self, act: &AuditRecord) -> Option<Waiting> {
        let ours = Fingerprint::from_text(&act.detail).is_some_and(|known| known.is(&self.fingerprint));
        let (_, key) = act.detail.split_once(" file ")?;
        ours.then(|| Waiting { object: act.object.clone(), key: key.to_owned() })
    }

    /// Brings in what is there by now, of the files that a table tells of.
    pub fn add_files(
        mut self,
        wish: &Wish,
        source: &Source<'_>,
        files: Option<&Found>,
        told: fn(&Row) -> Stored,
    ) -> anyhow::Result<Imported> {
        let mut stored = Vec::new();
        if let Some(files) = files {
            source.foreign.each(files, |row| {
                stored.push(told(row));
                Ok::<_, anyhow::Error>(())
            })?;
        }
        for waiting in self.waiting()? {
            let file = stored.iter().find(|file| file.key == waiting.key);
            let (Some(file), Some(place)) = (file, place_of(&waiting.object)) else { continue };
            match self.shelf.find(&file.path) {
                Some(found) => self.add_file(file, &found, place, &waiting)?,
                None => {
                    let line =
                        format!("file {}: it is still not found, stored as {}", shown(&file.name), shown(&file.path));
                    self.done.leave_out(line);
                }
            }
        }
        self.added(wish, source)
    }

    fn add_file(
        &mut self,
        file: &Stored,
        found: &Path,
        (conversation, seq): (ConversationId, Seq),
        waiting: &Waiting,
    ) -> anyhow::Result<()> {
        let Some(line) = self.importer.entry(conversation, seq)? else {
            self.done.leave_out(format!("file {}: the room it belongs to is gone", shown(&file.name)));
            return Ok(());
        };
        let blob = self.shelf.keep(found)?;
        let unique_name = self.unique_name(file.unique_name.clone())?;
        let new = NewFile { name: file_name(&file.name), size: blob.size, blob: blob.id, unique_name };
        self.importer.shared(conversation, line.author.clone(), self.now, new, Some(seq))?;
        self.put.files += 1;
        self.done.files += 1;
        Ok(self.act(ADDED, &waiting.object, &waiting.key)?)
    }

    /// Keeps what was added.
    pub fn added(self, wish: &Wish, source: &Source<'_>) -> anyhow::Result<Imported> {
        self.bar.finish_and_clear();
        self.keep(wish, source.system)
    }
}
