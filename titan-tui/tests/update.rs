//! What keys and events do, as stories told to the pure `update`.

use crate::scene::*;
use titan_core::{
    ClientId, ConversationId, EntryId, Seq, Time,
    protocol::{
        Body, Command, Event as Push, Fault, FaultCode, Found, MemberRole, Message, Person, Results, RoomChange, What,
        ask,
    },
};
use titan_tui::app::{
    effect::{Effect, How, Part},
    event::{Event, TransferNews, Trouble},
    log::Scroll,
    overlay::Overlay,
    state::{Cargo, Link, Pane, Screen, State, TransferState},
    update::update,
};

fn push(state: &mut State, event: Push) -> Vec<Effect> {
    update(state, Event::Push(Box::new(event)))
}

fn hear(state: &mut State, entry: titan_core::protocol::Entry) -> Vec<Effect> {
    push(state, Push::entry(entry))
}

#[test]
fn a_message_goes_by_the_outbox_and_shows_at_once() {
    let mut state = chatting(80, 24);
    let effects = enter_line(&mut state, "hello");
    let sent =
        effects.iter().find_map(|effect| if let Effect::Send(sent) = effect { Some(sent.clone()) } else { None });
    let sent = sent.expect("it is sent");
    assert_eq!((sent.text.as_str(), sent.conversation), ("hello", GENERAL));
    assert!(draw(&mut state).contains("sending"));
    let mut confirmed = said(GENERAL, 11, &ada(), 0, "hello");
    confirmed.client_id = Some(sent.client_id);
    hear(&mut state, confirmed);
    let screen = draw(&mut state);
    assert!(screen.contains("hello") && !screen.contains("sending"), "{screen}");
}

#[test]
fn a_refused_message_keeps_its_text_and_says_why() {
    let mut state = chatting(80, 24);
    enter_line(&mut state, "precious");
    let client_id = state.open_log().unwrap().pending[0].client_id;
    let fault = Fault::new(FaultCode::Forbidden, "You are muted here.");
    update(&mut state, Event::Sent(client_id, Err(Trouble::from(fault))));
    let screen = draw(&mut state);
    assert!(screen.contains("precious") && screen.contains("not sent: You are muted here."), "{screen}");
}

#[test]
fn a_server_inside_that_fails_ends_who_is_at_it_and_is_told_to_who_is_not() {
    let mut elsewhere = chatting(80, 24);
    assert_eq!(update(&mut elsewhere, Event::HostEnded("It can't go on.".into())), []);
    assert!(draw(&mut elsewhere).contains("It can't go on."));
    let mut at_home = chatting(80, 24);
    at_home.server.as_mut().unwrap().hosted = true;
    let effects = update(&mut at_home, Event::HostEnded("It can't go on.".into()));
    assert_eq!(effects, [Effect::GiveUp("It can't go on.".into())]);
    let mut at_the_door = blank(80, 24);
    let effects = update(&mut at_the_door, Event::HostEnded("It can't go on.".into()));
    assert_eq!(effects, [Effect::GiveUp("It can't go on.".into())]);
}

#[test]
fn what_only_a_newer_version_knows_is_said_to_be_that() {
    let mut state = chatting(120, 40);
    hear(&mut state, entry(GENERAL, 11, &bob(), 0, Body::Unknown));
    hear(&mut state, entry(GENERAL, 12, &bob(), 0, Body::room_changed(RoomChange::default())));
    let screen = draw(&mut state);
    assert!(screen.contains("something that needs a newer Titan to show"), "{screen}");
    assert!(screen.contains("bob changed something of the room that needs a newer Titan"), "{screen}");
    state.people.members.get_mut(&GENERAL).unwrap()[1].room_role = MemberRole::Unknown;
    let screen = draw(&mut state);
    assert!(screen.contains("something newer"), "{screen}");
}

