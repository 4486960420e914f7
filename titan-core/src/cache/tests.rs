//! What the cache promises.

mod erased;

use proptest::prelude::*;

use super::*;
use crate::{
    AccountId, ClientId, ConversationId, EntryId, SafeText, Time, TitanNumber,
    client::{Draft, tests::entry},
    protocol::{Body, Entries, Entry, Fault, MemberRole, Message, Relation, RelationKind, Role, What},
};

const ROOM: ConversationId = ConversationId(1);

fn account(id: i64, username: &str) -> Account {
    Account {
        id: AccountId(id),
        username: username.into(),
        titan_number: TitanNumber(10_000 + id),
        full_name: None,
        blog_url: None,
        role: Role::User,
        created_at: Time(5),
    }
}

fn direct(id: i64, head: i64) -> Conversation {
    let mut conversation = Conversation::new(ConversationId(id), What::Direct(account(7, "bob")));
    (conversation.head, conversation.active_at) = (Seq(head), Some(Time(id)));
    conversation
}

fn with(seq: i64, author: i64, body: Body) -> Entry {
    let mut entry = entry(1, seq, "");
    entry.author.id = AccountId(author);
    entry.body = body;
    entry
}

fn edit(seq: i64, target: i64, text: &str) -> Entry {
    with(seq, 1, Body::Edit { target: Seq(target), text: text.into() })
}

fn deletion(seq: i64, target: i64) -> Entry {
    with(seq, 1, Body::Deletion { target: Seq(target) })
}

fn reaction(seq: i64, target: i64, author: i64, on: bool) -> Entry {
    with(seq, author, Body::Reaction { target: Seq(target), emoji: "👍".into(), on })
}

fn message(cache: &Cache, seq: i64) -> Message {
    match cache.entry(ROOM, Seq(seq)).unwrap().unwrap().body {
        Body::Message(message) => message,
        other => panic!("{other:?} is no message"),
    }
}

fn seqs(entries: &[Entry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.seq.0).collect()
}

#[test]
fn pages_come_in_order_and_hold_only_what_is_a_line_of_its_own() {
    let cache = Cache::in_memory().unwrap();
    let mut entries: Vec<Entry> = (1..=10).map(|seq| entry(1, seq, "x")).collect();
    entries[4] = reaction(5, 1, 2, true);
    cache.apply(&entries).unwrap();
    assert_eq!(seqs(&cache.entries(ROOM, Range::Last, 3).unwrap()), [8, 9, 10]);
    assert_eq!(seqs(&cache.entries(ROOM, Range::Before(Seq(8)), 3).unwrap()), [4, 6, 7]);
    assert_eq!(seqs(&cache.entries(ROOM, Range::After(Seq(4)), 2).unwrap()), [6, 7]);
    assert!(cache.entries(ConversationId(2), Range::Last, 3).unwrap().is_empty());
}

#[test]
fn messages_stand_as_they_were_last_left() {
    let cache = Cache::in_memory().unwrap();
    cache.apply(&[entry(1, 1, "teh"), edit(2, 1, "the"), reaction(3, 1, 2, true), reaction(4, 1, 3, true)]).unwrap();
    assert_eq!((message(&cache, 1).text.as_str(), message(&cache, 1).edited), ("the", Some(Seq(2))));
    assert_eq!(message(&cache, 1).reactions[0].accounts, [AccountId(2), AccountId(3)]);
    cache.apply(&[reaction(5, 1, 2, false), deletion(6, 1)]).unwrap();
    let gone = message(&cache, 1);
    assert!(gone.deleted && gone.text.is_empty() && gone.reactions.is_empty());
}

#[test]
fn a_page_read_later_is_not_undone_by_entries_read_before_it() {
    let cache = Cache::in_memory().unwrap();
    // The page shows message 1 as of seq 9: the reaction of seq 3 was taken back by then.
    cache.apply_page(&Entries { entries: vec![entry(1, 1, "x")], head: Seq(9) }).unwrap();
    cache.apply_page(&Entries { entries: vec![reaction(3, 1, 2, true)], head: Seq(9) }).unwrap();
    assert!(message(&cache, 1).reactions.is_empty());
    cache.apply(&[edit(10, 1, "y")]).unwrap();
    assert_eq!(message(&cache, 1).text.as_str(), "y");
}

