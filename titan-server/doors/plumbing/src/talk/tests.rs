//! How long a conversation waits for its peer, by a clock that goes on only while everybody waits: however busy the machine is,
//! nobody is ever late.

use std::net::{IpAddr, Ipv4Addr};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::*;
use crate::Sizes;
use crate::metrics::Metrics;
use crate::token::TokenKey;
use titan_blobs::Blobs;
use titan_blobs::uploads::Uploads;
use titan_disk::admin_key::AdminKey;
use titan_hub::switchboard::Switchboard;
use titan_hub::{Hub, Letter, Limits, Mailer, Passwords, Peppers};
use titan_sql::sqlite::{SqliteOptions, SqliteStore};

/// Before anything here has failed.
const DEADLINE: Duration = Duration::from_secs(20);

/// What the conversation does to the wire, as the peer sees it.
#[derive(Debug, PartialEq)]
enum Seen {
    Ping,
    Text(Bytes),
    Closed(Parting, &'static str),
}

/// A wire in memory on which silence may last so many milliseconds.
struct Fake<const SILENCE: u64> {
    hears: mpsc::Receiver<Heard>,
    sees: mpsc::Sender<Seen>,
}

impl<const SILENCE: u64> Wire for Fake<SILENCE> {
    const SILENCE_MOST: Option<Duration> = Some(Duration::from_millis(SILENCE));

    async fn hear(&mut self) -> Heard {
        match self.hears.recv().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        }
    }

    async fn feed(&mut self, text: Bytes) -> Result<(), Gone> {
        self.sees.send(Seen::Text(text)).await.map_err(|_| Gone)
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    async fn ping(&mut self) -> Result<(), Gone> {
        self.sees.send(Seen::Ping).await.map_err(|_| Gone)
    }

    async fn close(self, parting: Parting, reason: &'static str) {
        let _ = self.sees.send(Seen::Closed(parting, reason)).await;
    }
}

/// Words for strangers, who have so many milliseconds to log in; a request is a login that takes until it is let go.
#[derive(Clone)]
struct Words<const LOGIN: u64> {
    let_go: Arc<std::sync::Mutex<Option<oneshot::Receiver<()>>>>,
}

impl<const LOGIN: u64> Talk for Words<LOGIN> {
    const LOGIN_TIMEOUT: Duration = Duration::from_millis(LOGIN);

    fn request(&self, _: Caller<'_>, _: &str) -> Asked {
        let let_go = self.let_go.lock().unwrap().take();
        let work = async {
            if let Some(let_go) = let_go {
                let _ = let_go.await;
            }
            Done::saying(Bytes::from_static(b"wrong password"))
        };
        Asked::new(Manner { enters: true, ..Manner::default() }, work)
    }

    async fn tell(&self, _: &Entered, _: &Delivery) -> Result<Option<Bytes>, Unable> {
        Ok(None)
    }

    fn unreadable(&self, _: Unreadable) -> Bytes {
        Bytes::new()
    }

    fn goodbye(&self, _: &Ending) -> Option<Bytes> {
        None
    }

    fn too_late(&self) -> Option<Bytes> {
        Some(Bytes::from_static(b"too late"))
    }
}

/// The other end of the wire.
struct Peer {
    says: mpsc::Sender<Heard>,
    sees: mpsc::Receiver<Seen>,
    let_go: Option<oneshot::Sender<()>>,
    talking: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Peer {
    /// A stranger who may be silent so long, and has so long to log in.
    fn with<const SILENCE: u64, const LOGIN: u64>() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (says, hears) = mpsc::channel(16);
        let (seen, sees) = mpsc::channel(16);
        let (let_go, held) = oneshot::channel();
        let words = Words::<LOGIN> { let_go: Arc::new(std::sync::Mutex::new(Some(held))) };
        let visitor = Visitor::new("fake", IpAddr::V4(Ipv4Addr::LOCALHOST));
        let wire = Fake::<SILENCE> { hears, sees: seen };
        let talking = tokio::spawn(converse(wire, house(folder.path()), visitor, words));
        Self { says, sees, let_go: Some(let_go), talking, _folder: folder }
    }

