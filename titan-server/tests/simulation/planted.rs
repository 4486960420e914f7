//! That the judge finds what it is to find: worlds in which something is done wrong on purpose.

use crate::simulation::life::live;
use crate::simulation::world::Planted;

/// Lives until something is found.
const SEEDS_MOST: u64 = 300;

fn finds(planted: Planted) {
    let found = (0..SEEDS_MOST).find(|seed| !crate::simulation::wrongs(*seed, planted).is_empty());
    assert!(found.is_some(), "{planted:?} went unnoticed in {SEEDS_MOST} lives");
}

#[test]
fn a_change_that_is_not_told_is_noticed() {
    finds(Planted::DroppedChange);
}

#[test]
fn commits_told_in_the_wrong_order_are_noticed() {
    finds(Planted::WrongOrder);
}

#[test]
fn answers_that_come_before_what_they_tell_are_noticed() {
    finds(Planted::EarlyAnswers);
}

#[test]
fn an_entry_that_is_not_told_is_noticed() {
    finds(Planted::DroppedEntry);
}

#[test]
fn a_log_whose_time_steps_back_is_noticed() {
    finds(Planted::TimeStepsBack);
}

#[test]
fn mutes_judged_by_another_clock_are_noticed() {
    finds(Planted::MutesByAnotherClock);
}

#[test]
fn bans_judged_by_another_clock_are_noticed() {
    finds(Planted::BansByAnotherClock);
}

#[test]
fn sessions_that_never_expire_are_noticed() {
    finds(Planted::EndlessSessions);
}

#[test]
fn who_hears_more_than_they_listen_to_is_noticed() {
    finds(Planted::WideForNarrow);
}

#[test]
fn a_seed_gives_the_same_life_again() {
    for seed in 0..10 {
        assert_eq!(live(seed, Planted::Nothing), live(seed, Planted::Nothing), "seed {seed}");
    }
}
