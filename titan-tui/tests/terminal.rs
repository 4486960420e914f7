//! The screen, as people use it: the real client in a pseudo-terminal against a real server. Each test is a story.

use crate::support::{Disk, House, PASSWORD, Person, Terminal, eventually, grows, noise, sha256, sha256_of};

#[test]
fn a_newcomer_finds_the_way_in_by_the_wizard() {
    let house = House::open();
    let ada = house.stranger("ada");
    let nowhere = ada.environment_of_a_newcomer();
    let mut screen = ada.opens_in(&nowhere, &[], (100, 30));
    screen.sees("Where do you want to chat?").sees("Start a server on this machine").presses(&["down"]);
    screen.presses(&["enter"]).sees("Which server?").enters("not an address");
    screen.sees("is no server address").presses(&["ctrl-u"]).enters(&house.url());
    screen.sees("Log in").presses(&["f2"]).sees("Make an account");
    screen.types("ada").presses(&["tab"]).types(PASSWORD).presses(&["enter"]);
    screen.sees("Welcome, ada").sees("#general").sees("online");
    assert!(!screen.screen().contains(PASSWORD));
    screen.enters("my first words").sees("my first words");
    screen.presses(&["ctrl-q"]);
    assert_eq!(screen.ends(), 0);
    screen.is_given_back("after leaving");
    // The login is kept, for the screen and for the shell.
    let mut again = ada.opens_in(&nowhere, &[], (100, 30));
    again.sees("my first words").sees("online");
    eventually("it is sent", || ada.reads("#general") == ["my first words"]);
}

#[test]
fn a_wrong_password_is_told_at_the_door() {
    let house = House::open();
    let ada = house.person("ada");
    ada.titan(&["logout"]).succeeds();
    let mut screen = ada.opens(&[]);
    screen.sees("Log in").types("ada").presses(&["tab"]).enters("wrong password");
    screen.sees("Invalid username or password").presses(&["ctrl-u"]).enters(PASSWORD).sees("● online");
}

#[test]
fn two_people_talk_and_see_each_other_come_and_go() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let mut adas = ada.sits_down();
    let mut bobs = bob.sits_down();
    adas.sees("2 of 2 online");
    adas.enters("hello bob");
    bobs.sees("hello bob").types("hi");
    adas.sees("bob is writing");
    bobs.enters(" ada");
    adas.sees("hi ada");
    bobs.pastes("one\ntwo\nthree").presses(&["enter"]);
    adas.sees("three");
    eventually("all is sent", || ada.reads("#general") == ["hello bob", "hi ada", "one\ntwo\nthree"]);
    bobs.presses(&["ctrl-q"]);
    assert_eq!(bobs.ends(), 0);
    adas.sees("1 of 2 online");
}

#[test]
fn the_cache_is_painted_without_a_server_and_the_outbox_waits_for_it() {
    let mut house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let mut screen = bob.sits_down();
    ada.says("#general", "said while all was well");
    screen.sees("said while all was well").presses(&["ctrl-q"]);
    screen.ends();
    house.stop();
    let mut screen = bob.opens(&[]);
    screen.sees("said while all was well").sees("offline");
    screen.enters("written without a server").sees("written without a server").sees("kept on disk");
    // Not even a power cut loses it.
    screen.dies();
    let mut screen = bob.opens(&[]);
    screen.sees("written without a server").enters("and one more").sees("and one more");
    house.start();
    screen.sees("● online").no_longer_sees("kept on disk");
    let all = ["said while all was well", "written without a server", "and one more"];
    eventually("everything is sent, once and in order", || ada.reads("#general") == all);
}

#[test]
fn who_logged_in_by_the_shell_finds_the_screen_there() {
    let house = House::open();
    let bob = house.person("bob");
    bob.logs_in();
    let mut screen = bob.opens_in(&bob.environment_of_a_newcomer(), &[], (80, 24));
    screen.sees("● online").sees("general");
}

#[test]
fn a_lost_connection_comes_back_by_itself_and_nothing_is_missed() {
    let house = House::open();
    let wire = house.wire();
    let (ada, mut bob) = (house.person("ada"), house.person("bob"));
    bob.goes_to(&wire.url());
    bob.logs_in();
    let mut screen = bob.sits_down();
    wire.cut();
    screen.sees("offline");
    ada.says("#general", "while you were away");
    screen.enters("anybody there?");
    wire.mend();
    screen.sees("● online").sees("while you were away").no_longer_sees("kept on disk");
    eventually("it is sent", || ada.reads("#general") == ["while you were away", "anybody there?"]);
}

