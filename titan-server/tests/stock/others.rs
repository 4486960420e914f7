//! The page of the channels server, the sample client of JSON lines, and UtuVox's client: an evening with each.

use serde_json::json;
use titan_core::GENERAL;

use crate::guests::open_house;
use crate::guests::stock::page::Page;
use crate::guests::stock::sample::Sample;
use crate::guests::stock::utuvox::Utuvox;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_registers_talks_shares_and_comes_back_with_its_token() {
    let mut house = open_house().await;
    let (mut ada, mut bob) = (Page::opens(&house), Page::opens(&house));
    for (page, name) in [(&mut ada, "ada"), (&mut bob, "bob")] {
        page.registers(name, "password123").await;
        assert_eq!(page.logs_in(name, "password123").await, [(GENERAL.0, "general".to_owned(), false)]);
    }
    ada.selects(GENERAL.0).await;
    bob.selects(GENERAL.0).await;
    ada.says("hello").await;
    bob.sees("ada: hello").await;
    let file = bob.shares("a.txt", b"bytes").await;
    ada.sees("bob shared a.txt (5 bytes)").await;
    assert_eq!(ada.downloads(file).await, b"bytes");
    let den = ada.makes("den").await;
    ada.selects(den).await;
    bob.selects(den).await;
    bob.says("in here").await;
    ada.sees("bob: in here").await;

    // Somebody writes to ada in private, at another door; it is a channel among the others.
    let mut cleo = house.enter("cleo").await;
    let direct = cleo.ok(json!({"do": "open_direct", "account": ada.id()})).await["id"].as_i64().unwrap();
    cleo.says(direct, "psst").await;
    let listed = (direct, "cleo".to_owned(), true);
    assert!(ada.comes_back().await.contains(&listed));
    ada.selects(direct).await;
    assert_eq!(ada.shown, ["cleo: psst"]);
    ada.says("yes?").await;
    cleo.hears_text("yes?").await;

    house.restart().await;
    assert!(ada.comes_back().await.contains(&listed));
    ada.selects(direct).await;
    assert_eq!(ada.shown, ["cleo: psst", "ada: yes?"]);
}

#[tokio::test]
async fn the_sample_takes_every_answer_by_one_read() {
    let house = open_house().await;
    let (mut john, mut jane) = (Sample::connects(&house).await, Sample::connects(&house).await);
    for (client, name) in [(&mut john, "john_doe"), (&mut jane, "jane_doe")] {
        assert_eq!(client.registers(name, "test123").await["status"], "success");
        assert_eq!(client.registers(name, "test123").await["status"], "error");
        assert_eq!(client.logs_in(name, "wrong12").await["status"], "error");
        assert_eq!(client.logs_in(name, "test123").await["username"], name);
    }
    let said = json!({"type": "send_message", "sender": "john_doe", "message": "Hello everyone!"});
    assert_eq!(john.asks(said).await["type"], "new_message");
    assert_eq!(jane.receives().await["message"], "Hello everyone!");
    let history = jane.asks(json!({"type": "get_history", "limit": 50})).await;
    assert_eq!(history["messages"].as_array().unwrap().last().unwrap()["sender"], "john_doe");
}

#[tokio::test(flavor = "multi_thread")]
async fn utuvoxs_client_talks_shares_and_comes_back_by_itself() {
    let mut house = open_house().await;
    let (mut ada, mut bob) = (Utuvox::connects(&house).await, Utuvox::connects(&house).await);
    for (client, name) in [(&mut ada, "ada"), (&mut bob, "bob")] {
        client.prints("/login <username> <password>").await;
        client.types(&format!("/register {name} mypass")).await;
        client.prints("Registration successful as user.").await;
        client.types("/join general").await;
        client.prints("You joined room 'general'.").await;
        assert_eq!(client.current_room.as_deref(), Some("general"));
    }
    ada.types("/message hello from UtuVox").await;
    bob.prints("ada: hello from UtuVox").await;
    let bytes: Vec<u8> = (0..20_000_u32).map(|number| number as u8).collect();
    ada.uploads("general", "./some/where/example.bin", &bytes).await;
    let told = bob.prints("' uploaded to room 'general'").await;
    let unique = told.rsplit_once("File '").unwrap().1.split_once('\'').unwrap().0.to_owned();
    bob.types(&format!("/download {unique}")).await;
    assert_eq!(bob.fetches().await, (unique, bytes));

    bob.types("/create den").await;
    bob.prints("Room 'den' created successfully.").await;
    bob.prints("You joined room 'den'.").await;
    bob.types("/leave").await;
    bob.prints("You left room 'den'.").await;
    assert_eq!(bob.current_room, None);

    house.restart().await;
    ada.prints("Login successful.").await;
    ada.types("/join general").await;
    ada.prints("ada: hello from UtuVox").await;
    ada.types("/whoami").await;
    ada.prints("You are logged in as 'ada'.").await;
}
