//! Deleted means gone here, too; and who is blocked calls nobody.

use super::*;
use crate::protocol::{Author, Person};

#[test]
fn a_deleted_text_is_kept_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.db");
    let cache = Cache::open(&path).unwrap();
    cache.apply(&[entry(1, 1, "sesame"), edit(2, 1, "open sesame"), deletion(3, 1)]).unwrap();
    assert!(cache.search("sesame", None, 9).unwrap().is_empty());
    let edit = cache.entry(ROOM, Seq(2)).unwrap().unwrap();
    assert_eq!(edit.body, Body::Edit { target: Seq(1), text: SafeText::default() });
}

/// The files below a folder, each byte as a letter.
fn letters(folder: &std::path::Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.flatten().map(char::from).collect()
}

#[test]
fn what_was_deleted_or_said_otherwise_leaves_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path().join("cache.db")).unwrap();
    cache.put_conversations(&[direct(1, 0), direct(2, 0)]).unwrap();
    let chatter: Vec<Entry> = (10..200).map(|seq| entry(1, seq, &format!("ordinary line {seq}"))).collect();
    cache.apply(&chatter[..100]).unwrap();
    cache.apply(&[entry(1, 200, "quaggafirst"), edit(201, 200, "quaggasecond"), edit(202, 200, "third")]).unwrap();
    assert!(!letters(folder.path()).contains("quagga"), "what was said first and second");
    cache.apply(&[entry(1, 203, "quaggadeleted"), edit(204, 203, "quaggaedited")]).unwrap();
    cache.apply(&chatter[100..]).unwrap();
    cache.apply(&[deletion(205, 203)]).unwrap();
    assert!(!letters(folder.path()).contains("quagga"), "what was deleted");
    cache.apply(&[entry(1, 206, "quaggaaway"), edit(207, 206, "quaggatoo")]).unwrap();
    let gone = Entry { body: Body::Message(Message { deleted: true, ..Message::default() }), ..entry(1, 206, "") };
    cache.apply_page(&Entries { entries: vec![gone], head: Seq(210) }).unwrap();
    assert!(!letters(folder.path()).contains("quagga"), "what was deleted while one was away");
    cache.apply(&[entry(2, 1, "quaggaroom")]).unwrap();
    cache.remove_conversation(ConversationId(2)).unwrap();
    assert!(!letters(folder.path()).contains("quagga"), "what was said where one is no more");
    assert!(letters(folder.path()).contains("ordinary line"));
    assert_eq!(cache.search("ordinary", None, 999).unwrap().len(), 190);
}

#[test]
fn a_name_goes_with_its_account() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path().join("cache.db")).unwrap();
    let mut said = entry(1, 1, "words");
    said.author = Author::new(AccountId(7), "quagga".into(), TitanNumber(48_213));
    cache.put_conversations(&[direct(1, 0)]).unwrap();
    cache.apply(&[said]).unwrap();
    cache.forget_person(AccountId(7)).unwrap();
    assert!(!letters(folder.path()).contains("quagga"));
    assert_eq!(cache.entry(ROOM, Seq(1)).unwrap().unwrap().author.username.as_str(), "former-48213");
}

#[test]
fn who_is_blocked_mentions_nobody() {
    let cache = Cache::in_memory().unwrap();
    cache.claim(&account(1, "ada")).unwrap();
    cache.put_conversations(&[direct(1, 0)]).unwrap();
    let mentions = || cache.conversations().unwrap()[0].mentions;
    cache.apply(&[with(1, 2, Body::Message(Message::new("@ada".into())))]).unwrap();
    assert_eq!(mentions(), 1);
    let person = Person::new(account(2, "eve"), false);
    cache.put_relation(&Relation::new(person, RelationKind::Blocked, Time(1))).unwrap();
    cache.apply(&[with(2, 2, Body::Message(Message::new("@ada".into())))]).unwrap();
    assert_eq!(mentions(), 1);
}
