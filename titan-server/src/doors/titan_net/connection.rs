//! One Titan-Net connection, from upgrade to close. One task owns it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use titan_core::SafeText;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};

use super::event::{self, Place};
use super::perform::{self, Done, Entered, Manner, NOT_AUTHENTICATED};
use super::reply::Refusal;
use super::request::Frame;
use crate::doors::House;
use crate::doors::lane::Lane;
use crate::doors::socket::{CloseCode, Gone, Heard, MESSAGE_MOST, Socket};
use crate::hub::Visitor;
use crate::switchboard::{Delivery, Ending, Happening, Next};

/// The original's clients connect before a person types a name and a password.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(120);
const PING_EVERY: Duration = Duration::from_secs(30);
/// A peer that has not sent a thing for so long, not even a pong, is gone.
const SILENCE_MOST: Duration = Duration::from_secs(90);
/// At the end, what was begun may take so long, and so may saying why.
const FINISHING_MOST: Duration = Duration::from_secs(1);
/// After so many batches of deliveries in a row the peer is listened to, or in a busy room a slow reader could say nothing.
const BATCHES_IN_A_ROW: u32 = 8;
/// Bytes of replies that are gathered before they are written.
const GATHERED_MOST: usize = 64 * 1024;

/// Talks until one side has had enough.
pub async fn converse(socket: Socket, house: House, visitor: Visitor) {
    let mut connection = Connection {
        socket,
        house,
        visitor: Arc::new(visitor),
        entered: None,
        lane: Lane::default(),
        entering: false,
        hushed: 0,
        batches: 0,
        ping: pings(),
        last_heard: Instant::now(),
        login_by: Instant::now() + LOGIN_TIMEOUT,
    };
    let farewell = connection.run().await;
    connection.close(farewell).await;
}

fn pings() -> Interval {
    let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping
}

struct Connection {
    socket: Socket,
    house: House,
    visitor: Arc<Visitor>,
    entered: Option<Arc<Entered>>,
    lane: Lane<Done>,
    /// A login is under way: what follows it waits to know who asks.
    entering: bool,
    /// Requests under way whose replies go out before any event.
    hushed: usize,
    /// Batches of deliveries since the peer was listened to.
    batches: u32,
    ping: Interval,
    last_heard: Instant,
    login_by: Instant,
}

/// What happens next on a connection.
enum Step {
    Done(Box<Done>),
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
    Said {
        error: Option<SafeText>,
        code: CloseCode,
        reason: &'static str,
    },
}

impl From<Gone> for Farewell {
    fn from(_: Gone) -> Self {
        Self::Silent
    }
}

