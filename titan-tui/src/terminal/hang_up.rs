//! Whether anybody is still there at the other end of standard output: a pipe's reader may have had enough, and a terminal may be
//! closed without a signal that says so.

/// Waits until nothing that is written to standard output can reach anybody.
#[cfg(unix)]
pub async fn output_unread() {
    use rustix::{
        event::{PollFd, PollFlags, poll},
        io::Errno,
        stdio::stdout,
    };
    let (gone, told) = tokio::sync::oneshot::channel();
    // Of an end that is gone the kernel tells without being asked for anything else.
    let wait = move || {
        while poll(&mut [PollFd::new(&stdout(), PollFlags::empty())], None) == Err(Errno::INTR) {}
        let _ = gone.send(());
    };
    std::thread::spawn(wait);
    let _ = told.await;
}

#[cfg(not(unix))]
pub async fn output_unread() {
    std::future::pending().await
}
