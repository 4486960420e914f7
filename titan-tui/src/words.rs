//! All that the screen says, in one place, so that it says one thing with one word. (What keys and commands do is said in
//! their own tables, `keymap.rs` and `app/commands.rs`.)
//!
//! An error says what to do next. An empty place says how to fill it.

mod deeds;
mod factors;
mod forms;
mod keys;
mod lists;
mod notices;
mod people;
mod repository;
mod sanctions;
mod screen;
mod settings;
mod timeline;
mod transfers;
mod trust;

pub use deeds::*;
pub use factors::*;
pub use forms::*;
pub use keys::*;
pub use lists::*;
pub use notices::*;
pub use people::*;
pub use repository::*;
pub use sanctions::*;
pub use screen::*;
pub use settings::*;
pub use timeline::*;
pub use transfers::*;
pub use trust::*;
