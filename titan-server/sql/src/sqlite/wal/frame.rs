//! Head and frames of a write-ahead log, and their sums.

use std::io::{self, Read};

/// The magic number; with its last bit the words of the sums are big-endian.
const MAGIC: u32 = 0x377f_0682;
/// The one version of the form there is.
const VERSION: u32 = 3_007_000;

/// The head of a log, which is as it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    big_endian: bool,
    pub page_size: usize,
    pub salts: [u8; 8],
    pub sum: (u32, u32),
}

/// One frame: a page, and what it was known by.
#[derive(Clone)]
pub(super) struct Frame {
    pub bytes: Vec<u8>,
}

impl Header {
    pub const SIZE: usize = 32;

    /// None unless it is right.
    pub fn read(bytes: &[u8; Self::SIZE]) -> Option<Self> {
        let magic = word(bytes, 0);
        let page_size = word(bytes, 8) as usize;
        let right = magic & !1 == MAGIC && word(bytes, 4) == VERSION;
        if !right || !(512..=65_536).contains(&page_size) || !page_size.is_power_of_two() {
            return None;
        }
        let salts = bytes[16..24].try_into().ok()?;
        let header = Self { big_endian: magic & 1 == 1, page_size, salts, sum: pair(bytes, 24) };
        (header.summed((0, 0), &bytes[..24]) == header.sum).then_some(header)
    }

    /// A head for frames whose own is lost.
    pub fn anew(page_size: usize, salts: [u8; 8]) -> (Self, [u8; Self::SIZE]) {
        let mut bytes = [0; Self::SIZE];
        bytes[..4].copy_from_slice(&MAGIC.to_be_bytes());
        bytes[4..8].copy_from_slice(&VERSION.to_be_bytes());
        bytes[8..12].copy_from_slice(&(page_size as u32).to_be_bytes());
        bytes[16..24].copy_from_slice(&salts);
        let mut header = Self { big_endian: false, page_size, salts, sum: (0, 0) };
        header.sum = header.summed((0, 0), &bytes[..24]);
        put(&mut bytes[24..], header.sum);
        (header, bytes)
    }

    /// The sum goes on from what came before.
    pub fn summed(&self, from: (u32, u32), bytes: &[u8]) -> (u32, u32) {
        bytes.chunks_exact(8).fold(from, |(one, other), chunk| {
            let (first, second) = self.words(chunk);
            let one = one.wrapping_add(first).wrapping_add(other);
            (one, other.wrapping_add(second).wrapping_add(one))
        })
    }

    fn words(&self, chunk: &[u8]) -> (u32, u32) {
        match self.big_endian {
            true => pair(chunk, 0),
            false => (word(chunk, 0).swap_bytes(), word(chunk, 4).swap_bytes()),
        }
    }
}

impl Frame {
    const HEAD: usize = 24;
    /// What of the head goes into the sum: the number of the page, and whether it commits.
    const SUMMED: usize = 8;

    pub fn of(page_size: usize) -> Self {
        Self { bytes: vec![0; Self::HEAD + page_size] }
    }

    /// Reads the next one over this; false where there is no whole one any more.
    pub fn read(&mut self, log: &mut impl Read) -> io::Result<bool> {
        Ok(fill(log, &mut self.bytes)? == self.bytes.len())
    }

    /// Whether SQLite would take it as the next.
    pub fn follows(&self, header: &Header, running: (u32, u32)) -> bool {
        self.page() != 0 && self.is_of(header) && self.summed(header, running) == self.sum()
    }

    /// Whether it has the salts of this log, and not those of one before.
    pub fn is_of(&self, header: &Header) -> bool {
        self.salts() == header.salts
    }

    /// Whether it ends a commit of this log.
    pub fn commits(&self, header: &Header) -> bool {
        self.is_of(header) && word(&self.bytes, 4) != 0
    }

    pub fn page(&self) -> u32 {
        word(&self.bytes, 0)
    }

    pub fn salts(&self) -> [u8; 8] {
        let mut salts = [0; 8];
        salts.copy_from_slice(&self.bytes[8..16]);
        salts
    }

