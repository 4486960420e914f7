//! Why a text is no JSON, told as the `json` module of Python 3.12 tells it: the original's clients are shown its words and the place,
//! counted in characters. Pure. Asked beside the real parser, never instead of it.

/// Deeper nesting is refused; the real parser's bound.
const DEPTH_MOST: usize = 127;

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// At this character.
    At(usize, &'static str),
    TooDeep,
}

/// Reads a text as Python does, which takes `NaN` and lone surrogates for granted.
pub fn flaw(text: &str) -> Option<Flaw> {
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader { chars: &chars, at: 0 };
    reader.document().err()
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

type Read = Result<(), Flaw>;

impl Reader<'_> {
    fn document(&mut self) -> Read {
        self.blanks();
        self.value(0)?;
        self.blanks();
        if self.at < self.chars.len() { self.wrong("Extra data") } else { Ok(()) }
    }

    fn value(&mut self, depth: usize) -> Read {
        if depth > DEPTH_MOST {
            return Err(Flaw::TooDeep);
        }
        match self.peek() {
            Some('"') => self.string(),
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('-' | '0'..='9') => self.number(),
            _ => self.word(&["null", "true", "false", "NaN", "Infinity"]),
        }
    }

    fn object(&mut self, depth: usize) -> Read {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        self.at += 1;
        self.blanks();
        if self.take('}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some('"') {
                return self.wrong(NAME);
            }
            self.string()?;
            self.blanks();
            if !self.take(':') {
                return self.wrong("Expecting ':' delimiter");
            }
            self.blanks();
            self.value(depth + 1)?;
            self.blanks();
            if self.take('}') {
                return Ok(());
            }
            if !self.take(',') {
                return self.wrong("Expecting ',' delimiter");
            }
            self.blanks();
        }
    }

    fn array(&mut self, depth: usize) -> Read {
        self.at += 1;
        self.blanks();
        if self.take(']') {
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            self.blanks();
            if self.take(']') {
                return Ok(());
            }
            if !self.take(',') {
                return self.wrong("Expecting ',' delimiter");
            }
            self.blanks();
        }
    }

    fn string(&mut self) -> Read {
        let began = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Flaw::At(began, "Unterminated string starting at")),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => self.escape(began)?,
                Some('\0'..='\u{1f}') => return self.wrong("Invalid control character at"),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self, began: usize) -> Read {
        let backslash = self.at;
        self.at += 1;
        match self.peek() {
            None => Err(Flaw::At(began, "Unterminated string starting at")),
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => {
                self.at += 1;
                Ok(())
            }
            Some('u') => {
                let digits = self.chars.get(self.at + 1..self.at + 5).unwrap_or_default();
                if digits.len() < 4 || !digits.iter().all(char::is_ascii_hexdigit) {
                    return self.wrong("Invalid \\uXXXX escape");
                }
                self.at += 5;
                Ok(())
            }
            Some(_) => Err(Flaw::At(backslash, "Invalid \\escape")),
        }
    }

    /// Takes as much as is a number: what is left over is somebody else's trouble.
    fn number(&mut self) -> Read {
        let began = self.at;
        self.take('-');
        if self.rest_begins("Infinity") {
            self.at += "Infinity".len();
            return Ok(());
        }
        if !self.take('0') && self.digits() == 0 {
            return Err(Flaw::At(began, "Expecting value"));
        }
        let whole = self.at;
        if self.take('.') && self.digits() == 0 {
            self.at = whole;
        }
        let mantissa = self.at;
        if self.take('e') || self.take('E') {
            let _sign = self.take('+') || self.take('-');
            if self.digits() == 0 {
                self.at = mantissa;
            }
        }
        Ok(())
    }

    fn word(&mut self, words: &[&str]) -> Read {
        match words.iter().find(|word| self.rest_begins(word)) {
            Some(word) => {
                self.at += word.len();
                Ok(())
            }
            None => self.wrong("Expecting value"),
        }
    }

    fn digits(&mut self) -> usize {
        let before = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - before
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn rest_begins(&self, word: &str) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        rest.len() >= word.len() && word.chars().zip(rest).all(|(wanted, found)| wanted == *found)
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn wrong(&self, why: &'static str) -> Read {
        Err(Flaw::At(self.at, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What Python says of each.
    #[rustfmt::skip]
    const SAID: &[(&str, Option<(usize, &str)>)] = &[
        ("", Some((0, "Expecting value"))),
        ("{", Some((1, "Expecting property name enclosed in double quotes"))),
        ("{\"a\":1", Some((6, "Expecting ',' delimiter"))),
        ("{\"username\":\"abc\",}", Some((18, "Expecting property name enclosed in double quotes"))),
        ("[1,]", Some((3, "Expecting value"))),
        ("[1 2]", Some((3, "Expecting ',' delimiter"))),
        ("{\"a\" 1}", Some((5, "Expecting ':' delimiter"))),
        ("{a:1}", Some((1, "Expecting property name enclosed in double quotes"))),
        ("{\"a\":\"x", Some((5, "Unterminated string starting at"))),
        ("{\"a\":\"\\x\"}", Some((6, "Invalid \\escape"))),
        ("{\"a\":\"\u{1}\"}", Some((6, "Invalid control character at"))),
        ("{} x", Some((3, "Extra data"))),
        ("nul", Some((0, "Expecting value"))),
        ("-", Some((0, "Expecting value"))),
        ("1.", Some((1, "Extra data"))),
        ("1.e3", Some((1, "Extra data"))),
        ("1e+", Some((1, "Extra data"))),
        ("-01", Some((2, "Extra data"))),
        (".5", Some((0, "Expecting value"))),
        ("\"\\u12\"", Some((2, "Invalid \\uXXXX escape"))),
        ("\"\\u12g4\"", Some((2, "Invalid \\uXXXX escape"))),
        ("\"\\ud800\"", None),
        ("NaN", None),
        ("-Infinity", None),
        ("-Inf", Some((0, "Expecting value"))),
        ("[[1],", Some((5, "Expecting value"))),
        ("{\"a\":1 ,}", Some((8, "Expecting property name enclosed in double quotes"))),
        ("\"é\u{2}\"", Some((2, "Invalid control character at"))),
        ("\"a\\", Some((0, "Unterminated string starting at"))),
        ("{\"a\":[1,{\"b\":\"\\q\"}]}", Some((14, "Invalid \\escape"))),
        ("  ", Some((2, "Expecting value"))),
        ("{\"a\":1}}", Some((7, "Extra data"))),
        ("{\"a\":1,\"b\"", Some((10, "Expecting ':' delimiter"))),
        (" {\"a\" : [ ] , \"b\" : 1.5e-3 } ", None),
    ];

    #[test]
    fn flaws_are_told_in_pythons_words_and_places() {
        for (text, said) in SAID {
            assert_eq!(flaw(text), said.map(|(at, why)| Flaw::At(at, why)), "{text}");
        }
        assert_eq!(flaw(&"[".repeat(100_000)), Some(Flaw::TooDeep));
        assert_eq!(flaw(&format!("{}{}", "[".repeat(120), "]".repeat(120))), None);
    }

    proptest! {
        #[test]
        fn a_flaw_is_found_where_the_real_parser_finds_one(text in "[\\[\\]{}:,\"\\\\ntrulfase0-9.eE+ é-]{0,24}") {
            // Python takes what this parser doesn't: numbers beyond every bound.
            match (serde_json::from_str::<serde_json::Value>(&text), flaw(&text)) {
                (Ok(_), found) => prop_assert_eq!(found, None),
                (Err(error), None) => prop_assert!(error.to_string().contains("number out of range"), "{}", error),
                (Err(_), Some(Flaw::At(at, _))) => prop_assert!(at <= text.chars().count()),
                (Err(_), Some(Flaw::TooDeep)) => {}
            }
        }

        #[test]
        fn any_text_is_read_to_an_end(text in any::<String>()) {
            let _ = flaw(&text);
        }
    }
}
