//! Second factors: codes by time, as RFC 6238 has them (TOTP: HMAC-SHA1, 30 seconds, 6 digits), and those that are being set up.
//! Pure, but for what is remembered of the latter.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use titan_core::protocol::NewFactor;
use titan_core::{AccountId, SessionId, Time};

/// Bytes of a secret, which is what RFC 4226 recommends.
pub const SECRET: usize = 20;
const STEP_MS: i64 = 30_000;
const DIGITS: usize = 6;
/// How long a secret waits for its first code, and how many do at once.
const WAITS: Duration = Duration::from_secs(10 * 60);
const WAITING_MOST: usize = 10_000;
/// Accounts of which the last step is remembered that could not be written.
const UNWRITTEN_MOST: usize = 10_000;

/// A code as an app for codes shows it; none where it is no such code.
pub fn digits(given: &str) -> Option<String> {
    let digits: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    (digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// The step whose code this is, if it is the present one or its neighbour, and later than the last that was taken. All are looked
/// at, whichever is right.
pub fn step_of(secret: &[u8; SECRET], code: &str, now: Time, last: i64) -> Option<i64> {
    let present = now.0.div_euclid(STEP_MS);
    let fits = |step: i64| bool::from(self::code(secret, step).as_bytes().ct_eq(code.as_bytes()));
    let fitting = [present, present - 1, present + 1].map(|step| (step, fits(step)));
    fitting.into_iter().find(|(step, fits)| *fits && *step > last).map(|(step, _)| step)
}

fn code(secret: &[u8; SECRET], step: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let mac: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(mac[19] & 0x0f);
    let word = u32::from_be_bytes([mac[at], mac[at + 1], mac[at + 2], mac[at + 3]]) & 0x7fff_ffff;
    format!("{:0width$}", word % 10_u32.pow(DIGITS as u32), width = DIGITS)
}

/// A secret as it is handed to an app for codes: which account of which house it is of is all that is said.
pub fn handed_out(secret: &[u8; SECRET], username: &str) -> NewFactor {
    let text = base32(secret);
    let label: String = url::form_urlencoded::byte_serialize(username.as_bytes()).collect();
    let uri = format!("otpauth://totp/Titan:{}?secret={text}&issuer=Titan", label.replace('+', "%20"));
    // The smallest, which fits the usual terminal: it is shown on a screen, where nothing wears off.
    let qr = QrCode::with_error_correction_level(&uri, EcLevel::L).map(|code| rows(&code)).unwrap_or_default();
    NewFactor::new(text.into(), uri.into(), qr)
}

fn rows(code: &QrCode) -> Vec<String> {
    let shown = |color: &Color| if *color == Color::Dark { '#' } else { ' ' };
    code.to_colors().chunks(code.width().max(1)).map(|row| row.iter().map(shown).collect()).collect()
}

/// RFC 4648, without padding: a secret's length needs none.
fn base32(bytes: &[u8; SECRET]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let of_five = |five: &[u8]| {
        let word = five.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| char::from(LETTERS[(word >> (5 * place) & 31) as usize]))
    };
    bytes.chunks_exact(5).flat_map(of_five).collect()
}

/// What is held of factors in memory.
#[derive(Default)]
pub struct Factors {
    /// Secrets that wait for their first code, by the session that asked for them.
    waiting: Mutex<HashMap<SessionId, ([u8; SECRET], Time)>>,
    /// The last step of those that came in while nothing could be written.
    unwritten: Mutex<HashMap<AccountId, i64>>,
}

impl Factors {
    /// A secret waits for its first code, in the place of one that did before.
    pub fn wait(&self, session: SessionId, secret: [u8; SECRET], now: Time) {
        let mut waiting = lock(&self.waiting);
        waiting.retain(|_, (_, since)| still(*since, now));
        if waiting.len() < WAITING_MOST {
            waiting.insert(session, (secret, now));
        }
    }

    pub fn waiting(&self, session: SessionId, now: Time) -> Option<[u8; SECRET]> {
        lock(&self.waiting).get(&session).filter(|(_, since)| still(*since, now)).map(|(secret, _)| *secret)
    }

    pub fn forget(&self, session: SessionId) {
        lock(&self.waiting).remove(&session);
    }

    /// The last step that was taken, if it could not be written.
    pub fn last_step(&self, account: AccountId) -> Option<i64> {
        lock(&self.unwritten).get(&account).copied()
    }

    /// Takes a step that can't be written; whether it may be.
    pub fn take_step(&self, account: AccountId, step: i64) -> bool {
        let mut unwritten = lock(&self.unwritten);
        let known = unwritten.get(&account);
        if known.is_some_and(|last| *last >= step) || known.is_none() && unwritten.len() >= UNWRITTEN_MOST {
            return false;
        }
        unwritten.insert(account, step);
        true
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

fn still(since: Time, now: Time) -> bool {
    (since..since.after(WAITS)).contains(&now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last six digits of what RFC 6238 lists in its appendix B for SHA-1.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, seconds / 30), wanted, "{seconds}");
        }
        assert_eq!(base32(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_is_good_a_step_early_or_late_and_only_once() {
        let (secret, now) = (&[3; SECRET], Time(1_800_000_000_000));
        let step = now.0 / STEP_MS;
        for (offset, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let found = step_of(secret, &code(secret, step + offset), now, 0);
            assert_eq!(found, good.then_some(step + offset), "{offset}");
        }
        assert_eq!(step_of(secret, &code(secret, step), now, step), None, "it was used");
        assert_eq!(step_of(secret, &code(secret, step - 1), now, step), None, "so are those before it");
        assert_eq!(digits(" 123 456\n").as_deref(), Some("123456"));
        for none in ["12345", "1234567", "12345a", "１２３４５６", ""] {
            assert_eq!(digits(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_handed_out_says_the_same_in_all_three_forms() {
        let given = handed_out(&[7; SECRET], "Zoë & co");
        let uri = given.uri.reveal();
        assert!(uri.starts_with("otpauth://totp/Titan:Zo%C3%AB%20%26%20co?"), "{uri}");
        assert!(uri.contains(&format!("secret={}", given.secret.reveal())));
        assert!(given.qr.len() > 20 && given.qr.iter().all(|row| row.chars().count() == given.qr.len()));
        assert!(handed_out(&[7; SECRET], &"n".repeat(30)).qr.len() <= 37, "it fits 80 by 24, margin and all");
        assert!(given.qr[0].starts_with("####### ") && given.qr[0].ends_with(" #######"), "the corners of a QR code");
    }

    #[test]
    fn a_secret_waits_ten_minutes_for_its_session_and_a_step_is_taken_once() {
        let (factors, ada, now) = (Factors::default(), SessionId(1), Time(1_000_000));
        factors.wait(ada, [1; SECRET], now);
        assert_eq!(factors.waiting(ada, now.after(WAITS / 2)), Some([1; SECRET]));
        assert_eq!(factors.waiting(SessionId(2), now), None);
        assert_eq!(factors.waiting(ada, now.after(WAITS)), None);
        assert!(factors.take_step(AccountId(1), 5) && !factors.take_step(AccountId(1), 5));
        assert!(factors.take_step(AccountId(1), 6) && factors.take_step(AccountId(2), 5));
        assert_eq!(factors.last_step(AccountId(1)), Some(6));
    }
}
