//! Whether what came with a request will do, told as pydantic 2 tells it: every mistake with its place, all at once.
//!
//! Pure. A [`Check`] gathers mistakes while a handler asks for one field after the other.

use serde_json::{Value, json};
use titan_core::text::{characters, is_blank};

use super::answer::Refused;
use super::json::{Flaw, flaw};
use super::mistake::{Mistake, Place};

/// What may be read of a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// There is none at all.
    None,
    Json(Value),
}

/// How long a text may be, in characters, once it is trimmed.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    pub least: usize,
    pub most: usize,
}

/// What was found wrong so far.
#[derive(Default)]
pub struct Check(Vec<Mistake>);

impl Check {
    pub fn refused(self) -> Refused {
        Refused::Invalid(self.0)
    }

    /// A number in a path or query. One that is too large for anything is the largest.
    pub fn number(&mut self, part: &'static str, name: &'static str, given: &str) -> Option<i64> {
        let number = integer(given);
        if number.is_none() {
            const WHY: &str = "Input should be a valid integer, unable to parse string as an integer";
            self.note("int_parsing", vec![Place::Name(part), Place::Name(name)], WHY, given.into(), None);
        }
        number
    }

    /// The fields of a body that must be an object.
    pub fn fields<'body>(&mut self, body: &'body Body) -> Fields<'body> {
        const WHY: &str = "Input should be a valid dictionary or object to extract fields from";
        match body {
            Body::Json(Value::Object(_)) => {}
            Body::Json(other) => self.note("model_attributes_type", in_body(None), WHY, other.clone(), None),
            Body::None => self.note("missing", in_body(None), "Field required", Value::Null, None),
        }
        Fields(body)
    }

    /// A text, as it came.
    pub fn text<'body>(&mut self, fields: &Fields<'body>, name: &'static str) -> Option<&'body str> {
        let Body::Json(whole @ Value::Object(fields)) = fields.0 else { return None };
        match fields.get(name) {
            Some(Value::String(text)) => return Some(text),
            Some(other) => {
                self.note("string_type", in_body(Some(name)), "Input should be a valid string", other.clone(), None)
            }
            None => self.note("missing", in_body(Some(name)), "Field required", whole.clone(), None),
        }
        None
    }

    /// A text with nothing around it, as long as may be.
    pub fn trimmed<'body>(&mut self, fields: &Fields<'body>, name: &'static str, length: Length) -> Option<&'body str> {
        let given = self.text(fields, name)?;
        let text = given.trim();
        match characters(text) {
            count if count < length.least => self.too_short(name, given, length.least),
            count if count > length.most => {
                let why = format!("String should have at most {} characters", length.most);
                let bounds = json!({"max_length": length.most});
                self.note("string_too_long", in_body(Some(name)), why, given.into(), Some(bounds));
            }
            _ => return Some(text),
        }
        None
    }

    /// The same, with something in it that can be seen: what nobody would see is not there.
    pub fn visible<'body>(&mut self, fields: &Fields<'body>, name: &'static str, length: Length) -> Option<&'body str> {
        let text = self.trimmed(fields, name, length)?;
        if is_blank(text) {
            self.too_short(name, text, length.least);
            return None;
        }
        Some(text)
    }

    fn too_short(&mut self, name: &'static str, given: &str, least: usize) {
        let characters = if least == 1 { "character" } else { "characters" };
        let why = format!("String should have at least {least} {characters}");
        self.note("string_too_short", in_body(Some(name)), why, given.into(), Some(json!({"min_length": least})));
    }

    /// A file that a form should have brought and didn't; with the text that came in its place.
    pub fn no_file(&mut self, name: &'static str, instead: Option<String>) {
        match instead {
            None => self.note("missing", in_body(Some(name)), "Field required", Value::Null, None),
            Some(text) => {
                const WHY: &str = "Value error, Expected UploadFile, received: <class 'str'>";
                let context = json!({"error": {}});
                self.note("value_error", in_body(Some(name)), WHY, text.into(), Some(context));
            }
        }
    }

    fn note(&mut self, kind: &'static str, loc: Vec<Place>, why: impl Into<String>, input: Value, ctx: Option<Value>) {
        self.0.push(Mistake { kind, loc, msg: why.into(), input, ctx });
    }
}

/// The fields of a body, asked for by [`Check::text`].
pub struct Fields<'body>(&'body Body);

/// Reads a JSON body.
pub fn read_json(bytes: &[u8]) -> Result<Body, Refused> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.is_empty() {
        return Ok(Body::None);
    }
    let unreadable = || Refused::bad_request("There was an error parsing the body");
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable())?;
    serde_json::from_str(text).map(Body::Json).map_err(|_| match flaw(text) {
        Some(Flaw::At(at, why)) => Refused::Invalid(vec![no_json(at, why)]),
        Some(Flaw::TooDeep) | None => unreadable(),
    })
}

fn no_json(at: usize, why: &str) -> Mistake {
    Mistake {
        kind: "json_invalid",
        loc: vec![Place::Name("body"), Place::Character(at)],
        msg: "JSON decode error".to_owned(),
        input: json!({}),
        ctx: Some(json!({"error": why})),
    }
}

fn in_body(name: Option<&'static str>) -> Vec<Place> {
    ["body"].into_iter().chain(name).map(Place::Name).collect()
}

/// A whole number as pydantic reads one: blanks around it, a sign, single underscores between digits, zeros behind a point.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let digits = match digits.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => digits,
    };
    let mut number = 0_i64;
    for group in digits.split('_') {
        if group.is_empty() {
            return None;
        }
        for digit in group.bytes() {
            let digit = i64::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
            number = number.saturating_mul(10).saturating_add(digit);
        }
    }
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests;
