//! Times as people read them, in the zone of the screen.

use jiff::Timestamp;
use titan_core::Time;

use crate::app::state::State;

fn zoned(time: Time, state: &State) -> jiff::Zoned {
    Timestamp::from_millisecond(time.0).unwrap_or_default().to_zoned(state.zone.clone())
}

/// The hour and minute.
pub fn clock(time: Time, state: &State) -> String {
    zoned(time, state).strftime("%H:%M").to_string()
}

/// The day in full.
pub fn day(time: Time, state: &State) -> String {
    zoned(time, state).strftime("%A %-d %B %Y").to_string()
}

/// A number for each day, to see where one ends.
pub fn day_number(time: Time, state: &State) -> i64 {
    let date = zoned(time, state).date();
    i64::from(date.year()) * 1_000 + i64::from(date.day_of_year())
}

/// Shortest: the time today, the day of this year, else the date.
pub fn briefly(time: Time, state: &State) -> String {
    let (then, now) = (zoned(time, state), zoned(state.now, state));
    let form = match (then.date() == now.date(), then.year() == now.year()) {
        (true, _) => "%H:%M",
        (false, true) => "%-d %b",
        (false, false) => "%Y-%m-%d",
    };
    then.strftime(form).to_string()
}

/// Short: the day in a list.
pub fn day_and_time(time: Time, state: &State) -> String {
    zoned(time, state).strftime("%Y-%m-%d %H:%M").to_string()
}
