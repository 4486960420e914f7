//! Coming in: registering, logging in, entering by a token, and leaving for good.

use std::sync::Arc;

use titan_core::protocol::{Account, Fault, FaultCode, Role};
use titan_core::{AccountId, Secret, SessionId, TitanNumber, text};

use super::asking::{Asking, Beside};
use super::confirming::proven;
use super::decision::{Attempt, Refusal};
use super::particulars::mail_address;
use super::passwords::Applicant;
use super::policy::{self, Key};
use super::sessions::Opened;
use super::shares::SESSIONS_OF_ONE;
use super::tally::asked_by;
use super::tokens::{fresh_token, hash};
use super::{Demand, Hub, Outcome, PreHash, Session, Visitor, app_passwords, from_store, journal, patience};
use crate::store::{
    self, AccountChange, AccountKey, AccountRecord, AppPasswordKey, AppPasswordRecord, Fact, NewAccount, NewSession,
    Password, Scheme, SessionKey, StoreError, UsedAppPassword, Verifier, Warrant,
};

/// What the log calls a login that was refused.
const LOGIN_FAILED: &str = "login_failed";
/// Tries for a free titan number of a given length before the numbers grow a digit.
const NUMBER_TRIES: u32 = 40;

/// What somebody who registers says of themselves.
#[derive(Clone)]
pub struct Registration {
    pub username: String,
    pub password: NewPassword,
    /// What is asked of the password, where it can be seen.
    pub demand: Demand,
    pub full_name: Option<String>,
    pub email: Option<String>,
    /// Makes an admin, where it is right; a wrong one refuses the registration.
    pub admin_key: Option<Secret>,
}

/// The password somebody wants, or what a client made of it.
#[derive(Clone)]
pub enum NewPassword {
    Plain(Secret),
    /// PBKDF2-HMAC-SHA256(password, salt, 10,000 rounds).
    PreHash {
        salt: [u8; 32],
        pre: PreHash,
    },
}

/// What somebody proves with who they are.
#[derive(Clone, Copy)]
enum Given<'a> {
    Password(&'a str),
    PreHash(PreHash),
}

/// What a session is opened with.
enum Opening {
    Own,
    App(AppPasswordRecord),
}

impl Given<'_> {
    /// How it is found, if it is an app password.
    fn key(self) -> AppPasswordKey {
        match self {
            Self::Password(password) => app_passwords::key_of(password),
            Self::PreHash(pre) => app_passwords::key_of_pre_hash(pre),
        }
    }
}

impl Opening {
    fn used(&self) -> Option<UsedAppPassword> {
        match self {
            Self::Own => None,
            Self::App(AppPasswordRecord { id, name, administers, .. }) => {
                Some(UsedAppPassword { id: *id, name: name.clone(), administers: *administers })
            }
        }
    }

    /// What it rests on: that this still is the account's.
    fn fact(&self, account: &AccountRecord) -> Fact {
        match self {
            Self::Own => proven(account),
            Self::App(AppPasswordRecord { id, .. }) => Fact::AppPassword { account: account.id, app_password: *id },
        }
    }
}

impl Registration {
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        let (username, password) = (username.into(), NewPassword::Plain(password.into()));
        Self { username, password, demand: Demand::Older, full_name: None, email: None, admin_key: None }
    }
}

/// A session just opened or entered, with the secret that enters it again.
pub struct Login {
    pub session: Session,
    pub token: Secret,
    pub account: AccountRecord,
}

impl Login {
    /// What somebody should know who came in by a name that they had where they were imported from.
    pub fn told_of_name(&self, given: &str) -> Option<String> {
        let name = &self.account.username;
        let same = text::look_alike(given.trim()) == text::look_alike(name);
        (!same).then(|| format!("Your name here is {name}: use it from now on."))
    }
}

