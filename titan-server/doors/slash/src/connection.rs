//! One client's task: it reads ahead while a command is done, does one command after the other, tells what happens
//! elsewhere in between, and takes files in piece by piece, so that nothing holds up being cut off.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt};
use titan_core::shown;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{Instrument, Span};

use super::answer::{Answer, Refusal, Sending, Then};
use super::command::word_of;
use super::files::Receiving;
use super::guest::Guest;
use super::reading::{Mode, Piece, READ_MOST, Reading};
use super::words::stamped;
use titan_door::crowd::Stay;
use titan_door::pace::TooSlow;
use titan_door::patience::{Patient, STALL_MOST};
use titan_door::wire::see_off;
use titan_door::{House, sight};
use titan_hub::switchboard::{Delivery, Ending, Next};
use titan_hub::{Asker, Session, Visitor};

const WELCOME: &str = "Welcome! Please use /register <username> <password> [admin_key] or /login <username> <password>";
/// People come here by netcat, and type.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(300);
/// The original's client takes what it reads first for a file's header alone.
const HEADER_PAUSE: Duration = Duration::from_millis(75);
/// After so many batches of deliveries in a row the peer is listened to.
const BATCHES_IN_A_ROW: u32 = 8;
/// Deliveries kept while a file goes out, during which nothing may be said; beyond it they wait in the log.
const KEPT_MOST: usize = 1_024;

/// Talks until one side has had enough. No `async fn`, so that it keeps no room for what it was called with.
pub fn talk(stream: TcpStream, house: House, visitor: Visitor, stay: Stay) -> impl Future<Output = ()> + Send {
    let seen = sight::Connection::new(&visitor);
    let (span, asker) = (seen.standing(), Asker::new(&visitor, None));
    let silence = house.silence;
    let mut connection = Connection {
        stay,
        stream: Patient::new(stream, STALL_MOST),
        reading: Reading::default(),
        guest: Guest::new(house, visitor),
        seen,
        receiving: None,
        last_heard: Instant::now(),
        login_by: Instant::now() + LOGIN_TIMEOUT,
        speaks_by: Some(Instant::now() + silence),
        batches: 0,
    };
    let talking = async move {
        let end = connection.run().await;
        // Boxed, so that a connection carries no room for its end while it lasts.
        Box::pin(connection.close(end)).await;
    };
    asker.asks(talking.instrument(span))
}

struct Connection {
    stay: Stay,
    stream: Patient<TcpStream>,
    reading: Reading,
    guest: Guest,
    seen: sight::Connection,
    /// An upload under way.
    receiving: Option<Receiving>,
    last_heard: Instant,
    login_by: Instant,
    /// By then who connected must have sent something whole; none once they have.
    speaks_by: Option<Instant>,
    /// Batches of deliveries since the peer was listened to.
    batches: u32,
}

/// How a connection ends.
enum End {
    /// All is said.
    Over,
    /// Nobody is there any more.
    Gone,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// What happens next on a connection.
enum Step {
    Next(Next),
    Piece(Piece),
    Read(io::Result<Bytes>),
    Hush,
    Standstill,
    LoginTooLate,
    Closing,
    Over,
}

impl Connection {
    async fn run(&mut self) -> End {
        if self.say([stamped(WELCOME)]).await.is_err() {
            return End::Gone;
        }
        loop {
            let step = self.step().await;
            if let Err(end) = self.take(step).await {
                return end;
            }
        }
    }

    async fn take(&mut self, step: Step) -> Result<(), End> {
        match step {
            Step::Next(Next::Deliveries(deliveries)) => self.deliver(&deliveries).await,
            Step::Next(Next::Trouble(error)) => self.rest_after(&error).await,
            Step::Next(Next::Ended(ending)) => self.part(&ending.reason).await,
            Step::Piece(piece) => self.piece(piece).await,
            Step::Read(read) => self.put(read).await,
            Step::Hush => self.hush(),
            Step::Standstill => self.heard(0).await,
            Step::LoginTooLate => self.part("Nobody logged in here in time.").await,
            Step::Closing => self.part(&Ending::closing().reason).await,
            Step::Over => Err(End::Over),
        }
    }

