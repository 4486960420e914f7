//! Accepting connections: one loop for every HTTP and WebSocket port, with TLS where it is set up.
//!
//! The framework's own `serve` sets no timer and no bound, so connections come in here: a handshake and a request head
//! must arrive in time, a network may hold so many connections, and closing waits for what is under way.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;
use tracing::Instrument;

use super::crowd::{Crowd, Full, Place, Stay};
use super::guard::Refuse;
use super::proxy::{self, Proxies};
use super::site::{self, Public, Through};
use super::transfer::body::Paced;
use super::watch::{Watch, Watched};
use super::{Peer, headers, proxied, sight};
use titan_hub::{Tally, Visitor};

/// What is read at once; a request's head must fit.
const BUFFER_MOST: usize = 128 * 1024;
/// A silent connection is asked whether it still stands after so long, and then so often.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(15);
/// What connections get to finish when the server closes.
const CLOSING_GRACE: Duration = Duration::from_secs(3);
/// What a newcomer who can't stay may take to hear why.
const TELLING_MOST: Duration = Duration::from_secs(3);
/// What a connection of HTTP/2 that is told to end may take for that.
const PARTING_MOST: Duration = Duration::from_secs(1);
/// Who comes while others are on their way out waits so long, and so often.
const ROOM_EVERY: Duration = Duration::from_millis(10);
const ROOM_LOOKS: u32 = 50;
/// When to try again where the house or one's share of it is full, in seconds.
const RETRY_AFTER: u64 = 10;

/// How a port takes connections in.
#[derive(Clone)]
pub struct Entrance {
    /// The door's name, for the log: several doors share the HTTP port.
    pub door: &'static str,
    pub tls: Option<TlsAcceptor>,
    /// Whether its certificate is one that somebody else vouches for: never true where there is none.
    pub vouched: Arc<AtomicBool>,
    /// Counts handshakes that came to nothing, for the log.
    pub failed_handshakes: Arc<Tally>,
    pub closing: CancellationToken,
    /// Whether networks are bounded.
    pub limited: bool,
    /// All connections of the house.
    pub crowd: Crowd,
    /// Who connects must have said something in this time: finished a TLS handshake, sent a request's head, or a line.
    pub silence: Duration,
    /// Proxies that are believed about who is behind them. Their own connections are not counted.
    pub trusted: Proxies,
    /// Whether these say it by the PROXY protocol.
    pub proxy_protocol: bool,
    /// How people reach the house.
    pub public: Arc<Public>,
    /// How a request is refused that no door sees.
    pub refuse: Refuse,
}

/// Serves a router until the entrance closes and its connections have ended.
pub async fn serve(listener: TcpListener, router: Router, entrance: Entrance) {
    let accepting = entrance.clone();
    let (trusted, public, refuse) = (entrance.trusted.clone(), entrance.public.clone(), entrance.refuse);
    let site = site::Arrivals { trusted, public, refuse };
    let router = router.layer(axum::middleware::from_fn_with_state(site, site::arrive));
    let router = router.layer(axum::middleware::from_fn(sight::http_request));
    let (tls, vouched) = (entrance.tls.clone(), entrance.vouched.clone());
    let handle = move |stream, peer, stay| {
        let seen = sight::Connection::new(&Peer(peer).at(entrance.door));
        let span = seen.standing();
        http(stream, peer, router.clone(), entrance.clone(), (seen, stay)).instrument(span)
    };
    accept(listener, accepting, handle, move |stream, full| turn_away(stream, tls.clone(), full, vouched.clone()))
        .await;
}

