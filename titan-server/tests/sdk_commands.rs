//! What the SDK asks, against a real server: the types on both sides fit.

use crate::support::{TestHouse, deadline};
use titan_core::cache::Range;
use titan_core::client::{Client, ClientEvent, Connection, Error, Events, Options, Who};
use titan_core::protocol::ask::*;
use titan_core::protocol::{self as reply, Event, FaultCode, Right, Role, RoomKind};
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
        if let ClientEvent::Connection(Connection::Ended { why, .. }) = deadline(events.next()).await.unwrap() {
            assert!(deadline(events.next()).await.is_none());
            return why;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_directs_and_people() {
    let house = TestHouse::open().await;
    let ((ada, mut ada_events), (bob, mut bob_events)) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let room = CreateRoom {
        name: "Lab".into(),
        description: "Quiet".into(),
        kind: RoomKind::Voice,
        password: Some("key".into()),
    };
    let lab = ada.ask(room).await.unwrap().id;
    assert!(
        ada.ask(Rooms::default()).await.unwrap().rooms.iter().any(|room| room.id == lab && room.locked && room.joined)
    );
    let join = |password: &str| JoinRoom { conversation: lab, password: Some(password.into()) };
    assert_eq!(code(bob.ask(join("wrong")).await), FaultCode::WrongRoomPassword);
    bob.ask(join("key")).await.unwrap();
    assert_eq!(ada.ask(Members { conversation: lab, ..Default::default() }).await.unwrap().members.len(), 2);
    let renamed = UpdateRoom { conversation: lab, name: Some("Attic".into()), ..UpdateRoom::default() };
    ada.ask(renamed.clone()).await.unwrap();
    assert_eq!(code(bob.ask(renamed).await), FaultCode::Forbidden);
    let signal = serde_json::json!({"type": "offer"});
    ada.ask(VoiceSignal { conversation: lab, to: None, signal }).await.unwrap();
    hears(&mut bob_events, |event| matches!(event, Event::VoiceSignal { .. }).then_some(())).await;
    ada.ask(Typing { conversation: lab }).await.unwrap();
    hears(&mut bob_events, |event| matches!(event, Event::Typing { .. }).then_some(())).await;
    bob.ask(LeaveRoom { conversation: lab, heir: None }).await.unwrap();
    ada.ask(DeleteRoom { conversation: lab }).await.unwrap();
    hears(&mut ada_events, |event| matches!(event, Event::ConversationRemoved { .. }).then_some(())).await;

    let bob_account = bob.me().unwrap().account;
    assert!(ada.who().await.unwrap().iter().any(|person| person.account.id == bob_account.id && person.online));
    for who in [Who::Account(bob_account.id), Who::Username("bob".into()), Who::TitanNumber(bob_account.titan_number.0)]
    {
        assert_eq!(ada.find_account(who).await.unwrap().account.id, bob_account.id);
    }
    assert_eq!(ada.ask(SearchAccounts { prefix: "bo".into(), limit: Some(5) }).await.unwrap().people.len(), 1);
    let direct = ada.ask(OpenDirect { account: bob_account.id }).await.unwrap().id;
    ada.post(direct, "psst").await.unwrap();
    let heard = hears(&mut bob_events, |event| match event {
        Event::Entry { entry, .. } if entry.conversation == direct => Some(entry.seq),
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
    ada.ask(MarkRead { conversation: general, seq: first.seq }).await.unwrap();
    hears(&mut events, |event| matches!(event, Event::ReadMark { .. }).then_some(())).await;
    let search = Search { query: "there".into(), conversation: Some(general), before: None, limit: Some(5) };
    assert_eq!(ada.ask(search).await.unwrap().results[0].entry.seq, first.seq);
    for said in ["over there", "and there"] {
        ada.post(general, said).await.unwrap();
    }
    let mut pages = ada.search("ther", None).by(2);
    let page = pages.next().await.unwrap().unwrap();
    assert_eq!((page.len(), pages.rest()), (2, Some(page[1].entry.id)));
    assert_eq!(pages.next().await.unwrap().unwrap()[0].entry.seq, first.seq);
    assert!(pages.rest().is_none() && pages.next().await.unwrap().is_none());
    let page = ada.history(general, Range::After(first.seq), 10).await.unwrap();
    assert_eq!((page.entries.len(), page.entries[0].seq), (4, first.seq.next()));
    assert_eq!(ada.history(general, Range::Before(first.seq.next()), 1).await.unwrap().entries[0].seq, first.seq);
    ada.delete(general, first.seq).await.unwrap();
    assert_eq!(code(ada.ask(File { file: titan_core::FileId(99) }).await), FaultCode::NotFound);
    ada.ask(Ping {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_the_house() {
    let house = TestHouse::open().await;
    let ((ada, _events), (bob, mut bob_events)) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let bob_id = bob.me().unwrap().account.id;
    let change = UpdateProfile { blog_url: Some("https://ada.example.org".into()), ..UpdateProfile::default() };
    assert!(ada.ask(change).await.unwrap().account.blog_url.is_some());
    assert_eq!(code(ada.ask(Accounts::default()).await), FaultCode::Forbidden);
    house.make_admin("ada");
    assert_eq!(ada.ask(Accounts::default()).await.unwrap().accounts.len(), 2);
    let carol = AddAccount { username: "carol".into(), password: PASSWORD.into(), role: Role::User };
    let carol = ada.ask(carol).await.unwrap().account;
    let changed = EditAccount { account: carol.id, role: Some(Role::Admin), password: None };
    assert_eq!(ada.ask(changed).await.unwrap().account.role, Role::Admin);
    assert!(ada.ask(Apps::default()).await.unwrap().apps.is_empty());
    assert_eq!(ada.ask(AppStats {}).await.unwrap().approved, 0);
    assert_eq!(code(ada.ask(App { app: AppId(1) }).await), FaultCode::NotFound);
    assert_eq!(code(ada.ask(ApproveApp { app: AppId(1), sha256: BlobId([0; 32]) }).await), FaultCode::NotFound);
    assert_eq!(code(ada.ask(RejectApp { app: AppId(1), reason: "no".into() }).await), FaultCode::NotFound);
    assert_eq!(code(ada.ask(DeleteApp { app: AppId(1) }).await), FaultCode::NotFound);
    ada.ask(ChangeAdminKey { key: "a-brand-new-key".into() }).await.unwrap();
    ada.ask(Ban { account: bob_id, reason: "spam".into() }).await.unwrap();
    ended(&mut bob_events).await;
    ada.ask(Unban { account: bob_id }).await.unwrap();

    let again = Options::new(&house.http()).unwrap().password("ada", PASSWORD);
    let (other, mut other_events) = deadline(Client::connect(again.clone())).await.unwrap();
    let session = other.me().unwrap().session;
    assert!(ada.ask(Sessions {}).await.unwrap().sessions.iter().any(|info| info.id == session && !info.current));
    ada.ask(RevokeSession { session }).await.unwrap();
    ended(&mut other_events).await;
    let (other, mut other_events) = deadline(Client::connect(again)).await.unwrap();
    let change = ChangePassword { old: PASSWORD.into(), new: "another-password".into() };
    ada.ask(change).await.unwrap();
    ended(&mut other_events).await;
    assert!(other.ask(Ping {}).await.is_err());
    let (last, mut last_events) =
        deadline(Client::connect(Options::new(&house.http()).unwrap().password("ada", "another-password")))
            .await
            .unwrap();
    last.ask(Logout {}).await.unwrap();
    ended(&mut last_events).await;
}

/// What is shown that one may do is what the server would let happen, for whoever asks.
#[tokio::test(flavor = "multi_thread")]
async fn rooms_and_members_say_what_the_asker_may_do() {
    let house = TestHouse::open().await;
    let ((ada, _ada_events), (bob, mut bob_events)) = (enter(&house, "ada").await, enter(&house, "bob").await);
    let (carol, _carol_events) = enter(&house, "carol").await;
    let id = |client: &Client| client.me().unwrap().account.id;
    let lab = ada.ask(CreateRoom { name: "Lab".into(), ..CreateRoom::default() }).await.unwrap();
    assert!(
        [Right::DeleteRoom, Right::GiveRole, Right::Moderate, Right::Write].into_iter().all(|right| lab.may(right))
    );
    let lab = lab.id;
    let listed = |rooms: reply::Rooms| rooms.rooms.into_iter().find(|room| room.id == lab).unwrap().may.unwrap();
    assert_eq!(listed(bob.ask(Rooms::default()).await.unwrap()), [Right::Join]);
    for client in [&bob, &carol] {
        let joined = client.ask(JoinRoom { conversation: lab, password: None }).await.unwrap();
        assert_eq!(joined.may.unwrap(), [Right::Leave, Right::Write, Right::EditOwn, Right::EraseOwn]);
    }
    let over = |members: reply::Members, who| {
        members.members.into_iter().find(|member| member.person.account.id == who).unwrap().may.unwrap()
    };
    let members = || Members { conversation: lab, ..Default::default() };
    assert!(over(bob.ask(members()).await.unwrap(), id(&carol)).is_empty());
    assert!(over(ada.ask(members()).await.unwrap(), id(&bob)).contains(&Right::Kick));

    // Who becomes a moderator is told so, and asks again.
    let role = titan_core::protocol::MemberRole::Moderator;
    ada.ask(SetMemberRole { conversation: lab, account: id(&bob), role }).await.unwrap();
    hears(&mut bob_events, |event| matches!(event, Event::MemberChanged { .. }).then_some(())).await;
    let seen = bob.ask(members()).await.unwrap();
    assert_eq!(over(seen.clone(), id(&carol)), [Right::Kick, Right::Mute, Right::Ban]);
    assert!(over(seen.clone(), id(&ada)).is_empty() && over(seen, id(&bob)).is_empty());

    // An admin keeps order in rooms of others, but the owner is offered to nobody; general is nobody's.
    house.make_admin("carol");
    let seen = carol.ask(members()).await.unwrap();
    assert!(over(seen.clone(), id(&bob)).contains(&Right::GiveRole) && over(seen, id(&ada)).is_empty());
    let general = carol.ask(Members { conversation: titan_core::GENERAL, ..Default::default() }).await.unwrap();
    assert_eq!(over(general, id(&bob)), [Right::Mute, Right::GiveRole]);

    // Who is muted may not write, and is not shown that they may.
    let mute = Mute { conversation: lab, account: id(&bob), seconds: None, reason: String::new() };
    ada.ask(mute).await.unwrap();
    let shown = bob.conversations().await.unwrap().into_iter().find(|it| it.id == lab).unwrap();
    assert!(!shown.may(Right::Write) && shown.may(Right::Leave), "{shown:?}");
}
