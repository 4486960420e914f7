//! From records to what travels.

use titan_core::protocol::{AuditAct, Author, Conversation, Member, MemberRole, Room, Sanction, SessionInfo, What};
use titan_core::{SessionId, Time};

use super::{Outcome, Session};
use crate::store::{
    AuditRecord, MemberRecord, MembershipRecord, RoomRecord, SanctionRecord, SessionRecord, WhatRecord,
};

pub fn room(record: RoomRecord) -> Room {
    Room {
        id: record.id,
        name: record.name.into(),
        description: record.description.into(),
        kind: record.kind,
        locked: record.password_hash.is_some(),
        owner: record.owner,
        members: record.members,
        created_at: record.created_at,
        joined: record.joined,
    }
}

pub fn conversation(record: MembershipRecord) -> Conversation {
    Conversation {
        id: record.conversation,
        what: match record.what {
            WhatRecord::Room(record) => What::Room(room(*record)),
            WhatRecord::Direct(other) => What::Direct(other.public()),
        },
        head: record.head,
        read: record.read,
        unread: record.unread,
        mentions: record.mentions,
        active_at: record.active_at,
        room_role: record.role,
        muted_until: standing(record.muted_until),
    }
}

pub fn sanction(record: SanctionRecord) -> Sanction {
    Sanction {
        account: record.account.public(),
        kind: record.kind,
        until: Some(record.until).filter(|until| *until < Time::FOREVER),
        reason: record.reason.into(),
        by: record.by,
        at: record.at,
    }
}

/// A session as its owner and admins see it.
pub fn session(record: SessionRecord, current: SessionId) -> SessionInfo {
    SessionInfo {
        id: record.id,
        door: record.door,
        address: Some(record.address.into()),
        created_at: record.created_at,
        last_seen: record.last_seen,
        current: record.id == current,
    }
}

pub fn act(record: AuditRecord, by: Option<Author>) -> AuditAct {
    let AuditRecord { at, act, object, detail, .. } = record;
    AuditAct { at, by, act: act.into(), object: object.into(), detail: detail.into() }
}

/// A mute that has not run out.
fn standing(muted_until: Option<Time>) -> Option<Time> {
    muted_until.filter(|until| *until > Time::now())
}

impl Session {
    pub(super) fn member(&self, record: &MemberRecord) -> Member {
        Member {
            person: self.person(&record.account),
            room_role: record.role,
            joined_at: record.joined_at,
            muted_until: standing(record.muted_until),
        }
    }

    /// A conversation of the account as it stands now.
    pub(super) async fn conversation(&self, id: titan_core::ConversationId) -> Outcome<Conversation> {
        self.conversation_of(self.account(), id).await
    }

    /// A room as an admin sees it who is no member: nothing waits there to be read.
    pub(super) async fn conversation_from_outside(&self, id: titan_core::ConversationId) -> Outcome<Conversation> {
        let record = self.room(id).await?;
        let head = self.hub.store.head(id).await.map_err(super::from_store)?;
        Ok(Conversation {
            id,
            what: What::Room(room(record)),
            head,
            read: head,
            unread: 0,
            mentions: 0,
            active_at: None,
            room_role: MemberRole::Member,
            muted_until: None,
        })
    }

    /// A conversation of any account.
    pub(super) async fn conversation_of(
        &self,
        account: titan_core::AccountId,
        id: titan_core::ConversationId,
    ) -> Outcome<Conversation> {
        let found = self.hub.store.membership(account, id).await.map_err(super::from_store)?;
        found.map(conversation).ok_or_else(|| titan_core::protocol::Fault::not_found("There is no such conversation."))
    }
}
