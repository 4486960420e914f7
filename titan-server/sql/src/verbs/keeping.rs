//! How many bytes of files and apps are kept here, by whom: added up when it is asked for, so that whatever goes, is imported or
//! moved is counted right. Indexes hold all that is read for it.

use titan_core::AccountId;

use super::super::tx::{Ask, Row, all, one, values};
use super::super::{KeeperRecord, Kept, StoreResult};
use super::account_rows::{ACCOUNT, ACCOUNT_WIDTH, account_of};

/// Files and apps that somebody can still reach: `account`, `size`.
const KEPT: &str = "SELECT f.uploader AS account, f.size FROM files f \
    JOIN conversations c ON c.id = f.conversation AND c.deleted_at IS NULL \
    UNION ALL SELECT author, size FROM apps";

pub async fn by_account(ask: &mut dyn Ask, account: AccountId) -> StoreResult<Kept> {
    let sql = "SELECT CAST(coalesce(sum(k.size), 0) AS BIGINT), count(*) FROM (\
          SELECT f.size FROM files f JOIN conversations c ON c.id = f.conversation AND c.deleted_at IS NULL \
          WHERE f.uploader = $1 \
        UNION ALL SELECT size FROM apps WHERE author = $1) k";
    let kept = |row: &mut Row| Ok(Kept { bytes: row.get(0)?, number: row.get(1)? });
    Ok(one(ask, sql, values![account], kept).await?.unwrap_or_default())
}

pub async fn by_all(ask: &mut dyn Ask) -> StoreResult<u64> {
    let sql = format!("SELECT CAST(coalesce(sum(k.size), 0) AS BIGINT) FROM ({KEPT}) k");
    Ok(one(ask, &sql, &[], |row| row.get(0)).await?.unwrap_or_default())
}

pub async fn most(ask: &mut dyn Ask, limit: u32) -> StoreResult<Vec<KeeperRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT}, k.bytes, k.number FROM (SELECT account, CAST(sum(size) AS BIGINT) AS bytes, \
           count(*) AS number FROM ({KEPT}) each_one GROUP BY account) k \
         JOIN accounts a ON a.id = k.account ORDER BY k.bytes DESC, a.id LIMIT $1"
    );
    all(ask, &sql, values![limit], |row| {
        let account = account_of(row, 0)?;
        Ok(KeeperRecord { account, bytes: row.get(ACCOUNT_WIDTH)?, number: row.get(ACCOUNT_WIDTH + 1)? })
    })
    .await
}
