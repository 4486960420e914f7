//! What may be wrong with an older system's database. None of it is damage to the house.

/// Why nothing can be read there.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("the older system's database can't be read: {0}")]
    Unreadable(String),
    #[error("it is not a database of SQLite")]
    NoDatabase,
    /// Pages that nobody can read are what an encrypted one looks like.
    #[error(
        "it is not a database of SQLite that can be read as it is: it looks encrypted. Later versions of Titan-Net encrypt theirs \
         with SQLCipher, by the DATABASE_KEY in their .env. Export it first, with the program sqlcipher: open the file, then say \
         PRAGMA key = '…'; ATTACH DATABASE 'plain.db' AS plain KEY ''; SELECT sqlcipher_export('plain'); DETACH DATABASE plain; \
         and import plain.db"
    )]
    Encrypted,
    #[error("the older system's database can't be reached: {0}")]
    Unreachable(String),
    #[error("it is a Titan house already: use `backup` and `restore`")]
    AHouse,
}

pub type Readable<T> = Result<T, Trouble>;
