//! From a request to the hub and back: one match arm, one call.

use std::sync::Arc;

use titan_core::protocol::{Conversation, Fault, FaultCode, Room, What};
use titan_core::{AccountId, ConversationId, Secret, Seq};

use super::reply::{self, LIST_MOST, Moment, Refusal, Reply, Side};
use super::request::{Recipient, Request};
use titan_door::listing::{beginning, json_length};
use titan_door::talk::{Done, Entered, Manner};
use titan_hub::{
    AccountKey, Hub, Listed, Login, Outcome, Post, ProfileChange, Registration, RoomWish, Session, Visitor,
};

/// How a request goes with others on its connection: its clients take the next frame for the reply to some, and some
/// replies must come before the events they cause.
pub fn manner_of(request: &Request) -> Manner {
    use Request as R;
    Manner {
        overlaps: matches!(request, R::RoomMessage { .. } | R::Ping),
        hushes: matches!(
            request,
            R::Register { .. }
                | R::Login { .. }
                | R::CreateRoom { .. }
                | R::JoinRoom { .. }
                | R::LeaveRoom { .. }
                | R::DeleteRoom { .. }
        ),
        enters: matches!(request, R::Login { .. }),
    }
}

pub async fn perform(hub: Arc<Hub>, visitor: Arc<Visitor>, entered: Option<Arc<Entered>>, request: Request) -> Done {
    let refusal = refusal_of(&request);
    let outcome = match request {
        Request::Login { username, password } => enter(&hub, &visitor, entered, &username, &password).await,
        Request::Register { username, password, full_name } => {
            register(&hub, &visitor, username, password, full_name).await.map(reply_only)
        }
        request => match &entered {
            Some(entered) => obey(&entered.session, request).await.map(|reply| (reply, None)),
            None => return refused(&Refusal::error(NOT_AUTHENTICATED)),
        },
    };
    match outcome {
        Ok((reply, entered)) => Done { frame: reply.map(|reply| reply.frame()), entered, ..Done::default() },
        Err(fault) => refused(&refusal(fault)),
    }
}

fn refused(refusal: &Refusal) -> Done {
    Done::saying(refusal.frame())
}

pub const NOT_AUTHENTICATED: &str = "Not authenticated";

type Answer = (Option<Reply>, Option<Arc<Entered>>);

fn reply_only(reply: Reply) -> Answer {
    (Some(reply), None)
}

/// Under which type a client waits to hear that a request failed.
fn refusal_of(request: &Request) -> impl FnOnce(Fault) -> Refusal + use<> {
    let under = match request {
        Request::Register { .. } => Some(("register_response", None)),
        Request::Login { .. } => Some(("login_response", None)),
        Request::CreateRoom { .. } => Some(("room_created", None)),
        Request::JoinRoom { room, .. } => Some(("room_joined", Some(*room))),
        Request::DeleteRoom { room } => Some(("room_deleted", Some(*room))),
        Request::UpdateBlog { .. } => Some(("blog_updated", None)),
        _ => None,
    };
    move |fault| match under {
        Some((name, room)) => Refusal::of(name, room, fault.message),
        None => Refusal::error(fault.message),
    }
}

/// The same, for a request whose fields are not right: where the original says nothing at all, an `error` does.
pub fn refusal_of_malformed(name: &str, why: String) -> Refusal {
    match name {
        "register" => Refusal::of("register_response", None, why),
        "login" => Refusal::of("login_response", None, why),
        "create_room" => Refusal::of("room_created", None, why),
        _ => Refusal::error(why),
    }
}

async fn register(
    hub: &Arc<Hub>,
    visitor: &Visitor,
    username: String,
    password: Secret,
    full_name: Option<String>,
) -> Outcome<Reply> {
    let new = Registration { full_name, ..Registration::new(username, password) };
    let account = hub.register(visitor, new).await?;
    Ok(Reply::RegisterResponse {
        success: true,
        user_id: account.id,
        username: account.username,
        titan_number: account.titan_number,
        created_at: Moment(account.created_at),
    })
}

/// Opens a session; one that the connection had before ends.
async fn enter(
    hub: &Arc<Hub>,
    visitor: &Visitor,
    before: Option<Arc<Entered>>,
    username: &str,
    password: &Secret,
) -> Outcome<Answer> {
    let Login { session, token, account } = hub.login(visitor, username, password.reveal()).await?;
    let attachment = session.attach(true).await?;
    let online_users = reply::online(session.who().await?);
    if let Some(before) = before
        && let Err(fault) = before.session.logout().await
    {
        tracing::debug!(%fault, "a session that was replaced did not end");
    }
    let user = account.public().into();
    let session_id = token.reveal().to_owned();
    let reply = Reply::LoginResponse { success: true, http_token: session_id.clone(), session_id, user, online_users };
    Ok((Some(reply), Some(Arc::new(Entered { session, attachment }))))
}