impl Hub {
    /// Makes an account. Doesn't log in.
    pub async fn register(&self, visitor: &Visitor, new: Registration) -> Outcome<Account> {
        asked_by(visitor, "");
        self.admit(visitor).await?;
        let username = text::username(&new.username)?;
        self.limits.registering(visitor.address)?;
        let by_key = new.admin_key.is_some();
        let role = match new.admin_key.as_ref().map(Secret::reveal) {
            None => Role::User,
            Some(key) if self.is_admin_key(visitor, key).await? => Role::Admin,
            Some(_) => return Err(refused_key(visitor, &username)),
        };
        let by = Applicant::stranger(visitor.address);
        let verifier = match new.password {
            NewPassword::Plain(password) => {
                self.passwords.demand(new.demand, password.reveal(), &username, "password")?;
                self.passwords.hash(password.reveal(), by).await?
            }
            NewPassword::PreHash { salt, pre } => self.passwords.hash_pre_hashed(pre, salt, by).await?,
        };
        let email = new.email.as_deref().map(|email| mail_address(&*self.mailer, email)).transpose()?.flatten();
        let welcome = Fact::AddressWelcome { address: visitor.address.to_string() };
        let mut warrant = Warrant::from(vec![welcome]).with_deed(journal::deed("register", visitor, &username));
        if by_key {
            // The store adds which account it became.
            warrant.audit = Some(self.audit(None, "register_admin", String::new(), String::new()));
        }
        match self.create_account(username, Password::of(verifier), role, new.full_name, email, warrant).await {
            // Banned this moment: the one thing that it rested on.
            Err(Refusal::Stale) => self.admit(visitor).await.and(Err(Refusal::Stale.into())),
            made => Ok(made?.public()),
        }
    }

    /// Whether it is the admin key. Who tries many has to wait.
    pub(super) async fn is_admin_key(&self, visitor: &Visitor, offered: &str) -> Outcome<bool> {
        if let Some(turn) = self.limits.admin_key(visitor.address)? {
            patience::wait(turn.wait).await;
        }
        Ok(self.admin_key.is(offered))
    }

    /// Writes a new account under a free titan number.
    pub(super) async fn create_account(
        &self,
        username: String,
        password: Password,
        role: Role,
        full_name: Option<String>,
        email: Option<String>,
        warrant: Warrant,
    ) -> Attempt<AccountRecord> {
        let full_name = full_name.map(|name| text::description("a full name", name.trim(), 100)).transpose()?;
        let Password { verifier, made_up_until } = password;
        let mut new = NewAccount {
            key: text::look_alike(&username),
            username,
            titan_number: TitanNumber(0),
            full_name: full_name.filter(|name| !text::is_blank(name)),
            email,
            role,
            verifier,
            made_up_until,
            now: self.now(),
        };
        for attempt in 0.. {
            new.titan_number = random_number(attempt);
            match self.store.create_account(new.clone(), warrant.clone()).await {
                Err(StoreError::Taken("titan_number")) if attempt < 10 * NUMBER_TRIES => {}
                Err(StoreError::Taken(_)) => {
                    return Err(Fault::new(FaultCode::NameTaken, "Username already exists").into());
                }
                created => return Ok(created?),
            }
        }
        Err(Fault::new(FaultCode::Internal, "No titan number is free.").into())
    }

    /// Opens a session by name and password. An unknown name and a wrong password look and take alike.
    pub async fn login(self: &Arc<Self>, visitor: &Visitor, username: &str, password: &str) -> Outcome<Login> {
        self.login_with(visitor, username, Given::Password(password), Asking::Unable).await
    }

    /// The same at a door that can ask for more: a second factor opens it there with its code, and a password that somebody else
    /// made up once it is replaced.
    pub async fn login_asking(
        self: &Arc<Self>,
        visitor: &Visitor,
        username: &str,
        password: &str,
        beside: Beside<'_>,
    ) -> Outcome<Login> {
        self.login_with(visitor, username, Given::Password(password), Asking::Able(beside)).await
    }

