//! What every store finds: the same, however it is written, however much was said since, and while its index is being made.

use std::collections::BTreeSet;

use crate::store_support::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rusqlite::Connection;
use titan_core::text::{Sought, words};
use titan_core::{EntryId, Seq, Time};
use titan_server::store::*;

/// Messages that are said so that a search has to ask the index.
const MANY: usize = 600;

/// Runs each story on a fresh store of each kind, beside which SQL can be run.
macro_rules! stories {
    ($($story:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let house = crate::store_support::sqlite();
                let run = |sql: &str| super::Connection::open(house.path()).unwrap().execute_batch(sql).unwrap();
                super::$story(house.store.as_ref(), run).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let Some(house) = crate::store_support::postgres().await else { return };
                let run = |sql: &str| house.run(&sql.replace("INSERT INTO message_words (message_words) VALUES ('delete-all')", "DELETE FROM message_words"));
                super::$story(house.store.as_ref(), run).await;
                titan_server::store::Upkeep::close(&*house.store).await;
            })*
        }
    };
}

stories! {
    every_way_of_writing_is_found
    files_and_captions_are_found_as_they_stand
    pages_follow_each_other_to_the_end
    what_is_found_is_what_the_words_say
    messages_of_before_are_found_while_their_words_are_brought_in
    nobody_finds_what_others_say_however_many_rooms_they_are_in
}

/// Says much that nobody looks for.
async fn says_much(store: &impl Store, who: &AccountRecord, text: &str) {
    let mut waiting = Vec::new();
    for _ in 0..MANY {
        waiting.push(store.take_in(draft(who, GENERAL, text)).await.unwrap());
    }
    for said in waiting {
        said.await.unwrap();
    }
}

async fn every_way_of_writing_is_found(store: &impl Store, _: impl Fn(&str)) {
    let ada = account(store, "ada").await;
    let said = [
        ("私は東京に住んでいます", "東京"),
        ("我们明天开会讨论新版本", "开会"),
        ("오늘은회의가있습니다", "회의"),
        ("ภาษาไทยไม่มีช่องว่าง", "ไทย"),
        ("we launch 🚀 today", "🚀"),
        ("قال مُحَمَّد ذلك", "محمد"),
        ("זה שָׁלוֹם לך", "שלום"),
        ("die Straße ist frei", "strasse"),
        ("यह हिन्दी है", "हिन्दी"),
        ("Ełk i Łódź", "łódź"),
        ("मेरा काला घोड़ा", "काला"),
        ("report-2026_final.pdf", "report-2026_fin"),
    ];
    for (text, _) in said {
        says(store, &ada, GENERAL, text).await;
    }
    let find = async |lately: &str| {
        for ((text, query), seq) in said.iter().zip(1..) {
            assert_eq!(found(store, &ada, query).await, [Seq(seq)], "{query} in {text}, {lately}");
        }
        for query in ["कल", "कीतोब", "京東", "rasse", "laun today"] {
            assert_eq!(found(store, &ada, query).await, [] as [Seq; 0], "{query}, {lately}");
        }
    };
    // As messages of late, and then by the index.
    find("just said").await;
    says_much(store, &ada, "noise").await;
    find("long ago").await;
}

async fn files_and_captions_are_found_as_they_stand(store: &impl Store, _: impl Fn(&str)) {
    let ada = account(store, "ada").await;
    let sent = shares(store, &ada, GENERAL, "Übersicht.PDF", 7).await;
    says_much(store, &ada, "noise").await;
    assert_eq!(found(store, &ada, "ubersicht").await, [sent.seq]);
    edits(store, &ada, sent.seq, "the caption").await.unwrap();
    assert_eq!(found(store, &ada, "capt").await, [sent.seq]);
    assert_eq!(found(store, &ada, "caption ubers").await, [sent.seq]);
    edits(store, &ada, sent.seq, "").await.unwrap();
    assert_eq!(found(store, &ada, "capt").await, [] as [Seq; 0]);
    assert_eq!(found(store, &ada, "ubersicht.pd").await, [sent.seq]);
    deletes(store, &ada, sent.seq).await.unwrap();
    assert_eq!(found(store, &ada, "ubersicht").await, [] as [Seq; 0]);
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

async fn pages_follow_each_other_to_the_end(store: &impl Store, _: impl Fn(&str)) {
    let ada = account(store, "ada").await;
    for text in ["seldom one", "seldom two", "seldom three"] {
        says(store, &ada, GENERAL, text).await;
    }
    says_much(store, &ada, "often said").await;
    for (query, limit, count) in [("often", 250, MANY), ("oft", 500, MANY), ("seldom", 2, 3), ("\"said\"", 600, MANY)] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let hits = store.search(ada.id, Query { before, ..Query::of(query, limit) }).await.unwrap();
            assert!(hits.entries.len() <= limit as usize);
            seen.extend(hits.entries.iter().map(|entry| entry.id));
            let Some(rest) = hits.rest else { break };
            assert!(before.is_none_or(|before| rest < before), "every page gets on");
            before = Some(rest);
        }
        assert_eq!(seen.len(), count, "{query}");
        assert!(seen.is_sorted_by(|one, next| one > next), "the newest first, each once");
    }
    let all = store.search(ada.id, Query::of("seldom", 3)).await.unwrap();
    assert_eq!((all.entries.len(), all.rest), (3, None), "a full page is not taken for more");
    let none = store.search(ada.id, Query { before: Some(EntryId(1)), ..Query::of("seldom", 3) }).await.unwrap();
    assert_eq!((none.entries.len(), none.rest), (0, None));
}

