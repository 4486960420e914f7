//! Asking: [`Client::ask`] for every command there is, and a method more where one adds something, such as a client id.

use std::any::Any;

use tokio::sync::oneshot;

use super::{Client, Error, Options, Range, call::Call, link, pages::each_once};
use crate::{
    AccountId, ClientId, ConversationId, Secret, Seq,
    cache::Cache,
    protocol::{
        Account, Ask, Command, Conversation, Conversations, Entries, Fault, Listing, Member, People, Person, Posted,
        Relation, Relations, Room,
        ask::{self, Delete, Edit, FindAccount, History, Post, React, Register},
    },
};

/// A message to be sent. Its client id makes sending it again harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Draft {
    /// Where to.
    pub conversation: ConversationId,
    /// At most 16,000 characters.
    pub text: String,
    /// The message it replies to.
    pub reply_to: Option<Seq>,
    /// What it is known by until it has a place.
    pub client_id: ClientId,
}

impl Draft {
    /// With a fresh client id, replying to nothing.
    ///
    /// ```
    /// use titan_core::{GENERAL, Seq, client::Draft};
    /// let draft = Draft::new(GENERAL, "So it is.").replying_to(Seq(7));
    /// assert_eq!(draft.reply_to, Some(Seq(7)));
    /// ```
    pub fn new(conversation: ConversationId, text: impl Into<String>) -> Self {
        Self { conversation, text: text.into(), reply_to: None, client_id: ClientId::new() }
    }

    /// Answers the message at this place of the log.
    #[must_use]
    pub fn replying_to(self, seq: Seq) -> Self {
        Self { reply_to: Some(seq), ..self }
    }
}

/// A person, by one of what is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Who {
    /// By id.
    Account(AccountId),
    /// By name; case doesn't count.
    Username(String),
    /// By the number people give each other.
    TitanNumber(i64),
    /// By a text that may be either: whoever has it as a name, and where nobody has, as a number.
    Typed(String),
}

impl Who {
    /// Somebody as people write them: `@name` is the name and `#48213` or `no:48213` the titan number, whoever may be called so.
    /// Without a sign the name is meant, and where nobody has it the number.
    ///
    /// ```
    /// use titan_core::client::Who;
    /// assert!(matches!(Who::typed("@48213"), Who::Username(name) if name == "48213"));
    /// assert!(matches!(Who::typed("#48213"), Who::TitanNumber(48213)));
    /// assert!(matches!(Who::typed("48213"), Who::Typed(text) if text == "48213"));
    /// ```
    pub fn typed(text: &str) -> Self {
        let text = text.trim();
        let numbered = text.strip_prefix('#').or_else(|| text.strip_prefix("no:"));
        match (text.strip_prefix('@'), numbered.and_then(|number| number.parse().ok())) {
            (Some(name), _) => Self::Username(name.to_owned()),
            (None, Some(number)) => Self::TitanNumber(number),
            (None, None) => Self::Typed(text.to_owned()),
        }
    }
}

impl Client {
    /// Asks the server, and returns what that command is answered with; [`Error::Fault`] where it says no. What is safe to
    /// ask twice is asked again when the connection broke; of the rest nobody knows then whether it was done, and that is
    /// [`Error::Network`]. Without a connection for 10 s it is [`Error::Offline`], and nothing was sent. A cache, if there
    /// is one, keeps what the answer tells.
    ///
    /// ```no_run
    /// # async fn hush(titan: titan_core::client::Client, room: titan_core::ConversationId, eve: titan_core::AccountId)
    /// # -> Result<(), titan_core::client::Error> {
    /// use titan_core::protocol::{RelationKind, ask::{AcceptFriend, Mute, Relations}};
    ///
    /// titan.ask(Mute { conversation: room, account: eve, seconds: Some(600), reason: "Too loud.".into() }).await?;
    /// for relation in titan.ask(Relations::default()).await?.relations {
    ///     if relation.relation == RelationKind::Requests {
    ///         titan.ask(AcceptFriend { account: relation.person.account.id }).await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What makes a connection is the client's own to ask: `login`, `authenticate`, `resume`, and `who` with `watch`, for
    /// which [`Options`] has a word.
    pub async fn ask<A: Ask>(&self, ask: A) -> Result<A::Reply, Error> {
        let command: Command = ask.into();
        if let Command::MarkRead(mark) = &command {
            self.remember(|cache| cache.mark_read(mark.conversation, mark.seq));
        }
        let (answer, answered) = oneshot::channel();
        let gone = || Error::network(self.why_ended());
        let call = Call::new(command.clone(), answer, &self.shared.options);
        self.calls.send(call).await.map_err(|_| gone())?;
        let json = answered.await.map_err(|_| gone())??;
        let reply = serde_json::from_str(json.get()).map_err(Error::senseless)?;
        self.remember(|cache| keep(cache, &command, &reply));
        Ok(reply)
    }

