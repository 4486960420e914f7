//! Statements over many rows at once: always over as many, so that each is prepared once.

use super::super::tx::Value;

/// Rows of such a statement.
pub const AT_ONCE: usize = 64;

/// The places of so many ids in a statement, from the first on.
pub fn marks() -> String {
    (1..=AT_ONCE).map(|mark| format!("${mark}")).collect::<Vec<_>>().join(", ")
}

/// The values of such statements, for each of them: the last one is repeated where they are fewer.
pub fn padded<'a, I: Copy + Into<Value<'a>>>(all: &[I]) -> impl Iterator<Item = Vec<Value<'a>>> {
    all.chunks(AT_ONCE).map(|some| {
        let last = some.last().into_iter().cycle();
        some.iter().chain(last).take(AT_ONCE).map(|one| (*one).into()).collect()
    })
}
