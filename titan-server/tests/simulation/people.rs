//! People, and what they do: connections that come, listen, do this and that at random, and are cut.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use titan_core::protocol::{Fault, FaultCode, MemberRole, Place, Role};
use titan_core::{AccountId, ClientId, ConversationId, Seq, Time};
use titan_server::hub::{AccountEdit, Hub, Post, RoomWish, Session, Visitor};
use titan_server::store::{Fact, NewSession, Store, Verifier, Warrant};

use crate::chance::Chance;
use crate::ear::{Ear, listen};
use crate::executor::pause;
use crate::truth::Truth;

/// What a connection does before it only listens.
const DEEDS: usize = 9;

pub struct Person {
    pub account: AccountId,
    pub verifier: Verifier,
    token: RefCell<Option<String>>,
    /// Up to where their client has heard what.
    places: RefCell<Vec<Place>>,
}

impl Person {
    pub fn new(account: AccountId, verifier: Verifier) -> Rc<Self> {
        Rc::new(Self { account, verifier, token: RefCell::default(), places: RefCell::default() })
    }
}

/// A session that listens, and by what ear.
pub type Listening = (Session, Rc<RefCell<Ear>>);

/// What all connections of a world share.
pub struct World {
    pub hub: Arc<Hub>,
    pub store: Arc<dyn Store>,
    pub chance: Chance,
    pub truth: Rc<RefCell<Truth>>,
    pub people: RefCell<Vec<Rc<Person>>>,
    /// Acts begun, and acts acknowledged.
    pub acts: RefCell<BTreeMap<&'static str, (i64, i64)>>,
    /// Connections that listen.
    pub present: RefCell<BTreeMap<u64, Listening>>,
    /// Whether there are floods of messages, and long rests.
    pub floods: bool,
}

/// A connection is present for as long as this lasts.
struct Presence(Rc<World>, u64);

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.present.borrow_mut().remove(&self.1);
    }
}

/// Somebody comes, listens and acts; may be cut anywhere.
pub async fn connection(world: Rc<World>, who: Rc<Person>) {
    let Some(session) = enter(&world, &who).await else { return };
    let Ok(attachment) = session.attach(world.chance.once_in(3)).await else { return };
    let ear = Rc::new(RefCell::new(Ear::new(&session, &world.truth)));
    let id = world.chance.draw();
    world.present.borrow_mut().insert(id, (session.clone(), ear.clone()));
    let _presence = Presence(world.clone(), id);
    let places = who.places.borrow().clone();
    if world.chance.once_in(2) && attachment.resume(&places).await.is_ok() {
        ear.borrow_mut().rewound(&places);
    }
    let rest = if world.floods { 400 } else { 3 };
    let listening = std::pin::pin!(listen(&attachment, &ear, &world.chance, rest));
    let acting = std::pin::pin!(acting(&world, &session, &ear, &who));
    if let futures_util::future::Either::Right(((), listening)) = futures_util::future::select(listening, acting).await
    {
        listening.await;
    }
}

