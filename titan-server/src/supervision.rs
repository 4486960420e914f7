//! Tasks that a server can't do without: where one dies, the process ends, says which, and is started again.
//!
//! A server that has lost what follows its commits, or what tidies up, looks well from outside and is not. [`crate::Server`]
//! starts its tasks here and waits for the first bad news.

use std::future::Future;

use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Why a server can't go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// What of the last commit is on disk can't be said.
    #[error("{0}")]
    Disk(String),
    /// A part of the server has died, which is a fault of the program.
    #[error("{0} has died: please report what the log says above")]
    Task(&'static str),
}

/// The tasks of a server.
pub struct Tasks {
    running: Vec<JoinHandle<()>>,
    death: watch::Sender<Option<&'static str>>,
}

impl Default for Tasks {
    fn default() -> Self {
        Self { running: Vec::new(), death: watch::Sender::new(None) }
    }
}

impl Tasks {
    /// Runs a task until it is done. It dies when it panics.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.running.push(self.spawn_last(name, task));
    }

    /// Runs a task that is never done while anything is: the caller ends it last.
    pub fn spawn_last(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let watch = Watch { name, death: self.death.clone() };
        tokio::spawn(async move {
            let _watch = watch;
            task.await;
        })
    }

    /// Waits for one to die: which. Who waits needn't keep the tasks.
    pub fn death(&self) -> impl Future<Output = &'static str> + Send + use<> {
        let mut death = self.death.subscribe();
        async move {
            let died = death.wait_for(Option::is_some).await.ok().and_then(|died| *died);
            match died {
                Some(name) => name,
                None => std::future::pending().await,
            }
        }
    }

    /// Waits until all are done.
    pub async fn done(self) {
        for task in self.running {
            let _ = task.await;
        }
    }
}

/// Dropped with the task, however that ends.
struct Watch {
    name: &'static str,
    death: watch::Sender<Option<&'static str>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.death.send_replace(Some(self.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_dies_is_told_of_and_one_that_is_done_is_not() {
        let mut tasks = Tasks::default();
        tasks.spawn("what is done", async {});
        tasks.spawn("what dies", async { panic!("as the test wants it") });
        let death = tokio::time::timeout(std::time::Duration::from_secs(10), tasks.death()).await;
        assert_eq!(death, Ok("what dies"));
        tasks.done().await;
    }
}
