//! A house on one thread, driven by chance: who runs next, when a transaction happens and how much is in it, who is cut.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use titan_core::protocol::{FaultCode, MemberRole, Role};
use titan_core::{Time, TitanNumber};
use titan_server::admin_key::AdminKey;
use titan_server::hub::{Hub, Letter, Limits, Mailer, Passwords, Session};
use titan_server::store::sqlite::inline::InlineStore;
use titan_server::store::{Change, Committed, Log, MachineClock, NewAccount, Scheme, Store, Verifier, Warrant};
use titan_server::switchboard::Switchboard;
use tokio::sync::mpsc;

use crate::between::{Around, Between};
use crate::chance::Chance;
use crate::executor::{Executor, pause};
use crate::people::{Person, World, connection};
use crate::truth::{Seat, Truth};

const PEOPLE: usize = 5;
/// Connections in the life of a world.
const CONNECTIONS: usize = 10;
/// A world that has not come to rest by then never will.
const STEPS_MOST: usize = 400_000;

/// What is done wrong on purpose, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    Nothing,
    /// Now and then a change is not told.
    DroppedChange,
    /// Now and then two commits are told in the wrong order.
    WrongOrder,
    /// Callers are answered before what they did has been applied.
    EarlyAnswers,
}

/// Verbs and looks take their time.
struct Gaps(Chance);

#[async_trait]
impl Around for Gaps {
    async fn before(&self, _: &'static str) {
        pause(self.0.below(3)).await;
    }

    async fn after(&self, _: &'static str) {
        pause(self.0.below(3)).await;
    }
}

struct NoMail;

impl Mailer for NoMail {
    fn take(&self, _: Letter) {}
}

/// The wheels of a world.
struct Works {
    chance: Chance,
    executor: Executor,
    inline: Arc<InlineStore>,
    /// From the store, and on to who follows.
    commits: mpsc::Receiver<Committed>,
    told: mpsc::Sender<Committed>,
    held_back: Vec<Committed>,
    planted: Planted,
    truth: Rc<RefCell<Truth>>,
    /// Connections that have come.
    begun: usize,
}

/// Lives through one world; what went against the promises, and a trace by which two runs can be compared.
pub fn live(seed: u64, planted: Planted) -> (Vec<String>, Vec<String>) {
    let chance = Chance::of(seed);
    let (mut works, world) = build(&chance, planted);
    works.people_arrive(&world);
    works.turn(&world);
    judge(&mut works, &world);
    let truth = world.truth.borrow();
    (truth.broken.clone(), truth.trace.clone())
}

fn build(chance: &Chance, planted: Planted) -> (Works, Rc<World>) {
    let (committed, commits) = mpsc::channel(64);
    let (told, following) = mpsc::channel(64);
    let inline = Arc::new(InlineStore::open(committed, Arc::new(MachineClock)).unwrap());
    let around = Arc::new(Gaps(chance.clone()));
    let store: Arc<dyn Store> = Arc::new(Between { around, store: inline.clone() as Arc<dyn Store> });
    let switchboard = Switchboard::new(store.clone() as Arc<dyn Log>);
    let (key, _) = AdminKey::load(admin_key()).unwrap();
    let passwords = Passwords::new(b"pepper", 1);
    let hub =
        Hub::new(store.clone(), switchboard, passwords, Limits::off(), key, Arc::new(NoMail), Arc::new(MachineClock));
    let mut executor = Executor::default();
    executor.spawn(hub.follower().run(following));
    let truth = Rc::new(RefCell::new(Truth::default()));
    let world = Rc::new(World {
        hub,
        store,
        chance: chance.clone(),
        truth: truth.clone(),
        people: RefCell::default(),
        acts: RefCell::default(),
        present: RefCell::default(),
        floods: chance.once_in(20),
    });
    let held_back = Vec::new();
    let works = Works { chance: chance.clone(), executor, inline, commits, told, held_back, planted, truth, begun: 0 };
    (works, world)
}

/// One file for all worlds of this process: nobody asks for what is in it.
fn admin_key() -> &'static PathBuf {
    static FOLDER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("admin_key.txt");
            AdminKey::load(&file).unwrap();
            (folder, file)
        })
        .1
}

