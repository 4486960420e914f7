//! Getting into a server and carrying what it says.

use titan_core::{
    SafeText, Secret, Time,
    cache::Cache,
    client::{Client, ClientEvent, Connection, Error, Events, Options, Trust, Untrusted},
    protocol::{Account, Event as ServerEvent, FaultCode, ask},
};

use super::{Hosted, Pump, Runner, Session, UNDER_WAY, lock, trouble};
use crate::{
    app::{
        effect::{Entrance, How},
        event::{Entered, Event, Restored, Trouble},
        log::Pending,
        state::{Link, ServerInfo},
    },
    credentials::{Login, SOLO, USUAL_SERVER},
    device, words,
};

/// What goes to the server beside a password.
#[derive(Default)]
struct Beside {
    new: Option<Secret>,
    code: Option<Secret>,
}

/// Names tried for the account of a fresh server on this machine.
const NAMES_MOST: u32 = 20;

impl Runner {
    /// The cache of a server, opened before anything is asked of the network: what it holds is painted first.
    pub fn open_cache(&self, server: &ServerInfo, username: &str) -> Result<Restored, Trouble> {
        let cache = self.cache_of(server, username)?;
        let restored = restored(&cache).map_err(trouble)?;
        self.take_over(None, cache, server.clone(), username);
        Ok(restored)
    }

    /// Connects with the token of last time, for as long as it takes.
    pub fn resume(&self, server: &ServerInfo, kept: &Login) -> Result<(), Trouble> {
        let cache = self.cache_of(server, &kept.username)?;
        let options = self.options(server)?.token(kept.token.clone()).cache(cache.clone());
        let (client, events) = Client::start(options);
        self.take_over(Some((client, events)), cache, server.clone(), &kept.username);
        Ok(())
    }

    /// The login kept for a server.
    pub fn login_at(&self, server: &ServerInfo, username: Option<&str>) -> Option<Login> {
        let name = server_name(server).ok()?;
        let found = match server.hosted {
            true => self.shared.folders.solo_credentials().find(None, None),
            false => self.shared.folders.credentials().find(Some(&name), username),
        };
        found.unwrap_or_else(|error| {
            self.tell_soon(Event::Said(Err(Trouble::new(format!("{error:#}")))));
            None
        })
    }

    fn cache_of(&self, server: &ServerInfo, username: &str) -> Result<Cache, Trouble> {
        let path = self.shared.folders.cache(&server_name(server)?, username);
        match self.session().filter(|session| session.cache_path == path) {
            Some(session) => Ok(session.cache),
            None => Cache::open(path).map_err(trouble),
        }
    }

    fn options(&self, server: &ServerInfo) -> Result<Options, Trouble> {
        let options = Options::new(&server.url).map_err(trouble)?.trust(Trust::Known(self.shared.known.clone()));
        Ok(if self.shared.plaintext { options.allow_plaintext() } else { options })
    }

    /// Connects once more as who this session is.
    pub(super) fn reconnect(&self) {
        let Some(session) = self.session() else { return };
        let kept = self.login_at(&session.server, Some(&session.username));
        let resumed = kept.ok_or_else(|| Trouble::new(words::NOT_LOGGED_IN));
        if let Err(trouble) = resumed.and_then(|kept| self.resume(&session.server, &kept)) {
            self.tell_soon(Event::Link(Link::Ended { why: trouble.text }));
        }
    }

    pub(super) fn believe(&self, server: &Untrusted) {
        if let Err(error) = self.shared.known.believe(server) {
            self.tell_soon(Event::Said(Err(trouble(error))));
        }
    }

