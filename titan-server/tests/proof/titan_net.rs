//! Writers at the Titan-Net door, whose protocol has no client ids: after the line broke they look into the history before
//! they write again, as a careful person would.

use serde_json::{Value, json};

use super::book::Book;
use super::checker::{Acknowledged, Words};
use super::given::PASSWORD;
use super::wire::{Whereabouts, Wire};
use super::writers::Enough;

/// Messages looked through after a break: the most there are at once, since others go on writing meanwhile.
const LOOKED_THROUGH: u32 = 500;

pub struct NetWriter {
    pub name: String,
    pub room: i64,
    /// The account whom it writes to in private, and their conversation.
    pub friend: i64,
    pub direct: i64,
}

/// A message on its way.
#[derive(Clone)]
struct Letter {
    words: Words,
    private: bool,
}

impl NetWriter {
    /// Writes in the room and in private by turns, one message at a time, until there is enough.
    pub async fn work(self, book: Book, mut whereabouts: Whereabouts, enough: Enough) {
        let (mut last, mut in_doubt) = (0, None);
        loop {
            let wire = Wire::reach(&mut whereabouts, "/").await;
            if self.write(wire, &book, &enough, &mut last, &mut in_doubt).await.is_some() {
                return;
            }
        }
    }

    /// Writes over one line; none when it broke.
    async fn write(
        &self,
        mut wire: Wire,
        book: &Book,
        enough: &Enough,
        last: &mut u64,
        in_doubt: &mut Option<Letter>,
    ) -> Option<()> {
        let login = json!({"type": "login", "username": self.name, "password": PASSWORD});
        let entered = ask(&mut wire, login, "login_response").await?;
        assert_eq!(entered["success"], true, "{entered}");
        loop {
            let letter = match in_doubt.clone() {
                Some(letter) => {
                    if let Some(id) = self.looks_for(&mut wire, &letter).await? {
                        self.settled(book, in_doubt, id);
                        continue;
                    }
                    letter
                }
                None if *enough.borrow() => return Some(()),
                None => {
                    *last += 1;
                    let words = Words { sender: self.name.clone(), number: *last };
                    let letter = Letter { words, private: last.is_multiple_of(3) };
                    book.sends(&letter.words, self.conversation(&letter));
                    letter
                }
            };
            *in_doubt = Some(letter.clone());
            let id = self.sends(&mut wire, &letter).await?;
            self.settled(book, in_doubt, id);
        }
    }

    fn conversation(&self, letter: &Letter) -> i64 {
        if letter.private { self.direct } else { self.room }
    }

    /// A private message is answered; one in a room comes back to its sender.
    async fn sends(&self, wire: &mut Wire, letter: &Letter) -> Option<i64> {
        let text = letter.words.text();
        if letter.private {
            let request = json!({"type": "private_message", "recipient_id": self.friend, "message": text});
            return ask(wire, request, "message_sent").await?["message_id"].as_i64();
        }
        wire.say(&json!({"type": "room_message", "room_id": self.room, "message": text})).await?;
        loop {
            let frame = hear(wire).await?;
            if frame["type"] == "room_message" && frame["message"] == text.as_str() {
                return frame["message_id"].as_i64();
            }
        }
    }

    /// The message's id, if it is among the last.
    async fn looks_for(&self, wire: &mut Wire, letter: &Letter) -> Option<Option<i64>> {
        let (request, reply) = match letter.private {
            true => {
                (json!({"type": "get_messages", "user_id": self.friend, "limit": LOOKED_THROUGH}), "private_messages")
            }
            false => {
                (json!({"type": "get_room_messages", "room_id": self.room, "limit": LOOKED_THROUGH}), "room_messages")
            }
        };
        let told = ask(wire, request, reply).await?;
        let messages = told["messages"].as_array().unwrap_or_else(|| panic!("no messages: {told}"));
        let text = letter.words.text();
        let mine = messages.iter().find(|message| message["message"] == text.as_str());
        Some(mine.and_then(|message| message["id"].as_i64()))
    }

    fn settled(&self, book: &Book, in_doubt: &mut Option<Letter>, id: i64) {
        if let Some(letter) = in_doubt.take() {
            let conversation = self.conversation(&letter);
            book.promised(Acknowledged { words: letter.words, conversation, seq: None, id: Some(id) });
        }
    }
}

async fn ask(wire: &mut Wire, request: Value, reply: &str) -> Option<Value> {
    wire.say(&request).await?;
    loop {
        let frame = hear(wire).await?;
        if frame["type"] == reply {
            return Some(frame);
        }
    }
}

async fn hear(wire: &mut Wire) -> Option<Value> {
    let frame = wire.hear_soon("a Titan-Net frame").await?;
    assert_ne!(frame["type"], "error", "{frame}");
    Some(frame)
}
