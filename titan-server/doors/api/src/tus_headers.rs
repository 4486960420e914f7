//! What tus clients say in headers, read; and what is said back in one, written so that every client can read it.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use titan_core::{ClientId, ConversationId, text};

use super::answer::{Answer, Refused};
use super::wish::AppWish;
use titan_blobs::uploads::{Checksum, NewUpload, Purpose};

/// A result longer than this is shortened: proxies and HTTP/2 clients bound the size of headers.
const RESULT_MOST: usize = 6 * 1024;

/// A header that is missing or no number.
#[derive(Debug)]
pub struct NotTold(String);

impl NotTold {
    pub fn refused(self) -> Refused {
        Refused::bad_request(format!("The header {} must be there and hold a number.", self.0))
    }
}

pub fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, NotTold> {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let digits = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| NotTold(name.to_string()))
}

/// The headers of uploads that are understood, and one of ours that a client may say again.
const SPOKEN: [&str; 5] = ["upload-length", "upload-offset", "upload-metadata", "upload-checksum", "upload-expires"];

/// A header that belongs to an extension of uploads which is not spoken: to leave it aside would be to make something else of the bytes.
pub fn not_spoken(headers: &HeaderMap) -> Option<String> {
    let of_uploads = |name: &str| name.starts_with("upload-") && !SPOKEN.contains(&name);
    let trailers = headers.get_all("trailer").iter().filter_map(|names| names.to_str().ok());
    let trailing = trailers.flat_map(|names| names.split(',')).map(|name| name.trim().to_ascii_lowercase());
    let mut trailing = trailing.filter(|name| name.starts_with("upload-"));
    let named = headers.keys().map(HeaderName::as_str).find(|name| of_uploads(name));
    named.map(str::to_owned).or_else(|| trailing.next().map(|name| format!("Trailer: {name}")))
}

/// What an upload is said to become.
pub fn new_upload(headers: &HeaderMap) -> Answer<NewUpload> {
    let length = number(headers, &HeaderName::from_static("upload-length")).map_err(NotTold::refused)?;
    let told = headers.get("upload-metadata").map(|told| String::from_utf8_lossy(told.as_bytes()).into_owned());
    let fields = metadata(told.as_deref().unwrap_or_default())?;
    let field = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let sha256 = field("sha256").map(str::parse).transpose().map_err(|_| invalid("sha256"))?;
    let file_name = text::file_name(field("filename").or(field("name")).unwrap_or_default());
    let purpose = purpose(fields)?;
    if length == 0 && matches!(purpose, Purpose::App { .. }) {
        return Err(Refused::bad_request("File data required"));
    }
    Ok(NewUpload { length, purpose, file_name, sha256, told })
}

fn purpose(mut fields: Map<String, Value>) -> Answer<Purpose> {
    if !fields.contains_key("conversation") {
        fields.retain(|name, _| !matches!(name.as_str(), "filename" | "filetype" | "sha256" | "client_id"));
        let AppWish { name, description, category, version, metadata } = AppWish::of(fields)?;
        return Ok(Purpose::App { name, description, category, version, metadata });
    }
    let field = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let client_id = match field("client_id") {
        "" => ClientId::new(),
        text => ClientId(text.parse().map_err(|_| invalid("client_id"))?),
    };
    let conversation: ConversationId = field("conversation").parse().map_err(|_| invalid("conversation"))?;
    Ok(Purpose::File { conversation, text: field("text").to_owned(), client_id })
}

fn invalid(field: &str) -> Refused {
    Refused::bad_request(format!("Invalid field: {field}"))
}

/// `key base64,key base64`; a key may stand alone.
fn metadata(told: &str) -> Answer<Map<String, Value>> {
    let mut fields = Map::new();
    for pair in told.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let bytes = BASE64_STANDARD.decode(value.trim()).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let text =
            text.ok_or_else(|| Refused::bad_request("Upload-Metadata must be keys with base64 of UTF-8 texts."))?;
        fields.insert(key.to_owned(), Value::String(text));
    }
    Ok(fields)
}

