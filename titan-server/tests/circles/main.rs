//! No module leans on itself by way of others: neither in a crate nor in the page.
//!
//! A module is a file (what stands in a `mod name { }` belongs to its file). An arrow goes from the file A to the file B where
//! A names an item that B defines:
//!
//! - in a `use`, whatever its groups, nesting and aliases, followed through any number of `pub use` to where the item is defined;
//! - in a path anywhere in code, in the arguments of a macro, or in an attribute.
//!
//! No arrow are: `mod child;`; a `pub use`, which only says under which name others find something; a `use` of a module, since the
//! items named through it count; and what stands under `#[cfg(test)]`, for a test may look at whatever it needs. So a parent that
//! only declares and re-exports its children is in no circle, and one whose items they use while it uses theirs is. Other crates
//! can't be in a circle: cargo sees to that.
//!
//! In the page an arrow is an `import` of any form, or an `export … from`.

mod graph;
mod page;
mod planted;
mod rust;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use graph::Circle;

#[test]
fn no_modules_of_a_crate_form_a_circle() {
    let root = workspace();
    let firsts = first_files(&root);
    assert!(firsts.len() > 30, "the crates were not found: {firsts:?}");
    let circles: BTreeSet<Circle> = firsts.iter().flat_map(|first| rust::arrows(&root, first).circles()).collect();
    nothing_in(circles.into_iter());
}

#[test]
fn no_modules_of_the_page_form_a_circle() {
    let files = scripts(&workspace());
    assert!(files.contains_key(Path::new("assets/page/main.js")) && files.len() > 40, "the page was not found");
    nothing_in(page::arrows(&files).circles().into_iter());
}

fn nothing_in(circles: impl Iterator<Item = Circle>) {
    let told: Vec<String> = circles.map(|circle| circle.told()).collect();
    assert!(
        told.is_empty(),
        "{} circles. Move what both need into a module below them, or hand it in from above.\n{}",
        told.len(),
        told.join("\n")
    );
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The file that each crate begins with: libraries, programs, tests, examples, build scripts.
fn first_files(root: &Path) -> BTreeSet<PathBuf> {
    let mut firsts = BTreeSet::new();
    for manifest in files_in(root, Path::new(""), &|name| name == "Cargo.toml") {
        let crate_of = manifest.parent().unwrap_or(Path::new(""));
        for place in ["build.rs", "src/lib.rs", "src/main.rs"] {
            firsts.extend(Some(crate_of.join(place)).filter(|file| root.join(file).is_file()));
        }
        for folder in ["src/bin", "tests", "examples", "benches"] {
            for entry in fs::read_dir(root.join(crate_of).join(folder)).into_iter().flatten() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let file = if name.ends_with(".rs") { name } else { format!("{name}/main.rs") };
                let file = crate_of.join(folder).join(file);
                firsts.extend(Some(file).filter(|file| root.join(file).is_file()));
            }
        }
    }
    firsts
}

/// The modules of the page and of its tests, with their texts.
fn scripts(root: &Path) -> BTreeMap<PathBuf, String> {
    let folders = ["assets/page", "tests/page"];
    let files = folders.iter().flat_map(|folder| files_in(root, Path::new(folder), &|name| name.ends_with(".js")));
    files.map(|file| (file.clone(), fs::read_to_string(root.join(&file)).unwrap())).collect()
}

/// The files of a folder and of those in it, but for what was built or fetched.
fn files_in(root: &Path, folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            if !["target", "node_modules"].contains(&name.as_str()) && !name.starts_with('.') {
                files.extend(files_in(root, &folder.join(name), wanted));
            }
        } else if wanted(&name) {
            files.push(folder.join(name));
        }
    }
    files
}
