//! Every two doors: whoever comes by the one hears whoever comes by the other, wherever both can be.

use super::*;
use crate::guests;
use crate::support;

const LINES: usize = 12;

macro_rules! pairs {
    ($($story:ident: $one:ident, $other:ident;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                talk_wherever_both_can_be(Door::$one, Door::$other).await;
            }
        )*
    };
}

pairs! {
    native_hears_native: Native, Native;
    native_hears_titan_net: Native, TitanNet;
    native_hears_channels: Native, Channels;
    native_hears_json_lines: Native, JsonLines;
    native_hears_slash: Native, Slash;
    native_hears_tls_frames: Native, TlsFrames;
    titan_net_hears_titan_net: TitanNet, TitanNet;
    titan_net_hears_channels: TitanNet, Channels;
    titan_net_hears_json_lines: TitanNet, JsonLines;
    titan_net_hears_slash: TitanNet, Slash;
    titan_net_hears_tls_frames: TitanNet, TlsFrames;
    channels_hears_channels: Channels, Channels;
    channels_hears_json_lines: Channels, JsonLines;
    channels_hears_slash: Channels, Slash;
    channels_hears_tls_frames: Channels, TlsFrames;
    json_lines_hears_json_lines: JsonLines, JsonLines;
    json_lines_hears_slash: JsonLines, Slash;
    json_lines_hears_tls_frames: JsonLines, TlsFrames;
    slash_hears_slash: Slash, Slash;
    slash_hears_tls_frames: Slash, TlsFrames;
    tls_frames_hears_tls_frames: TlsFrames, TlsFrames;
}

async fn talk_wherever_both_can_be(one: Door, other: Door) {
    let house = open_house().await;
    let mut host = house.enter("host").await;
    let mut ada = Talker::enter(&house, one, "ada").await;
    let mut bob = Talker::enter(&house, other, "bob").await;

    talk_in_a_room(&mut host, &mut ada, &mut bob, &Place::general()).await;
    let id = host.ok(json!({"do": "create_room", "name": "den"})).await["id"].as_i64().unwrap();
    let den = Place::Room { id, name: "den".to_owned() };
    if one.leads_to(&den) && other.leads_to(&den) {
        talk_in_a_room(&mut host, &mut ada, &mut bob, &den).await;
    }
    let in_private = Place::Direct { account: bob.account, name: bob.name.clone() };
    if one.leads_to(&in_private) && other.leads_to(&in_private) {
        talk_in_private(&mut ada, &mut bob).await;
    }
}

/// Both at the same time; the host has the last word, and knows the log.
async fn talk_in_a_room(host: &mut Native, ada: &mut Talker, bob: &mut Talker, room: &Place) {
    let Place::Room { id, name } = room else { panic!("not a room: {room:?}") };
    ada.goes_to(room).await;
    bob.goes_to(room).await;
    let (from_ada, from_bob) = (lines("ada", name, LINES), lines("bob", name, LINES));
    tokio::join!(ada.says_all(&from_ada), bob.says_all(&from_bob));
    all_are_written(host, *id, 2 * LINES).await;
    host.says(*id, "that is all").await;
    let log = native::log(host, *id).await;
    has_all(&log, "ada", &from_ada);
    has_all(&log, "bob", &from_bob);
    ada.has_heard(room, &log, "that is all").await;
    bob.has_heard(room, &log, "that is all").await;
}

/// The same; each has the last word for the other, at another door.
async fn talk_in_private(ada: &mut Talker, bob: &mut Talker) {
    let to_bob = Place::Direct { account: bob.account, name: bob.name.clone() };
    let to_ada = Place::Direct { account: ada.account, name: ada.name.clone() };
    let open = json!({"do": "open_direct", "account": bob.account});
    let direct = ada.twin.ok(open).await["id"].as_i64().unwrap();
    // Nothing was said there yet: until then it shows to who has opened it.
    bob.twin.ok(json!({"do": "open_direct", "account": ada.account})).await;
    ada.guest.goes_to(&to_bob).await;
    bob.guest.goes_to(&to_ada).await;
    let (mut from_ada, mut from_bob) = (lines("ada", "private", LINES), lines("bob", "private", LINES));
    tokio::join!(ada.says_all(&from_ada), bob.says_all(&from_bob));
    all_are_written(&mut ada.twin, direct, 2 * LINES).await;
    ada.twin.says(direct, "that is all from ada").await;
    bob.twin.says(direct, "that is all from bob").await;
    let log = native::log(&mut ada.twin, direct).await;
    from_ada.push("that is all from ada".to_owned());
    from_bob.push("that is all from bob".to_owned());
    has_all(&log, "ada", &from_ada);
    has_all(&log, "bob", &from_bob);
    ada.has_heard(&to_bob, &log, "that is all from bob").await;
    bob.has_heard(&to_ada, &log, "that is all from ada").await;
}

/// Waits until so many messages are in a log: not every door says when it has taken one in.
pub async fn all_are_written(reader: &mut Native, conversation: i64, count: usize) {
    support::deadline(async { while native::log(reader, conversation).await.len() < count {} }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_client_of_the_slash_door_talks_with_a_terminal() {
    let house = open_house().await;
    let mut bob = house.enter("bob").await;
    let mut ada = guests::slash::Texts::open(&house).await;
    ada.send(&format!("/register ada {PASSWORD}")).await;
    ada.reads("Registration successful as user.").await;
    ada.send("/join general").await;
    ada.reads("You joined room 'general'.").await;
    for number in 1..=5 {
        ada.send(&format!("/message {number} of ada")).await;
        let heard = bob.hears_text(&format!("{number} of ada")).await;
        assert_eq!(heard["entry"]["author"]["username"], "ada");
        bob.says(titan_core::GENERAL.0, &format!("{number} of bob")).await;
        let told = ada.reads(&format!("bob: {number} of bob")).await;
        assert_eq!(told.matches("bob: ").count(), 1, "{told}");
        assert!(!told.contains('\n') && !told.contains("of ada"), "{told}");
    }
}
