//! Somebody with an app for codes: sets up a second factor, and has its codes.

use pbkdf2::hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::Sha1;
use titan_core::Time;

use crate::support::Native;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What the app holds, and the recovery codes on paper.
pub struct App {
    secret: Vec<u8>,
    pub recovery: Vec<String>,
}

impl App {
    /// Sets a second factor up for who has logged in lately.
    pub async fn set_up(person: &mut Native) -> Self {
        let offered = person.ok(json!({"do": "add_factor"})).await;
        let secret = bytes(offered["secret"].as_str().unwrap());
        let app = Self { secret, recovery: Vec::new() };
        // Of the step before, so that the present one's is good for the next login.
        let codes = person.ok(json!({"do": "confirm_factor", "code": app.code(-1)})).await;
        let recovery = codes["codes"].as_array().unwrap().iter();
        Self { recovery: recovery.map(|code| code.as_str().unwrap().to_owned()).collect(), ..app }
    }

    /// The code of now, or of a step beside it.
    pub fn code(&self, beside: i64) -> String {
        let step = Time::now().0 / 30_000 + beside;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret).unwrap();
        mac.update(&step.to_be_bytes());
        let mac = mac.finalize().into_bytes();
        let at = usize::from(mac[19] & 15);
        let word = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }

    /// One that is right at no moment near.
    pub fn wrong_code(&self) -> String {
        let near: Vec<_> = (-3..=3).map(|beside| self.code(beside)).collect();
        (0..).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

fn bytes(base32: &str) -> Vec<u8> {
    let value = |letter: u8| LETTERS.iter().position(|other| *other == letter).unwrap() as u64;
    base32
        .as_bytes()
        .chunks(8)
        .flat_map(|eight| eight.iter().fold(0, |word, letter| word << 5 | value(*letter)).to_be_bytes()[3..].to_vec())
        .collect()
}

/// An app password, made by somebody who has logged in lately.
pub async fn app_password(person: &mut Native, doors: &[&str]) -> (i64, String) {
    let made = person.ok(json!({"do": "add_app_password", "name": "of a program", "doors": doors})).await;
    (made["id"].as_i64().unwrap(), made["password"].as_str().unwrap().to_owned())
}
