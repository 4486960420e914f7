//! What the experiment takes as given: names, and how long things may take.

use std::time::Duration;

pub const GENERAL: i64 = 1;
/// Without blanks: one of the doors tells words apart by them.
pub const PASSWORD: &str = "a-long-enough-password";

/// A number that the environment may set.
pub fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}")))
}

/// How long anything may take before the proof has failed.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Waits for something that must come.
pub async fn deadline<F: Future>(what: &str, awaited: F) -> F::Output {
    tokio::time::timeout(DEADLINE, awaited).await.unwrap_or_else(|_| panic!("this took more than {DEADLINE:?}: {what}"))
}

/// A length of time that is part of the experiment, as the moment of a kill is.
pub async fn moment(length: Duration) {
    let _ = tokio::time::timeout(length, std::future::pending::<()>()).await;
}
