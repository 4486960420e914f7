//! The shell commands, as scripts use them: the real binary against a real server.

use std::io::{BufRead, BufReader};

use crate::support::{House, PASSWORD, Person, Run, Terminal, grows, interrupt, noise, sha256, sha256_of};
use serde_json::Value;

#[test]
fn who_has_no_login_is_told_how_to_get_one() {
    let house = House::open();
    let ada = house.stranger("ada");
    let run = ada.titan(&["rooms"]).fails(4, "titan login");
    assert!(run.err.contains(&house.url()) && run.out.is_empty());
    ada.titan_reading(&["login", "ada"], "wrong password").fails(1, "");
    ada.titan_reading(&["login", "ada"], "").fails(2, "No password");
}

#[test]
fn a_login_is_kept_until_logout() {
    let house = House::open();
    let ada = house.stranger("ada");
    let registered = ada.titan_reading(&["--json", "register", "ada", "--full-name", "Ada L."], PASSWORD).succeeds();
    let me = registered.object();
    assert_eq!(
        (&me["username"], &me["full_name"], &me["server"]),
        (&"ada".into(), &"Ada L.".into(), &house.url().into())
    );
    assert!(!registered.out.contains("token"), "a token is a secret: {registered:#?}");
    assert_eq!(ada.titan(&["--json", "whoami"]).succeeds().object(), me);
    ada.titan(&["logout"]).succeeds();
    ada.titan(&["whoami"]).fails(4, "titan login");
    ada.logs_in();
    let run = ada.titan(&["whoami"]).succeeds();
    assert!(run.out.starts_with("ada (") && !run.out.contains('\x1b'), "{run:#?}");
}

#[cfg(unix)]
#[test]
fn the_tokens_are_for_their_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::open();
    let ada = house.person("ada");
    let files: Vec<_> = std::fs::read_dir(ada.data_dir()).unwrap().flatten().collect();
    let holders: Vec<_> = files
        .iter()
        .filter(|file| std::fs::read_to_string(file.path()).is_ok_and(|text| text.contains("token")))
        .collect();
    assert_eq!(holders.len(), 1);
    assert_eq!(holders[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let everything = files.iter().filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect::<String>();
    assert!(!everything.contains(PASSWORD));
}

#[test]
fn a_revoked_session_is_told_apart_from_a_missing_network() {
    let mut house = House::open();
    let ada = house.person("ada");
    let elsewhere = house.stranger("ada");
    elsewhere.logs_in();
    // The same session, by its token alone, as a script would have it; then its end.
    std::fs::create_dir_all(ada.home().join("copy")).unwrap();
    let copy = ada.home().join("copy").display().to_string();
    std::fs::copy(ada.data_dir().join("logins.toml"), ada.home().join("copy/logins.toml")).unwrap();
    ada.titan(&["--data-dir", &copy, "whoami"]).succeeds();
    ada.titan(&["logout"]).succeeds();
    ada.titan(&["--data-dir", &copy, "whoami"]).fails(4, "titan login");
    elsewhere.titan(&["whoami"]).succeeds();
    house.stop();
    elsewhere.titan(&["whoami"]).fails(3, "Is the server running");
    let run = elsewhere.titan(&["--json", "rooms"]).fails(3, "");
    let error: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(error["error"]["code"], "network");
}

#[test]
fn wrong_use_is_exit_code_2() {
    let house = House::open();
    let ada = house.person("ada");
    ada.titan(&["fly"]).fails(2, "fly");
    ada.titan(&["send"]).fails(2, "CONVERSATION");
    ada.titan(&["history", "#general", "--before", "x"]).fails(2, "titan history shows them");
    ada.titan(&["--server", "ftp://nowhere", "rooms"]).fails(2, "http://host:port");
    ada.titan(&["get", "x"]).fails(2, "app:NUMBER");
}

#[test]
fn what_is_sent_is_on_the_server_and_in_its_history() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let first = ada.says("#general", "hello there");
    let second = ada.titan_reading(&["--json", "send", "general", "-"], "two\nlines\n").succeeds().object();
    assert_eq!(second["seq"], first + 1);
    let answer = bob.titan(&["--json", "send", "#general", "hi", "--reply", &first.to_string()]).succeeds().object();
    let history = ada.titan(&["--json", "history", "#general"]).succeeds().objects();
    let texts: Vec<&Value> = history.iter().map(|entry| &entry["text"]).filter(|text| text.is_string()).collect();
    assert_eq!(texts, ["hello there", "two\nlines", "hi"]);
    let last = history.last().unwrap();
    assert_eq!(
        (&last["seq"], &last["reply_to"], &last["author"]["username"]),
        (&answer["seq"], &first.into(), &"bob".into())
    );
    ada.titan(&["send", "#general", "--reply", &first.to_string(), "- a list"]).succeeds();
    let quiet = ada.titan(&["--quiet", "send", "#general", "psst"]).succeeds();
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
    ada.titan(&["send", "#nowhere", "x"]).fails(1, "titan rooms");
    ada.titan(&["send", "#general", "  "]).fails(1, "empty");
}

