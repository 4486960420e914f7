//! The shell commands about people, as scripts use them: friends, keeping order, the house, one's own account.

use crate::support::{House, PASSWORD, Person};

fn names(person: &Person, arguments: &[&str]) -> Vec<String> {
    let objects = person.titan(&[&["--json"], arguments].concat()).succeeds().objects();
    objects.iter().map(|it| it["username"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn friends_are_asked_accepted_and_ended() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    assert!(names(&ada, &["friends"]).is_empty());
    let asked = ada.titan(&["--json", "friends", "add", "bob"]).succeeds().object();
    assert_eq!((&asked["username"], &asked["relation"]), (&"bob".into(), &"requested".into()));
    let run = bob.titan(&["friends", "requests"]).succeeds();
    assert!(run.out.contains("ada") && run.out.contains("asks to be your friend"), "{run:#?}");
    assert_eq!(bob.titan(&["friends", "accept", "@ada"]).succeeds().out, "ada and you are friends now.\n");
    assert_eq!(
        (names(&ada, &["friends"]), names(&bob, &["friends", "list"])),
        (vec!["bob".into()], vec!["ada".into()])
    );
    ada.titan(&["friends", "add", "bob"]).fails(1, "friends already");
    bob.titan(&["friends", "remove", "ada"]).succeeds();
    assert!(names(&ada, &["friends"]).is_empty());
    bob.titan(&["friends", "decline", "ada"]).fails(1, "not asked");
    ada.titan(&["friends", "add", "nobody"]).fails(1, "no such account");
}

#[test]
fn whom_one_blocks_can_neither_write_nor_ask() {
    let house = House::open();
    let (ada, eve) = (house.person("ada"), house.person("eve"));
    eve.titan(&["dm", "ada", "hello"]).succeeds();
    ada.titan(&["block", "eve"]).succeeds();
    assert_eq!(names(&ada, &["friends", "blocked"]), ["eve"]);
    eve.titan(&["dm", "ada", "hello?"]).fails(1, "in private");
    eve.titan(&["friends", "add", "ada"]).fails(1, "");
    ada.titan(&["unblock", "eve"]).succeeds();
    eve.titan(&["dm", "ada", "thanks"]).succeeds();
    assert_eq!(ada.reads("@eve"), ["hello", "thanks"]);
    let run = ada.titan(&["whois", "eve"]).succeeds();
    assert!(run.out.starts_with("eve (") && run.out.contains("line"), "{run:#?}");
}

#[test]
fn who_leaves_a_room_of_their_own_says_who_gets_it() {
    let house = House::open();
    let (ada, bob, eve) = (house.person("ada"), house.person("bob"), house.person("eve"));
    ada.titan(&["create-room", "lab"]).succeeds();
    bob.titan(&["join", "lab"]).succeeds();
    eve.titan(&["join", "lab"]).succeeds();
    let run = ada.titan(&["leave", "lab", "--to", "eve"]).succeeds();
    assert!(run.err.contains("The room is eve's now."), "{run:#?}");
    bob.titan(&["leave", "lab", "--to", "eve"]).fails(1, "owner");
    // In a pipe nobody is asked: it falls to who has been there for longest.
    eve.titan(&["leave", "lab"]).succeeds();
    let members = bob.titan(&["--json", "members", "lab"]).succeeds().objects();
    assert_eq!((members.len(), &members[0]["room_role"]), (1, &"owner".into()));
}

#[test]
fn order_is_kept_in_a_room() {
    let house = House::open();
    let (ada, bob, eve) = (house.person("ada"), house.person("bob"), house.person("eve"));
    ada.titan(&["create-room", "lab"]).succeeds();
    bob.titan(&["join", "lab"]).succeeds();
    eve.titan(&["join", "lab"]).succeeds();
    bob.titan(&["moderate", "kick", "lab", "eve"]).fails(1, "moderators");
    ada.titan(&["moderate", "role", "lab", "bob", "moderator"]).succeeds();
    let run = bob.titan(&["moderate", "mute", "#lab", "eve", "--for", "10m", "--reason", "too loud"]).succeeds();
    assert!(run.err.contains("eve is muted in #lab for 10 minutes."), "{run:#?}");
    eve.titan(&["send", "#lab", "but"]).fails(1, "muted");
    let muted = ada.titan(&["--json", "moderate", "list", "lab"]).succeeds().object();
    assert_eq!(
        (&muted["kind"], &muted["reason"], &muted["by"]["username"]),
        (&"mute".into(), &"too loud".into(), &"bob".into())
    );
    bob.titan(&["moderate", "unmute", "lab", "eve"]).succeeds();
    eve.says("#lab", "sorry");
    bob.titan(&["moderate", "ban", "lab", "eve", "--reason", "spam"]).succeeds();
    eve.titan(&["send", "#lab", "hey"]).fails(1, "");
    eve.titan(&["join", "lab"]).fails(1, "banned");
    let run = bob.titan(&["moderate", "list", "lab"]).succeeds();
    assert!(run.out.contains("eve") && run.out.contains("banned") && run.out.contains("spam"), "{run:#?}");
    bob.titan(&["moderate", "unban", "lab", "eve"]).succeeds();
    eve.titan(&["join", "lab"]).succeeds();
    bob.titan(&["moderate", "kick", "lab", "ada"]).fails(1, "owner");
    bob.titan(&["moderate", "mute", "lab", "eve", "--for", "soon"]).fails(2, "10m");
    ada.titan(&["moderate", "role", "lab", "bob", "owner"]).succeeds();
    let members = ada.titan(&["--json", "members", "lab"]).succeeds().objects();
    let role = |name: &str| members.iter().find(|it| it["username"] == name).unwrap()["room_role"].clone();
    assert_eq!((role("ada"), role("bob")), ("moderator".into(), "owner".into()));
}

#[test]
fn admins_keep_the_house() {
    let house = House::open();
    let (ada, bob) = (house.admin("ada"), house.person("bob"));
    bob.titan(&["admin", "accounts"]).fails(1, "Admin");
    ada.titan_reading(&["admin", "add", "eve"], PASSWORD).succeeds();
    let eve = house.stranger("eve");
    eve.titan_reading(&["login", "eve"], PASSWORD).fails(2, "No password");
    let run = eve.titan_reading(&["login", "eve"], &format!("{PASSWORD}\na word of her own\n")).succeeds();
    assert!(run.err.contains("made up for you"), "{run:#?}");
    let run = ada.titan(&["admin", "accounts"]).succeeds();
    assert!(["ada", "bob", "eve"].iter().all(|name| run.out.contains(name)), "{run:#?}");
    let accounts = ada.titan(&["--json", "admin", "accounts"]).succeeds().objects();
    assert!(accounts.iter().all(|it| it["last_login"].is_i64()), "everybody has logged in: {accounts:?}");
    let sessions = ada.titan(&["--json", "admin", "sessions", "eve"]).succeeds().objects();
    assert_eq!(
        (sessions.len(), &sessions[0]["door"], &sessions[0]["address"]),
        (1, &"native".into(), &"127.0.0.1".into())
    );
    ada.titan(&["admin", "ban", "eve", "--reason", "spam"]).succeeds();
    eve.titan(&["whoami"]).fails(4, "");
    eve.titan_reading(&["login", "eve"], "a word of her own").fails(1, "banned");
    ada.titan(&["admin", "unban", "eve"]).succeeds();
    eve.titan_reading(&["login", "eve"], "a word of her own").succeeds();
    ada.titan_reading(&["admin", "password", "eve"], "another one 2").succeeds();
    eve.titan(&["whoami"]).fails(4, "");
    ada.titan(&["admin", "role", "bob", "admin"]).succeeds();
    bob.titan(&["admin", "ban-address", "192.0.2.7", "--reason", "floods"]).succeeds();
    let banned = ada.titan(&["--json", "admin", "addresses"]).succeeds().object();
    assert_eq!((&banned["address"], &banned["reason"]), (&"192.0.2.7".into(), &"floods".into()));
    ada.titan(&["admin", "ban-address", "nonsense"]).fails(1, "");
    ada.titan(&["admin", "unban-address", "192.0.2.7"]).succeeds();
    ada.titan_reading(&["admin", "remove", "eve"], "evelyn\n").fails(2, "Nothing was done");
    ada.titan_reading(&["admin", "remove", "eve"], "eve\n").succeeds();
    ada.titan(&["whois", "eve"]).fails(1, "");
    let acts = ada.titan(&["--json", "admin", "audit", "-n", "50"]).succeeds().objects();
    let done: Vec<&str> = acts.iter().map(|act| act["act"].as_str().unwrap()).collect();
    assert!(["ban", "unban", "ban_address", "delete_account"].iter().all(|act| done.contains(act)), "{done:?}");
    let whole = ada.titan(&["--json", "admin", "audit", "--verify"]).succeeds().objects();
    assert_eq!((whole[0]["rows"].as_u64(), whole[0].get("broken")), (Some(acts.len() as u64), None));
}

#[test]
fn sessions_are_listed_and_ended_from_elsewhere() {
    let house = House::open();
    let ada = house.person("ada");
    let elsewhere = house.stranger("ada");
    elsewhere.logs_in();
    let sessions = ada.titan(&["--json", "account", "sessions"]).succeeds().objects();
    assert_eq!((sessions.len(), &sessions[0]["current"]), (2, &true.into()), "this one first");
    ada.titan(&["account", "revoke", &sessions[1]["id"].to_string()]).succeeds();
    elsewhere.titan(&["whoami"]).fails(4, "titan login");
    ada.titan(&["account", "profile"]).fails(2, "--mail");
    let changed = ada.titan(&["--json", "account", "profile", "--full-name", "Ada L."]).succeeds().object();
    assert_eq!(changed["full_name"], "Ada L.");
    ada.titan_reading(&["account", "password"], &format!("{PASSWORD}\nsomething else 3\n")).succeeds();
    elsewhere.titan_reading(&["login", "ada"], "something else 3").succeeds();
}

#[test]
fn how_much_room_ones_files_take_is_told() {
    let house = House::open();
    let ada = house.person("ada");
    assert_eq!(ada.titan(&["usage"]).succeeds().out, "You keep no files and no apps here.\n");
    let file = ada.home().join("notes.txt");
    std::fs::write(&file, "x".repeat(1_500)).unwrap();
    ada.titan(&["put", file.to_str().unwrap(), "#general"]).succeeds();
    assert_eq!(ada.titan(&["usage"]).succeeds().out, "Your one file or app takes 1.5 kB, of 2.1 GB.\n");
    let told = ada.titan(&["--json", "usage"]).succeeds().object();
    assert_eq!((&told["files"], &told["bytes"], &told["quota"]), (&1.into(), &1_500.into(), &2_147_483_648_u64.into()));
}

#[test]
fn a_session_of_long_ago_asks_for_the_password_once_more() {
    let mut house = House::open();
    let ada = house.admin("ada");
    let bob = house.person("bob");
    // What a server knows of passwords that were given goes with it.
    house.stop();
    house.start();
    bob.titan(&["account", "profile", "--full-name", "Bob"]).succeeds();
    let mail = ["account", "profile", "--mail", "bob@example.org"];
    bob.titan(&mail).fails(1, "further line of standard input");
    bob.titan_reading(&mail, "wrong").fails(1, "not right");
    bob.titan_reading(&mail, PASSWORD).succeeds();
    let run = bob.titan(&["account", "profile", "--mail", "new@example.org"]).succeeds();
    assert!(run.err.contains("confirm-mail"), "{run:#?}");
    let shown = "mail: bob@example.org (new@example.org waits to be confirmed)\nsecond factor: none\n";
    assert_eq!(bob.titan(&["account", "show"]).succeeds().out, shown);
    bob.titan(&["account", "confirm-mail", "made-up"]).fails(1, "not valid");
    ada.titan(&["admin", "role", "bob", "admin"]).fails(1, "further line");
    ada.titan_reading(&["admin", "role", "bob", "admin"], PASSWORD).succeeds();
    ada.titan(&["admin", "role", "bob", "user"]).succeeds();
}

#[test]
fn what_the_server_keeps_is_exported_whole_and_privately() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    ada.says("#general", "what I said");
    bob.titan(&["dm", "ada", "for you alone"]).succeeds();
    let exported = ada.titan(&["--json", "export", "mine.ndjson"]).succeeds().object();
    let text = std::fs::read_to_string(ada.home().join("mine.ndjson")).unwrap();
    assert_eq!(
        (exported["lines"].as_u64(), exported["size"].as_u64()),
        (Some(text.lines().count() as u64), Some(text.len() as u64))
    );
    assert!(text.contains("what I said") && text.contains("for you alone") && text.ends_with("{\"export\":\"end\"}\n"));
    assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(!text.contains(PASSWORD) && !text.contains("token"), "no secret is in it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(ada.home().join("mine.ndjson")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    ada.titan(&["export", "mine.ndjson"]).succeeds();
    assert!(ada.home().join("mine (2).ndjson").exists(), "nothing is written over");
}

#[test]
fn an_account_is_deleted_by_name_and_password_and_forgotten_here() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    ada.says("#general", "still here");
    ada.titan_reading(&["account", "delete"], &format!("adam\n{PASSWORD}\n")).fails(2, "Nothing was done");
    ada.titan_reading(&["account", "delete"], "ada\nwrong\n").fails(1, "password");
    ada.titan_reading(&["account", "delete"], &format!("ada\n{PASSWORD}\n")).succeeds();
    ada.titan(&["whoami"]).fails(4, "titan login");
    ada.titan_reading(&["login", "ada"], PASSWORD).fails(1, "");
    assert_eq!(bob.reads("#general"), ["still here"], "what was written stays");
    house.person("ada");
}

#[test]
fn a_forgotten_password_is_answered_alike_for_every_name() {
    let house = House::open();
    let ada = house.person("ada");
    for name in ["ada", "nobody"] {
        let run = ada.titan(&["account", "forgot", name]).succeeds();
        assert!(run.err.contains("If ") && run.err.contains("has a mail address here"), "{run:#?}");
    }
    ada.titan_reading(&["account", "reset", "made-up"], "something else 3").fails(1, "ask for another one");
}
