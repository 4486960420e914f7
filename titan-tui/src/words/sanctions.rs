//! Mutes and bans in a room, and what one reads who is muted.

use titan_core::{
    Time,
    protocol::{Sanction, SanctionKind},
};

use super::screen::NEWER_WORD;
use crate::{app::state::State, times};

pub const NO_SANCTIONS: &str = "Nobody is muted or banned here.";

pub fn sanctions_of(title: &str) -> String {
    format!("Bans and mutes in {title}")
}

pub fn sanction_detail(state: &State, sanction: &Sanction) -> String {
    let mut parts = vec![match (sanction.kind, sanction.until) {
        (SanctionKind::Ban, _) => "banned".to_owned(),
        (SanctionKind::Mute, until) => format!("muted {}", until_when(state, until.unwrap_or(Time::FOREVER))),
        _ => NEWER_WORD.to_owned(),
    }];
    parts.extend(sanction.by.as_ref().map(|by| format!("by {}", by.username)));
    if !sanction.reason.is_empty() {
        parts.push(sanction.reason.to_string());
    }
    parts.join(" · ")
}

/// `until 15:40`, with the day where it is another one.
pub fn until_when(state: &State, until: Time) -> String {
    match until {
        Time::FOREVER => "until it is lifted".to_owned(),
        until if times::day_number(until, state) == times::day_number(state.now, state) => {
            format!("until {}", times::clock(until, state))
        }
        until => format!("until {}", times::day_and_time(until, state)),
    }
}

pub const MUTED: &str = "muted";

pub fn muted_note(when: &str) -> String {
    format!("muted {when}")
}

pub fn muted_here(title: &str, when: &str) -> String {
    format!("You are muted in {title} {when}: you can read on.")
}

pub const MUTED_PLACEHOLDER: &str = "You can read here, but not write.";

pub fn muted_unsent(when: &str) -> String {
    format!("You are muted here {when}. What you wrote stays in the field.")
}
