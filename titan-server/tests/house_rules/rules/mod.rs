//! The rules of the house as checks over the source, each with planted breaches that it must find and code that it must let
//! pass. A check takes files and gives the breaches it finds; none knows where the files come from.

pub mod growing;
pub mod judging;
pub mod manners;
pub mod memory;
pub mod queues;
pub mod screen;
pub mod time;
pub mod walls;

use std::fmt;

use crate::source::{Named, Source};

/// A rule: its check, what it lets pass, and the proof that it can fail.
pub struct Rule {
    pub check: fn(&[Source]) -> Vec<Breach>,
    pub exceptions: &'static [Exception],
    /// Files (path, text), each with a breach in its last line, in the spellings that people would use.
    pub breaches: &'static [(&'static str, &'static str)],
    /// Files without one.
    pub fine: &'static [(&'static str, &'static str)],
}

/// A rule broken: where, how, and what to do instead.
pub struct Breach {
    pub path: String,
    pub line: usize,
    pub what: String,
    pub instead: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    {}", self.path, self.line, self.what, self.instead)
    }
}

/// A place that a rule lets pass, and why. One that is no longer needed is a breach itself.
pub struct Exception {
    pub path: &'static str,
    /// What the rule found there.
    pub found: &'static str,
    pub why: &'static str,
}

pub const fn except(path: &'static str, found: &'static str, why: &'static str) -> Exception {
    Exception { path, found, why }
}

/// Takes out what is excepted, and adds exceptions that nothing needs.
pub fn but_for(exceptions: &[Exception], breaches: Vec<Breach>) -> Vec<Breach> {
    let meets = |exception: &Exception, breach: &Breach| {
        breach.path == exception.path && breach.what.contains(exception.found) && !exception.why.is_empty()
    };
    let stale = exceptions.iter().filter(|exception| !breaches.iter().any(|breach| meets(exception, breach)));
    let stale: Vec<Breach> = stale
        .map(|exception| Breach {
            path: exception.path.to_owned(),
            line: 1,
            what: format!("the exception for {:?} is not needed any more", exception.found),
            instead: "take it out of house_rules/exceptions.rs",
        })
        .collect();
    breaches
        .into_iter()
        .filter(|breach| !exceptions.iter().any(|exception| meets(exception, breach)))
        .chain(stale)
        .collect()
}

pub fn breach(source: &Source, line: usize, what: impl Into<String>, instead: &'static str) -> Breach {
    Breach { path: source.path.clone(), line, what: what.into(), instead }
}

/// Breaches for every path that `bad` names.
pub fn forbid(source: &Source, bad: impl Fn(&Named) -> bool, what: &str, instead: &'static str) -> Vec<Breach> {
    let found = source.paths.iter().filter(|path| bad(path));
    found.map(|path| breach(source, path.line, format!("{what} `{}`", path.text()), instead)).collect()
}

/// The files below a folder that are part of the product.
pub fn within<'a>(sources: &'a [Source], folder: &'a str) -> impl Iterator<Item = &'a Source> {
    product(sources).filter(move |source| source.is_in(folder))
}

pub fn product(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|source| !source.is_test())
}
