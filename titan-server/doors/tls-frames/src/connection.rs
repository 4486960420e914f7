//! One connection, from handshake to close: a single task that reads, writes, and tells what changed.
//!
//! Requests are done in their lane, in order. What is shown (`HIS`) and who there is (`LIS`) are told whole; changes that
//! come close together are told at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use titan_core::protocol::{Body, Event, Fault, What};
use titan_core::{AccountId, ConversationId};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::Instrument;

use super::board::{Board, Shared};
use super::due::Due;
use super::names::Names;
use super::perform::{Change, Done, Entered, Shown, greet, obey, say_in};
use super::reply;
use super::request::Request;
use super::wire::{Heard, Wire};
use titan_door::crowd::Stay;
use titan_door::lane::Lane;
use titan_door::{House, sight};
use titan_hub::switchboard::{Delivery, Ending, Happening, Next};
use titan_hub::{Outcome, Visitor};

/// People type a name and a password.
const LOGIN_MOST: Duration = Duration::from_secs(300);
/// The names are told again after so long, changed or not.
const NAMES_EVERY: Duration = Duration::from_secs(10);
/// Changes that come closer together are told together.
const NAMES_GAP: Duration = Duration::from_millis(250);
const HISTORY_GAP: Duration = Duration::from_millis(200);
/// The last messages of a conversation, which is all its clients show.
const HISTORY_MOST: u32 = 200;
/// Names that need not be looked up again; beyond it all are.
const KNOWN_MOST: usize = 256;
/// At the end, what was begun may take so long.
const FINISHING_MOST: Duration = Duration::from_secs(2);
/// After trouble without a time of its own, it is tried again then.
const REST: Duration = Duration::from_millis(500);
/// After so many batches of deliveries in a row the peer is listened to.
const BATCHES_IN_A_ROW: u32 = 8;

pub struct Connection<S> {
    wire: Wire<S>,
    house: House,
    visitor: Arc<Visitor>,
    seen: sight::Connection,
    stay: Stay,
    board: Arc<Board>,
    entered: Option<Arc<Entered>>,
    lane: Lane<Done>,
    /// The account is being deleted: that its sessions end is no news.
    deleting: bool,
    /// The direct conversations with those whom somebody writes to.
    known: HashMap<String, ConversationId>,
    batches: u32,
    login_by: Instant,
    /// By then who connected must have sent a frame; none once they have.
    speaks_by: Option<Instant>,
    shown: Option<Shown>,
    /// Its history, as all tell it who show it.
    page: Option<(ConversationId, Arc<Shared<Option<Bytes>>>)>,
    /// What was read of it before this is out of date.
    page_since: Instant,
    history: Due,
    list: Due,
    /// Names read before this are out of date.
    names_since: Instant,
}

enum Step {
    Done(Box<Done>),
    Hear(Next),
    Peer(Heard),
    History,
    Names,
    LoginTooLate,
    Closing,
}

