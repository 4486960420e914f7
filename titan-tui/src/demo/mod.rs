//! `titan --demo`: a house with people in it who talk, for whoever wants to look before having a server. The server is the one inside
//! this program, in a folder that is gone afterwards; the people are clients of it like any other, so that all that one tries is real.
//!
//! [`furnish`] makes what is there when one comes in; [`live`] is what goes on then.

mod script;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use titan_core::{
    ConversationId, GENERAL, Secret, Seq,
    client::{Client, ClientEvent, Draft, Events, NewApp, Options, TransferControl},
    protocol::{Account, Body, Entry, Event, ask},
    text::{look_alike, mentions},
};

use crate::credentials::{Credentials, Login, SOLO};
use script::{APPS, Deed, HISTORY, LIVE, PEOPLE, ROOMS, Who};

/// Between one who speaks and the next.
const PAUSE: Duration = Duration::from_millis(3_500);
/// Entries among which the newest message is looked for: joins and reactions are entries too.
const LOOKED_AT: u32 = 50;
/// How long one writes at least, and for each letter.
const WRITES: Duration = Duration::from_millis(900);
const A_LETTER: Duration = Duration::from_millis(18);

/// Somebody of the house.
struct Actor {
    client: Client,
    account: Account,
    events: tokio::sync::Mutex<Events>,
}

/// Everybody, and where they talk.
pub struct Cast {
    actors: Vec<Actor>,
    rooms: Vec<ConversationId>,
    guest: Account,
}

/// Makes the people, the rooms, what was said so far and the apps, and a login for the guest, who joins some of the rooms.
pub async fn furnish(
    url: &str,
    admin_key: Option<Secret>,
    logins: &Credentials,
    guest: Option<&str>,
    folder: &Path,
) -> anyhow::Result<Cast> {
    let guest = enter(url, &name_of(guest), None, admin_key.clone()).await?;
    let mut actors = Vec::new();
    for (name, full_name) in PEOPLE {
        // Who decides on the apps is an admin.
        let key = admin_key.clone().filter(|_| actors.is_empty());
        actors.push(enter(url, name, Some(full_name), key).await?);
    }
    let rooms = rooms(&actors, &guest).await?;
    let token = guest.client.me().context("nobody is logged in")?.token;
    let username = guest.account.username.to_string();
    logins.keep(Login { server: SOLO.to_owned(), username, token })?;
    let cast = Cast { actors, rooms, guest: guest.account };
    for deed in HISTORY {
        cast.does(deed, folder).await?;
    }
    cast.offer_apps(folder).await?;
    Ok(cast)
}

/// The name that was given, or of whoever sits here; another one where somebody of the house is called so.
fn name_of(guest: Option<&str>) -> String {
    let sits_here = || std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok();
    let name = guest.map(str::to_owned).or_else(sits_here).and_then(|name| titan_core::text::username(&name).ok());
    let is_taken = |name: &String| PEOPLE.iter().any(|(taken, _)| look_alike(taken) == look_alike(name));
    name.filter(|name| !is_taken(name)).unwrap_or_else(|| "you".to_owned())
}

async fn enter(url: &str, name: &str, full_name: Option<&str>, admin_key: Option<Secret>) -> anyhow::Result<Actor> {
    let password: Secret = titan_core::ClientId::new().to_string().into();
    let options = Options::new(url)?;
    Client::register(&options, name, password.clone(), full_name, admin_key).await?;
    let (client, events) = Client::connect(options.password(name, password).watch_presence(false)).await?;
    let account = client.me().context("nobody is logged in")?.account;
    Ok(Actor { client, account, events: events.into() })
}

/// The rooms: everybody is in all of them, the guest in those that are theirs.
async fn rooms(actors: &[Actor], guest: &Actor) -> anyhow::Result<Vec<ConversationId>> {
    let mut rooms = vec![GENERAL];
    for (name, about, with_guest) in ROOMS {
        let room = ask::CreateRoom {
            name: (*name).to_owned(),
            description: (*about).to_owned(),
            ..ask::CreateRoom::default()
        };
        let conversation = actors[0].client.ask(room).await?.id;
        for actor in actors[1..].iter().chain(Some(guest).filter(|_| *with_guest)) {
            actor.client.ask(ask::JoinRoom { conversation, password: None }).await?;
        }
        rooms.push(conversation);
    }
    Ok(rooms)
}

impl Cast {
    fn actor(&self, who: Who) -> &Actor {
        &self.actors[who as usize]
    }

