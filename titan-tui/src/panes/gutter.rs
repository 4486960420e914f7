//! What stands left of a message: when it was said and, where messages stand close, by whom.

use ratatui::{style::Modifier, text::Span};
use titan_core::protocol::Entry;

use crate::{
    app::state::State,
    settings::Density,
    times::clock,
    wrap::{self, fit},
};

/// Columns of text that the eye still follows back.
const MEASURE: usize = 96;
/// A blank, the time, two blanks.
const TIME: usize = 8;
/// Names beside the text.
const NAMES: std::ops::RangeInclusive<usize> = 6..=14;

/// How the columns of the timeline are dealt out.
#[derive(Clone, Copy)]
pub struct Gutter {
    density: Density,
    names: usize,
    pub text: usize,
}

impl Gutter {
    pub fn of(state: &State, width: usize) -> Self {
        let density = state.settings.density;
        let names = match density {
            Density::Cosy => 0,
            Density::Compact => (width / 8).clamp(*NAMES.start(), *NAMES.end()),
        };
        let text = width.saturating_sub(Self { density, names, text: 0 }.width() + 1).clamp(1, MEASURE);
        Self { density, names, text }
    }

    /// Columns left of the text.
    pub fn width(&self) -> usize {
        match self.density {
            Density::Cosy => TIME,
            Density::Compact => TIME - 1 + self.names + 3,
        }
    }

    /// Whether the name stands on a line of its own, above.
    pub fn names_above(&self) -> bool {
        self.density == Density::Cosy
    }

    /// Of the line that a name stands on, above what they said.
    pub fn head(&self, state: &State, entry: &Entry) -> Vec<Span<'static>> {
        let mut spans = self.time(state, Some(entry));
        let author = state.theme.author(entry.author.id.0).add_modifier(Modifier::BOLD);
        spans.push(Span::styled(entry.author.username.to_string(), author));
        spans
    }

    /// Of the first line of what was said: `timed` and `named` where that isn't said already.
    pub fn first(&self, state: &State, entry: &Entry, timed: bool, named: bool) -> Vec<Span<'static>> {
        let mut spans = self.time(state, timed.then_some(entry));
        let name = if named { entry.author.username.as_str() } else { "" };
        spans.extend(self.name(state, name, entry.author.id.0));
        spans
    }

    /// Of every other line.
    pub fn rest(&self, state: &State) -> Vec<Span<'static>> {
        let mut spans = self.time(state, None);
        spans.extend(self.name(state, "", 0));
        spans
    }

    fn time(&self, state: &State, entry: Option<&Entry>) -> Vec<Span<'static>> {
        let time = entry.map(|entry| clock(entry.at, state)).unwrap_or_default();
        let blanks = if self.names_above() { "  " } else { " " };
        vec![Span::styled(format!(" {}{blanks}", fit(&time, TIME - 3)), state.theme.dim)]
    }

    fn name(&self, state: &State, name: &str, account: i64) -> Vec<Span<'static>> {
        if self.names_above() {
            return vec![];
        }
        let author = state.theme.author(account).add_modifier(Modifier::BOLD);
        let name = wrap::fit(name, self.names);
        vec![Span::styled(name, author), Span::styled(" │ ", state.theme.rule)]
    }
}
