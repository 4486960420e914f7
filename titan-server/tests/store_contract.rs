//! What every store promises to the hub. The stories are written against the traits alone and run on each store there
//! is; what only SQLite promises (its file, other processes, a full disk) is in `store_sqlite.rs`.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::store_support::*;
use proptest::prelude::*;
use titan_core::protocol::{AppState, Body, Category, Entry, MemberRole, Message, Role, RoomKind};
use titan_core::{AccountId, BlobId, ClientId, ConversationId, FileId, Seq, SessionId, Time, TitanNumber};
use titan_server::store::*;

store_stories! { |house| (house.store.as_ref(), house.committed());
    an_account_is_found_by_all_its_names
    one_name_is_one_person_in_every_case_and_form
    a_former_name_means_one_account_or_none
    a_taken_name_or_number_is_refused
    accounts_are_listed_by_name_and_prefix
    an_account_changes_only_where_asked
    a_session_stands_until_it_ends
    expired_sessions_are_removed_and_no_others
    a_door_without_connections_loses_its_sessions_and_no_other_does
    who_listens_by_an_expired_session_is_told_of_its_end
    nothing_rests_on_a_session_that_has_expired
    addresses_are_banned_and_freed
    the_audit_log_keeps_everything_newest_first
    each_row_of_the_audit_log_follows_the_one_before
    the_audit_log_knows_where_an_act_was_done_and_everybody_by_their_names
    everybody_is_in_general_from_the_start
    a_room_is_made_found_changed_and_ended
    people_join_and_leave_rooms
    a_direct_is_one_pair_whoever_asks
    seqs_have_no_gap_under_many_writers
    entries_are_announced_in_the_order_of_their_seq
    what_is_taken_in_is_written_in_that_order
    sending_again_gets_the_first_place
    a_message_keeps_what_it_was_given
    an_edit_changes_the_message_everywhere
    the_longest_name_that_somebody_has_is_meant
    a_deletion_leaves_no_word
    reactions_stand_under_their_message
    a_reaction_is_the_same_however_it_is_spelled
    history_is_read_in_stretches
    only_standing_messages_count_as_messages
    unread_and_mentions_are_counted
    the_read_mark_never_goes_back
    what_is_not_there_is_not_found
    search_finds_words_newest_first_where_one_is_a_member
    search_takes_any_text_for_words
    a_file_is_found_until_its_message_is_deleted
    a_deleted_room_is_gone_at_once_and_purged_in_steps
    an_app_is_decided_by_its_hash
    apps_are_filtered_and_counted
    blobs_in_use_are_those_something_points_to
    a_sound_store_has_nothing_to_tell
    a_closed_store_is_unavailable
}

async fn an_account_is_found_by_all_its_names(store: &impl Store, _: Announced) {
    let ada = account(store, "Ada").await;
    assert_eq!((ada.username.as_str(), ada.role, ada.banned.clone()), ("Ada", Role::User, None));
    for key in [AccountKey::Id(ada.id), AccountKey::Username("Ada".into()), AccountKey::TitanNumber(ada.titan_number)] {
        assert_eq!(store.account(key).await.unwrap().unwrap().id, ada.id);
    }
    for same in ["ada", " ADA ", "ａｄａ", "аԁа"] {
        assert_eq!(named(store, same).await, Some(ada.id), "{same}");
    }
    assert_eq!(named(store, "adá").await, None);
    assert!(store.account(AccountKey::TitanNumber(TitanNumber(1))).await.unwrap().is_none());
    let verifier = store.account(AccountKey::Id(ada.id)).await.unwrap().unwrap().verifier;
    assert!(verifier == new_account("Ada").verifier);
}

async fn named(store: &impl Store, name: &str) -> Option<AccountId> {
    store.account(AccountKey::Username(name.into())).await.unwrap().map(|account| account.id)
}

async fn one_name_is_one_person_in_every_case_and_form(store: &impl Store, _: Announced) {
    for (number, (name, others)) in (20_000..).zip([
        ("José", ["JOSÉ", "jose\u{301}", "JOSE\u{301}"]),
        ("ΝΙΚΟΣ", ["νικος", "νικοσ", "Νικος"]),
        ("Straße", ["STRASSE", "strasse", "STRAẞE"]),
    ]) {
        let new = |name| NewAccount { titan_number: TitanNumber(number), ..new_account(name) };
        let made = store.create_account(new(name), Warrant::default()).await.unwrap();
        let bob = account(store, &format!("bob{number}")).await;
        for other in others {
            assert_eq!(named(store, other).await, Some(made.id), "{other}");
            let refused = store.create_account(new(other), Warrant::default()).await.unwrap_err();
            assert_eq!(refused, StoreError::Taken("name"), "{other}");
            says(store, &bob, GENERAL, &format!("hello @{other}!")).await;
        }
        assert_eq!(store.membership(made.id, GENERAL).await.unwrap().unwrap().mentions, 3, "{name}");
        assert_eq!(store.accounts(others[2].into(), Page::whole()).await.unwrap()[0].id, made.id, "{name}");
    }
}

async fn a_former_name_means_one_account_or_none(store: &impl Store, _: Announced) {
    let (one, other) = (account(store, "two_words").await, account(store, "o_brien").await);
    let formerly = async |account: &AccountRecord, name: &str| {
        let change = AccountChange { formerly: Some(name.to_owned()), ..AccountChange::default() };
        store.change_account(account.id, change, Warrant::default()).await.unwrap();
    };
    let whose = async |name: &str| store.account_formerly(name.to_owned()).await.unwrap().map(|account| account.id);
    formerly(&one, "two words").await;
    formerly(&one, "two words").await;
    formerly(&other, "O'Brien").await;
    assert_eq!((whose("two words").await, whose("Two Words").await), (Some(one.id), Some(one.id)));
    assert_eq!((whose("two_words").await, whose("nobody").await, whose("").await), (None, None, None));
    // As it was written it means one of two, and otherwise none.
    formerly(&one, "o'brien").await;
    assert_eq!((whose("O'Brien").await, whose("o'brien").await), (Some(other.id), Some(one.id)));
    assert_eq!(whose("O'BRIEN").await, None);
    // Two had it; somebody has it now; its owner has gone.
    formerly(&other, "two words").await;
    assert_eq!(whose("two words").await, None);
    formerly(&one, "Cyd").await;
    let cyd = account(store, "cyd").await;
    assert_eq!(whose("Cyd").await, None);
    for gone in [cyd.id, other.id] {
        store.delete_account(gone, Ender::Admin, Time(9), Warrant::default()).await.unwrap();
    }
    assert_eq!((whose("Cyd").await, whose("two words").await), (Some(one.id), Some(one.id)));
    assert_eq!(whose("O'Brien").await, Some(one.id), "in another case");
}

