//! Wrapped messages, kept between frames: wrapping is the dear part of drawing.

use std::{collections::HashMap, rc::Rc};

use ratatui::{
    style::Style,
    text::{Line, Span},
};
use titan_core::{
    ConversationId, Seq,
    protocol::{FileInfo, Message},
};

use crate::{
    app::{log::Item, state::State},
    rich, words,
    wrap::wrap,
};

/// Wrapped messages kept.
const KEPT: usize = 4_000;

/// Wrapped bodies, kept between frames.
#[derive(Default)]
pub struct LineCache {
    kept: HashMap<(ConversationId, Seq), Kept>,
}

struct Kept {
    width: usize,
    stamp: u64,
    revision: u32,
    lines: Rc<[Line<'static>]>,
}

impl LineCache {
    pub fn body(&mut self, state: &State, item: &Item, message: &Message, width: usize) -> Rc<[Line<'static>]> {
        let key = (item.entry.conversation, item.entry.seq);
        let stamp = state.theme.stamp;
        if let Some(kept) = self.kept.get(&key)
            && kept.width == width
            && kept.stamp == stamp
            && kept.revision == item.revision
        {
            return kept.lines.clone();
        }
        let lines: Rc<[Line<'static>]> = body_lines(state, message, width).into();
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.insert(key, Kept { width, stamp, revision: item.revision, lines: lines.clone() });
        lines
    }
}

fn body_lines(state: &State, message: &Message, width: usize) -> Vec<Line<'static>> {
    let theme = &state.theme;
    if message.deleted {
        return wrap(&[(words::DELETED.to_owned(), theme.quote)], width);
    }
    let me = state.me.as_ref().map(|me| me.username.as_str());
    let mut lines = match message.text.is_empty() {
        true => vec![],
        false => rich::render(&message.text, width, theme, me),
    };
    if let Some(file) = &message.file {
        lines.extend(file_card(state, file, width));
    }
    if message.edited.is_some() {
        mark_edited(&mut lines, state, width);
    }
    lines
}

/// A file on a ground of its own.
fn file_card(state: &State, file: &FileInfo, width: usize) -> Vec<Line<'static>> {
    let theme = &state.theme;
    let on = |style: Style| theme.card.patch(Style { bg: None, ..style });
    let pieces = [
        ("▤ ".into(), on(theme.accent)),
        (file.name.to_string(), on(theme.link)),
        (words::file_facts(file), on(theme.dim)),
    ];
    let lines = wrap(&pieces, width.saturating_sub(2).max(1));
    let longest = lines.iter().map(Line::width).max().unwrap_or_default();
    let padded = |mut line: Line<'static>| {
        let rest = " ".repeat(longest - line.width() + 1);
        line.spans.insert(0, Span::styled(" ", theme.card));
        line.spans.push(Span::styled(rest, theme.card));
        line
    };
    lines.into_iter().map(padded).collect()
}

fn mark_edited(lines: &mut Vec<Line<'static>>, state: &State, width: usize) {
    let mark = Span::styled(words::EDITED, state.theme.dim);
    match lines.last_mut() {
        Some(last) if last.width() + mark.width() <= width => last.spans.push(mark),
        _ => lines.push(Line::from(mark)),
    }
}
