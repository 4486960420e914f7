//! Reading what is left of a damaged database: from the beginning of each table up to the damage, from its end back to it,
//! and in between row by row, where the rows are numbered.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row, params_from_iter};

use super::super::super::StoreResult;
use super::super::super::moving::{Kind, Line, Table, Value};
use super::super::moving::Bound;
use super::super::schema;

/// Rows that are looked for one by one in a damaged place, at most.
const SEARCH_MOST: i64 = 1_000_000;

pub(super) struct Reading {
    connection: Connection,
    /// Whether entries have sums.
    summed: bool,
}

/// What is done with each row, and with its sum where it has one.
pub(super) type Taker<'a> = &'a mut dyn FnMut(Line, Option<i64>) -> StoreResult<()>;

impl Reading {
    pub fn open(path: &Path) -> StoreResult<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")?;
        let summed = schema::version(&connection)? >= 3;
        Ok(Self { connection, summed })
    }

    /// Gives every row of a table that can be read; how many damaged places were met.
    pub fn rows(&self, table: &Table, take: Taker<'_>) -> StoreResult<u64> {
        let columns = self.columns(table)?;
        let Some(columns) = columns else { return Ok(0) };
        let way = Way { reading: self, table, columns };
        let (first, met) = way.forward(take)?;
        if !met {
            return Ok(0);
        }
        let last = way.backward(first.as_deref(), take)?;
        way.between(first.as_deref(), last.as_deref(), take)?;
        Ok(1)
    }

    /// The last ids that were given, by tables; a new row gets none of them again.
    pub fn last_given(&self) -> Vec<(String, i64)> {
        let Ok(mut statement) = self.connection.prepare("SELECT name, seq FROM sqlite_sequence") else {
            return Vec::new();
        };
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.map(|rows| rows.map_while(Result::ok).collect()).unwrap_or_default()
    }

    /// What is selected of a table: null for what it doesn't have yet; none where there is no such table.
    fn columns(&self, table: &Table) -> StoreResult<Option<String>> {
        let mut statement = self.connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let there = statement.query_map([table.name], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        let has = |name: &str| there.iter().any(|column| column == name);
        let listed = table.columns.iter().map(|(name, _)| match *name {
            name if has(name) => name,
            "turn" | "floor" | "names" => "0",
            "epoch" | "pepper" => "''",
            _ => "NULL",
        });
        let sum = if table.name == "entries" && self.summed { "sum" } else { "NULL" };
        let list = listed.chain([sum]).collect::<Vec<_>>().join(", ");
        Ok((!there.is_empty()).then_some(list))
    }
}

struct Way<'a> {
    reading: &'a Reading,
    table: &'a Table,
    columns: String,
}

