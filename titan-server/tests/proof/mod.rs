//! Proof of what Titan promises about messages: writers that never give up, readers that note what they hear, and a checker
//! that holds both against what the database file says.
//!
//! Nothing here uses the server's or the SDK's code: frames are raw JSON, the file is read with SQL of its own, and the
//! checker is a pure function that is itself tested with tampered observations.

pub mod book;
pub mod cast;
pub mod channels;
pub mod checker;
pub mod cutter;
pub mod doors;
pub mod files;
pub mod frames;
pub mod given;
pub mod ledger;
mod planted;
pub mod power;
pub mod process;
pub mod readers;
pub mod titan_net;
pub mod wire;
pub mod writers;

use std::path::Path;

use book::Book;
use checker::examine;
use readers::Reader;

pub use crate::support::postgres;

/// Waits until every reader has heard every conversation up to its head.
pub async fn all_hear(readers: &[Reader], heads: &[(i64, i64)]) {
    for (conversation, head) in heads {
        for reader in readers {
            reader.hears_up_to(*conversation, *head).await;
        }
    }
}

/// Fails with what the checker finds.
pub fn judge(folder: &Path, book: &Book, readers: &[Reader], seed: u64) {
    for reader in readers {
        book.heard(&reader.name, true, reader.logs());
    }
    let observed = book.close(ledger::read(folder));
    let entries: usize = observed.truth.values().map(Vec::len).sum();
    println!("{} sent, {} acknowledged, {entries} entries", observed.sent.len(), observed.acknowledged.len());
    let findings: Vec<String> = examine(&observed).iter().map(ToString::to_string).collect();
    let shown = findings.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(findings.is_empty(), "{} findings, TITAN_SEED={seed}:\n{shown}", findings.len());
    let logs = readers.first().map(Reader::logs);
    assert!(readers.iter().all(|reader| Some(reader.logs()) == logs), "the readers' logs are not equal");
}
