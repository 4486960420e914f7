//! The colours. Every style on the screen is one of these; panes ask for a role ("dim", "mention"), never for a colour.
//!
//! Colours are taken from the 256-colour cube, which every terminal of the last twenty years shows alike; `none` uses
//! bold, dim, underline and reverse alone, and is what `NO_COLOR` chooses.

use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Serialize};

/// The themes that `/theme` and `--theme` know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    #[default]
    Dark,
    Light,
    HighContrast,
    None,
}

impl ThemeName {
    pub const ALL: [ThemeName; 4] = [Self::Dark, Self::Light, Self::HighContrast, Self::None];

    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::None => "none",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == text)
    }

    /// The next one, for a key that walks through them.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|theme| *theme == self).unwrap_or_default();
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// A style for each role on the screen.
#[derive(Clone, Debug)]
pub struct Theme {
    pub name: ThemeName,
    pub text: Style,
    pub dim: Style,
    pub rule: Style,
    pub focus_rule: Style,
    pub heading: Style,
    pub bar: Style,
    pub bar_active: Style,
    pub accent: Style,
    pub selected: Style,
    pub selected_away: Style,
    pub unread: Style,
    pub mention: Style,
    pub new_line: Style,
    pub code: Style,
    pub link: Style,
    pub quote: Style,
    pub good: Style,
    pub warn: Style,
    pub bad: Style,
    pub gauge: Style,
    pub gauge_rest: Style,
    pub overlay: Style,
    /// What a camera is to read: dark on light, whatever the rest is.
    pub scan: Style,
    authors: &'static [Color],
}

impl Theme {
    pub fn new(name: ThemeName) -> Self {
        match name {
            ThemeName::Dark => dark(),
            ThemeName::Light => light(),
            ThemeName::HighContrast => high_contrast(),
            ThemeName::None => none(),
        }
    }

    /// A person's colour: the same everywhere and every day.
    pub fn author(&self, account: i64) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        match self.authors.len() {
            0 => bold,
            count => bold.fg(self.authors[(account.unsigned_abs() as usize).wrapping_mul(7) % count]),
        }
    }
}

const fn ink(index: u8) -> Style {
    Style::new().fg(Color::Indexed(index))
}

const fn ground(style: Style, index: u8) -> Style {
    style.bg(Color::Indexed(index))
}

const BOLD: Modifier = Modifier::BOLD;

fn dark() -> Theme {
    Theme {
        name: ThemeName::Dark,
        text: Style::new(),
        dim: ink(245),
        rule: ink(238),
        focus_rule: ink(75),
        heading: ink(250).add_modifier(BOLD),
        bar: ground(ink(250), 236),
        bar_active: ground(ink(231), 25).add_modifier(BOLD),
        accent: ink(75),
        selected: ground(ink(231), 25),
        selected_away: ground(Style::new(), 236),
        unread: ink(231).add_modifier(BOLD),
        mention: ground(ink(16), 215),
        new_line: ink(203),
        code: ground(ink(223), 235),
        link: ink(75).add_modifier(Modifier::UNDERLINED),
        quote: ink(245).add_modifier(Modifier::ITALIC),
        good: ink(114),
        warn: ink(215),
        bad: ink(203),
        gauge: ground(ink(231), 25),
        gauge_rest: ground(ink(250), 237),
        overlay: ground(ink(252), 234),
        scan: ground(ink(16), 231),
        authors: &[
            Color::Indexed(75),
            Color::Indexed(114),
            Color::Indexed(215),
            Color::Indexed(176),
            Color::Indexed(80),
            Color::Indexed(210),
            Color::Indexed(149),
            Color::Indexed(141),
            Color::Indexed(222),
        ],
    }
}

fn light() -> Theme {
    Theme {
        name: ThemeName::Light,
        text: Style::new(),
        dim: ink(243),
        rule: ink(250),
        focus_rule: ink(25),
        heading: ink(236).add_modifier(BOLD),
        bar: ground(ink(236), 254),
        bar_active: ground(ink(231), 25).add_modifier(BOLD),
        accent: ink(25),
        selected: ground(ink(231), 25),
        selected_away: ground(ink(232), 254),
        unread: ink(16).add_modifier(BOLD),
        mention: ground(ink(16), 222),
        new_line: ink(160),
        code: ground(ink(88), 255),
        link: ink(25).add_modifier(Modifier::UNDERLINED),
        quote: ink(243).add_modifier(Modifier::ITALIC),
        good: ink(28),
        warn: ink(130),
        bad: ink(160),
        gauge: ground(ink(231), 25),
        gauge_rest: ground(ink(236), 252),
        overlay: ground(ink(235), 255),
        scan: ground(ink(16), 231),
        authors: &[
            Color::Indexed(25),
            Color::Indexed(28),
            Color::Indexed(130),
            Color::Indexed(90),
            Color::Indexed(30),
            Color::Indexed(124),
            Color::Indexed(64),
            Color::Indexed(55),
        ],
    }
}

fn high_contrast() -> Theme {
    let (white, black, yellow) = (Color::Indexed(231), Color::Indexed(16), Color::Indexed(226));
    let plain = Style::new().fg(white).bg(black);
    let bold = plain.add_modifier(BOLD);
    let picked = Style::new().fg(black).bg(yellow).add_modifier(BOLD);
    Theme {
        name: ThemeName::HighContrast,
        text: plain,
        dim: plain,
        rule: plain,
        focus_rule: Style::new().fg(yellow).bg(black).add_modifier(BOLD),
        heading: bold.add_modifier(Modifier::UNDERLINED),
        bar: Style::new().fg(black).bg(white),
        bar_active: picked,
        accent: Style::new().fg(yellow).bg(black).add_modifier(BOLD),
        selected: picked,
        selected_away: Style::new().fg(black).bg(white),
        unread: bold,
        mention: picked,
        new_line: Style::new().fg(yellow).bg(black).add_modifier(BOLD),
        code: plain,
        link: bold.add_modifier(Modifier::UNDERLINED),
        quote: plain.add_modifier(Modifier::ITALIC),
        good: Style::new().fg(Color::Indexed(46)).bg(black),
        warn: Style::new().fg(yellow).bg(black),
        bad: Style::new().fg(Color::Indexed(210)).bg(black).add_modifier(BOLD),
        gauge: picked,
        gauge_rest: Style::new().fg(black).bg(white),
        overlay: plain,
        scan: Style::new().fg(black).bg(white),
        authors: &[],
    }
}

fn none() -> Theme {
    let plain = Style::new();
    let bold = plain.add_modifier(BOLD);
    let faint = plain.add_modifier(Modifier::DIM);
    let reversed = plain.add_modifier(Modifier::REVERSED);
    Theme {
        name: ThemeName::None,
        text: plain,
        dim: faint,
        rule: faint,
        focus_rule: bold,
        heading: bold,
        bar: reversed,
        bar_active: bold,
        accent: bold,
        selected: reversed,
        selected_away: bold,
        unread: bold,
        mention: reversed,
        new_line: bold,
        code: faint,
        link: plain.add_modifier(Modifier::UNDERLINED),
        quote: plain.add_modifier(Modifier::ITALIC),
        good: bold,
        warn: bold,
        bad: bold,
        gauge: reversed,
        gauge_rest: plain,
        overlay: plain,
        scan: reversed,
        authors: &[],
    }
}
