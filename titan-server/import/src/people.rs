//! Accounts that come in: under their names where those may stand and are free.

use std::collections::HashSet;

use anyhow::bail;
use titan_core::protocol::{Author, Role};
use titan_core::text::look_alike;
use titan_core::{AccountId, SafeText, Time, TitanNumber};

use super::names::{free_username, shown, unfit};
use super::naming::{Chosen, Renamed};
use super::passwords::unknowable;
use super::under_way::Import;
use super::wish::Wish;
use titan_sql::import::Importer;
use titan_store::{AccountChange, NewAccount, StoreResult, Verifier};

const FULL_NAME_MOST: usize = 100;
const URL_MOST: usize = 500;
const EMAIL_MOST: usize = 254;

/// An account of an older system.
#[derive(Clone, Debug, Default)]
pub struct Newcomer {
    /// What the system's other tables call it by.
    pub key: String,
    pub username: String,
    pub number: Number,
    /// None where the password was kept in an unknown form.
    pub verifier: Option<Verifier>,
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub blog_url: Option<String>,
    pub is_admin: bool,
    /// The reason, when banned.
    pub banned: Option<String>,
    pub created_at: Option<Time>,
    pub last_login: Option<Time>,
}

/// Which titan number an account wants.
#[derive(Clone, Copy, Debug, Default)]
pub enum Number {
    /// It had none.
    #[default]
    Any,
    /// The one it had, if it had one.
    Its(Option<i64>),
}

/// Names and numbers that can't be given any more.
struct Taken<'a> {
    house: &'a mut Importer,
    keys: HashSet<String>,
    numbers: HashSet<i64>,
}

/// Who an author was that is no account (any more), by name or number: nobody can be called so.
pub fn former(name: &str) -> Author {
    let name = match name.trim() {
        "" => "unknown",
        name => name,
    };
    Author::new(AccountId(0), SafeText::line(&format!("former-{name}")), TitanNumber(0))
}

impl Import {
    pub fn people(&mut self, newcomers: &[Newcomer], wish: &Wish) -> anyhow::Result<()> {
        let chosen = wish.names.as_deref().map(Chosen::read).transpose()?.unwrap_or_default();
        let nobodys = chosen.of_nobody(|former| newcomers.iter().any(|newcomer| newcomer.username == former));
        if !nobodys.is_empty() {
            bail!("nothing was imported: the list of names has some that nobody had: {}", nobodys.join(", "));
        }
        let places = self.places(newcomers, &chosen, wish.rename)?;
        let kept: Vec<_> = newcomers.iter().map(|newcomer| newcomer.verifier.as_ref()).collect();
        let verifiers = self.safely.of_all(&kept);
        for ((newcomer, verifier), (username, number)) in newcomers.iter().zip(verifiers).zip(places) {
            self.note_new_name(newcomer, &username, number);
            self.person(newcomer, verifier, username, TitanNumber(number))?;
        }
        Ok(())
    }

    fn note_new_name(&mut self, newcomer: &Newcomer, username: &str, number: i64) {
        let other_number = matches!(newcomer.number, Number::Its(its) if its != Some(number));
        if username != newcomer.username {
            self.done.renamed.push(format!("account {} is {username} now", shown(&newcomer.username)));
        }
        if other_number {
            self.done.renamed.push(format!("account {username} has the titan number {number} now"));
        }
        if other_number || username != newcomer.username {
            let former_number = if let Number::Its(its) = newcomer.number { its } else { None };
            let (former, name) = (newcomer.username.clone(), username.to_owned());
            self.renamed.push(Renamed { former, name, former_number, number });
        }
    }

    /// A name and number for each; all that stands in the way is said at once.
    fn places(&mut self, newcomers: &[Newcomer], chosen: &Chosen, rename: bool) -> anyhow::Result<Vec<(String, i64)>> {
        let mut taken = Taken { house: &mut self.importer, keys: HashSet::new(), numbers: HashSet::new() };
        let (mut places, mut obstacles) = (Vec::with_capacity(newcomers.len()), Vec::new());
        for (nth, newcomer) in (1..).zip(newcomers) {
            let wanted = chosen.name_of(&newcomer.username).unwrap_or(&newcomer.username);
            let why = taken.obstacle(newcomer, wanted)?;
            let place = taken.place(newcomer, wanted, nth)?;
            if let Some(why) = why {
                let (name, would_be) = (shown(&newcomer.username), &place.0);
                let other = matches!(newcomer.number, Number::Its(its) if its != Some(place.1));
                let number = if other { ", with another titan number" } else { "" };
                obstacles.push(format!("{name}: {why} (with --rename: {would_be}{number})"));
            }
            places.push(place);
        }
        if obstacles.is_empty() || rename {
            return Ok(places);
        }
        bail!(
            "nothing was imported, since some accounts can't come in as they are:\n  {}\n\
             With --rename they get the closest names and numbers that are free, and can log in by their former names as \
             long as those are nobody else's. With --rename-map FILE you say the names: a line `former name,new name` each.",
            obstacles.join("\n  ")
        )
    }

