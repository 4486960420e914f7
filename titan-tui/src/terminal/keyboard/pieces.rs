//! Cuts what a terminal sends into whole pieces: a letter, a key's sequence, a paste, an answer (ECMA-48, 5.4 and 5.6).
//!
//! Only whole pieces are looked at, so that it makes no difference how the bytes were cut up on their way. A lone ESC is the key
//! of that name once nothing has followed for a moment; where the rest of a sequence comes later still, it is taken for that
//! rest and not for typing: no hand presses `[` and `A` at once.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How long the rest of a sequence may take before what there is counts as a key.
const REST: Duration = Duration::from_millis(50);
/// How long after a lone ESC what looks like the rest of a sequence is taken for it; and how long an answer may stay unended.
const LATE: Duration = Duration::from_millis(1_000);
/// An answer that is longer is none.
const ANSWER_MOST: usize = 64 * 1024;
/// A paste whose end never comes is handed on in parts of this size.
const PASTE_MOST: usize = 8 * 1024 * 1024;

const ESC: u8 = 0x1b;
const BEL: u8 = 7;
const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// Something whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// What a key, the mouse or the focus sends.
    Key(Vec<u8>),
    Paste(Vec<u8>),
}

/// What stands at the beginning of the bytes.
enum Found {
    Key(usize),
    Paste {
        from: usize,
        to: usize,
        length: usize,
    },
    /// An answer, or what belongs to nothing: nobody is told.
    Nothing(usize),
    /// There must be more.
    Part,
}

#[derive(Default)]
pub struct Pieces {
    bytes: Vec<u8>,
    ready: VecDeque<Piece>,
    /// What was taken for a key, since nothing followed, and when.
    lone: Option<(Vec<u8>, Instant)>,
}

impl Pieces {
    pub fn pop(&mut self) -> Option<Piece> {
        self.ready.pop_front()
    }

    /// How long to wait for more before [`Pieces::time_is_up`]; for ever where nothing is begun.
    pub fn wait(&self) -> Option<Duration> {
        match self.bytes.len() {
            0 => None,
            _ if self.is_paste() || self.is_begun() || self.bytes[0] != ESC => Some(LATE),
            _ => Some(REST),
        }
    }

    pub fn take(&mut self, more: &[u8], now: Instant) {
        if let Some((begun, at)) = self.lone.take()
            && now.duration_since(at) < LATE
            && self.bytes.is_empty()
            && is_rest(&begun, more)
        {
            self.bytes = begun;
        }
        self.bytes.extend_from_slice(more);
        self.cut();
    }

    /// Nothing more came: what there is was all.
    pub fn time_is_up(&mut self, now: Instant) {
        if self.is_paste() || self.bytes.is_empty() {
            return;
        }
        if self.is_begun() {
            return self.bytes.clear();
        }
        self.lone = Some((self.bytes.clone(), now));
        self.key(self.bytes.len());
    }

    fn is_paste(&self) -> bool {
        self.bytes.starts_with(PASTE_BEGINS)
    }

    /// Whether more of a sequence stands there than a key with alt would be.
    fn is_begun(&self) -> bool {
        self.bytes.len() > 2 && self.bytes[0] == ESC && (self.bytes[1] == b'[' || is_introducer(self.bytes[1]))
    }

    fn cut(&mut self) {
        while !self.bytes.is_empty() {
            match found(&self.bytes) {
                Found::Key(length) => self.key(length),
                Found::Paste { from, to, length } => {
                    self.ready.push_back(Piece::Paste(self.bytes[from..to].to_vec()));
                    self.bytes.drain(..length);
                }
                Found::Nothing(length) => _ = self.bytes.drain(..length),
                Found::Part => return,
            }
        }
    }

    fn key(&mut self, length: usize) {
        self.ready.push_back(Piece::Key(self.bytes.drain(..length).collect()));
    }
}

/// Whether this is the rest of a sequence whose beginning was taken for a key. `ESC [` and `ESC O` begin so many that whatever goes on
/// like one is its rest.
fn is_rest(begun: &[u8], more: &[u8]) -> bool {
    match (begun, more) {
        ([ESC], [b'[' | b'O', _, ..]) => true,
        ([ESC], [second, third, _, ..]) => is_introducer(*second) && third.is_ascii_graphic(),
        ([ESC, b'['], [first, ..]) => (0x20..=0x7e).contains(first),
        ([ESC, b'O'], [first, ..]) => matches!(first, b'A'..=b'F' | b'H' | b'M' | b'P'..=b'S' | b'j'..=b'y'),
        ([ESC, second], [first, _, ..]) => is_introducer(*second) && first.is_ascii_graphic(),
        _ => false,
    }
}

