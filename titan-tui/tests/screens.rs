//! The whole screen at four sizes, as pictures that are looked at when they change (`cargo insta review`).

use crate::scene::*;
use titan_core::protocol::{NewFactor, Sanction, SanctionKind};
use titan_tui::app::{
    directory::Section,
    event::Event,
    order::Seat,
    overlay::FormKind,
    question::Answer,
    state::{Link, Screen, ServerInfo},
    update::{self, update},
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
fn the_people_fit_every_size() {
    let sections = [
        ("friends", Section::Friends),
        ("requests", Section::Requests),
        ("account", Section::Me),
        ("sessions", Section::Sessions),
        ("accounts", Section::Accounts),
        ("audit", Section::Audit),
    ];
    for (width, height) in SIZES {
        for (name, section) in sections {
            let mut state = chatting(width, height);
            with_relations(&mut state);
            with_house(&mut state);
            update::show_section(&mut state, section);
            state.directory.loading = false;
            picture(&format!("people_{name}"), width, draw(&mut state));
        }
    }
}

#[test]
fn empty_sections_say_how_to_fill_them() {
    let mut state = chatting(80, 24);
    press(&mut state, &["alt-4"]);
    state.directory.loading = false;
    picture("people_no_friends", 80, draw(&mut state));
    update::show_section(&mut state, Section::Addresses);
    state.directory.loading = false;
    picture("people_no_addresses", 80, draw(&mut state));
}

#[test]
fn somebodys_card_fits_every_size() {
    for (width, height) in SIZES {
        let mut state = in_rust(width, height);
        with_relations(&mut state);
        press(&mut state, &["tab", "down", "enter"]);
        picture("card", width, draw(&mut state));
    }
}

#[test]
fn what_is_asked_before_something_is_done_to_somebody() {
    let mut state = in_rust(80, 24);
    let seat = Seat { conversation: RUST, account: bob().id, name: "bob".into() };
    update::open_form(&mut state, FormKind::Mute(seat.clone()));
    picture("mute", 80, draw(&mut state));
    press(&mut state, &["esc"]);
    update::open_form(&mut state, FormKind::BanMember(seat));
    picture("ban_member", 80, draw(&mut state));
    press(&mut state, &["esc"]);
    enter_line(&mut state, "/delete_account");
    picture("delete_account", 80, draw(&mut state));
    press(&mut state, &["b", "o", "b", "tab", "x", "enter"]);
    let screen = draw(&mut state);
    assert!(screen.contains("Type ada to delete this account"), "{screen}");
}

#[test]
fn bans_and_mutes_of_a_room_are_listed() {
    let mut state = in_rust(80, 24);
    let sanction = |account, kind, until| {
        let mut sanction = Sanction::new(account, kind, titan_core::Time(NOON));
        (sanction.until, sanction.reason, sanction.by) = (until, "Too loud".into(), Some(author(&ada())));
        sanction
    };
    let sanctions = vec![
        sanction(bob(), SanctionKind::Mute, Some(titan_core::Time(NOON + 600_000))),
        sanction(other(5, "mallory"), SanctionKind::Ban, None),
    ];
    answer(&mut state, Answer::Sanctions(RUST, sanctions.into()));
    picture("sanctions", 80, draw(&mut state));
    press(&mut state, &["esc"]);
    answer(&mut state, Answer::Sanctions(RUST, vec![sanction(bob(), SanctionKind::Unknown, None)].into()));
    let screen = draw(&mut state);
    assert!(screen.contains("something newer"), "{screen}");
    assert_eq!(press(&mut state, &["enter"]), [], "what isn't known can't be lifted");
    press(&mut state, &["esc"]);
    answer(&mut state, Answer::Sanctions(RUST, vec![].into()));
    picture("no_sanctions", 80, draw(&mut state));
}

#[test]
fn a_mute_shows_where_one_writes_and_blocked_people_are_folded() {
    for (width, height) in SIZES {
        let mut state = chatting(width, height);
        with_relations(&mut state);
        state.chat.conversation_mut(GENERAL).unwrap().muted_until = Some(titan_core::Time(NOON + 100 * 60_000));
        let mallory = other(5, "mallory");
        let entries = (11..14).map(|seq| said(GENERAL, seq, &mallory, 0, "buy my thing")).collect();
        load(&mut state, GENERAL, entries);
        picture("muted", width, draw(&mut state));
    }
}

#[test]
fn no_size_breaks_any_screen() {
    for (width, height) in (1..60).step_by(7).flat_map(|width| (1..30).step_by(4).map(move |height| (width, height))) {
        for screen in [Screen::Wizard, Screen::Chat, Screen::Repository, Screen::Transfers, Screen::People] {
            let mut state = chatting(width, height);
            with_apps(&mut state);
            with_transfers(&mut state);
            with_relations(&mut state);
            with_house(&mut state);
            state.screen = screen;
            draw(&mut state);
            if screen == Screen::People {
                (0..9).for_each(|_| drop(press(&mut state, &["right"])));
                press(&mut state, &["enter", "esc"]);
            }
            if screen != Screen::Wizard {
                press(&mut state, &["f1", "esc", "alt-n", "esc", "ctrl-k", "esc"]);
            }
        }
    }
}

#[test]
fn the_code_to_scan_fits_a_usual_terminal_and_a_small_one_says_the_secret() {
    let side = 37;
    let row = |y: usize| (0..side).map(|x| if (x * y).is_multiple_of(3) { '#' } else { ' ' }).collect::<String>();
    let factor = NewFactor::new(
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(),
        "otpauth://totp/".into(),
        (0..side).map(row).collect(),
    );
    for (width, height) in SIZES {
        let mut state = chatting(width, height);
        answer(&mut state, Answer::NewFactor(Box::new(factor.clone())));
        picture("factor", width, draw(&mut state));
    }
}
