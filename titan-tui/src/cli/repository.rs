//! The repository of apps: list, search, show, upload, get, pending, approve, reject, delete, stats.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Subcommand};
use titan_core::{
    AppId, BlobId,
    client::{Client, NewApp, Source},
    protocol::{App, AppState, Category, RepositoryStats, ask},
};

use super::{
    failure::Failure,
    files,
    globals::Globals,
    output::{Output, bytes},
    session::{self, acknowledged},
    words,
};

/// What can be done with the repository.
#[derive(Subcommand, Clone, Debug)]
pub enum Repo {
    /// Show the approved apps, newest first.
    List {
        #[arg(long, value_parser = category)]
        category: Option<Category>,
    },
    /// Find apps by their words.
    Search { query: String },
    /// Show all that is known of an app.
    Show { app: Pick },
    /// Offer an app; an admin has to approve it.
    Upload(Upload),
    /// Download an app.
    Get {
        app: Pick,
        /// A file or folder to write to, or - for standard output [default: the current folder].
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
    /// Show the apps that wait for approval: all of them for admins, your own otherwise.
    Pending,
    /// Approve an app (admins).
    Approve {
        app: Pick,
        /// Approve only if this is the file's SHA-256.
        #[arg(long, value_name = "HEX")]
        sha256: Option<titan_core::BlobId>,
    },
    /// Reject an app (admins).
    Reject { app: Pick, reason: String },
    /// Delete an app (its author, and admins).
    Delete { app: Pick },
    /// Show the repository in numbers.
    Stats,
}

/// An app as named in the shell: `app:NUMBER`, its name, or the bare number where none is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    Number(AppId),
    Name(String),
}

impl FromStr for Pick {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_prefix("app:").and_then(|number| number.parse().ok());
        Ok(number.map_or_else(|| Self::Name(text.to_owned()), |id| Self::Number(AppId(id))))
    }
}

/// An app to be offered.
#[derive(Args, Clone, Debug)]
pub struct Upload {
    path: PathBuf,
    /// Its name [default: the file's].
    #[arg(long)]
    name: Option<String>,
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    #[arg(long, value_parser = category, default_value = "application")]
    category: Category,
    #[arg(long = "version", value_name = "VERSION", default_value = "1.0")]
    app_version: String,
}

/// Reads a category's name.
pub fn category(text: &str) -> Result<Category, String> {
    text.parse().map_err(|fault: titan_core::protocol::Fault| fault.message)
}

/// One arm, one call.
pub async fn perform(globals: &Globals, output: &Output, repo: Repo) -> Result<(), Failure> {
    let client = &session::client(globals, output).await?;
    match repo {
        Repo::List { category } => list(output, client, ask::Apps { category, ..ask::Apps::default() }).await,
        Repo::Search { query } => list(output, client, ask::Apps { query: Some(query), ..ask::Apps::default() }).await,
        Repo::Pending => {
            list(output, client, ask::Apps { state: Some(AppState::Pending), ..ask::Apps::default() }).await
        }
        Repo::Show { app } => output.result_of(find(client, &app).await?, sheet),
        Repo::Upload(upload) => offer(output, client, upload).await,
        Repo::Get { app, output: to } => {
            let id = find(client, &app).await?.id;
            files::download(output, client, Source::App(id), to).await
        }
        Repo::Approve { app, sha256 } => approve(output, client, &app, sha256).await,
        Repo::Reject { app, reason } => {
            let id = find(client, &app).await?.id;
            output.result_of(acknowledged(client.ask(ask::RejectApp { app: id, reason })).await?, line)
        }
        Repo::Delete { app } => delete(output, client, &app).await,
        Repo::Stats => output.result_of(client.ask(ask::AppStats {}).await?, numbers),
    }
}

impl Output {
    fn result_of<T: serde::Serialize>(&self, value: T, words: impl FnOnce(&T) -> String) -> Result<(), Failure> {
        self.result(&value, || words(&value))
    }
}

