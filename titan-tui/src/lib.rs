//! Titan in a terminal. `main.rs` reads the command line; everything else is here, so that tests can reach it.
//!
//! The screen is `app` (what happens: events, state, update, effects), `panes` and `overlays` (drawing), over `keymap`,
//! `theme`, `layout`, `words`. Only `app/runner` and `terminal` touch the world. `plain` is the linear mode, `cli` the one-shot commands, `demo` a house with people who talk.

pub mod app;
pub mod cli;
pub mod credentials;
pub mod demo;
mod device;
mod fuzzy;
pub mod input;
pub mod keymap;
pub mod layout;
pub mod overlays;
pub mod panes;
#[doc(hidden)]
pub mod parsers;
pub mod plain;
mod qr;
pub mod rich;
pub mod settings;
pub mod spans;
pub mod terminal;
pub mod theme;
pub mod times;
pub mod words;
pub mod wrap;
