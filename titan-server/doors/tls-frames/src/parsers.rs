//! What takes apart bytes of others here, as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it.

use bytes::BytesMut;
use titan_core::parsers::Parser;

use super::frame::{Frame, Malformed};
use super::request::Request;

pub const PARSERS: &[Parser] = &[("tls_frames", frames)];

/// The same frames, however their bytes come; the first byte says how.
fn frames(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else { return };
    let whole = taken(std::iter::once(bytes));
    assert_eq!(taken(bytes.chunks(usize::from(*how).max(1))), whole, "how bytes are split changes nothing");
    for frame in whole.0 {
        if let Err(why) = Request::read(&frame) {
            assert!(why.to_string().starts_with(frame.kind.name()), "what is wrong is told");
        }
    }
}

fn taken<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Frame>, Option<Malformed>) {
    let (mut inbox, mut frames) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        inbox.extend_from_slice(piece);
        loop {
            match Frame::take(&mut inbox) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(why) => return (frames, Some(why)),
            }
        }
    }
    (frames, None)
}
