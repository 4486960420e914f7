//! Doors in the way of a store's verbs: the next one of a kind stops before or after its work, until it is let go.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use titan_server::store::Store;
use tokio::sync::oneshot;

use crate::between::{Around, Between};
use crate::support::{TestHouse, deadline};

/// On which side of a verb's work it is stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

struct Gate {
    verb: &'static str,
    side: Side,
    reached: oneshot::Sender<()>,
    open: oneshot::Receiver<()>,
}

/// Each gate stops one verb, once.
#[derive(Default)]
pub struct Gates(Mutex<Vec<Gate>>);

/// A verb that is stopped, or will be.
pub struct Held {
    reached: oneshot::Receiver<()>,
    open: oneshot::Sender<()>,
}

impl Gates {
    /// The next verb of this name stops before it does its work.
    pub fn hold(&self, verb: &'static str) -> Held {
        self.place(verb, Side::Before)
    }

    /// The next verb of this name stops when it has done its work, before its caller learns of it.
    pub fn hold_after(&self, verb: &'static str) -> Held {
        self.place(verb, Side::After)
    }

    fn place(&self, verb: &'static str, side: Side) -> Held {
        let ((reach, reached), (open, opened)) = (oneshot::channel(), oneshot::channel());
        self.0.lock().unwrap().push(Gate { verb, side, reached: reach, open: opened });
        Held { reached, open }
    }

    async fn pass(&self, verb: &'static str, side: Side) {
        let gate = {
            let mut gates = self.0.lock().unwrap();
            let at = gates.iter().position(|gate| gate.verb == verb && gate.side == side);
            at.map(|at| gates.remove(at))
        };
        if let Some(gate) = gate {
            let _ = gate.reached.send(());
            let _ = gate.open.await;
        }
    }
}

impl Held {
    /// Waits until somebody stands there.
    pub async fn reached(&mut self) {
        deadline(&mut self.reached).await.expect("the house closed before the verb came");
    }

    pub fn let_go(self) {
        let _ = self.open.send(());
    }
}

#[async_trait]
impl Around for Gates {
    async fn before(&self, verb: &'static str) {
        self.pass(verb, Side::Before).await;
    }

    async fn after(&self, verb: &'static str) {
        self.pass(verb, Side::After).await;
    }
}

/// A house whose store's verbs can be stopped.
pub async fn house() -> (TestHouse, Arc<Gates>) {
    let gates = Arc::new(Gates::default());
    let around = gates.clone();
    let house = TestHouse::open_over(|store: Arc<dyn Store>| Arc::new(Between { around, store })).await;
    (house, gates)
}
