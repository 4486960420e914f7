//! Taking in what an older system kept, while no server runs: all of it in one transaction, or nothing.
//!
//! One file a system reads that system's data and says what it means; what all of them do alike (names that may stand,
//! passwords, rooms that fill up in the order of time, files, the counts at the end) is in the other files. The source is
//! only ever read. What can't come in is left out by a line, never silently.

mod channels;
mod done;
mod foreign;
mod json_lines;
mod names;
mod passwords;
mod people;
mod shelf;
mod talk;
mod times;
mod titan_net;
mod tls_frames;
mod under_way;
mod utuvox;

use std::path::PathBuf;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use jiff::tz::TimeZone;

pub use self::done::Imported;
use crate::foreign::Foreign;
pub use crate::foreign::Place;

/// The house that it goes into, which may have people in it already.
#[derive(Clone, Debug)]
pub struct House {
    pub data_dir: PathBuf,
    /// The file with its memory.
    pub database: PathBuf,
    pub blobs: PathBuf,
    /// Shows how far a work of so many steps is.
    pub progress: fn(&'static str, u64) -> ProgressBar,
}

/// What the operator says about an older system's data.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its database: a file, or one in PostgreSQL.
    pub from: Place,
    /// Where its uploads are, if not beside the database.
    pub uploads: Option<PathBuf>,
    /// The zone its server was in, for times without one; none for the one that system is known to have written in.
    pub zone: Option<TimeZone>,
    /// Whether accounts may get another name or number where theirs can't stay.
    pub rename: bool,
    /// Do everything but keep it.
    pub dry_run: bool,
}

/// The older systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    TitanNet,
    Channels,
    JsonLines,
    TlsFrames,
    Utuvox,
}

/// Imports everything into the house, which may have people in it already. No server may be running. To be called outside
/// of any asynchronous runtime.
pub fn import(house: &House, system: System, wish: &Wish) -> anyhow::Result<Imported> {
    if let Place::File(path) = &wish.from
        && !path.is_file()
    {
        bail!("there is no file {}: name the database, {}", path.display(), system.example());
    }
    if let Some(uploads) = wish.uploads.as_ref().filter(|uploads| !uploads.is_dir()) {
        bail!("there is no folder {}: name the one with the uploads", uploads.display());
    }
    let reading = || format!("reading {}", wish.from);
    if system == System::TitanNet {
        return titan_net::import(house, wish);
    }
    let foreign = Foreign::open(&wish.from).with_context(reading)?;
    match system {
        System::Channels => channels::import(house, wish, &foreign),
        System::JsonLines => json_lines::import(house, wish, &foreign),
        System::TlsFrames => tls_frames::import(house, wish, &foreign),
        System::Utuvox | System::TitanNet => utuvox::import(house, wish, &foreign),
    }
    .with_context(|| format!("importing {}", wish.from))
}

impl System {
    /// As the command line and the audit log call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::TitanNet => "titan-net",
            Self::Channels => "channels",
            Self::JsonLines => "json-lines",
            Self::TlsFrames => "tls-frames",
            Self::Utuvox => "utuvox",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::TitanNet => "such as database/titannet.db",
            Self::Channels => "such as app.db, or postgresql://USER@HOST/DATABASE",
            Self::JsonLines => "such as postgresql://USER@HOST/DATABASE",
            Self::TlsFrames => "such as ptDatabase.db",
            Self::Utuvox => "such as utuvox_db.db",
        }
    }

    /// The zone that the system wrote its times in.
    fn zone(self) -> TimeZone {
        match self {
            Self::Utuvox => TimeZone::system(),
            _ => TimeZone::UTC,
        }
    }
}
