//! The switchboard by itself, over a log in memory: order, gaps, slow readers, going back.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use proptest::prelude::*;
use titan_core::protocol::{Author, Body, Entry, Event, Message, Place};
use titan_core::{AccountId, ClientId, ConversationId, EntryId, FileId, Seq, SessionId, Time, TitanNumber};
use titan_server::store::{Appending, DraftEntry, FileRecord, Hits, Log, Query, Range, StoreError, StoreResult};
use titan_server::switchboard::{Ending, Happening, Listener, Next, Switchboard};

const ROOM: ConversationId = ConversationId(7);
const OTHER: ConversationId = ConversationId(8);
const ADA: AccountId = AccountId(1);
/// More than any listener's queue holds.
const FLOOD: i64 = 1_000;

/// What has happened, by conversation; only reading forward is ever asked of it.
#[derive(Default)]
struct Memory(Mutex<Vec<Arc<Entry>>>);

impl Memory {
    fn write(&self, conversation: ConversationId, seqs: impl Iterator<Item = i64>) -> Vec<Arc<Entry>> {
        let entries: Vec<_> = seqs.map(|seq| Arc::new(entry(conversation, seq))).collect();
        self.0.lock().unwrap().extend(entries.iter().cloned());
        entries
    }
}

#[async_trait]
impl Log for Memory {
    async fn entries(&self, conversation: ConversationId, range: Range, limit: u32) -> StoreResult<Vec<Entry>> {
        let Range::After(after) = range else { return Err(StoreError::NotFound) };
        let all = self.0.lock().unwrap();
        let later = all.iter().filter(|entry| entry.conversation == conversation && entry.seq > after);
        Ok(later.take(limit as usize).map(|entry| Entry::clone(entry)).collect())
    }
    async fn take_in(&self, _: DraftEntry) -> StoreResult<Appending> {
        Err(StoreError::NotFound)
    }
    async fn written(&self, _: AccountId, _: ClientId) -> StoreResult<Option<Entry>> {
        Err(StoreError::NotFound)
    }
    async fn messages(&self, _: ConversationId, _: Option<Seq>, _: u32) -> StoreResult<Vec<Entry>> {
        Err(StoreError::NotFound)
    }
    async fn entry(&self, _: ConversationId, _: Seq) -> StoreResult<Option<Entry>> {
        Err(StoreError::NotFound)
    }
    async fn head(&self, _: ConversationId) -> StoreResult<Seq> {
        Err(StoreError::NotFound)
    }
    async fn search(&self, _: AccountId, _: Query) -> StoreResult<Hits> {
        Err(StoreError::NotFound)
    }
    async fn entries_by(&self, _: AccountId, _: EntryId, _: u32) -> StoreResult<Vec<Entry>> {
        unreachable!("the switchboard reads pages only")
    }

    async fn file_named(&self, _: String) -> StoreResult<Option<FileRecord>> {
        unreachable!("the switchboard reads pages only")
    }

    async fn own_reactions(&self, _: AccountId, _: ConversationId, _: Seq) -> StoreResult<Vec<String>> {
        unreachable!("the switchboard reads pages only")
    }
    async fn number_of_files(&self, _: ConversationId) -> StoreResult<u64> {
        unreachable!("the switchboard reads pages only")
    }
    async fn files_among(&self, _: Vec<FileId>) -> StoreResult<Vec<FileRecord>> {
        unreachable!("the switchboard reads pages only")
    }
    async fn files(&self, _: ConversationId, _: Range, _: u32) -> StoreResult<Vec<FileRecord>> {
        unreachable!("the switchboard reads pages only")
    }

    async fn file(&self, _: FileId) -> StoreResult<Option<FileRecord>> {
        Err(StoreError::NotFound)
    }
}

fn entry(conversation: ConversationId, seq: i64) -> Entry {
    let author = Author::new(ADA, "ada".into(), TitanNumber(10_000));
    let said = Body::Message(Message::new("x".into()));
    Entry::new(Place::new(conversation, Seq(seq)), EntryId(conversation.0 * 1_000_000 + seq), author, Time(0), said)
}

