//! Reads the project's own source the way the rules want it: parsed, without what only tests see, every name by its whole path.
//!
//! A rule asks for what the code means, so that another spelling of the same (a rename, a group of imports, a line break) is
//! no way around it. Inside of macros there is no parsing: there the names and words are taken as they stand.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Attribute, File, ImplItem, Item, Stmt, UseTree};

/// One source file.
pub struct Source {
    /// From the workspace's root, such as `titan-server/hub/src/rooms.rs`.
    pub path: String,
    /// As it stands in the file.
    pub text: String,
    /// What is built into the product.
    pub file: File,
    /// The words of that code in their order, of macros too; no comments, no imports.
    pub words: Vec<Word>,
    /// Every path that is named, whole where an import shortened it.
    pub paths: Vec<Named>,
    /// Those of them that imports name.
    pub imported: Vec<Named>,
    /// What imports have made short names of, in this file.
    short: HashMap<String, Vec<String>>,
    only_tests: bool,
}

/// A word of the code: a name, a sign or a literal.
#[derive(Clone)]
pub struct Word {
    pub line: usize,
    pub text: String,
}

/// A path, and where it is named.
#[derive(Clone)]
pub struct Named {
    pub line: usize,
    pub parts: Vec<String>,
}

impl Named {
    /// Whether this is the thing or something in it; `std::fs` holds `std::fs::read`.
    pub fn is_in(&self, room: &str) -> bool {
        let room = room.split("::").collect::<Vec<_>>();
        self.parts.len() >= room.len() && room.iter().zip(&self.parts).all(|(a, b)| a == b)
    }

    /// Whether the path's last parts are these.
    pub fn ends(&self, tail: &str) -> bool {
        let tail = tail.split("::").collect::<Vec<_>>();
        self.parts.len() >= tail.len() && tail.iter().rev().zip(self.parts.iter().rev()).all(|(a, b)| a == b)
    }

    /// Whether the parts stand in it anywhere, one after the other.
    pub fn holds(&self, parts: &str) -> bool {
        let parts = parts.split("::").collect::<Vec<_>>();
        self.parts.windows(parts.len()).any(|window| window.iter().zip(&parts).all(|(a, b)| a == b))
    }

    pub fn text(&self) -> String {
        self.parts.join("::")
    }
}

impl Source {
    pub fn of(path: &str, text: &str) -> Self {
        let mut file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        WithoutTests.visit_file_mut(&mut file);
        let words = words(file.to_token_stream());
        let (short, imported) = imports(&file);
        let (path, text) = (path.to_owned(), text.to_owned());
        let mut source = Self { path, text, file, words, paths: Vec::new(), imported, short, only_tests: false };
        source.paths = source.imported.iter().cloned().chain(source.paths_among(&source.words)).collect();
        source
    }

    /// Every file of every crate's `src` folder.
    pub fn all() -> Vec<Self> {
        let root = workspace();
        let mut files = Vec::new();
        for member in members() {
            gather(&root.join(member).join("src"), &mut files);
        }
        files.sort();
        let mut sources: Vec<Self> = files.iter().map(|file| Self::read(&root, file)).collect();
        let tests: Vec<String> = sources.iter().flat_map(Self::test_modules).collect();
        for source in &mut sources {
            source.only_tests |= tests.iter().any(|module| source.path.starts_with(module.as_str()));
        }
        sources
    }

    fn read(root: &Path, file: &Path) -> Self {
        let path = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        Self::of(&path, &fs::read_to_string(file).unwrap())
    }

