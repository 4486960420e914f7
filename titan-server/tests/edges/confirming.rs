//! What a stolen token is good for: not for what an account or the house is taken over by, once the login is ten minutes old.
//! And what a password that somebody else made up is good for: to choose another.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use titan_core::Time;
use titan_core::protocol::FaultCode;
use titan_server::admin_key::AdminKey;
use titan_server::hub::{Hub, Letter, Limits, Mailer, Passwords, Peppers, ProfileChange, Registration, Visitor};
use titan_server::store::Clock;
use titan_server::store::sqlite::{SqliteOptions, SqliteStore};
use titan_server::switchboard::Switchboard;
use tokio::sync::mpsc;

use crate::support::{Native, TestHouse, deadline};

const MINUTE: i64 = 60_000;

#[derive(Debug)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }
}

#[derive(Default)]
struct Letters(Mutex<Vec<Letter>>);

impl Mailer for Letters {
    fn take(&self, letter: Letter) {
        self.0.lock().unwrap().push(letter);
    }
}

#[tokio::test]
async fn a_password_that_was_given_vouches_for_ten_minutes_and_a_token_never_does() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Hands(AtomicI64::new(1_800_000_000_000)));
    let (committed, commits) = mpsc::channel(16);
    let options = SqliteOptions { clock: clock.clone(), ..SqliteOptions::default() };
    let store = Arc::new(SqliteStore::open(&folder.path().join("titan.db"), committed, options).unwrap());
    let (admin_key, _) = AdminKey::load(&folder.path().join("admin_key.txt")).unwrap();
    let (board, passwords) = (Switchboard::new(store.clone()), Passwords::new(Peppers::of(b"pepper"), 1));
    let letters = Arc::new(Letters::default());
    let hub = Hub::new(store, board, passwords, Limits::off(), admin_key, letters, clock.clone());
    tokio::spawn(hub.follower().run(commits));

    let visitor = Visitor::new("native", IpAddr::V4(Ipv4Addr::LOCALHOST));
    hub.register(&visitor, Registration::new("ada", "secret-password")).await.unwrap();
    let login = hub.login(&visitor, "ada", "secret-password").await.unwrap();
    let (ada, token) = (login.session, login.token);
    let mail = |name: &str| ProfileChange { email: Some(format!("{name}@example.org")), ..ProfileChange::default() };
    let passes = |minutes| clock.0.fetch_add(minutes * MINUTE, Ordering::Relaxed);

    passes(9);
    ada.update_profile(mail("one")).await.unwrap();
    passes(1);
    let refused = ada.update_profile(mail("two")).await.unwrap_err();
    assert_eq!(refused.code, FaultCode::ConfirmFirst);
    let again = hub.authenticate(&visitor, token.reveal()).await.unwrap().session;
    assert_eq!(again.update_profile(mail("two")).await.unwrap_err().code, FaultCode::ConfirmFirst);
    assert_eq!(again.confirm("secret-passwore", None).await.unwrap_err().code, FaultCode::BadCredentials);
    assert_eq!(again.update_profile(mail("two")).await.unwrap_err().code, FaultCode::ConfirmFirst);
    again.confirm("secret-password", None).await.unwrap();
    ada.update_profile(mail("two")).await.unwrap();
    passes(10);
    assert_eq!(ada.update_profile(mail("three")).await.unwrap_err().code, FaultCode::ConfirmFirst);
    ada.unasked().update_profile(mail("three")).await.unwrap();
    // Everything else is done as it was.
    again.update_profile(ProfileChange { full_name: Some("Ada".into()), ..ProfileChange::default() }).await.unwrap();
}

