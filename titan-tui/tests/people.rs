//! What keys, commands and events do about people, as stories told to the pure `update`.

use crate::scene::*;
use titan_core::{
    AccountId, SessionId, Time,
    protocol::{Command, Event as Push, Fault, FaultCode, MemberRole, NewFactor, Person, RelationKind, Role, ask},
};
use titan_tui::app::{
    directory::Section,
    effect::Effect,
    event::{Event, Trouble},
    overlay::{FormKind, Overlay},
    question::{Answer, Concern, Wish},
    state::{Cargo, Screen, State},
    update::{open_form, show_section, update},
};

const MALLORY: AccountId = AccountId(5);
const EVE: AccountId = AccountId(3);

fn push(state: &mut State, event: Push) -> Vec<Effect> {
    update(state, Event::Push(Box::new(event)))
}

/// Types a command about somebody and brings the person it looks up.
fn command_about(state: &mut State, line: &str, account: titan_core::protocol::Account) -> Vec<Effect> {
    let effects = enter_line(state, line);
    let [Effect::Ask(question)] = effects.as_slice() else { panic!("{effects:?}") };
    let person = serde_json::to_string(&Person::new(account, true)).unwrap();
    answer(state, question.read(&person).unwrap())
}

fn in_people(section: Section) -> State {
    let mut state = chatting(120, 40);
    with_relations(&mut state);
    with_house(&mut state);
    show_section(&mut state, section);
    state
}

#[test]
fn a_request_is_told_counted_and_answered_by_a_key() {
    let mut state = chatting(120, 40);
    let effects =
        push(&mut state, Push::relation_changed(Box::new(related(other(3, "eve"), true, RelationKind::Requests))));
    assert!(effects.contains(&Effect::Bell));
    let screen = draw(&mut state);
    assert!(screen.contains("eve asks to be your friend: alt-4 answers.") && screen.contains("People 1"), "{screen}");
    press(&mut state, &["alt-4"]);
    assert_eq!(state.directory.section, Section::Requests, "that is what one comes for");
    let effects = press(&mut state, &["a"]);
    assert_eq!(asked(&effects), [command(ask::AcceptFriend { account: EVE })]);
    worked(&mut state, effects);
    push(&mut state, Push::relation_changed(Box::new(related(other(3, "eve"), true, RelationKind::Friend))));
    let screen = draw(&mut state);
    assert!(screen.contains("eve and you are friends now.") && !screen.contains("People 1"), "{screen}");
}

#[test]
fn declining_asking_and_blocking_are_a_key_each() {
    let mut state = in_people(Section::Requests);
    assert_eq!(asked(&press(&mut state, &["x"])), [command(ask::DeclineFriend { account: EVE })]);
    let effects = press(&mut state, &["down", "x"]);
    assert_eq!(asked(&effects), [command(ask::RemoveFriend { account: AccountId(6) })], "my own request is taken back");
    let effects = press(&mut state, &["b"]);
    assert_eq!(asked(&effects), [command(ask::Block { account: AccountId(6) })]);
    worked(&mut state, effects);
    assert!(draw(&mut state).contains("yan is blocked. alt-x takes it back."));
    assert_eq!(asked(&press(&mut state, &["alt-x"])), [command(ask::Unblock { account: AccountId(6) })]);
    show_section(&mut state, Section::Friends);
    press(&mut state, &["a"]);
    type_text(&mut state, "@zoe");
    let effects = press(&mut state, &["enter"]);
    let wanted = command(ask::FindAccount { account: None, username: Some("zoe".into()), titan_number: None });
    assert_eq!(asked(&effects), [wanted]);
    let person = Person::new(other(9, "zoe"), false);
    let wish = Wish::Step(titan_tui::app::order::Step::Ask);
    let effects = answer(&mut state, Answer::Account(Box::new(wish), Box::new(person)));
    assert_eq!(asked(&effects), [command(ask::RequestFriend { account: AccountId(9) })]);
    assert!(state.overlays.is_empty(), "the form is done with");
}

