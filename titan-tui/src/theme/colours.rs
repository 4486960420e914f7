//! Colours as numbers, and how many of them a terminal can show.

use ratatui::style::Color;
use serde::{Deserialize, Serialize};

/// Red, green and blue, as `#rrggbb` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u32);

impl Rgb {
    /// `#rrggbb`, or `#rgb`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        match digits.len() {
            6 => Some(Self(value)),
            3 => {
                let [red, green, blue] = [value >> 8 & 15, value >> 4 & 15, value & 15];
                Some(Self((red << 16 | green << 8 | blue) * 17))
            }
            _ => None,
        }
    }

    fn parts(self) -> [u8; 3] {
        [(self.0 >> 16) as u8, (self.0 >> 8) as u8, self.0 as u8]
    }

    pub fn exact(self) -> Color {
        let [red, green, blue] = self.parts();
        Color::Rgb(red, green, blue)
    }

    /// The nearest of the 256 that every terminal of the last twenty years shows alike: the cube and its greys.
    pub fn indexed(self) -> Color {
        let parts = self.parts();
        let cube = parts
            .map(|part| STEPS.into_iter().zip(0..).min_by_key(|(step, _)| step.abs_diff(part)).unwrap_or_default());
        let [red, green, blue] = cube;
        let grey = (u32::from(parts[0]) + u32::from(parts[1]) + u32::from(parts[2])) / 3;
        let step = (grey.saturating_sub(3) / 10).min(23) as u8;
        let near = |it: [u8; 3]| parts.into_iter().zip(it).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum::<u32>();
        match near([red.0, green.0, blue.0]) <= near([8 + 10 * step; 3]) {
            true => Color::Indexed(16 + 36 * red.1 + 6 * green.1 + blue.1),
            false => Color::Indexed(232 + step),
        }
    }

    /// How far two colours are apart in brightness, 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = self.parts().map(|part| match f64::from(part) / 255.0 {
            part if part <= 0.03928 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// What stands behind a number of the 256, but for the first 16, which every terminal has its own for.
    #[cfg(test)]
    pub fn of_index(index: u8) -> Self {
        let of = |red: u8, green: u8, blue: u8| Self(u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue));
        match index {
            232.. => of(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)),
            _ => {
                let at = usize::from(index - 16);
                of(STEPS[at / 36], STEPS[at / 6 % 6], STEPS[at % 6])
            }
        }
    }
}

/// The steps of the cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Depth {
    #[serde(rename = "truecolor")]
    True,
    #[default]
    #[serde(rename = "256")]
    Indexed,
    #[serde(rename = "16")]
    Sixteen,
}

impl Depth {
    pub const NAMES: [(&'static str, Depth); 3] =
        [("truecolor", Self::True), ("256", Self::Indexed), ("16", Self::Sixteen)];

    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(name, _)| *name == text).map(|(_, depth)| depth)
    }

    /// What the environment says of the terminal: `COLORTERM`, then `TERM`, then what some set beside it.
    pub fn of_terminal(variable: impl Fn(&str) -> Option<String>) -> Self {
        let says = |name: &str| variable(name).unwrap_or_default().to_lowercase();
        let (colours, term, program) = (says("COLORTERM"), says("TERM"), says("TERM_PROGRAM"));
        let all = ["truecolor", "24bit"].contains(&colours.as_str())
            || term.ends_with("-direct")
            || KNOWN.iter().any(|known| term.contains(known))
            || PROGRAMS.contains(&program.as_str())
            || variable("WT_SESSION").is_some();
        match term {
            _ if all => Self::True,
            term if term.contains("256color") => Self::Indexed,
            term if ["linux", "xterm", "screen", "tmux", "ansi", "vt100", "vt220", "cygwin"]
                .contains(&term.as_str()) =>
            {
                Self::Sixteen
            }
            _ => Self::Indexed,
        }
    }
}

/// Terminals that show all colours and say so by their name alone.
const KNOWN: [&str; 6] = ["kitty", "alacritty", "ghostty", "wezterm", "foot", "contour"];
const PROGRAMS: [&str; 5] = ["iterm.app", "wezterm", "ghostty", "vscode", "rio"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_as_it_is_written() {
        assert_eq!(Rgb::parse("#1a2B3c"), Some(Rgb(0x1a2b3c)));
        assert_eq!(Rgb::parse("#fa0"), Some(Rgb(0xffaa00)));
        assert_eq!(["1a2b3c", "#12345", "#xyzxyz", ""].map(Rgb::parse), [None; 4]);
    }

    #[test]
    fn each_of_the_256_is_nearest_to_itself() {
        for index in 16..=255u8 {
            let Color::Indexed(found) = Rgb::of_index(index).indexed() else { panic!("{index}") };
            assert_eq!(Rgb::of_index(found), Rgb::of_index(index));
        }
    }

    #[test]
    fn a_terminal_is_known_by_what_it_says() {
        let depth = |said: &[(&str, &str)]| {
            Depth::of_terminal(|name| said.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(&[("TERM", "xterm-kitty")]), Depth::True);
        assert_eq!(depth(&[("TERM", "screen-256color")]), Depth::Indexed);
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(depth(&[]), Depth::Indexed);
    }
}
