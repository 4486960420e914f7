//! A second factor and app passwords: what each door makes of them.

use super::*;
use crate::factor_support::{App, app_password};
use crate::guests::DOORS;
use crate::support;

#[tokio::test(flavor = "multi_thread")]
async fn with_a_second_factor_no_door_is_opened_by_the_password_alone_and_each_by_an_app_password() {
    let house = open_house().await;
    let mut eve = house.enter("eve").await;
    App::set_up(&mut eve).await;
    for door in DOORS {
        let Err(told) = door.login(&house, "eve", PASSWORD).await else { panic!("{door:?} let her in") };
        let says_how = door == Door::Native || told.contains("make an app password");
        assert!(says_how, "{door:?}: {told}");
        let Err(told) = door.login(&house, "eve", "a wrong password").await else { panic!("{door:?} let her in") };
        assert!(!told.contains("app password"), "{door:?} tells strangers: {told}");
    }
    let (id, password) = app_password(&mut eve, &[]).await;
    let mut guests = Vec::new();
    for door in DOORS {
        let guest = door.login(&house, "eve", &password).await;
        guests.push((door, guest.unwrap_or_else(|refusal| panic!("{door:?}: {refusal}"))));
    }
    let listed = eve.ok(json!({"do": "sessions"})).await;
    let by_it = listed["sessions"].as_array().unwrap().iter().filter(|it| it["app_password"] == "of a program");
    assert_eq!(by_it.count(), DOORS.len());
    let used = eve.ok(json!({"do": "app_passwords"})).await;
    assert!(used["app_passwords"][0]["last_used"].is_i64() && used["app_passwords"][0]["last_door"].is_string());

    eve.ok(json!({"do": "remove_app_password", "app_password": id})).await;
    for (door, guest) in &mut guests {
        guest.is_shown_out().await;
        assert!(door.login(&house, "eve", &password).await.is_err(), "{door:?}");
    }
    eve.ok(json!({"do": "find_account", "username": "eve"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_password_opens_the_doors_that_it_is_for_and_no_other() {
    let house = open_house().await;
    let mut eve = house.enter("eve").await;
    let (_, password) = app_password(&mut eve, &["titan_net", "tls_frames"]).await;
    for door in DOORS {
        let entered = door.login(&house, "eve", &password).await;
        let wanted = matches!(door, Door::TitanNet | Door::TlsFrames);
        assert_eq!(entered.is_ok(), wanted, "{door:?}");
    }
    // The account's own password opens all of them still, and ends the other by becoming another.
    eve.ok(json!({"do": "change_password", "old": PASSWORD, "new": "another-password"})).await;
    for door in DOORS {
        assert!(door.login(&house, "eve", &password).await.is_err(), "{door:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_shows_somebody_out_of_every_door_who_may_come_in_again() {
    let house = open_house().await;
    let eve = house.enter("eve").await;
    let mut boss = house.enter("boss").await;
    assert_eq!(boss.fault(json!({"do": "end_sessions", "account": eve.account})).await, "forbidden");
    house.make_admin("boss");
    let mut guests = Vec::new();
    for door in DOORS {
        let guest = door.login(&house, "eve", PASSWORD).await;
        guests.push((door, guest.unwrap_or_else(|refusal| panic!("{door:?}: {refusal}"))));
    }
    boss.ok(json!({"do": "end_sessions", "account": eve.account})).await;
    for (door, guest) in &mut guests {
        guest.is_shown_out().await;
        assert!(door.login(&house, "eve", PASSWORD).await.is_ok(), "{door:?}");
    }
    let audit = boss.ok(json!({"do": "audit"})).await;
    assert_eq!(audit["acts"][0]["act"], "end_sessions");
}

#[tokio::test(flavor = "multi_thread")]
async fn doors_that_give_no_token_leave_no_session_behind() {
    let house = open_house().await;
    for (door, name) in [(Door::JsonLines, "json_lines"), (Door::Slash, "slash"), (Door::TlsFrames, "tls_frames")] {
        let sessions = || house.number(&format!("SELECT count(*) FROM sessions WHERE door = '{name}'"));
        let guest = door.enter(&house, &format!("eve-{name}")).await;
        assert_eq!(sessions(), 1, "{door:?}");
        drop(guest);
        let ended = async {
            while sessions() > 0 {
                tokio::task::yield_now().await;
            }
        };
        support::deadline(ended).await;
    }
}
