//! The client against a scripted peer: a real socket whose other end says exactly what a test wants.

mod peer;

use std::time::Duration;

use serde_json::json;

pub(crate) use self::peer::soon;
use self::peer::{Peer, account, direct, entry_event, room};
use super::*;
use crate::{
    AccountId, ConversationId, EntryId, Seq, Time, TitanNumber,
    protocol::{
        Author, Body, Entry, Event, FaultCode, Message,
        ask::{JoinRoom, Ping, Rooms},
    },
};

/// A message by ada.
pub(crate) fn entry(conversation: i64, seq: i64, text: &str) -> Entry {
    Entry {
        conversation: ConversationId(conversation),
        seq: Seq(seq),
        id: EntryId(conversation * 1_000_000 + seq),
        author: Author { id: AccountId(1), username: "ada".into(), titan_number: TitanNumber(12345) },
        at: Time(1_000 + seq),
        client_id: None,
        body: Body::Message(Message { text: text.into(), ..Message::default() }),
    }
}

const ROOM: ConversationId = ConversationId(1);

fn options(peer: &Peer) -> Options {
    let mut options = Options::new(&peer.url()).unwrap().password("ada", "secret");
    options.pace.backoff_most = Duration::from_millis(20);
    options
}

async fn next(events: &mut Events) -> ClientEvent {
    soon(events.next()).await.expect("the events ended")
}

/// The next entry, past whatever else happens.
async fn hears(events: &mut Events) -> (i64, i64) {
    loop {
        if let ClientEvent::Server(Event::Entry { entry }) = next(events).await {
            return (entry.conversation.0, entry.seq.0);
        }
    }
}

async fn waits_for(events: &mut Events, wanted: impl Fn(&ClientEvent) -> bool) -> ClientEvent {
    loop {
        let event = next(events).await;
        if wanted(&event) {
            return event;
        }
    }
}

fn is_online(event: &ClientEvent) -> bool {
    matches!(event, ClientEvent::Connection(Connection::Online { .. }))
}

#[tokio::test]
async fn entries_come_once_and_in_order_whatever_the_wire_does() {
    let peer = Peer::new().await;
    let (connected, mut talk) = tokio::join!(Client::connect(options(&peer)), async {
        let mut talk = peer.accept().await;
        assert_eq!(talk.welcomes(&[room(1, 3)]).await, json!([{"conversation": 1, "seq": 3}]));
        talk
    });
    let (titan, mut events) = connected.unwrap();
    assert_eq!(titan.me().unwrap().token.reveal(), "t0k3n");
    for seq in [4, 4, 6, 5, 3, 7] {
        talk.pushes(entry_event(1, seq)).await;
    }
    for seq in 4..=7 {
        assert_eq!(hears(&mut events).await, (1, seq));
    }
    assert!(events.try_next().is_none());
}

#[tokio::test]
async fn a_gap_is_filled_from_the_log() {
    let peer = Peer::new().await;
    let (_titan, mut events) = Client::start(options(&peer));
    let mut talk = peer.accept().await;
    talk.welcomes(&[room(1, 3)]).await;
    talk.pushes(entry_event(1, 6)).await;
    let asked = talk.hears("history").await;
    assert_eq!(asked["after"], 3);
    talk.refuses_for_now(&asked).await;
    let asked = talk.hears("history").await;
    talk.answers(&asked, json!({"entries": [entry(1, 4, "x"), entry(1, 5, "x"), entry(1, 6, "x")], "head": 6})).await;
    for seq in 4..=6 {
        assert_eq!(hears(&mut events).await, (1, seq));
    }
}

