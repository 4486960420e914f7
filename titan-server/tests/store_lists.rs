//! What every store promises about lists: read page by page, they come whole, in order, and nothing twice.

use crate::store_support::*;
use titan_core::protocol::Category;
use titan_core::{AccountId, ConversationId, Time};
use titan_server::store::*;

store_stories! { |house| (house.store.as_ref(), house.committed());
    pages_of_accounts_and_members_follow_the_names
    pages_of_rooms_and_conversations_are_the_whole_of_them
    a_page_goes_on_where_the_last_one_ended_whatever_became_of_that
    pages_of_apps_files_and_bans_are_the_whole_of_them
    pages_of_relations_go_by_kind_and_name
}

/// All pages of a list, so many at a time; none is longer.
async fn pages<T, I: Clone>(limit: u32, place: impl Fn(&T) -> I, read: impl AsyncFn(Page<I>) -> Vec<T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let page = read(Page { after: all.last().map(&place), limit }).await;
        assert!(page.len() <= limit as usize);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

async fn pages_of_accounts_and_members_follow_the_names(store: &impl Store, _: Announced) {
    for name in ["bob", "Ada", "żubr", "adam", "eve", "Żaneta", "ad-lib"] {
        account(store, name).await;
    }
    let names = ["ad-lib", "Ada", "adam", "bob", "eve", "Żaneta", "żubr"];
    for limit in [1, 2, 3, 7, 100] {
        let read = async |page| store.accounts(String::new(), page).await.unwrap();
        let listed = pages(limit, |account: &AccountRecord| account.id, read).await;
        assert_eq!(listed.iter().map(|account| &*account.username).collect::<Vec<_>>(), names, "{limit}");
        let read = async |page| store.members(GENERAL, page).await.unwrap();
        let listed = pages(limit, |member: &MemberRecord| member.account.id, read).await;
        assert_eq!(listed.iter().map(|member| &*member.account.username).collect::<Vec<_>>(), names, "{limit}");
    }
    let read = async |page| store.accounts("AD".into(), page).await.unwrap();
    let listed = pages(1, |account: &AccountRecord| account.id, read).await;
    assert_eq!(listed.iter().map(|account| &*account.username).collect::<Vec<_>>(), ["ad-lib", "Ada", "adam"]);
    assert_eq!(store.number_of_accounts().await.unwrap(), 7);
    let gone = Page { after: Some(AccountId(999)), limit: 1 };
    assert_eq!(store.accounts(String::new(), gone).await.unwrap()[0].username, "ad-lib", "it begins anew");
    let ids: Vec<_> = listed.iter().rev().map(|account| account.id).collect();
    let among = store.accounts_among([&ids[..], &ids[..], &[AccountId(999)]].concat()).await.unwrap();
    assert_eq!(among.iter().map(|account| account.id).collect::<Vec<_>>()[..3], ids, "in the order asked for");
}

async fn pages_of_rooms_and_conversations_are_the_whole_of_them(store: &impl Store, _: Announced) {
    let (ada, bob) = (account(store, "ada").await, account(store, "bob").await);
    let mut rooms = vec![GENERAL];
    for number in 0..9 {
        let new = NewRoom { now: Time(100), ..new_room(&format!("room {number}"), ada.id) };
        rooms.push(store.create_room(new, Warrant::default()).await.unwrap().id);
    }
    let (direct, _) = store.open_direct(ada.id, bob.id, Time(100), Warrant::default()).await.unwrap();
    store.delete_room(rooms.remove(3), None, Time(101), Warrant::default()).await.unwrap();
    says(store, &ada, rooms[5], "the last word").await;
    for limit in [1, 2, 4, 50] {
        let read = async |page| store.rooms(bob.id, page).await.unwrap();
        let listed = pages(limit, |room: &RoomRecord| room.id, read).await;
        assert_eq!(listed.iter().map(|room| room.id).collect::<Vec<_>>(), rooms, "{limit}");
        let read = async |page| store.memberships(ada.id, page).await.unwrap();
        let listed = pages(limit, |one: &MembershipRecord| one.conversation, read).await;
        let mut wanted: Vec<ConversationId> = rooms.iter().copied().chain([direct]).collect();
        assert_eq!(listed.first().map(|one| one.conversation), Some(rooms[5]), "{limit}");
        let mut listed: Vec<_> = listed.iter().map(|one| one.conversation).collect();
        listed.sort();
        wanted.sort();
        assert_eq!(listed, wanted, "{limit}");
    }
    assert_eq!(store.number_of_rooms().await.unwrap(), 9);
    assert_eq!(store.memberships(bob.id, Page::whole()).await.unwrap().len(), 1, "the direct shows to its opener");
}

async fn a_page_goes_on_where_the_last_one_ended_whatever_became_of_that(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    // Later than "general" was made.
    let later = |moment: i64| Time(4_000_000_000_000 + moment);
    let mut rooms = Vec::new();
    for number in 0..4 {
        let new = NewRoom { now: later(number), ..new_room(&format!("room {number}"), ada.id) };
        rooms.push(store.create_room(new, Warrant::default()).await.unwrap().id);
    }
    let first = store.memberships(ada.id, Page::first(2)).await.unwrap();
    assert_eq!(first.iter().map(|one| one.conversation).collect::<Vec<_>>(), [rooms[3], rooms[2]]);
    store.leave(rooms[2], ada.id, Departure::default(), later(100), Warrant::default()).await.unwrap();
    let behind = Page { after: Some(rooms[2]), limit: 2 };
    let listed = store.memberships(ada.id, behind).await.unwrap();
    assert_eq!(listed[0].conversation, rooms[3], "its leaving came to the front, and so does what follows");
    store.delete_room(rooms[1], None, later(200), Warrant::default()).await.unwrap();
    let behind = Page { after: Some(rooms[1]), limit: 9 };
    let ids = |records: Vec<RoomRecord>| records.iter().map(|room| room.id).collect::<Vec<_>>();
    assert_eq!(ids(store.rooms(ada.id, behind).await.unwrap()), [rooms[2], rooms[3]]);
    let listed = store.memberships(ada.id, behind).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.conversation).collect::<Vec<_>>()[..1], [rooms[0]]);
}

