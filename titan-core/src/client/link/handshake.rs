//! From an address to a logged-in connection that goes on where the last one stopped.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::{Broken, Link, Live, Writer, broke};
use crate::{
    ConversationId, SafeText, Seq,
    client::{
        ClientEvent, Connection, Error, Options, Shared, call,
        options::Entry,
        order::Order,
        pages::each_once,
        socket::{self, Socket},
        trust,
    },
    protocol::{Ask, Conversation, Event, Fault, FaultCode, Incoming, Listing, LoggedIn, Person, Place, What, ask},
};

/// Places in one `resume`, so that its frame stays within the limit.
const PLACES_MOST: usize = 1000;

/// What the first exchange brought.
struct Hello {
    session: LoggedIn,
    people: Vec<Person>,
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
pub(in crate::client) async fn ask_once<A: Ask>(options: &Options, ask: A) -> Result<A::Reply, Error> {
    let mut dialogue = Dialogue::open(options).await?;
    let answer = within(options.pace.handshake, dialogue.ask(ask)).await?;
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
            self.cached(cache.put_people(&hello.people));
        }
        let rewound = self.enter_epoch(hello.session.epoch.as_deref());
        let tells = hello.session.epoch.as_ref().map(|_| hello.session.now);
        self.shared.set_session(hello.session);
        let (places, mut news) = self.plan(&hello.conversations);
        if rewound {
            news.insert(0, ClientEvent::Rewound(hello.conversations.iter().map(|it| it.id).collect()));
        }
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
        news.into_iter().for_each(|event| self.outlet.push(event));
        self.outbox.look();
        // Servers without epochs don't know it.
        tells.into_iter().for_each(|now| self.ask_who_ended(now));
        self.take_in(&dialogue.pushed)?;
        let (sink, reader) = dialogue.socket.split();
        let now = Instant::now();
        Ok(Live { reader, writer: Writer::start(sink), since: now, heard: now, pinged: false })
    }

    /// Where to go on in each conversation, and what changed about the list of them while there was no connection.
    fn plan(&mut self, conversations: &[Conversation]) -> (Vec<Place>, Vec<ClientEvent>) {
        let known = self.known_before();
        let mut news = Vec::new();
        let mut places = Vec::new();
        for conversation in conversations {
            let is_new = known.as_ref().is_some_and(|known| !known.contains(&conversation.id));
            let (seq, shorter) = self.follow(conversation, is_new);
            places.push(Place { conversation: conversation.id, seq });
            if is_new {
                let added = Event::ConversationAdded { conversation: Box::new(conversation.clone()) };
                news.push(ClientEvent::Server(added));
            }
            if shorter {
                news.push(ClientEvent::Rewound(vec![conversation.id]));
            }
        }
        let now: HashSet<ConversationId> = conversations.iter().map(|conversation| conversation.id).collect();
        for conversation in known.unwrap_or_default().difference(&now) {
            self.forget(*conversation);
            let reason = SafeText::new("You are no longer in this conversation.");
            news.push(ClientEvent::Server(Event::ConversationRemoved { conversation: *conversation, reason }));
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

    /// Another epoch than before: the server was restored from a backup, and what was held is dropped. Whether that is so.
    fn enter_epoch(&mut self, epoch: Option<&str>) -> bool {
        let Some(epoch) = epoch else { return false };
        let cache = self.shared.options.cache.clone();
        let dropped = cache.and_then(|cache| self.cached(cache.enter_epoch(epoch))).unwrap_or_default();
        let before = self.epoch.replace(epoch.to_owned());
        let rewound = dropped || before.is_some_and(|before| before != epoch);
        if rewound {
            self.order = Order::default();
            self.known = None;
        }
        rewound
    }

    /// Follows a conversation from where it was left; a new direct from its beginning; any other from now. Tells whether
    /// its log is shorter than it was.
    fn follow(&mut self, conversation: &Conversation, is_new: bool) -> (Seq, bool) {
        let cache = self.shared.options.cache.clone();
        let (id, head) = (conversation.id, conversation.head);
        let cached = cache.as_ref().and_then(|cache| self.cached(cache.last_seq(id)).flatten());
        let last = self.order.last(id).max(cached);
        let shorter = last > Some(head);
        let seq = match last {
            Some(last) if !shorter => last,
            Some(_) => {
                // The server was restored from a backup, by hand perhaps, and what is held may be untrue.
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
        (seq, shorter)
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
        let session = match login(shared)? {
            Login::ByToken(ask) => dialogue.ask(ask).await?,
            Login::ByPassword(ask) => dialogue.ask(ask).await?,
        };
        let people = match options.watch_presence {
            true => all(&mut dialogue, ask::Who { watch: true, ..ask::Who::default() }).await.map_err(stumbled)?,
            false => Vec::new(),
        };
        let conversations = all(&mut dialogue, ask::Conversations::default()).await.map_err(stumbled)?;
        let conversations = each_once(conversations, |conversation| conversation.id);
        Ok((dialogue, Hello { session, people, conversations }))
    })
    .await
}

/// All of a list, in as many pages as it takes.
async fn all<L: Listing>(dialogue: &mut Dialogue, list: L) -> Result<Vec<L::Item>, Error> {
    let (mut all, mut more) = L::page(dialogue.ask(list.clone()).await?);
    while more && let Some(last) = all.last() {
        let (mut page, further) = L::page(dialogue.ask(list.behind(last)).await?);
        more = further && !page.is_empty();
        all.append(&mut page);
    }
    Ok(all)
}

/// How to log in.
enum Login {
    ByToken(ask::Authenticate),
    ByPassword(ask::Login),
}

/// A password is used once: coming back goes by the token it gave, so that a revoked session stays revoked.
fn login(shared: &Shared) -> Result<Login, Error> {
    if let Some(LoggedIn { token, .. }) = shared.session() {
        return Ok(Login::ByToken(ask::Authenticate { token }));
    }
    match shared.options.entry.clone() {
        Entry::Password { username, password, new, code } => {
            let (code, client) = (code, shared.options.client.clone());
            Ok(Login::ByPassword(ask::Login { username, password, code, client, new_password: new }))
        }
        Entry::Token(token) => Ok(Login::ByToken(ask::Authenticate { token })),
        Entry::Nobody => {
            let message = "The options name neither a password nor a token to log in with.";
            Err(Fault::new(FaultCode::NotLoggedIn, message).into())
        }
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(Error::network(format!("the server did not answer within {} s", limit.as_secs()))),
    }
}

impl Dialogue {
    async fn open(options: &Options) -> Result<Self, Error> {
        let tls = trust::config(options)?;
        let socket = socket::open(&options.origin, &tls, options.pace.handshake).await?;
        Ok(Self { socket, last_id: 0, pushed: Vec::new() })
    }

    async fn resume(&mut self, places: Vec<Place>) -> Result<(), Error> {
        let mut parts: Vec<Vec<Place>> = places.chunks(PLACES_MOST).map(<[Place]>::to_vec).collect();
        if parts.is_empty() {
            parts.push(Vec::new());
        }
        for after in parts {
            self.ask(ask::Resume { after }).await.map_err(stumbled)?;
        }
        Ok(())
    }

    /// Asks, and waits for the answer.
    async fn ask<A: Ask>(&mut self, ask: A) -> Result<A::Reply, Error> {
        self.last_id += 1;
        let text = call::write(self.last_id, &ask.into())?;
        self.socket.send(Message::text(text)).await.map_err(broke)?;
        loop {
            let frame = self.socket.next().await;
            let frame = frame.ok_or_else(|| Error::network("the server closed the connection"))?;
            let Message::Text(text) = frame.map_err(broke)? else { continue };
            match Incoming::parse(&text).map_err(Error::senseless)? {
                Incoming::Ok { id, ok } if id == self.last_id => {
                    return serde_json::from_str(ok.get()).map_err(Error::senseless);
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
    Error::Fault(Fault { retry_after_ms, ..Fault::new(code, reason.to_string()) })
}
