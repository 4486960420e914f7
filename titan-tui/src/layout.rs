//! Where things stand at each size. Pure: the same state gives the same areas, so that keys and drawing agree.
//!
//! From 100 columns there are three panes; from 60 two, and people only while they have the focus; below that one at a time.

use ratatui::layout::{Constraint, Layout, Margin, Rect};

use crate::app::state::{Pane, Screen, State};

/// Columns from which the conversations have a pane of their own.
const TWO_PANES: u16 = 60;
/// Columns from which people have one too.
const THREE_PANES: u16 = 100;
/// Rows from which there is a line of hints.
const HINTS: u16 = 16;
/// Share of the height that the composer may grow to.
const COMPOSER_SHARE: u16 = 3;
/// Rows of the middle from which the composer has a box.
const BOXED: u16 = 14;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    pub bar: Rect,
    pub left: Option<Rect>,
    pub main: Rect,
    pub right: Option<Rect>,
    pub status: Rect,
    pub hints: Option<Rect>,
}

/// The parts of the chat in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatAreas {
    pub header: Rect,
    pub timeline: Rect,
    /// Around the composer, or above it where there is no room for a box.
    pub frame: Rect,
    pub composer: Rect,
}

impl ChatAreas {
    /// Whether the frame goes around.
    pub fn is_boxed(&self) -> bool {
        self.frame.height > 1
    }
}

pub fn areas(state: &State, area: Rect) -> Areas {
    let hints = u16::from(area.height >= HINTS);
    let [bar, body, hint_line, status] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(hints), Constraint::Length(1)])
            .areas(area);
    let hints = (hints > 0).then_some(hint_line);
    let (left, main, right) = columns(state, body);
    Areas { bar, left, main, right, status, hints }
}

fn columns(state: &State, body: Rect) -> (Option<Rect>, Rect, Option<Rect>) {
    if state.screen != Screen::Chat {
        return (None, body, None);
    }
    if body.width < TWO_PANES {
        return match state.pane {
            Pane::Conversations => (Some(body), Rect::ZERO, None),
            Pane::People => (None, Rect::ZERO, Some(body)),
            _ => (None, body, None),
        };
    }
    let left = side(body.width);
    let right = if shows_people(state, body.width) { side(body.width) } else { 0 };
    let [left, main, right] =
        Layout::horizontal([Constraint::Length(left), Constraint::Min(1), Constraint::Length(right)]).areas(body);
    (Some(left), main, (right.width > 0).then_some(right))
}

fn side(width: u16) -> u16 {
    match width {
        160.. => 28,
        100.. => 24,
        _ => 19,
    }
}

fn shows_people(state: &State, width: u16) -> bool {
    state.pane == Pane::People || width >= THREE_PANES && state.settings.people
}

/// The middle, from top to bottom.
pub fn chat(state: &State, main: Rect) -> ChatAreas {
    let most = (main.height / COMPOSER_SHARE).max(1);
    let boxed = main.height >= BOXED;
    let (beside, around) = if boxed { (4, 2) } else { (3, 1) };
    let rows = state.composer.editor.height(main.width.saturating_sub(beside)).clamp(1, most);
    let [header, timeline, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(rows + around)]).areas(main);
    let (frame, composer) = match boxed {
        true => (bottom, bottom.inner(Margin { horizontal: 2, vertical: 1 })),
        false => {
            let [frame, composer] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(bottom);
            (frame, Rect { x: composer.x + 3, width: composer.width.saturating_sub(3), ..composer })
        }
    };
    ChatAreas { header, timeline, frame, composer }
}

/// The panes that Tab walks through.
pub fn panes(_: &State) -> [Pane; 4] {
    [Pane::Conversations, Pane::Timeline, Pane::Composer, Pane::People]
}

/// A box in the middle, at most so large.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
