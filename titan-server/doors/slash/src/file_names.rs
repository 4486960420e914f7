//! The names that files have here: made of a room, a time, a file's own name and its id; one that was imported keeps the
//! name it had.

use titan_core::{FileId, Time};

use super::words::local;
use titan_hub::FileRecord;

/// The name a file has here, in a room that is called so.
pub fn name_of(file: &FileRecord, room: &str) -> String {
    file.unique_name.clone().unwrap_or_else(|| unique_name(room, file.at, &file.name, file.id))
}

/// Without spaces, so that clients can tell it from what stands beside it.
pub fn unique_name(room: &str, at: Time, name: &str, id: FileId) -> String {
    format!("{}_{}{}", unspaced(room), local(at, "%Y%m%d_%H%M%S"), ending(name, id))
}

pub fn ending(name: &str, id: FileId) -> String {
    format!("_{}_{:08x}", unspaced(name), id.0)
}

fn unspaced(name: &str) -> String {
    name.replace(char::is_whitespace, "_")
}

/// The id at the end of a name.
pub fn id_in(name: &str) -> Option<FileId> {
    let (_, digits) = name.rsplit_once('_')?;
    i64::from_str_radix(digits, 16).ok().map(FileId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_unique_name_leads_back_to_its_file(room in "\\PC{1,20}", name in "\\PC{1,20}", id in 1..i64::MAX) {
            let unique = unique_name(&room, Time(0), &name, FileId(id));
            prop_assert_eq!(id_in(&unique), Some(FileId(id)));
            prop_assert!(unique.ends_with(&ending(&name, FileId(id))));
            prop_assert!(!unique.contains(char::is_whitespace));
        }

        #[test]
        fn any_name_is_looked_for(name in any::<String>()) {
            let _ = id_in(&name);
        }
    }
}