#[test]
fn unread_is_counted_elsewhere_and_cleared_by_looking() {
    let mut state = chatting(80, 24);
    let effects = hear(&mut state, said(BOB_DIRECT, 5, &bob(), 0, "psst"));
    assert!(effects.contains(&Effect::Bell), "a direct message rings");
    assert_eq!(state.chat.conversation(BOB_DIRECT).unwrap().unread, 2);
    press(&mut state, &["alt-a"]);
    assert_eq!(state.chat.open, Some(RUST), "the one with a mention comes first");
    press(&mut state, &["alt-a"]);
    assert_eq!(state.chat.open, Some(BOB_DIRECT));
    assert_eq!(state.chat.conversation(BOB_DIRECT).unwrap().unread, 0);
    state.now = Time(NOON + 1_000);
    let effects = update(&mut state, Event::Tick);
    let marked = command(ask::MarkRead { conversation: BOB_DIRECT, seq: Seq(5) });
    assert_eq!(asked(&effects), [marked]);
}

#[test]
fn unread_stays_while_nobody_looks_and_the_new_line_until_one_leaves() {
    let mut state = chatting(80, 24);
    update(&mut state, Event::Attended(false));
    hear(&mut state, said(GENERAL, 11, &bob(), 0, "anybody?"));
    assert_eq!(state.chat.conversation(GENERAL).unwrap().unread, 1);
    assert!(draw(&mut state).contains("─ new ─"));
    update(&mut state, Event::Attended(true));
    assert_eq!(state.chat.conversation(GENERAL).unwrap().unread, 0);
    assert!(draw(&mut state).contains("─ new ─"), "looking does not take the line away");
    press(&mut state, &["alt-up", "alt-down"]);
    assert!(!draw(&mut state).contains("─ new ─"), "leaving does");
}

#[test]
fn drafts_stay_with_their_conversation() {
    let mut state = chatting(80, 24);
    type_text(&mut state, "half a thou");
    let effects = press(&mut state, &["alt-up"]);
    assert!(effects.contains(&Effect::SaveDraft(GENERAL, "half a thou".into())));
    assert_eq!(state.composer.editor.text(), "");
    press(&mut state, &["alt-down"]);
    assert_eq!(state.composer.editor.text(), "half a thou");
}

#[test]
fn a_paste_is_one_message_of_many_lines() {
    let mut state = chatting(80, 24);
    let effects = update(&mut state, Event::Paste("one\r\ntwo\r\n".into()));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send(_))));
    assert_eq!(state.composer.editor.text(), "one\ntwo");
}

#[test]
fn the_up_arrow_brings_back_what_was_sent_and_down_what_was_being_written() {
    let mut state = chatting(80, 24);
    enter_line(&mut state, "first");
    enter_line(&mut state, "second");
    type_text(&mut state, "draft");
    press(&mut state, &["home", "up"]);
    assert_eq!(state.composer.editor.text(), "second");
    press(&mut state, &["up"]);
    assert_eq!(state.composer.editor.text(), "first");
    press(&mut state, &["down", "down"]);
    assert_eq!(state.composer.editor.text(), "draft");
}

#[test]
fn names_commands_rooms_and_emoji_complete() {
    for (typed, completed) in [("@b", "@bob "), ("/whoa", "/whoami"), ("#ru", "#rust "), (":rocke", "🚀 ")] {
        let mut state = chatting(80, 24);
        type_text(&mut state, typed);
        press(&mut state, &["tab"]);
        assert_eq!(state.composer.editor.text(), completed);
    }
}

#[test]
fn a_wrong_command_says_the_usage_and_gives_the_text_back() {
    let mut state = chatting(80, 24);
    enter_line(&mut state, "/msg bob");
    assert!(state.notice.as_ref().unwrap().text.contains("Usage: /msg <username> <text>"));
    assert_eq!(state.composer.editor.text(), "/msg bob");
    let mut state = chatting(80, 24);
    enter_line(&mut state, "/flyy");
    assert!(state.notice.as_ref().unwrap().text.contains("/help"));
    let mut state = chatting(80, 24);
    let effects = enter_line(&mut state, "//not a command");
    assert!(
        matches!(&effects[..], [.., Effect::Send(sent)] | [Effect::Send(sent), ..] if sent.text == "/not a command")
    );
}

