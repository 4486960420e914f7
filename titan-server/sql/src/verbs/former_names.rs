//! Names that people had where they were imported from, and by which they are still let in.

use titan_core::AccountId;
use titan_core::text::look_alike;

use super::super::tx::{Ask, Tx, all, any, values};
use super::super::{AccountKey, AccountRecord, StoreResult};
use super::account_rows;
use super::alike::{Alike, IS_ALIKE};

/// Keeps a name that an account had.
pub async fn keep(tx: &mut dyn Tx, account: AccountId, name: &str) -> StoreResult<()> {
    let sql =
        "INSERT INTO former_names (account, name, key) VALUES ($1, $2, $3) ON CONFLICT (account, name) DO NOTHING";
    tx.change(sql, values![account, name, look_alike(name)]).await.map(drop)
}

/// Who had this name, if that was one alone and nobody has it now. As it was written it means one where others had it in
/// another case only.
pub async fn whose(ask: &mut dyn Ask, name: &str) -> StoreResult<Option<AccountRecord>> {
    let Alike { key, above, below } = Alike::new(name);
    if any(ask, &format!("SELECT 1 FROM accounts WHERE {IS_ALIKE}"), values![&key, &above, &below]).await? {
        return Ok(None);
    }
    for (column, value) in [("name", name), ("key", &key)] {
        let sql = format!("SELECT DISTINCT account FROM former_names WHERE {column} = $1 LIMIT 2");
        match all(ask, &sql, values![value], |row| row.get::<AccountId>(0)).await?[..] {
            [] => {}
            [account] => return account_rows::find(ask, &AccountKey::Id(account)).await,
            _ => return Ok(None),
        }
    }
    Ok(None)
}
