//! From bytes to what people sent. Pure: bytes are put in, and time, as "nothing came for a while".
//!
//! A client that ends its first command with a newline is in *line mode* from then on: a command is a line. One that
//! doesn't is in *raw mode*: what one read brings is one command. After an upload's words come its bytes, in whatever
//! pieces. Held are at most [`HELD_MOST`] bytes: beyond it the connection reads no more until some are taken out.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio_tungstenite::tungstenite::protocol::frame::Utf8Bytes;

use super::announced::{Announced, announced, announced_by_line, may_announce};
use super::command::{begins_a_command, names_a_command};
use titan_door::lines::{LINE_MOST, Line, LineBuffer};

/// Read at once. In raw mode a read that is full is part of something longer than a command may be.
pub const READ_MOST: usize = LINE_MOST;
/// Bytes that may wait here: of commands while one is done, and of an upload whose size can't be told yet.
const HELD_MOST: usize = 512 * 1024;
/// Reads that may wait here.
const READS_MOST: usize = 1_024;
/// A first command without a newline is one of raw mode when nothing more has come for so long.
const MODE_QUIET: Duration = Duration::from_millis(50);
/// An upload's words are whole when nothing more has come for so long.
const UPLOAD_QUIET: Duration = Duration::from_millis(500);
/// What comes of a file that nobody takes is over when nothing more has come for so long.
const SPILL_QUIET: Duration = Duration::from_secs(2);
/// A command in its place is no longer than this: a file comes in larger pieces.
const SPILLED_COMMAND_MOST: usize = 1_024;
/// Something too long is over when nothing more has come for so long.
const LONG_QUIET: Duration = Duration::from_millis(100);

/// One thing that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Command(Utf8Bytes),
    NotText,
    TooLong,
    /// A file follows, of `size` bytes; `what` is room and path.
    Upload {
        what: String,
        size: u64,
    },
    /// Bytes of the file.
    Bytes(Bytes),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The first command is not whole yet.
    #[default]
    Unknown,
    Line,
    Raw,
}

#[derive(Default)]
pub struct Reading {
    mode: Mode,
    /// What reads brought, each by itself, while not in line mode. Bounds: [`HELD_MOST`], [`READS_MOST`].
    reads: VecDeque<Bytes>,
    lines: LineBuffer,
    /// Bytes of an upload still to come.
    coming: u64,
    /// A file was announced that nobody takes: what comes of it is dropped.
    spilling: bool,
    /// Something too long has been reported; what belongs to it is dropped.
    skipping: bool,
    /// Nothing has come for [`Self::patience`].
    quiet: bool,
    ended: bool,
}

impl Reading {
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether more may be put in.
    pub fn has_room(&self) -> bool {
        self.held() < HELD_MOST && self.reads.len() < READS_MOST
    }

    /// Takes in what one read brought; nothing is its end.
    pub fn put(&mut self, read: Bytes) {
        self.quiet = false;
        self.ended |= read.is_empty();
        match self.mode {
            Mode::Line => self.lines.space(read.len()).extend_from_slice(&read),
            _ if self.skipping || read.is_empty() => {}
            _ => self.reads.push_back(read),
        }
    }

    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// How long to wait before [`Self::hush`], where that would tell something.
    pub fn patience(&self) -> Option<Duration> {
        match self.mode {
            _ if self.quiet || self.coming > 0 => None,
            _ if self.spilling => Some(SPILL_QUIET),
            Mode::Line => None,
            Mode::Raw if self.skipping => Some(LONG_QUIET),
            _ if self.reads.is_empty() => None,
            Mode::Unknown => Some(MODE_QUIET),
            Mode::Raw => Some(UPLOAD_QUIET),
        }
    }

    /// Nothing has come for a while.
    pub fn hush(&mut self) {
        self.quiet = true;
        self.skipping = false;
        self.spilling = false;
    }

    /// Waits for no more of the file that was announced. Where some of it comes all the same, that is no command.
    pub fn let_go(&mut self) {
        self.coming = 0;
        self.quiet = false;
        self.spilling = true;
    }

