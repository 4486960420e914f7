//! What a client keeps on this machine: the history it has seen, and what its person has not sent yet.
//!
//! The client writes entries here before it hands them out, and an app paints from here before the network answers. There
//! are two files. `NAME.db` holds what the server can give again (history, conversations, people); `NAME.own.db` holds
//! what exists nowhere else (drafts, outbox, small settings) and is fsynced at each change. Nothing here touches the
//! network. Calls are synchronous and take microseconds to a few milliseconds; opening never scans.

mod apply;
mod entries;
mod epoch;
mod failed;
mod file;
mod own;
mod schema;
mod search;
#[cfg(test)]
mod tests;

pub use own::Queued;

use self::failed::Failed;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::Connection;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    AccountId, Seq,
    client::Error,
    protocol::{Account, Conversation, Person},
};

/// Which part of a conversation's log is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Range {
    /// The last ones.
    #[default]
    Last,
    /// The last ones before this place.
    Before(Seq),
    /// The first ones after this place.
    After(Seq),
}

/// Local history, drafts and outbox of one account on one server. Clones are handles on the same cache. What fails here
/// fails with [`Error::Cache`], or with [`Error::Io`] where a file can't be made.
///
/// ```
/// use titan_core::{ConversationId, cache::Cache};
/// # fn main() -> Result<(), titan_core::client::Error> {
/// let cache = Cache::in_memory()?;
/// cache.set_draft(ConversationId(1), "half a thou")?;
/// assert_eq!(cache.draft(ConversationId(1))?.as_deref(), Some("half a thou"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Cache(Arc<Inner>);

struct Inner {
    /// None for a cache in memory.
    path: Option<PathBuf>,
    history: Mutex<Connection>,
    own: Mutex<Connection>,
    notes: Mutex<Vec<String>>,
    /// Whether the files may still hold what was erased.
    unscoured: AtomicBool,
}

impl Cache {
    /// Opens the cache at `path`, making it (and its folder) where there is none; its files are for their owner's eyes
    /// only. A damaged file, or one of a newer version, is renamed and a fresh one begun: [`Cache::notes`] says so.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let mut notes = Vec::new();
        let history = file::open(path, &schema::HISTORY, &mut notes)?;
        let own = file::open(&own_path(path), &schema::OWN, &mut notes)?;
        Ok(Self::of(Some(path.to_owned()), history, own, notes))
    }

    /// A cache that is gone when its last handle is.
    pub fn in_memory() -> Result<Self, Error> {
        let history = file::in_memory(&schema::HISTORY)?;
        let own = file::in_memory(&schema::OWN)?;
        Ok(Self::of(None, history, own, Vec::new()))
    }

    fn of(path: Option<PathBuf>, history: Connection, own: Connection, notes: Vec<String>) -> Self {
        let (history, own, notes) = (Mutex::new(history), Mutex::new(own), Mutex::new(notes));
        Self(Arc::new(Inner { path, history, own, notes, unscoured: AtomicBool::new(false) }))
    }

    /// What the person should be told of: files that were set aside, and what that cost. Each note comes once.
    pub fn notes(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.0.notes))
    }

    /// The account this cache belongs to, once one has logged in with it.
    pub fn me(&self) -> Result<Option<Account>, Error> {
        Ok(self.value("me")?.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// Makes the cache this account's. A cache of another account (or of a server that was begun anew) is set aside
    /// whole, so that nobody's history is shown to, and nobody's outbox sent by, another.
    pub fn claim(&self, account: &Account) -> Result<(), Error> {
        let same = |me: &Account| {
            (me.id, me.created_at, me.titan_number) == (account.id, account.created_at, account.titan_number)
        };
        match self.me()? {
            Some(me) if me == *account => return Ok(()),
            Some(me) if !same(&me) => self.start_afresh(&me)?,
            _ => {}
        }
        self.set_value("me", &to_json(account)?)
    }

    fn start_afresh(&self, before: &Account) -> Result<(), Error> {
        let mut notes = Vec::new();
        let reason = format!("it belongs to {} ({})", before.username, before.titan_number);
        let (history_path, own_path) = (self.0.path.clone(), self.0.path.as_deref().map(own_path));
        file::renew(&mut lock(&self.0.history), history_path.as_deref(), &schema::HISTORY, &reason, &mut notes)?;
        file::renew(&mut lock(&self.0.own), own_path.as_deref(), &schema::OWN, &reason, &mut notes)?;
        lock(&self.0.notes).append(&mut notes);
        Ok(())
    }

    /// My conversations as last known, the most recently active first.
    pub fn conversations(&self) -> Result<Vec<Conversation>, Error> {
        self.history(|db| json_rows(db, "SELECT json FROM conversation ORDER BY active_at DESC, id DESC", []))
    }

    /// Replaces the list of conversations.
    pub fn put_conversations(&self, conversations: &[Conversation]) -> Result<(), Error> {
        self.history(|db| {
            let change = db.transaction()?;
            change.execute("DELETE FROM conversation", [])?;
            for conversation in conversations {
                put_conversation(&change, conversation)?;
            }
            Ok(change.commit()?)
        })
    }

    /// Adds or replaces one conversation.
    pub fn put_conversation(&self, conversation: &Conversation) -> Result<(), Error> {
        self.history(|db| put_conversation(db, conversation))
    }

    /// Takes a conversation off the list, with all that is held of its log: what is deleted there from now on, nobody tells us.
    pub fn remove_conversation(&self, conversation: crate::ConversationId) -> Result<(), Error> {
        self.history(|db| {
            db.execute("DELETE FROM conversation WHERE id = ?1", [conversation.0])?;
            Ok(())
        })?;
        self.forget(conversation)
    }

    /// Everybody met so far, by name; whether they are online is as of then.
    pub fn people(&self) -> Result<Vec<Person>, Error> {
        self.history(|db| json_rows(db, "SELECT json FROM person ORDER BY json ->> 'username'", []))
    }

    /// Adds or replaces people.
    pub fn put_people(&self, people: &[Person]) -> Result<(), Error> {
        self.history(|db| {
            let change = db.transaction()?;
            for person in people {
                let row = (person.account.id.0, to_json(person)?);
                change.execute("INSERT OR REPLACE INTO person (id, json) VALUES (?1, ?2)", row)?;
            }
            Ok(change.commit()?)
        })
    }

    /// Somebody's account is gone, and with it their name: what they wrote is told apart by `former-` and their number.
    pub fn forget_person(&self, account: AccountId) -> Result<(), Error> {
        self.history(|db| {
            let change = db.transaction()?;
            change.execute("DELETE FROM person WHERE id = ?1", [account.0])?;
            for sql in NAMELESS {
                change.execute(sql, [account.0])?;
            }
            Ok(change.commit()?)
        })?;
        self.end_relation(account)?;
        self.scour(true)
    }

    /// Has what was `erased` leave the files, and what could not leave them before.
    fn scour(&self, erased: bool) -> Result<(), Error> {
        if !self.0.unscoured.fetch_or(erased, Ordering::Relaxed) && !erased {
            return Ok(());
        }
        let history = self.history(|db| Ok(file::scour(db)?))?;
        let own = self.own(|db| Ok(file::scour(db)?))?;
        self.0.unscoured.store(!(history && own), Ordering::Relaxed);
        Ok(())
    }

    /// Runs on the history file; if that proves damaged, sets it aside and begins a fresh one for the next call.
    fn history<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T, Failed>) -> Result<T, Error> {
        let mut db = lock(&self.0.history);
        let result = work(&mut db);
        if let Err(Failed::Sqlite(error)) = &result
            && file::is_damage(error)
        {
            let mut notes = Vec::new();
            file::renew(&mut db, self.0.path.as_deref(), &schema::HISTORY, "it is damaged", &mut notes)?;
            lock(&self.0.notes).append(&mut notes);
        }
        Ok(result?)
    }

    /// Runs on the file of what exists nowhere else.
    fn own<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Failed>) -> Result<T, Error> {
        Ok(work(&lock(&self.0.own))?)
    }
}

