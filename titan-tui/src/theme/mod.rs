//! The look: a palette of colours, how many of them the terminal shows, and from both a style for each role on the screen. Panes ask
//! for a role ("dim", "mention", "card"), never for a colour.
//!
//! A theme has a ground of its own and steps of surface upon it: sides, bar, cards, what lies on top. `none` uses bold, dim, underline
//! and reverse alone, and is what `NO_COLOR` chooses.

mod colours;
mod palette;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};

use ratatui::style::{Color, Modifier, Style};

pub use colours::{Depth, Rgb};
pub use palette::Palette;

/// The theme without colours.
pub const NONE: &str = "none";
/// The theme of who has chosen none yet.
pub const FIRST: &str = "dark";

/// The themes there are, as this terminal shows them.
#[derive(Clone, Debug)]
pub struct Themes {
    palettes: Vec<Palette>,
    depth: Depth,
    /// Whether a theme paints its own ground, or leaves the terminal's.
    ground: bool,
}

impl Default for Themes {
    fn default() -> Self {
        Self::of(Depth::default(), true)
    }
}

impl Themes {
    pub fn of(depth: Depth, ground: bool) -> Self {
        Self { palettes: Palette::built_in().into(), depth, ground }
    }

    /// Reads one of a person's own, which may stand in the place of one that comes with Titan. What is wrong with it.
    pub fn add(&mut self, name: &str, text: &str) -> Vec<String> {
        match Palette::parse(name, text, &Palette::built_in()) {
            Ok((palette, troubles)) => {
                self.palettes.retain(|it| it.name != name);
                self.palettes.push(palette);
                troubles
            }
            Err(trouble) => vec![trouble],
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.palettes.iter().map(|it| &*it.name).chain([NONE])
    }

    pub fn has(&self, name: &str) -> bool {
        self.names().any(|it| it == name)
    }

    /// The one after this, for a key that walks through them.
    pub fn after(&self, name: &str) -> String {
        let mut names = self.names().skip_while(|it| *it != name).skip(1);
        names.next().or_else(|| self.names().next()).unwrap_or(FIRST).to_owned()
    }

    /// A theme by its name; the first there is, where nobody knows it.
    pub fn theme(&self, name: &str) -> Theme {
        match self.palettes.iter().find(|it| it.name == name) {
            _ if name == NONE => none(),
            Some(palette) => Theme::of(palette, self.depth, self.ground),
            None => self.palettes.first().map_or_else(none, |palette| Theme::of(palette, self.depth, self.ground)),
        }
    }
}

/// A style for each role on the screen.
#[derive(Clone, Debug)]
pub struct Theme {
    pub name: Rc<str>,
    /// Another one for each look: what is drawn in one can't be used in another.
    pub stamp: u64,
    /// What everything stands on.
    pub ground: Style,
    pub text: Style,
    pub dim: Style,
    pub rule: Style,
    pub focus_rule: Style,
    pub heading: Style,
    pub bar: Style,
    pub bar_active: Style,
    /// The columns beside the middle.
    pub side: Style,
    /// Under code, files and what somebody reacted with.
    pub card: Style,
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
    pub pill: Style,
    /// One that I reacted with too.
    pub pill_mine: Style,
    /// What a camera is to read: dark on light, whatever the rest is.
    pub scan: Style,
    pub syntax: Syntax,
    authors: Rc<[Color]>,
}

/// The colours of code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Syntax {
    pub keyword: Style,
    pub string: Style,
    pub number: Style,
    pub comment: Style,
    pub function: Style,
    pub kind: Style,
}

impl Theme {
    /// One of the themes that come with Titan, in 256 colours.
    pub fn new(name: &str) -> Self {
        Themes::default().theme(name)
    }