impl Way<'_> {
    /// From the beginning: the key of the last row, and whether the way ended at damage.
    fn forward(&self, take: Taker<'_>) -> StoreResult<(Option<Line>, bool)> {
        let mut last = None;
        let met = self.scan("", &mut |key, line, sum| {
            last = Some(key);
            take(line, sum).map(|()| true)
        })?;
        Ok((last, met))
    }

    /// From the end, down to where the way forward came: the key of the last row.
    fn backward(&self, until: Option<&[Value]>, take: Taker<'_>) -> StoreResult<Option<Line>> {
        let mut last = None;
        self.scan(" DESC", &mut |key, line, sum| {
            if until.is_some_and(|until| !after(&key, until)) {
                return Ok(false);
            }
            last = Some(key);
            take(line, sum).map(|()| true)
        })?;
        Ok(last)
    }

    /// Gives rows in the order of their keys for as long as they are wanted; whether damage was met. In one go: a key that
    /// is damaged itself would lead astray who goes on from it.
    fn scan(
        &self,
        order: &str,
        give: &mut dyn FnMut(Line, Line, Option<i64>) -> StoreResult<bool>,
    ) -> StoreResult<bool> {
        let key = self.table.key_list();
        let ordered = key.split(", ").map(|column| format!("{column}{order}")).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {} FROM {} ORDER BY {ordered}", self.columns, self.table.name);
        let Ok(mut statement) = self.reading.connection.prepare_cached(&sql) else { return Ok(true) };
        let Ok(mut rows) = statement.query([]) else { return Ok(true) };
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(false),
                Err(_) => return Ok(true),
            };
            let (line, sum) = self.line(row);
            let key = line[..self.table.key].to_vec();
            if !give(key, line, sum)? {
                return Ok(false);
            }
        }
    }

    /// One by one, those whose number lies between.
    fn between(&self, first: Option<&[Value]>, last: Option<&[Value]>, take: Taker<'_>) -> StoreResult<()> {
        let number = |key: Option<&[Value]>, at: usize| match key.and_then(|key| key.get(at)) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        if self.table.name == "entries" {
            let (from, upto) = (number(first, 0).unwrap_or(0), number(last, 0).unwrap_or(i64::MAX));
            for (conversation, head) in self.logs(from, upto)? {
                self.each(&[Value::Number(conversation)], (1, head.min(SEARCH_MOST)), (first, last), take)?;
            }
        } else if self.table.key == 1 && self.table.columns[0].1 == Kind::Number {
            let from = number(first, 0).unwrap_or(0);
            let upto = number(last, 0).unwrap_or(i64::MAX).min(from.saturating_add(SEARCH_MOST));
            self.each(&[], (from, upto), (first, last), take)?;
        }
        Ok(())
    }

    /// Conversations and where their logs end, as far as that can be read.
    fn logs(&self, from: i64, upto: i64) -> StoreResult<Vec<(i64, i64)>> {
        let sql = "SELECT id, head FROM conversations WHERE id BETWEEN ?1 AND ?2";
        let Ok(mut statement) = self.reading.connection.prepare(sql) else { return Ok(Vec::new()) };
        let logs = statement.query_map([from, upto], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(logs.map_while(Result::ok).collect())
    }

    fn each(
        &self,
        prefix: &[Value],
        (from, upto): (i64, i64),
        (first, last): (Option<&[Value]>, Option<&[Value]>),
        take: Taker<'_>,
    ) -> StoreResult<()> {
        let condition = self.table.key_list().replace(", ", " = ? AND ");
        let sql = format!("SELECT {} FROM {} WHERE {condition} = ?", self.columns, self.table.name);
        let mut statement = self.reading.connection.prepare_cached(&sql)?;
        for number in from..=upto {
            let key: Line = prefix.iter().cloned().chain([Value::Number(number)]).collect();
            let known = first.is_some_and(|first| !after(&key, first)) || last.is_some_and(|last| !after(last, &key));
            if known {
                continue;
            }
            let Ok(mut rows) = statement.query(params_from_iter(key.iter().map(Bound))) else { continue };
            if let Ok(Some(row)) = rows.next() {
                let (line, sum) = self.line(row);
                take(line, sum)?;
            }
        }
        Ok(())
    }

    fn line(&self, row: &Row<'_>) -> (Line, Option<i64>) {
        let width = self.table.columns.len();
        let sum = row.get::<_, Option<i64>>(width).unwrap_or(Some(0));
        ((0..width).map(|column| value_of(row, column)).collect(), sum)
    }
}

/// A text that is none any more is given as bytes: nothing takes it for a text then.
fn value_of(row: &Row<'_>, column: usize) -> Value {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(number)) => Value::Number(number),
        Ok(ValueRef::Text(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(bytes.to_vec()),
        },
        Ok(ValueRef::Blob(bytes)) => Value::Bytes(bytes.to_vec()),
        Ok(ValueRef::Null | ValueRef::Real(_)) | Err(_) => Value::Null,
    }
}

/// Whether a key comes after another, as SQLite orders them.
fn after(key: &[Value], other: &[Value]) -> bool {
    let order = key.iter().zip(other).map(|(one, other)| match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.cmp(other),
        (Value::Text(one), Value::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
        (Value::Bytes(one), Value::Bytes(other)) => one.cmp(other),
        _ => std::cmp::Ordering::Equal,
    });
    order.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then) == std::cmp::Ordering::Greater
}
