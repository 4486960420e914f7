//! What clients are written against: titan-core's public types may gain fields and kinds without breaking what others built.

use syn::visit::{self, Visit};
use syn::{Attribute, Fields, Visibility};

use super::{Breach, Rule, breach, within};
use crate::exceptions;
use crate::source::Source;

/// Public structs with public fields, public enums, and their kinds that hold fields, are `#[non_exhaustive]`.
pub const OPEN_TO_NEWCOMERS: Rule = Rule {
    check: types_may_grow,
    exceptions: exceptions::CLOSED_TYPES,
    breaches: &[
        (MODEL, "pub struct Account { pub id: AccountId }"),
        (MODEL, "#[derive(Clone)]\npub struct Account { id: AccountId, pub name: SafeText }"),
        (MODEL, "pub enum Who { Id(AccountId) }"),
        (MODEL, "#[non_exhaustive]\npub enum Event { Typing { author: Author } }"),
        (MODEL, "#[non_exhaustive]\npub enum Event { CaughtUp {} }"),
    ],
    fine: &[
        (MODEL, "#[non_exhaustive]\npub struct Account { pub id: AccountId }\npub struct Seq(pub i64);"),
        (
            MODEL,
            "#[non_exhaustive]\npub enum Event { Unknown, Said(Entry), #[non_exhaustive] Typing { author: Author } }",
        ),
        (MODEL, "pub struct Client { calls: Sender }\nstruct Inner { pub id: u64 }\npub(super) enum Way { In, Out }"),
        ("titan-server/hub/src/letter.rs", "pub struct Letter { pub to: String }"),
    ],
};

const MODEL: &str = "titan-core/src/protocol/model.rs";

fn types_may_grow(sources: &[Source]) -> Vec<Breach> {
    within(sources, "titan-core/src").flat_map(Closed::of).collect()
}

/// Finds types that can't grow.
struct Closed<'a>(&'a Source, Vec<Breach>);

impl<'a> Closed<'a> {
    fn of(source: &'a Source) -> Vec<Breach> {
        let mut closed = Self(source, Vec::new());
        closed.visit_file(&source.file);
        closed.1
    }

    fn look(&mut self, name: &syn::Ident, attributes: &[Attribute]) {
        let instead = "make it #[non_exhaustive] and give it a function that makes one; or except it with the reason it never grows";
        if !attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive")) {
            self.1.push(breach(self.0, name.span().start().line, format!("{name} can't grow"), instead));
        }
    }
}

impl<'ast> Visit<'ast> for Closed<'_> {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let Fields::Named(fields) = &item.fields else { return };
        if is_public(&item.vis) && fields.named.iter().any(|field| is_public(&field.vis)) {
            self.look(&item.ident, &item.attrs);
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        if !is_public(&item.vis) {
            return;
        }
        self.look(&item.ident, &item.attrs);
        let holding = item.variants.iter().filter(|variant| matches!(variant.fields, Fields::Named(_)));
        holding.for_each(|variant| self.look(&variant.ident, &variant.attrs));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