#[test]
fn what_is_held_is_known_as_ranges() {
    let cache = Cache::in_memory().unwrap();
    cache.apply(&[entry(1, 5, "x"), entry(1, 6, "x")]).unwrap();
    cache.apply_page(&Entries { entries: vec![entry(1, 2, "x"), entry(1, 3, "x")], head: Seq(6) }).unwrap();
    assert_eq!(cache.held(ROOM).unwrap(), [(Seq(2), Seq(3)), (Seq(5), Seq(6))]);
    assert!(!cache.holds(ROOM, Seq(3), Seq(5)).unwrap());
    cache.apply_page(&Entries { entries: vec![entry(1, 4, "x")], head: Seq(6) }).unwrap();
    assert_eq!(cache.held(ROOM).unwrap(), [(Seq(2), Seq(6))]);
    assert!(cache.holds(ROOM, Seq(2), Seq(6)).unwrap());
}

#[test]
fn a_page_beside_the_stream_moves_the_place_to_resume_only_where_it_leaves_no_gap() {
    let cache = Cache::in_memory().unwrap();
    assert_eq!(cache.last_seq(ROOM).unwrap(), None);
    cache.apply(&[entry(1, 5, "x")]).unwrap();
    cache.apply_page(&Entries { entries: vec![entry(1, 8, "x")], head: Seq(8) }).unwrap();
    assert_eq!(cache.last_seq(ROOM).unwrap(), Some(Seq(5)));
    cache.apply_page(&Entries { entries: vec![entry(1, 6, "x"), entry(1, 7, "x")], head: Seq(8) }).unwrap();
    assert_eq!(cache.last_seq(ROOM).unwrap(), Some(Seq(8)));
}

#[test]
fn counts_follow_the_stream() {
    let cache = Cache::in_memory().unwrap();
    cache.claim(&account(7, "bob")).unwrap();
    cache.put_conversations(&[direct(1, 0), direct(2, 0)]).unwrap();
    cache.apply(&[entry(1, 1, "hi"), entry(1, 2, "are you there, @Bob?"), reaction(3, 1, 2, true)]).unwrap();
    let first = cache.conversations().unwrap().remove(0);
    assert_eq!((first.id, first.head, first.unread, first.mentions), (ROOM, Seq(3), 2, 1));
    cache.mark_read(ROOM, Seq(3)).unwrap();
    assert_eq!(cache.conversations().unwrap()[0].unread, 0);
}

#[test]
fn words_are_found_newest_first_and_the_last_may_be_unfinished() {
    let cache = Cache::in_memory().unwrap();
    cache.put_conversations(&[direct(1, 0), direct(2, 0)]).unwrap();
    cache
        .apply(&[entry(1, 1, "Zażółć gęślą jaźń"), entry(1, 2, "the quick fox"), entry(2, 1, "a quick brown fox")])
        .unwrap();
    let found = |query: &str, conversation| {
        let found = cache.search(query, conversation, 10).unwrap();
        found.iter().map(|found| (found.entry.conversation.0, found.entry.seq.0)).collect::<Vec<_>>()
    };
    assert_eq!(found("quick fo", None), [(2, 1), (1, 2)]);
    assert_eq!(found("fox quick", Some(ROOM)), [(1, 2)]);
    assert_eq!(found("qui fox", None), []);
    assert_eq!(found("zazolc", None), [(1, 1)]);
    assert_eq!(found("!!!", None), []);
    cache.apply(&[edit(3, 2, "the slow fox")]).unwrap();
    assert_eq!(found("quick", None), [(2, 1)]);
    cache.remove_conversation(ConversationId(2)).unwrap();
    assert_eq!(found("fox", None), [(1, 2)]);
}

