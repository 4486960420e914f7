//! Twenty kills under load (TITAN_KILLS says otherwise): what was acknowledged is there, once, in its order, and nothing
//! else is. The server is the real one in a process of its own; SIGKILL comes at random moments, at the start too.
//!
//! What a kill can't show: whether the disk has what the system has. `disk.rs` holds back fsync to show that.

#[path = "proof/planted.rs"]
mod planted;
mod proof;

use std::path::Path;
use std::time::Duration;

use proof::book::Book;
use proof::cast::Cast;
use proof::process::{Doors, Process};
use proof::{all_hear, judge, ledger, moment, number};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kills_at_random_moments_under_load() {
    let (kills, seed) = (number("TITAN_KILLS", 20), number("TITAN_SEED", rand::random()));
    println!("TITAN_KILLS={kills} TITAN_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let mut random = StdRng::seed_from_u64(seed);
    let mut server = Process::start(folder.path());
    let mut doors = server.ready().await;
    let cast = Cast::gather(doors["http"]).await;

    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let (native, net) = (watch::Sender::new(None), watch::Sender::new(None));
    let (enough, book) = (watch::Sender::new(false), Book::new());
    let (mut work, mut reading) = (tokio::task::JoinSet::new(), tokio::task::JoinSet::new());
    for writer in cast.writers(&book, seed) {
        work.spawn(writer.work(book.clone(), native.subscribe(), enough.subscribe()));
    }
    for writer in cast.net_writers(&book) {
        work.spawn(writer.work(book.clone(), net.subscribe(), enough.subscribe()));
    }
    let sender = cast.file_sender(&book, seed);
    let files = tokio::spawn(sender.work(book.clone(), native.subscribe(), enough.subscribe()));
    let readers = cast.readers();
    for reader in &readers {
        reading.spawn(reader.clone().work(native.subscribe()));
    }

    for _ in 0..kills {
        native.send_replace(Some(doors["http"]));
        net.send_replace(Some(doors["titan-net"]));
        fatal_moment(&mut random, &book).await;
        server.kill();
        native.send_replace(None);
        net.send_replace(None);
        (server, doors) = revive(folder.path(), &mut random).await;
    }
    native.send_replace(Some(doors["http"]));
    net.send_replace(Some(doors["titan-net"]));
    enough.send_replace(true);
    while let Some(worked) = work.join_next().await {
        worked.unwrap();
    }
    let files = files.await.unwrap();
    let heads = cast.heads(doors["http"]).await;
    tokio::select! {
        () = all_hear(&readers, &heads) => {}
        ended = reading.join_next() => panic!("a reader gave up: {ended:?}"),
    }
    reading.shutdown().await;
    server.kill();
    println!("{} files", files.len());
    judge(folder.path(), &book, &readers, seed);
    ledger::holds(folder.path(), &files);
    assert!(book.promises() >= kills, "there was no load to speak of");
}

/// Any moment: after some time, or just when the next promises have been made.
async fn fatal_moment(random: &mut StdRng, book: &Book) {
    book.more_promises(random.random_range(0..200)).await;
    if random.random_bool(0.7) {
        moment(Duration::from_micros(random.random_range(0..300_000))).await;
    }
}

/// Starts the server again; now and then it doesn't even get to stand up.
async fn revive(folder: &Path, random: &mut StdRng) -> (Process, Doors) {
    while random.random_bool(0.2) {
        let mut server = Process::start(folder);
        moment(Duration::from_micros(random.random_range(0..150_000))).await;
        server.kill();
    }
    let mut server = Process::start(folder);
    let doors = server.ready().await;
    (server, doors)
}