    fn of(palette: &Palette, depth: Depth, ground: bool) -> Self {
        let mut stamp = DefaultHasher::new();
        (&*palette.name, depth, ground).hash(&mut stamp);
        let mut theme = match depth {
            Depth::True => coloured(palette, Rgb::exact),
            Depth::Indexed => coloured(palette, Rgb::indexed),
            Depth::Sixteen => sixteen(palette.is_light),
        };
        (theme.name, theme.stamp) = (palette.name.as_ref().into(), stamp.finish());
        if !ground {
            (theme.ground.bg, theme.side.bg) = (None, None);
        }
        theme
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

const BOLD: Modifier = Modifier::BOLD;

fn coloured(palette: &Palette, shown: fn(Rgb) -> Color) -> Theme {
    let ink = |colour: Rgb| Style::new().fg(shown(colour));
    let on = |colour: Rgb, under: Rgb| ink(colour).bg(shown(under));
    let picked = on(palette.on_picked, palette.picked);
    let plain = ink(palette.text);
    Theme {
        name: "".into(),
        stamp: 0,
        ground: on(palette.text, palette.ground),
        text: plain,
        dim: ink(palette.dim),
        rule: ink(palette.rule),
        focus_rule: ink(palette.accent),
        heading: plain.add_modifier(BOLD),
        bar: on(palette.bar_text, palette.bar),
        bar_active: picked.add_modifier(BOLD),
        side: on(palette.text, palette.side),
        card: on(palette.text, palette.card),
        accent: ink(palette.accent),
        selected: picked,
        selected_away: Style::new().bg(shown(palette.overlay)),
        unread: plain.add_modifier(BOLD),
        mention: on(palette.on_mention, palette.mention),
        new_line: ink(palette.fresh),
        code: on(palette.code, palette.card),
        link: ink(palette.accent).add_modifier(Modifier::UNDERLINED),
        quote: ink(palette.dim).add_modifier(Modifier::ITALIC),
        good: ink(palette.good),
        warn: ink(palette.warn),
        bad: ink(palette.bad),
        gauge: picked,
        gauge_rest: on(palette.text, palette.overlay),
        overlay: on(palette.text, palette.overlay),
        pill: on(palette.text, palette.overlay),
        pill_mine: picked,
        scan: Style::new().fg(Color::Indexed(16)).bg(Color::Indexed(231)),
        syntax: Syntax {
            keyword: ink(palette.keyword),
            string: ink(palette.string),
            number: ink(palette.number),
            comment: ink(palette.comment).add_modifier(Modifier::ITALIC),
            function: ink(palette.function),
            kind: ink(palette.kind),
        },
        authors: palette.authors.iter().map(|colour| shown(*colour)).collect(),
    }
}

/// With the terminal's own sixteen: nobody knows what they look like, so grounds are left to it, and what stands out is reversed.
fn sixteen(is_light: bool) -> Theme {
    let ink = |colour: Color| Style::new().fg(colour);
    let (dim, strong, ground, accent, warn) = match is_light {
        true => (Color::DarkGray, Color::Black, Color::Gray, Color::Blue, Color::Red),
        false => (Color::Gray, Color::White, Color::Black, Color::Cyan, Color::Yellow),
    };
    let bar = match is_light {
        true => ink(Color::White).bg(Color::DarkGray),
        false => ink(Color::Black).bg(Color::Gray),
    };
    let picked = if is_light { ink(Color::White).bg(Color::Blue) } else { ink(Color::Black).bg(Color::Cyan) };
    Theme {
        text: Style::new(),
        dim: ink(dim),
        rule: ink(Color::DarkGray),
        focus_rule: ink(accent),
        heading: ink(strong).add_modifier(BOLD),
        bar,
        bar_active: picked.add_modifier(BOLD),
        accent: ink(accent),
        selected: picked,
        selected_away: ink(Color::White).bg(Color::DarkGray),
        unread: ink(strong).add_modifier(BOLD),
        mention: ink(Color::Black).bg(Color::Yellow),
        new_line: ink(Color::Red).add_modifier(BOLD),
        code: ink(if is_light { Color::Magenta } else { Color::Yellow }),
        link: ink(accent).add_modifier(Modifier::UNDERLINED),
        quote: ink(dim).add_modifier(Modifier::ITALIC),
        good: ink(Color::Green),
        warn: ink(warn),
        bad: ink(Color::Red).add_modifier(BOLD),
        gauge: picked,
        gauge_rest: ink(strong).bg(ground),
        pill: ink(dim),
        pill_mine: ink(accent).add_modifier(BOLD),
        scan: ink(Color::Black).bg(Color::White),
        syntax: Syntax {
            keyword: ink(Color::Magenta),
            string: ink(Color::Green),
            number: ink(accent),
            comment: ink(dim).add_modifier(Modifier::ITALIC),
            function: ink(Color::Blue),
            kind: ink(warn),
        },
        authors: if is_light { LIGHT_AUTHORS.into() } else { DARK_AUTHORS.into() },
        ..none()
    }
}

const LIGHT_AUTHORS: [Color; 5] = [Color::Blue, Color::Green, Color::Magenta, Color::Red, Color::Cyan];
const DARK_AUTHORS: [Color; 6] =
    [Color::Cyan, Color::Green, Color::Yellow, Color::LightMagenta, Color::LightBlue, Color::LightRed];

fn none() -> Theme {
    let plain = Style::new();
    let bold = plain.add_modifier(BOLD);
    let faint = plain.add_modifier(Modifier::DIM);
    let reversed = plain.add_modifier(Modifier::REVERSED);
    Theme {
        name: NONE.into(),
        stamp: 0,
        ground: plain,
        text: plain,
        dim: faint,
        rule: faint,
        focus_rule: bold,
        heading: bold,
        bar: reversed,
        bar_active: bold,
        side: plain,
        card: plain,
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
        pill: plain,
        pill_mine: bold,
        scan: reversed,
        syntax: Syntax {
            keyword: bold,
            string: plain,
            number: plain,
            comment: faint.add_modifier(Modifier::ITALIC),
            function: plain,
            kind: plain,
        },
        authors: [].into(),
    }
}
