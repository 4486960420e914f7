//! Sessions and their ends: by time, by another login, by hand.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::json;
use titan_core::Time;
use titan_core::protocol::{FaultCode, Role};
use titan_server::admin_key::AdminKey;
use titan_server::hub::{Hub, Letter, Limits, Mailer, Passwords, Peppers, Registration, Visitor};
use titan_server::store::Clock;
use titan_server::store::sqlite::{SqliteOptions, SqliteStore};
use titan_server::switchboard::{Next, Switchboard};
use tokio::sync::mpsc;

use crate::support::{TestHouse, deadline};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[derive(Debug)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }
}

struct NoMail;

impl Mailer for NoMail {
    fn take(&self, _: Letter) {}
}

#[tokio::test]
async fn a_session_ends_when_nobody_used_it_and_at_its_age_and_an_admins_sooner() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Hands(AtomicI64::new(1_800_000_000_000)));
    let (committed, commits) = mpsc::channel(16);
    let options = SqliteOptions { clock: clock.clone(), ..SqliteOptions::default() };
    let store = Arc::new(SqliteStore::open(&folder.path().join("titan.db"), committed, options).unwrap());
    let (admin_key, _) = AdminKey::load(&folder.path().join("admin_key.txt")).unwrap();
    let (board, passwords) = (Switchboard::new(store.clone()), Passwords::new(Peppers::of(b"pepper"), 1));
    let hub = Hub::new(store, board, passwords, Limits::off(), admin_key, Arc::new(NoMail), clock.clone());
    tokio::spawn(hub.follower().run(commits));
    let passes = |time: i64| clock.0.fetch_add(time, Ordering::Relaxed);
    let at = Visitor::new("native", IpAddr::V4(Ipv4Addr::LOCALHOST)).with_client(Some("a test"));
    for name in ["ada", "bob"] {
        hub.register(&at, Registration::new(name, "secret-password")).await.unwrap();
    }
    let enter = async |token: &str| hub.authenticate(&at, token).await;
    let (ada, bob) = (
        hub.login(&at, "ada", "secret-password").await.unwrap(),
        hub.login(&at, "bob", "secret-password").await.unwrap(),
    );
    let (ada, bob) = ((ada.token, ada.session), (bob.token, bob.session));
    assert_eq!(bob.1.sessions().await.unwrap()[0].client.as_deref(), Some("a test"));

    // Bob reads along, and says nothing; ada is away.
    let reading = bob.1.attach(false).await.unwrap();
    for _ in 0..29 {
        passes(DAY);
        hub.end_idle_sessions().await.unwrap();
    }
    assert!(enter(ada.0.reveal()).await.is_ok(), "used after 29 days");
    passes(30 * DAY);
    assert_eq!(enter(ada.0.reveal()).await.err().map(|fault| fault.code), Some(FaultCode::BadToken));
    hub.end_idle_sessions().await.unwrap();
    assert!(enter(bob.0.reveal()).await.is_ok(), "an open connection is use");

    // An admin's is shorter, from the moment on at which they are one; what is open hears of it.
    hub.operator().set_role("bob", Role::Admin).await.unwrap();
    hub.end_idle_sessions().await.unwrap();
    loop {
        match deadline(reading.next()).await {
            Next::Ended(ending) => break assert!(ending.reason.contains("expired"), "{ending:?}"),
            _ => continue,
        }
    }
    assert_eq!(enter(bob.0.reveal()).await.err().map(|fault| fault.code), Some(FaultCode::BadToken));
    drop(reading);
    let bob = hub.login(&at, "bob", "secret-password").await.unwrap();
    passes(23 * HOUR);
    assert!(enter(bob.token.reveal()).await.is_ok());
    passes(DAY);
    assert!(enter(bob.token.reveal()).await.is_err());

    // However much it is used.
    let bob = hub.login(&at, "bob", "secret-password").await.unwrap();
    let reading = bob.session.attach(false).await.unwrap();
    for _ in 0..7 * 24 - 1 {
        passes(HOUR);
        hub.end_idle_sessions().await.unwrap();
    }
    assert!(enter(bob.token.reveal()).await.is_ok());
    passes(HOUR);
    hub.end_old_sessions().await.unwrap();
    assert!(enter(bob.token.reveal()).await.is_err());
    let ended = async { while !matches!(reading.next().await, Next::Ended(_)) {} };
    deadline(ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_ends_its_open_socket() {
    let mut house = TestHouse::open_with(|config| {
        config.limits = false;
        config.sessions.users.lasts = Duration::from_secs(2);
    })
    .await;
    // A new house believes its clock after an hour; one that goes on does so at once.
    house.restart().await;
    let mut ada = house.enter("ada").await;
    let goodbye = ada.hears(|event| event["event"] == "goodbye").await;
    assert!(goodbye["reason"].as_str().unwrap().contains("expired"), "{goodbye}");
    let mut again = house.native().await;
    assert_eq!(again.fault(json!({"do": "authenticate", "token": ada.token})).await, "bad_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_login_on_a_socket_ends_the_first_session_and_no_other() {
    let house = TestHouse::open().await;
    let (mut ada, mut other) = (house.enter("ada").await, house.enter_again("ada").await);
    let first = ada.token.clone();
    let login = json!({"do": "login", "username": "ada", "password": "secret-password", "client": "titan 0.9 on desk"});
    ada.ok(login).await;
    assert_eq!(house.native().await.fault(json!({"do": "authenticate", "token": first})).await, "bad_token");
    ada.says(1, "still here").await;
    other.hears_text("still here").await;
    let listed = ada.ok(json!({"do": "sessions"})).await;
    let listed = listed["sessions"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let current = listed.iter().find(|session| session["current"] == true).unwrap();
    assert_eq!(current["client"], "titan 0.9 on desk");
    // Who is refused keeps what they had.
    let wrong = json!({"do": "login", "username": "ada", "password": "not hers"});
    assert_eq!(ada.fault(wrong).await, "bad_credentials");
    ada.says(1, "and still").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_my_other_sessions_end_at_once() {
    let house = TestHouse::open().await;
    let (mut ada, mut other) = (house.enter("ada").await, house.enter_again("ada").await);
    let bob = house.enter("bob").await;
    ada.ok(json!({"do": "end_sessions", "account": ada.account})).await;
    other.hears(|event| event["event"] == "goodbye").await;
    let left = ada.ok(json!({"do": "sessions"})).await;
    assert_eq!(left["sessions"].as_array().unwrap().len(), 1);
    let none = json!({"do": "end_sessions", "account": ada.account, "session": 4_711});
    assert_eq!(ada.fault(none).await, "not_found");
    assert_eq!(ada.fault(json!({"do": "end_sessions", "account": bob.account})).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_ends_one_session_of_somebody_and_leaves_the_others() {
    let house = TestHouse::open().await;
    let (mut ada, mut other) = (house.enter("ada").await, house.enter_again("ada").await);
    let mut boss = house.enter("boss").await;
    house.make_admin("boss");
    let listed = other.ok(json!({"do": "sessions"})).await;
    let listed = listed["sessions"].as_array().unwrap();
    let current = listed.iter().find(|session| session["current"] == true).unwrap();
    boss.ok(json!({"do": "end_sessions", "account": ada.account, "session": current["id"]})).await;
    other.hears(|event| event["event"] == "goodbye").await;
    ada.says(1, "still here").await;
    let acts = boss.ok(json!({"do": "audit"})).await;
    assert_eq!((&acts["acts"][0]["act"], &acts["acts"][0]["by"]["username"]), (&json!("end_sessions"), &json!("boss")));
}
