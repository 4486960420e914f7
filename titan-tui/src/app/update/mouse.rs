//! Clicks and the wheel: `view` noted what stands where, a click means what stands there.

use ratatui::{
    crossterm::event::{MouseButton, MouseEvent, MouseEventKind},
    layout::Position,
};

use super::{cards, chat, lists, over, people, repository, transfers, wizard};
use crate::app::{
    effect::Effect,
    overlay::Overlay,
    state::{Hit, Pane, Screen, State},
};

pub fn moved(state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
    match mouse.kind {
        MouseEventKind::ScrollUp => wheel(state, 1),
        MouseEventKind::ScrollDown => wheel(state, -1),
        MouseEventKind::Down(MouseButton::Left) => click(state, Position::new(mouse.column, mouse.row)),
        _ => vec![],
    }
}

fn wheel(state: &mut State, direction: isize) -> Vec<Effect> {
    if let Some(overlay) = state.overlays.last_mut() {
        if let Overlay::Picker(picker) = overlay {
            picker.step(-direction * 3);
        }
        return vec![];
    }
    match state.screen {
        Screen::Chat => chat::scroll(state, direction * 3),
        Screen::Repository => repository::step(state, -direction),
        Screen::Transfers => transfers::step(state, -direction),
        Screen::People => people::step(state, -direction),
        Screen::Wizard => vec![],
    }
}

fn click(state: &mut State, at: Position) -> Vec<Effect> {
    let hits = &state.drawn.hits;
    let Some((_, hit)) = hits.iter().rev().find(|(area, _)| area.contains(at)) else { return vec![] };
    let hit = *hit;
    match hit {
        Hit::Pane(pane) => focus(state, pane),
        Hit::Conversation(id) => chat::open_conversation(state, id),
        Hit::Person(at) => {
            focus(state, Pane::People);
            state.people.cursor = at;
            cards::open_person_here(state)
        }
        Hit::Message(seq) => message(state, seq),
        Hit::View(screen) => view(state, screen),
        Hit::Shelf(at) => repository::go_to_shelf(state, at),
        Hit::App(at) => {
            state.repository.at = at;
            vec![]
        }
        Hit::Transfer(at) => transfer(state, at),
        Hit::Section(at) => people::go_to(state, at),
        Hit::Line(at) => line(state, at),
        Hit::Row(at) => row(state, at),
        Hit::Field(at) => field(state, at),
        Hit::Outside => over::close(state),
    }
}

fn focus(state: &mut State, pane: Pane) -> Vec<Effect> {
    state.pane = pane;
    vec![]
}

/// The first click chooses a message, the second tells what can be done with it.
fn message(state: &mut State, seq: titan_core::Seq) -> Vec<Effect> {
    state.pane = Pane::Timeline;
    let again = state.open_log().is_some_and(|log| log.selected == Some(seq));
    if let Some(log) = state.open_log_mut().filter(|log| log.message(seq).is_some()) {
        log.selected = Some(seq);
    }
    if again { lists::open_message_menu(state, seq) } else { vec![] }
}

fn view(state: &mut State, screen: Screen) -> Vec<Effect> {
    match screen {
        Screen::Repository => repository::show(state),
        Screen::Transfers => transfers::show(state),
        Screen::People => people::show(state),
        screen => {
            state.screen = screen;
            vec![]
        }
    }
}

fn transfer(state: &mut State, at: usize) -> Vec<Effect> {
    if state.transfers.at == at {
        return transfers::pause_or_resume(state);
    }
    state.transfers.at = at;
    vec![]
}

/// The first click chooses, the second tells what can be done.
fn line(state: &mut State, at: usize) -> Vec<Effect> {
    let again = state.directory.at == at;
    state.directory.at = at;
    match state.chosen_item() {
        Some(item) if again => cards::open_item(state, item),
        _ => vec![],
    }
}

fn row(state: &mut State, at: usize) -> Vec<Effect> {
    match state.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            picker.at = at;
            over::take_row(state)
        }
        None if state.screen == Screen::Wizard => {
            state.wizard.at = at;
            wizard::take_way(state)
        }
        _ => vec![],
    }
}

fn field(state: &mut State, at: usize) -> Vec<Effect> {
    let form = match state.overlays.last_mut() {
        Some(Overlay::Form(form)) => Some(form),
        Some(_) => None,
        None => state.wizard.form_mut(),
    };
    if let Some(form) = form {
        form.at = at;
    }
    vec![]
}