    /// Makes this the session; the one before ends.
    fn take_over(&self, connection: Option<(Client, Events)>, cache: Cache, server: ServerInfo, username: &str) {
        let pump = Pump::default();
        let client = connection.map(|(client, events)| {
            let runner = self.clone();
            *lock(&pump.0) = Some(tokio::spawn(runner.carry(events)));
            client
        });
        let cache_path = self.shared.folders.cache(&server_name(&server).unwrap_or_default(), username);
        let username = username.to_owned();
        let session = Session { client, cache, cache_path, server, username, _pump: std::sync::Arc::new(pump) };
        *lock(&self.shared.session) = Some(session);
    }

    /// Carries what the server says to the screen.
    async fn carry(self, mut events: Events) {
        while let Some(event) = events.next().await {
            for event in translate(event) {
                self.tell(event).await;
            }
        }
    }

    /// Logs in or registers; the answer comes as an event.
    pub(super) fn enter(&self, entrance: Entrance) {
        let runner = self.clone();
        tokio::spawn(async move {
            let entered = runner.try_enter(entrance).await;
            runner.tell(Event::Entered(entered.map(Box::new))).await;
        });
    }

    async fn try_enter(&self, entrance: Entrance) -> Result<Entered, Trouble> {
        let Entrance { server, how } = entrance;
        let (username, password) = match how {
            How::Token => return self.enter_by_token(server),
            How::Login { username, password, new, code } => {
                return self.log_in(server, &username, password, Beside { new, code }).await;
            }
            How::Register { username, password, full_name, admin_key } => {
                let options = self.options(&server)?;
                let admin_key = admin_key.or(self.own_key(&server).await);
                Client::register(&options, &username, password.clone(), full_name.as_deref(), admin_key)
                    .await
                    .map_err(trouble)?;
                (username, password)
            }
        };
        self.log_in(server, &username, password, Beside::default()).await
    }

    fn enter_by_token(&self, server: ServerInfo) -> Result<Entered, Trouble> {
        let kept = self.login_at(&server, None).ok_or_else(|| Trouble::new(words::NOT_LOGGED_IN))?;
        let restored = self.open_cache(&server, &kept.username)?;
        self.resume(&server, &kept)?;
        let account = restored.me.clone().ok_or_else(|| Trouble::new(words::NOT_LOGGED_IN))?;
        Ok(Entered { server, account, restored })
    }

    async fn log_in(
        &self,
        server: ServerInfo,
        username: &str,
        password: Secret,
        beside: Beside,
    ) -> Result<Entered, Trouble> {
        let cache = self.cache_of(&server, username)?;
        let mut options =
            self.options(&server)?.password(username, password).client(device::name()).cache(cache.clone());
        if let Some(new) = beside.new {
            options = options.choosing(new);
        }
        if let Some(code) = beside.code {
            options = options.code(code);
        }
        let (client, events) = Client::connect(options).await.map_err(trouble)?;
        let login = client.me().ok_or_else(|| Trouble::new(words::NOT_LOGGED_IN))?;
        let name = server_name(&server)?;
        self.remember(&server, Login { server: name, username: username.to_owned(), token: login.token.clone() });
        let restored = restored(&cache).map_err(trouble)?;
        self.take_over(Some((client, events)), cache, server.clone(), username);
        Ok(Entered { server, account: login.account, restored })
    }

    fn remember(&self, server: &ServerInfo, login: Login) {
        let folders = &self.shared.folders;
        self.share_with_shell(server, &login);
        let name = login.server.clone();
        let credentials = if server.hosted { folders.solo_credentials() } else { folders.credentials() };
        if let Err(error) = credentials.keep(login).and_then(|()| folders.keep_last_server(&name)) {
            self.tell_soon(Event::Said(Err(Trouble::new(words::sentence(&format!("{error:#}"))))));
        }
    }

    /// A server of our own at the usual address is one that the shell commands find, too.
    fn share_with_shell(&self, server: &ServerInfo, login: &Login) {
        if server.hosted && server.url == USUAL_SERVER {
            let login = Login { server: USUAL_SERVER.to_owned(), ..login.clone() };
            if let Err(error) = self.shared.folders.credentials().keep(login) {
                tracing::warn!(%error, "the shell commands will not know of this login");
            }
        }
    }

