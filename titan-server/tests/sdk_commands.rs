//! Every method of the SDK against a real server: the types on both sides fit.

mod support;

use support::{TestHouse, deadline};
use titan_core::cache::Range;
use titan_core::client::{
    AccountChange, AppFilter, Client, ClientEvent, Connection, Error, Events, NewRoom, Options, ProfileChange,
    RoomEdit, Who,
};
use titan_core::protocol::{Event, FaultCode, Role, RoomKind};
use titan_core::{AppId, BlobId};

const PASSWORD: &str = "secret-password";

async fn enter(house: &TestHouse, name: &str) -> (Client, Events) {
    let options = Options::new(&house.http()).unwrap();
    deadline(Client::register(&options, name, PASSWORD, Some(name), None)).await.unwrap();
    deadline(Client::connect(options.password(name, PASSWORD))).await.unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> FaultCode {
    result.unwrap_err().fault().expect("no fault of the server").code
}

async fn hears<T>(events: &mut Events, wanted: impl Fn(Event) -> Option<T>) -> T {
    loop {
        if let ClientEvent::Server(event) = deadline(events.next()).await.expect("the events ended")
            && let Some(found) = wanted(event)
        {
            return found;
        }
    }
}

async fn ended(events: &mut Events) -> String {
    loop {
        if let ClientEvent::Connection(Connection::Ended { why }) = deadline(events.next()).await.unwrap() {
            assert!(deadline(events.next()).await.is_none());
            return why;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_directs_and_people() {
    let house = TestHouse::open().await;
    let ((ada, mut ada_events), (bob, mut bob_events)) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let room = NewRoom {
        name: "Lab".into(),
        description: "Quiet".into(),
        kind: RoomKind::Voice,
        password: Some("key".into()),
    };
    let lab = ada.create_room(room).await.unwrap().id;
    assert!(ada.rooms().await.unwrap().iter().any(|room| room.id == lab && room.locked && room.joined));
    assert_eq!(code(bob.join_room(lab, Some("wrong")).await), FaultCode::WrongRoomPassword);
    bob.join_room(lab, Some("key")).await.unwrap();
    assert_eq!(ada.members(lab).await.unwrap().len(), 2);
    let renamed = RoomEdit { name: Some("Attic".into()), ..RoomEdit::default() };
    ada.update_room(lab, renamed.clone()).await.unwrap();
    assert_eq!(code(bob.update_room(lab, renamed).await), FaultCode::Forbidden);
    ada.voice_signal(lab, None, serde_json::json!({"type": "offer"})).await.unwrap();
    hears(&mut bob_events, |event| matches!(event, Event::VoiceSignal { .. }).then_some(())).await;
    ada.typing(lab).await.unwrap();
    hears(&mut bob_events, |event| matches!(event, Event::Typing { .. }).then_some(())).await;
    bob.leave_room(lab).await.unwrap();
    ada.delete_room(lab).await.unwrap();
    hears(&mut ada_events, |event| matches!(event, Event::ConversationRemoved { .. }).then_some(())).await;

    let bob_account = bob.me().unwrap().account;
    assert!(ada.who().await.unwrap().iter().any(|person| person.account.id == bob_account.id && person.online));
    for who in [Who::Account(bob_account.id), Who::Username("bob".into()), Who::TitanNumber(bob_account.titan_number.0)]
    {
        assert_eq!(ada.find_account(who).await.unwrap().account.id, bob_account.id);
    }
    assert_eq!(ada.search_accounts("bo", Some(5)).await.unwrap().len(), 1);
    let direct = ada.open_direct(bob_account.id).await.unwrap().id;
    ada.post(direct, "psst").await.unwrap();
    let heard = hears(&mut bob_events, |event| match event {
        Event::Entry { entry } if entry.conversation == direct => Some(entry.seq),
        _ => None,
    });
    assert_eq!(heard.await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages() {
    let house = TestHouse::open().await;
    let (ada, mut events) = enter(&house, "ada").await;
    let general = ada.conversations().await.unwrap()[0].id;
    let first = ada.post(general, "hello world").await.unwrap();
    ada.edit(general, first.seq, "hello there").await.unwrap();
    ada.react(general, first.seq, "👍", true).await.unwrap();
    ada.mark_read(general, first.seq).await.unwrap();
    hears(&mut events, |event| matches!(event, Event::ReadMark { .. }).then_some(())).await;
    assert_eq!(ada.search("there", Some(general), Some(5)).await.unwrap()[0].entry.seq, first.seq);
    let page = ada.history(general, Range::After(first.seq), 10).await.unwrap();
    assert_eq!((page.entries.len(), page.entries[0].seq), (2, first.seq.next()));
    assert_eq!(ada.history(general, Range::Before(first.seq.next()), 1).await.unwrap().entries[0].seq, first.seq);
    ada.delete(general, first.seq).await.unwrap();
    assert_eq!(code(ada.file(titan_core::FileId(99)).await), FaultCode::NotFound);
    ada.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_the_house() {
    let house = TestHouse::open().await;
    let ((ada, _events), (bob, mut bob_events)) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let bob_id = bob.me().unwrap().account.id;
    let change = ProfileChange { blog_url: Some("https://ada.example.org".into()), ..ProfileChange::default() };
    assert!(ada.update_profile(change).await.unwrap().blog_url.is_some());
    assert_eq!(code(ada.accounts().await), FaultCode::Forbidden);
    house.make_admin("ada");
    assert_eq!(ada.accounts().await.unwrap().len(), 2);
    let carol = ada.add_account("carol", PASSWORD, Role::User).await.unwrap();
    let changed = AccountChange { role: Some(Role::Admin), ..AccountChange::default() };
    assert_eq!(ada.edit_account(carol.id, changed).await.unwrap().role, Role::Admin);
    assert!(ada.apps(AppFilter::default()).await.unwrap().is_empty());
    assert_eq!(ada.app_stats().await.unwrap().approved, 0);
    assert_eq!(code(ada.app(AppId(1)).await), FaultCode::NotFound);
    assert_eq!(code(ada.approve_app(AppId(1), BlobId([0; 32])).await), FaultCode::NotFound);
    assert_eq!(code(ada.reject_app(AppId(1), "no").await), FaultCode::NotFound);
    assert_eq!(code(ada.delete_app(AppId(1)).await), FaultCode::NotFound);
    ada.change_admin_key("a-brand-new-key").await.unwrap();
    ada.ban(bob_id, "spam").await.unwrap();
    ended(&mut bob_events).await;
    ada.unban(bob_id).await.unwrap();

    let again = Options::new(&house.http()).unwrap().password("ada", PASSWORD);
    let (other, mut other_events) = deadline(Client::connect(again.clone())).await.unwrap();
    let session = other.me().unwrap().session;
    assert!(ada.sessions().await.unwrap().iter().any(|info| info.id == session && !info.current));
    ada.revoke_session(session).await.unwrap();
    ended(&mut other_events).await;
    let (other, mut other_events) = deadline(Client::connect(again)).await.unwrap();
    ada.change_password(PASSWORD, "another-password").await.unwrap();
    ended(&mut other_events).await;
    assert!(other.ping().await.is_err());
    let (last, mut last_events) =
        deadline(Client::connect(Options::new(&house.http()).unwrap().password("ada", "another-password")))
            .await
            .unwrap();
    last.logout().await.unwrap();
    ended(&mut last_events).await;
}
