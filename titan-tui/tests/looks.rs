//! How things look: colours that one tries on, messages that stand close, what stays in sight and what is counted.

use crate::scene::*;
use titan_core::{
    ConversationId, Seq,
    protocol::{Role, What},
};
use titan_tui::{
    app::{
        effect::Effect,
        state::{Screen, State},
    },
    settings::Density,
};

fn theme_of(state: &State) -> &str {
    &state.theme.name
}

fn lines_of(screen: &str) -> Vec<&str> {
    screen.lines().map(|line| line.split(" Hidden by multi-width").next().unwrap().trim_matches('"')).collect()
}

fn saved(effects: &[Effect]) -> Option<&titan_tui::settings::Settings> {
    effects.iter().find_map(|effect| match effect {
        Effect::SaveSettings(settings) => Some(&**settings),
        _ => None,
    })
}

#[test]
fn a_theme_shows_as_one_comes_to_it_and_stays_once_it_is_taken() {
    let mut state = chatting(80, 24);
    enter_line(&mut state, "/theme");
    assert_eq!(theme_of(&state), "dark");
    press(&mut state, &["down"]);
    assert_eq!(theme_of(&state), "light");
    press(&mut state, &["esc"]);
    assert_eq!(theme_of(&state), "dark");
    enter_line(&mut state, "/theme");
    let effects = press(&mut state, &["down", "down", "enter"]);
    assert_eq!((theme_of(&state), saved(&effects).unwrap().theme.as_str()), ("high-contrast", "high-contrast"));
    enter_line(&mut state, "/theme nord");
    assert_eq!(theme_of(&state), "nord");
    enter_line(&mut state, "/theme pink");
    assert!(theme_of(&state) == "nord" && draw(&mut state).contains("There is no theme pink"));
}

#[test]
fn alt_t_walks_through_all_themes_and_comes_back() {
    let mut state = chatting(80, 24);
    let count = state.themes.names().count();
    let mut seen: Vec<String> = vec![];
    for _ in 0..count {
        press(&mut state, &["alt-t"]);
        seen.push(theme_of(&state).to_owned());
    }
    assert_eq!(seen.last().map(String::as_str), Some("dark"));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

#[test]
fn messages_stand_close_or_airy_as_one_likes_and_always_with_their_time() {
    for (density, named) in [(Density::Cosy, " 13:30  bob "), (Density::Compact, " 13:30 bob       │ Does Titan work")]
    {
        let mut state = chatting(120, 40);
        let effects = enter_line(&mut state, &format!("/density {}", density.name()));
        assert_eq!(saved(&effects).unwrap().density, density);
        let screen = draw(&mut state);
        assert!(screen.contains(named), "{screen}");
        for time in ["13:00", "13:30", "13:31", "13:40", "13:55", "13:59"] {
            assert!(screen.contains(&format!(" {time} ")), "{time}:\n{screen}");
        }
    }
}

/// Bob says much, and nobody else anything.
fn bob_goes_on(density: Density) -> State {
    let mut state = chatting(80, 24);
    state.settings.density = density;
    state.chat.logs.clear();
    let text = |n| format!("this is thing number {n}");
    load(&mut state, GENERAL, (1..=60).map(|n| said(GENERAL, n, &bob(), 0, &text(n))).collect());
    draw(&mut state);
    state
}

#[test]
fn who_speaks_stays_in_sight_where_one_scrolls_into_it() {
    for density in [Density::Cosy, Density::Compact] {
        let mut state = bob_goes_on(density);
        press(&mut state, &["pageup"]);
        let screen = draw(&mut state);
        let lines = lines_of(&screen);
        let first = lines.iter().position(|line| line.contains("Everybody is here.")).unwrap() + 1;
        let middle = |line: &str| line.chars().skip(18).collect::<String>();
        assert!(middle(lines[first]).contains("bob") && lines[first].contains("14:00"), "{screen}");
        assert!(!middle(lines[first + 1]).contains("bob"), "once is enough:\n{screen}");
    }
}

#[test]
fn text_is_as_wide_as_one_reads_with_ease() {
    let mut state = chatting(200, 60);
    state.settings.people = false;
    state.chat.logs.clear();
    load(&mut state, GENERAL, vec![said(GENERAL, 1, &bob(), 0, &"word ".repeat(80))]);
    let screen = draw(&mut state);
    let longest = lines_of(&screen)
        .into_iter()
        .filter_map(|line| line.find("word").map(|at| line[at..].trim_end().chars().count()));
    assert!(longest.max().unwrap() <= 96, "{screen}");
}

#[test]
fn what_is_unread_stands_first_and_stays_there_while_one_reads_it() {
    let mut state = chatting(80, 24);
    let order = |state: &mut State| {
        let screen = draw(state);
        let places =
            ["UNREAD", "# rust", "● bob", "ROOMS", "# general"].map(|it| screen.find(it).unwrap_or(usize::MAX));
        (places, screen)
    };
    let (places, screen) = order(&mut state);
    assert!(places.is_sorted() && !screen.contains("DIRECTS"), "{screen}");
    press(&mut state, &["alt-a"]);
    assert_eq!(state.chat.open, Some(RUST));
    let (places, screen) = order(&mut state);
    assert!(places.is_sorted(), "it does not jump away under one's eyes:\n{screen}");
    press(&mut state, &["alt-a"]);
    let (_, screen) = order(&mut state);
    assert!(screen.find("ROOMS").unwrap() < screen.find("# rust").unwrap(), "{screen}");
}

#[test]
fn what_is_out_of_sight_is_counted_and_directs_are_never_buried() {
    let mut state = chatting(80, 24);
    let rooms = (0..60).map(|n| {
        let id = ConversationId(100 + n);
        conversation(id, What::Room(room(id, &format!("room-{n:02}"), "")), 0, 0)
    });
    state.chat.conversations.extend(rooms);
    let directs = (0..20).map(|n| {
        let id = ConversationId(200 + n);
        conversation(id, What::Direct(account(50 + n, &format!("person-{n:02}"), Role::User)), 0, 0)
    });
    state.chat.conversations.extend(directs);
    let screen = draw(&mut state);
    let headings: Vec<&str> = lines_of(&screen).into_iter().filter(|line| line.contains('⌄')).collect();
    assert!(headings.iter().any(|line| line.contains("ROOMS")), "{screen}");
    assert!(headings.iter().any(|line| line.contains("DIRECTS")) && screen.contains("person-"), "{screen}");
}

#[test]
fn a_key_copies_the_code_and_the_menu_the_whole_message() {
    let mut state = chatting(80, 24);
    let copied = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text),
            _ => None,
        })
    };
    let says = |state: &mut State, text: &str| {
        state.chat.logs.clear();
        load(state, GENERAL, vec![said(GENERAL, 1, &bob(), 0, text)]);
        state.chat.logs.get_mut(&GENERAL).unwrap().selected = Some(Seq(1));
        state.pane = titan_tui::app::state::Pane::Timeline;
    };
    says(&mut state, "try\n```sh\nls -l\n  pwd\n```");
    assert_eq!(copied(press(&mut state, &["y"])).as_deref(), Some("ls -l\n  pwd"));
    says(&mut state, "no code");
    assert_eq!(copied(press(&mut state, &["y"])).as_deref(), Some("no code"));
    says(&mut state, "```\none\n```\nor\n```\ntwo\n```");
    assert_eq!(copied(press(&mut state, &["y"])), None);
    assert_eq!(copied(press(&mut state, &["down", "enter"])).as_deref(), Some("two"));
}