async fn a_taken_name_or_number_is_refused(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let alike = NewAccount { titan_number: TitanNumber(99_999), ..new_account("ADA") };
    assert_eq!(store.create_account(alike, Warrant::default()).await.unwrap_err(), StoreError::Taken("name"));
    let numbered = NewAccount { titan_number: ada.titan_number, ..new_account("bob") };
    assert_eq!(
        store.create_account(numbered, Warrant::default()).await.unwrap_err(),
        StoreError::Taken("titan_number")
    );
    let room = new_room("The Lounge", ada.id);
    store.create_room(room, Warrant::default()).await.unwrap();
    assert_eq!(
        store.create_room(new_room("the lounge", ada.id), Warrant::default()).await.unwrap_err(),
        StoreError::Taken("name")
    );
    assert_eq!(store.rooms(ada.id, Page::whole()).await.unwrap().len(), 2, "a refused room leaves nothing behind");
}

async fn accounts_are_listed_by_name_and_prefix(store: &impl Store, _: Announced) {
    for name in ["bob", "Ada", "adam", "Żaneta", "żubr"] {
        account(store, name).await;
    }
    let listed = async |prefix: &str, limit| {
        let found = store.accounts(prefix.to_owned(), Page::first(limit)).await.unwrap();
        found.into_iter().map(|account| account.username).collect::<Vec<_>>()
    };
    assert_eq!(listed("", 9).await, ["Ada", "adam", "bob", "Żaneta", "żubr"]);
    assert_eq!(listed("AD", 9).await, ["Ada", "adam"]);
    assert_eq!(listed("Ż", 9).await, ["Żaneta", "żubr"]);
    assert_eq!(listed("", 2).await, ["Ada", "adam"]);
    assert!(listed("%", 9).await.is_empty());
}

async fn an_account_changes_only_where_asked(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let change = AccountChange {
        full_name: Some(Some("Ada L.".into())),
        role: Some(Role::Admin),
        last_login: Some(Time(5)),
        banned: Some(Some("noise".into())),
        ..AccountChange::default()
    };
    let changed = store.change_account(ada.id, change, Warrant::default()).await.unwrap();
    assert_eq!(changed.full_name.as_deref(), Some("Ada L."));
    let unban = AccountChange { banned: Some(None), ..AccountChange::default() };
    store.change_account(ada.id, unban, Warrant::default()).await.unwrap();
    let now = store.account(AccountKey::Id(ada.id)).await.unwrap().unwrap();
    assert_eq!((now.role, now.last_login, now.banned), (Role::Admin, Some(Time(5)), None));
    assert_eq!(now.full_name.as_deref(), Some("Ada L."));
    assert_eq!(now.email, ada.email);
    let nobody = store.change_account(titan_core::AccountId(999), AccountChange::default(), Warrant::default()).await;
    assert_eq!(nobody.unwrap_err(), StoreError::NotFound);
}

async fn a_session_stands_until_it_ends(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let now = Time::now();
    let first = session(store, ada.id, 1, now, Time(now.0 + 60_000)).await;
    let second = session(store, ada.id, 2, now, Time(now.0 + 60_000)).await;
    session(store, ada.id, 3, Time(now.0 - 2), Time(now.0 - 1)).await;
    let (found, owner) = store.session(SessionKey::Token([1; 32])).await.unwrap().unwrap();
    assert_eq!((found.id, owner.id, found.last_seen), (first, ada.id, now));
    assert!(store.session(SessionKey::Token([3; 32])).await.unwrap().is_none(), "an expired session is none");
    assert_eq!(store.sessions(ada.id).await.unwrap().len(), 2);

    store.touch_session(first, Time(now.0 + 59_000)).await.unwrap();
    assert_eq!(
        store.session(SessionKey::Token([1; 32])).await.unwrap().unwrap().0.last_seen,
        now,
        "within a minute nothing is written"
    );
    store.touch_session(first, Time(now.0 + 61_000)).await.unwrap();
    assert_eq!(store.session(SessionKey::Token([1; 32])).await.unwrap().unwrap().0.last_seen, Time(now.0 + 61_000));

    let bob = account(store, "bob").await;
    assert!(end(store, bob.id, first).await.is_empty(), "another's session is not one's to end");
    assert!(store.session_stands(first).await.unwrap());
    assert_eq!(end(store, ada.id, first).await, [first]);
    assert!(!store.session_stands(first).await.unwrap());
    assert!(end(store, ada.id, first).await.is_empty());
    let third = session(store, ada.id, 4, now, Time(now.0 + 60_000)).await;
    assert_eq!(end_all_but(store, ada.id, Some(third)).await, [second]);
    assert_eq!(end_all_but(store, ada.id, None).await, [third]);
    assert!(store.session(SessionKey::Token([4; 32])).await.unwrap().is_none());
    assert_eq!(end_all_but(store, ada.id, None).await, [] as [SessionId; 0]);
}

async fn expired_sessions_are_removed_and_no_others(store: &impl Store, announced: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let now = Time::now();
    assert_eq!(store.purge_sessions(now).await.unwrap(), 0);
    for (owner, token, expires_at) in [(&ada, 1, now.0 - 1), (&ada, 2, now.0), (&bob, 3, now.0 + 60_000)] {
        session(store, owner.id, token, Time(now.0 - 100_000), Time(expires_at)).await;
    }
    announced.changes();
    assert_eq!(store.purge_sessions(now).await.unwrap(), 2);
    let told = |change| match change {
        Change::Done(deed) => Some((deed.event, deed.of)),
        _ => None,
    };
    let told: Vec<_> = announced.changes().into_iter().filter_map(told).collect();
    assert_eq!(told, [("session_expired", "ada".to_owned()), ("session_expired", "ada".to_owned())]);
    assert_eq!(store.purge_sessions(now).await.unwrap(), 0);
    assert!(store.session(SessionKey::Token([3; 32])).await.unwrap().is_some());
    assert_eq!(store.purge_sessions(Time(now.0 + 60_000)).await.unwrap(), 1);
    assert!(store.session(SessionKey::Token([3; 32])).await.unwrap().is_none());
}