#[test]
fn the_password_is_asked_for_once_more_and_what_was_asked_goes_on() {
    let mut state = chatting(120, 40);
    open_form(&mut state, FormKind::Profile);
    press(&mut state, &["tab", "tab"]);
    type_text(&mut state, "new@example.org");
    let effects = press(&mut state, &["enter"]);
    let [Effect::Ask(question)] = effects.as_slice() else { panic!("{effects:?}") };
    update(&mut state, Event::ConfirmFirst(question.clone()));
    let screen = draw(&mut state);
    assert!(screen.contains("Your password once more"), "{screen}");
    type_text(&mut state, "wrong");
    let confirm = |password: &str| command(ask::Confirm { password: password.into(), code: None });
    assert_eq!(asked(&press(&mut state, &["enter"])), [confirm("wrong")]);
    let fault = Fault::new(FaultCode::BadCredentials, "The password is not right.");
    update(&mut state, Event::Refused(Concern::Person, Trouble::from(fault)));
    assert!(draw(&mut state).contains("The password is not right."));
    press(&mut state, &["ctrl-u"]);
    type_text(&mut state, "secret");
    let effects = press(&mut state, &["enter"]);
    assert_eq!(asked(&effects), [confirm("secret")]);
    let effects = worked(&mut state, effects);
    assert_eq!(asked(&effects), std::slice::from_ref(&question.command), "the same once more");
    worked(&mut state, effects);
    assert!(state.overlays.is_empty() && draw(&mut state).contains("follow the link"));

    // Left alone, the form below is as it was, to be sent again or left.
    open_form(&mut state, FormKind::AdminKey);
    type_text(&mut state, "a-new-key");
    let effects = press(&mut state, &["enter"]);
    let [Effect::Ask(question)] = effects.as_slice() else { panic!("{effects:?}") };
    update(&mut state, Event::ConfirmFirst(question.clone()));
    press(&mut state, &["esc"]);
    let Some(Overlay::Form(form)) = state.overlays.last() else { panic!("the form is gone") };
    assert!(form.kind == FormKind::AdminKey && !form.busy && form.text(0) == "a-new-key");
    assert_eq!(asked(&press(&mut state, &["enter"])), std::slice::from_ref(&question.command));
}

#[test]
fn a_friendship_ends_only_after_a_question() {
    let mut state = in_people(Section::Friends);
    assert!(press(&mut state, &["x"]).is_empty());
    assert!(draw(&mut state).contains("End the friendship with bob?"));
    assert_eq!(asked(&press(&mut state, &["y"])), [command(ask::RemoveFriend { account: bob().id })]);
}

#[test]
fn friends_online_come_first() {
    let state = in_people(Section::Friends);
    let names: Vec<String> =
        state.items(Section::Friends).iter().map(|item| titan_tui::words::item_line(&state, item).0).collect();
    assert_eq!(names, ["bob", "zoe"]);
}

#[test]
fn what_people_say_whom_one_blocked_is_folded_and_shown_on_demand() {
    let mut state = chatting(120, 40);
    with_relations(&mut state);
    let mallory = other(5, "mallory");
    for seq in 11..13 {
        let effects = push(&mut state, Push::entry(said(GENERAL, seq, &mallory, 0, "@ada buy my thing")));
        assert!(!effects.contains(&Effect::Bell), "and rings no bell");
    }
    push(&mut state, Push::entry(said(GENERAL, 13, &bob(), 0, "hello")));
    push(&mut state, Push::entry(said(GENERAL, 14, &mallory, 0, "cheap!")));
    let screen = draw(&mut state);
    assert!(screen.contains("⋯ 2 messages from someone you blocked"), "{screen}");
    assert!(screen.contains("⋯ 1 message from someone you blocked") && !screen.contains("buy my thing"), "{screen}");
    press(&mut state, &["tab", "tab", "tab"]);
    assert_eq!(state.open_log().unwrap().selected, Some(titan_core::Seq(14)));
    press(&mut state, &["up", "up", "r"]);
    assert!(state.composer.reply_to.is_none(), "what isn't seen is not answered");
    press(&mut state, &["enter"]);
    let screen = draw(&mut state);
    assert!(screen.contains("buy my thing") && screen.contains("cheap!"), "{screen}");
    press(&mut state, &["alt-up", "alt-down"]);
    assert!(!draw(&mut state).contains("buy my thing"), "leaving folds them again");
}