    fn person(
        &mut self,
        newcomer: &Newcomer,
        verifier: Option<Verifier>,
        username: String,
        number: TitanNumber,
    ) -> anyhow::Result<()> {
        if verifier.is_none() {
            self.done.notes.push(format!(
                "the password of {username} was kept in a form that can't be checked: \
                 give out a new one with `titan-server admin reset-password {username}`"
            ));
        }
        let formerly = newcomer.username.trim();
        let more = AccountChange {
            blog_url: Some(short(newcomer.blog_url.as_deref(), URL_MOST)),
            last_login: newcomer.last_login,
            banned: Some(newcomer.banned.clone()),
            formerly: (formerly != username).then(|| formerly.to_owned()),
            ..AccountChange::default()
        };
        let new = NewAccount {
            key: look_alike(&username),
            username,
            titan_number: number,
            full_name: short(newcomer.full_name.as_deref(), FULL_NAME_MOST),
            email: newcomer.email.as_deref().and_then(address),
            role: if newcomer.is_admin { Role::Admin } else { Role::User },
            verifier: verifier.unwrap_or_else(unknowable),
            made_up_until: None,
            now: newcomer.created_at.unwrap_or(self.now),
        };
        let author = self.importer.account(&new, &more)?.author();
        self.people.came(&newcomer.key, &newcomer.username, &author);
        self.put.accounts += 1;
        self.done.accounts += 1;
        Ok(())
    }

    /// Somebody who had gone there before, for what others keep of them: an account that ends with the import. What they
    /// wrote stands under the name that [`former`] gives them.
    pub fn gone(&mut self, key: &str) -> anyhow::Result<Author> {
        if let Some(gone) = self.people.gone(key) {
            return Ok(gone.clone());
        }
        let mut number = rand::random_range(10_000..1_000_000);
        while self.importer.account_numbered(TitanNumber(number))? {
            number = rand::random_range(10_000..1_000_000);
        }
        // No username looks like this, and the account's is gone in a moment.
        let username = format!("(gone {number})");
        let (titan_number, verifier) = (TitanNumber(number), unknowable());
        let (role, now) = (Role::User, self.now);
        let (full_name, email, made_up_until) = (None, None, None);
        let named = username.clone();
        let new =
            NewAccount { key: named, username, titan_number, full_name, email, role, verifier, made_up_until, now };
        let record = self.importer.account(&new, &AccountChange::default())?;
        let author = Author::new(record.id, former(key).username, titan_number);
        self.people.was_gone(key, &author);
        self.put.accounts += 1;
        Ok(author)
    }
}

impl Taken<'_> {
    /// Why the account can't come in under this name and with its number.
    fn obstacle(&mut self, newcomer: &Newcomer, wanted: &str) -> StoreResult<Option<String>> {
        if let Some(why) = unfit(wanted) {
            return Ok(Some(why));
        }
        if self.named(wanted)? {
            return Ok(Some("another account has this name, or one that looks like it".to_owned()));
        }
        Ok(match newcomer.number {
            Number::Any => None,
            Number::Its(Some(number)) if number > 0 && !self.numbered(number)? => None,
            Number::Its(Some(number)) => Some(format!("the titan number {number} can't be given")),
            Number::Its(None) => Some("it has no titan number".to_owned()),
        })
    }

    fn place(&mut self, newcomer: &Newcomer, wanted: &str, nth: i64) -> StoreResult<(String, i64)> {
        let username = match unfit(wanted).is_none() && !self.named(wanted)? {
            true => wanted.to_owned(),
            false => {
                let number = newcomer.key.parse().unwrap_or(nth);
                free_username(wanted, number, |name| self.named(name))?
            }
        };
        let mut number = match newcomer.number {
            Number::Its(Some(number)) => number,
            Number::Its(None) | Number::Any => rand::random_range(10_000..100_000),
        };
        while number <= 0 || self.numbered(number)? {
            number = rand::random_range(10_000..1_000_000);
        }
        self.keys.insert(look_alike(&username));
        self.numbers.insert(number);
        Ok((username, number))
    }

    fn named(&mut self, name: &str) -> StoreResult<bool> {
        let key = look_alike(name);
        Ok(self.keys.contains(&key) || self.house.account_named(&key)?)
    }

    fn numbered(&mut self, number: i64) -> StoreResult<bool> {
        Ok(self.numbers.contains(&number) || self.house.account_numbered(TitanNumber(number))?)
    }
}

fn short(text: Option<&str>, most: usize) -> Option<String> {
    let cleaned: String = SafeText::line(text?.trim()).written().chars().take(most).collect();
    Some(cleaned).filter(|cleaned| !cleaned.is_empty())
}

/// A mail address, if it looks like one: one of the older systems wrote password hashes into that column.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.len() <= EMAIL_MOST && !text.contains(char::is_whitespace) && *SafeText::new(text) == *text;
    let (name, host) = text.rsplit_once('@')?;
    (plain && !name.is_empty() && !host.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_an_address_is_kept_as_one() {
        assert_eq!(address(" ada@example.org "), Some("ada@example.org".to_owned()));
        for text in ["", "ada", "@example.org", "ada@", "a b@example.org", "a\u{202e}@x", &"0f".repeat(64)] {
            assert_eq!(address(text), None, "{text:?}");
        }
    }
}