#[test]
fn every_way_of_writing_is_found_offline() {
    let cache = Cache::in_memory().unwrap();
    cache.put_conversations(&[direct(1, 0)]).unwrap();
    let texts = [
        "私は東京に住んでいます",
        "오늘은회의가있습니다",
        "ภาษาไทยไม่มีช่องว่าง",
        "we launch 🚀 today",
        "قال مُحَمَّد ذلك",
        "मेरा काला घोड़ा",
    ];
    let entries: Vec<Entry> = texts.iter().zip(1..).map(|(text, seq)| entry(1, seq, text)).collect();
    cache.apply(&entries).unwrap();
    for (query, seq) in [("東京", 1), ("회의", 2), ("ไทย", 3), ("🚀", 4), ("محمد", 5), ("काला", 6)]
    {
        let found = cache.search(query, None, 9).unwrap();
        assert_eq!(found.iter().map(|found| found.entry.seq.0).collect::<Vec<_>>(), [seq], "{query}");
    }
    assert!(cache.search("कल", None, 9).unwrap().is_empty());
}

#[test]
fn pages_of_a_search_follow_each_other_and_say_when_they_end() {
    let cache = Cache::in_memory().unwrap();
    cache.put_conversations(&[direct(1, 0)]).unwrap();
    let entries: Vec<Entry> = (1..=5).map(|seq| entry(1, seq, "word")).collect();
    cache.apply(&entries).unwrap();
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let page = cache.find("wor", None, before, 2).unwrap();
        seen.extend(page.results.iter().map(|found| found.entry.seq.0));
        assert_eq!(page.complete, seen.len() == 5);
        let Some(next) = page.before else { break };
        before = Some(next);
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

#[test]
fn a_cache_of_the_version_before_keeps_its_history_and_learns_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.db");
    let cache = Cache::open(&path).unwrap();
    cache.put_conversations(&[direct(1, 0)]).unwrap();
    let entries: Vec<Entry> =
        (1..=6_000).map(|seq| entry(1, seq, if seq == 3 { "rare 東京" } else { "often" })).collect();
    cache.apply(&entries).unwrap();
    drop(cache);
    let before = "DROP TABLE words; DROP TABLE wordless; PRAGMA user_version = 2;
        CREATE VIRTUAL TABLE words USING fts5 (text, place, content = '', contentless_delete = 1, prefix = '2 3',
            tokenize = 'unicode61 remove_diacritics 2')";
    rusqlite::Connection::open(&path).unwrap().execute_batch(before).unwrap();
    let cache = Cache::open(&path).unwrap();
    assert_eq!(cache.notes(), [] as [String; 0]);
    assert_eq!(cache.entries(ROOM, Range::Last, 9_000).unwrap().len(), 6_000);
    let first = cache.find("京", None, None, 9).unwrap();
    assert!(first.results.is_empty() && !first.complete, "an answer that isn't all says so");
    cache.apply(&[edit(6_001, 2, "rare 大阪"), entry(1, 6_002, "new")]).unwrap();
    let next = cache.find("rare", None, first.before, 9).unwrap();
    assert_eq!(next.results.iter().map(|found| found.entry.seq.0).collect::<Vec<_>>(), [3, 2]);
    assert!(next.complete);
    assert_eq!(cache.search("大阪", None, 9).unwrap().len(), 1);
}

#[test]
fn the_outbox_keeps_its_order_and_what_was_refused() {
    let cache = Cache::in_memory().unwrap();
    let drafts: Vec<Draft> = ["one", "two"].map(|text| Draft::new(ROOM, text)).into();
    drafts.iter().for_each(|draft| cache.enqueue(draft).unwrap());
    cache.enqueue(&drafts[0]).unwrap();
    assert_eq!(cache.outbox().unwrap().len(), 2);
    cache.mark_failed(drafts[0].client_id, &Fault::forbidden("no")).unwrap();
    assert_eq!(cache.next_queued().unwrap().unwrap().text, "two");
    assert_eq!(cache.outbox().unwrap()[0].failed, Some(Fault::forbidden("no")));
    cache.enqueue(&drafts[0]).unwrap();
    assert_eq!(cache.next_queued().unwrap().unwrap().text, "one");
    assert!(cache.discard(drafts[0].client_id).unwrap());
    assert!(!cache.discard(ClientId::new()).unwrap());
    assert_eq!(cache.outbox().unwrap().len(), 1);
}

