//! The view of people: its sections with counts, what the chosen one lists, and all about what the keys are on.

use ratatui::{
    layout::{Constraint, Layout, Rect},
    style::Style,
    text::Line,
};
use titan_core::{
    AccountId,
    protocol::{Account, AccountStanding, AuditAct, SessionInfo},
};

use super::canvas::{Canvas, window};
use crate::{
    app::{
        directory::{Item, Section},
        state::{Hit, State},
    },
    times::day_and_time,
    words,
    wrap::{self, wrap},
};

/// Columns from which sections, list and card stand side by side.
const SIDE_BY_SIDE: u16 = 72;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    if area.width >= SIDE_BY_SIDE {
        let [sections, list, card] =
            Layout::horizontal([Constraint::Length(22), Constraint::Fill(3), Constraint::Fill(3)]).areas(area);
        let sections = canvas.left_side(sections);
        draw_sections(canvas, sections);
        let list = canvas.rule_right(list);
        draw_list(canvas, list);
        return draw_card(canvas, card);
    }
    let [section, list, card] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(3), Constraint::Fill(2)]).areas(area);
    let text = words::shelf_line(words::section(canvas.state.directory.section));
    canvas.write(section.x, section.y, section.width, &[(&text, canvas.state.theme.heading)]);
    draw_list(canvas, list);
    draw_card(canvas, card);
}

fn draw_sections(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    let mut y = area.y;
    let mut wing = None;
    for (at, section) in state.sections().iter().enumerate() {
        if wing.replace(section.wing()) != Some(section.wing()) {
            y += u16::from(at > 0);
            let heading = words::wing(section.wing());
            canvas.write(area.x, y, area.width, &[(" ", theme.heading), (heading, theme.heading)]);
            y += 1;
        }
        if y >= area.bottom() {
            break;
        }
        let row = Rect { y, height: 1, ..area };
        canvas.hit(row, Hit::Section(at));
        canvas.write(row.x, y, row.width, &[("  ", theme.text), (words::section(*section), theme.text)]);
        let (count, tone) = count(state, *section);
        canvas.write_right(Rect { width: row.width.saturating_sub(1), ..row }, y, &count, tone);
        if *section == state.directory.section {
            canvas.fill(row, theme.selected_away);
        }
        y += 1;
    }
}

/// How many it lists; what waits for an answer stands out.
fn count(state: &State, section: Section) -> (String, Style) {
    match section {
        Section::Requests if state.requests() > 0 => (state.requests().to_string(), state.theme.mention),
        Section::Friends | Section::Blocked | Section::Online => {
            let count = state.items(section).len();
            (if count > 0 { count.to_string() } else { String::new() }, state.theme.dim)
        }
        _ => (String::new(), state.theme.dim),
    }
}

fn draw_list(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = &state.theme;
    let section = state.directory.section;
    let heading = words::section(section).to_uppercase();
    canvas.write(area.x, area.y, area.width, &[(" ", theme.heading), (&heading, theme.heading)]);
    if let (Section::Audit, Some(chain)) = (section, &state.directory.chain) {
        let tone = if chain.broken.is_some() { theme.bad } else { theme.good };
        let right = Rect { width: area.width.saturating_sub(1), ..area };
        canvas.write_right(right, area.y, &words::audit_state(chain), tone);
    }
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let items = state.items(section);
    if items.is_empty() {
        let text = match (state.is_online(), state.directory.loading) {
            (false, _) => words::PEOPLE_OFFLINE.to_owned(),
            (true, true) => words::LOADING.to_owned(),
            (true, false) => words::empty_section(state, section),
        };
        let lines = wrap(&[(text, theme.dim)], usize::from(body.width.saturating_sub(3)));
        for (y, line) in (body.y..body.bottom()).zip(&lines) {
            canvas.line(body.x + 2, y, body.width.saturating_sub(2), line);
        }
        return;
    }
    let shown = window(state.directory.at, items.len(), usize::from(body.height));
    let first = shown.start;
    for (offset, item) in items[shown].iter().enumerate() {
        let row = Rect { y: body.y + offset as u16, height: 1, ..body };
        canvas.hit(row, Hit::Line(first + offset));
        draw_item(canvas, row, item, first + offset == state.directory.at);
    }
}

fn draw_item(canvas: &mut Canvas<'_>, area: Rect, item: &Item, chosen: bool) {
    let state = canvas.state;
    let theme = &state.theme;
    let (mark, tone) = mark(state, item);
    let (text, note) = words::item_line(state, item);
    let room = usize::from(area.width).saturating_sub(4);
    let note = wrap::cut(&note, room.saturating_sub(wrap::width(&text).min(room / 2) + 2));
    let name = wrap::cut(&text, room.saturating_sub(wrap::width(&note) + 2));
    canvas.write(area.x, area.y, area.width, &[(" ", theme.text), (mark, tone), (&name, theme.text)]);
    let note_tone = if is_grave(item) { theme.bad } else { theme.dim };
    canvas.write_right(Rect { width: area.width.saturating_sub(1), ..area }, area.y, &note, note_tone);
    if chosen {
        canvas.fill(area, theme.selected);
    }
}

