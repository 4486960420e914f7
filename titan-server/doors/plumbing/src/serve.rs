//! Accepting connections: one loop for every HTTP and WebSocket port, with TLS where it is set up.
//!
//! The framework's own `serve` sets no timer and no bound, so connections come in here: a handshake and a request head
//! must arrive in time, an address may hold so many connections, and closing waits for what is under way.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use titan_hub::network::counted_as;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tower::Service;
use tracing::Instrument;

use super::proxy::{self, Proxies};
use super::site::{self, Public, Through};
use super::{Peer, proxied, sight};

/// A TLS handshake, and the head of a request, must be there in this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// What is read at once; a request's head must fit.
const BUFFER_MOST: usize = 128 * 1024;
/// Connections one address may hold at a door.
const CONNECTIONS_AN_ADDRESS: usize = 1_024;
/// A silent connection is asked whether it still stands after so long, and then so often.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(15);
/// What connections get to finish when the server closes.
const CLOSING_GRACE: Duration = Duration::from_secs(3);

/// How a port takes connections in.
#[derive(Clone)]
pub struct Entrance {
    /// The door's name, for the log: several doors share the HTTP port.
    pub door: &'static str,
    pub tls: Option<TlsAcceptor>,
    pub closing: CancellationToken,
    /// Whether addresses are bounded.
    pub limited: bool,
    /// Proxies that are believed about who is behind them. Their own connections are not counted.
    pub trusted: Proxies,
    /// Whether these say it by the PROXY protocol.
    pub proxy_protocol: bool,
    /// How people reach the house.
    pub public: Arc<Public>,
}

/// A connection's stay in the house. Its address holds a place, and closing waits for it, until the last clone is dropped:
/// who takes a request's connection over (a WebSocket) takes this along from the request's extensions.
#[derive(Clone)]
#[expect(dead_code, reason = "held, never read")]
pub struct Stay(Arc<(Place, TaskTrackerToken)>);

/// Serves a router until the entrance closes and its connections have ended.
pub async fn serve(listener: TcpListener, router: Router, entrance: Entrance) {
    let accepting = entrance.clone();
    let site = site::Arrivals { trusted: entrance.trusted.clone(), public: entrance.public.clone() };
    let router = router.layer(axum::middleware::from_fn_with_state(site, site::arrive));
    let router = router.layer(axum::middleware::from_fn(sight::http_request));
    let handle = move |stream, peer, stay| {
        let seen = sight::Connection::new(&Peer(peer).at(entrance.door));
        let span = seen.standing();
        http(stream, peer, router.clone(), entrance.clone(), (seen, stay)).instrument(span)
    };
    accept(listener, accepting, handle).await;
}

/// Runs `handle` for each connection until the entrance closes and all have ended; those that take too long are dropped.
pub async fn accept<F, Fut>(listener: TcpListener, entrance: Entrance, handle: F)
where
    F: Fn(TcpStream, IpAddr, Stay) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let handle = Arc::new(handle);
    let tasks = TaskTracker::new();
    let held = Held::default();
    loop {
        let accepted = tokio::select! {
            () = entrance.closing.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let peer = canonical(peer);
                let bounded = entrance.limited && !entrance.trusted.believes(peer);
                let Some(place) = held.take(peer, bounded) else { continue };
                let _ = stream.set_nodelay(true);
                let (handle, entrance) = (handle.clone(), entrance.clone());
                let stay = Stay(Arc::new((place, tasks.token())));
                tasks.spawn(async move {
                    let Some((stream, peer)) = who(stream, peer, &entrance).await else { return };
                    handle(stream, peer, stay).await;
                });
            }
            Err(error) => rest_after(&error).await,
        }
    }
    tasks.close();
    let _ = tokio::time::timeout(CLOSING_GRACE, tasks.wait()).await;
}

/// Who is at the other end: the peer, or, where trusted proxies say it first, whom it names.
async fn who(stream: TcpStream, peer: IpAddr, entrance: &Entrance) -> Option<(TcpStream, IpAddr)> {
    if entrance.proxy_protocol && entrance.trusted.believes(peer) {
        return proxied::told(stream, peer, entrance.door).await;
    }
    Some((stream, peer))
}

/// Has the system find out about peers that died without a word: for doors whose protocol has nothing to ask them with.
pub fn keep_alive(stream: &TcpStream) {
    let asking = socket2::TcpKeepalive::new().with_time(KEEPALIVE_AFTER).with_interval(KEEPALIVE_EVERY);
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_keepalive(&asking) {
        tracing::debug!(%error, "a connection is not kept alive");
    }
}

/// Out of file descriptors, most often: others must close first, and spinning helps nobody.
async fn rest_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

async fn http(stream: TcpStream, peer: IpAddr, router: Router, entrance: Entrance, stay: (sight::Connection, Stay)) {
    let Some(acceptor) = &entrance.tls else { return connection(stream, peer, router, &entrance, stay).await };
    match tokio::time::timeout(HEAD_TIMEOUT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => connection(stream, peer, router, &entrance, stay).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
    }
}

async fn connection<S>(stream: S, peer: IpAddr, router: Router, entrance: &Entrance, stay: (sight::Connection, Stay))
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (trusted, (seen, stay)) = (entrance.trusted.clone(), stay);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let visitor = proxy::visitor(peer, &trusted, request.headers());
        request.extensions_mut().insert(Peer(visitor));
        request.extensions_mut().insert(Through(peer));
        request.extensions_mut().insert(stay.clone());
        request.extensions_mut().insert(seen.clone());
        let changes = !request.method().is_safe();
        answered(router.clone().call(request), changes)
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(BUFFER_MOST);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(Duration::from_secs(30)));
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = entrance.closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "an HTTP connection ended badly");
    }
}

/// What has begun to change something is finished, whether or not the peer still listens: on a task of its own, since the
/// connection's drops what it was answering with when the peer hangs up.
async fn answered(
    answering: impl Future<Output = Result<Response, Infallible>> + Send + 'static,
    changes: bool,
) -> Result<Response, Infallible> {
    if !changes {
        return answering.await;
    }
    match tokio::spawn(answering).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(%error, "a request was not answered");
            Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
    }
}

/// The address itself, not the IPv6 form of an IPv4 one.
fn canonical(peer: SocketAddr) -> IpAddr {
    peer.ip().to_canonical()
}

/// How many connections each address holds; of IPv6, each /64.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<HashMap<IpAddr, usize>>>);

struct Place(Held, IpAddr);

impl Held {
    fn take(&self, address: IpAddr, limited: bool) -> Option<Place> {
        let mut held = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let address = counted_as(address);
        let count = held.entry(address).or_default();
        if limited && *count >= CONNECTIONS_AN_ADDRESS {
            tracing::debug!(%address, "too many connections of one address");
            return None;
        }
        *count += 1;
        Some(Place(self.clone(), address))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.0.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(count) = held.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.1);
            }
        }
    }
}