async fn a_door_without_connections_loses_its_sessions_and_no_other_does(store: &impl Store, announced: Announced) {
    let (ada, now) = (account(store, "ada").await, Time::now());
    let kept = session(store, ada.id, 1, now, Time(now.0 + 60_000)).await;
    let new = NewSession { door: "slash".to_owned(), ..new_session(ada.id, 2, now, Time(now.0 + 60_000)) };
    let (left, _) = store.open_session(new, Warrant::default()).await.unwrap();
    assert_eq!(store.sweep_door("json_lines").await.unwrap(), 0);
    assert_eq!(store.sweep_door("slash").await.unwrap(), 1);
    assert_eq!(store.sweep_door("slash").await.unwrap(), 0);
    assert!(!store.session_stands(left).await.unwrap() && store.session_stands(kept).await.unwrap());
    let told = announced.changes();
    assert!(
        told.iter()
            .any(|change| matches!(change, Change::SessionsEnded { which: Sessions::One(one), .. } if *one == left))
    );
}

async fn who_listens_by_an_expired_session_is_told_of_its_end(store: &impl Store, announced: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let now = Time::now();
    let swept = session(store, ada.id, 1, Time(now.0 - 9), Time(now.0 - 1)).await;
    let purged = session(store, bob.id, 2, Time(now.0 - 9), Time(now.0 - 1)).await;
    session(store, ada.id, 3, now, Time(now.0 + 60_000)).await;
    assert_eq!(store.purge_sessions(now).await.unwrap(), 1, "ada's was swept as she logged in again");
    let ended: Vec<_> = announced
        .changes()
        .into_iter()
        .filter_map(|change| match change {
            Change::SessionsEnded { account, which: Sessions::One(session), why: Why::Expired } => {
                Some((account, session))
            }
            _ => None,
        })
        .collect();
    assert_eq!(ended, [(ada.id, swept), (bob.id, purged)]);
}

async fn nothing_rests_on_a_session_that_has_expired(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let now = Time::now();
    let open = session(store, ada.id, 1, now, Time(now.0 + 3_600_000)).await;
    let expired = session(store, ada.id, 2, Time(now.0 - 9), Time(now.0 - 1)).await;
    let of_bob = session(store, bob.id, 3, Time(now.0 - 9), Time(now.0 - 1)).await;
    let says = |who: &AccountRecord, session| {
        let grounds = vec![Fact::Session { account: who.id, session }];
        store.append(DraftEntry { grounds, ..draft(who, GENERAL, "hello") })
    };
    // At once, since many are looked up together.
    let (one, other, third) = tokio::join!(says(&ada, expired), says(&bob, of_bob), says(&ada, open));
    assert_eq!((one.unwrap_err(), other.unwrap_err()), (StoreError::Stale, StoreError::Stale));
    third.unwrap();
    assert_eq!(says(&ada, expired).await.unwrap_err(), StoreError::Stale, "also where it is remembered");
}

async fn addresses_are_banned_and_freed(store: &impl Store, _: Announced) {
    let address = || "192.0.2.7".to_owned();
    assert_eq!(store.address_ban(address()).await.unwrap(), None);
    store.set_address_ban(address(), Some("flood".into()), Warrant::default()).await.unwrap();
    store.set_address_ban(address(), Some("flood again".into()), Warrant::default()).await.unwrap();
    assert_eq!(store.address_ban(address()).await.unwrap().as_deref(), Some("flood again"));
    assert_eq!(store.address_bans(Page::whole()).await.unwrap(), [(address(), "flood again".to_owned())]);
    store.set_address_ban(address(), None, Warrant::default()).await.unwrap();
    assert_eq!(store.address_ban(address()).await.unwrap(), None);
    for (banned, inside, outside) in [
        ("192.0.2.0/24", "192.0.2.200", "192.0.3.1"),
        ("2001:db8:1:2::/64", "2001:db8:1:2:3::4", "2001:db8:1:3::4"),
        ("0.0.0.0/0", "192.0.2.7", "2001:db8::7"),
    ] {
        store.set_address_ban(banned.into(), Some("flood".into()), Warrant::default()).await.unwrap();
        assert_eq!(store.address_ban(inside.into()).await.unwrap().as_deref(), Some("flood"), "{banned}");
        assert_eq!(store.address_ban(outside.into()).await.unwrap(), None, "{banned}");
        store.set_address_ban(banned.into(), None, Warrant::default()).await.unwrap();
    }
}

async fn the_audit_log_keeps_everything_newest_first(store: &impl Store, _: Announced) {
    for n in 0..3 {
        let act =
            AuditRecord { at: Time(n), by: None, act: "ban".into(), object: format!("account {n}"), detail: "".into() };
        store.note_setting("admin_key", Warrant::default().with_audit(act)).await.unwrap();
    }
    let objects = |acts: Vec<AuditRow>| acts.into_iter().map(|act| act.object).collect::<Vec<_>>();
    let acts = store.audit(None, 2).await.unwrap();
    let last = acts[1].id;
    assert_eq!(objects(acts), ["account 2", "account 1"]);
    assert_eq!(objects(store.audit(Some(last), 2).await.unwrap()), ["account 0"]);
}

