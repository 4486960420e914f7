//! The variables that `titan` hears: an empty one is as if it were not there, and one that is nearly called like one of them is a mistake
//! that is told, not a wish that is left aside.

use clap::{Arg, Command};

const PREFIX: &str = "TITAN_";
/// Those that no argument stands for.
const OTHERS: [&str; 3] = ["TITAN_TOKEN", "TITAN_PASSWORD", "TITAN_LOG"];

/// The same commands, which don't hear what is empty.
pub fn without_empty(command: Command) -> Command {
    let hears =
        |argument: &Arg| argument.get_env().and_then(|name| name.to_str()).is_none_or(|name| said(name).is_some());
    let deaf = |argument: Arg| if hears(&argument) { argument } else { argument.env(None::<&'static str>) };
    command.mut_args(deaf).mut_subcommands(without_empty)
}

/// What a variable says, if it says something.
pub fn said(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.trim().is_empty())
}

/// What is wrong with the names of variables that are there.
pub fn mistaken(command: &Command) -> Option<String> {
    let there = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let there: Vec<_> = there.filter(|(_, value)| !value.is_empty()).map(|(name, _)| name).collect();
    let known = names(command);
    there
        .iter()
        .find_map(|name| nearest(name, &known))
        .map(|(name, near)| format!("{name} is nothing to titan: is {near} meant?"))
}

fn names(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()));
    let below = command.get_subcommands().flat_map(names);
    own.chain(below).chain(OTHERS.map(str::to_owned)).collect()
}

/// A name and the one that must have been meant. Other programs' names are left alone, a server's too.
fn nearest(name: &str, known: &[String]) -> Option<(String, String)> {
    let bare = name.strip_prefix(PREFIX).filter(|_| !known.iter().any(|known| known == name))?;
    let distance = |known: &String| strsim::damerau_levenshtein(bare, known.trim_start_matches(PREFIX));
    let near = known.iter().min_by_key(|known| distance(known))?;
    let most = if bare.chars().count() < 6 { 1 } else { 2 };
    (distance(near) <= most).then(|| (name.to_owned(), near.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_nearly_one_of_ours_is_found() {
        let command = Command::new("titan").subcommand(Command::new("x").arg(Arg::new("server").env("TITAN_SERVER")));
        let known = names(&command);
        let near = |name: &str| nearest(name, &known).map(|(_, near)| near);
        assert_eq!(near("TITAN_SEVER").as_deref(), Some("TITAN_SERVER"));
        assert_eq!(near("TITAN_TOKNE").as_deref(), Some("TITAN_TOKEN"));
        for other in ["TITAN_SERVER", "TITAN_HTTP", "TITAN_LOG_FILE", "TITAN_SERVICE_HOST", "SERVER", "TITAN_TLS"] {
            assert_eq!(near(other), None, "{other}");
        }
    }
}