#[test]
fn utuvox_commands_ask_what_they_should() {
    let find_bob = command(ask::FindAccount { account: None, username: Some("bob".into()), titan_number: None });
    let history = command(ask::History { conversation: GENERAL, before: None, after: None, limit: Some(500) });
    let cases: Vec<(&str, Command)> = vec![
        (
            "/create new room",
            command(ask::CreateRoom {
                name: "new room".into(),
                description: String::new(),
                kind: Default::default(),
                password: None,
            }),
        ),
        ("/leave", command(ask::LeaveRoom { conversation: GENERAL, heir: None })),
        ("/changepassword old new", command(ask::ChangePassword { old: "old".into(), new: "new".into() })),
        ("/list_all_users", command(ask::Who { watch: true, ..ask::Who::default() })),
        ("/list_users_in_room", command(ask::Members { conversation: GENERAL, ..ask::Members::default() })),
        ("/list_all_rooms", command(ask::Rooms::default())),
        ("/usage", command(ask::Usage {})),
        ("/list_files", history.clone()),
        ("/download notes.pdf", history.clone()),
        ("/view_users", command(ask::Accounts::default())),
        ("/view_room_history general", history),
        ("/ban_user bob", find_bob.clone()),
        ("/unban_user bob", find_bob.clone()),
        ("/edit_user bob secret 1", find_bob),
        ("/change_admin_key k", command(ask::ChangeAdminKey { key: "k".into() })),
        (
            "/add_user carl pw 1",
            command(ask::AddAccount {
                username: "carl".into(),
                password: "pw".into(),
                role: titan_core::protocol::Role::Admin,
            }),
        ),
    ];
    for (line, wanted) in cases {
        let mut state = chatting(80, 24);
        let effects = enter_line(&mut state, line);
        assert!(asked(&effects).contains(&wanted), "{line}: {effects:?}");
    }
    let mut state = chatting(80, 24);
    let effects = enter_line(&mut state, "/register carl pw key");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Enter(entrance)
        if matches!(&entrance.how, How::Register { username, admin_key: Some(key), .. } if username == "carl" && key.reveal() == "key"))));
    enter_line(&mut state, "/whereami");
    assert_eq!(state.notice.as_ref().unwrap().text, "You are in #general.");
}

#[test]
fn a_message_can_be_said_by_its_command() {
    let mut state = chatting(80, 24);
    let effects = enter_line(&mut state, "/message hello  there");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(sent) if sent.text == "hello  there")));
    enter_line(&mut state, "/message");
    assert!(state.notice.as_ref().unwrap().text.contains("/message <text>"), "{:?}", state.notice);
}

#[test]
fn commands_of_admins_are_refused_to_others() {
    let mut state = chatting(80, 24);
    state.me = Some(bob());
    let effects = enter_line(&mut state, "/ban_user ada");
    assert!(asked(&effects).is_empty());
    assert!(state.notice.as_ref().unwrap().text.contains("admins"));
}

#[test]
fn a_message_of_mine_is_changed_and_esc_leaves_it() {
    let mut state = chatting(80, 24);
    hear(&mut state, said(GENERAL, 11, &ada(), 0, "tpyo"));
    enter_line(&mut state, "/edit");
    assert_eq!(state.composer.editor.text(), "tpyo");
    press(&mut state, &["esc"]);
    assert_eq!((state.composer.editor.text().as_str(), state.composer.editing), ("", None));
    enter_line(&mut state, "/edit");
    state.composer.editor.set("typo");
    let effects = press(&mut state, &["enter"]);
    assert!(matches!(&asked(&effects)[..], [Command::Edit(edit)] if edit.seq == Seq(11) && edit.text == "typo"));
}

