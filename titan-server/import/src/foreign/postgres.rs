//! An older system's PostgreSQL database. The driver is asynchronous and imports are not: each call runs it here, on the
//! thread that asks.

use std::iter::empty;
use std::pin::pin;

use futures_util::StreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, Error};

use super::row::Row;
use super::shape::{Column, Table, quoted};
use super::trouble::{Readable, Trouble};
use titan_sql::postgres::address::Address;

pub struct Postgres {
    client: Client,
    runtime: Runtime,
}

/// Times come in one form, and what is read is what stood there at the beginning.
const BEGIN: &str = "SET datestyle = 'ISO'; SET timezone = 'UTC'; SET extra_float_digits = 0; \
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl Postgres {
    pub fn open(url: &str) -> Readable<Self> {
        let address = Address::parse(url).map_err(|error| Trouble::Unreachable(error.to_string()))?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Trouble::Unreachable(error.to_string()))?;
        let (client, connection) =
            runtime.block_on(settings(&address).connect(address.tls)).map_err(|error| failed(&error))?;
        runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "the database that is imported from has closed the connection");
            }
        });
        runtime.block_on(client.batch_execute(BEGIN)).map_err(|error| failed(&error))?;
        Ok(Self { client, runtime })
    }

    pub fn tables(&self) -> Readable<Vec<Table>> {
        let sql = "SELECT c.table_name::text, c.column_name::text, c.data_type::text FROM information_schema.columns c \
            JOIN information_schema.tables t USING (table_schema, table_name) \
            WHERE t.table_type = 'BASE TABLE' AND c.table_schema = ANY (current_schemas(false)) \
            ORDER BY c.table_name, c.ordinal_position";
        let mut tables: Vec<Table> = Vec::new();
        self.each::<Trouble>(sql, |row| {
            let (Some(table), Some(column), Some(kind)) = (row.text(0), row.text(1), row.text(2)) else {
                return Ok(());
            };
            let column = Column { name: column.to_owned(), kind: kind.to_lowercase() };
            match tables.last_mut().filter(|last| last.name == table) {
                Some(last) => last.columns.push(column),
                None => tables.push(Table { name: table.to_owned(), columns: vec![column] }),
            }
            Ok(())
        })?;
        Ok(tables)
    }

    pub fn count(&self, table: &str) -> Readable<u64> {
        let mut count = 0;
        self.each::<Trouble>(&format!("SELECT count(*)::text FROM {}", quoted(table)), |row| {
            count = row.number(0).unwrap_or_default().max(0) as u64;
            Ok(())
        })?;
        Ok(count)
    }

    pub fn each<E: From<Trouble>>(&self, select: &str, mut take: impl FnMut(&Row) -> Result<(), E>) -> Result<(), E> {
        let rows = self.runtime.block_on(self.client.query_raw(select, empty::<&str>()));
        let mut rows = pin!(rows.map_err(|error| failed(&error))?);
        while let Some(row) = self.runtime.block_on(rows.next()) {
            let row = row.map_err(|error| failed(&error))?;
            let values = (0..row.len()).map(|column| row.try_get(column)).collect::<Result<_, _>>();
            take(&Row(values.map_err(|error| failed(&error))?))?;
        }
        Ok(())
    }
}

/// A column's value as text, whatever it is; bytes are taken for text too.
pub fn as_text(column: &Column) -> String {
    match column.kind.as_str() {
        "bytea" => format!("encode({}, 'escape')", column.of_row()),
        _ => format!("{}::text", column.of_row()),
    }
}

/// A password may come in `PGPASSWORD`, where no list of processes shows it.
fn settings(address: &Address) -> Config {
    let mut house = address.with(&[]);
    if let (None, Ok(password)) = (house.get_password(), std::env::var("PGPASSWORD")) {
        house.password(password);
    }
    house
}

fn failed(error: &Error) -> Trouble {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Trouble::Unreachable(format!("{error}{cause}"))
}