/// `Upload-Checksum: sha1|sha256 base64`
pub fn checksum(headers: &HeaderMap) -> Answer<Option<Checksum>> {
    let Some(value) = headers.get("upload-checksum") else { return Ok(None) };
    let unknown = || Refused::bad_request("Upload-Checksum must be sha1 or sha256 and the base64 of the hash.");
    let (algorithm, hash) = value.to_str().ok().and_then(|text| text.trim().split_once(' ')).ok_or_else(unknown)?;
    let hash = BASE64_STANDARD.decode(hash.trim()).map_err(|_| unknown())?;
    match algorithm {
        "sha1" => Ok(Some(Checksum::Sha1(hash))),
        "sha256" => Ok(Some(Checksum::Sha256(hash))),
        _ => Err(unknown()),
    }
}

/// JSON in ASCII. Where it would be too long for a header an app's description is left empty.
pub fn for_header(json: &str) -> String {
    let whole = ascii(json);
    if whole.len() <= RESULT_MOST {
        return whole;
    }
    match serde_json::from_str::<Value>(json) {
        Ok(mut value) if value.get("description").is_some() => {
            value["description"] = Value::String(String::new());
            ascii(&value.to_string())
        }
        _ => whole,
    }
}

/// Only strings of JSON hold anything beyond ASCII, and there an escape means the same.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            ' '..='~' => escaped.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(escaped, "\\u{unit:04x}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_result_in_a_header_is_ascii_and_means_the_same() {
        let json = serde_json::json!({"name": "żółw 🐢 \u{7f}", "description": "x"}).to_string();
        let header = for_header(&json);
        assert!(header.is_ascii());
        assert_eq!(serde_json::from_str::<Value>(&header).unwrap(), serde_json::from_str::<Value>(&json).unwrap());
        let long = serde_json::json!({"name": "a", "description": "ż".repeat(4_000)}).to_string();
        assert!(for_header(&long).len() < 100);
    }

    #[test]
    fn headers_of_other_extensions_are_found() {
        let with = |name: &'static str, value: &str| {
            not_spoken(&HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())]))
        };
        for (name, value) in [
            ("upload-concat", "partial"),
            ("upload-defer-length", "1"),
            ("upload-complete", "?1"),
            ("upload-draft-interop-version", "6"),
            ("upload-incomplete", "?0"),
            ("trailer", "X-Other, Upload-Checksum"),
        ] {
            assert!(with(name, value).is_some(), "{name}");
        }
        for name in SPOKEN.into_iter().chain(["tus-resumable", "trailer"]) {
            assert_eq!(with(name, "1"), None, "{name}");
        }
    }

    #[test]
    fn metadata_is_read_and_its_mistakes_are_told() {
        let fields = metadata("filename YS56aXA=,empty,name ").unwrap();
        assert_eq!(fields["filename"], "a.zip");
        assert_eq!(fields["empty"], "");
        assert_eq!(fields["name"], "");
        assert!(metadata("filename ***").is_err());
        assert!(metadata("filename /w==").is_err());
    }

    proptest! {
        #[test]
        fn any_metadata_is_answered(told in any::<String>(), nearly in "[a-z ,=/+A-Z0-9]{0,60}") {
            let _ = metadata(&told);
            let _ = metadata(&nearly);
        }

        #[test]
        fn metadata_gives_what_was_put_in(fields in prop::collection::btree_map("[a-z_]{1,8}", any::<String>(), 0..6)) {
            let pairs = fields.iter().map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)));
            let read = metadata(&pairs.collect::<Vec<_>>().join(",")).unwrap();
            let read = read.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()));
            prop_assert_eq!(read.collect::<std::collections::BTreeMap<_, _>>(), fields);
        }

        #[test]
        fn any_headers_of_an_upload_are_answered(length in "[ -~]{0,24}", told in "[ -~]{0,80}", sum in "[ -~]{0,40}") {
            let mut headers = HeaderMap::new();
            headers.insert("upload-length", length.parse().unwrap());
            headers.insert("upload-metadata", told.parse().unwrap());
            headers.insert("upload-checksum", sum.parse().unwrap());
            let _ = (new_upload(&headers).is_ok(), checksum(&headers).is_ok());
        }

        #[test]
        fn any_result_fits_into_a_header(name in any::<String>(), description in any::<String>()) {
            let json = serde_json::json!({"name": name, "description": description}).to_string();
            let header = for_header(&json);
            prop_assert!(axum::http::HeaderValue::try_from(&header).is_ok());
            prop_assert_eq!(&serde_json::from_str::<Value>(&header).unwrap()["name"], &Value::String(name));
        }
    }
}
