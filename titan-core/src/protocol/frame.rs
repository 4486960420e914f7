//! How long a frame may be. A client may escape what it sends (`\ud83d\ude00`, as many do with everything that is not ASCII), which
//! makes up to six bytes of one: a message of the longest length fits all the same, since an escape counts as what it stands for.

/// The longest frame the server accepts, in bytes, each escape counting as the character that it stands for.
pub const FRAME_MOST: usize = 64 * 1024;

/// The longest frame as it is written: room for the longest message with everything in it escaped.
pub const FRAME_ESCAPED_MOST: usize = 256 * 1024;

/// Whether a JSON text is short enough for a frame.
///
/// ```
/// use titan_core::protocol::{FRAME_MOST, fits_a_frame};
/// assert!(fits_a_frame(&r"\ud83d\ude00".repeat(16_000)));
/// assert!(!fits_a_frame(&"x".repeat(FRAME_MOST + 1)));
/// ```
pub fn fits_a_frame(json: &str) -> bool {
    json.len() <= FRAME_MOST || json.len() <= FRAME_ESCAPED_MOST && unescaped(json.as_bytes()) <= FRAME_MOST
}

/// How many bytes of UTF-8 a JSON text has where each escape is the character that it stands for.
fn unescaped(mut json: &[u8]) -> usize {
    let mut length = 0;
    while let Some((byte, rest)) = json.split_first() {
        let (stands_for, written) = match (byte, rest) {
            (b'\\', [b'u', digits @ ..]) => of_code(digits),
            (b'\\', [_, ..]) => (1, 2),
            _ => (1, 1),
        };
        length += stands_for;
        json = &json[written..];
    }
    length
}

/// What follows a `\u`: the bytes of the character, and the bytes of its escape.
fn of_code(digits: &[u8]) -> (usize, usize) {
    match code(digits) {
        None => (2, 2),
        Some(0..0x80) => (1, 6),
        Some(0x80..0x800) => (2, 6),
        // The second half of a pair counts as nothing beside its first.
        Some(0xd800..0xdc00) if digits.get(4..6) == Some(br"\u") && is_second_half(&digits[6..]) => (4, 12),
        Some(_) => (3, 6),
    }
}

fn is_second_half(digits: &[u8]) -> bool {
    matches!(code(digits), Some(0xdc00..0xe000))
}

fn code(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits.get(..4)?).ok()?;
    let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
    }

    proptest! {
        #[test]
        fn an_escape_counts_as_what_it_stands_for(text in any::<String>()) {
            prop_assert_eq!(unescaped(escaped(&text).as_bytes()), text.len());
            let plain = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(unescaped(plain.as_bytes()), text.len() + 2);
        }

        #[test]
        fn whatever_is_written_is_counted(json in r#"[\\u0-9a-fA-Fdx"é]{0,40}"#) {
            prop_assert!(unescaped(json.as_bytes()) <= json.len());
        }
    }

    #[test]
    fn every_message_fits_however_it_is_escaped() {
        let most = crate::text::MESSAGE_MOST;
        for text in [
            "😀".repeat(most),
            "€".repeat(most),
            format!("x{}", "\u{1}".repeat(most - 1)),
            "\"".repeat(most),
            "a\u{301}".repeat(most),
        ] {
            assert!(crate::text::message(&text).is_ok());
            let (plain, escaped) = (serde_json::to_string(&text).unwrap(), escaped(&text));
            assert!(fits_a_frame(&plain) && fits_a_frame(&escaped), "{} {}", plain.len(), escaped.len());
        }
    }
}
