//! What is said in a channel: the last of it, and saying something.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use titan_core::{ConversationId, SafeText, Seq};
use utoipa::ToSchema;

use super::answer::{Answer, Detail, Mistakes, given, given_with_next};
use super::asked::{At, Query, Written, body};
use super::check::{Check, Length};
use super::door::Door;
use super::entering::{User, session};
use super::event::{Said, said};
use super::rooms::find;
use titan_door::listing::json_length;
use titan_door::moment::iso;
use titan_hub::{Outcome, Post, Session};

const LIMIT_USUAL: i64 = 50;
const LIMIT_MOST: i64 = 200;
/// Pages that one answer may read: where there is nothing but files, it ends there.
const PAGES_MOST: usize = 10;
/// Bytes of an answer's messages. The longest fits by itself.
const ANSWER_MOST: usize = 1024 * 1024;
/// The longest message, in characters.
pub const CONTENT: Length = Length { least: 1, most: 2_000 };

/// A message to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the fields are read one by one, to tell every mistake at once")]
pub struct NewMessage {
    /// 1 to 2,000 characters, of which one can be seen; blanks around them are taken off.
    #[schema(schema_with = super::papers::content)]
    content: String,
}

/// The latest messages, oldest first.
#[utoipa::path(
    get, path = "/channels/{channel_id}/messages", tag = "channels", security(("jwt" = [])),
    params(
        ("channel_id" = i64, Path, description = "The channel's id"),
        super::papers::Stretch,
    ),
    responses(
        (status = 200, description = "Messages, the newest last. Where not all that were asked for fit, `Link` leads to the rest",
            body = [Said], headers(("Link" = String))),
        (status = 403, description = "One is no member", body = Detail),
        (status = 404, description = "There is no such channel", body = Detail),
        (status = 422, description = "The id, the limit or `before` is no number", body = Mistakes),
        super::papers::Known,
    )
)]
pub async fn latest(
    State(door): State<Door>,
    At(visitor): At,
    Written(id): Written,
    query: Query,
    headers: HeaderMap,
) -> Answer {
    let session = session(&door, &visitor, &headers).await?;
    let mut check = Check::default();
    let id = check.number("path", "channel_id", &id);
    let limit = query.word("limit").map_or(Some(LIMIT_USUAL), |limit| check.number("query", "limit", limit));
    let before = query.word("before").map_or(Some(i64::MAX), |before| check.number("query", "before", before));
    let (Some(id), Some(limit), Some(before)) = (id, limit, before) else { return Err(check.refused()) };
    let channel = find(&session, ConversationId(id)).await?.id();
    let limit = limit.clamp(1, LIMIT_MOST);
    let (messages, rest) = last_words(&session, channel, Seq(before), limit as usize).await?;
    let next = rest.map(|before| format!("limit={limit}&before={before}"));
    Ok(given_with_next(&messages, next))
}

/// The last messages that say something: those that are only a file are no messages here, so it may take several pages. Where
/// not all fit an answer, with the place before which the rest is.
async fn last_words(
    session: &Session,
    channel: ConversationId,
    mut before: Seq,
    limit: usize,
) -> Outcome<(Vec<Said>, Option<Seq>)> {
    let (mut newest_first, mut left) = (Vec::new(), ANSWER_MOST);
    let rest = 'reading: {
        for _ in 0..PAGES_MOST {
            let page = session.messages_before(channel, Some(before), LIMIT_MOST as u32).await?.list;
            if page.is_empty() {
                break 'reading None;
            }
            for entry in page.iter().rev() {
                if newest_first.len() >= limit {
                    break 'reading None;
                }
                if let Some(said) = said(entry) {
                    let Some(room) = left.checked_sub(json_length(&said)) else { break 'reading Some(before) };
                    left = room;
                    newest_first.push(said);
                }
                before = entry.seq;
            }
        }
        Some(before)
    };
    newest_first.reverse();
    Ok((newest_first, rest))
}

/// Says something.
#[utoipa::path(
    post, path = "/channels/{channel_id}/messages", tag = "channels", security(("jwt" = [])), request_body = NewMessage,
    params(("channel_id" = i64, Path, description = "The channel's id")),
    responses(
        (status = 200, description = "The message as it is kept", body = Said),
        (status = 400, description = "The body can't be read", body = Detail),
        (status = 403, description = "One is no member, or may not write there just now", body = Detail),
        (status = 404, description = "There is no such channel", body = Detail),
        (status = 422, description = "The id is no number, or the content is out of its bounds", body = Mistakes),
        super::papers::Known,
    )
)]
pub async fn post(
    State(door): State<Door>,
    At(visitor): At,
    Written(id): Written,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let body = body(request).await?;
    let session = session(&door, &visitor, &headers).await?;
    let mut check = Check::default();
    let id = check.number("path", "channel_id", &id);
    let fields = check.fields(&body);
    let content = check.visible(&fields, "content", CONTENT);
    let (Some(id), Some(content)) = (id, content) else { return Err(check.refused()) };
    let channel = find(&session, ConversationId(id)).await?.id();
    let posted = session.post(words(channel, content)).await?;
    let user = User { id: session.account(), username: session.author.username.clone() };
    let content = SafeText::new(content);
    Ok(given(&Said { id: posted.id, channel_id: channel, user, content, created_at: iso(posted.at) }))
}

/// A message of nothing but words.
pub fn words(conversation: ConversationId, text: &str) -> Post {
    Post { conversation, text: text.to_owned(), reply_to: None, file: None, client_id: None }
}
