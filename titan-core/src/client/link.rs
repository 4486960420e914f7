//! The background task of a client: it owns the socket, keeps it alive, brings it back, and carries calls and events.
//!
//! It reads and writes in separate tasks, so that a server that is slow to read stops no deliveries. Whatever arrived
//! together is written to the cache in one transaction, and handed on only then.

mod handshake;
mod intake;
mod outbox;
mod queue;
mod writer;

pub(super) use handshake::ask_once;

use std::{collections::HashSet, future::Future, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt, stream::SplitStream};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_tungstenite::tungstenite::Message;

use self::{queue::Outbox, writer::Writer};
use super::{
    ClientEvent, Connection, Error, Range, Shared,
    backoff::Backoff,
    call::{Asker, Call, Calls},
    order::Order,
    outlet::Outlet,
    socket::Socket,
};
use crate::{
    ConversationId,
    protocol::{Fault, FaultCode, ask::History},
};

/// Calls under way at once. Beyond them callers wait.
const CALLS_MOST: usize = 1024;
/// Frames taken from the socket at once; they share a transaction of the cache.
const FRAMES_MOST: usize = 256;
/// Entries asked for at once where some are missing.
const PAGE: u32 = 200;
/// The wait after a fault that passes, where the server names none.
const TRY_AGAIN: Duration = Duration::from_secs(3);
/// A connection that held this long makes the next failure the first one.
const HELD: Duration = Duration::from_secs(5);

/// Why there is no connection.
pub(super) enum Broken {
    /// Every handle was dropped.
    Gone,
    /// Trying again would not help.
    Ended(Error),
    Lost {
        error: Error,
        retry_after: Option<Duration>,
    },
}

impl Broken {
    pub fn into_error(self) -> Error {
        match self {
            Self::Gone => Error::network("the connection was given up"),
            Self::Ended(error) | Self::Lost { error, .. } => error,
        }
    }

    fn lost(why: impl Into<String>) -> Self {
        Error::network(why).into()
    }
}

/// Whether a fault is one that waiting helps against.
fn passes(fault: &Fault) -> bool {
    matches!(fault.code, FaultCode::RateLimited | FaultCode::Unavailable | FaultCode::Internal)
}

/// How long to wait then: as the server says, or some time.
fn wait_after(fault: &Fault) -> Duration {
    fault.retry_after_ms.map_or(TRY_AGAIN, Duration::from_millis)
}

/// What a failed attempt means: to try again, or not.
impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        match &error {
            Error::Fault(fault) if passes(fault) => {
                let retry_after = fault.retry_after_ms.map(Duration::from_millis);
                Self::Lost { error, retry_after }
            }
            // Who is not believed now will not be in a moment, and every attempt is one more for whoever listens in.
            Error::Fault(_) | Error::BadUrl(_) | Error::Untrusted(_) => Self::Ended(error),
            _ => Self::Lost { error, retry_after: None },
        }
    }
}

pub(super) struct Link {
    shared: Arc<Shared>,
    asked: mpsc::Receiver<Call>,
    outlet: Outlet,
    state: watch::Sender<Connection>,
    calls: Calls,
    order: Order,
    outbox: Outbox,
    backoff: Backoff,
    /// My conversations, once they are known.
    known: Option<HashSet<ConversationId>>,
    /// The house's epoch, once a server told it.
    epoch: Option<String>,
    /// The stream is still being resumed: a `caught_up` will say when it is at its head.
    resuming: bool,
    /// Until then no missing entries are asked for: the server was too busy.
    ask_from: Option<Instant>,
    cache_failed: bool,
}

/// An open, logged-in connection.
pub(super) struct Live {
    reader: SplitStream<Socket>,
    writer: Writer,
    since: Instant,
    heard: Instant,
    pinged: bool,
}

