//! What every store promises about people: friends and blocks, roles and sanctions, resets, accounts that end.

use crate::store_support::*;
use titan_core::protocol::{Body, MemberRole, RelationKind, SanctionKind};
use titan_core::{AccountId, ConversationId, EntryId, Seq, Time};
use titan_server::store::*;

store_stories! { |house| (house.store.as_ref());
    two_who_asked_each_other_are_friends
    a_request_waits_for_its_answer
    a_block_ends_what_was_and_shuts_the_direct
    an_owner_hands_the_room_over
    a_room_always_belongs_to_somebody_who_may_come_in
    whom_one_has_blocked_mentions_one_no_more
    a_mute_outlasts_leaving
    a_ban_keeps_somebody_out
    a_reset_works_once
    a_link_is_dead_once_password_or_mail_address_changes
    a_mail_address_counts_once_it_is_confirmed
    weak_passwords_are_found_and_kept_otherwise_unless_they_changed
    a_session_is_found_by_its_id
    a_second_factor_is_one_and_each_of_its_codes_is_used_once
    an_app_password_is_found_by_its_hash_and_ends_with_its_sessions
    an_account_that_ends_leaves_its_words_and_nothing_else
    a_name_goes_out_of_what_its_account_left_behind
    what_is_deleted_tells_which_blobs_are_let_go
    what_an_account_wrote_is_found_everywhere
    a_file_is_found_by_the_name_it_had
}

async fn kinds(store: &impl Store, one: &AccountRecord, other: &AccountRecord) -> [Option<RelationKind>; 2] {
    [store.relation(one.id, other.id).await.unwrap(), store.relation(other.id, one.id).await.unwrap()]
}

async fn two_who_asked_each_other_are_friends(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    assert_eq!(
        store.request_friend(ada.id, bob.id, Time(5), Warrant::default()).await.unwrap(),
        RelationKind::Requested
    );
    assert_eq!(kinds(store, &ada, &bob).await, [Some(RelationKind::Requested), Some(RelationKind::Requests)]);
    assert_eq!(store.request_friend(bob.id, ada.id, Time(6), Warrant::default()).await.unwrap(), RelationKind::Friend);
    assert_eq!(kinds(store, &ada, &bob).await, [Some(RelationKind::Friend); 2]);
    let of_ada = store.relations(ada.id, Page::whole()).await.unwrap();
    assert_eq!((of_ada.len(), of_ada[0].account.id, of_ada[0].since), (1, bob.id, Time(6)));
    assert_eq!(
        store.request_friend(ada.id, bob.id, Time(7), Warrant::default()).await.unwrap_err(),
        StoreError::Taken("friendship")
    );
    assert_eq!(store.end_relation(bob.id, ada.id, &ANY, Warrant::default()).await.unwrap(), RelationKind::Friend);
    assert_eq!(kinds(store, &ada, &bob).await, [None; 2]);
}

