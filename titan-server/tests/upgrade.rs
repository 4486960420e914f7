//! Houses that the release before made, with content of every kind, come over to this one: whole, or not yet, wherever the
//! process is killed; and that release refuses them afterwards.

mod store_support;

use std::path::Path;

use rusqlite::Connection;
use store_support::{postgres, *};
use titan_core::protocol::{Body, MemberRole, Message, RelationKind, Role, SanctionKind};
use titan_core::{AccountId, AppId, ConversationId, FileId, Seq, Time};
use titan_server::store::*;

/// The tables as the release before had them.
const SQLITE: [&str; 2] = [
    include_str!("../sql/src/sqlite/migrations/0001_house.sql"),
    include_str!("../sql/src/sqlite/migrations/0002_people.sql"),
];
const POSTGRES: &str = include_str!("../sql/src/postgres/migrations/0001_house.sql");
/// What brings them over, as it runs in one transaction.
const SQLITE_STEP: &str = include_str!("../sql/src/sqlite/migrations/0003_changes.sql");

const ADA: AccountId = AccountId(1);
const BOB: AccountId = AccountId(2);
const EVE: AccountId = AccountId(3);
const ROOM: ConversationId = ConversationId(2);
const DIRECT: ConversationId = ConversationId(3);

/// What stands in the house; `blob` writes 32 or 16 bytes as the database reads them.
fn content(blob: impl Fn(u8, usize) -> String) -> String {
    let (salt, hash, file) = (blob(3, 32), blob(4, 32), blob(5, 32));
    let client = blob(6, 16);
    format!(
        "INSERT INTO accounts (id, username, key, folded, titan_number, email, role, scheme, salt, hash, created_at) VALUES
           (1, 'ada', 'ada', 'ada', 10001, 'ada@example.org', 'admin', 'titan', {salt}, 'a', 1),
           (2, 'bob', 'bob', 'bob', 10002, NULL, 'user', 'bcrypt', {salt}, 'b', 2),
           (3, 'eve', 'eve', 'eve', 10003, NULL, 'user', 'titan', {salt}, 'c', 3);
         INSERT INTO sessions (account, token_hash, door, address, created_at, last_seen, expires_at)
           VALUES (1, {hash}, 'native', '127.0.0.1', 1, 1, 9999999999999);
         INSERT INTO resets VALUES ({hash}, 2, 9999999999999);
         INSERT INTO relations VALUES (1, 2, 'friend', 1), (2, 1, 'friend', 1), (1, 3, 'blocked', 2);
         INSERT INTO address_bans VALUES ('192.0.2.7', 'flood');
         INSERT INTO audit (at, by, act, object, detail) VALUES (1, 1, 'ban_address', 'address 192.0.2.7', 'flood');
         INSERT INTO conversations (id, head, active_at, created_at) VALUES (2, 6, 60, 1), (3, 1, 70, 1);
         INSERT INTO rooms (conversation, name, key, description, kind, owner) VALUES (2, 'Lounge', 'lounge', 'soft', 'text', 1);
         INSERT INTO directs VALUES (1, 3, 3);
         INSERT INTO members (conversation, account, role, joined_at) VALUES
           (1, 1, 'member', 1), (1, 2, 'member', 1), (1, 3, 'member', 1), (2, 1, 'owner', 1), (2, 2, 'member', 2),
           (3, 1, 'member', 1), (3, 3, 'member', 1);
         INSERT INTO sanctions VALUES (2, 2, 'mute', 9999999999999, 'loud', 1, 5), (2, 3, 'ban', 253402300799999, 'rude', 1, 6);
         INSERT INTO files (id, conversation, seq, uploader, uploader_name, uploader_number, name, size, blob, at)
           VALUES (1, 2, 3, 1, 'ada', 10001, 'plan.txt', 12, {file}, 30);
         INSERT INTO entries (conversation, seq, id, kind, author, author_name, author_number, at, client_id, text, file,
             edited, deleted, target, detail) VALUES
           (2, 1, 1, 'joined', 1, 'ada', 10001, 10, NULL, NULL, NULL, NULL, 0, NULL, '{{\"kind\":\"joined\"}}'),
           (2, 2, 2, 'message', 1, 'ada', 10001, 20, {client}, 'a second thought', NULL, 4, 0, NULL, NULL),
           (2, 3, 3, 'message', 1, 'ada', 10001, 30, NULL, '', 1, NULL, 0, NULL, NULL),
           (2, 4, 4, 'edit', 1, 'ada', 10001, 40, NULL, 'a second thought', NULL, NULL, 0, 2, NULL),
           (2, 5, 5, 'reaction', 2, 'bob', 10002, 50, NULL, NULL, NULL, NULL, 0, 2,
             '{{\"kind\":\"reaction\",\"target\":2,\"emoji\":\"👍\",\"on\":true}}'),
           (2, 6, 6, 'message', 2, 'bob', 10002, 60, NULL, NULL, NULL, NULL, 1, NULL, NULL),
           (3, 1, 7, 'message', 3, 'eve', 10003, 70, NULL, 'hello ada', NULL, NULL, 0, NULL, NULL);
         INSERT INTO reactions VALUES (2, 2, '👍', 2, 5);
         INSERT INTO apps (id, name, description, folded, category, version, author, file_name, size, blob, metadata, state,
             uploaded_at) VALUES (1, 'Chess', 'a game', 'chess a game', 'game', '1.0', 1, 'chess.zip', 3, {file}, '{{}}', 'approved', 1);
         UPDATE house SET next_entry = 8;"
    )
}