#[tokio::test]
async fn a_cut_connection_comes_back_resumes_and_asks_again() {
    let peer = Peer::new().await;
    let (titan, mut events) = Client::start(options(&peer));
    let mut talk = peer.accept().await;
    talk.welcomes(&[room(1, 3)]).await;
    talk.pushes(entry_event(1, 4)).await;
    assert_eq!(hears(&mut events).await, (1, 4));

    let asking = tokio::spawn({
        let titan = titan.clone();
        async move {
            tokio::join!(
                titan.ask(Rooms::default()),
                titan.post(ROOM, "hi"),
                titan.ask(JoinRoom { conversation: ROOM, password: None })
            )
        }
    });
    let mut posted = None;
    for _ in 0..3 {
        let request = talk.next().await;
        if request["do"] == "post" {
            posted = Some(request["client_id"].clone());
        }
    }
    drop(talk);

    let mut talk = peer.accept().await;
    let login = talk.hears("authenticate").await;
    assert_eq!(login["token"], "t0k3n");
    assert_eq!(talk.welcomes_after(login, &[room(1, 6)]).await, json!([{"conversation": 1, "seq": 4}]));
    for seq in 5..=6 {
        talk.pushes(entry_event(1, seq)).await;
    }
    for _ in 0..2 {
        let request = talk.next().await;
        match request["do"].as_str().unwrap() {
            "rooms" => talk.answers(&request, json!({"rooms": []})).await,
            "post" => {
                assert_eq!(Some(&request["client_id"]), posted.as_ref());
                talk.answers(&request, json!({"conversation": 1, "seq": 5, "id": 9, "at": 0})).await;
            }
            other => panic!("asked {other} again"),
        }
    }
    let (rooms, post, join) = soon(asking).await.unwrap();
    assert_eq!((rooms.unwrap().rooms.len(), post.unwrap().seq), (0, Seq(5)));
    assert!(matches!(join, Err(Error::Network(..))), "{join:?}");
    assert_eq!([hears(&mut events).await, hears(&mut events).await], [(1, 5), (1, 6)]);
}

#[tokio::test]
async fn a_revoked_session_ends_for_good() {
    for goodbye in [true, false] {
        let peer = Peer::new().await;
        let (titan, mut events) = Client::start(options(&peer));
        let mut talk = peer.accept().await;
        talk.welcomes(&[]).await;
        waits_for(&mut events, is_online).await;
        if goodbye {
            talk.pushes(json!({"event": "goodbye", "reason": "you were banned"})).await;
        } else {
            drop(talk);
            let mut talk = peer.accept().await;
            let login = talk.hears("authenticate").await;
            talk.refuses(&login, "bad_token", "you were banned").await;
        }
        let ended = waits_for(&mut events, |event| matches!(event, ClientEvent::Connection(Connection::Ended { .. })));
        let ClientEvent::Connection(Connection::Ended { why, untrusted: None }) = ended.await else { panic!() };
        assert!(why.contains("you were banned"));
        assert!(soon(events.next()).await.is_none());
        assert!(titan.ask(Rooms::default()).await.is_err());
        assert_eq!(titan.connection(), Connection::Ended { why, untrusted: None });
    }
}

