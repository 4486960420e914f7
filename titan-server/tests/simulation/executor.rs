//! Tasks on one thread, of which chance picks the next to run; and the one place where they are cut off.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::simulation::chance::Chance;

type Task = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Default)]
pub struct Executor {
    tasks: BTreeMap<usize, Task>,
    ready: Arc<Mutex<BTreeSet<usize>>>,
    next: usize,
}

struct Bell {
    task: usize,
    ready: Arc<Mutex<BTreeSet<usize>>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ready.lock().unwrap().insert(self.task);
    }
}

impl Executor {
    pub fn spawn(&mut self, task: impl Future<Output = ()> + 'static) -> usize {
        let id = self.next;
        self.next += 1;
        self.tasks.insert(id, Box::pin(task));
        self.ready.lock().unwrap().insert(id);
        id
    }

    /// Runs one of the tasks that can go on; whether there was one.
    pub fn step(&mut self, chance: &Chance) -> bool {
        let picked = {
            let mut ready = self.ready.lock().unwrap();
            ready.retain(|id| self.tasks.contains_key(id));
            let picked = (!ready.is_empty()).then(|| ready.iter().nth(chance.below(ready.len())).copied()).flatten();
            if let Some(id) = picked {
                ready.remove(&id);
            }
            picked
        };
        let Some(id) = picked else { return false };
        let waker = Waker::from(Arc::new(Bell { task: id, ready: self.ready.clone() }));
        let Some(task) = self.tasks.get_mut(&id) else { return false };
        if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            self.tasks.remove(&id);
        }
        true
    }

    /// Cuts a task off where it stands.
    pub fn cut(&mut self, id: usize) {
        drop(self.tasks.remove(&id));
    }

    pub fn runs(&self, id: usize) -> bool {
        self.tasks.contains_key(&id)
    }
}

/// Lets others go first, so many times.
pub async fn pause(turns: usize) {
    for _ in 0..turns {
        let mut paused = false;
        std::future::poll_fn(|context| {
            if std::mem::replace(&mut paused, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