impl Connection {
    async fn run(&mut self) -> Farewell {
        loop {
            let proceeded = match self.step().await {
                Step::Done(done) => self.answer(*done).await,
                Step::Hear(Next::Deliveries(deliveries)) => self.deliver(&deliveries).await,
                Step::Hear(Next::Trouble(error)) => self.rest_after(&error).await,
                Step::Hear(Next::Ended(ending)) => Err(ended(ending)),
                Step::Peer(heard) => self.take(heard),
                Step::Ping => self.ping().await,
                Step::LoginTooLate => Err(said(CloseCode::Policy, "log in within two minutes")),
                Step::Closing => Err(closing("The server is shutting down.".into())),
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
            && let Some(heard) = self.socket.hear().now_or_never()
        {
            return Step::Peer(heard);
        }
        tokio::select! {
            biased;
            done = self.lane.next() => Step::Done(Box::new(done)),
            next = listen => Step::Hear(next),
            heard = self.socket.hear(), if reading => Step::Peer(heard),
            _ = self.ping.tick() => Step::Ping,
            () = sleep_until(self.login_by), if stranger && !self.entering => Step::LoginTooLate,
            () = self.house.closing.cancelled(), if stranger => Step::Closing,
        }
    }

    fn take(&mut self, heard: Heard) -> Result<(), Farewell> {
        self.last_heard = Instant::now();
        self.batches = 0;
        match heard {
            Heard::Text(text) => self.request(&text),
            Heard::Binary => self.refuse(Refusal::error("Requests are text frames")),
            Heard::Sign => {}
            Heard::TooLong => {
                let error = format!("A request may have at most {MESSAGE_MOST} bytes");
                let error = Some(error.into());
                return Err(Farewell::Said { error, code: CloseCode::Size, reason: "request too long" });
            }
            Heard::Broken(code) => return Err(said(code, "not the WebSocket protocol")),
            Heard::Gone => return Err(Farewell::Silent),
        }
        Ok(())
    }

    fn request(&mut self, text: &str) {
        let frame = match Frame::read(text) {
            Ok(frame) => frame,
            Err(malformed) => return self.refuse(Refusal::error(malformed.to_string())),
        };
        let name = frame.name().to_owned();
        if self.entered.is_none() && !matches!(name.as_str(), "register" | "login") {
            return self.refuse(Refusal::error(NOT_AUTHENTICATED));
        }
        let request = match frame.request() {
            Ok(request) => request,
            Err(malformed) => return self.refuse(perform::refusal_of_malformed(&name, malformed.to_string())),
        };
        let manner = Manner::of(&request);
        self.entering |= manner.enters;
        self.hushed += usize::from(manner.hushes);
        let (hub, visitor) = (self.house.hub.clone(), self.visitor.clone());
        self.lane.push(manner.overlaps, perform::perform(hub, visitor, self.entered.clone(), request));
    }

    /// In the lane like any other answer, so that each comes in the order of what it answers.
    fn refuse(&mut self, refusal: Refusal) {
        self.lane.push(true, async move { Done::refused(&refusal) });
    }

    /// Writes what has been done, with whatever else is done by now.
    async fn answer(&mut self, done: Done) -> Result<(), Farewell> {
        let mut gathered = 0;
        let mut frames = Vec::new();
        let mut next = Some(done);
        while let Some(done) = next {
            let frame = self.settle(done);
            gathered += frame.as_ref().map_or(0, Bytes::len);
            frames.extend(frame);
            next = if gathered < GATHERED_MOST { self.lane.next().now_or_never() } else { None };
        }
        self.write(frames).await
    }

    fn settle(&mut self, done: Done) -> Option<Bytes> {
        let Done { frame, entered, manner } = done;
        if manner.enters {
            self.entering = false;
            self.login_by = Instant::now() + LOGIN_TIMEOUT;
        }
        self.hushed -= usize::from(manner.hushes);
        if entered.is_some() {
            self.entered = entered;
        }
        frame
    }

    async fn deliver(&mut self, deliveries: &[Arc<Delivery>]) -> Result<(), Farewell> {
        let Some(entered) = self.entered.clone() else { return Ok(()) };
        self.batches += 1;
        let mut frames = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            frames.extend(told(&entered, delivery).await?);
        }
        self.write(frames).await
    }

    /// Feeds all frames, then flushes once, while what is under way goes on.
    async fn write(&mut self, frames: Vec<Bytes>) -> Result<(), Farewell> {
        let Self { socket, lane, .. } = self;
        let writing = async {
            for frame in frames {
                socket.feed(frame).await?;
            }
            socket.flush().await
        };
        tokio::select! {
            biased;
            written = writing => Ok(written?),
            never = lane.carry_on() => match never {},
        }
    }

    async fn ping(&mut self) -> Result<(), Farewell> {
        if self.last_heard.elapsed() > SILENCE_MOST {
            return Err(Farewell::Silent);
        }
        Ok(self.socket.ping().await?)
    }

    /// The log can't be read: the database is busy or the disk is full. It will be read again.
    async fn rest_after(&mut self, error: &impl std::fmt::Display) -> Result<(), Farewell> {
        tracing::warn!(%error, "a connection can't read the log just now");
        tokio::select! {
            () = sleep(Duration::from_millis(500)) => Ok(()),
            never = self.lane.carry_on() => match never {},
        }
    }

    /// Finishes what was begun, says why, and closes.
    async fn close(mut self, farewell: Farewell) {
        let Farewell::Said { error, code, reason } = farewell else { return };
        let _ = timeout(FINISHING_MOST, self.finish()).await;
        self.entered = None;
        let error = error.map(|error| Refusal::error(error.as_str()).frame());
        if let Ok(Ok(())) = timeout(FINISHING_MOST, self.write(error.into_iter().collect())).await {
            self.socket.close(code, reason).await;
        }
    }

    async fn finish(&mut self) -> Result<(), Farewell> {
        while !self.lane.is_empty() {
            let done = self.lane.next().await;
            self.answer(done).await?;
        }
        Ok(())
    }
}

/// The frame by which somebody hears of something, if they do.
async fn told(entered: &Entered, delivery: &Delivery) -> Result<Option<Bytes>, Farewell> {
    let session = &entered.session;
    match delivery.happening() {
        Happening::Passing(event) => Ok(event::passing(delivery, event)),
        Happening::Entry(entry) => {
            let other = session.other_in(entry.conversation).await.map_err(|fault| {
                tracing::warn!(%fault, "a connection can't learn what an entry belongs to");
                said(CloseCode::Error, "the server failed")
            })?;
            let place = other.map_or(Place::Room, Place::Direct);
            Ok(event::entry(delivery, entry, session.account(), place))
        }
    }
}

fn ended(ending: Ending) -> Farewell {
    if ending.retry_after_ms.is_some() {
        closing(ending.reason)
    } else {
        Farewell::Said { error: Some(ending.reason), code: CloseCode::Policy, reason: "the session has ended" }
    }
}

fn closing(error: SafeText) -> Farewell {
    Farewell::Said { error: Some(error), code: CloseCode::Away, reason: "the server is shutting down" }
}

fn said(code: CloseCode, reason: &'static str) -> Farewell {
    Farewell::Said { error: None, code, reason }
}
