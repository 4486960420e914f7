//! Sends the cache's outbox, one message after the other, in the order they were queued.

use tokio::time::Instant;

use super::{Link, passes, queue::Outbox, wait_after};
use crate::{
    ClientId,
    client::{
        ClientEvent, Error,
        call::{Answer, Asker, Call},
    },
    protocol::{Fault, FaultCode, Posted, ask::Post},
};

impl Link {
    /// Sends the next message of the outbox, if it is its turn.
    pub(super) fn send_queued(&mut self) {
        let Some(cache) = self.shared.options.cache.clone().filter(|_| self.outbox.is_due()) else { return };
        self.outbox = Outbox::default();
        let Some(Some(queued)) = self.cached(cache.next_queued()) else { return };
        self.outbox.under_way = true;
        let post = Post {
            conversation: queued.conversation,
            text: queued.text,
            reply_to: queued.reply_to,
            client_id: Some(queued.client_id),
        };
        self.calls.add(Call::own(post.into(), Asker::Outbox(queued.client_id)));
    }

    /// Notes what became of a message: sent, put off, or refused for good.
    pub(super) fn outbox_answered(&mut self, client_id: ClientId, answer: Answer) {
        self.outbox = Outbox { look: true, ..Outbox::default() };
        let Some(cache) = self.shared.options.cache.clone() else { return };
        let result = match read(answer) {
            Err(fault) if passes(&fault) => {
                self.outbox.next_try = Some(Instant::now() + wait_after(&fault));
                return;
            }
            Err(fault) => {
                self.cached(cache.mark_failed(client_id, &fault));
                Err(fault)
            }
            Ok(posted) => {
                self.cached(cache.discard(client_id));
                Ok(posted)
            }
        };
        self.outlet.push(ClientEvent::Outbox { client_id, result });
    }
}

fn read(answer: Answer) -> Result<Posted, Fault> {
    match answer {
        Ok(json) => serde_json::from_str(json.get()).map_err(|error| {
            Fault::new(FaultCode::Internal, format!("The server's answer makes no sense to this version: {error}."))
        }),
        Err(Error::Fault(fault)) => Err(fault),
        Err(error) => Err(Fault::new(FaultCode::Unavailable, error.to_string())),
    }
}