/// Somebody who has no more than the token.
async fn thief(house: &TestHouse, token: &str) -> Native {
    let mut thief = house.native().await;
    thief.ok(json!({"do": "authenticate", "token": token})).await;
    thief
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_takes_over_neither_account_nor_house() {
    let mut house = TestHouse::open().await;
    let (eve, ada) = (house.enter("eve").await, house.enter("ada").await);
    let other = house.enter_again("ada").await;
    house.make_admin("ada");
    // What the server knows of passwords that were given goes with it.
    house.restart().await;
    let mut ada = thief(&house, &ada.token).await;
    let sessions = ada.ok(json!({"do": "sessions"})).await;
    let theirs = sessions["sessions"].as_array().unwrap().iter().find(|session| session["current"] != true).unwrap();
    let dear = [
        json!({"do": "update_profile", "email": "thief@example.org"}),
        json!({"do": "revoke_session", "session": theirs["id"]}),
        json!({"do": "add_account", "username": "mallory", "password": "another-password", "role": "admin"}),
        json!({"do": "edit_account", "account": eve.account, "role": "admin"}),
        json!({"do": "change_admin_key", "key": "a-key-of-the-thief"}),
        json!({"do": "remove_account", "account": eve.account}),
    ];
    for command in &dear {
        assert_eq!(ada.fault(command.clone()).await, "confirm_first", "{command}");
    }
    let mut again = thief(&house, &other.token).await;
    again.ok(json!({"do": "find_account", "username": "eve"})).await;
    assert_eq!(again.fault(json!({"do": "find_account", "username": "mallory"})).await, "not_found");
    assert_eq!(ada.fault(json!({"do": "confirm", "password": "a wrong one"})).await, "bad_credentials");
    for command in &dear {
        assert_eq!(ada.fault(command.clone()).await, "confirm_first", "{command}");
    }
    ada.ok(json!({"do": "confirm", "password": "secret-password"})).await;
    assert_eq!(again.fault(dear[4].clone()).await, "confirm_first", "another session has given nothing");
    for command in dear {
        ada.ok(command).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_that_and_not_to_give_a_password() {
    let mut house = TestHouse::open().await;
    let eve = house.enter("eve").await;
    house.restart().await;
    let mut eve = thief(&house, &eve.token).await;
    let key = json!({"do": "change_admin_key", "key": "a-key-of-the-thief"});
    assert_eq!(eve.fault(key).await, "forbidden");
    eve.ok(json!({"do": "logout"})).await;
}

/// What `POST /api/login` answers.
async fn api_login(house: &TestHouse, body: serde_json::Value) -> (u16, serde_json::Value) {
    let request = reqwest::Client::new().post(format!("{}/api/login", house.http())).json(&body);
    let answer = deadline(request.send()).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_somebody_else_made_up_is_replaced_at_the_first_login() {
    let house = TestHouse::open().await;
    house.enter("root").await;
    house.make_admin("root");
    let mut root = house.enter_again("root").await;
    root.ok(json!({"do": "add_account", "username": "bob", "password": "made-up-for-bob"})).await;
    let login =
        |new: &str| json!({"do": "login", "username": "bob", "password": "made-up-for-bob", "new_password": new});
    let mut bob = house.native().await;
    let plain = json!({"do": "login", "username": "bob", "password": "made-up-for-bob"});
    assert_eq!(bob.fault(plain.clone()).await, "choose_password");
    for unfit in ["short", "iloveyou", "bob", "made-up-for-bob"] {
        assert_eq!(bob.ask(login(unfit)).await["error"]["field"], "new_password", "{unfit}");
    }
    let wrong = json!({"do": "login", "username": "bob", "password": "not-his", "new_password": "a-word-of-his-own"});
    assert_eq!(bob.fault(wrong).await, "bad_credentials");
    assert_eq!(
        house.number("SELECT count(*) FROM sessions WHERE account = (SELECT id FROM accounts WHERE username = 'bob')"),
        0
    );
    bob.ok(login("a-word-of-his-own")).await;
    assert_eq!(house.native().await.fault(plain).await, "bad_credentials", "what was made up is over");
    house.native().await.login("bob", "a-word-of-his-own").await;
    let again =
        json!({"do": "login", "username": "bob", "password": "a-word-of-his-own", "new_password": "and-another-one"});
    assert_eq!(house.native().await.fault(again).await, "bad_request", "his own is changed once he is in");

    // By the operator: what stays, and what doesn't; and the way in for scripts.
    let operator = house.server.as_ref().unwrap().hub.clone();
    operator.operator().reset_password("bob", "of the operator".into(), false).await.unwrap();
    let asked = json!({"username": "bob", "password": "of the operator"});
    let (status, said) = api_login(&house, asked).await;
    assert_eq!((status, &said["code"], &said["success"]), (403, &json!("choose_password"), &json!(false)));
    let asked = json!({"username": "bob", "password": "of the operator", "new_password": "a-word-of-his-own"});
    assert_eq!(api_login(&house, asked).await.0, 200);
    operator.operator().reset_password("bob", "of a program".into(), true).await.unwrap();
    house.native().await.login("bob", "of a program").await;
    // Whoever sets their own, as an admin too, has chosen it.
    let edit = json!({"do": "edit_account", "account": root.account, "password": "a-new-one-of-root"});
    root.ok(edit).await;
    house.native().await.login("root", "a-new-one-of-root").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_password_opens_older_doors_until_its_week_is_over() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.tls_frames = titan_server::config::Address::local(0);
    })
    .await;
    house.enter("bob").await;
    let hub = house.server.as_ref().unwrap().hub.clone();
    hub.operator().reset_password("bob", "made up for bob".into(), false).await.unwrap();
    let mut frames = crate::tls_support::client(&house).await;
    frames.login("bob", "made up for bob").await;
    let channels = |password: &str| {
        let body = json!({"username": "bob", "password": password});
        reqwest::Client::new().post(format!("{}/auth/login", house.http())).json(&body)
    };
    assert_eq!(deadline(channels("made up for bob").send()).await.unwrap().status().as_u16(), 200);
    house.in_database("UPDATE accounts SET made_up_until = 1 WHERE username = 'bob'");
    assert_eq!(deadline(channels("made up for bob").send()).await.unwrap().status().as_u16(), 400);
    let late =
        json!({"do": "login", "username": "bob", "password": "made up for bob", "new_password": "a-word-of-his-own"});
    assert_eq!(house.native().await.fault(late).await, "bad_credentials");
}
