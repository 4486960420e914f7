//! Long lists in answers that have a bound: as much of one as fits, and whether that is all.

use axum::http::HeaderValue;
use serde::Serialize;

use titan_hub::{LISTED_MOST, Listed, Outcome, Page};

/// As many, from the first on, as fit so many bytes. One always fits: nothing that is listed is that long by itself.
pub fn fitting<T>(Listed { mut list, more }: Listed<T>, most: usize, length: impl Fn(&T) -> usize) -> Listed<T> {
    let mut left = most;
    let fits = |item: &&T| {
        let room = left.checked_sub(length(item));
        left = room.unwrap_or_default();
        room.is_some()
    };
    let fit = list.iter().take_while(fits).count().max(1);
    let more = more || fit < list.len();
    list.truncate(fit);
    Listed { list, more }
}

/// The beginning of a list, for a door that has no pages: read as far as it fits so many bytes, as it is shown there.
pub async fn beginning<T, S, I, Reading>(
    most: usize,
    place: impl Fn(&T) -> I,
    show: impl Fn(T) -> S,
    length: impl Fn(&S) -> usize,
    mut read: impl FnMut(Page<I>) -> Reading,
) -> Outcome<Listed<S>>
where
    Reading: Future<Output = Outcome<Listed<T>>>,
{
    let (mut list, mut left, mut after) = (Vec::new(), most, None);
    loop {
        let page = read(Page { after, limit: LISTED_MOST }).await?;
        let more = page.more && !page.list.is_empty();
        after = page.list.last().map(&place);
        for item in page.list {
            let item = show(item);
            let Some(room) = left.checked_sub(length(&item)) else { return Ok(Listed { list, more: true }) };
            left = room;
            list.push(item);
        }
        if !more {
            return Ok(Listed { list, more: false });
        }
    }
}

/// The `Link` header that leads to the next page (RFC 8288), by its query. Relative, so that it is right behind a proxy too.
pub fn next_page(query: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("<?{query}>; rel=\"next\"")).ok()
}

/// What something takes as JSON in a list, with the comma behind it.
pub fn json_length(item: &impl Serialize) -> usize {
    let mut counter = Counter(1);
    match serde_json::to_writer(&mut counter, item) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}

/// Counts what is written, and keeps nothing of it.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed<T>(list: Vec<T>) -> Listed<T> {
        Listed { list, more: false }
    }

    #[test]
    fn what_does_not_fit_is_told_to_be_more_and_one_always_fits() {
        let cut = |most| fitting(listed(vec!["ab", "ä", "x"]), most, json_length);
        assert_eq!(cut(14), listed(vec!["ab", "ä", "x"]));
        assert_eq!(cut(13), Listed { list: vec!["ab", "ä"], more: true });
        assert_eq!(cut(1), Listed { list: vec!["ab"], more: true });
        assert_eq!(fitting(listed(Vec::<u8>::new()), 0, json_length), listed(vec![]));
        assert!(fitting(Listed { list: vec![1], more: true }, 9, json_length).more);
    }

    #[tokio::test]
    async fn a_list_is_read_page_by_page_and_no_further_than_it_fits() {
        let all: Vec<u64> = (1..=5_000).collect();
        let told = async |most| {
            let mut pages = 0;
            let read = |page: Page<u64>| {
                pages += 1;
                let mut rest = all.iter().copied().filter(move |number| page.after.is_none_or(|after| *number > after));
                let list: Vec<_> = rest.by_ref().take(page.limit as usize).collect();
                let more = rest.next().is_some();
                async move { Ok(Listed { list, more }) }
            };
            let told = beginning(most, |number| *number, |number| number, |_| 10, read).await.unwrap();
            (told.list.len(), told.list.last().copied(), told.more, pages)
        };
        assert_eq!(told(15_000).await, (1_500, Some(1_500), true, 2));
        assert_eq!(told(50_000).await, (5_000, Some(5_000), false, 5));
        assert_eq!(told(9).await, (0, None, true, 1));
    }
}
