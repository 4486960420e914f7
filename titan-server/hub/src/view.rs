//! From records to what travels.

use titan_core::protocol::{
    AuditAct, AuditChain, Author, Conversation, Fault, Member, Room, Sanction, SessionInfo, What,
};
use titan_core::{AccountId, ConversationId, GENERAL, SessionId, Time};

use super::policy::{Actor, Ground, rights, rights_over};
use super::{Hub, Outcome, Session};
use crate::store::{
    self, AccountKey, AuditRow, MemberRecord, MembershipRecord, RoomRecord, SanctionRecord, SessionRecord, WhatRecord,
};

/// A room as those see it of whom nothing is known: without what they may do.
pub fn room(record: RoomRecord) -> Room {
    let mut room = Room::new(record.id, record.name.into(), record.created_at);
    room.description = record.description.into();
    room.kind = record.kind;
    room.locked = record.password_hash.is_some();
    room.owner = record.owner;
    room.members = record.members;
    room.joined = record.joined;
    room
}

/// A conversation at that time, without what the account may do in it.
pub fn conversation(record: MembershipRecord, now: Time) -> Conversation {
    let what = match record.what {
        WhatRecord::Room(record) => What::Room(room(*record)),
        WhatRecord::Direct(other) => What::Direct(other.public()),
    };
    let mut conversation = Conversation::new(record.conversation, what);
    (conversation.head, conversation.read) = (record.head, record.read);
    (conversation.unread, conversation.mentions) = (record.unread, record.mentions);
    conversation.active_at = record.active_at;
    conversation.room_role = record.role;
    conversation.muted_until = standing(record.muted_until, now);
    conversation
}

/// What of the policy counts in a room of this owner.
fn ground(room: ConversationId, owner: Option<&Author>) -> Ground {
    match room == GENERAL {
        true => Ground::General,
        false => Ground::Room { owner: owner.map(|owner| owner.id) },
    }
}

pub fn sanction(record: SanctionRecord) -> Sanction {
    let mut sanction = Sanction::new(record.account.public(), record.kind, record.at);
    sanction.until = Some(record.until).filter(|until| *until < Time::FOREVER);
    (sanction.reason, sanction.by) = (record.reason.into(), record.by);
    sanction
}

/// A session as its owner and admins see it.
pub fn session(record: SessionRecord, current: SessionId) -> SessionInfo {
    let mut session = SessionInfo::new(record.id, record.door, record.created_at);
    session.address = Some(record.address.into());
    session.last_seen = record.last_seen;
    session.current = record.id == current;
    session.client = record.client.map(Into::into);
    session.app_password = record.app_password.map(|by| by.name.into());
    session
}

pub fn chain(chain: store::AuditChain) -> AuditChain {
    let mut told = AuditChain::new(chain.rows);
    (told.head, told.broken) = (chain.head.map(|head| head.to_string().into()), chain.broken);
    told
}

pub fn act(row: AuditRow) -> AuditAct {
    let mut act = AuditAct::new(row.id, row.at, row.act.into(), row.object.into());
    (act.by, act.whom, act.detail) = (row.by, row.whom, row.detail.into());
    act.room = row.room.map(Into::into);
    (act.door, act.address) = (row.door.map(Into::into), row.address.map(Into::into));
    act
}

/// A mute that has not run out.
pub fn standing(muted_until: Option<Time>, now: Time) -> Option<Time> {
    muted_until.filter(|until| *until > now)
}

impl Hub {
    /// The house's epoch, which `login` and `conversations` tell: another one after a restore. None for a house without one.
    pub async fn epoch(&self) -> Outcome<Option<String>> {
        let read = || async { self.store.house().await.map(|house| house.epoch) };
        let epoch = self.epoch.get_or_try_init(read).await.map_err(super::from_store)?;
        Ok(Some(epoch.clone()).filter(|epoch| !epoch.is_empty()))
    }
}

