//! One's own account: profile, password, sessions.

use titan_core::protocol::{Account, Fault, SessionInfo};
use titan_core::{AccountId, SessionId};

use super::confirming::proven;
use super::mailing::Wanted;
use super::particulars::{optional, web_address};
use super::policy::Act;
use super::stream::ending;
use super::{Demand, Outcome, PreHash, Session, from_store, journal, view};
use crate::store::{AccountChange, Fact, Password, Sessions, Verifier, Warrant, Why};

/// What to change; an empty text clears.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    pub full_name: Option<String>,
    pub blog_url: Option<String>,
    pub email: Option<String>,
}

impl Session {
    /// Changes what is given. Another mail address, by which a password may be set anew, takes a confirmation; the one before is
    /// told, and it counts once it is confirmed.
    pub async fn update_profile(&self, change: ProfileChange) -> Outcome<Account> {
        self.hub.limits.asking(self.account())?;
        let change_of_mail = change.email;
        let change = AccountChange {
            full_name: change.full_name.map(|name| optional("a full name", &name, 100)).transpose()?,
            blog_url: change.blog_url.map(|url| web_address(&url)).transpose()?,
            ..AccountChange::default()
        };
        let mail = match &change_of_mail {
            Some(email) => self.wanted_mail(email).await?,
            None => Wanted::default(),
        };
        let changed = self.decided(|| async {
            let mut warrant = Warrant::from(vec![self.stands()]);
            if mail.changes() {
                warrant = warrant.with_audit(self.own_act("change_mail")).with_deed(self.deed("change_mail"));
            }
            Ok(self.hub.store.change_account(self.account(), mail.with(change.clone()), warrant).await?)
        });
        let changed = changed.await?.public();
        self.send(mail);
        Ok(changed)
    }

    /// Changes the password and ends every other session.
    pub async fn change_password(&self, old: &str, new: &str, demand: Demand) -> Outcome<()> {
        let record = self.prove(old, "The old password is not right.").await?;
        self.hub.passwords.demand(demand, new, &self.author.username, "new")?;
        let verifier = self.hub.passwords.hash(new, self.applicant()).await?;
        self.set_verifier(verifier, vec![self.stands(), proven(&record)]).await
    }

    /// The same for a client that hashed the new password itself, and has no way to ask for the old one.
    pub async fn change_password_pre_hashed(&self, salt: [u8; 32], pre: PreHash) -> Outcome<()> {
        self.confirmed()?;
        self.hub.limits.login(self.visitor.address, &self.author.username)?;
        let verifier = self.hub.passwords.hash_pre_hashed(pre, salt, self.applicant()).await?;
        self.set_verifier(verifier, vec![self.stands()]).await
    }

    async fn set_verifier(&self, verifier: Verifier, grounds: Vec<Fact>) -> Outcome<()> {
        let ends = Some((Sessions::AllBut(Some(self.id)), Why::PasswordChanged));
        let change = AccountChange { password: Some(Password::of(verifier)), ends, ..AccountChange::default() };
        self.decided(|| async {
            let warrant = Warrant::from(grounds.clone());
            let warrant = warrant.with_audit(self.own_act("change_password")).with_deed(self.deed("change_password"));
            Ok(self.hub.store.change_account(self.account(), change.clone(), warrant).await.map(drop)?)
        })
        .await
    }

    pub async fn sessions(&self) -> Outcome<Vec<SessionInfo>> {
        self.hub.limits.asking(self.account())?;
        self.sessions_of(self.account()).await
    }

    /// Those of an account; one that is in use by an open connection was last used now.
    pub(super) async fn sessions_of(&self, account: AccountId) -> Outcome<Vec<SessionInfo>> {
        let (in_use, now) = (self.hub.switchboard.sessions_of(account), self.hub.now());
        let mut sessions = self.hub.sessions.of(account).await?;
        let listening = sessions.iter_mut().filter(|session| in_use.contains(&session.id));
        listening.for_each(|session| session.last_seen = now);
        Ok(sessions.into_iter().map(|session| view::session(session, self.id)).collect())
    }

    /// Ends one session of an account, or all but this one. It takes a confirmation; of another account than one's own admins may.
    pub async fn end_sessions(&self, account: AccountId, one: Option<SessionId>) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let (own, object) = (account == self.account(), format!("account {account}"));
        let (which, why) = match (one, own) {
            (Some(one), true) => (Sessions::One(one), Why::LoggedOut),
            (None, true) => (Sessions::AllBut(Some(self.id)), Why::LoggedOut),
            (Some(one), false) => (Sessions::One(one), Why::EndedByAdmin),
            (None, false) => (Sessions::AllBut(None), Why::EndedByAdmin),
        };
        let none = || Fault::not_found("There is no such session.");
        let detail = one.map_or_else(|| "all".to_owned(), |one| format!("session {one}"));
        let ended = self.decided(|| async {
            let (grounds, of) = match own {
                true => (self.confirmed().map(|()| vec![self.stands()])?, self.author.username.to_string()),
                false => {
                    (self.permit_confirmed(Act::Administer).await?, self.hub.standing_account(account).await?.username)
                }
            };
            let audit = self.hub.audit(Some(self.account()), "end_sessions", object.clone(), detail.clone());
            let warrant = Warrant::from(grounds).with_audit(audit).with_deed(self.deed("session_ended").of(of));
            let kept = self.hub.sessions.holds(account, which);
            let ended = self.hub.store.end_sessions(account, which, why, warrant).await?;
            Ok(kept || !ended.is_empty())
        });
        match (ended.await?, one) {
            (false, Some(_)) => Err(none()),
            _ => Ok(()),
        }
    }

    /// Ends a session of one's own, at whatever door. Another one than this takes a confirmation.
    pub async fn revoke_session(&self, session: SessionId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        if session != self.id {
            self.confirmed()?;
        }
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
