//! Finding by a few letters, by Helix's matcher.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

/// The things that match, the best first; equals keep their order.
pub fn best<'a, T: Clone + 'a>(
    things: impl Iterator<Item = &'a T>,
    query: &str,
    text: impl Fn(&T) -> String,
) -> Vec<T> {
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, T)> = things
        .filter_map(|thing| {
            let text = text(thing);
            let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
            Some((score, thing.clone()))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, thing)| thing).collect()
}
