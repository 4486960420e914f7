//! A house in PostgreSQL that is moved: read out of one that stands, or written into a database that becomes the house at
//! the end. Either way the house's lock is held, so that no server runs on it.

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::moving::{Kind, Line, Movable, TABLES, Table, Value};
use super::super::tx::{self, Ask, Values};
use super::super::{StoreError, StoreResult};
use super::address::Address;
use super::row::{held, params, row_of};
use super::schema::{self, Found};
use super::{session, soundness};

pub struct Moving {
    client: ClientWrapper,
}

impl Moving {
    /// Out of the house in this database, as it stands at one moment.
    pub async fn out_of(url: &str) -> StoreResult<Self> {
        let address = Address::parse(url)?;
        let looked = session::connect(&address, &[]).await?;
        if let Found::Nothing = schema::look(&looked).await? {
            return Err(StoreError::Broken("the database is empty: there is no house in it".into()));
        }
        let client = session::open(&address, false).await?;
        client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        Ok(Self { client })
    }

    /// Into an empty database. Whether a move was begun before.
    pub async fn into(url: &str) -> StoreResult<(Self, bool)> {
        let client = session::open(&Address::parse(url)?, true).await?;
        if let Found::House { moving: true, .. } = schema::look(&client).await? {
            return Ok((Self { client }, true));
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM accounts) OR EXISTS (SELECT 1 FROM entries) \
            OR EXISTS (SELECT 1 FROM conversations WHERE id > 1)";
        if client.query_one(sql, &[]).await?.try_get(0)? {
            return Err(StoreError::Broken(
                "there is a house in it already: a house is moved into an empty database only".into(),
            ));
        }
        client.batch_execute("UPDATE titan_house SET moving = true").await?;
        Ok((Self { client }, false))
    }
}

#[async_trait]
impl Ask for Moving {
    async fn rows(&mut self, sql: &str, values: Values<'_>) -> StoreResult<Vec<tx::Row>> {
        self.client.query(sql, &params(values)).await?.iter().map(row_of).collect()
    }
}

#[async_trait(?Send)]
impl Movable for Moving {
    async fn damaged_entries(&mut self) -> StoreResult<Vec<String>> {
        soundness::damaged_rows(self).await
    }

    async fn count(&mut self, table: &Table) -> StoreResult<u64> {
        let row = self.client.query_one(&format!("SELECT count(*) FROM {}", table.name), &[]).await?;
        Ok(row.try_get::<_, i64>(0)?.max(0) as u64)
    }

