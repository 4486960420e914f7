//! The SDK's transfers against a real server: over a network that cuts, over a pause and a restart, over TLS.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::support::cutter::Cutter;
use crate::support::{TestHouse, deadline};
use titan_core::Fingerprint;
use titan_core::client::{
    Client, Error, Events, Known, KnownServers, NewApp, Options, Range, Source, TransferControl, Trust,
};
use titan_core::protocol::{AppState, Body, Category, FaultCode, ask};

const PASSWORD: &str = "secret-password";
const SIZE: usize = 20_000_000;

async fn enter(options: Options, name: &str) -> (Client, Events) {
    deadline(Client::register(&options, name, PASSWORD, None, None)).await.unwrap();
    deadline(Client::connect(options.password(name, PASSWORD))).await.unwrap()
}

async fn enter_by(url: &str, titan: &Client) -> (Client, Events) {
    let token = titan.me().unwrap().token;
    deadline(Client::connect(Options::new(url).unwrap().token(token))).await.unwrap()
}

fn bytes(size: usize) -> Vec<u8> {
    (0..size as u64).map(|index| (index * 31 + index / 65_537) as u8).collect()
}

fn file(folder: &Path, size: usize) -> PathBuf {
    let path = folder.join("żółw.zip");
    std::fs::write(&path, bytes(size)).unwrap();
    path
}

fn tetris() -> NewApp {
    NewApp::new("Tetris", Category::Game, "1.0").described("Blöcke")
}

