//! What people say: posting, changing, reading it, and the signs that pass (typing, voice signals).

use std::sync::Arc;

use titan_core::protocol::{Body, Entries, Entry, Event, Fault, FaultCode, Posted, Reaction};
use titan_core::{AccountId, ClientId, ConversationId, Seq, text};

use super::decision::Attempt;
use super::listing::{Listed, json_bytes};
use super::policy::{self, Act, closed};
use super::shares::Share;
use super::{Outcome, Session, from_store, journal};
use crate::store::{
    AccountKey, Appending, DraftBody, DraftEntry, Fact, Meant, NewFile, Range, StoreError, StoreResult,
};

pub(super) const HISTORY_MOST: u32 = 500;
pub(super) const HISTORY_USUAL: u32 = 50;
/// Bytes of text in one reply: a page of longest messages is shorter than asked for.
pub(super) const PAGE_BYTES: usize = 512 * 1024;
/// The same for doors that have no further pages: as much as their clients take at once.
const LATEST_BYTES: usize = 1024 * 1024;
/// Entries read at a time: a reply that is full early has read no more than that in vain.
const PIECE_MOST: u32 = 50;
/// The longest voice signal, in bytes of JSON: a session description fits.
const SIGNAL_MOST: usize = 32 * 1024;

/// A message to be.
#[derive(Clone, Debug)]
pub struct Post {
    pub conversation: ConversationId,
    pub text: String,
    pub reply_to: Option<Seq>,
    pub file: Option<NewFile>,
    pub client_id: Option<ClientId>,
}

impl Session {
    /// Says something. When this returns, it is on disk.
    pub async fn post(&self, post: Post) -> Outcome<Posted> {
        self.hub.limits.sending(self.account())?;
        let attempt = self.decided(|| async { Ok(Posted::from(&*self.say(&post).await?)) });
        self.once(post.client_id, attempt).await
    }

    /// Shares a file without a word; the entry that was made of it. When this returns, it is on disk.
    pub async fn share(&self, conversation: ConversationId, file: NewFile) -> Outcome<Arc<Entry>> {
        self.hub.limits.sending(self.account())?;
        let post = Post { conversation, text: String::new(), reply_to: None, file: Some(file), client_id: None };
        self.decided(|| self.say(&post)).await
    }

    async fn say(&self, post: &Post) -> Attempt<Arc<Entry>> {
        let Post { conversation, ref text, reply_to, ref file, client_id } = *post;
        let turn = self.turn.lock().await;
        let grounds = self.permit_in(conversation, Act::Write).await?;
        let text = worded(text, file.is_some())?;
        let mentions = names_in(&text);
        let body = DraftBody::Message { text, reply_to, file: file.clone(), mentions };
        let appending = self.take_in(conversation, client_id, body, grounds).await?;
        drop(turn);
        Ok(appending.await?.entry)
    }

    /// Says something to somebody in private, opening the direct conversation where there is none yet.
    pub async fn post_to(&self, other: AccountKey, text: &str) -> Outcome<Posted> {
        let text = text::message(text)?;
        let other = match other {
            AccountKey::Id(other) => other,
            by => self.hub.store.account(by).await.map_err(from_store)?.ok_or_else(closed)?.id,
        };
        let conversation = self.open_direct(other).await?.id;
        self.post(Post { conversation, text, reply_to: None, file: None, client_id: None }).await
    }

    pub async fn edit(
        &self,
        conversation: ConversationId,
        target: Seq,
        text: &str,
        client_id: Option<ClientId>,
    ) -> Outcome<Posted> {
        self.hub.limits.sending(self.account())?;
        let attempt = self.decided(|| async {
            let message = self.message(conversation, target).await?;
            let grounds = self.permit_in(conversation, Act::Edit { author: message.author.id }).await?;
            let text = worded(text, has_file(&message))?;
            let mentions = names_in(&text);
            self.append(conversation, client_id, DraftBody::Edit { target, text, mentions }, grounds).await
        });
        self.once(client_id, attempt).await
    }

    pub async fn erase(
        &self,
        conversation: ConversationId,
        target: Seq,
        client_id: Option<ClientId>,
    ) -> Outcome<Posted> {
        self.hub.limits.sending(self.account())?;
        let attempt = self.decided(|| async {
            let author = self.message(conversation, target).await?.author;
            let grounds = self.permit_in(conversation, Act::Erase { author: author.id }).await?;
            let posted = self.append(conversation, client_id, DraftBody::Deletion { target }, grounds).await?;
            if author.id != self.account() {
                let room = self.room(conversation).await.map_or_else(|_| conversation.to_string(), |room| room.name);
                journal::done(&self.deed("erase_message").of(format!("{}@{room}", author.username)));
            }
            Ok(posted)
        });
        self.once(client_id, attempt).await
    }

