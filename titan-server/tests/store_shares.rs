//! What every store promises about what accounts pile up: it has bounds, costs the same however much there is, and is told once.

use crate::store_support::*;
use titan_core::protocol::{Body, Message, Role, SanctionKind};
use titan_core::{AccountId, Seq, Time};
use titan_server::store::*;

store_stories! { |house| (house.store.as_ref(), house.committed());
    a_message_has_so_many_kinds_of_reactions_and_no_more
    very_many_who_react_are_counted_and_the_first_named
    that_somebody_fetched_a_file_is_noted_once
    a_direct_shows_to_its_opener_alone_until_something_is_said
    who_is_muted_comes_and_goes_without_an_entry
    the_session_longest_out_of_use_ends_for_a_new_one
    unused_and_old_sessions_of_a_role_end_and_no_others
    an_account_owns_so_many_rooms_and_no_more
    what_is_kept_is_counted_and_what_goes_is_given_back
}

async fn reacts(store: &impl Store, who: AccountId, target: Seq, emoji: &str, on: bool) -> StoreResult<Appended> {
    let author = store.account(AccountKey::Id(who)).await.unwrap().unwrap();
    let body = DraftBody::Reaction { target, emoji: emoji.into(), on };
    store.append(DraftEntry { body, ..draft(&author, GENERAL, "") }).await
}

