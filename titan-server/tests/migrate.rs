//! A house that moves to PostgreSQL and back: nothing is lost on the way, killed or not; and what operators do with a house
//! that is there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::store_support::{postgres, *};
use titan_core::protocol::{AppState, Category, MemberRole, SanctionKind};
use titan_core::{BlobId, ClientId, Seq, Time};
use titan_server::store::moving::{Movable, Sum, TABLES};
use titan_server::store::{self, *};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_house_moves_there_and_back_and_is_the_same() {
    let Some(database) = postgres::Database::make() else { return };
    let house = sqlite();
    furnish(&*house.store).await;
    house.store.close().await;
    let (file, back) = (house.path(), house.path().with_file_name("back.db"));

    let said = ok(house.path().parent().unwrap(), &["migrate", "--to", &database.url]);
    assert!(said.contains("each table was found equal"), "{said}");
    let refused = fails(house.path().parent().unwrap(), &["migrate", "--to", &database.url]);
    assert!(refused.contains("empty database only"), "{refused}");
    ok(house.path().parent().unwrap(), &["migrate", "--from", &database.url, "--to", back.to_str().unwrap()]);
    let sums = sums(&mut sqlite::Moving::out_of(&file).unwrap()).await;
    assert_eq!(sums, self::sums(&mut sqlite::Moving::out_of(&back).unwrap()).await);
    assert_eq!(sums, self::sums(&mut store::postgres::Moving::out_of(&database.url).await.unwrap()).await);

    // Both go on as if nothing had been.
    let (there, _) = open_postgres(&database.url).await.unwrap();
    let (here, _) = open(&back).unwrap();
    let (one, other) = (goes_on(&there).await, goes_on(&here).await);
    assert_eq!(one, other);
}

/// Some of everything.
async fn furnish(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "Bob").await);
    let gone = account(store, "gone").await;
    let room = store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    let ended = store.create_room(new_room("ended", ada.id), Warrant::default()).await.unwrap().id;
    says(store, &ada, ended, "still to be purged").await;
    store.join(room, bob.id, Time(2), Warrant::default()).await.unwrap();
    let (direct, _) = store.open_direct(ada.id, bob.id, Time(3), Warrant::default()).await.unwrap();
    for n in 0..50 {
        let once =
            DraftEntry { client_id: Some(ClientId::new()), ..draft(&ada, GENERAL, &format!("Żółw {n} @bob")) };
        store.append(once).await.unwrap();
    }
    says(store, &bob, direct, "the café 👍").await;
    edits(store, &ada, Seq(1), "another word").await.unwrap();
    reacts(store, &bob, Seq(2), "👍", true).await.unwrap();
    reacts(store, &ada, Seq(2), "🎉", true).await.unwrap();
    deletes(store, &ada, Seq(3)).await.unwrap();
    shares(store, &ada, room, "a.zip", 7).await;
    store.mark_read(bob.id, GENERAL, Seq(9), Warrant::default()).await.unwrap();
    let app = store.add_app(new_app("Chess", Category::Game, ada.id, 1), Warrant::default()).await.unwrap();
    let approve = Decision { state: AppState::Approved, sha256: None, by: Some(bob.id), reason: None, now: Time(9) };
    store.decide_app(app.id(), approve, Warrant::default()).await.unwrap();
    let last = store.add_app(new_app("Bells", Category::Game, ada.id, 2), Warrant::default()).await.unwrap();
    store.delete_app(last.id(), Warrant::default()).await.unwrap();
    session(store, ada.id, 1, Time::now(), Time(i64::MAX / 2)).await;
    store.set_address_ban("192.0.2.7".into(), Some("flood".into()), Warrant::default()).await.unwrap();
    let act = AuditRecord { at: Time(1), by: None, act: "ban".into(), object: "192.0.2.7".into(), detail: "".into() };
    store.note_setting("admin_key", Warrant::default().with_audit(act)).await.unwrap();
    store.request_friend(ada.id, bob.id, Time(1), Warrant::default()).await.unwrap();
    store.set_block(bob.id, gone.id, true, Time(1), Warrant::default()).await.unwrap();
    store.set_member_role(room, bob.id, MemberRole::Moderator, Warrant::default()).await.unwrap();
    let (kind, reason) = (SanctionKind::Mute, "noise".to_owned());
    let sanction =
        NewSanction { room, account: bob.id, kind, until: Time(i64::MAX / 2), reason, by: ada.id, now: Time(1) };
    store.set_sanction(sanction, Warrant::default()).await.unwrap();
    let reset = NewReset { account: ada.id, token_hash: [9; 32], now: Time(1), expires_at: Time(i64::MAX / 2) };
    store.open_reset(reset, Warrant::default()).await.unwrap();
    let email = "new@example.org".to_owned();
    let new_email = Some(MailChange { email, token_hash: [8; 32], expires_at: Time(i64::MAX / 2) });
    let asked = AccountChange { new_email, ..AccountChange::default() };
    store.change_account(bob.id, asked, Warrant::default()).await.unwrap();
    store.delete_room(ended, None, Time(5), Warrant::default()).await.unwrap();
    store.delete_account(gone.id, Ender::Itself, Time(6), Warrant::default()).await.unwrap();
}

