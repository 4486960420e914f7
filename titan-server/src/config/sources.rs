//! Where settings come from beside the command line: the environment and a TOML file. What they say is read as if it stood on the command
//! line, so that all three take the same texts, refuse the same, and mean unset by an empty one; and it is remembered where each was said.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Args, Command, FromArgMatches};
use toml::de::{DeTable, DeValue};

use super::Settings;

const PREFIX: &str = "TITAN_";
/// What else is called like that, and by whom: this program's settings file, and the client.
const OTHERS: [&str; 8] = [
    "TITAN_CONFIG",
    "TITAN_SERVER",
    "TITAN_USER",
    "TITAN_HOME",
    "TITAN_TOKEN",
    "TITAN_ROOM_PASSWORD",
    "TITAN_ADMIN_KEY",
    "TITAN_LOG",
];

/// Variables that say something; an empty one is as if it were not there.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    pub fn of_process() -> Self {
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect()
    }

    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(OsStr::to_str)
    }

    /// What is called like a setting and is none. One that is nearly called like one is a mistake; of the others (a cluster puts its own
    /// there) it is only told.
    pub fn strangers(&self) -> anyhow::Result<Vec<String>> {
        let known: Vec<String> = ids().iter().map(|id| variable(id)).chain(OTHERS.map(str::to_owned)).collect();
        let names = self.0.keys().filter(|name| name.starts_with(PREFIX) && !known.contains(name));
        let mut told = Vec::new();
        for name in names {
            let bare = |name: &str| name.trim_start_matches(PREFIX).to_owned();
            match nearest(&bare(name), known.iter().map(|known| bare(known))) {
                Some((near, true)) => bail!("{name} is no setting: is {PREFIX}{near} meant?"),
                Some((near, false)) => {
                    told.push(format!("{name} is no setting, and is left aside; the nearest is {PREFIX}{near}"))
                }
                None => told.push(format!("{name} is no setting, and is left aside")),
            }
        }
        Ok(told)
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(given: I) -> Self {
        let given = given.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self(given.filter(|(_, value)| !is_blank(value)).collect())
    }
}

fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
}

/// The settings of all sources, and where each was set.
#[derive(Default)]
pub struct Gathered {
    pub settings: Settings,
    origins: BTreeMap<String, String>,
}

/// A setting as a source says it.
struct Said {
    id: String,
    text: OsString,
    origin: String,
}

impl Gathered {
    /// What the command line says wins over the environment, and that over the file.
    pub fn of(line: Settings, file: Option<&Path>, environment: &Environment) -> anyhow::Result<Self> {
        let mut gathered = Self::default();
        for said in file.map(by_file).transpose()?.into_iter().flatten().chain(by_environment(environment)) {
            gathered.take(said)?;
        }
        let given = serde_json::to_value(&line)?;
        let given = given.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        gathered.origins.extend(given.map(|(id, _)| (id.clone(), flag(id))));
        gathered.settings = line.or(gathered.settings);
        Ok(gathered)
    }

    fn take(&mut self, said: Said) -> anyhow::Result<()> {
        let Said { id, text, origin } = said;
        let mut argument = OsString::from(flag(&id) + "=");
        argument.push(text);
        let read = settings_alone().try_get_matches_from([argument]);
        let secret = ["url", "key"].iter().any(|end| id.ends_with(end));
        let read = read.map_err(|error| anyhow!("{origin}: {}", why(&error, secret)))?;
        self.settings.update_from_arg_matches(&read)?;
        self.origins.insert(id, origin);
        Ok(())
    }

    /// What the text of a file alone says.
    pub fn of_text(text: &str) -> anyhow::Result<Self> {
        let mut gathered = Self::default();
        for said in by_text(text, Path::new("titan.toml"))? {
            gathered.take(said)?;
        }
        Ok(gathered)
    }

    /// Where a setting was set, to be named with what is wrong with it.
    pub fn origin(&self, id: &str) -> String {
        self.origins.get(id).cloned().unwrap_or_else(|| flag(id))
    }
}

fn by_environment(environment: &Environment) -> Vec<Said> {
    let said = |id: String| {
        let origin = variable(&id);
        let text = environment.get(&origin)?.to_owned();
        Some(Said { id, text, origin })
    };
    ids().into_iter().filter_map(said).collect()
}

fn by_file(path: &Path) -> anyhow::Result<Vec<Said>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    by_text(&text, path)
}

