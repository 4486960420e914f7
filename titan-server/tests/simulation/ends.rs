//! What has an end holds until then, and no longer: mutes, bans of rooms and sessions, with the clock a moment before the end
//! and at it.

use std::rc::Rc;

use titan_core::protocol::{Fault, FaultCode};
use titan_core::{ConversationId, Time};
use titan_server::hub::{GENERAL, Session};
use titan_server::store::Clock;

use crate::simulation::deeds::{id, words};
use crate::simulation::people::World;
use crate::simulation::world::Works;

pub fn are_kept(works: &mut Works, world: &Rc<World>) {
    let present: Vec<Session> = world.present.borrow().values().map(|(session, _)| session.clone()).collect();
    let judged = world.clone();
    works.until_done(async move {
        for session in &present {
            mutes_end(&judged, session).await;
            bans_end(&judged, session).await;
        }
        // Last, since nothing can be done by them then.
        for session in &present {
            session_ends(&judged, session).await;
        }
    });
    let swept = world.clone();
    works.until_done(async move { drop(swept.store.purge_sessions(swept.hub.now()).await) });
}

/// Muted until then, they can't write a moment before it and can at it.
async fn mutes_end(world: &World, session: &Session) {
    let everywhere = world.truth.borrow().conversations();
    for there in everywhere {
        let seat = world.truth.borrow().seat(session.account(), there).filter(|seat| !seat.shut);
        let until = seat.and_then(|seat| seat.muted_until).filter(|until| *until < Time::FOREVER);
        let Some(until) = until.filter(|until| outlasts(world, session, *until)) else { continue };
        expect(world, session, "write", until, false, writes(world, session, there).await);
        world.clock.set(until);
        expect(world, session, "write", until, true, writes(world, session, there).await);
    }
}

/// Banned from a room until then, they can't come in a moment before it and can at it.
async fn bans_end(world: &World, session: &Session) {
    let bans = world.truth.borrow().bans(session.account());
    for (room, until) in bans.into_iter().filter(|(_, until)| *until < Time::FOREVER) {
        let known = world.truth.borrow().seat(session.account(), room).is_some();
        if known || !outlasts(world, session, until) || session.find_room(room).await.is_err() {
            continue;
        }
        let refused = session.join_room(room, None).await.map(drop);
        expect(world, session, "join", until, false, refused);
        world.clock.set(until);
        expect(world, session, "join", until, true, session.join_room(room, None).await.map(drop));
    }
}

/// A session that expires then is good a moment before it, and for nothing at it.
async fn session_ends(world: &World, session: &Session) {
    let Some(until) = world.truth.borrow().expiry(session.account(), session.id) else { return };
    world.clock.set(Time(until.0 - 1));
    let seat = world.truth.borrow().seat(session.account(), GENERAL);
    let may = seat.is_some_and(|seat| seat.may_write(world.clock.now()));
    expect(world, session, "write", until, may, writes(world, session, GENERAL).await);
    world.clock.set(until);
    let refused = writes(world, session, GENERAL).await;
    if may && refused.as_ref().err().map(|fault| fault.code) != Some(FaultCode::BadToken) {
        world.truth.borrow_mut().breaks(format!("{:?} expired at {until:?}, and got {refused:?}", session.id));
    }
}

/// Whether the session is still good at that time; the clock is set to the moment before it.
fn outlasts(world: &World, session: &Session, until: Time) -> bool {
    let good = world.truth.borrow().expiry(session.account(), session.id).is_some_and(|expiry| expiry > until);
    if good {
        world.clock.set(Time(until.0 - 1));
    }
    good
}

async fn writes(world: &World, session: &Session, there: ConversationId) -> Result<(), Fault> {
    session.post(words(there, id(world, session))).await.map(drop)
}

fn expect(world: &World, session: &Session, what: &str, until: Time, may: bool, came_to: Result<(), Fault>) {
    if came_to.is_ok() != may {
        let (me, now) = (session.account(), world.clock.now());
        let said = format!("{me:?} may {what} at {now:?}: {may}, by what ends at {until:?}; and got {came_to:?}");
        world.truth.borrow_mut().breaks(said);
    }
}
