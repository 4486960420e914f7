//! Lets the clients talk, and waits until everybody has heard everything.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use titan_core::{ConversationId, client::Client};
use tokio::task::JoinSet;

use crate::{Arguments, crowd::Crowd, tally::Tally};

/// How long stragglers are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn talk(arguments: &Arguments, crowd: &Crowd, tally: &Arc<Tally>) {
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    match arguments.rate {
        Some(rate) => at_a_rate(arguments, crowd, tally, rate, end).await,
        None => as_fast_as_can_be(arguments, crowd, tally, end).await,
    }
    let patience = Instant::now() + PATIENCE;
    while tally.lost() > 0 && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// As many messages on their way as allowed, each followed by the next.
async fn as_fast_as_can_be(arguments: &Arguments, crowd: &Crowd, tally: &Arc<Tally>, end: Instant) {
    let talkers = (0..arguments.in_flight).map(|number| {
        let room = number % arguments.rooms;
        let (speaker, conversation) = speaker(crowd, room, number / arguments.rooms);
        let (tally, size) = (tally.clone(), arguments.size);
        tokio::spawn(async move {
            while Instant::now() < end {
                say(&speaker, conversation, room, Instant::now(), size, &tally).await;
            }
        })
    });
    join_all(talkers).await;
}

/// Messages at even times, whatever becomes of those before: one that comes late because the last was late counts as late.
async fn at_a_rate(arguments: &Arguments, crowd: &Crowd, tally: &Arc<Tally>, rate: f64, end: Instant) {
    let mut saying = JoinSet::new();
    let turn = AtomicUsize::new(0);
    let start = Instant::now();
    for number in 0.. {
        let due = start + Duration::from_secs_f64(f64::from(number) / rate);
        if due >= end {
            break;
        }
        tokio::time::sleep_until(due.into()).await;
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let room = turn % arguments.rooms;
        let (speaker, conversation) = speaker(crowd, room, turn / arguments.rooms);
        let (tally, size) = (tally.clone(), arguments.size);
        saying.spawn(async move { say(&speaker, conversation, room, due, size, &tally).await });
        while saying.try_join_next().is_some() {}
    }
    saying.join_all().await;
}

fn speaker(crowd: &Crowd, room: usize, turn: usize) -> (Client, ConversationId) {
    let speakers = &crowd.speakers[room];
    (speakers[turn % speakers.len()].clone(), crowd.rooms[room])
}

async fn say(speaker: &Client, conversation: ConversationId, room: usize, due: Instant, size: usize, tally: &Tally) {
    let (number, text) = tally.next_message(room, due, size);
    match speaker.post(conversation, &text).await {
        Ok(_) => tally.was_posted(room, number),
        Err(error) => {
            tally.failed();
            eprintln!("a message failed: {error}");
        }
    }
}
