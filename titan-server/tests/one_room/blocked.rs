//! Who is blocked isn't told so: at each door that speaks in private they hear what they would of somebody who is gone.

use super::*;
use crate::channels_support;
use crate::channels_support::User;
use crate::guests::tls_frames::{refusals_by_now, tries_to_login};
use crate::titan_net_support;
use crate::titan_net_support::Client;
use crate::tls_support;
use serde_json::Value;

/// Two who can't be written to any more (one blocks, one is gone), and two more of whom nobody has heard.
struct Shut {
    blocks: Native,
    gone: Native,
    blocks_from_the_start: Native,
    gone_from_the_start: Native,
}

impl Shut {
    async fn enter(house: &TestHouse) -> Self {
        Self {
            blocks: house.enter("bob").await,
            gone: house.enter("eve").await,
            blocks_from_the_start: house.enter("dan").await,
            gone_from_the_start: house.enter("fay").await,
        }
    }

    async fn shuts(&mut self, account: i64) {
        for person in [&mut self.blocks, &mut self.blocks_from_the_start] {
            person.ok(json!({"do": "block", "account": account})).await;
        }
        for person in [&mut self.gone, &mut self.gone_from_the_start] {
            person.ok(json!({"do": "delete_account", "password": PASSWORD})).await;
        }
    }
}

async fn told_by_native(ada: &mut Native, asked: Value) -> Value {
    let told = ada.ask(asked).await["error"].clone();
    assert_eq!(told["code"], "forbidden", "{told}");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_message_to_who_blocks_is_answered_as_one_to_somebody_who_is_gone() {
    let house = open_house().await;
    let (mut ada, mut shut) = (house.enter("ada").await, Shut::enter(&house).await);
    let mut numbers = [0; 2];
    for (number, name) in numbers.iter_mut().zip(["dan", "fay"]) {
        let found = ada.ok(json!({"do": "find_account", "username": name})).await;
        *number = found["titan_number"].as_i64().unwrap();
    }
    let accounts = [&shut.blocks, &shut.gone, &shut.blocks_from_the_start, &shut.gone_from_the_start];
    let [blocks, gone, blocks_anew, gone_anew] = accounts.map(|person| person.account);
    let mut directs = Vec::new();
    for other in [blocks, gone] {
        let direct = ada.ok(json!({"do": "open_direct", "account": other})).await["id"].as_i64().unwrap();
        ada.says(direct, "hello").await;
        directs.push(direct);
    }
    let mut frames = tls_support::client(&house).await;
    assert_eq!(tries_to_login(&mut frames, "ada", PASSWORD).await.0, tls_support::SES);
    for name in ["bob", "eve"] {
        frames.says(name, "hello").await;
    }
    assert_eq!(refusals_by_now(&mut frames).await, [""; 0]);
    shut.shuts(ada.account).await;

    // The native door, in a direct and without one.
    let posting = |direct: i64| json!({"do": "post", "conversation": direct, "text": "x"});
    let of_blocked = told_by_native(&mut ada, posting(directs[0])).await;
    assert_eq!(of_blocked, told_by_native(&mut ada, posting(directs[1])).await);
    for act in ["open_direct", "request_friend"] {
        let asking = |account: i64| json!({"do": act, "account": account});
        let of_blocked = told_by_native(&mut ada, asking(blocks_anew)).await;
        assert_eq!(of_blocked, told_by_native(&mut ada, asking(gone_anew)).await, "{act}");
    }

    // Titan-Net, likewise, by account and by number.
    let mut titan_net: Client = titan_net_support::client(&house).await;
    let login = json!({"type": "login", "username": "ada", "password": PASSWORD});
    assert_eq!(titan_net.ask(login, "login_response").await["success"], true);
    let [blocks_number, gone_number] = numbers;
    for (field, of_blocked, of_gone) in [
        ("recipient_id", blocks, gone),
        ("recipient_id", blocks_anew, gone_anew),
        ("recipient_titan_number", blocks_number, gone_number),
    ] {
        let writing = |to: i64| json!({"type": "private_message", field: to, "message": "x"});
        let told = titan_net.ask(writing(of_blocked), "error").await;
        assert_eq!(told, titan_net.ask(writing(of_gone), "error").await, "{field}");
    }

    // TLS frames, where people are named, and a name that is gone is nobody's.
    frames.says("bob", "x").await;
    assert_eq!(refusals_by_now(&mut frames).await, ["They can't be reached in private."]);

    // Channels.
    let mut user = User::stranger(&house);
    user.name = "ada".to_owned();
    user.login().await;
    let mut told = Vec::new();
    for direct in directs {
        let asked = user.post(&format!("/channels/{direct}/messages"), &json!({"content": "x"}));
        told.push(channels_support::told(asked).await);
    }
    assert_eq!((told[0].0, &told[0]), (403, &told[1]));
}