/// Runs `handle` for each connection until the entrance closes and all have ended; those that take too long are dropped. Who
/// can't stay is told so by `turn_away`.
pub async fn accept<F, Fut, T, Told>(listener: TcpListener, entrance: Entrance, handle: F, turn_away: T)
where
    F: Fn(TcpStream, IpAddr, Stay) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
    T: Fn(TcpStream, Full) -> Told + Send + Sync + 'static,
    Told: Future<Output = ()> + Send + 'static,
{
    let (handle, turn_away) = (Arc::new(handle), Arc::new(turn_away));
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = entrance.closing.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, canonical(peer)),
            Err(error) => {
                entrance.crowd.make_room();
                rest_after(&error).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let counted = Some(peer).filter(|peer| entrance.limited && !entrance.trusted.believes(*peer));
        match entrance.admit(counted).await {
            Ok(place) => {
                let stay = Stay::new(place, tasks.token());
                let (entrance, handle, turn_away) = (entrance.clone(), handle.clone(), turn_away.clone());
                let received = entrance.receive((stream, peer), stay.clone(), handle, turn_away);
                tasks.spawn(unless_it_must_leave(received, stay));
            }
            Err(full) => {
                tracing::debug!(%peer, ?full, "a connection was turned away");
                let Some(telling) = entrance.crowd.telling() else { continue };
                let told = timeout(TELLING_MOST, turn_away(stream, full));
                tasks.spawn(async move {
                    let _ = told.await;
                    drop(telling);
                });
            }
        }
    }
    tasks.close();
    let _ = timeout(CLOSING_GRACE, tasks.wait()).await;
}

impl Entrance {
    /// A place for who comes; where some are on their way out, once they are.
    async fn admit(&self, counted: Option<IpAddr>) -> Result<Place, Full> {
        for _ in 0..ROOM_LOOKS {
            match self.crowd.enter(self.door, counted) {
                Err(Full::House) if self.crowd.makes_room() => tokio::time::sleep(ROOM_EVERY).await,
                entered => return entered,
            }
        }
        Err(Full::House)
    }
}

/// Tells the log of a handshake that came to nothing: once a minute for each who fails in that way. Who only hung up is nobody to tell of.
pub fn note_handshake<S>(failed: &Tally, visitor: &Visitor, shaken: Result<io::Result<S>, Elapsed>) {
    let peer = visitor.address;
    let why = match shaken {
        Ok(Ok(_)) => return,
        Ok(Err(error)) if is_hanging_up(&error) => return tracing::debug!(%peer, %error, "a TLS handshake was left"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "too slow".to_owned(),
    };
    failed.note_of(visitor, "", &why);
}

fn is_hanging_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

impl Entrance {
    /// Handles who came, once it is known who that is.
    async fn receive<F, Fut, T, Told>(
        self,
        (stream, peer): (TcpStream, IpAddr),
        stay: Stay,
        handle: Arc<F>,
        turn_away: Arc<T>,
    ) where
        F: Fn(TcpStream, IpAddr, Stay) -> Fut,
        Fut: Future<Output = ()>,
        T: Fn(TcpStream, Full) -> Told,
        Told: Future<Output = ()>,
    {
        let Some((stream, visitor)) = who(stream, peer, &self).await else { return };
        if visitor == peer || !self.limited {
            return handle(stream, visitor, stay).await;
        }
        match stay.of_visitor(self.door, visitor) {
            Ok(stay) => handle(stream, visitor, stay).await,
            Err(full) => {
                tracing::debug!(%visitor, ?full, "a connection was turned away");
                let _ = timeout(TELLING_MOST, turn_away(stream, full)).await;
            }
        }
    }
}

/// Who has said nothing and must make room for others is dropped.
async fn unless_it_must_leave(handled: impl Future<Output = ()>, stay: Stay) {
    tokio::select! {
        () = handled => {}
        () = stay.must_leave() => {}
    }
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
    match timeout(entrance.silence, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => connection(stream, peer, router, &entrance, stay).await,
        failed => note_handshake(&entrance.failed_handshakes, &Peer(peer).at(entrance.door), failed),
    }
}

async fn connection<S>(stream: S, peer: IpAddr, router: Router, entrance: &Entrance, stay: (sight::Connection, Stay))
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (seen, stay) = stay;
    let watch = Watch::new(stay.clone());
    let vouched = entrance.vouched.load(Ordering::Relaxed);
    let stream = TokioIo::new(Watched::new(stream, watch.clone(), entrance.silence, vouched));
    let (door, limited, trusted) = (entrance.door, entrance.limited, entrance.trusted.clone());
    let vouched = entrance.vouched.clone();
    let guest = Guest { peer, door, limited, trusted, vouched, seen, stay, watch: watch.clone() };
    let service = hyper::service::service_fn(move |request| guest.ask(router.clone(), request));
    let mut builder = Builder::new(TokioExecutor::new());
    // Heads are timed by the stream, which tells one that does not come from a connection that rests.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(BUFFER_MOST);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(Duration::from_secs(30)));
    let connection = builder.serve_connection_with_upgrades(stream, service);
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = entrance.closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = watch.is_late() => {
            connection.as_mut().graceful_shutdown();
            timeout(PARTING_MOST, connection).await.unwrap_or(Ok(()))
        }
        () = watch.is_unread() => return tracing::debug!(%peer, "an answer was not taken"),
    };
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "an HTTP connection ended badly");
    }
}

