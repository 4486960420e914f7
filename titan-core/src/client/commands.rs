//! One method for each command of the protocol, under its name.

mod moderation;
mod people;

use super::{Client, Error, Options, Range, link};
use crate::{
    AccountId, AppId, BlobId, ClientId, ConversationId, FileId, Seq, SessionId,
    protocol::{
        Account, AccountStanding, Accounts, App, AppState, Apps, Category, Command, Conversation, Conversations,
        Entries, Fault, FileInfo, Found, Member, Members, People, Person, Posted, Registered, RepositoryStats, Results,
        Role, Room, RoomKind, Rooms, SessionInfo, Sessions,
    },
};

/// A room to be made.
#[derive(Clone, Debug, Default)]
pub struct NewRoom {
    pub name: String,
    pub description: String,
    pub kind: RoomKind,
    pub password: Option<String>,
}

/// What to change about a room; an empty password unlocks it.
#[derive(Clone, Debug, Default)]
pub struct RoomEdit {
    pub name: Option<String>,
    pub description: Option<String>,
    pub password: Option<String>,
}

/// What to change about my profile; an empty text clears.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    pub full_name: Option<String>,
    pub blog_url: Option<String>,
    pub email: Option<String>,
}

/// What to change about an account.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    pub password: Option<String>,
    pub role: Option<Role>,
}

/// A message to be sent. Its client id makes sending it again harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub conversation: ConversationId,
    pub text: String,
    pub reply_to: Option<Seq>,
    pub client_id: ClientId,
}

impl Draft {
    /// With a fresh client id, replying to nothing.
    pub fn new(conversation: ConversationId, text: impl Into<String>) -> Self {
        Self { conversation, text: text.into(), reply_to: None, client_id: ClientId::new() }
    }
}

/// A person, by one of what is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Account(AccountId),
    Username(String),
    TitanNumber(i64),
}

/// Which apps to list: the approved ones of all categories if nothing is set.
#[derive(Clone, Debug, Default)]
pub struct AppFilter {
    pub category: Option<Category>,
    pub state: Option<AppState>,
    pub query: Option<String>,
}

/// An answer without anything in it.
#[derive(serde::Deserialize)]
struct Done {}

/// Who I am.
impl Client {
    /// Ends this session: the token is worth nothing from then on, and the connection ends.
    pub async fn logout(&self) -> Result<(), Error> {
        self.call(Command::Logout {}).await.map(|Done {}| ())
    }

    /// My sessions on all doors.
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, Error> {
        self.call(Command::Sessions {}).await.map(|Sessions { sessions }| sessions)
    }

    /// Ends another session of mine.
    pub async fn revoke_session(&self, session: SessionId) -> Result<(), Error> {
        self.call(Command::RevokeSession { session }).await.map(|Done {}| ())
    }

    /// Ends every other session of mine, too.
    pub async fn change_password(&self, old: &str, new: &str) -> Result<(), Error> {
        self.call(Command::ChangePassword { old: old.to_owned(), new: new.to_owned() }).await.map(|Done {}| ())
    }

    /// Ends my account for good, given its password: its sessions end (this one too), it leaves its rooms, and its name is
    /// free again. What it wrote stays, under the name as it was. A wrong password is `bad_credentials`.
    pub async fn delete_account(&self, password: &str) -> Result<(), Error> {
        self.call(Command::DeleteAccount { password: password.to_owned() }).await.map(|Done {}| ())
    }

    /// Changes what is given.
    pub async fn update_profile(&self, change: ProfileChange) -> Result<Account, Error> {
        let ProfileChange { full_name, blog_url, email } = change;
        let command = Command::UpdateProfile { full_name, blog_url, email };
        self.call(command).await.map(|Registered { account }| account)
    }
}

/// People.
impl Client {
    /// Who is online.
    pub async fn who(&self) -> Result<Vec<Person>, Error> {
        let watch = self.shared.options.watch_presence;
        let People { people } = self.call(Command::Who { watch }).await?;
        self.remember(|cache| cache.put_people(&people));
        Ok(people)
    }

    pub async fn find_account(&self, who: Who) -> Result<Person, Error> {
        let (mut account, mut username, mut titan_number) = (None, None, None);
        match who {
            Who::Account(id) => account = Some(id),
            Who::Username(name) => username = Some(name),
            Who::TitanNumber(number) => titan_number = Some(number),
        }
        self.call(Command::FindAccount { account, username, titan_number }).await
    }

    /// People whose names begin so.
    pub async fn search_accounts(&self, prefix: &str, limit: Option<u32>) -> Result<Vec<Person>, Error> {
        let command = Command::SearchAccounts { prefix: prefix.to_owned(), limit };
        self.call(command).await.map(|People { people }| people)
    }
}

/// Rooms and directs.
impl Client {
    /// All rooms of the server.
    pub async fn rooms(&self) -> Result<Vec<Room>, Error> {
        self.call(Command::Rooms {}).await.map(|Rooms { rooms }| rooms)
    }