#[tokio::test]
async fn a_goodbye_with_a_time_brings_the_client_back() {
    let peer = Peer::new().await;
    let (_titan, mut events) = Client::start(options(&peer));
    let mut talk = peer.accept().await;
    talk.welcomes(&[]).await;
    talk.pushes(json!({"event": "goodbye", "reason": "restarting", "retry_after_ms": 1})).await;
    let is_waiting = |event: &ClientEvent| matches!(event, ClientEvent::Connection(Connection::Waiting { .. }));
    let ClientEvent::Connection(Connection::Waiting { why, .. }) = waits_for(&mut events, is_waiting).await else {
        panic!()
    };
    assert_eq!(why, "restarting");
    peer.accept().await.welcomes(&[]).await;
    waits_for(&mut events, is_online).await;
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_tried_again() {
    let peer = Peer::new().await;
    let (connected, ()) = tokio::join!(Client::connect(options(&peer)), async {
        let mut talk = peer.accept().await;
        let login = talk.hears("login").await;
        assert_eq!((&login["username"], &login["password"]), (&json!("ada"), &json!("secret")));
        talk.refuses(&login, "bad_credentials", "Unknown account or wrong password.").await;
    });
    let error = connected.err().unwrap();
    assert_eq!(error.fault().unwrap().code, FaultCode::BadCredentials);
}

#[tokio::test]
async fn what_is_no_titan_server_is_said_to_be_none() {
    let peer = Peer::new().await;
    let (connected, ()) = tokio::join!(Client::connect(options(&peer)), peer.answers_http("404 Not Found"));
    let message = connected.err().unwrap().to_string();
    assert!(message.contains("404") && message.contains("is it a Titan server?"), "{message}");
    let nobody = Options::new("127.0.0.1:1").unwrap().token("x");
    let message = Client::connect(nobody).await.err().unwrap().to_string();
    assert!(message.contains("can't reach http://127.0.0.1:1"), "{message}");
}

#[tokio::test]
async fn without_a_connection_questions_fail_and_messages_wait() {
    let peer = Peer::new().await;
    let mut options = options(&peer);
    options.pace.patience = Duration::from_millis(30);
    let (titan, mut events) = Client::start(options);
    assert!(matches!(soon(titan.ask(Rooms::default())).await, Err(Error::Offline)));
    let posting = tokio::spawn({
        let titan = titan.clone();
        async move { titan.post(ROOM, "hi").await }
    });
    let mut talk = peer.accept().await;
    talk.welcomes(&[]).await;
    waits_for(&mut events, is_online).await;
    let post = talk.hears("post").await;
    talk.answers(&post, json!({"conversation": 1, "seq": 5, "id": 9, "at": 0})).await;
    assert_eq!(soon(posting).await.unwrap().unwrap().seq, Seq(5));
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let peer = Peer::new().await;
    let mut options = options(&peer);
    (options.pace.ping, options.pace.dead) = (Duration::from_millis(50), Duration::from_millis(100));
    let (_titan, mut events) = Client::start(options);
    let mut talk = peer.accept().await;
    talk.welcomes(&[]).await;
    waits_for(&mut events, is_online).await;
    // This end stays open but answers no ping. That the client comes again is all there is to see: the next end is as silent.
    let _again = peer.accept().await;
    drop(talk);
}

#[tokio::test]
async fn asking_for_a_connection_ends_the_wait() {
    let peer = Peer::new().await;
    let mut options = options(&peer);
    options.pace.backoff_most = Duration::from_secs(3600);
    let (titan, mut events) = Client::start(options);
    let mut talk = peer.accept().await;
    talk.welcomes(&[]).await;
    talk.pushes(json!({"event": "goodbye", "reason": "for an hour", "retry_after_ms": 3_600_000})).await;
    waits_for(&mut events, |event| matches!(event, ClientEvent::Connection(Connection::Waiting { .. }))).await;
    titan.reconnect_now();
    peer.accept().await.welcomes(&[]).await;
    waits_for(&mut events, is_online).await;
}

#[tokio::test]
async fn dropping_the_last_handle_closes_the_connection() {
    let peer = Peer::new().await;
    let (titan, events) = Client::start(options(&peer));
    let mut talk = peer.accept().await;
    talk.welcomes(&[]).await;
    let other = titan.clone();
    drop((titan, events));
    let asked = tokio::spawn(async move { other.ask(Ping {}).await });
    let ping = talk.hears("ping").await;
    talk.answers(&ping, json!({})).await;
    soon(asked).await.unwrap().unwrap();
    assert!(talk.is_closed().await);
}

#[tokio::test]
async fn what_is_too_long_is_refused_without_costing_the_connection() {
    let peer = Peer::new().await;
    let (titan, _events) = Client::start(options(&peer));
    let mut talk = peer.accept().await;
    talk.welcomes(&[]).await;
    let error = soon(titan.post(ROOM, &"x".repeat(70_000))).await.unwrap_err();
    assert_eq!(error.fault().unwrap().code, FaultCode::TooLarge);
    let asking = tokio::spawn(async move { titan.ask(Ping {}).await });
    let ping = talk.hears("ping").await;
    talk.answers(&ping, json!({})).await;
    soon(asking).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_slow_reader_gets_everything_once_and_blocks_no_answers() {
    const MANY: i64 = 12_000;
    let peer = Peer::new().await;
    let (titan, mut events) = Client::start(options(&peer));
    let mut talk = peer.accept().await;
    talk.welcomes(&[room(1, 0)]).await;
    let serving = tokio::spawn(async move {
        for seq in 1..=MANY {
            talk.pushes(entry_event(1, seq)).await;
        }
        let ping = talk.hears("ping").await;
        talk.answers(&ping, json!({})).await;
        loop {
            let Some(asked) = talk.try_hears("history").await else { return };
            let after = asked["after"].as_i64().unwrap();
            let page: Vec<_> = (after + 1..=MANY.min(after + 200)).map(|seq| entry(1, seq, "x")).collect();
            talk.answers(&asked, json!({"entries": page, "head": MANY})).await;
        }
    });
    soon(titan.ask(Ping {})).await.unwrap();
    for seq in 1..=MANY {
        assert_eq!(hears(&mut events).await, (1, seq));
    }
    drop((titan, events));
    soon(serving).await.unwrap();
}

#[tokio::test]
async fn with_a_cache_entries_are_written_before_they_are_handed_out_and_resumed_after_a_restart() {
    let peer = Peer::new().await;
    let cache = crate::cache::Cache::in_memory().unwrap();
    let (titan, mut events) = Client::start(options(&peer).cache(cache.clone()));
    let mut talk = peer.accept().await;
    talk.welcomes(&[room(1, 3)]).await;
    talk.pushes(entry_event(1, 4)).await;
    assert_eq!(hears(&mut events).await, (1, 4));
    assert!(cache.entry(ROOM, Seq(4)).unwrap().is_some());
    assert_eq!(cache.conversations().unwrap()[0].head, Seq(4));
    drop((titan, events, talk));

    // A new program: it resumes what the cache holds, and finds a direct that somebody opened meanwhile.
    let (_titan, mut events) = Client::start(options(&peer).cache(cache.clone()));
    let mut talk = peer.accept().await;
    let after = talk.welcomes(&[room(1, 6), direct(2, 1)]).await;
    assert_eq!(after, json!([{"conversation": 1, "seq": 4}, {"conversation": 2, "seq": 0}]));
    let added = waits_for(&mut events, |event| matches!(event, ClientEvent::Server(Event::ConversationAdded { .. })));
    let ClientEvent::Server(event) = added.await else { panic!() };
    assert_eq!(event.conversation(), Some(ConversationId(2)));
    drop(talk);

    // The server was restored from a backup: its log is shorter, and the room is gone from the list.
    let mut talk = peer.accept().await;
    assert_eq!(talk.welcomes(&[room(1, 2)]).await, json!([{"conversation": 1, "seq": 2}]));
    waits_for(&mut events, |event| matches!(event, ClientEvent::Server(Event::ConversationRemoved { .. }))).await;
    assert!(cache.entry(ROOM, Seq(4)).unwrap().is_none());
}

#[tokio::test]
async fn another_epoch_of_the_house_drops_what_was_kept_of_the_one_before() {
    let peer = Peer::new().await;
    let cache = crate::cache::Cache::in_memory().unwrap();
    let (_titan, mut events) = Client::start(options(&peer).cache(cache.clone()));
    let mut talk = peer.accept().await;
    talk.welcomes_in("first", &[room(1, 3)]).await;
    talk.pushes(entry_event(1, 4)).await;
    assert_eq!(hears(&mut events).await, (1, 4));
    drop(talk);

    // The same epoch: it goes on where it was.
    let mut talk = peer.accept().await;
    assert_eq!(talk.welcomes_in("first", &[room(1, 4)]).await, json!([{"conversation": 1, "seq": 4}]));
    drop(talk);

    // Restored, and written to since: the log is longer than what is kept, and another one all the same.
    let mut talk = peer.accept().await;
    assert_eq!(talk.welcomes_in("second", &[room(1, 9)]).await, json!([{"conversation": 1, "seq": 9}]));
    let rewound = waits_for(&mut events, |event| matches!(event, ClientEvent::Rewound(_))).await;
    assert_eq!(rewound, ClientEvent::Rewound(vec![ROOM]));
    assert!(cache.entry(ROOM, Seq(4)).unwrap().is_none());
    assert_eq!(cache.conversations().unwrap()[0].head, Seq(9));
}

#[tokio::test]
async fn the_outbox_is_sent_in_order_and_says_what_became_of_it() {
    let peer = Peer::new().await;
    let cache = crate::cache::Cache::in_memory().unwrap();
    let (titan, mut events) = Client::start(options(&peer).cache(cache.clone()));
    let ids: Vec<_> = ["one", "two", "three"].map(|text| titan.queue(Draft::new(ROOM, text)).unwrap()).into();
    let mut talk = peer.accept().await;
    talk.welcomes(&[]).await;
    let post = talk.hears("post").await;
    assert_eq!((&post["text"], &post["client_id"]), (&json!("one"), &json!(ids[0])));
    // The answer is lost; the same message comes again.
    drop(talk);
    let mut talk = peer.accept().await;
    talk.welcomes(&[]).await;
    let post = talk.hears("post").await;
    assert_eq!(post["client_id"], json!(ids[0]));
    talk.answers(&post, json!({"conversation": 1, "seq": 5, "id": 9, "at": 0})).await;
    let post = talk.hears("post").await;
    talk.refuses(&post, "not_a_member", "You are not a member.").await;
    let post = talk.hears("post").await;
    assert_eq!(post["text"], "three");
    talk.refuses_for_now(&post).await;
    let post = talk.hears("post").await;
    assert_eq!(post["text"], "three");
    talk.answers(&post, json!({"conversation": 1, "seq": 6, "id": 10, "at": 0})).await;
    let mut fates = Vec::new();
    while fates.len() < 3 {
        if let ClientEvent::Outbox { client_id, result } = next(&mut events).await {
            fates.push((client_id, result.map(|posted| posted.seq.0).map_err(|fault| fault.code)));
        }
    }
    assert_eq!(fates, [(ids[0], Ok(5)), (ids[1], Err(FaultCode::NotAMember)), (ids[2], Ok(6))]);
    let left = cache.outbox().unwrap();
    assert_eq!((left.len(), left[0].client_id), (1, ids[1]));
    // Queued while online it goes at once.
    titan.queue(Draft::new(ROOM, "four")).unwrap();
    assert_eq!(talk.hears("post").await["text"], "four");
}

#[tokio::test]
async fn register_needs_no_login() {
    let peer = Peer::new().await;
    let options = Options::new(&peer.url()).unwrap();
    let (registered, ()) = tokio::join!(Client::register(&options, "ada", "secret", Some("Ada"), None), async {
        let mut talk = peer.accept().await;
        let request = talk.hears("register").await;
        assert_eq!(request["full_name"], "Ada");
        talk.answers(&request, json!({"account": account(1, "ada")})).await;
    });
    assert_eq!(registered.unwrap().username.as_str(), "ada");
}

#[tokio::test]
async fn a_server_that_shows_another_certificate_in_mid_life_is_sent_nothing_and_not_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let known = KnownServers::at(folder.path().join("known_servers"));
    let mut peer = Peer::new().await.with_new_certificate();
    let options = || {
        let mut options = options(&peer).token("x").trust(Trust::Known(known.clone()));
        options.pace.backoff_most = Duration::from_millis(1);
        options
    };
    // A first contact: nobody is believed, and nobody is remembered.
    let (connected, ()) = tokio::join!(Client::connect(options()), peer.fails_to_accept());
    let Err(Error::Untrusted(stranger)) = connected else { panic!("{:?}", connected.err()) };
    assert!(stranger.may_be_asked_about() && known.list().unwrap().is_empty(), "{stranger}");
    known.believe(&stranger).unwrap();
    let ((_titan, mut events), talk) = tokio::join!(async { Client::connect(options()).await.unwrap() }, async {
        let mut talk = peer.accept().await;
        talk.welcomes(&[]).await;
        talk
    });
    let strict = options().trust(Trust::System);
    let (connected, ()) = tokio::join!(Client::connect(strict), peer.fails_to_accept());
    assert!(matches!(connected, Err(Error::Untrusted(_))), "{:?}", connected.err());

    peer = peer.with_new_certificate();
    drop(talk);
    peer.fails_to_accept().await;
    let ended =
        waits_for(&mut events, |event| matches!(event, ClientEvent::Connection(Connection::Ended { .. }))).await;
    let ClientEvent::Connection(Connection::Ended { why, untrusted: Some(changed) }) = ended else {
        panic!("{ended:?}")
    };
    assert!(why.contains("HAS CHANGED") && !changed.may_be_asked_about(), "{why}");
    assert_eq!(changed.known, Some(Known::ByFingerprint(stranger.fingerprint.unwrap())));
    assert_eq!(soon(events.next()).await, None, "there is no further attempt");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_told_apart_from_one_that_is_not_believed() {
    let peer = Peer::new().await;
    let url = peer.url().replace("http:", "https:");
    let (connected, ()) =
        tokio::join!(Client::connect(Options::new(&url).unwrap().token("x")), peer.answers_http("400 Bad"));
    match connected.err().unwrap() {
        Error::Tls(why, _) => assert!(why.contains("doesn't speak TLS"), "{why}"),
        other => panic!("{other}"),
    }
}
