//! What people do to each other, at random; and what each deed must come to by itself.

use std::time::Duration;

use titan_core::protocol::{FaultCode, MemberRole, Role, SanctionKind};
use titan_core::{AccountId, ClientId, ConversationId, Seq, Time};
use titan_server::hub::{AccountEdit, GENERAL, Post, RoomWish, Session};
use titan_server::store::{AuditRecord, Clock, Fact, NewSanction, Standing, Warrant};

use crate::simulation::clock::{HOUR, MINUTE, SECOND};
use crate::simulation::people::World;

/// A conversation of the house, mostly one that they are in.
pub fn somewhere(world: &World, me: AccountId) -> ConversationId {
    let truth = world.truth.borrow();
    let all = truth.conversations();
    let mine: Vec<_> = all.iter().copied().filter(|there| truth.seat(me, *there).is_some()).collect();
    let picked = if world.chance.once_in(5) { world.chance.among(&all) } else { world.chance.among(&mine) };
    picked.unwrap_or(GENERAL)
}

/// A room that they look after, and somebody else in it.
fn in_their_keeping(world: &World, me: AccountId) -> Option<(ConversationId, AccountId)> {
    let truth = world.truth.borrow();
    let role = |account, there| truth.seat(account, there).map(|seat| seat.role);
    let keeps = |there: &ConversationId| {
        role(me, *there).is_some_and(|role| role >= MemberRole::Moderator || truth.is_admin(me))
    };
    let rooms = truth.conversations().into_iter().filter(keeps);
    let people = world.people.borrow();
    let pairs = rooms.flat_map(|room| people.iter().map(move |other| (room, other.account)));
    let all: Vec<_> = pairs.filter(|(room, other)| *other != me && role(*other, *room).is_some()).collect();
    world.chance.among(&all)
}

fn somebody(world: &World) -> AccountId {
    world.chance.among(&world.people.borrow()).map_or(AccountId(1), |person| person.account)
}

pub fn words(there: ConversationId, client_id: Option<ClientId>) -> Post {
    Post { conversation: there, text: "words".to_owned(), reply_to: None, file: None, client_id }
}

/// An id under which the session writes something now; now and then none, and then nobody knows by which session.
pub fn id(world: &World, session: &Session) -> Option<ClientId> {
    let id = ClientId(uuid::Uuid::from_u128((u128::from(world.chance.draw()) << 64) | u128::from(world.chance.draw())));
    (!world.chance.once_in(4)).then(|| {
        world.truth.borrow_mut().begins(id, session.id);
        id
    })
}

/// How long a mute or a ban lasts that has an end.
fn lasting(world: &World) -> i64 {
    world.chance.among(&[SECOND, 10 * SECOND, MINUTE, HOUR]).unwrap_or(MINUTE)
}

pub async fn deed(world: &World, session: &Session) {
    let (chance, me) = (&world.chance, session.account());
    let (there, other) = (somewhere(world, me), somebody(world));
    let target = Seq(1 + chance.below(world.truth.borrow().head(there).0 as usize) as i64);
    match chance.below(42) {
        0..8 => drop(session.post(words(there, id(world, session))).await),
        8 => twice(world, session, there).await,
        9 => drop(session.edit(there, target, "other words", id(world, session)).await),
        10 => drop(session.react(there, target, "+", chance.once_in(2), id(world, session)).await),
        11 => drop(session.erase(there, target, id(world, session)).await),
        12 | 13 => {
            let name = format!("room {}", chance.draw());
            drop(session.create_room(RoomWish { name, ..RoomWish::default() }).await);
        }
        14..19 => join(world, session).await,
        19 => leave(world, session, there).await,
        20..24 => moderate(world, session, there, other).await,
        24..31 => {
            let (there, other) = in_their_keeping(world, me).unwrap_or((there, other));
            moderate(world, session, there, other).await;
        }
        31 => drop(session.block(other).await),
        32 => drop(session.unblock(other).await),
        33 | 34 => drop(session.open_direct(other).await),
        35 => drop(session.mark_read(there, target).await),
        36 if chance.once_in(3) => act(world, session, "delete_room", session.delete_room(there)).await,
        37 if chance.once_in(3) => end_a_session(world, session).await,
        38 => administer(world, session, other).await,
        39 if world.floods => flood(world, session, there).await,
        40 if chance.once_in(2) => drop(world.store.purge_sessions(world.hub.now()).await),
        _ => drop(session.typing(there).await),
    }
}

