//! Bounds of texts, written down for machines: the schemas of the OpenAPI document that several doors use. Pure.

use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

/// What is taken off around a text: Unicode's white space.
const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// What shows nothing of its own.
const HIDDEN: &str = r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb";

/// A text that has so many characters once the blanks around it are taken off.
pub fn trimmed(least: usize, most: usize) -> RefOr<Schema> {
    text(length(least, most)).into()
}

/// The same, with something in it that can be seen.
pub fn visible(most: usize) -> RefOr<Schema> {
    let seen = text(format!("[^{HIDDEN}{BLANK}]"));
    Schema::AllOf(AllOfBuilder::new().item(text(length(1, most))).item(seen).build()).into()
}

/// Such a text, or a number, which is taken as its digits.
pub fn visible_or_number(most: usize) -> RefOr<Schema> {
    let either = SchemaType::Array(vec![Type::String, Type::Number]);
    let pattern =
        |pattern| Schema::Object(ObjectBuilder::new().schema_type(either.clone()).pattern(Some(pattern)).build());
    let seen = pattern(format!("[^{HIDDEN}{BLANK}]"));
    Schema::AllOf(AllOfBuilder::new().item(pattern(length(1, most))).item(seen).build()).into()
}

/// A text that may be empty, or a number, which is taken as its digits.
pub fn text_or_number(most: usize) -> RefOr<Schema> {
    let either = SchemaType::Array(vec![Type::String, Type::Number]);
    Schema::Object(ObjectBuilder::new().schema_type(either).max_length(Some(most)).build()).into()
}

/// A whole number of any size.
pub fn number() -> RefOr<Schema> {
    Schema::Object(ObjectBuilder::new().schema_type(Type::Integer).build()).into()
}

/// Says of a form that the names of its parts are such as a header can hold.
pub fn named_plainly(document: &mut OpenApi, form: &str) {
    const PLAIN: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$";
    let schemas = document.components.as_mut().map(|components| &mut components.schemas);
    if let Some(RefOr::T(Schema::Object(form))) = schemas.and_then(|schemas| schemas.get_mut(form)) {
        form.property_names = Some(Box::new(text(PLAIN.to_owned())));
    }
}

fn text(pattern: String) -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).build())
}

fn length(least: usize, most: usize) -> String {
    let between = format!(r"[^{BLANK}][\s\S]{{{},{}}}[^{BLANK}]", least.saturating_sub(2), most - 2);
    let inside = if least < 2 { format!("(?:[^{BLANK}]|{between})") } else { between };
    format!("^[{BLANK}]*{inside}[{BLANK}]*$")
}
