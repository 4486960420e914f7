//! A proxy that cuts every connection after some bytes from the server, as bad networks do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct Cutter {
    pub address: SocketAddr,
    cuts: Arc<AtomicU64>,
}

impl Cutter {
    /// Connections live for `least` to `least + spread` bytes each way, until `cuts` of them have been cut.
    pub async fn before(server: SocketAddr, least: u64, spread: u64, cuts: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let left = Arc::new(AtomicU64::new(cuts));
        let cuts = left.clone();
        tokio::spawn(async move {
            let mut turn = 0u64;
            while let Ok((client, _)) = listener.accept().await {
                turn += 1;
                let life = least + turn.wrapping_mul(7919) % spread.max(1);
                tokio::spawn(carry(client, server, life, left.clone()));
            }
        });
        Self { address, cuts }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn cuts_left(&self) -> u64 {
        self.cuts.load(Ordering::SeqCst)
    }
}

async fn carry(client: TcpStream, server: SocketAddr, life: u64, cuts: Arc<AtomicU64>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pass(from_client, to_server, life, &cuts) => {}
        () = pass(from_server, to_client, life, &cuts) => {}
    }
}

/// Passes bytes on; ends, and with it the connection, when they have been as many as it may live.
async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut life: u64,
    cuts: &AtomicU64,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let most = buffer.len().min(life.max(1) as usize);
        let Ok(count @ 1..) = from.read(&mut buffer[..most]).await else { return };
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
        life = life.saturating_sub(count as u64);
        if life == 0 {
            let cut = cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if cut.is_ok() {
                return;
            }
            life = u64::MAX;
        }
    }
}
