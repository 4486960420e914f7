//! What stands between a server and its PostgreSQL, and kills the server at its n-th message.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_postgres::config::Host;
use url::Url;

use crate::support::process::titan_server;
use crate::upgrade::dying::{Death, end_of};
use crate::upgrade::house::House;

/// When the server dies.
#[derive(Clone, Copy)]
pub struct Moment {
    /// The message that is its last one.
    pub at: u64,
    /// Whether PostgreSQL still gets that.
    pub sent: bool,
}

/// Serves the house until the server is ready or dead.
pub async fn start(house: &House, moment: Moment) -> Death {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut url: Url = house.url().parse().unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    url.set_query(Some("sslmode=disable"));
    let folder = house.folder().to_str().unwrap();
    let doors = ["--http", "127.0.0.1:0", "--titan-net", "off"];
    let arguments = [&["serve", "--data-dir", folder, "--database-url", url.as_str()], &doors[..]].concat();
    let server = titan_server(&arguments).spawn().unwrap();
    let passing = tokio::spawn(pass(listener, house.url().to_owned(), moment, Pid::from_child(&server)));
    let death = tokio::task::spawn_blocking(move || end_of(server)).await.unwrap();
    passing.abort();
    death
}

async fn pass(listener: TcpListener, to: String, moment: Moment, server: Pid) {
    let messages = Arc::new(AtomicU64::new(0));
    while let Ok((client, _)) = listener.accept().await {
        let (to, messages) = (to.clone(), messages.clone());
        tokio::spawn(async move {
            let config: tokio_postgres::Config = to.parse().unwrap();
            let port = config.get_ports().first().copied().unwrap_or(5432);
            match &config.get_hosts()[0] {
                Host::Unix(folder) => {
                    let there = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await.unwrap();
                    carry(client, there, moment, &messages, server).await;
                }
                Host::Tcp(name) => {
                    let there = TcpStream::connect((name.as_str(), port)).await.unwrap();
                    carry(client, there, moment, &messages, server).await;
                }
            }
        });
    }
}

async fn carry(
    client: TcpStream,
    there: impl AsyncRead + AsyncWrite,
    moment: Moment,
    messages: &AtomicU64,
    server: Pid,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_there, mut to_there) = tokio::io::split(there);
    tokio::select! {
        _ = copy(&mut from_there, &mut to_client) => {}
        _ = async {
            let mut greeted = false;
            while let Some(message) = next(&mut from_client, std::mem::replace(&mut greeted, true)).await {
                let last = messages.fetch_add(1, Ordering::SeqCst) + 1 == moment.at;
                if !last || moment.sent {
                    to_there.write_all(&message).await.unwrap();
                }
                if last {
                    let _ = kill_process(server, Signal::KILL);
                    return;
                }
            }
        } => {}
    }
}

/// A message of the client, whole: a letter but in the first one, a length that counts itself, and so many bytes.
async fn next(from: &mut (impl AsyncRead + Unpin), greeted: bool) -> Option<Vec<u8>> {
    let head = if greeted { 5 } else { 4 };
    let mut message = vec![0; head];
    from.read_exact(&mut message).await.ok()?;
    let length = u32::from_be_bytes(message[head - 4..].try_into().unwrap()) as usize;
    message.resize(head - 4 + length, 0);
    from.read_exact(&mut message[head..]).await.ok()?;
    Some(message)
}
