//! Doing what was chosen in a picker, a menu, a confirmation.

use titan_core::{ClientId, protocol::Command};

use super::{asking::ask, cards, chat, forms, lists, messages, orders, people, repository, rooms, session, transfers};
use crate::{
    app::{
        effect::{Effect, Then},
        overlay::{Choice, FormKind},
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
        Choice::Open(id) => chat::open_conversation(state, id),
        Choice::OpenAt(id, seq) => messages::open_at(state, id, seq),
        Choice::Join(id) => rooms::join(state, id),
        Choice::LeaveRoom(conversation) => ask(Command::LeaveRoom { conversation }, Then::Nothing),
        Choice::AskDeleteRoom(id) => rooms::ask_delete_room(state, id),
        Choice::DeleteRoom(conversation) => {
            ask(Command::DeleteRoom { conversation }, Then::Say(words::ROOM_DELETED.into()))
        }
        Choice::EditRoom(id) => forms::open_form(state, FormKind::EditRoom(id)),
        Choice::RoomMenu(id) => cards::open_room(state, id),
        Choice::Direct(account) => ask(Command::OpenDirect { account }, Then::Open),
        Choice::Mention(name) => messages::write(state, &format!("@{name} ")),
        Choice::Blog(url) => messages::open_blog(state, &url),
        Choice::Write(text) => messages::write_anew(state, &text),
        Choice::Reply(seq) => messages::reply(state, seq),
        Choice::Edit(seq) => messages::begin_edit(state, seq),
        Choice::AskDelete(seq) => messages::ask_delete(state, seq),
        Choice::Delete(conversation, seq) => {
            ask(Command::Delete { conversation, seq, client_id: Some(ClientId::new()) }, Then::Nothing)
        }
        Choice::PickEmoji(seq) => lists::open_emoji(state, seq),
        Choice::React(seq, emoji) => messages::react(state, seq, &emoji),
        Choice::Copy(seq) => messages::copy(state, seq),
        Choice::OpenLink(seq) => messages::open_link(state, seq),
        Choice::Fetch(file) => transfers::fetch(state, &file),
        Choice::ShowApp(app) => repository::show_app(state, app),
        Choice::DeleteApp(app) => ask(Command::DeleteApp { app }, Then::AppDecided(words::APP_DELETED.into())),
        Choice::CancelTransfer(id) => transfers::cancel(state, id),
        Choice::Profile => forms::open_form(state, FormKind::Profile),
        Choice::ChangePassword => forms::open_form(state, FormKind::ChangePassword),
        Choice::Form(kind) => forms::open_form(state, kind),
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
        Choice::Members(id) => ask(Command::Members { conversation: id }, Then::ListMembers(id)),
        Choice::Sanctions(id) => cards::ask_sanctions(state, id),
        Choice::Unban(account) => orders::unban(&account),
        Choice::SetRole(account, role) => orders::set_role(&account, role),
        Choice::Sessions(account) => {
            ask(Command::AccountSessions { account: account.id }, Then::SessionsOf(account.username.to_string()))
        }
        Choice::RevokeSession(session) => ask(Command::RevokeSession { session }, Then::did(words::SESSION_ENDED)),
        Choice::AskRemove(account) => orders::ask_remove(state, *account),
        Choice::RemoveAccount(account) => ask(Command::RemoveAccount { account }, Then::did(words::ACCOUNT_IS_REMOVED)),
        Choice::LiftAddress(address) => orders::lift_address(state, address),
        Choice::Section(section) => people::show_section(state, section),
        Choice::Item(item) => cards::open_item(state, *item),
        Choice::Unfold => cards::unfold(state),
        _ => vec![],
    }
}
