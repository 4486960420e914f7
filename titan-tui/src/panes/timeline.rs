//! The timeline: what was said, grouped by author and day.
//!
//! Wrapping is the dear part, so each message's wrapped body is kept by (conversation, seq) for a width, a theme and a
//! revision, and only entries near the visible slice are looked at.

use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};
use titan_core::{
    Seq,
    protocol::{Body, Entry, Message, What},
};

use super::{canvas::Canvas, lines::LineCache};
use crate::{
    app::{
        fold::{Fold, fold, is_folded},
        log::{Item, Log, Pending, Scroll},
        state::{Hit, Pane, State, title},
    },
    times::{clock, day, day_number},
    words,
    wrap::{self, wrap},
};

/// Messages of one author so close together stand under one name.
const GROUP_MS: i64 = 5 * 60 * 1_000;

/// Rows from which a line is left free between people.
const ROOMY: u16 = 20;

/// Screens of lines prepared beyond what is seen, so that a page of scrolling knows where it ends.
const BEYOND: usize = 3;

/// One line of the timeline and the entry it belongs to.
struct Row {
    seq: Option<Seq>,
    /// Its place among the lines of its entry, and how many follow it there.
    index: usize,
    under: usize,
    line: Line<'static>,
}

pub fn header(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    let Some(conversation) = state.open() else { return };
    let heading = title(conversation);
    let topic = match &conversation.what {
        What::Room(room) => room.description.lines().next().unwrap_or_default().to_owned(),
        What::Direct(account) => words::direct_topic(account),
        _ => String::new(),
    };
    let right = match &conversation.what {
        What::Room(room) => {
            words::members_here(state.people.members.get(&room.id).map_or(room.members as usize, Vec::len))
        }
        _ => String::new(),
    };
    let right_width = wrap::width(&right) as u16 + 2;
    let room = area.width.saturating_sub(right_width);
    let end = canvas.write(
        area.x,
        area.y,
        room,
        &[(" ", theme.heading), (&heading, theme.heading), ("  ", theme.dim), (&topic, theme.dim)],
    );
    if end + right_width <= area.right() {
        canvas.write_right(Rect { width: area.width.saturating_sub(1), ..area }, area.y, &right, theme.dim);
    }
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    canvas.hit(area, Hit::Pane(Pane::Timeline));
    canvas.drawn.timeline_height = area.height;
    let state = canvas.state;
    let Some(conversation) = state.open() else {
        return canvas.empty(area, words::NO_CONVERSATION, &words::no_conversation(state));
    };
    let empty = Log::default();
    let log = state.open_log().unwrap_or(&empty);
    if log.items.is_empty() && log.pending.is_empty() {
        let text = if log.loading { words::LOADING.to_owned() } else { words::empty_conversation(state, conversation) };
        return canvas.empty(area, &words::welcome_to(&title(conversation)), &text);
    }
    let (rows, bottom) = flow(canvas.lines, state, log, area);
    place(canvas, area, &rows, bottom);
}

/// The rows around what is to be seen, and which of them stands at the bottom.
fn flow(cache: &mut LineCache, state: &State, log: &Log, area: Rect) -> (Vec<Row>, usize) {
    let (height, width) = (usize::from(area.height), usize::from(area.width));
    let newest = log.newest().unwrap_or_default();
    let (anchor, extra) = match log.scroll {
        Scroll::Bottom => (newest, 0),
        Scroll::BottomAt(seq, up) => (seq, up.unsigned_abs()),
        Scroll::TopAt(seq) => (Seq(seq.0 - 1), 0),
    };
    let mut rows = before(cache, state, log, anchor, width, (BEYOND + 1) * height + extra);
    let above = rows.len();
    after(cache, state, log, anchor, width, height * 2 + extra, &mut rows);
    let last = rows.len().saturating_sub(1);
    let bottom = match log.scroll {
        Scroll::Bottom => last,
        Scroll::BottomAt(_, up) => (above as isize - 1 - up).max(0) as usize,
        Scroll::TopAt(_) => above + height - 1,
    };
    let least = height.saturating_sub(1).min(last);
    (rows, bottom.clamp(least, last))
}

/// Rows up to and with the anchor's, at least `wanted` of them where there are so many.
fn before(cache: &mut LineCache, state: &State, log: &Log, anchor: Seq, width: usize, wanted: usize) -> Vec<Row> {
    let mut blocks = Vec::new();
    let mut count = 0;
    let mut items = log.items.range(..=anchor).rev().peekable();
    while let Some((_, item)) = items.next() {
        let previous = items.peek().map(|(_, item)| &item.entry);
        let block = item_rows(cache, state, log, previous, item, width);
        count += block.len();
        blocks.push(block);
        if count >= wanted {
            return blocks.into_iter().rev().flatten().collect();
        }
    }
    let mut rows = beginning(state, log, width);
    rows.extend(blocks.into_iter().rev().flatten());
    rows
}