/// Both stores are held against one oracle, so each finds what the other does.
async fn what_is_found_is_what_the_words_say(store: &impl Store, _: impl Fn(&str)) {
    let ada = account(store, "ada").await;
    let mut runner = TestRunner::deterministic();
    let letters = "(a|b|ab|ba|é|e|ß|ss|東|京|東京|ไ|ท|ไทย|كِ|ك|का|क|🚀|👍🏽|👍|회의|-|_| |  |\\.|'){1,12}";
    let mut text = || proptest::string::string_regex(letters).unwrap().new_tree(&mut runner).unwrap().current();
    let texts: Vec<String> = (0..80).map(|_| text()).collect();
    let queries: Vec<String> = (0..150).map(|_| text()).collect();
    for text in &texts {
        says(store, &ada, GENERAL, text).await;
    }
    says_much(store, &ada, "noise").await;
    for query in queries {
        let hits = store.search(ada.id, Query::of(&query, 500)).await.unwrap();
        let found: BTreeSet<i64> = hits.entries.iter().map(|entry| entry.seq.0).collect();
        let sought = Sought::of(&query);
        let there = |text: &String| sought.as_ref().is_some_and(|sought| sought.is_in(&words(text)));
        let expected: BTreeSet<i64> =
            texts.iter().zip(1..).filter(|(text, _)| there(text)).map(|(_, seq)| seq).collect();
        assert_eq!(found, expected, "{query:?}");
    }
}

async fn messages_of_before_are_found_while_their_words_are_brought_in(store: &impl Store, run: impl Fn(&str)) {
    let ada = account(store, "ada").await;
    for text in ["the first needle", "another needle", "a third needle, deleted", "no such thing"] {
        says(store, &ada, GENERAL, text).await;
    }
    says_much(store, &ada, "noise").await;
    run("UPDATE house SET words_from = next_entry; INSERT INTO message_words (message_words) VALUES ('delete-all')");
    let last = says(store, &ada, GENERAL, "the newest needle").await.seq;
    deletes(store, &ada, Seq(3)).await.unwrap();
    edits(store, &ada, Seq(4), "it became a needle").await.unwrap();
    assert_eq!(store.check().await.unwrap(), [] as [String; 0], "what is not brought in yet is no damage");
    let mut steps = 0;
    loop {
        assert_eq!(found(store, &ada, "needle").await, [last, Seq(4), Seq(2), Seq(1)], "after {steps} steps");
        assert_eq!(found(store, &ada, "thi").await, [] as [Seq; 0]);
        edits(store, &ada, last, &format!("the newest needle, {steps}")).await.unwrap();
        if store.index_words(100).await.unwrap() == 0 {
            break;
        }
        steps += 1;
    }
    assert!(steps >= 6, "in steps: {steps}");
    edits(store, &ada, Seq(2), "nothing").await.unwrap();
    assert_eq!(found(store, &ada, "needle").await, [last, Seq(4), Seq(1)]);
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

async fn nobody_finds_what_others_say_however_many_rooms_they_are_in(store: &impl Store, _: impl Fn(&str)) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let mut rooms = Vec::new();
    for n in 0..70 {
        rooms.push(store.create_room(new_room(&format!("room {n}"), ada.id), Warrant::default()).await.unwrap().id);
    }
    let others = store.create_room(new_room("others", bob.id), Warrant::default()).await.unwrap().id;
    says(store, &bob, others, "needle").await;
    let mine = says(store, &ada, rooms[69], "needle").await;
    says_much(store, &ada, "noise").await;
    assert_eq!(found(store, &ada, "needle").await, [mine.seq]);
    assert_eq!(found(store, &ada, "need").await, [mine.seq]);
    let within = |room| Query { within: Some(room), ..Query::of("needle", 9) };
    assert_eq!(store.search(ada.id, within(rooms[69])).await.unwrap().entries.len(), 1);
    assert_eq!(store.search(ada.id, within(others)).await.unwrap().entries.len(), 0);
    store.delete_room(rooms[69], None, Time(1), Warrant::default()).await.unwrap();
    assert_eq!(found(store, &ada, "needle").await, [] as [Seq; 0]);
    while store.purge(100).await.unwrap() > 0 {}
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}
