//! What a person likes: colours, the mouse, which panes show. It is written down at once.

use crate::{
    app::{
        effect::Effect,
        state::{Pane, State},
    },
    theme::{Theme, ThemeName},
    words,
};

pub fn set_theme(state: &mut State, name: ThemeName) -> Vec<Effect> {
    state.theme = Theme::new(name);
    state.settings.theme = name;
    state.say(words::theme_is(name.name()));
    vec![Effect::SaveSettings(Box::new(state.settings.clone()))]
}

pub fn toggle_people(state: &mut State) -> Vec<Effect> {
    state.settings.people = !state.settings.people;
    if state.pane == Pane::People {
        state.pane = Pane::Composer;
    }
    vec![Effect::SaveSettings(Box::new(state.settings.clone()))]
}

pub fn toggle_mouse(state: &mut State) -> Vec<Effect> {
    state.settings.mouse = !state.settings.mouse;
    state.say(if state.settings.mouse { words::MOUSE_ON } else { words::MOUSE_OFF });
    vec![Effect::Mouse(state.settings.mouse), Effect::SaveSettings(Box::new(state.settings.clone()))]
}
