//! Which older system a database is of, told by the tables and columns that no other one has.

use anyhow::anyhow;

use crate::foreign::Foreign;
use crate::wish::System;

/// What shows that a database is of a system: any of these sets of tables with columns.
type Signs = &'static [&'static [(&'static str, &'static [&'static str])]];

/// The most telling systems first.
const SYSTEMS: [(System, Signs); 5] = [
    (
        System::TitanNet,
        &[&[("users", &["titan_number"]), ("chat_rooms", &["name"])], &[("room_messages", &["room_id", "user_id"])]],
    ),
    (System::Utuvox, &[&[("rooms", &["room_name"]), ("room_history", &["room_name", "event"])]]),
    (
        System::TlsFrames,
        &[
            &[("history", &["first_username", "second_username"]), ("history_content", &["history_id"])],
            &[("messages", &["sender", "reciever"])],
            &[("messages", &["sender_id", "receiver_id"])],
        ],
    ),
    (
        System::Channels,
        &[
            &[("channels", &["name"]), ("messages", &["channel_id"])],
            &[("channel", &["name"]), ("message", &["channel_id"])],
            &[("rooms", &["name"]), ("messages", &["room_id"])],
        ],
    ),
    (
        System::JsonLines,
        &[&[("users", &["username"]), ("messages", &["sender_username"])], &[("messages", &["message_text"])]],
    ),
];

/// Refuses a database that isn't the system's: `wanting` is what it should have had. Says which it seems to be.
pub fn stranger(system: System, foreign: &Foreign, wanting: &str) -> anyhow::Error {
    let seems = match likely(foreign).filter(|likely| *likely != system) {
        Some(likely) => {
            let (called, name) = (likely.called(), likely.name());
            format!(". It looks like one of {called}: that is `titan-server import {name}`")
        }
        None => String::new(),
    };
    anyhow!("it is no database of {}: {wanting}{seems}", system.called())
}

fn likely(foreign: &Foreign) -> Option<System> {
    let shows =
        |signs: &Signs| signs.iter().any(|tables| tables.iter().all(|(table, columns)| foreign.has(table, columns)));
    SYSTEMS.iter().find(|(_, signs)| shows(signs)).map(|(system, _)| *system)
}
