//! The server as a service: signals, what systemd is told and hands in, and outputs that nobody reads.
#![cfg(unix)]

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::support::process::{Running, titan_server};
use crate::support::{DEADLINE, Native};
use rustix::process::Signal;
use serde_json::json;

/// `serve` on a folder, at ports of its own.
fn serve(folder: &Path, more: &[&str]) -> Command {
    let plain = ["serve", "--data-dir", folder.to_str().unwrap(), "--http", "127.0.0.1:0", "--titan-net", "off"];
    let mut command = titan_server(&plain);
    command.args(more).stderr(Stdio::inherit());
    command
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < DEADLINE, "{what}");
        tokio::task::yield_now().await;
    }
}

fn text_of(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

#[tokio::test]
async fn a_hang_up_opens_the_log_anew_and_ends_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("titan.log");
    let server = Running::run(&mut serve(&folder.path().join("house"), &["--log-file", log.to_str().unwrap()]));
    let mut ada = Native::connect(server.address("http")).await;
    for (round, signal) in [Signal::HUP, Signal::USR1, Signal::USR2].into_iter().enumerate() {
        fs::rename(&log, folder.path().join(format!("titan.log.{round}"))).unwrap();
        server.signal(signal);
        until("the log goes on in a new file", || text_of(&log).contains("opened anew")).await;
        ada.ok(json!({"do": "ping"})).await;
    }
    assert!(!text_of(&folder.path().join("titan.log.0")).contains("opened anew"));
}

#[tokio::test]
async fn a_hang_up_takes_up_a_new_certificate_whatever_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let (house, log) = (folder.path().join("house"), folder.path().join("titan.log"));
    let other = folder.path().join("other");
    drop(Running::run(&mut serve(&other, &["--tls", "self-signed"])));
    let more = ["--tls", "self-signed", "--log-file", log.to_str().unwrap()];
    let server = Running::run(&mut serve(&house, &more));
    for name in ["cert.pem", "key.pem"] {
        let (new, old) = (other.join("tls").join(name), house.join("tls").join(name));
        let time = fs::metadata(&old).unwrap().modified().unwrap();
        fs::copy(new, &old).unwrap();
        File::options().write(true).open(&old).unwrap().set_modified(time).unwrap();
    }
    server.signal(Signal::HUP);
    until("the new certificate is in use", || text_of(&log).contains("a new certificate is in use")).await;
}

#[test]
fn being_told_to_quit_is_an_end_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for signal in [Signal::QUIT, Signal::INT] {
        let mut server = Running::run(&mut serve(folder.path(), &[]));
        server.signal(signal);
        assert_eq!(server.ended().0.code(), Some(0), "{signal:?}");
    }
}

/// What a service manager hears.
struct Manager(UnixDatagram, PathBuf);

impl Manager {
    fn at(path: PathBuf) -> Self {
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        Self(socket, path)
    }

    fn hears(&self, wanted: &str) -> String {
        loop {
            let mut said = [0; 1024];
            let length = self.0.recv(&mut said).unwrap_or_else(|error| panic!("{wanted} was never said: {error}"));
            let said = String::from_utf8_lossy(&said[..length]).into_owned();
            if said.contains(wanted) {
                return said;
            }
        }
    }
}

#[test]
fn systemd_is_told_of_readiness_reloads_and_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let manager = Manager::at(folder.path().join("notify"));
    let mut command = serve(&folder.path().join("house"), &[]);
    let mut server = Running::run(command.env("NOTIFY_SOCKET", &manager.1).env("WATCHDOG_USEC", "50000"));
    assert!(manager.hears("").contains("READY=1"), "the first that is said");
    manager.hears("WATCHDOG=1");
    server.signal(Signal::HUP);
    assert!(manager.hears("RELOADING=1").contains("MONOTONIC_USEC="));
    manager.hears("READY=1");
    server.signal(Signal::TERM);
    manager.hears("STOPPING=1");
    assert_eq!(server.ended().0.code(), Some(0));
}

/// A socket that is open already, and stays so in the server.
fn handed_in(command: &mut Command) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::io::fcntl_setfd(&listener, rustix::io::FdFlags::empty()).unwrap();
    command.env("LISTEN_FDS", "1").env("LISTEN_FDS_FIRST_FD", listener.as_raw_fd().to_string());
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[tokio::test]
async fn a_door_listens_on_the_socket_that_was_handed_in_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut named = serve(folder.path(), &[]);
    let (_open, address) = handed_in(&mut named);
    let server = Running::run(named.env("LISTEN_FDNAMES", "http"));
    assert_eq!(server.address("http"), address);
    Native::connect(address).await.ok(json!({"do": "ping"})).await;
    drop(server);
    let mut at_its_address = serve(folder.path(), &[]);
    let (_open, address) = handed_in(&mut at_its_address);
    let server = Running::run(at_its_address.args(["--json-lines", &address.to_string()]));
    assert_eq!(server.address("json-lines"), address);
}

#[tokio::test]
async fn outputs_that_nobody_reads_stop_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = serve(folder.path(), &[]);
    let (_open, address) = handed_in(&mut command);
    command.env("LISTEN_FDNAMES", "http").env("RUST_LOG", "debug");
    command.stdout(File::options().write(true).open("/dev/full").unwrap()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // From here on each line of the log meets a broken pipe.
    drop(child.stderr.take());
    let mut ada = Native::connect(address).await;
    for _ in 0..3 {
        ada.ok(json!({"do": "ping"})).await;
        assert!(ada.ask(json!({"do": "login", "username": "nobody", "password": "wrong"})).await["error"].is_object());
    }
    assert!(child.try_wait().unwrap().is_none(), "the server ended");
    child.kill().unwrap();
    child.wait().unwrap();
}
