//! One name is one person at every door, and what is asked of new names and passwords.

use serde_json::{Value, json};

use crate::guests::guest::PASSWORD;
use crate::guests::{DOORS, open_house, open_house_with};

#[tokio::test(flavor = "multi_thread")]
async fn one_name_comes_in_at_every_door_in_every_case_and_form() {
    let house = open_house().await;
    house.enter("José").await;
    house.enter("ΝΙΚΟΣ").await;
    for door in DOORS {
        for name in ["José", "JOSÉ", "jose\u{301}", "νικος", "νικοσ"] {
            let entered = door.login(&house, name, PASSWORD).await;
            assert!(entered.is_ok(), "{door:?} refused {name}: {:?}", entered.err());
        }
        assert!(door.login(&house, "Josef", PASSWORD).await.is_err(), "{door:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_be_a_name_or_a_number_is_looked_up_as_the_name() {
    let house = open_house().await;
    let mut ada = house.enter("ada").await;
    let bob = house.enter("bob").await;
    let number = ada.ok(json!({"do": "find_account", "username": "BOB"})).await["titan_number"].clone();
    let either = json!({"do": "find_account", "username": number.to_string(), "titan_number": number});
    assert_eq!(ada.ok(either.clone()).await["id"], bob.account, "nobody is called so");
    let eve = house.enter("eve").await;
    house.in_database(&format!("UPDATE accounts SET username = '{number}', key = '{number}' WHERE username = 'eve'"));
    assert_eq!(ada.ok(either).await["id"], eve.account, "the name");
    assert_eq!(ada.ok(json!({"do": "find_account", "titan_number": number})).await["id"], bob.account);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_or_password_that_will_not_do_is_told_with_its_field() {
    let house = open_house().await;
    let mut ada = house.enter("ada").await;
    let about = |said: &Value| (said["error"]["code"].clone(), said["error"]["field"].clone());
    for name in ["20860", "٣٤٥", ".", "--help", "operator", "SYSTEM", "former-3"] {
        let said = ada.ask(json!({"do": "register", "username": name, "password": PASSWORD})).await;
        assert_eq!(about(&said), (json!("bad_request"), json!("username")), "{name}: {said}");
    }
    for password in ["a", " ", "1", "1234567", "password", "PASSWORD1", "aaaaaaaa", "Bob.Builder"] {
        let said = ada.ask(json!({"do": "register", "username": "bob.builder", "password": password})).await;
        assert_eq!(about(&said), (json!("bad_request"), json!("password")), "{password}: {said}");
        assert!(said["error"]["message"].as_str().unwrap().ends_with('.'), "{said}");
    }
    let said = ada.ask(json!({"do": "change_password", "old": PASSWORD, "new": "iloveyou"})).await;
    assert_eq!(about(&said), (json!("bad_request"), json!("new")), "{said}");
    ada.ok(json!({"do": "register", "username": "admin", "password": "correct horse 1"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_one_in_every_form_at_every_door() {
    let house = open_house().await;
    let mut stranger = house.native().await;
    let (composed, decomposed) = ("caf\u{e9}-caf\u{e9}", "cafe\u{301}-cafe\u{301}");
    stranger.ok(json!({"do": "register", "username": "zoe", "password": decomposed})).await;
    for door in DOORS {
        assert!(door.login(&house, "zoe", composed).await.is_ok(), "{door:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn older_doors_take_what_their_documents_let_through_unless_the_operator_says_more() {
    for (least, taken) in [(0, true), (10, false)] {
        let house = open_house_with(|config| config.passwords_min = least).await;
        let sample = json!({"username": "johndoe", "password": "test123"});
        for path in ["/auth/register", "/api/register"] {
            let request = reqwest::Client::new().post(format!("{}{path}", house.http())).json(&sample);
            let answer = request.send().await.unwrap();
            let (status, said) = (answer.status(), answer.text().await.unwrap());
            let exists = status == 404 || status == 405;
            assert!(exists || status.is_success() == taken, "{path} at least {least}: {status} {said}");
            assert!(exists || taken || said.contains("at least 10"), "{said}");
        }
        let said = house.native().await.ask(json!({"do": "register", "username": "eve", "password": "123-abcd"})).await;
        assert_eq!(said.get("ok").is_some(), taken, "{said}");
    }
}
