//! The loop: an event, `update`, its effects, a frame.
//!
//! Keys draw at once. What the network brings is gathered and drawn at most thirty times a second. While nothing happens
//! nothing wakes: there is a timer only while something on the screen changes by itself.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use ratatui::{Terminal, backend::Backend};
use titan_core::{Time, client::KnownServers};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{Host, Runner};
use crate::{
    app::{
        effect::Effect,
        event::Event,
        state::{Link, Screen as View, ServerInfo, State},
        update::{farewell, update},
    },
    credentials::Folders,
    panes::{self, LineCache},
    settings::Settings,
    terminal::{
        self, Screen, keyboard,
        signals::{self, Signals, Told},
    },
    theme::Themes,
    words,
};

/// Between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(33);
/// Events taken in before a frame is due again.
const GATHERED: usize = 256;

/// How to begin.
pub struct Start {
    pub folders: Folders,
    pub settings: Settings,
    /// The colours for this time, whatever is set.
    pub theme: Option<String>,
    pub themes: Themes,
    /// What was wrong with the settings file.
    pub troubles: Vec<String>,
    /// The server to go to; none opens the wizard.
    pub server: Option<ServerInfo>,
    /// Whose login to use, where there are several; on a fresh server of one's own, the name to take.
    pub username: Option<String>,
    pub host: Option<Host>,
    pub known: KnownServers,
    /// Nothing needs to be encrypted on the way to another machine.
    pub plaintext: bool,
    /// Lines instead of a screen.
    pub plain: bool,
}

type Out = Terminal<Screen<io::Stdout>>;

/// Opens the screen, or the linear mode, and runs until the person leaves.
pub async fn run(start: Start) -> anyhow::Result<()> {
    if start.plain {
        return Box::pin(session(None, start)).await;
    }
    let mut terminal = Terminal::new(terminal::enter(start.settings.mouse)?)?;
    let result = Box::pin(session(Some(&mut terminal), start)).await;
    terminal::restore();
    result
}

async fn session(terminal: Option<&mut Out>, start: Start) -> anyhow::Result<()> {
    let size = match &terminal {
        Some(terminal) => terminal.size()?,
        None => ratatui::layout::Size { width: 80, height: 24 },
    };
    let mut state = State::new(start.settings, Time::now(), jiff::tz::TimeZone::system(), (size.width, size.height));
    state.themes = start.themes;
    state.worn = start.theme.unwrap_or(state.worn);
    state.theme = state.themes.theme(&state.worn);
    state.can_host = start.host.is_some();
    state.home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    state.downloads = state.settings.downloads.clone().unwrap_or_else(|| start.folders.downloads());
    if !start.troubles.is_empty() {
        state.complain(start.troubles.join(" "));
    }
    state.can_ask = !start.plain || io::stdin().is_terminal();
    let (runner, events) = Runner::new(start.folders, start.known, start.plaintext, start.host);
    runner.watch_host();
    let mut table = Table { state, runner, lines: LineCache::default(), terminal, over: false, gave_up: None };
    let begin = table.paint_what_is_known(start.server.as_ref(), start.username.as_deref());
    table.draw()?;
    table.run_effects(begin)?;
    let connecting = table.connect(start.server, start.username);
    table.run_effects(connecting)?;
    let ended = match table.terminal.is_some() {
        true => table.serve(events).await,
        false => table.converse(events).await,
    };
    let leaving = farewell(&mut table.state);
    table.run_effects(leaving)?;
    if table.terminal.is_some() {
        terminal::restore();
    }
    table.runner.close().await;
    match table.gave_up {
        Some(why) => ended.and(Err(anyhow::Error::msg(why))),
        None => ended,
    }
}

/// What the loop works on; without a terminal to draw on in the linear mode.
pub(super) struct Table<'a> {
    pub(super) state: State,
    pub(super) runner: Runner,
    pub(super) over: bool,
    /// Why, where it is over against the person's will.
    gave_up: Option<String>,
    lines: LineCache,
    terminal: Option<&'a mut Out>,
}

