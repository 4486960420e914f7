//! Where a message is written: the text, what it answers or changes, what was sent before, and completion.
//!
//! A half-written line is put aside while something else stands in its place (an older message being changed, one that the up-arrow
//! brought, a command that a list wrote), and is back when that is sent or given up.

use serde::{Deserialize, Serialize};
use titan_core::{Seq, Time};

use super::secretive::is_secret;
use crate::input::Editor;

/// Messages remembered for the up-arrow.
const REMEMBERED: usize = 100;

/// The composer.
pub struct Composer {
    pub editor: Editor,
    pub reply_to: Option<Seq>,
    pub editing: Option<Seq>,
    pub completion: Option<Completion>,
    pub draft_due: Option<Time>,
    pub typed_at: Time,
    sent: Vec<String>,
    recalled: Option<usize>,
    /// The half-written line, while something else stands in its place, and what it answers.
    aside: Option<(String, Option<Seq>)>,
}

/// What stands beside a draft: what it answers, and an older message with what it is being changed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    pub reply_to: Option<Seq>,
    pub editing: Option<(Seq, String)>,
}

/// What the word before the cursor may become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Characters before the cursor that are replaced.
    pub replaces: usize,
    pub offers: Vec<Offer>,
    pub at: usize,
}

/// One way to complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub insert: String,
    pub label: String,
    pub about: String,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            editor: Editor::multiline(),
            reply_to: None,
            editing: None,
            completion: None,
            draft_due: None,
            typed_at: Time(0),
            sent: Vec::new(),
            recalled: None,
            aside: None,
        }
    }
}

impl Composer {
    /// Takes the text out, to be sent. What was put aside for it is back then.
    pub fn take(&mut self) -> String {
        let text = self.editor.text();
        self.editor.reset();
        self.completion = None;
        self.recalled = None;
        if let Some((aside, reply_to)) = self.aside.take() {
            self.editor.insert(&aside);
            self.reply_to = reply_to;
        }
        if self.sent.last() != Some(&text) && !is_secret(&text) {
            self.sent.push(text.clone());
        }
        if self.sent.len() > REMEMBERED {
            self.sent.remove(0);
        }
        text
    }

    /// What could not be sent is there again, before what is half written by now.
    pub fn give_back(&mut self, text: &str) {
        let rest = self.editor.text();
        match rest.is_empty() {
            true => self.editor.insert(text),
            false => self.editor.set(&format!("{text}\n{rest}")),
        }
    }

    /// Begins anew with a text, as when another conversation is opened.
    pub fn begin(&mut self, text: &str) {
        self.editor.reset();
        self.editor.insert(text);
        self.reply_to = None;
        self.editing = None;
        self.completion = None;
        self.recalled = None;
        self.aside = None;
    }

    /// Whether more is under way than a draft holds.
    pub fn is_busy(&self) -> bool {
        self.reply_to.is_some() || self.editing.is_some() || self.aside.is_some()
    }

    /// What is under way beside the draft, if anything is.
    pub fn under_way(&self) -> Option<UnderWay> {
        let reply_to = self.aside.as_ref().map_or(self.reply_to, |(_, reply_to)| *reply_to);
        let editing = self.editing.map(|seq| (seq, self.editor.text()));
        (reply_to.is_some() || editing.is_some()).then_some(UnderWay { reply_to, editing })
    }

    /// Goes on with what was under way beside the draft that was begun with.
    pub fn resume(&mut self, UnderWay { reply_to, editing }: UnderWay) {
        self.reply_to = reply_to;
        if let Some((seq, text)) = editing {
            self.edit(seq, &text);
        }
    }

    /// Goes on with what was under way elsewhere; what was under way here.
    pub fn exchange(&mut self, mut other: Self) -> Self {
        other.sent = std::mem::take(&mut self.sent);
        std::mem::replace(self, other)
    }

    /// Puts an older message into the line, to be changed.
    pub fn edit(&mut self, seq: Seq, text: &str) {
        self.interject(text);
        self.reply_to = None;
        self.editing = Some(seq);
    }

    /// Puts something else into the place of the half-written line.
    pub fn interject(&mut self, text: &str) {
        self.bring_back();
        self.put_aside();
        self.editor.set(text);
        self.completion = None;
    }

    fn put_aside(&mut self) {
        self.aside.get_or_insert_with(|| (self.editor.text(), self.reply_to));
    }

    /// Gives up what stands in the place of the half-written line; whether anything did.
    pub fn bring_back(&mut self) -> bool {
        let Some((text, reply_to)) = self.aside.take() else { return false };
        self.editor.set(&text);
        (self.reply_to, self.editing, self.recalled, self.completion) = (reply_to, None, None, None);
        true
    }

    /// The same at a wish to leave: an older message that was written on is a line of its own by now, and stays where there was
    /// nothing else.
    pub fn give_up(&mut self) -> bool {
        let nothing_else = self.aside.as_ref().is_some_and(|(aside, _)| aside.is_empty());
        if nothing_else && self.editing.is_none() && !self.is_as_recalled(&self.editor.text()) {
            (self.aside, self.recalled) = (None, None);
            return false;
        }
        self.bring_back()
    }

    /// The half-written line, whatever stands in its place.
    pub fn half_written(&self) -> String {
        let text = self.editor.text();
        match &self.aside {
            Some((aside, _)) if self.editing.is_some() || text.starts_with('/') || self.is_as_recalled(&text) => {
                aside.clone()
            }
            // An older message that was written on is a new one, half written.
            Some((aside, _)) if !aside.is_empty() && text != *aside => format!("{text}\n{aside}"),
            _ => text,
        }
    }

    fn is_as_recalled(&self, text: &str) -> bool {
        self.recalled.and_then(|at| self.sent.get(at)).is_some_and(|sent| sent == text)
    }

    /// An earlier message, as the up-arrow brings it.
    pub fn recall_earlier(&mut self) {
        let at = match self.recalled {
            None => self.sent.len().checked_sub(1),
            Some(at) => Some(at.saturating_sub(1)),
        };
        if let Some(at) = at {
            self.put_aside();
            self.recalled = Some(at);
            self.editor.set(&self.sent[at].clone());
        }
    }

    /// Back towards what was being written.
    pub fn recall_later(&mut self) {
        let Some(at) = self.recalled else { return };
        match self.sent.get(at + 1).cloned() {
            Some(text) => {
                self.recalled = Some(at + 1);
                self.editor.set(&text);
            }
            None => _ = self.bring_back(),
        }
    }

    pub fn is_recalling(&self) -> bool {
        self.recalled.is_some()
    }

    /// Puts the chosen offer in place of the word.
    pub fn accept(&mut self) {
        if let Some(completion) = self.completion.take()
            && let Some(offer) = completion.offers.get(completion.at)
        {
            self.editor.replace_before(completion.replaces, &offer.insert);
        }
    }
}
