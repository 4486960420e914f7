//! How the code is written: modules say what they are for, files and functions are short, nothing gives up, only programs
//! print, every crate forbids unsafe code.

use syn::visit::{self, Visit};

use super::{Breach, Rule, breach, forbid, product};
use crate::exceptions;
use crate::source::{Source, members, workspace};

/// Every module opens with what it is for.
pub fn modules_say_what_they_are_for(sources: &[Source]) -> Vec<Breach> {
    let instead = "open with 1 to 6 lines of //!: what this room is for, who calls it, what it must never do";
    let silent = product(sources).filter(|source| !source.text.starts_with("//! "));
    silent.map(|source| breach(source, 1, "the module doesn't say what it is for", instead)).collect()
}

pub const FILE_MOST: usize = 500;
pub const FUNCTION_MOST: usize = 80;

/// No file over 500 lines.
pub fn files_are_short(sources: &[Source]) -> Vec<Breach> {
    let instead = "find the second family in it and give that a file; or except it with a reason";
    let long =
        product(sources).map(|source| (source, source.text.lines().count())).filter(|(_, lines)| *lines > FILE_MOST);
    long.map(|(source, lines)| breach(source, lines, format!("{lines} lines"), instead)).collect()
}

/// No function over 80 lines: one match arm, one call.
pub fn functions_are_short(sources: &[Source]) -> Vec<Breach> {
    struct Long<'a>(&'a Source, Vec<Breach>);
    impl Long<'_> {
        fn look(&mut self, name: &syn::Ident, block: &syn::Block) {
            let (line, end) = (name.span().start().line, block.brace_token.span.close().end().line);
            let lines = end - line + 1;
            if lines > FUNCTION_MOST {
                let instead = "one match arm, one call: let the arms call functions";
                self.1.push(breach(self.0, line, format!("fn {name} has {lines} lines"), instead));
            }
        }
    }
    impl<'ast> Visit<'ast> for Long<'_> {
        fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
            self.look(&function.sig.ident, &function.block);
            visit::visit_item_fn(self, function);
        }

        fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
            self.look(&function.sig.ident, &function.block);
            visit::visit_impl_item_fn(self, function);
        }

        fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
            function.default.iter().for_each(|block| self.look(&function.sig.ident, block));
            visit::visit_trait_item_fn(self, function);
        }
    }
    let long = product(sources).flat_map(|source| {
        let mut long = Long(source, Vec::new());
        long.visit_file(&source.file);
        long.1
    });
    long.collect()
}

/// Nothing outside of tests gives up where input, I/O or time could reach it, and nothing is left half done.
pub const GIVING_UP: Rule = Rule {
    check: nothing_gives_up,
    exceptions: exceptions::GIVING_UP,
    breaches: &[
        (ANYWHERE, "fn f() { x.unwrap(); }"),
        (ANYWHERE, "fn f() { x\n.  unwrap  ( ); }"),
        (ANYWHERE, "fn f() { x.expect(\"y\"); }"),
        (ANYWHERE, "fn f() { x.unwrap_err(); }"),
        (ANYWHERE, "fn f() { Option::unwrap(x); }"),
        (ANYWHERE, "fn f() { all.map(Result::unwrap) }"),
        (ANYWHERE, "fn f() { todo!(); }"),
        (ANYWHERE, "fn f() { dbg!(x); }"),
        (ANYWHERE, "fn f() { std::panic!(\"no\"); }"),
        (ANYWHERE, "fn f() { panic! [\"no\"]; }"),
        (ANYWHERE, "fn f() { unimplemented!{} }"),
        (ANYWHERE, "fn f() { unreachable!() }"),
        (ANYWHERE, "fn f() { format!(\"{}\", x.unwrap()); }"),
        (ANYWHERE, "fn f() { std::panic::panic_any(1) }"),
        (ANYWHERE, "fn f() { std::process::abort() }"),
    ],
    fine: &[
        (ANYWHERE, "fn f() { x.unwrap_or(1); }\n#[cfg(test)]\nmod tests { fn g() { x.unwrap(); } }"),
        (ANYWHERE, "// x.unwrap()\nfn f() { g(\".unwrap()\"); }"),
    ],
};