    /// What happens to the wire next; none once the conversation has let go of it.
    async fn sees(&mut self) -> Option<Seen> {
        timeout(DEADLINE, self.sees.recv()).await.expect("nothing happens")
    }

    async fn says(&self, heard: Heard) {
        self.says.send(heard).await.unwrap();
    }
}

struct NoMail;

impl Mailer for NoMail {
    fn take(&self, _: Letter) {}
}

fn house(folder: &std::path::Path) -> House {
    let (committed, _) = mpsc::channel(1);
    let options = SqliteOptions::default();
    let clock = options.clock.clone();
    let store = SqliteStore::open(&folder.join("titan.db"), committed, options).unwrap();
    let store = Arc::new(store);
    let (admin_key, _) = AdminKey::load(&folder.join("admin_key.txt")).unwrap();
    let (board, passwords) = (Switchboard::new(store.clone()), Passwords::new(Peppers::of(b""), 1));
    let hub = Hub::new(store, board, passwords, Limits::off(), admin_key, Arc::new(NoMail), clock);
    let blobs = Blobs::open(&folder.join("blobs")).unwrap();
    let sizes = Sizes::default();
    let uploads = Uploads::open(&folder.join("uploads"), blobs.clone(), sizes).unwrap();
    let (closing, metrics) = (Default::default(), Metrics::default());
    let silence = Duration::from_secs(7_200);
    House {
        hub,
        blobs,
        uploads,
        silence,
        closing,
        sizes,
        metrics,
        open_metrics: false,
        tokens: TokenKey::new(&[0; 32], "a-house"),
        metrics_key: None,
        files_origin: None,
        security_contact: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_asked_for_a_sign_of_life_and_then_given_up() {
    let mut peer = Peer::with::<60, 3_600_000>();
    let mut pings = 0;
    while let Some(seen) = peer.sees().await {
        // Nothing is said to who can't hear it.
        assert_eq!(seen, Seen::Ping);
        pings += 1;
        assert!(pings <= PINGS_UNANSWERED, "it is still asked");
    }
    assert!(pings > 1, "{pings} pings");
    peer.talking.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_peer_who_gives_a_sign_of_life_stays() {
    let mut peer = Peer::with::<60, 3_600_000>();
    for _ in 0..4 * PINGS_UNANSWERED {
        assert_eq!(peer.sees().await, Some(Seen::Ping));
        peer.says(Heard::Sign).await;
    }
    peer.says(Heard::Gone).await;
    while let Some(seen) = peer.sees().await {
        assert_eq!(seen, Seen::Ping);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_who_does_not_log_in_in_time_is_told_so_and_shown_out() {
    let mut peer = Peer::with::<3_600_000, 50>();
    assert_eq!(peer.sees().await, Some(Seen::Text(Bytes::from_static(b"too late"))));
    assert_eq!(peer.sees().await, Some(Seen::Closed(Parting::Policy, "nobody logged in here in time")));
    assert_eq!(peer.sees().await, None);
}

/// Checking a password may have to wait for others, which is not the stranger's fault; a new try has its time anew.
#[tokio::test(start_paused = true)]
async fn a_login_under_way_is_waited_for() {
    let mut peer = Peer::with::<3_000, 50>();
    peer.says(Heard::Text("log me in".into())).await;
    // By then a stranger who had done nothing would be gone.
    assert_eq!(peer.sees().await, Some(Seen::Ping));
    drop(peer.let_go.take());
    assert_eq!(peer.sees().await, Some(Seen::Text(Bytes::from_static(b"wrong password"))));
    assert_eq!(peer.sees().await, Some(Seen::Text(Bytes::from_static(b"too late"))));
}