    async fn does(&self, deed: &Deed, folder: &Path) -> anyhow::Result<()> {
        let newest = async |actor: &Actor, room: ConversationId| -> anyhow::Result<Seq> {
            let range = titan_core::client::Range::Before(Seq(i64::MAX));
            let entries = actor.client.history(room, range, LOOKED_AT).await?.entries;
            let said = entries.into_iter().rfind(|entry| matches!(entry.body, Body::Message(_)));
            Ok(said.context("nothing was said yet")?.seq)
        };
        match *deed {
            Deed::Says(who, room, text) => {
                self.actor(who).client.post(self.rooms[room], &self.to_guest(text)).await?;
            }
            Deed::Answers(who, room, text) => {
                let (actor, room) = (self.actor(who), self.rooms[room]);
                let draft = Draft::new(room, self.to_guest(text)).replying_to(newest(actor, room).await?);
                actor.client.post_with(draft).await?;
            }
            Deed::Reacts(who, room, emoji) => {
                let (actor, room) = (self.actor(who), self.rooms[room]);
                actor.client.react(room, newest(actor, room).await?, emoji, true).await?;
            }
            Deed::Sends(who, room, name, size, text) => {
                let path = folder.join(name);
                std::fs::write(&path, bytes(size))?;
                let control = TransferControl::new(|_| {});
                self.actor(who).client.upload_file(&path, self.rooms[room], text, &control).await?;
            }
            Deed::Whispers(who, text) => {
                let actor = self.actor(who);
                let direct = actor.client.ask(ask::OpenDirect { account: self.guest.id }).await?.id;
                actor.client.post(direct, text).await?;
            }
        }
        Ok(())
    }

    /// `@you` is the guest, by whatever name.
    fn to_guest(&self, text: &str) -> String {
        text.replace("@you", &format!("@{}", self.guest.username))
    }

    /// Some are approved, the last one waits.
    async fn offer_apps(&self, folder: &Path) -> anyhow::Result<()> {
        for (at, (who, name, category, version, about, size)) in APPS.iter().enumerate() {
            let path = folder.join(format!("{}.zip", name.to_lowercase().replace(' ', "-")));
            std::fs::write(&path, bytes(*size))?;
            let app = NewApp::new(*name, *category, *version).described(*about);
            let app = self.actor(*who).client.upload_app(&path, app, &TransferControl::new(|_| {})).await?;
            if at + 1 < APPS.len() {
                self.actors[0].client.ask(ask::ApproveApp { app: app.id, sha256: app.sha256 }).await?;
            }
        }
        Ok(())
    }
}

/// What goes on: people talk for as long as one looks, and answer who speaks to them.
pub async fn live(cast: Cast, folder: std::path::PathBuf) {
    let cast = Arc::new(cast);
    for at in 0..cast.actors.len() {
        tokio::spawn(listen(cast.clone(), at));
    }
    for deed in LIVE.iter().cycle() {
        tokio::time::sleep(PAUSE).await;
        if let Deed::Says(who, room, text) | Deed::Answers(who, room, text) = deed {
            write(cast.actor(*who), cast.rooms[*room], text).await;
        }
        if let Err(error) = cast.does(deed, &folder).await {
            tracing::debug!(%error, "somebody of the demonstration could not do that");
        }
    }
}

/// Writes for as long as one would.
async fn write(actor: &Actor, conversation: ConversationId, text: &str) {
    let _ = actor.client.ask(ask::Typing { conversation }).await;
    tokio::time::sleep(WRITES + A_LETTER * text.chars().count().min(120) as u32).await;
}

/// Answers the guest, in a direct conversation or where one is meant.
async fn listen(cast: Arc<Cast>, at: usize) {
    let actor = &cast.actors[at];
    let mut events = actor.events.lock().await;
    let mut said = 0;
    while let Some(event) = events.next().await {
        let ClientEvent::Server(Event::Entry { entry, .. }) = event else { continue };
        if entry.author.id != cast.guest.id || !is_for(actor, &entry, &cast.rooms) {
            continue;
        }
        let text = script::ANSWERS[(at + said) % script::ANSWERS.len()];
        said += 1;
        write(actor, entry.conversation, text).await;
        let draft = Draft::new(entry.conversation, cast.to_guest(text)).replying_to(entry.seq);
        if let Err(error) = actor.client.post_with(draft).await {
            tracing::debug!(%error, "somebody of the demonstration could not answer");
        }
    }
}

fn is_for(actor: &Actor, entry: &Entry, rooms: &[ConversationId]) -> bool {
    let Body::Message(message) = &entry.body else { return false };
    let is_me = |name: &str| look_alike(name) == look_alike(&actor.account.username);
    let meant = mentions(message.text.written()).iter().any(|mention| mention.meant(is_me).is_some());
    meant || !rooms.contains(&entry.conversation)
}

/// Bytes that look like a file's: other ones each time, so that nothing is thought to be there already.
fn bytes(size: usize) -> Vec<u8> {
    let seed = titan_core::ClientId::new().to_string().into_bytes();
    seed.iter()
        .cycle()
        .enumerate()
        .map(|(at, byte)| byte.wrapping_mul(31).wrapping_add((at / 7) as u8))
        .take(size)
        .collect()
}
