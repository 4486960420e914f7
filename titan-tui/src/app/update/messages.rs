//! What is done with the messages of the open conversation, and what is put into the composer.

use titan_core::{ClientId, ConversationId, Seq, protocol::ask::React};

use super::{
    asking::{ask, confirm, open_list},
    chat,
};
use crate::{
    app::{
        effect::{Effect, Load, Part},
        overlay::{Choice, Group, Picker, Row},
        question::{Answer, Question},
        state::{Pane, Screen, State},
    },
    rich, words,
};

pub fn open_at(state: &mut State, id: ConversationId, seq: Seq) -> Vec<Effect> {
    let mut effects = chat::open_conversation(state, id);
    effects.push(Effect::Load(Load { conversation: id, part: Part::Around(seq), limit: 100 }));
    state.pane = Pane::Timeline;
    effects
}

pub fn write(state: &mut State, text: &str) -> Vec<Effect> {
    state.screen = Screen::Chat;
    state.pane = Pane::Composer;
    state.composer.editor.insert(text);
    chat::typed(state)
}

pub fn write_anew(state: &mut State, text: &str) -> Vec<Effect> {
    state.screen = Screen::Chat;
    state.pane = Pane::Composer;
    state.composer.interject(text);
    chat::typed(state)
}

pub fn open_blog(state: &mut State, url: &str) -> Vec<Effect> {
    match url.starts_with("https://") || url.starts_with("http://") {
        true => vec![Effect::OpenLink(url.to_owned())],
        false => {
            state.complain(words::not_a_link(url));
            vec![]
        }
    }
}

pub fn reply(state: &mut State, seq: Seq) -> Vec<Effect> {
    state.pane = Pane::Composer;
    if state.composer.editing.is_some() {
        state.composer.bring_back();
    }
    state.composer.reply_to = Some(seq);
    chat::changed(state);
    leave_choice(state);
    vec![]
}

/// Puts a message of mine back into the composer.
pub fn begin_edit(state: &mut State, seq: Seq) -> Vec<Effect> {
    let Some((entry, message)) = state.open_log().and_then(|log| log.message(seq)) else { return vec![] };
    if !state.is_me(entry.author.id) || message.deleted {
        state.complain(words::NOT_YOURS);
        return vec![];
    }
    let text = message.text.clone();
    let effects = chat::keep_draft(state);
    state.composer.edit(seq, text.written());
    chat::changed(state);
    state.pane = Pane::Composer;
    leave_choice(state);
    effects
}

fn leave_choice(state: &mut State) {
    if let Some(log) = state.open_log_mut() {
        log.selected = None;
    }
}

pub fn ask_delete(state: &mut State, seq: Seq) -> Vec<Effect> {
    let Some(conversation) = state.chat.open else { return vec![] };
    let Some((_, message)) = state.open_log().and_then(|log| log.message(seq)) else { return vec![] };
    if message.deleted {
        return vec![];
    }
    let what = message.file.as_ref().map_or(message.text.as_str(), |file| file.name.as_str());
    let detail = words::quoted(what);
    confirm(state, words::DELETE_QUESTION.into(), &detail, words::DELETE_YES, Choice::Delete(conversation, seq))
}

/// Sets a reaction of mine, or takes it back.
pub fn react(state: &mut State, seq: Seq, emoji: &str) -> Vec<Effect> {
    let (Some(conversation), Some(me)) = (state.chat.open, state.me.as_ref().map(|me| me.id)) else { return vec![] };
    let Some((_, message)) = state.open_log().and_then(|log| log.message(seq)) else { return vec![] };
    let mine = message.reactions.iter().any(|it| it.is_with(emoji) && it.accounts.contains(&me));
    let react = React { conversation, seq, emoji: emoji.to_owned(), on: !mine, client_id: Some(ClientId::new()) };
    ask(Question::done(react, Answer::Nothing))
}

/// What one most likely wants of it: its code, where there is some; all of it else.
pub fn copy_best(state: &mut State, seq: Seq) -> Vec<Effect> {
    let message =
        state.open_log().and_then(|log| log.message(seq)).map(|(_, message)| message.text.written().to_owned());
    let mut blocks = message.as_deref().map(rich::code_blocks).unwrap_or_default();
    match (blocks.len(), message) {
        (1, _) => vec![Effect::Copy(blocks.remove(0).trim_end_matches('\n').to_owned())],
        (2.., Some(whole)) => {
            let row = |text: &str, detail| {
                let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                Row::new(line, detail, Group::Plain, Choice::CopyText(text.trim_end_matches('\n').to_owned()))
            };
            let mut rows: Vec<_> =
                blocks.iter().map(|block| row(block, words::lines_of_code(block.lines().count()))).collect();
            rows.push(row(&whole, words::WHOLE_MESSAGE.to_owned()));
            open_list(state, Picker::list(words::COPY_WHAT, rows))
        }
        _ => copy(state, seq),
    }
}

pub fn copy(state: &mut State, seq: Seq) -> Vec<Effect> {
    match state.open_log().and_then(|log| log.message(seq)) {
        Some((_, message)) => vec![Effect::Copy(message.text.written().to_owned())],
        None => vec![],
    }
}

pub fn open_link(state: &mut State, seq: Seq) -> Vec<Effect> {
    let link = state.open_log().and_then(|log| log.message(seq)).and_then(|(_, message)| {
        let link = rich::first_link(&message.text)?;
        Some(link.to_owned())
    });
    match link {
        Some(link) => vec![Effect::OpenLink(link)],
        None => {
            state.say(words::NO_LINK);
            vec![]
        }
    }
}
