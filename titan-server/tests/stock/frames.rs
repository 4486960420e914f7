//! The TLS-frames server's client, in a house that has grown.

use futures_util::future::join_all;
use serde_json::json;
use titan_core::protocol::Role;
use titan_core::{Time, TitanNumber};
use titan_server::store::{NewAccount, Scheme, Verifier, Warrant};

use crate::guests::stock::frames::Frames;
use crate::support::{Native, TestHouse};
use crate::tls_support::{PASSWORD, house};

const PEOPLE: usize = 6_000;
const LINES: usize = 10_000;
const AT_ONCE: usize = 250;
/// A TLS record's most, and so a frame's.
const RECORD: usize = 16_384;

/// Fills the house with people who have never been there.
async fn fill(house: &TestHouse) {
    let store = house.server.as_ref().unwrap().store();
    let numbers: Vec<usize> = (0..PEOPLE).collect();
    for some in numbers.chunks(AT_ONCE) {
        let made = some.iter().map(|number| store.create_account(somebody(*number), Warrant::of_house()));
        join_all(made).await.into_iter().for_each(|made| drop(made.unwrap()));
    }
}

fn somebody(number: usize) -> NewAccount {
    let username = format!("aaa-somebody-{number}");
    NewAccount {
        key: username.clone(),
        username,
        titan_number: TitanNumber(1_000_000 + number as i64),
        full_name: None,
        email: None,
        role: Role::User,
        verifier: Verifier { scheme: Scheme::Titan, salt: [0; 32], hash: String::new() },
        made_up_until: None,
        now: Time(0),
    }
}

/// So many lines, numbered.
async fn talk(who: &mut Native, conversation: i64) {
    let numbers: Vec<usize> = (0..LINES).collect();
    for some in numbers.chunks(AT_ONCE) {
        let mut last = 0;
        for number in some {
            let post = json!({"do": "post", "conversation": conversation, "text": format!("line {number}")});
            last = who.send(post).await;
        }
        assert!(who.answer(last).await.get("ok").is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_whom_one_knows_and_shows_the_newest_in_a_house_of_thousands() {
    let house = house().await;
    fill(&house).await;
    let (mut ada, mut zoe, _yan) = (house.enter("ada").await, house.enter("zoe").await, house.enter("yan").await);
    let open = json!({"do": "open_direct", "account": zoe.account});
    let direct = ada.ok(open).await["id"].as_i64().unwrap();
    talk(&mut ada, direct).await;

    let mut client = Frames::connects(&house).await;
    client.logs_in("ada", PASSWORD).await;
    client.lists(|_| true).await;
    assert_eq!(client.users[..2], ["zoe", "yan"], "whom one talks with, and who is online");
    assert!((800..PEOPLE).contains(&client.users.len()), "{} names", client.users.len());
    let fullest = client.longest;
    assert!((RECORD - 40..=RECORD).contains(&fullest), "{fullest} bytes of names");

    client.selects("zoe").await;
    client.sees(&format!("ada: line {}", LINES - 1)).await;
    let lines = client.chat.len();
    assert_eq!(lines, 200);
    assert!(client.chat[0].ends_with(&format!("line {}", LINES - 200)), "{}", client.chat[0]);

    // Beyond a record the oldest go, and every line that stays is whole.
    let long = |letter: &str| letter.repeat(2_000);
    for letter in ["é", "😀", "\"", "x"] {
        zoe.says(direct, &long(letter)).await;
        client.sees(&long(letter)).await;
    }
    assert!(client.chat.len() < 200, "{} lines", client.chat.len());
    for line in &client.chat {
        let text = line.split_once(": ").unwrap().1;
        assert!(text.starts_with("line ") || text.chars().count() == 2_000, "{line}");
    }
    zoe.says(direct, &"😀".repeat(16_000)).await;
    client.sees("😀…").await;
    client.says("zoe", "and on it goes").await;
    client.sees("ada: and on it goes").await;
    assert!(client.longest <= RECORD, "{} bytes", client.longest);
    client.changes_password("another-password").await;
    client.receives(crate::tls_support::ACK).await;
}
