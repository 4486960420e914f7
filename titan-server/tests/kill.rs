//! Twenty kills under load (TITAN_KILLS says otherwise): what was acknowledged is there, once, in its order, and nothing
//! else is. The server is the real one in a process of its own; SIGKILL comes at random moments, at the start too.
//!
//! A kill alone leaves what the system has taken in; so the same is done once more with power cuts, where what was not
//! fsynced is gone as well, and with a disk whose fsync fails.

use crate::proof;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::proof::book::Book;
use crate::proof::cast::{Cast, Person};
use crate::proof::doors::{ChannelPosts, JsonLines, Slash};
use crate::proof::frames::Frames;
use crate::proof::given::{GENERAL, moment, number};
use crate::proof::power::Power;
use crate::proof::process::{DOORS, Doors, Process};
use crate::proof::wire::Whereabouts;
use crate::proof::{all_hear, judge, ledger};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tokio::sync::watch;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kills_at_random_moments_under_load() {
    survives(number("TITAN_KILLS", 20), Process::start).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_power_cuts_that_take_all_that_was_not_fsynced() {
    if proof::postgres::chosen() {
        return; // What PostgreSQL keeps through a power cut is its own to prove.
    }
    let power = Power::build();
    survives(number("TITAN_POWER_CUTS", 10), |folder| Process::start_with(folder, power.variables())).await;
}

/// Lets everybody write and read while the server is killed and started again, and holds the log against what they saw.
async fn survives(kills: u64, start: impl Fn(&Path) -> Process) {
    let seed = number("TITAN_SEED", rand::random());
    println!("{kills} kills, TITAN_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let start = || start(folder.path());
    let mut random = StdRng::seed_from_u64(seed);
    let mut server = start();
    let mut doors = server.ready().await;
    let cast = Cast::gather(doors["http"]).await;

    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let outside = Outside::new();
    let native = outside.of("http");
    let (enough, book) = (watch::Sender::new(false), Book::new());
    let (mut work, mut reading) = (tokio::task::JoinSet::new(), tokio::task::JoinSet::new());
    for writer in cast.writers(&book, seed) {
        work.spawn(writer.work(book.clone(), native.clone(), enough.subscribe()));
    }
    for writer in cast.net_writers(&book) {
        work.spawn(writer.work(book.clone(), outside.of("titan-net"), enough.subscribe()));
    }
    work.spawn(cast.channel_writer(&book).work(book.clone(), native.clone(), enough.subscribe()));
    let [json_lines, slash, channels, frames] = cast.door_writers(&book);
    work.spawn(json_lines.work::<JsonLines>(book.clone(), outside.of("json-lines"), enough.subscribe()));
    work.spawn(slash.work::<Slash>(book.clone(), outside.of("slash"), enough.subscribe()));
    work.spawn(channels.work::<ChannelPosts>(book.clone(), native.clone(), enough.subscribe()));
    work.spawn(frames.work::<Frames>(book.clone(), outside.of("tls-frames"), enough.subscribe()));
    let sender = cast.file_sender(&book, seed);
    let files = tokio::spawn(sender.work(book.clone(), native.clone(), enough.subscribe()));
    let readers = cast.readers();
    for reader in &readers {
        reading.spawn(reader.clone().work(native.clone()));
    }

    for _ in 0..kills {
        outside.shows(&doors);
        fatal_moment(&mut random, &book).await;
        server.kill();
        outside.shows(&Doors::new());
        (server, doors) = revive(&start, &mut random).await;
    }
    outside.shows(&doors);
    book.all_are_heeded().await;
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

/// Where people see which doors are open just now.
struct Outside(HashMap<&'static str, watch::Sender<Option<SocketAddr>>>);

impl Outside {
    fn new() -> Self {
        Self(DOORS.into_iter().map(|door| (door, watch::Sender::new(None))).collect())
    }

    fn of(&self, door: &str) -> Whereabouts {
        self.0[door].subscribe()
    }

    fn shows(&self, doors: &Doors) {
        for (door, sender) in &self.0 {
            sender.send_replace(doors.get(*door).copied());
        }
    }
}

/// Any moment: after some time, or just when the next promises have been made.
async fn fatal_moment(random: &mut StdRng, book: &Book) {
    book.more_promises(random.random_range(0..200)).await;
    if random.random_bool(0.7) {
        moment(Duration::from_micros(random.random_range(0..300_000))).await;
    }
}

/// Starts the server again; now and then it doesn't even get to stand up.
async fn revive(start: impl Fn() -> Process, random: &mut StdRng) -> (Process, Doors) {
    while random.random_bool(0.2) {
        let mut server = start();
        moment(Duration::from_micros(random.random_range(0..150_000))).await;
        server.kill();
    }
    let mut server = start();
    let doors = server.ready().await;
    (server, doors)
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_is_told_of_promises_nothing_and_is_used_again_by_the_next_start() {
    if proof::postgres::chosen() {
        return; // The disk that fails here is the server's own.
    }
    let (folder, power) = (tempfile::tempdir().unwrap(), Power::build());
    let mut server = Process::start_with(folder.path(), power.variables());
    let native = server.ready().await["http"];
    let ada = Person::register(native, "ada").await;
    let mut wire = ada.enter(native).await;
    let post = |number: u64| json!({"do": "post", "conversation": GENERAL, "text": format!("ada {number}")});
    wire.ask(post(1)).await.unwrap();

    power.fails();
    let id = wire.request(post(2)).await.unwrap();
    while let Some(frame) = wire.hear_soon("the end of the line").await {
        assert_ne!(frame["entry"]["text"], "ada 2", "announced without being on disk");
        assert_ne!(frame["id"], id, "answered though nobody knows what is on disk: {frame}");
    }

    power.works();
    let mut server = Process::start_with(folder.path(), power.variables());
    let mut wire = ada.enter(server.ready().await["http"]).await;
    wire.ask(post(3)).await.unwrap();
    server.kill();
    let log = &ledger::read(folder.path())[&GENERAL];
    let texts: Vec<_> = log.iter().filter_map(|line| line.text.as_deref()).collect();
    // Whether the second was kept is the disk's to say; it was told to nobody.
    assert!(texts == ["ada 1", "ada 3"] || texts == ["ada 1", "ada 2", "ada 3"], "{texts:?}");
}
