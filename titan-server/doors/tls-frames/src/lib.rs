//! The TLS-frames door: small binary frames of JSON over TLS, on a port of its own, as the original server spoke them, so that its
//! clients run unchanged.
//!
//! Its clients hash passwords themselves, show one conversation at a time, and get its whole recent history whenever it changes. A
//! `reciever` is somebody's name or, as an extension of ours, `#room`. [`connection`] ties it together: [`frame`] and [`request`] read,
//! [`perform`] has the hub do it, [`reply`] writes. A client takes a frame's payload by one read, and that gives it one TLS record at most: so
//! whatever is sent here fits one, and is one ([`frame::SENT_MOST`], [`wire`]).

mod board;
mod connection;
mod due;
mod frame;
mod names;
#[doc(hidden)]
pub mod parsers;
mod perform;
mod reply;
mod request;
mod wire;

use std::net::IpAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::Instrument;

use self::board::Board;
use self::connection::Connection;
use self::wire::Wire;
use titan_door::crowd::{Full, Stay};
use titan_door::serve::{Entrance, accept, note_handshake};
use titan_door::{House, Peer, sight};
use titan_hub::Asker;

/// Serves until the entrance closes and its connections have ended.
pub async fn serve(listener: TcpListener, house: House, tls: TlsAcceptor, entrance: Entrance) {
    let board = Arc::new(Board::default());
    let shaking = tls.clone();
    let handle = move |stream, peer, stay| talk(stream, peer, stay, house.clone(), tls.clone(), board.clone());
    accept(listener, entrance, handle, move |stream, full| turn_away(stream, shaking.clone(), full)).await;
}

async fn turn_away(stream: TcpStream, tls: TlsAcceptor, full: Full) {
    if let Ok(stream) = tls.accept(stream).await {
        Wire::new(stream).close(reply::err(full.words())).await;
    }
}

async fn talk(stream: TcpStream, peer: IpAddr, stay: Stay, house: House, tls: TlsAcceptor, board: Arc<Board>) {
    match timeout(house.silence, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let visitor = Peer(peer).at("tls_frames");
            let seen = sight::Connection::new(&visitor);
            let (span, asker) = (seen.standing(), Asker::new(&visitor, None));
            let talking = Connection::new(Wire::new(stream), house, visitor, (seen, stay), board).run();
            asker.asks(talking.instrument(span)).await;
        }
        failed => note_handshake(&house.hub.failed_handshakes(), &Peer(peer).at("tls_frames"), failed),
    }
}
