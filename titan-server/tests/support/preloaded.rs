//! A library that is preloaded into a process of its own, built anew from its C. A compiler is there: the bundled SQLite was built
//! with it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds one of `titan-server/tests` into a folder; where it lies.
pub fn build(source: &str, folder: &Path) -> PathBuf {
    let source = format!("{}/../titan-server/tests/{source}", env!("CARGO_MANIFEST_DIR"));
    let library = folder.join("preloaded.so");
    let flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror"];
    let built = Command::new("cc").args(flags).args([&source, "-ldl", "-lpthread", "-o"]).arg(&library).status();
    assert!(built.unwrap().success());
    library
}
