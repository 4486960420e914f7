//! The timeline: what was said, grouped by author and day.
//!
//! Wrapping is the dear part, so each message's wrapped body is kept by (conversation, seq) for a width, a theme and a
//! revision, and only entries near the visible slice are looked at.

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use titan_core::{
    Seq,
    protocol::{Body, Entry, Message, What},
};

use super::{canvas::Canvas, gutter::Gutter, lines::LineCache};
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
    /// Something of what somebody said, under a name that stands further up.
    nameless: bool,
    line: Line<'static>,
}

pub fn header(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    canvas.fill(area, theme.side);
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
    let gutter = Gutter::of(state, width);
    let lines = wrap(&[(text, state.theme.dim)], gutter.text).into_iter();
    lines.map(|line| loose(beside(gutter.rest(state), line))).collect()
}

fn loose(line: Line<'static>) -> Row {
    Row { seq: None, index: 0, under: 0, nameless: false, line }
}

/// A line with its gutter.
fn beside(mut gutter: Vec<Span<'static>>, line: Line<'static>) -> Line<'static> {
    gutter.extend(line.spans);
    Line::from(gutter)
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
    let gutter = Gutter::of(state, width);
    // From which line on a name is missing, where one scrolls into it.
    let mut named = usize::MAX;
    match &entry.body {
        Body::Message(_) if folded != Fold::Open => {
            if let Fold::Head(count) = folded {
                lines.push(fold_line(state, count, gutter));
            }
        }
        Body::Message(message) => {
            let grouped = previous.filter(|_| !new_day && !first_new && continues(previous, entry, message));
            if grouped.is_none() && lines.is_empty() && gutter.names_above() && is_airy(state, log, entry) {
                lines.push(Line::default());
            }
            named = lines.len() + usize::from(grouped.is_none());
            message_lines(cache, state, log, (item, message), grouped, gutter, &mut lines);
        }
        _ => lines.extend(notice_lines(state, entry, gutter)),
    }
    let count = lines.len();
    let seq = Some(entry.seq);
    let row = |(index, line)| Row { seq, index, under: count - 1 - index, nameless: index >= named, line };
    lines.into_iter().enumerate().map(row).collect()
}

fn fold_line(state: &State, count: usize, gutter: Gutter) -> Line<'static> {
    let text = wrap::cut(&words::folded(count), gutter.text);
    beside(gutter.rest(state), Line::from(Span::styled(text, state.theme.quote)))
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

/// `grouped`: what the same person said just before, under one name with this.
fn message_lines(
    cache: &mut LineCache,
    state: &State,
    log: &Log,
    (item, message): (&Item, &Message),
    grouped: Option<&Entry>,
    gutter: Gutter,
    lines: &mut Vec<Line<'static>>,
) {
    let entry = &item.entry;
    let mut body = Vec::new();
    if let Some(target) = message.reply_to {
        body.push(quote_line(state, log, target, gutter.text));
    }
    body.extend(cache.body(state, item, message, gutter.text).iter().cloned());
    body.extend(reaction_lines(state, message, gutter.text));
    let named = grouped.is_none();
    if named && gutter.names_above() {
        lines.push(Line::from(gutter.head(state, entry)));
    }
    let timed = match grouped {
        None => !gutter.names_above(),
        Some(before) => clock(before.at, state) != clock(entry.at, state),
    };
    for (at, line) in body.into_iter().enumerate() {
        let beside_it = if at == 0 { gutter.first(state, entry, timed, named) } else { gutter.rest(state) };
        lines.push(beside(beside_it, line));
    }
}

/// Whether a line is left free above: after a separator no gap is wanted.
fn is_airy(state: &State, log: &Log, entry: &Entry) -> bool {
    state.size.1 >= ROOMY && log.items.range(..entry.seq).next_back().is_some()
}

fn quote_line(state: &State, log: &Log, target: Seq, width: usize) -> Line<'static> {
    let text = match log.message(target) {
        Some((_, message)) if message.deleted => words::REPLY_TO_DELETED.to_owned(),
        Some((entry, _)) if is_folded(state, log, entry) => words::QUOTE_OF_BLOCKED.to_owned(),
        Some((entry, message)) => words::quote(&entry.author.username, &message.text, message.file.as_ref()),
        None => words::REPLY_TO_OLDER.to_owned(),
    };
    let text = wrap::cut(&text, width.saturating_sub(2));
    Line::from(vec![Span::styled("↳ ".to_owned(), state.theme.dim), Span::styled(text, state.theme.quote)])
}

