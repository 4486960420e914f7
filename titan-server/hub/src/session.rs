//! A logged-in somebody: what doors act through. It stands upon the hub; one method a command lives in the files that stand
//! upon this one.

use std::sync::Arc;

use titan_core::protocol::{Account, Author, Event, Fault, FaultCode, MemberRole, Person, Place, Role};
use titan_core::{AccountId, ConversationId, Seq, SessionId};
use tokio::sync::Mutex;

use super::passwords::Applicant;
use super::policy::{Act, Actor, Key, may, role_counts};
use super::standing::{Membership, Standing};
use super::{Hub, Outcome, Visitor, from_store, journal};
use crate::store::{AccountKey, AccountRecord, AuditRecord, Deed, Fact};
use crate::switchboard::{Listener, Next};

/// One login of an account, at one door. Clones are the same session.
#[derive(Clone)]
pub struct Session {
    pub(super) hub: Arc<Hub>,
    pub id: SessionId,
    /// Who it is, by the name at login.
    pub author: Author,
    pub visitor: Visitor,
    pub(super) standing: Arc<Standing>,
    /// What it was opened with.
    pub(super) key: Key,
    /// Whether it can be asked for its password again.
    pub(super) asked_again: bool,
    /// Held from before a message is looked at until the store has taken it in: several under way keep their order.
    pub(super) turn: Arc<Mutex<()>>,
}

/// A connection that listens: it makes the account online until it is dropped.
pub struct Attachment {
    session: Session,
    listener: Arc<Listener>,
}

impl Session {
    pub(super) fn new(hub: Arc<Hub>, id: SessionId, account: &AccountRecord, visitor: Visitor, key: Key) -> Self {
        let standing = hub.standings.of(account.id);
        Self { hub, id, author: account.author(), visitor, standing, key, asked_again: true, turn: Arc::default() }
    }

    pub fn account(&self) -> AccountId {
        self.author.id
    }

    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// Starts to listen: to one's conversations from their present heads on, and to one's account. With `watch` also to
    /// presence and what concerns the whole house. The others hear that the account is online; so does this listener.
    pub async fn attach(&self, watch: bool) -> Outcome<Attachment> {
        let attachment = self.listen(Listener::new(self.account(), self.id, self.visitor.address, watch)).await?;
        let (switchboard, listener) = (&self.hub.switchboard, &attachment.listener);
        // Subscribed first, and read then: what comes between the two is not missed.
        let conversations = self.standing.conversations(self.account(), &*self.hub.store).await?;
        switchboard.subscribe_all(listener, &conversations);
        let places = self.hub.store.places(self.account()).await.map_err(from_store)?;
        let heads: Vec<_> = places.iter().map(|place| (place.conversation, place.head)).collect();
        switchboard.settle(listener, &heads);
        Ok(attachment)
    }

    /// Starts to listen to one's account, and to one conversation at a time: see [`Attachment::tune`].
    pub async fn attach_narrow(&self, watch: bool) -> Outcome<Attachment> {
        self.listen(Listener::narrow(self.account(), self.id, self.visitor.address, watch)).await
    }

    async fn listen(&self, listener: Arc<Listener>) -> Outcome<Attachment> {
        let watch = listener.watches();
        let attachment = Attachment { session: self.clone(), listener: listener.clone() };
        let first = self.hub.switchboard.attach(&listener);
        // Asked only now that this listener can be told of its end: who is shut out while logging in must not slip through.
        self.still_open().await?;
        if first || watch {
            self.tell_presence(true).await?;
        }
        Ok(attachment)
    }

    async fn tell_presence(&self, online: bool) -> Outcome<()> {
        let account = self.record().await?.public();
        self.hub.switchboard.tell_watchers(Event::presence(Person::new(account, online)));
        Ok(())
    }

    /// The account as it is now.
    pub async fn record(&self) -> Outcome<AccountRecord> {
        let found = self.hub.store.account(AccountKey::Id(self.account())).await.map_err(from_store)?;
        found.ok_or_else(|| Fault::new(FaultCode::BadToken, "This account no longer exists."))
    }