#[test]
fn deleting_asks_first() {
    let mut state = chatting(80, 24);
    press(&mut state, &["shift-tab", "d"]);
    assert!(matches!(state.overlays.last(), Some(Overlay::Confirm(_))));
    assert!(asked(&press(&mut state, &["n"])).is_empty());
    press(&mut state, &["d"]);
    let effects = press(&mut state, &["y"]);
    assert!(matches!(&asked(&effects)[..], [Command::Delete(ask::Delete { seq: Seq(10), .. })]), "{effects:?}");
}

#[test]
fn replying_and_reacting_go_to_the_chosen_message() {
    let mut state = chatting(80, 24);
    press(&mut state, &["shift-tab", "up", "r"]);
    assert_eq!((state.composer.reply_to, state.pane), (Some(Seq(8)), Pane::Composer));
    let effects = enter_line(&mut state, "yes");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(sent) if sent.reply_to == Some(Seq(8)))));
    press(&mut state, &["shift-tab", "+"]);
    let effects = press(&mut state, &["enter"]);
    assert!(matches!(&asked(&effects)[..], [Command::React(react)] if react.on && react.emoji == "👍"), "{effects:?}");
}

#[test]
fn scrolling_up_loads_older_entries_and_stays_put_when_new_ones_come() {
    let mut state = chatting(80, 24);
    state.chat.logs.clear();
    let entries: Vec<_> = (100..200).map(|seq| said(GENERAL, seq, &bob(), seq, &format!("line {seq}"))).collect();
    load(&mut state, GENERAL, entries);
    state.open_log_mut().unwrap().at_start = false;
    draw(&mut state);
    let effects = press(&mut state, &["pageup", "pageup", "pageup"]);
    let before = draw(&mut state);
    hear(&mut state, said(GENERAL, 200, &bob(), 300, "newest"));
    let after = draw(&mut state);
    let timeline = |screen: &str| {
        screen.lines().skip(2).take(12).map(|line| line.chars().skip(20).collect::<String>()).collect::<Vec<_>>()
    };
    assert_eq!(timeline(&before), timeline(&after));
    let older = Part::Before(Seq(100));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Load(load) if load.part == older)));
    press(&mut state, &["pagedown"; 40]);
    assert!(draw(&mut state).contains("newest"));
}

#[test]
fn esc_goes_back_to_the_newest_line() {
    let mut state = chatting(80, 24);
    draw(&mut state);
    press(&mut state, &["shift-tab", "up", "up", "up", "up", "esc", "esc"]);
    let log = state.open_log().unwrap();
    assert_eq!((log.scroll, log.selected), (Scroll::Bottom, None));
}

#[test]
fn the_switcher_goes_anywhere_by_a_few_letters() {
    let mut state = chatting(80, 24);
    press(&mut state, &["ctrl-k"]);
    type_text(&mut state, "rst");
    press(&mut state, &["enter"]);
    assert_eq!(state.chat.open, Some(RUST));
    press(&mut state, &["ctrl-k"]);
    type_text(&mut state, "@bo");
    press(&mut state, &["enter"]);
    assert_eq!(state.chat.open, Some(BOB_DIRECT));
}

#[test]
fn a_form_keeps_what_was_typed_when_the_server_refuses() {
    let mut state = chatting(80, 24);
    press(&mut state, &["alt-n"]);
    type_text(&mut state, "rust");
    let effects = press(&mut state, &["enter"]);
    let [Effect::Ask(question)] = &effects[..] else { panic!("{effects:?}") };
    assert!(matches!(&question.command, Command::CreateRoom(room) if room.name == "rust"));
    let fault = Fault::new(FaultCode::NameTaken, "There is a room called rust already: choose another name.");
    update(&mut state, Event::Refused(question.concern, fault.into()));
    let screen = draw(&mut state);
    assert!(screen.contains("choose another name") && screen.contains("Create a room"), "{screen}");
}

