//! Who there is, as far as one frame can tell: a client takes no more, and shows what it gets.

use bytes::Bytes;
use titan_core::{AccountId, SafeText};

use super::reply;
use titan_hub::{Outcome, Session};

/// A name, and whose it is.
pub type Named = (AccountId, SafeText);

/// The names of all others, in the order given. Where they don't all fit, those come first whom one talks with and who is
/// online, and the rest as far as it fits.
pub async fn told(me: &Session, names: &[Named]) -> Outcome<Option<Bytes>> {
    let mut others: Vec<&Named> = names.iter().filter(|(account, _)| *account != me.account()).collect();
    if !reply::fit(others.iter().map(|named| &*named.1)) {
        let (partners, online) = (me.partners().await?, me.online());
        others.sort_by_cached_key(|(account, _)| (!partners.contains(account), !online.contains(account)));
    }
    Ok(reply::lis(others.into_iter().map(|(_, name)| &**name)))
}
