//! The SDK against a real server that restarts, and over a network that cuts: nothing is lost, doubled or out of order.

use std::time::Duration;

use crate::support::cutter::Cutter;
use crate::support::{TestHouse, deadline};
use titan_core::cache::{Cache, Range};
use titan_core::client::{Client, ClientEvent, Connection, Draft, Events, Options};
use titan_core::protocol::ask::{CreateRoom, JoinRoom};
use titan_core::protocol::{Body, Entry, Event};
use titan_core::{ConversationId, Seq};

const PASSWORD: &str = "secret-password";

async fn register(url: &str, name: &str) -> Options {
    let options = Options::new(url).unwrap();
    deadline(Client::register(&options, name, PASSWORD, None, None)).await.unwrap();
    options.password(name, PASSWORD)
}

/// The messages of one conversation, up to one with this text.
async fn messages_until(events: &mut Events, conversation: ConversationId, last: &str) -> Vec<Entry> {
    let mut heard = Vec::new();
    loop {
        let event = deadline(events.next()).await.expect("the events ended");
        let ClientEvent::Server(Event::Entry { entry, .. }) = event else { continue };
        if entry.conversation != conversation {
            continue;
        }
        let is_last = matches!(&entry.body, Body::Message(message) if message.text.as_str() == last);
        heard.push(entry);
        if is_last {
            return heard;
        }
    }
}

