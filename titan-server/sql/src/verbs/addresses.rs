//! Addresses and networks that are kept out.

use std::borrow::Cow;

use super::super::network;
use super::super::tx::{Ask, Tx, Value, all, one, values};
use super::super::{Change, Page, StoreError, StoreResult, Warrant};

/// Why an address is kept out, by itself or with a network that it lies in.
pub async fn ban(ask: &mut dyn Ask, address: &str) -> StoreResult<Option<String>> {
    let (places, around) = around(address);
    let sql = format!("SELECT reason FROM address_bans WHERE address IN ({places}) LIMIT 1");
    one(ask, &sql, &around, |row| row.get(0)).await
}

/// Every network that an address lies in, as values of a statement, and their places in it.
fn around(address: &str) -> (String, Vec<Value<'static>>) {
    let around: Vec<_> = network::around(address).into_iter().map(|text| Value::Text(Cow::Owned(text))).collect();
    let places: Vec<_> = (1..=around.len()).map(|place| format!("${place}")).collect();
    (places.join(", "), around)
}

/// Which networks are kept out that this one lies in, or is.
pub async fn bans_around(ask: &mut dyn Ask, network: &str) -> StoreResult<Vec<String>> {
    let (places, around) = around(network);
    let sql = format!("SELECT address FROM address_bans WHERE address IN ({places})");
    all(ask, &sql, &around, |row| row.get(0)).await
}

pub async fn bans(ask: &mut dyn Ask, page: Page<String>) -> StoreResult<Vec<(String, String)>> {
    let sql = "SELECT address, reason FROM address_bans WHERE address > $1 ORDER BY address LIMIT $2";
    let after = page.after.unwrap_or_default();
    all(ask, sql, values![after, page.limit], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Keeps a network out, or (without a reason) lets it in again.
pub async fn set(tx: &mut dyn Tx, address: &str, reason: Option<&str>, warrant: &Warrant) -> StoreResult<()> {
    tx.hold(&warrant.grounds).await?;
    let address = address.to_owned();
    if let Some(reason) = reason {
        let sql = "INSERT INTO address_bans (address, reason) VALUES ($1, $2) \
            ON CONFLICT (address) DO UPDATE SET reason = excluded.reason";
        tx.change(sql, values![&address, reason]).await?;
        tx.tell(Change::AddressBanned { address });
    } else {
        if tx.change("DELETE FROM address_bans WHERE address = $1", values![&address]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        tx.tell(Change::AddressUnbanned { address });
    }
    super::note(tx, warrant).await
}
