//! Who is in the open conversation, the ones online first.

use ratatui::layout::Rect;
use titan_core::protocol::{MemberRole, Person, Role};

use super::canvas::{Canvas, window};
use crate::{
    app::state::{Hit, Pane},
    words, wrap,
};

pub fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    canvas.hit(area, Hit::Pane(Pane::People));
    let state = canvas.state;
    let people = state.people_here();
    let online = people.iter().filter(|(person, _)| person.online).count();
    let heading = words::people_heading(online, people.len(), usize::from(area.width));
    canvas.write(area.x, area.y, area.width, &[(" ", state.theme.heading), (&heading, state.theme.heading)]);
    if people.is_empty() {
        canvas.write(area.x, area.y + 1, area.width, &[("  ", state.theme.dim), (words::NOBODY_HERE, state.theme.dim)]);
    }
    let rows = usize::from(area.height.saturating_sub(1));
    let shown = window(state.people.cursor, people.len(), rows);
    let first = shown.start;
    for (offset, (person, role)) in people[shown].iter().enumerate() {
        let row = Rect { y: area.y + 1 + offset as u16, height: 1, ..area };
        draw_person(canvas, row, first + offset, person, *role);
    }
}

fn draw_person(canvas: &mut Canvas<'_>, area: Rect, at: usize, person: &Person, role: MemberRole) {
    let state = canvas.state;
    let theme = &state.theme;
    canvas.hit(area, Hit::Person(at));
    let (mark, mark_style) = if person.online { ("● ", theme.good) } else { ("○ ", theme.dim) };
    let name_style = if person.online { theme.author(person.account.id.0) } else { theme.dim };
    let muted = state.member_here(person.account.id).and_then(|(member, _)| member.muted_until);
    let rank = match (role, person.account.role) {
        _ if muted.is_some_and(|until| until > state.now) => words::MUTED,
        (MemberRole::Owner, _) => words::OWNER,
        (MemberRole::Moderator, _) => words::MODERATOR,
        (_, Role::Admin) => words::ADMIN,
        (MemberRole::Member, Role::User) => "",
        _ => words::NEWER_WORD,
    };
    let room = usize::from(area.width).saturating_sub(4 + wrap::width(rank));
    let name = wrap::fit(&person.account.username, room);
    canvas.write(area.x, area.y, area.width, &[(" ", theme.text), (mark, mark_style), (&name, name_style)]);
    canvas.write_right(Rect { width: area.width.saturating_sub(1), ..area }, area.y, rank, theme.dim);
    if state.pane == Pane::People && state.people.cursor == at {
        canvas.fill(area, theme.selected);
    }
}
