//! A world from its beginning to its end.

use crate::simulation::chance::Chance;
use crate::simulation::judge::judge;
use crate::simulation::world::{Planted, build};

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
