//! Doing what was chosen in a picker, a menu, a confirmation.

use titan_core::{ClientId, protocol::ask};

use super::{
    asking::ask, cards, chat, factors, forms, lists, messages, orders, people, repository, rooms, session, taste,
    transfers,
};
use crate::{
    app::{
        effect::Effect,
        overlay::{Choice, FormKind},
        question::{Answer, Question},
        state::State,
    },
    words,
};

pub fn choose(state: &mut State, choice: Choice) -> Vec<Effect> {
    match choice {
        Choice::Nothing => vec![],
        Choice::Quit => session::quit(state),
        Choice::AskLogout => session::ask_logout(state),
        Choice::Logout => vec![Effect::Logout],
        Choice::Believe(server, attempt) => session::believe(state, server, attempt),
        Choice::Attempt(attempt) => session::attempt(state, attempt),
        Choice::Open(id) => chat::open_conversation(state, id),
        Choice::OpenAt(id, seq) => messages::open_at(state, id, seq),
        Choice::Join(id) => rooms::join(state, id),
        Choice::LeaveRoom(id) => rooms::ask_leave(state, id),
        Choice::Leave(id, heir) => rooms::leave(id, heir),
        Choice::AskDeleteRoom(id) => rooms::ask_delete_room(state, id),
        Choice::DeleteRoom(conversation) => {
            ask(Question::done(ask::DeleteRoom { conversation }, Answer::Say(words::ROOM_DELETED.into())))
        }
        Choice::EditRoom(id) => forms::open_form(state, FormKind::EditRoom(id)),
        Choice::RoomMenu(id) => cards::open_room(state, id),
        Choice::Direct(account) => ask(Question::new(ask::OpenDirect { account }, Answer::open)),
        Choice::Mention(name) => messages::write(state, &format!("@{name} ")),
        Choice::Blog(url) => messages::open_blog(state, &url),
        Choice::Write(text) => messages::write_anew(state, &text),
        Choice::Reply(seq) => messages::reply(state, seq),
        Choice::Edit(seq) => messages::begin_edit(state, seq),
        Choice::AskDelete(seq) => messages::ask_delete(state, seq),
        Choice::Delete(conversation, seq) => {
            ask(Question::done(ask::Delete { conversation, seq, client_id: Some(ClientId::new()) }, Answer::Nothing))
        }
        Choice::PickEmoji(seq) => lists::open_emoji(state, seq),
        Choice::React(seq, emoji) => messages::react(state, seq, &emoji),
        Choice::Copy(seq) => messages::copy(state, seq),
        Choice::CopyText(text) => vec![Effect::Copy(text)],
        Choice::OpenLink(seq) => messages::open_link(state, seq),
        Choice::Fetch(file) => transfers::fetch(state, &file),
        Choice::ShowApp(app) => repository::show_app(state, app),
        Choice::DeleteApp(app) => {
            ask(Question::done(ask::DeleteApp { app }, Answer::AppDecided(words::APP_DELETED.into())))
        }
        Choice::CancelTransfer(id) => transfers::cancel(state, id),
        Choice::Profile => forms::open_form(state, FormKind::Profile),
        Choice::ChangePassword => forms::open_form(state, FormKind::ChangePassword),
        Choice::Form(kind) => forms::open_form(state, kind),
        Choice::Theme(name) => taste::set_theme(state, &name),
        other => choose_of_people(state, other),
    }
}

/// The rest: what is done to somebody, and what is shown of them.
fn choose_of_people(state: &mut State, choice: Choice) -> Vec<Effect> {
    match choice {
        Choice::Person(account) => cards::open_person(state, &account),
        Choice::Step(step, account) => orders::step(state, step, &account),
        Choice::AskEnd(account) => orders::ask_end(state, *account),
        Choice::AskOrder(order, seat) => orders::ask_order(state, order, *seat),
        Choice::Order(order, seat) => orders::order(state, &order, &seat, String::new()),
        Choice::Members(id) => {
            ask(Question::new(ask::Members { conversation: id, ..ask::Members::default() }, move |it| {
                Answer::ListMembers(id, it)
            }))
        }
        Choice::Sanctions(id) => cards::ask_sanctions(state, id),
        Choice::Unban(account) => orders::unban(&account),
        Choice::SetRole(account, role) => orders::set_role(&account, role),
        Choice::Sessions(account) => ask(Question::new(ask::AccountSessions { account: account.id }, move |it| {
            Answer::SessionsOf(account.clone(), it)
        })),
        Choice::RevokeSession(session) => {
            ask(Question::done(ask::RevokeSession { session }, Answer::did(words::SESSION_ENDED)))
        }
        Choice::EndSession(account, session) => factors::end_sessions(account, Some(session)),
        Choice::EndSessions(account) => factors::end_sessions(account, None),
        Choice::AddFactor => factors::add(),
        Choice::AskRemoveFactor => factors::ask_remove(state),
        Choice::RemoveFactor => factors::remove(),
        Choice::RecoveryCodes => factors::renew(),
        Choice::AskRemoveAppPassword(id, name) => factors::ask_remove_app_password(state, id, &name),
        Choice::RemoveAppPassword(id) => factors::remove_app_password(id),
        Choice::AskRemove(account) => orders::ask_remove(state, *account),
        Choice::RemoveAccount(account) => {
            ask(Question::done(ask::RemoveAccount { account }, Answer::did(words::ACCOUNT_IS_REMOVED)))
        }
        Choice::LiftAddress(address) => orders::lift_address(state, address),
        Choice::Section(section) => people::show_section(state, section),
        Choice::Item(item) => cards::open_item(state, *item),
        Choice::Unfold => cards::unfold(state),
        _ => vec![],
    }
}
