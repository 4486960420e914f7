//! What this program says of itself where sessions are listed: its name and version, and the machine it runs on.

/// Such as `titan 0.9.0 on desk`.
pub fn name() -> String {
    let program = concat!("titan ", env!("CARGO_PKG_VERSION"));
    match host().filter(|host| !host.trim().is_empty()) {
        Some(host) => format!("{program} on {host}"),
        None => program.to_owned(),
    }
}

#[cfg(unix)]
fn host() -> Option<String> {
    Some(rustix::system::uname().nodename().to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn host() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}