impl Link {
    pub fn new(
        shared: Arc<Shared>,
        asked: mpsc::Receiver<Call>,
        outlet: Outlet,
        state: watch::Sender<Connection>,
    ) -> Self {
        let backoff = Backoff::new(shared.options.pace.backoff_most);
        Self {
            shared,
            asked,
            outlet,
            state,
            calls: Calls::default(),
            order: Order::default(),
            outbox: Outbox::default(),
            backoff,
            known: None,
            epoch: None,
            resuming: false,
            ask_from: None,
            cache_failed: false,
        }
    }

    /// Runs until every handle is dropped, or coming back is hopeless.
    pub async fn run(mut self, mut live: Option<Live>) {
        loop {
            let broken = match live.take() {
                Some(live) => self.serve(live).await,
                None => match self.open().await {
                    Ok(opened) => {
                        live = Some(opened);
                        continue;
                    }
                    Err(broken) => broken,
                },
            };
            match broken {
                Broken::Gone => return,
                Broken::Ended(error) => return self.end(&error).await,
                Broken::Lost { error, retry_after } => {
                    if self.wait(&error, retry_after).await.is_none() {
                        return;
                    }
                }
            }
        }
    }

    /// Carries calls and events until the connection breaks.
    async fn serve(&mut self, mut live: Live) -> Broken {
        let broken = loop {
            if let Err(broken) = self.turn(&mut live).await {
                break broken;
            }
        };
        if live.since.elapsed() >= HELD {
            self.backoff.reset();
        }
        if let Broken::Gone = broken {
            live.writer.close().await;
        }
        broken
    }

    /// One turn: whatever happens next.
    async fn turn(&mut self, live: &mut Live) -> Result<(), Broken> {
        self.ask_for_missing();
        self.send_queued();
        self.send_calls(live);
        let shared = self.shared.clone();
        let deadline = self.deadline(live);
        tokio::select! {
            frame = live.reader.next() => self.read(live, frame)?,
            call = self.asked.recv(), if self.calls.len() < CALLS_MOST => self.calls.add(call.ok_or(Broken::Gone)?),
            () = self.outlet.drain(), if self.outlet.has_backlog() => {}
            () = live.writer.ready(), if !live.writer.has_room() => {}
            () = shared.queued.notified() => self.outbox.look(),
            () = shared.nudge.notified() => live.ping(),
            () = tokio::time::sleep_until(deadline) => self.keep_alive(live)?,
        }
        if live.writer.is_broken() {
            return Err(Broken::lost("the connection broke while writing"));
        }
        Ok(())
    }

    /// Takes the frame, and all that came with it.
    fn read(&mut self, live: &mut Live, first: Option<Result<Message, WsError>>) -> Result<(), Broken> {
        live.heard = Instant::now();
        live.pinged = false;
        let mut texts = Vec::new();
        let mut next = first;
        let broken = loop {
            match next {
                Some(Ok(Message::Text(text))) => texts.push(text),
                Some(Ok(Message::Close(_))) | None => break Some(Broken::lost("the server closed the connection")),
                Some(Ok(_)) => {}
                Some(Err(error)) => break Some(broke(error).into()),
            }
            if texts.len() == FRAMES_MOST {
                break None;
            }
            match live.reader.next().now_or_never() {
                Some(frame) => next = frame,
                None => break None,
            }
        };
        // What came before the end counts, a goodbye above all.
        self.take_in(&texts)?;
        broken.map_or(Ok(()), Err)
    }

    fn send_calls(&mut self, live: &mut Live) {
        while live.writer.has_room() {
            match self.calls.next_to_send() {
                Some(text) => live.writer.write(text),
                None => return,
            }
        }
    }

    /// Where entries are missing and the stream will not bring them, the log is asked.
    fn ask_for_missing(&mut self) {
        self.ask_from = self.ask_from.filter(|from| *from > Instant::now());
        if self.resuming || self.ask_from.is_some() || !self.outlet.has_room(PAGE as usize) {
            return;
        }
        for (conversation, after) in self.order.missing() {
            let page = History::of(conversation, Range::After(after), PAGE);
            self.calls.add(Call::own(page.into(), Asker::Gap(conversation)));
        }
    }

