//! Wrapped messages, kept between frames: wrapping is the dear part of drawing.

use std::{collections::HashMap, rc::Rc};

use ratatui::text::{Line, Span};
use titan_core::{ConversationId, Seq, protocol::Message};

use crate::{
    app::{log::Item, state::State},
    rich,
    theme::ThemeName,
    words,
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
    theme: ThemeName,
    revision: u32,
    lines: Rc<[Line<'static>]>,
}

impl LineCache {
    pub fn body(&mut self, state: &State, item: &Item, message: &Message, width: usize) -> Rc<[Line<'static>]> {
        let key = (item.entry.conversation, item.entry.seq);
        let theme = state.theme.name;
        if let Some(kept) = self.kept.get(&key)
            && kept.width == width
            && kept.theme == theme
            && kept.revision == item.revision
        {
            return kept.lines.clone();
        }
        let lines: Rc<[Line<'static>]> = body_lines(state, message, width).into();
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.insert(key, Kept { width, theme, revision: item.revision, lines: lines.clone() });
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
        let facts = words::file_facts(file);
        lines.extend(wrap(
            &[("▤ ".into(), theme.accent), (file.name.to_string(), theme.link), (facts, theme.dim)],
            width,
        ));
    }
    if message.edited.is_some() {
        mark_edited(&mut lines, state, width);
    }
    lines
}

fn mark_edited(lines: &mut Vec<Line<'static>>, state: &State, width: usize) {
    let mark = Span::styled(words::EDITED, state.theme.dim);
    match lines.last_mut() {
        Some(last) if last.width() + mark.width() <= width => last.spans.push(mark),
        _ => lines.push(Line::from(mark)),
    }
}
