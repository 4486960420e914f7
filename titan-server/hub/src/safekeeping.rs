//! Passwords that are kept weakly, since an older system kept them so, or without saying how: kept in today's way without
//! anybody logging in. In steps, behind everybody who waits for a password to be hashed.

use titan_core::{AccountId, ConversationId};

use super::passwords::Applicant;
use super::{Hub, Outcome, from_store};
use crate::store::Verifier;

/// Passwords of one step.
const STEP: u32 = 50;

impl Hub {
    /// Takes the next step behind this account; up to which it went, none once all are done.
    pub async fn keep_accounts_safely(&self, after: AccountId) -> Outcome<Option<AccountId>> {
        let weak = self.store.weak_passwords(after, STEP).await.map_err(from_store)?;
        let last = weak.last().map(|(account, _)| *account);
        for (account, verifier) in weak {
            let Some(safe) = self.passwords.safely(&verifier, Applicant::house()).await? else { continue };
            self.store.rekeep_account(account, verifier, safe).await.map_err(from_store)?;
        }
        Ok(last)
    }

    /// The same for rooms.
    pub async fn keep_rooms_safely(&self, after: ConversationId) -> Outcome<Option<ConversationId>> {
        let weak = self.store.weak_rooms(after, STEP).await.map_err(from_store)?;
        let last = weak.last().map(|(room, _)| *room);
        for (room, before) in weak {
            let Some(verifier) = Verifier::from_text(&before) else { continue };
            let Some(safe) = self.passwords.safely(&verifier, Applicant::house()).await? else { continue };
            self.store.rekeep_room(room, before, safe.to_text()).await.map_err(from_store)?;
        }
        Ok(last)
    }
}
