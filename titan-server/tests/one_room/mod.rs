//! One house with many doors: whoever comes in by whichever door is in the same room as everybody else, and what is done
//! to them at one door is done at all.

mod acts;
mod blocked;
mod crowd;
mod factors;
mod files;
mod names;
mod pairs;
mod texts;

use crate::guests::guest::{Guest, PASSWORD, Place, Said};
use crate::guests::{Door, native, open_house};
use crate::support::{Native, TestHouse};
use serde_json::json;

/// Somebody at a door, and once more at the native one to look things up.
struct Talker {
    door: Door,
    name: String,
    account: i64,
    guest: Box<dyn Guest>,
    twin: Native,
}

impl Talker {
    async fn enter(house: &TestHouse, door: Door, name: &str) -> Self {
        let guest = door.enter(house, name).await;
        let twin = house.enter_again(name).await;
        Self { door, name: name.to_owned(), account: twin.account, guest, twin }
    }

    /// Goes there; into a room that its door can't join, after joining at the native one.
    async fn goes_to(&mut self, place: &Place) {
        if let (Place::Room { id, .. }, Door::TlsFrames) = (place, self.door) {
            let joined = self.twin.ask(json!({"do": "join_room", "conversation": id})).await;
            assert!(joined.get("ok").is_some() || joined["error"]["code"] == "already_member", "{joined}");
        }
        self.guest.goes_to(place).await;
    }

    async fn says_all(&mut self, texts: &[String]) {
        for text in texts {
            self.guest.says(text).await;
        }
        self.guest.was_not_refused().await;
    }

    /// Hears up to these last words, and all of it is as the log has it: in its order, once, by the right author.
    async fn has_heard(&mut self, place: &Place, log: &[Said], last: &str) {
        let heard = self.guest.hears_up_to(last).await;
        let end = log.iter().position(|said| said.text == last).expect("the last words are in the log") + 1;
        let echoes = self.door.echoes(place);
        let owed: Vec<Said> = log[..end].iter().filter(|said| echoes || said.author != self.name).cloned().collect();
        let owed = &owed[owed.len().saturating_sub(self.door.shows_most())..];
        assert_eq!(heard, owed, "{} at {:?} in {place:?}", self.name, self.door);
    }
}

/// What somebody says, each line other than all else that is said anywhere.
fn lines(name: &str, place: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("{number} of {name} in {place}, żółć 👋")).collect()
}

/// What the log has of somebody is what they said, in the order they said it.
#[track_caller]
fn has_all(log: &[Said], author: &str, texts: &[String]) {
    let said: Vec<&String> = log.iter().filter(|said| said.author == author).map(|said| &said.text).collect();
    assert_eq!(said, texts.iter().collect::<Vec<_>>(), "of {author}");
}
