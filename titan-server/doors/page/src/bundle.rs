//! The page's modules, put together into two scripts: one that the entrance needs, and one for what is inside, which the first
//! asks for. On a slow line each file costs a way there and back; so there are two of them instead of seventy.
//!
//! The sources stay plain modules that a browser runs as they are. They import and export in one form only, by name and on a line of
//! its own, and form no circle: that is what lets each become a function here, called in the order that the browser would run them
//! in. Whatever has another form is refused, and a test puts the real page together.

use std::collections::BTreeMap;

/// Reads a file of the page.
pub type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Two scripts by their names, the first of them the one to begin with.
pub struct Bundles {
    pub outer: (String, String),
    pub inner: (String, String),
}

struct Module {
    needs: Vec<String>,
    gives: Vec<String>,
    text: String,
}

/// What `entry` needs, and what the one module needs that it asks for later.
pub fn bundles(entry: &str, read: Read<'_>, hash: impl Fn(&[&str]) -> String) -> Result<Bundles, String> {
    let mut outer = Gathered::default();
    outer.gather(entry, read)?;
    let later = outer.later.clone().ok_or("nothing is asked for later")?;
    let mut inner = Gathered { known: outer.known.clone(), ..Gathered::default() };
    inner.gather(&later, read)?;
    let (first, second) = (outer.text, inner.text);
    let hash = hash(&[&first, &second]);
    let (outer_name, inner_name) = (format!("{}-{hash}.js", stem(entry)), format!("{}-{hash}.js", stem(&later)));
    let asked = format!("import('./{later}')");
    let first =
        format!("export const $modules = {{}};\n{}", first.replace(&asked, &format!("import('./{inner_name}')")));
    let given = inner.given.join(", ");
    let second = format!(
        "import {{ $modules }} from './{outer_name}';\n{second}export const {{ {given} }} = $modules['{later}'];\n"
    );
    Ok(Bundles { outer: (outer_name, first), inner: (inner_name, second) })
}

fn stem(path: &str) -> &str {
    path.strip_suffix(".js").unwrap_or(path)
}

/// Modules in the order they run in: each after what it needs.
#[derive(Default)]
struct Gathered {
    known: BTreeMap<String, ()>,
    text: String,
    /// What the last of them gives: the one that was asked for.
    given: Vec<String>,
    later: Option<String>,
}

impl Gathered {
    fn gather(&mut self, path: &str, read: Read<'_>) -> Result<(), String> {
        if self.known.insert(path.to_owned(), ()).is_some() {
            return Ok(());
        }
        let source = read(path).ok_or_else(|| format!("{path} is not there"))?;
        let module = module(path, &source)?;
        for needed in &module.needs {
            self.gather(needed, read)?;
        }
        let given = module.gives.join(", ");
        self.text += &format!("$modules['{path}'] = (() => {{\n{}return {{ {given} }}\n}})();\n", module.text);
        self.given = module.gives;
        if let Some((_, rest)) = source.split_once("import('./") {
            self.later = rest.split_once("')").map(|(later, _)| later.to_owned());
        }
        Ok(())
    }
}

fn module(path: &str, source: &str) -> Result<Module, String> {
    let mut module = Module { needs: Vec::new(), gives: Vec::new(), text: String::with_capacity(source.len()) };
    for line in source.lines() {
        let unfit = || format!("{path}: `{line}` is no import or export by name");
        if let Some(import) = line.strip_prefix("import ") {
            let (names, needed) = imported(path, import).ok_or_else(unfit)?;
            module.text += &format!("const {{ {names} }} = $modules['{needed}'];\n");
            module.needs.push(needed);
        } else if let Some(rest) = line.strip_prefix("export ") {
            module.gives.push(exported(rest).ok_or_else(unfit)?.to_owned());
            module.text += rest;
            module.text.push('\n');
        } else if !line.trim_start().starts_with("//") {
            module.text += line;
            module.text.push('\n');
        }
    }
    Ok(module)
}

/// `{ a, b as c } from '../core/x.js'`: the names as an object is taken apart, and the module's path in the page.
fn imported(path: &str, import: &str) -> Option<(String, String)> {
    let (names, from) = import.split_once(" from ")?;
    let names = names.strip_prefix("{ ")?.strip_suffix(" }")?;
    let from = from.trim_end().strip_prefix('\'')?.strip_suffix('\'')?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let needed = match from.strip_prefix("../") {
        Some(rest) => rest.to_owned(),
        None if folder.is_empty() => from.strip_prefix("./")?.to_owned(),
        None => format!("{folder}/{}", from.strip_prefix("./")?),
    };
    Some((names.replace(" as ", ": "), needed))
}

/// The name that `function name(…`, `class Name …` or `const name = …` gives.
fn exported(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    let rest = ["function ", "class ", "const "].iter().find_map(|kind| rest.strip_prefix(kind))?;
    let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))?;
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_together(files: &[(&str, &str)]) -> Result<Bundles, String> {
        let files: BTreeMap<_, _> = files.iter().copied().collect();
        bundles("main.js", &|path| files.get(path).map(|text| (*text).to_owned()), |texts| {
            texts.concat().len().to_string()
        })
    }

    #[test]
    fn each_module_runs_after_what_it_needs_and_once() {
        let page = [
            (
                "main.js",
                "import { a } from './core/a.js'\nimport { b as c } from './view/b.js'\nimport('./inside.js')\n",
            ),
            ("core/a.js", "// What it is for.\nexport const a = 1\n"),
            ("view/b.js", "import { a } from '../core/a.js'\nexport function b() { return a }\n"),
            ("inside.js", "import { b } from './view/b.js'\nexport async function enter() { return b() }\n"),
        ];
        let Bundles { outer, inner } = put_together(&page).unwrap();
        let places: Vec<_> =
            ["core/a.js'] =", "view/b.js'] =", "main.js'] ="].map(|part| outer.1.find(part).unwrap()).into();
        assert!(places.is_sorted(), "{}", outer.1);
        assert!(outer.1.contains("const { b: c } = $modules['view/b.js'];") && !outer.1.contains("What it is for"));
        assert!(outer.1.contains(&format!("import('./{}')", inner.0)));
        assert!(inner.1.starts_with(&format!("import {{ $modules }} from './{}';", outer.0)));
        assert!(
            inner.1.contains("export const { enter } = $modules['inside.js'];") && !inner.1.contains("view/b.js'] =")
        );
    }

    #[test]
    fn what_has_another_form_is_refused() {
        for line in [
            "import a from './core/a.js'",
            "import * as a from './core/a.js'",
            "import './core/a.js'",
            "import { a } from './gone.js'",
            "export default 1",
            "export { a }",
            "export * from './core/a.js'",
            "export let a = 1",
            "export const { a } = b",
        ] {
            let page = [("main.js", format!("{line}\nimport('./inside.js')\n"))];
            let files: Vec<_> = page
                .iter()
                .map(|(path, text)| (*path, text.as_str()))
                .chain([("inside.js", ""), ("core/a.js", "")])
                .collect();
            assert!(put_together(&files).is_err(), "{line}");
        }
        assert!(put_together(&[("main.js", "")]).is_err());
    }
}
