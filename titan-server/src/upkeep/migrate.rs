//! Moving a house from one database to another, line by line, and holding both against each other afterwards.
//!
//! The house stays as it is where it was; the blobs stay where they are. A move that was killed goes on where it stopped; if
//! the house has changed in between, it is begun anew. Until everything was found equal no server uses the new database.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use titan_core::Secret;

use super::{progress, working};
use crate::config::Config;
use crate::data_dir::{DataDir, behind_links};
use crate::soundness::{self, Unsound};
use crate::store::moving::{Movable, Sum, TABLES, Table};
use crate::store::sqlite::FileLock;
use crate::store::{postgres, sqlite};

/// Lines that go over at a time.
const LINES: u32 = 2_000;

/// Where a house is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    File(PathBuf),
    Postgres(Secret),
}

/// What was moved.
#[derive(Debug)]
pub struct Moved {
    pub from: Home,
    pub to: Home,
    pub lines: u64,
}

/// Moves the house, out of where the settings say it is unless another place is named.
pub fn migrate(config: &Config, from: Option<Home>, to: Home) -> anyhow::Result<Moved> {
    let (from, to) = (from.unwrap_or_else(|| Home::of(config)).behind_links(), to.behind_links());
    if from == to {
        bail!("the house is in {to} already");
    }
    let _locks = lock(config, [&from, &to])?;
    let _files = [&from, &to].into_iter().map(Home::hold).collect::<anyhow::Result<Vec<_>>>()?;
    let runtime = super::database::runtime()?;
    let lines = runtime.block_on(async {
        let mut source = from.leave().await.with_context(|| format!("opening {from}"))?;
        refuse_damaged(source.as_mut()).await?;
        let (mut target, begun) = to.enter().await.with_context(|| format!("opening {to}"))?;
        move_house(source.as_mut(), target.as_mut(), begun).await
    })?;
    Ok(Moved { from, to, lines })
}

impl Home {
    /// An address of PostgreSQL, or a file.
    pub fn named(text: &str) -> Self {
        let postgres = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if postgres || text.contains("dbname=") {
            Self::Postgres(text.trim().into())
        } else {
            Self::File(PathBuf::from(text))
        }
    }

    fn of(config: &Config) -> Self {
        config.database_url.clone().map_or_else(|| Self::File(config.database.clone()), Self::Postgres)
    }

    /// The file itself, where it is named by a link.
    fn behind_links(self) -> Self {
        match self {
            Self::File(path) => Self::File(behind_links(&path)),
            postgres => postgres,
        }
    }

    /// Nobody else uses a file meanwhile, and nothing of it is dropped.
    fn hold(&self) -> anyhow::Result<Option<FileLock>> {
        let Self::File(path) = self else { return Ok(None) };
        let lock = FileLock::take(path)?;
        match soundness::log(path, true)? {
            Some(damage) => bail!(Unsound(vec![damage])),
            None => Ok(Some(lock)),
        }
    }

    async fn leave(&self) -> anyhow::Result<Box<dyn Movable>> {
        Ok(match self {
            Self::File(path) => Box::new(sqlite::Moving::out_of(path)?),
            Self::Postgres(url) => Box::new(postgres::Moving::out_of(url.reveal()).await?),
        })
    }

    async fn enter(&self) -> anyhow::Result<(Box<dyn Movable>, bool)> {
        Ok(match self {
            Self::File(path) => {
                let (moving, begun) = sqlite::Moving::into(path)?;
                (Box::new(moving), begun)
            }
            Self::Postgres(url) => {
                let (moving, begun) = postgres::Moving::into(url.reveal()).await?;
                (Box::new(moving), begun)
            }
        })
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(url) => f.write_str(&url.address()),
        }
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, lines } = self;
        writeln!(f, "Moved {lines} lines of {} tables from {from} to {to}; each table was found equal.", TABLES.len())?;
        let setting = match to {
            Home::File(path) => format!("without --database-url, and with --database {}", path.display()),
            Home::Postgres(_) => "with TITAN_DATABASE_URL set to it".to_owned(),
        };
        writeln!(f, "Files stay where they are. Start the server {setting}. {from} was not changed.")
    }
}

