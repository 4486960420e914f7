//! Commands in the order they were sent.
//!
//! A connection's commands take effect as if one after the other. Messages are the exception that keeps the order all the
//! same: they are handed to the store in order, and then many may wait for one commit together. Anything else waits until
//! what was sent before it is done, and is done before what comes after. Deliveries never wait for a command.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

/// Commands that may wait or be under way; at the bound the door stops reading.
const LANE_MOST: usize = 256;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One connection's commands and, in the same order, their outcomes.
pub struct Lane<T> {
    under_way: FuturesOrdered<Work<T>>,
    overlapping: bool,
    waiting: VecDeque<(Work<T>, bool)>,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self { under_way: FuturesOrdered::new(), overlapping: true, waiting: VecDeque::new() }
    }
}

impl<T> Lane<T> {
    /// Whether another command may be taken in.
    pub fn has_room(&self) -> bool {
        self.under_way.len() + self.waiting.len() < LANE_MOST
    }

    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty() && self.waiting.is_empty()
    }

    /// Adds a command; one that `overlaps` may be under way together with others that do.
    pub fn push(&mut self, overlaps: bool, work: impl Future<Output = T> + Send + 'static) {
        self.waiting.push_back((Box::pin(work), overlaps));
        self.start();
    }

    /// The next outcome, in order; waits for ever while there is nothing to do. Cancelling loses nothing.
    pub async fn next(&mut self) -> T {
        loop {
            self.start();
            match self.under_way.next().await {
                Some(outcome) => return outcome,
                None => std::future::pending::<()>().await,
            }
        }
    }

    /// Starts what may be under way now.
    fn start(&mut self) {
        while let Some((_, overlaps)) = self.waiting.front() {
            if !(self.under_way.is_empty() || (self.overlapping && *overlaps)) {
                return;
            }
            if let Some((work, overlaps)) = self.waiting.pop_front() {
                self.overlapping = overlaps;
                self.under_way.push_back(work);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn what_does_not_overlap_waits_for_what_came_before() {
        let began = Arc::new(Mutex::new(Vec::new()));
        let mut lane = Lane::default();
        let (release, held) = oneshot::channel::<()>();
        let note = |name: &'static str| {
            let began = began.clone();
            move || began.lock().unwrap().push(name)
        };
        let (first, second, third) = (note("post 1"), note("post 2"), note("join"));
        lane.push(true, async move {
            first();
            let _ = held.await;
            1
        });
        lane.push(true, async move {
            second();
            2
        });
        lane.push(false, async move {
            third();
            3
        });
        tokio::select! {
            biased;
            _ = lane.next() => panic!("the first is still held"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(*began.lock().unwrap(), ["post 1", "post 2"]);
        release.send(()).unwrap();
        assert_eq!([lane.next().await, lane.next().await, lane.next().await], [1, 2, 3]);
        assert!(lane.is_empty() && lane.has_room());
    }
}
