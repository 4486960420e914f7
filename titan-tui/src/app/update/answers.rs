//! What the server answered, by what was wanted of it.

use titan_core::{
    ConversationId,
    protocol::{Account, Command, Conversation, FaultCode, Person, Relation, RelationKind, Reply, Room, SessionInfo},
};

use super::{asking::ask, cards, chat, choices::choose, forms::open_form, lists, orders, people, push, repository};
use crate::{
    app::{
        effect::{Effect, Then, Wish},
        event::Trouble,
        order::Step,
        overlay::{Choice, FormKind, Overlay},
        state::State,
    },
    words,
};

pub fn answered(state: &mut State, then: Then, result: Result<Reply, Trouble>) -> Vec<Effect> {
    match result {
        Ok(reply) => worked(state, then, reply),
        Err(trouble) => failed(state, then, trouble),
    }
}

fn worked(state: &mut State, then: Then, reply: Reply) -> Vec<Effect> {
    match (then, reply) {
        (Then::Say(text), _) => say(state, text),
        (Then::CloseForm(text), _) => close_form(state, text),
        (Then::CloseFormAndOpen, Reply::Conversation(conversation)) => {
            state.overlays.pop();
            open(state, *conversation, None)
        }
        (Then::Open, Reply::Conversation(conversation)) => open(state, *conversation, None),
        (Then::OpenAndSay(text), Reply::Conversation(conversation)) => open(state, *conversation, Some(text)),
        (Then::Conversations, Reply::Conversations(reply)) => conversations(state, reply.conversations),
        (Then::Rooms, Reply::Rooms(reply)) => rooms(state, reply.rooms),
        (Then::ListRooms, Reply::Rooms(reply)) => {
            rooms(state, reply.rooms);
            lists::show_rooms(state)
        }
        (Then::Who, Reply::People(reply)) => who(state, reply.people),
        (Then::ListPeople, Reply::People(reply)) => lists::show_people(state, words::ONLINE_NOW, &reply.people),
        (Then::Members(id), Reply::Members(reply)) => members(state, id, reply.members),
        (Then::ListMembers(id), Reply::Members(reply)) => {
            members(state, id, reply.members);
            lists::show_members(state, id)
        }
        (Then::Apps(query), Reply::Apps(reply)) => repository::listed(state, &query, reply.apps),
        (Then::AppStats, Reply::AppStats(stats)) => {
            state.repository.stats = Some(stats);
            vec![]
        }
        (Then::AppDecided(text), _) => {
            state.say(text);
            repository::refresh(state)
        }
        (Then::RoomHistory(room), Reply::Entries(reply)) => lists::show_history(state, &room, &reply.entries),
        (Then::ListFiles(room), Reply::Entries(reply)) => lists::show_files(state, &room, &reply.entries),
        (Then::FetchFile(name), Reply::Entries(reply)) => lists::fetch_named(state, &name, &reply.entries),
        (then, reply) => of_people(state, then, reply),
    }
}

/// The rest: people and what is done to them.
fn of_people(state: &mut State, then: Then, reply: Reply) -> Vec<Effect> {
    match (then, reply) {
        (Then::Did(did), _) => orders::did(state, *did),
        (Then::Deleted, _) => vec![Effect::Forget(words::ACCOUNT_DELETED.into())],
        (Then::Account(wish), Reply::Person(person)) => {
            orders::close_busy_form(state);
            found_person(state, wish, person)
        }
        (Then::Relations, Reply::Relations(reply)) => {
            let by_account = |relation: Relation| (relation.person.account.id, relation);
            state.people.relations = reply.relations.into_iter().map(by_account).collect();
            people::listed(state)
        }
        (Then::Sanctions(id), Reply::Sanctions(reply)) => cards::show_sanctions(state, id, &reply.sanctions),
        (Then::Sessions, Reply::Sessions(reply)) => {
            state.directory.sessions = newest_first(reply.sessions);
            people::listed(state)
        }
        (Then::SessionsOf(name), Reply::Sessions(reply)) => {
            cards::show_sessions(state, &name, &newest_first(reply.sessions))
        }
        (Then::Accounts, Reply::Accounts(reply)) => {
            state.directory.accounts = reply.accounts;
            people::listed(state)
        }
        (Then::Addresses, Reply::AddressBans(reply)) => {
            state.directory.addresses = reply.addresses;
            people::listed(state)
        }
        (Then::Audit, Reply::Audit(reply)) => {
            state.directory.acts = reply.acts;
            people::listed(state)
        }
        _ => vec![],
    }
}

/// This one, then those seen last.
fn newest_first(mut sessions: Vec<SessionInfo>) -> Vec<SessionInfo> {
    sessions.sort_by_key(|session| (!session.current, std::cmp::Reverse(session.last_seen)));
    sessions
}