/// Rows after the anchor's, and after the newest what is still on its way.
fn after(
    cache: &mut LineCache,
    state: &State,
    log: &Log,
    anchor: Seq,
    width: usize,
    wanted: usize,
    rows: &mut Vec<Row>,
) {
    let start = rows.len();
    let mut previous = log.items.range(..=anchor).next_back().map(|(_, item)| &item.entry);
    for (_, item) in log.items.range(anchor.next()..) {
        rows.extend(item_rows(cache, state, log, previous, item, width));
        previous = Some(&item.entry);
        if rows.len() - start >= wanted {
            return;
        }
    }
    log.pending.iter().for_each(|pending| rows.extend(pending_rows(state, pending, width)));
}

/// What stands above the oldest entry loaded.
fn beginning(state: &State, log: &Log, width: usize) -> Vec<Row> {
    let text = match (log.at_start, log.loading) {
        (true, _) => state.open().map(|conversation| words::beginning_of(&title(conversation))).unwrap_or_default(),
        (false, true) => words::LOADING_OLDER.to_owned(),
        (false, false) => return vec![],
    };
    let text = format!("  {text}");
    wrap(&[(text, state.theme.dim)], width).into_iter().map(loose).collect()
}

fn loose(line: Line<'static>) -> Row {
    Row { seq: None, index: 0, under: 0, line }
}

/// All rows of one entry, with the separators above it.
fn item_rows(
    cache: &mut LineCache,
    state: &State,
    log: &Log,
    previous: Option<&Entry>,
    item: &Item,
    width: usize,
) -> Vec<Row> {
    let entry = &item.entry;
    let folded = fold(state, log, entry);
    if folded == Fold::Under {
        return vec![];
    }
    let new_day = previous.is_none_or(|it| day_number(it.at, state) != day_number(entry.at, state));
    let first_new = log.new_after.is_some_and(|after| entry.seq > after && previous.is_none_or(|it| it.seq <= after));
    let mut lines = Vec::new();
    if new_day {
        lines.push(separator(&day(entry.at, state), width, state.theme.dim, state.theme.rule));
    }
    if first_new {
        lines.push(separator(words::NEW, width, state.theme.new_line, state.theme.new_line));
    }
    match &entry.body {
        Body::Message(_) if folded != Fold::Open => {
            if let Fold::Head(count) = folded {
                lines.push(fold_line(state, count, width));
            }
        }
        Body::Message(message) => {
            let grouped = !new_day && !first_new && continues(previous, entry, message);
            message_lines(cache, state, log, item, message, grouped, width, &mut lines);
        }
        _ => lines.extend(notice_lines(state, entry, width)),
    }
    let count = lines.len();
    let row = |(index, line)| Row { seq: Some(entry.seq), index, under: count - 1 - index, line };
    lines.into_iter().enumerate().map(row).collect()
}

fn fold_line(state: &State, count: usize, width: usize) -> Line<'static> {
    let text = wrap::cut(&format!("  {}", words::folded(count)), width);
    Line::from(Span::styled(text, state.theme.quote))
}

/// Whether a message stands under the name of the one before it.
fn continues(previous: Option<&Entry>, entry: &Entry, message: &Message) -> bool {
    let same = |it: &Entry| {
        matches!(it.body, Body::Message(_)) && it.author.id == entry.author.id && entry.at.0 - it.at.0 < GROUP_MS
    };
    message.reply_to.is_none() && previous.is_some_and(same)
}

fn separator(text: &str, width: usize, style: Style, rule: Style) -> Line<'static> {
    let text = format!(" {} ", wrap::cut(text, width.saturating_sub(6)));
    let rest = width.saturating_sub(wrap::width(&text) + 4);
    Line::from(vec![
        Span::styled("────".to_owned(), rule),
        Span::styled(text, style),
        Span::styled("─".repeat(rest), rule),
    ])
}

#[allow(clippy::too_many_arguments)] // one caller; a struct for it would only rename the arguments
fn message_lines(
    cache: &mut LineCache,
    state: &State,
    log: &Log,
    item: &Item,
    message: &Message,
    grouped: bool,
    width: usize,
    lines: &mut Vec<Line<'static>>,
) {
    let entry = &item.entry;
    let theme = &state.theme;
    if !grouped {
        if lines.is_empty() && previous_is_near(log, entry) && state.size.1 >= ROOMY {
            lines.push(Line::default());
        }
        lines.push(Line::from(vec![
            Span::raw(" "),
            Span::styled(
                entry.author.username.to_string(),
                theme.author(entry.author.id.0).add_modifier(Modifier::BOLD),
            ),
            Span::styled(format!("  {}", clock(entry.at, state)), theme.dim),
        ]));
    }
    if let Some(target) = message.reply_to {
        lines.push(quote_line(state, log, target, width));
    }
    let body = cache.body(state, item, message, width.saturating_sub(3));
    lines.extend(body.iter().map(|line| indented(line.clone())));
    if !message.reactions.is_empty() {
        lines.push(reactions_line(state, message));
    }
}

