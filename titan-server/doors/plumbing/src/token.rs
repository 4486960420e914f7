//! Tokens that come in, at every door alike: a session's own, which is the house's secret, or a JWT by HMAC-SHA256, which
//! the channels door gives to the original's clients, each for one session.
//!
//! The algorithm is this one, whatever a token says of itself. A good signature only tells which session to enter: the hall
//! still says whether that one stands, so ending a session ends its token. A token names the house that it is for (`aud`, the house's
//! epoch) and the key that signed it (`kid`); those of a release before, which named neither, are good until their day is over.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use titan_core::{AccountId, FileId, SessionId, Time};

use titan_hub::{Hub, Login, Outcome, Visitor};

/// SHA-256 works on so many bytes at a time.
const KEY_LENGTH: usize = 64;
/// Bytes of a key's name.
const KEY_ID: usize = 8;
/// How long a token is good for, in seconds.
const LIFE: i64 = 24 * 3_600;
/// How long a link to a file is good for, in seconds: to be opened, not to be kept.
pub const LINK_LIFE: i64 = 5 * 60;
/// The longest token that is looked at, in bytes.
const TOKEN_MOST: usize = 2_048;

/// What signs tokens. Clones share it.
#[derive(Clone)]
pub struct TokenKey(Arc<Kept>);

struct Kept {
    /// Filled up with zeros to the length the signature works with.
    key: [u8; KEY_LENGTH],
    /// By which it is known: the beginning of its SHA-256.
    id: String,
    /// The house whose tokens these are.
    house: String,
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(redacted)")
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
    #[serde(default)]
    kid: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Claims {
    /// The account's id, as a text: so the standard wants it, and so the original has it.
    sub: String,
    sid: i64,
    iat: i64,
    exp: i64,
    #[serde(default)]
    aud: Option<String>,
    /// The file that a link leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<i64>,
}

impl Claims {
    /// Whose they are, while they are good.
    fn bearer(&self, now: Time) -> Option<Bearer> {
        let account = self.sub.parse().ok().filter(|_| seconds(now) < self.exp)?;
        Some(Bearer { session: SessionId(self.sid), account })
    }
}

fn seconds(time: Time) -> i64 {
    time.0.div_euclid(1_000)
}

impl TokenKey {
    /// The key of this house, which others know by another name.
    pub fn new(secret: &[u8], house: impl Into<String>) -> Self {
        let mut key = [0; KEY_LENGTH];
        let used = secret.len().min(KEY_LENGTH);
        key[..used].copy_from_slice(&secret[..used]);
        let id = Sha256::digest(key)[..KEY_ID].iter().map(|byte| format!("{byte:02x}")).collect();
        Self(Arc::new(Kept { key, id, house: house.into() }))
    }

    /// Enters the session that a token of either kind is of.
    pub async fn enter(&self, hub: &Arc<Hub>, visitor: &Visitor, token: &str) -> Outcome<Login> {
        let Some(Bearer { session, account }) = self.read(token, hub.now()) else {
            return hub.authenticate(visitor, token).await;
        };
        let (session, account) = hub.enter_session(visitor, session, account).await?;
        Ok(Login { session, token: token.into(), account })
    }

    pub fn token(&self, bearer: Bearer, now: Time) -> String {
        let (iat, Bearer { session, account }) = (seconds(now), bearer);
        let aud = Some(self.0.house.clone());
        self.signed(&Claims { sub: account.to_string(), sid: session.0, iat, exp: iat + LIFE, aud, file: None })
    }

    /// Whose token this is, if it was made here and is still good.
    pub fn read(&self, token: &str, now: Time) -> Option<Bearer> {
        let claims = self.claims(token)?;
        let for_house = claims.aud.as_deref().is_none_or(|aud| aud == self.0.house);
        claims.bearer(now).filter(|_| for_house && claims.file.is_none())
    }

    /// A link to a file, for who can show no token beside it: good for [`LINK_LIFE`], for that file and as that session.
    pub fn link(&self, bearer: Bearer, file: FileId, now: Time) -> String {
        let (iat, Bearer { session, account }) = (seconds(now), bearer);
        let (aud, exp) = (Some(self.for_files()), iat + LINK_LIFE);
        self.signed(&Claims { sub: account.to_string(), sid: session.0, iat, exp, aud, file: Some(file.0) })
    }