fn is_grave(item: &Item) -> bool {
    matches!(item, Item::Account(standing) if standing.banned)
}

/// People: whether they are online; anything else has none.
fn mark(state: &State, item: &Item) -> (&'static str, Style) {
    let person = |account: AccountId| match state.is_online_now(account) {
        true => ("● ", state.theme.good),
        false => ("○ ", state.theme.dim),
    };
    match item {
        Item::Relation(relation) => person(relation.person.account.id),
        Item::Person(it) => person(it.account.id),
        Item::Account(standing) => person(standing.account.id),
        Item::Session(session) if session.current => ("● ", state.theme.good),
        Item::Session(_) => ("○ ", state.theme.dim),
        Item::Address(_) => ("✗ ", state.theme.bad),
        Item::Act(_) => ("", state.theme.dim),
        Item::Deed(_) => ("· ", state.theme.dim),
    }
}

fn draw_card(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let Some(item) = state.chosen_item() else { return };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let lines = card(state, &item, usize::from(area.width));
    for (y, line) in (area.y..area.bottom()).zip(&lines) {
        canvas.line(area.x, y, area.width, line);
    }
}

fn card(state: &State, item: &Item, width: usize) -> Vec<Line<'static>> {
    let theme = &state.theme;
    let (title, _) = words::item_line(state, item);
    let mut lines = wrap(&[(title, theme.heading)], width);
    let (standing, facts) = facts(state, item);
    if !standing.is_empty() {
        lines.extend(wrap(&[(standing, theme.dim)], width));
    }
    lines.push(Line::default());
    for (label, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        let label = wrap::fit(label, 11);
        lines.extend(wrap(&[(label, theme.dim), (value, theme.text)], width));
    }
    lines.push(Line::default());
    for (action, text) in words::section_keys(state.directory.section) {
        let key = wrap::fit(&state.keymap.key(*action), 7);
        lines.extend(wrap(&[(key, theme.accent), ((*text).to_owned(), theme.dim)], width));
    }
    lines
}

type Facts = Vec<(&'static str, String)>;

/// How it stands, in a line, and what is known of it.
fn facts(state: &State, item: &Item) -> (String, Facts) {
    match item {
        Item::Relation(relation) => {
            let account = &relation.person.account;
            let mut facts = account_facts(state, account);
            facts.push((words::SINCE, day_and_time(relation.since, state)));
            (words::card(state, account), facts)
        }
        Item::Person(person) => (words::card(state, &person.account), account_facts(state, &person.account)),
        Item::Account(standing) => (words::card(state, &standing.account), standing_facts(state, standing)),
        Item::Session(session) => (String::new(), session_facts(state, session)),
        Item::Address(ban) => (String::new(), vec![(words::WHY, ban.reason.to_string())]),
        Item::Act(act) => (String::new(), act_facts(state, act)),
        Item::Deed(deed) => (words::deed(*deed).1.to_owned(), own_facts(state)),
    }
}

fn account_facts(state: &State, account: &Account) -> Facts {
    vec![
        (words::NUMBER, account.titan_number.to_string()),
        (words::CALLED, account.full_name.as_deref().unwrap_or_default().to_owned()),
        (words::BLOG_AT, account.blog_url.as_deref().unwrap_or_default().to_owned()),
        (words::HERE_SINCE, day_and_time(account.created_at, state)),
    ]
}

fn standing_facts(state: &State, standing: &AccountStanding) -> Facts {
    let mut facts = account_facts(state, &standing.account);
    let banned = if standing.banned { words::IS_BANNED } else { "" };
    facts.insert(0, (words::STANDING, banned.to_owned()));
    facts.insert(0, (words::ROLE, words::role_name(standing.account.role).to_owned()));
    let last = standing.last_login.map_or_else(|| words::NEVER.to_owned(), |at| day_and_time(at, state));
    facts.push((words::LAST_LOGIN, last));
    facts
}

fn session_facts(state: &State, session: &SessionInfo) -> Facts {
    vec![
        (words::OPENED, day_and_time(session.created_at, state)),
        (words::LAST_SEEN, words::session_note(session, &day_and_time(session.last_seen, state))),
    ]
}

fn act_facts(state: &State, act: &AuditAct) -> Facts {
    let mut facts = vec![(words::WHEN, day_and_time(act.at, state)), (words::DETAIL, act.detail.to_string())];
    facts.extend(words::act_place(act).map(|place| (words::WHERE, place)));
    facts
}

/// Oneself, beside what one may do.
fn own_facts(state: &State) -> Facts {
    let Some(me) = &state.me else { return vec![] };
    let mut facts = account_facts(state, me);
    facts.insert(0, (words::ROLE, words::role_name(me.role).to_owned()));
    facts.insert(0, (words::YOU, me.username.to_string()));
    facts
}