/// Whether something stands right above; after a separator no gap is wanted.
fn previous_is_near(log: &Log, entry: &Entry) -> bool {
    log.items.range(..entry.seq).next_back().is_some()
}

fn indented(mut line: Line<'static>) -> Line<'static> {
    line.spans.insert(0, Span::raw("  "));
    line
}

fn quote_line(state: &State, log: &Log, target: Seq, width: usize) -> Line<'static> {
    let text = match log.message(target) {
        Some((_, message)) if message.deleted => words::REPLY_TO_DELETED.to_owned(),
        Some((entry, _)) if is_folded(state, log, entry) => words::QUOTE_OF_BLOCKED.to_owned(),
        Some((entry, message)) => words::quote(&entry.author.username, &message.text, message.file.as_ref()),
        None => words::REPLY_TO_OLDER.to_owned(),
    };
    let text = wrap::cut(&text, width.saturating_sub(5));
    Line::from(vec![Span::styled("  ↳ ".to_owned(), state.theme.dim), Span::styled(text, state.theme.quote)])
}

fn reactions_line(state: &State, message: &Message) -> Line<'static> {
    let theme = &state.theme;
    let mut spans = vec![Span::raw("  ")];
    for reaction in &message.reactions {
        let mine = reaction.accounts.iter().any(|account| state.is_me(*account));
        let style = if mine { theme.accent } else { theme.dim };
        spans.push(Span::styled(format!("{} {}  ", reaction.emoji, reaction.number()), style));
    }
    Line::from(spans)
}

fn notice_lines(state: &State, entry: &Entry, width: usize) -> Vec<Line<'static>> {
    let Some(text) = words::happening(entry) else { return vec![Line::default()] };
    let text = format!("{text}  {}", clock(entry.at, state));
    wrap(&[(text, state.theme.dim)], width.saturating_sub(3)).into_iter().map(indented).collect()
}

fn pending_rows(state: &State, pending: &Pending, width: usize) -> Vec<Row> {
    let theme = &state.theme;
    let (note, tone) = match &pending.refused {
        Some(why) => (words::refused(why), theme.bad),
        None if state.is_online() => (words::SENDING.to_owned(), theme.dim),
        None if pending.kept => (words::QUEUED.to_owned(), theme.warn),
        None => (words::KEEPING.to_owned(), theme.dim),
    };
    let mut lines = Vec::new();
    for line in pending.text.lines() {
        lines.extend(wrap(&[(line.to_owned(), theme.dim)], width.saturating_sub(3)));
    }
    lines.extend(wrap(&[(note, tone)], width.saturating_sub(3)));
    lines.into_iter().map(|line| loose(indented(line))).collect()
}

/// Puts the visible rows on the screen and notes what stands where.
fn place(canvas: &mut Canvas<'_>, area: Rect, rows: &[Row], bottom: usize) {
    let height = usize::from(area.height);
    let top = (bottom + 1).saturating_sub(height);
    let visible = &rows[top..=bottom];
    let first_y = area.bottom() - visible.len() as u16;
    let selected = canvas.state.open_log().and_then(|log| log.selected);
    for (y, row) in (first_y..area.bottom()).zip(visible) {
        canvas.line(area.x, y, area.width, &row.line);
        let line_area = Rect { y, height: 1, ..area };
        if let Some(seq) = row.seq {
            canvas.hit(line_area, Hit::Message(seq));
        }
        if row.seq.is_some() && row.seq == selected && !row.line.spans.is_empty() {
            canvas.fill(line_area, canvas.state.theme.selected_away);
            canvas.write(area.x, y, 1, &[("▌", canvas.state.theme.accent)]);
        }
    }
    let drawn = &mut canvas.drawn;
    drawn.top = visible.iter().find_map(|row| Some((row.seq?, row.index)));
    let under =
        visible.iter().rev().enumerate().find_map(|(at, row)| Some((row.seq?, row.under as isize - at as isize)));
    drawn.bottom = under;
    drawn.above = top;
    drawn.below = bottom + 1 < rows.len();
    mark_more_below(canvas, area);
}

/// A word at the edge while newer lines are out of sight.
fn mark_more_below(canvas: &mut Canvas<'_>, area: Rect) {
    if !canvas.drawn.below || area.height < 4 {
        return;
    }
    let key = canvas.state.keymap.key(crate::keymap::Action::ScrollNewest);
    let text = words::more_below(&key);
    canvas.write_right(area, area.bottom().saturating_sub(1), &text, canvas.state.theme.bar_active);
}