    fn forget(&self, session: &Session) {
        let folders = &self.shared.folders;
        let credentials = if session.server.hosted { folders.solo_credentials() } else { folders.credentials() };
        let name = server_name(&session.server).unwrap_or_default();
        if let Err(error) = credentials.forget(&name, &session.username) {
            self.tell_soon(Event::Said(Err(Trouble::new(words::sentence(&format!("{error:#}"))))));
        }
    }

    pub(super) fn logout(&self) {
        let runner = self.clone();
        tokio::spawn(async move {
            if let Some(session) = runner.session() {
                if let Some(client) = &session.client {
                    let _ = client.ask(ask::Logout {}).await;
                }
                runner.forget(&session);
            }
            runner.tell(Event::Link(Link::Ended { why: words::LOGGED_OUT.to_owned() })).await;
        });
    }

    /// The account is no more: its token and what this machine kept of the login are of no use.
    pub(super) fn forget_account(&self, why: String) {
        if let Some(session) = self.session() {
            self.forget(&session);
        }
        self.tell_soon(Event::Link(Link::Ended { why }));
    }

    /// Has a link for a new password mailed.
    pub(super) fn ask_for_reset(&self, server: ServerInfo, name: String) {
        let runner = self.clone();
        tokio::spawn(async move {
            let asked = async {
                let options = runner.options(&server)?;
                Client::ask_once(&options, ask::RequestReset { username: name.clone() }).await.map_err(trouble)
            };
            let result = asked.await.map(|_| name.clone());
            runner.tell(Event::Forgotten(result)).await;
        });
    }

    /// Starts the server on this machine and says where it is; straight in where a token is kept.
    pub(super) fn host(&self) {
        let runner = self.clone();
        tokio::spawn(async move {
            let server = match runner.start_host().await {
                Ok((server, _)) => server,
                Err(trouble) => return runner.tell(Event::Hosted(Err(trouble))).await,
            };
            match runner.login_at(&server, None) {
                Some(_) => runner.enter(Entrance { server, how: How::Token }),
                None => runner.tell(Event::Hosted(Ok(server))).await,
            }
        });
    }

    /// `--solo`: the server on this machine, and straight into it; a fresh one gets an account for whoever sits here.
    pub fn go_solo(&self, username: String) {
        let runner = self.clone();
        tokio::spawn(async move {
            if let Err(trouble) = runner.try_solo(&username).await {
                runner.tell(Event::Hosted(Err(trouble))).await;
            }
        });
    }

    async fn try_solo(&self, username: &str) -> Result<(), Trouble> {
        let (server, hosted) = self.start_host().await?;
        if let Some(kept) = self.login_at(&server, None) {
            self.tell(Event::At(server.clone())).await;
            self.share_with_shell(&server, &kept);
            return self.resume(&server, &kept);
        }
        let password = random_password();
        let username = self.register_here(&server, &hosted, username, &password).await?;
        let entered = self.log_in(server, &username, password, Beside::default()).await?;
        self.tell(Event::Entered(Ok(Box::new(entered)))).await;
        Ok(())
    }

    /// Whoever starts a server on this machine is its admin.
    async fn own_key(&self, server: &ServerInfo) -> Option<Secret> {
        match server.hosted {
            true => self.start_host().await.ok().and_then(|(_, hosted)| hosted.admin_key),
            false => None,
        }
    }

    async fn start_host(&self) -> Result<(ServerInfo, Hosted), Trouble> {
        let host = self.shared.host.as_ref().ok_or_else(|| Trouble::new(words::CANNOT_HOST))?;
        let hosted = (host.start)().await.map_err(|error| Trouble::new(words::host_failed(&format!("{error:#}"))))?;
        Ok((ServerInfo { url: hosted.url.clone(), hosted: true }, hosted))
    }