    /// Where the modules are that only tests see: for each the file and the folder that it could be.
    fn test_modules(&self) -> Vec<String> {
        let (folder, file) = self.path.rsplit_once('/').unwrap_or_default();
        let inner = match file {
            "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
            file => format!("{folder}/{}", file.trim_end_matches(".rs")),
        };
        let whole = syn::parse_file(&self.text).unwrap();
        let modules = whole.items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() && only_for_tests(&module.attrs) => {
                Some(module.ident.to_string())
            }
            _ => None,
        });
        modules.flat_map(|name| [format!("{inner}/{name}.rs"), format!("{inner}/{name}/")]).collect()
    }

    pub fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// Whether only tests see the whole file.
    pub fn is_test(&self) -> bool {
        self.only_tests
    }

    /// The strings of the code, with their lines.
    pub fn strings(&self) -> impl Iterator<Item = (usize, String)> {
        let literals = self.words.iter().filter(|word| word.text.ends_with(['"', '#']) && word.text.contains('"'));
        literals.filter_map(|word| match syn::parse_str::<syn::Lit>(&word.text).ok()? {
            syn::Lit::Str(string) => Some((word.line, string.value())),
            syn::Lit::ByteStr(bytes) => Some((word.line, String::from_utf8_lossy(&bytes.value()).into_owned())),
            syn::Lit::CStr(string) => Some((word.line, string.value().to_string_lossy().into_owned())),
            _ => None,
        })
    }

    /// The path that a path of this file means.
    pub fn whole(&self, path: &syn::Path) -> Named {
        let line = path.segments.first().map_or(1, |segment| segment.ident.span().start().line);
        let parts = path.segments.iter().map(|segment| plain(&segment.ident.to_string())).collect();
        Named { line, parts: self.lengthen(parts) }
    }

    fn lengthen(&self, mut parts: Vec<String>) -> Vec<String> {
        for _ in 0..4 {
            let Some(long) = parts.first().and_then(|first| self.short.get(first)) else { break };
            if long.first() == parts.first() {
                parts.splice(0..1, long.iter().cloned());
                break;
            }
            parts.splice(0..1, long.iter().cloned());
        }
        parts
    }

    /// The paths among some words, whole.
    pub fn paths_among(&self, words: &[Word]) -> Vec<Named> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            if !is_name(&words[at].text) || (at > 0 && words[at - 1].text == ".") {
                at += 1;
                continue;
            }
            let (line, mut parts) = (words[at].line, vec![plain(&words[at].text)]);
            at += 1;
            while at + 2 < words.len()
                && words[at].text == ":"
                && words[at + 1].text == ":"
                && is_name(&words[at + 2].text)
            {
                parts.push(plain(&words[at + 2].text));
                at += 3;
            }
            found.push(Named { line, parts: self.lengthen(parts) });
        }
        found
    }

    /// Where a method is called by its name: `.name(` or `.name::<`.
    pub fn calls<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.words.windows(3).filter_map(move |three| {
            let called = three[0].text == "." && three[1].text == name && matches!(three[2].text.as_str(), "(" | ":");
            called.then_some(three[1].line)
        })
    }

    /// Where a macro is used by its name.
    pub fn macros<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.words.windows(3).filter_map(move |three| {
            let used =
                three[0].text == name && three[1].text == "!" && matches!(three[2].text.as_str(), "(" | "[" | "{");
            used.then_some(three[0].line)
        })
    }
}

/// A name without the mark of a raw one.
fn plain(name: &str) -> String {
    name.trim_start_matches("r#").to_owned()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_') && !word.contains(['"', '\''])
}

pub fn words_of(tokens: impl ToTokens) -> Vec<Word> {
    words(tokens.to_token_stream())
}

/// Whether what follows a `#` is a comment that documents.
fn documents(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket && matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}

/// The words of some code, groups opened, without what documents it.
fn words(tokens: TokenStream) -> Vec<Word> {
    let mut found = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let line = token.span().start().line;
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                let inner =
                    tokens.next_if(|next| matches!(next, TokenTree::Punct(sign) if sign.as_char() == '!')).is_some();
                if tokens.next_if(documents).is_none() {
                    found.extend(
                        ["#", "!"]
                            .iter()
                            .take(1 + usize::from(inner))
                            .map(|sign| Word { line, text: (*sign).to_owned() }),
                    );
                }
            }
            // Imports are read apart. What follows is no import: `impl Trait + use<'a>`.
            TokenTree::Ident(name)
                if name == "use" && !matches!(tokens.peek(), Some(TokenTree::Punct(sign)) if sign.as_char() == '<') =>
            {
                for token in tokens.by_ref() {
                    if matches!(&token, TokenTree::Punct(sign) if sign.as_char() == ';') {
                        break;
                    }
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                found.push(Word { line, text: open.to_owned() });
                found.extend(words(group.stream()));
                found.push(Word { line: group.span_close().start().line, text: close.to_owned() });
            }
            other => found.push(Word { line, text: other.to_string() }),
        }
    }
    found
}

