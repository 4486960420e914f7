//! Tokens that come in, at every door alike: a session's own, which is the house's secret, or a JWT by HMAC-SHA256, which
//! the channels door gives to the original's clients, each for one session.
//!
//! The algorithm is this one, whatever a token says of itself. A good signature only tells which session to enter: the hall
//! still says whether that one stands, so ending a session ends its token.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use titan_core::{AccountId, SessionId, Time};

use titan_hub::{Hub, Login, Outcome, Visitor};

/// SHA-256 works on so many bytes at a time.
const KEY_LENGTH: usize = 64;
/// How long a token is good for, in seconds.
const LIFE: i64 = 24 * 3_600;
/// The longest token that is looked at, in bytes.
const TOKEN_MOST: usize = 2_048;

/// What signs tokens, filled up with zeros to the length the signature works with. Clones share it.
#[derive(Clone)]
pub struct TokenKey(Arc<[u8; KEY_LENGTH]>);

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(redacted)")
    }
}

impl From<&[u8]> for TokenKey {
    fn from(secret: &[u8]) -> Self {
        let mut key = [0; KEY_LENGTH];
        let used = secret.len().min(KEY_LENGTH);
        key[..used].copy_from_slice(&secret[..used]);
        Self(Arc::new(key))
    }
}

/// Whose a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub session: SessionId,
    pub account: AccountId,
}

#[derive(Deserialize, Serialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: String,
}

#[derive(Deserialize, Serialize)]
struct Claims {
    /// The account's id, as a text: so the standard wants it, and so the original has it.
    sub: String,
    sid: i64,
    iat: i64,
    exp: i64,
}

impl TokenKey {
    /// Enters the session that a token of either kind is of.
    pub async fn enter(&self, hub: &Arc<Hub>, visitor: &Visitor, token: &str) -> Outcome<Login> {
        let Some(Bearer { session, account }) = self.read(token, hub.now()) else {
            return hub.authenticate(visitor, token).await;
        };
        let (session, account) = hub.enter_session(visitor, session, account).await?;
        Ok(Login { session, token: token.into(), account })
    }

    pub fn token(&self, bearer: Bearer, now: Time) -> String {
        let iat = now.0.div_euclid(1_000);
        let header = Header { alg: "HS256".to_owned(), typ: "JWT".to_owned() };
        let Bearer { session, account } = bearer;
        let claims = Claims { sub: account.to_string(), sid: session.0, iat, exp: iat + LIFE };
        let said = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = self.signer(&said).finalize().into_bytes();
        format!("{said}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whose token this is, if it was made here and is still good.
    pub fn read(&self, token: &str, now: Time) -> Option<Bearer> {
        let (said, signature) = token.rsplit_once('.').filter(|_| token.len() <= TOKEN_MOST)?;
        let (header, claims) = said.split_once('.')?;
        self.signer(said).verify_slice(&BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        decoded::<Header>(header).filter(|header| header.alg == "HS256")?;
        let Claims { sub, sid, exp, .. } = decoded(claims)?;
        let account = sub.parse().ok().filter(|_| now.0.div_euclid(1_000) < exp)?;
        Some(Bearer { session: SessionId(sid), account })
    }

    fn signer(&self, said: &str) -> Hmac<Sha256> {
        let mut signer = Hmac::<Sha256>::new(&(*self.0).into());
        signer.update(said.as_bytes());
        signer
    }
}

fn encoded(value: &impl Serialize) -> String {
    // Objects of texts and numbers can always be written.
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default())
}

fn decoded<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Time = Time(1_737_367_200_123);
    const ADA: Bearer = Bearer { session: SessionId(7), account: AccountId(42) };

    fn key() -> TokenKey {
        TokenKey::from(&b"a secret of the house"[..])
    }

    /// A token of any make, signed as ours are.
    fn signed(key: &TokenKey, header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        let said = format!("{header}.{claims}");
        let signature = key.signer(&said).finalize().into_bytes();
        format!("{said}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn a_token_is_good_for_a_day() {
        let token = key().token(ADA, NOW);
        assert_eq!(key().read(&token, NOW), Some(ADA));
        assert_eq!(key().read(&token, Time(NOW.0 + LIFE * 1_000 - 1_000)), Some(ADA));
        assert_eq!(key().read(&token, Time(NOW.0 + LIFE * 1_000)), None);
        let claims =
            String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
        assert_eq!(claims, r#"{"sub":"42","sid":7,"iat":1737367200,"exp":1737453600}"#);
    }

    /// Made by Python's `hmac` with the key above.
    #[test]
    fn it_is_the_standards_signature() {
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0MiIsInNpZCI6NywiaWF0IjoxNzM3MzY3MjAwLCJleHAiOjE3Mzc0NTM2MDB9.Y9h9bBC0BslMWYbIu9GIKe-6_jx5wdECfFps8q_0eQE";
        assert_eq!(key().token(ADA, NOW), token);
    }

    #[test]
    fn a_token_of_another_make_is_none() {
        let good = r#"{"sub":"42","sid":7,"iat":1,"exp":99999999999}"#;
        let hs256 = r#"{"alg":"HS256","typ":"JWT"}"#;
        assert_eq!(key().read(&signed(&key(), hs256, good), NOW), Some(ADA));
        let unsigned = |header: &str| signed(&key(), header, good);
        let others = [
            signed(&TokenKey::from(&b"another"[..]), hs256, good),
            unsigned(r#"{"alg":"none"}"#),
            unsigned(r#"{"alg":"None","typ":"JWT"}"#),
            unsigned(r#"{"alg":"RS256","typ":"JWT"}"#),
            unsigned(r#"{"alg":"HS512"}"#),
            unsigned("{}"),
            unsigned("[]"),
            signed(&key(), hs256, r#"{"sub":"42","sid":7,"iat":1}"#),
            signed(&key(), hs256, r#"{"sub":42,"sid":7,"iat":1,"exp":99999999999}"#),
            signed(&key(), hs256, r#"{"sub":"42","iat":1,"exp":99999999999}"#),
            signed(&key(), hs256, r#"{"sub":"42","sid":7,"iat":1,"exp":"never"}"#),
            signed(&key(), hs256, good).rsplit_once('.').map(|(said, _)| format!("{said}.")).unwrap(),
            String::new(),
            "..".to_owned(),
            "a.b.c".to_owned(),
            "x".repeat(100_000),
        ];
        for token in others {
            assert_eq!(key().read(&token, NOW), None, "{token:.80}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_token(text in "[A-Za-z0-9_.=-]{0,200}") {
            prop_assert_eq!(key().read(&text, NOW), None);
        }

        #[test]
        fn no_character_of_a_token_may_change(at in 0..160_usize, to in "[A-Za-z0-9_-]") {
            let token = key().token(ADA, NOW);
            let mut changed = token.clone();
            let at = at.min(token.len() - 1);
            changed.replace_range(at..=at, &to);
            // The last character carries bits that are not the signature's; ours are zero, others are refused.
            prop_assume!(changed != token);
            prop_assert_eq!(key().read(&changed, NOW), None);
        }
    }
}