/// Who is at the other end of a connection, as far as its requests are concerned.
struct Guest {
    peer: IpAddr,
    door: &'static str,
    limited: bool,
    trusted: Proxies,
    vouched: Arc<AtomicBool>,
    seen: sight::Connection,
    stay: Stay,
    watch: Watch,
}

impl Guest {
    /// Has a request answered, if whoever it comes from may have another connection.
    fn ask(
        &self,
        router: Router,
        mut request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        let (door, watch) = (self.door, self.watch.clone());
        let visitor = proxy::visitor(self.peer, &self.trusted, request.headers());
        let counts = self.limited && visitor != self.peer;
        let stay = if counts { self.stay.of_visitor(door, visitor) } else { Ok(self.stay.clone()) };
        let answering = watch.request(stay.as_ref().unwrap_or(&self.stay).clone());
        request.extensions_mut().insert(Peer(visitor));
        request.extensions_mut().insert(Through(self.peer));
        request.extensions_mut().insert(self.seen.clone());
        let vouched = self.vouched.load(Ordering::Relaxed);
        async move {
            let mut answer = match stay {
                Ok(stay) => {
                    request.extensions_mut().insert(stay);
                    paced(router, request, door).await?
                }
                Err(full) => full.into_response(),
            };
            match answer.status() {
                StatusCode::SWITCHING_PROTOCOLS => watch.upgraded(),
                _ => headers::complete(answer.headers_mut(), vouched),
            }
            Ok(answer.map(|body| answering.body(body)))
        }
    }
}

/// Has a request answered whose body must come at some pace.
async fn paced(mut router: Router, request: Request<Incoming>, door: &'static str) -> Result<Response, Infallible> {
    let changes = !request.method().is_safe();
    let late = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| Body::new(Paced::new(body, late.clone())));
    let answer = answered(router.call(request), changes).await?;
    let failed = answer.status().is_client_error() || answer.status().is_server_error();
    Ok(if failed && late.load(Ordering::Relaxed) { too_slow(door) } else { answer })
}

/// A body did not come in time. What was kept of it is the door's to know; this says why no more was waited for.
fn too_slow(door: &'static str) -> Response {
    const WHY: &str = "The request's body did not come in time, or too slowly.";
    let close = [(header::CONNECTION, "close")];
    if door == "http" {
        let told = serde_json::json!({ "error": WHY, "detail": WHY, "success": false });
        return (StatusCode::REQUEST_TIMEOUT, close, axum::Json(told)).into_response();
    }
    (StatusCode::REQUEST_TIMEOUT, close, WHY).into_response()
}

impl IntoResponse for Full {
    fn into_response(self) -> Response {
        let status = match self {
            Self::House => StatusCode::SERVICE_UNAVAILABLE,
            Self::Network => StatusCode::TOO_MANY_REQUESTS,
        };
        let mut answer = (status, [(header::CONNECTION, "close")], format!("{}\n", self.words())).into_response();
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
        answer
    }
}

/// Answers one request of somebody who can't stay.
async fn turn_away(stream: TcpStream, tls: Option<TlsAcceptor>, full: Full, vouched: Arc<AtomicBool>) {
    let vouched = vouched.load(Ordering::Relaxed);
    match tls {
        None => answer_once(stream, full, vouched).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer_once(stream, full, vouched).await;
            }
        }
    }
}

async fn answer_once<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, full: Full, vouched: bool) {
    let service = hyper::service::service_fn(move |_: Request<Incoming>| async move {
        let mut answer = full.into_response();
        headers::complete(answer.headers_mut(), vouched);
        Ok::<_, Infallible>(answer)
    });
    if let Err(error) = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "somebody who can't stay was not told so");
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
