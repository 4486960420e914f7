//! From a request to the hub and back: one match arm, one call. The words are the original's.

use std::sync::Arc;

use bytes::Bytes;
use titan_core::protocol::{Fault, FaultCode};
use titan_core::{AccountId, ConversationId};

use super::reply::{ack, err, salt, ses};
use super::request::{Hashed, Password, Request};
use titan_hub::{
    AccountKey, Attachment, Hub, NewPassword, Outcome, Post, ProfileChange, Registration, Session, Visitor,
};

/// Sessions have numbers up to this one, which mean nothing.
const SESSION_MOST: u16 = 999;
/// Bytes of a login that could be somebody's.
const LOGIN_MOST: usize = 1_000;
const INVALID_LOGIN: &str = "Invalid login data";
const RECOVERY: &str = "Send recovery mail";
const INVALID_REGISTER: &str = "Invalid register data";

/// Somebody who has logged in on this connection.
pub struct Entered {
    pub session: Session,
    pub attachment: Attachment,
}

/// What a request came to.
pub struct Done {
    pub frame: Option<Bytes>,
    pub change: Change,
}

/// What it changed about the connection.
pub enum Change {
    Nothing,
    Entered(Arc<Entered>),
    /// The conversation shown from now on; none shows nothing.
    Shows(Option<Shown>),
    /// Where messages to somebody go: who this is need not be looked up again.
    Knows(String, ConversationId),
    /// The account is gone: whoever goes on here is a stranger.
    Deleted,
}

/// What a client shows.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Who the direct conversation is with; none for a room.
    pub with: Option<AccountId>,
    /// None while the two have not spoken.
    pub conversation: Option<ConversationId>,
}

/// Does what a stranger asks.
pub async fn greet(hub: Arc<Hub>, visitor: Arc<Visitor>, request: Request) -> Done {
    match request {
        Request::Log { login, .. } if login.len() > LOGIN_MOST => told(err(INVALID_LOGIN)),
        Request::Log { login, password } => match password {
            Password::Asked => told(salt_of(&hub, &visitor, &login).await),
            Password::Hashed(hashed) => enter(&hub, &visitor, &login, &hashed).await,
            Password::None => told(err(INVALID_LOGIN)),
        },
        Request::Reg { login, password, email } => told(register(&hub, &visitor, login, password, email).await),
        Request::Frp { login } => told(forgotten(&hub, &visitor, &login).await),
        other => told(err(&format!("{}: log in first", other.name()))),
    }
}

/// Does what somebody asks who has logged in.
pub async fn obey(me: Arc<Entered>, visitor: Arc<Visitor>, request: Request) -> Done {
    let session = &me.session;
    match request {
        Request::Upd { reciever } => show(&me, reciever).await,
        Request::Msg { reciever, msg } => say(session, reciever, msg).await,
        Request::Chp { password } => told(change_password(session, password).await),
        Request::Chm { email } => told(change_mail(session, email).await),
        Request::Del => delete(session).await,
        Request::Frp { login } => told(forgotten(session.hub(), &visitor, &login).await),
        Request::Log { .. } | Request::Reg { .. } => {
            told(err("You are logged in: connect once more for another login"))
        }
        other => told(err(&format!("{} is for the server to send", other.name()))),
    }
}

fn told(frame: Option<Bytes>) -> Done {
    Done { frame, change: Change::Nothing }
}

fn refusal(fault: Fault) -> Option<Bytes> {
    err(&fault.message)
}

async fn salt_of(hub: &Arc<Hub>, visitor: &Visitor, login: &str) -> Option<Bytes> {
    match hub.salt_of(visitor, login).await {
        Ok(found) => salt(login, &found),
        Err(fault) => refusal(fault),
    }
}

async fn enter(hub: &Arc<Hub>, visitor: &Visitor, login: &str, hashed: &Hashed) -> Done {
    match try_to_enter(hub, visitor, login, hashed).await {
        Ok(entered) => {
            Done { frame: ses(rand::random_range(0..=SESSION_MOST)), change: Change::Entered(Arc::new(entered)) }
        }
        Err(fault) if fault.code == FaultCode::BadCredentials => told(err(INVALID_LOGIN)),
        Err(fault) => told(refusal(fault)),
    }
}

async fn try_to_enter(hub: &Arc<Hub>, visitor: &Visitor, login: &str, hashed: &Hashed) -> Outcome<Entered> {
    let session = hub.login_pre_hashed(visitor, login, hashed.hash).await?.session.unasked();
    let attachment = session.attach_narrow(true).await?;
    Ok(Entered { session, attachment })
}