#[test]
fn history_comes_in_parts_however_long_it_is() {
    let house = House::open();
    let ada = house.person("ada");
    let lines: Vec<String> = (0..30).map(|number| format!("line {number} {}", "x".repeat(9_000))).collect();
    let first = ada.says("#general", &lines[0]);
    for line in &lines[1..] {
        ada.says("#general", line);
    }
    let seqs = |run: Run| -> Vec<i64> {
        run.succeeds().objects().iter().map(|entry| entry["seq"].as_i64().unwrap()).collect()
    };
    // The server cuts such pages short; the command does not.
    let all = seqs(ada.titan(&["--json", "history", "#general", "-n", "1000"]));
    assert_eq!(all, (1..first + 30).collect::<Vec<_>>());
    let after = first.to_string();
    assert_eq!(
        seqs(ada.titan(&["--json", "history", "#general", "--after", &after, "-n", "5"])),
        [1, 2, 3, 4, 5].map(|n| first + n)
    );
    let before = (first + 3).to_string();
    assert_eq!(
        seqs(ada.titan(&["--json", "history", "#general", "--before", &before, "-n", "2"])),
        [first + 1, first + 2]
    );
    let between = ["--json", "history", "#general", "--after", &after, "--before", &before];
    assert_eq!(seqs(ada.titan(&between)), [first + 1, first + 2]);
    assert_eq!(seqs(ada.titan(&["--json", "tail", "#general", "-n", "3"])), [27, 28, 29].map(|n| first + n));
}

#[test]
fn tail_follows_over_a_lost_connection_without_a_gap() {
    let mut house = House::open();
    let wire = house.wire();
    let (ada, mut bob) = (house.person("ada"), house.stranger("bob"));
    bob.goes_to(&wire.url());
    bob.registers(&[]);
    ada.says("#general", "before");
    let mut tail = bob.starts(&["--json", "tail", "#general", "-n", "1", "--follow"]);
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut hears = |text: &str| {
        let entry: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(entry["text"], text);
    };
    hears("before");
    ada.says("#general", "live");
    hears("live");
    wire.cut();
    ada.says("#general", "missed 1");
    ada.says("#general", "missed 2");
    wire.mend();
    hears("missed 1");
    hears("missed 2");
    house.stop();
    house.start();
    ada.says("#general", "after the restart");
    hears("after the restart");
    interrupt(&tail);
    assert_eq!(Run::of(tail).code, 130);
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let house = House::open();
    let ada = house.person("ada");
    ada.says("#general", "one");
    let mut tail = ada.starts(&["tail", "#general", "--follow"]);
    drop(tail.stdout.take());
    ada.says("#general", "two");
    Run::of(tail).succeeds();
}