fn pausing_at(at: u64) -> TransferControl {
    let control: Arc<OnceLock<TransferControl>> = Arc::default();
    let inner = control.clone();
    let watching = TransferControl::new(move |progress| {
        if let Some(control) = inner.get().filter(|_| progress.done >= at) {
            control.pause();
        }
    });
    control.set(watching.clone()).unwrap();
    watching
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_and_down_over_a_network_that_cuts() {
    let house = TestHouse::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), SIZE);
    let (ada, _events) = enter(Options::new(&house.http()).unwrap(), "ada").await;
    let general = ada.conversations().await.unwrap()[0].id;

    let network = Cutter::before(house.address("http"), 4_000_000, 2_000_000, 3).await;
    let (there, _there_events) = enter_by(&network.url(), &ada).await;
    let control = TransferControl::default();
    let posted = deadline(there.upload_file(&path, general, "look", &control)).await.unwrap();
    assert_eq!(network.cuts_left(), 0);
    let page = ada.history(general, Range::Last, 9).await.unwrap();
    let files: Vec<_> = page
        .entries
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Message(message) => message.file.clone().map(|file| (entry.seq, message.text.to_string(), file)),
            _ => None,
        })
        .collect();
    let [(seq, text, info)] = &files[..] else { panic!("{files:?}") };
    assert_eq!((*seq, text.as_str(), info.name.as_str(), info.size), (posted.seq, "look", "żółw.zip", SIZE as u64));

    let network = Cutter::before(house.address("http"), 4_000_000, 2_000_000, 3).await;
    let (there, _there_events) = enter_by(&network.url(), &ada).await;
    let down = folder.path().join("down/");
    let got = deadline(there.download(Source::File(info.id), &down, &control)).await.unwrap();
    assert_eq!((got.path.clone(), got.sha256), (down.join("żółw.zip"), info.sha256));
    assert!(std::fs::read(&got.path).unwrap() == bytes(SIZE));
    assert_eq!(network.cuts_left(), 0);

    let (stranger, _stranger_events) = enter(Options::new(&house.http()).unwrap(), "eve").await;
    let lab = ada.ask(ask::CreateRoom { name: "Lab".into(), ..Default::default() }).await.unwrap();
    ada.upload_file(&path, lab.id, "", &control).await.unwrap();
    let secret = ada.history(lab.id, Range::Last, 1).await.unwrap().entries.remove(0);
    let Body::Message(message) = secret.body else { panic!() };
    let refused = stranger.download(Source::File(message.file.unwrap().id), &down, &control).await.unwrap_err();
    assert!(matches!(refused, Error::Fault(_)), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_offered_approved_and_fetched_over_pauses_and_a_restart() {
    let mut house = TestHouse::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), SIZE);
    let state = folder.path().join("uploads.json");
    let (ada, ada_events) = enter(Options::new(&house.http()).unwrap().state_file(&state), "ada").await;
    let token = ada.me().unwrap().token;
    let error = deadline(ada.upload_app(&path, tetris(), &pausing_at(9_000_000))).await.unwrap_err();
    assert!(matches!(error, Error::Paused), "{error}");
    drop((ada, ada_events));
    house.restart().await;

    let options = Options::new(&house.http()).unwrap().token(token).state_file(&state);
    let (ada, _events) = deadline(Client::connect(options)).await.unwrap();
    let first = Arc::new(OnceLock::new());
    let seen = first.clone();
    let control = TransferControl::new(move |progress| {
        let _ = seen.set(progress.done);
    });
    let app = deadline(ada.upload_app(&path, tetris(), &control)).await.unwrap();
    assert!(first.get().is_some_and(|done| *done > 0), "it began again from nothing");
    assert_eq!((app.state, app.size, app.description.as_str()), (AppState::Pending, SIZE as u64, "Blöcke"));

    let (bob, _bob_events) = enter(Options::new(&house.http()).unwrap(), "bob").await;
    let down = folder.path().join("down");
    std::fs::create_dir(&down).unwrap();
    let error = bob.download(Source::App(app.id), &down, &TransferControl::default()).await.unwrap_err();
    assert_eq!(error.fault().unwrap().code, FaultCode::NotApproved);
    house.make_admin("ada");
    ada.ask(ask::ApproveApp { app: app.id, sha256: app.sha256 }).await.unwrap();
    let error = deadline(bob.download(Source::App(app.id), &down, &pausing_at(5_000_000))).await.unwrap_err();
    assert!(matches!(error, Error::Paused), "{error}");
    let got = deadline(bob.download(Source::App(app.id), &down, &TransferControl::default())).await.unwrap();
    assert!(std::fs::read(got.path).unwrap() == bytes(SIZE));
    assert_eq!(std::fs::read_dir(&down).unwrap().count(), 1);
    let listed = bob.ask(ask::Apps { category: Some(Category::Game), ..Default::default() }).await.unwrap().apps;
    assert_eq!((listed.len(), listed[0].downloads), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_signed_house_is_entered_and_served_once_somebody_trusts_its_fingerprint() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.tls = titan_server::config::Tls::SelfSigned;
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let known = KnownServers::at(folder.path().join("known_servers"));
    let url = format!("https://{}", house.address("http"));
    let options = Options::new(&url).unwrap().trust(Trust::Known(known.clone()));
    let error = deadline(Client::register(&options, "ada", PASSWORD, None, None)).await.unwrap_err();
    let Error::Untrusted(stranger) = error else { panic!("{error}") };
    known.believe(&stranger).unwrap();
    let (ada, _events) = enter(options, "ada").await;
    let general = ada.conversations().await.unwrap()[0].id;
    let path = file(folder.path(), 100_000);
    deadline(ada.upload_file(&path, general, "", &TransferControl::default())).await.unwrap();
    assert_eq!(known.list().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_hold_the_server_against_the_same_memory() {
    let house = TestHouse::open_with(|config| {
        config.limits = false;
        config.tls = titan_server::config::Tls::SelfSigned;
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let known = KnownServers::at(folder.path().join("known_servers"));
    let options = Options::new(&format!("https://{}", house.address("http"))).unwrap();
    let Err(Error::Untrusted(stranger)) = deadline(Client::ask_once(&options, ask::Ping {})).await else { panic!() };
    known.believe(&stranger).unwrap();
    let (ada, _events) = enter(options.trust(Trust::Known(known.clone())), "ada").await;
    let general = ada.conversations().await.unwrap()[0].id;
    let path = file(folder.path(), 100_000);
    // As if it had come to show another one meanwhile.
    known.keep(&stranger.server, Known::ByFingerprint(Fingerprint([7; 32]))).unwrap();
    let refused = deadline(ada.upload_file(&path, general, "", &TransferControl::default())).await;
    assert!(matches!(refused, Err(Error::Untrusted(_))), "{:?}", refused.err());
    let refused = deadline(ada.export(folder.path(), &TransferControl::default())).await;
    assert!(matches!(refused, Err(Error::Untrusted(_))), "{:?}", refused.err());
    known.keep(&stranger.server, Known::ByFingerprint(stranger.fingerprint.unwrap())).unwrap();
    deadline(ada.upload_file(&path, general, "", &TransferControl::default())).await.unwrap();
}