/// A pill for each, on as many lines as they need.
fn reaction_lines(state: &State, message: &Message, width: usize) -> Vec<Line<'static>> {
    let theme = &state.theme;
    let (mut lines, mut spans, mut used) = (Vec::new(), Vec::new(), 0);
    for reaction in &message.reactions {
        let mine = reaction.accounts.iter().any(|account| state.is_me(*account));
        let style = if mine { theme.pill_mine } else { theme.pill };
        let (left, right) = if style.bg.is_some() { (" ", " ") } else { ("▐", "▌") };
        let text = format!("{left}{} {}{right}", reaction.emoji, reaction.number());
        let cells = wrap::width(&text) + 1;
        if used > 0 && used + cells > width {
            lines.push(Line::from(std::mem::take(&mut spans)));
            used = 0;
        }
        used += cells;
        spans.extend([Span::styled(text, style), Span::raw(" ")]);
    }
    if !spans.is_empty() {
        lines.push(Line::from(spans));
    }
    lines
}

fn notice_lines(state: &State, entry: &Entry, gutter: Gutter) -> Vec<Line<'static>> {
    let Some(text) = words::happening(entry) else { return vec![Line::default()] };
    let lines = wrap(&[(text, state.theme.dim)], gutter.text).into_iter().enumerate();
    let beside_it = |at| if at == 0 { gutter.first(state, entry, true, false) } else { gutter.rest(state) };
    lines.map(|(at, line)| beside(beside_it(at), line)).collect()
}

fn pending_rows(state: &State, pending: &Pending, width: usize) -> Vec<Row> {
    let theme = &state.theme;
    let (note, tone) = match &pending.refused {
        Some(why) => (words::refused(why), theme.bad),
        None if state.is_online() => (words::SENDING.to_owned(), theme.dim),
        None if pending.kept => (words::QUEUED.to_owned(), theme.warn),
        None => (words::KEEPING.to_owned(), theme.dim),
    };
    let gutter = Gutter::of(state, width);
    let mut lines = Vec::new();
    for line in pending.text.lines() {
        lines.extend(wrap(&[(line.to_owned(), theme.dim)], gutter.text));
    }
    lines.extend(wrap(&[(note, tone)], gutter.text));
    lines.into_iter().map(|line| loose(beside(gutter.rest(state), line))).collect()
}

/// Who said what the first line is of, where their name stands further up.
fn sticky(state: &State, row: &Row, width: usize) -> Option<Line<'static>> {
    let log = state.open_log().filter(|_| row.nameless)?;
    let entry = &log.items.get(&row.seq?)?.entry;
    let gutter = Gutter::of(state, width);
    let mut line = match gutter.names_above() {
        true => Line::from(gutter.head(state, entry)),
        false => {
            let own = gutter.rest(state).len();
            let text = row.line.spans.iter().skip(own).cloned().collect::<Vec<_>>();
            beside(gutter.first(state, entry, true, true), Line::from(text))
        }
    };
    if gutter.names_above() {
        line.spans.push(Span::styled(format!("  {}", words::GOES_ON), state.theme.dim));
    }
    Some(line)
}

/// Puts the visible rows on the screen and notes what stands where.
fn place(canvas: &mut Canvas<'_>, area: Rect, rows: &[Row], bottom: usize) {
    let height = usize::from(area.height);
    let top = (bottom + 1).saturating_sub(height);
    let visible = &rows[top..=bottom];
    let first_y = area.bottom() - visible.len() as u16;
    let selected = canvas.state.open_log().and_then(|log| log.selected);
    for (y, row) in (first_y..area.bottom()).zip(visible) {
        let sticky = if y == area.y { sticky(canvas.state, row, usize::from(area.width)) } else { None };
        canvas.line(area.x, y, area.width, sticky.as_ref().unwrap_or(&row.line));
        let line_area = Rect { y, height: 1, ..area };
        if let Some(seq) = row.seq {
            canvas.hit(line_area, Hit::Message(seq));
        }
        if row.seq.is_some() && row.seq == selected && !row.line.spans.is_empty() {
            canvas.tint(line_area, canvas.state.theme.selected_away);
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