#[test]
fn people_and_rooms_are_found_by_every_usual_name() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let number = bob.titan(&["--json", "whoami"]).succeeds().object()["titan_number"].to_string();
    let room = ada.titan(&["--json", "create-room", "the lab", "--description", "no cats"]).succeeds().object();
    let id = room["id"].to_string();
    assert_eq!(room["room"]["name"], "the lab");
    bob.titan(&["send", "the lab", "hi"]).fails(1, "not a member");
    for name in ["the lab", "#The Lab", &id, &format!("id:{id}")] {
        bob.titan(&["join", name]).succeeds();
        bob.titan(&["send", name, "hello"]).succeeds();
        bob.titan(&["leave", name]).succeeds();
    }
    let direct = ada.titan(&["--json", "dm", "bob"]).succeeds().object()["id"].clone();
    for name in ["@bob", "@Bob", &number, &direct.to_string()] {
        assert_eq!(ada.titan(&["--json", "send", name, "psst"]).succeeds().object()["conversation"], direct, "{name}");
    }
    ada.titan(&["dm", "@bob", "and once more"]).succeeds();
    let mine = bob.titan(&["--json", "conversations"]).succeeds().objects();
    let unread = mine.iter().find(|conversation| conversation["id"] == direct).unwrap();
    assert_eq!((&unread["unread"], &unread["direct"]["username"]), (&5.into(), &"ada".into()));
    ada.titan(&["send", "@nobody", "x"]).fails(1, "");
    ada.titan(&["join", "@bob"]).fails(2, "no room");
    let rooms = bob.titan(&["rooms"]).succeeds().out;
    assert!(rooms.contains("#the lab") && rooms.contains("no cats") && !rooms.contains('\x1b'), "{rooms}");
    let members = ada.titan(&["--json", "members", "the lab"]).succeeds().object();
    assert_eq!((&members["username"], &members["room_role"]), (&"ada".into(), &"owner".into()));
}

#[test]
fn who_shows_who_is_there() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let mut tail = bob.starts(&["tail", "#general", "--follow"]);
    ada.says("#general", "x");
    let mut first = String::new();
    BufReader::new(tail.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let who = ada.titan(&["--json", "who"]).succeeds().objects();
    let names: Vec<&Value> = who.iter().map(|person| &person["username"]).collect();
    assert_eq!(names, ["ada", "bob"]);
    interrupt(&tail);
    tail.wait().unwrap();
}

#[test]
fn a_locked_room_wants_its_password() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    ada.titan(&["create-room", "vault", "--password", "sesame"]).succeeds();
    let run = bob.titan(&["--json", "join", "vault"]).fails(1, "");
    let error: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(error["error"]["code"], "wrong_room_password");
    bob.titan(&["join", "vault", "--password", "sesame"]).succeeds();
}

#[test]
fn messages_are_changed_deleted_and_reacted_to() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let seq = ada.says("#general", "helo").to_string();
    ada.titan(&["edit", "#general", &seq, "hello"]).succeeds();
    bob.titan(&["react", "#general", &format!("#{seq}"), ":tada:"]).succeeds();
    bob.titan(&["edit", "#general", &seq, "mine now"]).fails(1, "author");
    let lines = bob.titan(&["history", "#general"]).succeeds().out;
    let line = lines.lines().find(|line| line.contains("ada")).filter(|line| line.contains("hello")).unwrap_or(&lines);
    assert!(line.contains("hello (changed) 🎉1") && line.contains(&format!("#{seq}")), "{lines}");
    bob.titan(&["react", "#general", &seq, "🎉", "--off"]).succeeds();
    ada.titan(&["delete", "#general", &seq]).succeeds();
    let lines = bob.titan(&["history", "#general"]).succeeds().out;
    assert!(lines.contains("(deleted)") && !lines.contains("hello"), "{lines}");
}