#[test]
fn everything_is_there_again_after_opening_anew_and_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/cache.db");
    let cache = Cache::open(&path).unwrap();
    cache.apply(&[entry(1, 1, "hello")]).unwrap();
    cache.set_draft(ROOM, "half").unwrap();
    cache.set_value("open", "1").unwrap();
    // Another process at the same time.
    let other = Cache::open(&path).unwrap();
    assert_eq!(other.drafts().unwrap(), [(ROOM, "half".to_owned())]);
    drop((cache, other));
    let cache = Cache::open(&path).unwrap();
    assert_eq!(cache.entries(ROOM, Range::Last, 9).unwrap().len(), 1);
    assert_eq!(cache.value("open").unwrap().as_deref(), Some("1"));
    assert!(cache.notes().is_empty());
    cache.set_draft(ROOM, "").unwrap();
    assert_eq!(cache.draft(ROOM).unwrap(), None);
    #[cfg(unix)]
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn a_damaged_or_newer_file_is_set_aside_and_what_is_ours_alone_survives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.db");
    Cache::open(&path).unwrap().set_draft(ROOM, "precious").unwrap();
    std::fs::write(&path, b"this is not a database, whatever it says on the tin".repeat(100)).unwrap();
    let cache = Cache::open(&path).unwrap();
    assert!(cache.notes()[0].contains("damaged"));
    assert!(cache.notes().is_empty());
    assert_eq!(cache.draft(ROOM).unwrap().as_deref(), Some("precious"));
    drop(cache);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(Cache::open(&path).unwrap().notes()[0].contains("newer"));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.iter().filter(|name| name.to_string_lossy().contains(".aside-")).count(), 2, "{names:?}");
}

#[test]
fn damage_found_while_running_is_set_aside_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.db");
    let cache = Cache::open(&path).unwrap();
    let many: Vec<Entry> = (1..=2000).map(|seq| entry(1, seq, "some words to fill pages with")).collect();
    cache.apply(&many).unwrap();
    drop(cache);
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[8192..end].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let cache = Cache::open(&path).unwrap();
    assert!(cache.entries(ROOM, Range::Last, 9).is_err());
    assert!(cache.notes()[0].contains("damaged"));
    assert!(cache.entries(ROOM, Range::Last, 9).unwrap().is_empty());
    cache.apply(&many[..1]).unwrap();
}

#[test]
fn what_exists_nowhere_else_is_synced_at_each_change() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path().join("cache.db")).unwrap();
    let synchronous = |db: &Connection| db.pragma_query_value(None, "synchronous", |row| row.get::<_, i32>(0)).unwrap();
    assert_eq!((synchronous(&lock(&cache.0.history)), synchronous(&lock(&cache.0.own))), (1, 2));
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photos.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE photo (id)").unwrap();
    let error = Cache::open(&path).err().unwrap().to_string();
    assert!(error.contains("another program"), "{error}");
}

#[test]
fn nobody_gets_the_history_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path().join("cache.db")).unwrap();
    cache.claim(&account(1, "ada")).unwrap();
    cache.apply(&[entry(1, 1, "secret")]).unwrap();
    cache.enqueue(&Draft::new(ROOM, "mine")).unwrap();
    cache.claim(&account(1, "ada")).unwrap();
    assert_eq!(cache.outbox().unwrap().len(), 1);
    cache.claim(&account(2, "bob")).unwrap();
    assert!(cache.entries(ROOM, Range::Last, 9).unwrap().is_empty() && cache.outbox().unwrap().is_empty());
    assert_eq!(cache.me().unwrap().unwrap().username.as_str(), "bob");
    assert!(cache.notes()[0].contains("ada"));
}

