//! What each event changes. Pure: the state goes in, effects come out, and nothing else happens here; one arm, one call.

mod answers;
mod bonds;
mod cards;
mod chat;
mod choices;
mod clock;
mod forms;
mod keys;
pub mod lists;
mod mouse;
mod orders;
mod over;
mod people;
mod person_forms;
mod push;
mod repository;
mod session;
pub mod transfers;

use super::{effect::Effect, event::Event, state::State};

pub use cards::order_here;
pub use chat::{meant, send_text};
pub use choices::{choose, set_theme};
pub use forms::{Way, open_form, server_ways};
pub use keys::toggle_mouse;
pub use orders::{ban_address, lift_address, take_back};
pub use people::{show as show_people, show_section};
pub use person_forms::export_to;
pub use repository::find as find_apps;
pub use session::{enter_as, server_at};

/// Takes in an event. The runner sets `state.now` before.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => keys::pressed(state, key),
        Event::Mouse(mouse) => mouse::moved(state, mouse),
        Event::Paste(text) => keys::pasted(state, &text),
        Event::Resize(width, height) => clock::resized(state, width, height),
        Event::Attended(attended) => clock::attended(state, attended),
        Event::Tick => clock::tick(state),
        Event::Link(link) => session::link_changed(state, link),
        Event::Push(event) => push::heard(state, *event),
        Event::Kept(client_id) => chat::kept(state, client_id),
        Event::Sent(client_id, result) => chat::sent(state, client_id, result),
        Event::Answer(then, result) => answers::answered(state, then, result),
        Event::Entered(result) => session::entered(state, result.map(|entered| *entered)),
        Event::Hosted(result) => session::hosted(state, result),
        Event::At(server) => session::at(state, server),
        Event::Restored(restored) => session::restored(state, *restored),
        Event::Loaded(loaded) => chat::loaded(state, loaded),
        Event::Found { generation, found, from_server } => lists::found(state, generation, found, from_server),
        Event::Forgotten(result) => session::forgotten(state, result),
        Event::Transfer(id, news) => transfers::news(state, id, news),
        Event::Said(result) => clock::said(state, result),
    }
}

/// What has to be kept before the program ends.
pub fn farewell(state: &mut State) -> Vec<Effect> {
    let mut effects = chat::keep_draft(state);
    effects.push(Effect::SaveTransfers(state.transfers.saved()));
    effects
}