    /// Which file a link leads to, and whose link it is.
    pub fn read_link(&self, token: &str, now: Time) -> Option<(Bearer, FileId)> {
        let claims = self.claims(token)?;
        let for_files = claims.aud.as_deref() == Some(&*self.for_files());
        Some((claims.bearer(now).filter(|_| for_files)?, FileId(claims.file?)))
    }

    /// What links are for, so that none is taken for a session's token.
    fn for_files(&self) -> String {
        format!("{}/files", self.0.house)
    }

    fn signed(&self, claims: &Claims) -> String {
        let header = Header { alg: "HS256".to_owned(), typ: "JWT".to_owned(), kid: Some(self.0.id.clone()) };
        let said = format!("{}.{}", encoded(&header), encoded(claims));
        let signature = self.signer(&said).finalize().into_bytes();
        format!("{said}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a token claims that was signed here.
    fn claims(&self, token: &str) -> Option<Claims> {
        let (said, signature) = token.rsplit_once('.').filter(|_| token.len() <= TOKEN_MOST)?;
        let (header, claims) = said.split_once('.')?;
        self.signer(said).verify_slice(&BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let ours = |kid: &Option<String>| kid.as_deref().is_none_or(|kid| kid == self.0.id);
        decoded::<Header>(header).filter(|header| header.alg == "HS256" && ours(&header.kid))?;
        decoded(claims)
    }

    fn signer(&self, said: &str) -> Hmac<Sha256> {
        let mut signer = Hmac::<Sha256>::new(&self.0.key.into());
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
        TokenKey::new(b"a secret of the house", "this-house")
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
        assert_eq!(claims, r#"{"sub":"42","sid":7,"iat":1737367200,"exp":1737453600,"aud":"this-house"}"#);
    }

    /// Made by Python's `hmac` with the key above.
    #[test]
    fn it_is_the_standards_signature() {
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjIwYjY2ZTU5MGIwODRiZTcifQ.eyJzdWIiOiI0MiIsInNpZCI6NywiaWF0IjoxNzM3MzY3MjAwLCJleHAiOjE3Mzc0NTM2MDAsImF1ZCI6InRoaXMtaG91c2UifQ.D4hid8n4DFuJzsdf98PwL5NE2MsR4K_h1i4sY5IigqU";
        assert_eq!(key().token(ADA, NOW), token);
    }

    #[test]
    fn a_token_of_another_make_is_none() {
        let good = r#"{"sub":"42","sid":7,"iat":1,"exp":99999999999}"#;
        let hs256 = r#"{"alg":"HS256","typ":"JWT"}"#;
        assert_eq!(key().read(&signed(&key(), hs256, good), NOW), Some(ADA));
        let named = |kid: &str| signed(&key(), &format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), good);
        assert_eq!(key().read(&named(&key().0.id), NOW), Some(ADA));
        let of_house = |aud: &str| signed(&key(), hs256, &good.replace('}', &format!(r#","aud":{aud}}}"#)));
        assert_eq!(key().read(&of_house(r#""this-house""#), NOW), Some(ADA));
        let unsigned = |header: &str| signed(&key(), header, good);
        let others = [
            signed(&TokenKey::new(b"another", "this-house"), hs256, good),
            named("another"),
            of_house(r#""another-house""#),
            of_house("7"),
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

    #[test]
    fn a_link_opens_its_file_for_some_minutes_and_nothing_else() {
        let link = key().link(ADA, FileId(9), NOW);
        let last = Time(NOW.0 + LINK_LIFE * 1_000 - 1_000);
        assert_eq!(key().read_link(&link, last), Some((ADA, FileId(9))));
        assert_eq!(key().read_link(&link, Time(last.0 + 1_000)), None);
        assert_eq!(key().read(&link, NOW), None, "a link is no session's token");
        assert_eq!(key().read_link(&key().token(ADA, NOW), NOW), None, "and no such token is a link");
        assert_eq!(TokenKey::new(b"a secret of the house", "another").read_link(&link, NOW), None);
        assert_eq!(TokenKey::new(b"another", "this-house").read_link(&link, NOW), None);
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
