//! Long lists, a page at a time: what a client is answered fits one message, and says whether there is more.

use serde::Serialize;

/// Bytes of a page: less than what the libraries of most languages take in one message unless they are told otherwise.
const PAGE_MOST: usize = 900 * 1024;

/// What follows the first `passed` of a list, as far as it fits, and whether there is more behind it.
pub fn page<T: Serialize>(list: Vec<T>, passed: usize, limit: Option<u32>) -> (Vec<T>, bool) {
    let most = limit.map_or(usize::MAX, |limit| limit.max(1) as usize);
    let left = list.len().saturating_sub(passed);
    let mut bytes = 0;
    let mut fits = |item: &T| {
        bytes += serde_json::to_vec(item).map_or(0, |written| written.len() + 1);
        bytes <= PAGE_MOST
    };
    // One always fits: nothing that is listed is that long by itself.
    let page = list.into_iter().skip(passed).take(most).enumerate();
    let page: Vec<T> = page.take_while(|(at, item)| fits(item) || *at == 0).map(|(_, item)| item).collect();
    let more = page.len() < left;
    (page, more)
}

/// How many come up to this one. Who has gone from the list meanwhile leaves no place to go on from: it begins anew.
pub fn up_to<T, I: PartialEq>(list: &[T], after: Option<I>, id: impl Fn(&T) -> I) -> usize {
    after.and_then(|after| list.iter().position(|item| id(item) == after)).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_to_the_end_and_each_fits() {
        let all: Vec<(usize, String)> = (0..700).map(|number| (number, "ж".repeat(4_000))).collect();
        let (mut heard, mut pages) = (Vec::new(), 0);
        loop {
            let after = heard.last().map(|(number, _): &(usize, String)| *number);
            let (page, more) = page(all.clone(), up_to(&all, after, |item| item.0), None);
            assert!(serde_json::to_vec(&page).unwrap().len() <= PAGE_MOST + 2 && !page.is_empty());
            heard.extend(page);
            pages += 1;
            if !more {
                break;
            }
        }
        assert_eq!((heard == all, pages), (true, 7));
        assert_eq!(page(all.clone(), 690, Some(4)), (all[690..694].to_vec(), true));
        assert!(!page(all, 690, Some(10)).1);
        assert_eq!(page(Vec::<u8>::new(), 0, None), (vec![], false));
        assert_eq!(page(vec!["x".repeat(2 * PAGE_MOST)], 0, Some(0)).0.len(), 1);
    }
}