    async fn lines(&mut self, table: &Table, after: Option<&[Value]>, limit: u32) -> StoreResult<Vec<Line>> {
        let (list, key) = (table.list(), table.key_list());
        let from = match after {
            Some(_) => {
                let marks = (1..=table.key).map(|mark| format!("${mark}")).collect::<Vec<_>>();
                format!("WHERE ({key}) > ({})", marks.join(", "))
            }
            None => String::new(),
        };
        let sql = format!("SELECT {list} FROM {} {from} ORDER BY {key} LIMIT {limit}", table.name);
        let statement = self.client.prepare_cached(&sql).await?;
        let values: Vec<Box<dyn ToSql + Sync>> = after.unwrap_or_default().iter().map(one).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value).collect();
        let rows = self.client.query(&statement, &values).await?;
        rows.iter().map(|row| line_of(row, table.columns)).collect()
    }

    async fn last(&mut self, table: &Table) -> StoreResult<Option<Line>> {
        let key = table.key_list();
        let descending = key.replace(", ", " DESC, ");
        let sql = format!("SELECT {key} FROM {} ORDER BY {descending} DESC LIMIT 1", table.name);
        let row = self.client.query_opt(&sql, &[]).await?;
        row.map(|row| line_of(&row, &table.columns[..table.key])).transpose()
    }

    async fn add(&mut self, table: &Table, lines: &[Line]) -> StoreResult<()> {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        let mut values: Vec<Box<dyn ToSql + Sync>> = Vec::new();
        let mut arrays = Vec::new();
        for (place, (_, kind)) in table.columns.iter().enumerate() {
            values.push(column(lines, place, *kind));
            arrays.push(format!("${}::{}[]", place + 1, type_name(*kind)));
        }
        let (name, list, arrays) = (table.name, names.join(", "), arrays.join(", "));
        let sql = format!("INSERT INTO {name} ({list}) SELECT {list} FROM unnest({arrays}) AS moved ({list})");
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value).collect();
        let statement = self.client.prepare_cached(&sql).await?;
        self.client.execute(&statement, &values).await?;
        Ok(())
    }

    async fn last_given(&mut self, table: &Table) -> StoreResult<i64> {
        let row =
            self.client.query_one(&format!("SELECT last_value, is_called FROM {}_id_seq", table.name), &[]).await?;
        Ok(if row.try_get(1)? { row.try_get(0)? } else { 0 })
    }

    async fn set_last_given(&mut self, table: &Table, id: i64) -> StoreResult<()> {
        let sql = format!("SELECT setval('{}_id_seq', greatest($1::bigint, 1), $1::bigint > 0)", table.name);
        self.client.query_one(&sql, &[&id]).await?;
        Ok(())
    }

    async fn clear(&mut self) -> StoreResult<()> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        Ok(self.client.batch_execute(&format!("TRUNCATE {}", names.join(", "))).await?)
    }

    async fn round_off(&mut self) -> StoreResult<()> {
        // The server that serves it brings its words into the index.
        let sql = "BEGIN; UPDATE house SET words_from = next_entry; \
            UPDATE conversations c SET members = (SELECT count(*) FROM members m WHERE m.conversation = c.id); \
            SELECT setval('audit_id_seq', greatest(max(id), 1), max(id) IS NOT NULL) FROM audit; COMMIT; ANALYZE";
        Ok(self.client.batch_execute(sql).await?)
    }

    async fn settle(&mut self) -> StoreResult<()> {
        Ok(self.client.batch_execute("UPDATE titan_house SET moving = false").await?)
    }
}

fn one(value: &Value) -> Box<dyn ToSql + Sync> {
    match value {
        Value::Null => Box::new(None::<i64>),
        Value::Number(number) => Box::new(*number),
        Value::Text(text) => Box::new(held(text).into_owned()),
        Value::Bytes(bytes) => Box::new(bytes.clone()),
    }
}

fn column(lines: &[Line], place: usize, kind: Kind) -> Box<dyn ToSql + Sync> {
    let values = lines.iter().map(|line| line.get(place));
    match kind {
        Kind::Number => Box::new(
            values.map(|value| if let Some(Value::Number(n)) = value { Some(*n) } else { None }).collect::<Vec<_>>(),
        ),
        Kind::Text => Box::new(
            values
                .map(|value| if let Some(Value::Text(t)) = value { Some(held(t).into_owned()) } else { None })
                .collect::<Vec<_>>(),
        ),
        Kind::Bytes => Box::new(
            values
                .map(|value| if let Some(Value::Bytes(b)) = value { Some(b.clone()) } else { None })
                .collect::<Vec<_>>(),
        ),
    }
}

fn line_of(row: &Row, columns: &[(&str, Kind)]) -> StoreResult<Line> {
    let value = |(place, (_, kind)): (usize, &(&str, Kind))| {
        Ok(match kind {
            Kind::Number => row.try_get::<_, Option<i64>>(place)?.map(Value::Number),
            Kind::Text => row.try_get::<_, Option<String>>(place)?.map(Value::Text),
            Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(place)?.map(Value::Bytes),
        }
        .unwrap_or(Value::Null))
    };
    columns.iter().enumerate().map(value).collect()
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "bigint",
        Kind::Text => "text",
        Kind::Bytes => "bytea",
    }
}
