//! What comes from the terminal, as events: keys, pastes, the mouse, the focus.
//!
//! A thread reads the terminal: reading blocks, and an idle one wakes nobody. It ends with the terminal, also where no signal
//! tells of that. What the terminal answers to somebody's questions is no key, however late it comes and however it is cut
//! up on its way ([`pieces`]).

#[cfg(unix)]
pub(crate) mod meaning;
#[cfg(unix)]
pub(crate) mod pieces;

use tokio::sync::mpsc;

use crate::app::event::Event;

/// Keys waiting to be read; a paste is one event.
const INPUTS_MOST: usize = 256;

/// Begins to read; what comes ends when the terminal is gone.
pub fn read() -> mpsc::Receiver<Event> {
    let (sender, receiver) = mpsc::channel(INPUTS_MOST);
    std::thread::spawn(move || reading(&sender));
    receiver
}

#[cfg(unix)]
pub use tty::is_there;

#[cfg(unix)]
fn reading(sender: &mpsc::Sender<Event>) {
    use std::time::Instant;
    let Ok(mut tty) = tty::Tty::open() else { return };
    let mut pieces = pieces::Pieces::default();
    loop {
        let wait = pieces.wait();
        match tty.read(wait) {
            Ok(Some(bytes)) => pieces.take(bytes, Instant::now()),
            Ok(None) => pieces.time_is_up(Instant::now()),
            Err(_) => return,
        }
        for event in std::iter::from_fn(|| pieces.pop()).filter_map(meaning::of) {
            if sender.blocking_send(event).is_err() {
                return;
            }
        }
    }
}

#[cfg(unix)]
mod tty {
    use std::{
        fs::File,
        io,
        os::fd::{AsFd, BorrowedFd},
        time::Duration,
    };

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
        stdio::stdin,
        termios::isatty,
    };

    const BLOCK: usize = 4096;

    /// The terminal: standard input, or the one that this session has.
    pub struct Tty {
        opened: Option<File>,
        block: Vec<u8>,
    }

    impl Tty {
        pub fn open() -> io::Result<Self> {
            let opened = if isatty(stdin()) { None } else { Some(File::open("/dev/tty")?) };
            Ok(Self { opened, block: vec![0; BLOCK] })
        }

        /// Waits for bytes, for ever or for so long; none where nothing came.
        pub fn read(&mut self, wait: Option<Duration>) -> io::Result<Option<&[u8]>> {
            let file = match &self.opened {
                Some(file) => file.as_fd(),
                None => stdin(),
            };
            if !is_readable(file, wait)? {
                return Ok(None);
            }
            match rustix::io::read(file, &mut self.block) {
                Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => Ok(Some(&self.block[..count])),
                Err(Errno::INTR | Errno::AGAIN) => Ok(None),
                Err(error) => Err(error.into()),
            }
        }
    }

    fn is_readable(file: BorrowedFd<'_>, wait: Option<Duration>) -> io::Result<bool> {
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match poll(&mut [PollFd::new(&file, PollFlags::IN)], wait.as_ref()) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether there is a terminal to read keys from.
    pub fn is_there() -> bool {
        Tty::open().is_ok()
    }
}

#[cfg(not(unix))]
pub fn is_there() -> bool {
    true
}

#[cfg(not(unix))]
fn reading(sender: &mpsc::Sender<Event>) {
    use ratatui::crossterm::event::{self, Event as Input};
    while let Ok(input) = event::read() {
        let event = match input {
            Input::Key(key) => Event::Key(key),
            Input::Mouse(mouse) => Event::Mouse(mouse),
            Input::Paste(text) => Event::Paste(text),
            Input::Resize(width, height) => Event::Resize(width, height),
            Input::FocusGained => Event::Attended(true),
            Input::FocusLost => Event::Attended(false),
        };
        if sender.blocking_send(event).is_err() {
            return;
        }
    }
}
