//! Which module of the page imports which other: a small scanner that tells code from comments, strings, templates and regular
//! expressions, and reads every form of `import` and `export … from`. An `import()` of what isn't written there in quotes is
//! refused, since nobody could see where it leads.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{graph::Graph, rust::plain};

/// The arrows between these files, each with its text.
pub fn arrows(files: &BTreeMap<PathBuf, String>) -> Graph {
    let mut graph = Graph::default();
    for (file, text) in files {
        for (name, line) in
            imports(text).unwrap_or_else(|line| panic!("{}:{line} imports what is not named", file.display()))
        {
            if name.starts_with('.') {
                graph.add(file, &plain(&file.parent().unwrap_or(Path::new("")).join(name)), line);
            }
        }
    }
    graph
}

/// What is imported, and in which line; or the line of an import that doesn't say.
pub fn imports(text: &str) -> Result<Vec<(String, usize)>, usize> {
    let tokens = Scanner::new(text).tokens();
    let mut imports = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_member = at > 0 && tokens[at - 1].kind == Kind::Sign('.');
        let named = match &token.kind {
            Kind::Word(word) if word == "import" && !is_member => imported(&tokens[at + 1..]),
            Kind::Word(word) if word == "export" && !is_member => Ok(passed_on(&tokens[at + 1..])),
            _ => Ok(None),
        };
        imports.extend(named.map_err(|()| token.line)?.map(|name| (name, token.line)));
    }
    Ok(imports)
}

/// What follows the word `import`; none where it is no import (`import.meta`, a name of a field).
fn imported(rest: &[Token]) -> Result<Option<String>, ()> {
    match rest {
        [Token { kind: Kind::Text(name), .. }, ..] => Ok(Some(name.clone())),
        [Token { kind: Kind::Sign('('), .. }, inner @ ..] => match inner {
            [Token { kind: Kind::Text(name), .. }, Token { kind: Kind::Sign(')' | ','), .. }, ..] => {
                Ok(Some(name.clone()))
            }
            _ => Err(()),
        },
        [Token { kind: Kind::Sign('.' | ':' | ',' | '}'), .. }, ..] | [] => Ok(None),
        names => from(names).map(Some).ok_or(()),
    }
}

/// What follows the word `export`, where it hands on what another module has.
fn passed_on(rest: &[Token]) -> Option<String> {
    match rest {
        [Token { kind: Kind::Sign('*'), .. }, names @ ..] => from(names),
        [Token { kind: Kind::Sign('{'), .. }, names @ ..] => {
            let end = names.iter().position(|token| token.kind == Kind::Sign('}'))?;
            from(&names[end + 1..]).filter(|_| names.get(end + 1).is_some_and(|token| token.is("from")))
        }
        _ => None,
    }
}

/// The text after the next word `from`.
fn from(names: &[Token]) -> Option<String> {
    let at = names.windows(2).position(|pair| pair[0].is("from") && matches!(pair[1].kind, Kind::Text(_)))?;
    match &names[at + 1].kind {
        Kind::Text(name) => Some(name.clone()),
        _ => None,
    }
}

struct Token {
    kind: Kind,
    line: usize,
}

#[derive(PartialEq)]
enum Kind {
    Word(String),
    /// A string, or a template without anything to fill in.
    Text(String),
    Sign(char),
    /// A number, a regular expression, a template.
    Other,
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(name) if name == word)
    }
}

struct Scanner {
    text: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Scanner {
    fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), at: 0, line: 1, tokens: Vec::new() }
    }

    fn tokens(mut self) -> Vec<Token> {
        self.code(0);
        self.tokens
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(next == '\n');
        Some(next)
    }

    fn push(&mut self, kind: Kind, line: usize) {
        self.tokens.push(Token { kind, line });
    }

    /// Code, to its end, or to the brace that closes what a template fills in.
    fn code(&mut self, inside: usize) {
        let mut depth = inside;
        while let Some(c) = self.peek(0) {
            let line = self.line;
            match c {
                '/' if self.peek(1) == Some('/') => self.skip_until(|scanner| scanner.peek(0) == Some('\n')),
                '/' if self.peek(1) == Some('*') => {
                    self.skip_until(|scanner| scanner.peek(0) == Some('*') && scanner.peek(1) == Some('/'));
                    self.at += 2;
                }
                '/' if self.may_be_expression() && self.expression() => self.push(Kind::Other, line),
                '\'' | '"' => {
                    let text = self.string(c);
                    self.push(Kind::Text(text), line);
                }
                '`' => {
                    let kind = self.template();
                    self.push(kind, line);
                }
                c if c.is_alphanumeric() || c == '_' || c == '$' => {
                    let word = self.word();
                    self.push(if c.is_numeric() { Kind::Other } else { Kind::Word(word) }, line);
                }
                c => {
                    self.next();
                    depth = if c == '{' { depth + 1 } else { depth - usize::from(c == '}' && depth > 0) };
                    if c == '}' && inside > 0 && depth == 0 {
                        return;
                    }
                    if !c.is_whitespace() {
                        self.push(Kind::Sign(c), line);
                    }
                }
            }
        }
    }

    fn skip_until(&mut self, end: impl Fn(&Self) -> bool) {
        while self.peek(0).is_some() && !end(self) {
            self.next();
        }
    }

    fn word(&mut self) -> String {
        let begin = self.at;
        self.skip_until(|scanner| !scanner.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$'));
        self.text[begin..self.at].iter().collect()
    }

    fn string(&mut self, quote: char) -> String {
        self.next();
        let mut text = String::new();
        while let Some(c) = self.next().filter(|c| *c != quote) {
            text.extend(if c == '\\' { self.next() } else { Some(c) });
        }
        text
    }

    /// What a template fills in is code as well, and may import.
    fn template(&mut self) -> Kind {
        self.next();
        let (mut text, mut filled) = (String::new(), false);
        while let Some(c) = self.next().filter(|c| *c != '`') {
            match c {
                '\\' => text.extend(self.next()),
                '$' if self.peek(0) == Some('{') => {
                    filled = true;
                    self.next();
                    self.code(1);
                }
                c => text.push(c),
            }
        }
        if filled { Kind::Other } else { Kind::Text(text) }
    }

    /// Whether a slash begins a regular expression here rather than divides: after a value it divides.
    fn may_be_expression(&self) -> bool {
        match self.tokens.last().map(|token| &token.kind) {
            Some(Kind::Word(word)) => {
                ["return", "typeof", "case", "in", "of", "void", "do", "else"].contains(&word.as_str())
            }
            Some(Kind::Sign(sign)) => ![')', ']', '}'].contains(sign),
            Some(Kind::Text(_) | Kind::Other) => false,
            None => true,
        }
    }

    /// Steps over a regular expression, if it ends on its line.
    fn expression(&mut self) -> bool {
        let mut in_class = false;
        let mut at = self.at + 1;
        while let Some(c) = self.text.get(at).filter(|c| **c != '\n') {
            match c {
                '\\' => at += 1,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => {
                    self.at = at + 1;
                    return true;
                }
                _ => {}
            }
            at += 1;
        }
        false
    }
}