    /// Registers the first free of `name`, `name2`, `name3`, …
    async fn register_here(
        &self,
        server: &ServerInfo,
        hosted: &Hosted,
        name: &str,
        password: &Secret,
    ) -> Result<String, Trouble> {
        let options = self.options(server)?;
        let base = titan_core::text::username(name).unwrap_or_else(|_| "me".to_owned());
        for number in 1..=NAMES_MOST {
            let name = if number == 1 { base.clone() } else { format!("{base}{number}") };
            match Client::register(&options, &name, password.clone(), None, hosted.admin_key.clone()).await {
                Ok(_) => return Ok(name),
                Err(Error::Fault(fault)) if fault.code == FaultCode::NameTaken => {}
                Err(error) => return Err(trouble(error)),
            }
        }
        Err(Trouble::new(words::NO_FREE_NAME))
    }
}

/// A server's name in files: its address in its plain form, or that it is the one in here.
fn server_name(server: &ServerInfo) -> Result<String, Trouble> {
    match server.hosted {
        true => Ok(SOLO.to_owned()),
        false => Ok(Options::new(&server.url).map_err(trouble)?.server()),
    }
}

/// Long and forgotten at once: the token is what is kept.
fn random_password() -> Secret {
    let halves = [titan_core::ClientId::new(), titan_core::ClientId::new()];
    halves.map(|half| half.to_string()).concat().into()
}

/// What a cache holds for the first frame.
fn restored(cache: &Cache) -> Result<Restored, Error> {
    let transfers = cache.value("transfers")?.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let outbox = cache.outbox()?.into_iter().map(|queued| {
        let pending = Pending {
            client_id: queued.client_id,
            text: SafeText::new(&queued.text),
            reply_to: queued.reply_to,
            at: queued.queued_at,
            kept: true,
            refused: queued.failed.map(|fault| fault.message),
        };
        (queued.conversation, pending)
    });
    Ok(Restored {
        me: cache.me()?,
        conversations: cache.conversations()?,
        drafts: cache.drafts()?,
        under_way: cache.value(UNDER_WAY)?.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default(),
        open: cache.value("open")?.and_then(|id| id.parse().ok()),
        outbox: outbox.collect(),
        transfers,
        relations: cache.relations()?,
    })
}

/// The client's events as the screen knows them.
fn translate(event: ClientEvent) -> Vec<Event> {
    match event {
        ClientEvent::Connection(connection) => connection_events(connection),
        ClientEvent::Server(event) => vec![Event::Push(Box::new(event))],
        ClientEvent::Outbox { client_id, result, .. } => vec![Event::Sent(client_id, result.map_err(Trouble::from))],
        ClientEvent::Rewound(conversations) => vec![Event::Rewound(conversations)],
        ClientEvent::Notice(text) => vec![Event::Said(Ok(text))],
        _ => vec![Event::Said(Ok(words::NEWER_NEWS.to_owned()))],
    }
}

fn connection_events(connection: Connection) -> Vec<Event> {
    match connection {
        Connection::Connecting => vec![Event::Link(Link::Connecting)],
        Connection::Online { account, .. } => vec![account_is(account), Event::Link(Link::Online)],
        Connection::Waiting { retry_in, why, .. } => {
            let until = Time(Time::now().0 + retry_in.as_millis() as i64);
            vec![Event::Link(Link::Waiting { until, why: titan_core::shown(&why).into_owned() })]
        }
        Connection::Ended { untrusted: Some(server), .. } => vec![Event::Untrusted(server)],
        Connection::Ended { why, .. } => vec![Event::Link(Link::Ended { why: titan_core::shown(&why).into_owned() })],
        _ => vec![Event::Said(Ok(words::NEWER_NEWS.to_owned()))],
    }
}

fn account_is(account: Account) -> Event {
    Event::Push(Box::new(ServerEvent::account_changed(account, None)))
}
