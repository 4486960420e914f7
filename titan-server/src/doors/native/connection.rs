//! One native connection, from upgrade to close.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use bytes::Bytes;
use futures_util::{FutureExt, SinkExt};
use titan_core::protocol::{Event, FRAME_MOST, Fault, FaultCode, Request, Response};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::perform::{self, Done, Entered};
use crate::doors::House;
use crate::doors::lane::Lane;
use crate::hub::Visitor;
use crate::switchboard::{Delivery, Dialect, Ending, Happening, Next};

/// Who connects must have logged in by then.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);
const PING_EVERY: Duration = Duration::from_secs(30);
/// A peer that has not sent a byte for so long, not even a pong, is gone.
const SILENCE_MOST: Duration = Duration::from_secs(90);
/// A write that makes no progress for so long ends the connection.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Talks until one side has had enough.
pub async fn converse(socket: WebSocket, house: House, visitor: Visitor) {
    let mut connection = Connection {
        socket,
        house,
        visitor: Arc::new(visitor),
        entered: None,
        entering: false,
        lane: Lane::default(),
        ping: pings(),
        last_heard: Instant::now(),
    };
    let closing = connection.run().await;
    connection.close(closing).await;
}

fn pings() -> Interval {
    let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping
}

struct Connection {
    socket: WebSocket,
    house: House,
    visitor: Arc<Visitor>,
    entered: Option<Arc<Entered>>,
    /// A login is under way: what follows it waits to know who asks.
    entering: bool,
    lane: Lane<Done>,
    ping: Interval,
    last_heard: Instant,
}

/// What happens next on a connection.
enum Step {
    Done(Box<Done>),
    Hear(Next),
    Frame(Option<Result<Message, axum::Error>>),
    Ping,
    LoginTooLate,
    Closing,
}

