//! Keys that come as `Authorization: Bearer KEY`. Never by an address: a proxy, a tunnel or a page in a browser here comes from this machine
//! too, whoever is behind it.

use axum::http::{HeaderMap, header};

/// The key that came along, whatever it opens.
pub fn key(headers: &HeaderMap) -> Option<&str> {
    let said = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = said.trim().split_once(' ')?;
    Some(key.trim()).filter(|key| scheme.eq_ignore_ascii_case("bearer") && !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_follows_the_word() {
        let given = |said: &str| {
            key(&HeaderMap::from_iter([(header::AUTHORIZATION, said.parse().unwrap())])).map(str::to_owned)
        };
        for said in ["Bearer 0123", "bearer 0123", "BEARER   0123 "] {
            assert_eq!(given(said).as_deref(), Some("0123"), "{said}");
        }
        for none in ["Bearer", "Bearer ", "Basic 0123", "0123", ""] {
            assert_eq!(given(none), None, "{none}");
        }
        assert_eq!(key(&HeaderMap::new()), None);
    }
}
