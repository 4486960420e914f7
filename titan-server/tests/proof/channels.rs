//! A writer at the channels door: it says its words raw over a WebSocket and takes the event that comes back for the promise.
//! The protocol has no client ids: after the line broke it looks into the history before it says anything again.

use std::net::SocketAddr;

use reqwest::Client;
use serde_json::{Value, json};

use super::book::Book;
use super::checker::{Acknowledged, Words};
use super::given::DEADLINE;
use super::given::PASSWORD;
use super::wire::{Whereabouts, Wire};
use super::writers::Enough;

pub struct ChannelWriter {
    pub name: String,
    pub channel: i64,
}

/// What outlives a broken line.
#[derive(Default)]
struct Desk {
    http: Client,
    /// Got once: a token outlives the server's death.
    token: Option<String>,
    last: u64,
    in_doubt: Option<Words>,
}

impl ChannelWriter {
    /// Writes one message at a time until there is enough.
    pub async fn work(self, book: Book, mut whereabouts: Whereabouts, enough: Enough) {
        let http = Client::builder().no_proxy().timeout(DEADLINE).build().unwrap();
        let mut desk = Desk { http, ..Desk::default() };
        loop {
            let address = *whereabouts.wait_for(Option::is_some).await.expect("the experiment has ended");
            if self.write(address.unwrap(), &book, &enough, &mut desk).await.is_some() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Writes over one line; none when it broke.
    async fn write(&self, address: SocketAddr, book: &Book, enough: &Enough, desk: &mut Desk) -> Option<()> {
        if desk.token.is_none() {
            desk.token = Some(self.login(desk, address).await?);
        }
        if let Some(words) = desk.in_doubt.clone()
            && let Some(id) = self.looks_for(desk, address, &words).await?
        {
            self.settled(book, desk, id);
        }
        let token = desk.token.as_deref().unwrap_or_default();
        let mut wire = Wire::open(address, &format!("/ws/channels/{}?token={token}", self.channel)).await?;
        loop {
            let words = match desk.in_doubt.clone() {
                Some(words) => words,
                None if *enough.borrow() => return Some(()),
                None => {
                    desk.last += 1;
                    let words = Words { sender: self.name.clone(), number: desk.last };
                    book.sends(&words, self.channel);
                    words
                }
            };
            desk.in_doubt = Some(words.clone());
            let id = says(&mut wire, &words).await?;
            self.settled(book, desk, id);
        }
    }

    async fn login(&self, desk: &Desk, address: SocketAddr) -> Option<String> {
        let credentials = json!({"username": self.name, "password": PASSWORD});
        let told = desk.http.post(format!("http://{address}/auth/login")).json(&credentials).send().await.ok()?;
        told.json::<Value>().await.ok()?["access_token"].as_str().map(str::to_owned)
    }

    /// The message's id, if it is among the last.
    async fn looks_for(&self, desk: &Desk, address: SocketAddr, words: &Words) -> Option<Option<i64>> {
        let url = format!("http://{address}/channels/{}/messages?limit=200", self.channel);
        let asked = desk.http.get(url).bearer_auth(desk.token.as_deref().unwrap_or_default());
        let told: Value = asked.send().await.ok()?.json().await.ok()?;
        let messages = told.as_array().unwrap_or_else(|| panic!("no messages: {told}"));
        let text = words.text();
        let mine = messages.iter().find(|message| message["content"] == text.as_str());
        Some(mine.and_then(|message| message["id"].as_i64()))
    }

    fn settled(&self, book: &Book, desk: &mut Desk, id: i64) {
        if let Some(words) = desk.in_doubt.take() {
            book.promised(Acknowledged { words, conversation: self.channel, seq: None, id: Some(id) });
        }
    }
}

/// Says it and waits until it comes back.
async fn says(wire: &mut Wire, words: &Words) -> Option<i64> {
    let text = words.text();
    wire.say_raw(&text).await?;
    loop {
        let event = wire.hear_soon("an event of the channel").await?;
        assert_ne!(event["type"], "error", "{event}");
        if event["type"] == "message" && event["content"] == text.as_str() {
            return event["id"].as_i64();
        }
    }
}
