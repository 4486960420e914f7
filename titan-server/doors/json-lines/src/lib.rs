//! The JSON lines door: one JSON object a line over plain TCP, as the document of a Python socket server has it.
//!
//! Everybody who logs in here is in the room "general" and in no other: what is said there, at whatever door, comes to
//! them as `new_message`, their own words too. Edits, deletions, reactions, comings and goings have no word here and are
//! passed over; the history shows messages as they now stand. [`request`] reads lines, [`reply`] writes them, [`talk`]
//! has the hub do what they ask.

#[doc(hidden)]
pub mod parsers;
mod reply;
mod request;
mod talk;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use titan_door::crowd::Full;
use titan_door::lines::Lines;
use titan_door::serve::{Entrance, accept, keep_alive};
use titan_door::talk::converse;
use titan_door::wire::see_off;
use titan_door::{House, Peer};

/// Serves until the entrance closes and its connections have ended.
pub async fn serve(listener: TcpListener, house: House, entrance: Entrance) {
    let handle = move |stream, peer, stay| {
        let house = house.clone();
        async move {
            keep_alive(&stream);
            converse(Lines::over(stream, stay), house, Peer(peer).at("json_lines"), talk::JsonLines).await;
        }
    };
    accept(listener, entrance, handle, turn_away).await;
}

async fn turn_away(mut stream: TcpStream, full: Full) {
    if stream.write_all(&reply::Reply::error(full.words()).line()).await.is_ok() {
        see_off(&mut stream).await;
    }
}