/// A fault: into the form it belongs to, else as a notice.
fn failed(state: &mut State, then: Then, trouble: Trouble) -> Vec<Effect> {
    match then {
        Then::Ignore => return vec![],
        Then::Apps(_) => state.repository.loading = false,
        // A server of an older kind knows no friends; nothing was asked for by hand.
        Then::Relations if trouble.code == Some(FaultCode::UnknownCommand) => return people::listed(state),
        Then::Relations | Then::Sessions | Then::Accounts | Then::Addresses | Then::Audit => {
            state.directory.loading = false;
        }
        _ => {}
    }
    if let Some(Overlay::Form(form)) = state.overlays.last_mut()
        && form.busy
    {
        form.busy = false;
        form.error = Some(trouble.text);
        return vec![];
    }
    if trouble.code == Some(FaultCode::WrongRoomPassword) {
        state.complain(trouble.text);
        return vec![];
    }
    state.complain(trouble.text);
    vec![]
}

fn say(state: &mut State, text: String) -> Vec<Effect> {
    state.say(text);
    vec![]
}

fn close_form(state: &mut State, text: String) -> Vec<Effect> {
    state.overlays.pop();
    state.say(text);
    vec![]
}

fn open(state: &mut State, conversation: Conversation, text: Option<String>) -> Vec<Effect> {
    let id = conversation.id;
    let mut effects = push::added(state, conversation);
    effects.extend(chat::open_conversation(state, id));
    if let Some(text) = text {
        effects.extend(chat::send_text(state, &text, None));
    }
    effects
}

/// The server's list is the truth: what is not in it is gone.
fn conversations(state: &mut State, conversations: Vec<Conversation>) -> Vec<Effect> {
    state.chat.conversations = conversations;
    state.chat.synced = true;
    let open = state.chat.open.filter(|id| state.chat.conversation(*id).is_some());
    match (open, state.chat.ordered().first().map(|conversation| conversation.id)) {
        (Some(_), _) => {
            if state.attended {
                chat::seen(state);
            }
            vec![]
        }
        (None, Some(first)) => {
            let screen = state.screen;
            let effects = chat::open_conversation(state, first);
            state.screen = screen;
            effects
        }
        (None, None) => {
            state.chat.open = None;
            vec![]
        }
    }
}

fn rooms(state: &mut State, rooms: Vec<Room>) -> Vec<Effect> {
    state.chat.rooms = rooms;
    vec![]
}

fn who(state: &mut State, online: Vec<Person>) -> Vec<Effect> {
    state.people.online = online.into_iter().map(|person| (person.account.id, person)).collect();
    people::listed(state)
}

fn members(state: &mut State, id: ConversationId, members: Vec<titan_core::protocol::Member>) -> Vec<Effect> {
    for member in &members {
        if member.person.online {
            state.people.online.insert(member.person.account.id, member.person.clone());
        }
    }
    state.people.members.insert(id, members);
    vec![]
}

/// `/unfriend`: a friendship is ended after a question, one's own request taken back at once.
fn end_or_withdraw(state: &mut State, account: Account) -> Vec<Effect> {
    match state.relation(account.id) {
        Some(RelationKind::Requested) => orders::step(state, Step::Withdraw, &account),
        _ => orders::ask_end(state, account),
    }
}

fn found_person(state: &mut State, wish: Wish, person: Person) -> Vec<Effect> {
    let account = person.account;
    match wish {
        Wish::Show => cards::open_person(state, &account),
        Wish::Blog => match &account.blog_url {
            Some(url) => choose(state, Choice::Blog(url.to_string())),
            None => say(state, words::no_blog(&account.username)),
        },
        Wish::Direct(None) => choose(state, Choice::Direct(account.id)),
        Wish::Direct(Some(text)) => ask(Command::OpenDirect { account: account.id }, Then::OpenAndSay(text)),
        Wish::Ban(reason) if reason.is_empty() => {
            open_form(state, FormKind::Ban(account.id, account.username.to_string()))
        }
        Wish::Ban(reason) => {
            let (command, then) = orders::ban(account.id, &account.username, reason);
            ask(command, then)
        }
        Wish::Unban => choose(state, Choice::Unban(Box::new(account))),
        Wish::Step(Step::End) => end_or_withdraw(state, account),
        Wish::Step(step) => orders::step(state, step, &account),
        Wish::Order { order, reason, asks } => cards::order_here(state, &account, order, reason, asks),
        Wish::ResetPassword => open_form(state, FormKind::ResetPassword(account.id, account.username.to_string())),
        Wish::Sessions => choose(state, Choice::Sessions(Box::new(account))),
        Wish::Remove => orders::ask_remove(state, account),
        Wish::Edit { password, role } => {
            let command = Command::EditAccount { account: account.id, password, role };
            ask(command, Then::Say(words::account_updated(&account.username)))
        }
    }
}
