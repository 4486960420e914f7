//! The slash door, through real sockets, as the original's clients and people at netcat see it.

use crate::slash_support::{PASSWORD, enter, enter_admin, enter_raw, house, lines, raw};
use crate::support;
use serde_json::json;

const GENERAL: i64 = 1;
const LOGIN_FIRST: &str = "Please register or login first.";

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_registers_or_logs_in_and_does_nothing_else() {
    let house = house().await;
    let mut ada = lines(&house).await;
    for text in ["/help", "/join general", "hello", "/whoami", "/message hi", "/ban_user x"] {
        ada.asks(text, LOGIN_FIRST).await;
    }
    ada.asks("/register ada", "Usage: /register <username> <password> [admin_key]").await;
    ada.asks("/login", "Usage: /login <username> <password>").await;
    ada.asks_bare("/register  x", "Username and password cannot be empty.").await;
    ada.asks_bare("/register ada pw wrong-key", "Invalid admin key.").await;
    ada.asks_bare("/login ada pw", "Invalid username or password.").await;
    ada.asks(&format!("/register ada {PASSWORD}"), "Registration successful as user.").await;
    ada.asks("/whoami", "You are logged in as 'ada'.").await;
    ada.asks("/whereami", "You are not in any room.").await;

    let mut bob = lines(&house).await;
    bob.asks_bare(&format!("/register ada {PASSWORD}"), "Username already exists.").await;
    bob.asks_bare("/login ada wrong", "Invalid username or password.").await;
    bob.asks(&format!("/login ada {PASSWORD}"), "Login successful.").await;
    bob.asks("/whoami", "You are logged in as 'ada'.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_session_goes_as_the_document_says() {
    let house = house().await;
    let mut admin = enter_admin(&house, "adminuser").await;
    admin.creates("lounge").await;
    let file = admin.uploads("lounge", "./example.txt", b"an example").await;
    let shape: String =
        file.chars().map(|c| if c.is_ascii_hexdigit() && !"ef".contains(c) { '0' } else { c }).collect();
    assert!(file.starts_with("lounge_20") && file.contains("_example.txt_"), "{file}");
    assert_eq!(file.rsplit('_').next().unwrap().len(), 8, "{shape}");

    let mut john = enter(&house, "johndoe").await;
    john.says("/join lounge").await;
    john.hears("Chat history for 'lounge':").await;
    john.hears("User adminuser joined room 'lounge'").await;
    john.hears(&format!("User adminuser uploaded file '{file}' (Original: example.txt)")).await;
    john.hears("You joined room 'lounge'.").await;
    admin.hears("User johndoe joined room 'lounge'").await;
    john.asks("/list_users_in_room", "Users in room 'lounge': adminuser, johndoe").await;
    john.asks("/list_all_users", "All online users: adminuser, johndoe").await;
    john.asks("/list_all_rooms", "Available rooms: general, lounge").await;
    john.asks("/whereami", "You are currently in room 'lounge'.").await;
    john.asks("/join lounge", "You are already in room 'lounge'.").await;

    john.says("/message hello all").await;
    admin.hears("johndoe: hello all").await;
    john.hears_nothing().await;
    assert_eq!(john.downloads(&file).await, b"an example");
    john.asks("/leave", "You left room 'lounge'.").await;
    admin.hears("User johndoe left room 'lounge'").await;
    john.asks("/leave", "[ERROR] You are not in a room.").await;

    admin.says("/view_room_history lounge").await;
    for event in [
        "History for 'lounge':".to_owned(),
        "User adminuser joined room 'lounge'".to_owned(),
        format!("User adminuser uploaded file '{file}' (Original: example.txt)"),
        "User johndoe joined room 'lounge'".to_owned(),
        "johndoe: hello all".to_owned(),
        format!("User johndoe downloaded file '{file}' (Original: example.txt)"),
        "User johndoe left room 'lounge'".to_owned(),
    ] {
        admin.hears(&event).await;
    }
    admin.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_told_in_the_originals_words() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let unknown = |what: &str| format!("[ERROR] Unknown command: {what}. Use /help for a list of commands.");
    ada.asks("/fly away", &unknown("/fly")).await;
    ada.asks("hello there", &unknown("hello")).await;
    ada.asks("/join nowhere", "Room 'nowhere' does not exist.").await;
    ada.asks("/create general", "Room 'general' already exists.").await;
    ada.asks("/message hi", "[ERROR] You are not in a room.").await;
    ada.asks("/list_users_in_room", "[ERROR] You are not in a room.").await;
    ada.asks("/list_files", "[ERROR] You are not in a room.").await;
    ada.asks("/download nothing_00000001", "File 'nothing_00000001' not found.").await;
    ada.asks("/join", "Usage: /join <room>").await;
    ada.asks("/message", "Usage: /message <text>").await;
    ada.asks("/upload general a.txt", "Usage: /upload <room> <filepath> <size>").await;
    ada.asks("/delete_room general", "[ERROR] Admin privileges required.").await;
    ada.asks("/delete_room", "[ERROR] Admin privileges required.").await;
    ada.asks("/change_admin_key mine-from-now-on", "[ERROR] Admin privileges required.").await;
    ada.asks_bare("/changepassword wrong new", "Incorrect old password.").await;
    ada.asks(&format!("/changepassword {PASSWORD} new-password"), "Password changed successfully.").await;
    ada.says("/help").await;
    ada.hears("Available commands:").await;
    let mut listed = Vec::new();
    ada.says("/whoami").await;
    loop {
        let line = ada.text().await;
        if line.starts_with("You are logged in") {
            break;
        }
        listed.push(line);
    }
    assert!(listed.iter().any(|line| line.starts_with("/message <text> - ")));
    assert!(!listed.iter().any(|line| line.contains("/ban_user")), "admins' commands are the admins'");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_in_one_room_at_a_time_and_leaves_with_the_connection() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    let mut bob = enter(&house, "bob").await;
    ada.creates("one").await;
    bob.creates("two").await;
    bob.joins("one").await;
    ada.hears("User bob joined room 'one'").await;
    ada.joins("two").await;
    bob.hears("User ada left room 'one'").await;
    bob.joins("two").await;
    ada.hears("User bob joined room 'two'").await;
    bob.says("/quit").await;
    bob.is_closed().await;
    ada.hears("User bob left room 'two'").await;

    let mut eve = enter(&house, "eve").await;
    eve.joins("two").await;
    ada.hears("User eve joined room 'two'").await;
    drop(eve);
    ada.hears("User eve left room 'two'").await;
    ada.asks("/list_users_in_room", "Users in room 'two': ada").await;

    // Who made a room leaves it like anybody, and comes back as its owner.
    ada.joins("one").await;
    ada.asks("/leave", "You left room 'one'.").await;
    ada.says("/join one").await;
    for event in ["Chat history for 'one':", "User ada joined room 'one'", "User bob joined room 'one'"] {
        ada.hears(event).await;
    }
    ada.hears("User bob left room 'one'").await;
    let mut native = house.native().await;
    native.login("ada", PASSWORD).await;
    let mine = native.ok(json!({"do": "conversations"})).await;
    let one = mine["conversations"].as_array().unwrap().iter().find(|mine| mine["room"]["name"] == "one").unwrap();
    assert_eq!(one["room_role"], "owner");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_costs_no_membership_and_a_join_here_makes_one_that_ends_here() {
    let house = house().await;
    let mut owner = house.enter("owner").await;
    let mut ada = house.enter("ada").await;
    let room = owner.ok(json!({"do": "create_room", "name": "club"})).await["id"].clone();
    ada.ok(json!({"do": "join_room", "conversation": room})).await;
    owner.hears(|event| event["entry"]["kind"] == "joined" && event["entry"]["author"]["username"] == "ada").await;

    let mut line = lines(&house).await;
    line.asks(&format!("/login ada {PASSWORD}"), "Login successful.").await;
    line.joins("club").await;
    owner.hears(|event| event["event"] == "visit" && event["here"] == true).await;
    line.asks("/leave", "You left room 'club'.").await;
    owner.hears(|event| event["event"] == "visit" && event["here"] == false).await;
    let members = |members: serde_json::Value| -> Vec<String> {
        let names = members["members"].as_array().unwrap().iter();
        names.map(|member| member["username"].as_str().unwrap().to_owned()).collect()
    };
    let listed = owner.ok(json!({"do": "members", "conversation": room})).await;
    assert_eq!(members(listed), ["ada", "owner"], "a visit is over, a membership is not");

    let mut eve = enter(&house, "eve").await;
    eve.joins("club").await;
    owner.hears(|event| event["entry"]["kind"] == "joined" && event["entry"]["author"]["username"] == "eve").await;
    eve.says("/quit").await;
    owner.hears(|event| event["entry"]["kind"] == "left" && event["entry"]["author"]["username"] == "eve").await;
    let listed = owner.ok(json!({"do": "members", "conversation": room})).await;
    assert_eq!(members(listed), ["ada", "owner"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_doors_meet_in_one_room_and_no_line_passes_for_another() {
    let house = house().await;
    let mut ada = house.enter("ada").await;
    let mut bob = enter(&house, "bob").await;
    bob.joins("general").await;
    ada.says(GENERAL, "two\n[2026-01-01 00:00:00] root: lines\u{1b}[2J").await;
    bob.hears("ada: two").await;
    assert_eq!(bob.line().await.unwrap(), "    [2026-01-01 00:00:00] root: lines␛[2J");
    bob.says("/message hello ada").await;
    ada.hears_text("hello ada").await;
    let posted = ada.says(GENERAL, "first thought").await;
    bob.hears("ada: first thought").await;
    ada.ok(json!({"do": "react", "conversation": GENERAL, "seq": posted["seq"], "emoji": "👍", "on": true})).await;
    ada.ok(json!({"do": "edit", "conversation": GENERAL, "seq": posted["seq"], "text": "second thought"})).await;
    bob.hears("ada (edited): second thought").await;
    ada.ok(json!({"do": "delete", "conversation": GENERAL, "seq": posted["seq"]})).await;
    ada.says(GENERAL, "last").await;
    bob.hears("ada: last").await;

    let room = ada.ok(json!({"do": "create_room", "name": "Tea Room"})).await["id"].as_i64().unwrap();
    ada.says(room, "nobody at the lines hears this").await;
    bob.joins("Tea Room").await;
    ada.ok(json!({"do": "update_room", "conversation": room, "name": "Coffee Room"})).await;
    bob.hears("Room 'Tea Room' is now called 'Coffee Room'.").await;
    bob.asks("/whereami", "You are currently in room 'Coffee Room'.").await;
    let file = bob.uploads("Coffee Room", "/tmp/my beans.txt", b"beans").await;
    assert!(file.starts_with("Coffee_Room_") && file.contains("_my_beans.txt_"), "{file}");
    let told = ada.hears(|event| event["entry"]["file"]["name"] == "my beans.txt").await;
    assert_eq!(told["entry"]["file"]["size"], 5);
    assert_eq!(bob.downloads(&file).await, b"beans");

    ada.ok(json!({"do": "kick", "conversation": room, "account": told["entry"]["author"]["id"], "reason": "noise"}))
        .await;
    let said = bob.text().await;
    assert!(said.starts_with("You are no longer in room 'Coffee Room'."), "{said}");
    bob.asks("/whereami", "You are not in any room.").await;
    bob.asks(&format!("/download {file}"), &format!("File '{file}' not found.")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_manage_users_and_rooms() {
    let house = house().await;
    let mut root = enter_admin(&house, "root").await;
    let mut bob = enter(&house, "bob").await;
    root.asks("/add_user carl carls-password", "Registration successful as user.").await;
    root.asks("/add_user dora doras-password 1", "Registration successful as admin.").await;
    root.asks_bare("/add_user carl x", "Username already exists.").await;
    root.says("/view_users").await;
    for line in [
        "Users:",
        "Username: bob, Admin: No, Banned: No",
        "Username: carl, Admin: No, Banned: No",
        "Username: dora, Admin: Yes, Banned: No",
        "Username: root, Admin: Yes, Banned: No",
    ] {
        root.hears(line).await;
    }

    root.asks("/edit_user bob  1", "User 'bob' updated.").await;
    bob.hears("Your status has changed from a regular user to an admin by admin 'root'.").await;
    bob.asks("/view_room_history general", "History for 'general':").await;
    root.asks("/edit_user bob bobs-new-password 0", "User 'bob' updated.").await;
    bob.hears("Your status has changed from an admin to a regular user by admin 'root'.").await;
    bob.hears("An admin changed your password: log in with the new one.").await;
    bob.is_closed().await;
    root.asks_bare("/edit_user nobody pw", "User 'nobody' does not exist.").await;
    let mut bob = lines(&house).await;
    bob.asks("/login bob bobs-new-password", "Login successful.").await;

    bob.creates("den").await;
    root.joins("den").await;
    bob.hears("User root joined room 'den'").await;
    let mut carl = lines(&house).await;
    carl.asks("/login carl carls-password", "Login successful.").await;
    carl.joins("den").await;
    root.hears("User carl joined room 'den'").await;
    bob.hears("User carl joined room 'den'").await;
    root.asks("/delete_room nowhere", "Room 'nowhere' does not exist.").await;
    root.asks("/delete_room den", "Room 'den' deleted.").await;
    for client in [&mut bob, &mut carl] {
        client.hears("Room 'den' has been deleted by an admin.").await;
        client.asks("/whereami", "You are not in any room.").await;
    }
    root.asks("/whereami", "You are not in any room.").await;

    root.asks("/change_admin_key a-brand-new-key", "Admin key changed successfully.").await;
    let mut late = lines(&house).await;
    late.asks("/register late pw a-brand-new-key", "Registration successful as admin.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_here_is_a_ban_at_every_door() {
    let house = house().await;
    let mut root = enter_admin(&house, "root").await;
    let mut bob = enter(&house, "bob").await;
    let mut elsewhere = house.enter_again("bob").await;
    bob.joins("general").await;
    root.asks_bare("/ban_user nobody", "User 'nobody' does not exist.").await;
    root.asks_bare("/unban_user bob", "User 'bob' is not banned.").await;
    root.asks("/ban_user bob", "User 'bob' banned.").await;
    bob.hears("You have been banned by an admin.").await;
    bob.is_closed().await;
    elsewhere.hears(|event| event["event"] == "goodbye").await;
    let mut bob = lines(&house).await;
    bob.asks_bare(&format!("/login bob {PASSWORD}"), "You are banned from this server.").await;
    root.says("/view_users").await;
    root.hears("Users:").await;
    root.hears("Username: bob, Admin: No, Banned: Yes").await;
    root.hears("Username: root, Admin: Yes, Banned: No").await;
    root.asks("/unban_user bob", "User 'bob' unbanned.").await;
    bob.asks(&format!("/login bob {PASSWORD}"), "Login successful.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_raw_mode_a_read_is_a_command_and_replies_carry_no_newline() {
    let house = house().await;
    let mut ada = enter_raw(&house, "ada").await;
    let mut bob = enter_raw(&house, "bob").await;
    ada.asks("/whoami", "You are logged in as 'ada'.").await;
    ada.asks("/create den", "Room 'den' created successfully.").await;
    ada.hears("You joined room 'den'.").await;
    bob.asks("/join den", "Chat history for 'den':\n").await;
    let history = bob.bytes("[2026-01-15 10:30:00] User ada joined room 'den'".len()).await;
    assert!(history.ends_with(b"User ada joined room 'den'"));
    assert_eq!(bob.bytes(1).await, b"\n", "what follows is no part of the history's last line");
    bob.hears("You joined room 'den'.").await;
    ada.hears("User bob joined room 'den'").await;
    ada.says("/message several\nlines").await;
    bob.hears("ada: several\n    lines").await;
    let said = "[ERROR] You are logged in as 'ada' already: /quit and connect again to be somebody else.";
    ada.asks("/register ada pw", said).await;
    ada.says("/list_files").await;
    ada.hears("No files found in room 'den'.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_originals_client_puts_and_fetches_files() {
    let house = house().await;
    let mut ada = enter_raw(&house, "ada").await;
    ada.asks("/create den", "Room 'den' created successfully.").await;
    ada.hears("You joined room 'den'.").await;
    let mut bob = enter(&house, "bob").await;
    bob.joins("den").await;
    ada.hears("User bob joined room 'den'").await;

    // Digits at first look like a longer size.
    let small: &[u8] = b"12345";
    let large: Vec<u8> = (0..300_000_u32).map(|n| (n * 7 + n / 251) as u8).collect();
    for bytes in [small, &large, b"", b"/quit"] {
        let two = "/upload den C:\\files\\a.bin";
        let sized = format!("{two}{two} {}", bytes.len());
        ada.write(&[sized.as_bytes(), bytes].concat()).await;
        let said = bob.text().await;
        let name = said.strip_prefix("File '").unwrap().strip_suffix("' uploaded to room 'den'.").unwrap().to_owned();
        assert!(name.contains("_a.bin_"), "{name}");
        ada.hears(&said).await;

        ada.says(&format!("/download {name}")).await;
        let header = format!("/file {name} {}", bytes.len());
        assert_eq!(ada.bytes(header.len()).await, header.as_bytes());
        assert_eq!(ada.bytes(bytes.len()).await, bytes);
        assert_eq!(bob.downloads(&name).await, bytes);
    }
    ada.asks("/whoami", "You are logged in as 'ada'.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downloads_header_comes_by_itself_and_nothing_stands_between() {
    use tokio::io::AsyncReadExt;
    let house = house().await;
    let mut ada = enter_raw(&house, "ada").await;
    ada.asks("/join general", "You joined room 'general'.").await;
    let mut bob = enter(&house, "bob").await;
    bob.joins("general").await;
    ada.hears("User bob joined room 'general'").await;
    let name = bob.uploads("general", "x.txt", b"contents").await;
    ada.hears(&format!("File '{name}' uploaded to room 'general'.")).await;

    ada.says(&format!("/download {name}")).await;
    let mut first = vec![0; 4096];
    let read = support::deadline(ada.stream.read(&mut first)).await.unwrap();
    assert_eq!(first[..read], *format!("/file {name} 8").as_bytes(), "the header is a read of its own");
    bob.says("/message in between").await;
    assert_eq!(ada.bytes(8).await, b"contents");
    ada.hears("bob: in between").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_house_says_so_and_the_key_file_is_private() {
    let mut house = house().await;
    let mut ada = enter(&house, "ada").await;
    ada.joins("general").await;
    let mut stranger = raw(&house).await;
    house.restart().await;
    for client in [&mut ada, &mut stranger] {
        let said = client.text().await;
        assert!(said.contains("shutting down"), "{said}");
        client.is_closed().await;
    }
    let mut ada = lines(&house).await;
    ada.asks(&format!("/login ada {PASSWORD}"), "Login successful.").await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(house.folder().join("admin_key.txt")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}
