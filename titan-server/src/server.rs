//! Putting the house together: data folder, store, hub, doors; and taking it apart again.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::admin_key::AdminKey;
use crate::blobs::Blobs;
use crate::config::{Address, Config, Tls, is_loopback};
use crate::data_dir::{DataDir, secret};
use crate::doors::{self, Crowd, House, Sizes, TokenKey, serve};
use crate::erasing::Eraser;
use crate::evidence;
use crate::file_limit;
use crate::hub::{Hub, Limits, Mailer, Passwords, Rules, journal};
use crate::inherited::Inherited;
use crate::keys;
use crate::mail::Mail;
use crate::metrics::Metrics;
use crate::pepper::Pepper;
use crate::rekeeping;
use crate::soundness::{self, Entrance};
use crate::store::mark::Mark;
use crate::store::postgres::{PostgresOptions, PostgresStore};
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::store::{Clock, CommittedSender, Log, Store};
use crate::supervision::{Failure, Tasks};
use crate::switchboard::Switchboard;
use crate::tending::{sweep_doors, tend};
use crate::timekeeping::HouseClock;
use crate::tls::{self, Certificates};
use crate::uploads::Uploads;

/// Commits that may wait for the switchboard.
const COMMITS_MOST: usize = 256;
/// Everything must have ended this long after it was asked to.
const CLOSING_MOST: Duration = Duration::from_secs(4);

/// A running server. Dropping it leaves its tasks to their runtime; [`Server::close`] ends them in order.
pub struct Server {
    pub hub: Arc<Hub>,
    doors: Vec<OpenDoor>,
    /// Sockets that were handed in and wait for their door.
    inherited: Inherited,
    certificates: Option<Certificates>,
    closing: CancellationToken,
    tasks: Tasks,
    eraser: Arc<Eraser>,
    /// What follows the commits.
    following: JoinHandle<()>,
    store: Arc<dyn Store>,
    /// The same, where it is a file.
    sqlite: Option<Arc<SqliteStore>>,
    mark: Mark,
    clock: Arc<HouseClock>,
    crowd: Crowd,
    _entrance: Entrance,
    _data_dir: DataDir,
}

/// A door that listens, and where.
#[derive(Clone, Debug)]
pub struct OpenDoor {
    pub name: &'static str,
    pub address: SocketAddr,
}