fn found(bytes: &[u8]) -> Found {
    match bytes {
        [ESC] => Found::Part,
        [ESC, ESC, ..] => Found::Key(1),
        [ESC, b'[', ..] => control(bytes),
        [ESC, b'O'] => Found::Part,
        [ESC, b'O', key, ..] => {
            if key.is_ascii_graphic() {
                Found::Key(3)
            } else {
                Found::Key(2)
            }
        }
        [ESC, second, ..] if is_introducer(*second) => string(bytes),
        [ESC, rest @ ..] => match letter(rest) {
            Found::Key(length) => Found::Key(length + 1),
            other => other,
        },
        _ => letter(bytes),
    }
}

/// What begins a string that only terminals send: OSC, DCS, APC, PM, SOS.
fn is_introducer(second: u8) -> bool {
    matches!(second, b']' | b'P' | b'_' | b'^' | b'X')
}

/// A control sequence: parameters, intermediates, a final byte.
fn control(bytes: &[u8]) -> Found {
    if bytes.starts_with(PASTE_BEGINS) {
        return paste(bytes);
    }
    match bytes {
        // The Linux console's function keys, and the mouse as X10 has it.
        [_, _, b'['] => return Found::Part,
        [_, _, b'[', _, ..] => return Found::Key(4),
        [_, _, b'M', ..] => return if bytes.len() < 6 { Found::Part } else { Found::Key(6) },
        _ => {}
    }
    let parameters = bytes[2..].iter().take_while(|byte| (0x30..=0x3f).contains(*byte)).count();
    let between = bytes[2 + parameters..].iter().take_while(|byte| (0x20..=0x2f).contains(*byte)).count();
    let length = 2 + parameters + between;
    match bytes.get(length) {
        None if length > ANSWER_MOST => Found::Nothing(length),
        None => Found::Part,
        Some(0x40..=0x7e) if is_answer(&bytes[2..2 + parameters], between, bytes[length]) => Found::Nothing(length + 1),
        Some(0x40..=0x7e) => Found::Key(length + 1),
        // Broken off by something else.
        Some(_) => Found::Nothing(length),
    }
}

/// Answers have marks of their own, intermediates, or finals that no key has: attributes, places, sizes, states, modes.
fn is_answer(parameters: &[u8], between: usize, last: u8) -> bool {
    let marked = parameters.first().is_some_and(|first| matches!(first, b'?' | b'>' | b'='));
    marked || between > 0 || matches!(last, b'c' | b'n' | b't' | b'x' | b'y') || last == b'R' && !parameters.is_empty()
}

fn paste(bytes: &[u8]) -> Found {
    let from = PASTE_BEGINS.len();
    let end = bytes[from..].windows(PASTE_ENDS.len()).position(|window| window == PASTE_ENDS);
    match end {
        Some(end) => Found::Paste { from, to: from + end, length: from + end + PASTE_ENDS.len() },
        None if bytes.len() > PASTE_MOST => Found::Paste { from, to: bytes.len(), length: bytes.len() },
        None => Found::Part,
    }
}

/// A string up to BEL or ST.
fn string(bytes: &[u8]) -> Found {
    let end = bytes.iter().enumerate().skip(2).find_map(|(at, byte)| match *byte {
        BEL => Some(at + 1),
        ESC if bytes.get(at + 1) == Some(&b'\\') => Some(at + 2),
        // Something else begins, so this one was broken off.
        ESC if bytes.len() > at + 1 => Some(at),
        _ => None,
    });
    match end {
        Some(end) => Found::Nothing(end),
        None if bytes.len() > ANSWER_MOST => Found::Nothing(bytes.len()),
        None => Found::Part,
    }
}

