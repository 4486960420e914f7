//! What takes apart bytes of others here, each as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it.

use bytes::Bytes;
use titan_core::parsers::{Parser, text};

use super::command::Command;
use super::file_names;
use super::reading::{Piece, Reading};

pub const PARSERS: &[Parser] = &[("slash_command", command), ("slash_reads", reads), ("slash_lines", lines)];

fn command(bytes: &[u8]) {
    let _ = Command::read(&text(bytes));
    let _ = file_names::id_in(&text(bytes));
}

/// Reads of the size that the first byte says, each with a pause behind it where that byte is odd.
fn reads(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else { return };
    let pieces = pieces(bytes.chunks(usize::from(*how).max(1)), how % 2 == 1);
    let (mut announced, mut came) = (0_u64, 0_u64);
    for piece in pieces {
        match piece {
            Piece::Upload { size, .. } => announced = announced.saturating_add(size),
            Piece::Bytes(bytes) => came += bytes.len() as u64,
            Piece::Command(_) | Piece::NotText | Piece::TooLong => {}
        }
    }
    assert!(came <= announced, "no file is longer than it was said to be");
}

/// In lines it makes no difference how their bytes come.
fn lines(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else { return };
    let first: &[u8] = b"/help\n";
    let whole = joined(pieces([first, bytes].into_iter(), false));
    let cut = [first].into_iter().chain(bytes.chunks(usize::from(*how).max(1)));
    assert_eq!(joined(pieces(cut, false)), whole, "how bytes are split changes nothing");
}

fn pieces<'a>(reads: impl Iterator<Item = &'a [u8]>, pausing: bool) -> Vec<Piece> {
    let mut reading = Reading::default();
    let mut pieces = Vec::new();
    for read in reads.filter(|read| !read.is_empty()) {
        if !reading.has_room() {
            break;
        }
        reading.put(Bytes::copy_from_slice(read));
        pieces.extend(std::iter::from_fn(|| reading.piece()));
        if pausing && reading.patience().is_some() {
            reading.hush();
            pieces.extend(std::iter::from_fn(|| reading.piece()));
        }
    }
    reading.put(Bytes::new());
    pieces.extend(std::iter::from_fn(|| reading.piece()));
    pieces
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
