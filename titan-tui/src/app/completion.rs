//! What the word before the cursor may become: a command, a username, a room, an emoji.

use super::{
    commands,
    composer::{Completion, Offer},
    state::State,
};
use crate::fuzzy;

/// Completions offered at once.
const OFFERED: usize = 8;

/// Looks at the word before the cursor and offers what it may become.
pub fn offers(state: &State) -> Option<Completion> {
    let before = state.composer.editor.before_cursor();
    let first_line = state.composer.editor.on_first_line();
    if first_line && before.starts_with('/') && !before.contains(' ') {
        return completion(&before, command_offers(state, &before[1..]));
    }
    if first_line
        && before.starts_with('/')
        && let Some(completion) = argument(state, &before)
    {
        return Some(completion);
    }
    let start =
        before.rfind(char::is_whitespace).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = &before[start..];
    let rest = word.get(1..)?;
    let offers = match word.as_bytes().first()? {
        b'@' => people_offers(state, rest),
        b'#' => room_offers(state, rest),
        b':' if rest.len() >= 2 => emoji_offers(rest),
        _ => return None,
    };
    completion(word, offers)
}

/// The words after a command, as its usage calls for them: a username, a room, one of several.
fn argument(state: &State, before: &str) -> Option<Completion> {
    let (name, rest) = before[1..].split_once(' ')?;
    let spec = commands::ALL.iter().find(|spec| spec.name == name && (state.is_admin() || !spec.admin))?;
    let place = rest.matches(' ').count();
    let word = rest.rsplit(' ').next()?;
    let wanted = spec.usage.split(' ').nth(place)?.trim_matches(['<', '>', '[', ']']);
    let offers = match wanted {
        "username" if !word.starts_with('@') => bare(people_offers(state, word)),
        "room" if place == 0 && spec.most != 0 && !word.starts_with('#') => bare(room_offers(state, word)),
        "theme" => theme_offers(state, word),
        several if several.contains('|') => choices(several, word),
        _ => return None,
    };
    completion(word, offers)
}

fn theme_offers(state: &State, word: &str) -> Vec<Offer> {
    choices(&state.themes.names().collect::<Vec<_>>().join("|"), word)
}

/// Names as commands take them, without the sign before.
fn bare(offers: Vec<Offer>) -> Vec<Offer> {
    let strip = |offer: Offer| Offer { insert: offer.insert.trim_start_matches(['@', '#']).to_owned(), ..offer };
    offers.into_iter().map(strip).collect()
}

fn choices(several: &str, typed: &str) -> Vec<Offer> {
    let found = several.split('|').filter(|choice| choice.starts_with(typed));
    found.map(|choice| Offer { insert: format!("{choice} "), label: choice.to_owned(), about: String::new() }).collect()
}

fn completion(word: &str, offers: Vec<Offer>) -> Option<Completion> {
    let done = offers.len() == 1 && offers[0].insert.trim_end() == word;
    (!offers.is_empty() && !done).then(|| Completion { replaces: word.chars().count(), offers, at: 0 })
}

fn command_offers(state: &State, typed: &str) -> Vec<Offer> {
    let admin = state.is_admin();
    let found = commands::ALL.iter().filter(|spec| (admin || !spec.admin) && spec.name.starts_with(typed));
    found
        .map(|spec| Offer {
            insert: if spec.most == 0 { format!("/{}", spec.name) } else { format!("/{} ", spec.name) },
            label: format!("/{} {}", spec.name, spec.usage),
            about: spec.about.to_owned(),
        })
        .take(OFFERED)
        .collect()
}

fn people_offers(state: &State, typed: &str) -> Vec<Offer> {
    let mut people: Vec<_> = state.people_here().into_iter().map(|(person, _)| person.account).collect();
    for account in state.known_people() {
        if !people.iter().any(|known| known.id == account.id) {
            people.push(account.clone());
        }
    }
    people.retain(|account| !state.is_me(account.id));
    let found = narrowed(people, typed, |account| account.username.to_string());
    let offer = |account: titan_core::protocol::Account| Offer {
        insert: format!("@{} ", account.username),
        label: format!("@{}", account.username),
        about: account.full_name.map(|name| name.to_string()).unwrap_or_default(),
    };
    found.into_iter().map(offer).collect()
}

fn room_offers(state: &State, typed: &str) -> Vec<Offer> {
    let found = narrowed(state.chat.rooms.clone(), typed, |room| room.name.to_string());
    let offer = |room: titan_core::protocol::Room| Offer {
        insert: format!("#{} ", room.name),
        label: format!("#{}", room.name),
        about: room.description.lines().next().unwrap_or_default().to_owned(),
    };
    found.into_iter().map(offer).collect()
}

fn emoji_offers(typed: &str) -> Vec<Offer> {
    let typed = typed.trim_end_matches(':').to_lowercase();
    let mut found: Vec<_> = emojis::iter()
        .filter_map(|emoji| emoji.shortcodes().find(|code| code.starts_with(&typed)).map(|code| (code, emoji)))
        .collect();
    found.sort_by_key(|(code, _)| code.len());
    let offer = |(code, emoji): (&str, &'static emojis::Emoji)| Offer {
        insert: format!("{emoji} "),
        label: format!("{emoji} :{code}:"),
        about: String::new(),
    };
    found.into_iter().take(OFFERED).map(offer).collect()
}

fn narrowed<T: Clone>(things: Vec<T>, typed: &str, name: impl Fn(&T) -> String) -> Vec<T> {
    let mut found = if typed.is_empty() { things } else { fuzzy::best(things.iter(), typed, name) };
    found.truncate(OFFERED);
    found
}