#[test]
fn a_download_is_paused_outlives_the_client_and_ends_right() {
    let house = House::open();
    let wire = house.wire();
    let (ada, mut bob) = (house.person("ada"), house.person("bob"));
    let inbox = bob.has_an_inbox();
    bob.goes_to(&wire.url());
    bob.logs_in();
    let bytes = noise(8_000_000);
    std::fs::write(ada.home().join("big.bin"), &bytes).unwrap();
    ada.titan(&["put", "big.bin", "#general"]).succeeds();
    let mut screen = bob.sits_down();
    screen.sees("big.bin");
    wire.hold_after(3_000_000);
    screen.enters("/download big.bin").presses(&["f4"]).sees("running");
    grows(&inbox, 2_000_000);
    screen.sees("3.0 MB of 8.0 MB");
    screen.presses(&["p"]).sees("paused");
    screen.dies();
    wire.mend();
    let mut screen = bob.sits_down();
    screen.presses(&["f4"]).sees("paused").presses(&["p"]).sees("SHA-256 checked");
    assert_eq!(sha256_of(&inbox.join("big.bin")), sha256(&bytes));
    assert_eq!(std::fs::read_dir(&inbox).unwrap().count(), 1, "nothing unfinished is left behind");
}

#[test]
fn an_app_is_uploaded_here_approved_there_and_installed() {
    let house = House::open();
    let (ada, bob) = (house.admin("ada"), house.person("bob"));
    let inbox = bob.has_an_inbox();
    let file = bob.home().join("clock.zip");
    std::fs::write(&file, noise(200_000)).unwrap();
    let mut adas = ada.sits_down();
    let mut bobs = bob.sits_down();
    bobs.presses(&["f3"]).sees("No apps here yet").presses(&["u"]).sees("Upload an app to the repository");
    bobs.types(file.to_str().unwrap()).presses(&["tab"]).types("Clock");
    bobs.presses(&["enter"]);
    adas.sees("bob uploaded Clock").presses(&["f3", "left", "left"]).sees("a approves").presses(&["a"]);
    adas.sees("Clock is approved");
    bobs.sees("Clock is approved").presses(&["r"]).sees("downloads it").presses(&["enter"]);
    bobs.presses(&["f4"]).sees("done · 200 kB · ✓ SHA-256 checked");
    assert_eq!(sha256_of(&inbox.join("clock.zip")), sha256_of(&file));
}

#[test]
fn what_is_unread_is_counted_until_it_is_seen_on_any_device() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    ada.titan(&["create-room", "lab"]).succeeds();
    bob.titan(&["join", "lab"]).succeeds();
    let mut screen = bob.sits_down();
    screen.sees("# lab");
    ada.says("#lab", "one");
    ada.says("#lab", "two");
    screen.sees("2 unread");
    ada.says("#lab", "three, @bob");
    screen.sees("@1").sees("3 unread").presses(&["alt-a"]).sees("three, @bob").sees("new");
    screen.no_longer_sees("3 unread");
    let lab = |person: &Person| {
        let all = person.titan(&["--json", "conversations"]).succeeds().objects();
        all.into_iter().find(|conversation| conversation["room"]["name"] == "lab").unwrap()["unread"].clone()
    };
    eventually("the server knows what was read", || lab(&bob) == 0);
}

#[test]
fn slash_commands_do_what_they_say() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let mut screen = ada.sits_down();
    screen.enters("/whoami").sees("You are ada, titan number");
    screen.enters("/create tea room").sees("beginning of #tea room").enters("/whereami").sees("You are in #tea room.");
    screen.enters("/topic only green").sees("only green");
    screen.enters("/msg bob psst").sees("psst").sees("@bob");
    eventually("it is sent", || bob.reads("@ada") == ["psst"]);
    screen.enters("/fly away").sees("There is no command /fly").presses(&["ctrl-u"]);
    screen.enters("/help").sees("Keys and commands").presses(&["esc"]).no_longer_sees("Keys and commands");
    screen.enters("/join general").sees("#general").enters("//shrug").sees("/shrug");
    eventually("it is sent", || bob.reads("#general") == ["/shrug"]);
    screen.enters("/quit");
    screen.ends();
}