    /// The same for a client that hashes the password itself, with the salt of [`Self::salt_of`].
    pub async fn login_pre_hashed(self: &Arc<Self>, visitor: &Visitor, username: &str, pre: PreHash) -> Outcome<Login> {
        self.login_with(visitor, username, Given::PreHash(pre), Asking::Unable).await
    }

    async fn login_with(
        self: &Arc<Self>,
        visitor: &Visitor,
        username: &str,
        given: Given<'_>,
        asking: Asking<'_>,
    ) -> Outcome<Login> {
        let found = self.find_for_login(visitor, username).await?;
        let app_password = self.app_password_given(visitor, found.as_ref(), given.key()).await?;
        if let (Some(account), Some(app_password)) = (&found, app_password) {
            return self.open_session(visitor, account.clone(), Opening::App(app_password)).await;
        }
        let by = self.applicant(visitor, username).await?;
        let account = self.checked(visitor, found, given, by).await?;
        let account = match self.renewed(&account, given, by).await? {
            Some(account) => account,
            None => {
                let now = self.store.account(AccountKey::Id(account.id)).await.map_err(from_store)?;
                self.checked(visitor, now, given, by).await?
            }
        };
        let account = self.asked(visitor, account, asking, by).await?;
        let login = self.open_session(visitor, account, Opening::Own).await?;
        self.confirmations.note(login.session.id, self.now());
        Ok(login)
    }

    /// Who it is where passwords wait to be hashed. Strangers who try one account much have to wait here already.
    async fn applicant(&self, visitor: &Visitor, username: &str) -> Outcome<Applicant> {
        if self.acquaintances.know(username, visitor.address) {
            return Ok(Applicant::known(visitor.address));
        }
        if let Some(turn) = self.limits.guessing(visitor.address, username)? {
            patience::wait(turn.wait).await;
        }
        Ok(Applicant::stranger(visitor.address))
    }

    /// The account, if the password is its.
    async fn checked(
        &self,
        visitor: &Visitor,
        account: Option<AccountRecord>,
        given: Given<'_>,
        by: Applicant,
    ) -> Outcome<AccountRecord> {
        let verifier = account.as_ref().map(|account| &account.verifier);
        let right = match given {
            Given::Password(password) => self.passwords.check_login(password, verifier, by).await?,
            Given::PreHash(pre) => self.passwords.check_pre_hashed(pre, verifier, by).await?,
        };
        match account {
            Some(account) if right && account.made_up_until.is_some_and(|until| until <= self.now()) => {
                journal::refused(LOGIN_FAILED, visitor, &account.username);
                let said = "That password was made up for you and is good no more: ask for another one.";
                Err(Fault::new(FaultCode::BadCredentials, said))
            }
            Some(account) if right => Ok(account),
            account => Err(refused_login(visitor, account.as_ref())),
        }
    }

    /// The salt an account's password is hashed with first. For unknown names, and for accounts of older systems whose
    /// password must come in the clear once, a made-up one that stays the same.
    pub async fn salt_of(&self, visitor: &Visitor, username: &str) -> Outcome<[u8; 32]> {
        let account = self.find_for_login(visitor, username).await?;
        let made_up = self.passwords.made_up_salt(&text::look_alike(username.trim()));
        let salted = account.filter(|account| is_salted(&account.verifier));
        Ok(salted.map_or(made_up, |account| account.verifier.salt))
    }

    async fn find_for_login(&self, visitor: &Visitor, username: &str) -> Outcome<Option<AccountRecord>> {
        asked_by(visitor, "");
        self.admit(visitor).await?;
        self.limits.login(visitor.address, username)?;
        let found = self.store.account(AccountKey::Username(username.trim().to_owned())).await.map_err(from_store)?;
        self.or_former(found, username).await
    }

    /// Who had that name where they were imported from, where nobody has it here. That is asked whether somebody has or not, so
    /// that the time it takes tells nothing.
    async fn or_former(&self, found: Option<AccountRecord>, username: &str) -> Outcome<Option<AccountRecord>> {
        let former = self.store.account_formerly(username.trim().to_owned()).await.map_err(from_store)?;
        Ok(found.or(former))
    }

