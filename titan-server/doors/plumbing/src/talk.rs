//! One conversation over a [`Wire`], from its first request to its end: what the doors that speak in frames or lines have
//! in common.
//!
//! A single task owns the connection. It takes requests in, lets them be done in their lane, and writes replies and
//! deliveries, many frames a flush. A door brings its words by [`Talk`]: how a frame is read, how an event is told.

mod words;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};
use tracing::{Instrument, Span};

pub use super::wire::Unreadable;
pub use words::{Asked, Caller, Done, Entered, Manner, Talk, Unable};

use super::lane::Lane;
use super::wire::{Gone, Heard, Parting, Wire};
use super::{House, sight};
use titan_hub::switchboard::{Delivery, Ending, Next};
use titan_hub::{Asker, Session, Visitor};

/// Signs of life that are asked for before a silent peer is given up.
const PINGS_UNANSWERED: u32 = 3;
/// At the end, what was begun may take so long, and so may saying why.
const FINISHING_MOST: Duration = Duration::from_secs(1);
/// A peer that says no more hears what its last requests brought about, until nothing has come for so long.
const QUIET: Duration = Duration::from_millis(100);
/// After so many batches of deliveries in a row the peer is listened to, or in a busy room a slow reader could say nothing.
const BATCHES_IN_A_ROW: u32 = 8;
/// Bytes of replies that are gathered before they are written.
const GATHERED_MOST: usize = 64 * 1024;

/// Talks with a stranger until one side has had enough.
pub fn converse(
    wire: impl Wire + 'static,
    house: House,
    visitor: Visitor,
    talk: impl Talk,
) -> impl Future<Output = ()> + Send + 'static {
    converse_with(wire, house, visitor, talk, None)
}

/// Talks with somebody who may have logged in before the conversation began. To be called where it will run.
///
/// No `async fn`: as long as the conversation lasts it would keep room for what it was called with, beside the connection
/// that was made of that.
pub fn converse_with(
    wire: impl Wire + 'static,
    house: House,
    visitor: Visitor,
    talk: impl Talk,
    entered: Option<Arc<Entered>>,
) -> impl Future<Output = ()> + Send + 'static {
    let seen = sight::Connection::new(&visitor);
    entered.iter().for_each(|entered| seen.entered(&entered.session));
    let span = seen.standing();
    let asker = Asker::new(&visitor, entered.as_ref().map(|entered| &entered.session.author.username));
    let login_by = Instant::now();
    let speaks_by = Some(login_by + house.silence);
    let mut connection = Connection {
        wire,
        house,
        visitor: Arc::new(visitor),
        seen,
        talk,
        entered,
        lane: Lane::default(),
        entering: false,
        hushed: 0,
        batches: 0,
        ping: None,
        last_heard: login_by,
        login_by,
        speaks_by,
    };
    connection.ping = connection.pings();
    connection.await_login();
    let talking = async move {
        let farewell = connection.run().await;
        // Boxed, so that a connection carries no room for its end while it lasts.
        Box::pin(connection.close(farewell)).await;
    };
    asker.asks(talking.instrument(span))
}

struct Connection<W, T> {
    wire: W,
    house: House,
    visitor: Arc<Visitor>,
    seen: sight::Connection,
    talk: T,
    entered: Option<Arc<Entered>>,
    lane: Lane<(Manner, Done)>,
    /// A login is under way.
    entering: bool,
    /// Requests under way whose replies go out before any event.
    hushed: usize,
    /// Batches of deliveries since the peer was listened to.
    batches: u32,
    /// When the wire is next asked for a sign of life; none where it can't be.
    ping: Option<Interval>,
    last_heard: Instant,
    login_by: Instant,
    /// By then who connected must have asked something; none once they have.
    speaks_by: Option<Instant>,
}

/// What happens next on a connection.
enum Step {
    Done(Box<(Manner, Done)>),
    Hear(Next),
    Peer(Heard),
    Ping,
    LoginTooLate,
    Closing,
}

/// How a connection ends.
enum Farewell {
    /// Nobody is there to hear why.
    Silent,
    /// The peer has said everything, and hears what that came to.
    Over,
    /// A reply was the last word.
    Done,
    Said {
        last: Option<Bytes>,
        parting: Parting,
        reason: &'static str,
    },
}

impl From<Unable> for Farewell {
    fn from(unable: Unable) -> Self {
        match unable {
            Unable::Unread => said(Parting::Failed, "the server failed"),
            Unable::Over => said(Parting::Policy, "there is nothing more to hear for you"),
        }
    }
}

impl From<Gone> for Farewell {
    fn from(_: Gone) -> Self {
        Self::Silent
    }
}