/// No server may run on either house: the folder of the settings is locked, and those of the files.
fn lock(config: &Config, homes: [&Home; 2]) -> anyhow::Result<Vec<DataDir>> {
    let mut folders = vec![config.data_dir.clone()];
    for home in homes {
        if let Home::File(path) = home {
            folders.extend(path.parent().map(PathBuf::from));
        }
    }
    folders.retain(|folder| folder.join("lock").is_file());
    let mut folders: Vec<PathBuf> = folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
    folders.sort();
    folders.dedup();
    folders
        .iter()
        .map(|folder| DataDir::lock(folder).with_context(|| format!("opening {}", folder.display())))
        .collect()
}

/// What is damaged would be sound at its new place: sums don't go over, since each database makes them itself.
async fn refuse_damaged(source: &mut dyn Movable) -> anyhow::Result<()> {
    let at_work = working("looking for damage");
    let mut lines = source.damaged_entries().await?;
    at_work.finish_and_clear();
    if !lines.is_empty() {
        lines.push(
            "Nothing was moved. Restore a backup, or keep what is sound (`titan-server rescue`) first".to_owned(),
        );
        bail!(Unsound(lines));
    }
    Ok(())
}

async fn move_house(source: &mut dyn Movable, target: &mut dyn Movable, begun: bool) -> anyhow::Result<u64> {
    if !begun {
        target.clear().await?;
    }
    let mut differing = copy(source, target).await?;
    if begun && !differing.is_empty() {
        tracing::info!("the house has changed since the move was begun: it is begun anew");
        target.clear().await?;
        differing = copy(source, target).await?;
    }
    if !differing.is_empty() {
        bail!("not equal afterwards: {}. Run it again; nothing was changed where the house was", differing.join(", "));
    }
    let mut lines = 0;
    for table in &TABLES {
        lines += target.count(table).await?;
    }
    target.settle().await?;
    Ok(lines)
}

/// Copies what isn't there yet; gives the names of the tables that are not equal then.
async fn copy(source: &mut dyn Movable, target: &mut dyn Movable) -> anyhow::Result<Vec<&'static str>> {
    let mut total = 0;
    for table in &TABLES {
        total += source.count(table).await?;
    }
    let bar = progress("moving", total);
    for table in &TABLES {
        copy_table(source, target, table, &bar).await.with_context(|| format!("moving {}", table.name))?;
    }
    target.round_off().await?;
    bar.finish_and_clear();
    let bar = progress("comparing", 2 * total);
    let mut differing = Vec::new();
    for table in &TABLES {
        if sum(source, table, &bar).await? != sum(target, table, &bar).await? {
            differing.push(table.name);
        }
    }
    bar.finish_and_clear();
    Ok(differing)
}

async fn copy_table(
    source: &mut dyn Movable,
    target: &mut dyn Movable,
    table: &Table,
    bar: &ProgressBar,
) -> anyhow::Result<()> {
    let mut last = target.last(table).await?;
    bar.inc(target.count(table).await?);
    loop {
        let lines = source.lines(table, last.as_deref(), LINES).await?;
        let Some(end) = lines.last() else { break };
        last = Some(end[..table.key].to_vec());
        target.add(table, &lines).await?;
        bar.inc(lines.len() as u64);
    }
    if table.numbered {
        let given = source.last_given(table).await?;
        target.set_last_given(table, given).await?;
    }
    Ok(())
}

/// How many lines a table has, and the digest of them all; with the last id that was given.
async fn sum(house: &mut dyn Movable, table: &Table, bar: &ProgressBar) -> anyhow::Result<(u64, [u8; 32], i64)> {
    let (mut sum, mut count, mut last) = (Sum::default(), 0, None);
    loop {
        let lines = house.lines(table, last.as_deref(), LINES).await?;
        let Some(end) = lines.last() else { break };
        last = Some(end[..table.key].to_vec());
        lines.iter().for_each(|line| sum.add(line));
        count += lines.len() as u64;
        bar.inc(lines.len() as u64);
    }
    let given = if table.numbered { house.last_given(table).await? } else { 0 };
    Ok((count, sum.finish(), given))
}
