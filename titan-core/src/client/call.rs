//! The calls that wait: for a connection, or for their answer. What is safe to ask twice outlives a broken connection.

use std::{collections::BTreeMap, time::Duration};

use serde_json::value::RawValue;
use tokio::{sync::oneshot, time::Instant};

use super::{Error, Options};
use crate::{
    ClientId, ConversationId,
    protocol::{
        Command, FRAME_MOST, Fault, FaultCode, Request,
        ask::{Delete, Edit, Post, React},
        fits_a_frame,
    },
};

pub(super) type Answer = Result<Box<RawValue>, Error>;

/// One question and who asks it.
pub(super) struct Call {
    command: Command,
    asker: Asker,
    /// When a question that wasn't sent yet is given up; none: never.
    give_up: Option<Instant>,
    patience: Option<Duration>,
    sent: bool,
}

pub(super) enum Asker {
    Caller(oneshot::Sender<Answer>),
    /// The outbox, for this message.
    Outbox(ClientId),
    /// The order of a conversation's log, which misses some entries.
    Gap(ConversationId),
    /// The cache, which keeps names of people.
    Names,
}

/// Whether asking this again, without knowing what became of the first time, does no harm.
fn is_repeatable(command: &Command) -> bool {
    match command {
        Command::Post(Post { client_id, .. })
        | Command::Edit(Edit { client_id, .. })
        | Command::Delete(Delete { client_id, .. })
        | Command::React(React { client_id, .. }) => client_id.is_some(),
        Command::Confirm(_)
        | Command::Profile(_)
        | Command::AppPasswords(_)
        | Command::Sessions(_)
        | Command::Usage(_)
        | Command::Who(_)
        | Command::FindAccount(_)
        | Command::EndedAccounts(_)
        | Command::SearchAccounts(_)
        | Command::Relations(_)
        | Command::Sanctions(_)
        | Command::AccountSessions(_)
        | Command::BannedAddresses(_)
        | Command::Audit(_)
        | Command::VerifyAudit(_)
        | Command::Rooms(_)
        | Command::Conversations(_)
        | Command::Members(_)
        | Command::OpenDirect(_)
        | Command::History(_)
        | Command::MarkRead(_)
        | Command::Search(_)
        | Command::File(_)
        | Command::Apps(_)
        | Command::App(_)
        | Command::AppStats(_)
        | Command::Accounts(_)
        | Command::Ping(_) => true,
        _ => false,
    }
}

impl Call {
    /// A caller's. What it says is never given up; what it asks is, after a while without a connection.
    pub fn new(command: Command, answer: oneshot::Sender<Answer>, options: &Options) -> Self {
        let patience = (!matches!(command, Command::Post(_))).then_some(options.pace.patience);
        let give_up = patience.map(|patience| Instant::now() + patience);
        Self { command, asker: Asker::Caller(answer), give_up, patience, sent: false }
    }

    /// The background task's own.
    pub fn own(command: Command, asker: Asker) -> Self {
        Self { command, asker, give_up: None, patience: None, sent: false }
    }

    fn is_wanted(&self) -> bool {
        !matches!(&self.asker, Asker::Caller(answer) if answer.is_closed())
    }

    fn fail(self, error: Error) {
        if let Asker::Caller(answer) = self.asker {
            let _ = answer.send(Err(error));
        }
    }
}

/// All waiting calls, by the ids of their requests.
#[derive(Default)]
pub(super) struct Calls {
    last_id: u64,
    waiting: BTreeMap<u64, Call>,
}

impl Calls {
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn add(&mut self, call: Call) {
        self.last_id += 1;
        self.waiting.insert(self.last_id, call);
    }

    /// The next request to write, in the order asked; a caller that went away asks nothing.
    pub fn next_to_send(&mut self) -> Option<String> {
        loop {
            let (&id, call) = self.waiting.iter_mut().find(|(_, call)| !call.sent)?;
            if !call.is_wanted() {
                self.waiting.remove(&id);
                continue;
            }
            call.sent = true;
            match write(id, &call.command) {
                Ok(text) => return Some(text),
                Err(error) => {
                    if let Some(call) = self.waiting.remove(&id) {
                        call.fail(error);
                    }
                }
            }
        }
    }

    /// Who asked the request of this id; it waits no more.
    pub fn answered(&mut self, id: u64) -> Option<Asker> {
        self.waiting.remove(&id).map(|call| call.asker)
    }

    /// The connection broke: what is safe to ask twice waits for the next one, the rest fails. What the background task
    /// asked for itself it will ask anew.
    pub fn connection_lost(&mut self, why: &str) {
        for (id, mut call) in std::mem::take(&mut self.waiting) {
            if matches!(call.asker, Asker::Outbox(_) | Asker::Gap(_)) {
                continue;
            }
            if call.sent && !is_repeatable(&call.command) {
                call.fail(Error::network(format!("the connection broke before the answer came: {why}")));
                continue;
            }
            if call.sent {
                call.give_up = call.patience.map(|patience| Instant::now() + patience);
            }
            call.sent = false;
            self.waiting.insert(id, call);
        }
    }

    /// Nothing will be answered any more.
    pub fn end(&mut self, error: impl Fn() -> Error) {
        for call in std::mem::take(&mut self.waiting).into_values() {
            call.fail(error());
        }
    }

    /// When the next call that waits for a connection runs out of patience.
    pub fn next_give_up(&self) -> Option<Instant> {
        self.waiting.values().filter(|call| !call.sent).filter_map(|call| call.give_up).min()
    }

    /// Fails the calls that waited for a connection long enough.
    pub fn give_up(&mut self, now: Instant) {
        let late = |call: &Call| !call.sent && call.give_up.is_some_and(|give_up| give_up <= now);
        let ids: Vec<u64> = self.waiting.iter().filter(|(_, call)| late(call)).map(|(id, _)| *id).collect();
        for id in ids {
            if let Some(call) = self.waiting.remove(&id) {
                call.fail(Error::Offline);
            }
        }
    }
}

/// A request as it is written; one that the server would refuse for its length is refused here, to keep the connection.
pub(super) fn write(id: u64, command: &Command) -> Result<String, Error> {
    let text = serde_json::to_string(&Request { id, command: command.clone() })
        .map_err(|error| Fault::bad_request(format!("That can't be written as JSON: {error}.")))?;
    if !fits_a_frame(&text) {
        let message = format!("That is {} bytes long and may be {FRAME_MOST} at most: shorten it.", text.len());
        return Err(Fault::new(FaultCode::TooLarge, message).into());
    }
    Ok(text)
}
