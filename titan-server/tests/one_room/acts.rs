//! What is done to somebody is done at every door at once: their connections end, and they come in again only as they may.

use crate::tls_support;
use reqwest::Method;

use super::*;
use crate::guests::DOORS;
use crate::guests::bytes::{Api, bytes_of};
use crate::guests::slash::Lines;
use crate::guests::tls_frames::new_password;
use crate::tls_support::{ACK, CHP, DEL};

const ANOTHER: &str = "another-password";
/// One that she chose in its place.
const HER_OWN: &str = "her-own-password";

/// Why a login is refused.
#[derive(Clone, Copy)]
enum Refusal {
    Banned,
    Credentials,
}

/// Eve, logged in at every door.
struct Everywhere {
    house: TestHouse,
    account: i64,
    guests: Vec<(Door, Box<dyn Guest>)>,
    api: Api,
}

impl Everywhere {
    async fn enter() -> Self {
        let house = open_house().await;
        let native = house.enter("eve").await;
        let mut guests = Vec::new();
        for door in DOORS {
            let guest = door.login(&house, "eve", PASSWORD).await;
            guests.push((door, guest.unwrap_or_else(|refusal| panic!("{door:?}: {refusal}"))));
        }
        let api = Api::with(&house, &native.token);
        Self { house, account: native.account, guests, api }
    }

    /// An admin at the native door.
    async fn boss(&self) -> Native {
        let boss = self.house.enter("boss").await;
        self.house.make_admin("boss");
        boss
    }

    /// An admin at the slash door.
    async fn slash_boss(&self) -> Lines {
        self.boss().await;
        let mut boss = Lines::open(&self.house).await;
        assert_eq!(boss.ask(&format!("/login boss {PASSWORD}")).await, "Login successful.");
        boss
    }

    /// Every connection of hers ends, and a token of hers opens nothing.
    async fn is_shown_out(&mut self, because: &str) {
        for (door, guest) in &mut self.guests {
            let told = guest.is_shown_out().await;
            // A browser's socket is closed with a code, and says no more.
            let says_why = *door == Door::Channels || told.to_lowercase().contains(because);
            assert!(says_why, "{door:?} said {told:?}");
        }
        let refusal = bytes_of(self.api.request(Method::GET, "/api/export")).await.unwrap_err();
        assert!(refusal.starts_with("401 ") || refusal.starts_with("403 "), "{refusal}");
    }

    /// No door lets her in, and each says so in its own words.
    async fn is_refused(&self, password: &str, why: Refusal) {
        for door in DOORS {
            let Err(told) = door.login(&self.house, "eve", password).await else { panic!("{door:?} let her in") };
            assert_eq!(told, words(door, why), "{door:?}");
        }
    }

    /// Every door lets her in.
    async fn is_let_in(&self, password: &str) {
        for door in DOORS {
            if let Err(refusal) = door.login(&self.house, "eve", password).await {
                panic!("{door:?}: {refusal}");
            }
        }
    }

    /// She is out everywhere, and comes in with the new password alone.
    async fn has_another_password(&mut self) {
        self.is_shown_out("password").await;
        self.is_refused(PASSWORD, Refusal::Credentials).await;
        self.is_let_in(ANOTHER).await;
    }

    /// The same where somebody else chose it: where a door can ask, she chooses another, and comes in with that alone.
    async fn has_a_made_up_password(&mut self) {
        self.is_shown_out("password").await;
        self.is_refused(PASSWORD, Refusal::Credentials).await;
        let mut login = json!({"do": "login", "username": "eve", "password": ANOTHER});
        let mut herself = self.house.native().await;
        assert_eq!(herself.fault(login.clone()).await, "choose_password");
        login["new_password"] = json!(HER_OWN);
        herself.ok(login).await;
        self.is_refused(ANOTHER, Refusal::Credentials).await;
        self.is_let_in(HER_OWN).await;
    }
}

