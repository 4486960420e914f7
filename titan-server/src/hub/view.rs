//! From records to what travels.

use titan_core::protocol::{Conversation, Member, Room, What};

use super::{Outcome, Session};
use crate::store::{MemberRecord, MembershipRecord, RoomRecord, WhatRecord};

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
    }
}

impl Session {
    pub(super) fn member(&self, record: &MemberRecord) -> Member {
        Member { person: self.person(&record.account), room_role: record.role, joined_at: record.joined_at }
    }

    /// A conversation of the account as it stands now.
    pub(super) async fn conversation(&self, id: titan_core::ConversationId) -> Outcome<Conversation> {
        self.conversation_of(self.account(), id).await
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
