//! What changes by itself: notices fade, typing ends, drafts are kept, the read mark is sent.

use titan_core::{Time, protocol::ask};

use super::chat;
use crate::app::{
    effect::Effect,
    event::Trouble,
    question::{Answer, Concern, Question},
    state::{Screen, State},
};

pub fn tick(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    if state.notice.as_ref().is_some_and(|notice| notice.until <= now) {
        state.notice = None;
    }
    state.chat.typing.retain(|(_, _, until)| *until > now);
    let mut effects = Vec::new();
    if due(state.composer.draft_due, now) {
        effects.extend(chat::keep_draft(state));
    }
    if due(state.chat.mark_due, now) {
        effects.extend(mark_read(state));
    }
    effects
}

fn due(at: Option<Time>, now: Time) -> bool {
    at.is_some_and(|at| at <= now)
}

/// Tells the server how far the open conversation has been read, where that is news.
fn mark_read(state: &mut State) -> Vec<Effect> {
    state.chat.mark_due = None;
    let (true, Some(open)) = (state.is_online(), state.chat.open) else { return vec![] };
    let newest = state.chat.logs.get(&open).and_then(|log| log.newest());
    let Some(conversation) = state.chat.conversation_mut(open) else { return vec![] };
    let seq = newest.unwrap_or_default().max(conversation.head);
    if seq <= conversation.read {
        return vec![];
    }
    conversation.read = seq;
    vec![Effect::Ask(Question::done(ask::MarkRead { conversation: open, seq }, Answer::Nothing).about(Concern::Nobody))]
}

pub fn resized(state: &mut State, width: u16, height: u16) -> Vec<Effect> {
    state.size = (width, height);
    vec![]
}

pub fn attended(state: &mut State, attended: bool) -> Vec<Effect> {
    state.attended = attended;
    if attended && state.screen == Screen::Chat {
        chat::seen(state);
    }
    vec![]
}

pub fn said(state: &mut State, result: Result<String, Trouble>) -> Vec<Effect> {
    match result {
        Ok(text) => state.say(text),
        Err(trouble) => state.complain(trouble.text),
    }
    vec![]
}
