//! What stands between a guesser and whatever opens something: at each of them tries come to an end, and nobody else is concerned.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};

use crate::factor_support::{App, app_password};
use crate::support::{Native, TestHouse, deadline};

const PASSWORD: &str = "secret-password";

async fn house() -> TestHouse {
    TestHouse::open_with(|config| config.limits = true).await
}

/// How often it is answered so before there is too much of it.
async fn tries(person: &mut Native, most: usize, asked: impl Fn(usize) -> Value, refused: &str) -> usize {
    for tried in 0..most {
        let told = person.fault(asked(tried)).await;
        if told == "rate_limited" {
            return tried;
        }
        assert_eq!(told, refused, "{}", asked(tried));
    }
    panic!("{most} tries, and no end: {}", asked(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_given_again_is_not_guessed_by_who_has_the_token() {
    let house = house().await;
    let mut ada = house.enter("ada").await;
    let mut thief = house.native().await;
    thief.ok(json!({"do": "authenticate", "token": ada.token})).await;
    let guess = |tried| json!({"do": "confirm", "password": format!("guess {tried}")});
    assert_eq!(tries(&mut thief, 100, guess, "bad_credentials").await, 10);
    let mut again = house.native().await;
    again.login("ada", PASSWORD).await;
    again.ok(json!({"do": "confirm", "password": PASSWORD})).await;
    ada.ok(json!({"do": "ping"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rooms_password_is_not_guessed_and_others_join_meanwhile() {
    let house = house().await;
    let (mut ada, mut bob) = (house.enter("ada").await, house.enter("bob").await);
    let mut eve = house.enter("eve").await;
    let room = ada.ok(json!({"do": "create_room", "name": "den", "password": "open sesame"})).await["id"].clone();
    let guess = |tried| json!({"do": "join_room", "conversation": room, "password": format!("guess {tried}")});
    assert!(tries(&mut bob, 100, guess, "wrong_room_password").await <= 30);
    eve.ok(json!({"do": "join_room", "conversation": room, "password": "open sesame"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_letters_are_not_guessed() {
    let house = house().await;
    let mut stranger = house.native().await;
    let reset =
        |tried| json!({"do": "reset_password", "token": format!("guess-{tried}"), "password": "a new password"});
    tries(&mut stranger, 1_000, reset, "not_found").await;
    let mail = |tried| json!({"do": "confirm_mail", "token": format!("guess-{tried}")});
    tries(&mut stranger, 1_000, mail, "not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_password_is_guessed_no_more_often_than_a_password_and_who_is_in_stays_in() {
    let house = house().await;
    let mut ada = house.enter("ada").await;
    App::set_up(&mut ada).await;
    let (_, password) = app_password(&mut ada, &[]).await;
    let mut script = house.native().await;
    script.login("ada", &password).await;
    let (client, url) = (reqwest::Client::new(), format!("{}/api/login", house.http()));
    let guess = || {
        let body = json!({"username": "ada", "password": "k3vmw-9xqth-2bdfn-7rsca-m5p8e"});
        let asked = client.post(&url).json(&body);
        async move { deadline(asked.send()).await.unwrap().status().as_u16() }
    };
    // Those that are too many are answered at once, before the others' passwords are hashed.
    let mut guesses: FuturesUnordered<_> = (0..100).map(|_| guess()).collect();
    loop {
        match guesses.next().await {
            Some(401) => {}
            told => break assert_eq!(told, Some(429)),
        }
    }
    drop(guesses);
    script.says(1, "still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_key_is_not_guessed() {
    let house = house().await;
    let (mut one, mut other) = (house.native().await, house.native().await);
    let guess = |tried: usize| {
        let username = format!("guesser{tried}");
        json!({"do": "register", "username": username, "password": PASSWORD, "admin_key": format!("guess {tried}")})
    };
    for tried in 0..100 {
        assert_eq!(one.fault(guess(tried)).await, "forbidden");
    }
    // From now on tries have to wait, one of a network at a time. As many registrations would still be let in.
    for tried in (100..180).step_by(2) {
        let (one, other) = tokio::join!(one.fault(guess(tried)), other.fault(guess(tried + 1)));
        if [&one, &other].iter().any(|told| *told == "rate_limited") {
            return;
        }
    }
    panic!("180 tries at the admin key, and none had to wait");
}
