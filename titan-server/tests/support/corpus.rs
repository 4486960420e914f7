//! Goes through what the fuzz targets know (`fuzz/corpus`), without a fuzzer: each example, its beginnings, and what is a byte away.

use std::any::Any;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use titan_core::parsers::Parser;

/// Beginnings and neighbours of one example, at most of each.
const NEAR: usize = 16;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fuzz/corpus")
}

/// What breaks one of these parsers, of all their examples and what is near them. Each break is told once, in the end.
pub fn broken(parsers: &[Parser]) -> Vec<String> {
    let told = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let broken = parsers.iter().flat_map(breaks).collect();
    panic::set_hook(told);
    broken
}

fn breaks(&(name, parser): &Parser) -> Vec<String> {
    let Ok(files) = fs::read_dir(folder().join(name)) else {
        return vec![format!("{name} has no example in fuzz/corpus")];
    };
    let mut found = Vec::new();
    for file in files.map(|file| file.unwrap().path()) {
        for bytes in near(&fs::read(&file).unwrap()) {
            if let Err(why) = panic::catch_unwind(AssertUnwindSafe(|| parser(&bytes))) {
                let bytes = bytes.escape_ascii();
                found.push(format!("{name}, near {}: \"{bytes}\": {}", file.display(), said(&*why)));
            }
        }
    }
    found
}

fn said(why: &(dyn Any + Send)) -> &str {
    let text = why.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| why.downcast_ref::<&str>().copied()).unwrap_or("it gave up")
}

fn near(example: &[u8]) -> Vec<Vec<u8>> {
    let places: Vec<usize> = (0..example.len()).step_by(example.len() / NEAR + 1).collect();
    let beginnings = places.iter().map(|at| example[..*at].to_vec());
    let changed = places.iter().flat_map(|at| {
        [example[*at] ^ 1, example[*at] ^ 0x80, 0, 0xff].map(|byte| {
            let mut near = example.to_vec();
            near[*at] = byte;
            near
        })
    });
    [example.to_vec(), [example, example].concat()].into_iter().chain(beginnings).chain(changed).collect()
}
