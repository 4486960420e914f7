//! Whom the client trusts: the real `titan`, in a pipe, on a terminal and as the screen, against houses with certificates of real
//! authorities, of others, of none, and against who takes their place.

use crate::scene;
use crate::support;
use std::io::{BufRead, BufReader};

use crate::scene::{blank, chatting, draw, press};
use crate::support::{Authority, House, PASSWORD, Person, eventually};
use serde_json::Value;
use titan_core::{
    Fingerprint,
    client::{Flaw, Known, Untrusted},
};
use titan_server::config::Tls;
use titan_tui::{
    app::{
        effect::Effect,
        event::{Event, Trouble},
        overlay::{Attempt, Choice, Overlay},
        state::{Link, ServerInfo, State},
        update::update,
        wizard::Wizard,
    },
    plain::hear,
};

const FOR_EVER: i32 = 4000;
const HERE: &str = "127.0.0.1";

fn known(person: &Person) -> Vec<Value> {
    person.titan(&["--json", "trust", "list"]).succeeds().objects()
}

// --- the shell

#[test]
fn a_house_that_an_authority_vouched_for_is_refused_once_none_does() {
    let (authority, another) = (Authority::new(), Authority::new());
    let mut house = House::open_by(authority.issues(HERE, FOR_EVER));
    let ada = house.stranger("ada").trusts(&authority);
    ada.registers(&[]);
    assert_eq!((known(&ada).len(), &known(&ada)[0]["known"]), (1, &"authority".into()));
    let impostors = [
        (Tls::SelfSigned, "self-signed"),
        (authority.issues("other.example.org", FOR_EVER), "for another name (other.example.org)"),
        (authority.issues(HERE, 2021), "expired on 2021-01-01"),
        (another.issues(HERE, FOR_EVER), "an authority that this machine doesn't know"),
    ];
    for (tls, flaw) in impostors {
        house.stop();
        house.start_by(tls);
        let run = ada.titan(&["whoami"]).fails(3, flaw);
        assert!(run.err.contains("titan: An authority vouched for"), "{run:#?}");
        assert!(run.err.contains(&format!("titan trust forget {}", house.address())), "{run:#?}");
        ada.titan_reading(&["login", "ada"], PASSWORD).fails(3, flaw);
        let run = ada.titan(&["--json", "whoami"]).fails(3, "");
        assert_eq!(serde_json::from_str::<Value>(&run.err).unwrap()["error"]["code"], "untrusted");
    }
    house.stop();
    house.start_by(authority.issues(HERE, FOR_EVER));
    ada.titan(&["whoami"]).succeeds();
}

#[test]
fn a_stranger_is_told_by_what_speaks_against_it() {
    let authority = Authority::new();
    let house = House::open_by(authority.issues("other.example.org", FOR_EVER));
    let ada = house.stranger("ada").trusts(&authority);
    let run = ada.titan_reading(&["register", "ada"], PASSWORD).fails(3, "for another name (other.example.org)");
    assert!(run.err.contains("--trust "), "{run:#?}");
    let house = House::open_by(authority.issues(HERE, 2021));
    let ada = house.stranger("ada").trusts(&authority);
    ada.titan_reading(&["register", "ada"], PASSWORD).fails(3, "has to renew it");
    assert!(known(&ada).is_empty());
}

#[test]
fn a_self_signed_house_is_refused_in_a_pipe_unless_its_fingerprint_is_told() {
    let mut house = House::open_by(Tls::SelfSigned);
    let (ada, fingerprint) = (house.stranger("ada"), house.fingerprint());
    let run = ada.titan_reading(&["register", "ada"], PASSWORD).fails(3, &format!("--trust {fingerprint}"));
    assert!(run.err.contains("self-signed") && run.out.is_empty(), "{run:#?}");
    let other = "00".repeat(32);
    ada.titan_reading(&["--trust", &other, "register", "ada"], PASSWORD).fails(3, "does not show the certificate");
    ada.titan_reading(&["--trust", "yes", "register", "ada"], PASSWORD).fails(2, "64 hexadecimal digits");
    assert!(known(&ada).is_empty());
    // As openssl shows it.
    let pairs: Vec<String> =
        fingerprint.as_bytes().chunks(2).map(|pair| String::from_utf8(pair.into()).unwrap()).collect();
    let openssl = format!("sha256 Fingerprint={}", pairs.join(":").to_uppercase());
    ada.registers(&["--trust", &openssl]);
    ada.titan(&["whoami"]).succeeds();
    assert_eq!(known(&ada)[0]["fingerprint"], fingerprint.as_str());

    let authority = Authority::new();
    house.stop();
    house.start_by(authority.issues(HERE, FOR_EVER));
    let run = ada.titan(&["whoami"]).fails(3, "HAS CHANGED");
    assert!(run.err.contains(&fingerprint), "{run:#?}");
    ada.titan(&["trust", "forget", "elsewhere"]).fails(1, "titan trust list");
    ada.titan(&["trust", "forget", HERE]).succeeds();
    assert!(known(&ada).is_empty());
    let run = ada.titan(&["whoami"]).fails(3, "--trust ");
    let fresh = run.err.trim().rsplit(' ').next().unwrap().to_owned();
    ada.titan(&["trust", "add", &house.url(), &fresh]).succeeds();
    ada.titan(&["whoami"]).succeeds();
}

