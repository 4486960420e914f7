//! Who there is, as far as one frame can tell: a client takes no more, and shows what it gets.

use std::collections::HashSet;

use bytes::Bytes;
use titan_core::{AccountId, SafeText};

use super::reply;
use titan_hub::{Listed, Outcome, Session};

/// Names read: more than fit a frame, since none takes less than four bytes there.
const NAMES_MOST: usize = 4_096;

/// A name, and whose it is.
type Named = (AccountId, SafeText);

/// What all connections know of names. In a house of very many, the first ones.
pub struct Names {
    first: Listed<Named>,
    /// Those who are online, where not all names are known.
    online: Vec<Named>,
}

impl Names {
    pub async fn read(session: &Session) -> Outcome<Self> {
        let first = session.names(NAMES_MOST as u32).await?;
        let online = if first.more { named(session, session.online()).await? } else { Vec::new() };
        Ok(Self { first, online })
    }

    /// The names of all others, in order. Where they don't all fit, those come first whom one talks with and who is
    /// online, and the rest as far as it fits.
    pub async fn told(&self, me: &Session) -> Outcome<Option<Bytes>> {
        let mut partners = Vec::new();
        if self.first.more {
            partners = named(me, me.partners().await?).await?;
        }
        let all = partners.iter().chain(&self.online).chain(&self.first.list);
        let mut told = HashSet::from([me.account()]);
        let mut others: Vec<&Named> = all.filter(|(account, _)| told.insert(*account)).collect();
        if !self.first.more && !reply::fit(others.iter().map(|named| &*named.1)) {
            let (partners, online) = (me.partners().await?, me.online());
            others.sort_by_cached_key(|(account, _)| (!partners.contains(account), !online.contains(account)));
        }
        Ok(reply::lis(others.into_iter().map(|(_, name)| &**name)))
    }
}

/// The names of these, of no more than a frame could hold.
async fn named(session: &Session, accounts: HashSet<AccountId>) -> Outcome<Vec<Named>> {
    let mut accounts: Vec<_> = accounts.into_iter().collect();
    accounts.sort_unstable();
    accounts.truncate(NAMES_MOST);
    session.names_of(accounts).await
}