#[test]
fn a_direct_message_finds_its_person_first() {
    let mut state = chatting(80, 24);
    let effects = enter_line(&mut state, "/msg bob hi there");
    let question = |effect| if let Effect::Ask(question) = effect { Some(question) } else { None };
    let find = effects.into_iter().find_map(question).expect("nobody was looked up");
    let person = Person::new(bob(), true);
    let effects = answer(&mut state, find.read(&serde_json::to_string(&person).unwrap()).unwrap());
    let [Effect::Ask(open)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(open.command, command(ask::OpenDirect { account: bob().id }));
    let direct = conversation(BOB_DIRECT, What::Direct(bob()), 0, 0);
    let effects = answer(&mut state, open.read(&serde_json::to_string(&direct).unwrap()).unwrap());
    assert_eq!(state.chat.open, Some(BOB_DIRECT));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(sent) if sent.text == "hi there")));
}

#[test]
fn a_room_that_ends_is_left_for_another() {
    let mut state = chatting(80, 24);
    push(&mut state, Push::conversation_removed(GENERAL, "The room was deleted.".into()));
    assert_eq!(state.chat.open, Some(RUST));
    assert!(draw(&mut state).contains("The room was deleted."));
}

#[test]
fn typing_shows_for_a_while_and_wakes_nobody_afterwards() {
    let mut state = chatting(80, 24);
    state.notice = None;
    state.chat.mark_due = None;
    push(&mut state, Push::typing(GENERAL, author(&bob())));
    assert!(draw(&mut state).contains("bob is writing…"));
    state.now = state.wake_at().expect("it ends by itself");
    update(&mut state, Event::Tick);
    assert!(!draw(&mut state).contains("writing…"));
    assert_eq!(state.wake_at(), None, "an idle screen sleeps");
}

#[test]
fn a_transfer_is_measured_paused_and_kept_over_a_restart() {
    let mut state = chatting(80, 24);
    press(&mut state, &["alt-2"]);
    with_apps(&mut state);
    let effects = press(&mut state, &["enter"]);
    let id = state.transfers.list[0].id;
    assert!(effects.iter().any(|effect| matches!(effect, Effect::StartTransfer(it) if it.id == id)));
    for (second, done) in [(0, 0), (1, 500_000), (2, 1_000_000)] {
        state.now = Time(NOON + second * 1_000);
        update(&mut state, Event::Transfer(id, TransferNews::Progress { done, total: 3_500_000 }));
    }
    assert_eq!(state.transfers.list[0].seconds_left(), Some(5));
    press(&mut state, &["alt-3"]);
    assert_eq!(press(&mut state, &["p"]), [Effect::PauseTransfer(id)]);
    let effects = update(&mut state, Event::Transfer(id, TransferNews::Paused));
    let [Effect::SaveTransfers(saved)] = &effects[..] else { panic!("{effects:?}") };
    let mut next = chatting(80, 24);
    titan_tui::app::update::transfers::restore(&mut next, saved.clone());
    assert_eq!(next.transfers.list[0].state, TransferState::Paused);
    press(&mut next, &["alt-3"]);
    let effects = press(&mut next, &["p"]);
    assert!(matches!(&effects[..], [Effect::StartTransfer(it)] if it.saved.done == 1_000_000));
}

#[test]
fn only_admins_approve_and_what_they_approve_is_a_hash() {
    let mut state = chatting(80, 24);
    press(&mut state, &["alt-2"]);
    with_apps(&mut state);
    let effects = press(&mut state, &["down", "a"]);
    assert!(matches!(&asked(&effects)[..], [Command::ApproveApp(approve)] if approve.sha256.0 == [2; 32]));
    state.me = Some(bob());
    assert!(asked(&press(&mut state, &["a"])).is_empty());
}

#[test]
fn a_revoked_session_leads_back_to_the_door() {
    let mut state = chatting(80, 24);
    update(&mut state, Event::Link(Link::Ended { why: "You are banned.".into() }));
    assert_eq!(state.screen, Screen::Wizard);
    assert!(draw(&mut state).contains("You are banned."));
}

