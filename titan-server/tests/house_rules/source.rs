//! Reads the project's own source the way the rules want it: code without comments, strings apart, tests left out.
//!
//! A small lexer, no parser: it knows comments, all kinds of literals and braces, which is enough to tell code from talk.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file. `code`, `strings` and `text` keep the file's lines, so that a breach can be named by its line.
pub struct Source {
    /// From the workspace's root, such as `titan-server/src/hub/mod.rs`.
    pub path: String,
    /// As it stands in the file.
    pub text: String,
    /// Without comments, with literals emptied, and without what only tests see.
    pub code: String,
    /// The strings of that code, with their lines.
    pub strings: Vec<(usize, String)>,
    only_tests: bool,
}

impl Source {
    pub fn of(path: &str, text: &str) -> Self {
        let lexed = lex(text);
        let hidden = test_parts(&lexed.code);
        let strings = lexed.strings.into_iter().filter(|(at, _)| !hidden.iter().any(|part| part.contains(at)));
        let strings = strings.map(|(at, string)| (line_of(text, at), string)).collect();
        let code = blank(&lexed.code, &hidden);
        Self { path: path.to_owned(), text: text.to_owned(), code, strings, only_tests: false }
    }

    /// Every file of the three crates' `src` folders.
    pub fn all() -> Vec<Self> {
        let root = workspace();
        let mut files = Vec::new();
        for name in ["titan-core", "titan-server", "titan-tui"] {
            gather(&root.join(name).join("src"), &mut files);
        }
        files.sort();
        let mut sources: Vec<Self> = files.iter().map(|file| Self::read(&root, file)).collect();
        let tests: Vec<String> = sources.iter().flat_map(Self::test_modules).collect();
        for source in &mut sources {
            source.only_tests |= tests.iter().any(|module| source.path.starts_with(module.as_str()));
        }
        sources
    }

    /// Where the modules are that only tests see: for each the file and the folder that it could be.
    fn test_modules(&self) -> Vec<String> {
        let (folder, file) = self.path.rsplit_once('/').unwrap_or_default();
        let inner = match file {
            "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
            file => format!("{folder}/{}", file.trim_end_matches(".rs")),
        };
        let named = self.text.split("#[cfg(test)]").skip(1);
        let item = |after: &'_ str| after.split_once(';').map(|(item, _)| item.trim().to_owned());
        let named = named.filter_map(item).filter_map(|item| Some(item.rsplit_once("mod ")?.1.to_owned()));
        let named = named.filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        named.flat_map(|name| [format!("{inner}/{name}.rs"), format!("{inner}/{name}/")]).collect()
    }

    fn read(root: &Path, file: &Path) -> Self {
        let path = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        Self::of(&path, &fs::read_to_string(file).unwrap())
    }

    pub fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// Whether only tests see the whole file.
    pub fn is_test(&self) -> bool {
        self.only_tests
    }

    /// The lines of the code, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Lines that hold a name as a whole word; `a::b` and `.a(` are names too.
    pub fn naming<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.lines().filter(move |(_, line)| holds_word(line, name)).map(|(line, _)| line)
    }
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Whether the line holds the name, and not as a part of a longer word.
pub fn holds_word(line: &str, name: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let starts = name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let ends = name.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.match_indices(name).any(|(at, _)| {
        let before = starts && part(line[..at].chars().next_back());
        let after = ends && part(line[at + name.len()..].chars().next());
        !before && !after
    })
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

struct Lexed {
    code: String,
    /// Where each string began, in bytes.
    strings: Vec<(usize, String)>,
}

/// Empties comments and literals, keeping every byte's place.
fn lex(text: &str) -> Lexed {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut strings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (end, string) = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => (line_end(bytes, at), false),
            b'/' if bytes[at..].starts_with(b"/*") => (comment_end(bytes, at), false),
            b'"' => (string_end(bytes, at), true),
            b'r' if raw_hashes(bytes, at).is_some() => (raw_end(bytes, at), true),
            b'\'' => (character_end(text, at), false),
            _ => {
                at += 1;
                continue;
            }
        };
        if string {
            strings.push((at, text[at..end].trim_matches(['r', '#', '"']).to_owned()));
        }
        let quotes = string && bytes[at] == b'"';
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        if quotes {
            code[at] = b'"';
            code[end - 1] = b'"';
        }
        at = end;
    }
    Lexed { code: String::from_utf8(code).unwrap(), strings }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length)
}

fn comment_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// How many hashes a raw string that begins here has.
fn raw_hashes(bytes: &[u8], at: usize) -> Option<usize> {
    let word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_') && bytes[at - 1] != b'b';
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    (!word && bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

fn raw_end(bytes: &[u8], at: usize) -> usize {
    let hashes = raw_hashes(bytes, at).unwrap_or(0);
    let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let begin = at + hashes + 2;
    let length = bytes[begin..].windows(close.len()).position(|window| window == close);
    length.map_or(bytes.len(), |length| begin + length + close.len())
}

/// The end of a character literal; of a lifetime, just its tick.
fn character_end(text: &str, at: usize) -> usize {
    let rest = &text[at + 1..];
    let mut characters = rest.char_indices();
    match characters.next() {
        Some((_, '\\')) => {
            let closed = rest.char_indices().skip(2).find(|(_, c)| *c == '\'');
            closed.map_or(text.len(), |(length, _)| at + length + 2)
        }
        Some(_) => match characters.next() {
            Some((length, '\'')) => at + length + 2,
            _ => at + 1,
        },
        None => text.len(),
    }
}

/// What stands under `#[cfg(test)]`: to the end of the braces that follow, or of the statement.
fn test_parts(code: &str) -> Vec<std::ops::Range<usize>> {
    let mut parts: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, marker) in code.match_indices("#[cfg(test)]") {
        if parts.last().is_none_or(|part| at >= part.end) {
            parts.push(at..item_end(code.as_bytes(), at + marker.len()));
        }
    }
    parts
}

/// Where the item that begins here ends: at its closing brace, or at a semicolon outside of braces.
pub fn item_end(code: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at < code.len() {
        match code[at] {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at
}

fn blank(code: &str, parts: &[std::ops::Range<usize>]) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for part in parts {
        for byte in &mut bytes[part.clone()] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn code_is_told_from_comments_strings_and_tests() {
    let text = r##"// axum
fn a<'x>(s: &'x str) -> char { /* axum /* axum */ axum */ let q = '"'; let e = '\''; f("axum \" axum", r#"ax"um"#); tower }
#[cfg(test)]
mod tests { fn b() { "SELECT"; axum } }
fn c() { hyper() }
"##;
    let source = Source::of("x.rs", text);
    assert_eq!(source.naming("axum").count(), 0, "{}", source.code);
    assert_eq!(source.naming("tower").collect::<Vec<_>>(), [2]);
    assert_eq!(source.naming("hyper").collect::<Vec<_>>(), [5]);
    assert_eq!(source.strings, [(2, r#"axum \" axum"#.to_owned()), (2, "ax\"um".to_owned())]);
    assert!(holds_word("use a::axum;", "axum") && !holds_word("my_axum", "axum") && !holds_word("axums", "axum"));
}
