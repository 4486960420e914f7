//! What a database's own errors mean to the hub. It stands beside [`StoreError`](crate::StoreError), where alone it can: each
//! half is built only for who has that database, which is `titan-sql`.

#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;
