//! One's own account: profile, password, sessions.

use titan_core::protocol::{Account, Fault, FaultCode, SessionInfo};
use titan_core::{SafeText, SessionId, text};

use super::letter::Mailer;
use super::stream::ending;
use super::{Demand, Outcome, PreHash, Session, from_store, journal, view};
use crate::store::{AccountChange, Fact, Sessions, Verifier, Warrant, Why};

/// What the log calls a wrong password of somebody who is logged in.
pub(super) const PASSWORD_REFUSED: &str = "password_refused";

/// What to change; an empty text clears.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    pub full_name: Option<String>,
    pub blog_url: Option<String>,
    pub email: Option<String>,
}

impl Session {
    pub async fn update_profile(&self, change: ProfileChange) -> Outcome<Account> {
        self.hub.limits.asking(self.account())?;
        let change = AccountChange {
            full_name: change.full_name.map(|name| optional("a full name", &name, 100)).transpose()?,
            blog_url: change.blog_url.map(|url| web_address(&url)).transpose()?,
            email: change.email.map(|email| mail_address(&*self.hub.mailer, &email)).transpose()?,
            ..AccountChange::default()
        };
        let changed = self.decided(|| async {
            Ok(self.hub.store.change_account(self.account(), change.clone(), vec![self.stands()].into()).await?)
        });
        Ok(changed.await?.public())
    }

    /// Changes the password and ends every other session.
    pub async fn change_password(&self, old: &str, new: &str, demand: Demand) -> Outcome<()> {
        self.hub.limits.login(self.visitor.address, &self.author.username)?;
        let record = self.record().await?;
        if !self.hub.passwords.check(old, &record.verifier, self.applicant()).await? {
            journal::refused(PASSWORD_REFUSED, &self.visitor, &self.author.username);
            return Err(Fault::new(FaultCode::BadCredentials, "The old password is not right."));
        }
        self.hub.passwords.demand(demand, new, &self.author.username, "new")?;
        let verifier = self.hub.passwords.hash(new, self.applicant()).await?;
        let proven = Fact::Password { account: self.account(), verifier: record.verifier };
        self.set_verifier(verifier, vec![self.stands(), proven]).await
    }

    /// The same for a client that hashed the new password itself, and has no way to ask for the old one.
    pub async fn change_password_pre_hashed(&self, salt: [u8; 32], pre: PreHash) -> Outcome<()> {
        self.hub.limits.login(self.visitor.address, &self.author.username)?;
        let verifier = self.hub.passwords.hash_pre_hashed(pre, salt, self.applicant()).await?;
        self.set_verifier(verifier, vec![self.stands()]).await
    }

    async fn set_verifier(&self, verifier: Verifier, grounds: Vec<Fact>) -> Outcome<()> {
        let ends = Some((Sessions::AllBut(Some(self.id)), Why::PasswordChanged));
        let change = AccountChange { verifier: Some(verifier), ends, ..AccountChange::default() };
        self.decided(|| async {
            let warrant = Warrant::from(grounds.clone()).with_deed(self.deed("change_password"));
            Ok(self.hub.store.change_account(self.account(), change.clone(), warrant).await.map(drop)?)
        })
        .await
    }

    pub async fn sessions(&self) -> Outcome<Vec<SessionInfo>> {
        self.hub.limits.asking(self.account())?;
        let sessions = self.hub.sessions.of(self.account()).await?;
        Ok(sessions.into_iter().map(|session| view::session(session, self.id)).collect())
    }

    /// Ends a session of one's own, at whatever door.
    pub async fn revoke_session(&self, session: SessionId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let deed = self.deed("revoke_session");
        if self.hub.sessions.forget(self.account(), Sessions::One(session)) {
            // It was never written, so no commit can tell of it.
            journal::done(&deed);
            self.hub.switchboard.end(self.account(), |other| other == session, &ending(Why::LoggedOut));
            return Ok(());
        }
        let which = Sessions::One(session);
        let warrant = Warrant::of_house().with_deed(deed);
        let ended = self.hub.store.end_sessions(self.account(), which, Why::LoggedOut, warrant).await;
        match ended.map_err(from_store)?.as_slice() {
            [] => Err(Fault::not_found("You have no such session.")),
            _ => Ok(()),
        }
    }
}

fn optional(what: &'static str, given: &str, most: usize) -> Outcome<Option<String>> {
    let line = SafeText::line(&text::description(what, given.trim(), most)?).into_written();
    Ok(Some(line).filter(|line| !text::is_blank(line)))
}

fn web_address(given: &str) -> Outcome<Option<String>> {
    let Some(address) = optional("a blog address", given, 500)? else { return Ok(None) };
    match url::Url::parse(&address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(address)),
        _ => Err(Fault::bad_request("A blog address begins with http:// or https://.")),
    }
}

/// An address that letters can be sent to.
pub(super) fn mail_address(mailer: &dyn Mailer, given: &str) -> Outcome<Option<String>> {
    let Some(address) = optional("a mail address", given, 254)? else { return Ok(None) };
    match address.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !address.contains(char::is_whitespace) => {
            mailer.takes(&address).map_err(Fault::bad_request)?;
            Ok(Some(address))
        }
        _ => Err(Fault::bad_request("A mail address looks like name@example.org.")),
    }
}
