//! What the hub remembers of an account while it has a session in use: which conversations it is in, and as what.
//!
//! Policy asks this for every message, so it must cost no query. It is loaded from the store when first needed, and kept
//! right by the stream of changes alone; it goes when the last session does.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use titan_core::protocol::MemberRole;
use titan_core::{AccountId, ConversationId, Time};

use super::policy::Silence;
use super::{Outcome, from_store};
use crate::store::{self, PlaceRecord, Store};

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
    /// What keeps the account from writing there at that time.
    pub fn silence(&self, now: Time) -> Option<Silence> {
        let muted = self.muted_until.filter(|until| *until > now);
        let left = |until: Time| Duration::from_millis(until.0.abs_diff(now.0));
        let left = muted.map(|until| (until < Time::FOREVER).then(|| left(until)));
        self.shut.then_some(Silence::Shut).or(left.map(|left| Silence::Muted { left }))
    }

    /// The same as a ground of what is decided on it.
    pub fn standing(&self) -> store::Standing {
        store::Standing { role: self.role, muted_until: self.muted_until, shut: self.shut }
    }
}

impl From<&PlaceRecord> for Membership {
    fn from(place: &PlaceRecord) -> Self {
        Self { role: place.role, other: place.other, muted_until: place.muted_until, shut: place.shut }
    }
}

/// An account's memberships, while somebody needs them.
#[derive(Default)]
pub struct Standing {
    state: Mutex<State>,
    /// Held by the one who reads them from the store.
    loading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// None until loaded.
    memberships: Option<Memberships>,
    /// How many changes have come by: what is read while one does may be from before it, or from after.
    changes: u64,
}

#[derive(Default)]
pub struct Standings(Mutex<HashMap<AccountId, Weak<Standing>>>);

impl Standings {
    /// The account's standing, shared by all its sessions.
    pub fn of(&self, account: AccountId) -> Arc<Standing> {
        let mut all = self.all();
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

    /// An account is in a conversation now.
    pub fn joined(&self, account: AccountId, conversation: ConversationId, membership: Membership) {
        self.change(account, |memberships| {
            memberships.insert(conversation, membership);
        });
    }

    /// An account is something else in a conversation now.
    pub fn changed(&self, account: AccountId, conversation: ConversationId, change: impl FnOnce(&mut Membership)) {
        self.change(account, |memberships| {
            if let Some(membership) = memberships.get_mut(&conversation) {
                change(membership);
            }
        });
    }

    /// An account is in a conversation no longer.
    pub fn left(&self, account: AccountId, conversation: ConversationId) {
        self.change(account, |memberships| {
            memberships.remove(&conversation);
        });
    }

    fn change(&self, account: AccountId, change: impl FnOnce(&mut Memberships)) {
        let Some(standing) = self.all().get(&account).and_then(Weak::upgrade) else { return };
        let mut state = standing.state();
        state.changes += 1;
        if let Some(memberships) = &mut state.memberships {
            change(memberships);
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<AccountId, Weak<Standing>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.look(account, store, |memberships| {
            let found = memberships.iter().find(|(_, membership)| membership.other == Some(other));
            found.map(|(conversation, _)| *conversation)
        })
        .await
    }

    /// All it is in.
    pub async fn conversations(&self, account: AccountId, store: &dyn Store) -> Outcome<Vec<ConversationId>> {
        self.look(account, store, |memberships| memberships.keys().copied().collect()).await
    }

    /// The others of its directs.
    pub async fn partners(&self, account: AccountId, store: &dyn Store) -> Outcome<HashSet<AccountId>> {
        self.look(account, store, |memberships| memberships.values().filter_map(|there| there.other).collect()).await
    }

    /// Looks at the memberships, once they are loaded.
    async fn look<T>(&self, account: AccountId, store: &dyn Store, look: impl Fn(&Memberships) -> T) -> Outcome<T> {
        if let Some(found) = self.state().memberships.as_ref().map(&look) {
            return Ok(found);
        }
        let _loading = self.loading.lock().await;
        loop {
            let before = {
                let state = self.state();
                if let Some(memberships) = &state.memberships {
                    return Ok(look(memberships));
                }
                state.changes
            };
            let places = store.places(account).await.map_err(from_store)?;
            let mut state = self.state();
            if state.changes == before {
                let read = places.iter().map(|place| (place.conversation, Membership::from(place))).collect();
                return Ok(look(state.memberships.insert(read)));
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
