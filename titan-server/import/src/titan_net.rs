//! The original Titan-Net server's accounts, rooms, messages and apps, taken into a house.
//!
//! Passwords stay what they were: their hashes come along and are replaced at the first login. Accounts keep their names
//! and titan numbers; where one can't, nothing is imported unless the operator allows other names. Everything gets new ids.

mod shelf;
mod talk;

use anyhow::{Context, bail};
use titan_core::protocol::Author;

use super::passwords::unsalted;
use super::people::{Newcomer, Number, former};
use super::under_way::Import;
use super::{Imported, System, Wish};
use crate::foreign::Place;
use crate::foreign::titan_net::{Original, OriginalAccount};
use crate::wish::House;

/// The original, on its way in.
struct Moving {
    original: Original,
    import: Import,
}

pub fn import(house: &House, wish: &Wish) -> anyhow::Result<Imported> {
    let Place::File(path) = &wish.from else { bail!("the original Titan-Net server keeps an SQLite file: name it") };
    let name = || format!("reading {}", wish.from);
    let original = Original::open(path).with_context(name)?;
    let there = original.counts().with_context(name)?;
    let import = Import::begin(house, System::TitanNet, wish, there.messages + there.privates)?;
    let mut moving = Moving { original, import };
    moving.people(wish.rename)?;
    moving.rooms()?;
    moving.privates()?;
    moving.apps()?;
    let there = moving.original.counts().with_context(name)?;
    let held = there.accounts + there.rooms + there.members + there.messages + there.privates + there.apps;
    moving.import.finish(System::TitanNet, wish, held)
}

impl Moving {
    fn people(&mut self, rename: bool) -> anyhow::Result<()> {
        let accounts = self.original.accounts()?;
        let newcomers: Vec<Newcomer> = accounts.iter().map(|account| self.newcomer(account)).collect();
        self.import.people(&newcomers, rename)
    }

    fn newcomer(&self, account: &OriginalAccount) -> Newcomer {
        let clock = &self.import.clock;
        Newcomer {
            key: account.id.to_string(),
            username: account.username.clone(),
            number: Number::Its(account.titan_number),
            verifier: Some(unsalted(&account.password_hash)),
            full_name: account.full_name.clone(),
            blog_url: account.blog_url.clone(),
            is_admin: account.is_admin,
            created_at: clock.read(account.created_at.as_deref()),
            last_login: clock.read(account.last_login.as_deref()),
            ..Newcomer::default()
        }
    }
}

fn known(import: &Import, id: i64) -> Option<Author> {
    import.people.known(&id.to_string()).cloned()
}

/// Who wrote something: an account, or a name for one that is gone.
fn author(import: &Import, id: i64) -> Author {
    known(import, id).unwrap_or_else(|| former(&format!("former-{id}")))
}