#[test]
fn an_owner_mutes_and_bans_somebody_who_sees_it_at_once() {
    let house = House::open();
    let (ada, bob, eve) = (house.person("ada"), house.person("bob"), house.person("eve"));
    ada.titan(&["create-room", "lab"]).succeeds();
    for person in [&bob, &eve] {
        person.titan(&["join", "lab"]).succeeds();
    }
    let (mut adas, mut eves, mut bobs) = (ada.sits_down(), eve.sits_down(), bob.sits_down());
    for screen in [&mut adas, &mut eves, &mut bobs] {
        screen.enters("/join lab").sees("beginning of #lab");
    }
    // By the card of a member: the pane of people, the second name, what can be done, a mute of an hour.
    adas.presses(&["tab"]).types("j").types("j").presses(&["enter"]).sees("IN #lab").types("mute");
    adas.presses(&["enter"]).sees("Mute eve in #lab").presses(&["right", "tab"]).enters("too loud");
    adas.sees("eve is muted in #lab for 1 hour. alt-x takes it back.");
    eves.sees("You are muted in #lab until").sees("You can read here, but not write.");
    eves.enters("but why").sees("What you wrote stays in the field.").sees("but why");
    bob.says("#lab", "quiet at last");
    eves.sees("quiet at last");
    adas.presses(&["alt-x"]).sees("eve may write in #lab again.");
    eves.sees("You may write in #lab again.").presses(&["enter"]);
    bobs.sees("but why");
    // And by a command: she is out at once, and stays out until it is lifted.
    adas.enters("/ban eve spam").sees("eve is banned from #lab.");
    eves.sees("You were banned from lab by ada: spam").sees("Write in #general").no_longer_sees("# lab");
    bobs.sees("← eve was removed by ada");
    eves.enters("/join lab").sees("You are banned from this room");
    adas.enters("/bans").sees("Bans and mutes in #lab").sees("eve").sees("spam").presses(&["enter"]);
    adas.sees("eve may join #lab again.");
    eves.enters("/join lab").sees("Write in #lab");
}

#[test]
fn friends_are_made_across_two_screens_and_a_stranger_is_shut_out() {
    let house = House::open();
    let (ada, bob, eve) = (house.person("ada"), house.person("bob"), house.person("eve"));
    let (mut adas, mut bobs) = (ada.sits_down(), bob.sits_down());
    adas.enters("/friend bob").sees("bob is asked to be your friend.");
    bobs.sees("ada asks to be your friend").sees("People 1").presses(&["alt-4"]).sees("REQUESTS").types("a");
    adas.sees("bob and you are friends now.");
    bobs.sees("ada and you are friends now.").presses(&["left"]).sees("FRIENDS").sees("● ada");
    adas.enters("/block eve").sees("eve is blocked. alt-x takes it back.");
    eve.says("#general", "buy my thing");
    eve.says("#general", "cheap");
    adas.sees("2 messages from someone you blocked");
    bobs.presses(&["esc"]).sees("buy my thing");
    eve.titan(&["dm", "ada", "hello"]).fails(1, "reached in private");
    adas.enters("/undo").sees("eve is no longer blocked.").sees("buy my thing");
}

#[test]
fn an_admin_keeps_the_house_and_one_can_leave_it_for_good() {
    let house = House::open();
    let (ada, eve) = (house.admin("ada"), house.person("eve"));
    let inbox = eve.has_an_inbox();
    let (mut adas, mut eves) = (ada.sits_down(), eve.sits_down());
    adas.enters("/accounts").sees("ACCOUNTS").sees("eve").presses(&["down"]).types("b").sees("Ban eve");
    adas.presses(&["enter"]).sees("eve is banned: their sessions are over. alt-x takes it back.");
    eves.sees("Log in").sees("banned");
    adas.presses(&["alt-x"]).sees("eve may come in again.");
    eves.enters("eve").enters(PASSWORD).sees("● online");
    adas.presses(&["right", "right"]).sees("AUDIT LOG").sees("ada: unban eve");
    eves.enters("/export").presses(&["f4"]).sees("Your data is in").presses(&["esc"]).sees("Write in #general");
    assert!(std::fs::read_to_string(inbox.join("titan-export.ndjson")).unwrap().ends_with("{\"export\":\"end\"}\n"));
    eves.enters("/delete_account").sees("Delete your account for good").types("eve").presses(&["tab"]).enters("wrong");
    eves.sees("The password is not right.").presses(&["ctrl-u"]).enters(PASSWORD).sees("Your account is deleted.");
    eve.titan(&["whoami"]).fails(4, "titan login");
}

