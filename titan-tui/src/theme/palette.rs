//! The colours that a theme is made of, and how a person writes their own.

use std::borrow::Cow;

use super::colours::Rgb;

/// What all styles of a theme are made from. Four surfaces: the ground, the sides, the bar, and what lies on top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    pub name: Cow<'static, str>,
    /// Dark letters on a light ground: what 16 colours are chosen by.
    pub is_light: bool,
    pub ground: Rgb,
    pub side: Rgb,
    pub bar: Rgb,
    pub bar_text: Rgb,
    /// Under code, files and what somebody reacted with.
    pub card: Rgb,
    pub overlay: Rgb,
    pub rule: Rgb,
    pub text: Rgb,
    pub dim: Rgb,
    pub accent: Rgb,
    pub picked: Rgb,
    pub on_picked: Rgb,
    pub mention: Rgb,
    pub on_mention: Rgb,
    /// The line above what is new.
    pub fresh: Rgb,
    pub good: Rgb,
    pub warn: Rgb,
    pub bad: Rgb,
    pub code: Rgb,
    pub authors: Cow<'static, [Rgb]>,
    pub keyword: Rgb,
    pub string: Rgb,
    pub number: Rgb,
    pub comment: Rgb,
    pub function: Rgb,
    pub kind: Rgb,
}

/// How far letters are apart from what is behind them, at least (WCAG 2.2, 1.4.3).
pub const CONTRAST_LEAST: f64 = 4.5;

macro_rules! colours {
    ($($field:ident)*) => {
        /// The names of the colours, as a file has them.
        pub const NAMES: &[&str] = &[$(stringify!($field)),*];

        impl Palette {
            fn set(&mut self, name: &str, colour: Rgb) -> bool {
                match name {
                    $(stringify!($field) => self.$field = colour,)*
                    _ => return false,
                }
                true
            }
        }
    };
}

colours! {
    ground side bar bar_text card overlay rule text dim accent picked on_picked mention on_mention fresh good warn bad code
    keyword string number comment function kind
}

impl Palette {
    /// The themes that come with Titan.
    pub fn built_in() -> [Palette; 6] {
        [DARK, LIGHT, HIGH_CONTRAST, GRUVBOX, NORD, CATPPUCCIN]
    }

    /// One of a person's own: a file of TOML that says what is other than in the theme that it begins from (`base`). What can't be
    /// used of it is told, and the rest holds.
    pub fn parse(name: &str, text: &str, known: &[Palette]) -> Result<(Self, Vec<String>), String> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
        let base = table.get("base").and_then(toml::Value::as_str).unwrap_or("dark");
        let Some(base) = known.iter().find(|it| it.name == base) else {
            return Err(format!("base = \"{base}\" is no theme that comes with Titan"));
        };
        let mut palette = Palette { name: Cow::Owned(name.to_owned()), ..base.clone() };
        let mut troubles = Vec::new();
        for (key, value) in &table {
            if let Some(trouble) = palette.take(key, value) {
                troubles.push(format!("{key}: {trouble}"));
            }
        }
        let faint = palette.faint().into_iter();
        troubles.extend(
            faint.map(|(what, on, contrast)| format!("{what} on {on} is hard to read ({contrast:.1}:1, 4.5:1 is)")),
        );
        Ok((palette, troubles))
    }

    /// What is wrong with a line of a file, if something is.
    fn take(&mut self, key: &str, value: &toml::Value) -> Option<String> {
        match (key, value) {
            ("base", _) => None,
            ("light", toml::Value::Boolean(light)) => {
                self.is_light = *light;
                None
            }
            ("authors", toml::Value::Array(all)) => {
                let colours: Option<Vec<_>> = all.iter().map(|it| Rgb::parse(it.as_str()?)).collect();
                match colours.filter(|colours| !colours.is_empty()) {
                    Some(colours) => self.authors = colours.into(),
                    None => return Some("colours such as [\"#6cb6ff\", \"#8ddb8c\"]".to_owned()),
                }
                None
            }
            (key, toml::Value::String(text)) => match Rgb::parse(text) {
                Some(colour) if self.set(key, colour) => None,
                Some(_) => Some(format!("no colour of a theme; did you mean {}?", nearest(key))),
                None => Some(format!("\"{text}\" is no colour; write #rrggbb")),
            },
            (key, _) => Some(format!("a colour is written \"#rrggbb\"; did you mean {}?", nearest(key))),
        }
    }

    /// Every pair of letters and what can be behind them.
    pub fn pairs(&self) -> Vec<(&'static str, Rgb, &'static str, Rgb)> {
        let surfaces = [("ground", self.ground), ("side", self.side), ("card", self.card), ("overlay", self.overlay)];
        let inks = [
            ("text", self.text),
            ("dim", self.dim),
            ("accent", self.accent),
            ("fresh", self.fresh),
            ("good", self.good),
            ("warn", self.warn),
            ("bad", self.bad),
        ];
        let mut pairs: Vec<_> =
            inks.iter().flat_map(|(ink, colour)| surfaces.map(|(on, under)| (*ink, *colour, on, under))).collect();
        pairs.extend([
            ("bar_text", self.bar_text, "bar", self.bar),
            ("on_picked", self.on_picked, "picked", self.picked),
            ("on_mention", self.on_mention, "mention", self.mention),
        ]);
        let code = [self.code, self.keyword, self.string, self.number, self.comment, self.function, self.kind];
        pairs.extend(code.map(|colour| ("code", colour, "card", self.card)));
        pairs.push(("code", self.code, "ground", self.ground));
        pairs.extend(self.authors.iter().map(|author| ("authors", *author, "ground", self.ground)));
        pairs
    }

    /// The pairs that are hard to read.
    fn faint(&self) -> Vec<(&'static str, &'static str, f64)> {
        let pairs = self.pairs().into_iter().map(|(what, ink, on, under)| (what, on, ink.contrast(under)));
        pairs.filter(|(_, _, contrast)| *contrast < CONTRAST_LEAST).collect()
    }
}