/// Everything is as it was, and goes on.
async fn all_is_there(store: &impl Store) {
    let log = store.entries(ROOM, Range::After(Seq(0)), 10).await.unwrap();
    assert_eq!(log.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let Message { text, edited, reactions, .. } = message(&log[1]);
    assert_eq!((&**text, *edited, reactions.len()), ("a second thought", Some(Seq(4)), 1));
    assert_eq!(message(&log[2]).file.as_ref().map(|file| file.id), Some(FileId(1)));
    assert!(message(&log[5]).deleted);
    assert!(matches!(log[0].body, Body::Joined { .. }) && matches!(log[4].body, Body::Reaction { .. }));

    let ada = store.account(AccountKey::Username("ada".into())).await.unwrap().unwrap();
    assert_eq!((ada.id, ada.role, ada.email.as_deref()), (ADA, Role::Admin, Some("ada@example.org")));
    assert_eq!(store.relation(ADA, BOB).await.unwrap(), Some(RelationKind::Friend));
    assert_eq!(store.sanctions(ROOM, Time(100)).await.unwrap().len(), 2);
    assert!(store.sanction(ROOM, EVE, SanctionKind::Ban, Time(100)).await.unwrap().is_some());
    assert_eq!(store.sessions(ADA).await.unwrap().len(), 1);
    assert!(store.reset([4; 32], Time(100)).await.unwrap().is_some_and(|account| account.id == BOB));
    assert_eq!(store.audit(10).await.unwrap()[0].act, "ban_address");
    assert_eq!(store.app(AppId(1)).await.unwrap().unwrap().app.name.as_str(), "Chess");
    let places = store.places(ADA).await.unwrap();
    let shut: Vec<_> = places.iter().map(|place| (place.conversation, place.shut, place.floor)).collect();
    assert_eq!(shut, [(GENERAL, false, Seq(0)), (ROOM, false, Seq(0)), (DIRECT, true, Seq(0))]);
    let members = store.members(ROOM).await.unwrap();
    assert_eq!(members.iter().filter(|member| member.role == MemberRole::Owner).count(), 1);

    assert_eq!(says(store, &ada, ROOM, "it goes on").await.seq, Seq(7));
    while store.sum_rows(2).await.unwrap() > 0 {}
    assert_eq!(store.check().await.unwrap(), [""; 0]);
}

fn made_by_the_release_before(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA application_id = 1416197230").unwrap();
    SQLITE.iter().for_each(|migration| connection.execute_batch(migration).unwrap());
    let blob = |byte: u8, length: usize| format!("X'{}'", format!("{byte:02x}").repeat(length));
    connection.execute_batch(&content(blob)).unwrap();
    connection
        .execute_batch(
            "INSERT INTO message_words (rowid, text, place) SELECT id, text, place FROM searchable; \
             PRAGMA user_version = 2",
        )
        .unwrap();
}

#[tokio::test]
async fn a_house_of_the_release_before_comes_over_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("titan.db");
    made_by_the_release_before(&path);
    let (store, _announced) = open(&path).unwrap();
    all_is_there(&store).await;
    let epoch = store.house().await.unwrap().epoch;
    assert_eq!(epoch.len(), 32, "it has an epoch of its own: {epoch}");
    store.close().await;
    let (store, _announced) = open(&path).unwrap();
    assert_eq!(store.house().await.unwrap().epoch, epoch, "which it keeps");
}

#[tokio::test]
async fn a_house_killed_on_its_way_over_comes_over_at_the_next_start() {
    let statements = SQLITE_STEP.split_inclusive(';').filter(|sql| sql.contains(' ')).count();
    for done in 0..=statements {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("titan.db");
        made_by_the_release_before(&path);
        let dying = Connection::open(&path).unwrap();
        let begun: String = SQLITE_STEP.split_inclusive(';').take(done).collect();
        dying.execute_batch(&format!("BEGIN IMMEDIATE; {begun}")).unwrap();
        // The files as a process leaves them that is killed here.
        let left = tempfile::tempdir().unwrap();
        for name in ["titan.db", "titan.db-wal"] {
            if folder.path().join(name).exists() {
                std::fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
            }
        }
        drop(dying);
        let (store, _announced) = open(&left.path().join("titan.db")).unwrap();
        all_is_there(&store).await;
    }
}

#[tokio::test]
async fn the_release_before_refuses_what_has_come_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("titan.db");
    made_by_the_release_before(&path);
    let (store, _announced) = open(&path).unwrap();
    store.close().await;
    let version: i64 = Connection::open(&path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert!(
        version as usize > SQLITE.len(),
        "that release knows versions up to {} and refuses newer ones",
        SQLITE.len()
    );
}

#[tokio::test]
async fn a_house_of_the_release_before_in_postgresql_comes_over_whole() {
    let Some(database) = postgres::Database::make() else { return };
    let blob = |byte: u8, length: usize| format!("'\\x{}'::bytea", format!("{byte:02x}").repeat(length));
    let words = "UPDATE entries SET words = to_tsvector('simple', text) WHERE kind = 'message' AND deleted = 0;";
    let numbers: String = ["accounts", "conversations", "files", "apps"]
        .iter()
        .map(|table| format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}));"))
        .collect();
    let house = "CREATE TABLE titan_house (version BIGINT NOT NULL, moving BOOLEAN NOT NULL DEFAULT false); \
        INSERT INTO titan_house VALUES (1);";
    postgres::run(&database.url, &format!("{house} {POSTGRES} {} {words} {numbers}", content(blob)));
    let (store, _announced) = open_postgres(&database.url).await.unwrap();
    all_is_there(&store).await;
    assert_eq!(store.house().await.unwrap().epoch.len(), 32);
}
