//! Gets accounts, rooms and clients ready.

use std::sync::Arc;

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use titan_core::{
    ConversationId, Secret,
    client::{Client, ClientEvent, Events, Options},
    protocol::{
        Body, Event, FaultCode,
        ask::{CreateRoom, JoinRoom},
    },
};

use crate::{Arguments, lean, tally::Tally};

/// Accounts, if nothing else is said.
const ACCOUNTS: usize = 20;
/// Logins at once: the server hashes passwords on a small pool.
const LOGINS: usize = 8;
/// Connections opened at once.
const CONNECTS: usize = 64;
const PASSWORD: &str = "load-password";

pub struct Crowd {
    /// Those who talk, by room.
    pub speakers: Vec<Vec<Client>>,
    pub rooms: Vec<ConversationId>,
    /// The accounts' sessions, which the other listeners enter too.
    tokens: Vec<Secret>,
    others: Vec<Client>,
}

impl Crowd {
    /// One client an account, in its room.
    pub async fn gather(arguments: &Arguments, tally: &Arc<Tally>) -> anyhow::Result<Self> {
        let accounts = arguments.accounts.unwrap_or(ACCOUNTS).clamp(arguments.rooms, arguments.clients);
        let entered: Vec<(Client, Events)> =
            stream::iter(0..accounts).map(|number| enter(arguments, number)).buffered(LOGINS).try_collect().await?;
        let rooms = open_rooms(arguments, &entered).await?;
        let tokens = entered.iter().filter_map(|(client, _)| client.me()).map(|session| session.token).collect();
        let mut speakers = vec![Vec::new(); arguments.rooms];
        for (number, (client, events)) in entered.into_iter().enumerate() {
            speakers[number % arguments.rooms].push(client);
            listen(events, number % arguments.rooms, tally);
        }
        Ok(Self { speakers, rooms, tokens, others: Vec::new() })
    }

    /// The rest of the clients, who only listen. How many they are.
    pub async fn fill(&mut self, arguments: &Arguments, tally: &Arc<Tally>) -> anyhow::Result<usize> {
        let accounts = self.tokens.len();
        let rest: Vec<usize> = (accounts..arguments.clients).map(|number| number % accounts).collect();
        let count = rest.len();
        let connecting = rest.into_iter().map(|account| {
            connect_listener(arguments, self.tokens[account].clone(), account % arguments.rooms, tally.clone())
        });
        let connected: Vec<Option<Client>> = stream::iter(connecting).buffer_unordered(CONNECTS).try_collect().await?;
        self.others = connected.into_iter().flatten().collect();
        Ok(count)
    }
}

/// Logs an account in, making it the first time.
async fn enter(arguments: &Arguments, number: usize) -> anyhow::Result<(Client, Events)> {
    let name = format!("{}{number}", arguments.prefix);
    let options = Options::new(&arguments.server)?.watch_presence(false);
    match Client::register(&options, &name, PASSWORD, None, None).await {
        Err(error) if error.fault().is_none_or(|fault| fault.code != FaultCode::NameTaken) => {
            return Err(error).context("can't register; is the server started with TITAN_LIMITS=off?");
        }
        _ => {}
    }
    Client::connect(options.password(name, PASSWORD)).await.context("can't log in")
}

/// Makes each room, or finds it from an earlier run, and lets its accounts join.
async fn open_rooms(arguments: &Arguments, speakers: &[(Client, Events)]) -> anyhow::Result<Vec<ConversationId>> {
    let known = speakers[0].0.rooms().await?;
    let mut rooms = Vec::new();
    for (number, (maker, _)) in speakers.iter().enumerate().take(arguments.rooms) {
        // The layout is in the name, so that members of an earlier run's rooms don't listen to this one's.
        let name = format!("{} {number} of {}", arguments.prefix, arguments.rooms);
        let room = match known.iter().find(|room| room.name.as_str() == name) {
            Some(room) => room.id,
            None => {
                let new = CreateRoom { name, ..CreateRoom::default() };
                maker.ask(new).await.context("can't make a room")?.id
            }
        };
        rooms.push(room);
    }
    let joining = speakers.iter().enumerate().map(|(number, (client, _))| {
        let room = rooms[number % rooms.len()];
        async move {
            match client.ask(JoinRoom { conversation: room, password: None }).await {
                Err(error) if error.fault().is_none_or(|fault| fault.code != FaultCode::AlreadyMember) => Err(error),
                _ => Ok(()),
            }
        }
    });
    stream::iter(joining).buffer_unordered(CONNECTS).try_collect::<()>().await.context("can't join a room")?;
    Ok(rooms)
}

async fn connect_listener(
    arguments: &Arguments,
    token: Secret,
    room: usize,
    tally: Arc<Tally>,
) -> anyhow::Result<Option<Client>> {
    if arguments.lean {
        lean::connect(&arguments.server, &token, room, tally).await?;
        return Ok(None);
    }
    let options = Options::new(&arguments.server)?.token(token).watch_presence(false);
    let (client, events) = Client::connect(options).await?;
    listen(events, room, &tally);
    Ok(Some(client))
}

fn listen(mut events: Events, room: usize, tally: &Arc<Tally>) {
    let (heard, tally) = (tally.listener(room), tally.clone());
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            if let ClientEvent::Server(Event::Entry { entry, .. }) = event
                && let Body::Message(message) = &entry.body
            {
                tally.hear(&heard, &message.text);
            }
        }
    });
}
