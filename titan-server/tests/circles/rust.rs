//! Which module of a crate names an item of which other: `syn` parses the files, the paths are resolved by hand.
//!
//! What a macro makes is found by its name among what the macro was given. Methods are not resolved: whoever calls one has named
//! the type, or was handed it.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Item, UseTree, spanned::Spanned, visit::Visit};

use crate::graph::Graph;

/// The arrows between the files of the crate that begins with this file. Files are named from the root on.
pub fn arrows(root: &Path, start: &Path) -> Graph {
    let mut house = Crate { modules: Vec::new(), texts: &|file: &Path| fs::read_to_string(root.join(file)).ok() };
    house.read_file(start, None);
    house.arrows()
}

/// The same of files that stand nowhere: `(path, text)`, the crate's first file first.
pub fn arrows_of(files: &[(&str, &str)]) -> Graph {
    let texts =
        |file: &Path| files.iter().find(|(path, _)| Path::new(path) == file).map(|(_, text)| (*text).to_owned());
    let mut house = Crate { modules: Vec::new(), texts: &texts };
    house.read_file(Path::new(files[0].0), None);
    house.arrows()
}

type Id = usize;

/// Names being looked up, innermost last: one that leads to itself leads nowhere.
type Under = Vec<(Id, String)>;

struct Crate<'a> {
    modules: Vec<Module>,
    texts: &'a dyn Fn(&Path) -> Option<String>,
}

/// A file, or a `mod name { }` within one.
struct Module {
    file: PathBuf,
    /// Where the files of its child modules are.
    folder: PathBuf,
    parent: Option<Id>,
    children: HashMap<String, Id>,
    items: BTreeSet<String>,
    /// Names in what the module's macros are given: any of them may be an item that the macro makes.
    made: BTreeSet<String>,
    /// Names that stand for something elsewhere: `use a::b as c`.
    aliases: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    /// Paths in its code, each with its line.
    named: Vec<(Vec<String>, usize)>,
    /// `use a::*`, with its line.
    named_whole: Vec<(Vec<String>, usize)>,
}

/// What a path leads to.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Module(Id),
    /// An item, by the module that defines it.
    Item(Id),
}

