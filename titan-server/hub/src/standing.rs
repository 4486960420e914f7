//! What the hub remembers of an account while it has a session in use: which conversations it is in, and as what.
//!
//! Policy asks this for every message, so it must cost no query. It is loaded from the store when first needed and kept
//! right by whoever changes a membership; it goes when the last session does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, Time};
use tokio::sync::RwLock;

use super::policy::Silence;
use super::{Outcome, from_store};
use crate::store::{PlaceRecord, Store};

type Memberships = HashMap<ConversationId, Membership>;

/// What an account is in a conversation.
#[derive(Clone, Copy, Debug)]
pub struct Membership {
    pub role: MemberRole,
    /// Who the other one of a direct is; none for a room.
    pub other: Option<AccountId>,
    pub muted_until: Option<Time>,
    /// Whether one of the two of a direct has blocked the other, or is gone.
    pub shut: bool,
}

impl Membership {
    pub fn of_room(role: MemberRole) -> Self {
        Self { role, other: None, muted_until: None, shut: false }
    }

    pub fn of_direct(other: AccountId) -> Self {
        Self { role: MemberRole::Member, other: Some(other), muted_until: None, shut: false }
    }

    /// What keeps the account from writing there now.
    pub fn silence(&self) -> Option<Silence> {
        let muted = self.muted_until.filter(|until| *until > Time::now());
        let shut = self.shut.then_some(Silence::Shut);
        shut.or(muted.map(|until| Silence::Muted { until }))
    }
}

/// An account's memberships; none until loaded.
#[derive(Default)]
pub struct Standing(RwLock<Option<Memberships>>);

#[derive(Default)]
pub struct Standings(Mutex<HashMap<AccountId, Weak<Standing>>>);

impl Standings {
    /// The account's standing, shared by all its sessions.
    pub fn of(&self, account: AccountId) -> Arc<Standing> {
        let mut all = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(standing) = all.get(&account).and_then(Weak::upgrade) {
            return standing;
        }
        if all.len() > 1_000 && all.len() == all.capacity() {
            all.retain(|_, standing| standing.strong_count() > 0);
        }
        let standing = Arc::new(Standing::default());
        all.insert(account, Arc::downgrade(&standing));
        standing
    }

    /// Says that an account is in a conversation now. To be called after the store's commit.
    pub async fn joined(&self, account: AccountId, conversation: ConversationId, membership: Membership) {
        if let Some(memberships) = self.of(account).0.write().await.as_mut() {
            memberships.insert(conversation, membership);
        }
    }

    /// Changes what an account is in a conversation, where that is remembered. To be called after the store's commit.
    pub async fn changed(
        &self,
        account: AccountId,
        conversation: ConversationId,
        change: impl FnOnce(&mut Membership),
    ) {
        if let Some(membership) =
            self.of(account).0.write().await.as_mut().and_then(|memberships| memberships.get_mut(&conversation))
        {
            change(membership);
        }
    }

    /// Says that it is no longer. To be called after the store's commit.
    pub async fn left(&self, account: AccountId, conversation: ConversationId) {
        if let Some(memberships) = self.of(account).0.write().await.as_mut() {
            memberships.remove(&conversation);
        }
    }
}

impl Standing {
    /// What the account is in a conversation; none where it is no member.
    pub async fn in_conversation(
        &self,
        account: AccountId,
        conversation: ConversationId,
        store: &dyn Store,
    ) -> Outcome<Option<Membership>> {
        self.look(account, store, |memberships| memberships.get(&conversation).copied()).await
    }

    /// The direct conversation with somebody.
    pub async fn direct_with(
        &self,
        account: AccountId,
        other: AccountId,
        store: &dyn Store,
    ) -> Outcome<Option<ConversationId>> {
        let with_other = |memberships: &Memberships| {
            let found = memberships.iter().find(|(_, membership)| membership.other == Some(other));
            found.map(|(conversation, _)| *conversation)
        };
        self.look(account, store, with_other).await
    }

    /// Looks at the memberships, once they are loaded.
    async fn look<T>(
        &self,
        account: AccountId,
        store: &dyn Store,
        look: impl Fn(&Memberships) -> Option<T>,
    ) -> Outcome<Option<T>> {
        if let Some(memberships) = self.0.read().await.as_ref() {
            return Ok(look(memberships));
        }
        self.load(account, store).await?;
        Ok(self.0.read().await.as_ref().and_then(look))
    }

    /// Reads the memberships afresh. The lock is held over the read, so that whoever joins or leaves meanwhile waits and
    /// then changes what was read.
    pub async fn load(&self, account: AccountId, store: &dyn Store) -> Outcome<Vec<PlaceRecord>> {
        let mut memberships = self.0.write().await;
        let places = store.places(account).await.map_err(from_store)?;
        let membership = |place: &PlaceRecord| Membership {
            role: place.role,
            other: place.other,
            muted_until: place.muted_until,
            shut: place.shut,
        };
        *memberships = Some(places.iter().map(|place| (place.conversation, membership(place))).collect());
        Ok(places)
    }
}
