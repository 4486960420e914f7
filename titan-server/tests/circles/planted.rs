//! Circles planted on purpose, and shapes that are none: the finder sees the first and lets the others pass.

use std::{collections::BTreeMap, path::PathBuf};

use crate::{page, rust};

/// How many modules each circle has.
fn circles(files: &[(&str, &str)]) -> Vec<usize> {
    rust::arrows_of(files).circles().iter().map(|circle| circle.modules.len()).collect()
}

fn circles_of_page(files: &[(&str, &str)]) -> Vec<usize> {
    let files: BTreeMap<PathBuf, String> =
        files.iter().map(|(name, text)| (PathBuf::from(name), (*text).into())).collect();
    page::arrows(&files).circles().iter().map(|circle| circle.modules.len()).collect()
}

/// A crate of two modules `a` and `b`, of which `b` uses `a`'s `A`.
fn two(a: &str) -> Vec<usize> {
    let a = format!("pub struct A;\n{a}");
    let b = "use crate::a::A;\npub struct B;\npub fn b(_: A) {}";
    circles(&[("src/lib.rs", "mod a;\nmod b;"), ("src/a.rs", &a), ("src/b.rs", b)])
}

#[test]
fn two_modules_that_name_each_other_are_a_circle_in_whatever_way_they_do() {
    for a in [
        "use crate::b::B;",
        "use super::b::B as Other;",
        "use crate::{a::A as Me, b::{self as other, B}};",
        "use crate::b::*;",
        "use crate::b; fn f() { b::b(A) }",
        "use crate::b as other; fn f() { other::b(A) }",
        "fn f() { crate::b::b(A) }",
        "fn f() { use super::b::b; }",
        "fn f() -> super::b::B { todo!() }",
        "fn f(x: u8) { match x { crate::b::B => {} _ => {} } }",
        "fn f() { println!(\"{:?}\", crate::b::b(A)); }",
        "fn f() { vec![1, crate::b::b(A)]; }",
        "mod inner { use super::super::b::B; }",
        "mod inner { fn f() { crate::b::b() } }",
        "#[serde(with = \"crate::b::B\")] struct S;",
        "#[derive(X)] struct S { #[arg(value_parser = crate::b::b)] x: u8 }",
        "impl crate::b::B {}",
        "impl From<crate::b::B> for A {}",
    ] {
        assert_eq!(two(a), [2], "{a}");
    }
}

#[test]
fn three_modules_in_a_ring_are_a_circle() {
    let files = [
        ("src/main.rs", "mod a;\nmod b;\nmod c;"),
        ("src/a.rs", "use crate::b::B;\npub struct A(B);"),
        ("src/b/mod.rs", "use super::c::C;\npub struct B(C);"),
        ("src/c.rs", "pub struct C;\nfn f() { let _: crate::a::A; }"),
    ];
    assert_eq!(circles(&files), [3]);
}

#[test]
fn a_circle_is_named_with_its_lines() {
    let files = [
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "// A.\n\nuse crate::b::B;\npub struct A;"),
        ("src/b.rs", "use crate::a::A;\npub struct B;"),
    ];
    let told = rust::arrows_of(&files).circles()[0].told();
    assert!(told.contains("src/a.rs:3 names something of src/b.rs"), "{told}");
    assert!(told.contains("src/b.rs:1 names something of src/a.rs"), "{told}");
}

#[test]
fn a_parent_and_a_child_that_use_each_others_items_are_a_circle() {
    let child = ("src/p/c.rs", "use super::P;\npub struct C(P);");
    let parent = |text: &'static str| circles(&[("src/lib.rs", "mod p;"), ("src/p.rs", text), child]);
    assert_eq!(parent("mod c;\nuse c::C;\npub struct P;\nfn f(_: C) {}"), [2]);
    assert_eq!(parent("mod c;\npub struct P;\nfn f() { self::c::C }"), [2]);
    assert_eq!(parent("mod c;\npub use c::C;\npub struct P;"), [0; 0], "it only hands the child's item on");
    assert_eq!(parent("mod c;\npub use c::C;\npub struct P;\nfn f(_: C) {}"), [2], "it hands it on and uses it");
}

