//! Media types, as `Content-Type` names them (RFC 9110, 8.3.1): in any case, with or without parameters.

use axum::http::{HeaderMap, header};

/// What a body is said to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// Such as `application/json`, in small letters.
    pub name: String,
    parameters: Vec<(String, String)>,
}

impl Kind {
    /// None where nothing is said, or two things are.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut said = headers.get_all(header::CONTENT_TYPE).iter();
        match (said.next(), said.next()) {
            (Some(said), None) => Some(Self::read(&String::from_utf8_lossy(said.as_bytes()))),
            _ => None,
        }
    }

    fn read(text: &str) -> Self {
        let (name, rest) = text.split_once(';').unwrap_or((text, ""));
        let pairs = rest.split(';').filter_map(|pair| pair.split_once('='));
        let plain = |value: &str| value.trim().trim_matches('"').to_owned();
        let parameters = pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), plain(value))).collect();
        Self { name: name.trim().to_ascii_lowercase(), parameters }
    }

    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// `application/json`, and what is built on it.
    pub fn is_json(&self) -> bool {
        let subtype = self.name.strip_prefix("application/").unwrap_or_default();
        subtype == "json" || subtype.ends_with("+json")
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_the_same_in_any_case_and_with_any_parameters() {
        let kind = |text: &str| Kind::read(text);
        assert!(kind(" Application/JSON ; charset=utf-8").is_json() && kind("application/problem+json").is_json());
        assert!(!kind("text/json").is_json() && !kind("application/jsonp").is_json());
        assert!(kind("APPLICATION/offset+octet-stream;x=y").is("application/offset+octet-stream"));
        assert_eq!(kind("Multipart/Form-Data; Boundary=\"a b\"").parameter("boundary"), Some("a b"));
        assert_eq!(kind("multipart/form-data; boundary=").parameter("boundary"), None);
        assert_eq!(kind(""), Kind::default());
    }
}