#[test]
fn the_wizard_tells_what_is_wrong_in_its_place() {
    let mut state = blank(80, 24);
    press(&mut state, &["down", "enter"]);
    type_text(&mut state, "ftp://x");
    press(&mut state, &["enter"]);
    assert!(draw(&mut state).contains("is no server address"));
    press(&mut state, &["ctrl-u"]);
    type_text(&mut state, "localhost:8000");
    press(&mut state, &["enter"]);
    type_text(&mut state, "ada");
    press(&mut state, &["tab"]);
    type_text(&mut state, "secret");
    let effects = press(&mut state, &["enter"]);
    assert!(matches!(&effects[..], [Effect::Enter(entrance)] if entrance.server.url == "http://localhost:8000"));
    assert!(!draw(&mut state).contains("secret"), "a password never shows");
    update(&mut state, Event::Entered(Err(Trouble::new("Wrong name or password."))));
    assert!(draw(&mut state).contains("Wrong name or password."));
}

#[test]
fn hostile_text_reaches_the_screen_as_visible_characters_only() {
    let mut state = chatting(80, 24);
    let text = "\u{1b}]0;title\u{7}\u{202e}&#27;[31m &#x202e; \u{9b}2J";
    hear(&mut state, said(GENERAL, 11, &bob(), 0, text));
    let screen = draw(&mut state);
    assert!(!screen.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{screen:?}");
}

#[test]
fn an_unknown_conversation_is_no_reason_to_fall() {
    let mut state = chatting(80, 24);
    let far = ConversationId(99);
    hear(&mut state, said(far, 1, &bob(), 0, "hi"));
    hear(&mut state, said(far, 2, &bob(), 0, "x"));
    push(&mut state, Push::read_mark(far, Seq(9)));
    push(&mut state, Push::conversation_removed(far, "".into()));
    update(&mut state, Event::Sent(ClientId::new(), Err(Trouble::new("x"))));
    let body = Body::reaction(Seq(77), "👍".into(), true);
    hear(&mut state, entry(GENERAL, 11, &bob(), 0, body));
    hear(&mut state, entry(GENERAL, 12, &bob(), 0, Body::Message(Message::default())));
    draw(&mut state);
}

#[test]
fn logging_out_twice_told_leads_to_one_login_form() {
    let mut state = chatting(80, 24);
    state.server = Some(titan_tui::app::state::ServerInfo { url: "http://127.0.0.1:8000".into(), hosted: true });
    enter_line(&mut state, "/logout");
    assert!(matches!(state.overlays.last(), Some(Overlay::Confirm(_))), "it asks first where it can't be undone");
    assert_eq!(press(&mut state, &["y"]), [Effect::Logout]);
    update(&mut state, Event::Link(Link::Ended { why: "The session ended.".into() }));
    type_text(&mut state, "ada");
    update(&mut state, Event::Link(Link::Ended { why: "You logged out.".into() }));
    let screen = draw(&mut state);
    assert!(screen.contains("Log in") && screen.contains("ada") && screen.contains("You logged out."), "{screen}");
    press(&mut state, &["f2"]);
    let screen = draw(&mut state);
    assert!(screen.contains("Make an account") && screen.contains("ada"), "{screen}");
}

#[test]
fn what_a_restored_server_never_heard_is_forgotten_and_loaded_anew() {
    let mut state = chatting(80, 24);
    hear(&mut state, said(GENERAL, 11, &bob(), 0, "a ghost"));
    assert!(draw(&mut state).contains("a ghost"));
    let effects = update(&mut state, Event::Rewound(vec![GENERAL, RUST]));
    assert!(matches!(&effects[..], [Effect::Load(load)] if load.conversation == GENERAL && load.part == Part::Newest));
    load(&mut state, GENERAL, vec![said(GENERAL, 11, &bob(), 0, "what was said")]);
    let screen = draw(&mut state);
    assert!(screen.contains("what was said") && !screen.contains("a ghost"), "{screen}");
}

/// A page of a search that found these seqs of general, and where it ended if it was cut.
fn page(seqs: std::ops::RangeInclusive<i64>, before: Option<i64>) -> Results {
    let found = |seq| Found::new(said(GENERAL, seq, &ada(), 0, &format!("needle {seq}")), "general".into());
    Results::new(seqs.rev().map(found).collect(), before.map(EntryId))
}

#[test]
fn a_search_that_is_cut_says_so_and_goes_on() {
    let mut state = chatting(80, 24);
    let effects = enter_line(&mut state, "/search needle");
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::SearchAll { generation, before: None, .. } => Some(*generation),
        _ => None,
    });
    let generation = asked.expect("it is searched for");
    let event = |page, further| Event::Found { generation, page, further, from_server: true };
    update(&mut state, event(page(8..=9, Some(1008)), false));
    let screen = draw(&mut state);
    assert!(screen.contains("needle 8") && screen.contains("Look further back"), "{screen}");
    press(&mut state, &["down"]);
    press(&mut state, &["down"]);
    let effects = press(&mut state, &["enter"]);
    let goes_on = |effect: &Effect| matches!(effect, Effect::SearchAll { before: Some(EntryId(1008)), query, .. } if query == "needle");
    assert!(effects.iter().any(goes_on), "{effects:?}");
    update(&mut state, event(page(1..=2, None), true));
    let screen = draw(&mut state);
    assert!(screen.contains("needle 9") && screen.contains("needle 1") && !screen.contains("further back"), "{screen}");
}

