//! The cards of people, rooms, sessions and addresses: what can be done with each, as a list to choose from. What the one who
//! looks may not do isn't listed.

use titan_core::{
    ConversationId,
    protocol::{
        Account, AccountStanding, AddressBan, MemberRole, RelationKind, Right, Role, Sanction, SanctionKind,
        SessionInfo, What,
        ask::{RevokeSession, Sanctions},
    },
};

use super::{
    asking::{ask, open_list},
    factors, forms, orders, session,
};
use crate::{
    app::{
        directory::{Deed, Item, Section},
        effect::Effect,
        order::{Order, Seat, Step},
        overlay::{Choice, FormKind, Group, Picker, Row},
        question::{Answer, Question},
        standing::Standing,
        state::{State, title},
    },
    times, words,
};

fn row(text: &str, choice: Choice) -> Row {
    Row::new(text, "", Group::Plain, choice)
}

fn explained(text: &str, about: &str, choice: Choice) -> Row {
    Row::new(text, about, Group::Plain, choice)
}

/// The person under the cursor of the pane.
pub fn open_person_here(state: &mut State) -> Vec<Effect> {
    match state.people_here().into_iter().nth(state.people.cursor) {
        Some((person, _)) => open_person(state, &person.account),
        None => vec![],
    }
}

/// Somebody's card: between them and oneself, in the open room, on the server.
pub fn open_person(state: &mut State, account: &Account) -> Vec<Effect> {
    let mut rows = if state.is_me(account.id) { own_rows() } else { personal_rows(state, account) };
    if let Some(blog) = &account.blog_url {
        rows.push(explained(words::DO_BLOG, blog, Choice::Blog(blog.to_string())));
    }
    if !state.is_me(account.id) {
        rows.extend(room_rows(state, account));
    }
    if state.is_admin() && !state.is_me(account.id) {
        rows.push(Row::heading(words::ON_THE_SERVER));
        rows.extend(admin_rows(account, known_ban(state, account)));
    }
    let picker = Picker::list(words::person_heading(account), rows).about(words::card(state, account));
    open_list(state, picker)
}

pub fn open_account(state: &mut State, standing: &AccountStanding) -> Vec<Effect> {
    let account = &standing.account;
    if state.is_me(account.id) {
        return open_person(state, account);
    }
    let mut rows = admin_rows(account, standing.banned);
    rows.insert(0, row(words::DO_WRITE, Choice::Direct(account.id)));
    let picker = Picker::list(words::person_heading(account), rows).about(words::card(state, account));
    open_list(state, picker)
}

fn known_ban(state: &State, account: &Account) -> bool {
    state.directory.accounts.iter().any(|standing| standing.account.id == account.id && standing.banned)
}

fn own_rows() -> Vec<Row> {
    vec![
        row(words::DO_PROFILE, Choice::Profile),
        row(words::DO_PASSWORD, Choice::ChangePassword),
        row(words::DO_OWN_ACCOUNT, Choice::Section(Section::Me)),
        row(words::DO_LOGOUT, Choice::AskLogout),
    ]
}

fn personal_rows(state: &State, account: &Account) -> Vec<Row> {
    let relation = state.relation(account.id);
    let step = |text, step| row(text, Choice::Step(step, Box::new(account.clone())));
    let mut rows = Vec::new();
    if relation != Some(RelationKind::Blocked) {
        rows.push(row(words::DO_WRITE, Choice::Direct(account.id)));
    }
    if state.open().is_some_and(|conversation| matches!(conversation.what, What::Room(_))) {
        rows.push(row(words::DO_MENTION, Choice::Mention(account.username.to_string())));
    }
    match relation {
        None => rows.push(step(words::DO_BEFRIEND, Step::Ask)),
        Some(RelationKind::Requests) => {
            rows.push(step(words::DO_ACCEPT, Step::Accept));
            rows.push(step(words::DO_DECLINE, Step::Decline));
        }
        Some(RelationKind::Requested) => rows.push(step(words::DO_WITHDRAW, Step::Withdraw)),
        Some(RelationKind::Friend) => rows.push(row(words::DO_UNFRIEND, Choice::AskEnd(Box::new(account.clone())))),
        Some(RelationKind::Blocked) => rows.push(step(words::DO_UNBLOCK, Step::Unblock)),
        Some(_) => {}
    }
    if relation != Some(RelationKind::Blocked) {
        let choice = Choice::Step(Step::Block, Box::new(account.clone()));
        rows.push(explained(words::DO_BLOCK, words::DO_BLOCK_ABOUT, choice));
    }
    rows
}

