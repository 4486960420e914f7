//! What the SQLite store promises beyond the contract: its file, other processes beside it, a full disk, damage.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::store_support::*;
use rusqlite::Connection;
use titan_core::protocol::Role;
use titan_core::{ClientId, ConversationId, Seq, Time};
use titan_server::store::sqlite::SqliteStore;
use titan_server::store::*;

#[tokio::test]
async fn an_operator_makes_an_admin_beside_the_server() {
    let house = sqlite();
    account(&*house.store, "admin").await;
    let other = Connection::open(house.path()).unwrap();
    other.execute("UPDATE users SET is_admin = 1 WHERE username = 'admin'", []).unwrap();
    let admin = async || house.store.account(AccountKey::Username("admin".into())).await.unwrap().unwrap();
    assert_eq!(admin().await.role, Role::Admin);
    other.execute("UPDATE users SET is_admin = 0, full_name = 'A' WHERE username = 'admin'", []).unwrap();
    assert_eq!((admin().await.role, admin().await.full_name.as_deref()), (Role::User, Some("A")));
    let (name, admin): (String, bool) =
        other.query_row("SELECT username, is_admin FROM users", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!((name.as_str(), admin), ("admin", false));
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let house = sqlite();
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

#[tokio::test]
async fn names_that_an_older_rule_let_in_go_on() {
    let house = sqlite();
    let people = twins(&*house.store).await;
    Connection::open(house.path()).unwrap().execute("UPDATE house SET names = 0", []).unwrap();
    let house = house.reopen().await.reopen().await;
    twins_go_on(&*house.store, people).await;
}

#[tokio::test]
async fn whoever_writes_to_the_audit_log_from_beside_is_found_out() {
    for (tampered, row) in TAMPERED {
        let house = sqlite();
        five_acts(&*house.store).await;
        let head = house.store.audit_head().await.unwrap().unwrap();
        Connection::open(house.path()).unwrap().execute(tampered, []).unwrap();
        names_the_row(&*house.store, tampered, row).await;
        // Opening it again puts nothing right, and what is written after it is in the chain.
        let house = house.reopen().await;
        five_acts(&*house.store).await;
        names_the_row(&*house.store, tampered, row).await;
        Connection::open(house.path()).unwrap().execute("DELETE FROM audit WHERE id >= 5", []).unwrap();
        assert!(!house.store.audit_holds(head).await.unwrap(), "{tampered}: its end is gone");
    }
}

#[tokio::test]
async fn an_audit_log_whose_end_was_cut_off_is_found_out() {
    for (cut, row, later) in CUT_OFF {
        let house = sqlite();
        five_acts(&*house.store).await;
        Connection::open(house.path()).unwrap().execute(cut, []).unwrap();
        names_the_row(&*house.store, cut, row).await;
        let house = house.reopen().await;
        names_the_row(&*house.store, cut, row).await;
        five_acts(&*house.store).await;
        names_the_row(&*house.store, cut, later).await;
    }
}

#[tokio::test]
async fn an_audit_log_of_before_is_chained_as_it_is() {
    let house = sqlite();
    for _ in 0..30 {
        five_acts(&*house.store).await;
    }
    let chain = house.store.audit_chain().await.unwrap();
    let unchained = "UPDATE audit SET hash = NULL; UPDATE house SET audit_row = NULL, audit_hash = NULL";
    Connection::open(house.path()).unwrap().execute_batch(unchained).unwrap();
    assert_eq!(house.store.audit_chain().await.unwrap(), AuditChain { rows: 150, ..AuditChain::default() });
    assert_eq!(house.store.check().await.unwrap(), [] as [String; 0]);
    let house = house.reopen().await;
    assert_eq!(house.store.audit_chain().await.unwrap(), chain);
}

#[tokio::test]
async fn a_store_that_is_dropped_finishes_what_it_was_given() {
    let house = sqlite();
    let ada = account(&*house.store, "ada").await;
    let (path, announced) = (house.path(), house.committed());
    {
        let mut sends: Vec<_> =
            (0..50).map(|n| Box::pin(says(&*house.store, &ada, GENERAL, if n == 0 { "a" } else { "b" }))).collect();
        // Each is put into the queue, and then its caller goes away.
        for send in &mut sends {
            assert!(futures_util::poll!(send).is_pending());
        }
    }
    eventually(async || (house.store.head(GENERAL).await.unwrap() == Seq(50)).then_some(())).await;
    let heard = std::cell::Cell::new(0);
    eventually(async || {
        heard.set(heard.get() + announced.all().await.len());
        (heard.get() == 50).then_some(())
    })
    .await;
    assert!(path.exists());
}

#[tokio::test]
async fn a_newer_database_is_refused_and_untouched() {
    let house = sqlite();
    house.store.close().await;
    Connection::open(house.path()).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let refusal = open(&house.path()).err().unwrap().to_string();
    assert!(refusal.contains("version 99") && refusal.contains("newer titan-server"), "{refusal}");
    let version: i64 =
        Connection::open(house.path()).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[tokio::test]
async fn another_programs_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("titannet.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE users (id INTEGER PRIMARY KEY)").unwrap();
    assert!(open(&path).err().unwrap().to_string().contains("another program's"));
    std::fs::write(&path, "no database at all, but a text that is long enough to be read as a header").unwrap();
    assert!(matches!(open(&path), Err(StoreError::Broken(_))));
    assert!(matches!(open(&folder.path().join("no/such/titan.db")), Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn a_full_disk_is_said_and_outlived() {
    let house = sqlite();
    let store = &*house.store;
    let ada = account(store, "ada").await;
    let (direct, _) = store.open_direct(ada.id, ada.id, Time(1), Warrant::default()).await.unwrap();
    store.limit_pages(Some(1)).await.unwrap();
    let long = "many words to fill the pages with ".repeat(200);
    let mut written = 0;
    let refused = loop {
        match store.append(draft(&ada, GENERAL, &long)).await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the disk never became full");
    };
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    let callers = (0..20).map(|_| store.append(draft(&ada, GENERAL, &long)));
    for answer in futures_util::future::join_all(callers).await {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    assert_eq!(store.head(GENERAL).await.unwrap(), Seq(written), "reading goes on");
    assert_eq!(store.open_direct(ada.id, ada.id, Time(2), Warrant::default()).await.unwrap(), (direct, false));
    assert_eq!(found(store, &ada, "nowhere").await, [] as [Seq; 0]);

    store.limit_pages(None).await.unwrap();
    assert_eq!(says(store, &ada, GENERAL, "room again").await.seq, Seq(written + 1));
    assert_eq!(house.committed().all().await.len() as i64, written + 1, "only what was written is announced");
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants a small file system of its own, such as a tmpfs of 12 MB: TITAN_SMALL_DISK=/mnt/small"]
async fn a_disk_that_fills_and_is_freed_again_and_again_costs_nothing() {
    let disk = std::path::PathBuf::from(std::env::var_os("TITAN_SMALL_DISK").expect("TITAN_SMALL_DISK"));
    let folder = tempfile::tempdir_in(&disk).unwrap();
    let (store, announced) = open(&folder.path().join("titan.db")).unwrap();
    let ada = account(&store, "ada").await;
    let (ballast, mut written, mut refused) = (folder.path().join("ballast"), Vec::new(), 0);
    for round in 0..200 {
        fill(&ballast);
        let text = format!("round {round} {}", "with many words ".repeat(round % 50 * 20));
        let full = Instant::now();
        while refused <= round {
            let sends = (0..10).map(|_| store.append(draft(&ada, GENERAL, &text)));
            for answer in futures_util::future::join_all(sends).await {
                match answer {
                    Ok(appended) => written.push((*appended.entry).clone()),
                    Err(StoreError::Unavailable(_)) => refused += 1,
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert!(full.elapsed() < Duration::from_secs(10), "the disk never became full");
        }
        refused = round + 1;
        assert_eq!(store.head(GENERAL).await.unwrap().0, written.len() as i64, "reading goes on");
        std::fs::remove_file(&ballast).unwrap();
        written.push((*says(&store, &ada, GENERAL, "freed").await).clone());
    }
    let general = announced.all().await.into_iter().filter(|entry| entry.conversation == GENERAL).collect::<Vec<_>>();
    written.sort_by_key(|entry| entry.seq);
    assert_eq!(general, written, "what was answered is what was announced");
    assert_eq!(store.entries(GENERAL, Range::After(Seq(0)), u32::MAX).await.unwrap(), written);
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

/// Writes until nothing more fits.
fn fill(ballast: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(ballast).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        let block = vec![0u8; size];
        while file.write_all(&block).is_ok() {}
    }
}

#[tokio::test]
async fn a_verb_that_fails_half_way_takes_nobody_along() {
    let house = sqlite();
    let ada = account(&*house.store, "ada").await;
    let other = Connection::open(house.path()).unwrap();
    // The words of a message are indexed before its row is written: what refuses the row leaves a half behind.
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN NEW.text LIKE 'poison%' \
        BEGIN SELECT RAISE(ABORT, 'refused'); END";
    other.execute_batch(refuse).unwrap();
    let texts: Vec<_> =
        (0..40).map(|n| if n % 7 == 3 { format!("poison {n}") } else { format!("bread {n}") }).collect();
    let sends = texts.iter().map(|text| house.store.append(draft(&ada, GENERAL, text)));
    let answers = futures_util::future::join_all(sends).await;
    for (text, answer) in texts.iter().zip(&answers) {
        assert_eq!(answer.is_ok(), text.starts_with("bread"), "{text}: {answer:?}");
    }
    let eaten = answers.iter().flatten().map(|appended| (*appended.entry).clone()).collect::<Vec<_>>();
    let log = house.store.entries(GENERAL, Range::After(Seq(0)), 100).await.unwrap();
    assert_eq!(log, house.committed().all().await);
    assert_eq!(log.len(), eaten.len());
    assert_eq!(found(&*house.store, &ada, "poison").await, [] as [Seq; 0]);
    assert_eq!(house.store.check().await.unwrap(), [] as [String; 0]);
}

#[tokio::test]
async fn an_entry_of_a_verb_that_fails_is_never_announced() {
    let house = sqlite();
    let (ada, bob) = (account(&*house.store, "ada").await, account(&*house.store, "bob").await);
    let room = house.store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    // Joining writes its entry before its membership.
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON members BEGIN SELECT RAISE(ABORT, 'refused'); END";
    Connection::open(house.path()).unwrap().execute_batch(refuse).unwrap();
    let (before, joined, after) = tokio::join!(
        house.store.append(draft(&ada, room, "before")),
        house.store.join(room, bob.id, Time(2), Warrant::default()),
        house.store.append(draft(&ada, room, "after")),
    );
    assert!(before.is_ok() && joined.is_err() && after.is_ok());
    let log = house.store.entries(room, Range::After(Seq(0)), 10).await.unwrap();
    assert_eq!((log.len(), &log), (3, &house.committed().all().await));
    assert_eq!(house.store.check().await.unwrap(), [] as [String; 0]);
}

#[tokio::test]
async fn another_writer_is_waited_for() {
    let house = sqlite();
    let ada = account(&*house.store, "ada").await;
    let other = Connection::open(house.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut send = Box::pin(says(&*house.store, &ada, GENERAL, "hello"));
    assert!(futures_util::poll!(&mut send).is_pending());
    assert_eq!(house.store.head(GENERAL).await.unwrap(), Seq(0), "reading goes on meanwhile");
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(send.await.seq, Seq(1));
}

#[tokio::test]
async fn two_stores_on_one_file_never_give_a_seq_twice() {
    let house = sqlite();
    let ada = account(&*house.store, "ada").await;
    let (second, _announced) = open(&house.path()).unwrap();
    for n in 0..10 {
        assert_eq!(says(&*house.store, &ada, GENERAL, "one").await.seq, Seq(2 * n + 1));
        assert_eq!(says(&second, &ada, GENERAL, "two").await.seq, Seq(2 * n + 2));
    }
    assert_eq!(second.check().await.unwrap(), [] as [String; 0]);
    let room = second.create_room(new_room("brief", ada.id), Warrant::default()).await.unwrap().id;
    says(&*house.store, &ada, room, "still here").await;
    second.delete_room(room, None, Time(1), Warrant::default()).await.unwrap();
    assert_eq!(house.store.append(draft(&ada, room, "late")).await.unwrap_err(), StoreError::NotFound);
}

#[tokio::test]
async fn history_outlives_its_authors() {
    let house = sqlite();
    let (ada, bob) = (account(&*house.store, "ada").await, account(&*house.store, "bob").await);
    let room = house.store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    house
        .store
        .add_app(new_app("Chess", titan_core::protocol::Category::Game, ada.id, 1), Warrant::default())
        .await
        .unwrap();
    says(&*house.store, &ada, GENERAL, "remember me").await;
    Connection::open(house.path()).unwrap().execute("DELETE FROM accounts WHERE username = 'ada'", []).unwrap();
    let log = house.store.entries(GENERAL, Range::Last, 5).await.unwrap();
    assert_eq!(&*log[0].author.username, "ada");
    let lounge = house.store.room(room, bob.id).await.unwrap().unwrap();
    assert_eq!((lounge.owner, lounge.members), (None, 0));
    assert_eq!(house.store.apps(AppFilter::default(), Page::whole()).await.unwrap()[0].app.author.id, ada.id);
    assert_eq!(house.store.check().await.unwrap(), [] as [String; 0]);
}

#[tokio::test]
async fn a_backup_under_load_is_a_whole_store() {
    let house = sqlite();
    let ada = account(&*house.store, "ada").await;
    let copy = house.path().with_file_name("copy.db");
    std::fs::write(&copy, "an older copy").unwrap();
    let talk = async {
        for n in 0..100 {
            says(&*house.store, &ada, GENERAL, &format!("word{n}")).await;
        }
    };
    let (backup, ()) = tokio::join!(house.store.backup(copy.clone()), talk);
    backup.unwrap();
    let (restored, _announced) = open(&copy).unwrap();
    assert_eq!(restored.check().await.unwrap(), [] as [String; 0]);
    let Seq(head) = restored.head(GENERAL).await.unwrap();
    let original = house.store.entries(GENERAL, Range::After(Seq(0)), head as u32).await.unwrap();
    assert_eq!(restored.entries(GENERAL, Range::After(Seq(0)), 1000).await.unwrap(), original);
    assert_eq!(says(&restored, &ada, GENERAL, "on it goes").await.seq, Seq(head + 1));
    assert!(!copy.with_extension("db.part").exists());
}

#[tokio::test]
async fn breaks_of_a_log_are_found_and_named() {
    for (harm, word) in [
        ("DELETE FROM entries WHERE seq = 2", "gap"),
        ("DELETE FROM entries WHERE seq = 3", "does not end at its head"),
        ("UPDATE conversations SET head = 7", "does not end at its head"),
        ("UPDATE entries SET conversation = 50 WHERE seq = 3", "entries of no conversation"),
        ("UPDATE house SET next_entry = 2", "will be given again"),
        ("UPDATE conversations SET members = 9", "count of members"),
        ("UPDATE entries SET deleted = 1 WHERE seq = 3", "words of a message that is gone"),
        ("INSERT INTO message_words (message_words) VALUES ('delete-all')", "search doesn't know"),
        ("PRAGMA foreign_keys = OFF; UPDATE members SET account = 50", "points to nothing"),
    ] {
        let house = sqlite();
        let ada = account(&*house.store, "ada").await;
        for n in 0..3 {
            says(&*house.store, &ada, GENERAL, &n.to_string()).await;
        }
        Connection::open(house.path()).unwrap().execute_batch(harm).unwrap();
        let lines = house.store.check().await.unwrap();
        assert!(lines.iter().any(|line| line.contains(word)), "{harm}: {lines:?}");
    }
}

#[tokio::test]
async fn a_damaged_page_is_found_and_never_served() {
    let house = sqlite();
    let ada = account(&*house.store, "ada").await;
    for n in 0..200 {
        says(&*house.store, &ada, GENERAL, &format!("sound text number {n}")).await;
    }
    house.store.close().await;
    let page = root_page(&house.path(), "entries");
    let mut bytes = std::fs::read(house.path()).unwrap();
    bytes[(page - 1) * 4096..][..4096].fill(0x55);
    std::fs::write(house.path(), bytes).unwrap();
    let house = house.reopen().await;
    assert!(!house.store.check().await.unwrap().is_empty());
    let read = house.store.entries(GENERAL, Range::Last, 5).await;
    let Err(StoreError::Broken(why)) = read else { panic!("{read:?}") };
    assert!(why.contains("titan-server check"), "{why}");
    assert!(matches!(house.store.append(draft(&ada, GENERAL, "x")).await, Err(StoreError::Broken(_))));
    assert!(house.store.account(AccountKey::Id(ada.id)).await.unwrap().is_some(), "what is sound is served");
}

#[tokio::test]
async fn what_is_damaged_stays_so_when_what_it_belongs_to_is_changed() {
    for (harm, place) in [
        ("UPDATE entries SET text = 'forged' WHERE seq = 2", 2),
        ("UPDATE entries SET author_name = 'eve' WHERE seq = 2", 2),
        ("UPDATE entries SET author_name = 'eve' WHERE seq = 1", 1),
    ] {
        let house = sqlite();
        let store = &*house.store;
        let ada = account(store, "ada").await;
        says(store, &ada, GENERAL, "first").await;
        edits(store, &ada, Seq(1), "second").await.unwrap();
        Connection::open(house.path()).unwrap().execute(harm, []).unwrap();
        let named = [format!("a damaged entry: conversation 1, entry {place}")];
        assert_eq!(edits(store, &ada, Seq(1), "third").await.is_ok(), place == 2, "no damaged message is built upon");
        assert_eq!(store.check().await.unwrap(), named, "{harm}, edited");
        deletes(store, &ada, Seq(1)).await.unwrap();
        assert_eq!(store.check().await.unwrap(), named, "{harm}, deleted");
        let texts = "SELECT count(*) FROM entries WHERE text IS NOT NULL";
        let kept: i64 = Connection::open(house.path()).unwrap().query_row(texts, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 0, "the text goes all the same");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let house = sqlite();
    account(&*house.store, "ada").await;
    house.store.backup(house.path().with_file_name("copy.db")).await.unwrap();
    for name in ["titan.db", "titan.db-wal", "titan.db-shm", "copy.db"] {
        let mode = std::fs::metadata(house.path().with_file_name(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_slow_switchboard_holds_the_writer_not_the_readers() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, mut commits) = tokio::sync::mpsc::channel(1);
    let store = SqliteStore::open(&folder.path().join("titan.db"), sender, Default::default()).unwrap();
    let (ada, commit) = tokio::join!(account(&store, "ada"), async { drop(commits.recv().await) });
    let () = commit;
    let mut send = Box::pin(says(&store, &ada, GENERAL, "waits"));
    assert!(futures_util::poll!(&mut send).is_pending());
    eventually(async || (store.head(GENERAL).await.unwrap() == Seq(1)).then_some(())).await;
    let commit = commits.recv().await.unwrap();
    assert_eq!(commit.entries.len(), 1);
    assert!(futures_util::poll!(&mut send).is_pending(), "it has been followed before it is answered");
    drop(commit);
    assert_eq!(send.await.seq, Seq(1));
}

#[tokio::test]
async fn an_account_in_very_many_rooms_finds_its_words() {
    let house = sqlite();
    let store = &*house.store;
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let mut rooms: Vec<ConversationId> = Vec::new();
    for n in 0..70 {
        rooms.push(store.create_room(new_room(&format!("room {n}"), ada.id), Warrant::default()).await.unwrap().id);
    }
    let others = store.create_room(new_room("others", bob.id), Warrant::default()).await.unwrap().id;
    says(store, &bob, others, "needle").await;
    says(store, &ada, rooms[69], "needle").await;
    assert_eq!(found(store, &ada, "needle").await.len(), 1);
    store.delete_room(rooms[69], None, Time(1), Warrant::default()).await.unwrap();
    assert_eq!(found(store, &ada, "needle").await.len(), 0);
    assert_eq!(store.memberships(ada.id, Page::whole()).await.unwrap().len(), 70);
}

fn root_page(path: &Path, table: &str) -> usize {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    connection.query_row(sql, [table], |row| row.get::<_, i64>(0)).unwrap() as usize
}

/// Asks until there is an answer, for ten seconds.
async fn eventually<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "it never came");
        tokio::task::yield_now().await;
    }
}
