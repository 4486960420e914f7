//! The writing half of a connection, a task of its own: what it is given together goes out in one write.

use futures_util::{SinkExt, stream::SplitSink};
use tokio::{sync::mpsc, task::JoinHandle, time::Duration};
use tokio_tungstenite::tungstenite::Message;

use crate::client::socket::Socket;

/// Frames given and not yet written. At this bound calls wait.
const FRAMES_MOST: usize = 64;

pub(super) struct Writer {
    frames: mpsc::Sender<Message>,
    task: JoinHandle<()>,
}

impl Writer {
    pub fn start(sink: SplitSink<Socket, Message>) -> Self {
        let (frames, given) = mpsc::channel(FRAMES_MOST);
        Self { frames, task: tokio::spawn(write(sink, given)) }
    }

    pub fn has_room(&self) -> bool {
        self.frames.capacity() > 0
    }

    pub fn is_broken(&self) -> bool {
        self.frames.is_closed()
    }

    /// Waits until there is room, or it is known that there never will be.
    pub async fn ready(&self) {
        let _ = self.frames.reserve().await;
    }

    /// Only where there is room: a frame beyond it is lost, with the connection.
    pub fn write(&self, text: String) {
        let _ = self.frames.try_send(Message::text(text));
    }

    /// A full queue is a sign of its own that the other side doesn't read; then no ping is needed to find out.
    pub fn ping(&self) {
        let _ = self.frames.try_send(Message::Ping(Default::default()));
    }

    /// Writes what was given, then says goodbye; not for longer than a second.
    pub async fn close(&mut self) {
        let _ = self.frames.try_send(Message::Close(None));
        let (nobody, _) = mpsc::channel(1);
        self.frames = nobody;
        let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.task).await;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn write(mut sink: SplitSink<Socket, Message>, mut given: mpsc::Receiver<Message>) {
    let mut frames = Vec::with_capacity(FRAMES_MOST);
    while given.recv_many(&mut frames, FRAMES_MOST).await > 0 {
        for frame in frames.drain(..) {
            if sink.feed(frame).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}
