//! What the server pushes, to JSON. Pure.
//!
//! Edits, deletions, reactions and what else the original never had are passed over: its clients see how things stand
//! when they ask for the history.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use titan_core::protocol::{Body, Entry, Event, RoomKind};
use titan_core::{AccountId, ConversationId, EntryId, SafeText, Seq, TitanNumber};

use super::reply::{Moment, frame, said};
use titan_hub::switchboard::{Delivery, Dialect, Happening};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Word<'a> {
    PrivateMessage {
        message_id: EntryId,
        sender_id: AccountId,
        sender_username: &'a SafeText,
        sender_titan_number: TitanNumber,
        message: String,
        sent_at: Moment,
    },
    RoomMessage {
        room_id: ConversationId,
        message_id: EntryId,
        user_id: AccountId,
        username: &'a SafeText,
        titan_number: TitanNumber,
        message: String,
        sent_at: Moment,
    },
    UserJoinedRoom {
        room_id: ConversationId,
        user_id: AccountId,
        username: &'a SafeText,
    },
    UserLeftRoom {
        room_id: ConversationId,
        user_id: AccountId,
        username: &'a SafeText,
    },
    NewRoom {
        room_id: ConversationId,
        name: &'a SafeText,
        creator: &'a str,
        room_type: RoomKind,
    },
    RoomRemoved {
        room_id: ConversationId,
    },
    UserStatus {
        user_id: AccountId,
        username: &'a SafeText,
        titan_number: TitanNumber,
        status: &'static str,
    },
    UserRegistered {
        username: &'a SafeText,
        titan_number: TitanNumber,
    },
    VoiceSignal {
        room_id: ConversationId,
        from_user_id: AccountId,
        from_username: &'a SafeText,
        signal: &'a Value,
    },
}

/// Where an entry was written, as seen by one who hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Room,
    /// With this other person, who may be oneself.
    Direct(AccountId),
}

/// The frame that `listener` hears an entry by; none where it is not told to them.
pub fn entry(delivery: &Delivery, entry: &Entry, listener: AccountId, place: Place) -> Option<Bytes> {
    let mine = entry.author.id == listener;
    let told = match (place, &entry.body) {
        (Place::Direct(other), Body::Message(_)) => !mine || other == listener,
        (Place::Room, Body::Message(_)) => true,
        // A room's first entry is its maker's, who is told by the reply.
        (Place::Room, Body::Joined { .. }) => entry.seq > Seq(1),
        (Place::Room, Body::Left { .. }) => !mine,
        _ => false,
    };
    let encode = |_: &Happening| of_entry(entry, place).map(|word| frame(&word));
    if told { delivery.encoded(Dialect::TitanNet, encode) } else { None }
}

/// The frame that something passing is heard by; none where the original has no word for it.
pub fn passing(delivery: &Delivery, event: &Event) -> Option<Bytes> {
    delivery.encoded(Dialect::TitanNet, |_| of_event(event).map(|word| frame(&word)))
}

fn of_entry(entry: &Entry, place: Place) -> Option<Word<'_>> {
    let (room_id, author) = (entry.conversation, &entry.author);
    let (user_id, username) = (author.id, &author.username);
    match (&entry.body, place) {
        (Body::Message(_), Place::Direct(_)) => Some(Word::PrivateMessage {
            message_id: entry.id,
            sender_id: user_id,
            sender_username: username,
            sender_titan_number: author.titan_number,
            message: said(entry)?,
            sent_at: Moment(entry.at),
        }),
        (Body::Message(_), Place::Room) => Some(Word::RoomMessage {
            room_id,
            message_id: entry.id,
            user_id,
            username,
            titan_number: author.titan_number,
            message: said(entry)?,
            sent_at: Moment(entry.at),
        }),
        (Body::Joined { .. }, Place::Room) => Some(Word::UserJoinedRoom { room_id, user_id, username }),
        (Body::Left { .. }, Place::Room) => Some(Word::UserLeftRoom { room_id, user_id, username }),
        _ => None,
    }
}

