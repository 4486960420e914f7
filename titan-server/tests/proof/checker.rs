//! Holds what was observed against what the log says. Pure: observations in, findings out.
//!
//! Every message says who sent it and the how-manyth of theirs it is, so that a line of a log tells by itself whether it
//! was sent, sent once, and sent in that order.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// A message as its sender knows it: the `number`th of `sender`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Words {
    pub sender: String,
    pub number: u64,
}

/// A line of a conversation's log, whoever read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub seq: i64,
    pub id: i64,
    /// The author's account.
    pub author: i64,
    /// The text of a message; none for what is no message.
    pub text: Option<String>,
}

/// A promise that a message is on disk, and where.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    pub words: Words,
    pub conversation: i64,
    /// None at doors that don't tell it.
    pub seq: Option<i64>,
    pub id: Option<i64>,
}

/// What one reader heard of one conversation, as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    pub reader: String,
    pub conversation: i64,
    pub lines: Vec<Line>,
    /// Whether it must be the whole log; otherwise parts may be missing (a door without a resume).
    pub whole: bool,
}

/// Everything there is to judge by.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The account of each sender.
    pub senders: HashMap<String, i64>,
    /// What was sent, and where to.
    pub sent: HashMap<Words, i64>,
    pub acknowledged: Vec<Acknowledged>,
    /// The logs as the database file has them, in order of seq.
    pub truth: BTreeMap<i64, Vec<Line>>,
    pub heard: Vec<Heard>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Acknowledged, or owed to a reader, and not there.
    Lost,
    /// There twice.
    Doubled,
    /// A place of the log is empty.
    Gap,
    /// Not in the order in which it was sent.
    Reordered,
    /// There, but nobody sent it; or heard, but not in the log.
    Invented,
    /// Not at the place that was acknowledged.
    Moved,
    /// A reader was told something else than stands in the log.
    Differs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    pub told: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.told)
    }
}

impl Words {
    pub fn text(&self) -> String {
        format!("{} {}", self.sender, self.number)
    }

    pub fn read(text: &str) -> Option<Self> {
        let (sender, number) = text.split_once(' ')?;
        Some(Self { sender: sender.to_owned(), number: number.parse().ok()? })
    }
}

/// Everything that is not as promised.
pub fn examine(observed: &Observed) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (conversation, lines) in &observed.truth {
        places(*conversation, lines, &mut findings);
        senders(observed, *conversation, lines, &mut findings);
    }
    ids(observed, &mut findings);
    promises(observed, &mut findings);
    for heard in &observed.heard {
        reader(observed, heard, &mut findings);
    }
    findings
}

fn find(findings: &mut Vec<Finding>, kind: Kind, told: String) {
    findings.push(Finding { kind, told });
}

/// Seq is 1, 2, 3, … without a gap.
fn places(conversation: i64, lines: &[Line], findings: &mut Vec<Finding>) {
    let mut next = 1;
    for line in lines {
        if line.seq > next {
            find(findings, Kind::Gap, format!("log {conversation} has nothing at {next}..{}", line.seq));
        } else if line.seq < next {
            find(findings, Kind::Doubled, format!("log {conversation} has seq {} twice", line.seq));
        }
        next = line.seq + 1;
    }
}

/// No entry's id is given twice, in any log.
fn ids(observed: &Observed, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for line in observed.truth.values().flatten().filter(|line| !seen.insert(line.id)) {
        find(findings, Kind::Doubled, format!("the id {} is given twice", line.id));
    }
}

/// Every message was sent, there, by that author; once; in the order of its sender.
fn senders(observed: &Observed, conversation: i64, lines: &[Line], findings: &mut Vec<Finding>) {
    let mut last: HashMap<String, u64> = HashMap::new();
    let mut seen = HashSet::new();
    for line in lines {
        let Some(text) = &line.text else { continue };
        let words = Words::read(text).filter(|words| {
            observed.sent.get(words) == Some(&conversation)
                && observed.senders.get(&words.sender).is_none_or(|author| *author == line.author)
        });
        let Some(words) = words else {
            let told = format!("{text:?} of account {} at {} of log {conversation}", line.author, line.seq);
            find(findings, Kind::Invented, told);
            continue;
        };
        let last = last.entry(words.sender.clone()).or_default();
        if !seen.insert(words.clone()) {
            find(findings, Kind::Doubled, format!("{text:?} is in log {conversation} once more at {}", line.seq));
        } else if words.number < *last {
            find(findings, Kind::Reordered, format!("{text:?} stands after number {last} in log {conversation}"));
        }
        *last = words.number.max(*last);
    }
}

/// What was acknowledged is there, where it was said to be.
fn promises(observed: &Observed, findings: &mut Vec<Finding>) {
    let mut places: HashMap<(i64, &str), &Line> = HashMap::new();
    for (conversation, lines) in &observed.truth {
        for line in lines.iter().rev() {
            places.extend(line.text.as_deref().map(|text| ((*conversation, text), line)));
        }
    }
    for promise in &observed.acknowledged {
        let text = promise.words.text();
        let told = format!("{text:?}, acknowledged as {:?}/{:?} in {}", promise.seq, promise.id, promise.conversation);
        match places.get(&(promise.conversation, text.as_str())) {
            None => find(findings, Kind::Lost, told),
            Some(line)
                if promise.id.is_some_and(|id| id != line.id) || promise.seq.is_some_and(|seq| seq != line.seq) =>
            {
                find(findings, Kind::Moved, format!("{told}, stands at {}/{}", line.seq, line.id));
            }
            Some(_) => {}
        }
    }
}

/// A reader heard the log: in order, each line once, to the end.
fn reader(observed: &Observed, heard: &Heard, findings: &mut Vec<Finding>) {
    let nothing = Vec::new();
    let truth = observed.truth.get(&heard.conversation).unwrap_or(&nothing);
    let mut next = 1;
    for line in &heard.lines {
        let told = |what: &str| format!("{} heard {what} in {}: {line:?}", heard.reader, heard.conversation);
        match truth.binary_search_by_key(&line.seq, |true_line| true_line.seq).ok().map(|at| &truth[at]) {
            None => find(findings, Kind::Invented, told("what is not in the log")),
            Some(true_line) if true_line != line => find(findings, Kind::Differs, told("something else")),
            Some(_) => {}
        }
        if line.seq < next && heard.lines.iter().filter(|other| other.seq == line.seq).count() > 1 {
            find(findings, Kind::Doubled, told("a line twice"));
        } else if line.seq < next {
            find(findings, Kind::Reordered, told("a line too late"));
        } else if line.seq > next && heard.whole {
            find(findings, Kind::Gap, told(&format!("a line before {next}")));
        }
        next = next.max(line.seq + 1);
    }
    if heard.whole && next <= truth.len() as i64 {
        let told = format!("{} never heard from {next} on in {}", heard.reader, heard.conversation);
        find(findings, Kind::Lost, told);
    }
}