fn letter(bytes: &[u8]) -> Found {
    let length = match bytes[0] {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Found::Nothing(1),
    };
    let rest = bytes[1..].iter().take(length - 1).take_while(|byte| (0x80..=0xbf).contains(*byte)).count();
    match 1 + rest {
        whole if whole == length => Found::Key(length),
        whole if whole == bytes.len() => Found::Part,
        broken => Found::Nothing(broken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What comes of bytes that arrive in such parts, each a moment after the last.
    fn heard(parts: &[&[u8]], pause: Option<Duration>) -> Vec<Piece> {
        let (mut pieces, mut heard, mut now) = (Pieces::default(), Vec::new(), Instant::now());
        for part in parts {
            pieces.take(part, now);
            if let (Some(pause), Some(wait)) = (pause, pieces.wait())
                && pause >= wait
            {
                pieces.time_is_up(now + wait);
            }
            now += pause.unwrap_or_default();
            heard.extend(std::iter::from_fn(|| pieces.pop()));
        }
        while pieces.wait().is_some() && !pieces.bytes.is_empty() && !pieces.is_paste() {
            pieces.time_is_up(now + LATE);
        }
        heard.extend(std::iter::from_fn(|| pieces.pop()));
        heard
    }

    fn keys(sequences: &[&str]) -> Vec<Piece> {
        sequences.iter().map(|sequence| Piece::Key(sequence.as_bytes().to_vec())).collect()
    }

    const ANSWERS: [&str; 14] = [
        "\x1b[?62;22c",
        "\x1b[>0;276;0c",
        "\x1b[=0c",
        "\x1b[12;40R",
        "\x1b[0n",
        "\x1b[?997;1n",
        "\x1b[?2026;2$y",
        "\x1b[?1u",
        "\x1b[8;24;80t",
        "\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
        "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
        "\x1bP>|tmux 3.3a\x1b\\",
        "\x1bP1+r544e=787465726d\x1b\\",
        "\x1b_Gi=31;OK\x1b\\",
    ];

    #[test]
    fn an_answer_is_no_key_wherever_it_is_cut() {
        for answer in ANSWERS {
            for at in 0..answer.len() {
                let (first, rest) = answer.as_bytes().split_at(at);
                assert_eq!(heard(&[b"a", first, rest, b"b"], None), keys(&["a", "b"]), "{answer:?} at {at}");
            }
            let single: Vec<&[u8]> = answer.as_bytes().chunks(1).collect();
            assert_eq!(heard(&single, None), [], "{answer:?} byte by byte");
        }
    }

    #[test]
    fn an_answer_that_dawdles_types_nothing() {
        for answer in ANSWERS {
            for at in 1..answer.len() {
                let (first, rest) = answer.as_bytes().split_at(at);
                let heard = heard(&[first, rest], Some(Duration::from_millis(200)));
                let typed = heard.iter().any(|piece| matches!(piece, Piece::Key(key) if key[0] != ESC));
                assert!(!typed, "{answer:?} cut at {at} typed {heard:?}");
            }
        }
    }

    #[test]
    fn a_key_that_dawdles_types_no_letters() {
        for key in
            ["\x1b[A", "\x1bOA", "\x1bOP", "\x1b[I", "\x1b[O", "\x1b[M !!", "\x1b[1;5C", "\x1b[3~", "\x1b[<0;3;4M"]
        {
            for at in 2..key.len() {
                let (first, rest) = key.as_bytes().split_at(at);
                let heard = heard(&[first, rest], Some(Duration::from_millis(200)));
                let typed = heard.iter().any(|piece| matches!(piece, Piece::Key(key) if key[0] != ESC));
                assert!(!typed, "{key:?} cut at {at} typed {heard:?}");
            }
        }
    }

    #[test]
    fn keys_are_keys() {
        for key in [
            "a",
            "é",
            "한",
            "👩",
            "\r",
            "\x03",
            "\x1b[A",
            "\x1bOP",
            "\x1b[1;5C",
            "\x1b[3~",
            "\x1b[[A",
            "\x1ba",
            "\x1bé",
            "\x1b[<0;3;4M",
            "\x1b[I",
            "\x1b[97;5u",
        ] {
            for at in 0..key.len() {
                let (first, rest) = key.as_bytes().split_at(at);
                assert_eq!(heard(&[first, rest], None), keys(&[key]), "{key:?} at {at}");
            }
        }
        assert_eq!(heard(&[b"\x1b"], None), keys(&["\x1b"]));
        assert_eq!(heard(&[b"\x1b", b"j"], Some(Duration::from_millis(80))), keys(&["\x1b", "j"]));
        assert_eq!(heard(&[b"\x1b]"], None), keys(&["\x1b]"]));
    }

    #[test]
    fn a_paste_is_whole_whatever_it_holds() {
        let paste = b"\x1b[200~one\rtwo \x1b]0;x\x07 \xff three\x1b[201~z".to_vec();
        let whole = vec![Piece::Paste(b"one\rtwo \x1b]0;x\x07 \xff three".to_vec()), Piece::Key(b"z".to_vec())];
        for at in 0..paste.len() {
            let (first, rest) = paste.split_at(at);
            assert_eq!(heard(&[first, rest], None), whole, "cut at {at}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_cut_alike_and_text_is_never_lost(text in "[a-zé한👩\\r ]{0,12}", at in 0usize..40, noise in proptest::collection::vec(any::<u8>(), 0..20)) {
            let at = at.min(text.len());
            let whole = heard(&[text.as_bytes()], None);
            let (first, rest) = text.as_bytes().split_at(at);
            prop_assert_eq!(&whole, &heard(&[first, rest], None));
            let said: Vec<u8> = whole.into_iter().flat_map(|piece| match piece { Piece::Key(key) | Piece::Paste(key) => key }).collect();
            prop_assert_eq!(said, text.as_bytes());
            heard(&[&noise], None);
        }
    }
}
