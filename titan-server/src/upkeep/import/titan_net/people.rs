//! The original's accounts.

use std::collections::HashSet;

use anyhow::bail;
use titan_core::protocol::Role;
use titan_core::text::look_alike;
use titan_core::{SafeText, TitanNumber};

use super::super::names::{free_username, unfit};
use super::Import;
use crate::store::sqlite::Importer;
use crate::store::sqlite::titan_net::OriginalAccount;
use crate::store::{AccountChange, NewAccount, Scheme, StoreResult, Verifier};

/// Names and numbers that can't be given any more.
struct Taken<'a> {
    house: &'a Importer,
    keys: HashSet<String>,
    numbers: HashSet<i64>,
}

impl Import {
    pub(super) fn people(&mut self, rename: bool) -> anyhow::Result<()> {
        let accounts = self.original.accounts()?;
        let places = self.places(&accounts, rename)?;
        for (account, (username, number)) in accounts.iter().zip(places) {
            if username != account.username {
                self.done.renamed.push(format!("account {} is {username} now", shown(&account.username)));
            }
            if Some(number) != account.titan_number {
                self.done.renamed.push(format!("account {username} has the titan number {number} now"));
            }
            self.person(account, username, TitanNumber(number))?;
        }
        Ok(())
    }

    /// A name and number for each; all that stands in the way is said at once.
    fn places(&self, accounts: &[OriginalAccount], rename: bool) -> anyhow::Result<Vec<(String, i64)>> {
        let mut taken = Taken { house: &self.importer, keys: HashSet::new(), numbers: HashSet::new() };
        let (mut places, mut obstacles) = (Vec::with_capacity(accounts.len()), Vec::new());
        for account in accounts {
            obstacles.extend(taken.obstacle(account)?);
            places.push(taken.place(account)?);
        }
        if obstacles.is_empty() || rename {
            return Ok(places);
        }
        bail!(
            "nothing was imported, since some accounts can't come in as they are:\n  {}\n\
             With --rename they get the closest names and numbers that are free.",
            obstacles.join("\n  ")
        )
    }

    fn person(&mut self, account: &OriginalAccount, username: String, number: TitanNumber) -> anyhow::Result<()> {
        let new = NewAccount {
            key: look_alike(&username),
            username,
            titan_number: number,
            full_name: short(account.full_name.as_deref(), 100),
            email: None,
            role: if account.is_admin { Role::Admin } else { Role::User },
            verifier: unsalted(&account.password_hash),
            now: self.clock.read(account.created_at.as_deref()).unwrap_or(self.now),
        };
        let more = AccountChange {
            blog_url: Some(short(account.blog_url.as_deref(), 500)),
            last_login: self.clock.read(account.last_login.as_deref()),
            ..AccountChange::default()
        };
        let record = self.importer.account(&new, &more)?;
        self.people.insert(account.id, record.author());
        self.done.accounts += 1;
        Ok(())
    }
}

impl Taken<'_> {
    /// Why the account can't come in as it is.
    fn obstacle(&self, account: &OriginalAccount) -> StoreResult<Option<String>> {
        let name = shown(&account.username);
        if let Some(why) = unfit(&account.username) {
            return Ok(Some(format!("{name}: {why}")));
        }
        if self.named(&account.username)? {
            return Ok(Some(format!("{name}: another account has this name, or one that looks like it")));
        }
        Ok(match account.titan_number {
            Some(number) if number > 0 && !self.numbered(number)? => None,
            Some(number) => Some(format!("{name}: the titan number {number} can't be given")),
            None => Some(format!("{name}: it has no titan number")),
        })
    }

    fn place(&mut self, account: &OriginalAccount) -> StoreResult<(String, i64)> {
        let username = match unfit(&account.username).is_none() && !self.named(&account.username)? {
            true => account.username.clone(),
            false => free_username(&account.username, account.id, |name| self.named(name))?,
        };
        let mut number = account.titan_number.unwrap_or_default();
        while number <= 0 || self.numbered(number)? {
            number = rand::random_range(10_000..1_000_000);
        }
        self.keys.insert(look_alike(&username));
        self.numbers.insert(number);
        Ok((username, number))
    }

    fn named(&self, name: &str) -> StoreResult<bool> {
        let key = look_alike(name);
        Ok(self.keys.contains(&key) || self.house.account_named(&key)?)
    }

    fn numbered(&self, number: i64) -> StoreResult<bool> {
        Ok(self.numbers.contains(&number) || self.house.account_numbered(TitanNumber(number))?)
    }
}

/// What the original kept of a password.
pub(super) fn unsalted(hash: &str) -> Verifier {
    Verifier { scheme: Scheme::Sha256, salt: [0; 32], hash: hash.trim().to_ascii_lowercase() }
}

fn short(text: Option<&str>, most: usize) -> Option<String> {
    let cleaned: String = SafeText::line(text?.trim()).chars().take(most).collect();
    Some(cleaned).filter(|cleaned| !cleaned.is_empty())
}

fn shown(name: &str) -> String {
    format!("{:?}", SafeText::line(name).as_str())
}
