//! Long lists, a page at a time: what a client is answered fits one message, and says whether there is more.

use serde::Serialize;

use titan_door::listing::{fitting, json_length};
use titan_hub::{LISTED_MOST, Listed, Page};

/// Bytes of a page: less than what the libraries of most languages take in one message unless they are told otherwise.
const PAGE_MOST: usize = 900 * 1024;

/// Which page is asked for.
pub fn asked<I>(after: Option<I>, limit: Option<u32>) -> Page<I> {
    Page { after, limit: limit.unwrap_or(LISTED_MOST) }
}

/// As much of a page as fits, and whether there is more behind it.
pub fn page<T: Serialize>(listed: Listed<T>) -> (Vec<T>, bool) {
    let Listed { list, more } = fitting(listed, PAGE_MOST, json_length);
    (list, more)
}

/// All of a list that is never long, as far as it fits.
pub fn all<T: Serialize>(list: Vec<T>) -> (Vec<T>, bool) {
    page(Listed { list, more: false })
}

/// A page of a list that is at hand: what comes behind the one that is named. Who has gone from it meanwhile leaves no place
/// to go on from: it begins anew.
pub fn behind<T, I: PartialEq>(list: Vec<T>, after: Option<I>, limit: Option<u32>, id: impl Fn(&T) -> I) -> Listed<T> {
    let passed = after.and_then(|after| list.iter().position(|item| id(item) == after)).map_or(0, |at| at + 1);
    let most = limit.map_or(usize::MAX, |limit| limit.max(1) as usize);
    let more = list.len() - passed > most;
    Listed { list: list.into_iter().skip(passed).take(most).collect(), more }
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
            let (page, more) = page(behind(all.clone(), after, None, |item| item.0));
            assert!(serde_json::to_vec(&page).unwrap().len() <= PAGE_MOST + 2 && !page.is_empty());
            heard.extend(page);
            pages += 1;
            if !more {
                break;
            }
        }
        assert_eq!((heard == all, pages), (true, 7));
        let short = |after, limit| page(behind(all.clone(), Some(after), Some(limit), |item| item.0));
        assert_eq!(short(689, 4), (all[690..694].to_vec(), true));
        assert!(!short(689, 10).1);
        assert_eq!(short(1_000, 1), (all[..1].to_vec(), true), "nothing to go on from");
        assert_eq!(super::all(Vec::<u8>::new()), (vec![], false));
        assert_eq!(super::all(vec!["x".repeat(2 * PAGE_MOST)]).0.len(), 1);
    }
}
