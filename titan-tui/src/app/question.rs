//! Questions to the server. Each knows what its answer means, and the compiler that this is the answer to it: `update` makes
//! them, the runner alone puts them, and what they bring back is an [`Answer`].

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use titan_core::{
    AccountId, ConversationId, Time,
    client::{Client, Error},
    protocol::{
        self as reply, Account, Apps, Ask, Command, Conversation, Conversations, Entries, Members, People, Person,
        RepositoryStats, Role, Rooms, ask,
    },
};

use super::{
    order::{Order, Seat, Step},
    state::repository::AppQuery,
};

/// A question, and what becomes of its answer. Two are equal that ask the same for the same reason.
#[derive(Clone)]
pub struct Question {
    /// What is asked.
    pub command: Command,
    /// What is to be done where the server says no.
    pub concern: Concern,
    asked: Arc<dyn Asked>,
}

/// Whom a refusal concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// Who asked by hand: it is said to them, in the form that waits where there is one.
    Person,
    /// Nobody: it was a courtesy (a typing notice, a read mark).
    Nobody,
    /// The list of apps, which is shown as loading.
    Apps,
    /// The view of people, which is shown as loading.
    Directory,
    /// The same; servers of an older kind know no friends.
    Friends,
}

/// What the server said, and to what it was said. A fact: tests make them by hand.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is done, and nothing more is to be said.
    Nothing,
    /// It is done: say this.
    Say(String),
    /// A room or direct to open now that we are in it, and something to send there.
    Open(Box<Conversation>, Option<String>),
    /// The form on top has what it waited for: close it, say this.
    CloseForm(String),
    /// The same, opening the room.
    CloseFormAndOpen(Box<Conversation>),
    /// Something was done to somebody.
    Did(Box<Did>),
    /// The password was given again: this may be asked now.
    Confirmed(Box<Question>),
    /// My account is gone.
    Deleted,
    Conversations(Conversations),
    Rooms(Rooms),
    /// To be shown as a list.
    ListRooms(Rooms),
    /// Pages behind the first one.
    MoreConversations(Conversations),
    MoreRooms(Rooms),
    MoreMembers(ConversationId, Members),
    MoreApps(AppQuery, Apps),
    MoreRelations(reply::Relations),
    MoreAccounts(reply::Accounts),
    MoreAddresses(reply::AddressBans),
    Who(People),
    ListPeople(People),
    Members(ConversationId, Members),
    ListMembers(ConversationId, Members),
    /// One of whom gets the room that its owner leaves.
    Heirs(ConversationId, Members),
    Apps(AppQuery, Apps),
    AppStats(RepositoryStats),
    /// An app was approved or deleted: say this.
    AppDecided(String),
    Relations(reply::Relations),
    Sanctions(ConversationId, reply::Sanctions),
    Sessions(reply::Sessions),
    /// Somebody's, with their name.
    SessionsOf(Box<Account>, reply::Sessions),
    /// A second factor that waits for its first code.
    NewFactor(Box<reply::NewFactor>),
    /// Recovery codes; whether a form waits for them.
    RecoveryCodes(Box<reply::RecoveryCodes>, bool),
    /// What my account has that others don't see, to show its second factor.
    Factor(Box<reply::Profile>),
    AppPasswords(reply::AppPasswords),
    NewAppPassword(Box<reply::NewAppPassword>),
    Accounts(reply::Accounts),
    Addresses(reply::AddressBans),
    Audit(reply::Audit),
    /// What was done before those that are here.
    OlderActs(reply::Audit),
    /// Whether all that was done stands there as it was written.
    AuditVerified(reply::AuditVerified),
    /// Somebody who was looked up, for this.
    Account(Box<Wish>, Box<Person>),
    /// The newest of a room of this name.
    RoomHistory(String, Entries),
    ListFiles(String, Entries),
    /// Look for a file of this name among them.
    FetchFile(String, Entries),
}

/// What is said once something is done, and the question that takes it back.
#[derive(Clone, Debug, PartialEq)]
pub struct Did {
    pub said: String,
    pub back: Option<Question>,
}

/// Something just done that one key takes back.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeBack {
    pub question: Question,
    /// The offer stands until then.
    pub until: Time,
}

/// What is wanted of an account that had to be looked up by name.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    Show,
    Blog,
    Direct(Option<String>),
    Ban(String),
    Unban,
    Step(Step),
    /// In the open room; with questions first, or at once for this reason.
    Order {
        order: Order,
        reason: String,
        asks: bool,
    },
    ResetPassword,
    Sessions,
    Remove,
    Edit {
        password: Option<String>,
        role: Option<Role>,
    },
}