fn nearest(key: &str) -> &'static str {
    NAMES.iter().min_by_key(|name| strsim::damerau_levenshtein(key, name)).copied().unwrap_or_default()
}

const DARK: Palette = Palette {
    name: Cow::Borrowed("dark"),
    is_light: false,
    ground: Rgb(0x15171c),
    side: Rgb(0x1a1d23),
    bar: Rgb(0x22262f),
    bar_text: Rgb(0xd9dde5),
    card: Rgb(0x1e2229),
    overlay: Rgb(0x242933),
    rule: Rgb(0x3b424f),
    text: Rgb(0xd9dde5),
    dim: Rgb(0x97a1b1),
    accent: Rgb(0x6cb6ff),
    picked: Rgb(0x1d4f86),
    on_picked: Rgb(0xffffff),
    mention: Rgb(0xf2b25c),
    on_mention: Rgb(0x17130b),
    fresh: Rgb(0xff7b72),
    good: Rgb(0x7ee2a0),
    warn: Rgb(0xf0b866),
    bad: Rgb(0xff8078),
    code: Rgb(0xffd9a8),
    authors: Cow::Borrowed(&[
        Rgb(0x6cb6ff),
        Rgb(0x8ddb8c),
        Rgb(0xf0b866),
        Rgb(0xdcbdfb),
        Rgb(0x6fd8d8),
        Rgb(0xff938a),
        Rgb(0xc9e265),
        Rgb(0xb3a4ff),
        Rgb(0xf2d06b),
    ]),
    keyword: Rgb(0xff7b9c),
    string: Rgb(0xa5d6a7),
    number: Rgb(0xf0b866),
    comment: Rgb(0x97a1b1),
    function: Rgb(0x79c0ff),
    kind: Rgb(0x6fd8d8),
};

