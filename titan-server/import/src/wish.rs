//! What the operator says about an older system's data.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use indicatif::ProgressBar;
use jiff::tz::TimeZone;
use titan_core::Secret;
use titan_store::Verifier;

use crate::foreign::Place;

/// Keeps a password safely that an older system kept weakly.
#[derive(Clone)]
pub struct Safekeeping(pub Arc<dyn Fn(&Verifier) -> Verifier + Send + Sync>);

impl fmt::Debug for Safekeeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Safekeeping")
    }
}

impl Safekeeping {
    /// All of them, on as many cores as there are: each takes some hundredths of a second.
    pub fn of_all(&self, verifiers: &[Option<&Verifier>]) -> Vec<Option<Verifier>> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let share = verifiers.len().div_ceil(cores).max(1);
        let (safely, mut kept) = (&self.0, vec![None; verifiers.len()]);
        std::thread::scope(|scope| {
            for (kept, given) in kept.chunks_mut(share).zip(verifiers.chunks(share)) {
                scope.spawn(move || {
                    for (kept, given) in kept.iter_mut().zip(given) {
                        *kept = given.map(|given| safely(given));
                    }
                });
            }
        });
        kept
    }
}

/// The house that it goes into, which may have people in it already.
#[derive(Clone, Debug)]
pub struct House {
    pub data_dir: PathBuf,
    pub memory: Memory,
    pub blobs: PathBuf,
    pub safely: Safekeeping,
    /// Shows how far a work of so many steps is.
    pub progress: fn(&'static str, u64) -> ProgressBar,
}

/// What keeps the house's memory.
#[derive(Clone, Debug)]
pub enum Memory {
    File(PathBuf),
    /// The address of a PostgreSQL database, and what may be shown of it.
    Postgres {
        url: Secret,
        shown: String,
    },
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres { shown, .. } => f.write_str(shown),
        }
    }
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
    /// A list of names that accounts get, in place of those they had.
    pub names: Option<PathBuf>,
    /// Import even where files are missing.
    pub leave_out_files: bool,
    /// Bring only those files in that an earlier import had to leave out.
    pub add_files: bool,
    /// Import what is in the house already.
    pub again: bool,
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

    /// As people call it.
    pub fn called(self) -> &'static str {
        match self {
            Self::TitanNet => "the original Titan-Net server",
            Self::Channels => "the channels server",
            Self::JsonLines => "the JSON-lines server",
            Self::TlsFrames => "the TLS-frames server",
            Self::Utuvox => "UtuVox",
        }
    }

    pub fn example(self) -> &'static str {
        match self {
            Self::TitanNet => "such as database/titannet.db",
            Self::Channels => "such as app.db, or postgresql://USER@HOST/DATABASE",
            Self::JsonLines => "such as postgresql://USER@HOST/DATABASE",
            Self::TlsFrames => "such as ptDatabase.db",
            Self::Utuvox => "such as utuvox_db.db",
        }
    }

    /// The zone that the system wrote its times in.
    pub fn zone(self) -> TimeZone {
        match self {
            Self::Utuvox => TimeZone::system(),
            _ => TimeZone::UTC,
        }
    }
}