/// What may be done to them in the open room.
fn room_rows(state: &State, account: &Account) -> Vec<Row> {
    let Some(conversation) = state.open() else { return vec![] };
    let seat = Seat { conversation: conversation.id, account: account.id, name: account.username.to_string() };
    let Some(standing) = Standing::between(state, &seat) else { return vec![] };
    let ask = |order| Choice::AskOrder(order, Box::new(seat.clone()));
    let mut rows = Vec::new();
    if standing.may(Right::Mute) {
        match standing.muted_until {
            Some(until) => rows.push(explained(
                words::DO_UNMUTE,
                &words::muted_note(&words::until_when(state, until)),
                ask(Order::Unmute),
            )),
            None => rows.push(explained(words::DO_MUTE, words::DO_MUTE_ABOUT, ask(Order::Mute(None)))),
        }
    }
    if standing.may(Right::Kick) {
        rows.push(explained(words::DO_KICK, words::DO_KICK_ABOUT, ask(Order::Kick)));
    }
    if standing.may(Right::Ban) {
        rows.push(explained(words::DO_BAN_MEMBER, words::DO_BAN_MEMBER_ABOUT, ask(Order::Ban)));
    }
    if standing.may(Right::GiveRole) {
        rows.extend(role_rows(&standing, ask));
    }
    if !rows.is_empty() {
        rows.insert(0, Row::heading(words::in_room(&title(conversation))));
    }
    rows
}

fn role_rows(standing: &Standing, ask: impl Fn(Order) -> Choice) -> Vec<Row> {
    let mut rows = Vec::new();
    if standing.theirs == Some(MemberRole::Member) {
        rows.push(row(words::DO_MODERATOR, ask(Order::Role(MemberRole::Moderator))));
    }
    if standing.theirs == Some(MemberRole::Moderator) {
        rows.push(row(words::DO_MEMBER, ask(Order::Role(MemberRole::Member))));
    }
    if standing.theirs != Some(MemberRole::Owner) && !standing.common {
        rows.push(explained(words::DO_OWNER, words::DO_OWNER_ABOUT, ask(Order::Role(MemberRole::Owner))));
    }
    rows
}

fn admin_rows(account: &Account, banned: bool) -> Vec<Row> {
    let name = account.username.to_string();
    let account_of = || Box::new(account.clone());
    let role = match account.role {
        Role::Admin => row(words::DO_REVOKE, Choice::SetRole(account_of(), Role::User)),
        _ => row(words::DO_GRANT, Choice::SetRole(account_of(), Role::Admin)),
    };
    let ban = match banned {
        true => row(words::DO_UNBAN, Choice::Unban(account_of())),
        false => explained(words::DO_BAN, words::DO_BAN_ABOUT, Choice::Form(FormKind::Ban(account.id, name.clone()))),
    };
    vec![
        role,
        row(words::DO_RESET, Choice::Form(FormKind::ResetPassword(account.id, name))),
        row(words::DO_SESSIONS, Choice::Sessions(account_of())),
        ban,
        explained(words::DO_REMOVE_ACCOUNT, words::DO_REMOVE_ACCOUNT_ABOUT, Choice::AskRemove(account_of())),
    ]
}

pub fn open_room(state: &mut State, id: ConversationId) -> Vec<Effect> {
    let Some(conversation) = state.chat.conversation(id) else { return vec![] };
    let mut rows = vec![row(words::DO_OPEN, Choice::Open(id))];
    match &conversation.what {
        What::Room(_) => {
            rows.push(row(words::DO_MEMBERS, Choice::Members(id)));
            let offers = [
                (Right::ChangeRoom, words::DO_EDIT_ROOM, Choice::EditRoom(id)),
                (Right::Moderate, words::DO_SANCTIONS, Choice::Sanctions(id)),
                (Right::Leave, words::DO_LEAVE, Choice::LeaveRoom(id)),
                (Right::DeleteRoom, words::DO_DELETE_ROOM, Choice::AskDeleteRoom(id)),
            ];
            let offered = offers.into_iter().filter(|(right, ..)| conversation.may(*right));
            rows.extend(offered.map(|(_, name, choice)| row(name, choice)));
        }
        What::Direct(account) => rows.push(row(words::DO_CARD, Choice::Person(Box::new(account.clone())))),
        _ => {}
    }
    let heading = title(conversation);
    open_list(state, Picker::list(heading, rows))
}

pub fn ask_sanctions(state: &mut State, id: ConversationId) -> Vec<Effect> {
    if !state.chat.conversation(id).is_none_or(|conversation| conversation.may(Right::Moderate)) {
        state.complain(words::NO_ORDER_HERE);
        return vec![];
    }
    ask(Question::new(Sanctions { conversation: id }, move |it| Answer::Sanctions(id, it)))
}

/// Who is muted in a room or banned from it; choosing one lifts it.
pub fn show_sanctions(state: &mut State, id: ConversationId, sanctions: &[Sanction]) -> Vec<Effect> {
    let rows = sanctions.iter().map(|sanction| {
        let account = &sanction.account;
        let seat = Seat { conversation: id, account: account.id, name: account.username.to_string() };
        let detail = words::sanction_detail(state, sanction);
        let lift = match sanction.kind {
            SanctionKind::Mute => Order::Unmute,
            SanctionKind::Ban => Order::Unban,
            // What it keeps from isn't known here, so neither is what lifts it.
            _ => return Row::plain(account.username.as_str(), detail),
        };
        Row::new(account.username.as_str(), detail, Group::Person, Choice::Order(lift, Box::new(seat)))
    });
    let heading = words::sanctions_of(&state.chat.title_of(id));
    let mut picker = Picker::list(heading, rows.collect()).or_say(words::NO_SANCTIONS);
    if !sanctions.is_empty() {
        picker = picker.about(words::LIFTS_IT);
    }
    open_list(state, picker)
}

