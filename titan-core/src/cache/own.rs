//! What exists nowhere else: drafts, the outbox, small settings. Each change is on disk before its call returns.

use rusqlite::{OptionalExtension, Row};

use super::{Cache, to_json};
use crate::{
    AccountId, ClientId, ConversationId, Seq, Time,
    client::{Draft, Error},
    protocol::{Fault, Relation, RelationKind},
};

/// Their key among the small settings.
const RELATIONS: &str = "relations";
const NAMES: &str = "names";

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queued {
    /// What it is known by until it has a place.
    pub client_id: ClientId,
    /// Where to.
    pub conversation: ConversationId,
    /// As it was written.
    pub text: String,
    /// The message it replies to.
    pub reply_to: Option<Seq>,
    /// When it was written, by this machine's clock.
    pub queued_at: Time,
    /// Why the server refused it. Such a message waits for its person: [`Cache::discard`] it or queue it anew.
    pub failed: Option<Fault>,
}

impl Cache {
    /// What was being written in this conversation.
    pub fn draft(&self, conversation: ConversationId) -> Result<Option<String>, Error> {
        let query = "SELECT text FROM draft WHERE conversation = ?1";
        self.own(|db| Ok(db.prepare_cached(query)?.query_row([conversation.0], |row| row.get(0)).optional()?))
    }

    /// Keeps what is being written; an empty text forgets it.
    pub fn set_draft(&self, conversation: ConversationId, text: &str) -> Result<(), Error> {
        let keep = "INSERT OR REPLACE INTO draft (conversation, text) VALUES (?1, ?2)";
        self.own(|db| {
            match text {
                "" => db.execute("DELETE FROM draft WHERE conversation = ?1", [conversation.0])?,
                _ => db.execute(keep, (conversation.0, text))?,
            };
            Ok(())
        })
    }

    /// Every draft there is.
    pub fn drafts(&self) -> Result<Vec<(ConversationId, String)>, Error> {
        self.own(|db| {
            let mut statement = db.prepare_cached("SELECT conversation, text FROM draft ORDER BY conversation")?;
            let rows = statement.query_map([], |row| Ok((ConversationId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Friends, requests and people blocked, as last told: so that what is to be folded never shows first.
    pub fn relations(&self) -> Result<Vec<Relation>, Error> {
        Ok(self.value(RELATIONS)?.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    /// Up to when it is known who has ended of those whose names are kept.
    pub(crate) fn names_known_until(&self) -> Result<Option<Time>, Error> {
        Ok(self.value(NAMES)?.and_then(|until| until.parse().ok()).map(Time))
    }

    /// The same, said. Clocks of servers are set back now and then, so an hour is asked for twice.
    pub(crate) fn knows_names_until(&self, until: Time) -> Result<(), Error> {
        const HOUR: i64 = 3_600_000;
        self.set_value(NAMES, &until.0.saturating_sub(HOUR).to_string())
    }

    /// Whom I have blocked.
    pub(super) fn blocked(&self) -> Result<Vec<AccountId>, Error> {
        let blocked = self.relations()?.into_iter().filter(|known| known.relation == RelationKind::Blocked);
        Ok(blocked.map(|known| known.person.account.id).collect())
    }

    /// Replaces them all.
    pub fn put_relations(&self, relations: &[Relation]) -> Result<(), Error> {
        self.set_value(RELATIONS, &to_json(&relations)?)
    }

    /// Adds or replaces one.
    pub fn put_relation(&self, relation: &Relation) -> Result<(), Error> {
        let mut relations = self.relations()?;
        relations.retain(|known| known.person.account.id != relation.person.account.id);
        relations.push(relation.clone());
        self.put_relations(&relations)
    }

    /// Somebody is nothing to me any more.
    pub fn end_relation(&self, account: AccountId) -> Result<(), Error> {
        let mut relations = self.relations()?;
        relations.retain(|known| known.person.account.id != account);
        self.put_relations(&relations)
    }

    /// Everything not yet known to be sent, in the order it was queued.
    pub fn outbox(&self) -> Result<Vec<Queued>, Error> {
        let query = "SELECT client_id, conversation, text, reply_to, queued_at, failed FROM outbox ORDER BY place";
        self.own(|db| {
            let mut statement = db.prepare_cached(query)?;
            let rows = statement.query_map([], queued)?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }

    /// Puts a message at the end of the outbox. Queueing one again under its client id lets a refused one try again, with
    /// the text as it is now.
    pub fn enqueue(&self, draft: &Draft) -> Result<(), Error> {
        let row = (
            draft.client_id.to_string(),
            draft.conversation.0,
            &draft.text,
            draft.reply_to.map(|seq| seq.0),
            Time::now().0,
        );
        self.change(
            "INSERT INTO outbox (client_id, conversation, text, reply_to, queued_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (client_id) DO UPDATE SET text = excluded.text, failed = NULL",
            row,
        )
    }

    /// The next message to send, leaving out the refused ones.
    pub(crate) fn next_queued(&self) -> Result<Option<Queued>, Error> {
        let query = "SELECT client_id, conversation, text, reply_to, queued_at, failed FROM outbox
                     WHERE failed IS NULL ORDER BY place LIMIT 1";
        self.own(|db| Ok(db.prepare_cached(query)?.query_row([], queued).optional()?.flatten()))
    }

    /// Takes a message out of the outbox: it was sent, or its person gave it up. Whether it was there.
    pub fn discard(&self, client_id: ClientId) -> Result<bool, Error> {
        self.own(|db| Ok(db.execute("DELETE FROM outbox WHERE client_id = ?1", [client_id.to_string()])? > 0))
    }

    /// Notes why a message was refused; it stays, but isn't sent any more.
    pub(crate) fn mark_failed(&self, client_id: ClientId, fault: &Fault) -> Result<(), Error> {
        self.own(|db| {
            let row = (client_id.to_string(), to_json(fault)?);
            db.execute("UPDATE outbox SET failed = ?2 WHERE client_id = ?1", row)?;
            Ok(())
        })
    }

    /// A small setting kept under a key, such as the conversation last open.
    pub fn value(&self, key: &str) -> Result<Option<String>, Error> {
        let query = "SELECT value FROM value WHERE key = ?1";
        self.own(|db| Ok(db.prepare_cached(query)?.query_row([key], |row| row.get(0)).optional()?))
    }

    /// Keeps a small setting.
    pub fn set_value(&self, key: &str, value: &str) -> Result<(), Error> {
        self.change("INSERT OR REPLACE INTO value (key, value) VALUES (?1, ?2)", (key, value))
    }

    /// Forgets one.
    pub fn remove_value(&self, key: &str) -> Result<(), Error> {
        self.change("DELETE FROM value WHERE key = ?1", [key])
    }

    fn change(&self, statement: &str, row: impl rusqlite::Params) -> Result<(), Error> {
        self.own(|db| {
            db.execute(statement, row)?;
            Ok(())
        })
    }
}

/// A row of the outbox; none for one whose id is no UUID, which only a stranger's hand could have written.
fn queued(row: &Row<'_>) -> rusqlite::Result<Option<Queued>> {
    let Ok(client_id) = row.get_ref(0)?.as_str()?.parse() else { return Ok(None) };
    Ok(Some(Queued {
        client_id: ClientId(client_id),
        conversation: ConversationId(row.get(1)?),
        text: row.get(2)?,
        reply_to: row.get::<_, Option<i64>>(3)?.map(Seq),
        queued_at: Time(row.get(4)?),
        failed: row.get::<_, Option<String>>(5)?.and_then(|json| serde_json::from_str(&json).ok()),
    }))
}
