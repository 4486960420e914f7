//! Raw lines to a server: WebSockets with JSON texts, and an address that may change under them.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::given::deadline;

/// Where the server is just now; none while it is down.
pub type Whereabouts = watch::Receiver<Option<SocketAddr>>;

/// One line. Whatever goes wrong on it means that it is gone.
pub struct Wire {
    socket: WebSocketStream<TcpStream>,
    last_id: u64,
}

impl Wire {
    pub async fn open(address: SocketAddr, path: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let url = format!("ws://{address}{path}");
        let (socket, _) = deadline("a handshake", tokio_tungstenite::client_async(url, stream)).await.ok()?;
        Some(Self { socket, last_id: 0 })
    }

    /// Opens a line, however often it takes.
    pub async fn reach(whereabouts: &mut Whereabouts, path: &str) -> Self {
        loop {
            let address = *whereabouts.wait_for(Option::is_some).await.expect("the experiment has ended");
            if let Some(wire) = Self::open(address.unwrap(), path).await {
                return wire;
            }
            tokio::task::yield_now().await;
        }
    }

    pub async fn say(&mut self, frame: &Value) -> Option<()> {
        self.say_raw(&frame.to_string()).await
    }

    pub async fn say_raw(&mut self, text: &str) -> Option<()> {
        deadline("a write", self.socket.send(Message::text(text))).await.ok()
    }

    /// Sends a native request under the next id, which comes back.
    pub async fn request(&mut self, mut request: Value) -> Option<u64> {
        self.last_id += 1;
        request["id"] = json!(self.last_id);
        self.say(&request).await.map(|()| self.last_id)
    }

    /// The next frame, however long it takes; none once the line is gone.
    pub async fn hear(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).expect("a frame is JSON")),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next frame, which must come.
    pub async fn hear_soon(&mut self, what: &str) -> Option<Value> {
        deadline(what, self.hear()).await
    }

    /// Asks and waits for the answer; what else comes meanwhile is dropped. A fault ends the experiment.
    pub async fn ask(&mut self, request: Value) -> Option<Value> {
        let id = self.request(request.clone()).await?;
        loop {
            let mut frame = self.hear_soon("an answer").await?;
            if frame["id"] == id {
                assert!(frame.get("ok").is_some(), "{request} was answered {frame}");
                return Some(frame["ok"].take());
            }
        }
    }
}