async fn each_row_of_the_audit_log_follows_the_one_before(store: &impl Store, _: Announced) {
    assert_eq!((store.audit_chain().await.unwrap(), store.audit_head().await.unwrap()), Default::default());
    let mut heads = Vec::new();
    for n in 0..3 {
        acts(store, n, "plain, 'quoted', żółw\0").await;
        heads.push(store.audit_head().await.unwrap().unwrap());
    }
    let chain = store.audit_chain().await.unwrap();
    assert_eq!(chain, AuditChain { rows: 3, head: heads.last().copied(), broken: None });
    for head in &heads {
        assert!(store.audit_holds(*head).await.unwrap());
    }
    assert!(!store.audit_holds(AuditHead { row: heads[0].row, ..heads[1] }).await.unwrap());
    assert!(!store.audit_holds(AuditHead { row: 99, ..heads[1] }).await.unwrap());
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

async fn the_audit_log_knows_where_an_act_was_done_and_everybody_by_their_names(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    let act = |object: String| {
        let deed = Deed {
            event: "ban",
            door: "native",
            address: Some("::ffff:192.0.2.7".parse().unwrap()),
            account: "ada".into(),
            of: String::new(),
            span: tracing::Span::none(),
        };
        let act = AuditRecord { at: Time(1), by: Some(ada.id), act: "ban".into(), object, detail: "Spam.".into() };
        store.note_setting("admin_key", Warrant::default().with_audit(act).with_deed(deed))
    };
    act(format!("account {} in room {room}", bob.id)).await.unwrap();
    act("address 192.0.2.9".to_owned()).await.unwrap();
    let told = store.audit(None, 10).await.unwrap();
    let name =
        |author: &Option<titan_core::protocol::Author>| author.as_ref().map(|author| author.username.to_string());
    assert_eq!((told[0].door.as_deref(), told[0].address.as_deref()), (Some("native"), Some("192.0.2.7")));
    assert_eq!((name(&told[0].by).as_deref(), name(&told[0].whom), &told[0].room), (Some("ada"), None, &None));
    assert_eq!((name(&told[1].whom).as_deref(), told[1].room.as_deref()), (Some("bob"), Some("lounge")));
    store.delete_account(bob.id, Ender::Itself, Time(2), Warrant::default()).await.unwrap();
    store.delete_room(room, None, Time(3), Warrant::default()).await.unwrap();
    let told = store.audit(None, 10).await.unwrap();
    assert_eq!(name(&told[1].whom), Some(format!("former-{}", bob.titan_number)));
    assert_eq!(told[1].room, None);
}

/// A line in the audit log.
async fn acts(store: &impl Store, n: i64, detail: &str) {
    let (at, object) = (Time(n), format!("account {n}"));
    let act = AuditRecord { at, by: Some(AccountId(1)), act: "ban".into(), object, detail: detail.into() };
    store.note_setting("admin_key", Warrant::default().with_audit(act)).await.unwrap();
}

async fn everybody_is_in_general_from_the_start(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    says(store, &ada, GENERAL, "first").await;
    let bob = account(store, "bob").await;
    let rooms = store.memberships(bob.id, Page::whole()).await.unwrap();
    assert_eq!(rooms.len(), 1);
    assert_eq!((rooms[0].conversation, rooms[0].unread, rooms[0].read), (GENERAL, 0, Seq(1)));
    let WhatRecord::Room(general) = &rooms[0].what else { panic!("general is a room") };
    assert_eq!((general.name.as_str(), general.members, general.owner.is_none()), ("general", 2, true));
    assert_eq!(store.head(GENERAL).await.unwrap(), Seq(1), "an account's coming is no entry");
}

async fn a_room_is_made_found_changed_and_ended(store: &impl Store, announced: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let made = store
        .create_room(NewRoom { kind: RoomKind::Voice, ..new_room("Lounge", ada.id) }, Warrant::default())
        .await
        .unwrap();
    assert_eq!((made.members, made.joined, made.kind), (1, true, RoomKind::Voice));
    assert_eq!(made.owner.as_ref().unwrap().id, ada.id);
    assert_eq!(store.members(made.id, Page::whole()).await.unwrap()[0].role, MemberRole::Owner);
    let seen = store.room_named("LOUNGE".into(), bob.id).await.unwrap().unwrap();
    assert_eq!((seen.id, seen.joined), (made.id, false));

    let update = RoomUpdate {
        name: Some(("Library".into(), "library".into())),
        password_hash: Some(Some("$argon2id$".into())),
        ..RoomUpdate::default()
    };
    let changed = store.change_room(made.id, ada.id, update, Time(7), Warrant::default()).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.description.as_str()), ("Library", made.description.as_str()));
    assert_eq!(changed.password_hash.as_deref(), Some("$argon2id$"));
    let taken = RoomUpdate { name: Some(("General".into(), "general".into())), ..RoomUpdate::default() };
    assert_eq!(
        store.change_room(made.id, ada.id, taken, Time(8), Warrant::default()).await.unwrap_err(),
        StoreError::Taken("name")
    );
    let unlocked = RoomUpdate { password_hash: Some(None), ..RoomUpdate::default() };
    assert_eq!(
        store.change_room(made.id, ada.id, unlocked, Time(9), Warrant::default()).await.unwrap().password_hash,
        None
    );

    let log = store.entries(made.id, Range::After(Seq(0)), 10).await.unwrap();
    assert!(matches!(log[0].body, Body::Joined { .. }));
    let Body::RoomChanged { change, .. } = &log[1].body else { panic!("{:?}", log[1]) };
    assert_eq!((change.name.as_deref(), change.locked), (Some("Library"), Some(true)));
    assert_eq!(log, announced.all().await, "what is announced is what is read");

    store.delete_room(made.id, None, Time(10), Warrant::default()).await.unwrap();
    assert!(store.room(made.id, ada.id).await.unwrap().is_none());
    assert_eq!(store.delete_room(made.id, None, Time(11), Warrant::default()).await.unwrap_err(), StoreError::NotFound);
    assert_eq!(store.rooms(ada.id, Page::whole()).await.unwrap().len(), 1);
}