    /// Lets an act of a server-wide kind happen, on which grounds, or says why not.
    pub(super) async fn permit(&self, act: Act) -> Outcome<Vec<Fact>> {
        self.settle(act).await?.inspect_err(|_| self.forbidden(act))
    }

    /// The same where a refusal is not the last word, and nothing to tell the log of.
    pub(super) async fn settle(&self, act: Act) -> Outcome<Outcome<Vec<Fact>>> {
        let (account, role) = (self.account(), self.record().await?.role);
        let allowed = self.may_by_role(&Actor { account, role, member: None, silence: None }, act).await?;
        Ok(allowed.map(|()| vec![self.stands(), Fact::Role { account, role }]))
    }

    /// Tells the log that this was refused.
    pub(super) fn forbidden(&self, act: Act) {
        self.hub.tallies.forbidden.note_of(&self.visitor, &self.author.username, act.name());
    }

    /// Lets an act in a conversation happen, on which grounds, or says why not. The server role is looked up only where
    /// membership alone doesn't allow it.
    pub(super) async fn permit_in(&self, conversation: ConversationId, act: Act) -> Outcome<Vec<Fact>> {
        self.settle_in(conversation, act).await?.inspect_err(|_| self.forbidden(act))
    }

    /// The same where a refusal is not the last word, and nothing to tell the log of.
    pub(super) async fn settle_in(&self, conversation: ConversationId, act: Act) -> Outcome<Outcome<Vec<Fact>>> {
        let (account, membership) = (self.account(), self.membership_in(conversation).await?);
        let standing = membership.map(|here| here.standing());
        let mut grounds = vec![self.stands(), Fact::Member { account, conversation, standing }];
        let (member, silence) =
            (membership.map(|here| here.role), membership.and_then(|here| here.silence(self.hub.now())));
        let as_user = Actor { account, role: Role::User, member, silence };
        if may(&as_user, act).is_err() {
            let role = self.record().await?.role;
            if let Err(refusal) = self.may_by_role(&Actor { role, ..as_user }, act).await? {
                return Ok(Err(refusal));
            }
            grounds.push(Fact::Role { account, role });
        }
        Ok(Ok(grounds))
    }

    /// Lets an act happen that takes the account's role on the server, as far as that counts in this session.
    async fn may_by_role(&self, actor: &Actor, act: Act) -> Outcome<Outcome<()>> {
        if let Err(refusal) = may(actor, act) {
            return Ok(Err(refusal));
        }
        if may(&Actor { role: Role::User, ..*actor }, act).is_ok() {
            return Ok(Ok(()));
        }
        let secured = !self.hub.admins_need_factors || self.hub.factor(actor.account).await?.is_some();
        Ok(role_counts(self.key, secured))
    }

    /// Who it is where passwords wait to be hashed.
    pub(super) fn applicant(&self) -> Applicant {
        Applicant::known(self.visitor.address)
    }

    /// Refuses where this session has been ended.
    pub(super) async fn still_open(&self) -> Outcome<()> {
        match self.hub.sessions.stands(self.id).await? {
            true => Ok(()),
            false => Err(Fault::new(FaultCode::BadToken, "This session has been ended: log in again.")),
        }
    }

    /// Something that this session does, for the log.
    pub(super) fn deed(&self, event: &'static str) -> Deed {
        journal::deed(event, &self.visitor, &self.author.username)
    }

    /// The audit log's line of something that an account does to itself.
    pub(super) fn own_act(&self, act: &str) -> AuditRecord {
        self.hub.audit(Some(self.account()), act, format!("account {}", self.account()), String::new())
    }

    /// That this session is open: what all it does rests on.
    pub(super) fn stands(&self) -> Fact {
        Fact::Session { account: self.account(), session: self.id }
    }

    pub(super) async fn role_in(&self, conversation: ConversationId) -> Outcome<Option<MemberRole>> {
        Ok(self.membership_in(conversation).await?.map(|membership| membership.role))
    }

    async fn membership_in(&self, conversation: ConversationId) -> Outcome<Option<Membership>> {
        self.standing.in_conversation(self.account(), conversation, &*self.hub.store).await
    }

