//! What part of a file a request wants: a pure function of its headers.

use axum::http::{HeaderMap, header};

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it (200).
    Whole,
    /// From `first`, so many bytes (206).
    Some { first: u64, length: u64 },
    /// The client has these bytes already (304).
    Nothing,
    /// Beyond the end (416).
    Beyond,
    /// The file is no longer what the client wants it to be (412).
    Changed,
}

/// Several ranges at once are answered with the whole, as is what can't be read; both as RFC 9110 allows.
pub fn wanted(headers: &HeaderMap, etag: &str, size: u64) -> Part {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_MATCH).is_some_and(|tags| !names(tags, etag, false)) {
        return Part::Changed;
    }
    if text(header::IF_NONE_MATCH).is_some_and(|tags| names(tags, etag, true)) {
        return Part::Nothing;
    }
    let Some(range) = text(header::RANGE) else { return Part::Whole };
    match text(header::IF_RANGE) {
        Some(tag) if tag.trim() != etag => Part::Whole,
        _ => part(range, size).unwrap_or(Part::Whole),
    }
}

fn part(range: &str, size: u64) -> Option<Part> {
    let (unit, spec) = range.split_once('=')?;
    let (first, last) = spec.split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || last.contains([',', '-']) {
        return None;
    }
    let (first, last) = match (number(first)?, number(last)?) {
        (None, None) => return None,
        (None, Some(0)) => return Some(Part::Beyond),
        (None, Some(suffix)) => (size.saturating_sub(suffix), u64::MAX),
        (Some(first), last) => (first, last.unwrap_or(u64::MAX)),
    };
    if last < first {
        return None;
    }
    if first >= size {
        return Some(Part::Beyond);
    }
    Some(Part::Some { first, length: last.min(size - 1) - first + 1 })
}

/// A number, or none where nothing stands; a number too large for anything is the largest.
fn number(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true if text.is_empty() => Some(None),
        true => Some(Some(text.parse().unwrap_or(u64::MAX))),
        false => None,
    }
}

/// Whether a list of tags names this one.
fn names(tags: &str, etag: &str, weakly: bool) -> bool {
    tags.split(',').map(str::trim).any(|tag| {
        let tag = if weakly { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
        tag == "*" || tag == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;
    use proptest::prelude::*;

    const TAG: &str = "\"abc\"";

    fn asked(headers: &[(HeaderName, &str)]) -> Part {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        wanted(&headers, TAG, 10)
    }

    #[test]
    fn every_form_of_range_is_understood() {
        let some = |first, length| Part::Some { first, length };
        let forms = [
            ("bytes=0-3", some(0, 4)),
            ("bytes=4-", some(4, 6)),
            ("bytes=-3", some(7, 3)),
            ("bytes=-30", some(0, 10)),
            ("bytes=9-9", some(9, 1)),
            ("bytes=5-99999999999999999999999", some(5, 5)),
            ("Bytes = 1 - 2", some(1, 2)),
            ("bytes=10-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=99999999999999999999999-", Part::Beyond),
            ("bytes=3-1", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("bytes", Part::Whole),
            ("bytes=+1-2", Part::Whole),
        ];
        for (range, part) in forms {
            assert_eq!(asked(&[(header::RANGE, range)]), part, "{range}");
        }
        assert_eq!(wanted(&HeaderMap::from_iter([(header::RANGE, "bytes=-5".parse().unwrap())]), TAG, 0), Part::Beyond);
    }

    #[test]
    fn conditions_come_before_ranges() {
        let range = (header::RANGE, "bytes=1-2");
        let part = Part::Some { first: 1, length: 2 };
        assert_eq!(asked(&[range.clone(), (header::IF_RANGE, TAG)]), part);
        assert_eq!(asked(&[range.clone(), (header::IF_RANGE, "\"other\"")]), Part::Whole);
        assert_eq!(asked(&[range.clone(), (header::IF_RANGE, "W/\"abc\"")]), Part::Whole);
        assert_eq!(asked(&[range.clone(), (header::IF_RANGE, "Fri, 20 Nov 2026 00:00:00 GMT")]), Part::Whole);
        assert_eq!(asked(&[range.clone(), (header::IF_NONE_MATCH, "\"x\", W/\"abc\"")]), Part::Nothing);
        assert_eq!(asked(&[(header::IF_NONE_MATCH, "*")]), Part::Nothing);
        assert_eq!(asked(&[range.clone(), (header::IF_NONE_MATCH, "\"x\"")]), part);
        assert_eq!(asked(&[range, (header::IF_MATCH, "\"x\"")]), Part::Changed);
    }

    proptest! {
        #[test]
        fn no_range_reaches_out_of_the_file(range in "(bytes|Bytes|lines)?[ =]?[0-9]{0,22}[ ,-]{0,3}[0-9]{0,22}", size: u64) {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, range.parse().unwrap());
            match wanted(&headers, TAG, size) {
                Part::Some { first, length } => {
                    prop_assert!(length > 0 && first.checked_add(length).is_some_and(|end| end <= size));
                }
                Part::Whole | Part::Beyond => {}
                part => prop_assert!(false, "{part:?} without a condition"),
            }
        }

        #[test]
        fn a_range_inside_of_a_file_is_given_as_asked(first in 0..1_000u64, more in 0..1_000u64, rest in 1..1_000u64) {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, format!("bytes={first}-{}", first + more).parse().unwrap());
            let part = Part::Some { first, length: more + 1 };
            prop_assert_eq!(wanted(&headers, TAG, first + more + rest), part);
        }

        #[test]
        fn any_headers_are_answered(values in prop::collection::vec("[ -~]{0,40}", 4), size: u64) {
            let names = [header::RANGE, header::IF_RANGE, header::IF_MATCH, header::IF_NONE_MATCH];
            let headers = names.into_iter().zip(values.iter().map(|value| value.parse().unwrap()));
            let _ = wanted(&headers.collect(), TAG, size);
        }
    }
}
