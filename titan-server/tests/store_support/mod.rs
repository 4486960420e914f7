//! People and a house for the stories of `store_*.rs`.

pub use crate::support::postgres;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use titan_core::protocol::{Body, Category, Entry, Message, RelationKind, Role, RoomKind};
use titan_core::text::{look_alike, mentions};
use titan_core::{AccountId, BlobId, ConversationId, Seq, SessionId, Time, TitanNumber};
use titan_server::store::postgres::{PostgresOptions, PostgresStore};
use titan_server::store::sqlite::{SqliteOptions, SqliteStore};
use titan_server::store::*;
use tokio::sync::mpsc;

/// Runs each story on a fresh store of each kind, with what it is told of the house.
macro_rules! store_stories {
    (|$house:ident| $given:tt; $($story:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let $house = crate::store_support::sqlite();
                super::$story $given.await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let Some($house) = crate::store_support::postgres().await else { return };
                super::$story $given.await;
                titan_server::store::Upkeep::close(&*$house.store).await;
            })*
        }
    };
}
pub(crate) use store_stories;

pub const GENERAL: ConversationId = ConversationId(1);

/// A store in a folder of its own.
pub struct House {
    pub store: Arc<SqliteStore>,
    announced: Announced,
    folder: tempfile::TempDir,
}

pub fn sqlite() -> House {
    let folder = tempfile::tempdir().unwrap();
    let (store, announced) = open(&folder.path().join("titan.db")).unwrap();
    House { store: Arc::new(store), announced, folder }
}

pub fn open(path: &std::path::Path) -> StoreResult<(SqliteStore, Announced)> {
    let (sender, receiver) = mpsc::channel(64);
    let store = SqliteStore::open(path, sender, SqliteOptions::default())?;
    Ok((store, Announced::follow(receiver)))
}

impl House {
    pub fn committed(&self) -> Announced {
        self.announced.clone()
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("titan.db")
    }

    /// Closes the store and opens it again.
    pub async fn reopen(self) -> House {
        self.store.close().await;
        let (store, announced) = open(&self.path()).unwrap();
        House { store: Arc::new(store), announced, folder: self.folder }
    }
}

/// A store in a PostgreSQL database of its own.
pub struct PostgresHouse {
    pub store: Arc<PostgresStore>,
    announced: Announced,
    pub database: postgres::Database,
}

/// None where no PostgreSQL is at hand for tests.
pub async fn postgres() -> Option<PostgresHouse> {
    let database = postgres::Database::make()?;
    let (store, announced) = open_postgres(&database.url).await.unwrap();
    Some(PostgresHouse { store: Arc::new(store), announced, database })
}

pub async fn open_postgres(url: &str) -> StoreResult<(PostgresStore, Announced)> {
    let (sender, receiver) = mpsc::channel(64);
    let store = PostgresStore::open(url, sender, PostgresOptions { readers: 3, ..Default::default() }).await?;
    Ok((store, Announced::follow(receiver)))
}

impl PostgresHouse {
    pub fn committed(&self) -> Announced {
        self.announced.clone()
    }

    /// What an operator says to the database beside the store.
    pub fn run(&self, sql: &str) {
        postgres::run(&self.database.url, sql);
    }

    /// Closes the store and opens it again.
    pub async fn reopen(self) -> PostgresHouse {
        self.store.close().await;
        let (store, announced) = open_postgres(&self.database.url).await.unwrap();
        PostgresHouse { store: Arc::new(store), announced, database: self.database }
    }
}

/// What whoever follows the commits would get.
#[derive(Clone, Default)]
pub struct Announced(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    entries: Vec<Entry>,
    changes: Vec<Change>,
}

impl Announced {
    /// Follows the commits, as the hub does: who had them committed is answered by it.
    fn follow(mut commits: mpsc::Receiver<Committed>) -> Self {
        let announced = Self::default();
        let heard = announced.0.clone();
        std::thread::spawn(move || {
            while let Some(commit) = commits.blocking_recv() {
                let mut heard = heard.lock().unwrap();
                heard.entries.extend(commit.entries.iter().map(|entry| (**entry).clone()));
                heard.changes.extend(commit.changes.iter().map(|told| told.change.clone()));
            }
        });
        announced
    }

    /// Every entry that was announced since it was last asked: what was answered has been.
    pub async fn all(&self) -> Vec<Entry> {
        std::mem::take(&mut self.0.lock().unwrap().entries)
    }

    /// Every change that was told since it was last asked.
    pub fn changes(&self) -> Vec<Change> {
        std::mem::take(&mut self.0.lock().unwrap().changes)
    }
}

/// Any relation that can be ended.
pub const ANY: [RelationKind; 3] = [RelationKind::Friend, RelationKind::Requested, RelationKind::Requests];

pub fn removed_by(by: AccountId) -> Departure {
    Departure { by: Some(by), ..Departure::default() }
}

