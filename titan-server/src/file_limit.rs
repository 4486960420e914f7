//! How many files the house may have open, connections among them: as many as the system lets it.

/// Where the system names no bound, or knows none.
const UNBOUNDED: u64 = 1 << 20;

/// Raises the limit to what this process may have, and says what it is then.
#[cfg(unix)]
pub fn raise() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(UNBOUNDED).max(current.unwrap_or(UNBOUNDED));
    if current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let now = getrlimit(Resource::Nofile).current.unwrap_or(UNBOUNDED);
    usize::try_from(now.min(UNBOUNDED)).unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
pub fn raise() -> usize {
    UNBOUNDED as usize
}

/// How many of so many may be connections: the others are for the store, for files on their way, and for telling newcomers
/// that the house is full.
pub fn for_connections(files: usize) -> usize {
    files.saturating_sub((files / 4).clamp(128, 16_384)).max(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_files_stay_in_reserve_however_few_there_are() {
        assert_eq!([20, 256, 1_024, 1 << 20].map(for_connections), [16, 128, 768, (1 << 20) - 16_384]);
        let limit = raise();
        assert_eq!(raise(), limit);
    }
}
