//! The whole screen at four sizes, as pictures that are looked at when they change (`cargo insta review`).

mod scene;

use scene::*;
use titan_tui::app::{
    event::{Event, Link},
    state::{Screen, ServerInfo},
    update::update,
    wizard::Wizard,
};

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];

fn picture(name: &str, width: u16, screen: String) {
    insta::assert_snapshot!(format!("{name}_{width}"), screen);
}

#[test]
fn the_chat_fits_every_size() {
    for (width, height) in SIZES {
        picture("chat", width, draw(&mut chatting(width, height)));
    }
}

#[test]
fn an_empty_room_says_what_to_do() {
    for (width, height) in SIZES {
        let mut state = chatting(width, height);
        state.chat.logs.clear();
        picture("empty_room", width, draw(&mut state));
    }
}

#[test]
fn the_repository_fits_every_size() {
    for (width, height) in SIZES {
        let mut state = chatting(width, height);
        press(&mut state, &["alt-2"]);
        with_apps(&mut state);
        picture("repository", width, draw(&mut state));
    }
}

#[test]
fn the_transfers_fit_every_size() {
    for (width, height) in SIZES {
        let mut state = chatting(width, height);
        with_transfers(&mut state);
        press(&mut state, &["alt-3"]);
        picture("transfers", width, draw(&mut state));
    }
}

#[test]
fn the_wizard_fits_every_size() {
    for (width, height) in SIZES {
        let mut state = blank(width, height);
        picture("wizard", width, draw(&mut state));
        let server = ServerInfo { url: "https://chat.example.org".into(), hosted: false };
        state.wizard = Wizard::account(server, true);
        type_text(&mut state, "ada");
        picture("wizard_register", width, draw(&mut state));
    }
}

#[test]
fn the_help_fits_every_size() {
    for (width, height) in SIZES {
        let mut state = chatting(width, height);
        press(&mut state, &["f1"]);
        picture("help", width, draw(&mut state));
    }
}

#[test]
fn what_lies_over_the_screen_fits_the_usual_size() {
    let mut state = chatting(80, 24);
    press(&mut state, &["ctrl-k"]);
    picture("switcher", 80, draw(&mut state));
    press(&mut state, &["esc", "alt-n"]);
    picture("create_room", 80, draw(&mut state));
    press(&mut state, &["esc", "ctrl-c"]);
    picture("quit", 80, draw(&mut state));
    press(&mut state, &["esc"]);
    type_text(&mut state, "/ba");
    picture("completion", 80, draw(&mut state));
}

#[test]
fn a_lost_connection_is_told_and_the_history_stays() {
    let mut state = chatting(80, 24);
    let until = titan_core::Time(NOON + 5_000);
    update(&mut state, Event::Link(Link::Waiting { until, why: "gone".into() }));
    assert!(draw(&mut state).contains("! Gone."), "the reason is told for a while");
    state.notice = None;
    enter_line(&mut state, "kept for later");
    assert!(!draw(&mut state).contains("kept on disk"), "not before it is");
    let client_id = state.open_log().unwrap().pending[0].client_id;
    update(&mut state, Event::Kept(client_id));
    picture("offline", 80, draw(&mut state));
}

#[test]
fn a_long_notice_is_told_to_its_end() {
    let mut state = chatting(80, 24);
    enter_line(&mut state, "/join nowhere in particular");
    let screen = draw(&mut state);
    assert!(screen.contains("! There is no room") && screen.contains("makes it."), "{screen}");
}

#[test]
fn no_size_breaks_any_screen() {
    for (width, height) in (1..60).step_by(7).flat_map(|width| (1..30).step_by(4).map(move |height| (width, height))) {
        for screen in [Screen::Wizard, Screen::Chat, Screen::Repository, Screen::Transfers] {
            let mut state = chatting(width, height);
            with_apps(&mut state);
            with_transfers(&mut state);
            state.screen = screen;
            draw(&mut state);
            if screen != Screen::Wizard {
                press(&mut state, &["f1", "esc", "alt-n", "esc", "ctrl-k", "esc"]);
            }
        }
    }
}