pub async fn end(store: &impl Store, account: AccountId, session: SessionId) -> Vec<SessionId> {
    store.end_sessions(account, Sessions::One(session), Why::LoggedOut, Warrant::default()).await.unwrap()
}

pub async fn end_all_but(store: &impl Store, account: AccountId, keep: Option<SessionId>) -> Vec<SessionId> {
    store.end_sessions(account, Sessions::AllBut(keep), Why::LoggedOut, Warrant::default()).await.unwrap()
}

/// An account with a number of its own, made of its name.
pub fn new_account(name: &str) -> NewAccount {
    let number = name.bytes().fold(7i64, |hash, byte| (hash * 31 + i64::from(byte)) % 89_999);
    NewAccount {
        username: name.into(),
        key: look_alike(name),
        titan_number: TitanNumber(10_000 + number),
        full_name: None,
        email: Some(format!("{name}@example.org")),
        role: Role::User,
        verifier: Verifier { scheme: Scheme::Titan, salt: [3; 32], hash: "$argon2id$".into() },
        made_up_until: None,
        now: Time(1),
    }
}

pub async fn account(store: &impl Store, name: &str) -> AccountRecord {
    store.create_account(new_account(name), Warrant::default()).await.unwrap()
}

pub fn new_session(account: AccountId, token: u8, now: Time, expires_at: Time) -> NewSession {
    let (door, address) = ("native".into(), "127.0.0.1".into());
    NewSession {
        account,
        token_hash: [token; 32],
        door,
        address,
        now,
        expires_at,
        most: None,
        in_use: vec![],
        client: None,
        app_password: None,
    }
}

pub async fn session(store: &impl Store, account: AccountId, token: u8, now: Time, expires_at: Time) -> SessionId {
    store.open_session(new_session(account, token, now, expires_at), Warrant::default()).await.unwrap().0
}

pub fn new_room(name: &str, owner: AccountId) -> NewRoom {
    NewRoom {
        name: name.into(),
        key: look_alike(name),
        description: "a room".into(),
        kind: RoomKind::Text,
        password_hash: None,
        owner,
        now: Time(1),
        most: None,
    }
}

pub fn new_app(name: &str, category: Category, author: AccountId, blob: u8) -> NewApp {
    NewApp {
        name: name.into(),
        description: "an app".into(),
        category,
        version: "1.0".into(),
        author,
        file: NewFile { name: "app.zip".into(), size: 3, blob: BlobId([blob; 32]), unique_name: None },
        metadata: "{}".into(),
        now: Time(1),
    }
}

pub fn draft(who: &AccountRecord, conversation: ConversationId, text: &str) -> DraftEntry {
    let mentions = mentions(text).iter().map(|mention| mention.names().collect()).collect();
    DraftEntry {
        conversation,
        author: who.author(),
        at: Time::now(),
        client_id: None,
        grounds: Vec::new(),
        body: DraftBody::Message { text: text.into(), reply_to: None, file: None, mentions },
    }
}

pub async fn says(store: &impl Store, who: &AccountRecord, room: ConversationId, text: &str) -> Arc<Entry> {
    store.append(draft(who, room, text)).await.unwrap().entry
}

pub async fn shares(store: &impl Store, who: &AccountRecord, room: ConversationId, name: &str, blob: u8) -> Arc<Entry> {
    let file = Some(NewFile { name: name.into(), size: 12, blob: BlobId([blob; 32]), unique_name: None });
    let body = DraftBody::Message { text: "".into(), reply_to: None, file, mentions: vec![] };
    store.append(DraftEntry { body, ..draft(who, room, "") }).await.unwrap().entry
}

pub async fn edits(store: &impl Store, who: &AccountRecord, target: Seq, text: &str) -> StoreResult<Arc<Entry>> {
    let mentions = mentions(text).iter().map(|mention| mention.names().collect()).collect();
    general(store, who, DraftBody::Edit { target, text: text.into(), mentions }).await
}

pub async fn deletes(store: &impl Store, who: &AccountRecord, target: Seq) -> StoreResult<Arc<Entry>> {
    general(store, who, DraftBody::Deletion { target }).await
}

pub async fn reacts(
    store: &impl Store,
    who: &AccountRecord,
    target: Seq,
    emoji: &str,
    on: bool,
) -> StoreResult<Arc<Entry>> {
    general(store, who, DraftBody::Reaction { target, emoji: emoji.into(), on }).await
}

async fn general(store: &impl Store, who: &AccountRecord, body: DraftBody) -> StoreResult<Arc<Entry>> {
    Ok(store.append(DraftEntry { body, ..draft(who, GENERAL, "") }).await?.entry)
}

/// Where a search finds something, in any conversation.
pub async fn found(store: &impl Store, who: &AccountRecord, words: &str) -> Vec<Seq> {
    let found = store.search(who.id, Query::of(words, 10)).await.unwrap();
    found.entries.iter().map(|entry| entry.seq).collect()
}

