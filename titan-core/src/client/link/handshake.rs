//! From an address to a logged-in connection that goes on where the last one stopped.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::{Broken, Link, Live, Writer};
use crate::{
    ConversationId, SafeText, Seq,
    client::{
        ClientEvent, Connection, Error, Options, Shared, call,
        options::Entry,
        socket::{self, Socket},
        trust,
    },
    protocol::{
        Command, Conversation, Conversations, Event, Fault, FaultCode, Incoming, LoggedIn, People, Place, Resumed, What,
    },
};

/// Places in one `resume`, so that its frame stays within the limit.
const PLACES_MOST: usize = 1000;

/// What the first exchange brought.
struct Hello {
    session: LoggedIn,
    people: People,
    conversations: Vec<Conversation>,
}

/// A connection that one side talks over at a time.
struct Dialogue {
    socket: Socket,
    last_id: u64,
    /// What was pushed in between.
    pushed: Vec<Utf8Bytes>,
}

/// Asks one thing on a connection of its own, without logging in.
pub(in crate::client) async fn ask_once<T: DeserializeOwned>(options: &Options, command: Command) -> Result<T, Error> {
    let mut dialogue = Dialogue::open(options).await?;
    let answer = within(options.pace.handshake, dialogue.ask(command)).await?;
    let _ = dialogue.socket.close(None).await;
    Ok(answer)
}

impl Link {
    /// Connects, logs in and resumes.
    pub async fn open(&mut self) -> Result<Live, Broken> {
        self.announce(Connection::Connecting);
        let shared = self.shared.clone();
        let (mut dialogue, hello) = self.meanwhile(enter(shared)).await.ok_or(Broken::Gone)??;
        let account = hello.session.account.clone();
        if let Some(cache) = self.shared.options.cache.clone() {
            self.cached(cache.claim(&account));
            self.cached(cache.put_people(&hello.people.people));
        }
        self.shared.set_session(hello.session);
        let (places, news) = self.plan(&hello.conversations);
        let limit = self.shared.options.pace.handshake;
        let dialogue = self
            .meanwhile(within(limit, async move {
                dialogue.resume(places).await?;
                Ok(dialogue)
            }))
            .await
            .ok_or(Broken::Gone)??;
        self.resuming = true;
        self.announce(Connection::Online { account });
        for event in news {
            self.outlet.push(ClientEvent::Server(event));
        }
        self.outbox.look();
        self.take_in(&dialogue.pushed)?;
        let (sink, reader) = dialogue.socket.split();
        let now = Instant::now();
        Ok(Live { reader, writer: Writer::start(sink), since: now, heard: now, pinged: false })
    }

    /// Where to go on in each conversation, and what changed about the list of them while there was no connection.
    fn plan(&mut self, conversations: &[Conversation]) -> (Vec<Place>, Vec<Event>) {
        let known = self.known_before();
        let mut news = Vec::new();
        let mut places = Vec::new();
        for conversation in conversations {
            let is_new = known.as_ref().is_some_and(|known| !known.contains(&conversation.id));
            places.push(Place { conversation: conversation.id, seq: self.follow(conversation, is_new) });
            if is_new {
                news.push(Event::ConversationAdded { conversation: Box::new(conversation.clone()) });
            }
        }
        let now: HashSet<ConversationId> = conversations.iter().map(|conversation| conversation.id).collect();
        for conversation in known.unwrap_or_default().difference(&now) {
            self.forget(*conversation);
            let reason = SafeText::new("You are no longer in this conversation.");
            news.push(Event::ConversationRemoved { conversation: *conversation, reason });
        }
        self.known = Some(now);
        if let Some(cache) = self.shared.options.cache.clone() {
            self.cached(cache.put_conversations(conversations));
        }
        (places, news)
    }

    fn known_before(&mut self) -> Option<HashSet<ConversationId>> {
        if let Some(known) = self.known.take() {
            return Some(known);
        }
        let cache = self.shared.options.cache.clone()?;
        let cached = self.cached(cache.conversations())?;
        (!cached.is_empty()).then(|| cached.iter().map(|conversation| conversation.id).collect())
    }

    /// Follows a conversation from where it was left; a new direct from its beginning; any other from now.
    fn follow(&mut self, conversation: &Conversation, is_new: bool) -> Seq {
        let cache = self.shared.options.cache.clone();
        let (id, head) = (conversation.id, conversation.head);
        let cached = cache.as_ref().and_then(|cache| self.cached(cache.last_seq(id)).flatten());
        let seq = match self.order.last(id).max(cached) {
            Some(last) if last <= head => last,
            Some(_) => {
                // The log is shorter than it was: the server was restored from a backup, and what is held may be untrue.
                cache.as_ref().and_then(|cache| self.cached(cache.forget(id)));
                head
            }
            None if is_new && matches!(conversation.what, What::Direct(_)) => Seq(0),
            None => head,
        };
        if cached != Some(seq) {
            cache.as_ref().and_then(|cache| self.cached(cache.set_last_seq(id, seq)));
        }
        self.order.begin(id, seq);
        seq
    }

