//! The original Titan-Net server's accounts, rooms, messages and apps, and what its later versions keep beside them (bans,
//! blocks, moderators, mail addresses), taken into a house.
//!
//! Passwords stay what they were: their hashes come along and are replaced at the first login. Accounts keep their names
//! and titan numbers; where one can't, nothing is imported unless the operator allows other names. Everything gets new ids.

mod ban;
mod orders;
mod shelf;
mod tables;
mod talk;

use std::collections::{HashMap, HashSet};

use titan_core::Time;
use titan_core::protocol::Author;

use super::passwords::recognise;
use super::people::{Newcomer, Number, former};
use super::under_way::Import;
use super::{Imported, Wish};
use crate::foreign::{Foreign, Row};
use crate::wish::House;
use ban::Ban;
use tables::{Tables, user};

/// The original, on its way in.
struct Moving<'a> {
    foreign: &'a Foreign,
    tables: &'a Tables,
    import: Import,
    /// Who is kept out, by their ids.
    bans: HashMap<String, Ban>,
    /// Who moderated all of it, by their ids.
    moderators: HashSet<String>,
    /// When people had been there last, by their ids.
    seen: HashMap<String, Time>,
}

pub fn import(house: &House, wish: &Wish, foreign: &Foreign) -> anyhow::Result<Imported> {
    let tables = Tables::of(foreign)?;
    let source = tables.source(foreign)?;
    let begun =
        if wish.add_files { Import::go_on(house, wish, &source)? } else { Import::begin(house, wish, &source)? };
    let mut moving = Moving {
        foreign,
        tables: &tables,
        import: begun,
        bans: HashMap::new(),
        moderators: HashSet::new(),
        seen: HashMap::new(),
    };
    if wish.add_files {
        moving.add_apps()?;
        return moving.import.added(wish, &source);
    }
    moving.bans()?;
    moving.moderators()?;
    moving.people(wish)?;
    moving.rooms()?;
    moving.privates()?;
    moving.blocks()?;
    moving.addresses()?;
    moving.apps()?;
    moving.import.finish(wish, &source)
}

impl Moving<'_> {
    fn people(&mut self, wish: &Wish) -> anyhow::Result<()> {
        let (foreign, users) = (self.foreign, &self.tables.users);
        let mut newcomers: Vec<Newcomer> = Vec::new();
        foreign.each(users, |row| {
            match row.key(user::ID) {
                Some(key) => newcomers.push(self.newcomer(key, row)),
                None => self.import.done.leave_out("a user without an id"),
            }
            Ok::<_, anyhow::Error>(())
        })?;
        self.import.people(&newcomers, wish)
    }

    fn newcomer(&mut self, key: String, row: &Row) -> Newcomer {
        let clock = &self.import.clock;
        let last_login = clock.read(row.text(user::LAST_LOGIN));
        if let Some(at) = last_login {
            self.seen.insert(key.clone(), at);
        }
        let role = row.word(user::ROLE).unwrap_or_default();
        if role == "moderator" {
            self.moderators.insert(key.clone());
        }
        Newcomer {
            username: row.text(user::USERNAME).unwrap_or_default().to_owned(),
            number: Number::Its(row.number(user::TITAN_NUMBER)),
            verifier: row.text(user::PASSWORD_HASH).and_then(recognise),
            full_name: row.text(user::FULL_NAME).map(str::to_owned),
            email: row.key(user::EMAIL),
            blog_url: row.text(user::BLOG_URL).map(str::to_owned),
            // Developers appoint moderators: nobody there stands above them.
            is_admin: row.flag(user::IS_ADMIN) || ["admin", "developer"].contains(&role),
            banned: self.bans.get(&key).map(|ban| ban.reason.clone()),
            created_at: clock.read(row.text(user::CREATED_AT)),
            last_login,
            key,
        }
    }
}

fn known(import: &Import, id: Option<String>) -> Option<Author> {
    import.people.known(&id?).cloned()
}

/// Who wrote something: an account, or a name for one that is gone.
fn author(import: &Import, id: &str) -> Author {
    import.people.known(id).cloned().unwrap_or_else(|| former(id))
}