async fn now(store: &impl Store, seq: Seq) -> Message {
    match store.entry(GENERAL, seq).await.unwrap().unwrap().body {
        Body::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

async fn a_message_has_so_many_kinds_of_reactions_and_no_more(store: &impl Store, _: Announced) {
    let mut people = Vec::new();
    for name in ["ada", "bob", "eve"] {
        people.push(account(store, name).await.id);
    }
    let ada = store.account(AccountKey::Id(people[0])).await.unwrap().unwrap();
    let target = says(store, &ada, GENERAL, "react to me").await.seq;
    for kind in 0..20 {
        reacts(store, people[0], target, &format!("a{kind}"), true).await.unwrap();
    }
    let many = StoreError::Full("reactions");
    assert_eq!(reacts(store, people[0], target, "a20", true).await.unwrap_err(), many, "of one");
    reacts(store, people[0], target, "a3", true).await.unwrap();
    for kind in 0..20 {
        reacts(store, people[1], target, &format!("b{kind}"), true).await.unwrap();
    }
    for kind in 0..10 {
        reacts(store, people[2], target, &format!("c{kind}"), true).await.unwrap();
    }
    assert_eq!(reacts(store, people[2], target, "c10", true).await.unwrap_err(), many, "of all");
    reacts(store, people[2], target, "a7", true).await.unwrap();
    assert_eq!(now(store, target).await.reactions.len(), 50);
    for kind in 0..20 {
        reacts(store, people[1], target, &format!("b{kind}"), false).await.unwrap();
    }
    reacts(store, people[0], target, "a0", false).await.unwrap();
    reacts(store, people[0], target, "A", true).await.unwrap();
    assert_eq!(now(store, target).await.reactions.len(), 30);
}

async fn very_many_who_react_are_counted_and_the_first_named(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let target = says(store, &ada, GENERAL, "hands up").await.seq;
    let other = says(store, &ada, GENERAL, "and down").await.seq;
    reacts(store, ada.id, other, "+", true).await.unwrap();
    reacts(store, ada.id, target, "!", true).await.unwrap();
    // A store knows no difference between an account that is gone and one that never was.
    for who in 1..=4_100 {
        let author = titan_core::protocol::Author::new(AccountId(100 + who), "x".into(), titan_core::TitanNumber(1));
        let body = DraftBody::Reaction { target, emoji: "+".into(), on: true };
        let taken = store.take_in(DraftEntry { author, body, ..draft(&ada, GENERAL, "") }).await.unwrap();
        if who == 4_100 {
            taken.await.unwrap();
        } else {
            drop(taken);
        }
    }
    let [first, second] = &now(store, target).await.reactions[..] else { panic!("two kinds") };
    assert_eq!((first.number(), first.count, &*first.accounts), (1, None, &[ada.id][..]));
    assert_eq!((second.number(), second.accounts.len()), (4_100, 100), "{second:?}");
    assert_eq!(now(store, other).await.reactions[0].accounts, [ada.id]);
    assert_eq!(store.own_reactions(AccountId(4_200), GENERAL, target).await.unwrap(), ["+"]);
    assert_eq!(store.own_reactions(ada.id, GENERAL, target).await.unwrap(), ["!"]);
    assert!(store.own_reactions(AccountId(4_200), GENERAL, other).await.unwrap().is_empty());
    let page = store.entries(GENERAL, Range::After(Seq(0)), 2).await.unwrap();
    assert_eq!(page[0].body, Body::Message(now(store, target).await));
    assert_eq!(page[1].body, Body::Message(now(store, other).await));
}

async fn that_somebody_fetched_a_file_is_noted_once(store: &impl Store, announced: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let fetched = |who: &AccountRecord, file| {
        let body = DraftBody::FileFetched { file: titan_core::FileId(file), name: "a \"b\".zip".into() };
        store.append(DraftEntry { body, ..draft(who, GENERAL, "") })
    };
    let first = fetched(&ada, 7).await.unwrap();
    let again = fetched(&ada, 7).await.unwrap();
    assert_eq!((first.fresh, again.fresh, &again.entry), (true, false, &first.entry));
    assert!(fetched(&bob, 7).await.unwrap().fresh && fetched(&ada, 8).await.unwrap().fresh);
    assert_eq!(announced.all().await.len(), 3);
}

async fn listed(store: &impl Store, who: &AccountRecord) -> Vec<titan_core::ConversationId> {
    let all = store.memberships(who.id, Page::whole()).await.unwrap();
    all.iter().map(|membership| membership.conversation).filter(|id| *id != GENERAL).collect()
}

fn shown(announced: &Announced) -> Vec<AccountId> {
    let joined = announced.changes().into_iter().filter_map(|change| match change {
        Change::Joined { account, quiet: false, .. } => Some(account),
        _ => None,
    });
    joined.collect()
}

async fn a_direct_shows_to_its_opener_alone_until_something_is_said(store: &impl Store, announced: Announced) {
    let (ada, bob, eve) = (account(store, "ada").await, account(store, "bob").await, account(store, "eve").await);
    let open =
        |one: &AccountRecord, other: &AccountRecord| store.open_direct(one.id, other.id, Time(1), Warrant::default());
    let (with_bob, _) = open(&ada, &bob).await.unwrap();
    let (with_eve, _) = open(&ada, &eve).await.unwrap();
    assert_eq!((listed(store, &bob).await, listed(store, &ada).await.len()), (vec![], 2));
    assert_eq!(shown(&announced), [ada.id, ada.id]);
    assert!(store.membership(bob.id, with_bob).await.unwrap().is_some(), "it is there for who asks for it");
    says(store, &ada, with_bob, "hello").await;
    assert_eq!((listed(store, &bob).await, shown(&announced)), (vec![with_bob], vec![bob.id]));
    says(store, &bob, with_bob, "hello yourself").await;
    assert_eq!(open(&eve, &ada).await.unwrap(), (with_eve, false));
    assert_eq!((listed(store, &eve).await, shown(&announced)), (vec![with_eve], vec![eve.id]));
}

async fn who_is_muted_comes_and_goes_without_an_entry(store: &impl Store, announced: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap().id;
    store.join(room, bob.id, Time(2), Warrant::default()).await.unwrap().unwrap();
    let mute = NewSanction {
        room,
        account: bob.id,
        kind: SanctionKind::Mute,
        until: Time(10),
        reason: String::new(),
        by: ada.id,
        now: Time(3),
    };
    store.set_sanction(mute, Warrant::default()).await.unwrap();
    announced.all().await;
    let goes = |at| store.leave(room, bob.id, Departure::default(), Time(at), Warrant::default());
    let comes = |at| store.join(room, bob.id, Time(at), Warrant::default());
    for _ in 0..3 {
        assert!(goes(4).await.unwrap().is_none() && comes(4).await.unwrap().is_none());
    }
    let membership = store.membership(bob.id, room).await.unwrap().unwrap();
    assert_eq!((membership.unread, membership.read), (0, membership.head));
    assert_eq!(announced.all().await, []);
    assert!(store.leave(room, bob.id, removed_by(ada.id), Time(5), Warrant::default()).await.unwrap().is_some());
    assert!(comes(11).await.unwrap().is_some(), "the mute has run out");
}

async fn the_session_longest_out_of_use_ends_for_a_new_one(store: &impl Store, announced: Announced) {
    let ada = account(store, "ada").await;
    let opens = |token: u8, now: i64, in_use: Vec<titan_core::SessionId>| {
        let new = new_session(ada.id, token, Time(now), Time(Time::now().0 + 60_000));
        let new = NewSession { most: Some(3), in_use, ..new };
        store.open_session(new, Warrant::default())
    };
    let mut sessions = Vec::new();
    for token in 1..=3 {
        sessions.push(opens(token, token.into(), vec![]).await.unwrap().0);
    }
    let fourth = opens(4, 4, vec![sessions[0]]).await.unwrap().0;
    let open: Vec<_> = store.sessions(ada.id).await.unwrap().iter().map(|session| session.id).collect();
    assert_eq!(open, [sessions[0], sessions[2], fourth], "the first is in use");
    let ended = announced.changes().into_iter().filter_map(|change| match change {
        Change::SessionsEnded { which: Sessions::One(session), why: Why::TooMany, .. } => Some(session),
        _ => None,
    });
    assert_eq!(ended.collect::<Vec<_>>(), [sessions[1]]);
}

async fn an_account_owns_so_many_rooms_and_no_more(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let makes = |name: &str| store.create_room(NewRoom { most: Some(2), ..new_room(name, ada.id) }, Warrant::default());
    let first = makes("one").await.unwrap().id;
    makes("two").await.unwrap();
    assert_eq!(makes("three").await.unwrap_err(), StoreError::Full("rooms"));
    store.delete_room(first, None, Time(3), Warrant::default()).await.unwrap();
    makes("three").await.unwrap();
}

async fn what_is_kept_is_counted_and_what_goes_is_given_back(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let counted =
        async |who: &AccountRecord| (store.kept_by(who.id).await.unwrap().bytes, store.kept_bytes().await.unwrap());
    assert_eq!(counted(&ada).await, (0, 0));
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap().id;
    let first = shares(store, &ada, GENERAL, "a.bin", 1).await;
    shares(store, &ada, room, "b.bin", 1).await;
    shares(store, &bob, GENERAL, "c.bin", 2).await;
    let app = store.add_app(new_app("App", titan_core::protocol::Category::Game, ada.id, 3), Warrant::default()).await;
    assert_eq!((counted(&ada).await, counted(&bob).await), ((27, 39), (12, 39)));
    let most: Vec<_> =
        store.keepers(5).await.unwrap().iter().map(|most| (most.account.id, most.bytes, most.number)).collect();
    assert_eq!(most, [(ada.id, 27, 3), (bob.id, 12, 1)]);
    assert_eq!(store.kept_by(ada.id).await.unwrap(), Kept { bytes: 27, number: 3 });
    deletes(store, &ada, first.seq).await.unwrap();
    assert_eq!(counted(&ada).await, (15, 27));
    store.delete_room(room, None, Time(3), Warrant::default()).await.unwrap();
    assert_eq!(counted(&ada).await, (3, 15), "before its entries are purged");
    while store.purge(10).await.unwrap() > 0 {}
    store.delete_app(app.unwrap().id(), Warrant::default()).await.unwrap();
    assert_eq!(counted(&ada).await, (0, 12));
}

async fn unused_and_old_sessions_of_a_role_end_and_no_others(store: &impl Store, _: Announced) {
    let (ada, bob, now) = (account(store, "ada").await, account(store, "bob").await, Time::now());
    let role = AccountChange { role: Some(Role::Admin), ..AccountChange::default() };
    store.change_account(bob.id, role, Warrant::default()).await.unwrap();
    let ago = |hours: i64| Time(now.0 - hours * 3_600_000);
    let open = async |owner: &AccountRecord, token, hours| {
        session(store, owner.id, token, ago(hours), Time(now.0 + 60_000)).await
    };
    let (old, young) = (open(&ada, 1, 50).await, open(&ada, 2, 5).await);
    let (admins, used) = (open(&bob, 3, 50).await, open(&ada, 4, 40).await);
    store.touch_sessions(vec![used], ago(1)).await.unwrap();
    assert_eq!(store.end_idle(Role::User, ago(100), ago(60)).await.unwrap(), 0);
    assert_eq!(store.end_idle(Role::User, ago(100), ago(20)).await.unwrap(), 1);
    let standing = async |session| store.session_stands(session).await.unwrap();
    assert!(!standing(old).await && standing(young).await && standing(used).await && standing(admins).await);
    assert_eq!(store.end_idle(Role::User, ago(39), ago(100)).await.unwrap(), 1, "by its age, however much it is used");
    assert!(!standing(used).await && standing(young).await && standing(admins).await);
    assert_eq!(store.end_idle(Role::Admin, ago(100), ago(50)).await.unwrap(), 1);
    assert!(standing(young).await);
}