    pub(super) fn forget(&mut self, conversation: ConversationId) {
        self.order.end(conversation);
        if let Some(cache) = self.shared.options.cache.clone() {
            self.cached(cache.remove_conversation(conversation));
        }
    }
}

/// Connects, logs in, and asks what there is.
async fn enter(shared: Arc<Shared>) -> Result<(Dialogue, Hello), Error> {
    let shared = shared.as_ref();
    let options = &shared.options;
    let mut dialogue = Dialogue::open(options).await?;
    within(options.pace.handshake, async move {
        let session: LoggedIn = dialogue.ask(login(shared)?).await?;
        let people = if options.watch_presence {
            dialogue.ask(Command::Who { watch: true }).await.map_err(stumbled)?
        } else {
            People { people: Vec::new() }
        };
        let Conversations { conversations } = dialogue.ask(Command::Conversations {}).await.map_err(stumbled)?;
        Ok((dialogue, Hello { session, people, conversations }))
    })
    .await
}

/// A password is used once: coming back goes by the token it gave, so that a revoked session stays revoked.
fn login(shared: &Shared) -> Result<Command, Error> {
    if let Some(LoggedIn { token, .. }) = shared.session() {
        return Ok(Command::Authenticate { token });
    }
    match shared.options.entry.clone() {
        Entry::Password { username, password } => Ok(Command::Login { username, password }),
        Entry::Token(token) => Ok(Command::Authenticate { token }),
        Entry::Nobody => {
            let message = "The options name neither a password nor a token to log in with.";
            Err(Fault::new(FaultCode::NotLoggedIn, message).into())
        }
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(Error::Network(format!("the server did not answer within {} s", limit.as_secs()))),
    }
}

impl Dialogue {
    async fn open(options: &Options) -> Result<Self, Error> {
        let tls = trust::config(&options.origin, &options.trust)?;
        let socket = socket::open(&options.origin, &tls, options.pace.handshake).await?;
        Ok(Self { socket, last_id: 0, pushed: Vec::new() })
    }

    async fn resume(&mut self, places: Vec<Place>) -> Result<(), Error> {
        let mut parts: Vec<Vec<Place>> = places.chunks(PLACES_MOST).map(<[Place]>::to_vec).collect();
        if parts.is_empty() {
            parts.push(Vec::new());
        }
        for after in parts {
            let Resumed { heads: _ } = self.ask(Command::Resume { after }).await.map_err(stumbled)?;
        }
        Ok(())
    }

    /// Asks, and waits for the answer.
    async fn ask<T: DeserializeOwned>(&mut self, command: Command) -> Result<T, Error> {
        self.last_id += 1;
        let text = call::write(self.last_id, &command)?;
        self.socket.send(Message::text(text)).await.map_err(|error| broke(&error))?;
        loop {
            let frame = self.socket.next().await;
            let frame = frame.ok_or_else(|| Error::Network("the server closed the connection".to_owned()))?;
            let Message::Text(text) = frame.map_err(|error| broke(&error))? else { continue };
            match Incoming::parse(&text).map_err(|error| senseless(&error))? {
                Incoming::Ok { id, ok } if id == self.last_id => {
                    return serde_json::from_str(ok.get()).map_err(|error| senseless(&error));
                }
                Incoming::Error { id: Some(id), error } if id == self.last_id => return Err(error.into()),
                Incoming::Event(event) => match *event {
                    Event::Goodbye { reason, retry_after_ms } => return Err(turned_away(&reason, retry_after_ms)),
                    _ => self.pushed.push(text),
                },
                _ => {}
            }
        }
    }
}

/// Once logged in, a refusal says nothing about who we are: what it hinders is tried again.
fn stumbled(error: Error) -> Error {
    match error {
        Error::Fault(fault) if !matches!(fault.code, FaultCode::BadToken | FaultCode::Banned) => {
            Fault { code: FaultCode::Unavailable, ..fault }.into()
        }
        other => other,
    }
}

/// A goodbye during the handshake: with a time to come back, or without.
fn turned_away(reason: &SafeText, retry_after_ms: Option<u64>) -> Error {
    let code = if retry_after_ms.is_some() { FaultCode::Unavailable } else { FaultCode::BadToken };
    Error::Fault(Fault { code, message: reason.to_string(), retry_after_ms })
}

fn broke(error: &super::WsError) -> Error {
    Error::Network(format!("the connection broke: {error}"))
}

fn senseless(error: &serde_json::Error) -> Error {
    Error::Network(format!("the server says something that makes no sense to this version: {error}"))
}