const ANYWHERE: &str = "titan-core/src/text.rs";

fn nothing_gives_up(sources: &[Source]) -> Vec<Breach> {
    const METHODS: [&str; 5] = ["unwrap", "expect", "unwrap_err", "expect_err", "unwrap_unchecked"];
    const MACROS: [&str; 5] = ["panic", "unreachable", "todo", "unimplemented", "dbg"];
    const PATHS: [&str; 8] = [
        "Option::unwrap",
        "Option::expect",
        "Result::unwrap",
        "Result::expect",
        "Result::unwrap_err",
        "process::abort",
        "panic::panic_any",
        "panic::resume_unwind",
    ];
    let instead = "give the error to the caller, or make the illegal state one that doesn't compile";
    product(sources)
        .flat_map(|source| {
            let told = move |line, what: String| breach(source, line, format!("this gives up: {what}"), instead);
            let methods = METHODS
                .iter()
                .flat_map(move |name| source.calls(name).map(move |line| told(line, format!(".{name}()"))));
            let macros =
                MACROS.iter().flat_map(move |name| source.macros(name).map(move |line| told(line, format!("{name}!"))));
            let named = forbid(source, |path| PATHS.iter().any(|name| path.ends(name)), "this gives up:", instead);
            methods.chain(macros).chain(named).collect::<Vec<_>>()
        })
        .collect()
}

/// Passwords, tokens and the operators' contract are not printed by the way: only binaries write to stdout.
pub const PRINTING: Rule = Rule {
    check: only_programs_print,
    exceptions: exceptions::PRINTING,
    breaches: &[
        ("titan-server/hub/src/lib.rs", "fn f() { println!(\"{token}\"); }"),
        ("titan-server/hub/src/lib.rs", "fn f() { std :: eprint ! (\"{token}\"); }"),
        ("titan-server/hub/src/lib.rs", "fn f() { std::io::stdout().write_all(token) }"),
        ("titan-server/doors/native/src/talk.rs", "use std::io::{stderr as said};"),
    ],
    fine: &[("titan-server/src/main.rs", "fn f() { println!(\"ready\"); }")],
};

fn only_programs_print(sources: &[Source]) -> Vec<Breach> {
    const MACROS: [&str; 4] = ["println", "print", "eprintln", "eprint"];
    let program = |path: &str| path.ends_with("/main.rs") || path.contains("/cli") || path.contains("/runner/");
    let instead = "log it with tracing, or give it to the caller";
    product(sources)
        .filter(|source| !program(&source.path))
        .flat_map(|source| {
            let told = move |line, name: &str| breach(source, line, format!("a library prints: {name}!"), instead);
            let macros = MACROS.iter().flat_map(move |name| source.macros(name).map(move |line| told(line, name)));
            let ends = forbid(
                source,
                |path| path.is_in("std::io::stdout") || path.is_in("std::io::stderr"),
                "a library prints:",
                instead,
            );
            macros.chain(ends).collect::<Vec<_>>()
        })
        .collect()
}

/// `unsafe` is forbidden by the workspace, in every crate.
pub fn every_crate_takes_the_lints() -> Vec<Breach> {
    let missing = members().into_iter().map(|member| format!("{member}/Cargo.toml")).filter(|path| {
        let manifest: toml::Table = std::fs::read_to_string(workspace().join(path)).unwrap().parse().unwrap();
        manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool) != Some(true)
    });
    missing
        .map(|path| Breach {
            path,
            line: 1,
            what: "the crate does not take the workspace's lints".to_owned(),
            instead: "add [lints] workspace = true",
        })
        .collect()
}
