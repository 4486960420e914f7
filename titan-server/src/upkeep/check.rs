//! Looking for damage: in the database, and in every file that it points to.

use std::io;

use anyhow::bail;

use super::database::{self, Database};
use super::files::measure;
use super::{progress, working};
use crate::blobs::blob_path;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::soundness;
use crate::store::Counts;
use crate::store::sqlite::FileLock;

/// What a check saw.
#[derive(Debug)]
pub struct Findings {
    /// A line for each thing that is not as it should be.
    pub lines: Vec<String>,
    /// None where the database was too damaged to count in.
    pub counts: Option<Counts>,
    /// Blobs that were read through.
    pub blobs: u64,
}

/// Looks through the database and, if asked, reads every blob that it points to. Changes nothing; works beside a running
/// server.
pub fn check(config: &Config, blobs: bool) -> anyhow::Result<Findings> {
    let alone = !is_in_use(config);
    let mut findings = Findings { lines: Vec::new(), counts: None, blobs: 0 };
    if config.database_url.is_none() {
        // Before anybody opens the database.
        findings.lines.extend(soundness::log(&config.database, alone)?);
    }
    let marked = soundness::marked(config);
    findings.lines.extend(soundness::look(config, &marked, database::identity(config))?);
    let there = config.database_url.is_some() || config.database.is_file();
    if !there && findings.lines.is_empty() {
        bail!("there is no database at {}: name the data folder with --data-dir", config.database.display());
    }
    let at_work = working("checking the database");
    match Database::open(config) {
        Ok(mut database) => look_through(&mut database, &mut findings, alone),
        Err(_) if !there => {}
        Err(error) => findings.lines.push(format!("the database can't be opened: {error}")),
    }
    at_work.finish_and_clear();
    if blobs && there {
        look_through_blobs(config, &mut findings);
    }
    Ok(findings)
}

/// Whether a server uses the house just now.
fn is_in_use(config: &Config) -> bool {
    DataDir::is_locked(&config.data_dir) || config.database_url.is_some() || FileLock::is_held(&config.database)
}

fn look_through(database: &mut Database, findings: &mut Findings, alone: bool) {
    match database.check() {
        Ok(lines) => findings.lines.extend(lines),
        Err(error) => findings.lines.push(format!("the database can't be read: {error}")),
    }
    if alone && let Err(error) = database.check_words() {
        findings.lines.push(format!("the words that search knows are not those of the messages: {error}"));
    }
    findings.counts = database.counts().ok();
}

fn look_through_blobs(config: &Config, findings: &mut Findings) {
    let in_use = match Database::open(config).and_then(|mut database| database.blobs_in_use()) {
        Ok(in_use) => in_use,
        Err(error) => {
            findings.lines.push(format!("which files there should be can't be read: {error}"));
            return;
        }
    };
    let bar = progress("checking files", in_use.len() as u64);
    for id in in_use {
        let path = config.blobs.join(blob_path(id));
        match measure(&path) {
            Ok(content) if content.sha256 == id => {}
            Ok(_) => findings.lines.push(format!("a damaged file: {}", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                findings.lines.push(format!("a missing file: {}", path.display()));
            }
            Err(error) => findings.lines.push(format!("a file that can't be read: {}: {error}", path.display())),
        }
        findings.blobs += 1;
        bar.inc(1);
    }
    bar.finish_and_clear();
}
