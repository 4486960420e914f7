//! The original's apps: their bytes are files beside its database.

use std::path::{Path, PathBuf};

use titan_core::protocol::{AppState, Category};
use titan_core::text::{DESCRIPTION_MOST, file_name, kept};
use titan_core::{AccountId, SafeText};

use super::super::adding::{ADDED, Waiting};
use super::super::names::shown;
use super::tables::app;
use super::{Moving, known};
use crate::foreign::Row;
use titan_store::{Decision, NewApp, NewFile};

/// Whose app it is, and who decided on it.
#[derive(Clone, Copy)]
struct Hands {
    author: AccountId,
    decided_by: Option<AccountId>,
}

impl Moving<'_> {
    pub(super) fn apps(&mut self) -> anyhow::Result<()> {
        for row in self.app_rows()? {
            let author = row.key(app::AUTHOR).unwrap_or_default();
            let author = match self.import.people.known(&author) {
                Some(author) => author.id,
                None => self.import.gone(&author)?.id,
            };
            let hands = Hands { author, decided_by: known(&self.import, row.key(app::APPROVED_BY)).map(|by| by.id) };
            match self.import.shelf.find(row.text(app::FILE_PATH).unwrap_or_default()) {
                Some(file) => self.app(&row, hands, &file)?,
                None => self.miss_app(&row, hands)?,
            }
        }
        Ok(())
    }

    fn app_rows(&self) -> anyhow::Result<Vec<Row>> {
        let mut rows = Vec::new();
        if let Some(apps) = &self.tables.apps {
            self.foreign.each(apps, |row| {
                rows.push(row.clone());
                Ok::<_, anyhow::Error>(())
            })?;
        }
        Ok(rows)
    }

    /// An app whose file isn't there.
    fn miss_app(&mut self, row: &Row, hands: Hands) -> anyhow::Result<()> {
        let (id, name) = (row.word(app::ID).unwrap_or("?"), shown(row.text(app::NAME).unwrap_or_default()));
        let path = shown(row.text(app::FILE_PATH).unwrap_or_default());
        let line = format!("app {id} {name}: its file was not found, stored as {path}");
        self.import.done.leave_out(line.clone());
        self.import.done.missing.push(line);
        let by = hands.decided_by.unwrap_or(AccountId(0));
        Ok(self.import.keep_in_mind(&format!("app of {} decided by {by}", hands.author), &key_of(row))?)
    }

    /// Brings those apps in that an earlier import had to leave out.
    pub(super) fn add_apps(&mut self) -> anyhow::Result<()> {
        let rows = self.app_rows()?;
        for Waiting { object, key } in self.import.waiting()? {
            let row = rows.iter().find(|row| key_of(row) == key);
            let (Some(row), Some(hands)) = (row, hands_of(&object)) else { continue };
            match self.import.shelf.find(row.text(app::FILE_PATH).unwrap_or_default()) {
                Some(file) => {
                    self.app(row, hands, &file)?;
                    self.import.act(ADDED, &object, &key)?;
                }
                None => {
                    let (name, path) =
                        (row.text(app::NAME).unwrap_or_default(), row.text(app::FILE_PATH).unwrap_or_default());
                    let line =
                        format!("app {} {}: its file is still not found, stored as {}", key, shown(name), shown(path));
                    self.import.done.leave_out(line);
                }
            }
        }
        Ok(())
    }

    fn app(&mut self, row: &Row, hands: Hands, file: &Path) -> anyhow::Result<()> {
        let (id, name) = (row.word(app::ID).unwrap_or("?"), row.text(app::NAME).unwrap_or_default());
        let name = line(name, 100).unwrap_or_else(|| format!("App {id}"));
        let word = row.word(app::CATEGORY).unwrap_or_default();
        let category = word.parse().unwrap_or(Category::Component);
        if word.parse::<Category>().is_err() {
            let line = format!(
                "app {id} {} was in the category {}, which isn't one here: it is a component now",
                shown(&name),
                shown(word)
            );
            self.import.done.notes.push(line);
        }
        let blob = self.import.shelf.keep(file)?;
        let now = self.import.clock.read(row.text(app::UPLOADED_AT)).unwrap_or(self.import.now);
        let new = NewApp {
            file: NewFile { name: download_name(&name, file), size: blob.size, blob: blob.id, unique_name: None },
            name,
            description: kept(row.text(app::DESCRIPTION).unwrap_or_default().trim())
                .chars()
                .take(DESCRIPTION_MOST)
                .collect(),
            category,
            version: line(row.text(app::VERSION).unwrap_or_default(), 50).unwrap_or_else(|| "1".to_owned()),
            author: hands.author,
            metadata: object(row.text(app::METADATA)),
            now,
        };
        let decision = row.flag(app::APPROVED).then(|| Decision {
            state: AppState::Approved,
            sha256: None,
            by: hands.decided_by,
            reason: None,
            now: self.import.clock.read(row.text(app::APPROVED_AT)).unwrap_or(now),
        });
        let downloads = row.number(app::DOWNLOADS).unwrap_or_default().max(0) as u64;
        self.import.importer.app(&new, decision.as_ref(), downloads)?;
        self.import.put.apps += 1;
        self.import.done.apps += 1;
        Ok(())
    }
}

fn key_of(row: &Row) -> String {
    format!("app-{}", row.word(app::ID).unwrap_or("?"))
}

/// Reads what [`Moving::miss_app`] kept in mind.
fn hands_of(object: &str) -> Option<Hands> {
    let (author, by) = object.strip_prefix("app of ")?.split_once(" decided by ")?;
    let by = AccountId(by.parse().ok()?);
    Some(Hands { author: AccountId(author.parse().ok()?), decided_by: (by != AccountId(0)).then_some(by) })
}

/// As the original offered it: the app's name with the ending of its file, which is stored under its hash.
fn download_name(name: &str, stored: &Path) -> String {
    let ending = stored.extension().map(|ending| ending.to_string_lossy().into_owned());
    let named = PathBuf::from(name);
    let has_it = ending.is_none()
        || named.extension().map(|had| had.to_string_lossy().to_lowercase())
            == ending.as_ref().map(|it| it.to_lowercase());
    let name = name.replace(['/', '\\'], "_");
    match ending {
        Some(ending) if !has_it => file_name(&format!("{name}.{ending}")),
        _ => file_name(&name),
    }
}

fn line(text: &str, most: usize) -> Option<String> {
    let cleaned: String = SafeText::line(text.trim()).written().chars().take(most).collect();
    Some(cleaned).filter(|cleaned| !cleaned.is_empty())
}

/// The metadata, where it is the JSON object it should be.
fn object(metadata: Option<&str>) -> String {
    let value = metadata.and_then(|text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok());
    serde_json::Value::Object(value.unwrap_or_default()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_downloaded_under_its_name_with_its_files_ending() {
        let name = |name: &str, stored: &str| download_name(name, Path::new(stored));
        assert_eq!(name("Chess", "76efef9ed0e.zip"), "Chess.zip");
        assert_eq!(name("Chess.ZIP", "76efef9ed0e.zip"), "Chess.ZIP");
        assert_eq!(name("a/b: c", "7.tce"), "a_b_ c.tce");
        assert_eq!(name("Plain", "76efef9ed0e"), "Plain");
        assert_eq!(name("v1.2", "7.zip"), "v1.2.zip");
    }
}
