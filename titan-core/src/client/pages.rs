//! Lists that came in several pages.

/// What changed its place while pages were asked for may have come twice.
pub fn each_once<T, I: std::hash::Hash + Eq>(mut list: Vec<T>, id: impl Fn(&T) -> I) -> Vec<T> {
    let mut seen = std::collections::HashSet::new();
    list.retain(|item| seen.insert(id(item)));
    list
}