impl Question {
    /// Asks; the answer means what `answer` makes of it.
    pub fn new<A: Ask>(ask: A, answer: impl Fn(A::Reply) -> Answer + Send + Sync + 'static) -> Self {
        let command = ask.clone().into();
        Self { command, concern: Concern::Person, asked: Arc::new(Typed { ask, answer }) }
    }

    /// Asks for something to be done; that it is done means this.
    pub fn done<A: Ask>(ask: A, answer: Answer) -> Self {
        Self::new(ask, move |_| answer.clone())
    }

    /// A refusal concerns somebody else than who sits here.
    pub fn about(self, concern: Concern) -> Self {
        Self { concern, ..self }
    }

    /// Puts it. For the runner alone.
    pub fn put(&self, client: Client) -> BoxFuture<'static, Result<Answer, Error>> {
        self.asked.clone().put(client)
    }

    /// What an answer means that came as JSON; an error where it is no answer to this.
    pub fn read(&self, json: &str) -> serde_json::Result<Answer> {
        self.asked.read(json)
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.command.fmt(f)
    }
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        (&self.command, self.concern) == (&other.command, other.concern)
    }
}

/// A question whose type is hidden: a question to the server is one of many types, an effect is one.
trait Asked: Send + Sync {
    fn put(self: Arc<Self>, client: Client) -> BoxFuture<'static, Result<Answer, Error>>;
    fn read(&self, json: &str) -> serde_json::Result<Answer>;
}

struct Typed<A, F> {
    ask: A,
    answer: F,
}

impl<A: Ask, F: Fn(A::Reply) -> Answer + Send + Sync + 'static> Asked for Typed<A, F> {
    fn put(self: Arc<Self>, client: Client) -> BoxFuture<'static, Result<Answer, Error>> {
        Box::pin(async move { client.ask(self.ask.clone()).await.map(&self.answer) })
    }

    fn read(&self, json: &str) -> serde_json::Result<Answer> {
        serde_json::from_str(json).map(&self.answer)
    }
}

impl Answer {
    /// A room or direct to open.
    pub fn open(conversation: Conversation) -> Self {
        Self::Open(Box::new(conversation), None)
    }

    /// A room to open, in place of the form that asked for it.
    pub fn close_form_and_open(conversation: Conversation) -> Self {
        Self::CloseFormAndOpen(Box::new(conversation))
    }

    /// Says this once it is done; there is no way back by a key.
    pub fn did(said: impl Into<String>) -> Self {
        Self::Did(Box::new(Did { said: said.into(), back: None }))
    }

    /// Says this once it is done, and what takes it back.
    pub fn undoable(said: String, back: Question) -> Self {
        Self::Did(Box::new(Did { said, back: Some(back) }))
    }
}

impl Order {
    /// Has it done to somebody.
    pub fn question(&self, seat: &Seat, reason: String, answer: Answer) -> Question {
        let Seat { conversation, account, .. } = *seat;
        match *self {
            Self::Role(role) => Question::done(ask::SetMemberRole { conversation, account, role }, answer),
            Self::Kick => Question::done(ask::Kick { conversation, account, reason }, answer),
            Self::Mute(seconds) => Question::done(ask::Mute { conversation, account, seconds, reason }, answer),
            Self::Unmute => Question::done(ask::Unmute { conversation, account }, answer),
            Self::Ban => Question::done(ask::BanMember { conversation, account, reason }, answer),
            Self::Unban => Question::done(ask::UnbanMember { conversation, account }, answer),
        }
    }
}

impl Step {
    /// Takes it.
    pub fn question(self, account: AccountId, answer: Answer) -> Question {
        match self {
            Self::Ask => Question::done(ask::RequestFriend { account }, answer),
            Self::Accept => Question::done(ask::AcceptFriend { account }, answer),
            Self::Decline => Question::done(ask::DeclineFriend { account }, answer),
            Self::End | Self::Withdraw => Question::done(ask::RemoveFriend { account }, answer),
            Self::Block => Question::done(ask::Block { account }, answer),
            Self::Unblock => Question::done(ask::Unblock { account }, answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_to_the_question_is_one() {
        let question = Question::new(ask::Rooms::default(), Answer::Rooms);
        assert!(matches!(question.read(r#"{"rooms": []}"#), Ok(Answer::Rooms(_))));
        assert!(question.read(r#"{"people": []}"#).is_err());
        assert_eq!(question, Question::new(ask::Rooms::default(), Answer::ListRooms), "what is asked is the same");
        assert_ne!(question, question.clone().about(Concern::Nobody));
    }
}
