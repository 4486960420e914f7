//! App passwords: for one program or device each, for doors that can't ask for a second factor, and for scripts. They are random,
//! so nobody guesses them; they change nothing about the account, and go when its own password becomes another.

use titan_core::protocol::{AppPassword, DOORS, Fault, NewAppPassword};
use titan_core::{AppPasswordId, SafeText};

use super::confirming::proven;
use super::letter::Turn;
use super::particulars::optional;
use super::stream::ending;
use super::tokens::{fresh_words, hash, hash_of_words};
use super::{Hub, Outcome, PreHash, Session, Visitor, from_store, journal, policy};
use crate::store::{self, AccountRecord, AppPasswordKey, AppPasswordRecord, StoreError, Warrant, Why};

/// App passwords an account may have.
const MOST: u32 = 50;

/// An app password to be.
#[derive(Clone, Debug, Default)]
pub struct AppPasswordWish {
    pub name: String,
    /// Where it is to be good; at every door, where none is named.
    pub doors: Vec<String>,
    /// Whether the account's role on the server is to count.
    pub administers: bool,
}

impl Session {
    pub async fn app_passwords(&self) -> Outcome<Vec<AppPassword>> {
        self.hub.limits.asking(self.account())?;
        let all = self.hub.store.app_passwords(self.account()).await.map_err(from_store)?;
        Ok(all.into_iter().map(shown).collect())
    }

    pub async fn add_app_password(&self, wish: AppPasswordWish) -> Outcome<NewAppPassword> {
        self.hub.limits.asking(self.account())?;
        self.confirmed()?;
        let unnamed = || Fault::bad_request("Say what the app password is for.").at("name");
        let name = optional("an app password's name", &wish.name, 60)?.ok_or_else(unnamed)?;
        if let Some(unknown) = wish.doors.iter().find(|door| !DOORS.contains(&door.as_str())) {
            let known = DOORS.join(", ");
            let said = format!("There is no door {}: there are {known}.", SafeText::line(unknown));
            return Err(Fault::bad_request(said).at("doors"));
        }
        let (password, record) = (fresh_words(), self.record().await?);
        let pre = self.hub.passwords.pre_hashed(&password, record.verifier.salt, self.applicant()).await?;
        let new = store::NewAppPassword {
            name: name.clone(),
            doors: wish.doors,
            administers: wish.administers,
            hash: hash_of_words(password.reveal()),
            pre_hash: hash(pre),
            now: self.hub.now(),
            most: MOST,
        };
        let made = self.decided(|| async {
            // Its salt, and that it still is the account's, are what the new one rests on.
            let warrant =
                self.of_app_password("app_password_added", vec![self.stands(), proven(&record)].into(), &name);
            Ok(self.hub.store.add_app_password(self.account(), new.clone(), warrant).await?)
        });
        let made = made.await?;
        self.hub.tell_turn(&record, Turn::AppPasswordAdded);
        Ok(NewAppPassword::new(shown(made), password))
    }

    /// Removes one; the sessions that it opened end.
    pub async fn remove_app_password(&self, id: AppPasswordId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.confirmed()?;
        let all = self.hub.store.app_passwords(self.account()).await.map_err(from_store)?;
        let none = || Fault::not_found("You have no such app password.");
        let name = all.into_iter().find(|one| one.id == id).map(|one| one.name).ok_or_else(none)?;
        self.decided(|| async {
            let warrant = self.of_app_password("app_password_removed", vec![self.stands()].into(), &name);
            match self.hub.store.remove_app_password(self.account(), id, warrant).await {
                Err(StoreError::NotFound) => Err(none().into()),
                removed => Ok(removed?),
            }
        })
        .await?;
        // Those that were never written, of which no commit can tell.
        for session in self.hub.sessions.forget_of(id) {
            self.hub.switchboard.end(self.account(), |other| other == session, &ending(Why::AppPasswordRemoved));
        }
        Ok(())
    }

    fn of_app_password(&self, event: &'static str, warrant: Warrant, name: &str) -> Warrant {
        let object = format!("account {}", self.account());
        let audit = self.hub.audit(Some(self.account()), event, object, name.to_owned());
        warrant.with_audit(audit).with_deed(self.deed(event))
    }
}

impl Hub {
    /// The app password that was given in the place of the account's own, if it is one; refused at a door that it isn't for. It is
    /// looked for whether there is such an account or not.
    pub(super) async fn app_password_given(
        &self,
        visitor: &Visitor,
        account: Option<&AccountRecord>,
        by: AppPasswordKey,
    ) -> Outcome<Option<AppPasswordRecord>> {
        let whose = account.map(|account| account.id).unwrap_or_default();
        let Some(found) = self.store.app_password(whose, by).await.map_err(from_store)? else { return Ok(None) };
        let refused =
            |_: &Fault| journal::refused("login_failed", visitor, account.map_or("", |account| &account.username));
        policy::opens(&found.doors, visitor.door).inspect_err(refused)?;
        Ok(Some(found))
    }
}

pub(super) fn key_of(password: &str) -> AppPasswordKey {
    AppPasswordKey::Hash(hash_of_words(password))
}

pub(super) fn key_of_pre_hash(pre: PreHash) -> AppPasswordKey {
    AppPasswordKey::PreHash(hash(pre))
}

fn shown(record: AppPasswordRecord) -> AppPassword {
    let mut shown = AppPassword::new(record.id, record.name.into(), record.created_at);
    (shown.doors, shown.administers) = (record.doors, record.administers);
    (shown.last_used, shown.last_door) = (record.last_used, record.last_door);
    shown
}