#[test]
fn what_was_said_of_another_place_goes_with_it_and_the_state_stays_in_sight() {
    let mut state = chatting(80, 24);
    state.say("You are in #general.");
    let screen = draw(&mut state);
    assert!(screen.contains("You are in #general.") && screen.contains("● online"), "{screen}");
    press(&mut state, &["x"]);
    assert!(draw(&mut state).contains("You are in #general."), "typing is no other place");
    press(&mut state, &["alt-a"]);
    assert!(!draw(&mut state).contains("You are in #general."));
    state.complain("That did not work.");
    press(&mut state, &["alt-2"]);
    assert!(state.screen == Screen::Repository && !draw(&mut state).contains("That did not work."));
}

#[test]
fn nothing_of_the_help_is_cut_at_any_size() {
    for (width, height) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        let mut state = chatting(width, height);
        press(&mut state, &["f1"]);
        for _ in 0..60 {
            let screen = draw(&mut state);
            let help = lines_of(&screen).into_iter().filter(|line| line.contains('│')).collect::<Vec<_>>();
            assert!(!help.iter().any(|line| line.contains('…')), "{width}:\n{screen}");
            press(&mut state, &["pagedown"]);
        }
    }
}

#[test]
fn everything_can_be_drawn_at_any_size() {
    let sizes = (20..=44).step_by(3).flat_map(|width| (6..=18).map(move |height| (width, height)));
    for (width, height) in sizes.chain([(61, 15), (79, 24), (100, 14), (132, 43), (250, 70)]) {
        for (theme, density) in [("none", Density::Compact), ("light", Density::Cosy)] {
            let mut state = chatting(width, height);
            enter_line(&mut state, &format!("/theme {theme}"));
            state.settings.density = density;
            state.composer.editor.set(&"a long line \u{1f469}\u{200d}\u{1f467} ".repeat(40));
            with_transfers(&mut state);
            state.complain(
                "Something went wrong, and it takes quite some words to say what it was and what to do about it.",
            );
            for key in ["f1", "ctrl-k", "alt-n", "alt-2", "alt-3", "alt-4", "alt-1", "tab", "tab", "tab", "pageup"] {
                press(&mut state, &[key]);
                draw(&mut state);
                if !state.overlays.is_empty() {
                    press(&mut state, &["down", "pagedown", "esc"]);
                }
            }
        }
    }
}
