//! Rooms and people: who, conversations, rooms, members, join, leave, create-room, dm.

use std::io::{self, IsTerminal};

use clap::Args;
use titan_core::{
    ConversationId,
    client::Client,
    protocol::{Account, Conversation, Member, MemberRole, Person, Role, Room, RoomKind, What, ask},
};

use super::{
    failure::Failure,
    globals::Globals,
    input, messages,
    output::Output,
    session,
    target::{self, Target},
};

/// A room to be made.
#[derive(Args, Clone, Debug)]
pub struct NewRoomArgs {
    name: String,
    /// What it is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// A voice room.
    #[arg(long)]
    voice: bool,
    /// Who joins must know it.
    #[arg(long, env = "TITAN_ROOM_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

pub async fn who(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let mut people = session::client(globals, output).await?.who().await?;
    people.sort_by_key(|person| person.account.username.to_lowercase());
    output.table(&["number", "name", ""], &people, describe)
}

fn describe(person: &Person) -> Vec<String> {
    let account = &person.account;
    let full_name = account.full_name.as_deref().unwrap_or_default();
    let admin = if account.role == Role::Admin { "(admin)" } else { "" };
    let note = [full_name, admin].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    vec![account.titan_number.to_string(), account.username.to_string(), note]
}

pub async fn conversations(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let conversations = session::client(globals, output).await?.conversations().await?;
    output.table(&["id", "name", "unread", "mentions"], &conversations, |conversation| {
        let count = |count: u64| if count == 0 { "-".to_owned() } else { count.to_string() };
        let Conversation { id, unread, mentions, .. } = conversation;
        vec![id.to_string(), title(conversation), count(*unread), count(*mentions)]
    })
}

/// `#room` or `@person`.
fn title(conversation: &Conversation) -> String {
    match &conversation.what {
        What::Room(room) => format!("#{}", room.name),
        What::Direct(account) => format!("@{}", account.username),
        _ => crate::words::NEWER_CONVERSATION.to_owned(),
    }
}

pub async fn rooms(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let rooms = session::client(globals, output).await?.rooms().await?;
    output.table(&["id", "name", "members", "", "description"], &rooms, |room| {
        let Room { id, name, members, description, .. } = room;
        let description = description.replace('\n', " ");
        vec![id.to_string(), format!("#{name}"), members.to_string(), marks(room), description]
    })
}

fn marks(room: &Room) -> String {
    let marks = [(room.joined, "joined"), (room.kind == RoomKind::Voice, "voice"), (room.locked, "password")];
    marks.into_iter().filter_map(|(holds, mark)| holds.then_some(mark)).collect::<Vec<_>>().join(",")
}

pub async fn members(globals: &Globals, output: &Output, conversation: &Target) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let mut members = client.members(conversation.find(&client).await?).await?;
    members.sort_by_key(|member| (!member.person.online, member.person.account.username.to_lowercase()));
    output.table(&["number", "name", "", "role", ""], &members, |member| {
        let Member { person, room_role, .. } = member;
        let role = match room_role {
            MemberRole::Member => "",
            role => role.name(),
        };
        let mut cells = describe(person);
        cells.insert(2, if person.online { "online" } else { "" }.to_owned());
        cells.insert(3, role.to_owned());
        cells
    })
}

pub async fn join(globals: &Globals, output: &Output, room: &Target, password: Option<&str>) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let (conversation, password) = (room.find_room(&client).await?, password.map(str::to_owned));
    let joined = client.ask(ask::JoinRoom { conversation, password: password.map(Into::into) }).await?;
    entered(output, &joined)
}

fn entered(output: &Output, conversation: &Conversation) -> Result<(), Failure> {
    output.result(conversation, || format!("{}  {}", conversation.id, title(conversation)))
}

pub async fn leave(globals: &Globals, output: &Output, room: &Target, to: Option<&str>) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let conversation = room.find_room(&client).await?;
    let heir = match to {
        Some(name) => Some(target::find_person(&client, name).await?.account),
        None => heir_asked_for(output, &client, conversation).await?,
    };
    client.ask(ask::LeaveRoom { conversation, heir: heir.as_ref().map(|heir| heir.id) }).await?;
    match heir {
        Some(heir) => output.remark(format!("Left. The room is {}'s now.", heir.username)),
        None => output.remark("Left."),
    }
    Ok(())
}

/// Who leaves a room of their own at a terminal says who gets it; a script that doesn't say leaves it to the server.
async fn heir_asked_for(
    output: &Output,
    client: &Client,
    conversation: ConversationId,
) -> Result<Option<Account>, Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(None);
    }
    let mine = client.conversations().await?.into_iter().find(|it| it.id == conversation);
    if mine.is_none_or(|mine| mine.room_role != MemberRole::Owner) {
        return Ok(None);
    }
    let me = client.me().map(|session| session.account.id);
    let members = client.members(conversation).await?;
    let mut others: Vec<_> = members.iter().filter(|member| Some(member.person.account.id) != me).collect();
    others.sort_by_key(|member| (member.room_role != MemberRole::Moderator, member.joined_at));
    let Some(first) = others.first() else { return Ok(None) };
    let usual = &first.person.account;
    output.remark(format!("The room is yours. Who gets it? Press Enter for {}.", usual.username));
    match input::line().await?.trim() {
        "" => Ok(Some(usual.clone())),
        name => Ok(Some(target::find_person(client, name).await?.account)),
    }
}

pub async fn create(globals: &Globals, output: &Output, room: NewRoomArgs) -> Result<(), Failure> {
    let NewRoomArgs { name, description, voice, password } = room;
    let kind = if voice { RoomKind::Voice } else { RoomKind::Text };
    let name = name.trim_start_matches('#').to_owned();
    let client = session::client(globals, output).await?;
    let created = client.ask(ask::CreateRoom { name, description, kind, password: password.map(Into::into) }).await?;
    entered(output, &created)
}

pub async fn direct(globals: &Globals, output: &Output, user: &str, text: Option<String>) -> Result<(), Failure> {
    let text = match text {
        Some(text) => Some(input::text(text).await?),
        None => None,
    };
    let client = session::client(globals, output).await?;
    let person = target::find_person(&client, user).await?;
    let conversation = client.ask(ask::OpenDirect { account: person.account.id }).await?;
    match text {
        Some(text) => messages::say(output, &client, conversation.id, text, None).await,
        None => entered(output, &conversation),
    }
}