const LIGHT: Palette = Palette {
    name: Cow::Borrowed("light"),
    is_light: true,
    ground: Rgb(0xffffff),
    side: Rgb(0xf6f7f9),
    bar: Rgb(0xe9ecf1),
    bar_text: Rgb(0x1f2430),
    card: Rgb(0xf3f5f8),
    overlay: Rgb(0xffffff),
    rule: Rgb(0xc9d0da),
    text: Rgb(0x1f2430),
    dim: Rgb(0x5c6675),
    accent: Rgb(0x0b5cad),
    picked: Rgb(0x0b5cad),
    on_picked: Rgb(0xffffff),
    mention: Rgb(0xffe08a),
    on_mention: Rgb(0x2a2000),
    fresh: Rgb(0xc62828),
    good: Rgb(0x197332),
    warn: Rgb(0x8a5300),
    bad: Rgb(0xb3261e),
    code: Rgb(0x7a2e0e),
    authors: Cow::Borrowed(&[
        Rgb(0x0b5cad),
        Rgb(0x1b7a35),
        Rgb(0x8a5300),
        Rgb(0x7a2a8a),
        Rgb(0x006a6a),
        Rgb(0xa02020),
        Rgb(0x4c6a00),
        Rgb(0x4b3bb0),
    ]),
    keyword: Rgb(0xa0185a),
    string: Rgb(0x1b6a35),
    number: Rgb(0x8a5300),
    comment: Rgb(0x5c6675),
    function: Rgb(0x0b5cad),
    kind: Rgb(0x006a6a),
};

const HIGH_CONTRAST: Palette = Palette {
    name: Cow::Borrowed("high-contrast"),
    is_light: false,
    ground: Rgb(0x000000),
    side: Rgb(0x000000),
    bar: Rgb(0xffffff),
    bar_text: Rgb(0x000000),
    card: Rgb(0x000000),
    overlay: Rgb(0x000000),
    rule: Rgb(0xffffff),
    text: Rgb(0xffffff),
    dim: Rgb(0xffffff),
    accent: Rgb(0xffff00),
    picked: Rgb(0xffff00),
    on_picked: Rgb(0x000000),
    mention: Rgb(0xffff00),
    on_mention: Rgb(0x000000),
    fresh: Rgb(0xffff00),
    good: Rgb(0x00ff5f),
    warn: Rgb(0xffff00),
    bad: Rgb(0xff8787),
    code: Rgb(0xffffff),
    authors: Cow::Borrowed(&[Rgb(0xffffff)]),
    keyword: Rgb(0xffff00),
    string: Rgb(0x00ff5f),
    number: Rgb(0x87ffff),
    comment: Rgb(0xffffff),
    function: Rgb(0xffffff),
    kind: Rgb(0x87ffff),
};

const GRUVBOX: Palette = Palette {
    name: Cow::Borrowed("gruvbox"),
    is_light: false,
    ground: Rgb(0x282828),
    side: Rgb(0x242424),
    bar: Rgb(0x3c3836),
    bar_text: Rgb(0xebdbb2),
    card: Rgb(0x32302f),
    overlay: Rgb(0x32302f),
    rule: Rgb(0x504945),
    text: Rgb(0xebdbb2),
    dim: Rgb(0xb0a28f),
    accent: Rgb(0x8cab9f),
    picked: Rgb(0x5a5148),
    on_picked: Rgb(0xfbf1c7),
    mention: Rgb(0xfabd2f),
    on_mention: Rgb(0x1d2021),
    fresh: Rgb(0xfc7e6f),
    good: Rgb(0xb8bb26),
    warn: Rgb(0xfe811b),
    bad: Rgb(0xfc7e6f),
    code: Rgb(0xd3869b),
    authors: Cow::Borrowed(&[
        Rgb(0x83a598),
        Rgb(0xb8bb26),
        Rgb(0xfabd2f),
        Rgb(0xd3869b),
        Rgb(0x8ec07c),
        Rgb(0xfe8019),
        Rgb(0xfc7565),
        Rgb(0xd5c4a1),
    ]),
    keyword: Rgb(0xfc7565),
    string: Rgb(0xb8bb26),
    number: Rgb(0xd3869b),
    comment: Rgb(0xab9c88),
    function: Rgb(0x8ec07c),
    kind: Rgb(0xfabd2f),
};

