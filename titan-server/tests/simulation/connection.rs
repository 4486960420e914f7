//! Connections: somebody comes, listens to all or to one thing after the other, does this and that, and is cut.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::future::{Either, select};
use sha2::{Digest, Sha256};
use titan_core::Time;
use titan_core::protocol::Place;
use titan_server::hub::{Attachment, Session, Visitor};
use titan_server::store::{Clock, Fact, NewSession, Warrant};

use crate::simulation::clock::{DAY, MINUTE, SECOND};
use crate::simulation::deeds::{deed, somewhere};
use crate::simulation::ear::{Ear, Scope, listen};
use crate::simulation::executor::pause;
use crate::simulation::people::{Person, World};

/// What a connection does before it only listens.
const DEEDS: usize = 9;
/// What it does while it listens in one way, before it comes to listen in another.
const DEEDS_MEANWHILE: usize = 3;

/// A connection is present for as long as this lasts.
struct Presence(Rc<World>, u64);

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.present.borrow_mut().remove(&self.1);
    }
}

/// Somebody comes, listens and acts, in one way and then in another; may be cut anywhere.
pub async fn connection(world: Rc<World>, who: Rc<Person>) {
    let Some(session) = enter(&world, &who).await else { return };
    for _ in 0..world.chance.below(3) {
        let Some(stay) = stay(&world, &session, &who).await else { return };
        if let Either::Left(()) = stay.acts(DEEDS_MEANWHILE).await {
            return;
        }
    }
    let Some(stay) = stay(&world, &session, &who).await else { return };
    stay.acts_and_listens().await;
}

/// Somebody who listens in one way.
struct Stay {
    world: Rc<World>,
    session: Session,
    who: Rc<Person>,
    attachment: Attachment,
    ear: Rc<RefCell<Ear>>,
    _presence: Presence,
}

async fn stay(world: &Rc<World>, session: &Session, who: &Rc<Person>) -> Option<Stay> {
    let (chance, watch) = (&world.chance, world.chance.once_in(3));
    let narrow = chance.once_in(3);
    let attachment = match narrow && !world.hears_too_much {
        true => session.attach_narrow(watch).await,
        false => session.attach(watch).await,
    };
    let (attachment, world) = (attachment.ok()?, world.clone());
    let scope = if narrow { Scope::One(None) } else { Scope::All };
    let ear = Rc::new(RefCell::new(Ear::new(session, scope, &world.truth)));
    let id = chance.draw();
    world.present.borrow_mut().insert(id, (session.clone(), ear.clone()));
    let _presence = Presence(world.clone(), id);
    let places = who.places.borrow().clone();
    if !narrow && chance.once_in(2) {
        resume(&attachment, &ear, &places).await;
    }
    Some(Stay { session: session.clone(), who: who.clone(), attachment, ear, _presence, world })
}

/// Places of conversations that they are not in are passed over.
async fn resume(attachment: &Attachment, ear: &RefCell<Ear>, places: &[Place]) {
    let Ok(heads) = attachment.resume(places).await else { return };
    let taken = places.iter().filter(|place| heads.iter().any(|head| head.conversation == place.conversation));
    let taken: Vec<Place> = taken.copied().collect();
    ear.borrow_mut().rewound(&taken);
}

impl Stay {
    /// Listens while it acts; left: its session has ended.
    async fn acts(&self, deeds: usize) -> Either<(), ()> {
        let listening = std::pin::pin!(self.listens());
        let acting = std::pin::pin!(self.acting(deeds));
        match select(listening, acting).await {
            Either::Left(_) => Either::Left(()),
            Either::Right(_) => Either::Right(()),
        }
    }

    async fn acts_and_listens(&self) {
        if let Either::Right(()) = self.acts(DEEDS).await {
            self.listens().await;
        }
    }

    async fn listens(&self) {
        let rest = if self.world.floods { 400 } else { 3 };
        listen(&self.attachment, &self.ear, &self.world.chance, rest).await;
    }

    async fn acting(&self, deeds: usize) {
        let (world, chance) = (&self.world, &self.world.chance);
        let narrow = self.ear.borrow().scope != Scope::All;
        for _ in 0..deeds {
            pause(chance.below(6)).await;
            match narrow && chance.once_in(3) {
                true => self.turns().await,
                false => deed(world, &self.session).await,
            }
            if !narrow && chance.once_in(12) {
                let places = self.ear.borrow().places();
                resume(&self.attachment, &self.ear, &places).await;
            }
            if !narrow {
                *self.who.places.borrow_mut() = self.ear.borrow().places();
            }
        }
    }

    /// Turns to another conversation, or to none.
    async fn turns(&self) {
        let there = somewhere(&self.world, self.session.account());
        let there = (!self.world.chance.once_in(6)).then_some(there);
        self.ear.borrow_mut().turns();
        let turned = self.attachment.tune(there).await;
        if let (Ok(head), Some(there)) = (turned, there) {
            self.ear.borrow_mut().turned(there, head);
        }
    }
}

/// By the session they had, or by a new one.
async fn enter(world: &World, who: &Person) -> Option<Session> {
    let visitor = Visitor::new("native", IpAddr::V4(Ipv4Addr::LOCALHOST));
    let known = who.token.borrow().clone().filter(|_| !world.chance.once_in(3));
    let token = match known {
        Some(token) => token,
        None => open_session(world, who).await?,
    };
    match world.hub.authenticate(&visitor, &token).await {
        Ok(login) => {
            *who.token.borrow_mut() = Some(token);
            // Nobody's password is known here to be given again.
            Some(login.session.unasked())
        }
        Err(_) => {
            who.token.borrow_mut().take();
            None
        }
    }
}

/// As the hub does it once a password has been checked, but for how long it stands.
async fn open_session(world: &World, who: &Person) -> Option<String> {
    let bytes: Vec<u8> = (0..4).flat_map(|_| world.chance.draw().to_le_bytes()).collect();
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let (now, stands) = (world.clock.now(), world.chance.among(&[20 * SECOND, 5 * MINUTE, DAY, 180 * DAY, 180 * DAY]));
    let new = NewSession {
        account: who.account,
        token_hash: Sha256::digest(&token).into(),
        door: "native".to_owned(),
        address: "127.0.0.1".to_owned(),
        client: None,
        app_password: None,
        now,
        expires_at: Time(now.0 + stands.unwrap_or(DAY)),
        most: None,
        in_use: Vec::new(),
    };
    let proven = Fact::Password { account: who.account, verifier: who.verifier.clone() };
    world.store.open_session(new, Warrant::from(vec![proven])).await.ok().map(|_| token)
}
