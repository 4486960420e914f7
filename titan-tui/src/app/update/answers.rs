//! What the server answered, or why it did not.

use std::collections::HashSet;

use titan_core::{
    ConversationId,
    protocol::{
        self as reply, Account, AccountStanding, AddressBan, Audit, AuditChain, Conversation, Conversations, FaultCode,
        Listing, Member, Members, Person, Relation, RelationKind, Room, Rooms, SessionInfo, ask,
    },
};

use super::{
    asking::ask, cards, chat, choices::choose, factors, forms::open_form, lists, orders, people, push, repository,
};
use crate::{
    app::{
        effect::Effect,
        event::Trouble,
        order::Step,
        overlay::{Choice, Form, FormKind, Overlay},
        question::{Answer, Concern, Question, Wish},
        state::State,
    },
    words,
};

/// One arm, one call.
pub fn answered(state: &mut State, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Nothing => vec![],
        Answer::Say(text) => say(state, text),
        Answer::Open(conversation, text) => open(state, *conversation, text),
        Answer::CloseForm(text) => close_form(state, text),
        Answer::CloseFormAndOpen(conversation) => close_form_and_open(state, *conversation),
        Answer::Did(did) => orders::did(state, *did),
        Answer::Confirmed(question) => confirmed(state, *question),
        Answer::Deleted => vec![Effect::Forget(words::ACCOUNT_DELETED.into())],
        Answer::Conversations(reply) => {
            with_more(more_conversations(&reply), conversations(state, reply.conversations))
        }
        Answer::Rooms(reply) => with_more(more_rooms(&reply), rooms(state, reply.rooms)),
        Answer::ListRooms(reply) => with_more(more_rooms(&reply), list_rooms(state, reply.rooms)),
        Answer::MoreConversations(reply) => further_conversations(state, reply),
        Answer::MoreRooms(reply) => further_rooms(state, reply),
        Answer::MoreMembers(id, reply) => further_members(state, id, reply),
        Answer::Who(reply) => who(state, reply.people),
        Answer::ListPeople(reply) => lists::show_people(state, words::ONLINE_NOW, &reply.people),
        Answer::Members(id, reply) => with_more(more_members(id, &reply), members(state, id, reply.members)),
        Answer::ListMembers(id, reply) => with_more(more_members(id, &reply), list_members(state, id, reply.members)),
        Answer::Heirs(id, reply) => super::rooms::show_heirs(state, id, reply.members),
        Answer::Apps(query, reply) => {
            with_more(repository::more(&query, &reply), repository::listed(state, &query, reply.apps))
        }
        Answer::MoreApps(query, reply) => repository::further(state, &query, reply),
        Answer::AppStats(stats) => repository::counted(state, stats),
        Answer::AppDecided(text) => repository::decided(state, text),
        Answer::Relations(reply) => with_more(more_relations(&reply), relations(state, reply.relations)),
        Answer::MoreRelations(reply) => further_relations(state, reply),
        Answer::Sanctions(id, reply) => cards::show_sanctions(state, id, &reply.sanctions),
        Answer::Sessions(reply) => sessions(state, reply.sessions),
        Answer::SessionsOf(account, reply) => cards::show_sessions(state, &account, &newest_first(reply.sessions)),
        Answer::Factor(profile) => factors::show(state, &profile),
        Answer::NewFactor(factor) => factors::offer(state, &factor),
        Answer::RecoveryCodes(codes, from_form) => factors::show_codes(state, &codes, from_form),
        Answer::AppPasswords(reply) => factors::show_app_passwords(state, &reply.app_passwords),
        Answer::NewAppPassword(made) => factors::show_app_password(state, &made),
        Answer::Accounts(reply) => with_more(more_accounts(&reply), accounts(state, reply.accounts)),
        Answer::MoreAccounts(reply) => further_accounts(state, reply),
        Answer::Addresses(reply) => with_more(more_addresses(&reply), addresses(state, reply.addresses)),
        Answer::MoreAddresses(reply) => further_addresses(state, reply),
        Answer::Audit(reply) => newest_acts(state, reply),
        Answer::OlderActs(reply) => older_acts(state, reply),
        Answer::AuditVerified(reply) => verified(state, reply.chain),
        Answer::Account(wish, person) => looked_up(state, *wish, *person),
        Answer::RoomHistory(room, reply) => lists::show_history(state, &room, &reply.entries),
        Answer::ListFiles(room, reply) => lists::show_files(state, &room, &reply.entries),
        Answer::FetchFile(name, reply) => lists::fetch_named(state, &name, &reply.entries),
    }
}

