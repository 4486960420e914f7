//! The way of events to whoever reads them. Reading slowly must stop neither answers nor keep-alive, and must not cost
//! unbounded memory: beyond a backlog, entries are left to be fetched from the server's log later, and what passes is dropped.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::ClientEvent;
use crate::protocol::Event;

/// Events handed to the reader and not yet taken.
const QUEUE_MOST: usize = 256;
/// Events kept beyond those. At this bound entries are refused (see `Order`) and typing, presence and voice are dropped.
const BACKLOG_MOST: usize = 4096;

pub(super) struct Outlet {
    sender: mpsc::Sender<ClientEvent>,
    backlog: VecDeque<ClientEvent>,
}

impl Outlet {
    pub fn new() -> (Self, mpsc::Receiver<ClientEvent>) {
        let (sender, receiver) = mpsc::channel(QUEUE_MOST);
        (Self { sender, backlog: VecDeque::new() }, receiver)
    }

    /// Whether `count` more entries may be pushed.
    pub fn has_room(&self, count: usize) -> bool {
        self.backlog.len() + count <= BACKLOG_MOST
    }

    pub fn has_backlog(&self) -> bool {
        !self.backlog.is_empty()
    }

    pub fn push(&mut self, event: ClientEvent) {
        if self.backlog.is_empty() {
            match self.sender.try_send(event) {
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
                Err(mpsc::error::TrySendError::Full(event)) => self.backlog.push_back(event),
            }
        } else if self.has_room(1) || !is_passing(&event) {
            self.backlog.push_back(event);
        }
    }

    /// Hands on what the reader has room for; waits until that is at least one. Safe to cancel.
    pub async fn drain(&mut self) {
        let Ok(permit) = self.sender.reserve().await else {
            self.backlog.clear();
            return;
        };
        if let Some(event) = self.backlog.pop_front() {
            permit.send(event);
        }
        while !self.backlog.is_empty()
            && let Ok(permit) = self.sender.try_reserve()
        {
            if let Some(event) = self.backlog.pop_front() {
                permit.send(event);
            }
        }
    }
}

/// What is worth nothing a moment later.
fn is_passing(event: &ClientEvent) -> bool {
    let ClientEvent::Server(event) = event else { return false };
    matches!(event, Event::Typing { .. } | Event::Presence { .. } | Event::VoiceSignal { .. })
}
