//! Signals: those that end the program, in order and with the terminal given back; those by which a shell puts it aside and takes
//! it up again; and that of a window that has another size.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    End,
    /// Stop until somebody says to go on.
    Stop,
    GoOn,
    Resize,
}

#[cfg(unix)]
mod heard {
    use std::io;

    use rustix::{process, termios};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::Told;

    /// The signals, heard from here on. None that people send ends the program with the terminal in disorder.
    pub struct Signals {
        end: [Signal; 7],
        stop: Signal,
        go_on: Signal,
        resize: Signal,
    }

    impl Signals {
        pub fn new() -> io::Result<Self> {
            // From outside; ctrl-c and ctrl-\ in the terminal are keys.
            let [terminate, hang_up] = [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
            let [interrupt, quit] = [signal(SignalKind::interrupt())?, signal(SignalKind::quit())?];
            let [usr1, usr2] = [signal(SignalKind::user_defined1())?, signal(SignalKind::user_defined2())?];
            let alarm = signal(SignalKind::alarm())?;
            let raw = |it: process::Signal| SignalKind::from_raw(it.as_raw());
            Ok(Self {
                end: [terminate, hang_up, interrupt, quit, usr1, usr2, alarm],
                stop: signal(raw(process::Signal::TSTP))?,
                go_on: signal(raw(process::Signal::CONT))?,
                resize: signal(SignalKind::window_change())?,
            })
        }

        pub async fn told(&mut self) -> Told {
            let ends = self.end.iter_mut().map(|signal| Box::pin(signal.recv()));
            tokio::select! {
                biased;
                _ = futures_util::future::select_all(ends) => Told::End,
                _ = self.stop.recv() => Told::Stop,
                _ = self.go_on.recv() => Told::GoOn,
                _ = self.resize.recv() => Told::Resize,
            }
        }
    }

    /// Stops this process as a shell does it, until the shell has it go on.
    pub fn stop_here() {
        let _ = process::kill_process(process::getpid(), process::Signal::STOP);
    }

    /// How the terminal was when this was made, to be put back whoever changed it since.
    pub struct Modes(Option<termios::Termios>);

    impl Modes {
        pub fn now() -> Self {
            Self(termios::tcgetattr(rustix::stdio::stdin()).ok())
        }

        pub fn put_back(&self) {
            if let Some(modes) = &self.0 {
                let _ = termios::tcsetattr(rustix::stdio::stdin(), termios::OptionalActions::Now, modes);
            }
        }
    }
}

#[cfg(not(unix))]
mod heard {
    use std::io;

    use super::Told;

    pub struct Signals;

    impl Signals {
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub async fn told(&mut self) -> Told {
            std::future::pending().await
        }
    }

    pub fn stop_here() {}

    pub struct Modes;

    impl Modes {
        pub fn now() -> Self {
            Self
        }

        pub fn put_back(&self) {}
    }
}

pub use heard::{Modes, Signals, stop_here};

impl Signals {
    /// Waits until the program is to end, whatever else is asked.
    pub async fn told_to_end(&mut self) {
        while self.told().await != Told::End {}
    }
}

/// From here on a signal that ends the program puts the terminal back as it is now, while something waits for a secret to be
/// typed and hears nothing. Ctrl-c is a key there.
pub fn end_with_the_modes_of_now() {
    static WATCHED: std::sync::Once = std::sync::Once::new();
    WATCHED.call_once(|| {
        let modes = Modes::now();
        std::thread::spawn(move || watch(&modes));
    });
}

#[cfg(unix)]
fn watch(modes: &Modes) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    const ENDED: i32 = 130;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut terminate, mut hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
        let mut quit = signal(SignalKind::quit())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
            _ = quit.recv() => {}
        }
        io::Result::Ok(())
    })?;
    modes.put_back();
    std::process::exit(ENDED)
}

#[cfg(not(unix))]
fn watch(_: &Modes) -> io::Result<()> {
    Ok(())
}