/// A switchboard that announces what is committed, and one listener of two conversations from their beginnings on.
struct Board {
    memory: Arc<Memory>,
    switchboard: Switchboard,
    listener: Arc<Listener>,
}

impl Board {
    fn new() -> Self {
        let memory = Arc::new(Memory::default());
        let switchboard = Switchboard::new(memory.clone());
        let listener = Listener::new(ADA, SessionId(1), IpAddr::V4(Ipv4Addr::LOCALHOST), true);
        switchboard.attach(&listener);
        switchboard.subscribe(&listener, ROOM, Seq(0));
        switchboard.subscribe(&listener, OTHER, Seq(0));
        Self { memory, switchboard, listener }
    }

    /// Writes entries and hands them over, as a store does.
    async fn commit(&self, conversation: ConversationId, seqs: impl Iterator<Item = i64>) {
        let entries = self.memory.write(conversation, seqs);
        self.switchboard.announce(entries.into_iter());
    }

    async fn next(&self) -> Next {
        let next = self.listener.next(&*self.memory);
        tokio::time::timeout(Duration::from_secs(10), next).await.expect("nothing came")
    }

    /// What is heard of a conversation up to a seq, beside how often `caught_up` came.
    async fn hears_to(&self, conversation: ConversationId, last: i64) -> (Vec<i64>, usize) {
        let (mut seqs, mut caught_up) = (Vec::new(), 0);
        while seqs.last() != Some(&last) {
            let Next::Deliveries(deliveries) = self.next().await else { panic!("it ended") };
            for delivery in deliveries {
                match delivery.happening() {
                    Happening::Entry(entry) if entry.conversation == conversation => seqs.push(entry.seq.0),
                    Happening::Entry(_) => {}
                    Happening::Passing(event) => caught_up += usize::from(**event == Event::caught_up()),
                }
            }
        }
        (seqs, caught_up)
    }

    async fn is_told_that_it_caught_up(&self) {
        loop {
            let Next::Deliveries(deliveries) = self.next().await else { panic!("it ended") };
            let told =
                |happening: &Happening| matches!(happening, Happening::Passing(event) if **event == Event::caught_up());
            if deliveries.iter().any(|delivery| told(delivery.happening())) {
                return;
            }
        }
    }
}

fn all(to: i64) -> Vec<i64> {
    (1..=to).collect()
}

#[tokio::test]
async fn entries_come_in_order_and_once() {
    let board = Board::new();
    board.commit(ROOM, 1..=3).await;
    board.commit(OTHER, 1..=2).await;
    board.commit(ROOM, 4..=5).await;
    assert_eq!(board.hears_to(ROOM, 5).await.0, all(5));
}

#[tokio::test]
async fn what_was_already_heard_is_not_told_again() {
    let board = Board::new();
    board.commit(ROOM, 1..=3).await;
    board.switchboard.announce((2..=3).map(|seq| Arc::new(entry(ROOM, seq))));
    board.commit(ROOM, 4..=4).await;
    assert_eq!(board.hears_to(ROOM, 4).await.0, all(4));
}

#[tokio::test]
async fn a_gap_is_read_from_the_log() {
    let board = Board::new();
    board.memory.write(ROOM, 1..=4);
    board.commit(ROOM, 5..=5).await;
    assert_eq!(board.hears_to(ROOM, 5).await.0, all(5));
    board.is_told_that_it_caught_up().await;
}

#[tokio::test]
async fn a_reader_that_sleeps_through_a_flood_misses_nothing_and_holds_nobody_up() {
    let board = Board::new();
    for first in (1..=FLOOD).step_by(10) {
        board.commit(ROOM, first..first + 10).await;
    }
    board.commit(OTHER, 1..=1).await;
    assert_eq!(board.hears_to(ROOM, FLOOD).await.0, all(FLOOD));
    board.is_told_that_it_caught_up().await;
    board.commit(ROOM, FLOOD + 1..=FLOOD + 1).await;
    assert_eq!(board.hears_to(ROOM, FLOOD + 1).await.0, [FLOOD + 1]);
}

