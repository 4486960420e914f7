//! Addresses as the house reads them: whoever comes by way of a proxy, and whole networks that are kept out.

use serde_json::json;

use crate::support::{Native, TestHouse};

/// A house behind a proxy on this machine.
async fn house() -> TestHouse {
    TestHouse::open_with(|config| {
        config.limits = false;
        config.trusted_proxies = "loopback".parse().unwrap();
    })
    .await
}

/// A stranger whom the proxy names.
async fn from(house: &TestHouse, address: &str) -> Native {
    Native::connect_with(house.address("http"), &[("x-forwarded-for", address)]).await.unwrap()
}

/// Whether somebody who comes from there gets in.
async fn gets_in(house: &TestHouse, address: &str) -> bool {
    let mut guest = from(house, address).await;
    let answer = guest.ask(json!({"do": "login", "username": "bob", "password": "secret-password"})).await;
    assert!(answer.get("ok").is_some() || answer["error"]["code"] == "banned", "{answer}");
    answer.get("ok").is_some()
}

async fn banned(admin: &mut Native) -> Vec<String> {
    let banned = admin.ok(json!({"do": "banned_addresses"})).await;
    let banned = banned["addresses"].as_array().unwrap().iter();
    banned.map(|ban| ban["address"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_whom_the_proxy_names_in_whatever_header() {
    let house = house().await;
    house.enter("bob").await;
    for (name, value, address) in [
        ("x-forwarded-for", "203.0.113.7:4711", "203.0.113.7"),
        ("forwarded", "proto=https;for=\"[2001:db8::7]:443\"", "2001:db8::7"),
        ("x-real-ip", "::ffff:203.0.113.9", "203.0.113.9"),
    ] {
        let mut bob = Native::connect_with(house.address("http"), &[(name, value)]).await.unwrap();
        bob.login("bob", "secret-password").await;
        let sessions = bob.ok(json!({"do": "sessions"})).await;
        let mine = sessions["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
        assert_eq!(mine["address"], address, "{name}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_banned_as_a_whole_and_let_in_as_a_whole() {
    let house = house().await;
    let mut ada = house.enter("ada").await;
    house.enter("bob").await;
    house.make_admin("ada");
    let mut inside = from(&house, "198.51.100.9").await;
    inside.login("bob", "secret-password").await;
    ada.ok(json!({"do": "ban_address", "address": " 198.51.100.77/24 ", "reason": "spam"})).await;
    inside.hears(|event| event["event"] == "goodbye").await;
    assert_eq!(banned(&mut ada).await, ["198.51.100.0/24"]);
    assert!(!gets_in(&house, "198.51.100.200").await && !gets_in(&house, "::ffff:198.51.100.1").await);
    assert!(gets_in(&house, "198.51.101.1").await);
    assert_eq!(ada.fault(json!({"do": "ban_address", "address": "127.0.0.0/8"})).await, "bad_request");
    let alone = ada.ask(json!({"do": "unban_address", "address": "198.51.100.9"})).await;
    assert!(alone["error"]["message"].as_str().unwrap().contains("198.51.100.0/24"), "{alone}");
    ada.ok(json!({"do": "unban_address", "address": "198.51.100.0/24"})).await;
    assert!(gets_in(&house, "198.51.100.200").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ipv6_a_household_is_banned_and_older_bans_stand() {
    let house = house().await;
    let mut ada = house.enter("ada").await;
    house.enter("bob").await;
    house.make_admin("ada");
    ada.ok(json!({"do": "ban_address", "address": "2001:DB8:1:2::5"})).await;
    assert_eq!(banned(&mut ada).await, ["2001:db8:1:2::/64"]);
    assert!(!gets_in(&house, "2001:db8:1:2:ffff::1").await && gets_in(&house, "2001:db8:1:3::1").await);
    ada.ok(json!({"do": "unban_address", "address": "2001:db8:1:2::77"})).await;
    house.in_database("INSERT INTO address_bans (address, reason) VALUES ('2001:db8:9::7', 'of before')");
    assert!(!gets_in(&house, "2001:db8:9::7").await);
    ada.ok(json!({"do": "unban_address", "address": "2001:db8:9::7"})).await;
    assert!(gets_in(&house, "2001:db8:9::7").await && banned(&mut ada).await.is_empty());
}