    /// Sets or takes back a reaction.
    pub async fn react(
        &self,
        conversation: ConversationId,
        target: Seq,
        emoji: &str,
        on: bool,
        client_id: Option<ClientId>,
    ) -> Outcome<Posted> {
        self.hub.limits.sending(self.account())?;
        self.hub.limits.share(self.account(), Share::Reaction)?;
        let attempt = self.decided(|| async {
            let grounds = self.permit_in(conversation, Act::Write).await?;
            let body = DraftBody::Reaction { target, emoji: text::reaction(emoji)?, on };
            // Whether the message stands is for the transaction to say: to read it here costs more the more have reacted.
            let appending = self.take_in(conversation, client_id, body, grounds).await?;
            match appending.await {
                Err(StoreError::NotFound) => Err(no_message(target).into()),
                Err(StoreError::Full(_)) => Err(Fault::new(FaultCode::TooLarge, MANY_REACTIONS).into()),
                entry => Ok(Posted::from(&*entry?.entry)),
            }
        });
        self.once(client_id, attempt).await
    }

    pub(super) async fn append(
        &self,
        conversation: ConversationId,
        client_id: Option<ClientId>,
        body: DraftBody,
        grounds: Vec<Fact>,
    ) -> Attempt<Posted> {
        let appending = self.take_in(conversation, client_id, body, grounds).await?;
        Ok(Posted::from(&*appending.await?.entry))
    }

    async fn take_in(
        &self,
        conversation: ConversationId,
        client_id: Option<ClientId>,
        body: DraftBody,
        grounds: Vec<Fact>,
    ) -> Attempt<Appending> {
        let (author, at) = (self.author.clone(), self.hub.now());
        let draft = DraftEntry { conversation, author, at, client_id, body, grounds };
        Ok(self.hub.store.take_in(draft).await?)
    }

    /// A refusal doesn't count against what was written with this client id before: a deletion that is sent again finds
    /// its target deleted, a post its author gone from the room, and both get their first answer.
    async fn once(
        &self,
        client_id: Option<ClientId>,
        attempt: impl Future<Output = Outcome<Posted>>,
    ) -> Outcome<Posted> {
        let (fault, client_id) = match (attempt.await, client_id) {
            (Err(fault), Some(client_id)) => (fault, client_id),
            (outcome, _) => return outcome,
        };
        match self.hub.store.written(self.account(), client_id).await {
            Ok(Some(entry)) => Ok(Posted::from(&entry)),
            _ => Err(fault),
        }
    }

    /// A message that still stands. Says no more to strangers than that they are none of the conversation.
    async fn message(&self, conversation: ConversationId, seq: Seq) -> Outcome<Entry> {
        self.permit_to_read(conversation).await?;
        let entry = self.hub.store.entry(conversation, seq).await.map_err(from_store)?;
        match entry {
            Some(entry) if matches!(&entry.body, Body::Message(message) if !message.deleted) => Ok(entry),
            _ => Err(no_message(seq)),
        }
    }

    /// Entries in order of seq, with the head of the log.
    pub async fn history(&self, conversation: ConversationId, range: Range, limit: Option<u32>) -> Outcome<Entries> {
        self.hub.limits.asking(self.account())?;
        self.permit_to_read(conversation).await?;
        let limit = limit.unwrap_or(HISTORY_USUAL).clamp(1, HISTORY_MOST);
        let head = self.hub.store.head(conversation).await.map_err(from_store)?;
        let read = |range, limit| self.hub.store.entries(conversation, range, limit);
        let entries = filling(range, limit, PAGE_BYTES, read).await?;
        let mut entries = entries.list;
        self.name_own_reactions(&mut entries).await?;
        Ok(Entries::new(entries, head))
    }

    /// Where very many have reacted only the first are named: so is this account, where it is one of them.
    pub(super) async fn name_own_reactions(&self, entries: &mut [Entry]) -> Outcome<()> {
        let me = self.account();
        for entry in entries {
            let Body::Message(message) = &mut entry.body else { continue };
            if message.reactions.iter().all(|reaction| reaction.count.is_none()) {
                continue;
            }
            let own = self.hub.store.own_reactions(me, entry.conversation, entry.seq).await.map_err(from_store)?;
            for reaction in &mut message.reactions {
                let mine = own.iter().any(|emoji| emoji == reaction.emoji.written());
                if mine && !reaction.accounts.contains(&me) {
                    reaction.accounts.insert(0, me);
                }
            }
        }
        Ok(())
    }

    /// The last messages, oldest first, without the other kinds of entries. `more`, where not all that were asked for fit
    /// one reply.
    pub async fn messages(&self, conversation: ConversationId, limit: u32) -> Outcome<Listed<Entry>> {
        self.messages_before(conversation, None, limit).await
    }

    /// The same, before a seq.
    pub async fn messages_before(
        &self,
        conversation: ConversationId,
        before: Option<Seq>,
        limit: u32,
    ) -> Outcome<Listed<Entry>> {
        self.hub.limits.asking(self.account())?;
        self.permit_to_read(conversation).await?;
        let range = before.map_or(Range::Last, Range::Before);
        filling(range, limit.clamp(1, HISTORY_MOST), LATEST_BYTES, |range, limit| {
            let before = if let Range::Before(seq) = range { Some(seq) } else { None };
            self.hub.store.messages(conversation, before, limit)
        })
        .await
    }

