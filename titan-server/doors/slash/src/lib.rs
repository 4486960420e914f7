//! The slash door: text commands over plain TCP, as UtuVox speaks them; made for netcat and for the original's client.
//!
//! [`reading`] turns bytes into commands and files, [`command`] texts into typed commands; [`connection`] is one client's
//! task; [`perform`] and its neighbours have the hub do what is asked, [`hear`] tells what happened elsewhere, [`words`]
//! says how texts look.
//!
//! People here are in one room at a time. Joining a room one is no member of makes one a member, and this connection takes
//! that membership along when it leaves; who was a member before only visits. What the original has no word for is told
//! the way a person at a line would expect it: an edit as `[ts] u (edited): text`, a new name of the room as a line of its
//! own; reactions, deletions and other changes not at all. Histories show messages as they now stand.

mod admin;
mod announced;
mod answer;
mod command;
mod connection;
mod file_names;
mod files;
mod guest;
mod hear;
mod history;
#[doc(hidden)]
pub mod parsers;
mod perform;
mod reading;
mod rooms;
mod words;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use titan_door::crowd::Full;
use titan_door::serve::{Entrance, accept, keep_alive};
use titan_door::wire::see_off;
use titan_door::{House, Peer};

/// Serves until the entrance closes and its connections have ended.
pub async fn serve(listener: TcpListener, house: House, entrance: Entrance) {
    let handle = move |stream, peer, stay| {
        let house = house.clone();
        async move {
            keep_alive(&stream);
            connection::talk(stream, house, Peer(peer).at("slash"), stay).await;
        }
    };
    accept(listener, entrance, handle, turn_away).await;
}

async fn turn_away(mut stream: TcpStream, full: Full) {
    let said = format!("{}\n", words::stamped(format_args!("[ERROR] {}", full.words())));
    if stream.write_all(said.as_bytes()).await.is_ok() {
        see_off(&mut stream).await;
    }
}
