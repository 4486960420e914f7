//! The slash door against peers who mean no good, or whose bytes come in odd pieces.

use crate::slash_support::{PASSWORD, enter, enter_raw, house, house_with, lines, raw};
use crate::support::deadline;
use serde_json::json;
use titan_server::config::{Address, Config};
use tokio::io::AsyncWriteExt;

#[tokio::test(flavor = "multi_thread")]
async fn commands_cut_into_bytes_or_joined_into_one_write_are_the_same_commands() {
    let house = house().await;
    let mut ada = lines(&house).await;
    for byte in format!("/register ada {PASSWORD}\r\n").bytes() {
        ada.write(&[byte]).await;
    }
    ada.hears("Registration successful as user.").await;
    ada.write(b"/create den\n/whereami\n\n  \n/upload den a.txt 5\nhello/list_users_in_room\n/message \xc5\xbc\xc3\xb3\xc5\x82w\n/lea").await;
    ada.hears("Room 'den' created successfully.").await;
    ada.hears("You joined room 'den'.").await;
    ada.hears("You are currently in room 'den'.").await;
    let said = ada.text().await;
    assert!(said.starts_with("File 'den_"), "{said}");
    ada.hears("Users in room 'den': ada").await;
    ada.write(b"ve\n").await;
    ada.hears("You left room 'den'.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_files_bytes_may_be_cut_anywhere() {
    let house = house().await;
    let mut ada = enter_raw(&house, "ada").await;
    ada.asks("/join general", "You joined room 'general'.").await;
    let bytes = b"/quit\n\0\xff/upload general b.txt 3abc";
    let sent = [format!("/upload general a.bin/upload general a.bin {}", bytes.len()).as_bytes(), bytes].concat();
    for piece in sent.chunks(3) {
        ada.write(piece).await;
    }
    let said = ada
        .bytes("[2026-01-15 10:30:00] File 'general_20260115_103000_a.bin_00000001' uploaded to room 'general'.".len())
        .await;
    let said = String::from_utf8(said).unwrap();
    let name = said.split('\'').nth(1).unwrap().to_owned();
    ada.says(&format!("/download {name}")).await;
    let header = format!("/file {name} {}", bytes.len());
    assert_eq!(ada.bytes(header.len()).await, header.as_bytes());
    assert_eq!(ada.bytes(bytes.len()).await, bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_is_swallowed_and_the_next_command_is_read() {
    let house = house_with(|config| config.upload_bytes = 1_000).await;
    let mut owner = house.enter("owner").await;
    owner.ok(json!({"do": "create_room", "name": "closed", "password": "key"})).await;
    let mut ada = enter(&house, "ada").await;
    let quit = "/quit\n".repeat(1_000);
    for (head, said) in [
        ("/upload general big.bin 6000", "[ERROR] File too large, max 1000 bytes."),
        ("/upload nowhere a.txt 6000", "Room 'nowhere' does not exist."),
        ("/upload closed a.txt 600", "[ERROR] You are not in room 'closed'."),
    ] {
        let size: usize = head.rsplit(' ').next().unwrap().parse().unwrap();
        ada.write(format!("{head}\n{}", &quit[..size]).as_bytes()).await;
        ada.hears(said).await;
        ada.asks("/whoami", "You are logged in as 'ada'.").await;
    }
    let mut stranger = lines(&house).await;
    stranger.write(format!("/upload general a.txt 600\n{}", &quit[..600]).as_bytes()).await;
    stranger.hears("Please register or login first.").await;
    stranger.asks(&format!("/login ada {PASSWORD}"), "Login successful.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_more_than_there_is_is_refused_at_once_and_not_waited_for() {
    let house = house().await;
    let clients = [("ada", enter(&house, "ada").await, "\n"), ("bob", enter_raw(&house, "bob").await, "")];
    for (name, mut client, end) in clients {
        client.write(format!("/upload general all.bin 99000000000000{end}").as_bytes()).await;
        client.hears("[ERROR] File too large, max 100 MB.").await;
        client.asks("/whoami", &format!("You are logged in as '{name}'.")).await;
    }
    // Lines that stand behind it already are done, however many.
    let mut cleo = enter(&house, "cleo").await;
    cleo.joins("general").await;
    let mut bob = enter(&house, "dora").await;
    bob.joins("general").await;
    let lines: String = (0..100).map(|number| format!("/message {number} of a hundred\n")).collect();
    cleo.write(format!("/upload general all.bin 99000000000000\n{lines}").as_bytes()).await;
    for number in 0..100 {
        bob.hears(&format!("cleo: {number} of a hundred")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_paths_last_part_is_used_and_only_as_a_name() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    ada.joins("general").await;
    for path in ["../../../etc/passwd", "..\\..\\boot.ini", "/", "..", "a\u{202e}gpj.exe", "CON", &"x".repeat(300)] {
        let name = ada.uploads("general", path, path.as_bytes()).await;
        assert!(!name.contains(['/', '\\', '\u{202e}']), "{name}");
        assert_eq!(ada.downloads(&name).await, path.as_bytes());
    }
    ada.asks("/download ../../titan.db", "File '../../titan.db' not found.").await;
    ada.asks("/download admin_key.txt", "File 'admin_key.txt' not found.").await;
    let outside: Vec<_> = std::fs::read_dir(house.folder()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!outside.iter().any(|name| name == "passwd" || name == "boot.ini"), "{outside:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_room_is_not_there() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    ada.creates("den").await;
    let name = ada.uploads("den", "secret.txt", b"secret").await;
    let mut eve = enter(&house, "eve").await;
    eve.joins("general").await;
    eve.asks(&format!("/download {name}"), &format!("File '{name}' not found.")).await;
    let guessed = name.replace("secret.txt", "other.txt");
    ada.asks(&format!("/download {guessed}"), &format!("File '{guessed}' not found.")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_or_too_long_is_told_and_the_connection_stays() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    ada.write(b"/message \xff\xfe\n").await;
    ada.hears("[ERROR] A command must be UTF-8 text.").await;
    ada.asks("\0\0", "[ERROR] Unknown command: ␀␀. Use /help for a list of commands.").await;
    let long = vec![b'x'; 1024 * 1024];
    for _ in 0..64 {
        ada.write(&long).await;
    }
    ada.write(b"\n").await;
    ada.hears("[ERROR] A command may have at most 65536 bytes.").await;
    ada.joins("general").await;
    ada.says(&format!("/message {}", "y".repeat(16_001))).await;
    let said = ada.text().await;
    assert!(said.starts_with("[ERROR] ") && said.contains("16000"), "{said}");

    let mut bob = enter_raw(&house, "bob").await;
    bob.write(b"\xff\xfe").await;
    bob.hears("[ERROR] A command must be UTF-8 text.").await;
    bob.asks("/whoami", "You are logged in as 'bob'.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_sequences_reach_nobodys_terminal() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = enter(&house, "bob").await;
    for client in [&mut ada, &mut bob] {
        client.joins("general").await;
    }
    ada.hears("User bob joined room 'general'").await;
    bob.says("/message \u{1b}]0;owned\u{7}\u{9b}31m\u{202e}x").await;
    ada.hears("bob: ␛]0;owned␇‹U+009B›31m‹U+202E›x").await;
    ada.asks("/join \u{1b}[2J", "Room '␛[2J' does not exist.").await;
    ada.says("/create \u{1b}[2Jroom").await;
    let said = ada.text().await;
    assert!(said.starts_with("[ERROR] ") && !said.contains('\u{1b}'), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_that_nobody_reads_harms_nobody_else() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = enter(&house, "bob").await;
    for client in [&mut ada, &mut bob] {
        client.joins("general").await;
    }
    ada.hears("User bob joined room 'general'").await;
    let mut flooding = Vec::new();
    for mut mute in [lines(&house).await, raw(&house).await, enter(&house, "mute").await] {
        flooding.push(tokio::spawn(async move {
            let flood = "/nonsense\n".repeat(8_000);
            while mute.stream.write_all(flood.as_bytes()).await.is_ok() {}
        }));
    }
    for n in 0..20 {
        bob.says(&format!("/message {n}")).await;
        ada.hears(&format!("bob: {n}")).await;
    }
    flooding.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_banned_is_cut_off_in_the_middle_of_an_upload() {
    let house = house().await;
    let mut root = house.enter("root").await;
    house.make_admin("root");
    let mut bob = enter(&house, "bob").await;
    bob.joins("general").await;
    bob.write(b"/upload general a.bin 1000000\nsome").await;
    let id = root.ok(json!({"do": "find_account", "username": "bob"})).await["id"].clone();
    root.ok(json!({"do": "ban", "account": id, "reason": "spam"})).await;
    bob.hears("You have been banned by an admin.").await;
    bob.is_closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_cut_off_leaves_nothing_behind() {
    let house = house().await;
    let mut bob = enter(&house, "bob").await;
    bob.joins("general").await;
    bob.write(b"/upload general a.bin 1000000\nsome").await;
    drop(bob);
    let mut ada = enter(&house, "ada").await;
    ada.joins("general").await;
    ada.asks("/list_files", "No files found in room 'general'.").await;
    let left = || std::fs::read_dir(house.folder().join("blobs/tmp")).unwrap().count();
    deadline(async {
        while left() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_no_more_still_gets_every_answer() {
    let house = house().await;
    let mut ada = lines(&house).await;
    ada.write(format!("/register ada {PASSWORD}\n/create den\n/whereami").as_bytes()).await;
    ada.stream.shutdown().await.unwrap();
    ada.hears("Registration successful as user.").await;
    ada.hears("Room 'den' created successfully.").await;
    ada.hears("You joined room 'den'.").await;
    ada.hears("You are currently in room 'den'.").await;
    ada.is_closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_talk_at_once_are_heard_in_one_order() {
    let house = house().await;
    let mut people = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let mut person = enter(&house, name).await;
        person.joins("general").await;
        people.push(person);
    }
    let mut eve = people.pop().unwrap();
    let mut ada = people.remove(0);
    for _ in 0..2 {
        ada.text().await;
    }
    people[0].text().await;
    for (client, name) in [(&mut ada, "a"), (&mut people[0], "b")] {
        let burst: String = (0..200).map(|n| format!("/message {name}{n}\n")).collect();
        client.write(burst.as_bytes()).await;
    }
    let mut heard = Vec::new();
    while heard.len() < 400 {
        heard.push(eve.text().await);
    }
    for (client, own) in [(&mut ada, "ada: "), (&mut people[0], "bob: ")] {
        let others: Vec<_> = heard.iter().filter(|text| !text.starts_with(own)).collect();
        for text in others {
            assert_eq!(&client.text().await, text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_machines_are_let_in_only_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::local(folder.path());
    config.slash = Address::At("0.0.0.0:0".to_owned());
    let refused = titan_server::Server::start(config.clone()).await.err().unwrap().to_string();
    assert!(refused.contains("--allow-plaintext"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_costs_nobody_else_anything_and_misses_nothing() {
    let house = house().await;
    let mut bob = enter(&house, "bob").await;
    bob.joins("general").await;
    let mut slow = enter(&house, "slow").await;
    slow.joins("general").await;
    bob.hears("User slow joined room 'general'").await;
    let mut ada = enter(&house, "ada").await;
    ada.joins("general").await;
    bob.hears("User ada joined room 'general'").await;
    let text = "z".repeat(8_000);
    for n in 0..600 {
        ada.says(&format!("/message {n} {text}")).await;
        bob.hears(&format!("ada: {n} {text}")).await;
    }
    slow.hears("User ada joined room 'general'").await;
    for n in 0..600 {
        slow.hears(&format!("ada: {n} {text}")).await;
    }
    slow.hears_nothing().await;
}
