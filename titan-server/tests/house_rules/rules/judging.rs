//! One policy: whoever may do what is decided in `hub/src/policy.rs`, for all doors alike.
//!
//! Everywhere else a role may be handed on and told, and must not be judged: no comparison with one, no `match` on one, no
//! refusal made by hand. Telling is what gives a word for a role, or fills a field `is_admin`.

use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Lit, Member, Pat};

use super::{Breach, Rule, breach, within};
use crate::exceptions;
use crate::source::{Named, Source, words_of};

pub const PERMISSION: Rule = Rule {
    check: permission_is_the_policys,
    exceptions: exceptions::PERMISSION,
    breaches: &[
        (DOOR, "fn f() -> Fault { Fault::forbidden(\"no\") }"),
        (DOOR, "fn f() { answer.ok_or_else(Fault::forbidden) }"),
        (DOOR, "fn f() -> Fault { Fault::new(FaultCode::Banned, \"no\") }"),
        (
            DOOR,
            "use titan_core::protocol::FaultCode as Code;\nfn f() -> Fault { Fault { code: Code::NotAMember, ..fault } }",
        ),
        (DOOR, "fn f(a: &Account) { if a.role == Role::Admin { approve() } }"),
        (DOOR, "fn f(a: &Account) { if Role::Admin==a.role { approve() } }"),
        (DOOR, "fn f(role: Role) { if matches!(role, Role::Admin) { approve() } }"),
        (DOOR, "fn f(role: Role) { assert!(matches!(role, titan_core::protocol::Role::Admin)) }"),
        (DOOR, "fn f(role: Role) { match role { Role::Admin => approve(), Role::User => {} } }"),
        (DOOR, "fn f(role: Role) -> bool { match role { Role::Admin => true, _ => false } }"),
        (DOOR, "fn f(role: Role) { if let Role::Admin = role { approve() } }"),
        (DOOR, "fn f(role: Role) { let Role::Admin = role else { return }; }"),
        (DOOR, "use titan_core::protocol::Role as R;\nfn f(role: R) -> bool { role == R::Admin }"),
        (DOOR, "use titan_core::protocol::Role::*;"),
        (DOOR, "use titan_core::protocol::MemberRole::Owner;"),
        (DOOR, "fn f(role: Role) -> bool { role.eq(&Role::Admin) }"),
        (DOOR, "fn f(role: Role) -> bool { [Role::Admin].contains(&role) }"),
        (DOOR, "fn f(role: Role) -> bool { role as u8 == Role::Admin as u8 }"),
        (DOOR, "fn f(us: &[Role]) -> bool { us.iter().any(|Role::Admin| true) }"),
        ("titan-server/hub/src/rooms.rs", "fn f() { if role >= MemberRole::Moderator { f() } }"),
        ("titan-server/hub/src/rooms.rs", "fn f() { let to_owner = matches!(role, MemberRole::Owner); }"),
        ("titan-server/src/console/mod.rs", "fn f() { json!({\"may\": role == Role::Admin}) }"),
    ],
    fine: &[
        (DOOR, "fn f() { User { is_admin: a.role == Role::Admin } }"),
        (DOOR, "fn f(role: Role) -> &'static str { match role { Role::Admin => \"admin\", Role::User => \"user\" } }"),
        (DOOR, "fn f() { hub.set_role(if admin { Role::Admin } else { Role::User }) }"),
        (DOOR, "fn status() { match code { FaultCode::Forbidden => 403 } }"),
        (DOOR, "fn status() { if fault.code == FaultCode::Banned { hang_up() } }"),
        ("titan-server/hub/src/policy.rs", "fn f() { if role == Role::Admin { Fault::forbidden(\"no\") } }"),
    ],
};

const DOOR: &str = "titan-server/doors/api/src/repository.rs";
const POLICY: &str = "titan-server/hub/src/policy.rs";

fn permission_is_the_policys(sources: &[Source]) -> Vec<Breach> {
    within(sources, "titan-server/").filter(|source| source.path != POLICY).flat_map(Judged::of).collect()
}

/// Finds what judges a role or makes a refusal.
struct Judged<'a> {
    source: &'a Source,
    found: Vec<Breach>,
    /// In something that only compares or tells.
    spared: bool,
}

impl<'a> Judged<'a> {
    fn of(source: &'a Source) -> Vec<Breach> {
        let mut judged = Self { source, found: Vec::new(), spared: false };
        for path in source.imported.iter().filter(|path| inside_a_role(path)) {
            judged.tell(path.line, &format!("a role by its bare name: {}", path.text()));
        }
        judged.visit_file(&source.file);
        judged.found
    }

    fn tell(&mut self, line: usize, what: &str) {
        let instead = "make it an Act and decide it in titan-server/hub/src/policy.rs, for all doors alike";
        if !self.found.iter().any(|other| other.line == line && other.what == what) {
            self.found.push(breach(self.source, line, what, instead));
        }
    }