#[test]
fn who_leaves_a_room_of_their_own_chooses_who_gets_it() {
    let mut state = in_rust(120, 40);
    ada_is(&mut state, Role::User, MemberRole::Owner);
    let members = state.people.members[&RUST].clone();
    let effects = enter_line(&mut state, "/leave");
    assert_eq!(asked(&effects), [command(ask::Members { conversation: RUST, ..ask::Members::default() })]);
    answer(&mut state, Answer::Heirs(RUST, members.clone().into()));
    let screen = draw(&mut state);
    assert!(screen.contains("Who gets #rust?") && screen.contains("moderator"), "{screen}");
    let heir = members.iter().find(|member| member.room_role == MemberRole::Moderator).unwrap().person.account.id;
    let effects = press(&mut state, &["enter"]);
    assert_eq!(asked(&effects), [command(ask::LeaveRoom { conversation: RUST, heir: Some(heir) })]);
    let alone = members.into_iter().take(1).collect::<Vec<_>>();
    let effects = answer(&mut state, Answer::Heirs(RUST, alone.into()));
    assert_eq!(asked(&effects), [command(ask::LeaveRoom { conversation: RUST, heir: None })], "nobody to ask about");
}

#[test]
fn a_card_lists_what_one_may_do_and_nothing_else() {
    let card = |role, room_role, down: usize| {
        let mut state = in_rust(120, 40);
        ada_is(&mut state, role, room_role);
        press(&mut state, &["tab"]);
        (0..down).for_each(|_| drop(press(&mut state, &["down"])));
        press(&mut state, &["enter"]);
        draw(&mut state)
    };
    // Online first: ada, bob the moderator, then eve and yan.
    let eve = card(Role::User, MemberRole::Member, 2);
    assert!(eve.contains("Ask to be friends") && !eve.contains("Mute…") && !eve.contains("ON THE SERVER"), "{eve}");
    let eve = card(Role::User, MemberRole::Moderator, 2);
    assert!(eve.contains("IN #rust") && eve.contains("Mute…") && !eve.contains("Make a moderator"), "{eve}");
    let bob = card(Role::User, MemberRole::Moderator, 1);
    assert!(!bob.contains("IN #rust"), "moderators stand over plain members only: {bob}");
    let bob = card(Role::User, MemberRole::Owner, 1);
    assert!(bob.contains("Make a plain member") && bob.contains("Make the owner"), "{bob}");
    let eve = card(Role::Admin, MemberRole::Member, 2);
    assert!(eve.contains("IN #rust") && eve.contains("ON THE SERVER") && eve.contains("Remove the account"), "{eve}");
    let me = card(Role::Admin, MemberRole::Owner, 0);
    assert!(!me.contains("Mute…") && !me.contains("Block") && me.contains("Log out"), "{me}");
}

#[test]
fn a_mute_is_asked_for_told_and_taken_back() {
    let mut state = in_rust(120, 40);
    command_about(&mut state, "/mute bob", bob());
    assert!(matches!(state.overlays.last(), Some(Overlay::Form(form)) if matches!(form.kind, FormKind::Mute(_))));
    press(&mut state, &["right", "tab"]);
    type_text(&mut state, "loud");
    let effects = press(&mut state, &["enter"]);
    let mute =
        command(ask::Mute { conversation: RUST, account: bob().id, seconds: Some(3_600), reason: "loud".into() });
    assert_eq!(asked(&effects), [mute]);
    worked(&mut state, effects);
    assert!(state.overlays.is_empty());
    assert!(draw(&mut state).contains("bob is muted in #rust for 1 hour. alt-x takes it back."));
    let effects = press(&mut state, &["alt-x"]);
    assert_eq!(asked(&effects), [command(ask::Unmute { conversation: RUST, account: bob().id })]);
    worked(&mut state, effects);
    assert!(draw(&mut state).contains("bob may write in #rust again."));
    press(&mut state, &["alt-x"]);
    assert!(draw(&mut state).contains("There is nothing to take back."));
}