#[test]
fn a_made_up_password_leads_to_one_of_ones_own() {
    let mut state = blank(80, 24);
    press(&mut state, &["down", "enter"]);
    type_text(&mut state, "localhost:8000");
    press(&mut state, &["enter"]);
    type_text(&mut state, "bob");
    press(&mut state, &["tab"]);
    type_text(&mut state, "made-up");
    press(&mut state, &["enter"]);
    let fault = Fault::new(FaultCode::ChoosePassword, "Choose one of your own.");
    update(&mut state, Event::Entered(Err(Trouble::from(fault))));
    assert!(draw(&mut state).contains("Choose a password of your own"));
    for text in ["of my own 1", "of my own 2"] {
        type_text(&mut state, text);
        press(&mut state, &["tab"]);
    }
    assert!(press(&mut state, &["enter"]).is_empty() && draw(&mut state).contains("differ"));
    press(&mut state, &["ctrl-u"]);
    type_text(&mut state, "of my own 2");
    let effects = press(&mut state, &["enter"]);
    let [Effect::Enter(entrance)] = effects.as_slice() else { panic!("{effects:?}") };
    let How::Login { username, password, new: Some(new), code: None } = &entrance.how else { panic!("{entrance:?}") };
    assert_eq!((username.as_str(), password.reveal(), new.reveal()), ("bob", "made-up", "of my own 2"));
}

#[test]
fn a_second_factor_is_asked_for_beside_the_password() {
    let mut state = blank(80, 24);
    press(&mut state, &["down", "enter"]);
    type_text(&mut state, "localhost:8000");
    press(&mut state, &["enter"]);
    type_text(&mut state, "bob");
    press(&mut state, &["tab"]);
    type_text(&mut state, "secret");
    press(&mut state, &["enter"]);
    let refused = |said: &str| Fault::new(FaultCode::SecondFactorRequired, said).at("code");
    update(&mut state, Event::Entered(Err(Trouble::from(refused("Give a code too.")))));
    assert!(draw(&mut state).contains("Your second factor"));
    type_text(&mut state, "000000");
    press(&mut state, &["enter"]);
    update(&mut state, Event::Entered(Err(Trouble::from(refused("That code is not right.")))));
    assert!(draw(&mut state).contains("That code is not right."));
    press(&mut state, &["ctrl-u"]);
    type_text(&mut state, "287082");
    let effects = press(&mut state, &["enter"]);
    let [Effect::Enter(entrance)] = effects.as_slice() else { panic!("{effects:?}") };
    let How::Login { username, password, new: None, code: Some(code) } = &entrance.how else { panic!("{entrance:?}") };
    assert_eq!((username.as_str(), password.reveal(), code.reveal()), ("bob", "secret", "287082"));
}

