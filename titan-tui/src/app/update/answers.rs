//! What the server answered, by what was wanted of it.

use titan_core::{
    ConversationId,
    protocol::{Command, Conversation, FaultCode, Person, Reply, Room},
};

use super::{chat, choices, lists, push, repository};
use crate::{
    app::{
        effect::{Effect, Then, Wish},
        event::Trouble,
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
        (Then::Accounts, Reply::Accounts(reply)) => lists::show_accounts(state, &reply.accounts),
        (Then::Account(wish), Reply::Person(person)) => found_person(state, wish, person),
        (Then::RoomHistory(room), Reply::Entries(reply)) => lists::show_history(state, &room, &reply.entries),
        (Then::ListFiles(room), Reply::Entries(reply)) => lists::show_files(state, &room, &reply.entries),
        (Then::FetchFile(name), Reply::Entries(reply)) => lists::fetch_named(state, &name, &reply.entries),
        _ => vec![],
    }
}

/// A fault: into the form it belongs to, else as a notice.
fn failed(state: &mut State, then: Then, trouble: Trouble) -> Vec<Effect> {
    match then {
        Then::Ignore => return vec![],
        Then::Apps(_) => state.repository.loading = false,
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

fn who(state: &mut State, people: Vec<Person>) -> Vec<Effect> {
    state.people.online = people.into_iter().map(|person| (person.account.id, person)).collect();
    vec![]
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

fn found_person(state: &mut State, wish: Wish, person: Person) -> Vec<Effect> {
    let account = person.account;
    match wish {
        Wish::Show => lists::open_person_menu(state, &account),
        Wish::Blog => match &account.blog_url {
            Some(url) => choices::choose(state, Choice::Blog(url.to_string())),
            None => say(state, words::no_blog(&account.username)),
        },
        Wish::Direct(None) => choices::choose(state, Choice::Direct(account.id)),
        Wish::Direct(Some(text)) => choices::ask(Command::OpenDirect { account: account.id }, Then::OpenAndSay(text)),
        Wish::Ban(reason) if reason.is_empty() => {
            super::open_form(state, FormKind::Ban(account.id));
            if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
                form.title = words::ban_title(&account.username);
            }
            vec![]
        }
        Wish::Ban(reason) => {
            choices::ask(Command::Ban { account: account.id, reason }, Then::Say(words::BANNED.into()))
        }
        Wish::Unban => choices::choose(state, Choice::Unban(account.id)),
        Wish::Edit { password, role } => {
            let command = Command::EditAccount { account: account.id, password, role };
            choices::ask(command, Then::Say(words::account_updated(&account.username)))
        }
    }
}
