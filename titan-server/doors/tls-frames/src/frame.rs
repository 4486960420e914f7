//! Frames, from bytes and to bytes. Pure.
//!
//! Three bytes, then JSON: `version << 6 | type`, and the payload's length, big-endian. They may arrive split anywhere, or
//! many at once.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde::Serialize;

/// The version this door speaks.
const VERSION: u8 = 1;
const HEADER: usize = 3;
/// The longest frame, in bytes: two of them count the payload's.
pub const FRAME_MOST: usize = HEADER + u16::MAX as usize;
/// The longest payload that is sent, in bytes: with its header it fills a TLS record, which is all that a client takes.
pub const SENT_MOST: usize = 16 * 1024 - HEADER;

/// What a frame is about, by the original's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Ack,
    Err,
    Dis,
    Msg,
    Log,
    Ses,
    Reg,
    Lis,
    Frp,
    His,
    Upd,
    Chp,
    Chm,
    Del,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    pub payload: Bytes,
}

/// Bytes that begin no frame. What follows them can't be made out any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("This server speaks version {VERSION} of the protocol, not {0}: begin a frame with 0x40 | type")]
    Version(u8),
    #[error("There is no frame of type {0}: types go from 0 (ACK) to 13 (DEL)")]
    Type(u8),
}

impl Kind {
    const ALL: [Kind; 14] = [
        Self::Ack,
        Self::Err,
        Self::Dis,
        Self::Msg,
        Self::Log,
        Self::Ses,
        Self::Reg,
        Self::Lis,
        Self::Frp,
        Self::His,
        Self::Upd,
        Self::Chp,
        Self::Chm,
        Self::Del,
    ];

    /// The name in the original's document.
    pub fn name(self) -> &'static str {
        ["ACK", "ERR", "DIS", "MSG", "LOG", "SES", "REG", "LIS", "FRP", "HIS", "UPD", "CHP", "CHM", "DEL"]
            [self as usize]
    }

    fn of(byte: u8) -> Result<Self, Malformed> {
        if byte >> 6 != VERSION {
            return Err(Malformed::Version(byte >> 6));
        }
        Self::ALL.get(usize::from(byte & 0x3f)).copied().ok_or(Malformed::Type(byte & 0x3f))
    }
}

impl Frame {
    /// Takes the first frame out of what has arrived; none while it is not all there. What is wrong with a frame is told
    /// by its first byte, without waiting for the rest.
    pub fn take(inbox: &mut BytesMut) -> Result<Option<Self>, Malformed> {
        let Some(&first) = inbox.first() else { return Ok(None) };
        let kind = Kind::of(first)?;
        let Some(length) = inbox.get(1..HEADER) else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if inbox.len() < HEADER + length {
            return Ok(None);
        }
        inbox.advance(HEADER);
        Ok(Some(Self { kind, payload: inbox.split_to(length).freeze() }))
    }
}

/// A frame's bytes; none where the payload is longer than is sent, which its makers see to.
pub fn encode(kind: Kind, payload: &impl Serialize) -> Option<Bytes> {
    let json = serde_json::to_vec(payload).ok()?;
    let Some(length) = u16::try_from(json.len()).ok().filter(|_| json.len() <= SENT_MOST) else {
        tracing::error!(kind = kind.name(), length = json.len(), "a frame is too long and was not sent");
        return None;
    };
    let mut frame = BytesMut::with_capacity(HEADER + json.len());
    frame.put_u8(VERSION << 6 | kind as u8);
    frame.put_u16(length);
    frame.put_slice(&json);
    Some(frame.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn take_all(inbox: &mut BytesMut) -> Result<Vec<Frame>, Malformed> {
        std::iter::from_fn(|| Frame::take(inbox).transpose()).collect()
    }

    #[test]
    fn a_frame_is_the_documents() {
        let frame = encode(Kind::Msg, &json!({"a": 1})).unwrap();
        assert_eq!(&frame[..], b"\x43\x00\x07{\"a\":1}");
        let numbers: Vec<u8> = Kind::ALL.iter().map(|kind| *kind as u8).collect();
        assert_eq!(numbers, (0..14).collect::<Vec<u8>>());
        assert_eq!((Kind::Ses.name(), Kind::Ses as u8, Kind::Del.name(), Kind::Del as u8), ("SES", 5, "DEL", 13));
    }

    #[test]
    fn a_bad_first_byte_is_told_at_once() {
        for (byte, wrong) in [
            (0x03, Malformed::Version(0)),
            (0x83, Malformed::Version(2)),
            (b'\xff', Malformed::Version(3)),
            (0x40 | 14, Malformed::Type(14)),
            (0x7f, Malformed::Type(63)),
        ] {
            assert_eq!(Frame::take(&mut BytesMut::from(&[byte][..])), Err(wrong));
        }
    }

    #[test]
    fn nothing_longer_than_a_record_is_sent() {
        assert_eq!(encode(Kind::His, &"x".repeat(SENT_MOST - 2)).unwrap().len(), 16_384);
        assert!(encode(Kind::His, &"x".repeat(SENT_MOST - 1)).is_none());
    }

    proptest! {
        #[test]
        fn frames_are_the_same_however_they_are_split(
            payloads in prop::collection::vec((0..14usize, prop::collection::vec(any::<u8>(), 0..300)), 0..8),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let mut bytes = Vec::new();
            let mut sent = Vec::new();
            for (kind, payload) in payloads {
                bytes.push(0x40 | kind as u8);
                bytes.extend((payload.len() as u16).to_be_bytes());
                bytes.extend(&payload);
                sent.push(Frame { kind: Kind::ALL[kind], payload: payload.into() });
            }
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let (mut inbox, mut got) = (BytesMut::new(), Vec::new());
            for piece in cuts.windows(2) {
                inbox.extend_from_slice(&bytes[piece[0]..piece[1]]);
                got.extend(take_all(&mut inbox).unwrap());
            }
            prop_assert_eq!(got, sent);
            prop_assert!(inbox.is_empty());
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            let mut inbox = BytesMut::from(&bytes[..]);
            let _ = take_all(&mut inbox);
            prop_assert!(bytes.ends_with(&inbox));
        }
    }
}