impl Crate<'_> {
    fn read_file(&mut self, file: &Path, parent: Option<Id>) -> Option<Id> {
        let text = (self.texts)(file)?;
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let beside = file.parent().unwrap_or(Path::new(""));
        let is_folder = parent.is_none() || name == "mod";
        let folder = if is_folder { beside.to_owned() } else { beside.join(name) };
        let id = self.add(file.to_owned(), folder, parent);
        self.read_items(id, &parsed.items);
        Some(id)
    }

    fn add(&mut self, file: PathBuf, folder: PathBuf, parent: Option<Id>) -> Id {
        self.modules.push(Module {
            file,
            folder,
            parent,
            children: HashMap::new(),
            items: BTreeSet::new(),
            made: BTreeSet::new(),
            aliases: HashMap::new(),
            globs: Vec::new(),
            named: Vec::new(),
            named_whole: Vec::new(),
        });
        self.modules.len() - 1
    }

    fn read_items(&mut self, id: Id, items: &[Item]) {
        let mut reader = Reader { module: &mut self.modules[id], inner: Vec::new(), in_function: false };
        for item in items {
            reader.visit_item(item);
        }
        for inner in reader.inner {
            self.read_module(id, &inner);
        }
    }

    fn read_module(&mut self, id: Id, item: &syn::ItemMod) {
        let name = item.ident.to_string();
        let (file, folder) = (self.modules[id].file.clone(), self.modules[id].folder.clone());
        let child = match &item.content {
            Some((_, items)) => {
                let child = self.add(file, folder.join(&name), Some(id));
                self.read_items(child, items);
                Some(child)
            }
            None => places(&file, &folder, item).into_iter().find_map(|file| self.read_file(&file, Some(id))),
        };
        if let Some(child) = child {
            self.modules[id].children.insert(name, child);
        }
    }

    fn arrows(&self) -> Graph {
        let mut graph = Graph::default();
        for (id, module) in self.modules.iter().enumerate() {
            for (path, line) in &module.named {
                if let Some(Place::Item(to)) = self.resolve(id, path, &mut Under::new()) {
                    graph.add(&module.file, &self.modules[to].file, *line);
                }
            }
            for (path, line) in &module.named_whole {
                match self.resolve(id, path, &mut Under::new()) {
                    Some(Place::Module(to)) if self.modules[to].items.is_empty() => {}
                    Some(Place::Module(to) | Place::Item(to)) => graph.add(&module.file, &self.modules[to].file, *line),
                    None => {}
                }
            }
        }
        graph
    }

    fn resolve(&self, from: Id, path: &[String], under: &mut Under) -> Option<Place> {
        let (first, rest) = path.split_first()?;
        let mut place = match first.as_str() {
            "crate" => Place::Module(0),
            "self" => Place::Module(from),
            "super" => Place::Module(self.modules[from].parent?),
            name => self.look_up(from, name, !rest.is_empty(), under)?,
        };
        for (at, name) in rest.iter().enumerate() {
            let Place::Module(id) = place else { break };
            place = match name.as_str() {
                "self" => Place::Module(id),
                "super" => Place::Module(self.modules[id].parent?),
                name => self.look_up(id, name, at + 1 < rest.len(), under)?,
            };
        }
        Some(place)
    }

    /// `leads_on`: more of the path follows, so that a module is meant where a function has the same name.
    fn look_up(&self, id: Id, name: &str, leads_on: bool, under: &mut Under) -> Option<Place> {
        let module = &self.modules[id];
        let child = module.children.get(name).map(|child| Place::Module(*child));
        let item = module.items.contains(name).then_some(Place::Item(id));
        let here = if leads_on { child.or(item) } else { item.or(child) };
        let asked = (id, name.to_owned());
        if here.is_some() || under.contains(&asked) {
            return here;
        }
        under.push(asked);
        let alias = module.aliases.get(name).and_then(|path| self.resolve(id, path, under));
        let found = alias.or_else(|| module.globs.iter().find_map(|glob| self.within(id, glob, name, under)));
        under.pop();
        found.or_else(|| module.made.contains(name).then_some(Place::Item(id)))
    }

    /// The name in a module that was taken in whole.
    fn within(&self, id: Id, glob: &[String], name: &str, under: &mut Under) -> Option<Place> {
        match self.resolve(id, glob, under)? {
            Place::Module(whole) if whole != id => self.look_up(whole, name, false, under),
            Place::Module(_) | Place::Item(_) => None,
        }
    }
}

/// Where the file of a `mod name;` can be.
fn places(file: &Path, folder: &Path, item: &syn::ItemMod) -> Vec<PathBuf> {
    let named = item.attrs.iter().find(|attribute| attribute.path().is_ident("path"));
    if let Some(Ok(syn::Meta::NameValue(named))) = named.map(|it| Ok::<_, syn::Error>(it.meta.clone()))
        && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = &named.value
    {
        return vec![plain(&file.parent().unwrap_or(Path::new("")).join(path.value()))];
    }
    let name = item.ident.to_string();
    vec![folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs")]
}

/// Without `..`.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(plain.pop()),
            std::path::Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// Gathers what a module defines and names.
struct Reader<'a> {
    module: &'a mut Module,
    inner: Vec<syn::ItemMod>,
    in_function: bool,
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if only_tests(attributes_of(item)) {
            return;
        }
        if !self.in_function {
            self.module.items.extend(name_of(item));
        }
        if let Item::Macro(call) = item
            && call.ident.is_none()
        {
            names_in(&call.mac.tokens, &mut self.module.made);
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.inner.push(item.clone());
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let passes_on = !matches!(item.vis, syn::Visibility::Inherited);
        let mut uses = Vec::new();
        let mut prefix = Vec::new();
        if item.leading_colon.is_none() {
            spread(&item.tree, &mut prefix, &mut uses);
        }
        for Used { path, alias, line } in uses {
            match alias {
                None => {
                    self.module.globs.push(path.clone());
                    if !passes_on {
                        self.module.named_whole.push((path, line));
                    }
                }
                Some(alias) => {
                    self.module.aliases.insert(alias, path.clone());
                    if !passes_on {
                        self.module.named.push((path, line));
                    }
                }
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.module.named.push((names, path.span().start().line));
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let before = std::mem::replace(&mut self.in_function, true);
        syn::visit::visit_block(self, block);
        self.in_function = before;
    }

    /// `pub(in crate::a)` says who may see it, and names nothing of theirs.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(&call.tokens);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens);
        }
    }
}

