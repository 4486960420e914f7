//! The loop of the linear mode: lines in, lines out, the same state and effects as the screen's.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    time::Duration,
};

use titan_core::Time;
use tokio::{sync::mpsc, time::Instant};

use super::run::{Table, at, instant_of};
use crate::{
    app::{
        effect::Effect,
        event::Event,
        state::{Link, Screen},
        update::update,
    },
    plain::{self, Speaker},
    terminal::{
        hang_up,
        signals::{Modes, Signals},
    },
    words,
};

/// How long a pipe's first line waits for a room to say it in, and its end for what was said to arrive.
const PIPE_PATIENCE: Duration = Duration::from_secs(30);

/// Which kind of line is wanted.
enum Wanted {
    Line,
    Secret,
}

impl Table<'_> {
    /// Speaks until the person leaves, or the input ends.
    pub(super) async fn converse(&mut self, mut events: mpsc::Receiver<Event>) -> anyhow::Result<()> {
        let mut speaker = Speaker::default();
        let (want, mut lines) = read_lines();
        let mut waiting = false;
        // A person sees where they are before they type; a pipe's lines are there at once, and so is its end.
        let mut patience = (!io::stdin().is_terminal()).then(|| Instant::now() + PIPE_PATIENCE);
        let mut ended = false;
        let modes = Modes::now();
        let mut signals = Signals::new()?;
        let mut unread = std::pin::pin!(hang_up::output_unread());
        self.speak(&mut speaker, waiting)?;
        while !self.over {
            let patient = patience.filter(|until| *until > Instant::now());
            if ended && (patient.is_none() || self.on_its_way() == 0) {
                self.end_of_pipe();
                break;
            }
            let holds_back = patient.is_some() && !self.hears();
            if !waiting && !ended && !holds_back {
                waiting = true;
                self.ask(&want)?;
            }
            let wake = self.state.wake_at().map(instant_of);
            tokio::select! {
                line = lines.recv(), if waiting => match line {
                    Some(line) => {
                        waiting = false;
                        self.state.now = Time::now();
                        let effects = plain::hear(&mut self.state, &line);
                        self.run_plain(effects)?;
                    }
                    None if patience.is_none() => self.over = true,
                    None => {
                        (waiting, ended) = (false, true);
                        patience = Some(Instant::now() + PIPE_PATIENCE);
                    }
                },
                () = at(patient), if ended || holds_back => {}
                Some(event) = events.recv() => {
                    self.state.now = Time::now();
                    let effects = update(&mut self.state, event);
                    self.run_plain(effects)?;
                    while let Ok(event) = events.try_recv() {
                        let effects = update(&mut self.state, event);
                        self.run_plain(effects)?;
                    }
                }
                () = at(wake), if wake.is_some() => {
                    self.state.now = Time::now();
                    let effects = update(&mut self.state, Event::Tick);
                    self.run_plain(effects)?;
                }
                () = signals.told_to_end() => {
                    modes.put_back();
                    self.over = true;
                }
                () = &mut unread => self.over = true,
            }
            if !self.over {
                self.speak(&mut speaker, waiting)?;
            }
        }
        Ok(())
    }

    /// Whether a line would be heard where it belongs.
    fn hears(&self) -> bool {
        let begins = matches!(self.state.link, Link::Connecting | Link::Online);
        let nowhere =
            self.state.screen == Screen::Chat && self.state.overlays.is_empty() && self.state.open().is_none();
        !(begins && nowhere)
    }

    /// What was said and not yet confirmed or refused.
    fn on_its_way(&self) -> usize {
        let said = self.state.chat.logs.values().flat_map(|log| &log.pending);
        said.filter(|pending| pending.refused.is_none()).count()
    }

    /// Nothing more comes. What didn't arrive is an error to whoever wrote into the pipe.
    fn end_of_pipe(&mut self) {
        let said = self.state.chat.logs.values().flat_map(|log| &log.pending);
        let refused = said.filter_map(|pending| pending.refused.clone()).next();
        match (refused, self.on_its_way()) {
            (Some(why), _) => self.give_up(why),
            (None, 0) => self.over = true,
            (None, count) => self.give_up(words::not_arrived(count)),
        }
    }

    fn run_plain(&mut self, effects: Vec<Effect>) -> anyhow::Result<()> {
        for effect in effects {
            match effect {
                Effect::Quit => self.over = true,
                Effect::GiveUp(why) => self.give_up(why),
                Effect::Bell => say("\x07")?,
                Effect::Copy(text) => say(&format!("{text}\n"))?,
                effect => self.runner.run(effect),
            }
        }
        Ok(())
    }

    /// Says what is new; where a prompt waits already it is said again below.
    fn speak(&self, speaker: &mut Speaker, waiting: bool) -> io::Result<()> {
        let lines = speaker.say(&self.state);
        if lines.is_empty() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        if waiting {
            writeln!(out)?;
        }
        for line in lines {
            writeln!(out, "{line}")?;
        }
        if waiting {
            write!(out, "{}", plain::prompt(&self.state))?;
        }
        out.flush()
    }

    fn ask(&self, want: &std::sync::mpsc::SyncSender<Wanted>) -> io::Result<()> {
        say(&plain::prompt(&self.state))?;
        let wanted = if plain::is_secret(&self.state) { Wanted::Secret } else { Wanted::Line };
        want.send(wanted).map_err(|_| io::Error::other(words::INPUT_ENDED))
    }
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A thread that reads a line when one is wanted; a secret is not shown while it is typed.
fn read_lines() -> (std::sync::mpsc::SyncSender<Wanted>, mpsc::Receiver<String>) {
    // Nobody asks for a line before the last one has come, so one place is enough.
    let (want, wanted) = std::sync::mpsc::sync_channel(1);
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for wanted in wanted {
            let line = match wanted {
                Wanted::Secret => rpassword::read_password().ok(),
                Wanted::Line => {
                    let mut line = Vec::new();
                    let read = io::stdin().lock().read_until(b'\n', &mut line);
                    let line = String::from_utf8_lossy(&line);
                    read.ok().filter(|count| *count > 0).map(|_| line.trim_end_matches(['\r', '\n']).to_owned())
                }
            };
            let sent = line.map(|line| sender.blocking_send(line));
            if !matches!(sent, Some(Ok(()))) {
                return;
            }
        }
    });
    (want, receiver)
}