    /// Replaces a hash that is not made in today's way, now that the password is known. None where the hash was replaced
    /// meanwhile: the person came in by another door at the same moment, or has another password now.
    async fn renewed(
        &self,
        account: &AccountRecord,
        given: Given<'_>,
        by: Applicant,
    ) -> Outcome<Option<AccountRecord>> {
        if self.passwords.is_of_today(&account.verifier) {
            return Ok(Some(account.clone()));
        }
        let verifier = match given {
            // The salt stays, since app passwords rest on it; older systems had none that is one.
            Given::Password(password) if is_salted(&account.verifier) => {
                self.passwords.hash_again(password, account.verifier.salt, by).await?
            }
            Given::Password(password) => self.passwords.hash(password, by).await?,
            Given::PreHash(pre) => self.passwords.hash_pre_hashed(pre, account.verifier.salt, by).await?,
        };
        let change = AccountChange { verifier: Some(verifier), ..AccountChange::default() };
        let same = Fact::Password { account: account.id, verifier: account.verifier.clone() };
        match self.store.change_account(account.id, change, vec![same].into()).await {
            Err(StoreError::Stale) => Ok(None),
            changed => changed.map(Some).map_err(from_store),
        }
    }

    /// Opens a session for somebody whose password has been checked. Checking it takes a while, and the account may have
    /// been banned or given another password meanwhile: the store looks again where it opens the session.
    async fn open_session(self: &Arc<Self>, visitor: &Visitor, account: AccountRecord, by: Opening) -> Outcome<Login> {
        not_banned(&account).inspect_err(|_| journal::refused(LOGIN_FAILED, visitor, &account.username))?;
        let token = fresh_token();
        let now = self.now();
        let new = NewSession {
            account: account.id,
            token_hash: hash(token.reveal()),
            door: visitor.door.to_owned(),
            address: visitor.address.to_string(),
            client: visitor.client.as_deref().map(str::to_owned),
            app_password: by.used(),
            now,
            expires_at: policy::expiry(self.sessions.terms(), account.role, now),
            most: self.limits.most(SESSIONS_OF_ONE),
            in_use: self.switchboard.sessions_of(account.id),
        };
        let grounds = vec![by.fact(&account), Fact::AddressWelcome { address: visitor.address.to_string() }];
        let login = journal::deed("login", visitor, &account.username);
        let warrant = Warrant::from(grounds).with_deed(login.clone());
        let (id, account) = match self.sessions.open(new, warrant).await {
            Ok(Opened::Written(id, account)) => (id, *account),
            Ok(Opened::Kept(id)) => {
                let account = self.kept(id, account).await?;
                journal::done(&login);
                (id, account)
            }
            Err(StoreError::Stale) => return Err(self.why_not(visitor, account.id).await?),
            Err(error) => return Err(from_store(error)),
        };
        self.acquaintances.came_in(&account.username, visitor.address);
        asked_by(visitor, &account.username);
        let session = Session::new(self.clone(), id, &account, visitor.clone(), key_of(by.used().as_ref()));
        Ok(Login { session, token, account })
    }

    /// Looks again for a session that could not be written. Whoever is shut out from now on has it forgotten by the stream
    /// of changes; who was before shows here.
    async fn kept(&self, session: SessionId, checked: AccountRecord) -> Outcome<AccountRecord> {
        let now = self.store.account(AccountKey::Id(checked.id)).await.map_err(from_store)?;
        let right = now.filter(|now| now.verifier == checked.verifier).ok_or_else(bad_credentials);
        let right = right.and_then(|now| not_banned(&now).map(|()| now));
        right.inspect_err(|_| {
            self.sessions.forget(checked.id, store::Sessions::One(session));
        })
    }