fn texts(entries: &[Entry]) -> Vec<&str> {
    let texts = entries.iter().filter_map(|entry| match &entry.body {
        Body::Message(message) => Some(message.text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn without_gaps(entries: &[Entry]) -> bool {
    entries.windows(2).all(|pair| pair[1].seq == pair[0].seq.next())
}

async fn online(events: &mut Events) {
    while !matches!(
        deadline(events.next()).await.expect("the events ended"),
        ClientEvent::Connection(Connection::Online { .. })
    ) {}
}

/// Speaks 0, 1, 2, … one after the other, and hurries back after each cut.
async fn count(titan: Client, room: ConversationId, most: usize) {
    for number in 0..most {
        let hurry = async {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                titan.reconnect_now();
            }
        };
        let text = number.to_string();
        tokio::select! {
            posted = titan.post(room, &text) => drop(posted.unwrap()),
            () = hurry => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn talk_goes_on_over_restarts_of_the_server() {
    let mut house = TestHouse::open().await;
    let cache = Cache::in_memory().unwrap();
    let ada = register(&house.http(), "ada").await;
    let bob = register(&house.http(), "bob").await.cache(cache.clone());
    let (ada, _ada_events) = deadline(Client::connect(ada)).await.unwrap();
    let (bob, mut bob_events) = deadline(Client::connect(bob)).await.unwrap();
    let room = ada.ask(CreateRoom { name: "Lab".into(), ..CreateRoom::default() }).await.unwrap().id;
    bob.ask(JoinRoom { conversation: room, password: None }).await.unwrap();
    let counting = tokio::spawn(count(ada.clone(), room, 60));
    for _ in 0..3 {
        house.restart().await;
        bob.reconnect_now();
        online(&mut bob_events).await;
    }
    deadline(counting).await.unwrap();
    bob.post(room, "end").await.unwrap();
    // From whichever message bob was at when he stopped looking for `Online`, to the end.
    let heard = messages_until(&mut bob_events, room, "end").await;
    assert!(without_gaps(&heard), "{:?}", texts(&heard));
    let kept = cache.entries(room, Range::Last, 1000).unwrap();
    let mut wanted: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    wanted.push("end".to_owned());
    let log = ada.history(room, Range::Last, 500).await.unwrap().entries;
    assert_eq!(texts(&log), wanted);
    let last: Vec<Seq> = kept.iter().map(|entry| entry.seq).collect();
    assert!(last.ends_with(&heard.iter().map(|entry| entry.seq).collect::<Vec<_>>()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_is_said_and_heard_once_over_a_network_that_cuts() {
    let house = TestHouse::open().await;
    let bob = register(&house.http(), "bob").await;
    let ada = register(&house.http(), "ada").await;
    let (ada, ada_events) = deadline(Client::connect(ada)).await.unwrap();
    let room = ada.ask(CreateRoom { name: "Lab".into(), ..CreateRoom::default() }).await.unwrap().id;
    let token = ada.me().unwrap().token;
    drop((ada, ada_events));

    let network = Cutter::before(house.address("http"), 4_000, 9_000, 6).await;
    let (ada, _ada_events) = Client::start(Options::new(&network.url()).unwrap().token(token));
    let (bob_there, _events) = deadline(Client::connect(bob)).await.unwrap();
    bob_there.ask(JoinRoom { conversation: room, password: None }).await.unwrap();
    let bob_token = bob_there.me().unwrap().token;
    let (bob, mut bob_events) = Client::start(Options::new(&network.url()).unwrap().token(bob_token));
    online(&mut bob_events).await;
    let hurrying = tokio::spawn({
        let bob = bob.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                bob.reconnect_now();
            }
        }
    });
    let counting = tokio::spawn(count(ada.clone(), room, 150));
    let heard = messages_until(&mut bob_events, room, "149").await;
    deadline(counting).await.unwrap();
    hurrying.abort();
    assert_eq!(texts(&heard), (0..150).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(without_gaps(&heard));
    assert_eq!(network.cuts_left(), 0, "the network held too well to prove anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_queued_offline_is_sent_by_the_next_program() {
    let mut house = TestHouse::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.db");
    let ada = register(&house.http(), "ada").await;
    let (titan, mut events) = Client::start(ada.clone().cache(Cache::open(&path).unwrap()));
    online(&mut events).await;
    let general = titan.conversations().await.unwrap()[0].id;
    let token = titan.me().unwrap().token;
    let http = house.http();
    house.server.take().unwrap().close().await;
    let drafts: Vec<Draft> = ["one", "two", "three"].map(|text| Draft::new(general, text)).into();
    for draft in &drafts {
        titan.queue(draft.clone()).unwrap();
    }
    drop((titan, events));

    let house = TestHouse::open_at(house.folder()).await;
    assert_ne!(http, house.http());
    let options = Options::new(&house.http()).unwrap().token(token).cache(Cache::open(&path).unwrap());
    let (titan, mut events) = Client::start(options);
    for draft in &drafts {
        let sent = loop {
            if let ClientEvent::Outbox { client_id, result, .. } = deadline(events.next()).await.unwrap() {
                result.unwrap();
                break client_id;
            }
        };
        assert_eq!(sent, draft.client_id);
    }
    assert!(titan.cache().unwrap().outbox().unwrap().is_empty());
    let log = titan.history(general, Range::Last, 50).await.unwrap().entries;
    assert_eq!(texts(&log), ["one", "two", "three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_shows_what_the_server_would() {
    let house = TestHouse::open().await;
    let cache = Cache::in_memory().unwrap();
    let ada = register(&house.http(), "ada").await.cache(cache.clone());
    let (titan, mut events) = deadline(Client::connect(ada)).await.unwrap();
    let room = titan.ask(CreateRoom { name: "Lab".into(), ..CreateRoom::default() }).await.unwrap().id;
    let first = titan.post(room, "teh first").await.unwrap().seq;
    let second = titan.post(room, "secret").await.unwrap().seq;
    titan.react(room, first, "👍", true).await.unwrap();
    titan.react(room, first, "🎉", true).await.unwrap();
    titan.edit(room, first, "the first").await.unwrap();
    titan.react(room, first, "👍", false).await.unwrap();
    titan.delete(room, second).await.unwrap();
    titan.post(room, "end").await.unwrap();
    messages_until(&mut events, room, "end").await;
    let from_stream = cache.entries(room, Range::Last, 100).unwrap();
    let page = titan.history(room, Range::Last, 100).await.unwrap();
    let lines: Vec<Entry> = page
        .entries
        .into_iter()
        .filter(|entry| !matches!(entry.body, Body::Edit { .. } | Body::Deletion { .. } | Body::Reaction { .. }))
        .collect();
    let messages = |entries: &[Entry]| -> Vec<Entry> {
        entries.iter().filter(|entry| matches!(entry.body, Body::Message(_))).cloned().collect()
    };
    assert_eq!(messages(&from_stream), messages(&lines));
    assert_eq!(cache.entries(room, Range::Last, 100).unwrap(), lines);
    assert!(cache.search("secret", None, 9).unwrap().is_empty());
    let found = cache.search("fir", None, 9).unwrap();
    assert_eq!((found[0].entry.seq, found[0].conversation_name.as_str()), (first, "Lab"));
}
