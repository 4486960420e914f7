//! Why a store did not do what it was asked for. What a database's own errors mean is said in [`super::failure`].

/// Why a verb of the store did not do its work; nothing was changed then, but for what `Unsettled` and `Ended` say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// What must be unique is taken: which, such as `name` or `titan_number`.
    #[error("that {0} is taken")]
    Taken(&'static str),
    /// There are as many of these as there may be, such as `rooms`.
    #[error("there are as many {0} as there may be")]
    Full(&'static str),
    /// What the verb was to change isn't there (any more).
    #[error("not found")]
    NotFound,
    /// What the verb was to change is no longer in the state that was asked for.
    #[error("changed meanwhile")]
    Conflict,
    /// Something that the policy decided on is no longer so: let it decide anew.
    #[error("decided on what is no longer so")]
    Stale,
    /// The disk is full, the database can't be reached: trying again later may help. Reads may still work.
    #[error("the store can't write just now: {0}")]
    Unavailable(String),
    /// The connection to the database was lost over the last commit: whether it was made is found out when there is one
    /// again, and then it is told of like any other.
    #[error("nobody can say yet whether that was written: {0}")]
    Unsettled(String),
    /// The database is damaged or holds what it can't hold.
    #[error("the store failed: {0}")]
    Broken(String),
    /// Nobody can say whether the last commit is on disk: the store has ended, and so must the process.
    #[error("the store has ended: {0}")]
    Ended(String),
}

pub type StoreResult<T> = Result<T, StoreError>;