fn of_event(event: &Event) -> Option<Word<'_>> {
    match event {
        Event::Presence { person, .. } => Some(Word::UserStatus {
            user_id: person.account.id,
            username: &person.account.username,
            titan_number: person.account.titan_number,
            status: if person.online { "online" } else { "offline" },
        }),
        Event::AccountRegistered { account, .. } => {
            Some(Word::UserRegistered { username: &account.username, titan_number: account.titan_number })
        }
        Event::RoomCreated { room, .. } => Some(Word::NewRoom {
            room_id: room.id,
            name: &room.name,
            creator: room.owner.as_ref().map_or("titan", |owner| &owner.username),
            room_type: room.kind,
        }),
        Event::RoomRemoved { conversation, .. } => Some(Word::RoomRemoved { room_id: *conversation }),
        Event::VoiceSignal { conversation, from, signal, .. } => Some(Word::VoiceSignal {
            room_id: *conversation,
            from_user_id: from.id,
            from_username: &from.username,
            signal,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::Arc;
    use titan_core::Time;
    use titan_core::protocol::{self, Account, Author, Message, Person, Room};

    const ADA: AccountId = AccountId(1);
    const BOB: AccountId = AccountId(2);

    fn by_ada(seq: i64, body: Body) -> Entry {
        let author = Author::new(ADA, "ada".into(), TitanNumber(69_522));
        let place = protocol::Place::new(ConversationId(4), Seq(seq));
        Entry::new(place, EntryId(77), author, Time(1_737_367_200_000), body)
    }

    fn heard(entry: Entry, listener: AccountId, place: Place) -> Option<String> {
        let delivery = Delivery::entry(Arc::new(entry.clone()));
        let frame = super::entry(&delivery, &entry, listener, place)?;
        Some(String::from_utf8(frame.to_vec()).unwrap())
    }

    fn message(text: &str) -> Body {
        Body::Message(Message::new(text.into()))
    }

    #[test]
    fn a_room_message_is_heard_by_all_and_a_private_one_by_the_other() {
        let told = heard(by_ada(2, message("hi")), ADA, Place::Room).unwrap();
        assert_eq!(
            told,
            r#"{"type":"room_message","room_id":4,"message_id":77,"user_id":1,"username":"ada","titan_number":69522,"message":"hi","sent_at":"2025-01-20T10:00:00.000000"}"#
        );
        let told = heard(by_ada(2, message("psst")), BOB, Place::Direct(ADA)).unwrap();
        assert_eq!(
            told,
            r#"{"type":"private_message","message_id":77,"sender_id":1,"sender_username":"ada","sender_titan_number":69522,"message":"psst","sent_at":"2025-01-20T10:00:00.000000"}"#
        );
        assert_eq!(heard(by_ada(2, message("psst")), ADA, Place::Direct(BOB)), None);
        assert!(heard(by_ada(2, message("note to self")), ADA, Place::Direct(ADA)).is_some());
    }

    #[test]
    fn who_joins_is_told_to_all_and_who_leaves_to_those_who_stay() {
        let joined = r#"{"type":"user_joined_room","room_id":4,"user_id":1,"username":"ada"}"#;
        assert_eq!(heard(by_ada(2, Body::joined()), ADA, Place::Room).as_deref(), Some(joined));
        assert_eq!(heard(by_ada(1, Body::joined()), ADA, Place::Room), None);
        let left = r#"{"type":"user_left_room","room_id":4,"user_id":1,"username":"ada"}"#;
        assert_eq!(heard(by_ada(3, Body::left(None)), BOB, Place::Room).as_deref(), Some(left));
        assert_eq!(heard(by_ada(3, Body::left(None)), ADA, Place::Room), None);
    }

    #[test]
    fn what_the_original_never_had_is_passed_over() {
        let deleted = Body::Message(Message::erased(None));
        for body in [deleted, Body::deletion(Seq(1)), Body::Unknown] {
            assert_eq!(heard(by_ada(2, body), BOB, Place::Room), None);
        }
        assert!(of_event(&Event::caught_up()).is_none());
    }

    #[test]
    fn what_passes_is_told_as_the_document_has_it() {
        let account = Account::new(ADA, "ada".into(), TitanNumber(69_522), Time(0));
        let author = by_ada(1, Body::Unknown).author;
        let mut room = Room::new(ConversationId(4), "Lab".into(), Time(0));
        (room.kind, room.locked, room.owner) = (RoomKind::Voice, true, Some(author.clone()));
        let cases = [
            (
                Event::presence(Person::new(account.clone(), false)),
                r#"{"type":"user_status","user_id":1,"username":"ada","titan_number":69522,"status":"offline"}"#,
            ),
            (Event::account_registered(account), r#"{"type":"user_registered","username":"ada","titan_number":69522}"#),
            (
                Event::room_created(room),
                r#"{"type":"new_room","room_id":4,"name":"Lab","creator":"ada","room_type":"voice"}"#,
            ),
            (Event::room_removed(ConversationId(4)), r#"{"type":"room_removed","room_id":4}"#),
            (
                Event::voice_signal(ConversationId(4), author, json!({"sdp": "..."})),
                r#"{"type":"voice_signal","room_id":4,"from_user_id":1,"from_username":"ada","signal":{"sdp":"..."}}"#,
            ),
        ];
        for (event, wanted) in cases {
            assert_eq!(passing(&Delivery::passing(event.clone()), &event).unwrap(), wanted);
        }
    }
}