async fn pages_of_apps_files_and_bans_are_the_whole_of_them(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await;
    let (mut apps, mut files, mut bans) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..7 {
        let category = if number % 2 == 0 { Category::Game } else { Category::Component };
        let new = new_app(&format!("App {number}"), category, ada.id, number);
        apps.insert(0, store.add_app(new, Warrant::default()).await.unwrap().id());
        files.push(shares(store, &ada, GENERAL, &format!("{number}.bin"), number).await.seq);
        says(store, &ada, GENERAL, "in between").await;
        let address = format!("192.0.2.{number}");
        store.set_address_ban(address.clone(), Some("spam".into()), Warrant::default()).await.unwrap();
        bans.push((address, "spam".to_owned()));
    }
    for limit in [1, 3, 7, 100] {
        let read = async |page| store.apps(AppFilter::default(), page).await.unwrap();
        let listed = pages(limit, AppRecord::id, read).await;
        assert_eq!(listed.iter().map(AppRecord::id).collect::<Vec<_>>(), apps, "{limit}");
        let games = AppFilter { category: Some(Category::Game), ..AppFilter::default() };
        let listed = pages(limit, AppRecord::id, async |page| store.apps(games.clone(), page).await.unwrap()).await;
        assert_eq!(listed.len(), 4, "{limit}");
        let read = async |page| store.address_bans(page).await.unwrap();
        assert_eq!(pages(limit, |(address, _): &(String, String)| address.clone(), read).await, bans, "{limit}");
    }
    let seqs = |records: Vec<FileRecord>| records.iter().map(|file| file.seq).collect::<Vec<_>>();
    assert_eq!(seqs(store.files(GENERAL, Range::Last, 3).await.unwrap()), files[4..]);
    assert_eq!(seqs(store.files(GENERAL, Range::Before(files[4]), 3).await.unwrap()), files[1..4]);
    assert_eq!(seqs(store.files(GENERAL, Range::After(files[4]), 9).await.unwrap()), files[5..]);
    assert_eq!(store.number_of_files(GENERAL).await.unwrap(), 7);
    let last = store.files(GENERAL, Range::Last, 3).await.unwrap();
    let mut among = store.files_among(last.iter().map(|file| file.id).collect()).await.unwrap();
    among.sort_by_key(|file| file.seq);
    assert_eq!(seqs(among), files[4..]);
    let around = async |network: &str| store.address_bans_around(network.into()).await.unwrap();
    assert!(around("192.0.2.0/24").await.is_empty(), "none of those is around it");
    store.set_address_ban("192.0.0.0/16".into(), Some("spam".into()), Warrant::default()).await.unwrap();
    assert_eq!(around("192.0.2.0/24").await, ["192.0.0.0/16"]);
    assert_eq!(around("192.0.2.6").await.len(), 2, "with its own");
}

async fn pages_of_relations_go_by_kind_and_name(store: &impl Store, _: Announced) {
    let ada = account(store, "ada").await.id;
    for (name, kind) in
        [("eve", "asks"), ("bob", "asks"), ("Cleo", "friend"), ("adam", "friend"), ("zoe", "asked"), ("mal", "blocked")]
    {
        let other = account(store, name).await.id;
        if kind != "asked" && kind != "blocked" {
            store.request_friend(other, ada, Time(1), Warrant::default()).await.unwrap();
        }
        match kind {
            "friend" => store.accept_friend(ada, other, Time(2), Warrant::default()).await.unwrap(),
            "asked" => drop(store.request_friend(ada, other, Time(2), Warrant::default()).await.unwrap()),
            "blocked" => store.set_block(ada, other, true, Time(2), Warrant::default()).await.unwrap(),
            _ => {}
        }
    }
    for limit in [1, 2, 5, 100] {
        let read = async |page| store.relations(ada, page).await.unwrap();
        let listed = pages(limit, |relation: &RelationRecord| relation.account.id, read).await;
        let names: Vec<_> = listed.iter().map(|relation| &*relation.account.username).collect();
        assert_eq!(names, ["bob", "eve", "adam", "Cleo", "zoe", "mal"], "{limit}");
    }
    let bob = store.relations(ada, Page::first(1)).await.unwrap().remove(0);
    let with = store.relation_with(ada, bob.account.id).await.unwrap().unwrap();
    assert_eq!((with.kind, with.since), (bob.kind, bob.since));
    assert!(store.relation_with(ada, ada).await.unwrap().is_none());
}
