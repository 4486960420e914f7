//! A message's text as styled lines: Markdown as people write it in chats (every newline counts), mentions, links.
//!
//! What Markdown decodes (`&#27;`) is judged once more: an entity must not bring back what is never shown. A link whose
//! text hides where it leads is followed by its address.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use ratatui::{
    style::{Modifier, Style},
    text::{Line, Span},
};

use titan_core::text::{look_alike, mentions};

use crate::{
    theme::Theme,
    words,
    wrap::{self, Piece, wrap},
};

const OPTIONS: Options = Options::ENABLE_STRIKETHROUGH.union(Options::ENABLE_TASKLISTS);

/// Renders a message at a width. `me` is the name whose mentions stand out.
pub fn render(text: &str, width: usize, theme: &Theme, me: Option<&str>) -> Vec<Line<'static>> {
    let mut renderer = Renderer::new(theme, me);
    Parser::new_ext(text, OPTIONS).for_each(|event| renderer.event(event));
    renderer.end_line();
    renderer.lines.iter().flat_map(|line| line.wrapped(width)).collect()
}

/// The code that stands in a message in blocks of its own.
pub fn code_blocks(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut inside = false;
    for event in Parser::new_ext(text, OPTIONS) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => {
                inside = true;
                blocks.push(String::new());
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => blocks.last_mut().into_iter().for_each(|block| block.push_str(&text)),
            _ => {}
        }
    }
    blocks
}

/// The first `http` or `https` address of a text.
pub fn first_link(text: &str) -> Option<&str> {
    let start = ["https://", "http://"].iter().filter_map(|scheme| text.find(scheme)).min()?;
    Some(link_at(&text[start..]))
}