#[test]
fn the_switcher_goes_anywhere() {
    let house = House::open();
    let ada = house.person("ada");
    ada.titan(&["create-room", "laboratory"]).succeeds();
    ada.says("#laboratory", "rats escaped");
    let mut screen = ada.sits_down();
    screen.presses(&["ctrl-k"]).sees("Go to").types("labo").sees("laboratory").presses(&["enter"]);
    screen.sees("rats escaped");
    screen.presses(&["ctrl-f"]).types("escaped").sees("rats escaped").presses(&["esc"]);
}

#[test]
fn a_tiny_terminal_still_chats() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let mut screen = ada.sits_down();
    bob.says("#general", "before the resize");
    screen.sees("before the resize").resizes(40, 12).sees("before the resize");
    screen.enters("from a tiny one").sees("from a tiny one");
    bob.says("#general", "and back");
    screen.sees("and back").resizes(200, 60).sees("from a tiny one").sees("2 members");
    screen.resizes(20, 5).resizes(1, 1).resizes(80, 24).sees("and back");
}

#[test]
fn the_terminal_is_given_back_however_it_ends() {
    let house = House::open();
    let ada = house.person("ada");
    for signal in ["TERM", "HUP", "INT"] {
        let mut screen = ada.sits_down();
        assert!(screen.cells().alternate_screen());
        screen.signals(signal);
        screen.ends();
        screen.is_given_back(&format!("after SIG{signal}"));
    }
    let mut screen = ada.sits_down();
    screen.types("half a thought").presses(&["ctrl-c"]).no_longer_sees("half a thought").presses(&["ctrl-c"]);
    screen.sees("Leave Titan?").presses(&["y"]);
    assert_eq!(screen.ends(), 0);
    screen.is_given_back("after leaving");
}

#[test]
fn a_draft_outlives_the_client() {
    let house = House::open();
    let ada = house.person("ada");
    // Typed from the first moment on, before any room is open.
    let mut screen = ada.opens(&[]);
    screen.sees("Chat").types("half a thought").sees("PEOPLE  1 of 1").sees("half a thought").presses(&["ctrl-q"]);
    screen.ends();
    ada.sits_down().sees("half a thought");
}

#[test]
fn hostile_text_never_reaches_the_terminal() {
    let house = House::open();
    let (ada, eve) = (house.person("ada"), house.person("eve"));
    let mut screen = ada.sits_down();
    let hostile =
        ["\u{1b}]0;pwned\u{7}", "\u{1b}[7;35;41m", "\u{9b}31m", "\u{202e}", "\u{1b}Pq#0\u{1b}\\", "\u{8}\u{8}"];
    eve.says("#general", &format!("look {} here", hostile.join("x")));
    eve.titan(&["create-room", "den", "--description", &hostile.join("y")]).succeeds();
    std::fs::write(eve.home().join("x"), "x").unwrap();
    eve.titan(&["put", "x", "#general", "--text", &hostile.join("z")]).succeeds();
    eve.titan(&["dm", "ada", &hostile.join("w")]).succeeds();
    screen.sees("look ").sees("here").sees("DIRECTS").no_longer_sees("/dm writes to one");
    screen.enters("/list_all_rooms").sees("den").presses(&["esc"]);
    let raw = String::from_utf8(screen.raw()).expect("the screen is written in UTF-8");
    for bad in hostile {
        assert!(!raw.contains(bad), "{bad:?} reached the terminal");
    }
}

#[test]
fn the_terminal_is_given_back_after_a_panic() {
    let nobody = Person::new("nobody", "http://127.0.0.1:9");
    let this = std::env::current_exe().unwrap();
    let arguments = ["--exact", "terminal::panics_with_the_screen_open", "--ignored", "--nocapture"];
    let mut screen = Terminal::open(this.as_os_str(), &arguments, &nobody.environment(), nobody.home(), (80, 24));
    assert_ne!(screen.ends(), 0);
    assert!(screen.raw().windows(8).any(|bytes| bytes == b"\x1b[?1049h"), "the screen was open");
    assert!(screen.screen().contains("the ship is sinking"), "what went wrong can be read:\n{screen:?}");
    screen.is_given_back("after a panic");
}

