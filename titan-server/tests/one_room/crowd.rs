//! All doors at once, under load: one order everywhere.

use super::pairs::all_are_written;
use super::*;
use crate::guests::DOORS;

/// All of them together fit what the TLS-frames door shows of a conversation: 200 lines.
const LINES: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn six_doors_at_once_hear_one_order() {
    let house = open_house().await;
    let mut host = house.enter("host").await;
    let general = Place::general();
    let mut crowd = Vec::new();
    for door in DOORS {
        let name = format!("{door:?}").to_lowercase();
        let mut talker = Talker::enter(&house, door, &name).await;
        talker.goes_to(&general).await;
        crowd.push(talker);
    }
    let said: Vec<Vec<String>> = crowd.iter().map(|talker| lines(&talker.name, "general", LINES)).collect();
    let talking = crowd.iter_mut().zip(&said).map(|(talker, lines)| talker.says_all(lines));
    futures_util::future::join_all(talking).await;
    all_are_written(&mut host, titan_core::GENERAL.0, LINES * DOORS.len()).await;
    host.says(titan_core::GENERAL.0, "that is all").await;
    let log = native::log(&mut host, titan_core::GENERAL.0).await;
    assert_eq!(log.len(), LINES * DOORS.len() + 1);
    for (talker, lines) in crowd.iter_mut().zip(&said) {
        has_all(&log, &talker.name, lines);
        talker.has_heard(&general, &log, "that is all").await;
    }
}