/// What travels of records to this account, with what it may do: one look-up of the account a reply, whatever its length.
impl Session {
    pub(super) async fn rooms_shown(&self, records: Vec<RoomRecord>) -> Outcome<Vec<Room>> {
        let asker = self.asker(self.account()).await?;
        let mut rooms: Vec<Room> = records.into_iter().map(room).collect();
        for room in &mut rooms {
            let actor = self.in_place(&asker, room.id).await?.0;
            room.may = Some(rights(&actor, ground(room.id, room.owner.as_ref())));
        }
        Ok(rooms)
    }

    pub(super) async fn conversations_shown(&self, records: Vec<MembershipRecord>) -> Outcome<Vec<Conversation>> {
        let asker = self.asker(self.account()).await?;
        let mut shown = Vec::with_capacity(records.len());
        for record in records {
            shown.push(self.conversation_shown(&asker, conversation(record, self.hub.now())).await?);
        }
        Ok(shown)
    }

    pub(super) async fn members_shown(&self, id: ConversationId, records: &[MemberRecord]) -> Outcome<Vec<Member>> {
        let (actor, is_direct) = self.in_place(&self.asker(self.account()).await?, id).await?;
        // Whose room it is makes no difference to what may be done to a member.
        let ground = if is_direct { Ground::Direct } else { ground(id, None) };
        Ok(records.iter().map(|record| self.member(record, &actor, ground)).collect())
    }

    fn member(&self, record: &MemberRecord, actor: &Actor, ground: Ground) -> Member {
        let mut member = Member::new(self.person(&record.account), record.joined_at);
        member.room_role = record.role;
        member.muted_until = standing(record.muted_until, self.hub.now());
        member.may = Some(rights_over(actor, ground, (record.account.id, record.role), record.account.role));
        member
    }

    async fn conversation_shown(&self, asker: &Actor, mut shown: Conversation) -> Outcome<Conversation> {
        let (actor, _) = self.in_place(asker, shown.id).await?;
        let ground = shown.what.room().map_or(Ground::Direct, |room| ground(room.id, room.owner.as_ref()));
        shown.may = Some(rights(&actor, ground));
        Ok(shown)
    }

    /// An account as the policy sees it, in no conversation yet.
    async fn asker(&self, account: AccountId) -> Outcome<Actor> {
        let found = self.hub.store.account(AccountKey::Id(account)).await.map_err(super::from_store)?;
        let role = found.map(|record| record.role).unwrap_or_default();
        Ok(Actor { account, role, member: None, silence: None })
    }

    /// The same in a conversation, and whether that is a direct of theirs. Costs no query.
    async fn in_place(&self, asker: &Actor, conversation: ConversationId) -> Outcome<(Actor, bool)> {
        let standing = self.hub.standings.of(asker.account);
        let here = standing.in_conversation(asker.account, conversation, &*self.hub.store).await?;
        let (member, silence) = (here.map(|here| here.role), here.and_then(|here| here.silence(self.hub.now())));
        Ok((Actor { member, silence, ..*asker }, here.is_some_and(|here| here.other.is_some())))
    }

    /// A conversation of the account as it stands now.
    pub(super) async fn conversation(&self, id: ConversationId) -> Outcome<Conversation> {
        self.conversation_of(self.account(), id).await
    }

    /// A room as an admin sees it who is no member: nothing waits there to be read.
    pub(super) async fn conversation_from_outside(&self, id: ConversationId) -> Outcome<Conversation> {
        let record = self.room(id).await?;
        let head = self.hub.store.head(id).await.map_err(super::from_store)?;
        let mut conversation = Conversation::new(id, What::Room(room(record)));
        (conversation.head, conversation.read) = (head, head);
        self.conversation_shown(&self.asker(self.account()).await?, conversation).await
    }

    /// A conversation of any account.
    pub(super) async fn conversation_of(&self, account: AccountId, id: ConversationId) -> Outcome<Conversation> {
        let found = self.hub.store.membership(account, id).await.map_err(super::from_store)?;
        let record = found.ok_or_else(|| Fault::not_found("There is no such conversation."))?;
        self.conversation_shown(&self.asker(account).await?, conversation(record, self.hub.now())).await
    }
}
