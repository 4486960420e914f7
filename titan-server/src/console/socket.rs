//! The way of orders to a running server: one JSON line in, one out, through a socket that only its owner opens.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use titan_core::protocol::Fault;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Answer, Order, perform};
use crate::hub::{Hub, Outcome};

/// The longest order, in bytes.
const ORDER_MOST: u64 = 64 * 1024;
/// Orders worked on at a time; further ones wait to be taken in.
const AT_ONCE: usize = 8;
/// Whoever connects says what they want within this.
const SAYING_MOST: Duration = Duration::from_secs(10);
/// A running server answers within this.
const ANSWER_MOST: Duration = Duration::from_secs(60);

/// An answer on the wire.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Ok(Answer),
    Error(Fault),
}

/// The open socket; its file goes when it does.
pub struct Ear {
    listener: UnixListener,
    path: PathBuf,
}

impl Ear {
    /// Opens the socket. Only whoever holds the data folder's lock may: a file that is there already is a dead server's.
    pub fn open(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path: path.to_owned() })
    }

    /// Does what is ordered until the house closes; what was begun then is finished.
    pub async fn serve(self, hub: Arc<Hub>, closing: CancellationToken) {
        let mut orders = JoinSet::new();
        loop {
            tokio::select! {
                () = closing.cancelled() => break,
                Some(_) = orders.join_next() => {}
                taken = self.listener.accept(), if orders.len() < AT_ONCE => match taken {
                    Ok((stream, _)) => drop(orders.spawn(serve_one(stream, hub.clone(), closing.clone()))),
                    Err(error) => {
                        tracing::warn!(%error, "an order could not be taken in");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
        while orders.join_next().await.is_some() {}
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn serve_one(mut stream: UnixStream, hub: Arc<Hub>, closing: CancellationToken) {
    let said = tokio::select! {
        () = closing.cancelled() => return,
        said = tokio::time::timeout(SAYING_MOST, read_line(&mut stream)) => said,
    };
    let Ok(Ok(line)) = said else { return };
    let said = match serde_json::from_str::<Order>(&line) {
        Ok(order) => perform(&hub, order).await.map_or_else(Said::Error, Said::Ok),
        Err(error) => Said::Error(Fault::bad_request(format!("The server doesn't understand the order: {error}."))),
    };
    let Ok(mut line) = serde_json::to_vec(&said) else { return };
    line.push(b'\n');
    if let Err(error) = stream.write_all(&line).await {
        tracing::debug!(%error, "nobody waited for an order's answer");
    }
}

async fn read_line(stream: &mut UnixStream) -> io::Result<String> {
    let mut line = String::new();
    tokio::io::BufReader::new(stream.take(ORDER_MOST)).read_line(&mut line).await?;
    Ok(line)
}

/// Gives an order to the server that runs on this data folder; none where none does. Blocks.
pub fn ask(path: &Path, order: &Order) -> anyhow::Result<Option<Outcome<Answer>>> {
    let mut stream = match std::os::unix::net::UnixStream::connect(path) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => {
            return Err(anyhow::Error::new(error).context(format!("reaching the server at {}", path.display())));
        }
    };
    stream.set_read_timeout(Some(ANSWER_MOST))?;
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut said = String::new();
    BufReader::new(stream).read_line(&mut said)?;
    if said.is_empty() {
        anyhow::bail!("the server closed before it answered: look whether it was done, and try again");
    }
    match serde_json::from_str(&said)? {
        Said::Ok(answer) => Ok(Some(Ok(answer))),
        Said::Error(fault) => Ok(Some(Err(fault))),
    }
}