/// The server said no: into the form that waits, else as a notice.
pub fn refused(state: &mut State, concern: Concern, trouble: Trouble) -> Vec<Effect> {
    match concern {
        Concern::Nobody => return vec![],
        // Nothing was asked for by hand.
        Concern::Friends if trouble.code == Some(FaultCode::UnknownCommand) => return people::listed(state),
        Concern::Friends | Concern::Directory => state.directory.loading = false,
        Concern::Apps => state.repository.loading = false,
        Concern::Person => {}
    }
    match state.overlays.last_mut() {
        Some(Overlay::Form(form)) if form.busy => {
            form.blame(trouble);
        }
        _ => state.complain(trouble.text),
    }
    vec![]
}

/// The password is asked for again; what was asked waits in that form, and in the one below it if it came from there.
pub fn confirm_first(state: &mut State, question: Question) -> Vec<Effect> {
    let from_form = match state.overlays.last_mut() {
        Some(Overlay::Form(form)) => std::mem::take(&mut form.busy),
        _ => false,
    };
    open_form(state, FormKind::Confirm(Box::new(question), from_form))
}

/// The password was right: what was asked before is asked once more.
fn confirmed(state: &mut State, question: Question) -> Vec<Effect> {
    let from_form = matches!(state.overlays.pop(), Some(Overlay::Form(Form { kind: FormKind::Confirm(_, true), .. })));
    if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
        form.busy |= from_form;
    }
    ask(question)
}