    /// What is written in it as its sum.
    pub fn sum(&self) -> (u32, u32) {
        pair(&self.bytes, 16)
    }

    pub fn summed(&self, header: &Header, running: (u32, u32)) -> (u32, u32) {
        let head = header.summed(running, &self.bytes[..Self::SUMMED]);
        header.summed(head, &self.bytes[Self::HEAD..])
    }

    /// Whether all of it is right but for its salts, or for one bit of the rest.
    pub fn is_nearly_right(&self, header: &Header, running: (u32, u32)) -> bool {
        let summed = self.summed(header, running);
        match summed == self.sum() {
            true => self.page() != 0 && !self.is_of(header),
            false => {
                self.is_of(header) && (bits_apart(summed, self.sum()) == 1 || !self.flips(header, running).is_empty())
            }
        }
    }

    /// Each single bit of what is summed that may be the one that makes the sum wrong: which byte, and the bit in it. A bit
    /// of a word changes the sum by that power of two, times what each later step makes of it: found without trying them
    /// all out. High bits of several words may come to the same.
    pub fn flips(&self, header: &Header, running: (u32, u32)) -> Vec<(usize, u8)> {
        let (is, should) = (self.summed(header, running), self.sum());
        let wanted = (should.0.wrapping_sub(is.0), should.1.wrapping_sub(is.1));
        let mut flips = Vec::new();
        // What a change by one of the first and of the second word of a step has become at the end.
        let (mut first, mut second) = ((1u32, 1u32), (0u32, 1u32));
        for at in (Self::HEAD..self.bytes.len()).step_by(8).rev().chain([0]) {
            let words = header.words(&self.bytes[at..at + 8]);
            for (word, grown, offset) in [(words.0, first, 0), (words.1, second, 4)] {
                for bit in (0..32u32).filter(|bit| changes(word, *bit, grown) == wanted) {
                    let byte = if header.big_endian { 3 - bit / 8 } else { bit / 8 };
                    flips.push((at + offset + byte as usize, (bit % 8) as u8));
                }
            }
            (first, second) = (step(first), step(second));
        }
        flips
    }

    /// The page that it holds.
    pub fn content(&self) -> &[u8] {
        &self.bytes[Self::HEAD..]
    }

    pub fn flip(&mut self, (byte, bit): (usize, u8)) {
        self.bytes[byte] ^= 1 << bit;
    }

    /// Gives it the salts of this log.
    pub fn belongs_to(&mut self, header: &Header) {
        self.bytes[8..16].copy_from_slice(&header.salts);
    }

    /// Makes it the next of a log.
    pub fn take_place(&mut self, header: &Header, running: (u32, u32)) -> (u32, u32) {
        self.belongs_to(header);
        let sum = self.summed(header, running);
        put(&mut self.bytes[16..24], sum);
        sum
    }
}

/// By what the sum changes when a bit of a word is flipped, each change by one having grown to so much.
fn changes(word: u32, bit: u32, grown: (u32, u32)) -> (u32, u32) {
    let power = 1u32 << bit;
    let by = if word & power == 0 { power } else { power.wrapping_neg() };
    (grown.0.wrapping_mul(by), grown.1.wrapping_mul(by))
}

/// What a step of the sum, taking nothing in, makes of it.
fn step((one, other): (u32, u32)) -> (u32, u32) {
    let one = one.wrapping_add(other);
    (one, other.wrapping_add(one))
}

pub(super) fn bits_apart(one: (u32, u32), other: (u32, u32)) -> u32 {
    (one.0 ^ other.0).count_ones() + (one.1 ^ other.1).count_ones()
}

fn put(place: &mut [u8], sum: (u32, u32)) {
    place[..4].copy_from_slice(&sum.0.to_be_bytes());
    place[4..8].copy_from_slice(&sum.1.to_be_bytes());
}

fn pair(bytes: &[u8], at: usize) -> (u32, u32) {
    (word(bytes, at), word(bytes, at + 4))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Reads as much as there is, at most until the buffer is full.
pub(super) fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