/// What a house does next, which depends on everything that came with it.
async fn goes_on(store: &impl Store) -> String {
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
    let ada = store.account(AccountKey::Username("ada".into())).await.unwrap().unwrap();
    let carl = account(store, "carl").await;
    let room = store.create_room(new_room("next", carl.id), Warrant::default()).await.unwrap();
    let app = store.add_app(new_app("Next", Category::Game, carl.id, 3), Warrant::default()).await.unwrap();
    let sent = shares(store, &ada, GENERAL, "b.zip", 8).await;
    let found = found(store, &ada, "zołw 4").await;
    let log = store.entries(GENERAL, Range::Before(sent.seq), 1_000).await.unwrap();
    let mut blobs: Vec<BlobId> = store.blobs_in_use().await.unwrap();
    blobs.sort();
    let members: Vec<u64> = store.rooms(ada.id, Page::whole()).await.unwrap().iter().map(|room| room.members).collect();
    let purged = store.purge(100).await.unwrap();
    let file = message(&sent).file.as_ref().unwrap().id;
    let relations = store.relations(ada.id, Page::whole()).await.unwrap().len();
    let audit = store.audit_chain().await.unwrap();
    assert!(audit.rows > 0 && audit.head.is_some() && audit.broken.is_none(), "{audit:?}");
    format!(
        "{:?}",
        (carl.id, room.id, app.id(), sent.seq, sent.id, file, found, log, blobs, members, purged, (relations, audit))
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_killed_and_a_house_that_changed_meanwhile_end_well() {
    let Some(database) = postgres::Database::make() else { return };
    let house = sqlite();
    let ada = account(&*house.store, "ada").await;
    let many = (0..15_000).map(|n| house.store.append(draft(&ada, GENERAL, &format!("message number {n}"))));
    futures_util::future::join_all(many).await;
    house.store.close().await;
    let folder = house.path().parent().unwrap().to_owned();
    let back = folder.join("back.db");
    for kill in 0..4 {
        killed(&folder, &["migrate", "--to", &database.url], kill).await;
    }
    let refusal = open_postgres(&database.url).await.err().map(|error| error.to_string());
    assert!(refusal.is_none_or(|why| why.contains("not finished")), "a half moved house is used by no server");

    // What changed in the house after the first attempts comes along: old lines and new ones.
    let (store, _) = open(&house.path()).unwrap();
    edits(&store, &ada, Seq(5), "edited meanwhile").await.unwrap();
    store.close().await;
    let said = ok(&folder, &["migrate", "--to", &database.url]);
    assert!(said.contains("found equal"), "{said}");
    for kill in 0..3 {
        killed(&folder, &["migrate", "--from", &database.url, "--to", back.to_str().unwrap()], kill).await;
    }
    ok(&folder, &["migrate", "--from", &database.url, "--to", back.to_str().unwrap()]);
    let sums = sums(&mut sqlite::Moving::out_of(&house.path()).unwrap()).await;
    assert_eq!(sums, self::sums(&mut sqlite::Moving::out_of(&back).unwrap()).await);
    assert!(!back.with_file_name("back.db.moving").exists());
}

/// Begins and is killed some time later, unless it was faster.
async fn killed(folder: &Path, arguments: &[&str], turn: u64) {
    let mut child = command(folder, arguments).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(20 + 50 * turn)).await;
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(!status.success(), "it was killed too late to prove anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_entry_does_not_become_a_sound_one_by_moving() {
    let house = sqlite();
    let ada = account(&*house.store, "ada").await;
    for n in 0..3 {
        says(&*house.store, &ada, GENERAL, &format!("message {n}")).await;
    }
    house.store.close().await;
    let (folder, other) = (house.path().parent().unwrap().to_owned(), house.path().with_file_name("other.db"));
    let change = |sql: &str| rusqlite::Connection::open(house.path()).unwrap().execute(sql, []).unwrap();
    let forged = "UPDATE entries SET text = 'forged' WHERE seq = 2";
    for harm in [forged, "UPDATE entries SET text = CAST(x'ff6d' AS TEXT) WHERE seq = 2"] {
        change(harm);
        let said = refuses_the_damaged(&folder, &["migrate", "--to", other.to_str().unwrap()]);
        assert!(said.contains("conversation 1, entry 2") && said.contains("titan-server rescue"), "{said}");
        assert!(!other.exists());
    }
    change("UPDATE entries SET text = 'message 1', sum = NULL WHERE seq = 2");
    ok(&folder, &["migrate", "--to", other.to_str().unwrap()]);
    change("UPDATE accounts SET full_name = CAST(x'ff6d' AS TEXT)");
    let refused = fails(&folder, &["migrate", "--to", folder.join("third.db").to_str().unwrap()]);
    assert!(refused.contains("accounts holds a text that is damaged"), "{refused}");

    let Some(there) = postgres().await else { return };
    let ada = account(&*there.store, "ada").await;
    for n in 0..3 {
        says(&*there.store, &ada, GENERAL, &format!("message {n}")).await;
    }
    there.run(forged);
    there.store.close().await;
    let back = folder.join("back.db");
    let said =
        refuses_the_damaged(&folder, &["migrate", "--from", &there.database.url, "--to", back.to_str().unwrap()]);
    assert!(said.contains("conversation 1, entry 2"), "{said}");
    assert!(!back.exists());
}

/// The complaint of a command that finds damage.
fn refuses_the_damaged(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{arguments:?}: {}", complaint(&output));
    complaint(&output)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_in_use_is_not_moved() {
    let Some(house) = postgres().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("titan.db");
    let refusal = fails(folder.path(), &["migrate", "--from", &house.database.url, "--to", to.to_str().unwrap()]);
    assert!(refusal.contains("another titan-server"), "{refusal}");
    assert!(!to.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_column_is_forgotten() {
    let Some(house) = postgres().await else { return };
    let file = sqlite();
    let file = rusqlite::Connection::open(file.path()).unwrap();
    for table in &TABLES {
        let mut listed: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        listed.extend(table.made);
        listed.sort_unstable();
        let sql = format!(
            "SELECT column_name FROM information_schema.columns WHERE table_name = '{}' AND table_schema = 'public'",
            table.name
        );
        let mut there: Vec<String> =
            postgres::run(&house.database.url, &sql).into_iter().map(|mut row| row.remove(0).unwrap()).collect();
        there.sort_unstable();
        assert_eq!(there, listed, "{} in PostgreSQL", table.name);
        let mut columns = file.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        for name in columns.query_map([table.name], |row| row.get::<_, String>(0)).unwrap() {
            assert!(listed.contains(&name.unwrap().as_str()), "{} in SQLite", table.name);
        }
    }
    let own = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_words_%' AND name <> 'message_words'";
    let mut tables = file.prepare(own).unwrap();
    for name in tables.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        let name = name.unwrap();
        assert!(TABLES.iter().any(|table| table.name == name), "the table {name} is not moved");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_look_after_a_house_in_postgresql() {
    let Some(house) = postgres().await else { return };
    account(&*house.store, "ada").await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pepper"), "the pepper of this house, a word").unwrap();
    let url = house.database.url.as_str();
    let checked = ok(folder.path(), &["check", "--database-url", url]);
    assert!(checked.contains("1 accounts"), "{checked}");
    house.store.close().await;
    let granted = ok(folder.path(), &["admin", "grant", "ada", "--database-url", url]);
    assert!(granted.contains("ada"), "{granted}");
    let admins = ok(folder.path(), &["admin", "list", "admins", "--database-url", url]);
    assert!(admins.contains("ada"), "{admins}");
    house.run("UPDATE conversations SET members = 9");
    let found = command(folder.path(), &["check", "--database-url", url]).output().unwrap();
    assert_eq!(found.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&found.stdout).contains("count of members"));
    for arguments in [["backup", "copy"], ["restore", "copy"]] {
        let refusal = fails(folder.path(), &[&arguments[..], &["--database-url", url]].concat());
        assert!(refusal.contains("PostgreSQL"), "{refusal}");
    }
}

#[test]
fn a_password_is_printed_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://titan:topsecret@127.0.0.1:1/titan";
    for arguments in [
        &["config", "--database-url", url][..],
        &["serve", "--http", "127.0.0.1:0", "--titan-net", "off", "--database-url", url],
        &["check", "--database-url", url],
        &["backup", "x", "--database-url", url],
        &["migrate", "--to", url],
        &["migrate", "--from", url, "--to", "x.db"],
    ] {
        let output = command(folder.path(), arguments).env("TITAN_DATABASE_URL", url).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains("topsecret"), "{arguments:?}");
    }
    let help = Command::new(env!("CARGO_BIN_EXE_titan-server"))
        .args(["serve", "--help"])
        .env("TITAN_DATABASE_URL", url)
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).contains("topsecret"));
}

async fn sums(house: &mut dyn Movable) -> Vec<(&'static str, usize, [u8; 32])> {
    let mut sums = Vec::new();
    for table in &TABLES {
        let lines = house.lines(table, None, u32::MAX / 2).await.unwrap();
        let mut sum = Sum::default();
        lines.iter().for_each(|line| sum.add(line));
        sums.push((table.name, lines.len(), sum.finish()));
    }
    sums
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_titan-server"));
    let home: PathBuf = folder.to_owned();
    command.env_clear().env("TITAN_DATA_DIR", home).current_dir(folder).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ok(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", complaint(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn fails(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", complaint(&output));
    complaint(&output)
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
