//! A listener that costs next to nothing: it looks for marks in the frames, and parses none.

use std::sync::Arc;

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use titan_core::Secret;

use crate::tally::Tally;

/// Connects over plain HTTP, enters the session, and listens until the end of the run.
pub async fn connect(server: &str, token: &Secret, room: usize, tally: Arc<Tally>) -> anyhow::Result<()> {
    let address = server.strip_prefix("http://").context("--lean listens over http:// only")?.trim_end_matches('/');
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(16 * 1024);
    let (mut socket, _) =
        client_async_with_config(format!("ws://{address}/titan"), stream, Some(config)).await.context("no socket")?;
    let enter = serde_json::json!({"id": 1, "do": "authenticate", "token": token.reveal()});
    socket.send(Message::text(enter.to_string())).await?;
    let answer = socket.next().await.context("the server closed the connection")??;
    anyhow::ensure!(answer.to_text()?.contains("\"ok\""), "can't log in: {answer}");
    let heard = tally.listener(room);
    tokio::spawn(async move {
        while let Some(Ok(frame)) = socket.next().await {
            match frame {
                Message::Text(text) => tally.hear(&heard, &text),
                // The pong is queued; it goes out with a flush.
                Message::Ping(_) => drop(socket.flush().await),
                _ => {}
            }
        }
    });
    Ok(())
}
