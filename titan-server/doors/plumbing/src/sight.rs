//! Spans: what a line of the log belongs to, from the connection to the request.
//!
//! A request is in a span of its own, within that of its [`Connection`]; the account is noted once somebody has logged in.
//! What people say never stands in a field, nor a secret: a request is named by its word or its route, not by what came
//! with it. Deliveries have no span of their own: there are too many of them. What was done to whom, and who was refused,
//! is told in lines of one form by the hub (`titan_hub::journal`), within these.
//!
//! Most connections say nothing most of the time, and a span costs as much memory as half of what else a connection holds:
//! so that of a connection stands all its life only at `debug`, and is otherwise made for the requests that need it.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::{self, Empty};
use tracing::{Instrument, Span};

use super::Peer;
use titan_hub::{Asker, Session, Visitor};

/// By which a client and the log name the same request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of a request's id that a client chose.
const ID_MOST: usize = 64;

/// Somebody's stay at a door, as the log knows it.
#[derive(Clone)]
pub struct Connection {
    door: &'static str,
    address: IpAddr,
    id: Id,
    /// All its life; nothing below `debug`.
    standing: Span,
}

impl Connection {
    pub fn new(visitor: &Visitor) -> Self {
        let (Visitor { door, address, .. }, id) = (visitor, Id::next());
        let standing = tracing::debug_span!("connection", %door, %address, %id, account = Empty);
        Self { door, address: *address, id, standing }
    }

    /// The span of all that is done here, where one stands.
    pub fn standing(&self) -> Span {
        self.standing.clone()
    }

    /// Notes who it turned out to be.
    pub fn entered(&self, session: &Session) {
        self.standing.record("account", session.author.username.as_str());
    }

    /// The span of the connection, for what is worth a line.
    pub fn span(&self, session: Option<&Session>) -> Span {
        if !self.standing.is_disabled() {
            return self.standing();
        }
        let Self { door, address, id, .. } = self;
        let account = session.map(|session| session.author.username.as_str());
        tracing::info_span!(parent: None, "connection", %door, %address, %id, account)
    }

    /// The span of a request in frames or lines: its word, and its number where its client gave it one.
    pub fn request(&self, session: Option<&Session>, what: &str, number: Option<u64>) -> Span {
        tracing::info_span!(parent: &self.span(session), "request", id = %Id::next(), what, number)
    }

    /// The same for messages and their like, which come by the thousand: seen from `debug` on.
    pub fn frequent_request(&self, what: &str, number: Option<u64>) -> Span {
        tracing::debug_span!(parent: &self.standing, "request", id = %Id::next(), what, number)
    }
}

/// Notes in the span of this HTTP request who it turned out to be.
pub fn entered(session: &Session) {
    Span::current().record("account", session.author.username.as_str());
}

/// Answers an HTTP request within its span, and says by which id the log has it: the client's, if that is well-formed.
pub async fn http_request(request: Request, next: Next) -> Response {
    let id = id_of(&request);
    let span = span_of(&request, &id);
    let asker = asker_of(&request);
    let mut response = asker.asks(next.run(request).instrument(span.clone())).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Somebody at the port; the door, and who it is, turn out later.
fn asker_of(request: &Request) -> Asker {
    let unknown = Peer(Ipv4Addr::UNSPECIFIED.into());
    Asker::new(&request.extensions().get::<Peer>().copied().unwrap_or(unknown).at("http"), None)
}

/// By its route: the path itself may hold a token.
fn span_of(request: &Request, id: &HeaderValue) -> Span {
    let extensions = request.extensions();
    let over = extensions.get::<Connection>().map_or_else(Span::none, |connection| connection.span(None));
    let id = id.to_str().unwrap_or_default();
    let route = extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let what = format!("{} {route}", request.method());
    let address = extensions.get::<Peer>().map(|Peer(address)| field::display(*address as IpAddr));
    tracing::info_span!(parent: &over, "request", %id, what, address, account = Empty)
}

fn id_of(request: &Request) -> HeaderValue {
    let given = request.headers().get(&REQUEST_ID).filter(|given| is_well_formed(given.as_bytes()));
    let own = || HeaderValue::from_str(&Id::next().to_string()).unwrap_or(HeaderValue::from_static("-"));
    given.cloned().unwrap_or_else(own)
}

fn is_well_formed(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=ID_MOST).contains(&id.len()) && id.iter().all(plain)
}

/// A number that comes once in the life of a server, and hardly twice in those of several.
#[derive(Clone, Copy)]
struct Id(u64);

impl Id {
    fn next() -> Self {
        static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(RandomState::new().hash_one("id")));
        Self(NEXT.fetch_add(1, Ordering::Relaxed) & 0xff_ffff_ffff)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_be_mistaken_for_something_else_is_not_taken() {
        for taken in ["a", "0af7651916cd43dd8448eb211c80319c", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "A.b_c"] {
            assert!(is_well_formed(taken.as_bytes()), "{taken}");
        }
        for refused in ["", "a b", "a\nb", "a\"b", "a=b", "é", "\u{1b}[31m", &"x".repeat(ID_MOST + 1)] {
            assert!(!is_well_formed(refused.as_bytes()), "{refused:?}");
        }
    }

    #[test]
    fn no_two_ids_are_alike() {
        let ids: std::collections::HashSet<_> = (0..1_000).map(|_| Id::next().to_string()).collect();
        assert_eq!((ids.len(), ids.iter().all(|id| id.len() == 10)), (1_000, true));
    }
}
