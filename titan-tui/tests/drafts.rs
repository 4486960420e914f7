//! A half-written line is back after whatever came between, as stories told to the pure `update`.

use crate::scene::*;
use titan_core::{ConversationId, Time};
use titan_tui::app::{
    effect::Effect,
    event::{Event, Restored},
    state::State,
    update::update,
};

const HALF: &str = "half a thought";

fn line(state: &State) -> String {
    state.composer.editor.text()
}

/// A message of mine to change, and a half-written line.
fn writing() -> State {
    let mut state = chatting(100, 30);
    let mine = said(GENERAL, 11, &ada(), 0, "first");
    update(&mut state, Event::Push(Box::new(titan_core::protocol::Event::entry(mine))));
    type_text(&mut state, HALF);
    state
}

fn begin_to_edit(state: &mut State) {
    press(state, &["shift-tab", "e"]);
    assert!(state.composer.editing.is_some(), "an edit began");
}

/// What is written down as the draft of a room, by these effects.
fn draft(effects: &[Effect], room: ConversationId) -> Option<String> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::SaveDraft(id, text) if *id == room => Some(text.clone()),
        _ => None,
    })
}

fn rest(state: &mut State) -> Vec<Effect> {
    state.now = Time(state.now.0 + 10_000);
    update(state, Event::Tick)
}

#[test]
fn a_line_is_back_after_an_edit_that_was_sent_or_given_up() {
    for key in ["enter", "esc", "ctrl-c"] {
        let mut state = writing();
        begin_to_edit(&mut state);
        assert_eq!(line(&state), "first");
        type_text(&mut state, "X");
        press(&mut state, &[key]);
        assert_eq!((line(&state).as_str(), state.composer.editing), (HALF, None), "{key}");
    }
}

#[test]
fn an_edit_of_another_message_keeps_the_first_line() {
    let mut state = writing();
    begin_to_edit(&mut state);
    begin_to_edit(&mut state);
    press(&mut state, &["esc"]);
    assert_eq!(line(&state), HALF);
}

#[test]
fn what_is_written_down_is_the_line_and_not_what_stands_in_its_place() {
    let mut state = writing();
    assert_eq!(draft(&rest(&mut state), GENERAL).as_deref(), Some(HALF));
    begin_to_edit(&mut state);
    type_text(&mut state, "X");
    assert_eq!(draft(&rest(&mut state), GENERAL), None, "it stays as it was written down");
    assert_eq!(state.chat.drafts[&GENERAL], HALF);
}

#[test]
fn typing_on_and_on_is_written_down_meanwhile() {
    let mut state = chatting(100, 30);
    let mut kept = None;
    for _ in 0..20 {
        type_text(&mut state, "a");
        state.now = Time(state.now.0 + 100);
        if state.wake_at().is_some_and(|at| at <= state.now) {
            kept = draft(&update(&mut state, Event::Tick), GENERAL).or(kept);
        }
    }
    assert!(kept.is_some(), "nothing was written down while it went on");
}

#[test]
fn a_line_is_back_after_an_older_message_was_looked_at() {
    for keys in [&["up", "esc"][..], &["up", "down"], &["up", "x", "esc"], &["up", "enter"]] {
        let mut state = chatting(100, 30);
        enter_line(&mut state, "sent before");
        type_text(&mut state, HALF);
        press(&mut state, &keys[..1]);
        assert_eq!(line(&state), "sent before");
        press(&mut state, &keys[1..]);
        assert_eq!(line(&state), HALF, "{keys:?}");
    }
}