    /// Asks on a connection of its own, without a login: what needs none, such as `request_reset`. It is asked once: a
    /// connection that breaks is [`Error::Network`], a server that is not believed [`Error::Untrusted`].
    ///
    /// ```no_run
    /// # async fn forgot() -> Result<(), titan_core::client::Error> {
    /// use titan_core::{client::{Client, Options}, protocol::ask::RequestReset};
    ///
    /// let options = Options::new("https://chat.example.org")?;
    /// Client::ask_once(&options, RequestReset { username: "ada".into() }).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ask_once<A: Ask>(options: &Options, ask: A) -> Result<A::Reply, Error> {
        link::ask_once(options, ask).await
    }

    /// Makes an account, on a connection of its own. With the server's admin key the account is an admin. The username is
    /// checked as [`crate::text::username`] does, a password as [`crate::text::new_password`]; `name_taken` where somebody has the
    /// name, or one that looks like it.
    pub async fn register(
        options: &Options,
        username: &str,
        password: impl Into<Secret>,
        full_name: Option<&str>,
        admin_key: Option<Secret>,
    ) -> Result<Account, Error> {
        let (username, full_name) = (username.to_owned(), full_name.map(str::to_owned));
        let ask = Register { username, password: password.into(), full_name, admin_key };
        Self::ask_once(options, ask).await.map(|registered| registered.account)
    }

    /// Who is online; presence events go on as the options say.
    pub async fn who(&self) -> Result<Vec<Person>, Error> {
        let watch = self.shared.options.watch_presence;
        self.list(ask::Who { watch, ..ask::Who::default() }).await
    }

    /// All of a list, page by page.
    ///
    /// ```no_run
    /// # async fn games(titan: titan_core::client::Client) -> Result<(), titan_core::client::Error> {
    /// use titan_core::protocol::{Category, ask};
    ///
    /// for app in titan.list(ask::Apps { category: Some(Category::Game), ..Default::default() }).await? {
    ///     println!("{} {}", app.name, app.version);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list<L: Listing>(&self, list: L) -> Result<Vec<L::Item>, Error> {
        let (mut all, mut more) = L::page(self.ask(list.clone()).await?);
        while more && let Some(last) = all.last() {
            let (mut page, further) = L::page(self.ask(list.behind(last)).await?);
            more = further && !page.is_empty();
            all.append(&mut page);
        }
        Ok(all)
    }

    /// One person, by one of what is known of them; `not_found` where there is nobody.
    pub async fn find_account(&self, who: Who) -> Result<Person, Error> {
        self.ask(FindAccount::from(who)).await
    }

    /// My conversations, the most recently active first: all pages of them.
    pub async fn conversations(&self) -> Result<Vec<Conversation>, Error> {
        Ok(each_once(self.list(ask::Conversations::default()).await?, |conversation| conversation.id))
    }

    /// All rooms of the server: all pages of them.
    pub async fn rooms(&self) -> Result<Vec<Room>, Error> {
        self.list(ask::Rooms::default()).await
    }

    /// Who is in a conversation of mine: all pages of them.
    pub async fn members(&self, conversation: ConversationId) -> Result<Vec<Member>, Error> {
        let members = self.list(ask::Members { conversation, ..ask::Members::default() }).await?;
        Ok(each_once(members, |member| member.person.account.id))
    }

    /// Says something. It is on the server's disk once this returns; over a broken connection it is sent again until it is
    /// answered, and never doubled. At most 16,000 characters; `not_a_member` where I am not in, `forbidden` while I am
    /// muted, or where one of us blocks the other. Without a connection it waits for one, as long as it takes.
    ///
    /// ```no_run
    /// # async fn hello(titan: titan_core::client::Client) -> Result<(), titan_core::client::Error> {
    /// use titan_core::{GENERAL, client::Draft};
    ///
    /// let hello = titan.post(GENERAL, "Hello!").await?;
    /// titan.post_with(Draft::new(GENERAL, "Anybody here?").replying_to(hello.seq)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn post(&self, conversation: ConversationId, text: &str) -> Result<Posted, Error> {
        self.post_with(Draft::new(conversation, text)).await
    }

    /// Says something, in reply to something perhaps. Given again with the same client id, it is said once.
    pub async fn post_with(&self, draft: Draft) -> Result<Posted, Error> {
        self.ask(Post::from(draft)).await
    }

    /// Puts a message into the cache's outbox: it is on this machine's disk once this returns, and is sent when there is a
    /// connection, now or after a restart. What became of it is told by [`super::ClientEvent::Outbox`]. `bad_request` where
    /// the options name no cache, [`Error::Cache`] where it could not be written.
    pub fn queue(&self, draft: Draft) -> Result<ClientId, Error> {
        let Some(cache) = self.cache() else {
            return Err(Fault::bad_request("Queueing needs a cache: give one in the options, or use post.").into());
        };
        cache.enqueue(&draft)?;
        self.shared.queued.notify_one();
        Ok(draft.client_id)
    }

    /// Changes a message of mine, as often as wanted: everybody sees the last text. `forbidden` for those of others,
    /// `not_found` where there is none at that place.
    pub async fn edit(&self, conversation: ConversationId, seq: Seq, text: &str) -> Result<Posted, Error> {
        let client_id = Some(ClientId::new());
        self.ask(Edit { conversation, seq, text: text.to_owned(), client_id }).await
    }

    /// Deletes a message: one of mine, or in a room where I keep order. The text is erased, the place stays. `forbidden`
    /// where it isn't mine to delete.
    pub async fn delete(&self, conversation: ConversationId, seq: Seq) -> Result<Posted, Error> {
        self.ask(Delete { conversation, seq, client_id: Some(ClientId::new()) }).await
    }

    /// Sets (`on`) or takes back a reaction of mine: an emoji, or a word of at most 32 characters.
    pub async fn react(&self, conversation: ConversationId, seq: Seq, emoji: &str, on: bool) -> Result<Posted, Error> {
        let client_id = Some(ClientId::new());
        self.ask(React { conversation, seq, emoji: emoji.to_owned(), on, client_id }).await
    }

    /// A part of the log, ordered by seq, straight from the server; at most 500 entries, and perhaps fewer than asked for.
    /// `not_a_member` where I am not in.
    ///
    /// ```no_run
    /// # async fn read(titan: titan_core::client::Client) -> Result<(), titan_core::client::Error> {
    /// use titan_core::{GENERAL, client::Range};
    ///
    /// let mut page = titan.history(GENERAL, Range::Last, 100).await?;
    /// while let Some(first) = page.entries.first().map(|entry| entry.seq) {
    ///     page = titan.history(GENERAL, Range::Before(first), 100).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn history(&self, conversation: ConversationId, range: Range, limit: u32) -> Result<Entries, Error> {
        self.ask(History::of(conversation, range, limit)).await
    }

    /// Writes to the cache, if there is one. A cache that fails costs nothing but itself: what the server said stands.
    fn remember(&self, write: impl FnOnce(&Cache) -> Result<(), Error>) {
        if let Some(cache) = self.cache() {
            let _ = write(cache);
        }
    }
}