impl Server {
    /// Opens the data folder and all doors. When this returns, connections are taken in.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        Self::start_on(config, Inherited::default()).await
    }

    /// The same, with doors that listen on sockets which somebody opened for them.
    pub async fn start_on(config: Config, inherited: Inherited) -> anyhow::Result<Self> {
        Self::put_together(config, inherited, |store| store).await
    }

    /// The same with another store in the place of the one that the settings name, which it may hand on to.
    pub async fn start_with(
        config: Config,
        replace: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> anyhow::Result<Self> {
        Self::put_together(config, Inherited::default(), replace).await
    }

    async fn put_together(
        config: Config,
        inherited: Inherited,
        replace: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> anyhow::Result<Self> {
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let files = file_limit::raise();
        let data_dir =
            DataDir::open(&config.data_dir).with_context(|| format!("opening {}", config.data_dir.display()))?;
        let (committed, commits) = mpsc::channel(COMMITS_MOST);
        let entrance = soundness::enter(&config).await?;
        let mark = Mark::default();
        let clock = Arc::new(HouseClock::open(data_dir.path()));
        let (store, sqlite) = open_store(&config, committed, &mark, clock.clone()).await?;
        let store = replace(store);
        let pepper = Pepper::read_or_make(data_dir.path()).context("reading the pepper file")?;
        let switchboard = Switchboard::new(store.clone() as Arc<dyn Log>);
        let (mail, carrier) = Mail::open(&config.mail, data_dir.join("outbox")).context("setting up mail")?;
        let hub = hub(
            &config,
            &data_dir,
            &pepper,
            store.clone(),
            switchboard.clone(),
            Arc::new(mail.clone()),
            clock.clone(),
        )?;
        let mut tasks = Tasks::default();
        let following = tasks.spawn_last("what follows the commits", hub.follower().run(commits));
        tokio::select! {
            settled = soundness::settle(&config, &data_dir, &pepper, &*store, &mark) => settled?,
            failure = failure(store.clone(), tasks.death()) => return Err(failure.into()),
        }
        sweep_doors(&*store, &doors::WITHOUT_TOKENS).await;

        let closing = CancellationToken::new();
        let house = house(&config, &data_dir, hub.clone(), closing.clone()).await?;
        tend(&mut tasks, &house, &store, &clock);
        let peppers = pepper.all().clone();
        let safely = rekeeping::keep_safely(hub.clone(), store.clone(), peppers, closing.clone());
        tasks.spawn("what keeps passwords safely", safely);
        tasks.spawn("what sends letters", carrier.run(closing.clone()));
        let eraser = Eraser::new(house.clone(), store.clone());
        tasks.spawn("what erases", eraser.clone().run());
        let mut server = Self {
            hub,
            doors: Vec::new(),
            inherited,
            certificates: None,
            closing,
            tasks,
            eraser,
            following,
            store,
            sqlite,
            mark,
            clock,
            crowd: Crowd::new(file_limit::for_connections(files)),
            _entrance: entrance,
            _data_dir: data_dir,
        };
        server.open_doors(&config, &house, &mail).await?;
        server.inherited.name_the_rest();
        server.doors.iter().for_each(|door| journal::started(door.name, door.address));
        server.listen_to_operators(&config.data_dir);
        Ok(server)
    }

    /// Takes orders from the command line of this machine. Where that can't be, the server runs all the same.
    #[cfg(unix)]
    fn listen_to_operators(&mut self, data_dir: &std::path::Path) {
        use crate::console::{socket::Ear, socket_path};
        match Ear::open(&socket_path(data_dir)) {
            Ok(ear) => self.tasks.spawn("what hears operators", ear.serve(self.hub.clone(), self.closing.clone())),
            Err(error) => tracing::warn!(%error, "titan-server admin can't reach this server"),
        }
    }

    #[cfg(not(unix))]
    fn listen_to_operators(&mut self, _: &std::path::Path) {}

    async fn open_doors(&mut self, config: &Config, house: &House, mail: &Mail) -> anyhow::Result<()> {
        let certificates = self.certificates(config)?;
        let tls = match &certificates {
            Some(certificates) if config.tls != Tls::Off => Some(certificates.acceptor(tls::HTTP, config.allow_tls12)?),
            _ => None,
        };
        self.open("http", &config.http, doors::http::router(house.clone()), tls.clone(), config).await?;
        self.open("titan-net", &config.titan_net, doors::titan_net::router(house.clone()), tls, config).await?;
        let json_lines = |listener, entrance| doors::json_lines::serve(listener, house.clone(), entrance);
        self.open_plain("json-lines", &config.json_lines, json_lines, config).await?;
        let slash = |listener, entrance| doors::slash::serve(listener, house.clone(), entrance);
        self.open_plain("slash", &config.slash, slash, config).await?;
        if let Some(address) = self.address("slash") {
            tracing::info!("Server started on {address}");
        }
        let Some(certificates) = certificates else { return Ok(()) };
        self.open_tls_frames(config, house, &certificates).await?;
        self.open_reset_site(config, house, &certificates, mail).await
    }

    /// Opens a door whose protocol knows no encryption: to this machine only, unless it is told otherwise.
    async fn open_plain<F>(
        &mut self,
        name: &'static str,
        address: &Address,
        serve: impl FnOnce(TcpListener, serve::Entrance) -> F,
        config: &Config,
    ) -> anyhow::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(wanted) = address.socket()? else { return Ok(()) };
        private_or_allowed(name, wanted, config)?;
        let listener = self.listen(name, wanted).await?;
        private_or_allowed(name, listener.local_addr()?, config)?;
        let entrance = self.entrance(name, None, config);
        self.tasks.spawn(name, serve(listener, entrance));
        Ok(())
    }

    /// The certificate of the house; none where every door is plain. Doors that are never plain have one made for them.
    fn certificates(&mut self, config: &Config) -> anyhow::Result<Option<Certificates>> {
        let never_plain = [&config.tls_frames, &config.reset_site].iter().any(|door| **door != Address::Off);
        let tls = if config.tls == Tls::Off && never_plain { &Tls::SelfSigned } else { &config.tls };
        let Some(certificates) = Certificates::open(tls, &config.data_dir)? else { return Ok(None) };
        certificates.tell();
        self.certificates = Some(certificates.clone());
        self.tasks.spawn("what renews certificates", certificates.clone().watch(self.closing.clone()));
        Ok(Some(certificates))
    }

    /// TLS 1.2 is good enough here: this door is for older clients.
    async fn open_tls_frames(
        &mut self,
        config: &Config,
        house: &House,
        certificates: &Certificates,
    ) -> anyhow::Result<()> {
        let Some(wanted) = config.tls_frames.socket()? else { return Ok(()) };
        let listener = self.listen("tls-frames", wanted).await?;
        let tls = certificates.acceptor(&[], true)?;
        let entrance = self.entrance("tls-frames", None, config);
        self.tasks.spawn("tls-frames", doors::tls_frames::serve(listener, house.clone(), tls, entrance));
        Ok(())
    }

    async fn open_reset_site(
        &mut self,
        config: &Config,
        house: &House,
        certificates: &Certificates,
        mail: &Mail,
    ) -> anyhow::Result<()> {
        let router = doors::reset_site::router(house.clone(), config.mail.reset_key.clone());
        let tls = certificates.acceptor(tls::HTTP, config.allow_tls12)?;
        self.open("reset-site", &config.reset_site, router, Some(tls), config).await?;
        let Some(address) = self.address("reset-site") else { return Ok(()) };
        let (ip, port) = (address.ip(), address.port());
        let host = match ip {
            _ if ip.is_unspecified() || is_loopback(ip) => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        if config.mail.reset_url.is_none() && !is_loopback(ip) {
            tracing::warn!(
                "links in letters lead to https://{host}:{port}: if people reach it otherwise, say how by --reset-url"
            );
        }
        mail.links_lead_to(format!("https://{host}:{port}").parse()?);
        Ok(())
    }

    async fn open(
        &mut self,
        name: &'static str,
        address: &Address,
        router: Router,
        tls: Option<TlsAcceptor>,
        config: &Config,
    ) -> anyhow::Result<()> {
        let Some(wanted) = address.socket()? else { return Ok(()) };
        let listener = self.listen(name, wanted).await?;
        let address = listener.local_addr()?;
        if tls.is_none() && !is_loopback(address.ip()) {
            tracing::warn!(door = name, %address, "this door is plain and reachable from other machines: set up --tls-cert and --tls-key, or --tls self-signed");
        }
        let entrance = self.entrance(name, tls, config);
        self.tasks.spawn(name, serve::serve(listener, router, entrance));
        Ok(())
    }

    async fn listen(&mut self, name: &'static str, wanted: SocketAddr) -> anyhow::Result<TcpListener> {
        let listener = match self.inherited.take(name, wanted) {
            Some(listener) => TcpListener::from_std(listener)
                .with_context(|| format!("the door {name} can't listen on the socket that was handed in for it"))?,
            None => TcpListener::bind(wanted)
                .await
                .with_context(|| format!("the door {name} can't listen on {wanted}: is another program using it?"))?,
        };
        self.doors.push(OpenDoor { name, address: listener.local_addr()? });
        Ok(listener)
    }

    fn entrance(&self, door: &'static str, tls: Option<TlsAcceptor>, config: &Config) -> serve::Entrance {
        let certificates = self.certificates.as_ref().filter(|_| tls.is_some());
        serve::Entrance {
            door,
            vouched: certificates.map(Certificates::vouched).unwrap_or_default(),
            tls,
            failed_handshakes: self.hub.failed_handshakes(),
            closing: self.closing.clone(),
            limited: config.limits,
            crowd: self.crowd.clone(),
            silence: config.silence,
            trusted: config.trusted_proxies.clone(),
            proxy_protocol: config.proxy_protocol,
            public: config.public.clone(),
            refuse: if door == "http" { doors::http::refuse } else { doors::guard::plainly },
        }
    }

    /// Waits until the server can't go on, and says why: whoever runs it ends the process then, at once. Who waits needn't
    /// keep the server.
    pub fn failed(&self) -> impl Future<Output = Failure> + Send + use<> {
        failure(self.store.clone(), self.tasks.death())
    }

    /// Takes up what lies in files that the server reads but once: the certificate.
    pub async fn reload(&self) {
        if let Some(certificates) = &self.certificates {
            certificates.reload().await;
        }
    }

    /// The memory itself, for tests.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The memory if it is a file, for tests that make its disk full.
    pub fn sqlite(&self) -> Option<&SqliteStore> {
        self.sqlite.as_deref()
    }

    /// The doors that are open, in the order of their opening.
    pub fn doors(&self) -> &[OpenDoor] {
        &self.doors
    }

    /// Where a door listens; none where it is off.
    pub fn address(&self, door: &str) -> Option<SocketAddr> {
        self.doors.iter().find(|open| open.name == door).map(|open| open.address)
    }

    /// Takes nothing more in, tells clients to come back, finishes what was begun, and closes the store.
    pub async fn close(self) {
        evidence::tell_head(&*self.store).await;
        journal::stopped();
        self.hub.close();
        self.closing.cancel();
        if tokio::time::timeout(CLOSING_MOST, self.tasks.done()).await.is_err() {
            tracing::warn!("some connections did not end in time and were dropped");
        }
        self.eraser.finish().await;
        self.store.close().await;
        self.clock.remember();
        if let Err(error) = self.mark.settle() {
            tracing::warn!(%error, "the mark of what was last committed can't be put on disk");
        }
        self.following.abort();
    }
}

/// Whether a door whose protocol knows no encryption may listen there.
fn private_or_allowed(name: &str, address: SocketAddr, config: &Config) -> anyhow::Result<()> {
    if !is_loopback(address.ip()) && !config.allow_plaintext {
        bail!(
            "{name} is not encrypted, and {address} can be reached from other machines: let it listen on 127.0.0.1, or say --allow-plaintext"
        );
    }
    Ok(())
}

/// The memory that the settings name.
async fn open_store(
    config: &Config,
    committed: CommittedSender,
    mark: &Mark,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<(Arc<dyn Store>, Option<Arc<SqliteStore>>)> {
    if let Some(url) = &config.database_url {
        let options = PostgresOptions { mark: mark.clone(), clock, ..PostgresOptions::default() };
        let store = PostgresStore::open(url.reveal(), committed, options).await;
        return Ok((Arc::new(store.with_context(|| format!("opening {}", url.address()))?), None));
    }
    let database = config.database.clone();
    let options = SqliteOptions { mark: mark.clone(), clock, ..SqliteOptions::default() };
    let open = move || SqliteStore::open(&database, committed, options);
    let store = tokio::task::spawn_blocking(open).await?;
    let store = Arc::new(store.with_context(|| format!("opening {}", config.database.display()))?);
    Ok((store.clone(), Some(store)))
}

/// What the doors are given: the hall, the files, and what the settings say of them.
async fn house(
    config: &Config,
    data_dir: &DataDir,
    hub: Arc<Hub>,
    closing: CancellationToken,
) -> anyhow::Result<House> {
    let channel_file = config.channels_upload_bytes.min(config.upload_bytes);
    let sizes = Sizes { upload: config.upload_bytes, channel_file, ..Sizes::default() };
    let tokens = token_key(data_dir, &hub).await?;
    keys::warn_of_open_ones(config);
    let blobs = Blobs::open_within(&config.blobs, config.space)
        .with_context(|| format!("opening {}", config.blobs.display()))?;
    let uploads = Uploads::open(&data_dir.join("uploads"), blobs.clone(), sizes).context("opening the uploads")?;
    Ok(House {
        hub,
        blobs,
        uploads,
        silence: config.silence,
        closing,
        sizes,
        metrics: Metrics::default(),
        tokens,
        open_metrics: config.open_metrics,
        metrics_key: config.metrics_key.clone(),
        files_origin: config.files_origin.clone(),
        security_contact: config.security_contact.clone(),
    })
}

fn hub(
    config: &Config,
    data_dir: &DataDir,
    pepper: &Pepper,
    store: Arc<dyn Store>,
    switchboard: Switchboard,
    mailer: Arc<dyn Mailer>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Arc<Hub>> {
    let at_once = std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1));
    let (admin_key, fresh) = AdminKey::load(&data_dir.join("admin_key.txt")).context("reading the admin key")?;
    if fresh || config.slash != Address::Off {
        tracing::info!("Admin key: in {}", admin_key.file().display());
    }
    let limits = if config.limits { Limits::on() } else { Limits::off() };
    if !config.limits {
        tracing::warn!("the rate limits are off: this is for tests and benchmarks only");
    }
    let passwords = Passwords::new(pepper.all().clone(), at_once)
        .with_least(usize::try_from(config.passwords_min).unwrap_or(usize::MAX));
    let passwords = match config.public.url.as_ref().and_then(|url| url.host_str()) {
        Some(host) => passwords.at_host(host),
        None => passwords,
    };
    let rules = Rules { limits, sessions: config.sessions, admins_need_factors: config.admin_factors };
    Ok(Hub::new(store, switchboard, passwords, rules, admin_key, mailer, clock))
}

/// Waits for what no server can go on after. Who waits for something of the store's while it starts waits for this too: a
/// store that has ended answers nobody.
async fn failure(store: Arc<dyn Store>, death: impl Future<Output = &'static str>) -> Failure {
    tokio::select! {
        why = store.ended() => Failure::Disk(why),
        task = death => Failure::Task(task),
    }
}

/// What signs the channels door's tokens, which are for this house alone.
async fn token_key(data_dir: &DataDir, hub: &Hub) -> anyhow::Result<TokenKey> {
    let key = secret(&data_dir.join("jwt_key"), "remove it for a new one, which ends those tokens and nothing else")
        .context("reading the key of the channels door's tokens")?;
    let epoch = hub.epoch().await.map_err(|fault| anyhow!(fault.message))?;
    Ok(TokenKey::new(&key, epoch.unwrap_or_default()))
}
