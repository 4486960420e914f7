//! Taking in what an older system kept, into the house that the settings name: `titan_import` does it, with a database file
//! alone.

pub use titan_import::{Imported, Place, System, Wish};

use super::{progress, wants_a_file};
use crate::config::Config;
use crate::soundness;

/// Imports everything into the house, or nothing. No server may be running; no asynchronous runtime either.
pub fn import(config: &Config, system: System, wish: &Wish) -> anyhow::Result<Imported> {
    wants_a_file(
        config,
        "import into a database file, without --database-url, then bring it there with `titan-server migrate --to URL`",
    )?;
    let house = titan_import::House {
        data_dir: config.data_dir.clone(),
        database: config.database.clone(),
        blobs: config.blobs.clone(),
        progress,
    };
    crate::data_dir::create_private(&config.data_dir)?;
    let _entrance = soundness::enter_file(config)?;
    titan_import::import(&house, system, wish)
}