impl Reader<'_> {
    /// Paths in what a macro is given: names with `::` between them; single ones only where they look like types.
    fn tokens(&mut self, tokens: &TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in tokens.clone() {
            match &token {
                TokenTree::Ident(ident) => {
                    if colons < 2 {
                        self.told(&mut path, line);
                    }
                    line = ident.span().start().line;
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(&group.stream()),
                TokenTree::Literal(literal) => self.text(&literal.to_string(), literal.span().start().line),
                TokenTree::Punct(_) => {}
            }
            self.told(&mut path, line);
            colons = 0;
        }
        self.told(&mut path, line);
    }

    fn told(&mut self, path: &mut Vec<String>, line: usize) {
        let path = std::mem::take(path);
        let type_like = path.first().is_some_and(|name| name.starts_with(char::is_uppercase));
        if path.len() > 1 || type_like {
            self.module.named.push((path, line));
        }
    }

    /// `#[serde(with = "crate::a::b")]`: a path in quotes.
    fn text(&mut self, text: &str, line: usize) {
        let text = text.trim_matches('"');
        if ["crate::", "self::", "super::"].iter().any(|start| text.starts_with(start)) {
            let path: Vec<String> = text.split("::").map(str::to_owned).collect();
            let is_name = |name: &String| name.chars().all(|c| c.is_alphanumeric() || c == '_');
            if path.iter().all(is_name) {
                self.module.named.push((path, line));
            }
        }
    }
}

fn names_in(tokens: &TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => drop(names.insert(ident.to_string())),
            TokenTree::Group(group) => names_in(&group.stream(), names),
            _ => {}
        }
    }
}

/// One leaf of a `use`; without an alias it is `*`.
struct Used {
    path: Vec<String>,
    alias: Option<String>,
    line: usize,
}

fn spread(tree: &UseTree, prefix: &mut Vec<String>, uses: &mut Vec<Used>) {
    let line = tree.span().start().line;
    let whole = |prefix: &[String], name: &syn::Ident| match (name.to_string().as_str(), prefix.is_empty()) {
        ("self", false) => prefix.to_vec(),
        (name, _) => [prefix, &[name.to_owned()]].concat(),
    };
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            spread(&path.tree, prefix, uses);
            prefix.pop();
        }
        UseTree::Name(name) => {
            let path = whole(prefix, &name.ident);
            uses.push(Used { alias: path.last().cloned(), path, line });
        }
        UseTree::Rename(rename) => {
            uses.push(Used { path: whole(prefix, &rename.ident), alias: Some(rename.rename.to_string()), line });
        }
        UseTree::Glob(_) => uses.push(Used { path: prefix.clone(), alias: None, line }),
        UseTree::Group(group) => group.items.iter().for_each(|tree| spread(tree, prefix, uses)),
    }
}

/// What only tests see: their own modules may look at anything.
fn only_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test" || condition.starts_with("all") && condition.contains("test")
        }
        _ => false,
    })
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Union(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(it) => &it.ident,
        Item::Enum(it) => &it.ident,
        Item::Fn(it) => &it.sig.ident,
        Item::Macro(it) => it.ident.as_ref()?,
        Item::Static(it) => &it.ident,
        Item::Struct(it) => &it.ident,
        Item::Trait(it) => &it.ident,
        Item::TraitAlias(it) => &it.ident,
        Item::Type(it) => &it.ident,
        Item::Union(it) => &it.ident,
        _ => return None,
    };
    Some(name.to_string())
}