async fn register(
    hub: &Arc<Hub>,
    visitor: &Visitor,
    username: String,
    password: Password,
    email: String,
) -> Option<Bytes> {
    let Password::Hashed(Hashed { salt, hash: pre }) = password else { return err(INVALID_REGISTER) };
    let password = NewPassword::PreHash { salt, pre };
    let new = Registration { password, email: Some(email), ..Registration::new(username, "") };
    match hub.register(visitor, new).await {
        Ok(_) => ack("Created Account"),
        Err(fault) => match fault.code {
            FaultCode::NameTaken => err("Account already exists"),
            FaultCode::BadRequest => err(INVALID_REGISTER),
            _ => refusal(fault),
        },
    }
}

async fn forgotten(hub: &Arc<Hub>, visitor: &Visitor, login: &str) -> Option<Bytes> {
    if login.len() > LOGIN_MOST {
        return ack(RECOVERY);
    }
    match hub.request_reset(visitor, login).await {
        Ok(_) => ack(RECOVERY),
        Err(fault) => refusal(fault),
    }
}

/// Selects a conversation. What is said in it from now on is heard, and it is shown once this is done.
async fn show(me: &Entered, reciever: Option<String>) -> Done {
    match try_to_show(me, reciever).await {
        Ok(shown) => Done { frame: None, change: Change::Shows(shown) },
        Err(fault) => told(refusal(fault)),
    }
}

async fn try_to_show(me: &Entered, reciever: Option<String>) -> Outcome<Option<Shown>> {
    let shown = match reciever {
        None => None,
        Some(name) => Some(find(&me.session, &name).await?),
    };
    me.attachment.tune(shown.and_then(|shown| shown.conversation)).await?;
    Ok(shown)
}

/// Who or what a `reciever` is.
async fn find(session: &Session, reciever: &str) -> Outcome<Shown> {
    if let Some(room) = reciever.strip_prefix('#') {
        let room = session.room_named(room).await?;
        return Ok(Shown { with: None, conversation: Some(room.id) });
    }
    let other = session.find_account(AccountKey::Username(reciever.trim().to_owned())).await?.account.id;
    let direct = session.direct_with(other).await?;
    Ok(Shown { with: Some(other), conversation: direct.map(|direct| direct.id) })
}

async fn say(session: &Session, reciever: String, text: String) -> Done {
    match try_to_say(session, &reciever, text).await {
        Ok(Some(conversation)) => Done { frame: None, change: Change::Knows(reciever, conversation) },
        Ok(None) => told(None),
        Err(fault) => told(refusal(fault)),
    }
}

/// Gives the direct conversation it was said in. Rooms get new names, and are looked up each time.
async fn try_to_say(session: &Session, reciever: &str, text: String) -> Outcome<Option<ConversationId>> {
    match find(session, reciever).await? {
        Shown { conversation: Some(room), with: None } => post(session, room, text).await.map(|()| None),
        Shown { conversation: Some(direct), with: Some(_) } => post(session, direct, text).await.map(|()| Some(direct)),
        Shown { with: Some(other), .. } => {
            session.post_to(AccountKey::Id(other), &text).await.map(|posted| Some(posted.conversation))
        }
        Shown { .. } => Ok(None),
    }
}

/// Says something where it is known to go. Several may be under way at once, and keep their order.
pub async fn say_in(me: Arc<Entered>, conversation: ConversationId, text: String) -> Done {
    told(post(&me.session, conversation, text).await.err().and_then(refusal))
}

async fn post(session: &Session, conversation: ConversationId, text: String) -> Outcome<()> {
    session.post(Post { conversation, text, reply_to: None, file: None, client_id: None }).await.map(drop)
}

async fn change_password(session: &Session, password: Password) -> Option<Bytes> {
    const FAILED: &str = "Change password failed";
    let Password::Hashed(Hashed { salt, hash }) = password else { return err(FAILED) };
    match session.change_password_pre_hashed(salt, hash).await {
        Ok(()) => ack("Change password succesfull"),
        Err(fault) => failed(FAILED, &fault),
    }
}

async fn change_mail(session: &Session, email: String) -> Option<Bytes> {
    let change = ProfileChange { email: Some(email), ..ProfileChange::default() };
    match session.update_profile(change).await {
        Ok(_) => ack("Change mail succesfull"),
        Err(fault) => failed("Change mail failed", &fault),
    }
}

async fn delete(session: &Session) -> Done {
    match session.delete_account_unasked().await {
        Ok(()) => Done { frame: ack("Deletion succesfull"), change: Change::Deleted },
        Err(fault) => told(failed("Deletion failed", &fault)),
    }
}

/// The original has one text for every failure.
fn failed(text: &str, fault: &Fault) -> Option<Bytes> {
    tracing::debug!(%fault, "{text}");
    err(text)
}