#[test]
fn words_are_found_where_they_were_said() {
    let house = House::open();
    let ada = house.person("ada");
    ada.titan(&["create-room", "lab"]).succeeds();
    ada.says("#lab", "the purple elephant sings");
    ada.says("#general", "a purple hat");
    let found = ada.titan(&["--json", "search", "purple"]).succeeds().objects();
    assert_eq!(found.len(), 2);
    assert_eq!(found[1]["conversation_name"], "lab");
    assert_eq!(ada.titan(&["--json", "search", "--in", "#lab", "purple"]).succeeds().objects().len(), 1);
    let cut = ada.titan(&["search", "-n", "1", "pur"]).succeeds();
    assert!(cut.out.contains("hat") && cut.err.contains("--before"), "{} {}", cut.out, cut.err);
    let cut = ada.titan(&["--json", "search", "-n", "1", "pur"]).succeeds();
    let more: serde_json::Value = serde_json::from_str(&cut.err).unwrap();
    let before = more["more"]["before"].to_string();
    let rest = ada.titan(&["--json", "search", "--before", &before, "pur"]).succeeds();
    assert_eq!((rest.objects().len(), rest.err.as_str()), (1, ""));
    let none = ada.titan(&["search", "green", "elephant"]).succeeds();
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", "Nothing found.\n"));
    ada.titan(&["search", "--offline", "purple"]).fails(1, "--offline");
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let house = House::open();
    let (ada, eve) = (house.person("ada"), house.person("eve"));
    eve.says("#general", "a\u{1b}[31mred\u{1b}]0;title\u{7}b\u{202e}txt");
    for arguments in [&["tail", "#general"][..], &["--json", "tail", "#general"], &["search", "31mred"]] {
        let out = ada.titan(arguments).succeeds().out;
        assert!(out.contains("[31mred"), "{out}");
        assert!(!out.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{out:?}");
    }
}

#[test]
fn files_go_up_and_come_down_whole() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let bytes = noise(300_000);
    std::fs::write(ada.home().join("plan.bin"), &bytes).unwrap();
    let run = ada.titan(&["--json", "put", "plan.bin", "#general", "--text", "the plan"]).succeeds();
    assert_eq!(run.err, "", "no bar goes into a pipe");
    let seq = run.object()["seq"].clone();
    let history = bob.titan(&["--json", "tail", "#general"]).succeeds().objects();
    let entry = history.iter().find(|entry| entry["seq"] == seq).unwrap();
    assert_eq!(
        (&entry["text"], &entry["file"]["name"], &entry["file"]["size"]),
        (&"the plan".into(), &"plan.bin".into(), &300_000.into())
    );
    let file = entry["file"]["id"].to_string();
    let got = bob.titan(&["--json", "get", &file, "-o", "got.bin"]).succeeds();
    assert_eq!(got.err, "", "no bar goes into a pipe");
    assert_eq!(got.object()["sha256"], sha256(&bytes).as_str());
    assert_eq!(std::fs::read(bob.home().join("got.bin")).unwrap(), bytes);
    let got = bob.titan(&["get", &format!("file:{file}")]).succeeds();
    assert_eq!(std::fs::read(bob.home().join(got.out.trim())).unwrap(), bytes);
    bob.titan(&["get", "4711"]).fails(1, "");
    ada.titan(&["put", "nowhere.bin", "#general"]).fails(1, "nowhere.bin");
}

#[test]
fn an_interrupted_download_goes_on_where_it_stopped() {
    let house = House::open();
    let wire = house.wire();
    let (ada, mut bob) = (house.person("ada"), house.person("bob"));
    bob.goes_to(&wire.url());
    bob.logs_in();
    let bytes = noise(6_000_000);
    std::fs::write(ada.home().join("big.bin"), &bytes).unwrap();
    ada.titan(&["put", "big.bin", "#general"]).succeeds();
    let history = ada.titan(&["--json", "tail", "#general", "-n", "1"]).succeeds().object();
    let file = history["file"]["id"].to_string();
    let folder = bob.home().join("inbox");
    std::fs::create_dir(&folder).unwrap();
    wire.hold_after(2_000_000);
    let child = bob.starts(&["get", &file, "-o", "inbox"]);
    grows(&folder, 1_000_000);
    interrupt(&child);
    Run::of(child).fails(130, "goes on from there");
    // What is left fits through what the wire carries now only if nothing is carried twice.
    wire.hold_after(5_500_000);
    bob.titan(&["get", &file, "-o", "inbox"]).succeeds();
    assert_eq!(sha256_of(&folder.join("big.bin")), sha256(&bytes));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing unfinished is left behind");
}