/// What a file says; `path` is for who reads what is wrong with it.
fn by_text(text: &str, path: &Path) -> anyhow::Result<Vec<Said>> {
    let table = DeTable::parse(text).with_context(|| format!("{} is not as it should be", path.display()))?;
    let mut all = Vec::new();
    for (id, start, value) in leaves("", table.get_ref()) {
        let line = 1 + text[..start].matches('\n').count();
        let origin = format!("{}, line {line}", path.display());
        let known = ids();
        if !known.contains(&id) {
            let near = nearest(&id, known.into_iter()).map(|(near, _)| format!(": is {near} meant?"));
            bail!("{origin}: {id} is no setting{}", near.unwrap_or_default());
        }
        let text = plain(value).with_context(|| format!("{origin}: {id} is no single setting"))?;
        if !text.trim().is_empty() {
            all.push(Said { id, text: text.into(), origin });
        }
    }
    Ok(all)
}

/// What a file sets, and where each stands: `limits.x` and a table `[limits]` with an `x` are `limits_x`.
fn leaves<'t>(under: &str, table: &'t DeTable<'_>) -> Vec<(String, usize, &'t DeValue<'t>)> {
    let mut leaves = Vec::new();
    for (key, value) in table {
        let id = format!("{under}{}", key.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) => leaves.extend(self::leaves(&format!("{id}_"), inner)),
            value => leaves.push((id, key.span().start, value)),
        }
    }
    leaves
}

/// A value as it would stand on the command line.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let read = i64::from_str_radix(number.as_str(), number.radix());
            Some(read.map_or_else(|_| number.to_string(), |read| read.to_string()))
        }
        DeValue::Boolean(on) => Some(on.to_string()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Array(list) => {
            list.iter().map(|value| plain(value.get_ref())).collect::<Option<Vec<_>>>().map(|list| list.join(","))
        }
        DeValue::Table(_) | DeValue::Datetime(_) => None,
    }
}

/// What is wrong, without what a flag would be called; of a secret, without the secret.
fn why(error: &clap::Error, secret: bool) -> String {
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) if !secret => format!("{value:?} will not do: "),
        _ => String::new(),
    };
    let possible = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(possible)) => Some(format!("one of {} belongs here", possible.join(", "))),
        _ => None,
    };
    let source = std::error::Error::source(error).map(ToString::to_string);
    let first = || error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    value + &source.or(possible).unwrap_or_else(first)
}

/// All settings, as arguments that no environment speaks for.
fn settings_alone() -> Command {
    let bare = Command::new("settings").no_binary_name(true).disable_help_flag(true);
    without_variables(Settings::augment_args(bare))
}

/// The names of all settings, as a file has them.
pub fn ids() -> Vec<String> {
    settings_alone().get_arguments().map(|setting| setting.get_id().to_string()).collect()
}

fn variable(id: &str) -> String {
    format!("{PREFIX}{}", id.to_ascii_uppercase())
}

/// How a setting is called on the command line.
fn flag(id: &str) -> String {
    let settings = settings_alone();
    let known = settings.get_arguments().find(|setting| setting.get_id() == id).and_then(Arg::get_long);
    format!("--{}", known.map_or_else(|| id.replace('_', "-"), str::to_owned))
}

/// The same commands, deaf to the environment, which is read here.
pub fn without_variables(command: Command) -> Command {
    command.mut_args(|argument| argument.env(None::<&'static str>)).mut_subcommands(without_variables)
}

/// A command line without the settings on it that are empty.
pub fn without_empty(line: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let flags: Vec<_> = ids().iter().map(|id| flag(id)).chain(["--config".to_owned()]).collect();
    let (mut kept, mut line) = (Vec::new(), line.peekable());
    while let Some(word) = line.next() {
        let text = word.to_str().unwrap_or_default();
        let alone = flags.iter().any(|flag| flag == text);
        if alone && line.next_if(|next| is_blank(next)).is_some() {
            continue;
        }
        let empty = text
            .split_once('=')
            .is_some_and(|(name, value)| value.trim().is_empty() && flags.iter().any(|flag| flag == name));
        if !empty {
            kept.push(word);
        }
    }
    kept
}

/// The name that is most like this one, if any is; and whether it is so like it that it must have been meant.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<(String, bool)> {
    let plain = name.to_lowercase().replace('-', "_");
    let distance = |known: &String| strsim::damerau_levenshtein(&plain, &known.to_lowercase());
    let known: Vec<String> = known.collect();
    let near = known.iter().min_by_key(|known| distance(known))?;
    let (far, length) = (distance(near), near.chars().count());
    let meant = far <= if length < 6 { 1 } else { 2 };
    if far * 2 <= length.max(2) {
        return Some((near.clone(), meant));
    }
    // `http_port` for `http`, `origins` for `allowed_origins`: one whose words are all in the other.
    let words = |name: &str| name.to_lowercase().split('_').map(str::to_owned).collect::<Vec<_>>();
    let (said, within) = (words(&plain), |few: &[String], many: &[String]| few.iter().all(|word| many.contains(word)));
    let akin = |known: &&String| within(&words(known), &said) || within(&said, &words(known));
    known.iter().filter(akin).min_by_key(|known| distance(known)).map(|near| (near.clone(), false))
}