impl<W: Wire, T: Talk> Connection<W, T> {
    async fn run(&mut self) -> Farewell {
        loop {
            let proceeded = match self.step().await {
                Step::Done(done) => self.answer(*done).await,
                Step::Hear(Next::Deliveries(deliveries)) => self.deliver(&deliveries).await,
                Step::Hear(Next::Trouble(error)) => self.rest_after(&error).await,
                Step::Hear(Next::Ended(ending)) => Err(self.ended(&ending)),
                Step::Peer(heard) => self.take(heard),
                Step::Ping => self.ping().await,
                Step::LoginTooLate => Err(self.too_late()),
                Step::Closing => Err(self.ended(&Ending::closing())),
            };
            if let Err(farewell) = proceeded {
                return farewell;
            }
        }
    }

    async fn step(&mut self) -> Step {
        let entered = self.entered.clone().filter(|_| self.hushed == 0);
        let stranger = self.entered.is_none();
        let listen = async {
            match &entered {
                Some(entered) => entered.attachment.next().await,
                None => std::future::pending().await,
            }
        };
        let reading = self.lane.has_room() && !self.entering;
        if reading
            && self.batches >= BATCHES_IN_A_ROW
            && let Some(heard) = self.wire.hear().now_or_never()
        {
            return Step::Peer(heard);
        }
        tokio::select! {
            biased;
            done = self.lane.next() => Step::Done(Box::new(done)),
            next = listen => Step::Hear(next),
            heard = self.wire.hear(), if reading => Step::Peer(heard),
            () = tick(&mut self.ping) => Step::Ping,
            () = sleep_until(self.speaks_by.map_or(self.login_by, |by| by.min(self.login_by))), if stranger && !self.entering => Step::LoginTooLate,
            () = self.house.closing.cancelled(), if stranger => Step::Closing,
        }
    }

    fn take(&mut self, heard: Heard) -> Result<(), Farewell> {
        self.last_heard = Instant::now();
        self.batches = 0;
        if matches!(heard, Heard::Text(_) | Heard::Unreadable(_)) || T::A_SIGN_IS_ENOUGH && matches!(heard, Heard::Sign)
        {
            self.speaks_by = None;
            self.wire.spoke();
        }
        match heard {
            Heard::Text(text) => self.ask(&text),
            Heard::Unreadable(why) => self.push(Asked::answered(self.talk.unreadable(why))),
            Heard::Sign => {}
            Heard::TooLong => {
                let last = Some(self.talk.unreadable(Unreadable::TooLong));
                return Err(Farewell::Said { last, parting: Parting::TooLong, reason: "request too long" });
            }
            Heard::Broken(parting) => return Err(said(parting, "not the WebSocket protocol")),
            Heard::Over => return Err(Farewell::Over),
            Heard::Gone => return Err(Farewell::Silent),
        }
        Ok(())
    }

    fn ask(&mut self, text: &str) {
        let Self { house, visitor, entered, .. } = self;
        let asked = self.talk.request(Caller { house, visitor, entered: entered.as_ref() }, text);
        self.push(asked);
    }

    fn push(&mut self, Asked { manner, called, work }: Asked) {
        let span = called.map_or_else(Span::none, |(what, number)| self.span_of(manner, &what, number));
        self.entering |= manner.enters;
        self.hushed += usize::from(manner.hushes);
        self.lane.push(manner.overlaps, work.map(move |done| (manner, done)).instrument(span));
    }

    fn span_of(&self, manner: Manner, what: &str, number: Option<u64>) -> Span {
        if manner.overlaps {
            return self.seen.frequent_request(what, number);
        }
        self.seen.request(self.session(), what, number)
    }

    fn session(&self) -> Option<&Session> {
        self.entered.as_ref().map(|entered| &entered.session)
    }

    /// Writes what has been done, with whatever else is done by now.
    async fn answer(&mut self, done: (Manner, Done)) -> Result<(), Farewell> {
        let mut gathered = 0;
        let mut frames = Vec::new();
        let mut next = Some(done);
        let mut ends = false;
        while let Some((manner, done)) = next {
            ends = done.ends;
            let frame = self.settle(manner, done);
            gathered += frame.as_ref().map_or(0, Bytes::len);
            frames.extend(frame);
            next = if gathered < GATHERED_MOST && !ends { self.lane.next().now_or_never() } else { None };
        }
        self.write(frames).await?;
        if ends { Err(Farewell::Done) } else { Ok(()) }
    }

    fn settle(&mut self, manner: Manner, done: Done) -> Option<Bytes> {
        if manner.enters {
            self.entering = false;
            self.await_login();
        }
        self.hushed -= usize::from(manner.hushes);
        if let Some(entered) = done.entered {
            self.seen.entered(&entered.session);
            self.entered = Some(entered);
        }
        done.frame
    }

