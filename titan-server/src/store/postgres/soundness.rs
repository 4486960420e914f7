//! What the database says of itself, and the sums of its rows.

use async_trait::async_trait;
use tokio_postgres::Row;

use super::super::soundness::{Identity, Soundness};
use super::super::{StoreError, StoreResult, sum};
use super::address::Address;
use super::row::{Ask, all, one};
use super::schema::{self, Found};
use super::upkeep::Aside;
use super::writer::Batch;
use super::{PostgresStore, session};

/// The columns that [`sum_of`] reads, in its order.
const SUMMED: &str = "conversation, seq, id, kind, author, author_name, author_number, at, client_id, text, reply_to, file, \
    edited, deleted, target, detail";

/// Damaged rows that a check names; the rest is counted.
const NAMED: usize = 100;
/// Rows that are looked at together.
const PAGE: i64 = 5_000;

#[async_trait]
impl Soundness for PostgresStore {
    async fn identity(&self) -> StoreResult<Identity> {
        identity(&self.readers()?).await
    }

    async fn remember_pepper(&self, known_by: String) -> StoreResult<()> {
        self.write(async move |batch: &mut Batch<'_>| {
            batch.change("UPDATE house SET pepper = $1 WHERE pepper <> $1", &[&known_by]).await.map(drop)
        })
        .await
    }

    async fn sum_rows(&self, limit: u32) -> StoreResult<u32> {
        self.write(async move |batch: &mut Batch<'_>| sum_rows(batch, i64::from(limit)).await).await
    }

    /// PostgreSQL has its own.
    async fn checkpoint(&self) -> StoreResult<()> {
        Ok(())
    }
}

/// What the house in this database says of itself; none where there is none yet. Nothing is changed or migrated.
pub async fn identity_of(url: &str) -> StoreResult<Option<Identity>> {
    let settings = [("default_transaction_read_only", "on")];
    let aside = Aside(session::connect(&Address::parse(url)?, &settings).await?);
    match schema::look(&aside.0).await? {
        Found::Nothing | Found::House { version: 0, .. } => Ok(None),
        Found::House { version: 1, .. } => {
            Ok(Some(Identity { peppered: peppered(&aside).await?, ..Identity::default() }))
        }
        Found::House { .. } => identity(&aside).await.map(Some),
    }
}

/// Takes the database as it stands for the house: it gets a new epoch, and a turn beyond the one that is known.
pub async fn accept(url: &str, known_turn: i64, new_pepper: bool) -> StoreResult<Identity> {
    let aside = Aside(session::open(&Address::parse(url)?, false).await?);
    let sql = "UPDATE house SET epoch = replace(gen_random_uuid()::text, '-', ''), turn = greatest(turn, $1) + 1";
    aside.0.execute(sql, &[&known_turn]).await?;
    if new_pepper {
        aside.0.batch_execute("UPDATE house SET pepper = ''").await?;
    }
    identity(&aside).await
}

async fn identity(ask: &impl Ask) -> StoreResult<Identity> {
    let read = |row: &Row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    let found = one(ask, "SELECT epoch, turn, pepper FROM house", &[], read).await?;
    let (epoch, turn, pepper) = found.ok_or_else(|| StoreError::Broken("the table `house` is empty".into()))?;
    Ok(Identity { epoch, turn, pepper, peppered: peppered(ask).await? })
}

async fn peppered(ask: &impl Ask) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM accounts WHERE scheme = 'titan')";
    Ok(one(ask, sql, &[], |row| Ok(row.try_get(0)?)).await?.unwrap_or(false))
}

async fn sum_rows(batch: &mut Batch<'_>, limit: i64) -> StoreResult<u32> {
    let sql = format!("SELECT {SUMMED} FROM entries WHERE sum IS NULL ORDER BY conversation, seq LIMIT $1");
    let sums = all(batch, &sql, &[&limit], |row| Ok((row.try_get(0)?, row.try_get(1)?, sum_of(row)?))).await?;
    if sums.is_empty() {
        return Ok(0);
    }
    let mut columns: (Vec<i64>, Vec<i64>, Vec<i64>) = Default::default();
    for (conversation, seq, sum) in sums {
        columns.0.push(conversation);
        columns.1.push(seq);
        columns.2.push(sum);
    }
    let sql = "UPDATE entries e SET sum = s.sum FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) \
        AS s (conversation, seq, sum) WHERE e.conversation = s.conversation AND e.seq = s.seq";
    batch.change(sql, &[&columns.0, &columns.1, &columns.2]).await?;
    Ok(columns.0.len() as u32)
}

fn sum_of(row: &Row) -> StoreResult<i64> {
    Ok(sum::of(&sum::Row {
        conversation: row.try_get(0)?,
        seq: row.try_get(1)?,
        id: row.try_get(2)?,
        kind: row.try_get::<_, &str>(3)?.as_bytes(),
        author: row.try_get(4)?,
        author_name: row.try_get::<_, &str>(5)?.as_bytes(),
        author_number: row.try_get(6)?,
        at: row.try_get(7)?,
        client_id: row.try_get(8)?,
        text: row.try_get::<_, Option<&str>>(9)?.map(str::as_bytes),
        reply_to: row.try_get(10)?,
        file: row.try_get(11)?,
        edited: row.try_get(12)?,
        deleted: row.try_get(13)?,
        target: row.try_get(14)?,
        detail: row.try_get::<_, Option<&str>>(15)?.map(str::as_bytes),
    }))
}

/// A line for each entry that no longer says what it said when it was written.
pub(super) async fn damaged_rows(ask: &impl Ask) -> StoreResult<Vec<String>> {
    let sql = format!(
        "SELECT {SUMMED}, sum FROM entries WHERE (conversation, seq) > ($1, $2) ORDER BY conversation, seq LIMIT $3"
    );
    let (mut lines, mut more, mut last) = (Vec::new(), 0, (0i64, 0i64));
    loop {
        let page = all(ask, &sql, &[&last.0, &last.1, &PAGE], |row| {
            let said: Option<i64> = row.try_get(16)?;
            Ok(((row.try_get(0)?, row.try_get(1)?), said.is_none_or(|said| sum_of(row).is_ok_and(|sum| sum == said))))
        })
        .await?;
        let Some((end, _)) = page.last() else { break };
        last = *end;
        for ((conversation, seq), _) in page.iter().filter(|(_, holds)| !holds) {
            match lines.len() < NAMED {
                true => lines.push(format!("a damaged entry: conversation {conversation}, entry {seq}")),
                false => more += 1,
            }
        }
    }
    if more > 0 {
        lines.push(format!("a damaged entry: {more} more"));
    }
    Ok(lines)
}