#[test]
fn an_edit_and_an_answer_wait_in_their_room() {
    let mut state = writing();
    begin_to_edit(&mut state);
    type_text(&mut state, "X");
    press(&mut state, &["alt-up"]);
    assert_ne!(state.chat.open, Some(GENERAL));
    assert_eq!((line(&state).as_str(), state.composer.editing), ("", None));
    press(&mut state, &["alt-down"]);
    assert_eq!(state.chat.open, Some(GENERAL));
    assert!(state.composer.editing.is_some());
    assert_eq!(line(&state), "firstX");
    press(&mut state, &["esc"]);
    assert_eq!(line(&state), HALF);
    press(&mut state, &["shift-tab", "r"]);
    let answered = state.composer.reply_to;
    assert!(answered.is_some());
    press(&mut state, &["alt-up", "alt-down"]);
    assert_eq!((state.composer.reply_to, line(&state).as_str()), (answered, HALF));
    press(&mut state, &["esc"]);
    assert_eq!((state.composer.reply_to, line(&state).as_str()), (None, HALF));
}

#[test]
fn a_line_outlasts_being_put_out_of_the_room() {
    let mut state = chatting(100, 30);
    press(&mut state, &["alt-up"]);
    let room = state.chat.open.unwrap();
    type_text(&mut state, HALF);
    let gone = titan_core::protocol::Event::conversation_removed(room, "You were removed.".into());
    let effects = update(&mut state, Event::Push(Box::new(gone)));
    assert_eq!(draft(&effects, room).as_deref(), Some(HALF));
    assert_eq!(line(&state), "", "and is not said in another room");
}

#[test]
fn a_command_that_a_list_writes_does_not_replace_the_line() {
    let mut state = writing();
    press(&mut state, &["ctrl-k"]);
    update(&mut state, Event::Paste("/topic".into()));
    press(&mut state, &["enter"]);
    assert_eq!(line(&state), "/topic ");
    assert_eq!(draft(&rest(&mut state), GENERAL).as_deref(), Some(HALF));
    press(&mut state, &["esc"]);
    if line(&state) != HALF {
        press(&mut state, &["esc"]);
    }
    assert_eq!(line(&state), HALF);
}

#[test]
fn a_line_typed_in_the_linear_mode_leaves_the_draft_of_the_screen() {
    let mut state = writing();
    titan_tui::plain::hear(&mut state, "said by line");
    assert_eq!(line(&state), HALF);
    assert_eq!(state.open_log().unwrap().pending[0].text.as_str(), "said by line");
}

#[test]
fn much_at_once_rings_once() {
    let mut state = chatting(100, 30);
    state.attended = false;
    let mut bells = 0;
    for seq in 11..26 {
        let message = said(GENERAL, seq, &bob(), 0, "@ada look");
        let effects = update(&mut state, Event::Push(Box::new(titan_core::protocol::Event::entry(message))));
        bells += effects.iter().filter(|effect| **effect == Effect::Bell).count();
    }
    assert_eq!(bells, 1);
}

#[test]
fn an_edit_and_an_answer_under_way_are_back_after_a_restart() {
    let answering: fn(&mut State) = |state| drop(press(state, &["shift-tab", "r"]));
    let editing: fn(&mut State) = |state| {
        begin_to_edit(state);
        type_text(state, " and more");
    };
    for begin in [answering, editing] {
        let mut state = writing();
        begin(&mut state);
        let effects = rest(&mut state);
        let kept = effects.iter().find_map(|effect| match effect {
            Effect::SaveUnderWay(kept) => Some(kept.clone()),
            _ => None,
        });
        let kept = kept.expect("what is under way is kept");
        let mut again = State::new(Default::default(), state.now, jiff::tz::TimeZone::UTC, (100, 30));
        let restored = Restored {
            me: state.me.clone(),
            conversations: state.chat.conversations.clone(),
            drafts: state.chat.drafts.clone().into_iter().collect(),
            under_way: kept.into_iter().collect(),
            open: Some(GENERAL),
            ..Restored::default()
        };
        update(&mut again, Event::Restored(Box::new(restored)));
        let (was, is) = (&state.composer, &again.composer);
        assert_eq!((is.editor.text(), is.editing, is.reply_to), (was.editor.text(), was.editing, was.reply_to));
        assert_eq!(is.half_written(), HALF);
        press(&mut again, &["esc"]);
        let effects = rest(&mut again);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::SaveUnderWay(kept) if kept.is_empty())));
        assert_eq!(line(&again), HALF);
    }
}