#[test]
fn on_a_terminal_a_person_is_asked_before_the_password() {
    let house = House::open_by(Tls::SelfSigned);
    let (ada, fingerprint) = (house.stranger("ada"), house.fingerprint().parse::<Fingerprint>().unwrap());
    let grouped = format!("{fingerprint:#}");
    let question = format!("Is this {}?", house.address());
    for answer in ["no", "", "y", &"00".repeat(32)] {
        let mut terminal = ada.opens(&["register", "ada"]);
        terminal.sees(&question).sees(&grouped[..39]).sees(&grouped[40..]).sees("Type yes").enters(answer);
        assert_eq!(terminal.ends(), 3, "{answer:?}");
        assert!(!terminal.screen().contains("Password"), "{answer:?}");
    }
    assert!(known(&ada).is_empty());
    let mut terminal = ada.opens(&["register", "ada"]);
    terminal.sees("Type yes").enters(&fingerprint.to_string()).sees("Password:").enters(PASSWORD);
    terminal.sees("Once more:").enters(PASSWORD);
    assert_eq!(terminal.ends(), 0, "{terminal:?}");
    ada.titan(&["whoami"]).succeeds();
}

#[test]
fn a_house_that_is_swapped_under_a_running_command_gets_nothing() {
    let mut house = House::open_by(Tls::SelfSigned);
    let ada = house.stranger("ada");
    ada.registers(&["--trust", &house.fingerprint()]);
    ada.says("#general", "here");
    let mut tail = ada.starts(&["tail", "#general", "--follow", "-n", "1"]);
    let (mut out, mut line) = (BufReader::new(tail.stdout.take().unwrap()), String::new());
    out.read_line(&mut line).unwrap();
    assert!(line.contains("here"), "{line}");
    let authority = Authority::new();
    house.stop();
    house.start_by(authority.issues(HERE, FOR_EVER));
    support::Run::of(tail).fails(3, "HAS CHANGED");
}

#[test]
fn a_bare_address_of_another_machine_is_encrypted_and_plaintext_has_to_be_wanted() {
    let house = House::open();
    // Not an address of this machine as anybody may know, and yet it leads here.
    let elsewhere = format!("0.0.0.0:{}", house.address().port());
    let mut ada = house.stranger("ada");
    ada.goes_to(&elsewhere);
    ada.titan_reading(&["register", "ada"], PASSWORD).fails(3, "doesn't speak TLS");
    ada.goes_to(&format!("http://{elsewhere}"));
    let run = ada.titan_reading(&["register", "ada"], PASSWORD).fails(3, "--allow-plaintext");
    assert!(run.err.contains("is encrypted, passwords neither"), "{run:#?}");
    let run = ada.titan_reading(&["--allow-plaintext", "register", "ada"], PASSWORD).succeeds();
    assert!(run.err.contains("without encryption"), "{run:#?}");
    assert_eq!(known(&ada)[0]["known"], "plaintext");
    ada.titan(&["whoami"]).succeeds();
    // What was encrypted once doesn't become plain, whoever says so.
    ada.titan(&["trust", "add", &elsewhere, &"00".repeat(32)]).succeeds();
    ada.titan(&["--allow-plaintext", "whoami"]).fails(3, "any more");
}

// --- the screen

#[test]
fn the_screen_asks_at_a_first_contact_and_sends_nothing_before() {
    let house = House::open_by(Tls::SelfSigned);
    let ada = house.stranger("ada");
    let grouped = format!("{:#}", house.fingerprint().parse::<Fingerprint>().unwrap());
    let mut screen = ada.opens_sized(&[], (80, 24));
    screen.sees("Log in").presses(&["f2"]).sees("Make an account");
    screen.types("ada").presses(&["tab"]).types(PASSWORD).presses(&["enter"]);
    screen.sees(&format!("Is this {}?", house.address())).sees(&grouped[..39]).sees(&grouped[40..]);
    screen.presses(&["enter", "y", "esc"]).sees("is not believed");
    assert!(known(&ada).is_empty());
    screen.presses(&["enter"]).sees("Is this").presses(&["f2"]).sees("Welcome, ada").sees("● online");
    assert_eq!(known(&ada)[0]["fingerprint"], house.fingerprint().as_str());
}

#[test]
fn the_screen_refuses_a_house_that_is_swapped_and_goes_on_once_it_is_itself_again() {
    let authority = Authority::new();
    let mut house = House::open_by(authority.issues(HERE, FOR_EVER));
    let ada = house.stranger("ada").trusts(&authority);
    ada.registers(&[]);
    let mut screen = ada.sits_down();
    house.stop();
    house.start_by(Tls::SelfSigned);
    screen.sees("is not believed").sees("titan trust forget").sees("f2: try again");
    screen.presses(&["esc"]).no_longer_sees("f2: try again").sees("not believed, reading from the cache");
    screen.enters("said meanwhile").sees("kept on disk").enters("/reconnect").sees("f2: try again");
    screen.presses(&["esc"]).no_longer_sees("f2: try again");
    house.stop();
    house.start_by(authority.issues(HERE, FOR_EVER));
    screen.enters("/reconnect").sees("● online").no_longer_sees("kept on disk");
    eventually("it is sent", || ada.reads("#general") == ["said meanwhile"]);
}

