//! A house on one thread, driven by chance: who runs next, when a transaction happens and how much is in it, who is cut,
//! what time it is.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use titan_core::protocol::{Entry, Role};
use titan_core::{Time, TitanNumber};
use titan_server::admin_key::AdminKey;
use titan_server::hub::{Hub, Letter, Limits, Mailer, Passwords, Peppers, Rules, SessionTerms, Terms};
use titan_server::store::sqlite::inline::InlineStore;
use titan_server::store::{Change, Clock, Committed, Log, NewAccount, Scheme, Store, Verifier, Warrant};
use titan_server::switchboard::Switchboard;
use tokio::sync::mpsc;

use crate::between::{Around, Between};
use crate::simulation::chance::Chance;
use crate::simulation::clock::{Ahead, HOUR, Stopped, VirtualClock};
use crate::simulation::connection::connection;
use crate::simulation::executor::{Executor, pause};
use crate::simulation::people::{Person, World};
use crate::simulation::truth::Truth;

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
    /// An entry is not told.
    DroppedEntry,
    /// The clock has been set back, and a log's time follows it.
    TimeStepsBack,
    /// The hub judges mutes by a clock that is ahead.
    MutesByAnotherClock,
    /// Bans of rooms are judged by a clock that is ahead.
    BansByAnotherClock,
    /// Who looks at sessions has a clock that stands still.
    EndlessSessions,
    /// Who listens to one conversation hears all.
    WideForNarrow,
}

impl Planted {
    /// The clocks of the hub and of the store.
    fn clocks(self, right: &Arc<VirtualClock>) -> (Arc<dyn Clock>, Arc<dyn Clock>) {
        let (hub, store): (Arc<dyn Clock>, Arc<dyn Clock>) = (right.clone(), right.clone());
        let ahead = || Arc::new(Ahead(right.clone(), HOUR));
        match self {
            Self::MutesByAnotherClock => (ahead(), store),
            Self::BansByAnotherClock => (ahead(), ahead()),
            Self::EndlessSessions => (hub, Arc::new(Stopped)),
            _ => (hub, store),
        }
    }
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
pub struct Works {
    chance: Chance,
    clock: Arc<VirtualClock>,
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

/// More than any of these lives takes.
const AGE: Duration = Duration::from_secs(100 * 366 * 24 * 3_600);

pub fn build(chance: &Chance, planted: Planted) -> (Works, Rc<World>) {
    let (committed, commits) = mpsc::channel(64);
    let (told, following) = mpsc::channel(64);
    let clock = VirtualClock::new();
    let (hubs, stores) = planted.clocks(&clock);
    let inline = Arc::new(InlineStore::open(committed, stores).unwrap());
    let around = Arc::new(Gaps(chance.clone()));
    let store: Arc<dyn Store> = Arc::new(Between { around, store: inline.clone() as Arc<dyn Store> });
    let switchboard = Switchboard::new(store.clone() as Arc<dyn Log>);
    let (key, _) = AdminKey::load(admin_key()).unwrap();
    let passwords = Passwords::new(Peppers::of(b"pepper"), 1);
    // Sessions end here as the simulation has it alone: it draws for how long each stands.
    let terms = Terms { idle: AGE, lasts: AGE };
    let rules = Rules { sessions: SessionTerms { users: terms, admins: terms }, ..Rules::from(Limits::off()) };
    let hub = Hub::new(store.clone(), switchboard, passwords, rules, key, Arc::new(NoMail), hubs);
    let mut executor = Executor::default();
    executor.spawn(hub.follower().run(following));
    let truth = Rc::new(RefCell::new(Truth::new(clock.clone())));
    let world = Rc::new(World {
        hub,
        store,
        chance: chance.clone(),
        clock: clock.clone(),
        truth: truth.clone(),
        people: RefCell::default(),
        acts: RefCell::default(),
        present: RefCell::default(),
        floods: chance.once_in(20),
        hears_too_much: planted == Planted::WideForNarrow,
    });
    let held_back = Vec::new();
    let chance = chance.clone();
    let works = Works { chance, clock, executor, inline, commits, told, held_back, planted, truth, begun: 0 };
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
    pub fn people_arrive(&mut self, world: &Rc<World>) {
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
                made_up_until: None,
                now: self.clock.now(),
            };
            self.until_done(async move {
                let account = world.store.create_account(new, Warrant::of_house()).await.unwrap();
                world.people.borrow_mut().push(Person::new(account.id, verifier));
            });
        }
    }

    /// Lets connections come and go until all of them are done and everything has come to rest.
    pub fn turn(&mut self, world: &Rc<World>) {
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
            self.clock.moves(&self.chance);
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
        while let Ok(mut commit) = self.commits.try_recv() {
            if self.planted == Planted::TimeStepsBack && self.chance.once_in(4) {
                commit.entries.iter_mut().for_each(stamp_earlier);
            }
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
            Planted::DroppedEntry if self.chance.once_in(4) => drop(commit.entries.pop()),
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

    /// Lets everything come to rest that still goes on.
    pub fn rests(&mut self) {
        (0..STEPS_MOST).take_while(|_| self.step()).for_each(drop);
    }

    /// Runs one thing to its end, with whatever else goes on.
    pub fn until_done(&mut self, work: impl Future<Output = ()> + 'static) {
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

fn stamp_earlier(entry: &mut Arc<Entry>) {
    let earlier = Time(entry.at.0 - HOUR);
    Arc::make_mut(entry).at = earlier;
}
