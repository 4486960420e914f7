//! Holds `PROTOCOL.md` to its word: each example is read with the real types and written back unchanged, and each command,
//! event, kind of entry and fault code has its place in it.

use std::collections::BTreeSet;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::*;

const PAPER: &str = include_str!("../../PROTOCOL.md");

/// The fenced examples: what they claim to be, and their text.
fn examples() -> Vec<(&'static str, &'static str)> {
    let blocks = PAPER.split("```json ").skip(1);
    blocks
        .map(|block| {
            let (what, rest) = block.split_once('\n').unwrap();
            (what.trim(), rest.split("```").next().unwrap())
        })
        .collect()
}

fn survives<T: DeserializeOwned + Serialize>(text: &str) -> Value {
    let parsed: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"));
    let written = serde_json::to_value(parsed).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(text).unwrap(), "an example holds something that nobody reads");
    written
}

fn check(what: &str, text: &str) -> Value {
    match what {
        "request" => survives::<Request>(text),
        "event" => survives::<Event>(text),
        "fault" => survives::<Fault>(text),
        "export" => survives::<Exported>(text),
        "reply:Done" => survives::<Done>(text),
        "reply:ResetAsked" => survives::<ResetAsked>(text),
        "reply:Registered" => survives::<Registered>(text),
        "reply:LoggedIn" => survives::<LoggedIn>(text),
        "reply:Usage" => survives::<Usage>(text),
        "reply:Profile" => survives::<Profile>(text),
        "reply:EndedAccounts" => survives::<EndedAccounts>(text),
        "reply:NewFactor" => survives::<NewFactor>(text),
        "reply:RecoveryCodes" => survives::<RecoveryCodes>(text),
        "reply:AppPasswords" => survives::<AppPasswords>(text),
        "reply:NewAppPassword" => survives::<NewAppPassword>(text),
        "reply:Sessions" => survives::<Sessions>(text),
        "reply:People" => survives::<People>(text),
        "reply:Person" => survives::<Person>(text),
        "reply:Relations" => survives::<Relations>(text),
        "reply:Relation" => survives::<Relation>(text),
        "reply:Sanctions" => survives::<Sanctions>(text),
        "reply:AddressBans" => survives::<AddressBans>(text),
        "reply:Audit" => survives::<Audit>(text),
        "reply:AuditVerified" => survives::<AuditVerified>(text),
        "reply:Accounts" => survives::<Accounts>(text),
        "reply:Rooms" => survives::<Rooms>(text),
        "reply:Conversations" => survives::<Conversations>(text),
        "reply:Conversation" => survives::<Conversation>(text),
        "reply:Members" => survives::<Members>(text),
        "reply:Posted" => survives::<Posted>(text),
        "reply:Entries" => survives::<Entries>(text),
        "reply:Results" => survives::<Results>(text),
        "reply:Resumed" => survives::<Resumed>(text),
        "reply:FileInfo" => survives::<FileInfo>(text),
        "reply:Apps" => survives::<Apps>(text),
        "reply:App" => survives::<App>(text),
        "reply:RepositoryStats" => survives::<RepositoryStats>(text),
        "response:Posted" => {
            let Incoming::Ok { ok, .. } = Incoming::parse(text).unwrap() else { panic!("no answer: {text}") };
            survives::<Posted>(ok.get())
        }
        "response:Fault" => {
            let Incoming::Error { error, .. } = Incoming::parse(text).unwrap() else { panic!("no fault: {text}") };
            json!(error)
        }
        other => panic!("nobody knows what a {other:?} is"),
    }
}

fn names(wanted: &str, key: &str) -> BTreeSet<String> {
    let of_kind = examples().into_iter().filter(|(what, _)| *what == wanted);
    of_kind.filter_map(|(what, text)| Some(check(what, text).pointer(key)?.as_str()?.to_owned())).collect()
}

#[test]
fn every_example_is_what_it_says() {
    let examples = examples();
    assert!(examples.len() > 80, "only {} examples were found", examples.len());
    for (what, text) in examples {
        check(what, text);
    }
}

#[test]
fn every_command_has_an_example() {
    let commands: BTreeSet<String> = Command::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(commands.len(), Command::ALL.len(), "two commands have one name");
    assert_eq!(names("request", "/do"), commands);
}