/// What a file imports: the short names with what they stand for, and each thing imported with its line.
fn imports(file: &File) -> (HashMap<String, Vec<String>>, Vec<Named>) {
    struct Found(HashMap<String, Vec<String>>, Vec<Named>);
    impl<'ast> syn::visit::Visit<'ast> for Found {
        fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
            take(&item.tree, &[], self);
        }
    }
    fn take(tree: &UseTree, above: &[String], found: &mut Found) {
        let with = |name: &proc_macro2::Ident| [above, &[plain(&name.to_string())]].concat();
        let (line, parts, short) = match tree {
            UseTree::Path(path) => return take(&path.tree, &with(&path.ident), found),
            UseTree::Group(group) => return group.items.iter().for_each(|tree| take(tree, above, found)),
            UseTree::Name(name) if name.ident == "self" => {
                (name.ident.span().start().line, above.to_vec(), above.last().cloned())
            }
            UseTree::Name(name) => {
                (name.ident.span().start().line, with(&name.ident), Some(plain(&name.ident.to_string())))
            }
            UseTree::Rename(name) => {
                let parts = if name.ident == "self" { above.to_vec() } else { with(&name.ident) };
                (name.ident.span().start().line, parts, Some(plain(&name.rename.to_string())))
            }
            UseTree::Glob(star) => (star.star_token.spans[0].start().line, [above, &["*".to_owned()]].concat(), None),
        };
        if let Some(short) = short {
            found.0.insert(short, parts.clone());
        }
        found.1.push(Named { line, parts });
    }
    let mut found = Found(HashMap::new(), Vec::new());
    syn::visit::Visit::visit_file(&mut found, file);
    (found.0, found.1)
}

/// Takes out what stands under `#[cfg(test)]`.
struct WithoutTests;

fn only_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl VisitMut for WithoutTests {
    fn visit_file_mut(&mut self, file: &mut File) {
        file.items.retain(|item| !only_for_tests(attributes_of(item)));
        syn::visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !only_for_tests(attributes_of(item)));
        }
        syn::visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        item.items.retain(|item| !matches!(item, ImplItem::Fn(function) if only_for_tests(&function.attrs)));
        syn::visit_mut::visit_item_impl_mut(self, item);
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain(|statement| !matches!(statement, Stmt::Item(item) if only_for_tests(attributes_of(item))));
        syn::visit_mut::visit_block_mut(self, block);
    }
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The folders of the workspace's crates.
pub fn members() -> Vec<String> {
    let root: toml::Table = fs::read_to_string(workspace().join("Cargo.toml")).unwrap().parse().unwrap();
    let members = root["workspace"]["members"].as_array().unwrap();
    members.iter().map(|member| member.as_str().unwrap().to_owned()).collect()
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

#[test]
fn code_is_told_from_comments_strings_and_tests() {
    let text = r##"//! axum
use std::{fs as disk, io::{self, Read}};
fn a<'x>(s: &'x str) -> char { /* axum */ let q = '"'; f("axum \" axum", r#"ax"um"#); vec![tower::x(), io::y()] }
#[cfg(test)]
mod tests { fn b() { "SELECT"; axum } }
/// hyper
fn c() { disk::read() }
"##;
    let source = Source::of("x.rs", text);
    let at = |room: &str| source.paths.iter().filter(|path| path.is_in(room)).map(|path| path.line).collect::<Vec<_>>();
    assert_eq!((at("axum"), at("hyper")), (vec![], vec![]));
    assert_eq!((at("tower"), at("std::fs"), at("std::io::y")), (vec![3], vec![2, 7], vec![3]));
    assert_eq!(source.strings().collect::<Vec<_>>(), [(3, "axum \" axum".to_owned()), (3, "ax\"um".to_owned())]);
}
