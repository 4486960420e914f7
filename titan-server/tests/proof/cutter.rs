//! A bad network: a TCP proxy that cuts each connection after some random number of bytes, in the midst of a frame as
//! likely as not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct Cutter {
    pub address: SocketAddr,
    cuts: Arc<AtomicU64>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Cutter {
    /// Stands before `server`; each direction of a connection lets 0 to `most` bytes through.
    pub async fn before(server: SocketAddr, most: u64, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, cuts) = (listener.local_addr().unwrap(), Arc::new(AtomicU64::new(0)));
        let counted = cuts.clone();
        let accepting = tokio::spawn(async move {
            let mut random = StdRng::seed_from_u64(seed);
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (up, down) = (random.random_range(0..most), random.random_range(0..most));
                tokio::spawn(carry(client, server, up, down, counted.clone()));
            }
        });
        Self { address, cuts, accepting }
    }

    /// How many connections it has cut.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(mut client: TcpStream, server: SocketAddr, up: u64, down: u64, cuts: Arc<AtomicU64>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let cut = tokio::select! {
        cut = pass(&mut from_client, &mut to_server, up) => cut,
        cut = pass(&mut from_server, &mut to_client, down) => cut,
    };
    if cut {
        cuts.fetch_add(1, Ordering::Relaxed);
    }
}

/// Passes bytes on; true once `most` have passed, false when a side has closed.
async fn pass(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin), most: u64) -> bool {
    let mut left = most as usize;
    let mut buffer = [0; 4096];
    while left > 0 {
        let room = left.min(buffer.len());
        match from.read(&mut buffer[..room]).await {
            Ok(read) if read > 0 && to.write_all(&buffer[..read]).await.is_ok() => left -= read,
            _ => return false,
        }
    }
    true
}
