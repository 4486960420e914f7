//! The linear mode: what it says, and what a line means to it.

use crate::scene::*;
use titan_core::{
    Seq,
    protocol::{Command, ask::DeleteRoom},
};
use titan_tui::{
    app::{effect::Effect, event::Event, state::State, update::update},
    plain::{Speaker, hear, is_secret, prompt},
};

fn heard(state: &mut State, seq: i64, text: &str) {
    let entry = said(GENERAL, seq, &bob(), 0, text);
    update(state, Event::Push(Box::new(titan_core::protocol::Event::entry(entry))));
}

#[test]
fn each_message_is_said_once_sender_then_text_then_time() {
    let mut state = chatting(80, 24);
    let mut speaker = Speaker::default();
    speaker.say(&state);
    heard(&mut state, 11, "hello");
    assert_eq!(speaker.say(&state), ["bob: hello, 14:00"]);
    assert_eq!(speaker.say(&state), Vec::<String>::new());
    assert_eq!(prompt(&state), "#general> ");
}

#[test]
fn a_line_is_sent_and_a_command_is_done() {
    let mut state = chatting(80, 24);
    let effects = hear(&mut state, "good morning");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(sent) if sent.text == "good morning")));
    hear(&mut state, "/whoami");
    let lines = Speaker::default().say(&state);
    assert!(lines.iter().any(|line| line.starts_with("You are ada")), "{lines:?}");
}

#[test]
fn lists_are_numbered_and_questions_take_yes_and_no() {
    let mut state = chatting(80, 24);
    hear(&mut state, "/search hello");
    hear(&mut state, ".");
    assert!(state.overlays.is_empty());
    heard(&mut state, 11, "x");
    hear(&mut state, "/delete_room rust");
    let lines = Speaker::default().say(&state);
    assert!(lines.contains(&"y for yes, n for no".to_owned()), "{lines:?}");
    let effects = hear(&mut state, "y");
    assert_eq!(asked(&effects), [command(DeleteRoom { conversation: RUST })]);
    assert_eq!(state.open_log().and_then(|log| log.newest()), Some(Seq(11)));
}

#[test]
fn a_form_asks_field_after_field_and_hides_secrets() {
    let mut state = chatting(80, 24);
    hear(&mut state, "/profile");
    assert_eq!(prompt(&state), "Full name: ");
    hear(&mut state, "Ada Lovelace");
    hear(&mut state, "");
    let effects = hear(&mut state, "");
    assert!(
        matches!(&asked(&effects)[..], [Command::UpdateProfile(profile)] if profile.full_name.as_deref() == Some("Ada Lovelace"))
    );
    let mut state = blank(80, 24);
    hear(&mut state, "2");
    hear(&mut state, "localhost:8000");
    hear(&mut state, "ada");
    assert!(is_secret(&state));
    let effects = hear(&mut state, "secret");
    assert!(matches!(&effects[..], [Effect::Enter(_)]), "{effects:?}");
}