    /// What has happened is told before what is asked next is done, but not for ever.
    async fn step(&mut self) -> Step {
        if self.batches < BATCHES_IN_A_ROW
            && let Some(next) = self.guest.next().now_or_never()
        {
            self.batches += 1;
            return Step::Next(next);
        }
        self.batches = 0;
        if let Some(piece) = self.reading.piece() {
            return Step::Piece(piece);
        }
        if self.reading.has_ended() {
            return Step::Over;
        }
        let Self { stream, reading, guest, receiving, last_heard, login_by, speaks_by, .. } = self;
        let stranger = guest.person.is_none();
        let quiet = reading.patience();
        let pause = receiving.as_ref().map(|receiving| receiving.pace.left());
        tokio::select! {
            next = guest.next() => Step::Next(next),
            read = read(stream.get_ref()) => Step::Read(read),
            () = sleep_until(*last_heard + quiet.unwrap_or_default()), if quiet.is_some() => Step::Hush,
            () = sleep_until(*last_heard + pause.unwrap_or_default()), if pause.is_some() => Step::Standstill,
            () = sleep_until(speaks_by.map_or(*login_by, |by| by.min(*login_by))), if stranger => Step::LoginTooLate,
            () = guest.house.closing.cancelled(), if stranger => Step::Closing,
        }
    }

    async fn put(&mut self, read: io::Result<Bytes>) -> Result<(), End> {
        let read = read?;
        let bytes = read.len() as u64;
        self.reading.put(read);
        self.heard(bytes).await
    }

    /// So many bytes have come, maybe none. An upload must come at some pace.
    async fn heard(&mut self, bytes: u64) -> Result<(), End> {
        let paused = std::mem::replace(&mut self.last_heard, Instant::now()).elapsed();
        let pace = self.receiving.as_mut().map_or(Ok(()), |receiving| receiving.pace.note(paused, bytes));
        match pace {
            Ok(()) => Ok(()),
            Err(TooSlow) => self.part("[ERROR] The upload has come to a standstill: connect and try again.").await,
        }
    }

    fn hush(&mut self) -> Result<(), End> {
        self.reading.hush();
        Ok(())
    }

    async fn piece(&mut self, piece: Piece) -> Result<(), End> {
        if self.speaks_by.take().is_some() {
            self.stay.speaks();
        }
        let said = match piece {
            Piece::Command(text) => return self.command(&text).await,
            Piece::NotText => Some(Refusal::error("A command must be UTF-8 text.").0),
            Piece::TooLong => Some(Refusal::error(format_args!("A command may have at most {READ_MOST} bytes.")).0),
            Piece::Upload { what, size } => {
                let span = self.span_of("/upload");
                let (receiving, said) = self.guest.receive(&what, size).instrument(span).await;
                if receiving.is_hopeless() {
                    self.reading.let_go();
                } else {
                    self.receiving = Some(receiving);
                }
                said
            }
            Piece::Bytes(bytes) => match &mut self.receiving {
                Some(receiving) => receiving.push(&bytes, &self.guest.house).await,
                None => None,
            },
        };
        self.say(said).await?;
        match self.receiving.take_if(|receiving| receiving.is_whole()) {
            Some(receiving) => {
                let span = self.span_of("/upload");
                let said = self.guest.received(receiving).instrument(span).await;
                self.say(said).await
            }
            None => Ok(()),
        }
    }

    async fn command(&mut self, text: &str) -> Result<(), End> {
        let stranger = self.guest.person.is_none();
        let span = self.span_of(text);
        let Self { stream, reading, guest, .. } = self;
        let Answer { texts, then } = tokio::select! {
            biased;
            answer = guest.answer(text).instrument(span) => answer,
            never = read_ahead(stream.get_ref(), reading) => match never {},
        };
        if let (true, Some(person)) = (stranger, &self.guest.person) {
            self.seen.entered(&person.session);
        }
        self.last_heard = Instant::now();
        self.say(texts).await?;
        match then {
            Then::Stay => Ok(()),
            Then::Quit => Err(End::Over),
            Then::Send(sending) => self.send(*sending).await,
        }
    }

    async fn deliver(&mut self, deliveries: &[Arc<Delivery>]) -> Result<(), End> {
        let Some(person) = &mut self.guest.person else { return Ok(()) };
        let mut texts = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            texts.extend(person.hear(delivery).await);
        }
        self.say(texts).await
    }