/// How a connection ends: with a close frame, or without a word when nobody is there to read it.
type Closing = Option<(u16, &'static str)>;

impl Connection {
    async fn run(&mut self) -> Closing {
        let login_by = Instant::now() + LOGIN_TIMEOUT;
        loop {
            let proceeded = match self.step(login_by).await {
                Step::Done(done) => self.finish(*done).await,
                Step::Hear(Next::Deliveries(deliveries)) => self.deliver(&deliveries).await,
                Step::Hear(Next::Trouble(error)) => rest_after(&error).await,
                Step::Hear(Next::Ended(ending)) => return self.say_goodbye(ending).await,
                Step::Frame(frame) => self.take(frame).await,
                Step::Ping => self.ping().await,
                Step::LoginTooLate => Err(Some((close_code::POLICY, "log in within 30 seconds"))),
                Step::Closing => Err(Some((close_code::AWAY, "the server is shutting down"))),
            };
            if let Err(closing) = proceeded {
                return closing;
            }
        }
    }

    async fn step(&mut self, login_by: Instant) -> Step {
        let entered = self.entered.clone();
        let stranger = entered.is_none();
        let listen = async {
            match &entered {
                Some(entered) => entered.attachment.next().await,
                None => std::future::pending().await,
            }
        };
        let reading = self.lane.has_room() && !self.entering;
        tokio::select! {
            biased;
            done = self.lane.next() => Step::Done(Box::new(done)),
            next = listen => Step::Hear(next),
            frame = self.socket.recv(), if reading => Step::Frame(frame),
            _ = self.ping.tick() => Step::Ping,
            () = sleep_until(login_by), if stranger && !self.entering => Step::LoginTooLate,
            () = self.house.closing.cancelled(), if stranger => Step::Closing,
        }
    }

    /// Takes in one frame.
    async fn take(&mut self, frame: Option<Result<Message, axum::Error>>) -> Result<(), Closing> {
        self.last_heard = Instant::now();
        match frame {
            Some(Ok(Message::Text(text))) => self.request(&text).await,
            Some(Ok(Message::Binary(_))) => {
                let fault = Fault::bad_request("Requests are text frames; file bytes go over HTTP.");
                self.respond(vec![Response::fault(None, fault)]).await
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(None),
            Some(Err(error)) => Err(self.refuse_frame(&error).await),
        }
    }

    /// A frame that is too long, or no WebSocket any more.
    async fn refuse_frame(&mut self, error: &axum::Error) -> Closing {
        if !error.to_string().contains("too long") && !error.to_string().contains("too big") {
            return None;
        }
        let said = format!("A request may have at most {FRAME_MOST} bytes.");
        let _ = self.respond(vec![Response::fault(None, Fault::new(FaultCode::TooLarge, said))]).await;
        Some((close_code::SIZE, "request too long"))
    }

    async fn request(&mut self, text: &str) -> Result<(), Closing> {
        match Request::parse(text) {
            Ok(request) => {
                self.entering = perform::enters(&request.command);
                let overlaps = perform::overlaps(&request.command);
                let work = perform::perform(self.house.clone(), self.visitor.clone(), self.entered.clone(), request);
                self.lane.push(overlaps, work);
                Ok(())
            }
            // In order with the others, so that pipelined answers keep the order of their requests.
            Err((id, fault)) => {
                self.lane.push(true, async move { Done::answer(Response::fault(id, fault)) });
                Ok(())
            }
        }
    }

    /// Writes what has been done, with whatever else is done by now.
    async fn finish(&mut self, done: Done) -> Result<(), Closing> {
        let mut responses = vec![self.settle(done)];
        while let Some(done) = self.lane.next().now_or_never() {
            responses.push(self.settle(done));
        }
        self.respond(responses).await
    }

    fn settle(&mut self, done: Done) -> Response {
        if done.entering {
            self.entering = false;
        }
        if let Some(entered) = done.entered {
            self.entered = Some(entered);
        }
        done.response
    }

    async fn respond(&mut self, responses: Vec<Response>) -> Result<(), Closing> {
        let text = |response| serde_json::to_string(&response).ok().map(Utf8Bytes::from);
        let frames = responses.into_iter().filter_map(text).collect();
        write(&mut self.socket, frames).await
    }

    async fn deliver(&mut self, deliveries: &[Arc<Delivery>]) -> Result<(), Closing> {
        let mut frames = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            frames.extend(delivery.encoded(Dialect::Native, encode).and_then(|bytes| Utf8Bytes::try_from(bytes).ok()));
        }
        write(&mut self.socket, frames).await
    }

    async fn ping(&mut self) -> Result<(), Closing> {
        if self.last_heard.elapsed() > SILENCE_MOST {
            return Err(None);
        }
        match timeout(WRITE_TIMEOUT, self.socket.send(Message::Ping(Bytes::new()))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(None),
        }
    }

    async fn say_goodbye(&mut self, ending: Ending) -> Closing {
        let code = if ending.retry_after_ms.is_some() { close_code::AWAY } else { close_code::POLICY };
        let goodbye = Event::Goodbye { reason: ending.reason, retry_after_ms: ending.retry_after_ms };
        let frame = serde_json::to_string(&goodbye).ok().map(Utf8Bytes::from);
        write(&mut self.socket, frame.into_iter().collect()).await.ok()?;
        Some((code, "goodbye"))
    }

    /// Says why, and gives the peer a moment to read it: dropping a socket with unread bytes would reset it.
    async fn close(mut self, closing: Closing) {
        self.entered = None;
        let Some((code, reason)) = closing else { return };
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let farewell = async {
            self.socket.send(Message::Close(Some(frame))).await?;
            while let Some(Ok(_)) = self.socket.recv().await {}
            Ok::<_, axum::Error>(())
        };
        let _ = timeout(Duration::from_secs(2), farewell).await;
    }
}

/// Feeds all frames, then flushes once.
async fn write(socket: &mut WebSocket, frames: Vec<Utf8Bytes>) -> Result<(), Closing> {
    let writing = async {
        for frame in frames {
            socket.feed(Message::Text(frame)).await?;
        }
        socket.flush().await
    };
    match timeout(WRITE_TIMEOUT, writing).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(None),
    }
}

fn encode(happening: &Happening) -> Option<Bytes> {
    #[derive(serde::Serialize)]
    struct EntryEvent<'a> {
        event: &'static str,
        entry: &'a titan_core::protocol::Entry,
    }
    let json = match happening {
        Happening::Entry(entry) => serde_json::to_vec(&EntryEvent { event: "entry", entry }),
        Happening::Passing(event) => serde_json::to_vec(event),
    };
    json.ok().map(Bytes::from)
}

/// The log can't be read: the database is busy or the disk is full. It will be read again.
async fn rest_after(error: &impl std::fmt::Display) -> Result<(), Closing> {
    tracing::warn!(%error, "a connection can't read the log just now");
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(())
}
