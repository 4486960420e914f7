//! `WS /ws/channels/{id}?token=`: one channel, heard and spoken to over a WebSocket. The token may also come where addresses that are
//! written down don't show it: as `Authorization: Bearer`, or, from a browser, as the WebSocket protocol behind [`BY_PROTOCOL`].
//!
//! What a client sends is what it says, raw; what anybody says there comes back to all, the sender too. Who is heard here
//! and who may stay is settled before the handshake is answered.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use bytes::Bytes;
use titan_core::ConversationId;
use titan_core::protocol::Event;

use super::answer::{Answer, Detail, NO_CHANNEL, NO_MEMBER, Refused};
use super::asked::{At, Query, Written};
use super::check::Check;
use super::door::Door;
use super::entering::session_of;
use super::event;
use super::messages::{CONTENT, words};
use super::rooms::find;
use titan_door::bearer;
use titan_door::socket::{self, Socket};
use titan_door::talk::{Asked, Caller, Done, Entered, Manner, Talk, Unable, Unreadable, converse_with};
use titan_door::wire::{Gone, Heard, Parting, Wire};
use titan_hub::Visitor;
use titan_hub::switchboard::{Delivery, Dialect, Ending, Happening};

/// The WebSocket protocol that says that the next one is a token.
const BY_PROTOCOL: &str = "titan.bearer";

/// Opens a WebSocket: what is sent is said in the channel as it stands, what is said there is heard.
#[utoipa::path(
    get, path = "/ws/channels/{channel_id}", tag = "channels",
    params(
        ("channel_id" = i64, Path, description = "The channel's id"),
        ("token" = Option<String>, Query, description = "The access_token of POST /auth/login, or a session_id"),
        ("Authorization" = Option<String>, Header, description = "Bearer and the token, instead of `token`"),
        ("Sec-WebSocket-Protocol" = Option<String>, Header,
            description = "titan.bearer, and behind it the token, instead of `token`"),
    ),
    responses(
        (status = 101, description = "It is open"),
        (status = 403, description = "The token is not good, one is no member, or a page of another site connects", body = Detail),
        (status = 404, description = "The request is no WebSocket handshake", body = Detail),
    )
)]
pub async fn enter(
    State(door): State<Door>,
    At(visitor): At,
    Written(id): Written,
    query: Query,
    request: Request,
) -> Answer {
    if !socket::is_handshake(&request) {
        return Err(Refused::not_found("Not Found"));
    }
    if !socket::lets_in(&request) {
        return Err(Refused::new(StatusCode::FORBIDDEN, "Pages of other sites may not connect."));
    }
    let by_protocol = socket::protocol_behind(&request, BY_PROTOCOL);
    let given = query.word("token").or(bearer::key(request.headers())).or(by_protocol.as_deref());
    let token = given.unwrap_or_default().to_owned();
    let (channel, entered) = listen(&door, &visitor, &id, &token).await?;
    let talk = Channel(channel);
    let mut response = socket::upgrade(request, move |socket| {
        converse_with(Frames(socket), door.house, visitor, talk, Some(Arc::new(entered)))
    });
    if by_protocol.is_some() {
        // Browsers end a connection whose protocols were all passed over.
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(BY_PROTOCOL));
    }
    Ok(response)
}

/// Whoever may not come in is refused the handshake, with 403 whatever the reason.
async fn listen(door: &Door, visitor: &Visitor, id: &str, token: &str) -> Answer<(ConversationId, Entered)> {
    let refused = |why: &str| Refused::new(StatusCode::FORBIDDEN, why);
    let number = Check::default().number("path", "channel_id", id);
    let channel = ConversationId(number.ok_or_else(|| refused(NO_MEMBER))?);
    let session = session_of(door, visitor, token).await.map_err(|_| refused("Could not validate token."))?;
    find(&session, channel).await.map_err(|_| refused(NO_CHANNEL))?;
    let attachment = session.attach_narrow(false).await?;
    attachment.tune(Some(channel)).await.map_err(|_| refused(NO_MEMBER))?;
    Ok((channel, Entered { session, attachment }))
}

/// The words of one channel.
#[derive(Clone, Copy)]
struct Channel(ConversationId);

impl Talk for Channel {
    /// Everybody here has logged in before.
    const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

    fn request(&self, caller: Caller<'_>, text: &str) -> Asked {
        let content: String = text.chars().take(CONTENT.most).collect();
        let session = caller.entered.map(|entered| entered.session.clone());
        let channel = self.0;
        Asked::new(Manner { overlaps: true, ..Manner::default() }, async move {
            let Some(session) = session else { return Done::default() };
            if titan_core::text::is_blank(&content) {
                return Done::default();
            }
            match session.post(words(channel, &content)).await {
                Ok(_) => Done::default(),
                Err(fault) => Done::saying(event::error(fault.message)),
            }
        })
        .called("say", None)
    }

    async fn tell(&self, _: &Entered, delivery: &Delivery) -> Result<Option<Bytes>, Unable> {
        match delivery.happening() {
            Happening::Passing(event) if self.ends(event) => Err(Unable::Over),
            _ => Ok(delivery.encoded(Dialect::Channels, event::frames)),
        }
    }

    fn unreadable(&self, why: Unreadable) -> Bytes {
        match why {
            Unreadable::Binary | Unreadable::NotText => event::error("Messages are text frames."),
            // The close says it.
            Unreadable::TooLong => Bytes::new(),
        }
    }

    fn goodbye(&self, _: &Ending) -> Option<Bytes> {
        None
    }
}

impl Channel {
    /// Whether nobody may stay after this: the membership or the channel is gone.
    fn ends(&self, event: &Event) -> bool {
        matches!(event, Event::ConversationRemoved { conversation, .. } if *conversation == self.0)
    }
}

/// A WebSocket that is fed lines, each of which goes out as a frame of its own. JSON holds no line break.
struct Frames(Socket);

impl Wire for Frames {
    const SILENCE_MOST: Option<Duration> = <Socket as Wire>::SILENCE_MOST;

    async fn hear(&mut self) -> Heard {
        Wire::hear(&mut self.0).await
    }

    async fn feed(&mut self, lines: Bytes) -> Result<(), Gone> {
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            Wire::feed(&mut self.0, lines.slice_ref(line)).await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        Wire::flush(&mut self.0).await
    }

    async fn ping(&mut self) -> Result<(), Gone> {
        Wire::ping(&mut self.0).await
    }

    async fn close(self, parting: Parting, reason: &'static str) {
        Wire::close(self.0, parting, reason).await;
    }
}
