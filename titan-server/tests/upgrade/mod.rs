//! Houses that the release before made, lived in at every door and killed, come over to this one: whole, wherever the process
//! is killed on the way; and that release refuses them afterwards. All with the real binary.
#![cfg(unix)]

mod answers;
mod dying;
mod house;
mod proxy;

use crate::support::postgres::Database;
use dying::{Death, Library};
use house::{House, Kind};

/// The newest tables that the release before knows: it refuses a house of a higher version.
const KNOWN_BEFORE: [(Kind, i64); 2] = [(Kind::Sqlite, 2), (Kind::Postgres, 1)];

#[tokio::test(flavor = "multi_thread")]
async fn a_house_of_the_release_before_comes_over_whole() {
    comes_over(House::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_of_the_release_before_in_postgresql_comes_over_whole() {
    let Some(database) = Database::make() else { return };
    comes_over(House::postgres(database)).await;
}

/// Everything is as it was, and goes on.
async fn comes_over(house: House) {
    let before = house.rows();
    assert!(before.values().all(|rows| !rows.is_empty()), "something of every kind: {before:?}");
    let mut server = house.serve();
    answers::are_what_they_were(&house, &server).await;
    house.is(&before);
    house.brings_in_all_words();
    answers::are_what_they_were(&house, &server).await;
    answers::people_go_on(&house, &server).await;
    house.seals_all_rows();
    let epoch = house.epoch();
    assert_eq!(epoch.len(), 32, "it has an epoch of its own: {epoch}");
    server.terminate();
    house.is_sound();
    house.serve();
    assert_eq!(house.epoch(), epoch, "which it keeps");
}

#[test]
fn a_server_says_what_it_does_before_it_is_ready() {
    let house = House::sqlite();
    let first = house.says_until_ready();
    assert!(first.contains("from version 2 to 11") && first.contains("was brought over in"), "{first}");
    let second = house.says_until_ready();
    assert!(!second.contains("version"), "there is nothing to bring over any more: {second}");
}

/// Each change that the process makes to its files is its last one once: not begun, or torn in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn a_house_killed_at_any_write_on_its_way_over_comes_over_at_the_next_start() {
    let library = Library::build();
    let mut points = 0;
    for torn in [false, true] {
        for at in (1..).step_by(step()) {
            let house = House::sqlite();
            let before = house.rows();
            match dying::start(&house, &library, at, torn) {
                Death::Killed => points += 1,
                Death::Lived => break,
            }
            comes_over_after_a_kill(&house, &before, &format!("killed at change {at}, torn: {torn}")).await;
        }
    }
    assert!(points > 100 / step(), "the process was killed at {points} points only");
}

/// Each message that the process sends to PostgreSQL is its last one once: not sent, or sent and never answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_house_in_postgresql_killed_at_any_message_comes_over_at_the_next_start() {
    let mut points = 0;
    for sent in [false, true] {
        for at in (1..).step_by(step()) {
            let Some(database) = Database::make() else { return };
            let house = House::postgres(database);
            let before = house.rows();
            match proxy::start(&house, proxy::Moment { at, sent }).await {
                Death::Killed => points += 1,
                Death::Lived => break,
            }
            comes_over_after_a_kill(&house, &before, &format!("killed at message {at}, sent: {sent}")).await;
        }
    }
    assert!(points > 100 / step(), "the process was killed at {points} points only");
}

/// From one death to the next; a release takes every one of them: `TITAN_DEATHS=1`.
fn step() -> usize {
    std::env::var("TITAN_DEATHS").map_or(11, |step| step.parse().unwrap())
}

async fn comes_over_after_a_kill(house: &House, before: &house::Rows, when: &str) {
    eprintln!("{when}");
    let mut server = house.serve();
    house.is(before);
    answers::somebody_goes_on(house, &server).await;
    house.seals_all_rows();
    house.brings_in_all_words();
    server.terminate();
    house.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_before_refuses_what_has_come_over() {
    for (kind, known) in KNOWN_BEFORE {
        let house = match kind {
            Kind::Sqlite => House::sqlite(),
            Kind::Postgres => {
                let Some(database) = Database::make() else { return };
                House::postgres(database)
            }
        };
        assert_eq!(house.version(), known);
        drop(house.serve());
        assert!(house.version() > known, "that release knows versions up to {known} and refuses newer ones");
    }
}