#[tokio::test]
async fn going_back_tells_everything_after_that_place_once_more() {
    let board = Board::new();
    board.commit(ROOM, 1..=20).await;
    board.hears_to(ROOM, 20).await;
    board.listener.rewind(&[(ROOM, Seq(12)), (ConversationId(99), Seq(0))]);
    board.commit(ROOM, 21..=22).await;
    assert_eq!(board.hears_to(ROOM, 22).await.0, (13..=22).collect::<Vec<_>>());
    board.is_told_that_it_caught_up().await;
}

#[tokio::test]
async fn going_back_in_one_conversation_loses_nothing_of_another_that_is_behind() {
    let board = Board::new();
    board.commit(ROOM, 1..=3).await;
    board.commit(OTHER, 1..=FLOOD).await;
    board.listener.rewind(&[(ROOM, Seq(1))]);
    assert_eq!(board.hears_to(OTHER, FLOOD).await.0, all(FLOOD));
}

#[tokio::test]
async fn going_back_in_a_conversation_that_was_left_meanwhile_tells_nothing_after_a_gap() {
    let board = Board::new();
    board.commit(ROOM, 1..=3).await;
    board.switchboard.unsubscribe_account(ADA, ROOM);
    board.listener.rewind(&[(ROOM, Seq(1))]);
    board.commit(OTHER, 1..=1).await;
    let Next::Deliveries(deliveries) = board.next().await else { panic!("it ended") };
    let of_room = |happening: &Happening| matches!(happening, Happening::Entry(entry) if entry.conversation == ROOM);
    assert!(!deliveries.iter().any(|delivery| of_room(delivery.happening())));
}

#[tokio::test]
async fn who_left_hears_no_more_of_it_and_who_comes_back_hears_from_there() {
    let board = Board::new();
    board.commit(ROOM, 1..=1).await;
    board.hears_to(ROOM, 1).await;
    board.switchboard.unsubscribe_account(ADA, ROOM);
    board.commit(ROOM, 2..=5).await;
    board.commit(OTHER, 1..=1).await;
    assert_eq!(board.hears_to(OTHER, 1).await.0, [1]);
    board.switchboard.subscribe_account(ADA, ROOM, Seq(4));
    assert_eq!(board.hears_to(ROOM, 5).await.0, [5]);
}

#[tokio::test]
async fn what_passes_may_be_dropped_but_never_silently() {
    let board = Board::new();
    for _ in 0..FLOOD {
        board.switchboard.tell_account(ADA, Event::room_removed(OTHER));
    }
    board.is_told_that_it_caught_up().await;
}

#[tokio::test]
async fn an_ending_comes_after_what_was_queued() {
    let board = Board::new();
    board.switchboard.tell_account(ADA, Event::room_removed(OTHER));
    board.switchboard.end_all(&Ending::closing());
    assert!(matches!(board.next().await, Next::Deliveries(deliveries) if deliveries.len() == 1));
    assert!(matches!(board.next().await, Next::Ended(ending) if ending.retry_after_ms.is_some()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// However commits are cut, whatever comes twice or never, and wherever the reader pauses: it hears all, in order, once.
    #[test]
    fn every_entry_is_heard_once_and_in_order(
        steps in proptest::collection::vec((1i64..80, any::<bool>(), any::<bool>()), 1..20)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let board = Board::new();
            let (mut head, mut heard) = (0, Vec::new());
            for (count, announced, reads) in steps {
                let entries = board.memory.write(ROOM, head + 1..=head + count);
                head += count;
                if announced {
                    board.switchboard.announce(entries.into_iter());
                    if reads {
                        heard.extend(board.hears_to(ROOM, head).await.0);
                    }
                }
            }
            board.commit(ROOM, head + 1..=head + 1).await;
            heard.extend(board.hears_to(ROOM, head + 1).await.0);
            assert_eq!(heard, all(head + 1));
        });
    }
}
