//! Every queue has a bound with a name, and what happens at the bound is written beside it.

use std::collections::HashMap;

use syn::Expr;
use syn::visit::{self, Visit};

use super::{Breach, Rule, breach, forbid, product};
use crate::source::{Named, Source, words_of};

pub const BOUNDS: Rule = Rule {
    check: queues_have_bounds,
    exceptions: &[],
    breaches: &[
        (ANYWHERE, "fn f() { let (a, b) = mpsc::unbounded_channel(); }"),
        (ANYWHERE, "use tokio::sync::mpsc::{unbounded_channel as queue};"),
        (ANYWHERE, "fn f() { let (a, b) = std::sync::mpsc::channel(); }"),
        (ANYWHERE, "use std::sync::mpsc;\nfn f() { let (a, b) = mpsc::channel::<Work>(); }"),
        (ANYWHERE, "fn f() { let (a, b) = mpsc::channel(512); }"),
        (ANYWHERE, "fn f() { let (a, b) = mpsc::channel::<Work>(0x200); }"),
        (ANYWHERE, "fn f() { let (a, b) = mpsc::channel(usize::MAX >> 3); }"),
        (ANYWHERE, "fn f() { let (a, b) = tokio::sync::broadcast::channel(Semaphore::MAX_PERMITS); }"),
        (ANYWHERE, "use tokio::sync::mpsc::channel as queue;\nfn f() { let (a, b) = queue(1 << 20); }"),
        (
            ANYWHERE,
            "const WAITING_MOST: usize = usize::MAX >> 3;\nfn f() { let (a, b) = mpsc::channel(WAITING_MOST); }",
        ),
        (ANYWHERE, "struct A { waiting: VecDeque<Work> }"),
        (ANYWHERE, "use std::collections::VecDeque as Line;\nstruct A { waiting: Line<Work> }"),
    ],
    fine: &[
        (ANYWHERE, "const CALLS_MOST: usize = 64;\nfn f() { let (a, b) = mpsc::channel(CALLS_MOST); }"),
        (ANYWHERE, "fn f() { let (a, b) = mpsc::channel::<Work>(options.queue); let (c, d) = mpsc::channel(1); }"),
        (ANYWHERE, "const WAITING_MOST: usize = 9;\nstruct A { waiting: VecDeque<Work> }"),
    ],
};

const ANYWHERE: &str = "titan-core/src/client/mod.rs";
const INSTEAD: &str = "give it a bound by a constant, and write beside it what happens there";

fn queues_have_bounds(sources: &[Source]) -> Vec<Breach> {
    product(sources)
        .flat_map(|source| {
            let mut found = forbid(source, is_unbounded, "a queue without a bound:", INSTEAD);
            let mut made = Made { source, constants: constants(source), found: Vec::new() };
            made.visit_file(&source.file);
            found.extend(made.found);
            found.extend(growing(source));
            found
        })
        .collect()
}

fn is_unbounded(path: &Named) -> bool {
    const UNBOUNDED: [&str; 4] = ["unbounded_channel", "UnboundedSender", "UnboundedReceiver", "mpsc::unbounded"];
    UNBOUNDED.iter().any(|name| path.ends(name)) || path.is_in("std::sync::mpsc::channel")
}

/// A field that grows at its end, in a file that names no bound.
fn growing(source: &Source) -> Vec<Breach> {
    let bound = |word: &str| word.ends_with("_MOST") || word.ends_with("_most") || word.contains("capacity");
    if source.words.iter().any(|word| bound(&word.text)) {
        return Vec::new();
    }
    struct Fields<'a>(&'a Source, Vec<Breach>);
    impl<'ast> Visit<'ast> for Fields<'_> {
        fn visit_field(&mut self, field: &'ast syn::Field) {
            let queue = self.0.paths_among(&words_of(&field.ty)).into_iter().find(|path| path.ends("VecDeque"));
            let told =
                queue.map(|path| breach(self.0, path.line, "a queue whose bound this file doesn't name", INSTEAD));
            self.1.extend(told);
        }
    }
    let mut fields = Fields(source, Vec::new());
    fields.visit_file(&source.file);
    fields.1
}

/// The numbers that a file gives names to, as they are written.
fn constants(source: &Source) -> HashMap<String, String> {
    struct Found(HashMap<String, String>);
    impl<'ast> Visit<'ast> for Found {
        fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
            let value = words_of(&item.expr).iter().map(|word| word.text.as_str()).collect::<String>();
            self.0.insert(item.ident.to_string(), value);
        }
    }
    let mut found = Found(HashMap::new());
    found.visit_file(&source.file);
    found.0
}

/// Finds where channels are made.
struct Made<'a> {
    source: &'a Source,
    constants: HashMap<String, String>,
    found: Vec<Breach>,
}

impl Made<'_> {
    /// Whether a bound has a name, and means it. One is as plain as a name.
    fn is_named(&self, bound: &Expr) -> bool {
        match bound {
            Expr::Lit(literal) => matches!(&literal.lit, syn::Lit::Int(number) if number.base10_digits() == "1"),
            Expr::Field(_) => true,
            Expr::Path(path) => {
                let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
                let endless = |value: &String| value.contains("MAX") && !value.contains("min");
                !name.starts_with("MAX") && !self.constants.get(&name).is_some_and(endless)
            }
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Made<'_> {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (Expr::Path(made), Some(bound)) = (&*call.func, call.args.first()) {
            let path = self.source.whole(&made.path);
            let channel = ["mpsc::channel", "broadcast::channel", "sync_channel"].iter().any(|name| path.ends(name));
            if channel && !self.is_named(bound) {
                let told: String = words_of(bound).iter().map(|word| word.text.as_str()).collect();
                self.found.push(breach(
                    self.source,
                    path.line,
                    format!("a queue's bound has no name: {told}"),
                    INSTEAD,
                ));
            }
        }
        visit::visit_expr_call(self, call);
    }
}
