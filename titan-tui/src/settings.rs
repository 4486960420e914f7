//! What a person set: `settings.toml`, written by hand or by `/theme` and its like. Unknown words in it are told, never
//! fatal: a typo must not lock anybody out of their chat.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::theme::{self, Depth};

/// The settings file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name of a theme: one that comes with Titan, or of a file in `themes` beside this one.
    pub theme: String,
    /// How many colours the terminal shows, where it doesn't say so itself: `truecolor`, `256` or `16`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colors: Option<Depth>,
    /// Whether a theme paints the ground, or leaves the terminal's own.
    pub ground: bool,
    /// How close messages stand.
    pub density: Density,
    /// Whether clicks and the wheel belong to Titan; off gives them back to the terminal.
    pub mouse: bool,
    /// Ring the terminal's bell when somebody mentions me.
    pub bell: bool,
    /// Whether the pane of people is shown where there is room.
    pub people: bool,
    /// Where downloads go; the platform's folder for downloads if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downloads: Option<std::path::PathBuf>,
    /// The server to go to at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// `action-name = ["ctrl-x", ...]`
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, Vec<String>>,
}

/// How close messages stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Density {
    /// The name above what somebody says, and air between people.
    #[default]
    Cosy,
    /// The name beside each line.
    Compact,
}

impl Density {
    pub const ALL: [(&'static str, Density); 2] = [("cosy", Self::Cosy), ("compact", Self::Compact)];

    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, density)| *density == self).map_or("", |(name, _)| name)
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == text).map(|(_, density)| density)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: theme::FIRST.to_owned(),
            colors: None,
            ground: true,
            density: Density::default(),
            mouse: true,
            bell: true,
            people: true,
            downloads: None,
            server: None,
            keys: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Reads the file's text; what can't be read is told, and the defaults stand in.
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        match toml::from_str(text) {
            Ok(settings) => (settings, strangers(text)),
            Err(error) => (Self::default(), vec![crate::words::settings_unreadable(error.message())]),
        }
    }

    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}

const NAMES: [&str; 10] =
    ["theme", "colors", "ground", "density", "mouse", "bell", "people", "downloads", "server", "keys"];

/// Names that are no setting's, each with the one that is most like it.
fn strangers(text: &str) -> Vec<String> {
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    let strangers = table.keys().filter(|name| !NAMES.contains(&name.as_str()));
    let near = |name: &str| NAMES.into_iter().min_by_key(|known| strsim::damerau_levenshtein(name, known));
    strangers.map(|name| crate::words::setting_unknown(name, near(name).unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_the_file() {
        let mut settings = Settings { theme: "high-contrast".into(), ..Settings::default() };
        settings.keys.insert("go-to".into(), vec!["ctrl-o".into()]);
        assert_eq!(Settings::parse(&settings.to_text()), (settings, vec![]));
    }

    #[test]
    fn a_name_that_is_none_is_told_with_its_nearest_and_the_rest_holds() {
        let (settings, troubles) = Settings::parse("belll = true\nmouse = false\n");
        assert!(
            !settings.mouse && troubles.len() == 1 && troubles[0].contains("belll") && troubles[0].contains("bell?")
        );
        assert!(Settings::parse(&Settings::default().to_text()).1.is_empty());
    }

    #[test]
    fn a_broken_file_is_told_and_the_defaults_hold() {
        let (settings, troubles) = Settings::parse("density = \"pink\"");
        assert_eq!(settings, Settings::default());
        assert_eq!(troubles.len(), 1);
    }
}
