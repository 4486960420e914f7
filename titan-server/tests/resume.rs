//! Storms of reconnects: however often and wherever the line is cut, every reader hears the whole log, in order and once,
//! and every writer's messages are there once.

use crate::proof::book::Book;
use crate::proof::cast::Cast;
use crate::proof::cutter::Cutter;
use crate::proof::given::{DEADLINE, number};
use crate::proof::{all_hear, judge};
use crate::support::TestHouse;
use tokio::sync::watch;

/// Bytes that pass in one direction at most before a cut: some dozens of events, hundreds of posts.
const PASS_MOST: u64 = 24_000;

#[tokio::test(flavor = "multi_thread")]
async fn every_reader_hears_the_whole_log_however_often_the_line_is_cut() {
    let (wanted, seed) = (number("TITAN_CUTS", 300), number("TITAN_SEED", rand::random()));
    println!("TITAN_CUTS={wanted} TITAN_SEED={seed}");
    let mut house = TestHouse::open().await;
    let cast = Cast::gather(house.address("http")).await;
    let cutter = Cutter::before(house.address("http"), PASS_MOST, seed).await;

    let (enough, book) = (watch::Sender::new(false), Book::new());
    let (_cut, through_cutter) = watch::channel(Some(cutter.address));
    let (mut work, mut reading) = (tokio::task::JoinSet::new(), tokio::task::JoinSet::new());
    for writer in cast.writers(&book, seed) {
        work.spawn(writer.work(book.clone(), through_cutter.clone(), enough.subscribe()));
    }
    let readers = cast.readers();
    for reader in &readers {
        reading.spawn(reader.clone().work(through_cutter.clone()));
    }
    let begun = tokio::time::Instant::now();
    while cutter.cuts() < wanted {
        book.more_promises(50).await;
        assert!(begun.elapsed() < DEADLINE, "only {} cuts", cutter.cuts());
    }
    enough.send_replace(true);
    while let Some(worked) = work.join_next().await {
        worked.unwrap();
    }
    let heads = cast.heads(house.address("http")).await;
    tokio::select! {
        () = all_hear(&readers, &heads) => {}
        ended = reading.join_next() => panic!("a reader gave up: {ended:?}"),
    }
    reading.shutdown().await;
    house.server.take().unwrap().close().await;
    judge(house.folder(), &book, &readers, seed);
}