#[test]
fn items_are_followed_to_where_they_are_defined() {
    let siblings = [
        ("src/lib.rs", "mod p;"),
        ("src/p/mod.rs", "mod a;\nmod b;\npub use a::*;\npub use b::B as Bee;"),
        ("src/p/a.rs", "use super::Bee;\npub struct A;"),
        ("src/p/b.rs", "use crate::p::A;\npub struct B;"),
    ];
    assert_eq!(circles(&siblings), [2], "the two, and not their parent");
    let made = [
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "make! { A }\nuse crate::b::B;"),
        ("src/b.rs", "use crate::a::A;\npub struct B;"),
    ];
    assert_eq!(circles(&made), [2], "a macro makes one of them");
    let at = [
        ("tests/t.rs", "#[path = \"../shared/a.rs\"]\nmod a;\nmod b;"),
        ("shared/a.rs", "use crate::b::B;\npub struct A;"),
        ("tests/b.rs", "use crate::a::A;\npub struct B;"),
    ];
    assert_eq!(circles(&at), [2], "one of them lies elsewhere");
}

#[test]
fn what_goes_one_way_is_no_circle() {
    let one_way = [
        "use std::fmt; fn f() { fmt::b() }",
        "use crate::b;",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "#[cfg(test)] use crate::b::B;",
        "// use crate::b::B;\nconst X: &str = \"use crate::b::B;\";",
        "pub(in crate::b) struct P;",
        "fn b() {} fn f() { b() }",
        "use serde::b::B;",
        "use ::b::B;",
    ];
    for a in one_way {
        assert_eq!(two(a), [0; 0], "{a}");
    }
}

#[test]
fn names_that_lead_to_themselves_lead_nowhere() {
    let files = [
        ("src/lib.rs", "mod a;\npub use a::*;\nfn f() { x() }"),
        ("src/a.rs", "pub use super::*;\nuse super::x;\nuse y::y;"),
    ];
    assert_eq!(circles(&files), [0; 0]);
}

#[test]
fn modules_of_the_page_that_import_each_other_are_a_circle_in_whatever_way_they_do() {
    for import in [
        "import b from './b.js'",
        "import { one, two as three } from \"./b.js\"",
        "import {\n  one,\n} from './b.js'",
        "import * as b from '../view/b.js'",
        "import b, { one } from './b.js'",
        "import './b.js'",
        "const b = await import('./b.js')",
        "const one = `${await import('./b.js')}`",
        "if (x) { import(`./b.js`).then(f) }",
        "export { one } from './b.js'",
        "export * from './b.js'",
        "const from = /[/'\"]/; import './b.js'",
        "const half = a / 2; import './b.js' // '",
    ] {
        let files = [("view/a.js", import), ("view/b.js", "import { a } from './a.js'")];
        assert_eq!(circles_of_page(&files), [2], "{import}");
    }
    let ring = [("a.js", "import './b.js'"), ("b.js", "import './c/d.js'"), ("c/d.js", "import '../a.js'")];
    assert_eq!(circles_of_page(&ring), [3]);
}

#[test]
fn what_only_looks_like_an_import_is_none() {
    for text in [
        "// import './b.js'",
        "/* import './b.js' */",
        "const text = \"import './b.js'\"",
        "const text = `import './b.js' ${1}`",
        "const wanted = /import '.\\/b.js'/",
        "import.meta.url + './b.js'",
        "menu.import('./b.js')",
        "const from = './b.js'",
        "export const from = './b.js'",
        "export { from }\nconst x = './b.js'",
        "import 'b.js'",
    ] {
        let files = [("a.js", text), ("b.js", "import './a.js'")];
        assert_eq!(circles_of_page(&files), [0; 0], "{text}");
    }
    assert_eq!(page::imports("\nimport(name)"), Err(2), "nobody could see where it leads");
}
