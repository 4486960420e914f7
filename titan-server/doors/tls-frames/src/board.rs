//! What all connections of this door tell alike: everybody's names, and each conversation's history. It is read once for all who want it,
//! not once for each: a conversation that many show changes often, and is told whole each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use titan_core::ConversationId;
use tokio::time::Instant;

use super::names::Names;
use titan_hub::Outcome;

#[derive(Default)]
pub struct Board {
    pub names: Shared<Arc<Names>>,
    /// The frames of the histories that some connection shows.
    histories: Mutex<HashMap<ConversationId, Weak<Shared<Option<Bytes>>>>>,
}

/// Something read for many.
pub struct Shared<T>(tokio::sync::Mutex<Option<(Instant, T)>>);

impl Board {
    /// The frame of a conversation's history, there as long as somebody holds on to it.
    pub fn history(&self, conversation: ConversationId) -> Arc<Shared<Option<Bytes>>> {
        let mut histories = self.histories.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(history) = histories.get(&conversation).and_then(Weak::upgrade) {
            return history;
        }
        histories.retain(|_, history| history.strong_count() > 0);
        let history = Arc::default();
        histories.insert(conversation, Arc::downgrade(&history));
        history
    }
}

impl<T: Clone> Shared<T> {
    /// What was read at some time after `since`. Who asks while it is read waits and shares it.
    pub async fn since(&self, since: Instant, read: impl Future<Output = Outcome<T>>) -> Outcome<T> {
        let mut known = self.0.lock().await;
        if let Some((read_at, value)) = &*known
            && *read_at >= since
        {
            return Ok(value.clone());
        }
        let read_at = Instant::now();
        let value = read.await?;
        *known = Some((read_at, value.clone()));
        Ok(value)
    }
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::new(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_new_enough_is_read_once_and_what_is_old_again() {
        let shared = Shared::default();
        let before = Instant::now();
        assert_eq!(shared.since(before, async { Ok(1) }).await, Ok(1));
        assert_eq!(shared.since(before, async { Ok(2) }).await, Ok(1));
        let after = Instant::now() + std::time::Duration::from_nanos(1);
        assert_eq!(shared.since(after, async { Ok(3) }).await, Ok(3));
    }

    #[test]
    fn a_history_that_nobody_shows_is_forgotten() {
        let board = Board::default();
        let shown = board.history(ConversationId(1));
        assert!(Arc::ptr_eq(&shown, &board.history(ConversationId(1))));
        drop(board.history(ConversationId(2)));
        let _other = board.history(ConversationId(3));
        assert_eq!(board.histories.lock().unwrap().len(), 2);
    }
}
