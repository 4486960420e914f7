//! PostgreSQL for tests: TITAN_TEST_POSTGRES is the URL of a server on which databases may be made, as
//! `scripts/with-postgres` starts one; every test makes its own and drops it. Without it the tests of PostgreSQL say so and
//! pass, but not in CI.

use std::future::Future;
use std::path::Path;

use tokio_postgres::{NoTls, SimpleQueryMessage};

/// The file in a house's folder that says which database is its.
const NOTE: &str = "test-database-url";

/// Whether the houses of this run are in PostgreSQL.
pub fn chosen() -> bool {
    std::env::var("TITAN_TEST_STORE").is_ok_and(|store| store == "postgres")
}

/// A database of one test, dropped with it.
pub struct Database {
    pub url: String,
    name: String,
}

impl Database {
    /// None where there is no server for tests.
    pub fn make() -> Option<Self> {
        let server = server()?;
        let name = format!("titan_{}", uuid::Uuid::new_v4().simple());
        run(&server, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
        let (before, after) = server.rsplit_once("/postgres").expect("TITAN_TEST_POSTGRES names the database postgres");
        Some(Self { url: format!("{before}/{name}{after}"), name })
    }

    /// For the house in this folder, where [`Self::of`] finds it.
    pub fn make_for(folder: &Path) -> Self {
        let database = Self::make().expect("TITAN_TEST_STORE=postgres wants TITAN_TEST_POSTGRES");
        std::fs::write(folder.join(NOTE), &database.url).unwrap();
        database
    }

    /// The database of the house in this folder, made when it is first asked for. It stays as long as the server does.
    pub fn of(folder: &Path) -> Option<String> {
        if let Ok(url) = std::fs::read_to_string(folder.join(NOTE)) {
            return Some(url);
        }
        chosen().then(|| {
            let database = Self::make_for(folder);
            let url = database.url.clone();
            std::mem::forget(database);
            url
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(server) = server() {
            run(&server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

fn server() -> Option<String> {
    let server = std::env::var("TITAN_TEST_POSTGRES").ok().filter(|url| !url.is_empty());
    if server.is_none() {
        assert!(std::env::var_os("CI").is_none(), "no PostgreSQL for the tests: run them by scripts/with-postgres");
        eprintln!("not tested: there is no PostgreSQL at hand (scripts/with-postgres COMMAND starts one)");
    }
    server
}

/// Runs SQL as an operator would, beside whoever uses the database; the rows of its last statement.
pub fn run(url: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    aside(async move {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let said = client.simple_query(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let rows = said.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
            }
            _ => None,
        });
        rows.collect()
    })
}

/// On a thread and a runtime of its own, so that it can be waited for anywhere, also while something is dropped.
fn aside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let run = move || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
    std::thread::spawn(run).join().unwrap()
}