#[test]
fn commands_keep_order_at_once_where_all_is_said() {
    let mut state = in_rust(120, 40);
    let effects = command_about(&mut state, "/mute bob 10m too loud", bob());
    let mute =
        command(ask::Mute { conversation: RUST, account: bob().id, seconds: Some(600), reason: "too loud".into() });
    assert_eq!(asked(&effects), [mute]);
    let effects = command_about(&mut state, "/kick eve flooding", other(3, "eve"));
    assert_eq!(asked(&effects), [command(ask::Kick { conversation: RUST, account: EVE, reason: "flooding".into() })]);
    let effects = command_about(&mut state, "/ban eve", other(3, "eve"));
    assert_eq!(asked(&effects), [command(ask::BanMember { conversation: RUST, account: EVE, reason: String::new() })]);
    worked(&mut state, effects);
    let effects = enter_line(&mut state, "/undo");
    assert_eq!(asked(&effects), [command(ask::UnbanMember { conversation: RUST, account: EVE })]);
    let effects = command_about(&mut state, "/role eve moderator", other(3, "eve"));
    let role = |role| command(ask::SetMemberRole { conversation: RUST, account: EVE, role });
    assert_eq!(asked(&effects), [role(MemberRole::Moderator)]);
    worked(&mut state, effects);
    assert_eq!(asked(&enter_line(&mut state, "/undo")), [role(MemberRole::Member)], "as it was");
    assert!(command_about(&mut state, "/role eve owner", other(3, "eve")).is_empty());
    assert!(draw(&mut state).contains("Make eve the owner of #rust?"));
    press(&mut state, &["esc"]);
    enter_line(&mut state, "/mute eve soon");
    assert!(draw(&mut state).contains("How long? Write 10m, 1h, 1d, or forever."));
}

#[test]
fn who_may_not_is_told_so_without_asking_the_server() {
    let mut state = in_rust(120, 40);
    ada_is(&mut state, Role::User, MemberRole::Member);
    assert!(command_about(&mut state, "/ban eve", other(3, "eve")).is_empty());
    assert!(draw(&mut state).contains("Only the room's owner, its moderators and admins can do that."));
    assert!(command_about(&mut state, "/kick ada", ada()).is_empty());
    assert!(enter_line(&mut state, "/bans").is_empty());
    press(&mut state, &["alt-4"]);
    assert!(!draw(&mut state).contains("THE HOUSE"), "the house is for admins");
}

#[test]
fn being_muted_shows_at_once_keeps_the_text_and_ends_by_itself() {
    let mut state = in_rust(120, 40);
    let changed = |muted_until| Push::member_changed(RUST, ada().id, MemberRole::Member, muted_until);
    type_text(&mut state, "half a thought");
    push(&mut state, changed(Some(Time(NOON + 100 * 60_000))));
    let screen = draw(&mut state);
    assert!(
        screen.contains("You are muted in #rust until 15:40") && screen.contains("muted until 15:40 ─"),
        "{screen}"
    );
    assert!(press(&mut state, &["enter"]).iter().all(|effect| !matches!(effect, Effect::Send(_))));
    assert_eq!(state.composer.editor.text(), "half a thought");
    assert!(state.wake_at().is_some());
    state.now = Time(NOON + 101 * 60_000);
    update(&mut state, Event::Tick);
    assert!(!draw(&mut state).contains("muted until"));
    state.now = Time(NOON);
    push(&mut state, changed(None));
    let effects = press(&mut state, &["enter"]);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(_))), "{effects:?}");
    push(&mut state, changed(Some(Time::FOREVER)));
    assert!(draw(&mut state).contains("muted until it is lifted"));
}

#[test]
fn a_removed_member_reads_why_and_is_shown_another_room() {
    let mut state = in_rust(120, 40);
    push(&mut state, Push::conversation_removed(RUST, "You were banned from rust by bob: spam".into()));
    assert_eq!(state.chat.open, Some(GENERAL));
    assert!(draw(&mut state).contains("You were banned from rust by bob: spam"));
}

