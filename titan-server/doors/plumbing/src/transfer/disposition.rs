//! File names in `Content-Disposition`: written so that every client reads them, read however a client wrote them.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderValue, header};

/// `attachment` with the name in ASCII for old clients and in UTF-8 for the others.
pub fn attachment(name: &str) -> HeaderValue {
    let plain = |c: char| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut exact = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' => exact.push(byte as char),
            _ => _ = write!(exact, "%{byte:02X}"),
        }
    }
    let text = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{exact}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// The file name of a form's part, none where the part is no file. Bytes that are no UTF-8 are replaced, not refused.
pub fn file_name(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get(header::CONTENT_DISPOSITION)?.as_bytes()).into_owned();
    let mut plain = None;
    for (name, value) in parameters(&text) {
        match name.to_ascii_lowercase().as_str() {
            "filename*" => return Some(percent_decoded(value.splitn(3, '\'').last().unwrap_or_default())),
            // Browsers write a quote in a name as %22, and nothing else so.
            "filename" if plain.is_none() => plain = Some(value.replace("%22", "\"")),
            _ => {}
        }
    }
    plain
}

/// The `name=value` pairs behind the first `;`, quotes taken off.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Some((_, mut rest)) = text.split_once(';') else { return found };
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let (value, next) = after.split_once(';').unwrap_or((after, ""));
                (value.trim().to_owned(), next)
            }
        };
        found.push((name.trim().to_owned(), value));
        rest = next.trim_start().trim_start_matches(';');
    }
    found
}

/// A quoted text up to its end, and what comes after. A backslash stands for itself but before a quote: browsers and
/// Windows paths write it so.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                chars.next();
                value.push('"');
            }
            _ => value.push(c),
        }
    }
    (value, "")
}

fn percent_decoded(text: &str) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| (*byte as char).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &[u8]) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_bytes(value).unwrap());
        file_name(&headers)
    }

    #[test]
    fn names_are_written_for_old_and_new_clients() {
        assert_eq!(attachment("a b.zip"), "attachment; filename=\"a b.zip\"; filename*=UTF-8''a%20b.zip");
        assert_eq!(
            attachment("żó\"\\.zip"),
            "attachment; filename=\"____.zip\"; filename*=UTF-8''%C5%BC%C3%B3%22%5C.zip"
        );
    }

    #[test]
    fn names_are_read_however_they_were_written() {
        assert_eq!(read(b"form-data; name=\"file\"; filename=\"a.zip\"").as_deref(), Some("a.zip"));
        assert_eq!(read(b"form-data; name=file; filename=a.zip").as_deref(), Some("a.zip"));
        assert_eq!(read(b"form-data; filename=\"a\\\"b.zip\"; name=\"file\"").as_deref(), Some("a\"b.zip"));
        assert_eq!(read(b"form-data; name=\"file\"; filename=\"C:\\temp\\a.zip\"").as_deref(), Some("C:\\temp\\a.zip"));
        assert_eq!(read(b"form-data; name=\"file\"; filename*=utf-8''%C5%BC%20b").as_deref(), Some("ż b"));
        assert_eq!(read(b"form-data; name=\"file\"; filename=\"\xff\xfe\"").as_deref(), Some("\u{fffd}\u{fffd}"));
        assert_eq!(read(b"form-data; name=\"file\"; filename=\"a%22%41\"").as_deref(), Some("a\"%41"));
        assert_eq!(read(b"form-data; name=\"filename=x\""), None);
        assert_eq!(read(b"form-data; name=\"file\"; filename=\"\"").as_deref(), Some(""));
        assert_eq!(read(b"form-data; name=\"file\"; filename=\"open"), Some("open".to_owned()));
    }
}