    /// My conversations, the most recently active first.
    pub async fn conversations(&self) -> Result<Vec<Conversation>, Error> {
        let Conversations { conversations } = self.call(Command::Conversations {}).await?;
        self.remember(|cache| cache.put_conversations(&conversations));
        Ok(conversations)
    }

    pub async fn create_room(&self, room: NewRoom) -> Result<Conversation, Error> {
        let NewRoom { name, description, kind, password } = room;
        self.enter(Command::CreateRoom { name, description, kind, password }).await
    }

    pub async fn update_room(&self, conversation: ConversationId, edit: RoomEdit) -> Result<Conversation, Error> {
        let RoomEdit { name, description, password } = edit;
        self.enter(Command::UpdateRoom { conversation, name, description, password }).await
    }

    /// Ends a room and its history.
    pub async fn delete_room(&self, conversation: ConversationId) -> Result<(), Error> {
        self.call(Command::DeleteRoom { conversation }).await.map(|Done {}| ())
    }

    pub async fn join_room(&self, conversation: ConversationId, password: Option<&str>) -> Result<Conversation, Error> {
        self.enter(Command::JoinRoom { conversation, password: password.map(str::to_owned) }).await
    }

    pub async fn leave_room(&self, conversation: ConversationId) -> Result<(), Error> {
        self.call(Command::LeaveRoom { conversation }).await.map(|Done {}| ())
    }

    pub async fn members(&self, conversation: ConversationId) -> Result<Vec<Member>, Error> {
        self.call(Command::Members { conversation }).await.map(|Members { members }| members)
    }

    /// The direct conversation with this person, made where there is none.
    pub async fn open_direct(&self, account: AccountId) -> Result<Conversation, Error> {
        self.enter(Command::OpenDirect { account }).await
    }

    async fn enter(&self, command: Command) -> Result<Conversation, Error> {
        let conversation = self.call(command).await?;
        self.remember(|cache| cache.put_conversation(&conversation));
        Ok(conversation)
    }
}

/// Messages.
impl Client {
    /// Says something. It is on the server's disk once this returns; over a broken connection it is sent again until it is
    /// answered, and never doubled.
    pub async fn post(&self, conversation: ConversationId, text: &str) -> Result<Posted, Error> {
        self.post_with(Draft::new(conversation, text)).await
    }

    /// Says something, in reply to something perhaps.
    pub async fn post_with(&self, draft: Draft) -> Result<Posted, Error> {
        let Draft { conversation, text, reply_to, client_id } = draft;
        self.call(Command::Post { conversation, text, reply_to, client_id: Some(client_id) }).await
    }

    /// Puts a message into the cache's outbox: it is on this machine's disk once this returns, and is sent when there is a
    /// connection, now or after a restart. What became of it is told by [`super::ClientEvent::Outbox`].
    pub fn queue(&self, draft: Draft) -> Result<ClientId, Error> {
        let Some(cache) = self.cache() else {
            return Err(Fault::bad_request("Queueing needs a cache: give one in the options, or use post.").into());
        };
        cache.enqueue(&draft)?;
        self.shared.queued.notify_one();
        Ok(draft.client_id)
    }

    /// Changes a message of mine.
    pub async fn edit(&self, conversation: ConversationId, seq: Seq, text: &str) -> Result<Posted, Error> {
        self.call(Command::Edit { conversation, seq, text: text.to_owned(), client_id: Some(ClientId::new()) }).await
    }

    pub async fn delete(&self, conversation: ConversationId, seq: Seq) -> Result<Posted, Error> {
        self.call(Command::Delete { conversation, seq, client_id: Some(ClientId::new()) }).await
    }

    /// Sets (`on`) or takes back a reaction of mine.
    pub async fn react(&self, conversation: ConversationId, seq: Seq, emoji: &str, on: bool) -> Result<Posted, Error> {
        let client_id = Some(ClientId::new());
        self.call(Command::React { conversation, seq, emoji: emoji.to_owned(), on, client_id }).await
    }

    /// A part of the log, ordered by seq, straight from the server; at most 500 entries.
    pub async fn history(&self, conversation: ConversationId, range: Range, limit: u32) -> Result<Entries, Error> {
        let page: Entries = self.call(Command::history(conversation, range, limit)).await?;
        self.remember(|cache| cache.apply_page(&page));
        Ok(page)
    }

    /// Moves my read mark forward.
    pub async fn mark_read(&self, conversation: ConversationId, seq: Seq) -> Result<(), Error> {
        self.remember(|cache| cache.mark_read(conversation, seq));
        self.call(Command::MarkRead { conversation, seq }).await.map(|Done {}| ())
    }

    /// Tells the others that I am writing.
    pub async fn typing(&self, conversation: ConversationId) -> Result<(), Error> {
        self.call(Command::Typing { conversation }).await.map(|Done {}| ())
    }

