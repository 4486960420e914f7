//! Arrows between modules, and the circles among them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::{Path, PathBuf},
};

/// Who names whom, and in which lines.
#[derive(Default)]
pub struct Graph {
    arrows: BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<usize>>>,
}

/// Modules each of which leads to each other one, with the arrows between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Circle {
    pub modules: Vec<PathBuf>,
    pub arrows: Vec<(PathBuf, usize, PathBuf)>,
}

impl Graph {
    pub fn add(&mut self, from: &Path, to: &Path, line: usize) {
        if from != to {
            self.arrows.entry(from.to_owned()).or_default().entry(to.to_owned()).or_default().insert(line);
        }
    }

    /// Each once, whatever it is entered by.
    pub fn circles(&self) -> Vec<Circle> {
        let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> =
            self.arrows.keys().map(|from| (from, self.reached(from))).collect();
        let leads = |from: &PathBuf, to: &PathBuf| reached.get(from).is_some_and(|all| all.contains(to));
        let circle_of = |one: &PathBuf| -> Vec<PathBuf> {
            self.arrows.keys().filter(|other| leads(one, other) && leads(other, one)).cloned().collect()
        };
        let all: BTreeSet<Vec<PathBuf>> = self.arrows.keys().map(circle_of).filter(|all| !all.is_empty()).collect();
        all.into_iter().map(|modules| Circle { arrows: self.between(&modules), modules }).collect()
    }

    fn reached(&self, from: &PathBuf) -> BTreeSet<&PathBuf> {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&PathBuf> = self.arrows[from].keys().collect();
        while let Some(module) = next.pop() {
            if seen.insert(module) {
                next.extend(self.arrows.get(module).into_iter().flat_map(BTreeMap::keys));
            }
        }
        seen
    }

    fn between(&self, modules: &[PathBuf]) -> Vec<(PathBuf, usize, PathBuf)> {
        let mut between = Vec::new();
        for from in modules {
            for (to, lines) in self.arrows[from].iter().filter(|(to, _)| modules.contains(to)) {
                between.extend(lines.iter().map(|line| (from.clone(), *line, to.clone())));
            }
        }
        between
    }
}

impl Circle {
    /// The modules, then file, line and what is named there.
    pub fn told(&self) -> String {
        let mut told = format!("a circle of {}:\n", self.modules.len());
        for (from, line, to) in &self.arrows {
            let _ = writeln!(told, "    {}:{line} names something of {}", from.display(), to.display());
        }
        told
    }
}
