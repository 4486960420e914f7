//! Who came in, by what the older system calls them.

use std::collections::HashMap;

use titan_core::AccountId;
use titan_core::protocol::Author;

/// Who came in.
#[derive(Default)]
pub struct People {
    keys: HashMap<String, Author>,
    names: HashMap<String, Author>,
    /// What they were called there.
    called: HashMap<AccountId, String>,
    /// Who had gone there before, and is here for the sake of those who talked with them.
    gone: HashMap<String, Author>,
}

impl People {
    /// By what the older system's tables call them by.
    pub fn known(&self, key: &str) -> Option<&Author> {
        self.keys.get(key)
    }

    /// By the username they had there.
    pub fn named(&self, username: &str) -> Option<&Author> {
        self.names.get(username)
    }

    /// By either, for columns that may hold the one or the other: a name may look like somebody else's id.
    pub fn found(&self, word: &str, likely_a_key: bool) -> Option<&Author> {
        match likely_a_key {
            true => self.known(word).or_else(|| self.named(word)),
            false => self.named(word).or_else(|| self.known(word)),
        }
    }

    /// What an author was called there.
    pub fn called<'a>(&'a self, author: &'a Author) -> &'a str {
        self.called.get(&author.id).map_or(author.username.as_str(), String::as_str)
    }

    pub fn ids(&self) -> Vec<AccountId> {
        self.keys.values().map(|author| author.id).collect()
    }

    /// Where two have one id or name, what was said is the first one's.
    pub fn came(&mut self, key: &str, username: &str, author: &Author) {
        self.keys.entry(key.to_owned()).or_insert_with(|| author.clone());
        self.names.entry(username.to_owned()).or_insert_with(|| author.clone());
        self.called.insert(author.id, username.to_owned());
    }

    pub fn gone(&self, key: &str) -> Option<&Author> {
        self.gone.get(key)
    }

    pub fn was_gone(&mut self, key: &str, author: &Author) {
        self.gone.insert(key.to_owned(), author.clone());
    }

    /// Everybody who had gone there before.
    pub fn all_gone(&self) -> Vec<AccountId> {
        self.gone.values().map(|author| author.id).collect()
    }
}
