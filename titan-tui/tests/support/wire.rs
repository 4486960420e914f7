//! A TCP relay between clients and the server: it can be cut, mended, and told to hold back what exceeds some bytes, so that a
//! transfer stands still in the middle for as long as a test needs.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::Handle,
    sync::watch,
};

pub struct Wire {
    address: SocketAddr,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Whole,
    Cut,
    /// Each connection carries this many bytes each way, and then waits.
    Holding(u64),
}

impl Wire {
    pub fn lay(runtime: &Handle, server: SocketAddr) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (state, watched) = watch::channel(State::Whole);
        runtime.spawn(accept(listener, server, watched));
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every connection breaks, and none can be made.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Each connection stands still after this many bytes either way.
    pub fn hold_after(&self, bytes: u64) {
        self.state.send_replace(State::Holding(bytes));
    }

    pub fn mend(&self) {
        self.state.send_replace(State::Whole);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, state: watch::Receiver<State>) {
    while let Ok((client, _)) = listener.accept().await {
        if *state.borrow() == State::Cut {
            continue;
        }
        let Ok(server) = TcpStream::connect(server).await else { continue };
        let ((client_reads, client_writes), (server_reads, server_writes)) = (client.into_split(), server.into_split());
        let (here, there) = (state.clone(), state.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = carry(client_reads, server_writes, here) => {}
                () = carry(server_reads, client_writes, there) => {}
            }
        });
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>) {
    let mut carried = 0;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let may_go_on = state.wait_for(|state| match state {
            State::Whole | State::Cut => true,
            State::Holding(bytes) => carried < *bytes,
        });
        if may_go_on.await.is_ok_and(|state| *state == State::Cut) {
            return;
        }
        let cut = async { state.wait_for(|state| *state == State::Cut).await.is_ok() };
        let count = tokio::select! {
            read = from.read(&mut buffer) => read.unwrap_or(0),
            _ = cut => 0,
        };
        if count == 0 || to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
        carried += count as u64;
    }
}