    fn await_login(&mut self) {
        self.login_by = Instant::now() + T::LOGIN_TIMEOUT;
    }

    async fn deliver(&mut self, deliveries: &[Arc<Delivery>]) -> Result<(), Farewell> {
        let Some(entered) = self.entered.clone() else { return Ok(()) };
        self.batches += 1;
        let mut frames = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            match self.talk.tell(&entered, delivery).await {
                Ok(told) => frames.extend(told),
                Err(unable) => {
                    self.write(frames).await?;
                    return Err(unable.into());
                }
            }
        }
        self.write(frames).await
    }

    /// Feeds all frames, then flushes once, while what is under way goes on.
    async fn write(&mut self, frames: Vec<Bytes>) -> Result<(), Farewell> {
        let Self { wire, lane, .. } = self;
        let writing = async {
            for frame in frames {
                wire.feed(frame).await?;
            }
            wire.flush().await
        };
        tokio::select! {
            biased;
            written = writing => Ok(written?),
            never = lane.carry_on() => match never {},
        }
    }

    async fn ping(&mut self) -> Result<(), Farewell> {
        if W::SILENCE_MOST.is_some_and(|most| self.last_heard.elapsed() > most) {
            return Err(Farewell::Silent);
        }
        Ok(self.wire.ping().await?)
    }

    fn pings(&self) -> Option<Interval> {
        let every = W::SILENCE_MOST? / PINGS_UNANSWERED;
        let first = if T::A_SIGN_IS_ENOUGH { every.min(self.house.silence / 2) } else { every };
        let mut ping = interval_at(Instant::now() + first, every);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(ping)
    }

    /// The log can't be read: the database is busy or the disk is full. It will be read again.
    async fn rest_after(&mut self, error: &impl std::fmt::Display) -> Result<(), Farewell> {
        let told = || tracing::warn!(%error, "a connection can't read the log just now");
        self.seen.span(self.session()).in_scope(told);
        tokio::select! {
            () = sleep(Duration::from_millis(500)) => Ok(()),
            never = self.lane.carry_on() => match never {},
        }
    }

    fn too_late(&self) -> Farewell {
        let silent = self.speaks_by.is_some_and(|by| by <= Instant::now());
        let reason = if silent { "nothing was asked here in time" } else { "nobody logged in here in time" };
        Farewell::Said { last: self.talk.too_late(), parting: Parting::Policy, reason }
    }

    fn ended(&self, ending: &Ending) -> Farewell {
        let (parting, reason) = match ending.retry_after_ms {
            Some(_) => (Parting::Away, "the server is shutting down"),
            None => (Parting::Policy, "the session has ended"),
        };
        Farewell::Said { last: self.talk.goodbye(ending), parting, reason }
    }

    /// Finishes what was begun, says why, and closes.
    async fn close(mut self, farewell: Farewell) {
        let (last, parting, reason) = match farewell {
            Farewell::Silent => return self.leave().await,
            Farewell::Done => (None, Parting::Done, ""),
            Farewell::Over => {
                let _ = timeout(FINISHING_MOST, self.hear_out()).await;
                (None, Parting::Done, "")
            }
            Farewell::Said { last, parting, reason } => {
                let _ = timeout(FINISHING_MOST, self.finish()).await;
                (last, parting, reason)
            }
        };
        let session = self.gone();
        let written = timeout(FINISHING_MOST, self.write(last.into_iter().collect())).await;
        if let Some(session) = session {
            self.talk.left(session).await;
        }
        if let Ok(Ok(())) = written {
            self.wire.close(parting, reason).await;
        }
    }

    async fn leave(&mut self) {
        if let Some(session) = self.gone() {
            self.talk.left(session).await;
        }
    }

    /// Whoever it was listens no more.
    fn gone(&mut self) -> Option<Session> {
        self.entered.take().map(|entered| entered.session.clone())
    }

    async fn finish(&mut self) -> Result<(), Farewell> {
        while !self.lane.is_empty() {
            let done = self.lane.next().await;
            self.answer(done).await?;
        }
        Ok(())
    }

    /// Finishes, then waits for what the last requests brought about: what somebody said comes back to them as an event.
    async fn hear_out(&mut self) -> Result<(), Farewell> {
        self.finish().await?;
        while let Some(entered) = self.entered.clone()
            && let Ok(Next::Deliveries(deliveries)) = timeout(QUIET, entered.attachment.next()).await
        {
            self.deliver(&deliveries).await?;
        }
        Ok(())
    }
}

fn said(parting: Parting, reason: &'static str) -> Farewell {
    Farewell::Said { last: None, parting, reason }
}

/// Waits for the next ping's time, for ever where there are none.
async fn tick(ping: &mut Option<Interval>) {
    match ping {
        Some(ping) => drop(ping.tick().await),
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