pub fn message(entry: &Entry) -> &Message {
    match &entry.body {
        Body::Message(message) => message,
        other => panic!("a message was expected, not {other:?}"),
    }
}

/// Two accounts and two rooms that the rule of before let in beside each other, as that release wrote them.
pub async fn twins(store: &impl Store) -> [AccountRecord; 3] {
    let one = account(store, "ΝΙΚΟΣ").await;
    let other = NewAccount { key: "as it was".into(), ..new_account("νικοσ") };
    let other = store.create_account(other, Warrant::default()).await.unwrap();
    let third = NewAccount { key: "as josé was".into(), ..new_account("José") };
    let third = store.create_account(third, Warrant::default()).await.unwrap();
    store.create_room(new_room("Ὀδός", one.id), Warrant::default()).await.unwrap();
    let street = NewRoom { key: "as the street was".into(), ..new_room("ὀδόσ", other.id) };
    store.create_room(street, Warrant::default()).await.unwrap();
    [one, other, third]
}

/// What becomes of them once a house is opened whose keys were made by another rule.
pub async fn twins_go_on(store: &impl Store, [one, other, third]: [AccountRecord; 3]) {
    let found = async |name: &str| {
        let found = store.account(AccountKey::Username(name.into())).await.unwrap();
        found.map(|account| account.id)
    };
    assert_eq!(found("ΝΙΚΟΣ").await, Some(one.id));
    assert_eq!(found("νικοσ").await, Some(other.id), "each goes on by its exact spelling");
    assert_eq!(found("νικος").await, None, "and nobody is meant where it can't be told who");
    assert_eq!(found("JOSE\u{301}").await, Some(third.id));
    for name in ["Νικος", "josÉ"] {
        let new = NewAccount { titan_number: TitanNumber(77), ..new_account(name) };
        assert_eq!(store.create_account(new, Warrant::default()).await.unwrap_err(), StoreError::Taken("name"));
    }
    for (name, owner) in [("Ὀδός", &one), ("ὀδόσ", &other)] {
        assert_eq!(store.room_named(name.into(), one.id).await.unwrap().unwrap().owner.unwrap().id, owner.id);
    }
    let room = store.create_room(new_room("ὈΔΌΣ", one.id), Warrant::default()).await;
    assert_eq!(room.unwrap_err(), StoreError::Taken("name"));
    says(store, &one, GENERAL, "to @νικοσ and @josé").await;
    for who in [other.id, third.id] {
        assert_eq!(store.membership(who, GENERAL).await.unwrap().unwrap().mentions, 1);
    }
    store.delete_account(one.id, Ender::Itself, Time(50), Warrant::default()).await.unwrap();
    assert_eq!(found("νικος").await, Some(other.id), "who is left has the name in every form");
}

/// What somebody who can write to the database may do to the audit log, of which there are five rows, and the row at which that shows.
pub const TAMPERED: [(&str, i64); 10] = [
    ("UPDATE audit SET detail = 'Nothing.' WHERE id = 3", 3),
    ("UPDATE audit SET by = NULL WHERE id = 1", 1),
    ("UPDATE audit SET at = at + 1 WHERE id = 5", 5),
    ("UPDATE audit SET address = '192.0.2.1' WHERE id = 2", 2),
    ("UPDATE audit SET act = object, object = act WHERE id = 4", 4),
    ("DELETE FROM audit WHERE id = 3", 4),
    ("DELETE FROM audit WHERE id = 1", 2),
    ("UPDATE audit SET hash = NULL WHERE id = 4", 4),
    ("INSERT INTO audit (id, at, act, object, detail) VALUES (6, 1, 'unban', 'account 1', '')", 6),
    ("UPDATE audit SET hash = NULL", 1),
];

/// What of its end may be taken away, and the row at which that shows: at once, and when more has been written behind it.
pub const CUT_OFF: [(&str, i64, i64); 3] =
    [("DELETE FROM audit WHERE id = 5", 5, 6), ("DELETE FROM audit WHERE id >= 3", 3, 6), ("DELETE FROM audit", 1, 6)];

/// Five acts.
pub async fn five_acts(store: &impl Store) {
    for n in 0..5 {
        let (at, object) = (Time(n), format!("account {n}"));
        let act = AuditRecord { at, by: Some(AccountId(1)), act: "ban".into(), object, detail: "Spam.".into() };
        store.note_setting("admin_key", Warrant::default().with_audit(act)).await.unwrap();
    }
}

/// The one row at which it shows.
pub async fn names_the_row(store: &impl Store, tampered: &str, row: i64) {
    assert_eq!(store.audit_chain().await.unwrap().broken, Some(row), "{tampered}");
    let said =
        format!("the audit log: row {row} is not as it was written, is gone, or does not follow the one before it");
    assert_eq!(store.check().await.unwrap(), [said], "{tampered}");
}
