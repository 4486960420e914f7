//! The second factor and app passwords in the shell, as people and scripts use them.

use std::io::{BufRead, BufReader, Write};
use std::time::SystemTime;

use crate::support::{House, PASSWORD, Person, Run};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// What an app for codes shows (RFC 6238), of now or of a step beside it.
fn code_of(secret: &str, beside: i64) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret.chars().map(|c| format!("{:05b}", LETTERS.find(c).unwrap())).collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|eight| u8::from_str_radix(str::from_utf8(eight).unwrap(), 2).unwrap())
        .collect();
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let mut mac = Hmac::<Sha1>::new_from_slice(&bytes).unwrap();
    mac.update(&(i64::try_from(seconds / 30).unwrap() + beside).to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let at = usize::from(mac[19] & 15);
    let word = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// Sets a second factor up in a pipe: the secret comes as words, the code goes back as a line. Gives the secret and the recovery codes.
fn sets_up(person: &Person) -> (String, Vec<String>) {
    let mut child = person.starts(&["factor", "add"]);
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut secret = None;
    while secret.is_none() {
        let mut line = String::new();
        assert!(told.read_line(&mut line).unwrap() > 0, "no secret was told");
        secret = line.trim().rsplit_once("(TOTP): ").map(|(_, secret)| secret.to_owned());
    }
    let secret = secret.unwrap();
    writeln!(child.stdin.as_ref().unwrap(), "{}", code_of(&secret, -1)).unwrap();
    let run = Run::of(child).succeeds();
    (secret, run.out.lines().map(str::to_owned).collect())
}

#[test]
fn a_second_factor_is_set_up_in_a_pipe_and_asked_for_at_the_login() {
    let house = House::open();
    let ada = house.person("ada");
    assert!(ada.titan(&["account", "show"]).succeeds().out.contains("second factor: none"));
    let (secret, recovery) = sets_up(&ada);
    assert_eq!(recovery.len(), 10);
    let elsewhere = Person::new("ada", &house.url());
    elsewhere.titan_reading(&["login", "ada"], &format!("{PASSWORD}\n")).fails(2, "No code was given");
    elsewhere.titan_reading(&["login", "ada"], &format!("{PASSWORD}\n000000\n")).fails(1, "not right");
    elsewhere.titan_reading(&["login", "ada"], &format!("{PASSWORD}\n{}\n", code_of(&secret, 0))).succeeds();
    let again = Person::new("ada", &house.url());
    again.titan_reading(&["login", "ada"], &format!("{PASSWORD}\n{}\n", recovery[0])).succeeds();
    assert!(again.titan(&["account", "show"]).succeeds().out.contains("9 recovery codes left"));
    let fresh = again.titan(&["factor", "codes"]).succeeds();
    assert_eq!(fresh.out.lines().count(), 10);
    again.titan(&["factor", "remove"]).succeeds();
    Person::new("ada", &house.url()).titan_reading(&["login", "ada"], PASSWORD).succeeds();
}

#[test]
fn an_app_password_is_made_listed_used_and_removed() {
    let house = House::open();
    let ada = house.person("ada");
    let made = ada.titan(&["app-passwords", "add", "bot on desk", "--doors", "native,api"]).succeeds();
    let password = made.out.trim();
    assert_eq!(password.len(), 29, "{made:#?}");
    assert!(made.err.contains("shown never again"), "{made:#?}");
    let bot = Person::new("ada", &house.url());
    bot.titan_reading(&["login", "ada"], password).succeeds();
    bot.says("general", "from the bot");
    bot.titan(&["app-passwords", "add", "another"]).fails(1, "changes nothing");
    let listed = ada.titan(&["--json", "app-passwords", "list"]).succeeds().object();
    assert_eq!((&listed["name"], &listed["last_door"]), (&"bot on desk".into(), &"native".into()));
    let sessions = ada.titan(&["account", "sessions"]).succeeds();
    assert!(sessions.out.contains("titan 0.") && sessions.out.contains("bot on desk"), "{sessions:#?}");
    ada.titan(&["app-passwords", "remove", &listed["id"].to_string()]).succeeds();
    bot.titan(&["send", "general", "once more"]).fails(4, "log in again");
    ada.titan(&["app-passwords", "add", "x", "--doors", "back_door"]).fails(1, "There is no door");
}

#[test]
fn all_other_sessions_end_by_one_command() {
    let house = House::open();
    let ada = house.person("ada");
    let other = Person::new("ada", &house.url());
    other.logs_in();
    ada.titan(&["account", "end-sessions"]).succeeds();
    other.titan(&["send", "general", "x"]).fails(4, "log in again");
    ada.says("general", "still here");
}