    /// The roles that some code names.
    fn roles(&self, code: impl quote::ToTokens) -> Option<Named> {
        self.source.paths_among(&words_of(code)).into_iter().find(is_a_role)
    }

    fn judges(&mut self, code: impl quote::ToTokens, how: &str) {
        if let Some(role) = self.roles(code).filter(|_| !self.spared) {
            let last: Vec<&str> = role.parts.iter().rev().take(2).rev().map(String::as_str).collect();
            self.tell(role.line, &format!("a standing is judged outside of the policy: {how} {}", last.join("::")));
        }
    }

    fn refuses(&mut self, path: &Named) {
        const REFUSALS: [&str; 4] =
            ["Fault::forbidden", "FaultCode::Forbidden", "FaultCode::NotAMember", "FaultCode::Banned"];
        if let Some(refusal) = REFUSALS.iter().find(|refusal| path.ends(refusal)) {
            self.tell(path.line, &format!("a permission is refused outside of the policy: {refusal}"));
        }
    }
}

/// `Role::Admin`, `MemberRole::Owner` and their like; not the `Role` of a WebSocket.
fn is_a_role(path: &Named) -> bool {
    const ROLES: [&str; 5] =
        ["Role::Admin", "Role::User", "MemberRole::Member", "MemberRole::Moderator", "MemberRole::Owner"];
    ROLES.iter().any(|role| path.ends(role))
}

fn inside_a_role(path: &Named) -> bool {
    is_a_role(path) || path.ends("Role::*") || path.ends("MemberRole::*")
}

/// Whether every arm only gives a word, or several.
fn tells(arms: &[syn::Arm]) -> bool {
    fn is_word(body: &Expr) -> bool {
        match body {
            Expr::Lit(literal) => matches!(literal.lit, Lit::Str(_) | Lit::Char(_)),
            Expr::Tuple(several) => several.elems.iter().all(is_word),
            _ => false,
        }
    }
    arms.iter().all(|arm| arm.guard.is_none() && is_word(&arm.body))
}

impl<'ast> Visit<'ast> for Judged<'_> {
    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        use BinOp::{Eq, Ge, Gt, Le, Lt, Ne};
        if !matches!(binary.op, Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_)) {
            return visit::visit_expr_binary(self, binary);
        }
        let sign = words_of(binary.op).iter().map(|word| word.text.as_str()).collect::<String>();
        for side in [&binary.left, &binary.right] {
            self.judges(side, &sign);
            // A code that is compared with refuses nobody.
            if !matches!(**side, Expr::Path(_)) {
                self.visit_expr(side);
            }
        }
    }

    /// Telling the world who is an admin is no decision.
    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        let telling = matches!(&field.member, Member::Named(name) if name == "is_admin");
        let before = self.spared;
        self.spared |= telling;
        visit::visit_field_value(self, field);
        self.spared = before;
    }

    fn visit_expr_match(&mut self, matched: &'ast syn::ExprMatch) {
        if !tells(&matched.arms) {
            matched.arms.iter().for_each(|arm| self.judges(&arm.pat, "match"));
        }
        visit::visit_expr_match(self, matched);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.judges(&condition.pat, "let");
        visit::visit_expr_let(self, condition);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.judges(&local.pat, "let");
        visit::visit_local(self, local);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        closure.inputs.iter().for_each(|input: &Pat| self.judges(input, "a pattern"));
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        const COMPARING: [&str; 11] =
            ["eq", "ne", "lt", "le", "gt", "ge", "cmp", "partial_cmp", "contains", "max", "min"];
        let name = call.method.to_string();
        if COMPARING.contains(&name.as_str()) {
            self.judges(&call.receiver, &name);
            self.judges(&call.args, &name);
        }
        visit::visit_expr_method_call(self, call);
    }

    /// A pattern looks at a code and refuses nobody.
    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if !matches!(pattern, Pat::Path(_)) {
            visit::visit_pat(self, pattern);
        }
    }

    fn visit_expr_path(&mut self, expression: &'ast syn::ExprPath) {
        let path = self.source.whole(&expression.path);
        self.refuses(&path);
        visit::visit_expr_path(self, expression);
    }

    /// A macro's inside is not parsed: whatever compares there and names a role judges it.
    fn visit_macro(&mut self, used: &'ast syn::Macro) {
        let words = words_of(&used.tokens);
        let compares = words
            .windows(2)
            .any(|two| matches!((two[0].text.as_str(), two[1].text.as_str()), ("=" | "!", "=") | ("matches", "!")));
        let judging = ["matches", "assert_eq", "assert_ne"].iter().any(|name| used.path.is_ident(name));
        if compares || judging {
            self.judges(&used.tokens, "a macro compares");
        }
        if !judging {
            let made = self.source.paths_among(&words).into_iter().filter(|path| path.ends("Fault::forbidden"));
            made.collect::<Vec<_>>().iter().for_each(|path| self.refuses(path));
        }
    }
}
