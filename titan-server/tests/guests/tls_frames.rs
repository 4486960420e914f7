//! At the TLS-frames door: what is said in the conversation it shows is told as a whole, again and again.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::guest::{Guest, PASSWORD, Place, Said};
use crate::support::{TestHouse, deadline};
use crate::tls_support::{ACK, Client, ERR, HIS, LOG, SES, UPD, client, hashed};

/// Lines of a history at most.
const SHOWN_MOST: usize = 200;
/// Bytes of `[2026-11-20T09:46:19] `.
const MOMENT: usize = 22;

struct Person {
    client: Client,
    /// Who or what it shows.
    reciever: String,
    shown: Vec<Said>,
}

pub async fn register(house: &TestHouse, name: &str) {
    let (kind, said) = client(house).await.register(name, PASSWORD).await;
    assert_eq!(kind, ACK, "{said}");
}

pub async fn login(house: &TestHouse, name: &str, password: &str) -> Result<Box<dyn Guest>, String> {
    let mut client = client(house).await;
    match tries_to_login(&mut client, name, password).await {
        (SES, _) => Ok(Box::new(Person { client, reciever: String::new(), shown: Vec::new() })),
        (_, refusal) => Err(refusal["msg"].as_str().unwrap().to_owned()),
    }
}

/// The two steps; the first may be refused already.
pub async fn tries_to_login(client: &mut Client, name: &str, password: &str) -> (u8, Value) {
    let (kind, salted) = client.ask(LOG, json!({"login": name, "password": "X"})).await;
    if kind != LOG {
        return (kind, salted);
    }
    let digits = salted["password"].as_str().unwrap();
    let salt: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect();
    client.ask(LOG, json!({"login": name, "password": hashed(password, &salt)})).await
}

/// What a place is called here.
pub fn reciever(place: &Place) -> String {
    match place {
        Place::Room { name, .. } => format!("#{name}"),
        Place::Direct { name, .. } => name.clone(),
    }
}

fn said(line: &str) -> Said {
    let (author, text) = line[MOMENT..].split_once(": ").unwrap_or_else(|| panic!("{line}"));
    Said { author: author.to_owned(), text: text.to_owned() }
}

/// A history goes on from the one before: its end is new, and where it is full its beginning is dropped.
fn goes_on(before: &[Said], now: &[Said]) -> bool {
    let dropped = match (before.last(), now.len()) {
        (Some(last), SHOWN_MOST) => now.iter().rposition(|said| said == last).map(|at| before.len() - at - 1),
        _ => Some(0),
    };
    dropped.is_some_and(|dropped| now.starts_with(&before[dropped..]))
}

/// Every refusal and every history that comes before the answer to a frame that is always refused.
async fn heard_by_now(client: &mut Client) -> (Vec<String>, Vec<Value>) {
    client.send(SES, json!({})).await;
    let (mut refusals, mut histories) = (Vec::new(), Vec::new());
    loop {
        match client.next().await {
            (ERR, said) if said["msg"].as_str().unwrap().starts_with("SES") => return (refusals, histories),
            (ERR, said) => refusals.push(said["msg"].as_str().unwrap().to_owned()),
            (HIS, history) => histories.push(history),
            _ => {}
        }
    }
}

pub async fn refusals_by_now(client: &mut Client) -> Vec<String> {
    heard_by_now(client).await.0
}

impl Person {
    fn is_shown(&mut self, history: &Value) {
        let lines = history["history"].as_array().unwrap().iter();
        let now: Vec<Said> = lines.map(|line| said(line.as_str().unwrap())).collect();
        assert!(now.len() <= SHOWN_MOST && goes_on(&self.shown, &now), "{:?} became {now:?}", self.shown);
        self.shown = now;
    }
}

#[async_trait]
impl Guest for Person {
    /// There is no word for joining here: who goes to a room has joined it at another door.
    async fn goes_to(&mut self, place: &Place) {
        self.client.send(UPD, json!({"reciever": null})).await;
        assert_eq!(refusals_by_now(&mut self.client).await, [""; 0]);
        self.reciever = reciever(place);
        self.shown.clear();
        self.client.shows(&self.reciever).await;
    }

    async fn says(&mut self, text: &str) {
        self.client.says(&self.reciever, text).await;
    }

    async fn was_not_refused(&mut self) {
        let (refusals, histories) = heard_by_now(&mut self.client).await;
        assert_eq!(refusals, [""; 0]);
        for history in &histories {
            self.is_shown(history);
        }
    }

    async fn hears_up_to(&mut self, last: &str) -> Vec<Said> {
        loop {
            if let Some(end) = self.shown.iter().position(|said| said.text == last) {
                return self.shown[..=end].to_vec();
            }
            // The names, which come every ten seconds, are no sign that anything else will.
            let history = deadline(self.client.hears(HIS)).await;
            self.is_shown(&history);
        }
    }

    async fn is_shown_out(&mut self) -> String {
        self.client.is_dismissed().await
    }
}

/// What the door's client sends to change its password.
pub fn new_password(password: &str) -> Value {
    json!({"password": crate::tls_support::fresh(password)})
}