#[test]
#[ignore = "run by the test above, in a terminal"]
fn panics_with_the_screen_open() {
    let mut screen = titan_tui::terminal::enter(true).unwrap();
    ratatui::backend::Backend::flush(&mut screen).unwrap();
    panic!("the ship is sinking");
}

#[test]
fn the_linear_mode_says_each_thing_once_and_draws_nothing() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    ada.says("#general", "said before");
    let mut lines = bob.opens(&["--plain"]);
    lines.sees("said before");
    ada.says("#general", "said now");
    lines.sees("said now").enters("an answer");
    eventually("the answer is sent", || ada.reads("#general") == ["said before", "said now", "an answer"]);
    lines.enters("/whoami").sees("You are bob").enters("/quit");
    assert_eq!(lines.ends(), 0, "{lines:?}");
    let raw = String::from_utf8(lines.raw()).unwrap();
    assert_eq!(raw.matches("said now").count(), 1, "{raw:?}");
    assert!(!raw.contains('\x1b'), "nothing moves the cursor: {raw:?}");
    lines.is_given_back("after the linear mode");
}

#[test]
fn the_linear_mode_knows_people_and_order_too() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    bob.titan(&["friends", "add", "ada"]).succeeds();
    ada.titan(&["create-room", "lab"]).succeeds();
    bob.titan(&["join", "lab"]).succeeds();
    let mut lines = ada.opens(&["--plain"]);
    lines.sees("online").enters("/requests").sees("1. bob, asks to be your friend").enters("1");
    lines.sees("offline · asks to be your friend").sees("Accept the friend request");
    lines.enters("accept").enters("1").sees("bob and you are friends now.").enters("friends").sees("1. bob");
    lines.enters(".").enters("/join lab").sees("You are in #lab.").enters("/mute bob 10m");
    lines.sees("bob is muted in #lab for 10 minutes. alt-x takes it back.").enters("/undo");
    lines.sees("bob may write in #lab again.").enters("/quit");
    assert_eq!(lines.ends(), 0, "{lines:?}");
}

#[cfg(feature = "solo")]
#[test]
fn one_can_begin_alone_on_a_server_inside_the_client() {
    let ada = Person::new("ada", "http://127.0.0.1:9");
    let nowhere = ada.environment_of_a_newcomer();
    let mut screen = ada.opens_in(&nowhere, &["--solo", "--user", "ada"], (120, 40));
    screen
        .sees("● online")
        .sees("on this machine")
        .sees("Write in #general")
        .enters("note to self")
        .sees("note to self");
    screen.sees("ada").enters("/quit");
    assert_eq!(screen.ends(), 0, "{screen:?}");
    let mut again = ada.opens_in(&nowhere, &[], (120, 40));
    again.sees("● online").sees("note to self").enters("and another").sees("and another");
    // At the usual address, if that was free on this machine, the shell has the same login; elsewhere it says why not.
    let mut shell = ada.opens_in(&nowhere, &["rooms"], (120, 40));
    match shell.ends() {
        0 => assert!(shell.screen().contains("#general"), "{shell:?}"),
        code => assert!(matches!(code, 3 | 4) && shell.screen().contains("titan"), "{code}: {shell:?}"),
    }
    again.presses(&["ctrl-q"]);
    assert_eq!(again.ends(), 0, "{again:?}");
}

#[cfg(all(feature = "solo", target_os = "linux"))]
#[test]
fn a_server_inside_the_client_whose_disk_fails_ends_it_and_says_why() {
    let (ada, disk) = (Person::new("ada", "http://127.0.0.1:9"), Disk::build());
    let environment = [ada.environment_of_a_newcomer(), disk.environment()].concat();
    for (arguments, room) in [(&["--solo", "--user", "ada"][..], "lab"), (&["--solo", "--plain"], "den")] {
        let mut screen = ada.opens_in(&environment, arguments, (120, 40));
        screen.sees("online");
        disk.fails();
        screen.enters(&format!("/create {room}"));
        assert_eq!(screen.ends(), 1, "{screen:?}");
        disk.works();
        assert!(screen.screen().contains("The server on this machine can't go on"), "{screen:?}");
        screen.is_given_back("after the server inside has failed");
    }
}
