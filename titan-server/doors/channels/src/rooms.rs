//! Channels: the rooms of the house that one is in and one's directs, making a room, joining one.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use titan_core::protocol::{Conversation, FaultCode, Room, What};
use titan_core::{ConversationId, SafeText};
use utoipa::ToSchema;

use super::answer::{Answer, Detail, Mistakes, NO_CHANNEL, Refused, given, given_with_next};
use super::asked::{At, Query, Written, body};
use super::check::{Check, Length};
use super::door::Door;
use super::entering::session;
use titan_hub::{LISTED_MOST, Listed, Page, RoomWish, Session};

const NAME: Length = Length { least: 1, most: 100 };

/// A channel to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read one by one, to tell every mistake at once")]
pub struct NewChannel {
    /// 1 to 100 visible characters on one line; blanks around it are taken off.
    #[schema(schema_with = super::papers::channel_name)]
    name: String,
}

/// A room of the house, or a direct conversation.
#[derive(Serialize, ToSchema)]
pub struct Channel {
    /// The same at every door.
    #[schema(value_type = i64)]
    id: ConversationId,
    /// A direct's is that of the other one.
    #[schema(value_type = String)]
    name: SafeText,
    /// Whether it is a direct conversation.
    is_dm: bool,
}

/// A channel that was asked for by its id.
pub enum Found {
    Room(Box<Room>),
    /// A direct of who asks.
    Direct(ConversationId),
}

impl Found {
    pub fn id(&self) -> ConversationId {
        match self {
            Self::Room(room) => room.id,
            Self::Direct(id) => *id,
        }
    }
}

impl From<Room> for Channel {
    fn from(room: Room) -> Self {
        Self { id: room.id, name: room.name, is_dm: false }
    }
}

/// The channels one is a member of, and one's direct conversations. Of very many, those in which something was said last; the
/// rest comes in further pages.
#[utoipa::path(
    get, path = "/channels", tag = "channels", security(("jwt" = [])), params(super::papers::Behind),
    responses(
        (status = 200, description = "By id. At most 1,000: `Link` leads to the next page", body = [Channel],
            headers(("Link" = String))),
        (status = 422, description = "`after` is no number", body = Mistakes),
        super::papers::Known,
    )
)]
pub async fn list(State(door): State<Door>, At(visitor): At, query: Query, headers: HeaderMap) -> Answer {
    let session = session(&door, &visitor, &headers).await?;
    let mut check = Check::default();
    let after = match query.word("after").map(|after| check.number("query", "after", after)) {
        Some(None) => return Err(check.refused()),
        after => after.flatten().map(ConversationId),
    };
    let Listed { list, more } = session.conversations(Page { after, limit: LISTED_MOST }).await?;
    let next = list.last().filter(|_| more).map(|last| format!("after={}", last.id));
    let mut channels: Vec<Channel> = list.into_iter().filter_map(channel).collect();
    channels.sort_by_key(|channel| channel.id);
    Ok(given_with_next(&channels, next))
}

/// Makes a channel and joins it.
#[utoipa::path(
    post, path = "/channels", tag = "channels", request_body = NewChannel, security(("jwt" = [])),
    responses(
        (status = 200, description = "The new channel", body = Channel),
        (status = 400, description = "The name is taken or will not do", body = Detail),
        (status = 422, description = "A field is missing or out of its bounds", body = Mistakes),
        super::papers::Known,
    )
)]
pub async fn create(State(door): State<Door>, At(visitor): At, headers: HeaderMap, request: Request) -> Answer {
    let body = body(request).await?;
    let session = session(&door, &visitor, &headers).await?;
    let mut check = Check::default();
    let fields = check.fields(&body);
    let Some(name) = check.trimmed(&fields, "name", NAME) else { return Err(check.refused()) };
    let wish = RoomWish { name: name.to_owned(), ..RoomWish::default() };
    let made = session.create_room(wish).await.map_err(|fault| match fault.code {
        FaultCode::NameTaken => Refused::bad_request("Channel name already taken"),
        _ => fault.into(),
    })?;
    let channel = channel(made).ok_or_else(|| Refused::not_found(NO_CHANNEL))?;
    Ok(given(&channel))
}

/// Joins a channel; doing so again is fine.
#[utoipa::path(
    post, path = "/channels/{channel_id}/join", tag = "channels", security(("jwt" = [])),
    params(("channel_id" = i64, Path, description = "The channel's id")),
    responses(
        (status = 200, description = "The channel", body = Channel),
        (status = 403, description = "It has a password, or one is banned from it", body = Detail),
        (status = 404, description = "There is no such channel", body = Detail),
        (status = 422, description = "The id is no number", body = Mistakes),
        super::papers::Known,
    )
)]
pub async fn join(State(door): State<Door>, At(visitor): At, Written(id): Written, headers: HeaderMap) -> Answer {
    let session = session(&door, &visitor, &headers).await?;
    let mut check = Check::default();
    let Some(id) = check.number("path", "channel_id", &id) else { return Err(check.refused()) };
    let channel = match find(&session, ConversationId(id)).await? {
        Found::Room(room) => enter(&session, *room).await?,
        Found::Direct(id) => {
            let found = channel(session.find_conversation(id).await?);
            found.ok_or_else(|| Refused::not_found(NO_CHANNEL))?
        }
    };
    Ok(given(&channel))
}

async fn enter(session: &Session, room: Room) -> Answer<Channel> {
    if !room.joined && room.locked {
        let said = "This channel has a password, and this door has no way to say one: join it at another.";
        return Err(Refused::new(StatusCode::FORBIDDEN, said));
    }
    if !room.joined {
        match session.join_room(room.id, None).await {
            Err(fault) if fault.code != FaultCode::AlreadyMember => return Err(fault.into()),
            _ => {}
        }
    }
    Ok(room.into())
}

/// A channel by its id: a room, whether or not one is in it, or a direct of one's own.
pub async fn find(session: &Session, id: ConversationId) -> Answer<Found> {
    if session.other_in(id).await?.is_some() {
        return Ok(Found::Direct(id));
    }
    let room = session.find_room(id).await.map_err(|fault| match fault.code {
        FaultCode::NotFound => Refused::not_found(NO_CHANNEL),
        _ => fault.into(),
    })?;
    Ok(Found::Room(Box::new(room)))
}

fn channel(Conversation { id, what, .. }: Conversation) -> Option<Channel> {
    match what {
        What::Room(room) => Some(room.into()),
        What::Direct(other) => Some(Channel { id, name: other.username, is_dm: true }),
        _ => None,
    }
}
