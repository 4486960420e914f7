//! Keeping a house over the years: [`backup()`], [`restore()`], [`check()`], moving it to another database
//! ([`migrate`]), keeping what is sound of a damaged one ([`rescue()`]), and taking in older systems' data ([`import`]).
//!
//! Called by the command line, never by the server. Backups and checks work beside a running server and change nothing;
//! restores and imports hold the data folder's lock, so that no server runs meanwhile.

mod backup;
mod check;
mod database;
pub mod import;
mod manifest;
pub mod migrate;
mod rescue;
mod restore;

pub use backup::backup;
pub use check::{Findings, check};
pub use rescue::{Kept, rescue};
pub use restore::restore;

use titan_disk::files;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::pepper::{self, PEPPER};

/// What stands in a data folder beside the database and the blobs, and belongs into a backup.
const KEPT_FILES: [&str; 3] = [PEPPER, "admin_key.txt", "titan.toml"];
/// The same, folders.
const KEPT_FOLDERS: [&str; 1] = ["tls"];

/// Puts a new pepper in the place of the one there is; in words.
pub fn rotate_pepper(config: &Config) -> anyhow::Result<String> {
    let dir = DataDir::open(&config.data_dir).with_context(|| format!("opening {}", config.data_dir.display()))?;
    let kept = pepper::rotate(&dir);
    let kept =
        kept.with_context(|| format!("rotating the pepper of {}", config.data_dir.display()))?.display().to_string();
    Ok(format!(
        "There is a new pepper. The one before is in {kept}: keep it as long as the server's log says at its start that \
         passwords rest on it.\n"
    ))
}

/// What works on a database file only says so where the house is in PostgreSQL, and what to do instead.
fn wants_a_file(config: &Config, instead: &str) -> anyhow::Result<()> {
    match &config.database_url {
        Some(url) => bail!("this house is in PostgreSQL ({}): {instead}", url.address()),
        None => Ok(()),
    }
}

/// Says on a terminal how far things are; says nothing where there is none.
fn progress(what: &'static str, steps: u64) -> ProgressBar {
    let bar = ProgressBar::new(steps);
    let style =
        ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.set_message(what);
    bar
}

/// The same for what can't be counted.
fn working(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_message(what);
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}