/// What moderators may; the others try it too.
async fn moderate(world: &World, session: &Session, there: ConversationId, other: AccountId) {
    let chance = &world.chance;
    match chance.below(12) {
        0 | 1 => act(world, session, "kick", session.kick(there, other, "")).await,
        2..5 => {
            let lasting = (!chance.once_in(3)).then(|| Duration::from_millis(lasting(world) as u64));
            act(world, session, "mute", session.mute(there, other, lasting, "")).await;
        }
        5 => act(world, session, "unmute", session.unmute(there, other)).await,
        6 => act(world, session, "ban_member", session.ban_member(there, other, "")).await,
        7 | 8 => ban_for_a_while(world, session, there, other).await,
        9 => act(world, session, "unban_member", session.unban_member(there, other)).await,
        _ => {
            let roles = [MemberRole::Member, MemberRole::Moderator, MemberRole::Owner];
            let role = roles[chance.below(3)];
            act(world, session, "set_member_role", session.set_member_role(there, other, role)).await;
        }
    }
}

/// Leaves, and now and then comes back at once.
async fn leave(world: &World, session: &Session, there: ConversationId) {
    drop(session.leave_room(there).await);
    if world.chance.once_in(2) {
        drop(session.join_room(there, None).await);
    }
}

/// More than a listener's queue has room for.
async fn flood(world: &World, session: &Session, there: ConversationId) {
    for _ in 0..300 {
        if session.post(words(there, id(world, session))).await.is_err() {
            break;
        }
    }
}

/// An act that leaves a line in the audit log.
async fn act<T, E>(world: &World, session: &Session, name: &'static str, deed: impl Future<Output = Result<T, E>>) {
    world.acts.borrow_mut().entry(name).or_default().0 += 1;
    let begun = world.clock.moment();
    if deed.await.is_ok() {
        world.truth.borrow_mut().done_for(session.id, begun);
        world.acts.borrow_mut().entry(name).or_default().1 += 1;
    }
}

/// A ban that has an end: the store keeps such, though the hub sets none. It rests on what the policy would ask.
async fn ban_for_a_while(world: &World, session: &Session, room: ConversationId, account: AccountId) {
    let (seat, by) = (world.truth.borrow().seat(account, room), session.account());
    if room == GENERAL || by == account || seat.is_some_and(|seat| seat.role > MemberRole::Member || seat.shut) {
        return;
    }
    let (now, kind, reason) = (world.clock.now(), SanctionKind::Ban, String::new());
    let new = NewSanction { room, account, kind, until: Time(now.0 + lasting(world)), reason, by, now };
    let standing = seat.map(|seat| Standing { role: seat.role, muted_until: seat.muted_until, shut: seat.shut });
    let grounds = vec![
        Fact::Session { account: by, session: session.id },
        Fact::Member { account, conversation: room, standing },
    ];
    let (act, object, detail) = ("ban_member".to_owned(), String::new(), String::new());
    let line = AuditRecord { at: now, by: Some(by), act, object, detail };
    let banned = world.store.set_sanction(new, Warrant::from(grounds).with_audit(line));
    self::act(world, session, "ban_member", banned).await;
}

/// What is sent again gets the first answer.
async fn twice(world: &World, session: &Session, there: ConversationId) {
    let client_id = id(world, session);
    if client_id.is_none() {
        return;
    }
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
    let refused = session.post(words(room, id(world, session))).await.err();
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
        0..3 => act(world, session, "ban", session.ban(other, "")).await,
        3..6 => act(world, session, "unban", session.unban(other)).await,
        6 => {
            let role = if world.chance.once_in(2) { Role::Admin } else { Role::User };
            let edit = AccountEdit { role: Some(role), ..AccountEdit::default() };
            act(world, session, "edit_account", session.edit_account(other, edit)).await;
        }
        _ => act(world, session, "delete_account", session.remove_account(other)).await,
    }
}