/// Keeps what an answer tells, whatever was asked; and what being answered means by itself.
fn keep(cache: &Cache, command: &Command, reply: &dyn Any) -> Result<(), Error> {
    match command {
        Command::DeclineFriend(ask::DeclineFriend { account })
        | Command::RemoveFriend(ask::RemoveFriend { account })
        | Command::Unblock(ask::Unblock { account }) => return cache.end_relation(*account),
        _ => {}
    }
    if let Some(conversation) = reply.downcast_ref::<Conversation>() {
        cache.put_conversation(conversation)
    } else if let Some(reply) = reply.downcast_ref::<Conversations>() {
        match is_whole(command, reply.more) {
            true => cache.put_conversations(&reply.conversations),
            false => reply.conversations.iter().try_for_each(|conversation| cache.put_conversation(conversation)),
        }
    } else if let Some(reply) = reply.downcast_ref::<People>() {
        cache.put_people(&reply.people)
    } else if let Some(relation) = reply.downcast_ref::<Relation>() {
        cache.put_relation(relation)
    } else if let Some(reply) = reply.downcast_ref::<Relations>() {
        match is_whole(command, reply.more) {
            true => cache.put_relations(&reply.relations),
            false => reply.relations.iter().try_for_each(|relation| cache.put_relation(relation)),
        }
    } else if let Some(page) = reply.downcast_ref::<Entries>() {
        cache.apply_page(page)
    } else {
        Ok(())
    }
}

/// Whether an answer is the whole list: what is not in it is gone then. A page says nothing of what is on others.
fn is_whole(command: &Command, more: bool) -> bool {
    let begins = match command {
        Command::Conversations(list) => list.after.is_none(),
        Command::Relations(list) => list.after.is_none(),
        _ => false,
    };
    begins && !more
}

impl From<Draft> for Post {
    fn from(draft: Draft) -> Self {
        let Draft { conversation, text, reply_to, client_id } = draft;
        Self { conversation, text, reply_to, client_id: Some(client_id) }
    }
}

impl From<Who> for FindAccount {
    fn from(who: Who) -> Self {
        match who {
            Who::Account(id) => Self { account: Some(id), ..Self::default() },
            Who::Username(name) => Self { username: Some(name), ..Self::default() },
            Who::TitanNumber(number) => Self { titan_number: Some(number), ..Self::default() },
            Who::Typed(text) => Self { titan_number: text.parse().ok(), username: Some(text), ..Self::default() },
        }
    }
}

impl History {
    /// A part of a conversation's log, at most `limit` entries.
    pub fn of(conversation: ConversationId, range: Range, limit: u32) -> Self {
        let (before, after) = match range {
            Range::Last => (None, None),
            Range::Before(seq) => (Some(seq), None),
            Range::After(seq) => (None, Some(seq)),
        };
        Self { conversation, before, after, limit: Some(limit) }
    }
}
