//! The real client in a pseudo-terminal, its screen read back by a terminal emulator: type, press, wait until the screen
//! shows what it should. A wait that fails prints the screen.

use std::{
    ffi::OsStr,
    fmt,
    io::{Read, Write},
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

use super::DEADLINE;

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    shown: Arc<Shown>,
}

/// What the reading thread fills.
struct Shown {
    face: Mutex<Face>,
    changed: Condvar,
}

struct Face {
    parser: Parser,
    /// Every byte the client wrote.
    raw: Vec<u8>,
    ended: bool,
}

impl Terminal {
    pub fn open(
        program: &OsStr,
        arguments: &[&str],
        environment: &[(String, String)],
        folder: &Path,
        (columns, rows): (u16, u16),
    ) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        environment.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(folder);
        let child = pair.slave.spawn_command(command).unwrap();
        let face = Face { parser: parser(columns, rows), raw: Vec::new(), ended: false };
        let shown = Arc::new(Shown { face: Mutex::new(face), changed: Condvar::new() });
        let (reader, filled) = (pair.master.try_clone_reader().unwrap(), shown.clone());
        std::thread::spawn(move || filled.read(reader));
        Self { child, writer: pair.master.take_writer().unwrap(), master: pair.master, shown }
    }

    /// Waits until the screen shows this text on one line.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Self {
        self.until(&format!("{text:?} on it"), |screen| screen.contains(text))
    }

    #[track_caller]
    pub fn no_longer_sees(&mut self, text: &str) -> &mut Self {
        self.until(&format!("no {text:?} on it"), |screen| !screen.contains(text))
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub fn until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> &mut Self {
        self.wait(what, |face| holds(&face.parser.screen().contents()));
        self
    }

    /// Waits until the emulator is as wanted: cells, modes, cursor.
    #[track_caller]
    pub fn until_screen(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        self.wait(what, |face| holds(face.parser.screen()));
        self
    }

    #[track_caller]
    fn wait(&self, what: &str, holds: impl Fn(&Face) -> bool) {
        let start = Instant::now();
        let mut face = self.shown.lock();
        while !holds(&face) {
            let left = DEADLINE.saturating_sub(start.elapsed());
            let hopeless = left.is_zero() || face.ended;
            assert!(!hopeless, "the screen was to have {what}, and is (ended: {}):\n{}", face.ended, picture(&face));
            face = self.shown.changed.wait_timeout(face, left.min(Duration::from_secs(1))).unwrap().0;
        }
    }

    /// Types text, as from a keyboard.
    pub fn types(&mut self, text: &str) -> &mut Self {
        self.sends(text.as_bytes())
    }

    /// Presses keys by name, such as `enter`, `ctrl-k`, `alt-a`, `f3`, `up`.
    #[track_caller]
    pub fn presses(&mut self, keys: &[&str]) -> &mut Self {
        keys.iter().for_each(|key| {
            self.sends(&bytes(key));
        });
        self
    }

    /// Types a line and presses enter.
    pub fn enters(&mut self, line: &str) -> &mut Self {
        self.types(line).presses(&["enter"])
    }

    /// Pastes, as terminals do it.
    pub fn pastes(&mut self, text: &str) -> &mut Self {
        self.sends(format!("\x1b[200~{text}\x1b[201~").as_bytes())
    }

    pub fn sends(&mut self, bytes: &[u8]) -> &mut Self {
        self.writer.write_all(bytes).unwrap();
        self.writer.flush().unwrap();
        self
    }

    pub fn resizes(&mut self, columns: u16, rows: u16) -> &mut Self {
        let to = size(columns, rows);
        self.shown.lock().parser.set_size(to.rows.try_into().unwrap(), to.cols.try_into().unwrap());
        self.master.resize(to).unwrap();
        self
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        self.shown.lock().parser.screen().contents()
    }

    /// The screen with its cells and colours.
    pub fn cells(&self) -> vt100::Screen {
        self.shown.lock().parser.screen().clone()
    }

    /// Every byte that reached the terminal so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shown.lock().raw.clone()
    }

    /// Waits for the client's end, and for its last words.
    #[track_caller]
    pub fn ends(&mut self) -> u32 {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < DEADLINE, "the client did not end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut face = self.shown.lock();
        while !face.ended && start.elapsed() < DEADLINE {
            face = self.shown.changed.wait_timeout(face, Duration::from_secs(1)).unwrap().0;
        }
        status.exit_code()
    }

    /// Sends a signal by its name.
    pub fn signals(&mut self, signal: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
    }

    /// Waits until it is stopped, as a shell stops what runs in it.
    #[track_caller]
    pub fn is_put_aside(&self) {
        let status = format!("/proc/{}/stat", self.child.process_id().unwrap());
        let stopped = || std::fs::read_to_string(&status).is_ok_and(|status| status.contains(") T "));
        super::eventually("it is put aside", stopped);
    }

    /// Ends it without asking, as a power cut does.
    pub fn dies(mut self) {
        self.signals("KILL");
        self.ends();
    }

    /// Whether the terminal is as a shell wants it: main screen, cursor there, no mouse, no paste marks, echo on.
    #[track_caller]
    pub fn is_given_back(&self, when: &str) {
        let screen = self.cells();
        assert!(!screen.alternate_screen(), "the alternate screen was left on {when}");
        assert!(!screen.hide_cursor(), "the cursor was left hidden {when}");
        assert!(!screen.bracketed_paste(), "bracketed paste was left on {when}");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse was left captured {when}");
        let modes = self.master.get_termios().expect("a pty has modes");
        let format = format!("{:?}", modes.local_flags);
        assert!(format.contains("ECHO") && format.contains("ICANON"), "raw mode was left on {when}: {format}");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&picture(&self.shown.lock()))
    }
}

impl Shown {
    fn lock(&self) -> MutexGuard<'_, Face> {
        self.face.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn read(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = reader.read(&mut buffer).unwrap_or(0);
            let mut face = self.lock();
            face.ended = count == 0;
            face.raw.extend_from_slice(&buffer[..count]);
            face.parser.process(&buffer[..count]);
            self.changed.notify_all();
            if face.ended {
                return;
            }
        }
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn parser(columns: u16, rows: u16) -> Parser {
    Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0)
}

fn picture(face: &Face) -> String {
    let lines = face.parser.screen().contents();
    lines.lines().map(|line| format!("  | {line}\n")).collect()
}

/// What a keyboard sends for a key.
fn bytes(key: &str) -> Vec<u8> {
    if let Some(rest) = key.strip_prefix("alt-").filter(|rest| !rest.is_empty()) {
        return [b"\x1b".to_vec(), bytes(rest)].concat();
    }
    if let Some(letter) = key.strip_prefix("ctrl-").filter(|rest| rest.len() == 1) {
        return vec![letter.as_bytes()[0] & 0x1f];
    }
    let text = match key {
        "enter" => "\r",
        "esc" => "\x1b",
        "tab" => "\t",
        "shift-tab" => "\x1b[Z",
        "space" => " ",
        "backspace" => "\x7f",
        "delete" => "\x1b[3~",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "pageup" => "\x1b[5~",
        "pagedown" => "\x1b[6~",
        "f1" => "\x1bOP",
        "f2" => "\x1bOQ",
        "f3" => "\x1bOR",
        "f4" => "\x1bOS",
        key if key.chars().count() == 1 => key,
        key => panic!("no key is called {key:?}"),
    };
    text.as_bytes().to_vec()
}