    /// Messages with all these words, newest first, found by the server.
    pub async fn search(
        &self,
        query: &str,
        conversation: Option<ConversationId>,
        limit: Option<u32>,
    ) -> Result<Vec<Found>, Error> {
        let command = Command::Search { query: query.to_owned(), conversation, limit };
        self.call(command).await.map(|Results { results }| results)
    }

    /// Passes a voice signal to one member of a room, or to all others.
    pub async fn voice_signal(
        &self,
        conversation: ConversationId,
        to: Option<AccountId>,
        signal: serde_json::Value,
    ) -> Result<(), Error> {
        self.call(Command::VoiceSignal { conversation, to, signal }).await.map(|Done {}| ())
    }

    /// What is known of a file of a conversation of mine.
    pub async fn file(&self, file: FileId) -> Result<FileInfo, Error> {
        self.call(Command::File { file }).await
    }
}

/// The repository.
impl Client {
    /// Apps, newest first.
    pub async fn apps(&self, filter: AppFilter) -> Result<Vec<App>, Error> {
        let AppFilter { category, state, query } = filter;
        self.call(Command::Apps { category, state, query }).await.map(|Apps { apps }| apps)
    }

    pub async fn app(&self, app: AppId) -> Result<App, Error> {
        self.call(Command::App { app }).await
    }

    pub async fn app_stats(&self) -> Result<RepositoryStats, Error> {
        self.call(Command::AppStats {}).await
    }

    /// Approves exactly what was looked at: an app that changed since is a `conflict`.
    pub async fn approve_app(&self, app: AppId, sha256: BlobId) -> Result<App, Error> {
        self.call(Command::ApproveApp { app, sha256 }).await
    }

    pub async fn reject_app(&self, app: AppId, reason: &str) -> Result<App, Error> {
        self.call(Command::RejectApp { app, reason: reason.to_owned() }).await
    }

    pub async fn delete_app(&self, app: AppId) -> Result<(), Error> {
        self.call(Command::DeleteApp { app }).await.map(|Done {}| ())
    }
}

/// The house; for admins.
impl Client {
    /// Everybody, with standing.
    pub async fn accounts(&self) -> Result<Vec<AccountStanding>, Error> {
        self.call(Command::Accounts {}).await.map(|Accounts { accounts }| accounts)
    }

    pub async fn add_account(&self, username: &str, password: &str, role: Role) -> Result<Account, Error> {
        let command = Command::AddAccount { username: username.to_owned(), password: password.to_owned(), role };
        self.call(command).await.map(|Registered { account }| account)
    }

    /// A new password ends the account's sessions.
    pub async fn edit_account(&self, account: AccountId, change: AccountChange) -> Result<Account, Error> {
        let AccountChange { password, role } = change;
        self.call(Command::EditAccount { account, password, role }).await.map(|Registered { account }| account)
    }

    /// Ends the account's sessions and keeps it out, at every door.
    pub async fn ban(&self, account: AccountId, reason: &str) -> Result<(), Error> {
        self.call(Command::Ban { account, reason: reason.to_owned() }).await.map(|Done {}| ())
    }

    pub async fn unban(&self, account: AccountId) -> Result<(), Error> {
        self.call(Command::Unban { account }).await.map(|Done {}| ())
    }

    pub async fn change_admin_key(&self, key: &str) -> Result<(), Error> {
        self.call(Command::ChangeAdminKey { key: key.to_owned() }).await.map(|Done {}| ())
    }

    /// Asks for nothing but an answer.
    pub async fn ping(&self) -> Result<(), Error> {
        self.call(Command::Ping {}).await.map(|Done {}| ())
    }
}

impl Client {
    /// Has a link for a new password mailed to the account's address, on a connection of its own and without a login. It
    /// ends the same way whether or not there is such an account, or an address to it.
    pub async fn request_reset(options: &Options, username: &str) -> Result<(), Error> {
        let command = Command::RequestReset { username: username.to_owned() };
        link::ask_once(options, command).await.map(|Done {}| ())
    }

    /// Sets a new password by the token of such a link; every session of the account ends. A token that was used, or is
    /// older than 15 minutes, is `not_found`.
    pub async fn reset_password(options: &Options, token: &str, password: &str) -> Result<(), Error> {
        let command = Command::ResetPassword { token: token.to_owned(), password: password.to_owned() };
        link::ask_once(options, command).await.map(|Done {}| ())
    }

    /// Writes to the cache, if there is one. A cache that fails costs nothing but itself: what the server said stands.
    fn remember(&self, write: impl FnOnce(&crate::cache::Cache) -> Result<(), Error>) {
        if let Some(cache) = self.cache() {
            let _ = write(cache);
        }
    }
}

impl Command {
    pub(super) fn history(conversation: ConversationId, range: Range, limit: u32) -> Self {
        let (before, after) = match range {
            Range::Last => (None, None),
            Range::Before(seq) => (Some(seq), None),
            Range::After(seq) => (None, Some(seq)),
        };
        Self::History { conversation, before, after, limit: Some(limit) }
    }
}
