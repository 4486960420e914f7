//! Friends, and people one wants to hear nothing of: friends, block, unblock, whois.

use clap::Subcommand;
use titan_core::{
    client::Client,
    protocol::{Account, Person, Relation, RelationKind, Role, ask},
};

use super::{
    failure::Failure,
    globals::Globals,
    output::Output,
    session::{self, acknowledged},
    target,
};
use crate::app::order::Step;
use crate::words::{relation_note, stepped};

/// What can be done about friends.
#[derive(Subcommand, Clone, Debug)]
pub enum Friends {
    /// Show your friends, those online first.
    List,
    /// Show who asks to be your friend, and whom you asked.
    Requests,
    /// Ask somebody to be friends; who has asked you is a friend at once.
    Add { user: String },
    /// Say yes to somebody who asked.
    Accept { user: String },
    /// Say no to somebody who asked; they aren't told.
    Decline { user: String },
    /// End a friendship, or take back your own request.
    Remove { user: String },
    /// Show whom you have blocked.
    Blocked,
}

/// One arm, one call.
pub async fn friends(globals: &Globals, output: &Output, what: Option<Friends>) -> Result<(), Failure> {
    let client = &session::client(globals, output).await?;
    match what.unwrap_or(Friends::List) {
        Friends::List => list(output, client, &[RelationKind::Friend]).await,
        Friends::Requests => list(output, client, &[RelationKind::Requests, RelationKind::Requested]).await,
        Friends::Blocked => list(output, client, &[RelationKind::Blocked]).await,
        Friends::Add { user } => relate(output, client, &user, true).await,
        Friends::Accept { user } => relate(output, client, &user, false).await,
        Friends::Decline { user } => part(output, client, &user, Step::Decline).await,
        Friends::Remove { user } => part(output, client, &user, Step::End).await,
    }
}

async fn list(output: &Output, client: &Client, kinds: &[RelationKind]) -> Result<(), Failure> {
    let mut relations = client.list(ask::Relations::default()).await?;
    relations.retain(|relation| kinds.contains(&relation.relation));
    relations.sort_by_key(|it| (it.relation, !it.person.online, it.person.account.username.to_lowercase()));
    output.table(&["number", "name", "", ""], &relations, |relation: &Relation| {
        let Person { account, online, .. } = &relation.person;
        let presence = if *online { "online" } else { "" };
        let note = relation_note(relation.relation);
        vec![account.titan_number.to_string(), account.username.to_string(), presence.to_owned(), note.to_owned()]
    })
}

async fn relate(output: &Output, client: &Client, user: &str, first: bool) -> Result<(), Failure> {
    let account = who(client, user).await?;
    let relation = match first {
        true => acknowledged(client.ask(ask::RequestFriend { account: account.id })).await?,
        false => acknowledged(client.ask(ask::AcceptFriend { account: account.id })).await?,
    };
    let step = if relation.relation == RelationKind::Friend { Step::Accept } else { Step::Ask };
    output.result(&relation, || stepped(step, &account.username))
}

async fn part(output: &Output, client: &Client, user: &str, step: Step) -> Result<(), Failure> {
    let account = who(client, user).await?;
    match step {
        Step::Decline => acknowledged(client.ask(ask::DeclineFriend { account: account.id })).await?,
        _ => acknowledged(client.ask(ask::RemoveFriend { account: account.id })).await?,
    };
    output.remark(stepped(step, &account.username));
    Ok(())
}

pub async fn block(globals: &Globals, output: &Output, user: &str, on: bool) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let account = who(&client, user).await?;
    match on {
        true => acknowledged(client.ask(ask::Block { account: account.id })).await?,
        false => acknowledged(client.ask(ask::Unblock { account: account.id })).await?,
    };
    output.remark(stepped(if on { Step::Block } else { Step::Unblock }, &account.username));
    Ok(())
}

/// All that everybody may know of somebody.
pub async fn whois(globals: &Globals, output: &Output, user: &str) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let person = target::find_person(&client, user).await?;
    output.result(&person, || sheet(&person))
}

fn sheet(person: &Person) -> String {
    let account = &person.account;
    let admin = if account.role == Role::Admin { ", admin" } else { "" };
    let presence = if person.online { "online" } else { "offline" };
    let mut lines = vec![format!("{} ({}{admin}), {presence}", account.username, account.titan_number)];
    lines.extend(account.full_name.as_ref().map(|name| format!("name  {name}")));
    lines.extend(account.blog_url.as_ref().map(|url| format!("blog  {url}")));
    lines.join("\n")
}

/// Somebody as named in the shell.
pub async fn who(client: &Client, user: &str) -> Result<Account, Failure> {
    Ok(target::find_person(client, user).await?.account)
}
