//! What people find in a house that came over: the answers that they had from the release before, and everything that went on.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::process::Running;
use crate::support::{Native, deadline};
use crate::upgrade::house::House;

const GENERAL: i64 = 1;
/// What may differ: who is online, when somebody was last seen, and ends in time, which the fixture put off.
const PASSING: [&str; 5] = ["online", "last_seen", "last_login", "until", "muted_until"];

/// Somebody comes back with the token they had.
async fn back(house: &House, server: &Running, name: &str) -> Native {
    let mut native = Native::connect(server.address("http")).await;
    native.ok(json!({"do": "authenticate", "token": house.known()["tokens"][name]})).await;
    native
}

/// Every question is answered as the release before answered it; what is new may stand beside it.
pub async fn are_what_they_were(house: &House, server: &Running) {
    for (name, _) in house.known()["tokens"].as_object().unwrap() {
        let mut native = back(house, server, name).await;
        for asked in house.known()["answers"].as_array().unwrap().iter().filter(|asked| asked["who"] == name[..]) {
            let mut question = asked.clone();
            question.as_object_mut().unwrap().retain(|key, _| !["who", "ok"].contains(&&**key));
            let answer = native.ok(question.clone()).await;
            if let Err(place) = holds(&answer, &asked["ok"]) {
                panic!("{name} asked {question}, and at {place} it is not as it was: {answer}");
            }
        }
    }
}

/// Whether an answer says all that it said before; if not, where.
fn holds(now: &Value, before: &Value) -> Result<(), String> {
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => {
            // Rows of the audit log name people by number only.
            let named = matches!(
                before.get("act").and_then(Value::as_str),
                Some("add_account" | "delete_account" | "set_member_role")
            );
            let passes = |key: &str| PASSING.contains(&key) || named && key == "detail";
            for (key, before) in before.iter().filter(|(key, _)| !passes(key)) {
                let now = now.get(key).unwrap_or(&Value::Null);
                holds(now, before).map_err(|place| format!("{key}.{place}"))?;
            }
            Ok(())
        }
        (Value::Array(now), Value::Array(before)) if now.len() == before.len() => {
            let mut both = now.iter().zip(before).enumerate();
            both.try_for_each(|(n, (now, before))| holds(now, before).map_err(|place| format!("{n}.{place}")))
        }
        _ if now == before => Ok(()),
        _ => Err(format!(" {now} instead of {before}")),
    }
}

/// Passwords, files, uploads, links, mutes and bans work as they did.
pub async fn people_go_on(house: &House, server: &Running) {
    files_are_whole(house, server).await;
    sanctions_hold(house, server).await;
    for upload in house.known()["uploads"].as_array().unwrap() {
        upload_goes_on(house, server, upload).await;
    }
    for (name, password) in house.known()["passwords"].as_object().unwrap() {
        Native::connect(server.address("http")).await.login(name, password.as_str().unwrap()).await;
    }
    somebody_goes_on(house, server).await;
    a_link_in_a_letter_leads_on(house, server).await;
}

/// A message follows the last one without a gap.
pub async fn somebody_goes_on(house: &House, server: &Running) {
    let mut bob = back(house, server, "bob").await;
    let head = bob.ok(json!({"do": "history", "conversation": GENERAL, "limit": 1})).await["head"].as_i64().unwrap();
    assert_eq!(bob.says(GENERAL, "it goes on").await["seq"], head + 1);
}

async fn files_are_whole(house: &House, server: &Running) {
    let known = house.known();
    for (path, sha256) in known["files"].as_object().unwrap() {
        assert_eq!(hash(&std::fs::read(house.path(path)).unwrap()), sha256.as_str().unwrap(), "{path}");
    }
    let mut fetched = 0;
    for asked in known["answers"].as_array().unwrap().iter().filter(|asked| asked["do"] == "history") {
        for file in asked["ok"]["entries"].as_array().unwrap().iter().filter_map(|entry| entry.get("file")) {
            if let Some(id) = file["id"].as_i64() {
                let token = known["tokens"][asked["who"].as_str().unwrap()].as_str().unwrap();
                let url = format!("http://{}/api/files/{id}", server.address("http"));
                let answer = deadline(client().get(url).bearer_auth(token).send()).await.unwrap();
                assert_eq!(hash(&answer.bytes().await.unwrap()), file["sha256"].as_str().unwrap());
                fetched += 1;
            }
        }
    }
    assert!(fetched > 0);
}

async fn sanctions_hold(house: &House, server: &Running) {
    let mut cyd = back(house, server, "cyd").await;
    let rooms = cyd.ok(json!({"do": "rooms"})).await["rooms"].clone();
    let salon = rooms.as_array().unwrap().iter().find(|room| room["name"] == "Salon").unwrap()["id"].clone();
    assert_eq!(cyd.fault(json!({"do": "post", "conversation": salon, "text": "I am muted"})).await, "forbidden");
    let mut dan = back(house, server, "dan").await;
    assert_eq!(dan.fault(json!({"do": "post", "conversation": GENERAL, "text": "I am muted"})).await, "forbidden");
    let mut gil = back(house, server, "gil").await;
    let ada = gil.ok(json!({"do": "find_account", "username": "ada"})).await["id"].clone();
    assert_eq!(gil.fault(json!({"do": "request_friend", "account": ada})).await, "forbidden");
    let mut stranger = Native::connect(server.address("http")).await;
    for (name, fault) in [("eve", "banned"), ("fay", "bad_credentials")] {
        let login = json!({"do": "login", "username": name, "password": "gone-password"});
        assert_eq!(stranger.fault(login).await, fault);
    }
}

/// What was half sent is gone on with, and becomes what it was to become.
async fn upload_goes_on(house: &House, server: &Running, upload: &Value) {
    let (id, rest) = (upload["id"].as_str().unwrap(), upload["rest"].as_str().unwrap());
    let known = house.known();
    let token = known["tokens"][upload["who"].as_str().unwrap()].as_str().unwrap();
    let request = client()
        .patch(format!("http://{}/api/uploads/{id}", server.address("http")))
        .bearer_auth(token)
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Offset", upload["offset"].to_string())
        .header("Content-Type", "application/offset+octet-stream");
    let answer = deadline(request.body(rest.to_owned()).send()).await.unwrap();
    assert!(answer.status().is_success() && answer.headers().contains_key("Titan-Result"), "{answer:?}");
}

/// The letter that was written before: its link is good still, and ends every session of who asked for it.
async fn a_link_in_a_letter_leads_on(house: &House, server: &Running) {
    let letters = std::fs::read_dir(house.path("outbox")).unwrap().map(|letter| letter.unwrap().path());
    let letters: Vec<String> = letters.map(|letter| std::fs::read_to_string(letter).unwrap()).collect();
    let letter = letters.iter().find(|letter| letter.contains("bob@example.org")).expect("a letter to bob");
    let token = letter.split("/reset/").nth(1).unwrap().split_whitespace().next().unwrap();
    let mut stranger = Native::connect(server.address("http")).await;
    stranger.ok(json!({"do": "reset_password", "token": token, "password": "another-password"})).await;
    stranger.login("bob", "another-password").await;
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn client() -> reqwest::Client {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