    /// What has become of a login that was right a moment ago.
    pub(super) async fn why_not(&self, visitor: &Visitor, account: AccountId) -> Outcome<Fault> {
        self.admit(visitor).await?;
        let now = self.store.account(AccountKey::Id(account)).await.map_err(from_store)?;
        Ok(now.and_then(|now| not_banned(&now).err()).unwrap_or_else(bad_credentials))
    }

    /// Enters an open session by its token.
    pub async fn authenticate(self: &Arc<Self>, visitor: &Visitor, token: &str) -> Outcome<Login> {
        let (session, account) = self.enter(visitor, SessionKey::Token(hash(token))).await?;
        Ok(Login { session, token: token.into(), account })
    }

    /// Enters an open session of an account by its id. That whoever comes may is the caller's to have made sure of, by a
    /// signature of ours.
    pub async fn enter_session(
        self: &Arc<Self>,
        visitor: &Visitor,
        session: SessionId,
        account: AccountId,
    ) -> Outcome<(Session, AccountRecord)> {
        let entered = self.enter(visitor, SessionKey::Id(session)).await?;
        if entered.1.id == account { Ok(entered) } else { Err(bad_token()) }
    }

    async fn enter(self: &Arc<Self>, visitor: &Visitor, by: SessionKey) -> Outcome<(Session, AccountRecord)> {
        let (session, account) = self.sessions.find(by).await?.ok_or_else(bad_token)?;
        self.admit(visitor).await?;
        not_banned(&account)?;
        asked_by(visitor, &account.username);
        self.sessions.touch(session.id).await;
        self.acquaintances.came_in(&account.username, visitor.address);
        let key = key_of(session.app_password.as_ref());
        Ok((Session::new(self.clone(), session.id, &account, visitor.clone(), key), account))
    }

    /// Refuses banned addresses.
    pub(super) async fn admit(&self, visitor: &Visitor) -> Outcome<()> {
        match self.store.address_ban(visitor.address.to_string()).await.map_err(from_store)? {
            None => Ok(()),
            Some(_) => Err(Fault::new(FaultCode::Banned, "You are banned from this server.")),
        }
    }
}

/// A name that nobody has is not repeated in the log: people type passwords where names belong.
fn refused_login(visitor: &Visitor, account: Option<&AccountRecord>) -> Fault {
    journal::refused(LOGIN_FAILED, visitor, account.map_or("", |account| &account.username));
    bad_credentials()
}

fn refused_key(visitor: &Visitor, username: &str) -> Fault {
    journal::refused("admin_key_refused", visitor, username);
    Fault::forbidden("Invalid admin key.")
}

fn bad_token() -> Fault {
    Fault::new(FaultCode::BadToken, "That token is not valid (any more): log in again.")
}

fn bad_credentials() -> Fault {
    Fault::new(FaultCode::BadCredentials, "Invalid username or password")
}

/// Whether its salt is the one that passwords are hashed with first, also by clients.
fn is_salted(verifier: &Verifier) -> bool {
    matches!(verifier.scheme, Scheme::Titan | Scheme::Pbkdf2)
}

fn key_of(used: Option<&UsedAppPassword>) -> Key {
    used.map_or(Key::Own, |used| Key::App { administers: used.administers })
}

fn not_banned(account: &AccountRecord) -> Outcome<()> {
    match account.banned {
        None => Ok(()),
        Some(_) => Err(Fault::new(FaultCode::Banned, "You are banned from this server.")),
    }
}

/// Five digits at first; a digit more each time the shorter ones seem to have run out.
fn random_number(attempt: u32) -> TitanNumber {
    let least = 10_i64.pow(4 + (attempt / NUMBER_TRIES).min(8));
    TitanNumber(rand::random_range(least..least * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titan_numbers_grow_a_digit_when_they_run_out() {
        assert!((0..100).all(|_| (10_000..=99_999).contains(&random_number(0).0)));
        assert!((100_000..=999_999).contains(&random_number(NUMBER_TRIES).0));
    }
}
