//! Lists that may be long: read and answered a page at a time, so that none costs more the longer it gets.

use super::outcome::{Outcome, from_store};
use crate::store::{Page, StoreResult};

/// What a page has at most.
pub const LISTED_MOST: u32 = 1_000;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    pub list: Vec<T>,
    /// Whether there is more behind it.
    pub more: bool,
}

impl<T> Listed<T> {
    /// A list of nothing.
    pub fn none() -> Self {
        Self { list: Vec::new(), more: false }
    }

    /// Each as something else.
    pub fn map<S>(self, each: impl FnMut(T) -> S) -> Listed<S> {
        Listed { list: self.list.into_iter().map(each).collect(), more: self.more }
    }
}

/// What a text takes in JSON, without its quotes.
pub(super) fn json_bytes(text: &str) -> usize {
    let written = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    text.bytes().map(written).sum()
}

/// Reads a page, and one more to see whether there is another.
pub(super) async fn listed<I, T, Reading>(page: Page<I>, read: impl FnOnce(Page<I>) -> Reading) -> Outcome<Listed<T>>
where
    Reading: Future<Output = StoreResult<Vec<T>>>,
{
    let limit = page.limit.clamp(1, LISTED_MOST);
    let mut list = read(Page { limit, ..page }.and_one_more()).await.map_err(from_store)?;
    let more = list.len() > limit as usize;
    list.truncate(limit as usize);
    Ok(Listed { list, more })
}

/// All of a list that is read in pages: for who has the time.
pub(super) async fn whole<I, T, Reading>(
    place: impl Fn(&T) -> I,
    mut read: impl FnMut(Page<I>) -> Reading,
) -> Outcome<Vec<T>>
where
    Reading: Future<Output = Outcome<Listed<T>>>,
{
    let mut whole = Vec::new();
    loop {
        let after = whole.last().map(&place);
        let Listed { mut list, more } = read(Page { after, limit: LISTED_MOST }).await?;
        let last = !more || list.is_empty();
        whole.append(&mut list);
        if last {
            return Ok(whole);
        }
    }
}