#[test]
fn apps_are_offered_approved_and_downloaded() {
    let house = House::open();
    let (ada, bob) = (house.admin("ada"), house.person("bob"));
    std::fs::write(bob.home().join("clock.zip"), noise(50_000)).unwrap();
    let upload = ["--json", "repo", "upload", "clock.zip", "--name", "Clock", "--version", "2.1", "--category", "game"];
    let app = bob.titan(&upload).succeeds().object();
    assert_eq!((&app["state"], &app["version"]), (&"pending".into(), &"2.1".into()));
    let id = app["id"].to_string();
    assert_eq!(bob.titan(&["--json", "repo", "list"]).succeeds().out, "");
    bob.titan(&["repo", "approve", &id]).fails(1, "Admin");
    assert_eq!(ada.titan(&["--json", "repo", "pending"]).succeeds().object()["id"], app["id"]);
    ada.titan(&["repo", "approve", &id, "--sha256", &"0".repeat(64)]).fails(1, "");
    ada.titan(&["repo", "approve", "clock"]).succeeds();
    let listed = bob.titan(&["repo", "list", "--category", "game"]).succeeds().out;
    assert!(listed.contains("Clock") && listed.contains("2.1"), "{listed}");
    assert_eq!(bob.titan(&["--json", "repo", "search", "clo"]).succeeds().objects().len(), 1);
    let sheet = bob.titan(&["repo", "show", "Clock"]).succeeds().out;
    assert!(sheet.contains("approved by ada"), "{sheet}");
    bob.titan(&["repo", "get", "Clock", "-o", "mine.zip"]).succeeds();
    bob.titan(&["get", &format!("app:{id}"), "-o", "again.zip"]).succeeds();
    assert_eq!(sha256_of(&bob.home().join("again.zip")), app["sha256"].as_str().unwrap());
    assert_eq!(ada.titan(&["--json", "repo", "stats"]).succeeds().object()["downloads"], 2);
    std::fs::write(bob.home().join("bad.zip"), noise(10)).unwrap();
    let bad = bob.titan(&["--json", "repo", "upload", "bad.zip"]).succeeds().object();
    let rejected = ada.titan(&["--json", "repo", "reject", "bad", "too small"]).succeeds().object();
    assert_eq!((&rejected["id"], &rejected["reason"]), (&bad["id"], &"too small".into()));
    bob.titan(&["repo", "delete", &id]).succeeds();
    bob.titan(&["repo", "show", "Clock"]).fails(1, "titan repo list");
    bob.titan(&["repo", "upload", "bad.zip", "--category", "toy"]).fails(2, "sound_theme");
}

#[test]
fn the_shell_learns_the_commands() {
    let person = Person::new("ada", "http://127.0.0.1:9");
    for shell in ["bash", "zsh", "fish"] {
        let script = person.titan(&["completions", shell]).succeeds().out;
        assert!(script.contains("titan") && script.contains("whoami"), "{shell}");
    }
}

#[test]
fn a_password_is_asked_for_on_a_terminal_and_never_shown() {
    let house = House::open();
    let ada = house.stranger("ada");
    let mut terminal: Terminal = ada.opens(&["register", "ada"]);
    terminal.sees("Password:").enters(PASSWORD).sees("Once more:").enters(PASSWORD);
    assert_eq!(terminal.ends(), 0, "{terminal:?}");
    assert!(terminal.screen().contains("ada (") && !terminal.screen().contains(PASSWORD), "{terminal:?}");
    terminal.is_given_back("after a prompt");
    let mut terminal = ada.opens(&["login", "ada"]);
    terminal.sees("Password:").types("half a pass").presses(&["ctrl-c"]);
    assert_eq!(terminal.ends(), 130, "{terminal:?}");
    terminal.is_given_back("after a prompt");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let house = House::open();
    let ada = house.person("ada");
    ada.says("#general", "hello");
    let mut terminal = ada.opens(&["tail", "#general"]);
    terminal.ends();
    assert!(String::from_utf8(terminal.raw()).unwrap().contains("\x1b[1mada"), "{terminal:?}");
    let mut environment = ada.environment();
    environment.push(("NO_COLOR".to_owned(), "1".to_owned()));
    let program = env!("CARGO_BIN_EXE_titan").as_ref();
    let mut plain = Terminal::open(program, &["tail", "#general"], &environment, ada.home(), (80, 24));
    plain.ends();
    assert!(!plain.raw().contains(&0x1b) && plain.screen().contains("hello"), "{plain:?}");
}