/// This one, then those seen last.
fn newest_first(mut sessions: Vec<SessionInfo>) -> Vec<SessionInfo> {
    sessions.sort_by_key(|session| (!session.current, std::cmp::Reverse(session.last_seen)));
    sessions
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

/// What is to be done, and the question for the next page.
fn with_more(more: Option<Effect>, mut effects: Vec<Effect>) -> Vec<Effect> {
    effects.extend(more);
    effects
}

fn more_conversations(page: &Conversations) -> Option<Effect> {
    let after = page.conversations.last().filter(|_| page.more)?.id;
    let next = ask::Conversations { after: Some(after), limit: None };
    Some(Effect::Ask(Question::new(next, Answer::MoreConversations).about(Concern::Nobody)))
}

fn more_rooms(page: &Rooms) -> Option<Effect> {
    let after = page.rooms.last().filter(|_| page.more)?.id;
    let next = ask::Rooms { after: Some(after), limit: None };
    Some(Effect::Ask(Question::new(next, Answer::MoreRooms).about(Concern::Nobody)))
}

fn more_members(id: ConversationId, page: &Members) -> Option<Effect> {
    let after = page.members.last().filter(|_| page.more)?.person.account.id;
    let next = ask::Members { conversation: id, after: Some(after), limit: None };
    Some(Effect::Ask(Question::new(next, move |it| Answer::MoreMembers(id, it)).about(Concern::Nobody)))
}

fn more_relations(page: &reply::Relations) -> Option<Effect> {
    let next = ask::Relations::default().behind(page.relations.last().filter(|_| page.more)?);
    Some(Effect::Ask(Question::new(next, Answer::MoreRelations).about(Concern::Nobody)))
}

fn more_accounts(page: &reply::Accounts) -> Option<Effect> {
    let next = ask::Accounts::default().behind(page.accounts.last().filter(|_| page.more)?);
    Some(Effect::Ask(Question::new(next, Answer::MoreAccounts).about(Concern::Nobody)))
}

fn more_addresses(page: &reply::AddressBans) -> Option<Effect> {
    let next = ask::BannedAddresses::default().behind(page.addresses.last().filter(|_| page.more)?);
    Some(Effect::Ask(Question::new(next, Answer::MoreAddresses).about(Concern::Nobody)))
}

fn further_relations(state: &mut State, page: reply::Relations) -> Vec<Effect> {
    let more = more_relations(&page);
    state.people.relations.extend(page.relations.into_iter().map(|relation| (relation.person.account.id, relation)));
    more.into_iter().collect()
}

fn further_accounts(state: &mut State, page: reply::Accounts) -> Vec<Effect> {
    let more = more_accounts(&page);
    state.directory.accounts.extend(page.accounts);
    more.into_iter().collect()
}

fn further_addresses(state: &mut State, page: reply::AddressBans) -> Vec<Effect> {
    let more = more_addresses(&page);
    state.directory.addresses.extend(page.addresses);
    more.into_iter().collect()
}

/// What moved to the front meanwhile comes twice.
fn further_conversations(state: &mut State, page: Conversations) -> Vec<Effect> {
    let more = more_conversations(&page);
    let known: HashSet<_> = state.chat.conversations.iter().map(|conversation| conversation.id).collect();
    let new = page.conversations.into_iter().filter(|conversation| !known.contains(&conversation.id));
    state.chat.conversations.extend(new);
    more.into_iter().collect()
}

fn further_rooms(state: &mut State, page: Rooms) -> Vec<Effect> {
    let more = more_rooms(&page);
    let known: HashSet<_> = state.chat.rooms.iter().map(|room| room.id).collect();
    state.chat.rooms.extend(page.rooms.into_iter().filter(|room| !known.contains(&room.id)));
    more.into_iter().collect()
}

fn further_members(state: &mut State, id: ConversationId, page: Members) -> Vec<Effect> {
    let more = more_members(id, &page);
    let before = state.people.members.remove(&id).unwrap_or_default();
    let known: HashSet<_> = before.iter().map(|member| member.person.account.id).collect();
    let new = page.members.into_iter().filter(|member| !known.contains(&member.person.account.id));
    let all = before.into_iter().chain(new).collect();
    members(state, id, all);
    more.into_iter().collect()
}

fn close_form_and_open(state: &mut State, conversation: Conversation) -> Vec<Effect> {
    state.overlays.pop();
    open(state, conversation, None)
}

fn list_rooms(state: &mut State, rooms: Vec<Room>) -> Vec<Effect> {
    state.chat.rooms = rooms;
    lists::show_rooms(state)
}

fn list_members(state: &mut State, id: ConversationId, members: Vec<Member>) -> Vec<Effect> {
    self::members(state, id, members);
    lists::show_members(state, id)
}

fn relations(state: &mut State, relations: Vec<Relation>) -> Vec<Effect> {
    state.people.relations = relations.into_iter().map(|relation| (relation.person.account.id, relation)).collect();
    people::listed(state)
}

fn sessions(state: &mut State, sessions: Vec<SessionInfo>) -> Vec<Effect> {
    state.directory.sessions = newest_first(sessions);
    people::listed(state)
}

fn accounts(state: &mut State, accounts: Vec<AccountStanding>) -> Vec<Effect> {
    state.directory.accounts = accounts;
    people::listed(state)
}

fn addresses(state: &mut State, addresses: Vec<AddressBan>) -> Vec<Effect> {
    state.directory.addresses = addresses;
    people::listed(state)
}

fn verified(state: &mut State, chain: AuditChain) -> Vec<Effect> {
    state.directory.chain = Some(chain);
    vec![]
}

fn newest_acts(state: &mut State, reply: Audit) -> Vec<Effect> {
    state.directory.acts.clear();
    older_acts(state, reply)
}

fn older_acts(state: &mut State, reply: Audit) -> Vec<Effect> {
    state.directory.acts.extend(reply.acts);
    state.directory.more_acts = reply.more;
    people::listed(state)
}

fn rooms(state: &mut State, rooms: Vec<Room>) -> Vec<Effect> {
    state.chat.rooms = rooms;
    vec![]
}

fn who(state: &mut State, online: Vec<Person>) -> Vec<Effect> {
    state.people.online = online.into_iter().map(|person| (person.account.id, person)).collect();
    people::listed(state)
}

fn members(state: &mut State, id: ConversationId, members: Vec<Member>) -> Vec<Effect> {
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

fn looked_up(state: &mut State, wish: Wish, person: Person) -> Vec<Effect> {
    orders::close_busy_form(state);
    let account = person.account;
    match wish {
        Wish::Show => cards::open_person(state, &account),
        Wish::Blog => match &account.blog_url {
            Some(url) => choose(state, Choice::Blog(url.to_string())),
            None => say(state, words::no_blog(&account.username)),
        },
        Wish::Direct(None) => choose(state, Choice::Direct(account.id)),
        Wish::Direct(Some(text)) => ask(Question::new(ask::OpenDirect { account: account.id }, move |direct| {
            Answer::Open(Box::new(direct), Some(text.clone()))
        })),
        Wish::Ban(reason) if reason.is_empty() => {
            open_form(state, FormKind::Ban(account.id, account.username.to_string()))
        }
        Wish::Ban(reason) => ask(orders::ban(account.id, &account.username, reason)),
        Wish::Unban => choose(state, Choice::Unban(Box::new(account))),
        Wish::Step(Step::End) => end_or_withdraw(state, account),
        Wish::Step(step) => orders::step(state, step, &account),
        Wish::Order { order, reason, asks } => cards::order_here(state, &account, order, reason, asks),
        Wish::ResetPassword => open_form(state, FormKind::ResetPassword(account.id, account.username.to_string())),
        Wish::Sessions => choose(state, Choice::Sessions(Box::new(account))),
        Wish::Remove => orders::ask_remove(state, account),
        Wish::Edit { password, role } => {
            let edit = ask::EditAccount { account: account.id, password: password.map(Into::into), role };
            ask(Question::done(edit, Answer::Say(words::account_updated(&account.username))))
        }
    }
}