async fn a_request_waits_for_its_answer(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    assert_eq!(
        store.accept_friend(bob.id, ada.id, Time(1), Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    store.request_friend(ada.id, bob.id, Time(1), Warrant::default()).await.unwrap();
    assert_eq!(
        store.request_friend(ada.id, bob.id, Time(2), Warrant::default()).await.unwrap_err(),
        StoreError::Taken("request")
    );
    assert_eq!(
        store.accept_friend(ada.id, bob.id, Time(2), Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    store.accept_friend(bob.id, ada.id, Time(3), Warrant::default()).await.unwrap();
    assert_eq!(kinds(store, &ada, &bob).await, [Some(RelationKind::Friend); 2]);
    let nobody = AccountId(99);
    assert_eq!(
        store.request_friend(ada.id, nobody, Time(1), Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    assert_eq!(store.end_relation(ada.id, nobody, &ANY, Warrant::default()).await.unwrap_err(), StoreError::NotFound);
}

async fn a_block_ends_what_was_and_shuts_the_direct(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let (direct, _) = store.open_direct(ada.id, bob.id, Time(1), Warrant::default()).await.unwrap();
    store.request_friend(ada.id, bob.id, Time(1), Warrant::default()).await.unwrap();
    store.set_block(bob.id, ada.id, true, Time(2), Warrant::default()).await.unwrap();
    store.set_block(bob.id, ada.id, true, Time(3), Warrant::default()).await.unwrap();
    assert_eq!(kinds(store, &ada, &bob).await, [None, Some(RelationKind::Blocked)]);
    assert_eq!(
        store.request_friend(ada.id, bob.id, Time(4), Warrant::default()).await.unwrap_err(),
        StoreError::Conflict
    );
    assert_eq!(
        store.end_relation(bob.id, ada.id, &ANY, Warrant::default()).await.unwrap_err(),
        StoreError::NotFound,
        "a block is no friendship"
    );
    for account in [&ada, &bob] {
        let places = store.places(account.id).await.unwrap();
        let shut: Vec<_> = places.iter().map(|place| (place.conversation, place.shut)).collect();
        assert_eq!(shut, [(GENERAL, false), (direct, true)]);
    }
    store.set_block(bob.id, ada.id, false, Time(5), Warrant::default()).await.unwrap();
    assert_eq!(
        store.set_block(bob.id, ada.id, false, Time(6), Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    assert!(store.places(ada.id).await.unwrap().iter().all(|place| !place.shut));
}

async fn an_owner_hands_the_room_over(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap().id;
    let give = |who: AccountId, role| store.set_member_role(room, who, role, Warrant::default());
    assert_eq!(give(bob.id, MemberRole::Moderator).await.unwrap_err(), StoreError::NotFound, "no member");
    store.join(room, bob.id, Time(2), Warrant::default()).await.unwrap();
    give(bob.id, MemberRole::Owner).await.unwrap();
    assert_eq!(store.room(room, ada.id).await.unwrap().unwrap().owner.unwrap().id, bob.id);
    let roles: Vec<_> = store.members(room, Page::whole()).await.unwrap().iter().map(|member| member.role).collect();
    assert_eq!(roles, [MemberRole::Moderator, MemberRole::Owner]);
    store.leave(room, bob.id, Departure::default(), Time(3), Warrant::default()).await.unwrap();
    assert_eq!(keeps(store, room).await, [(ada.id, MemberRole::Owner)], "to whom else is there");
    store.leave(room, ada.id, Departure::default(), Time(4), Warrant::default()).await.unwrap();
    store.join(room, bob.id, Time(5), Warrant::default()).await.unwrap();
    assert_eq!(keeps(store, room).await, [(bob.id, MemberRole::Member)], "with nobody in it, it stayed hers");
    store.join(room, ada.id, Time(6), Warrant::default()).await.unwrap();
    assert_eq!(keeps(store, room).await, [(ada.id, MemberRole::Owner), (bob.id, MemberRole::Member)]);
    let to_bob = Departure { heir: Some(bob.id), ..Departure::default() };
    let eve = account(store, "eve").await;
    store.join(room, eve.id, Time(7), Warrant::default()).await.unwrap();
    give(eve.id, MemberRole::Moderator).await.unwrap();
    store.leave(room, ada.id, to_bob, Time(8), Warrant::default()).await.unwrap();
    assert_eq!(keeps(store, room).await, [(bob.id, MemberRole::Owner), (eve.id, MemberRole::Moderator)]);
    assert_eq!(store.room(room, ada.id).await.unwrap().unwrap().owner.unwrap().id, bob.id);
}

/// Who is in a room, as what, in the order of names.
async fn keeps(store: &impl Store, room: ConversationId) -> Vec<(AccountId, MemberRole)> {
    store.members(room, Page::whole()).await.unwrap().iter().map(|member| (member.account.id, member.role)).collect()
}

async fn a_room_always_belongs_to_somebody_who_may_come_in(store: &impl Store) {
    let (ada, bob, eve) = (account(store, "ada").await, account(store, "bob").await, account(store, "eve").await);
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap().id;
    for (who, at) in [(&eve, 3), (&bob, 2)] {
        store.join(room, who.id, Time(at), Warrant::default()).await.unwrap();
    }
    ban(store, &ada, true).await;
    let first = [(ada.id, MemberRole::Member), (bob.id, MemberRole::Owner), (eve.id, MemberRole::Member)];
    assert_eq!(keeps(store, room).await, first, "who was there first");
    ban(store, &ada, false).await;
    assert_eq!(keeps(store, room).await, first, "what was given away is not given back");

    let alone = store.create_room(new_room("attic", eve.id), Warrant::default()).await.unwrap().id;
    ban(store, &eve, true).await;
    assert_eq!(store.room(alone, ada.id).await.unwrap().unwrap().owner.unwrap().id, eve.id, "nobody else is there");
    store.join(alone, bob.id, Time(9), Warrant::default()).await.unwrap();
    assert_eq!(keeps(store, alone).await, [(bob.id, MemberRole::Owner), (eve.id, MemberRole::Member)]);

    let gone = store.create_room(new_room("cellar", ada.id), Warrant::default()).await.unwrap().id;
    store.delete_account(ada.id, Ender::Itself, Time(10), Warrant::default()).await.unwrap();
    assert!(store.room(gone, bob.id).await.unwrap().unwrap().owner.is_none());
    assert_eq!(store.find_owners().await.unwrap(), 0, "nobody is in it");
    store.join(gone, bob.id, Time(11), Warrant::default()).await.unwrap();
    assert_eq!(keeps(store, gone).await, [(bob.id, MemberRole::Owner)]);
}

async fn ban(store: &impl Store, account: &AccountRecord, banned: bool) {
    let change = AccountChange { banned: Some(banned.then(String::new)), ..AccountChange::default() };
    store.change_account(account.id, change, Warrant::default()).await.unwrap();
}

async fn whom_one_has_blocked_mentions_one_no_more(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let mentions = async || store.membership(ada.id, GENERAL).await.unwrap().unwrap().mentions;
    says(store, &bob, GENERAL, "@ada here").await;
    assert_eq!(mentions().await, 1);
    store.set_block(ada.id, bob.id, true, Time(2), Warrant::default()).await.unwrap();
    assert_eq!(mentions().await, 0);
    says(store, &bob, GENERAL, "@ada again").await;
    assert_eq!(mentions().await, 0);
    store.set_block(ada.id, bob.id, false, Time(3), Warrant::default()).await.unwrap();
    says(store, &bob, GENERAL, "@ada once more").await;
    assert_eq!(mentions().await, 1);
}

fn sanction(room: &RoomRecord, who: &AccountRecord, kind: SanctionKind, until: i64) -> NewSanction {
    let by = room.owner.as_ref().unwrap().id;
    NewSanction { room: room.id, account: who.id, kind, until: Time(until), reason: "loud".into(), by, now: Time(9) }
}

async fn a_mute_outlasts_leaving(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap();
    store.join(room.id, bob.id, Time(2), Warrant::default()).await.unwrap();
    store.set_sanction(sanction(&room, &bob, SanctionKind::Mute, 100), Warrant::default()).await.unwrap();
    store.set_sanction(sanction(&room, &bob, SanctionKind::Mute, 200), Warrant::default()).await.unwrap();
    store.leave(room.id, bob.id, Departure::default(), Time(3), Warrant::default()).await.unwrap();
    store.join(room.id, bob.id, Time(4), Warrant::default()).await.unwrap();
    let places = store.places(bob.id).await.unwrap();
    assert_eq!(places.last().unwrap().muted_until, Some(Time(200)));
    assert_eq!(store.membership(bob.id, room.id).await.unwrap().unwrap().muted_until, Some(Time(200)));
    assert_eq!(store.members(room.id, Page::whole()).await.unwrap()[1].muted_until, Some(Time(200)));
    let standing = store.sanctions(room.id, Time(50)).await.unwrap();
    assert_eq!((standing.len(), standing[0].reason.as_str(), standing[0].at), (1, "loud", Time(9)));
    assert_eq!(standing[0].by.as_ref().unwrap().id, ada.id);
    assert!(store.sanctions(room.id, Time(200)).await.unwrap().is_empty(), "it has run out");
    let lift = || store.lift_sanction(room.id, bob.id, SanctionKind::Mute, Warrant::default());
    assert!(lift().await.unwrap());
    assert!(!lift().await.unwrap());
    let nowhere = NewSanction { account: AccountId(99), ..sanction(&room, &bob, SanctionKind::Mute, 200) };
    assert_eq!(store.set_sanction(nowhere, Warrant::default()).await.unwrap_err(), StoreError::NotFound);
}

async fn a_ban_keeps_somebody_out(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap();
    store.set_sanction(sanction(&room, &bob, SanctionKind::Ban, Time::FOREVER.0), Warrant::default()).await.unwrap();
    assert_eq!(store.join(room.id, bob.id, Time(5), Warrant::default()).await.unwrap_err(), StoreError::Conflict);
    let ban = store.sanction(room.id, bob.id, SanctionKind::Ban, Time(5)).await.unwrap().unwrap();
    assert_eq!((ban.account.id, ban.until), (bob.id, Time::FOREVER));
    assert!(store.sanction(room.id, bob.id, SanctionKind::Mute, Time(5)).await.unwrap().is_none());
    store.lift_sanction(room.id, bob.id, SanctionKind::Ban, Warrant::default()).await.unwrap();
    store.join(room.id, bob.id, Time(6), Warrant::default()).await.unwrap();
}

async fn a_reset_works_once(store: &impl Store) {
    let ada = account(store, "ada").await;
    let now = Time::now();
    session(store, ada.id, 1, now, Time(now.0 + 100_000)).await;
    for (token, expires) in [(7, now.0 + 1_000), (8, now.0 + 1_000), (9, now.0 - 1)] {
        let (account, expires_at) = (ada.id, Time(expires));
        let new = NewReset { account, token_hash: [token; 32], now, expires_at };
        store.open_reset(new, Warrant::default()).await.unwrap();
    }
    assert_eq!(store.reset([7; 32], now).await.unwrap().unwrap().id, ada.id);
    let verifier = |hash: &str| Verifier { scheme: Scheme::Titan, salt: [4; 32], hash: hash.into() };
    assert_eq!(
        store.use_reset([9; 32], verifier("late"), now, Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    assert_eq!(store.use_reset([7; 32], verifier("new"), now, Warrant::default()).await.unwrap().verifier.hash, "new");
    assert_eq!(
        store.use_reset([7; 32], verifier("again"), now, Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    assert!(store.reset([8; 32], now).await.unwrap().is_none(), "the others of the account are gone as well");
    assert!(store.sessions(ada.id).await.unwrap().is_empty());
    assert_eq!(store.account(AccountKey::Id(ada.id)).await.unwrap().unwrap().verifier.hash, "new");
}

async fn a_link_is_dead_once_password_or_mail_address_changes(store: &impl Store) {
    let ada = account(store, "ada").await;
    let now = Time::now();
    let verifier = |hash: &str| Verifier { scheme: Scheme::Titan, salt: [4; 32], hash: hash.into() };
    let open = async || {
        let new = NewReset { account: ada.id, token_hash: [7; 32], now, expires_at: Time(now.0 + 1_000) };
        store.open_reset(new, Warrant::default()).await.unwrap();
    };
    let change = async |change: AccountChange| {
        store.change_account(ada.id, change, Warrant::default()).await.unwrap();
        store.reset([7; 32], now).await.unwrap().is_some()
    };
    open().await;
    assert!(change(AccountChange { full_name: Some(Some("Ada".into())), ..AccountChange::default() }).await);
    assert!(
        change(AccountChange { verifier: Some(verifier("the same, kept otherwise")), ..AccountChange::default() })
            .await
    );
    let password = Some(Password::of(verifier("another")));
    assert!(!change(AccountChange { password, ..AccountChange::default() }).await);
    open().await;
    assert!(!change(AccountChange { email: Some(None), ..AccountChange::default() }).await);
    open().await;
    let new = MailChange { email: "new@example.org".into(), token_hash: [8; 32], expires_at: Time(now.0 + 1_000) };
    assert!(!change(AccountChange { new_email: Some(new), ..AccountChange::default() }).await);
    open().await;
    store.confirm_mail([8; 32], now, Warrant::default()).await.unwrap();
    assert!(store.reset([7; 32], now).await.unwrap().is_none());
}

async fn a_mail_address_counts_once_it_is_confirmed(store: &impl Store) {
    let (ada, now) = (account(store, "ada").await, Time::now());
    let asks = async |email: &str, token: u8, stands: i64| {
        let new_email = MailChange { email: email.into(), token_hash: [token; 32], expires_at: Time(now.0 + stands) };
        let change = AccountChange { new_email: Some(new_email), ..AccountChange::default() };
        store.change_account(ada.id, change, Warrant::default()).await.unwrap()
    };
    let confirms = async |token: u8| store.confirm_mail([token; 32], now, Warrant::default()).await;
    assert_eq!(asks("one@example.org", 1, 1_000).await.email, ada.email);
    asks("two@example.org", 2, 1_000).await;
    assert_eq!(confirms(1).await.unwrap_err(), StoreError::NotFound, "another one took its place");
    assert_eq!(store.pending_mail(ada.id, now).await.unwrap().as_deref(), Some("two@example.org"));
    let (whose, email) = store.mail_change([2; 32], now).await.unwrap().unwrap();
    assert_eq!((whose.id, email.as_str()), (ada.id, "two@example.org"));
    assert_eq!(confirms(2).await.unwrap().email.as_deref(), Some("two@example.org"));
    assert_eq!(confirms(2).await.unwrap_err(), StoreError::NotFound, "once");
    assert_eq!(store.pending_mail(ada.id, now).await.unwrap(), None);
    asks("late@example.org", 3, 0).await;
    assert_eq!(confirms(3).await.unwrap_err(), StoreError::NotFound);
    asks("three@example.org", 4, 1_000).await;
    let back = AccountChange { email: Some(Some("two@example.org".into())), ..AccountChange::default() };
    store.change_account(ada.id, back, Warrant::default()).await.unwrap();
    assert_eq!(confirms(4).await.unwrap_err(), StoreError::NotFound, "the address that counts was given again");
    asks("five@example.org", 5, 1_000).await;
    store.delete_account(ada.id, Ender::Itself, now, Warrant::default()).await.unwrap();
    assert!(store.mail_change([5; 32], now).await.unwrap().is_none());
}

async fn weak_passwords_are_found_and_kept_otherwise_unless_they_changed(store: &impl Store) {
    let kept = |scheme, hash: &str| Verifier { scheme, salt: [4; 32], hash: hash.into() };
    let safe = "$argon2id$v=19$m=19456,t=2,p=1,pepper=0123456789abcdef$AAAA";
    let people = [
        ("ada", kept(Scheme::Sha256, &"ab".repeat(32))),
        ("bob", kept(Scheme::Bcrypt, "$2b$12$x")),
        ("carl", kept(Scheme::Titan, safe)),
        ("dora", kept(Scheme::Titan, "argon2id$00")),
        ("eve", kept(Scheme::Pbkdf2, &format!("$pbkdf2-sha256$1$x{safe}"))),
    ];
    let mut ids = Vec::new();
    for (number, (name, verifier)) in (1_000..).zip(people.clone()) {
        let titan_number = titan_core::TitanNumber(number);
        let new = NewAccount { titan_number, verifier, ..new_account(name) };
        ids.push(store.create_account(new, Warrant::default()).await.unwrap().id);
    }
    let ban = AccountChange { banned: Some(Some("noise".into())), ..AccountChange::default() };
    store.change_account(ids[0], ban, Warrant::default()).await.unwrap();
    let weak = store.weak_passwords(AccountId(0), 10).await.unwrap();
    assert_eq!(weak, [(ids[0], people[0].1.clone()), (ids[3], people[3].1.clone())]);
    assert_eq!(store.weak_passwords(AccountId(0), 1).await.unwrap().len(), 1);
    assert_eq!(store.weak_passwords(ids[0], 10).await.unwrap().len(), 1);
    store.rekeep_account(ids[0], people[0].1.clone(), kept(Scheme::Sha256, safe)).await.unwrap();
    store.rekeep_account(ids[3], people[0].1.clone(), kept(Scheme::Titan, "not its own")).await.unwrap();
    let now = async |id| store.account(AccountKey::Id(id)).await.unwrap().unwrap().verifier.hash;
    assert_eq!((now(ids[0]).await.as_str(), now(ids[3]).await.as_str()), (safe, "argon2id$00"));
    let password_hash = format!("sha256:{}:{}", "00".repeat(32), "ab".repeat(32));
    let room = NewRoom { password_hash: Some(password_hash.clone()), ..new_room("den", ids[1]) };
    let room = store.create_room(room, Warrant::default()).await.unwrap().id;
    assert_eq!(store.weak_rooms(GENERAL, 10).await.unwrap(), [(room, password_hash.clone())]);
    store.rekeep_room(room, "another".into(), "nothing".into()).await.unwrap();
    let safe_room = format!("sha256:{}:{safe}", "00".repeat(32));
    store.rekeep_room(room, password_hash, safe_room).await.unwrap();
    assert_eq!(store.weak_rooms(GENERAL, 10).await.unwrap(), []);
    let peppered = async |id: Option<&str>| store.peppered(id.map(str::to_owned)).await.unwrap();
    assert_eq!((peppered(None).await, peppered(Some("0123456789abcdef")).await, peppered(Some("x")).await), (4, 4, 0));
}

async fn a_session_is_found_by_its_id(store: &impl Store) {
    let ada = account(store, "ada").await;
    let now = Time::now();
    let id = session(store, ada.id, 1, now, Time(now.0 + 100_000)).await;
    assert_eq!(store.session(SessionKey::Id(id)).await.unwrap().unwrap().1.id, ada.id);
    end(store, ada.id, id).await;
    assert!(store.session(SessionKey::Id(id)).await.unwrap().is_none());
}

async fn an_account_that_ends_leaves_its_words_and_nothing_else(store: &impl Store) {
    let (ada, bob, eve) = (account(store, "ada").await, account(store, "bob").await, account(store, "eve").await);
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap();
    for (who, at) in [(&eve, 2), (&bob, 3)] {
        store.join(room.id, who.id, Time(at), Warrant::default()).await.unwrap();
    }
    store.set_member_role(room.id, bob.id, MemberRole::Moderator, Warrant::default()).await.unwrap();
    let (direct, _) = store.open_direct(ada.id, bob.id, Time(1), Warrant::default()).await.unwrap();
    says(store, &ada, direct, "for you").await;
    says(store, &ada, room.id, "still here @bob").await;
    store.request_friend(ada.id, bob.id, Time(1), Warrant::default()).await.unwrap();
    let now = Time::now();
    session(store, ada.id, 1, now, Time(now.0 + 100_000)).await;

    store.delete_account(ada.id, Ender::Itself, Time(50), Warrant::default()).await.unwrap();
    assert_eq!(
        store.delete_account(ada.id, Ender::Itself, Time(51), Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    for key in [AccountKey::Id(ada.id), AccountKey::Username("ada".into()), AccountKey::TitanNumber(ada.titan_number)] {
        assert!(store.account(key).await.unwrap().is_none());
    }
    let names = |accounts: Vec<AccountRecord>| accounts.into_iter().map(|account| account.username).collect::<Vec<_>>();
    assert_eq!(names(store.accounts(String::new(), Page::whole()).await.unwrap()), ["bob", "eve"]);
    assert_eq!(names(store.accounts(String::new(), Page::whole()).await.unwrap()), ["bob", "eve"]);
    assert!(store.accounts_among(vec![ada.id]).await.unwrap().is_empty());
    assert!(store.session(SessionKey::Token([1; 32])).await.unwrap().is_none());
    assert!(store.relations(bob.id, Page::whole()).await.unwrap().is_empty());
    assert_eq!(store.room(room.id, bob.id).await.unwrap().unwrap().owner.unwrap().id, bob.id, "the moderator's now");
    assert_eq!(store.membership(bob.id, room.id).await.unwrap().unwrap().role, MemberRole::Owner);
    let members: Vec<_> =
        store.members(GENERAL, Page::whole()).await.unwrap().iter().map(|member| member.account.id).collect();
    assert_eq!(members, [bob.id, eve.id]);

    let kept = store.membership(bob.id, direct).await.unwrap().expect("the other keeps the direct");
    assert!(matches!(&kept.what, WhatRecord::Direct(gone) if gone.username != "ada" && gone.email.is_none()));
    assert!(store.places(bob.id).await.unwrap().iter().any(|place| place.conversation == direct && place.shut));
    let said = store.messages(room.id, None, 10).await.unwrap();
    assert_eq!(said.last().unwrap().author.id, ada.id);
    let again = NewAccount { titan_number: titan_core::TitanNumber(12_345), ..new_account("ada") };
    assert_eq!(
        store.create_account(new_account("ada"), Warrant::default()).await.unwrap_err(),
        StoreError::Taken("titan_number")
    );
    let again = store.create_account(again, Warrant::default()).await.unwrap();
    assert_ne!(again.id, ada.id);
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
}

async fn a_name_goes_out_of_what_its_account_left_behind(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap().id;
    store.join(room, bob.id, Time(2), Warrant::default()).await.unwrap();
    store.leave(room, bob.id, removed_by(ada.id), Time(3), Warrant::default()).await.unwrap();
    for number in 0..20 {
        says(store, if number % 2 == 0 { &ada } else { &bob }, GENERAL, "words").await;
    }
    shares(store, &ada, GENERAL, "a.txt", 1).await;
    assert_eq!(store.forget_names(7).await.unwrap(), 0, "who is here keeps the name");
    store.delete_account(ada.id, Ender::Itself, Time(50), Warrant::default()).await.unwrap();
    while store.forget_names(7).await.unwrap() > 0 {}
    let former = format!("former-{}", ada.titan_number);
    for conversation in [GENERAL, room] {
        for entry in store.entries(conversation, Range::After(Seq(0)), 100).await.unwrap() {
            let wanted = if entry.author.id == ada.id { former.as_str() } else { "bob" };
            assert_eq!(entry.author.username.as_str(), wanted, "{entry:?}");
            if let Body::Left { by: Some(by), .. } = &entry.body {
                assert_eq!((by.id, by.username.as_str()), (ada.id, former.as_str()));
            }
        }
    }
    assert_eq!(store.files(GENERAL, Range::Last, 1).await.unwrap()[0].uploader.username.as_str(), former);
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new(), "rows that were changed hold");
}

async fn what_is_deleted_tells_which_blobs_are_let_go(store: &impl Store) {
    let ada = account(store, "ada").await;
    let blob = |byte: u8| titan_core::BlobId([byte; 32]);
    let room = store.create_room(new_room("den", ada.id), Warrant::default()).await.unwrap().id;
    let twice = shares(store, &ada, GENERAL, "a.txt", 1).await;
    shares(store, &ada, room, "b.txt", 1).await;
    shares(store, &ada, room, "c.txt", 2).await;
    let body = DraftBody::FileFetched { file: titan_core::FileId(1), name: "a.txt".into() };
    store.append(DraftEntry { body, ..draft(&ada, GENERAL, "") }).await.unwrap();
    let let_go = async || store.blobs_let_go(vec![blob(1), blob(2), blob(3)]).await.unwrap();
    assert_eq!(let_go().await, [blob(3)], "nobody ever pointed to it");
    deletes(store, &ada, twice.seq).await.unwrap();
    assert_eq!(let_go().await, [blob(3)], "the other one points to it still");
    let fetched = store.entries(GENERAL, Range::After(twice.seq), 9).await.unwrap().remove(0);
    assert_eq!(fetched.body, Body::file_fetched(titan_core::FileId(1), "".into()), "nor is its name told any more");
    store.delete_room(room, None, Time(4), Warrant::default()).await.unwrap();
    while store.purge(100).await.unwrap() > 0 {}
    assert_eq!(let_go().await, [blob(1), blob(2), blob(3)]);
}

async fn what_an_account_wrote_is_found_everywhere(store: &impl Store) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("den", bob.id), Warrant::default()).await.unwrap().id;
    store.join(room, ada.id, Time(2), Warrant::default()).await.unwrap();
    says(store, &bob, room, "not mine").await;
    let first = says(store, &ada, room, "one").await;
    says(store, &ada, GENERAL, "two").await;
    edits(store, &ada, Seq(1), "two!").await.unwrap();
    store.leave(room, ada.id, Departure::default(), Time(3), Warrant::default()).await.unwrap();
    let texts = |entries: Vec<titan_core::protocol::Entry>| {
        let text = |entry: titan_core::protocol::Entry| match entry.body {
            Body::Message(message) => Some(message.text.to_string()),
            _ => None,
        };
        entries.into_iter().filter_map(text).collect::<Vec<_>>()
    };
    assert_eq!(texts(store.entries_by(ada.id, EntryId(0), 100).await.unwrap()), ["one", "two!"]);
    assert_eq!(texts(store.entries_by(ada.id, first.id, 1).await.unwrap()), ["two!"]);
    store.delete_room(room, None, Time(4), Warrant::default()).await.unwrap();
    assert_eq!(texts(store.entries_by(ada.id, EntryId(0), 100).await.unwrap()), ["two!"]);
}

async fn a_file_is_found_by_the_name_it_had(store: &impl Store) {
    let ada = account(store, "ada").await;
    shares(store, &ada, GENERAL, "a.txt", 1).await;
    let file = NewFile {
        name: "b.txt".into(),
        size: 3,
        blob: titan_core::BlobId([2; 32]),
        unique_name: Some("general_20250301_210015_b.txt_0a1b2c3d".into()),
    };
    let body = DraftBody::Message { text: String::new(), reply_to: None, file: Some(file), mentions: vec![] };
    store.append(DraftEntry { body, ..draft(&ada, GENERAL, "") }).await.unwrap();
    let found = store.file_named("general_20250301_210015_b.txt_0a1b2c3d".into()).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.size), ("b.txt", 3));
    assert!(store.file_named("b.txt".into()).await.unwrap().is_none());
    let names: Vec<_> =
        store.files(GENERAL, Range::Last, 100).await.unwrap().into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["a.txt", "b.txt"]);
}

fn factor(step: i64) -> NewFactor {
    NewFactor { sealed: [5; 36], pepper: "one".into(), step, recovery: vec![[1; 32], [2; 32]], now: Time(7) }
}

async fn a_second_factor_is_one_and_each_of_its_codes_is_used_once(store: &impl Store) {
    let (ada, now) = (account(store, "ada").await, Time::now());
    let kept = session(store, ada.id, 1, now, Time(now.0 + 60_000)).await;
    let other = session(store, ada.id, 2, now, Time(now.0 + 60_000)).await;
    store.add_factor(ada.id, factor(100), Some(kept), Warrant::default()).await.unwrap();
    assert!(store.session_stands(kept).await.unwrap() && !store.session_stands(other).await.unwrap());
    let again = store.add_factor(ada.id, factor(1), Some(kept), Warrant::default()).await;
    assert_eq!(again.unwrap_err(), StoreError::Taken("second_factor"));
    let found = store.factor(ada.id).await.unwrap().unwrap();
    assert_eq!((found.sealed, found.since, found.last_step, found.recovery_codes), ([5; 36], Time(7), 100, 2));

    for (step, good) in [(100, false), (101, true), (101, false), (99, false), (103, true)] {
        assert_eq!(store.take_step(ada.id, found.clone(), step).await.unwrap(), good, "{step}");
    }
    let sealed_anew = FactorRecord { sealed: [6; 36], pepper: "two".into(), ..found.clone() };
    assert!(store.take_step(ada.id, sealed_anew, 104).await.unwrap());
    assert_eq!(store.factor(ada.id).await.unwrap().unwrap().sealed, [6; 36]);
    assert_eq!(store.peppered(Some("two".into())).await.unwrap(), 1);
    let another = FactorRecord { since: Time(8), ..found };
    assert!(!store.take_step(ada.id, another, 105).await.unwrap(), "it was of a factor that is gone");

    let takes = async |hash: u8| store.take_recovery_code(ada.id, [hash; 32], Warrant::default()).await.unwrap();
    assert!(takes(1).await && !takes(1).await && !takes(3).await);
    store.renew_recovery_codes(ada.id, vec![[3; 32]], Warrant::default()).await.unwrap();
    assert!(!takes(2).await && takes(3).await);
    store.remove_factor(ada.id, Some(kept), Warrant::default()).await.unwrap();
    assert!(store.factor(ada.id).await.unwrap().is_none());
    for gone in [
        store.remove_factor(ada.id, None, Warrant::default()).await,
        store.renew_recovery_codes(ada.id, vec![], Warrant::default()).await,
    ] {
        assert_eq!(gone.unwrap_err(), StoreError::NotFound);
    }
}

async fn an_app_password_is_found_by_its_hash_and_ends_with_its_sessions(store: &impl Store) {
    let (ada, bob, now) = (account(store, "ada").await, account(store, "bob").await, Time::now());
    let new = |hash: u8| NewAppPassword {
        name: "bot".into(),
        doors: vec!["slash".into(), "api".into()],
        administers: true,
        hash: [hash; 32],
        pre_hash: [hash + 100; 32],
        now,
        most: 2,
    };
    let made = store.add_app_password(ada.id, new(1), Warrant::default()).await.unwrap();
    store.add_app_password(ada.id, new(2), Warrant::default()).await.unwrap();
    let third = store.add_app_password(ada.id, new(3), Warrant::default()).await;
    assert_eq!(third.unwrap_err(), StoreError::Full("app passwords"));
    for key in [AppPasswordKey::Hash([1; 32]), AppPasswordKey::PreHash([101; 32])] {
        let found = store.app_password(ada.id, key).await.unwrap().unwrap();
        assert_eq!((found.id, found.doors, found.administers), (made.id, vec!["slash".into(), "api".into()], true));
        assert!(store.app_password(bob.id, key).await.unwrap().is_none(), "it is ada's alone");
    }
    assert!(store.app_password(ada.id, AppPasswordKey::PreHash([1; 32])).await.unwrap().is_none());

    let own = session(store, ada.id, 1, now, Time(now.0 + 60_000)).await;
    let used = UsedAppPassword { id: made.id, name: made.name.clone(), administers: true };
    let by_it = NewSession {
        account: ada.id,
        token_hash: [2; 32],
        door: "slash".into(),
        address: "127.0.0.1".into(),
        client: Some("a bot".into()),
        app_password: Some(used.clone()),
        now,
        expires_at: Time(now.0 + 60_000),
        most: None,
        in_use: vec![],
    };
    let standing = || vec![Fact::AppPassword { account: ada.id, app_password: made.id }].into();
    let (opened, _) = store.open_session(by_it.clone(), standing()).await.unwrap();
    let (found, _) = store.session(SessionKey::Id(opened)).await.unwrap().unwrap();
    assert_eq!((found.client.as_deref(), found.app_password), (Some("a bot"), Some(used)));
    let last = store.app_passwords(ada.id).await.unwrap().remove(0);
    assert_eq!((last.last_used, last.last_door.as_deref()), (Some(now), Some("slash")));

    let foreign = store.remove_app_password(bob.id, made.id, Warrant::default()).await;
    assert_eq!(foreign.unwrap_err(), StoreError::NotFound);
    store.remove_app_password(ada.id, made.id, Warrant::default()).await.unwrap();
    assert!(store.session_stands(own).await.unwrap() && !store.session_stands(opened).await.unwrap());
    let late = NewSession { token_hash: [3; 32], ..by_it };
    assert_eq!(store.open_session(late, standing()).await.unwrap_err(), StoreError::Stale);

    let profile = AccountChange { full_name: Some(Some("Ada".into())), ..AccountChange::default() };
    store.change_account(ada.id, profile, Warrant::default()).await.unwrap();
    assert_eq!(store.app_passwords(ada.id).await.unwrap().len(), 1);
    let another = Verifier { scheme: Scheme::Titan, salt: [4; 32], hash: "another".into() };
    let password = Some(Password::of(another));
    store
        .change_account(ada.id, AccountChange { password, ..AccountChange::default() }, Warrant::default())
        .await
        .unwrap();
    assert_eq!(store.app_passwords(ada.id).await.unwrap().len(), 0);
}
