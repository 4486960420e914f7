//! Commands in the order they were sent.
//!
//! A connection's commands take effect as if one after the other. Messages are the exception that keeps the order all the
//! same: they are handed to the store in order, and then many may wait for one commit together. Anything else waits until
//! what was sent before it is done, and is done before what comes after. Deliveries never wait for a command. What has
//! begun is done to its end, even when the connection is gone: a join cut in half would leave the house in disorder.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::task::unconstrained;

/// Commands that may wait or be under way; at the bound the door stops reading.
const LANE_MOST: usize = 256;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One connection's commands and, in the same order, their outcomes.
pub struct Lane<T: Send + 'static> {
    /// Done while nobody took outcomes.
    done: VecDeque<T>,
    under_way: FuturesOrdered<Work<T>>,
    overlapping: bool,
    waiting: VecDeque<(Work<T>, bool)>,
}

impl<T: Send + 'static> Default for Lane<T> {
    fn default() -> Self {
        let (done, under_way, waiting) = (VecDeque::new(), FuturesOrdered::new(), VecDeque::new());
        Self { done, under_way, overlapping: true, waiting }
    }
}

impl<T: Send + 'static> Lane<T> {
    /// Whether another command may be taken in.
    pub fn has_room(&self) -> bool {
        self.done.len() + self.under_way.len() + self.waiting.len() < LANE_MOST
    }

    pub fn is_empty(&self) -> bool {
        self.done.is_empty() && self.under_way.is_empty() && self.waiting.is_empty()
    }

    /// Adds a command; one that `overlaps` may be under way together with others that do. The runtime may not interrupt it
    /// where it need not wait: it would resume those it interrupted in the reverse order, and they would overtake each other.
    pub fn push(&mut self, overlaps: bool, work: impl Future<Output = T> + Send + 'static) {
        self.waiting.push_back((Box::pin(unconstrained(work)), overlaps));
        self.start();
    }

    /// The next outcome, in order; waits for ever while there is nothing to do. Cancelling loses nothing.
    pub async fn next(&mut self) -> T {
        loop {
            if let Some(outcome) = self.done.pop_front() {
                return outcome;
            }
            self.start();
            match self.under_way.next().await {
                Some(outcome) => return outcome,
                None => std::future::pending::<()>().await,
            }
        }
    }

    /// Carries on what is under way while the connection waits for something else, such as a peer who doesn't read:
    /// a command that is left alone may hold what others wait for. Starts nothing more, and never ends.
    pub async fn carry_on(&mut self) -> Infallible {
        while let Some(outcome) = self.under_way.next().await {
            self.done.push_back(outcome);
        }
        std::future::pending().await
    }

    /// Starts what may be under way now.
    fn start(&mut self) {
        while let Some((_, overlaps)) = self.waiting.front() {
            let alone = self.under_way.is_empty() && self.done.is_empty();
            if !(alone || (self.overlapping && *overlaps)) {
                return;
            }
            if let Some((work, overlaps)) = self.waiting.pop_front() {
                self.overlapping = overlaps;
                self.under_way.push_back(work);
            }
        }
    }
}

impl<T: Send + 'static> Drop for Lane<T> {
    fn drop(&mut self) {
        let mut under_way = std::mem::take(&mut self.under_way);
        if under_way.is_empty() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { while under_way.next().await.is_some() {} });
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

    #[tokio::test]
    async fn what_has_begun_is_done_though_the_connection_is_gone() {
        let (release, held) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let mut lane = Lane::default();
        lane.push(false, async move {
            let _ = held.await;
            let _ = tell.send("done");
        });
        tokio::select! {
            biased;
            () = lane.next() => panic!("it is still held"),
            () = tokio::task::yield_now() => {}
        }
        drop(lane);
        release.send(()).unwrap();
        assert_eq!(told.await.unwrap(), "done");
    }

    #[tokio::test]
    async fn what_is_under_way_goes_on_while_a_peer_does_not_read() {
        let (tell, told) = oneshot::channel();
        let mut lane = Lane::default();
        lane.push(false, async move {
            tokio::task::yield_now().await;
            let _ = tell.send("done");
            1
        });
        lane.push(false, async { 2 });
        tokio::select! {
            never = lane.carry_on() => match never {},
            done = told => assert_eq!(done.unwrap(), "done"),
        }
        assert_eq!([lane.next().await, lane.next().await], [1, 2]);
    }
}