/// A log of messages and of changes to them, as a server would write it.
fn any_log() -> impl Strategy<Value = Vec<Entry>> {
    let change = (0u8..6, 0usize..40, 1i64..4, any::<bool>());
    proptest::collection::vec(change, 1..40).prop_map(|changes| {
        let mut log: Vec<Entry> = Vec::new();
        for (index, (kind, target, author, on)) in changes.into_iter().enumerate() {
            let seq = index as i64 + 1;
            let target = (target as i64 % seq).max(1);
            let is_message = log.get(target as usize - 1).is_some_and(|entry| matches!(entry.body, Body::Message(_)));
            log.push(match kind {
                1 if is_message => edit(seq, target, &format!("edit{seq}")),
                2 if is_message && on => deletion(seq, target),
                3..6 if is_message => reaction(seq, target, author, on),
                _ => entry(1, seq, &format!("text{seq}")),
            });
        }
        log
    })
}

/// The log with its messages as they stand at `as_of`, the plain way: by replaying it.
fn standing(log: &[Entry], as_of: usize) -> Vec<Entry> {
    let cache = Cache::in_memory().unwrap();
    cache.apply(&log[..as_of]).unwrap();
    (1..=as_of as i64).map(|seq| cache.entry(ROOM, Seq(seq)).unwrap().unwrap()).collect()
}

