//! How fast the store takes and finds things, on this disk: `store_rate [FOLDER|POSTGRES-URL] [MESSAGES]`.
//!
//! Prints appends a second at 1, 100 and 1,000 concurrent callers, then, with MESSAGES given, fills the store up to that
//! many and times what people wait for: history, search, the list of conversations, opening again.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use titan_core::protocol::{Role, RoomKind};
use titan_core::{ClientId, ConversationId, Seq, Time, TitanNumber};
use titan_server::store::postgres::{PostgresOptions, PostgresStore};
use titan_server::store::sqlite::{SqliteOptions, SqliteStore};
use titan_server::store::*;
use tokio::sync::mpsc;

const RUN: Duration = Duration::from_secs(3);
const ROOMS: usize = 100;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usual = || std::env::temp_dir().join("titan-store-rate").display().to_string();
    let place = arguments.next().unwrap_or_else(usual);
    let messages: i64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let store = open(&place).await?;
    let (ada, rooms) = people(&*store).await?;
    for callers in [1, 100, 1000] {
        append_rate(&store, &ada, &rooms, callers).await?;
    }
    if messages > 0 {
        fill(&store, &ada, &rooms, messages).await?;
        waits(&*store, &ada, &rooms).await?;
        let started = Instant::now();
        store.close().await;
        println!("{:>24} {:>10.1?}", "close", started.elapsed());
        let started = Instant::now();
        let store = open(&place).await?;
        store.head(rooms[0]).await?;
        println!("{:>24} {:>10.1?}", "open", started.elapsed());
    }
    Ok(())
}

async fn open(place: &str) -> anyhow::Result<Arc<dyn Store>> {
    let (sender, mut announced) = mpsc::channel(64);
    tokio::spawn(async move { while announced.recv().await.is_some() {} });
    if place.contains("://") {
        return Ok(Arc::new(PostgresStore::open(place, sender, PostgresOptions::default()).await?));
    }
    std::fs::create_dir_all(place)?;
    let path = Path::new(place).join("titan.db");
    println!("{}", path.display());
    Ok(Arc::new(SqliteStore::open(&path, sender, SqliteOptions::default())?))
}

/// Someone who is in many rooms.
async fn people(store: &dyn Store) -> anyhow::Result<(AccountRecord, Vec<ConversationId>)> {
    let ada = match store.account(AccountKey::Username("ada".into())).await? {
        Some(ada) => ada,
        None => store.create_account(new_account("ada", 10_001), Warrant::default()).await?,
    };
    let mut rooms = Vec::new();
    for n in 0..ROOMS {
        let name = format!("room {n}");
        rooms.push(match store.room_named(name.clone(), ada.id).await? {
            Some(room) => room.id,
            None => store.create_room(new_room(name, &ada), Warrant::default()).await?.id,
        });
    }
    Ok((ada, rooms))
}

async fn append_rate(
    store: &Arc<dyn Store>,
    ada: &AccountRecord,
    rooms: &[ConversationId],
    callers: usize,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let (store, ada, room) = (store.clone(), ada.clone(), rooms[caller % rooms.len()]);
            tokio::spawn(async move {
                let mut sent = 0u64;
                while started.elapsed() < RUN {
                    store.append(draft(&ada, room, sent.wrapping_mul(caller as u64 + 1))).await?;
                    sent += 1;
                }
                Ok::<_, StoreError>(sent)
            })
        })
        .collect();
    let mut sent = 0;
    for task in tasks {
        sent += task.await??;
    }
    let rate = sent as f64 / started.elapsed().as_secs_f64();
    println!("{:>24} {rate:>10.0}/s", format!("append, {callers} callers"));
    Ok(())
}

async fn fill(
    store: &Arc<dyn Store>,
    ada: &AccountRecord,
    rooms: &[ConversationId],
    messages: i64,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let per_caller = (messages / 1000).max(1);
    let tasks: Vec<_> = (0..1000u64)
        .map(|caller| {
            let (store, ada, room) = (store.clone(), ada.clone(), rooms[caller as usize % rooms.len()]);
            tokio::spawn(async move {
                for n in 0..per_caller as u64 {
                    store.append(draft(&ada, room, n * 1009 + caller)).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let rate = per_caller as f64 * 1000.0 / started.elapsed().as_secs_f64();
    println!("{:>24} {rate:>10.0}/s", format!("fill, {messages}"));
    Ok(())
}

async fn waits(store: &dyn Store, ada: &AccountRecord, rooms: &[ConversationId]) -> anyhow::Result<()> {
    let middle = Seq(store.head(rooms[0]).await?.0 / 2);
    wait("history, 50", || store.entries(rooms[0], Range::Before(middle), 50)).await?;
    wait("resume, 1,000", || store.entries(rooms[0], Range::After(middle), 1000)).await?;
    wait("memberships, 101", || store.memberships(ada.id, Page::whole())).await?;
    for words in [
        "w0007 w0100",
        "w0001 w4000",
        "common",
        "common w0005",
        "w4999",
        "w0001 w0002 w0003 w0004",
        "nowhere",
        "w40",
        "c",
    ] {
        let search = |within| {
            move || async move { Ok(store.search(ada.id, Query { within, ..Query::of(words, 20) }).await?.entries) }
        };
        wait(&format!("search {words:?}"), search(None)).await?;
        wait("… in one room", search(Some(rooms[1]))).await?;
    }
    Ok(())
}

/// The longest of some attempts.
async fn wait<T, F: Future<Output = StoreResult<Vec<T>>>>(what: &str, look: impl Fn() -> F) -> anyhow::Result<()> {
    let (mut longest, mut found) = (Duration::ZERO, 0);
    for _ in 0..20 {
        let started = Instant::now();
        found = look().await?.len();
        longest = longest.max(started.elapsed());
    }
    println!("{what:>24} {longest:>10.1?} ({found} found)");
    Ok(())
}

/// About 100 bytes: fourteen words of five thousand, some much more frequent than others, and one in half of all.
fn draft(ada: &AccountRecord, conversation: ConversationId, seed: u64) -> DraftEntry {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::with_capacity(110);
    for _ in 0..14 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = (state >> 40) as f64 / (1u64 << 24) as f64;
        text.push_str(&format!("w{:04} ", (5000.0 * uniform * uniform * uniform) as u32));
    }
    if state >> 63 == 0 {
        text.push_str("common");
    }
    DraftEntry {
        grounds: Vec::new(),
        conversation,
        author: ada.author(),
        at: Time::now(),
        client_id: Some(ClientId::new()),
        body: DraftBody::Message { text, reply_to: None, file: None, mentions: Vec::new() },
    }
}

fn new_account(name: &str, number: i64) -> NewAccount {
    NewAccount {
        username: name.into(),
        key: name.into(),
        titan_number: TitanNumber(number),
        full_name: None,
        email: None,
        role: Role::User,
        verifier: Verifier { scheme: Scheme::Titan, salt: [0; 32], hash: String::new() },
        made_up_until: None,
        now: Time::now(),
    }
}

fn new_room(name: String, owner: &AccountRecord) -> NewRoom {
    NewRoom {
        key: name.clone(),
        name,
        description: String::new(),
        kind: RoomKind::Text,
        password_hash: None,
        owner: owner.id,
        now: Time::now(),
        most: None,
    }
}
