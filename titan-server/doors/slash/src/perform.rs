//! From a command to the hub and back: one match arm, one call.

use titan_core::protocol::{Fault, FaultCode, Role};
use titan_core::{SafeText, Secret};

use super::answer::{Answer, LOGIN_FIRST, Refusal, Then};
use super::command::{COMMANDS, Command, Known, Misread};
use super::guest::{Guest, Person};
use super::rooms::outside;
use super::words::{as_fits, stamped, usage};
use titan_hub::{Demand, Login, Post, Registration};

type Done = Result<Answer, Refusal>;

impl Guest {
    /// What is answered to a text.
    pub async fn answer(&mut self, text: &str) -> Answer {
        let done = match (Command::read(text), &mut self.person) {
            (Err(Misread::Blank), _) => Ok(Answer::default()),
            (Ok(Command::Quit), _) => Ok(Answer { then: Then::Quit, ..Answer::default() }),
            (read, None) => self.introduce(read).await,
            (Ok(command), Some(person)) => person.obey(command).await,
            (Err(misread), Some(person)) => Err(person.misread(misread).await),
        };
        done.unwrap_or_else(|Refusal(text)| Answer { texts: vec![text], then: Then::Stay })
    }

    /// What a stranger may do.
    async fn introduce(&mut self, read: Result<Command, Misread>) -> Done {
        match read {
            Ok(Command::Register { username, password, admin_key }) => {
                self.register(username, password, admin_key).await
            }
            Ok(Command::Login { username, password }) => {
                let told = self.login(&username, &password).await?;
                let mut answer = Answer::saying("Login successful.");
                answer.texts.extend(told.map(stamped));
                Ok(answer)
            }
            Err(Misread::Misused(known @ Known { word: "/register" | "/login", .. })) => {
                Err(Refusal::stamped(usage(known)))
            }
            _ => Err(Refusal::stamped(LOGIN_FIRST)),
        }
    }

    async fn register(&mut self, username: String, password: Secret, admin_key: Option<Secret>) -> Done {
        not_empty(&username, &password)?;
        let new = Registration { admin_key, ..Registration::new(username, password.clone()) };
        let account = self.house.hub.register(&self.visitor, new).await.map_err(not_registered)?;
        self.login(&account.username, &password).await?;
        Ok(registered(account.role))
    }

    /// What is to be said to who came in by a former name.
    async fn login(&mut self, username: &str, password: &Secret) -> Result<Option<String>, Refusal> {
        let login =
            self.house.hub.login(&self.visitor, username, password.reveal()).await.map_err(|fault| {
                match fault.code {
                    FaultCode::BadCredentials => Refusal("Invalid username or password.".to_owned()),
                    FaultCode::Banned => Refusal("You are banned from this server.".to_owned()),
                    _ => fault.into(),
                }
            })?;
        let told = login.told_of_name(username);
        let Login { session, account, .. } = login;
        let session = session.unasked();
        let attachment = session.attach_narrow(false).await?;
        let blobs = self.house.blobs.clone();
        self.person = Some(Person { session, attachment, blobs, role: account.role, room: None });
        Ok(told)
    }
}

impl Person {
    /// One match arm, one call.
    async fn obey(&mut self, command: Command) -> Done {
        use Command as C;
        match command {
            C::ChangePassword { old, new } => self.change_password(&old, &new).await,
            C::Help => Ok(self.help().await),
            C::Create { room } => self.create(room).await,
            C::Join { room } => self.join(&room).await,
            C::Leave => self.leave_room().await,
            C::Message { text } => self.message(text).await,
            C::Download { file } => self.download(&file).await,
            C::ListAllUsers => self.users().await,
            C::ListUsersInRoom => self.users_in_room().await,
            C::ListAllRooms => self.rooms().await,
            C::ListFiles => self.files().await,
            C::Whoami => Ok(Answer::saying(format_args!("You are logged in as '{}'.", self.session.author.username))),
            C::Whereami => Ok(self.whereami()),

            C::DeleteRoom { room } => self.delete_room(&room).await,
            C::AddUser { username, password, admin } => self.add_user(&username, &password, admin).await,
            C::EditUser { username, password, admin } => self.edit_user(&username, password, admin).await,
            C::ViewUsers => self.view_users().await,
            C::ViewRoomHistory { room } => self.view_room_history(&room).await,
            C::BanUser { username } => self.ban_user(&username).await,
            C::UnbanUser { username } => self.unban_user(&username).await,
            C::ChangeAdminKey { key } => self.change_admin_key(&key).await,

            C::Register { .. } | C::Login { .. } => Err(self.logged_in_already()),
            C::Quit => Ok(Answer { then: Then::Quit, ..Answer::default() }),
        }
    }

