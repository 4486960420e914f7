//! Where a message is written: the text, what it answers or changes, what was sent before, and completion.

use titan_core::{Seq, Time};

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
    stash: String,
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
            stash: String::new(),
        }
    }
}

impl Composer {
    /// Takes the text out, to be sent.
    pub fn take(&mut self) -> String {
        let text = self.editor.text();
        self.editor.reset();
        self.completion = None;
        self.recalled = None;
        if self.sent.last() != Some(&text) {
            self.sent.push(text.clone());
        }
        if self.sent.len() > REMEMBERED {
            self.sent.remove(0);
        }
        text
    }

    /// Begins anew with a text, as when another conversation is opened.
    pub fn begin(&mut self, text: &str) {
        self.editor.reset();
        self.editor.insert(text);
        self.reply_to = None;
        self.editing = None;
        self.completion = None;
        self.recalled = None;
    }

    /// An earlier message, as the up-arrow brings it.
    pub fn recall_earlier(&mut self) {
        let at = match self.recalled {
            None => self.sent.len().checked_sub(1),
            Some(at) => Some(at.saturating_sub(1)),
        };
        if let Some(at) = at {
            if self.recalled.is_none() {
                self.stash = self.editor.text();
            }
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
            None => {
                self.recalled = None;
                let stash = std::mem::take(&mut self.stash);
                self.editor.set(&stash);
            }
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
