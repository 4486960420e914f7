//! Taking in what an older system kept, into the house that the settings name, in a file or in PostgreSQL: `titan_import` does
//! it. What was made only for an import that isn't kept goes again.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use titan_import::{House, Memory, Safekeeping};
pub use titan_import::{Imported, Place, System, Wish};

use super::{database, progress};
use crate::config::Config;
use crate::pepper::{PEPPER, Pepper};
use crate::soundness;
use crate::store::sqlite::with_ending;

/// Imports everything into the house, or nothing. No server may be running; no asynchronous runtime either.
pub fn import(config: &Config, system: System, wish: &Wish) -> anyhow::Result<Imported> {
    let memory = match &config.database_url {
        None => Memory::File(config.database.clone()),
        Some(url) => Memory::Postgres { url: url.clone(), shown: url.address() },
    };
    let (data_dir, blobs) = (config.data_dir.clone(), config.blobs.clone());
    let traces = Traces::before(config);
    crate::data_dir::create_private(&config.data_dir)?;
    // Held until the traces are gone: what somebody else makes meanwhile is none of ours.
    let _entrance = match &config.database_url {
        None => soundness::enter_file(config)?,
        Some(_) => database::runtime()?.block_on(soundness::enter(config))?,
    };
    soundness::import_begins(config)?;
    let peppers = Pepper::read_or_make(&config.data_dir).context("reading the pepper file")?.all().clone();
    let safely = Safekeeping(Arc::new(move |kept| titan_hub::safely(kept, &peppers).unwrap_or_else(|| kept.clone())));
    let imported = titan_import::import(&House { data_dir, memory, blobs, safely, progress }, system, wish);
    soundness::no_import(config)?;
    if !imported.as_ref().is_ok_and(|imported| !imported.dry_run) {
        traces.remove();
    }
    imported
}

/// What an import would leave in folders where it wasn't before, the innermost first.
struct Traces {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Traces {
    fn before(config: &Config) -> Self {
        let mut files = vec![config.data_dir.join("lock"), config.data_dir.join(PEPPER)];
        if config.database_url.is_none() {
            let beside = ["-wal", "-shm", ".lock"].map(|ending| with_ending(&config.database, ending));
            files.push(config.database.clone());
            files.extend(beside);
        }
        let above = config.data_dir.ancestors().skip(1).map(PathBuf::from);
        let folders =
            [config.blobs.join("tmp"), config.blobs.clone(), config.data_dir.clone()].into_iter().chain(above);
        Self {
            files: files.into_iter().filter(|file| !file.exists()).collect(),
            folders: folders.filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect(),
        }
    }

    /// Removes what is there by now; a folder only while nothing else is in it. What can't be removed harms nobody.
    fn remove(self) {
        for file in self.files {
            let _ = std::fs::remove_file(file);
        }
        for folder in self.folders {
            let _ = std::fs::remove_dir(folder);
        }
    }
}
