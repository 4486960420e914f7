//! What each event changes. Pure: the state goes in, effects come out, and nothing else happens here; one arm, one call.
//!
//! The modules stand in layers. Each calls what stands below it, and where one calls another of its own layer, never the other
//! way round as well (a test counts circles):
//!
//! 1. what comes in: `keys` (and `over`, `wizard`, `people_keys` for some of them), `mouse`, `slash`, `answers`, `push`, `clock`
//! 2. `choices`: does what was chosen, wherever it was chosen; a row, a question or a command carries a `Choice` up to here
//! 3. what is laid over the screen: `lists`, `cards`, `submit` for forms that are filled in
//! 4. one pane's state each: `chat`, `messages`, `rooms`, `people`, `orders`, `repository`, `transfers`, `session`, `factors`, `taste`
//! 5. what knows no pane: `forms`, `asking`, `typing`
//!
//! Nothing below calls back up: it returns effects, or lays a list or a question over the screen whose `Choice` comes in from
//! above once it is taken.

mod answers;
mod asking;
mod bonds;
mod cards;
mod chat;
mod choices;
mod clock;
mod factors;
mod forms;
mod keys;
mod lists;
mod messages;
mod mouse;
mod orders;
mod over;
mod people;
mod people_keys;
mod person_forms;
mod push;
mod repository;
mod rooms;
mod session;
pub(crate) mod slash;
mod submit;
mod submit_person;
mod taste;
pub mod transfers;
mod typing;
mod wizard;

use titan_core::ConversationId;

use super::{
    effect::Effect,
    event::Event,
    overlay::Attempt,
    state::{Screen, State},
};

pub use forms::open_form;
pub use people::show_section;
pub use session::{farewell, server_at};

/// Takes in an event. The runner sets `state.now` before.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    let (before, is_key) = (state.notice.clone(), matches!(event, Event::Key(_)));
    let place = place(state);
    let effects = take_in(state, event);
    if is_key && state.notice == before && self::place(state) != place {
        state.notice = None;
    }
    taste::show_theme(state);
    effects
}

/// Where one is: what was said about another place is no longer news.
fn place(state: &State) -> (Option<ConversationId>, Screen, usize) {
    (state.chat.open, state.screen, state.overlays.len())
}

fn take_in(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => keys::pressed(state, key),
        Event::Mouse(mouse) => mouse::moved(state, mouse),
        Event::Paste(text) => keys::pasted(state, &text),
        Event::Resize(width, height) => clock::resized(state, width, height),
        Event::Attended(attended) => clock::attended(state, attended),
        Event::Tick => clock::tick(state),
        Event::Link(link) => session::link_changed(state, link),
        Event::Untrusted(server) => session::untrusted(state, *server, Attempt::Reconnect),
        Event::Push(event) => push::heard(state, *event),
        Event::Rewound(conversations) => chat::rewound(state, &conversations),
        Event::Kept(client_id) => chat::kept(state, client_id),
        Event::Sent(client_id, result) => chat::sent(state, client_id, result),
        Event::Answer(answer) => answers::answered(state, answer),
        Event::Refused(concern, trouble) => answers::refused(state, concern, trouble),
        Event::ConfirmFirst(question) => answers::confirm_first(state, question),
        Event::Entered(result) => session::entered(state, result.map(|entered| *entered)),
        Event::Hosted(result) => session::hosted(state, result),
        Event::HostEnded(line) => session::host_ended(state, line),
        Event::At(server) => session::at(state, server),
        Event::Restored(restored) => session::restored(state, *restored),
        Event::Loaded(loaded) => chat::loaded(state, loaded),
        Event::Found { generation, page, further: true, .. } => lists::found_further(state, generation, &page),
        Event::Found { generation, page, from_server, .. } => lists::found(state, generation, &page, from_server),
        Event::Forgotten(result) => session::forgotten(state, result),
        Event::Transfer(id, news) => transfers::news(state, id, news),
        Event::Said(result) => clock::said(state, result),
    }
}