#[test]
fn the_screen_asks_before_plaintext_and_shows_it() {
    let house = House::open();
    let mut ada = house.stranger("ada");
    ada.goes_to(&format!("http://0.0.0.0:{}", house.address().port()));
    let mut screen = ada.opens_sized(&[], (80, 24));
    screen.sees("· not encrypted").presses(&["f2"]).sees("Make an account");
    screen.types("ada").presses(&["tab"]).types(PASSWORD).presses(&["enter"]);
    screen.sees("is encrypted.").presses(&["f2"]).sees("Welcome, ada").sees("● online · not encrypted");
    screen.presses(&["ctrl-q"]);
    assert_eq!(screen.ends(), 0);
    ada.opens(&[]).sees("● online · not encrypted");
}

// --- stories told to the screen's state

fn stranger() -> Untrusted {
    Untrusted::new("chat.example.org:8000", Flaw::SelfSigned)
        .showing(Fingerprint(std::array::from_fn(|at| at as u8 * 7)))
}

fn changed() -> Untrusted {
    stranger().known_until_now(Some(Known::ByFingerprint(Fingerprint([1; 32]))))
}

fn hears_of(state: &mut State, server: Untrusted) -> Vec<Effect> {
    update(state, Event::Untrusted(Box::new(server)))
}

#[test]
fn no_key_that_is_being_typed_trusts_a_server() {
    let mut state = chatting(80, 24);
    hears_of(&mut state, stranger());
    assert!(press(&mut state, &["enter", "y", "e", "s", "enter", "space"]).is_empty());
    let trusted = press(&mut state, &["f2"]);
    assert_eq!(trusted, [Effect::Believe(Box::new(stranger())), Effect::Reconnect]);
    assert!(state.overlays.is_empty() && state.link == Link::Connecting);
    hears_of(&mut state, stranger());
    assert!(press(&mut state, &["esc"]).is_empty());
    assert!(draw(&mut state).contains("not believed"));
}

#[test]
fn a_server_that_changed_can_only_be_tried_again() {
    let mut state = chatting(80, 24);
    hears_of(&mut state, changed());
    let Some(Overlay::Confirm(confirm)) = state.overlays.last() else { panic!() };
    assert_eq!(confirm.choice, Choice::Attempt(Attempt::Reconnect));
    assert_eq!(press(&mut state, &["f2"]), [Effect::Reconnect]);
}

#[test]
fn at_the_door_what_was_filled_in_is_sent_once_the_server_is_trusted() {
    let mut state = blank(80, 24);
    let server = ServerInfo { url: "https://chat.example.org:8000".into(), hosted: false };
    state.wizard = Wizard::account(server, false);
    scene::type_text(&mut state, "ada");
    press(&mut state, &["tab"]);
    scene::type_text(&mut state, "secret");
    let entered = press(&mut state, &["enter"]);
    let refused = Trouble { untrusted: Some(Box::new(stranger())), ..Trouble::new("no") };
    update(&mut state, Event::Entered(Err(refused.clone())));
    assert_eq!(press(&mut state, &["f2"]), [vec![Effect::Believe(Box::new(stranger()))], entered].concat());
    update(&mut state, Event::Entered(Err(refused.clone())));
    press(&mut state, &["esc"]);
    let forgot = press(&mut state, &["f3"]);
    update(&mut state, Event::Forgotten(Err(refused)));
    assert_eq!(press(&mut state, &["f2"]), [vec![Effect::Believe(Box::new(stranger()))], forgot].concat());
}

#[test]
fn lines_from_a_pipe_answer_no_question_and_a_person_says_yes_in_full() {
    let mut state = chatting(80, 24);
    state.can_ask = false;
    let ended = hears_of(&mut state, stranger());
    assert!(matches!(&ended[..], [Effect::GiveUp(why)] if why.contains("--trust ")), "{ended:?}");
    let mut state = chatting(80, 24);
    hears_of(&mut state, stranger());
    assert!(hear(&mut state, "yeah, see you there").is_empty());
    hears_of(&mut state, stranger());
    assert_eq!(hear(&mut state, "yes").len(), 2);
}

#[test]
fn what_is_asked_about_a_server_fits_the_usual_and_a_narrow_screen() {
    for (width, height) in [(80, 24), (40, 20)] {
        for (name, server) in [
            ("stranger", stranger()),
            ("changed", changed()),
            ("plaintext", Untrusted::new("chat.example.org:8000", Flaw::Plaintext)),
        ] {
            let mut state = chatting(width, height);
            hears_of(&mut state, server);
            insta::assert_snapshot!(format!("{name}_{width}"), draw(&mut state));
        }
    }
}