    async fn misread(&self, misread: Misread) -> Refusal {
        match misread {
            Misread::Blank => Refusal(String::new()),
            Misread::Unknown(word) => {
                Refusal::error(format_args!("Unknown command: {word}. Use /help for a list of commands."))
            }
            Misread::Misused(known) if known.admins => match self.administer().await {
                Ok(()) => Refusal::stamped(usage(known)),
                Err(refusal) => refusal,
            },
            Misread::Misused(known) => Refusal::stamped(usage(known)),
        }
    }

    fn logged_in_already(&self) -> Refusal {
        let name = &self.session.author.username;
        Refusal::error(format_args!(
            "You are logged in as '{name}' already: /quit and connect again to be somebody else."
        ))
    }

    /// Others hear it, who says it doesn't.
    async fn message(&mut self, text: String) -> Done {
        let conversation = self.room.as_ref().ok_or_else(outside)?.id;
        let post = Post { conversation, text, reply_to: None, file: None, client_id: None };
        let posted = self.session.post(post).await?;
        self.wrote(conversation, posted.seq);
        Ok(Answer::default())
    }

    async fn change_password(&self, old: &Secret, new: &Secret) -> Done {
        if new.is_empty() {
            return Err(Refusal("New password cannot be empty.".to_owned()));
        }
        let changed = self.session.change_password(old.reveal(), new.reveal(), Demand::Older).await;
        changed.map_err(|fault| match fault.code {
            FaultCode::BadCredentials => Refusal("Incorrect old password.".to_owned()),
            _ => fault.into(),
        })?;
        Ok(Answer::saying("Password changed successfully."))
    }

    async fn users(&self) -> Done {
        let online = self.session.who().await?;
        let names = as_fits(online.into_iter().map(|person| person.account.username));
        Ok(Answer::saying(format_args!("All online users: {names}")))
    }

    async fn help(&self) -> Answer {
        let list = |admins: bool| -> String {
            let lines = COMMANDS.iter().filter(|known| known.admins == admins);
            lines.map(|known| format!("\n{} - {}", usage(known).trim_start_matches("Usage: "), known.does)).collect()
        };
        let admins = match self.administer().await {
            Ok(()) => format!("\nAdmin commands:{}", list(true)),
            Err(_) => String::new(),
        };
        Answer::saying(format_args!("Available commands:{}{admins}", list(false)))
    }
}

pub fn not_empty(username: &str, password: &Secret) -> Result<(), Refusal> {
    if username.is_empty() || password.is_empty() {
        return Err(Refusal("Username and password cannot be empty.".to_owned()));
    }
    Ok(())
}

pub fn not_registered(fault: Fault) -> Refusal {
    match fault.code {
        FaultCode::NameTaken => Refusal("Username already exists.".to_owned()),
        FaultCode::Forbidden => Refusal("Invalid admin key.".to_owned()),
        FaultCode::Banned => Refusal("You are banned from this server.".to_owned()),
        _ => fault.into(),
    }
}

pub fn registered(role: Role) -> Answer {
    let role = role.name();
    Answer { texts: vec![stamped(format_args!("Registration successful as {role}."))], then: Then::Stay }
}

/// A name as it is quoted back.
pub fn quoted(name: &str) -> SafeText {
    SafeText::line(name)
}
