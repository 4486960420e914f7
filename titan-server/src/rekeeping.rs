//! Keeping passwords safely that older systems, or releases of before, kept otherwise: in steps, beside everything else. Nobody
//! has to log in for it.

use std::sync::Arc;
use std::time::Duration;

use titan_core::{AccountId, ConversationId};
use tokio_util::sync::CancellationToken;

use crate::hub::{Hub, Outcome, Peppers};
use crate::store::Store;

/// After a step that failed, such as on a full disk.
const AGAIN: Duration = Duration::from_secs(60);

/// Takes steps until there is nothing left to do, says which peppers are needed still, and waits for the house to close then.
pub async fn keep_safely(hub: Arc<Hub>, store: Arc<dyn Store>, peppers: Peppers, closing: CancellationToken) {
    let all = async {
        while let Err(fault) = everything(&hub).await {
            tracing::warn!(%fault, "passwords of before could not be kept safely");
            tokio::time::sleep(AGAIN).await;
        }
        needed(&*store, &peppers).await;
    };
    if closing.run_until_cancelled(all).await.is_some() {
        closing.cancelled().await;
    }
}

async fn everything(hub: &Hub) -> Outcome<()> {
    let (mut account, mut room) = (AccountId(0), ConversationId(0));
    while let Some(last) = hub.keep_accounts_safely(account).await? {
        account = last;
    }
    while let Some(last) = hub.keep_rooms_safely(room).await? {
        room = last;
    }
    Ok(())
}

/// Says which of the older peppers passwords still rest on, and whether one is missing.
async fn needed(store: &dyn Store, peppers: &Peppers) {
    let count = async |pepper: Option<&str>| store.peppered(pepper.map(str::to_owned)).await.unwrap_or_default();
    let mut found = count(Some(peppers.now().id())).await;
    for pepper in peppers.before() {
        let passwords = count(Some(pepper.id())).await;
        found += passwords;
        tracing::info!(
            pepper = pepper.id(),
            passwords,
            "an older pepper is here, and so many passwords still rest on it"
        );
    }
    let missing = count(None).await.saturating_sub(found);
    if missing > 0 {
        tracing::warn!(
            missing,
            "passwords rest on a pepper that isn't here: put its file pepper.N back from a backup, or give out new passwords"
        );
    }
}
