//! What SQLite's errors mean to the hub: try again later, or call the operator.

use rusqlite::{ErrorCode, ffi};

use crate::StoreError;

/// Whether a commit that failed so may be on disk all the same: what could not be synced may have been written, and will
/// not be synced by trying again.
pub fn leaves_doubt(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC))
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if leaves_doubt(&error) {
            return StoreError::Ended(format!(
                "an fsync failed, and what of the last commit is on disk can't be said: {error}"
            ));
        }
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::PermissionDenied,
            ) => StoreError::Unavailable(error.to_string()),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Broken(format!("{error}: run `titan-server check`, then restore a backup"))
            }
            _ => StoreError::Broken(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(extended: i32) -> StoreError {
        rusqlite::Error::SqliteFailure(ffi::Error::new(extended), None).into()
    }

    #[test]
    fn a_failed_fsync_is_the_end_and_a_full_disk_is_not() {
        for fatal in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC] {
            assert!(matches!(error(fatal), StoreError::Ended(_)));
        }
        for passing in [ffi::SQLITE_FULL, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_READ, ffi::SQLITE_BUSY] {
            assert!(matches!(error(passing), StoreError::Unavailable(_)));
        }
    }
}
