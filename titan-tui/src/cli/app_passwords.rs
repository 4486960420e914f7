//! App passwords of one's own account: listed, made, removed.

use clap::Subcommand;
use titan_core::{
    AppPasswordId,
    protocol::{AppPassword, ask},
};

use super::{
    account,
    failure::Failure,
    globals::Globals,
    output::{Output, moment},
    session,
};

/// What can be done with app passwords.
#[derive(Subcommand, Clone, Debug)]
pub enum AppPasswords {
    /// Show them, with when and where each was used last.
    List,
    /// Make one for a program or device; it is shown once.
    Add {
        /// What it is for.
        name: String,
        /// Doors at which alone it is good, between commas: native, api, titan_net, channels, json_lines, slash, tls_frames.
        #[arg(long, value_name = "DOOR,…", value_delimiter = ',')]
        doors: Vec<String>,
        /// Your being an admin counts for it.
        #[arg(long)]
        administers: bool,
    },
    /// Remove one, by its number; what it opened ends.
    Remove { number: i64 },
}

/// One arm, one call.
pub async fn perform(globals: &Globals, output: &Output, what: AppPasswords) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    match what {
        AppPasswords::List => list(output, &client.ask(ask::AppPasswords {}).await?.app_passwords),
        AppPasswords::Add { name, doors, administers } => {
            let made = account::confirmed(&client, ask::AddAppPassword { name, doors, administers }).await?;
            output.remark(crate::words::APP_PASSWORD_ONCE);
            output.result(&made, || made.password.reveal().to_owned())
        }
        AppPasswords::Remove { number } => {
            account::confirmed(&client, ask::RemoveAppPassword { app_password: AppPasswordId(number) }).await?;
            output.remark(crate::words::APP_PASSWORD_REMOVED);
            Ok(())
        }
    }
}

fn list(output: &Output, all: &[AppPassword]) -> Result<(), Failure> {
    output.table(&["number", "name", "doors", "made", "last used", "at"], all, |one: &AppPassword| {
        vec![
            one.id.to_string(),
            one.name.to_string(),
            crate::words::doors(&one.doors, one.administers),
            moment(one.created_at),
            one.last_used.map_or_else(|| "-".to_owned(), moment),
            one.last_door
                .as_deref()
                .map_or_else(|| "-".to_owned(), |door| titan_core::SafeText::line(door).to_string()),
        ]
    })
}