/// What takes the name of an account out of what is held: of what it wrote, of its direct, of its rooms.
const NAMELESS: [&str; 3] = [
    "UPDATE entry SET json = json_set(json, '$.author.username', 'former-' || (json ->> '$.author.titan_number')) \
     WHERE json ->> '$.author.id' = ?1",
    "UPDATE conversation SET json = json_remove(json_set(json, '$.direct.username', \
       'former-' || (json ->> '$.direct.titan_number')), '$.direct.full_name', '$.direct.blog_url') \
     WHERE json ->> '$.direct.id' = ?1",
    "UPDATE conversation SET json = json_remove(json, '$.room.owner') WHERE json ->> '$.room.owner.id' = ?1",
];

/// Where what exists nowhere else is kept: `NAME.own.db` beside `NAME.db`.
fn own_path(path: &Path) -> PathBuf {
    path.with_extension("own.db")
}

fn put_conversation(db: &Connection, conversation: &Conversation) -> Result<(), Failed> {
    let active_at = conversation.active_at.map_or(0, |at| at.0);
    db.prepare_cached("INSERT OR REPLACE INTO conversation (id, active_at, json) VALUES (?1, ?2, ?3)")?.execute((
        conversation.id.0,
        active_at,
        to_json(conversation)?,
    ))?;
    Ok(())
}

/// The rows of a query with one JSON column. A row this version can't read is left out, not fatal.
fn json_rows<T: DeserializeOwned>(
    db: &Connection,
    query: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<T>, Failed> {
    let mut statement = db.prepare_cached(query)?;
    let rows = statement.query_map(parameters, |row| Ok(parse_row(row, 0)))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn parse_row<T: DeserializeOwned>(row: &rusqlite::Row<'_>, column: usize) -> Option<T> {
    serde_json::from_str(row.get_ref(column).ok()?.as_str().ok()?).ok()
}

fn to_json(value: &impl Serialize) -> Result<String, Failed> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)).into())
}

/// A panic elsewhere leaves a connection with its transaction rolled back, which is a sound state to go on from.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