    pub async fn mark_read(&self, conversation: ConversationId, seq: Seq) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let warrant = self.permit_in(conversation, Act::Read).await?.into();
            Ok(self.hub.store.mark_read(self.account(), conversation, seq, warrant).await.map(drop)?)
        })
        .await
    }

    /// Up to where each member of a direct has read; the other's mark tells whether a message was read.
    pub async fn read_by(&self, reader: AccountId, conversation: ConversationId) -> Outcome<Seq> {
        self.permit_in(conversation, Act::Read).await?;
        let membership = self.hub.store.membership(reader, conversation).await.map_err(from_store)?;
        Ok(membership.map(|membership| membership.read).unwrap_or_default())
    }

    pub async fn typing(&self, conversation: ConversationId) -> Outcome<()> {
        self.hub.limits.sending(self.account())?;
        self.permit_in(conversation, Act::Write).await?;
        let me = self.account();
        let typing = Event::typing(conversation, self.author.clone());
        self.hub.switchboard.tell_conversation(conversation, typing, |account| account == me);
        Ok(())
    }

    /// Passes a voice signal to one member, or to all others.
    pub async fn voice_signal(
        &self,
        conversation: ConversationId,
        to: Option<AccountId>,
        signal: serde_json::Value,
    ) -> Outcome<()> {
        self.hub.limits.sending(self.account())?;
        self.permit_in(conversation, Act::Write).await?;
        if signal.to_string().len() > SIGNAL_MOST {
            return Err(Fault::bad_request(format!("A voice signal may have at most {SIGNAL_MOST} bytes.")));
        }
        let heard = match to {
            Some(target) => self.is_heard_by(target, conversation).await?,
            None => true,
        };
        let me = self.account();
        let signal = Event::voice_signal(conversation, self.author.clone(), signal);
        let skip = |account| !heard || to.map_or(account == me, |target| account != target);
        self.hub.switchboard.tell_conversation(conversation, signal, skip);
        Ok(())
    }

    /// Whether what passes to one member alone gets there. Whatever the answer, it takes the same steps.
    async fn is_heard_by(&self, target: AccountId, conversation: ConversationId) -> Outcome<bool> {
        let membership = self.hub.store.membership(target, conversation).await.map_err(from_store)?;
        membership.ok_or_else(|| Fault::not_found("The one it is for is no member of that room."))?;
        let blocks = self.blocks_with(target).await?;
        self.permit(Act::SignalTo { blocked: blocks.mine }).await?;
        Ok(policy::is_heard(blocks.theirs))
    }
}

const MANY_REACTIONS: &str = "There are too many reactions under that message, or too many of yours: use one that is \
    there, or take one back.";

fn no_message(seq: Seq) -> Fault {
    Fault::not_found(format!("There is no message {seq} in that conversation (any more)."))
}

/// A stretch of a log, read in pieces until so many bytes are full; whether that cut it short. One entry always fits.
async fn filling<Reading>(
    mut range: Range,
    limit: u32,
    mut left: usize,
    mut read: impl FnMut(Range, u32) -> Reading,
) -> Outcome<Listed<Entry>>
where
    Reading: Future<Output = StoreResult<Vec<Entry>>>,
{
    let forwards = matches!(range, Range::After(_));
    let (mut list, mut more) = (Vec::new(), false);
    while list.len() < limit as usize && !more {
        let wanted = (limit - list.len() as u32).min(PIECE_MOST);
        let mut piece = read(range, wanted).await.map_err(from_store)?;
        if !forwards {
            piece.reverse();
        }
        let ends = piece.len() < wanted as usize;
        for entry in piece {
            let bytes = bytes_of(&entry);
            more = bytes > left && !list.is_empty();
            if more {
                break;
            }
            left = left.saturating_sub(bytes);
            range = if forwards { Range::After(entry.seq) } else { Range::Before(entry.seq) };
            list.push(entry);
        }
        if ends {
            break;
        }
    }
    if !forwards {
        list.reverse();
    }
    Ok(Listed { list, more })
}

/// About what an entry takes in a reply.
pub(super) fn bytes_of(entry: &Entry) -> usize {
    match &entry.body {
        Body::Message(message) => {
            json_bytes(message.text.written()) + message.reactions.iter().map(reaction_bytes).sum::<usize>()
        }
        Body::Edit { text, .. } => json_bytes(text.written()),
        _ => 0,
    }
}

/// About what a reaction takes in a reply.
fn reaction_bytes(reaction: &Reaction) -> usize {
    64 + json_bytes(reaction.emoji.written()) + 10 * reaction.accounts.len()
}

/// What is said. A file can stand without a word, and lose the words it had.
fn worded(text: &str, has_file: bool) -> Outcome<String> {
    if has_file && text::is_blank(text) {
        return Ok(String::new());
    }
    Ok(text::message(text)?)
}

fn has_file(entry: &Entry) -> bool {
    matches!(&entry.body, Body::Message(message) if message.file.is_some())
}

fn names_in(text: &str) -> Vec<Meant> {
    text::mentions(text).iter().map(|mention| mention.names().collect()).collect()
}
