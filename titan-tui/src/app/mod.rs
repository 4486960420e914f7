//! What happens on the screen: events come in, `update` changes the state and asks for effects, `view` (in `panes`) draws.

pub mod commands;
pub mod composer;
pub mod effect;
pub mod event;
pub mod log;
pub mod overlay;
pub mod runner;
pub mod state;
pub mod update;
pub mod wizard;