fn words(door: Door, why: Refusal) -> &'static str {
    match (door, why) {
        (Door::Native, Refusal::Banned) => "banned",
        (Door::Channels, Refusal::Banned) => "403 You are banned from this server.",
        (_, Refusal::Banned) => "You are banned from this server.",
        (Door::Native, Refusal::Credentials) => "bad_credentials",
        (Door::TitanNet | Door::JsonLines, Refusal::Credentials) => "Invalid username or password",
        (Door::Channels, Refusal::Credentials) => "400 Incorrect username or password",
        (Door::Slash, Refusal::Credentials) => "Invalid username or password.",
        (Door::TlsFrames, Refusal::Credentials) => "Invalid login data",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_at_the_native_door_shuts_every_door_until_it_is_lifted() {
    let mut eve = Everywhere::enter().await;
    let mut boss = eve.boss().await;
    boss.ok(json!({"do": "ban", "account": eve.account, "reason": "noise"})).await;
    eve.is_shown_out("banned").await;
    eve.is_refused(PASSWORD, Refusal::Banned).await;
    eve.is_refused("wrong", Refusal::Credentials).await;
    boss.ok(json!({"do": "unban", "account": eve.account})).await;
    eve.is_let_in(PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_at_the_slash_door_shuts_every_door_until_it_is_lifted() {
    let mut eve = Everywhere::enter().await;
    let mut boss = eve.slash_boss().await;
    assert_eq!(boss.ask("/ban_user eve").await, "User 'eve' banned.");
    eve.is_shown_out("banned").await;
    eve.is_refused(PASSWORD, Refusal::Banned).await;
    assert_eq!(boss.ask("/unban_user eve").await, "User 'eve' unbanned.");
    eve.is_let_in(PASSWORD).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_ban_of_an_address_shuts_every_door_to_it() {
    let mut eve = Everywhere::enter().await;
    eve.boss().await;
    let mut boss = Native::connect_from("127.0.0.2".parse().unwrap(), eve.house.address("http")).await;
    boss.login("boss", PASSWORD).await;
    boss.ok(json!({"do": "ban_address", "address": "127.0.0.1"})).await;
    eve.is_shown_out("banned").await;
    eve.is_refused(PASSWORD, Refusal::Banned).await;
    boss.ok(json!({"do": "unban_address", "address": "127.0.0.1"})).await;
    eve.is_let_in(PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_changed_at_the_native_door_is_another_at_every_door() {
    let mut eve = Everywhere::enter().await;
    let mut herself = eve.house.enter_again("eve").await;
    herself.ok(json!({"do": "change_password", "old": PASSWORD, "new": ANOTHER})).await;
    eve.has_another_password().await;
    herself.ok(json!({"do": "ping"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_changed_at_the_slash_door_is_another_at_every_door() {
    let mut eve = Everywhere::enter().await;
    let mut herself = Lines::open(&eve.house).await;
    assert_eq!(herself.ask(&format!("/login eve {PASSWORD}")).await, "Login successful.");
    assert_eq!(herself.ask(&format!("/changepassword wrong {ANOTHER}")).await, "Incorrect old password.");
    let changed = herself.ask(&format!("/changepassword {PASSWORD} {ANOTHER}")).await;
    assert_eq!(changed, "Password changed successfully.");
    eve.has_another_password().await;
    assert_eq!(herself.ask("/whoami").await, "You are logged in as 'eve'.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_changed_at_the_tls_frames_door_is_another_at_every_door() {
    let mut eve = Everywhere::enter().await;
    let mut herself = tls_support::enter_again(&eve.house, "eve").await;
    let changed = herself.ask(CHP, new_password(ANOTHER)).await;
    assert_eq!(changed, (ACK, json!({"msg": "Change password succesfull"})));
    eve.has_another_password().await;
    herself.heard_by_now().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_an_admin_sets_is_another_at_every_door() {
    let mut eve = Everywhere::enter().await;
    eve.boss().await.ok(json!({"do": "edit_account", "account": eve.account, "password": ANOTHER})).await;
    eve.has_a_made_up_password().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_an_admin_sets_at_the_slash_door_is_another_at_every_door() {
    let mut eve = Everywhere::enter().await;
    let mut boss = eve.slash_boss().await;
    assert_eq!(boss.ask(&format!("/edit_user eve {ANOTHER}")).await, "User 'eve' updated.");
    eve.has_a_made_up_password().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_makes_the_password_another_at_every_door() {
    let mut eve = Everywhere::enter().await;
    let site = format!("https://{}", eve.house.address("reset-site"));
    let browser = reqwest::Client::builder().danger_accept_invalid_certs(true).no_proxy().build().unwrap();
    let key = std::fs::read_to_string(eve.house.folder().join("admin_key.txt")).unwrap();
    let told = bytes_of(browser.post(format!("{site}/token/eve")).bearer_auth(key.trim())).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let mut stranger = eve.house.native().await;
    let reset = json!({"do": "reset_password", "token": told["token"], "password": ANOTHER});
    stranger.ok(reset.clone()).await;
    assert_eq!(stranger.fault(reset).await, "not_found", "good once");
    eve.has_another_password().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_deleted_at_the_native_door_is_gone_from_every_door() {
    let mut eve = Everywhere::enter().await;
    let mut herself = eve.house.enter_again("eve").await;
    herself.send(json!({"do": "delete_account", "password": PASSWORD})).await;
    eve.is_shown_out("deleted").await;
    eve.is_refused(PASSWORD, Refusal::Credentials).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_deleted_at_the_tls_frames_door_is_gone_from_every_door() {
    let mut eve = Everywhere::enter().await;
    let mut herself = tls_support::enter_again(&eve.house, "eve").await;
    assert_eq!(herself.ask(DEL, json!({"msg": "x"})).await, (ACK, json!({"msg": "Deletion succesfull"})));
    eve.is_shown_out("deleted").await;
    eve.is_refused(PASSWORD, Refusal::Credentials).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_an_admin_removes_is_gone_from_every_door() {
    let mut eve = Everywhere::enter().await;
    eve.boss().await.ok(json!({"do": "remove_account", "account": eve.account})).await;
    eve.is_shown_out("deleted").await;
    eve.is_refused(PASSWORD, Refusal::Credentials).await;
}