async fn people_join_and_leave_rooms(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    let joined = store.join(room, bob.id, Time(2), Warrant::default()).await.unwrap().unwrap();
    assert_eq!((joined.seq, joined.author.id), (Seq(2), bob.id));
    assert_eq!(
        store.join(room, bob.id, Time(3), Warrant::default()).await.unwrap_err(),
        StoreError::Taken("membership")
    );
    assert_eq!(store.room(room, bob.id).await.unwrap().unwrap().members, 2);
    assert_eq!(store.membership(bob.id, room).await.unwrap().unwrap().role, MemberRole::Member);
    let left = store.leave(room, bob.id, removed_by(ada.id), Time(4), Warrant::default()).await.unwrap().unwrap();
    assert_eq!(left.body, Body::left(Some(ada.author())));
    assert_eq!(
        store.leave(room, bob.id, Departure::default(), Time(5), Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    assert!(store.membership(bob.id, room).await.unwrap().is_none());
    assert_eq!(store.members(room, Page::whole()).await.unwrap().len(), 1);
    assert_eq!(
        store.join(ConversationId(99), bob.id, Time(6), Warrant::default()).await.unwrap_err(),
        StoreError::NotFound
    );
    let (direct, _) = store.open_direct(ada.id, ada.id, Time(7), Warrant::default()).await.unwrap();
    assert_eq!(store.join(direct, bob.id, Time(8), Warrant::default()).await.unwrap_err(), StoreError::NotFound);
}

async fn a_direct_is_one_pair_whoever_asks(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let (direct, made) = store.open_direct(ada.id, bob.id, Time(1), Warrant::default()).await.unwrap();
    assert!(made);
    assert_eq!(store.open_direct(bob.id, ada.id, Time(2), Warrant::default()).await.unwrap(), (direct, false));
    let (own, _) = store.open_direct(ada.id, ada.id, Time(3), Warrant::default()).await.unwrap();
    assert_ne!(own, direct);
    for (one, other, conversation) in [(&ada, &bob, direct), (&bob, &ada, direct), (&ada, &ada, own)] {
        let place = store.membership(one.id, conversation).await.unwrap().unwrap();
        let WhatRecord::Direct(person) = place.what else { panic!("a direct") };
        assert_eq!(person.id, other.id);
    }
    assert_eq!(store.members(own, Page::whole()).await.unwrap().len(), 1);
    let nobody = store.open_direct(ada.id, titan_core::AccountId(99), Time(4), Warrant::default()).await;
    assert_eq!(nobody.unwrap_err(), StoreError::NotFound);
    says(store, &bob, direct, "hello").await;
    assert_eq!(
        store.memberships(ada.id, Page::whole()).await.unwrap()[0].conversation,
        direct,
        "the most recently active first"
    );
    let places = store.places(ada.id).await.unwrap();
    let others: Vec<_> = places.iter().map(|place| place.other).collect();
    assert_eq!(others, [None, Some(bob.id), Some(ada.id)]);
    let places: Vec<_> = places.iter().map(|place| (place.conversation, place.role, place.head)).collect();
    let member = MemberRole::Member;
    assert_eq!(places, [(GENERAL, member, Seq(0)), (direct, member, Seq(1)), (own, member, Seq(0))]);
}

async fn seqs_have_no_gap_under_many_writers(store: &impl Store, announced: Announced) {
    let ada = account(store, "ada").await;
    let other = store.create_room(new_room("other", ada.id), Warrant::default()).await.unwrap().id;
    let write = async |writer: usize| {
        let mut seqs = Vec::new();
        for n in 0..50 {
            let room = if n % 3 == 0 { other } else { GENERAL };
            seqs.push((room, says(store, &ada, room, &format!("{writer} says {n}")).await.seq));
        }
        seqs
    };
    let (a, b, c, d, e, f, g, h) =
        tokio::join!(write(0), write(1), write(2), write(3), write(4), write(5), write(6), write(7));
    let given: Vec<_> = [a, b, c, d, e, f, g, h].concat();
    assert_eq!(given.iter().collect::<HashSet<_>>().len(), 400);
    for room in [GENERAL, other] {
        let log = store.entries(room, Range::After(Seq(0)), 1000).await.unwrap();
        assert_eq!(log.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), (1..=log.len() as i64).collect::<Vec<_>>());
        assert_eq!(store.head(room).await.unwrap(), log.last().unwrap().seq);
    }
    assert_eq!(announced.all().await.len(), 401);
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

async fn entries_are_announced_in_the_order_of_their_seq(store: &impl Store, announced: Announced) {
    let ada = account(store, "ada").await;
    let rooms = [GENERAL, store.create_room(new_room("other", ada.id), Warrant::default()).await.unwrap().id];
    let sends = (0..200).map(|n| says_owned(store, ada.clone(), rooms[n % 2], format!("{n}")));
    futures_util::future::join_all(sends).await;
    let mut heads = BTreeMap::new();
    for entry in announced.all().await {
        let head = heads.entry(entry.conversation).or_insert(Seq(0));
        assert_eq!(entry.seq, head.next());
        *head = entry.seq;
    }
    assert_eq!(heads.values().map(|seq| seq.0).sum::<i64>(), 201);
}

async fn what_is_taken_in_is_written_in_that_order(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let mut appending = Vec::new();
    for number in 0..300 {
        appending.push(store.take_in(draft(&ada, GENERAL, &number.to_string())).await.unwrap());
    }
    for (number, appending) in appending.into_iter().enumerate().rev() {
        assert_eq!(appending.await.unwrap().entry.seq, Seq(number as i64 + 1), "whoever waits first");
    }
}

async fn sending_again_gets_the_first_place(store: &impl Store, announced: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let once = DraftEntry { client_id: Some(ClientId::new()), ..draft(&ada, GENERAL, "once") };
    let first = store.append(once.clone()).await.unwrap();
    assert!(first.fresh);
    says(store, &ada, GENERAL, "between").await;
    let (again, at_once) = tokio::join!(store.append(once.clone()), store.append(once.clone()));
    for again in [again.unwrap(), at_once.unwrap()] {
        assert!(!again.fresh);
        assert_eq!(again.entry, first.entry);
    }
    let client_id = once.client_id.unwrap();
    assert_eq!(store.written(ada.id, client_id).await.unwrap().as_ref(), Some(&*first.entry));
    assert_eq!(store.written(bob.id, client_id).await.unwrap(), None);
    let others = DraftEntry { author: bob.author(), ..once.clone() };
    assert!(store.append(others).await.unwrap().fresh, "a client id is its author's alone");

    let deletion = DraftEntry {
        client_id: Some(ClientId::new()),
        body: DraftBody::Deletion { target: first.entry.seq },
        ..draft(&ada, GENERAL, "")
    };
    let deleted = store.append(deletion.clone()).await.unwrap();
    let again = store.append(deletion).await.unwrap();
    assert_eq!((again.fresh, again.entry.seq), (false, deleted.entry.seq));
    assert_eq!(store.append(once).await.unwrap().entry.seq, first.entry.seq, "even once it is deleted");
    assert_eq!(announced.all().await.len(), 4, "what is not written is not announced");
}

async fn a_message_keeps_what_it_was_given(store: &impl Store, announced: Announced) {
    let ada = account(store, "ada").await;
    let first = says(store, &ada, GENERAL, "ünïcödé 👩‍👩‍👧 \"quoted\"\nline").await;
    let file = NewFile { name: "a.zip".into(), size: 12, blob: BlobId([7; 32]), unique_name: None };
    let body = DraftBody::Message { text: "see".into(), reply_to: Some(first.seq), file: Some(file), mentions: vec![] };
    let client_id = Some(ClientId::new());
    let sent = store.append(DraftEntry { client_id, body, ..draft(&ada, GENERAL, "") }).await.unwrap().entry;
    let read = store.entry(GENERAL, sent.seq).await.unwrap().unwrap();
    assert_eq!(read, *sent);
    assert_eq!((read.client_id, &read.author), (client_id, &ada.author()));
    let message = message(&read);
    assert_eq!((message.reply_to, message.file.as_ref().unwrap().size), (Some(first.seq), 12));
    let fetched = DraftBody::FileFetched { file: message.file.as_ref().unwrap().id, name: "a.zip".into() };
    store.append(DraftEntry { body: fetched, ..draft(&ada, GENERAL, "") }).await.unwrap();
    let log = store.entries(GENERAL, Range::Last, 10).await.unwrap();
    assert_eq!(log, announced.all().await);
    let reply = DraftBody::Message { text: "x".into(), reply_to: Some(Seq(99)), file: None, mentions: vec![] };
    let lost = store.append(DraftEntry { body: reply, ..draft(&ada, GENERAL, "") }).await;
    assert_eq!(lost.unwrap_err(), StoreError::NotFound);
}

async fn an_edit_changes_the_message_everywhere(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let first = says(store, &ada, GENERAL, "hello wrold").await;
    let edit = edits(store, &ada, first.seq, "hello world @bob").await.unwrap();
    assert_eq!(
        (edit.seq, edits(store, &ada, edit.seq, "no message").await.unwrap_err()),
        (Seq(2), StoreError::NotFound)
    );
    let now = store.entry(GENERAL, first.seq).await.unwrap().unwrap();
    assert_eq!((&*message(&now).text, message(&now).edited), ("hello world @bob", Some(edit.seq)));
    assert_eq!(found(store, &ada, "wrold").await, [] as [Seq; 0]);
    assert_eq!(found(store, &ada, "world").await, [first.seq]);
    assert_eq!(store.membership(bob.id, GENERAL).await.unwrap().unwrap().mentions, 1);
    edits(store, &ada, first.seq, "hello everybody").await.unwrap();
    assert_eq!(store.membership(bob.id, GENERAL).await.unwrap().unwrap().mentions, 0);
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

async fn the_longest_name_that_somebody_has_is_meant(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let (taro, ta) = (account(store, "太郎").await, account(store, "太").await);
    says(store, &bob, GENERAL, "@adaさん、@太郎さん @adaさん").await;
    for (who, wanted) in [(&ada, 1), (&taro, 1), (&ta, 0), (&bob, 0)] {
        assert_eq!(store.membership(who.id, GENERAL).await.unwrap().unwrap().mentions, wanted, "{}", who.username);
    }
    edits(store, &bob, Seq(1), "请@太。 `@ada`").await.unwrap();
    for (who, wanted) in [(&ada, 0), (&taro, 0), (&ta, 1)] {
        assert_eq!(store.membership(who.id, GENERAL).await.unwrap().unwrap().mentions, wanted, "{}", who.username);
    }
}

async fn a_deletion_leaves_no_word(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let first = says(store, &ada, GENERAL, "secret one @bob").await;
    edits(store, &ada, first.seq, "secret two @bob").await.unwrap();
    reacts(store, &bob, first.seq, "👍", true).await.unwrap();
    deletes(store, &ada, first.seq).await.unwrap();
    let log = store.entries(GENERAL, Range::Last, 10).await.unwrap();
    assert!(!serde_json::to_string(&log).unwrap().contains("secret"));
    assert_eq!(message(&log[0]), &Message::erased(None));
    assert_eq!(found(store, &ada, "secret").await, [] as [Seq; 0]);
    let place = store.membership(bob.id, GENERAL).await.unwrap().unwrap();
    assert_eq!((place.unread, place.mentions), (0, 0));
    for gone in [
        edits(store, &ada, first.seq, "back").await,
        deletes(store, &ada, first.seq).await,
        reacts(store, &bob, first.seq, "👍", true).await,
    ] {
        assert_eq!(gone.unwrap_err(), StoreError::NotFound);
    }
    assert_eq!(store.head(GENERAL).await.unwrap(), Seq(4));
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

async fn reactions_stand_under_their_message(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let first = says(store, &ada, GENERAL, "hello").await;
    for (who, emoji, on) in
        [(&bob, "👍", true), (&ada, "🎉", true), (&ada, "👍", true), (&ada, "👍", true), (&ada, "🎉", false)]
    {
        reacts(store, who, first.seq, emoji, on).await.unwrap();
    }
    let now = store.messages(GENERAL, None, 1).await.unwrap().remove(0);
    let reactions = &message(&now).reactions;
    assert_eq!(reactions.len(), 1);
    assert_eq!((&*reactions[0].emoji, reactions[0].accounts.as_slice()), ("👍", [bob.id, ada.id].as_slice()));
}

async fn a_reaction_is_the_same_however_it_is_spelled(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let first = says(store, &ada, GENERAL, "hello").await;
    for (one, other) in [("❤\u{fe0f}", "❤"), ("cafe\u{301}", "café"), ("☝🏽", "☝\u{fe0f}🏽")] {
        reacts(store, &bob, first.seq, one, true).await.unwrap();
        let set = reacts(store, &ada, first.seq, other, true).await.unwrap();
        assert!(matches!(&set.body, Body::Reaction { emoji, .. } if emoji.written() == one), "{set:?}");
        let now = store.messages(GENERAL, None, 1).await.unwrap().remove(0);
        let reactions = &message(&now).reactions;
        assert_eq!((reactions.len(), reactions[0].emoji.written()), (1, one));
        assert_eq!(reactions[0].accounts, [bob.id, ada.id]);
        reacts(store, &bob, first.seq, other, false).await.unwrap();
        reacts(store, &ada, first.seq, one, false).await.unwrap();
        assert!(message(&store.messages(GENERAL, None, 1).await.unwrap()[0]).reactions.is_empty());
    }
}

async fn history_is_read_in_stretches(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    for n in 1..=10 {
        says(store, &ada, GENERAL, &n.to_string()).await;
    }
    let seqs = async |range, limit| -> Vec<i64> {
        store.entries(GENERAL, range, limit).await.unwrap().iter().map(|entry| entry.seq.0).collect()
    };
    assert_eq!(seqs(Range::Last, 3).await, [8, 9, 10]);
    assert_eq!(seqs(Range::Before(Seq(4)), 2).await, [2, 3]);
    assert_eq!(seqs(Range::After(Seq(4)), 2).await, [5, 6]);
    assert_eq!(seqs(Range::After(Seq(10)), 2).await, [] as [i64; 0]);
    assert_eq!(seqs(Range::Before(Seq(1)), 2).await, [] as [i64; 0]);
}

async fn only_standing_messages_count_as_messages(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    for n in 1..=4 {
        says(store, &ada, GENERAL, &n.to_string()).await;
    }
    deletes(store, &ada, Seq(3)).await.unwrap();
    reacts(store, &ada, Seq(4), "👍", true).await.unwrap();
    let seqs = async |before, limit| -> Vec<i64> {
        store.messages(GENERAL, before, limit).await.unwrap().iter().map(|entry| entry.seq.0).collect()
    };
    assert_eq!(seqs(None, 2).await, [2, 4]);
    assert_eq!(seqs(Some(Seq(4)), 10).await, [1, 2]);
}

async fn unread_and_mentions_are_counted(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "Bob").await);
    says(store, &ada, GENERAL, "one @BOB").await;
    says(store, &bob, GENERAL, "my own @bob").await;
    says(store, &ada, GENERAL, "two @nobody").await;
    reacts(store, &ada, Seq(1), "👍", true).await.unwrap();
    let place = async || store.membership(bob.id, GENERAL).await.unwrap().unwrap();
    let at = place().await;
    assert_eq!((at.unread, at.mentions, at.head, at.read), (2, 1, Seq(4), Seq(0)));
    store.mark_read(bob.id, GENERAL, Seq(1), Warrant::default()).await.unwrap();
    assert_eq!((place().await.unread, place().await.mentions), (1, 0));
    deletes(store, &ada, Seq(3)).await.unwrap();
    assert_eq!(place().await.unread, 0);
}

async fn the_read_mark_never_goes_back(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    for n in 1..=3 {
        says(store, &ada, GENERAL, &n.to_string()).await;
    }
    assert_eq!(store.mark_read(bob.id, GENERAL, Seq(2), Warrant::default()).await.unwrap(), Seq(2));
    assert_eq!(store.mark_read(bob.id, GENERAL, Seq(1), Warrant::default()).await.unwrap(), Seq(2));
    assert_eq!(store.mark_read(bob.id, GENERAL, Seq(99), Warrant::default()).await.unwrap(), Seq(3));
    let room = store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    assert_eq!(store.mark_read(bob.id, room, Seq(1), Warrant::default()).await.unwrap_err(), StoreError::NotFound);
}

async fn what_is_not_there_is_not_found(store: &impl Store, announced: Announced) {
    let ada = account(store, "ada").await;
    let nowhere = ConversationId(404);
    assert_eq!(store.append(draft(&ada, nowhere, "x")).await.unwrap_err(), StoreError::NotFound);
    assert_eq!(store.head(nowhere).await.unwrap_err(), StoreError::NotFound);
    assert!(store.entries(nowhere, Range::Last, 5).await.unwrap().is_empty());
    assert!(store.entry(GENERAL, Seq(1)).await.unwrap().is_none());
    assert!(store.file(FileId(1)).await.unwrap().is_none());
    assert!(store.room(nowhere, ada.id).await.unwrap().is_none());
    assert!(store.app(titan_core::AppId(1)).await.unwrap().is_none());
    assert_eq!(store.count_download(titan_core::AppId(1)).await.unwrap_err(), StoreError::NotFound);
    assert_eq!(edits(store, &ada, Seq(1), "x").await.unwrap_err(), StoreError::NotFound);
    assert!(announced.all().await.is_empty());
}

async fn search_finds_words_newest_first_where_one_is_a_member(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let room = store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    says(store, &ada, GENERAL, "the Żółw runs to the café").await;
    let private = says(store, &ada, room, "the café is closed").await;
    says(store, &ada, GENERAL, "nothing of it").await;
    let places = |found: Vec<Entry>| found.iter().map(|entry| (entry.conversation, entry.seq)).collect::<Vec<_>>();
    let search = async |who: &AccountRecord, words: &str, within| {
        places(store.search(who.id, Query { within, ..Query::of(words, 10) }).await.unwrap().entries)
    };
    assert_eq!(search(&ada, "CAFE", None).await, [(room, private.seq), (GENERAL, Seq(1))]);
    assert_eq!(search(&bob, "cafe", None).await, [(GENERAL, Seq(1))]);
    assert_eq!(search(&ada, "cafe", Some(GENERAL)).await, [(GENERAL, Seq(1))]);
    assert_eq!(search(&bob, "cafe", Some(room)).await, []);
    assert_eq!(search(&ada, "cafe clo", None).await, [(room, private.seq)], "the last word may be a beginning");
    assert_eq!(search(&ada, "caf closed", None).await, []);
    assert_eq!(search(&ada, "zolw", None).await.len(), 1, "strokes don't tell words apart");
    assert_eq!(search(&ada, "żołw", None).await.len(), 1, "nor do marks");
    store.leave(room, ada.id, Departure::default(), Time(5), Warrant::default()).await.unwrap();
    assert_eq!(search(&ada, "cafe", None).await, [(GENERAL, Seq(1))]);
}

async fn search_takes_any_text_for_words(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    says(store, &ada, GENERAL, "don't use NEAR(a b) OR \"quotes\" c1").await;
    for words in ["don't", "NEAR(a", "\"quotes\"", "OR", "a b", "NEAR(a b)", "text", "c1", "c"] {
        let expected = if words == "text" { 0 } else { 1 };
        assert_eq!(found(store, &ada, words).await.len(), expected, "{words}");
    }
    for nothing in ["", "   ", "\"", "*", "!!! ???", "\0", "^", "-", "👍"] {
        assert_eq!(found(store, &ada, nothing).await.len(), 0, "{nothing:?}");
    }
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..500 {
        let words = proptest::strategy::ValueTree::current(
            &prop_oneof![any::<String>(), "[\"*^():{}+\\-a-c ANDORT\u{0}]{0,20}"].new_tree(&mut runner).unwrap(),
        );
        let result = store.search(ada.id, Query::of(&words, 5)).await;
        assert!(result.is_ok(), "{words:?}: {result:?}");
    }
}

async fn a_file_is_found_until_its_message_is_deleted(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let sent = shares(store, &ada, GENERAL, "a.zip", 7).await;
    let info = message(&sent).file.clone().unwrap();
    let file = store.file(info.id).await.unwrap().unwrap();
    assert_eq!((file.conversation, file.seq, file.blob), (GENERAL, sent.seq, BlobId([7; 32])));
    assert_eq!((file.uploader, file.name.as_str(), file.size), (ada.author(), "a.zip", 12));
    deletes(store, &ada, sent.seq).await.unwrap();
    assert!(store.file(info.id).await.unwrap().is_none());
    assert_eq!(store.blobs_in_use().await.unwrap(), []);
}

async fn a_deleted_room_is_gone_at_once_and_purged_in_steps(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let room = store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    for n in 0..9 {
        says(store, &ada, room, &format!("gone {n}")).await;
    }
    let sent = shares(store, &ada, room, "a.zip", 1).await;
    let file = message(&sent).file.clone().unwrap();
    store.delete_room(room, None, Time(5), Warrant::default()).await.unwrap();
    assert_eq!(store.append(draft(&ada, room, "late")).await.unwrap_err(), StoreError::NotFound);
    assert!(store.file(file.id).await.unwrap().is_none());
    assert_eq!(store.memberships(ada.id, Page::whole()).await.unwrap().len(), 1);
    assert_eq!(found(store, &ada, "gone").await, [] as [Seq; 0]);
    let again = store.create_room(new_room("lounge", ada.id), Warrant::default()).await.unwrap().id;
    assert!(again > room, "the name is free at once, the id is never given again");
    assert_eq!(store.purge(4).await.unwrap(), 4);
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
    assert_eq!(store.purge(100).await.unwrap(), 7);
    assert_eq!(store.purge(100).await.unwrap(), 0);
    assert!(store.entries(room, Range::Last, 5).await.unwrap().is_empty());
    assert_eq!(store.blobs_in_use().await.unwrap(), []);
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

async fn an_app_is_decided_by_its_hash(store: &impl Store, _: Announced) {
    let (ada, root) = (account(store, "ada").await, account(store, "root").await);
    let app = store.add_app(new_app("Chess", Category::Game, ada.id, 1), Warrant::default()).await.unwrap();
    assert_eq!((app.app.state, app.app.author.clone()), (AppState::Pending, ada.author()));
    let decide = |sha256, state| {
        let decision = Decision { state, sha256, by: Some(root.id), reason: Some("why".into()), now: Time(9) };
        store.decide_app(app.id(), decision, Warrant::default())
    };
    assert_eq!(decide(Some(BlobId([9; 32])), AppState::Approved).await.unwrap_err(), StoreError::Conflict);
    let approved = decide(Some(BlobId([1; 32])), AppState::Approved).await.unwrap();
    assert_eq!((approved.app.state, approved.app.decided_by), (AppState::Approved, Some(root.author())));
    assert_eq!(decide(None, AppState::Rejected).await.unwrap().app.state, AppState::Rejected);
    assert_eq!(store.delete_app(app.id(), Warrant::default()).await.unwrap().app.name, app.app.name);
    assert_eq!(store.delete_app(app.id(), Warrant::default()).await.unwrap_err(), StoreError::NotFound);
    assert_eq!(decide(None, AppState::Approved).await.unwrap_err(), StoreError::NotFound);
}

async fn apps_are_filtered_and_counted(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let chess = store.add_app(new_app("Chess", Category::Game, ada.id, 1), Warrant::default()).await.unwrap();
    let bells =
        store.add_app(new_app("Ängelbells", Category::SoundTheme, bob.id, 2), Warrant::default()).await.unwrap();
    let approve = Decision { state: AppState::Approved, sha256: None, by: Some(bob.id), reason: None, now: Time(9) };
    store.decide_app(chess.id(), approve, Warrant::default()).await.unwrap();
    store.count_download(chess.id()).await.unwrap();
    let list = async |filter| -> Vec<titan_core::AppId> {
        store.apps(filter, Page::whole()).await.unwrap().iter().map(AppRecord::id).collect()
    };
    let all = AppFilter::default;
    assert_eq!(list(all()).await, [bells.id(), chess.id()]);
    assert_eq!(list(AppFilter { category: Some(Category::Game), ..all() }).await, [chess.id()]);
    assert_eq!(list(AppFilter { state: Some(AppState::Pending), ..all() }).await, [bells.id()]);
    assert_eq!(list(AppFilter { author: Some(ada.id), ..all() }).await, [chess.id()]);
    assert_eq!(list(AppFilter { query: Some("ÄNGEL".into()), ..all() }).await, [bells.id()]);
    assert_eq!(list(AppFilter { query: Some("%".into()), ..all() }).await, []);
    let stats = store.repository_stats().await.unwrap();
    assert_eq!((stats.approved, stats.pending, stats.downloads), (1, 1, 1));
    assert_eq!(stats.categories, BTreeMap::from([("game".to_owned(), 1)]));
}

async fn blobs_in_use_are_those_something_points_to(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    store.add_app(new_app("Chess", Category::Game, ada.id, 1), Warrant::default()).await.unwrap();
    shares(store, &ada, GENERAL, "a.zip", 2).await;
    shares(store, &ada, GENERAL, "same.zip", 2).await;
    let mut blobs = store.blobs_in_use().await.unwrap();
    blobs.sort();
    assert_eq!(blobs, [BlobId([1; 32]), BlobId([2; 32])]);
}

async fn a_sound_store_has_nothing_to_tell(store: &impl Store, _: Announced) {
    assert_eq!(store.check().await.unwrap(), [] as [String; 0]);
}

async fn a_closed_store_is_unavailable(store: &impl Store, announced: Announced) {
    let ada = account(store, "ada").await;
    let (sent, ()) = tokio::join!(store.append(draft(&ada, GENERAL, "last")), store.close());
    if sent.is_ok() {
        assert_eq!(announced.all().await.len(), 1);
    }
    assert!(matches!(store.append(draft(&ada, GENERAL, "x")).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.head(GENERAL).await, Err(StoreError::Unavailable(_))));
    store.close().await;
}

async fn says_owned(store: &impl Store, who: AccountRecord, room: ConversationId, text: String) -> Arc<Entry> {
    says(store, &who, room, &text).await
}