/// Messages without the order in which people reacted, which only a whole replay knows.
fn comparable(cache: &Cache, log: &[Entry]) -> Vec<Option<Entry>> {
    let entries = (1..=log.len() as i64).map(|seq| cache.entry(ROOM, Seq(seq)).unwrap());
    let sorted = entries.map(|entry| {
        entry.map(|mut entry| {
            if let Body::Message(message) = &mut entry.body {
                message.reactions.iter_mut().for_each(|reaction| reaction.accounts.sort());
            }
            entry
        })
    });
    sorted.filter(|entry| entry.as_ref().is_none_or(|entry| matches!(entry.body, Body::Message(_)))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever pages of history were read, at whatever time and in whatever order, once everything is held every message
    /// stands as in a replay of the whole log.
    #[test]
    fn messages_stand_right_whatever_way_their_log_came(
        log in any_log(),
        reads in proptest::collection::vec((0usize..40, 0usize..40, 0usize..40), 0..8),
        followed in 0usize..40,
        again in any::<bool>(),
    ) {
        let whole = Cache::in_memory().unwrap();
        whole.apply(&log).unwrap();
        let cache = Cache::in_memory().unwrap();
        for (as_of, from, count) in reads {
            let as_of = as_of % log.len() + 1;
            let from = from % as_of;
            let page = standing(&log, as_of)[from..as_of.min(from + count + 1)].to_vec();
            cache.apply_page(&Entries { entries: page, head: Seq(as_of as i64) }).unwrap();
        }
        let followed = followed % log.len();
        let rest = standing(&log, followed);
        cache.apply(&log[followed..]).unwrap();
        cache.apply_page(&Entries { entries: rest, head: Seq(followed as i64) }).unwrap();
        if again {
            cache.apply(&log).unwrap();
        }
        prop_assert_eq!(comparable(&cache, &log), comparable(&whole, &log));
        prop_assert_eq!(cache.held(ROOM).unwrap(), [(Seq(1), Seq(log.len() as i64))]);
    }

    #[test]
    fn any_text_is_a_legal_query(text in any::<String>(), extra in "[\"*^:()\\-+{}\\\\ \0a-cANDORNEAR]{0,20}") {
        let cache = Cache::in_memory().unwrap();
        cache.apply(&[entry(1, 1, &text)]).unwrap();
        prop_assert!(cache.search(&text, None, 5).is_ok());
        prop_assert!(cache.search(&extra, Some(ROOM), 5).is_ok());
    }

    #[test]
    fn held_ranges_neither_touch_nor_overlap(seqs in proptest::collection::vec(1i64..40, 0..60)) {
        let cache = Cache::in_memory().unwrap();
        for seq in &seqs {
            cache.apply(&[entry(1, *seq, "x")]).unwrap();
        }
        let held = cache.held(ROOM).unwrap();
        prop_assert!(held.windows(2).all(|pair| pair[0].1.0 + 1 < pair[1].0.0));
        let all: std::collections::BTreeSet<i64> = seqs.into_iter().collect();
        let covered: Vec<i64> = held.iter().flat_map(|(first, last)| first.0..=last.0).collect();
        prop_assert_eq!(covered, all.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn ids_of_entries_decide_what_is_newer() {
    let cache = Cache::in_memory().unwrap();
    cache.put_conversations(&[direct(1, 0)]).unwrap();
    let (mut first, mut second) = (entry(1, 1, "word"), entry(1, 2, "word"));
    (first.id, second.id) = (EntryId(10), EntryId(20));
    cache.apply(&[first, second]).unwrap();
    assert_eq!(cache.search("word", None, 1).unwrap()[0].entry.seq, Seq(2));
}

#[test]
fn who_is_blocked_is_known_before_the_network_answers() {
    let relation = |id, name: &str, relation| Relation {
        person: Person { account: account(id, name), online: false },
        relation,
        since: Time(1),
    };
    let cache = Cache::in_memory().unwrap();
    assert!(cache.relations().unwrap().is_empty());
    cache.put_relations(&[relation(7, "bob", RelationKind::Friend)]).unwrap();
    cache.put_relation(&relation(8, "eve", RelationKind::Requests)).unwrap();
    cache.put_relation(&relation(8, "eve", RelationKind::Blocked)).unwrap();
    let known = |cache: &Cache| -> Vec<(i64, RelationKind)> {
        cache.relations().unwrap().iter().map(|it| (it.person.account.id.0, it.relation)).collect()
    };
    assert_eq!(known(&cache), [(7, RelationKind::Friend), (8, RelationKind::Blocked)]);
    cache.end_relation(AccountId(8)).unwrap();
    cache.put_people(&[Person { account: account(7, "bob"), online: true }]).unwrap();
    cache.forget_person(AccountId(7)).unwrap();
    assert!(known(&cache).is_empty() && cache.people().unwrap().is_empty());
}

#[test]
fn my_own_role_and_mute_are_kept_and_those_of_others_are_not_mine() {
    let cache = Cache::in_memory().unwrap();
    cache.claim(&account(1, "ada")).unwrap();
    cache.put_conversations(&[direct(1, 3)]).unwrap();
    cache.member_changed(ROOM, AccountId(2), MemberRole::Owner, None).unwrap();
    assert_eq!(cache.conversations().unwrap()[0].room_role, MemberRole::Member);
    cache.member_changed(ROOM, AccountId(1), MemberRole::Moderator, Some(Time(9))).unwrap();
    let mine = cache.conversations().unwrap().remove(0);
    assert_eq!((mine.room_role, mine.muted_until), (MemberRole::Moderator, Some(Time(9))));
}

#[test]
fn a_house_of_another_epoch_finds_no_history_and_every_unsent_word() {
    let cache = Cache::in_memory().unwrap();
    cache.put_conversations(&[direct(1, 3)]).unwrap();
    cache.apply(&[entry(1, 3, "gone")]).unwrap();
    cache.set_draft(ROOM, "half a thou").unwrap();
    let draft = Draft::new(ROOM, "unsent");
    cache.enqueue(&draft).unwrap();
    assert!(!cache.enter_epoch("first").unwrap(), "an epoch heard of for the first time drops nothing");
    assert!(!cache.enter_epoch("first").unwrap());
    assert_eq!(cache.entries(ROOM, Range::Last, 9).unwrap().len(), 1);
    assert!(cache.enter_epoch("second").unwrap());
    assert!(cache.entries(ROOM, Range::Last, 9).unwrap().is_empty() && cache.conversations().unwrap().is_empty());
    assert!(cache.search("gone", None, 9).unwrap().is_empty() && cache.last_seq(ROOM).unwrap().is_none());
    assert_eq!(cache.draft(ROOM).unwrap().as_deref(), Some("half a thou"));
    assert_eq!(cache.outbox().unwrap()[0].client_id, draft.client_id);
    assert_eq!(cache.epoch().unwrap().as_deref(), Some("second"));
    cache.apply(&[entry(1, 3, "true")]).unwrap();
    assert_eq!(cache.search("true", None, 9).unwrap().len(), 0, "not listed yet");
    cache.put_conversations(&[direct(1, 3)]).unwrap();
    assert_eq!(cache.search("true", None, 9).unwrap().len(), 1);
}
