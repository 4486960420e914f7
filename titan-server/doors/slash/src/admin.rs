//! What only admins do here. Whether somebody is one is the hub's to say, before anything else is looked at.

use titan_core::protocol::{AccountStanding, FaultCode, Role};
use titan_core::{AccountId, Secret};

use super::answer::{Answer, Refusal};
use super::guest::Person;
use super::history;
use super::perform::{not_empty, not_registered, quoted, registered};
use super::rooms::found;
use super::words::{LIST_MOST, and_more};
use titan_door::listing::beginning;
use titan_hub::{AccountEdit, AccountKey, Demand, Listed};

/// Lines of a history that an admin is shown.
const HISTORY_MOST: usize = 5_000;

type Done = Result<Answer, Refusal>;

impl Person {
    /// Lets an admin go on.
    pub async fn administer(&self) -> Result<(), Refusal> {
        self.session.permit_administering().await.map_err(|fault| match fault.code {
            FaultCode::Forbidden => Refusal::error("Admin privileges required."),
            _ => fault.into(),
        })
    }

    pub async fn delete_room(&mut self, name: &str) -> Done {
        self.administer().await?;
        let room = found(&self.session, name).await?;
        self.session.delete_room(room.id).await?;
        if self.room.as_ref().is_some_and(|here| here.id == room.id) {
            self.room = None;
        }
        Ok(Answer::saying(format_args!("Room '{}' deleted.", room.name)))
    }

    pub async fn add_user(&self, username: &str, password: &Secret, admin: Option<bool>) -> Done {
        self.administer().await?;
        not_empty(username, password)?;
        let role = role_of(admin.unwrap_or(false));
        let account = self.session.add_account(username, password.reveal(), role, Demand::Older).await;
        let account = account.map_err(not_registered)?;
        Ok(registered(account.role))
    }

    /// An empty password stays as it is.
    pub async fn edit_user(&self, username: &str, password: Secret, admin: Option<bool>) -> Done {
        self.administer().await?;
        let account = self.account(username).await?;
        let (password, role) = (Some(password).filter(|new| !new.is_empty()), admin.map(role_of));
        let edit = AccountEdit { password, role, ..AccountEdit::default() };
        if edit.password.is_none() && edit.role.is_none() {
            return Err(Refusal("No changes specified.".to_owned()));
        }
        self.session.edit_account(account, edit).await?;
        Ok(Answer::saying(format_args!("User '{}' updated.", quoted(username))))
    }

    pub async fn view_users(&self) -> Done {
        self.administer().await?;
        let yes = |is: bool| if is { "Yes" } else { "No" };
        let place = |standing: &AccountStanding| standing.account.id;
        let line = |standing: AccountStanding| {
            let is_admin = yes(standing.account.role == Role::Admin);
            let name = &standing.account.username;
            format!("\nUsername: {name}, Admin: {is_admin}, Banned: {}", yes(standing.banned))
        };
        let Listed { list, more } =
            beginning(LIST_MOST, place, line, String::len, |page| self.session.accounts(page)).await?;
        let left_out =
            if more { self.session.number_of_accounts().await?.saturating_sub(list.len() as u64) } else { 0 };
        Ok(Answer::saying(format_args!("Users:{}{}", list.concat(), and_more(left_out))))
    }

    pub async fn view_room_history(&self, name: &str) -> Done {
        self.administer().await?;
        let room = found(&self.session, name).await?;
        let told = history::lines(&self.session, room.id, &room.name, None, HISTORY_MOST).await?;
        let events: String = told.lines.into_iter().map(|(_, line)| format!("\n{line}")).collect();
        let older = if told.cut { history::OLDER } else { "" };
        Ok(Answer::saying(format_args!("History for '{}':{older}{events}", room.name)))
    }

    pub async fn ban_user(&self, username: &str) -> Done {
        self.administer().await?;
        self.session.ban(self.account(username).await?, "").await?;
        Ok(Answer::saying(format_args!("User '{}' banned.", quoted(username))))
    }

    pub async fn unban_user(&self, username: &str) -> Done {
        self.administer().await?;
        let account = self.account(username).await?;
        self.session.unban(account).await.map_err(|fault| match fault.code {
            FaultCode::BadRequest => Refusal(format!("User '{}' is not banned.", quoted(username))),
            _ => fault.into(),
        })?;
        Ok(Answer::saying(format_args!("User '{}' unbanned.", quoted(username))))
    }

    pub async fn change_admin_key(&self, key: &Secret) -> Done {
        self.administer().await?;
        self.session.change_admin_key(key.reveal()).await?;
        Ok(Answer::saying("Admin key changed successfully."))
    }

    async fn account(&self, username: &str) -> Result<AccountId, Refusal> {
        let found = self.session.find_account(AccountKey::Username(username.to_owned())).await;
        let person = found.map_err(|fault| match fault.code {
            FaultCode::NotFound => Refusal(format!("User '{}' does not exist.", quoted(username))),
            _ => fault.into(),
        })?;
        Ok(person.account.id)
    }
}

fn role_of(admin: bool) -> Role {
    if admin { Role::Admin } else { Role::User }
}