#[test]
fn every_reply_has_an_example() {
    let shown: BTreeSet<&str> = examples().iter().filter_map(|(what, _)| what.strip_prefix("reply:")).collect();
    let of_a_command = |(_, reply): &(&'static str, &'static str)| reply.rsplit("::").next().unwrap_or(reply);
    let replies: BTreeSet<&str> = Command::ALL.iter().map(of_a_command).collect();
    assert_eq!(shown, replies);
}

#[test]
fn every_event_and_kind_of_entry_has_an_example() {
    // A new variant makes these matches incomplete: name it here, and show it in PROTOCOL.md.
    let event = |event: &Event| match event {
        Event::Entry { .. } => 1,
        Event::CaughtUp {} => 2,
        Event::Presence { .. } => 3,
        Event::Typing { .. } => 4,
        Event::VoiceSignal { .. } => 5,
        Event::ConversationAdded { .. } => 6,
        Event::ConversationRemoved { .. } => 7,
        Event::ReadMark { .. } => 8,
        Event::RoomCreated { .. } => 9,
        Event::RoomRemoved { .. } => 10,
        Event::AccountRegistered { .. } => 11,
        Event::AccountChanged { .. } => 12,
        Event::AppChanged { .. } => 13,
        Event::AppRemoved { .. } => 14,
        Event::Goodbye { .. } => 15,
        Event::AccountRemoved { .. } => 16,
        Event::MemberChanged { .. } => 17,
        Event::RelationChanged { .. } => 18,
        Event::RelationEnded { .. } => 19,
        Event::Visit { .. } => 20,
        Event::Unknown => 0,
    };
    let body = |body: &Body| match body {
        Body::Message(_) => 1,
        Body::Edit { .. } => 2,
        Body::Deletion { .. } => 3,
        Body::Reaction { .. } => 4,
        Body::Joined {} => 5,
        Body::Left { .. } => 6,
        Body::FileFetched { .. } => 7,
        Body::RoomChanged { .. } => 8,
        Body::Damaged {} => 9,
        Body::Unknown => 0,
    };
    let shown: Vec<Event> = examples()
        .into_iter()
        .filter(|(what, _)| *what == "event")
        .map(|(_, text)| serde_json::from_str(text).unwrap())
        .collect();
    let events: BTreeSet<i32> = shown.iter().map(event).collect();
    assert_eq!(events, (1..=20).collect());
    let entries = shown.iter().filter_map(|event| match event {
        Event::Entry { entry } => Some(&entry.body),
        _ => None,
    });
    assert_eq!(entries.map(body).collect::<BTreeSet<i32>>(), (1..=9).collect());
}

#[test]
fn every_fault_code_is_explained() {
    let rows = PAPER.split("## Faults").nth(1).unwrap().split("```").next().unwrap();
    let explained: Vec<FaultCode> = rows
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(|code| serde_json::from_value(json!(code)).unwrap())
        .collect();
    // As above.
    let place = |code: &FaultCode| match code {
        FaultCode::BadRequest => 1,
        FaultCode::UnknownCommand => 2,
        FaultCode::NotLoggedIn => 3,
        FaultCode::BadCredentials => 4,
        FaultCode::BadToken => 5,
        FaultCode::Banned => 6,
        FaultCode::NameTaken => 7,
        FaultCode::NotFound => 8,
        FaultCode::NotAMember => 9,
        FaultCode::AlreadyMember => 10,
        FaultCode::WrongRoomPassword => 11,
        FaultCode::Forbidden => 12,
        FaultCode::ConfirmFirst => 13,
        FaultCode::SecondFactorRequired => 14,
        FaultCode::ChoosePassword => 15,
        FaultCode::Conflict => 16,
        FaultCode::NotApproved => 17,
        FaultCode::TooLarge => 18,
        FaultCode::RateLimited => 19,
        FaultCode::Unavailable => 20,
        FaultCode::Internal => 21,
        FaultCode::Other => 0,
    };
    assert_eq!(explained.iter().map(place).collect::<Vec<i32>>(), (1..=21).collect::<Vec<i32>>());
}

#[test]
fn the_limits_on_paper_are_those_in_force() {
    use crate::text::{DESCRIPTION_MOST, MESSAGE_MOST, ROOM_NAME_MOST, USERNAME_MOST};
    assert_eq!((FRAME_MOST, FRAME_ESCAPED_MOST, REPLY_MOST), (65_536, 262_144, 2 << 20));
    assert_eq!((MESSAGE_MOST, USERNAME_MOST, ROOM_NAME_MOST, DESCRIPTION_MOST), (16_000, 50, 100, 4_000));
}