const NORD: Palette = Palette {
    name: Cow::Borrowed("nord"),
    is_light: false,
    ground: Rgb(0x2e3440),
    side: Rgb(0x2a303b),
    bar: Rgb(0x3b4252),
    bar_text: Rgb(0xe5e9f0),
    card: Rgb(0x353c4a),
    overlay: Rgb(0x3b4252),
    rule: Rgb(0x4c566a),
    text: Rgb(0xe5e9f0),
    dim: Rgb(0xa9b4c7),
    accent: Rgb(0x8fc4d3),
    picked: Rgb(0x4c6a92),
    on_picked: Rgb(0xffffff),
    mention: Rgb(0xebcb8b),
    on_mention: Rgb(0x2e3440),
    fresh: Rgb(0xe99ca3),
    good: Rgb(0xabc496),
    warn: Rgb(0xebcb8b),
    bad: Rgb(0xe99ca3),
    code: Rgb(0xd8c4e6),
    authors: Cow::Borrowed(&[
        Rgb(0x8fc4d3),
        Rgb(0xabc496),
        Rgb(0xebcb8b),
        Rgb(0xc6a5cb),
        Rgb(0x9ac3c2),
        Rgb(0xe0a18b),
        Rgb(0x9fbfe0),
        Rgb(0xe99ca3),
    ]),
    keyword: Rgb(0x9fbfe0),
    string: Rgb(0xa3be8c),
    number: Rgb(0xc3a0c8),
    comment: Rgb(0xa9b4c7),
    function: Rgb(0x88c0d0),
    kind: Rgb(0x8fbcbb),
};

const CATPPUCCIN: Palette = Palette {
    name: Cow::Borrowed("catppuccin"),
    is_light: false,
    ground: Rgb(0x1e1e2e),
    side: Rgb(0x181825),
    bar: Rgb(0x2b2b3c),
    bar_text: Rgb(0xcdd6f4),
    card: Rgb(0x262637),
    overlay: Rgb(0x2b2b3c),
    rule: Rgb(0x45475a),
    text: Rgb(0xcdd6f4),
    dim: Rgb(0xa6adc8),
    accent: Rgb(0x89b4fa),
    picked: Rgb(0x45518a),
    on_picked: Rgb(0xffffff),
    mention: Rgb(0xf9e2af),
    on_mention: Rgb(0x1e1e2e),
    fresh: Rgb(0xf38ba8),
    good: Rgb(0xa6e3a1),
    warn: Rgb(0xfab387),
    bad: Rgb(0xf38ba8),
    code: Rgb(0xf5c2e7),
    authors: Cow::Borrowed(&[
        Rgb(0x89b4fa),
        Rgb(0xa6e3a1),
        Rgb(0xf9e2af),
        Rgb(0xcba6f7),
        Rgb(0x94e2d5),
        Rgb(0xfab387),
        Rgb(0xf5c2e7),
        Rgb(0xb4befe),
    ]),
    keyword: Rgb(0xcba6f7),
    string: Rgb(0xa6e3a1),
    number: Rgb(0xfab387),
    comment: Rgb(0xa6adc8),
    function: Rgb(0x89b4fa),
    kind: Rgb(0xf9e2af),
};

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    #[test]
    fn every_pair_of_every_theme_can_be_read_in_all_colours_and_in_256() {
        for palette in Palette::built_in() {
            for (what, ink, on, under) in palette.pairs() {
                let few = |colour: Rgb| match colour.indexed() {
                    Color::Indexed(index) => Rgb::of_index(index),
                    other => panic!("{other:?}"),
                };
                let (exact, indexed) = (ink.contrast(under), few(ink).contrast(few(under)));
                let said = format!("{}: {what} on {on}: {exact:.2}, in 256 colours {indexed:.2}", palette.name);
                assert!(exact >= CONTRAST_LEAST && indexed >= CONTRAST_LEAST, "{said}");
            }
        }
    }

    #[test]
    fn a_theme_of_ones_own_says_what_is_other_and_hears_what_is_wrong() {
        let known = Palette::built_in();
        let text = "base = \"nord\"\naccent = \"#ffffff\"\nauthors = [\"#eee\", \"#ddd\"]\ndimm = \"#aaaaaa\"\nrule = \"blue\"\ntext = \"#333\"\n";
        let (palette, troubles) = Palette::parse("mine", text, &known).unwrap();
        assert_eq!((palette.accent, palette.ground), (Rgb(0xffffff), NORD.ground));
        assert_eq!(palette.authors[..], [Rgb(0xeeeeee), Rgb(0xdddddd)]);
        let told = troubles.join("\n");
        assert!(told.contains("did you mean dim?") && told.contains("\"blue\" is no colour"), "{told}");
        assert!(told.contains("text on ground is hard to read"), "{told}");
        assert!(Palette::parse("mine", "base = \"pink\"", &known).is_err());
        assert!(Palette::parse("mine", "base = ", &known).is_err());
    }
}
