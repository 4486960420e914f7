//! What a person likes: colours, how close messages stand, the mouse, which panes show. It is written down at once.

use super::asking::open_list;
use crate::{
    app::{
        effect::Effect,
        overlay::{Choice, Group, Overlay, Picker, Row},
        state::{Pane, State},
    },
    settings::Density,
    words,
};

/// The themes, each shown as one comes to it.
pub fn open_themes(state: &mut State) -> Vec<Effect> {
    let row = |name: &str| Row::new(name, words::theme_detail(name), Group::Plain, Choice::Theme(name.to_owned()));
    let rows: Vec<_> = state.themes.names().map(row).collect();
    let mut picker = Picker::list(words::THEMES, rows).about(words::THEMES_ABOUT);
    picker.at = state.themes.names().position(|name| name == state.worn).unwrap_or_default();
    open_list(state, picker)
}

pub fn set_theme(state: &mut State, name: &str) -> Vec<Effect> {
    state.worn = name.to_owned();
    state.settings.theme = name.to_owned();
    state.say(words::theme_is(name));
    save(state)
}

pub fn next_theme(state: &mut State) -> Vec<Effect> {
    let next = state.themes.after(&state.worn);
    set_theme(state, &next)
}

/// Shows the theme that the keys are on in the list of themes, else the one that was chosen.
pub fn show_theme(state: &mut State) {
    let looked_at = match state.overlays.last() {
        Some(Overlay::Picker(picker)) => match picker.chosen() {
            Some(Row { choice: Choice::Theme(name), .. }) => Some(name),
            _ => None,
        },
        _ => None,
    };
    let wanted = looked_at.unwrap_or(&state.worn);
    if *state.theme.name != **wanted {
        state.theme = state.themes.theme(wanted);
    }
}

pub fn set_density(state: &mut State, density: Density) -> Vec<Effect> {
    state.settings.density = density;
    state.say(words::density_is(density.name()));
    save(state)
}

pub fn toggle_people(state: &mut State) -> Vec<Effect> {
    state.settings.people = !state.settings.people;
    if state.pane == Pane::People {
        state.pane = Pane::Composer;
    }
    save(state)
}

pub fn toggle_mouse(state: &mut State) -> Vec<Effect> {
    state.settings.mouse = !state.settings.mouse;
    state.say(if state.settings.mouse { words::MOUSE_ON } else { words::MOUSE_OFF });
    let saved = save(state);
    [vec![Effect::Mouse(state.settings.mouse)], saved].concat()
}

fn save(state: &State) -> Vec<Effect> {
    vec![Effect::SaveSettings(Box::new(state.settings.clone()))]
}