/// Somebody's sessions, for admins to look at and to end.
pub fn show_sessions(state: &mut State, account: &Account, sessions: &[SessionInfo]) -> Vec<Effect> {
    let rows = sessions.iter().map(|session| {
        let seen = times::day_and_time(session.last_seen, state);
        let ends = Choice::EndSession(account.id, session.id);
        Row::new(words::session_title(session), words::session_seen(session, &seen), Group::Plain, ends)
    });
    let mut rows: Vec<_> = rows.collect();
    let any = !rows.is_empty();
    if any {
        rows.push(row(words::DO_END_SESSIONS, Choice::EndSessions(account.id)));
    }
    let mut picker = Picker::list(words::sessions_of(&account.username), rows).or_say(words::NO_SESSIONS);
    if any {
        picker = picker.about(words::ENDS_IT);
    }
    open_list(state, picker)
}

pub fn open_session(state: &mut State, session: &SessionInfo) -> Vec<Effect> {
    let rows = match session.current {
        true => vec![row(words::DO_LOGOUT, Choice::AskLogout)],
        false => vec![row(words::DO_REVOKE_SESSION, Choice::RevokeSession(session.id))],
    };
    let seen = times::day_and_time(session.last_seen, state);
    let picker = Picker::list(words::session_title(session), rows).about(words::session_seen(session, &seen));
    open_list(state, picker)
}

/// Ends a session; one's own is ended by logging out.
pub fn revoke(state: &mut State, chosen: &SessionInfo) -> Vec<Effect> {
    match chosen.current {
        true => session::ask_logout(state),
        false => ask(Question::done(RevokeSession { session: chosen.id }, Answer::did(words::SESSION_ENDED))),
    }
}

pub fn open_address(state: &mut State, ban: &AddressBan) -> Vec<Effect> {
    let rows = vec![row(words::DO_LIFT_ADDRESS, Choice::LiftAddress(ban.address.to_string()))];
    open_list(state, Picker::list(words::address_title(ban), rows).about(ban.reason.to_string()))
}

/// Something listed in the view of people, as a row of a list one types into.
pub fn item_row(state: &State, item: Item) -> Row {
    let (text, detail) = words::item_line(state, &item);
    Row::new(text, detail, Group::Plain, Choice::Item(Box::new(item)))
}

/// A folded message's menu: only what makes sense for what isn't seen.
pub fn open_fold(state: &mut State, author: titan_core::AccountId) -> Vec<Effect> {
    let mut rows = vec![row(words::DO_UNFOLD, Choice::Unfold)];
    if let Some(relation) = state.people.relations.get(&author) {
        let account = relation.person.account.clone();
        rows.push(row(&words::unblock(&account.username), Choice::Step(Step::Unblock, Box::new(account))));
    }
    open_list(state, Picker::list(words::FOLDED_TITLE, rows))
}

pub fn unfold(state: &mut State) -> Vec<Effect> {
    if let Some(log) = state.open_log_mut() {
        log.shows_blocked = true;
    }
    vec![]
}

/// Somebody was looked up to do something to them in the open room.
pub fn order_here(state: &mut State, account: &Account, order: Order, reason: String, asks: bool) -> Vec<Effect> {
    let Some(conversation) = state.chat.open else {
        state.complain(words::NO_ROOM_OPEN);
        return vec![];
    };
    let seat = Seat { conversation, account: account.id, name: account.username.to_string() };
    match asks {
        true => orders::ask_order(state, order, seat),
        false => orders::order(state, &order, &seat, reason),
    }
}

/// What can be done with something listed; one's own deeds are done at once.
pub fn open_item(state: &mut State, item: Item) -> Vec<Effect> {
    match item {
        Item::Relation(relation) => open_person(state, &relation.person.account),
        Item::Person(person) => open_person(state, &person.account),
        Item::Account(standing) => open_account(state, &standing),
        Item::Session(session) => open_session(state, &session),
        Item::Address(ban) => open_address(state, &ban),
        Item::Act(_) => vec![],
        Item::Deed(deed) => perform(state, deed),
    }
}

fn perform(state: &mut State, deed: Deed) -> Vec<Effect> {
    match deed {
        Deed::Profile => forms::open_form(state, FormKind::Profile),
        Deed::Password => forms::open_form(state, FormKind::ChangePassword),
        Deed::Export => forms::open_form(state, FormKind::Export),
        Deed::AdminKey => forms::open_form(state, FormKind::AdminKey),
        Deed::Logout => session::ask_logout(state),
        Deed::Factor => factors::ask_show(),
        Deed::AppPasswords => factors::ask_app_passwords(),
        Deed::Delete => forms::open_form(state, FormKind::DeleteAccount),
    }
}
