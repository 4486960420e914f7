//! What PostgreSQL's errors mean to the hub: try again later, or call the operator.

use std::error::Error as _;

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::StoreError;

/// Classes of SQLSTATE that pass by themselves or by the operator's hand: connection, rollback, resources, objects in use,
/// intervention, the system below.
const PASSING: [&str; 6] = ["08", "40", "53", "55", "57", "58"];

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let Some(said) = error.as_db_error() else {
            let io = error.source().is_some_and(|source| source.is::<std::io::Error>());
            let passing = error.is_closed() || io || error.to_string().contains("timeout");
            let why = said_by(&error);
            return if passing { StoreError::Unavailable(why) } else { StoreError::Broken(why) };
        };
        let (state, why) = (said.code(), said_by(&error));
        let passing = PASSING.iter().any(|class| state.code().starts_with(class));
        if passing || *state == SqlState::READ_ONLY_SQL_TRANSACTION {
            StoreError::Unavailable(why)
        } else if state.code().starts_with("XX") {
            StoreError::Broken(format!("{why}: run `titan-server check`, then restore a backup"))
        } else {
            StoreError::Broken(why)
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            PoolError::Closed => StoreError::Unavailable("the store is closed".into()),
            other => StoreError::Unavailable(format!("no connection to PostgreSQL: {other}")),
        }
    }
}

/// With the server's own words, or with what lies below.
pub fn said_by(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(said), _) => format!("PostgreSQL says: {}", said.message()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}