    /// Who hears a conversation right now, at whatever door, by name.
    pub async fn present(&self, conversation: ConversationId) -> Outcome<Vec<Account>> {
        self.hub.limits.asking(self.account())?;
        self.permit_in(conversation, Act::Read).await?;
        let here = self.hub.switchboard.listening(conversation);
        let records = self.hub.store.accounts_among(here).await.map_err(from_store)?;
        let mut accounts: Vec<_> = records.iter().map(AccountRecord::public).collect();
        accounts.sort_by(|one, other| one.username.cmp(&other.username));
        Ok(accounts)
    }

    /// Tells those who hear a conversation that this member came to it, or went, at a door where people are in one room at
    /// a time. Nothing of it is logged, and no membership changes.
    pub async fn visit(&self, conversation: ConversationId, here: bool) -> Outcome<()> {
        self.permit_in(conversation, Act::Read).await?;
        let visit = Event::visit(conversation, self.author.clone(), here);
        self.hub.switchboard.tell_conversation(conversation, visit, |_| false);
        Ok(())
    }

    /// Ends this session: its token dies, its sockets close.
    pub async fn logout(&self) -> Outcome<()> {
        self.revoke_session(self.id).await
    }
}

/// Something that a session does or, without one, who runs the house.
pub(super) fn deed_by(event: &'static str, by: Option<&Session>) -> Deed {
    by.map_or_else(|| journal::deed_of_operator(event), |by| by.deed(event))
}

impl Attachment {
    /// What is heard next. Cancelling loses nothing.
    pub async fn next(&self) -> Next {
        self.listener.next(&**self.session.hub.switchboard.log()).await
    }

    /// Hears this conversation from its present head on, which is given, and none of those it heard before; or none at
    /// all. Reads nothing of the past: who wants that reads it now, and drops what comes twice by seq.
    pub async fn tune(&self, conversation: Option<ConversationId>) -> Outcome<Seq> {
        let (session, listener) = (&self.session, &self.listener);
        let switchboard = &session.hub.switchboard;
        switchboard.unsubscribe(listener);
        let Some(conversation) = conversation else { return Ok(Seq(0)) };
        let permitted = || async {
            session.permit_in(conversation, Act::Read).await?;
            session.hub.store.head(conversation).await.map_err(from_store)
        };
        loop {
            // Who is removed from now on is unsubscribed by that; who was removed before is refused here.
            switchboard.subscribe_all(listener, &[conversation]);
            let head = permitted().await.inspect_err(|_| switchboard.unsubscribe(listener))?;
            switchboard.settle(listener, &[(conversation, head)]);
            if listener.hears(conversation) {
                return Ok(head);
            }
            // Removed while that was read: who has come back since is heard anew, anybody else is refused.
        }
    }

    /// From now on presence is heard too.
    pub fn watch(&self) {
        self.session.hub.switchboard.watch(&self.listener);
    }

    /// Goes on after the places given: what is later is heard again, then `caught_up`. Places of conversations one is not
    /// in are passed over. Gives the heads that will be reached.
    pub async fn resume(&self, after: &[Place]) -> Outcome<Vec<Place>> {
        let session = &self.session;
        let heads = session.hub.store.places(session.account()).await.map_err(from_store)?;
        let mut places = Vec::with_capacity(after.len());
        for place in after {
            if let Some(mine) = heads.iter().find(|mine| mine.conversation == place.conversation) {
                if place.seq < Seq(0) || place.seq > mine.head {
                    return Err(Fault::bad_request(format!(
                        "Conversation {} ends at {}: it can't be continued after {}.",
                        mine.conversation, mine.head, place.seq
                    )));
                }
                places.push((place.conversation, place.seq));
            }
        }
        self.listener.rewind(&places);
        Ok(heads.iter().map(|mine| Place::new(mine.conversation, mine.head)).collect())
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        if !self.session.hub.switchboard.detach(&self.listener) {
            return;
        }
        let session = self.session.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { session.tell_gone().await });
        }
    }
}

impl Session {
    /// Tells that the account went offline, unless it has come back meanwhile.
    async fn tell_gone(&self) {
        if !self.hub.switchboard.is_online(self.account())
            && let Err(fault) = self.tell_presence(false).await
        {
            tracing::debug!(%fault, "nobody heard that an account went offline");
        }
    }
}