impl Works {
    fn people_arrive(&mut self, world: &Rc<World>) {
        for number in 0..PEOPLE {
            let world = world.clone();
            let salt = [number as u8; 32];
            let verifier = Verifier { scheme: Scheme::Titan, salt, hash: format!("of {number}") };
            let new = NewAccount {
                username: format!("person{number}"),
                key: format!("person{number}"),
                titan_number: TitanNumber(10_000 + number as i64),
                full_name: None,
                email: None,
                role: if number == 0 { Role::Admin } else { Role::User },
                verifier: verifier.clone(),
                now: Time::now(),
            };
            self.until_done(async move {
                let account = world.store.create_account(new, Warrant::of_house()).await.unwrap();
                world.people.borrow_mut().push(Person::new(account.id, verifier));
            });
        }
    }

    /// Lets connections come and go until all of them are done and everything has come to rest.
    fn turn(&mut self, world: &Rc<World>) {
        let mut tasks: Vec<usize> = Vec::new();
        for _ in 0..STEPS_MOST {
            tasks.retain(|task| self.executor.runs(*task));
            let may_come = tasks.len() < 6 && world.present.borrow().len() < 6 && self.begun < CONNECTIONS;
            if may_come && (tasks.len() < 3 || self.chance.once_in(60)) {
                let people = world.people.borrow().clone();
                let who = self.chance.among(&people).unwrap();
                tasks.push(self.executor.spawn(connection(world.clone(), who)));
                self.begun += 1;
            }
            if self.chance.once_in(250)
                && let Some(task) = self.chance.among(&tasks)
            {
                self.executor.cut(task);
            }
            if !self.step() && self.begun >= CONNECTIONS {
                return;
            }
        }
        let (waiting, begun, listening) = (self.inline.waiting(), self.begun, world.present.borrow().len());
        let said = format!("no rest: {waiting} verbs wait, {begun} came, {listening} listen, {} run", tasks.len());
        self.truth.borrow_mut().breaks(said);
    }

    /// Runs a task, or a transaction; whether there was anything to do.
    fn step(&mut self) -> bool {
        let waiting = self.inline.waiting();
        if waiting > 0 && self.chance.once_in(4) || !self.executor.step(&self.chance) {
            if waiting == 0 && self.held_back.is_empty() {
                return false;
            }
            self.transact();
        }
        true
    }

    fn transact(&mut self) {
        if self.told.capacity() > 2 {
            self.inline.commit(1 + self.chance.below(6)).unwrap();
        }
        while let Ok(commit) = self.commits.try_recv() {
            self.truth.borrow_mut().heed(&commit);
            self.hand_on(commit);
        }
    }

    /// Hands a commit on to who follows, with what was planted.
    fn hand_on(&mut self, mut commit: Committed) {
        match self.planted {
            Planted::DroppedChange if self.chance.once_in(4) => {
                let lasting = |change: &Change| {
                    matches!(change, Change::Joined { .. } | Change::Left { .. } | Change::MemberChanged { .. })
                };
                commit.changes.retain(|told| !lasting(&told.change));
            }
            Planted::WrongOrder if self.held_back.is_empty() && self.chance.once_in(3) => {
                return self.held_back.push(commit);
            }
            Planted::EarlyAnswers => {
                let late = Committed::new(commit.turn, commit.entries.clone(), commit.changes.clone());
                drop(commit);
                let before = std::mem::replace(&mut self.held_back, vec![late]);
                return before.into_iter().for_each(|commit| drop(self.told.try_send(commit)));
            }
            _ => {}
        }
        let _ = self.told.try_send(commit);
        self.held_back.drain(..).for_each(|commit| drop(self.told.try_send(commit)));
    }

    /// Runs one thing to its end, with whatever else goes on.
    fn until_done(&mut self, work: impl Future<Output = ()> + 'static) {
        let task = self.executor.spawn(work);
        for _ in 0..STEPS_MOST {
            if !self.executor.runs(task) {
                return;
            }
            self.step();
        }
        panic!("it is never done");
    }
}

/// Looks at the world that has come to rest.
fn judge(works: &mut Works, world: &Rc<World>) {
    let present: Vec<_> = world.present.borrow().values().cloned().collect();
    present.iter().for_each(|(_, ear)| ear.borrow().is_complete());
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
}

/// The database says what follows from the changes that were told.
async fn remembered_as_written(world: &World, person: &Person) {
    let places = world.store.places(person.account).await.unwrap();
    let mut truth = world.truth.borrow_mut();
    let mut seats = BTreeMap::new();
    for place in places {
        let muted = place.muted_until == Some(Time::FOREVER);
        seats.insert(place.conversation, Seat { role: place.role, muted, shut: place.shut });
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
        let may_write = seat.is_some_and(|seat| !seat.muted && !seat.shut);
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
    for record in world.store.audit(u32::MAX).await.unwrap() {
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
