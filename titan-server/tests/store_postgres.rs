//! What the PostgreSQL store promises beyond the contract: its lock, lost connections, operators beside it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::store_support::{postgres, *};
use titan_core::protocol::{Entry, Role};
use titan_core::{ClientId, Seq, Time};
use titan_server::store::{self, *};

/// Ends every connection to the database but the one that says so.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_an_admin_beside_the_server() {
    let Some(house) = postgres().await else { return };
    account(&*house.store, "admin").await;
    house.run("UPDATE users SET is_admin = 1 WHERE username = 'admin'");
    let admin = async || house.store.account(AccountKey::Username("admin".into())).await.unwrap().unwrap();
    assert_eq!(admin().await.role, Role::Admin);
    house.run("UPDATE users SET is_admin = 0, full_name = 'A' WHERE username = 'admin'");
    assert_eq!((admin().await.role, admin().await.full_name.as_deref()), (Role::User, Some("A")));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_opening_again() {
    let Some(house) = postgres().await else { return };
    let ada = account(&*house.store, "ada").await;
    let once = DraftEntry { client_id: Some(ClientId::new()), ..draft(&ada, GENERAL, "once") };
    let first = house.store.append(once.clone()).await.unwrap().entry;
    let gone = house.store.create_room(new_room("gone", ada.id), Warrant::default()).await.unwrap().id;
    house.store.delete_room(gone, None, Time(1), Warrant::default()).await.unwrap();
    house.store.purge(10).await.unwrap();
    let house = house.reopen().await;
    let again = house.store.append(once).await.unwrap();
    assert_eq!((again.fresh, again.entry), (false, first));
    let next = says(&*house.store, &ada, GENERAL, "next").await;
    assert_eq!((next.seq, next.id.0), (Seq(2), 3), "the id of a purged entry is not given again");
    assert_eq!(house.store.check().await.unwrap(), [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_an_older_rule_let_in_go_on() {
    let Some(house) = postgres().await else { return };
    let people = twins(&*house.store).await;
    house.run("UPDATE house SET names = 0");
    let house = house.reopen().await.reopen().await;
    twins_go_on(&*house.store, people).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_to_the_audit_log_from_beside_is_found_out() {
    for (tampered, row) in TAMPERED {
        let Some(house) = postgres().await else { return };
        five_acts(&*house.store).await;
        house.run(tampered);
        names_the_row(&*house.store, tampered, row).await;
        let house = house.reopen().await;
        five_acts(&*house.store).await;
        names_the_row(&*house.store, tampered, row).await;
        house.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_log_whose_end_was_cut_off_is_found_out() {
    for (cut, row, later) in CUT_OFF {
        let Some(house) = postgres().await else { return };
        five_acts(&*house.store).await;
        house.run(cut);
        names_the_row(&*house.store, cut, row).await;
        let house = house.reopen().await;
        names_the_row(&*house.store, cut, row).await;
        five_acts(&*house.store).await;
        names_the_row(&*house.store, cut, later).await;
        house.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_log_of_before_is_chained_as_it_is() {
    let Some(house) = postgres().await else { return };
    for _ in 0..30 {
        five_acts(&*house.store).await;
    }
    let chain = house.store.audit_chain().await.unwrap();
    house.run("UPDATE audit SET hash = NULL");
    house.run("UPDATE house SET audit_row = NULL, audit_hash = NULL");
    assert_eq!(house.store.check().await.unwrap(), [] as [String; 0]);
    let house = house.reopen().await;
    assert_eq!(house.store.audit_chain().await.unwrap(), chain);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_is_refused_until_the_first_is_gone() {
    let Some(house) = postgres().await else { return };
    let refusal = open_postgres(&house.database.url).await.err().unwrap().to_string();
    assert!(refusal.contains("another titan-server"), "{refusal}");
    house.store.close().await;
    assert!(open_postgres(&house.database.url).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_refused_and_untouched() {
    let Some(database) = postgres::Database::make() else { return };
    postgres::run(&database.url, "CREATE TABLE users (id BIGINT)");
    let refusal = open_postgres(&database.url).await.err().unwrap().to_string();
    assert!(refusal.contains("another program's"), "{refusal}");
    postgres::run(&database.url, "DROP TABLE users");
    open_postgres(&database.url).await.unwrap().0.close().await;
    postgres::run(&database.url, "UPDATE titan_house SET version = 99");
    let refusal = open_postgres(&database.url).await.err().unwrap().to_string();
    assert!(refusal.contains("version 99") && refusal.contains("newer titan-server"), "{refusal}");
    let nowhere = open_postgres("postgres://titan@127.0.0.1:1/titan").await;
    assert!(matches!(nowhere, Err(StoreError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verb_that_fails_half_way_takes_nobody_along() {
    let Some(house) = postgres().await else { return };
    let (ada, bob) = (account(&*house.store, "ada").await, account(&*house.store, "bob").await);
    let room = house.store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    house.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$; \
         CREATE TRIGGER poison BEFORE INSERT ON entries FOR EACH ROW WHEN (NEW.text LIKE 'poison%') \
         EXECUTE FUNCTION refuse(); \
         CREATE TRIGGER nobody BEFORE INSERT ON members FOR EACH ROW EXECUTE FUNCTION refuse();",
    );
    let texts: Vec<_> =
        (0..40).map(|n| if n % 7 == 3 { format!("poison {n}") } else { format!("bread {n}") }).collect();
    let sends = texts.iter().map(|text| house.store.append(draft(&ada, GENERAL, text)));
    // Joining writes its entry before its membership, which is refused.
    let joining = house.store.join(room, bob.id, Time(2), Warrant::default());
    let (answers, joined) = tokio::join!(futures_util::future::join_all(sends), joining);
    assert!(joined.is_err());
    for (text, answer) in texts.iter().zip(&answers) {
        assert_eq!(answer.is_ok(), text.starts_with("bread"), "{text}: {answer:?}");
    }
    let mut log = house.store.entries(room, Range::After(Seq(0)), 100).await.unwrap();
    log.extend(house.store.entries(GENERAL, Range::After(Seq(0)), 100).await.unwrap());
    assert_eq!(log, house.committed().all().await);
    assert_eq!(found(&*house.store, &ada, "poison").await, [] as [Seq; 0]);
    assert_eq!(house.store.check().await.unwrap(), [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_connections_under_load_lose_nothing_and_double_nothing() {
    let Some(house) = postgres().await else { return };
    let people = [account(&*house.store, "ada").await, account(&*house.store, "bob").await];
    let enough = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (store, who, enough) = (house.store.clone(), people[writer % 2].clone(), enough.clone());
            tokio::spawn(async move { talk(&store, &who, writer, &enough).await })
        })
        .collect();
    let url = house.database.url.clone();
    let cuts = tokio::task::spawn_blocking(move || {
        let mut cut = 0;
        for _ in 0..25 {
            std::thread::sleep(Duration::from_millis(rand::random_range(1..250)));
            cut += postgres::run(&url, CUT).len();
        }
        cut
    });
    assert!(cuts.await.unwrap() >= 15, "there was hardly anything to cut");
    enough.store(true, Ordering::SeqCst);
    let mut told: Vec<Entry> = Vec::new();
    for writer in writers {
        told.extend(writer.await.unwrap());
    }
    let log = eventually(async || house.store.entries(GENERAL, Range::After(Seq(0)), u32::MAX / 2).await.ok()).await;
    assert_eq!(log.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), (1..=log.len() as i64).collect::<Vec<_>>());
    assert_eq!(log, house.committed().all().await, "what was announced is what is there");
    let mut times = HashMap::new();
    log.iter().for_each(|entry| *times.entry(&*message(entry).text).or_insert(0) += 1);
    assert!(times.values().all(|&times| times == 1), "doubled: {times:?}");
    told.sort_by_key(|entry| entry.seq);
    assert!(told.len() >= 100, "there was no load to speak of: {}", told.len());
    assert_eq!(told, log, "what was answered is what is there");
    assert_eq!(house.store.check().await.unwrap(), [] as [String; 0]);
}

/// Says numbered things one after the other, each again under its client id until it is answered.
async fn talk(
    store: &store::postgres::PostgresStore,
    who: &AccountRecord,
    writer: usize,
    enough: &AtomicBool,
) -> Vec<Entry> {
    let mut told = Vec::new();
    while !enough.load(Ordering::SeqCst) {
        let text = format!("{writer} says {}", told.len());
        let draft = DraftEntry { client_id: Some(ClientId::new()), ..draft(who, GENERAL, &text) };
        let deadline = Instant::now() + Duration::from_secs(20);
        let appended = loop {
            match store.append(draft.clone()).await {
                Ok(appended) => break appended,
                Err(StoreError::Unavailable(_)) => assert!(Instant::now() < deadline, "it never came back"),
                Err(other) => panic!("{other:?}"),
            }
        };
        told.push((*appended.entry).clone());
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_told_of_and_used_again_once_it_is_back() {
    let Some(house) = postgres().await else { return };
    let ada = account(&*house.store, "ada").await;
    let name = house.database.url.rsplit('/').next().unwrap().to_owned();
    let elsewhere = std::env::var("TITAN_TEST_POSTGRES").unwrap();
    postgres::run(&elsewhere, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    postgres::run(
        &elsewhere,
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    );
    let begun = Instant::now();
    // The writer may notice only over this very commit, and then can't say what became of it.
    let refused = house.store.append(draft(&ada, GENERAL, "lost")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_) | StoreError::Unsettled(_))), "{refused:?}");
    let (first, begun) = (begun.elapsed(), Instant::now());
    assert!(matches!(house.store.append(draft(&ada, GENERAL, "lost too")).await, Err(StoreError::Unavailable(_))));
    assert!(begun.elapsed() < first, "who comes later does not wait as long");
    assert!(matches!(house.store.head(GENERAL).await, Err(StoreError::Unavailable(_))));
    postgres::run(&elsewhere, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    let sent = eventually(async || house.store.append(draft(&ada, GENERAL, "back")).await.ok()).await;
    assert_eq!(sent.entry.seq, Seq(1), "what was refused is not there");
    assert_eq!(house.store.head(GENERAL).await.unwrap(), Seq(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn breaks_of_a_log_are_found_and_named() {
    for (harm, word) in [
        ("DELETE FROM entries WHERE seq = 2", "gap"),
        ("DELETE FROM entries WHERE seq = 3", "does not end at its head"),
        ("UPDATE entries SET conversation = 50 WHERE seq = 3", "entries of no conversation"),
        ("UPDATE house SET next_entry = 2", "will be given again"),
        ("UPDATE conversations SET members = 9", "count of members"),
        ("UPDATE entries SET deleted = 1 WHERE seq = 3", "words of a message that is gone"),
        ("DELETE FROM message_words", "search doesn't know"),
    ] {
        let Some(house) = postgres().await else { return };
        let ada = account(&*house.store, "ada").await;
        for n in 0..3 {
            says(&*house.store, &ada, GENERAL, &n.to_string()).await;
        }
        house.run(harm);
        let lines = house.store.check().await.unwrap();
        assert!(lines.iter().any(|line| line.contains(word)), "{harm}: {lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_a_text_harms_nothing() {
    let Some(house) = postgres().await else { return };
    let ada = account(&*house.store, "ada").await;
    assert!(house.store.account(AccountKey::Username("a\0da".into())).await.unwrap().is_none());
    assert!(house.store.room_named("\0".into(), ada.id).await.unwrap().is_none());
    assert!(house.store.accounts("\0".into(), Page::whole()).await.unwrap().is_empty());
    assert_eq!(house.store.address_ban("\0".into()).await.unwrap(), None);
    assert_eq!(shares(&*house.store, &ada, GENERAL, "a\0b", 1).await.seq, Seq(1));
}

/// Asks until there is an answer, for twenty seconds.
async fn eventually<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "it never came");
        tokio::task::yield_now().await;
    }
}