    /// Writes texts: a line each, all at once; in raw mode each by itself, and without a newline, but for a list that more
    /// comes behind: what follows would stand in its last line.
    async fn say(&mut self, texts: impl IntoIterator<Item = String>) -> Result<(), End> {
        let raw = self.reading.mode() == Mode::Raw;
        let mut lines = String::new();
        let mut texts = texts.into_iter().filter(|text| !text.is_empty()).peekable();
        while let Some(text) = texts.next() {
            lines.push_str(&shown(&text));
            if raw {
                if text.contains('\n') && texts.peek().is_some() {
                    lines.push('\n');
                }
                self.stream.write_all(lines.as_bytes()).await?;
                lines.clear();
            } else {
                lines.push('\n');
            }
        }
        Ok(self.stream.write_all(lines.as_bytes()).await?)
    }

    /// Says why, and ends.
    async fn part(&mut self, why: &str) -> Result<(), End> {
        self.say([stamped(why)]).await?;
        Err(End::Over)
    }

    /// A file's header by itself, then its bytes, and nothing in between. Who is cut off meanwhile is cut off.
    async fn send(&mut self, sending: Sending) -> Result<(), End> {
        let Sending { name, size, blob } = sending;
        self.say([format!("/file {name} {size}")]).await?;
        sleep(HEADER_PAUSE).await;
        let Self { stream, guest, .. } = self;
        let metrics = &guest.house.metrics;
        let writing = async {
            let mut pieces = std::pin::pin!(blob.stream(0, size));
            while let Some(piece) = pieces.next().await {
                let piece = piece?;
                stream.write_all(&piece).await?;
                metrics.downloaded(piece.len() as u64);
            }
            io::Result::Ok(())
        };
        let mut kept = Vec::new();
        tokio::select! {
            written = writing => written?,
            () = keep_until_ended(guest, &mut kept) => return Err(End::Gone),
        }
        self.deliver(&kept).await
    }

    /// The log can't be read: the database is busy or the disk is full. It will be read again.
    async fn rest_after(&mut self, error: &impl std::fmt::Display) -> Result<(), End> {
        let told = || tracing::warn!(%error, "a connection can't read the log just now");
        self.seen.span(self.session()).in_scope(told);
        sleep(Duration::from_millis(500)).await;
        Ok(())
    }

    /// The span of a command, by its word if it is one: what people type in error may be anything.
    fn span_of(&self, text: &str) -> Span {
        match word_of(text).unwrap_or("unknown") {
            what @ "/message" => self.seen.frequent_request(what, None),
            what => self.seen.request(self.session(), what, None),
        }
    }

    fn session(&self) -> Option<&Session> {
        self.guest.person.as_ref().map(|person| &person.session)
    }

    async fn close(mut self, end: End) {
        self.guest.depart().await;
        match end {
            End::Over => see_off(&mut self.stream).await,
            End::Gone => {}
        }
    }
}

/// Keeps what is heard for later, until the session ends.
async fn keep_until_ended(guest: &Guest, kept: &mut Vec<Arc<Delivery>>) {
    while kept.len() < KEPT_MOST {
        match guest.next().await {
            Next::Deliveries(deliveries) => kept.extend(deliveries),
            Next::Trouble(_) => sleep(Duration::from_millis(500)).await,
            Next::Ended(_) => return,
        }
    }
    std::future::pending().await
}

/// What one read brings, nothing at the peer's end. Room for it is made only once something is there, and what came is
/// copied, so that a byte doesn't hold the whole room.
async fn read(stream: &TcpStream) -> io::Result<Bytes> {
    loop {
        stream.readable().await?;
        let mut buffer = BytesMut::with_capacity(READ_MOST);
        match stream.try_read_buf(&mut buffer) {
            Ok(_) => return Ok(Bytes::copy_from_slice(&buffer)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads while a command is done: in raw mode, what comes in one read is a command, and what lies about comes as one.
async fn read_ahead(stream: &TcpStream, reading: &mut Reading) -> Infallible {
    while reading.has_room() && !reading.has_ended() {
        // A broken connection is found when it is written to.
        reading.put(read(stream).await.unwrap_or_default());
    }
    std::future::pending().await
}
