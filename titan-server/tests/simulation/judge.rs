//! Looks at a world that has come to rest: everybody has heard all, the database says what was told, each may do what it
//! says, and every act has its line. Then at the ends of what has one, with the clock just before it and just there.

use std::collections::BTreeMap;
use std::rc::Rc;

use titan_core::protocol::{FaultCode, MemberRole, Role};
use titan_server::hub::Session;
use titan_server::store::Clock;

use crate::simulation::ends;
use crate::simulation::people::{Person, World};
use crate::simulation::truth::Seat;
use crate::simulation::world::Works;

pub fn judge(works: &mut Works, world: &Rc<World>) {
    let swept = world.clone();
    works.until_done(async move { drop(swept.store.purge_sessions(swept.hub.now()).await) });
    works.rests();
    everybody_has_heard_all(world);
    let present: Vec<_> = world.present.borrow().values().cloned().collect();
    let judged = world.clone();
    works.until_done(async move {
        let people = judged.people.borrow().clone();
        for person in people {
            remembered_as_written(&judged, &person).await;
        }
        for (session, _) in present {
            if judged.truth.borrow().stands(session.account(), session.id) {
                lets_do_as_written(&judged, &session).await;
            }
        }
        every_act_has_its_line(&judged).await;
    });
    ends::are_kept(works, world);
    works.rests();
    everybody_has_heard_all(world);
}

fn everybody_has_heard_all(world: &World) {
    world.present.borrow().values().for_each(|(_, ear)| ear.borrow().is_complete());
}

/// The database says what follows from the changes that were told.
async fn remembered_as_written(world: &World, person: &Person) {
    let places = world.store.places(person.account).await.unwrap();
    let mut truth = world.truth.borrow_mut();
    let mut seats = BTreeMap::new();
    for place in places {
        let seat = Seat { role: place.role, muted_until: place.muted_until, shut: place.shut };
        seats.insert(place.conversation, seat);
    }
    let told: BTreeMap<_, _> = truth
        .conversations()
        .into_iter()
        .filter_map(|there| truth.seat(person.account, there).map(|seat| (there, seat)))
        .collect();
    if told != seats {
        truth.breaks(format!("{:?}: told {told:?}, written {seats:?}", person.account));
    }
}

/// What the hub remembers of an account lets it do what the database says.
async fn lets_do_as_written(world: &World, session: &Session) {
    let me = session.account();
    let role = session.record().await.map(|record| record.role);
    let everywhere = world.truth.borrow().conversations();
    for there in everywhere {
        let seat = world.truth.borrow().seat(me, there);
        let writes = session.typing(there).await.is_ok();
        let moderates = match session.sanctions(there).await {
            Err(fault) if fault.code == FaultCode::NotFound => None,
            told => Some(told.is_ok()),
        };
        let may_write = seat.is_some_and(|seat| seat.may_write(world.clock.now()));
        let keeper = seat.is_some_and(|seat| seat.role >= MemberRole::Moderator) || role == Ok(Role::Admin);
        if writes != may_write || moderates.is_some_and(|moderates| moderates != keeper) {
            let said = format!("{me:?} in {there:?} is {seat:?}: writes {writes}, moderates {moderates:?}");
            world.truth.borrow_mut().breaks(said);
        }
    }
}

/// Acts of moderation and their lines in the audit log are as many as each other.
async fn every_act_has_its_line(world: &World) {
    let mut lines: BTreeMap<String, i64> = BTreeMap::new();
    for record in world.store.audit(None, u32::MAX).await.unwrap() {
        *lines.entry(record.act).or_default() += 1;
    }
    let mut truth = world.truth.borrow_mut();
    for (act, times) in truth.acts.clone() {
        let written = lines.get(act).copied().unwrap_or_default();
        if written != times {
            truth.breaks(format!("{act} was done {times} times, and has {written} lines"));
        }
    }
    for (act, (begun, done)) in world.acts.borrow().iter() {
        let written = lines.get(*act).copied().unwrap_or_default();
        if written < *done || written > *begun {
            truth.breaks(format!("{act} was begun {begun} times, done {done} times, and has {written} lines"));
        }
    }
}
