//! Taking in what an older system kept, while no server runs: all of it in one transaction, or nothing.
//!
//! One file a system reads that system's data and says what it means; what all of them do alike (names that may stand,
//! passwords, rooms that fill up in the order of time, files, the counts at the end) is in the other files. The source is
//! only ever read. What can't come in is left out by a line, never silently.

mod adding;
mod channels;
mod done;
mod fingerprint;
mod foreign;
mod json_lines;
mod known;
mod likeness;
mod names;
mod naming;
#[doc(hidden)]
pub mod parsers;
mod passwords;
mod people;
mod redact;
mod sharing;
mod shelf;
mod talk;
mod times;
mod titan_net;
mod tls_frames;
mod under_way;
mod utuvox;
mod wish;

use anyhow::{Context, bail};

pub use self::done::Imported;
pub use self::wish::{House, Memory, Safekeeping, System, Wish};
use crate::foreign::Foreign;
pub use crate::foreign::Place;

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
    if wish.add_files && [System::JsonLines, System::TlsFrames].contains(&system) {
        bail!("{} keeps no files", system.called());
    }
    let foreign = Foreign::open(&wish.from).with_context(|| format!("reading {}", wish.from))?;
    match system {
        System::TitanNet => titan_net::import(house, wish, &foreign),
        System::Channels => channels::import(house, wish, &foreign),
        System::JsonLines => json_lines::import(house, wish, &foreign),
        System::TlsFrames => tls_frames::import(house, wish, &foreign),
        System::Utuvox => utuvox::import(house, wish, &foreign),
    }
    .with_context(|| format!("importing {}", wish.from))
}
