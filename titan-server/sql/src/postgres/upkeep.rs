//! What operators and the house itself need: checking, closing.

use super::super::StoreResult;
use super::super::tx::all;
use super::aside::Aside;
use super::{schema, soundness};

/// What must never be found, each with the query that finds it: a line a row.
const PROMISES: [(&str, &str); 6] = [
    (
        "a log with a gap or a double",
        "SELECT 'conversation ' || e.conversation || ': ' || count(*) || ' entries, first ' || min(e.seq) || ', last ' \
           || max(e.seq) FROM entries e LEFT JOIN conversations c ON c.id = e.conversation \
         WHERE c.deleted_at IS NULL GROUP BY e.conversation, c.floor \
         HAVING count(*) <> max(e.seq) - greatest(coalesce(c.floor, 0), 1) + 1 \
         OR min(e.seq) <> greatest(coalesce(c.floor, 0), 1)",
    ),
    (
        "a log that does not end at its head",
        "SELECT 'conversation ' || c.id || ': head ' || c.head || ', last entry ' || coalesce(max(e.seq), 0) \
         FROM conversations c LEFT JOIN entries e ON e.conversation = c.id WHERE c.deleted_at IS NULL \
         GROUP BY c.id HAVING c.head <> coalesce(max(e.seq), 0)",
    ),
    (
        "entries of no conversation",
        "SELECT DISTINCT 'conversation ' || conversation FROM entries \
         WHERE conversation NOT IN (SELECT id FROM conversations)",
    ),
    (
        "an entry id that will be given again",
        "SELECT max(id) || ', next ' || next_entry FROM entries, house GROUP BY next_entry HAVING max(id) >= next_entry",
    ),
    (
        "a wrong count of members",
        "SELECT 'conversation ' || c.id || ': ' || c.members || ', really ' || count(m.account) FROM conversations c \
         LEFT JOIN members m ON m.conversation = c.id GROUP BY c.id HAVING c.members <> count(m.account)",
    ),
    (
        "a page that PostgreSQL found damaged",
        "SELECT checksum_failures || ' pages, last at ' || coalesce(checksum_last_failure::text, 'no known time') \
         FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0",
    ),
];

/// What must never be found of the index of words.
const WORDS: [(&str, &str); 2] = [
    (
        "a message that search doesn't know",
        "SELECT 'entry ' || e.id FROM house, entries e LEFT JOIN message_words w ON w.id = e.id \
         WHERE e.kind = 'message' AND e.deleted = 0 AND e.id >= words_from AND w.id IS NULL LIMIT 100",
    ),
    (
        "words of a message that is gone",
        "SELECT 'entry ' || w.id FROM message_words w \
         LEFT JOIN entries e ON e.id = w.id AND e.kind = 'message' AND e.deleted = 0 WHERE e.id IS NULL LIMIT 100",
    ),
];
/// The version that has this index: one of before is thrown away.
const WITH_WORDS: usize = 3;

/// Sees one moment; reads every row of the logs on its way.
pub(super) async fn check(aside: &mut Aside) -> StoreResult<Vec<String>> {
    aside.0.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let mut lines = Vec::new();
    let version = schema::version(&aside.0).await?;
    let words = if version < WITH_WORDS { &[][..] } else { &WORDS };
    for (what, sql) in PROMISES.iter().chain(words) {
        aside.0.batch_execute("SAVEPOINT promise").await?;
        match all(aside, sql, &[], |row| row.get::<String>(0)).await {
            Ok(found) => lines.extend(found.into_iter().map(|found| format!("{what}: {found}"))),
            Err(error) => {
                lines.push(format!("{what}: could not be looked for: {error}"));
                aside.0.batch_execute("ROLLBACK TO promise").await?;
            }
        }
    }
    if version >= 2 {
        lines.extend(soundness::damaged_rows(aside).await?);
    }
    lines.extend(soundness::broken_audit(aside).await?);
    aside.0.batch_execute("COMMIT").await?;
    Ok(lines)
}

/// What holds words, names or files of people.
const OF_PEOPLE: [&str; 11] = [
    "entries",
    "message_words",
    "files",
    "accounts",
    "former_names",
    "apps",
    "rooms",
    "reactions",
    "sessions",
    "resets",
    "sanctions",
];

/// Frees what dead rows hold; `FULL` writes the tables anew, so that nothing of them is left in the files.
pub(super) async fn vacuum(aside: &Aside, how: &str) -> StoreResult<()> {
    for table in OF_PEOPLE {
        aside.0.batch_execute(&format!("VACUUM {how} {table}")).await?;
    }
    Ok(())
}