/// A text's address at its start: up to white space, without the punctuation that closes a sentence around it.
fn link_at(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`')).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*', '_'])
}

/// One logical line before wrapping, or code.
enum Block {
    Line(Logical),
    Code(Card),
}

impl Block {
    fn wrapped(&self, width: usize) -> Vec<Line<'static>> {
        match self {
            Self::Line(line) => line.wrapped(width),
            Self::Code(card) => card.drawn(width),
        }
    }
}

/// Code on a ground of its own, with its language in the frame.
struct Card {
    /// Bars of the quotes that it stands in.
    prefix: Vec<Piece>,
    language: String,
    lines: Vec<String>,
    rule: Style,
    label: Style,
    code: Style,
}

impl Card {
    fn drawn(&self, width: usize) -> Vec<Line<'static>> {
        let taken: usize = self.prefix.iter().map(|(text, _)| wrap::width(text)).sum();
        let width = width.saturating_sub(taken);
        let pieces =
            self.lines.iter().flat_map(|line| wrap(&[(line.clone(), self.code)], width.saturating_sub(4).max(1)));
        let mut lines = Vec::new();
        if width < CARD_LEAST {
            lines.extend(pieces);
        } else {
            let inside = width - 4;
            lines.push(self.top(width));
            lines.extend(pieces.map(|mut line| {
                let rest = " ".repeat(inside.saturating_sub(line.width()) + 1);
                line.spans.insert(0, Span::styled("│ ", self.rule));
                line.spans.extend([Span::styled(rest, self.code), Span::styled("│", self.rule)]);
                line
            }));
            lines.push(Line::from(Span::styled(format!("╰{}╯", "─".repeat(width - 2)), self.rule)));
        }
        for line in &mut lines {
            let prefix = self.prefix.iter().map(|(text, style)| Span::styled(text.clone(), *style));
            line.spans.splice(0..0, prefix);
        }
        lines
    }

    fn top(&self, width: usize) -> Line<'static> {
        let named = |text: &str| if text.is_empty() { String::new() } else { format!(" {text} ") };
        let language = named(&wrap::cut(&self.language, width / 2));
        let copy = named(if width >= CARD_SAYS { words::COPY_CODE } else { "" });
        let rest = width.saturating_sub(4 + wrap::width(&language) + wrap::width(&copy));
        Line::from(vec![
            Span::styled("╭─", self.rule),
            Span::styled(language, self.label),
            Span::styled("─".repeat(rest), self.rule),
            Span::styled(copy, self.label),
            Span::styled("─╮", self.rule),
        ])
    }
}

/// Columns below which code has no frame, and from which the frame says how to copy it.
const CARD_LEAST: usize = 12;
const CARD_SAYS: usize = 30;

struct Logical {
    prefix: Vec<Piece>,
    hang: Vec<Piece>,
    pieces: Vec<Piece>,
}

impl Logical {
    fn wrapped(&self, width: usize) -> Vec<Line<'static>> {
        let taken: usize = self.prefix.iter().map(|(text, _)| wrap::width(text)).sum();
        let lines = wrap(&self.pieces, width.saturating_sub(taken).max(1));
        lines
            .into_iter()
            .enumerate()
            .map(|(at, line)| {
                let prefix = if at == 0 { &self.prefix } else { &self.hang };
                let mut spans: Vec<_> = prefix.iter().map(|(text, style)| Span::styled(text.clone(), *style)).collect();
                spans.extend(line.spans);
                Line::from(spans)
            })
            .collect()
    }
}

struct Renderer<'a> {
    theme: &'a Theme,
    me: Option<String>,
    lines: Vec<Block>,
    pieces: Vec<Piece>,
    styles: Vec<Style>,
    quotes: usize,
    /// A quote has just begun: its first block needs no gap.
    quote_begins: bool,
    lists: Vec<Option<u64>>,
    item_marker: Option<String>,
    code: Option<Card>,
    link: Option<String>,
    link_text: String,
}

impl<'a> Renderer<'a> {
    fn new(theme: &'a Theme, me: Option<&str>) -> Self {
        Self {
            theme,
            me: me.map(look_alike),
            lines: Vec::new(),
            pieces: Vec::new(),
            styles: vec![theme.text],
            quotes: 0,
            quote_begins: false,
            lists: Vec::new(),
            item_marker: None,
            code: None,
            link: None,
            link_text: String::new(),
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.code.is_some() => self.code_text(&text),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.push(&titan_core::shown(&text), self.theme.code),
            Event::Html(text) | Event::InlineHtml(text) => self.html(&text),
            Event::SoftBreak | Event::HardBreak => self.end_line(),
            Event::Rule => self.rule(),
            Event::TaskListMarker(done) => self.push(if done { "[x] " } else { "[ ] " }, self.style()),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.gap(),
            Tag::Heading { .. } => {
                self.gap();
                self.add_style(Modifier::BOLD);
            }
            Tag::BlockQuote(_) => {
                self.gap();
                self.quotes += 1;
                self.quote_begins = true;
                self.styles.push(self.theme.quote);
            }
            Tag::CodeBlock(kind) => self.start_code(&kind),
            Tag::List(first) => {
                self.end_line();
                self.lists.push(first);
            }
            Tag::Item => self.start_item(),
            Tag::Emphasis => self.add_style(Modifier::ITALIC),
            Tag::Strong => self.add_style(Modifier::BOLD),
            Tag::Strikethrough => self.add_style(Modifier::CROSSED_OUT),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.start_link(&dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Item | TagEnd::HtmlBlock => self.end_line(),
            TagEnd::Heading(_) => {
                self.end_line();
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.end_line();
                self.quotes = self.quotes.saturating_sub(1);
                self.styles.pop();
            }
            TagEnd::CodeBlock => self.lines.extend(self.code.take().map(Block::Code)),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or(self.theme.text)
    }

    fn add_style(&mut self, modifier: Modifier) {
        self.styles.push(self.style().add_modifier(modifier));
    }

    /// An empty line between blocks, but not before the first nor inside a list.
    fn gap(&mut self) {
        self.end_line();
        let begins = std::mem::take(&mut self.quote_begins);
        if !self.lines.is_empty() && self.lists.is_empty() && !begins {
            self.lines.push(Block::Line(Logical { prefix: self.quote_bars(), hang: vec![], pieces: vec![] }));
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>) {
        self.gap();
        let language = match kind {
            CodeBlockKind::Fenced(language) => titan_core::shown(language).replace('\n', " "),
            CodeBlockKind::Indented => String::new(),
        };
        let on = |style: Style| self.theme.card.patch(Style { bg: None, ..style });
        let (rule, label, code) = (on(self.theme.rule), on(self.theme.dim), on(self.theme.code));
        self.code = Some(Card { prefix: self.quote_bars(), language, lines: vec![], rule, label, code });
    }

    fn start_item(&mut self) {
        self.end_line();
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "• ".to_owned(),
        };
        self.item_marker = Some(marker);
    }

    fn start_link(&mut self, address: &str) {
        self.link = Some(titan_core::shown(address).replace('\n', ""));
        self.link_text.clear();
        self.styles.push(self.theme.link);
    }

    fn end_link(&mut self) {
        self.styles.pop();
        if let Some(address) = self.link.take()
            && self.link_text.trim_end_matches('/') != address.trim_end_matches('/')
        {
            self.push(&format!(" ({address})"), self.theme.dim);
        }
    }

    fn html(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.end_line();
            }
            self.text(line);
        }
    }

    fn code_text(&mut self, text: &str) {
        let shown = titan_core::shown(text);
        let lines = shown.trim_end_matches('\n').split('\n').map(|line| line.replace('\t', "    "));
        self.code.iter_mut().for_each(|card| card.lines.extend(lines.clone()));
    }

    fn rule(&mut self) {
        self.end_line();
        self.push("────────", self.theme.rule);
        self.end_line();
    }

    /// Plain text: links and mentions are found in it.
    fn text(&mut self, text: &str) {
        let text = titan_core::shown(text).replace(['\n', '\t'], " ");
        if self.link.is_some() {
            self.link_text.push_str(&text);
            return self.push(&text, self.style());
        }
        let mut rest = text.as_str();
        while let Some(address) = first_link(rest).filter(|address| address.len() > 8) {
            let start = rest.find(address).unwrap_or(0);
            self.mentions(&rest[..start]);
            self.push(address, self.theme.link);
            rest = &rest[start + address.len()..];
        }
        self.mentions(rest);
    }

    fn mentions(&mut self, text: &str) {
        let mut done = 0;
        for mention in mentions(text) {
            let mine = mention.meant(|name| self.me.as_deref() == Some(look_alike(name).as_str()));
            let end = mention.end_of(mine.unwrap_or_else(|| mention.likely()));
            self.push(&text[done..mention.at], self.style());
            self.push(&text[mention.at..end], if mine.is_some() { self.theme.mention } else { self.theme.accent });
            done = end;
        }
        self.push(&text[done..], self.style());
    }

    fn push(&mut self, text: &str, style: Style) {
        if !text.is_empty() {
            self.pieces.push((text.to_owned(), style));
        }
    }

    fn quote_bars(&self) -> Vec<Piece> {
        vec![("▎ ".repeat(self.quotes), self.theme.dim)]
    }

    fn end_line(&mut self) {
        if self.pieces.is_empty() && self.item_marker.is_none() {
            return;
        }
        let indent = "  ".repeat(self.lists.len().saturating_sub(1));
        let (marker, hang) = match (self.item_marker.take(), self.lists.is_empty()) {
            (Some(marker), _) => {
                let hang = " ".repeat(wrap::width(&marker));
                (marker, hang)
            }
            (None, false) => ("  ".to_owned(), "  ".to_owned()),
            (None, true) => (String::new(), String::new()),
        };
        let mut prefix = self.quote_bars();
        let mut hanging = prefix.clone();
        prefix.push((format!("{indent}{marker}"), self.theme.dim));
        hanging.push((format!("{indent}{hang}"), self.theme.dim));
        let pieces = std::mem::take(&mut self.pieces);
        self.lines.push(Block::Line(Logical { prefix, hang: hanging, pieces }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme;
    use proptest::prelude::*;

    fn plain(text: &str, width: usize) -> Vec<String> {
        render(text, width, &Theme::new(theme::NONE), Some("ada")).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn markdown_reads_as_people_mean_it() {
        assert_eq!(plain("one\ntwo", 40), ["one", "two"]);
        assert_eq!(plain("**bold** and `code`", 40), ["bold and code"]);
        assert_eq!(plain("- a\n- b\n\nend", 40), ["• a", "• b", "", "end"]);
        assert_eq!(
            plain("```rust\nlet a = 1;\n```", 34),
            [
                "╭─ rust ────────────── y copies ─╮",
                "│ let a = 1;                     │",
                "╰────────────────────────────────╯"
            ]
        );
        assert_eq!(plain("```\na b\n```", 8), ["a b"]);
        assert_eq!(plain("> said", 40), ["▎ said"]);
        assert_eq!(plain("<b>not html</b>", 40), ["<b>not html</b>"]);
    }

    #[test]
    fn a_link_shows_where_it_leads() {
        assert_eq!(plain("[bank](https://evil.example)", 60), ["bank (https://evil.example)"]);
        assert_eq!(plain("see https://a.example/x.", 60), ["see https://a.example/x."]);
        assert_eq!(first_link("see (https://a.example/x)."), Some("https://a.example/x"));
    }

    #[test]
    fn my_mention_stands_out() {
        let theme = Theme::new(theme::FIRST);
        let lines = render("hi @Ada and @bob", 40, &theme, Some("ada"));
        let style_of = |text: &str| lines[0].spans.iter().find(|span| span.content == text).unwrap().style;
        assert_eq!(style_of("@Ada"), theme.mention);
        assert_eq!(style_of("@bob"), theme.accent);
    }

    #[test]
    fn an_entity_brings_no_control_character_back() {
        for hostile in ["&#27;[31mred", "&#x202e;abc", "[x](<&#27;]0;t&#7;>)", "`&#x9b;`", "```\n&#27;\n```"] {
            for line in plain(hostile, 40) {
                assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{hostile}: {line:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_renderer(text in "[ -~\né漢]{0,120}", width in 1usize..60) {
            let _ = plain(&text, width);
        }
    }
}
