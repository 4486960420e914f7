//! What happens on the screen: events come in, `update` changes the state and asks for effects, `view` (in `panes`) draws.

pub mod commands;
pub mod completion;
pub mod composer;
pub mod directory;
pub mod effect;
pub mod event;
pub mod fold;
pub mod known;
pub mod log;
pub mod order;
pub mod overlay;
pub mod question;
pub mod runner;
mod secretive;
pub mod standing;
pub mod state;
pub mod update;
pub mod wizard;
