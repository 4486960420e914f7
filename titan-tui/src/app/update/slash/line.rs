//! The words after a command, and what most commands do with them first.

use titan_core::ConversationId;

use crate::{
    app::{
        effect::Effect,
        question::{Question, Wish},
        state::State,
        update::asking::{ask, look_up},
    },
    words,
};

/// The words after a command; a quoted one may hold spaces.
pub struct Words {
    pub words: Vec<String>,
    /// Where each word began in the rest of the line.
    starts: Vec<usize>,
    rest: String,
}

impl Words {
    pub fn parse(rest: &str) -> Self {
        let rest = rest.trim();
        let (mut words, mut starts) = (Vec::new(), Vec::new());
        let mut chars = rest.char_indices().peekable();
        while let Some((start, c)) = chars.next() {
            if c.is_whitespace() {
                continue;
            }
            let quoted = c == '"';
            let mut word = if quoted { String::new() } else { c.to_string() };
            for (_, c) in chars.by_ref() {
                if if quoted { c == '"' } else { c.is_whitespace() } {
                    break;
                }
                word.push(c);
            }
            words.push(word);
            starts.push(start);
        }
        Self { words, starts, rest: rest.to_owned() }
    }

    pub fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// Everything from this word on, as it was typed.
    pub fn from(&self, at: usize) -> &str {
        self.starts.get(at).map_or("", |start| &self.rest[*start..])
    }

    pub fn all(&self) -> &str {
        &self.rest
    }

    /// The whole as a name, which may be quoted.
    pub fn name(&self) -> &str {
        match self.words.len() {
            1 => self.word(0),
            _ => self.all(),
        }
    }
}

pub fn complain(state: &mut State, text: impl Into<String>) -> Vec<Effect> {
    state.complain(text);
    vec![]
}

pub fn ask_if_online(state: &mut State, question: Question) -> Vec<Effect> {
    if !state.is_online() {
        state.complain(words::NEEDS_CONNECTION);
        return vec![];
    }
    ask(question)
}

/// The open conversation, or a word on how to get one.
pub fn with_open(state: &mut State, run: impl FnOnce(&mut State, ConversationId) -> Vec<Effect>) -> Vec<Effect> {
    match state.chat.open {
        Some(id) => run(state, id),
        None => complain(state, words::NO_ROOM_OPEN),
    }
}

/// The room of this name, or a word that there is none.
pub fn with_room(
    state: &mut State,
    name: &str,
    run: impl FnOnce(&mut State, ConversationId) -> Vec<Effect>,
) -> Vec<Effect> {
    match state.chat.room_named(name).map(|room| room.id) {
        Some(id) => run(state, id),
        None => complain(state, words::no_room(name)),
    }
}

/// Looks the first word up as a person, by name or titan number.
pub fn find(state: &mut State, words: &Words, wish: Wish) -> Vec<Effect> {
    ask_if_online(state, look_up(words.word(0), wish))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        let words = Words::parse(r#"  "my room" ~/a b.txt "#);
        assert_eq!(words.word(0), "my room");
        assert_eq!(words.from(1), "~/a b.txt");
        assert_eq!(words.words.len(), 3);
    }
}