/// The connection ends, with a last frame where somebody is there to read it.
struct Farewell(Option<Bytes>);

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub fn new(
        wire: Wire<S>,
        house: House,
        visitor: Visitor,
        (seen, stay): (sight::Connection, Stay),
        board: Arc<Board>,
    ) -> Self {
        let now = Instant::now();
        let speaks_by = Some(now + house.silence);
        Self {
            wire,
            house,
            visitor: Arc::new(visitor),
            seen,
            stay,
            board,
            entered: None,
            lane: Lane::default(),
            deleting: false,
            known: HashMap::new(),
            batches: 0,
            login_by: now + LOGIN_MOST,
            speaks_by,
            shown: None,
            page: None,
            page_since: now,
            history: Due::with(HISTORY_GAP),
            list: Due::with(NAMES_GAP),
            names_since: now,
        }
    }

    /// Talks until one side has had enough.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` would keep the connection twice")]
    pub fn run(mut self) -> impl Future<Output = ()> {
        async move {
            let Farewell(last) = self.talk().await;
            let _ = timeout(FINISHING_MOST, self.finish()).await;
            self.depart().await;
            Box::pin(self.wire.close(last)).await;
        }
    }

    /// Nobody was given the session's token, so it ends with its connection.
    async fn depart(&mut self) {
        let Some(entered) = self.entered.take() else { return };
        let session = entered.session.clone();
        drop(entered);
        if let Err(fault) = session.logout().await {
            tracing::debug!(%fault, "a session did not end with its connection");
        }
    }

    async fn talk(&mut self) -> Farewell {
        loop {
            let proceeded = match self.step().await {
                Step::Done(done) => self.answer(*done).await,
                Step::Hear(Next::Deliveries(deliveries)) => {
                    self.note(&deliveries);
                    Ok(())
                }
                Step::Hear(Next::Trouble(error)) => self.rest_after(&error).await,
                Step::Hear(Next::Ended(ending)) => Err(ended(&ending)),
                Step::Peer(heard) => self.take(heard),
                Step::History => self.tell_history().await,
                Step::Names => self.tell_names().await,
                Step::LoginTooLate => Err(Farewell(reply::dis("Nobody logged in here in time."))),
                Step::Closing => Err(ended(&Ending::closing())),
            };
            if let Err(farewell) = proceeded {
                return farewell;
            }
        }
    }

    async fn step(&mut self) -> Step {
        let entered = self.entered.clone().filter(|_| !self.deleting);
        let stranger = self.entered.is_none();
        let listen = async {
            match &entered {
                Some(entered) => entered.attachment.next().await,
                None => std::future::pending().await,
            }
        };
        // A stranger's next request waits: it may be somebody's by then.
        let reading = if stranger { self.lane.is_empty() } else { self.lane.has_room() };
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
            () = self.history.come() => Step::History,
            () = self.list.come() => Step::Names,
            heard = self.wire.hear(), if reading => Step::Peer(heard),
            () = sleep_until(self.speaks_by.map_or(self.login_by, |by| by.min(self.login_by))), if stranger && reading => Step::LoginTooLate,
            () = self.house.closing.cancelled(), if stranger => Step::Closing,
        }
    }

    fn take(&mut self, heard: Heard) -> Result<(), Farewell> {
        self.batches = 0;
        let frame = match heard {
            Heard::Frame(frame) => {
                self.speaks_by = None;
                self.stay.speaks();
                frame
            }
            Heard::Malformed(malformed) => return Err(Farewell(reply::err(&malformed.to_string()))),
            Heard::Gone => return Err(Farewell(None)),
        };
        match Request::read(&frame) {
            Ok(Request::Dis) => return Err(Farewell(None)),
            Ok(request) => self.ask(request),
            Err(unreadable) => return Err(Farewell(reply::err(&unreadable.to_string()))),
        }
        Ok(())
    }

    fn ask(&mut self, request: Request) {
        let (visitor, what) = (self.visitor.clone(), request.name());
        let Some(entered) = self.entered.clone() else {
            let span = self.seen.request(None, what, None);
            return self.lane.push(false, greet(self.house.hub.clone(), visitor, request).instrument(span));
        };
        match request {
            Request::Msg { reciever, msg } if self.known.contains_key(&reciever) => {
                let saying = say_in(entered, self.known[&reciever], msg);
                self.lane.push(true, saying.instrument(self.seen.frequent_request(what, None)));
            }
            request => {
                self.deleting |= request == Request::Del;
                let span = self.seen.request(Some(&entered.session), what, None);
                self.lane.push(false, obey(entered, visitor, request).instrument(span));
            }
        }
    }

    /// Writes what has been done, with whatever else is done by now.
    async fn answer(&mut self, done: Done) -> Result<(), Farewell> {
        let mut frames = Vec::new();
        let mut next = Some(done);
        while let Some(Done { frame, change }) = next {
            frames.extend(frame);
            self.settle(change);
            next = self.lane.next().now_or_never();
        }
        self.write(frames).await
    }

    fn settle(&mut self, change: Change) {
        self.login_by = Instant::now() + LOGIN_MOST;
        match change {
            Change::Nothing => self.deleting = false,
            Change::Entered(entered) => {
                self.seen.entered(&entered.session);
                self.entered = Some(entered);
                self.names_since = Instant::now();
                self.list.now();
            }
            Change::Shows(shown) => {
                (self.shown, self.page) = (shown, None);
                self.page_since = Instant::now();
                self.history.now();
            }
            Change::Knows(name, direct) => {
                if self.known.len() >= KNOWN_MOST {
                    self.known.clear();
                }
                self.known.insert(name, direct);
            }
            Change::Deleted => {
                self.known.clear();
                (self.entered, self.shown, self.page, self.deleting) = (None, None, None, false);
                (self.history.at, self.list.at) = (None, None);
            }
        }
    }

    /// Notes what deliveries change about what is told; it is told soon.
    fn note(&mut self, deliveries: &[Arc<Delivery>]) {
        self.batches += 1;
        for delivery in deliveries {
            match delivery.happening() {
                Happening::Entry(entry) => self.note_entry(entry.conversation, &entry.body),
                Happening::Passing(event) => self.note_event(event),
            }
        }
    }

    fn note_entry(&mut self, conversation: ConversationId, body: &Body) {
        let changes = matches!(body, Body::Message(_) | Body::Edit { .. } | Body::Deletion { .. });
        if changes && self.shows(conversation) {
            self.history_changed();
        }
    }

    fn note_event(&mut self, event: &Event) {
        match event {
            Event::AccountRegistered { .. } => self.names_changed(),
            Event::AccountRemoved { .. } => {
                self.known.clear();
                self.names_changed();
            }
            Event::ConversationAdded { conversation, .. } => {
                if let What::Direct(other) = &conversation.what {
                    self.note_direct(other.id);
                }
            }
            Event::ConversationRemoved { conversation, reason, .. } if self.shows(*conversation) => {
                self.shown = None;
                let told = Done { frame: reply::err(reason), change: Change::Nothing };
                self.lane.push(true, std::future::ready(told));
            }
            // Something was missed.
            Event::CaughtUp { .. } => {
                self.known.clear();
                self.names_changed();
                self.history_changed();
            }
            _ => {}
        }
    }

    fn shows(&self, conversation: ConversationId) -> bool {
        self.shown.is_some_and(|shown| shown.conversation == Some(conversation))
    }

    fn history_changed(&mut self) {
        self.page_since = Instant::now();
        self.history.soon();
    }

    fn names_changed(&mut self) {
        self.names_since = Instant::now();
        self.list.soon();
    }

    /// The two have begun to speak.
    fn note_direct(&mut self, other: AccountId) {
        if self.shown.is_some_and(|shown| shown.with == Some(other) && shown.conversation.is_none()) {
            self.history_changed();
        }
    }

    async fn tell_history(&mut self) -> Result<(), Farewell> {
        self.history.was_told(None);
        let (Some(entered), Some(shown)) = (self.entered.clone(), self.shown) else { return Ok(()) };
        match self.read_history(&entered, shown).await {
            Ok(frame) => self.write(frame.into_iter().collect()).await,
            Err(Fault { retry_after_ms: Some(later), .. }) => {
                self.history.at = Some(Instant::now() + Duration::from_millis(later));
                Ok(())
            }
            Err(fault) => {
                self.shown = None;
                self.write(reply::err(&fault.message).into_iter().collect()).await
            }
        }
    }

    /// The conversation's last messages. Where the two have only begun to speak, it is found and heard from now on.
    async fn read_history(&mut self, entered: &Entered, mut shown: Shown) -> Outcome<Option<Bytes>> {
        if shown.conversation.is_none() {
            shown = beside(&mut self.lane, find_direct(entered, shown)).await?;
            self.shown = Some(shown);
        }
        let Some(conversation) = shown.conversation else { return Ok(None) };
        let page = match &self.page {
            Some((shown, page)) if *shown == conversation => page.clone(),
            _ => self.board.history(conversation),
        };
        self.page = Some((conversation, page.clone()));
        let read = async { Ok(reply::his(&entered.session.messages(conversation, HISTORY_MOST).await?.list)) };
        beside(&mut self.lane, page.since(self.page_since, read)).await
    }

    async fn tell_names(&mut self) -> Result<(), Farewell> {
        self.list.was_told(Some(NAMES_EVERY));
        let Some(entered) = self.entered.clone() else { return Ok(()) };
        let since = self.names_since.max(Instant::now() - NAMES_EVERY / 2);
        let telling = async {
            let read = async { Ok(Arc::new(Names::read(&entered.session).await?)) };
            self.board.names.since(since, read).await?.told(&entered.session).await
        };
        match beside(&mut self.lane, telling).await {
            Ok(frame) => self.write(frame.into_iter().collect()).await,
            Err(fault) => {
                let later = fault.retry_after_ms.map_or(REST, Duration::from_millis);
                self.list.at = Some(Instant::now() + later);
                Ok(())
            }
        }
    }

    /// Writes while what is under way goes on.
    async fn write(&mut self, frames: Vec<Bytes>) -> Result<(), Farewell> {
        if frames.is_empty() {
            return Ok(());
        }
        beside(&mut self.lane, self.wire.write(&frames)).await.map_err(|_| Farewell(None))
    }

    /// The log can't be read: the database is busy or the disk is full. It will be read again.
    async fn rest_after(&mut self, error: &impl std::fmt::Display) -> Result<(), Farewell> {
        let session = self.entered.as_ref().map(|entered| &entered.session);
        let told = || tracing::warn!(%error, "a connection can't read the log just now");
        self.seen.span(session).in_scope(told);
        beside(&mut self.lane, sleep(REST)).await;
        Ok(())
    }

    /// Does and answers what was begun.
    async fn finish(&mut self) -> Result<(), Farewell> {
        while !self.lane.is_empty() {
            let done = self.lane.next().await;
            self.answer(done).await?;
        }
        Ok(())
    }
}

/// Waits for something while what is under way goes on: it may hold what is waited for.
async fn beside<T>(lane: &mut Lane<Done>, work: impl Future<Output = T>) -> T {
    tokio::select! {
        biased;
        done = work => done,
        never = lane.carry_on() => match never {},
    }
}

/// The direct conversation that is to be shown, if there is one by now.
async fn find_direct(entered: &Entered, shown: Shown) -> Outcome<Shown> {
    let Some(other) = shown.with else { return Ok(shown) };
    let Some(direct) = entered.session.direct_with(other).await? else { return Ok(shown) };
    entered.attachment.tune(Some(direct.id)).await?;
    Ok(Shown { conversation: Some(direct.id), ..shown })
}

fn ended(ending: &Ending) -> Farewell {
    Farewell(reply::dis(&ending.reason))
}
