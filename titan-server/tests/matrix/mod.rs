//! Who may do what, at every door: each cell of the table is tried against a running house, by whatever word the door has
//! for it, and what came of it is looked up at another door.
//!
//! `TITAN_MATRIX=print cargo nextest run -p titan-server --test all matrix:: --no-capture` shows what was tried.

mod cast;
mod door;
mod doors;
mod scene;
mod table;
mod truth;

use std::fmt::Write;
use std::sync::Arc;

use crate::guests::open_house;
use crate::support::TestHouse;
use cast::{People, Who};
use door::{DOORS, Door};
use doors::Got;
use scene::Stage;
use table::{Act, Object, Role, Row};

/// What came of one cell at one door.
struct Tried {
    door: Door,
    role: Role,
    object: Object,
    act: Act,
    /// What the table says.
    may: bool,
    got: Got,
    /// Whether it happened, where that can be seen.
    happened: Option<bool>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_lets_everybody_do_what_the_table_says_and_nothing_else() {
    let house = Arc::new(open_house().await);
    let (people, all) = cast::gather(&house).await;
    let (people, all) = (Arc::new(people), Arc::new(all));
    let mut tries = tokio::task::JoinSet::new();
    for door in DOORS {
        let (house, people, all) = (house.clone(), people.clone(), all.clone());
        tries.spawn(async move {
            let mut tried = Vec::new();
            for who in all.iter() {
                tried.extend(try_all(&house, &people, door, who).await);
            }
            tried
        });
    }
    let tried: Vec<Tried> = tries.join_all().await.into_iter().flatten().collect();
    let picture = picture(&table::rows(), &tried);
    if std::env::var("TITAN_MATRIX").is_ok_and(|wish| wish == "print") {
        println!("{picture}");
    }
    println!("{} cells were tried", tried.len());
    let wrong: Vec<String> = tried.iter().filter_map(Tried::finding).collect();
    assert!(wrong.is_empty(), "{} cells are not as the table says:\n{}", wrong.len(), wrong.join("\n"));
    let bare: Vec<String> = table::rows().iter().filter(|row| !is_tried(row, &tried)).map(told).collect();
    assert!(bare.is_empty(), "no door has a word for: {bare:?}");
}

/// Tries everything that a door has a word for, as one role.
async fn try_all(house: &TestHouse, people: &People, door: Door, who: &Who) -> Vec<Tried> {
    let mut stage = Stage::open(house, people, who, door.mark()).await;
    let mut subject = door.enter(house, people, who).await;
    let (mut tried, mut held) = (Vec::new(), None);
    for Row { object, act, may } in table::rows() {
        let Some(may) = may.iter().find(|(role, _)| *role == who.role).and_then(|(_, may)| *may) else { continue };
        if !subject.knows(act, object) {
            continue;
        }
        let mut scene = match held.take() {
            Some((of, scene)) if of == object => scene,
            _ => stage.scene(object).await,
        };
        stage.prepare(act, &mut scene).await;
        let got = subject.tries(act, object, &scene, &mut stage).await;
        let happened = truth::has_happened(&mut stage, object, act, &scene).await;
        stage.restore(act, &scene).await;
        let changed = act.changes() && (got.is_ok() || happened == Some(true));
        if !(changed || matches!(act, Act::Unmute | Act::LetIn | Act::Unban)) {
            held = Some((object, scene));
        }
        let may = table::at(door, who.role, act, may);
        tried.push(Tried { door, role: who.role, object, act, may, got, happened });
    }
    tried
}

impl Tried {
    /// What is wrong with it.
    fn finding(&self) -> Option<String> {
        let Self { door, role, object, act, may, got, happened } = self;
        let done = got.is_ok();
        if done == *may && happened.is_none_or(|happened| happened == done) {
            return None;
        }
        let expected = if *may { "may" } else { "may not" };
        let saw = match happened {
            Some(true) => ", and it happened",
            Some(false) => ", and it did not happen",
            None => "",
        };
        let (role, object, act) = (role.words(), object.words(), act.words());
        Some(format!("{role} / {act} / {object} / {door:?}: expected {expected}, got {got:?}{saw}"))
    }
}

fn is_tried(row: &Row, tried: &[Tried]) -> bool {
    tried.iter().any(|tried| tried.object == row.object && tried.act == row.act)
}

fn told(row: &Row) -> String {
    format!("{}: {}", row.object.words(), row.act.words())
}

/// The table with the doors where each cell was tried: a capital where it was let happen, a small letter where not.
fn picture(rows: &[Row], tried: &[Tried]) -> String {
    let mut picture = String::from("N native, A api, T titan-net, C channels, J json-lines, S slash, F tls-frames\n");
    let mut object = None;
    for row in rows {
        if object != Some(row.object) {
            object = Some(row.object);
            let _ = write!(picture, "\n{:<28}", row.object.words());
            for (role, _) in &row.may {
                let _ = write!(picture, "{:<11}", role.words());
            }
            picture.push('\n');
        }
        let _ = write!(picture, "  {:<26}", row.act.words());
        for (role, _) in &row.may {
            let here = |tried: &&Tried| (tried.role, tried.object, tried.act) == (*role, row.object, row.act);
            let letter = |tried: &Tried| match tried.got {
                Ok(()) => tried.door.letter(),
                Err(_) => tried.door.letter().to_ascii_lowercase(),
            };
            let mut letters: Vec<char> = tried.iter().filter(here).map(letter).collect();
            letters.sort_unstable_by_key(|letter| "NATCJSF".find(letter.to_ascii_uppercase()));
            let _ = write!(picture, "{:<11}", letters.into_iter().collect::<String>());
        }
        picture.push('\n');
    }
    picture
}
