//! The words of JSON lines: lines to requests, outcomes and events to lines. One match arm, one call.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use titan_core::Secret;

use super::reply::{LoginOutcome, Reply, Said, Status};
use super::request::Request;
use titan_door::lines::LINE_MOST;
use titan_door::talk::{Asked, Caller, Done, Entered, Manner, Talk, Unable, Unreadable};
use titan_hub::switchboard::{Delivery, Dialect, Ending, Happening};
use titan_hub::{GENERAL, Hub, Login, Outcome, Post, Registration, Session, Visitor};

#[derive(Clone, Copy)]
pub struct JsonLines;

const NOT_LOGGED_IN: &str = "Not logged in: send a login first";

impl Talk for JsonLines {
    /// People come here by netcat, and type.
    const LOGIN_TIMEOUT: Duration = Duration::from_secs(300);

    fn request(&self, caller: Caller<'_>, text: &str) -> Asked {
        let request = match Request::read(text) {
            Ok(request) => request,
            Err(malformed) => return Asked::answered(Reply::error(malformed.to_string()).line()),
        };
        let (hub, visitor) = (caller.house.hub.clone(), caller.visitor.clone());
        let entered = caller.entered.cloned();
        let (manner, name) = (manner_of(&request), request.name());
        Asked::new(manner, perform(hub, visitor, entered, request)).called(name, None)
    }

    async fn tell(&self, _: &Entered, delivery: &Delivery) -> Result<Option<Bytes>, Unable> {
        Ok(delivery.encoded(Dialect::JsonLines, encode))
    }

    fn unreadable(&self, why: Unreadable) -> Bytes {
        let said = match why {
            Unreadable::Binary | Unreadable::NotText => "A line must be UTF-8 text".to_owned(),
            Unreadable::TooLong => format!("A line may have at most {LINE_MOST} bytes"),
        };
        Reply::error(said).line()
    }

    fn goodbye(&self, ending: &Ending) -> Option<Bytes> {
        Some(Reply::error(ending.reason.as_str()).line())
    }

    fn too_late(&self) -> Option<Bytes> {
        Some(Reply::error("Nobody logged in here in time").line())
    }

    /// Nobody was given the token, so nobody comes back with it.
    async fn left(&self, session: Session) {
        end(&session).await;
    }
}

/// How a request goes with others: clients take the next line for the reply, and messages may share a commit.
fn manner_of(request: &Request) -> Manner {
    Manner {
        overlaps: matches!(request, Request::SendMessage { .. }),
        hushes: !matches!(request, Request::SendMessage { .. }),
        enters: matches!(request, Request::Login { .. }),
    }
}

fn encode(happening: &Happening) -> Option<Bytes> {
    match happening {
        Happening::Entry(entry) => Said::of(entry).map(|said| Reply::NewMessage(said).line()),
        Happening::Passing(_) => None,
    }
}

async fn perform(hub: Arc<Hub>, visitor: Arc<Visitor>, entered: Option<Arc<Entered>>, request: Request) -> Done {
    match request {
        Request::Register { username, password } => register(&hub, &visitor, username, password).await,
        Request::Login { username, password } => login(&hub, &visitor, entered, &username, &password).await,
        Request::SendMessage { sender, message } => send_message(entered, &sender, message).await,
        Request::GetHistory { limit } => history(entered, limit).await,
    }
}

async fn register(hub: &Arc<Hub>, visitor: &Visitor, username: String, password: Secret) -> Done {
    let new = Registration::new(username, password);
    let (status, message) = match hub.register(visitor, new).await {
        Ok(_) => (Status::Success, "User registered successfully".to_owned()),
        Err(fault) => (Status::Error, fault.message),
    };
    Done::saying(Reply::RegisterResponse { status, message }.line())
}

/// Opens a session; one that the connection had before ends.
async fn login(
    hub: &Arc<Hub>,
    visitor: &Visitor,
    before: Option<Arc<Entered>>,
    username: &str,
    password: &Secret,
) -> Done {
    let outcome = enter(hub, visitor, username, password.reveal()).await;
    if let (Ok(_), Some(before)) = (&outcome, before) {
        end(&before.session).await;
    }
    let (outcome, entered) = match outcome {
        Ok(entered) => {
            let author = &entered.session.author;
            let reply = LoginOutcome::Entered {
                status: Status::Success,
                user_id: author.id,
                username: author.username.clone(),
            };
            (reply, Some(Arc::new(entered)))
        }
        Err(fault) => (LoginOutcome::Refused { status: Status::Error, message: fault.message }, None),
    };
    Done { entered, ..Done::saying(Reply::LoginResponse(outcome).line()) }
}

async fn enter(hub: &Arc<Hub>, visitor: &Visitor, username: &str, password: &str) -> Outcome<Entered> {
    let Login { session, .. } = hub.login(visitor, username, password).await?;
    let attachment = session.attach_narrow(false).await?;
    attachment.tune(Some(GENERAL)).await?;
    Ok(Entered { session, attachment })
}

/// The broadcast is its acknowledgement.
async fn send_message(entered: Option<Arc<Entered>>, sender: &str, text: String) -> Done {
    let Some(entered) = entered else { return refused(NOT_LOGGED_IN) };
    let me = &entered.session;
    match me.goes_by(sender).await {
        Ok(true) => {}
        Ok(false) => return refused(&format!("You are logged in as {}: \"sender\" must say so", me.author.username)),
        Err(fault) => return refused(&fault.message),
    }
    match me.post(Post { conversation: GENERAL, text, reply_to: None, file: None, client_id: None }).await {
        Ok(_) => Done::default(),
        Err(fault) => refused(&fault.message),
    }
}

async fn history(entered: Option<Arc<Entered>>, limit: u32) -> Done {
    let Some(entered) = entered else { return refused(NOT_LOGGED_IN) };
    match entered.session.messages(GENERAL, limit).await {
        Ok(entries) => {
            let messages = entries.list.iter().filter_map(Said::of).collect();
            Done::saying(Reply::HistoryResponse { messages, more: entries.more }.line())
        }
        Err(fault) => refused(&fault.message),
    }
}

fn refused(why: &str) -> Done {
    Done::saying(Reply::error(why).line())
}

async fn end(session: &Session) {
    if let Err(fault) = session.logout().await {
        tracing::debug!(%fault, "a session did not end with its connection");
    }
}