    /// The next thing that came whole. To be asked until there is none.
    pub fn piece(&mut self) -> Option<Piece> {
        if self.mode == Mode::Unknown {
            self.mode = self.find_mode()?;
        }
        if self.coming > 0 {
            return self.bytes();
        }
        if self.spilling && !self.spilled() {
            return None;
        }
        match self.mode {
            Mode::Line => self.line(),
            _ => self.read(),
        }
    }

    /// Whether the file that nobody takes is over: what has come is commands, and nothing else.
    fn spilled(&mut self) -> bool {
        let come = match self.mode {
            Mode::Line => instead_of_a_file(self.lines.peek()),
            _ => self.reads.iter().map(|read| is_a_command(read)).fold(Instead::Nothing, Instead::and),
        };
        match come {
            Instead::Commands => self.spilling = false,
            Instead::Nothing => {}
            Instead::Bytes => {
                self.lines.take(usize::MAX);
                self.reads.clear();
            }
        }
        !self.spilling
    }

    fn find_mode(&mut self) -> Option<Mode> {
        if self.reads.iter().any(|read| read.contains(&b'\n')) {
            for read in self.reads.drain(..) {
                self.lines.space(read.len()).extend_from_slice(&read);
            }
            return Some(Mode::Line);
        }
        (self.quiet || self.ended || self.held() >= READ_MOST).then_some(Mode::Raw)
    }

    fn bytes(&mut self) -> Option<Piece> {
        let most = usize::try_from(self.coming).unwrap_or(usize::MAX);
        let bytes = match self.mode {
            Mode::Line => self.lines.take(most),
            _ => self.take_read(most)?,
        };
        self.coming -= bytes.len() as u64;
        (!bytes.is_empty()).then_some(Piece::Bytes(bytes))
    }

    fn take_read(&mut self, most: usize) -> Option<Bytes> {
        let mut read = self.reads.pop_front()?;
        let bytes = read.split_to(read.len().min(most));
        if !read.is_empty() {
            self.reads.push_front(read);
        }
        Some(bytes)
    }

    fn line(&mut self) -> Option<Piece> {
        let line = match self.lines.line() {
            None if self.ended => self.lines.rest(),
            line => line,
        };
        Some(match line? {
            Line::NotText => Piece::NotText,
            Line::TooLong => Piece::TooLong,
            Line::Text(text) => match announced_by_line(&text) {
                Some((what, size)) => self.upload(what, size),
                None => Piece::Command(text),
            },
        })
    }

    /// What one read brought, but for uploads, whose words may come in several, and their bytes behind them in the same.
    fn read(&mut self) -> Option<Piece> {
        if self.skipping {
            self.reads.clear();
        }
        let first = self.reads.front()?;
        if may_announce(first) {
            return self.announced();
        }
        if first.len() >= READ_MOST {
            self.reads.clear();
            self.skipping = true;
            return Some(Piece::TooLong);
        }
        self.reads.pop_front().map(command)
    }

    fn announced(&mut self) -> Option<Piece> {
        let commands_behind = self.gather();
        let bytes = self.reads.front()?.clone();
        let settled = self.quiet || self.ended || commands_behind || bytes.len() >= HELD_MOST;
        match announced(&bytes, settled) {
            Announced::Unsure => None,
            Announced::Unsized => self.reads.pop_front().map(command),
            Announced::Sized { what, size, head } => {
                self.take_read(head);
                Some(self.upload(what, size))
            }
        }
    }

    /// Puts reads together, up to one that is another command; whether there is such a one.
    fn gather(&mut self) -> bool {
        let mut gathered = BytesMut::new();
        while let Some(read) = self.reads.pop_front() {
            let settled = !gathered.is_empty() && announced(&gathered, true) == Announced::Unsized;
            if settled && names_a_command(&read) && !may_announce(&read) {
                self.reads.push_front(read);
                self.reads.push_front(gathered.freeze());
                return true;
            }
            gathered.extend_from_slice(&read);
        }
        self.reads.push_back(gathered.freeze());
        false
    }

    fn upload(&mut self, what: String, size: u64) -> Piece {
        self.coming = size;
        Piece::Upload { what, size }
    }

    fn held(&self) -> usize {
        self.lines.held() + self.reads.iter().map(Bytes::len).sum::<usize>()
    }
}