impl Table<'_> {
    /// Fills the state from the cache, before anything is asked of the network.
    fn paint_what_is_known(&mut self, server: Option<&ServerInfo>, username: Option<&str>) -> Vec<Effect> {
        let Some(server) = server else { return vec![] };
        self.state.server = Some(server.clone());
        self.state.screen = View::Chat;
        self.state.link = Link::Connecting;
        let Some(kept) = self.runner.login_at(server, username) else { return vec![] };
        match self.runner.open_cache(server, &kept.username) {
            Ok(restored) => update(&mut self.state, Event::Restored(Box::new(restored))),
            Err(trouble) => update(&mut self.state, Event::Said(Err(trouble))),
        }
    }

    fn connect(&mut self, server: Option<ServerInfo>, username: Option<String>) -> Vec<Effect> {
        let Some(server) = server else { return vec![] };
        if server.hosted {
            let name = username.or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "me".to_owned());
            self.runner.go_solo(name);
            return vec![];
        }
        let kept = self.runner.login_at(&server, username.as_deref());
        let resumed = kept.map(|kept| self.runner.resume(&server, &kept));
        match resumed {
            Some(Ok(())) => vec![],
            Some(Err(trouble)) => update(&mut self.state, Event::Said(Err(trouble))),
            None => {
                let effects = update(&mut self.state, Event::Link(Link::Ended { why: String::new() }));
                let _ = self.draw();
                effects
            }
        }
    }

    async fn serve(&mut self, mut events: mpsc::Receiver<Event>) -> anyhow::Result<()> {
        let mut inputs = keyboard::read();
        let mut signals = Signals::new()?;
        let mut frame_due: Option<Instant> = None;
        let mut drawn_at = Instant::now();
        while !self.over {
            let wake = self.state.wake_at().map(instant_of);
            tokio::select! {
                biased;
                input = inputs.recv() => match input {
                    Some(input) => {
                        self.take(input)?;
                        while let Ok(input) = inputs.try_recv() {
                            self.take(input)?;
                        }
                        frame_due = None;
                        self.draw()?;
                        drawn_at = Instant::now();
                    }
                    None => self.over = true,
                },
                () = at(frame_due), if frame_due.is_some() => {
                    frame_due = None;
                    self.draw()?;
                    drawn_at = Instant::now();
                }
                Some(event) = events.recv() => {
                    self.take(event)?;
                    for _ in 0..GATHERED {
                        let Ok(event) = events.try_recv() else { break };
                        self.take(event)?;
                    }
                    frame_due.get_or_insert(drawn_at + FRAME);
                }
                () = at(wake), if wake.is_some() => {
                    self.take(Event::Tick)?;
                    frame_due.get_or_insert(drawn_at + FRAME);
                }
                told = signals.told() => self.heed(told)?,
            }
        }
        Ok(())
    }

    fn heed(&mut self, told: Told) -> anyhow::Result<()> {
        match told {
            Told::End => self.over = true,
            Told::Stop => {
                terminal::restore();
                signals::stop_here();
            }
            Told::GoOn => self.take_up_again()?,
            Told::Resize => {
                let Some(terminal) = self.terminal.as_mut() else { return Ok(()) };
                let size = terminal.backend().size()?;
                self.take(Event::Resize(size.width, size.height))?;
                self.draw()?;
            }
        }
        Ok(())
    }

    /// A shell had the terminal meanwhile, and left it as shells want it.
    fn take_up_again(&mut self) -> anyhow::Result<()> {
        let mouse = self.state.settings.mouse;
        let Some(terminal) = self.terminal.as_mut() else { return Ok(()) };
        terminal.backend_mut().take_up_again(mouse)?;
        let size = terminal.backend().size()?;
        terminal.clear()?;
        self.take(Event::Resize(size.width, size.height))?;
        Ok(self.draw()?)
    }

    fn take(&mut self, event: Event) -> anyhow::Result<()> {
        self.state.now = Time::now();
        let effects = update(&mut self.state, event);
        self.run_effects(effects)
    }

    fn run_effects(&mut self, effects: Vec<Effect>) -> anyhow::Result<()> {
        effects.into_iter().try_for_each(|effect| self.run_effect(effect))
    }

    pub(super) fn give_up(&mut self, why: String) {
        self.over = true;
        self.gave_up = Some(why);
    }

    fn run_effect(&mut self, effect: Effect) -> anyhow::Result<()> {
        match (effect, self.terminal.as_mut()) {
            (Effect::Quit, _) => self.over = true,
            (Effect::GiveUp(why), _) => self.give_up(why),
            (Effect::Redraw, Some(terminal)) => terminal.clear()?,
            (Effect::Bell, Some(terminal)) => terminal.backend_mut().bell(),
            (Effect::Mouse(on), Some(terminal)) => terminal.backend_mut().mouse(on)?,
            (Effect::Copy(text), Some(terminal)) => {
                terminal.backend_mut().copy(&text)?;
                self.state.say(words::COPIED);
            }
            (effect, _) => self.runner.run(effect),
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let Some(terminal) = self.terminal.as_mut() else { return Ok(()) };
        let mut drawn = None;
        terminal.draw(|frame| drawn = Some(panes::view(frame, &self.state, &mut self.lines)))?;
        self.state.drawn = drawn.unwrap_or_default();
        Ok(())
    }
}

pub(super) async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// The moment on the monotonic clock for one on the wall's, at least a little ahead so that no clock can make it spin.
pub(super) fn instant_of(time: Time) -> Instant {
    let ahead = (time.0 - Time::now().0).clamp(10, 60_000);
    Instant::now() + Duration::from_millis(ahead as u64)
}