async fn list(output: &Output, client: &Client, filter: ask::Apps) -> Result<(), Failure> {
    let apps = client.list(filter).await?;
    output.table(&["id", "name", "version", "category", "size", "downloads", "by", "description"], &apps, |app| {
        vec![
            app.id.to_string(),
            app.name.to_string(),
            app.version.to_string(),
            app.category.name().to_owned(),
            bytes(app.size),
            app.downloads.to_string(),
            app.author.username.to_string(),
            app.description.lines().next().unwrap_or_default().to_owned(),
        ]
    })
}

/// The app that is meant. A name is looked for among the approved ones, then among those that wait.
async fn find(client: &Client, pick: &Pick) -> Result<App, Failure> {
    let name = match pick {
        Pick::Number(id) => return Ok(client.ask(ask::App { app: *id }).await?),
        Pick::Name(name) => name,
    };
    for state in [AppState::Approved, AppState::Pending] {
        let apps = client.list(ask::Apps { state: Some(state), ..ask::Apps::default() }).await?;
        let is_meant = |app: &App| app.name.to_lowercase() == name.to_lowercase();
        let mut found: Vec<App> = apps.into_iter().filter(is_meant).collect();
        match found.len() {
            0 => {}
            1 => return Ok(found.remove(0)),
            _ => {
                let numbers: Vec<String> = found.iter().map(|app| app.id.to_string()).collect();
                return Err(Failure::refused(words::several_apps(name, &numbers)));
            }
        }
    }
    match name.parse() {
        Ok(id) => Ok(client.ask(ask::App { app: AppId(id) }).await?),
        Err(_) => Err(Failure::refused(words::no_app(name))),
    }
}

async fn offer(output: &Output, client: &Client, upload: Upload) -> Result<(), Failure> {
    let Upload { path, name, description, category, app_version: version } = upload;
    files::readable(&path)?;
    let label = files::name(&path);
    let name = name.unwrap_or_else(|| path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
    let new = NewApp::new(name, category, version).described(description);
    let path = &path;
    let app = files::transfer(output, &label, |control| async move { client.upload_app(path, new, &control).await });
    output.result_of(app.await?, line)
}

/// Approves the very bytes that were looked at: those of the hash given, or those the server names now.
async fn approve(output: &Output, client: &Client, pick: &Pick, sha256: Option<BlobId>) -> Result<(), Failure> {
    let app = find(client, pick).await?;
    let approved =
        acknowledged(client.ask(ask::ApproveApp { app: app.id, sha256: sha256.unwrap_or(app.sha256) })).await?;
    output.result_of(approved, line)
}

async fn delete(output: &Output, client: &Client, pick: &Pick) -> Result<(), Failure> {
    let app = find(client, pick).await?;
    acknowledged(client.ask(ask::DeleteApp { app: app.id })).await?;
    output.remark(format!("Deleted {} ({}).", app.name, app.id));
    Ok(())
}

fn line(app: &App) -> String {
    format!("{}  {} {}  {}  sha256 {}", app.id, app.name, app.version, state(app.state), app.sha256)
}

fn state(state: AppState) -> &'static str {
    match state {
        AppState::Pending => "waits for approval",
        AppState::Approved => "approved",
        AppState::Rejected => "rejected",
        _ => "in a state that needs a newer Titan",
    }
}

fn sheet(app: &App) -> String {
    let decided = app.decided_by.as_ref().map(|by| format!(" by {}", by.username)).unwrap_or_default();
    let reason = app.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    [
        format!("{} {}  (app {})", app.name, app.version, app.id),
        format!("category   {}", app.category.name()),
        format!("author     {}", app.author.username),
        format!("state      {}{decided}{reason}", state(app.state)),
        format!("file       {} ({})", app.file_name, bytes(app.size)),
        format!("sha256     {}", app.sha256),
        format!("downloads  {}", app.downloads),
        String::new(),
        app.description.to_string(),
    ]
    .join("\n")
    .trim_end()
    .to_owned()
}

fn numbers(stats: &RepositoryStats) -> String {
    let mut lines = vec![
        format!("approved   {}", stats.approved),
        format!("pending    {}", stats.pending),
        format!("downloads  {}", stats.downloads),
    ];
    lines.extend(stats.categories.iter().map(|(name, count)| format!("{count:>6}  {name}")));
    lines.join("\n")
}