#[test]
fn who_goes_on_typing_does_not_leave_by_mistake() {
    let mut state = chatting(80, 24);
    let leaves = |effects: &[Effect]| effects.contains(&Effect::Quit);
    press(&mut state, &["ctrl-c"]);
    let screen = draw(&mut state);
    assert!(screen.contains("Leave Titan?") && screen.contains("any other key: stay"), "{screen}");
    let effects = type_text(&mut state, "hello team");
    assert!(!leaves(&effects) && state.overlays.is_empty());
    assert_eq!(state.composer.editor.text(), "hello team");
    press(&mut state, &["ctrl-c"]);
    assert!(state.composer.editor.is_empty(), "first it clears");
    for (keys, wanted) in [
        (["ctrl-c", "enter"], false),
        (["ctrl-c", "esc"], false),
        (["ctrl-c", "ctrl-c"], true),
        (["ctrl-c", "y"], true),
    ] {
        assert_eq!(leaves(&press(&mut state, &keys)), wanted, "{keys:?}");
        assert!(state.overlays.is_empty());
    }
}

#[test]
fn who_comes_from_irc_is_understood_and_a_typing_error_is_answered_with_what_was_meant() {
    let mut state = chatting(120, 40);
    for (line, told) in [
        ("/jion rust", "Did you mean /join?"),
        ("/nick zed", "/profile changes your full name"),
        ("/away lunch", "people see who is online"),
        ("/topic", "Everybody is here."),
    ] {
        state.composer.editor.set("");
        enter_line(&mut state, line);
        let screen = draw(&mut state);
        assert!(screen.contains(told), "{line}:\n{screen}");
    }
    state.composer.editor.set("");
    assert!(enter_line(&mut state, "/q").contains(&Effect::Quit));
    assert_eq!(asked(&enter_line(&mut state, "/names")), asked(&enter_line(&mut state, "/members")));
    assert_eq!(asked(&enter_line(&mut state, "/list")), asked(&enter_line(&mut state, "/rooms")));
}

#[test]
fn a_password_typed_with_a_command_is_kept_nowhere() {
    let mut state = chatting(80, 24);
    state.link = Link::Waiting { until: Time(NOON + 3_600_000), why: String::new() };
    for line in ["/login ada S3cretPw", "/register zed S3cretPw", "/changepassword old S3cretPw", "/LOGIN ada S3cretPw"]
    {
        update(&mut state, Event::Paste(line.into()));
        state.now = Time(state.now.0 + 5_000);
        let effects = update(&mut state, Event::Tick);
        assert!(!format!("{effects:?}").contains("S3cret"), "{line}: {effects:?}");
        assert!(!state.chat.drafts.values().any(|draft| draft.contains("S3cret")));
        press(&mut state, &["enter"]);
        state.composer.editor.set("");
        state.overlays.clear();
        press(&mut state, &["up"]);
        assert!(!state.composer.editor.text().contains("S3cret"), "{line} comes back by the up-arrow");
        press(&mut state, &["down"]);
    }
}

#[test]
fn a_path_alone_is_sent_to_where_one_is() {
    let mut state = chatting(80, 24);
    let to = |state: &mut State, line: &str| {
        enter_line(state, line);
        let transfer = state.transfers.list.first().cloned();
        state.transfers.list.clear();
        transfer.map(|it| (it.saved.cargo, it.saved.path.display().to_string()))
    };
    let sent = |conversation| Cargo::SendFile { conversation, text: String::new() };
    assert_eq!(to(&mut state, "/upload /tmp/a b.txt"), Some((sent(GENERAL), "/tmp/a b.txt".into())));
    assert_eq!(to(&mut state, "/upload notes.pdf"), Some((sent(GENERAL), "notes.pdf".into())));
    assert_eq!(to(&mut state, "/upload rust /tmp/x"), Some((sent(RUST), "/tmp/x".into())));
    assert_eq!(to(&mut state, "/upload nowhere /tmp/x"), None);
    assert!(draw(&mut state).contains("There is no room"), "a room that isn't there is told");
}
