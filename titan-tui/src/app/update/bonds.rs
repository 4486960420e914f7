//! What the server tells of how people stand to each other: in a room, and to us.

use titan_core::{
    AccountId, ConversationId, Time,
    protocol::{MemberRole, Relation, RelationKind, ask},
};

use super::people;
use crate::{
    app::{
        effect::Effect,
        question::{Answer, Concern, Question},
        state::State,
    },
    keymap::Action,
    words,
};

/// A member's role changed, or whether they may write.
pub fn member_changed(
    state: &mut State,
    id: ConversationId,
    account: AccountId,
    role: MemberRole,
    muted_until: Option<Time>,
) -> Vec<Effect> {
    let me = state.is_me(account);
    for member in state.people.members.get_mut(&id).into_iter().flatten() {
        let them = member.person.account.id == account;
        if them {
            (member.room_role, member.muted_until) = (role, muted_until);
        }
        if them || me {
            member.may = None;
        }
    }
    if me {
        i_changed(state, id, role, muted_until);
    }
    ask_rights_anew(state, id, me)
}

/// We may more everywhere, or less.
pub fn admin_changed(state: &mut State) -> Vec<Effect> {
    state.chat.conversations.iter_mut().for_each(|conversation| conversation.may = None);
    state.people.members.values_mut().flatten().for_each(|member| member.may = None);
    match state.chat.open {
        Some(open) => ask_rights_anew(state, open, true),
        None => vec![],
    }
}

/// What we may do is another thing now: asked for where it is in sight, and where it is about ourselves.
fn ask_rights_anew(state: &State, id: ConversationId, me: bool) -> Vec<Effect> {
    let mut effects = Vec::new();
    if me {
        effects.push(Effect::Ask(
            Question::new(ask::Conversations::default(), Answer::Conversations).about(Concern::Nobody),
        ));
    }
    if state.chat.open == Some(id) {
        let members = Question::new(ask::Members { conversation: id, ..ask::Members::default() }, move |it| {
            Answer::Members(id, it)
        });
        effects.push(Effect::Ask(members.about(Concern::Nobody)));
    }
    effects
}

/// It is about me: said, and kept for the composer.
fn i_changed(state: &mut State, id: ConversationId, role: MemberRole, muted_until: Option<Time>) {
    let now = state.now;
    let title = state.chat.title_of(id);
    let Some(conversation) = state.chat.conversation_mut(id) else { return };
    let (role_before, muted_before) = (conversation.room_role, conversation.muted_until.filter(|until| *until > now));
    (conversation.room_role, conversation.muted_until, conversation.may) = (role, muted_until, None);
    match muted_until.filter(|until| *until > now) {
        Some(until) if muted_before != Some(until) => {
            let when = words::until_when(state, until);
            state.complain(words::muted_here(&title, &when));
        }
        None if muted_before.is_some() => state.say(words::you_may_write(&title)),
        _ if role_before != role => state.say(words::you_are_now(role, &title)),
        _ => {}
    }
}

/// Somebody asks, is a friend now, or is blocked: by their doing, or by ours on any device.
pub fn relation_changed(state: &mut State, relation: Relation) -> Vec<Effect> {
    let account = relation.person.account.id;
    let (before, now) = (state.relation(account), relation.relation);
    let name = relation.person.account.username.clone();
    state.people.relations.insert(account, relation);
    if before == Some(now) {
        return vec![];
    }
    match now {
        RelationKind::Requests => {
            let key = state.keymap.key(Action::ViewPeople);
            state.say_longer(words::asks_you(&name, &key));
            if state.settings.bell { vec![Effect::Bell] } else { vec![] }
        }
        RelationKind::Friend => {
            state.say(words::friends_now(&name));
            vec![]
        }
        _ => vec![],
    }
}

pub fn relation_ended(state: &mut State, account: AccountId) -> Vec<Effect> {
    state.people.relations.remove(&account);
    people::step(state, 0)
}