    fn deadline(&self, live: &Live) -> Instant {
        let pace = &self.shared.options.pace;
        let alive = live.heard + if live.pinged { pace.dead } else { pace.ping };
        [self.calls.next_give_up(), self.outbox.next_try(), self.ask_from]
            .into_iter()
            .flatten()
            .fold(alive, Instant::min)
    }

    fn keep_alive(&mut self, live: &mut Live) -> Result<(), Broken> {
        let pace = self.shared.options.pace;
        let silence = live.heard.elapsed();
        self.calls.give_up(Instant::now());
        if silence >= pace.dead {
            return Err(Broken::lost(format!("nothing was heard of the server for {} s", pace.dead.as_secs())));
        }
        if silence >= pace.ping && !live.pinged {
            live.ping();
        }
        Ok(())
    }

    /// Waits before the next attempt; none if every handle was dropped meanwhile.
    async fn wait(&mut self, error: &Error, retry_after: Option<Duration>) -> Option<()> {
        let why = error.to_string();
        self.lose(&why);
        let retry_in = self.backoff.next(retry_after);
        self.announce(Connection::Waiting { retry_in, why });
        let shared = self.shared.clone();
        self.meanwhile(async move {
            tokio::select! {
                () = tokio::time::sleep(retry_in) => {}
                () = shared.nudge.notified() => {}
            }
        })
        .await
    }

    fn lose(&mut self, why: &str) {
        self.calls.connection_lost(why);
        self.outbox.connection_lost();
        self.resuming = false;
        self.ask_from = None;
    }

    /// Does something that takes time, and looks after callers and the reader of events meanwhile. None if every handle was
    /// dropped.
    async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            let never = Instant::now() + Duration::from_secs(86_400);
            let give_up = self.calls.next_give_up().unwrap_or(never);
            tokio::select! {
                done = &mut work => return Some(done),
                call = self.asked.recv(), if self.calls.len() < CALLS_MOST => self.calls.add(call?),
                () = self.outlet.drain(), if self.outlet.has_backlog() => {}
                () = tokio::time::sleep_until(give_up) => self.calls.give_up(Instant::now()),
            }
        }
    }

    /// Says why there will be no more attempts, and hands out what is left.
    async fn end(mut self, error: &Error) {
        let why = error.to_string();
        let untrusted = if let Error::Untrusted(server) = error { Some(server.clone()) } else { None };
        self.announce(Connection::Ended { why: why.clone(), untrusted });
        self.asked.close();
        while let Ok(call) = self.asked.try_recv() {
            self.calls.add(call);
        }
        self.calls.end(|| match error {
            Error::Fault(fault) => Error::Fault(fault.clone()),
            Error::Untrusted(server) => Error::Untrusted(server.clone()),
            _ => Error::network(why.clone()),
        });
        while self.outlet.has_backlog() {
            self.outlet.drain().await;
        }
    }

    fn announce(&mut self, connection: Connection) {
        self.state.send_replace(connection.clone());
        self.outlet.push(ClientEvent::Connection(connection));
    }

    /// Passes on what the cache has to say, and says once that it fails; chat goes on without it.
    fn cached<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        let notes = self.shared.options.cache.as_ref().map(crate::cache::Cache::notes).unwrap_or_default();
        for note in notes {
            self.outlet.push(ClientEvent::Notice(note));
        }
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                if !std::mem::replace(&mut self.cache_failed, true) {
                    let notice = format!("History is not being kept on this machine just now: {error}");
                    self.outlet.push(ClientEvent::Notice(notice));
                }
                None
            }
        }
    }
}

impl Live {
    fn ping(&mut self) {
        self.pinged = true;
        self.writer.ping();
    }
}

/// The socket failed.
fn broke(error: WsError) -> Error {
    Error::broken(format!("the connection broke: {error}"), error)
}

type WsError = tokio_tungstenite::tungstenite::Error;
