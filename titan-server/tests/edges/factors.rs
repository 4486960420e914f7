//! A second factor: what it asks of whom, and what whoever has the password alone comes to.

use serde_json::{Value, json};

use crate::factor_support::{App, app_password};
use crate::support::{TestHouse, deadline};

const PASSWORD: &str = "secret-password";

fn login(code: Option<&str>) -> Value {
    json!({"do": "login", "username": "ada", "password": PASSWORD, "code": code})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_takes_a_right_code_and_each_code_once() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let app = App::set_up(&mut ada).await;
    assert_eq!(app.recovery.len(), 10);
    let mut other = house.native().await;
    assert_eq!(other.fault(login(None)).await, "second_factor_required");
    let refused = other.ask(login(Some(&app.wrong_code()))).await;
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["field"]),
        (&json!("second_factor_required"), &json!("code"))
    );
    let wrong = json!({"do": "login", "username": "ada", "password": "not hers", "code": app.code(0)});
    assert_eq!(other.fault(wrong).await, "bad_credentials", "a code alone opens nothing, and is not used up");
    let code = app.code(0);
    other.ok(login(Some(&code))).await;
    let mut third = house.native().await;
    assert_eq!(third.fault(login(Some(&code))).await, "second_factor_required", "it was used");
    third.ok(login(Some(&app.recovery[0].to_uppercase()))).await;
    assert_eq!(house.native().await.fault(login(Some(&app.recovery[0]))).await, "second_factor_required");
    let profile = third.ok(json!({"do": "profile"})).await;
    assert_eq!((profile["recovery_codes"].as_i64(), profile["factor_since"].is_i64()), (Some(9), true));
    let fresh = third.ok(json!({"do": "renew_recovery_codes"})).await;
    assert_eq!(house.native().await.fault(login(Some(&app.recovery[1]))).await, "second_factor_required");
    house.native().await.ok(login(fresh["codes"][0].as_str())).await;

    third.ok(json!({"do": "remove_factor"})).await;
    house.native().await.ok(login(None)).await;
    for table in ["factors", "recovery_codes"] {
        assert_eq!(house.number(&format!("SELECT count(*) FROM {table}")), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_counts_once_a_code_of_it_came_and_ends_other_sessions() {
    let house = TestHouse::open().await;
    let (mut ada, mut other) = (house.enter("ada").await, house.enter_again("ada").await);
    assert_eq!(ada.fault(json!({"do": "confirm_factor", "code": "123456"})).await, "not_found");
    let offered = ada.ok(json!({"do": "add_factor"})).await;
    assert_eq!(ada.fault(json!({"do": "confirm_factor", "code": "nonsense"})).await, "second_factor_required");
    assert_eq!(house.number("SELECT count(*) FROM factors"), 0, "it counts once a code came");
    assert!(offered["qr"].as_array().unwrap().len() > 20);
    App::set_up(&mut ada).await;
    other.hears(|event| event["event"] == "goodbye").await;
    assert_eq!(ada.fault(json!({"do": "add_factor"})).await, "conflict");
    assert!(offered["uri"].as_str().unwrap().starts_with("otpauth://totp/Titan:ada?secret="));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_alone_takes_no_factor_away_and_changes_nothing() {
    let mut house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    let app = App::set_up(&mut ada).await;
    let token = ada.token.clone();
    // What the server knows of passwords that were given goes with it: who has the token, and the password, is who comes now.
    house.restart().await;
    let mut thief = house.native().await;
    thief.ok(json!({"do": "authenticate", "token": token})).await;
    let dear = [
        json!({"do": "remove_factor"}),
        json!({"do": "renew_recovery_codes"}),
        json!({"do": "add_app_password", "name": "of a thief"}),
        json!({"do": "change_password", "old": PASSWORD, "new": "a-word-of-the-thief"}),
        json!({"do": "delete_account", "password": PASSWORD}),
        json!({"do": "end_sessions", "account": thief_account(&mut thief).await}),
    ];
    let confirm = |code: Option<&str>| json!({"do": "confirm", "password": PASSWORD, "code": code});
    assert_eq!(thief.fault(confirm(None)).await, "second_factor_required");
    assert_eq!(thief.fault(confirm(Some(&app.wrong_code()))).await, "second_factor_required");
    for command in &dear {
        assert_eq!(thief.fault(command.clone()).await, "confirm_first", "{command}");
    }
    thief.ok(confirm(Some(&app.recovery[0]))).await;
    thief.ok(dear[0].clone()).await;
}

async fn thief_account(thief: &mut crate::support::Native) -> Value {
    thief.ok(json!({"do": "profile"})).await["account"]["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_app_password_opens_changes_nothing_about_the_account() {
    let house = TestHouse::open().await;
    let mut boss = house.enter("boss").await;
    house.make_admin("boss");
    let (_, plain) = app_password(&mut boss, &[]).await;
    let administers = json!({"do": "add_app_password", "name": "of a script", "administers": true});
    let administers = boss.ok(administers).await["password"].as_str().unwrap().to_owned();
    let mut script = house.native().await;
    script.login("boss", &plain).await;
    script.says(1, "from a script").await;
    for command in [
        json!({"do": "update_profile", "email": "thief@example.org"}),
        json!({"do": "change_password", "old": PASSWORD, "new": "a-word-of-the-thief"}),
        json!({"do": "change_password", "old": plain, "new": "a-word-of-the-thief"}),
        json!({"do": "delete_account", "password": plain}),
        json!({"do": "confirm", "password": PASSWORD}),
        json!({"do": "add_factor"}),
        json!({"do": "add_app_password", "name": "of a thief"}),
        json!({"do": "end_sessions", "account": boss.account}),
        json!({"do": "accounts"}),
        json!({"do": "ban", "account": boss.account}),
    ] {
        assert_eq!(script.fault(command.clone()).await, "forbidden", "{command}");
    }
    let mut admin = house.native().await;
    admin.login("boss", &administers).await;
    admin.ok(json!({"do": "accounts"})).await;
    assert_eq!(admin.fault(json!({"do": "change_admin_key", "key": "a-key-of-the-thief"})).await, "forbidden");
    for unfit in [json!({"name": " "}), json!({"name": "x", "doors": ["back_door"]})] {
        let mut command = unfit.clone();
        command["do"] = json!("add_app_password");
        assert_eq!(boss.fault(command).await, "bad_request", "{unfit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_administer_once_they_have_the_factor_that_is_demanded_of_them() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.admin_factors = true;
    })
    .await;
    let mut boss = house.enter("boss").await;
    house.make_admin("boss");
    let refused = boss.ask(json!({"do": "accounts"})).await;
    assert_eq!(refused["error"]["code"], "forbidden");
    assert!(refused["error"]["message"].as_str().unwrap().contains("titan factor add"), "{refused}");
    boss.says(1, "everything else goes on").await;
    App::set_up(&mut boss).await;
    boss.ok(json!({"do": "accounts"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_guessed_and_the_api_asks_for_them_too() {
    let house = TestHouse::open_with(|config| config.limits = true).await;
    let mut ada = house.enter("ada").await;
    let app = App::set_up(&mut ada).await;
    let api = |code: Option<String>| {
        let body = json!({"username": "ada", "password": PASSWORD, "code": code});
        let asked = reqwest::Client::new().post(format!("{}/api/login", house.http())).json(&body);
        async move {
            let answer = deadline(asked.send()).await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        }
    };
    let (status, said) = api(None).await;
    assert_eq!((status, &said["code"]), (403, &json!("second_factor_required")));
    assert_eq!(api(Some(app.recovery[0].clone())).await.0, 200);
    let mut refused = Vec::new();
    for _ in 0..20 {
        refused.push(api(Some(app.wrong_code())).await.0);
    }
    assert_eq!((refused[0], refused[19]), (403, 429));
    assert!(refused.iter().filter(|status| **status == 403).count() <= 10);
    // Who is in already is not concerned, nor is who needs no code.
    let (_, password) = app_password(&mut ada, &[]).await;
    house.native().await.login("ada", &password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_takes_a_factor_away_that_was_lost() {
    let house = TestHouse::open().await;
    let mut ada = house.enter("ada").await;
    ada.ok(json!({"do": "update_profile", "email": "ada@example.org"})).await;
    App::set_up(&mut ada).await;
    let hub = house.server.as_ref().unwrap().hub.clone();
    hub.operator().reset_factor("ada").await.unwrap();
    ada.hears(|event| event["event"] == "goodbye").await;
    house.native().await.ok(login(None)).await;
    assert!(hub.operator().reset_factor("ada").await.is_err(), "there is none");
    let acts = hub.operator().audit(None, 10).await.unwrap();
    assert_eq!((acts[0].act.as_str(), acts[1].act.as_str()), ("factor_removed", "factor_added"));
    assert!(acts[0].by.is_none(), "by the operator");
    is_told_by_letter(&house, "a second factor was set up for").await;
    is_told_by_letter(&house, "the second factor was taken away from").await;
}

/// Waits until a letter says so: those that can't be sent lie in the outbox.
async fn is_told_by_letter(house: &TestHouse, words: &str) {
    let outbox = house.folder().join("outbox");
    let says_so = || {
        let letters = std::fs::read_dir(&outbox).into_iter().flatten().flatten();
        letters.filter_map(|letter| std::fs::read_to_string(letter.path()).ok()).any(|text| text.contains(words))
    };
    let told = async {
        while !says_so() {
            tokio::task::yield_now().await;
        }
    };
    deadline(told).await;
}