/// By the session they had, or by a new one.
async fn enter(world: &World, who: &Person) -> Option<Session> {
    let visitor = Visitor { door: "native", address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
    let known = who.token.borrow().clone().filter(|_| !world.chance.once_in(3));
    let token = match known {
        Some(token) => token,
        None => open_session(world, who).await?,
    };
    match world.hub.authenticate(&visitor, &token).await {
        Ok(login) => {
            *who.token.borrow_mut() = Some(token);
            Some(login.session)
        }
        Err(_) => {
            who.token.borrow_mut().take();
            None
        }
    }
}

/// As the hub does it once a password has been checked.
async fn open_session(world: &World, who: &Person) -> Option<String> {
    let bytes: Vec<u8> = (0..4).flat_map(|_| world.chance.draw().to_le_bytes()).collect();
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let now = Time::now();
    let new = NewSession {
        account: who.account,
        token_hash: Sha256::digest(&token).into(),
        door: "native".to_owned(),
        address: "127.0.0.1".to_owned(),
        now,
        expires_at: Time(now.0 + 3_600_000),
    };
    let proven = Fact::Password { account: who.account, verifier: who.verifier.clone() };
    world.store.open_session(new, Warrant::from(vec![proven])).await.ok().map(|_| token)
}

async fn acting(world: &World, session: &Session, ear: &RefCell<Ear>, who: &Person) {
    for _ in 0..DEEDS {
        pause(world.chance.below(6)).await;
        deed(world, session).await;
        *who.places.borrow_mut() = ear.borrow().places();
    }
}

/// A conversation of the house, mostly one that they are in.
fn somewhere(world: &World, me: AccountId) -> ConversationId {
    let truth = world.truth.borrow();
    let all = truth.conversations();
    let mine: Vec<_> = all.iter().copied().filter(|there| truth.seat(me, *there).is_some()).collect();
    let picked = if world.chance.once_in(5) { world.chance.among(&all) } else { world.chance.among(&mine) };
    picked.unwrap_or(titan_server::hub::GENERAL)
}

fn somebody(world: &World) -> AccountId {
    world.chance.among(&world.people.borrow()).map_or(AccountId(1), |person| person.account)
}

fn words(there: ConversationId, client_id: Option<ClientId>) -> Post {
    Post { conversation: there, text: "words".to_owned(), reply_to: None, file: None, client_id }
}

async fn deed(world: &World, session: &Session) {
    let (chance, me) = (&world.chance, session.account());
    let (there, other) = (somewhere(world, me), somebody(world));
    let target = Seq(1 + chance.below(world.truth.borrow().head(there).0 as usize) as i64);
    match chance.below(40) {
        0..8 => drop(session.post(words(there, None)).await),
        8 => twice(world, session, there).await,
        9 => drop(session.edit(there, target, "other words", None).await),
        10 => drop(session.react(there, target, "+", chance.once_in(2), None).await),
        11 => drop(session.erase(there, target, None).await),
        12 | 13 => {
            let name = format!("room {}", chance.draw());
            drop(session.create_room(RoomWish { name, ..RoomWish::default() }).await);
        }
        14..19 => join(world, session).await,
        19 => drop(session.leave_room(there).await),
        20 | 21 => act(world, "kick", session.kick(there, other, "")).await,
        22 => act(world, "mute", session.mute(there, other, None, "")).await,
        23 | 24 => act(world, "unmute", session.unmute(there, other)).await,
        25 => act(world, "ban_member", session.ban_member(there, other, "")).await,
        26 | 27 => act(world, "unban_member", session.unban_member(there, other)).await,
        28 | 29 => {
            let roles = [MemberRole::Member, MemberRole::Moderator, MemberRole::Owner];
            let role = roles[chance.below(3)];
            act(world, "set_member_role", session.set_member_role(there, other, role)).await;
        }
        30 => drop(session.block(other).await),
        31 => drop(session.unblock(other).await),
        32 | 33 => drop(session.open_direct(other).await),
        34 => drop(session.mark_read(there, target).await),
        35 if chance.once_in(3) => act(world, "delete_room", session.delete_room(there)).await,
        36 if chance.once_in(3) => end_a_session(world, session).await,
        37 => administer(world, session, other).await,
        38 if world.floods => {
            for _ in 0..300 {
                if session.post(words(there, None)).await.is_err() {
                    break;
                }
            }
        }
        _ => drop(session.typing(there).await),
    }
}

/// An act that leaves a line in the audit log.
async fn act<T>(world: &World, name: &'static str, deed: impl Future<Output = Result<T, Fault>>) {
    world.acts.borrow_mut().entry(name).or_default().0 += 1;
    if deed.await.is_ok() {
        world.acts.borrow_mut().entry(name).or_default().1 += 1;
    }
}

/// What is sent again gets the first answer.
async fn twice(world: &World, session: &Session, there: ConversationId) {
    let id = (u128::from(world.chance.draw()) << 64) | u128::from(world.chance.draw());
    let client_id = Some(ClientId(uuid::Uuid::from_u128(id)));
    let first = session.post(words(there, client_id)).await;
    let second = session.post(words(there, client_id)).await;
    match (first, second) {
        (Ok(first), Ok(second)) if first.seq == second.seq => {}
        (Err(_), _) => {}
        (first, second) => {
            world.truth.borrow_mut().breaks(format!("{first:?} was sent again and answered {second:?}"));
        }
    }
}

/// Who has come into a room may write there at once, unless somebody took that away meanwhile.
async fn join(world: &World, session: &Session) {
    let me = session.account();
    let rooms = world.truth.borrow().conversations();
    let Some(room) = world.chance.among(&rooms) else { return };
    let before = world.truth.borrow().departures(me, room);
    if session.join_room(room, None).await.is_err() {
        return;
    }
    let refused = session.post(words(room, None)).await.err();
    let mut truth = world.truth.borrow_mut();
    if refused.is_some_and(|fault| fault.code == FaultCode::NotAMember) && truth.departures(me, room) == before {
        truth.breaks(format!("{me:?} came into {room:?} and was told to be no member"));
    }
}

async fn end_a_session(world: &World, session: &Session) {
    let Ok(sessions) = session.sessions().await else { return };
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    if let Some(id) = world.chance.among(&ids) {
        drop(session.revoke_session(id).await);
    }
}

/// What only admins may; the others try it too.
async fn administer(world: &World, session: &Session, other: AccountId) {
    match world.chance.below(8) {
        0..3 => act(world, "ban", session.ban(other, "")).await,
        3..6 => act(world, "unban", session.unban(other)).await,
        6 => {
            let role = if world.chance.once_in(2) { Role::Admin } else { Role::User };
            let edit = AccountEdit { role: Some(role), ..AccountEdit::default() };
            act(world, "edit_account", session.edit_account(other, edit)).await;
        }
        _ => act(world, "delete_account", session.remove_account(other)).await,
    }
}