/// What has come where a file was announced that nobody takes.
#[derive(Clone, Copy)]
enum Instead {
    Nothing,
    Commands,
    /// Some of the file.
    Bytes,
}

impl Instead {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bytes, _) | (_, Self::Bytes) => Self::Bytes,
            (Self::Nothing, Self::Nothing) => Self::Nothing,
            _ => Self::Commands,
        }
    }
}

/// In line mode: however many lines lie about, each must be a command. The last one may not be whole yet.
fn instead_of_a_file(bytes: &[u8]) -> Instead {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let begun = match lines.next_back().unwrap_or_default() {
        begun if begins_a_command(begun) => Instead::Nothing,
        _ => Instead::Bytes,
    };
    lines.filter(|line| !line.trim_ascii().is_empty()).map(is_a_command).fold(begun, Instead::and)
}

fn is_a_command(bytes: &[u8]) -> Instead {
    match names_a_command(bytes) && bytes.len() <= SPILLED_COMMAND_MOST {
        true => Instead::Commands,
        false => Instead::Bytes,
    }
}

fn command(read: Bytes) -> Piece {
    Utf8Bytes::try_from(read).map_or(Piece::NotText, Piece::Command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What comes of these reads, each put in by itself, and then the end.
    fn pieces(reads: &[&[u8]]) -> Vec<Piece> {
        let mut reading = Reading::default();
        let mut pieces = Vec::new();
        for read in reads {
            reading.put(Bytes::copy_from_slice(read));
            pieces.extend(std::iter::from_fn(|| reading.piece()));
        }
        reading.put(Bytes::new());
        pieces.extend(std::iter::from_fn(|| reading.piece()));
        joined(pieces)
    }

    /// The same once the first read has settled the mode.
    fn raw(reads: &[&[u8]]) -> Vec<Piece> {
        let mut reading = Reading::default();
        reading.put(Bytes::from_static(b"/whoami"));
        assert_eq!(reading.patience(), Some(MODE_QUIET));
        reading.hush();
        assert_eq!(reading.piece(), Some(said("/whoami")));
        let mut pieces = Vec::new();
        for read in reads {
            reading.put(Bytes::copy_from_slice(read));
            pieces.extend(std::iter::from_fn(|| reading.piece()));
        }
        reading.hush();
        pieces.extend(std::iter::from_fn(|| reading.piece()));
        joined(pieces)
    }

    /// Bytes that follow each other as one piece.
    fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
        let mut whole: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (whole.last_mut(), piece) {
                (Some(Piece::Bytes(before)), Piece::Bytes(more)) => *before = [&before[..], &more].concat().into(),
                (_, piece) => whole.push(piece),
            }
        }
        whole
    }

    fn said(text: &str) -> Piece {
        Piece::Command(text.into())
    }

    fn file(what: &str, bytes: &[u8]) -> [Piece; 2] {
        [Piece::Upload { what: what.to_owned(), size: bytes.len() as u64 }, Piece::Bytes(Bytes::copy_from_slice(bytes))]
    }

    #[test]
    fn a_first_command_with_a_newline_is_line_mode() {
        assert_eq!(
            pieces(&[b"/login ada pw\r\n/join x\n/who", b"ami"]),
            ["/login ada pw", "/join x", "/whoami"].map(said)
        );
        let bytes: Vec<&[u8]> = b"/login ada pw\n/join x\n".chunks(1).collect();
        assert_eq!(pieces(&bytes), ["/login ada pw", "/join x"].map(said));
        assert_eq!(pieces(&[b"/login ada \xff\n/help\n"]), [Piece::NotText, said("/help")]);
        let long = vec![b'x'; 100_000];
        assert_eq!(pieces(&[b"/help\n", &long, &long, b"\n/help\n"]), [said("/help"), Piece::TooLong, said("/help")]);
    }

    #[test]
    fn without_one_each_read_is_a_command() {
        assert_eq!(
            raw(&[b"/join x", b"/message two\nlines", b"\xff"]),
            [said("/join x"), said("/message two\nlines"), Piece::NotText]
        );
        assert_eq!(pieces(&[b"/login ada pw"]), [said("/login ada pw")]);
        let long = vec![b'x'; READ_MOST];
        assert_eq!(raw(&[&long, &long, b"the rest"]), [Piece::TooLong]);
    }

    #[test]
    fn an_uploads_bytes_are_no_commands() {
        let [begins, bytes] = file("r p", b"/quit\n/q");
        assert_eq!(
            pieces(&[b"/help\n/upload r p 8\n/quit\n/q/help\n"]),
            [said("/help"), begins.clone(), bytes.clone(), said("/help")]
        );
        assert_eq!(raw(&[b"/upload r p/upload r p 8/quit\n/q"]), [begins.clone(), bytes.clone()]);
        assert_eq!(raw(&[b"/upload r p", b"/upload r p 8", b"/quit\n", b"/q/help"]), [begins, bytes, said("/help")]);
        assert_eq!(raw(&[b"/upload r p", b"/help"]), [said("/upload r p"), said("/help")]);
        // A path may be cut before any of its slashes.
        let [begins, bytes] = file("r a/p", b"xyz");
        assert_eq!(raw(&[b"/upload r a", b"/p 3xyz"]), [begins, bytes]);
        assert_eq!(raw(&[b"/upload r p 0"]), [Piece::Upload { what: "r p".to_owned(), size: 0 }]);
    }

    #[test]
    fn a_file_that_nobody_takes_is_not_waited_for_and_none_of_it_is_a_command() {
        for line in [true, false] {
            let end = if line { "\n" } else { "" };
            let bytes = |text: &str| Bytes::from(format!("{text}{end}"));
            let announce = || {
                let mut reading = Reading::default();
                reading.put(bytes("/help"));
                reading.hush();
                assert_eq!(reading.piece(), Some(said("/help")));
                reading.put(bytes("/upload r p 99000000000000"));
                reading.hush();
                assert!(matches!(reading.piece(), Some(Piece::Upload { .. })));
                reading.let_go();
                reading
            };
            let mut reading = announce();
            assert_eq!((reading.piece(), reading.patience()), (None, Some(SPILL_QUIET)));
            reading.put(bytes("/whoami"));
            assert_eq!(reading.piece(), Some(said("/whoami")), "the next command is read at once");
            // Commands that lie about already, more than any one could be.
            let mut reading = announce();
            let pipelined: Vec<String> = (0..300).map(|number| format!("/message {number}")).collect();
            match line {
                true => reading.put(bytes(&pipelined.join("\n"))),
                false => pipelined.iter().for_each(|text| reading.put(bytes(text))),
            }
            let come: Vec<_> = std::iter::from_fn(|| reading.piece()).collect();
            assert_eq!(come, pipelined.iter().map(|text| said(text)).collect::<Vec<_>>());
            // A file's bytes, which begin as a command does and as none.
            for piece in [format!("/quit\n{}", "x".repeat(4_000)), "hello\n/quit\n".to_owned()] {
                let mut reading = announce();
                reading.put(Bytes::from(piece));
                assert_eq!(reading.piece(), None);
                reading.hush();
                reading.put(bytes("/help"));
                assert_eq!(reading.piece(), Some(said("/help")));
            }
        }
    }

    proptest! {
        #[test]
        fn a_file_comes_whole_wherever_it_is_cut(
            bytes in prop::collection::vec(any::<u8>(), 1..2_000),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
            twice: bool,
        ) {
            let first: &[u8] = if twice { b"/upload room a/b.txt" } else { b"" };
            let sent = [first, format!("/upload room a/b.txt {}", bytes.len()).as_bytes(), &bytes].concat();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| 2 + cut.index(sent.len() - 2)).collect();
            cuts.sort_unstable();
            let mut reads = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([sent.len()]).filter(|&cut| cut > 0) {
                if cut > from {
                    reads.push(&sent[from..cut]);
                    from = cut;
                }
            }
            prop_assert_eq!(raw(&reads), file("room a/b.txt", &bytes));
        }

        #[test]
        fn any_reads_are_taken(reads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 0..8)) {
            let reads: Vec<&[u8]> = reads.iter().map(Vec::as_slice).collect();
            pieces(&reads);
            raw(&reads);
        }
    }
}