/// One match arm, one call.
async fn obey(me: &Session, request: Request) -> Outcome<Option<Reply>> {
    use Request as R;
    Ok(match request {
        R::PrivateMessage { to, message } => Some(write_privately(me, to, &message).await?),
        R::GetMessages { user, limit } => Some(private_messages(me, user, limit).await?),
        R::CreateRoom { name, description, kind, password } => {
            Some(create_room(me, RoomWish { name, description, kind, password }).await?)
        }
        R::JoinRoom { room, password } => Some(join_room(me, room, password.as_ref().map(Secret::reveal)).await?),
        R::LeaveRoom { room } => without_reply(me.leave_room(room).await?),
        R::RoomMessage { room, message } => write_in_room(me, room, message).await?,
        R::DeleteRoom { room } => Some(delete_room(me, room).await?),
        R::GetRooms => Some(rooms(me).await?),
        R::GetRoomMessages { room, limit } => Some(room_messages(me, room, limit).await?),
        R::GetOnlineUsers => Some(online(me).await?),
        R::UpdateBlog { blog_url } => Some(update_blog(me, blog_url).await?),
        R::VoiceSignal { room, target, signal } => without_reply(me.voice_signal(room, target, signal).await?),
        R::Ping => Some(Reply::Pong),
        R::Register { .. } | R::Login { .. } => None,
    })
}

async fn rooms(me: &Session) -> Outcome<Reply> {
    let place = |room: &Room| room.id;
    let Listed { list, more } = beginning(LIST_MOST, place, reply::room, json_length, |page| me.rooms(page)).await?;
    let left_out = if more { (me.number_of_rooms().await? as usize).saturating_sub(list.len()) } else { 0 };
    Ok(Reply::RoomsList { rooms: list, left_out })
}

async fn online(me: &Session) -> Outcome<Reply> {
    let all = me.who().await?;
    let number = all.len();
    let users = reply::online(all);
    Ok(Reply::OnlineUsers { left_out: number.saturating_sub(users.len()), users })
}

fn without_reply((): ()) -> Option<Reply> {
    None
}

async fn write_privately(me: &Session, to: Recipient, message: &str) -> Outcome<Reply> {
    let other = match to {
        Recipient::Account(account) => AccountKey::Id(account),
        Recipient::TitanNumber(number) => AccountKey::TitanNumber(number),
    };
    let posted = me.post_to(other, message).await?;
    Ok(Reply::MessageSent { message_id: posted.id })
}

/// What the two wrote each other. To fetch it is to read it; but a full disk keeps nobody from reading.
async fn private_messages(me: &Session, user: AccountId, limit: u32) -> Outcome<Reply> {
    let Some(Conversation { id: direct, what: What::Direct(other), read, .. }) = me.direct_with(user).await? else {
        return Ok(Reply::PrivateMessages { messages: Vec::new(), more: false });
    };
    let entries = me.messages(direct, limit).await?;
    let newest = entries.list.last().map_or(Seq(0), |entry| entry.seq);
    let mine = Side { id: me.account(), username: me.author.username.clone(), read };
    let theirs = Side { id: other.id, username: other.username, read: me.read_by(other.id, direct).await? };
    let Listed { list: messages, more } = reply::private_messages(entries, &mine, &theirs);
    if newest > read
        && let Err(fault) = me.mark_read(direct, newest).await
    {
        tracing::debug!(%fault, "messages that were fetched were not marked as read");
    }
    Ok(Reply::PrivateMessages { messages, more })
}

async fn create_room(me: &Session, wish: RoomWish) -> Outcome<Reply> {
    let kind = wish.kind;
    let Conversation { id, what, .. } = me.create_room(wish).await?;
    let name = what.name().cloned().unwrap_or_default();
    Ok(Reply::RoomCreated { success: true, room_id: id, name, room_type: kind })
}

/// Who is a member is let in once more: the original's window opens a room on success alone, and here everybody is in
/// "general" from the start.
async fn join_room(me: &Session, room: ConversationId, password: Option<&str>) -> Outcome<Reply> {
    match me.join_room(room, password).await {
        Err(fault) if fault.code == FaultCode::AlreadyMember => {}
        joined => drop(joined?),
    }
    Ok(Reply::RoomJoined { room_id: room, success: true })
}

async fn write_in_room(me: &Session, room: ConversationId, message: String) -> Outcome<Option<Reply>> {
    let post = Post { conversation: room, text: message, reply_to: None, file: None, client_id: None };
    me.post(post).await.map(|_| None)
}

async fn delete_room(me: &Session, room: ConversationId) -> Outcome<Reply> {
    me.delete_room(room).await?;
    Ok(Reply::RoomDeleted { room_id: room, success: true })
}

async fn room_messages(me: &Session, room: ConversationId, limit: u32) -> Outcome<Reply> {
    let Listed { list: messages, more } = reply::room_messages(me.messages(room, limit).await?);
    Ok(Reply::RoomMessages { room_id: room, messages, more })
}

async fn update_blog(me: &Session, blog_url: String) -> Outcome<Reply> {
    me.update_profile(ProfileChange { blog_url: Some(blog_url), ..ProfileChange::default() }).await?;
    Ok(Reply::BlogUpdated { success: true })
}
