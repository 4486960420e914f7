//! The files of an older system: looked for in its folder of uploads and nowhere else, copied into the house.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;

use titan_blobs::{Blob, Blobs, blob_path};
use titan_disk::files::{copy, measure};

/// What the systems call their folder of uploads.
const FOLDERS: [&str; 6] = ["uploads", "uploaded_files", "files", "storage", "media", "data/uploads"];
/// Where a file may stand in that folder by its bare name.
const BELOW: [&str; 4] = ["", "uploads", "approved", "pending"];

pub struct Shelf {
    roots: Vec<PathBuf>,
    incoming: PathBuf,
    kept_in: PathBuf,
    blobs: Blobs,
    /// Files are read and not kept.
    only_look: bool,
    /// What was not in the house before: it goes again with an import that isn't kept.
    brought: Vec<PathBuf>,
}

impl Shelf {
    /// The uploads are in the folder that was named, or in one of the usual name beside the database or one folder above.
    pub fn new(beside: Option<&Path>, uploads: Option<&Path>, kept_in: &Path, blobs: Blobs, only_look: bool) -> Self {
        let usual = || {
            let near = beside.into_iter().flat_map(|folder| [folder.to_owned(), folder.join("..")]);
            near.flat_map(|folder| FOLDERS.map(|name| folder.join(name))).collect::<Vec<_>>()
        };
        let roots = uploads.map_or_else(usual, |uploads| vec![uploads.to_owned()]);
        let roots = roots.iter().filter_map(|root| fs::canonicalize(root).ok()).filter(|root| root.is_dir()).collect();
        let (incoming, kept_in) = (kept_in.join("tmp").join("imported"), kept_in.to_owned());
        Self { roots, incoming, kept_in, blobs, only_look, brought: Vec::new() }
    }

    /// The file that a path of the older system means. Nothing outside the folders is looked at, whatever the path says.
    pub fn find(&self, path: &str) -> Option<PathBuf> {
        let path = PathBuf::from(path.replace('\\', "/"));
        let parts: Vec<_> = path.components().filter(|part| matches!(part, Component::Normal(_))).collect();
        let name = parts.last()?;
        for root in &self.roots {
            let endings = (0..parts.len()).map(|from| root.join(parts[from..].iter().collect::<PathBuf>()));
            let named = BELOW.iter().map(|below| root.join(below).join(name));
            let mut found = endings.chain(named).filter_map(|file| fs::canonicalize(file).ok());
            if let Some(file) = found.find(|file| file.is_file() && file.starts_with(root)) {
                return Some(file);
            }
        }
        None
    }

    pub fn keep(&mut self, file: &Path) -> anyhow::Result<Blob> {
        let keeping = || format!("keeping {}", file.display());
        if self.only_look {
            let content = measure(file).with_context(keeping)?;
            return Ok(Blob { id: content.sha256, size: content.size });
        }
        let content = copy(file, &self.incoming)?;
        let blob = Blob { id: content.sha256, size: content.size };
        let place = self.kept_in.join(blob_path(blob.id));
        let new = !place.exists();
        self.blobs.adopt(&self.incoming, blob).with_context(keeping)?;
        self.brought.extend(new.then_some(place));
        Ok(blob)
    }

    /// From now on the files belong to the house, whatever comes.
    pub fn settle(&mut self) {
        self.brought.clear();
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        for file in &self.brought {
            // What stays is swept by the next server.
            let _ = fs::remove_file(file);
            let _ = file.parent().map(fs::remove_dir);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_any_ending_of_its_path_and_never_outside() {
        let land = tempfile::tempdir().unwrap();
        let at = |name: &str| land.path().join(name);
        fs::create_dir_all(at("old/uploads/sub")).unwrap();
        for file in ["old/uploads/sub/a.txt", "old/uploads/b.txt", "old/secret", "outside"] {
            fs::write(at(file), file).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("outside"), at("old/uploads/link")).unwrap();
        let blobs = Blobs::open(&at("blobs")).unwrap();
        let mut shelf = Shelf::new(Some(&at("old")), None, &at("blobs"), blobs, false);
        let found = |path: &str| shelf.find(path).map(|file| fs::read_to_string(file).unwrap());
        for path in ["uploads/sub/a.txt", "/srv/chat/uploads/sub/a.txt", ".\\uploads\\sub\\a.txt", "sub/a.txt"] {
            assert_eq!(found(path).as_deref(), Some("old/uploads/sub/a.txt"), "{path}");
        }
        assert_eq!(found("elsewhere/b.txt").as_deref(), Some("old/uploads/b.txt"));
        let absolute = at("outside");
        for path in ["../secret", "../../outside", "link", "", "/", "..", absolute.to_str().unwrap()] {
            assert_eq!(found(path), None, "{path}");
        }
        let file = shelf.find("b.txt").unwrap();
        let kept = shelf.keep(&file).unwrap();
        assert_eq!(kept.size, "old/uploads/b.txt".len() as u64);
        let place = at("blobs").join(blob_path(kept.id));
        drop(shelf);
        assert!(!place.exists(), "an import that is not kept left its file");
        for _ in 0..2 {
            let mut shelf = Shelf::new(Some(&at("old")), None, &at("blobs"), Blobs::open(&at("blobs")).unwrap(), false);
            shelf.keep(&file).unwrap();
            shelf.settle();
            // Again, and not kept: it was there before.
            shelf.keep(&file).unwrap();
        }
        assert!(place.exists());
    }
}