#[test]
fn an_account_is_banned_and_let_in_again_by_one_key() {
    let mut state = in_people(Section::Accounts);
    press(&mut state, &["down", "b"]);
    let effects = press(&mut state, &["enter"]);
    let [Command::Ban(ask::Ban { account, .. })] = &asked(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(*account, bob().id);
    worked(&mut state, effects);
    assert!(draw(&mut state).contains("bob is banned: their sessions are over. alt-x takes it back."));
    assert_eq!(asked(&press(&mut state, &["alt-x"])), [command(ask::Unban { account: bob().id })]);
    assert_eq!(asked(&press(&mut state, &["down", "b"])), [command(ask::Unban { account: MALLORY })]);
    press(&mut state, &["x"]);
    assert!(draw(&mut state).contains("Remove the account of mallory for good?"));
    assert_eq!(asked(&press(&mut state, &["y"])), [command(ask::RemoveAccount { account: MALLORY })]);
}

#[test]
fn sessions_and_addresses_are_ended_and_lifted_by_a_key() {
    let mut state = in_people(Section::Sessions);
    assert_eq!(asked(&press(&mut state, &["down", "x"])), [command(ask::RevokeSession { session: SessionId(2) })]);
    show_section(&mut state, Section::Addresses);
    let effects = press(&mut state, &["x"]);
    assert_eq!(asked(&effects), [command(ask::UnbanAddress { address: "192.0.2.7".into() })]);
    worked(&mut state, effects);
    let again = command(ask::BanAddress { address: "192.0.2.7".into(), reason: "Floods the house".into() });
    assert_eq!(asked(&press(&mut state, &["alt-x"])), [again], "with the reason it had");
    press(&mut state, &["a"]);
    type_text(&mut state, "203.0.113.9");
    let effects = press(&mut state, &["enter"]);
    assert_eq!(asked(&effects), [command(ask::BanAddress { address: "203.0.113.9".into(), reason: String::new() })]);
}

#[test]
fn an_account_is_deleted_only_by_its_typed_name_and_password() {
    let mut state = in_people(Section::Me);
    press(&mut state, &["down", "down", "down", "down", "down", "down", "down", "enter"]);
    type_text(&mut state, "adam");
    press(&mut state, &["tab"]);
    type_text(&mut state, "hush");
    assert!(press(&mut state, &["enter"]).is_empty());
    assert!(draw(&mut state).contains("That is not your username."));
    press(&mut state, &["shift-tab", "backspace"]);
    let effects = press(&mut state, &["enter"]);
    assert_eq!(asked(&effects), [command(ask::DeleteAccount { password: "hush".into() })]);
    let fault = Fault::new(FaultCode::BadCredentials, "The password is not right.");
    update(&mut state, Event::Refused(Concern::Person, Trouble::from(fault)));
    assert!(draw(&mut state).contains("The password is not right."), "the form stays");
    let effects = answer(&mut state, Answer::Deleted);
    assert_eq!(effects, [Effect::Forget("Your account is deleted.".into())]);
}

#[test]
fn an_export_is_a_transfer_whose_size_nobody_knows() {
    let mut state = chatting(120, 40);
    let effects = enter_line(&mut state, "/export");
    let [Effect::StartTransfer(transfer), _] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((&transfer.saved.cargo, &transfer.saved.path), (&Cargo::Export, &"/home/ada/Downloads".into()));
    let news = titan_tui::app::event::TransferNews::Progress { done: 1_200_000, total: 0 };
    update(&mut state, Event::Transfer(transfer.id, news));
    press(&mut state, &["alt-3"]);
    let screen = draw(&mut state);
    assert!(
        screen.contains("your data  running") && screen.contains("1.2 MB") && !screen.contains("of 0 B"),
        "{screen}"
    );
    let path = std::path::PathBuf::from("/home/ada/Downloads/titan-export.ndjson");
    let news = titan_tui::app::event::TransferNews::Done { path, sha256: None };
    update(&mut state, Event::Transfer(transfer.id, news));
    let screen = draw(&mut state);
    assert!(
        screen.contains("Your data is in /home/ada/Downloads/titan-export.ndjson.") && screen.contains("done · 1.2 MB"),
        "{screen}"
    );
}

#[test]
fn what_a_command_takes_is_completed() {
    let mut state = in_rust(120, 40);
    type_text(&mut state, "/mute bo");
    assert!(draw(&mut state).contains("@bob"));
    press(&mut state, &["tab"]);
    assert_eq!(state.composer.editor.text(), "/mute bob ");
    type_text(&mut state, "1");
    let screen = draw(&mut state);
    assert!(screen.contains("10m") && screen.contains("1h") && !screen.contains("forever"), "{screen}");
    press(&mut state, &["ctrl-u"]);
    type_text(&mut state, "/role eve mod");
    press(&mut state, &["tab"]);
    assert_eq!(state.composer.editor.text(), "/role eve moderator ");
}

#[test]
fn a_deleted_account_leaves_every_list() {
    let mut state = in_people(Section::Friends);
    push(&mut state, Push::account_removed(bob().id, "bob".into()));
    assert!(state.people.relations.values().all(|relation| relation.person.account.id != bob().id));
    assert!(state.people.members[&GENERAL].iter().all(|member| member.person.account.id != bob().id));
    assert!(draw(&mut state).contains("bob has deleted their account."));
    assert_eq!(state.screen, Screen::People);
}

#[test]
fn a_forgotten_password_is_asked_for_at_the_door() {
    let mut state = blank(100, 30);
    let server = titan_tui::app::state::ServerInfo { url: "https://chat.example.org".into(), hosted: false };
    state.wizard = titan_tui::app::wizard::Wizard::account(server.clone(), false);
    assert!(press(&mut state, &["f3"]).is_empty());
    assert!(draw(&mut state).contains("Type your username first"));
    type_text(&mut state, "ada");
    assert_eq!(press(&mut state, &["f3"]), [Effect::Forgot(server, "ada".into())]);
    update(&mut state, Event::Forgotten(Ok("ada".into())));
    assert!(draw(&mut state).contains("If ada has a mail address here, a link"));
}

#[test]
fn an_older_server_without_friends_is_no_reason_to_complain() {
    let mut state = chatting(120, 40);
    let fault = Fault::new(FaultCode::UnknownCommand, "There is no command “relations”.");
    update(&mut state, Event::Refused(Concern::Friends, Trouble::from(fault)));
    assert!(state.notice.is_none());
}

#[test]
fn what_one_may_is_asked_anew_once_it_may_have_changed() {
    let mut state = in_rust(120, 40);
    let changed = |account| Push::member_changed(RUST, account, MemberRole::Moderator, None);
    let effects = push(&mut state, changed(EVE));
    let members = command(ask::Members { conversation: RUST, ..ask::Members::default() });
    assert_eq!(asked(&effects), std::slice::from_ref(&members), "what may be done to eve");
    assert!(state.people.members[&RUST].iter().filter(|it| it.may.is_none()).all(|it| it.person.account.id == EVE));
    let effects = push(&mut state, changed(ada().id));
    assert_eq!(asked(&effects), [command(ask::Conversations::default()), members], "what I may do, and to whom");
    assert!(state.chat.conversation(RUST).unwrap().may.is_none(), "until then everything is offered");
}

#[test]
fn a_card_offers_what_the_server_would_let_happen() {
    let mut state = in_rust(120, 40);
    let only = |state: &mut State, may: Vec<titan_core::protocol::Right>| {
        state.people.members.get_mut(&RUST).unwrap()[2].may = Some(may);
        command_about(state, "/whois eve", other(3, "eve"));
        let card = draw(state);
        press(state, &["esc"]);
        card
    };
    let card = only(&mut state, vec![titan_core::protocol::Right::Mute]);
    assert!(card.contains("Mute…") && !card.contains("Remove from") && !card.contains("moderator"), "{card}");
    let card = only(&mut state, vec![]);
    assert!(!card.contains("Mute…"), "{card}");
}

#[test]
fn who_administers_says_whether_an_app_password_may() {
    let mut state = in_people(Section::Me);
    enter_line(&mut state, "/app_passwords");
    let made = |state: &mut State, may: &[&str]| {
        answer(state, Answer::AppPasswords(vec![].into()));
        press(state, &["enter"]);
        type_text(state, "bot on desk");
        press(state, &["tab", "tab"]);
        press(state, may);
        asked(&press(state, &["enter"]))
    };
    let wanted =
        |administers| [command(ask::AddAppPassword { name: "bot on desk".into(), doors: vec![], administers })];
    assert_eq!(made(&mut state, &[]), wanted(false));
    press(&mut state, &["esc", "esc"]);
    assert_eq!(made(&mut state, &["right"]), wanted(true));
    press(&mut state, &["esc", "esc"]);
    state.me.as_mut().unwrap().role = Role::User;
    answer(&mut state, Answer::AppPasswords(vec![].into()));
    press(&mut state, &["enter"]);
    assert!(!draw(&mut state).contains("administer"), "it is no question for who doesn't");
}

#[test]
fn a_second_factor_is_set_up_by_its_first_code_and_shows_its_recovery_codes() {
    let mut state = in_people(Section::Me);
    let factor = NewFactor::new("GEZDGNBVGY3TQOJQ".into(), "otpauth://totp/".into(), vec!["#".into()]);
    answer(&mut state, Answer::NewFactor(Box::new(factor)));
    assert!(draw(&mut state).contains("GEZD GNBV GY3T QOJQ"));
    type_text(&mut state, "287 082");
    assert_eq!(asked(&press(&mut state, &["enter"])), [command(ask::ConfirmFactor { code: "287 082".into() })]);
    answer(&mut state, Answer::RecoveryCodes(Box::new(vec!["k3vmw-9xqth".into()].into()), true));
    let screen = draw(&mut state);
    assert!(screen.contains("k3vmw-9xqth") && !screen.contains("GEZD"), "{screen}");
    press(&mut state, &["esc"]);
    assert!(state.overlays.is_empty());
}
