//! Opening conversations, sending, scrolling, choosing messages.

use titan_core::{
    ClientId, ConversationId, SafeText, Seq, Time,
    protocol::{Message, Posted, ask},
};

use crate::{
    app::{
        completion,
        composer::Composer,
        effect::{Effect, Load, Outgoing, Part},
        event::{Loaded, Trouble},
        fold::{Fold, fold},
        log::{Pending, Scroll},
        question::{Answer, Concern, Question},
        secretive::is_secret,
        state::{Pane, Screen, State},
    },
    words,
};

/// Entries asked for at once.
const PAGE: u32 = 100;

/// How long something typed may wait before the draft is written to disk, however long the typing goes on.
const DRAFT_REST_MS: i64 = 200;

/// A typing notice is sent at most so often.
const TYPING_EVERY_MS: i64 = 4_000;

/// Shows a conversation: what was left is put in order, what is opened is loaded.
pub fn open_conversation(state: &mut State, id: ConversationId) -> Vec<Effect> {
    state.screen = Screen::Chat;
    state.pane = Pane::Composer;
    state.chat.cursor = Some(id);
    if state.chat.open == Some(id) {
        return vec![];
    }
    // What was typed while nothing was open yet goes on here.
    let typed = if state.chat.open.is_none() { state.composer.editor.text() } else { String::new() };
    let mut effects = leave_open(state);
    state.chat.came_unread = state.chat.conversation(id).filter(|it| it.unread > 0).map(|it| it.id);
    state.chat.open = Some(id);
    let draft = state.chat.drafts.get(&id).filter(|draft| !draft.is_empty()).cloned();
    match state.chat.parked.remove(&id) {
        Some(parked) => _ = state.composer.exchange(parked),
        None => {
            state.composer.begin(&(draft.unwrap_or_default() + &typed));
            if let Some(under_way) = state.chat.under_way.get(&id) {
                state.composer.resume(under_way.clone());
            }
        }
    }
    effects.push(Effect::SaveOpen(id));
    effects.extend(show_new_line(state, id));
    if state.is_online() {
        effects.push(Effect::Ask(Question::new(
            ask::Members { conversation: id, ..ask::Members::default() },
            move |it| Answer::Members(id, it),
        )));
    }
    effects
}

fn leave_open(state: &mut State) -> Vec<Effect> {
    let effects = keep_draft(state);
    if let Some(open) = state.chat.open.filter(|_| state.composer.is_busy()) {
        let parked = state.composer.exchange(Composer::default());
        state.chat.parked.insert(open, parked);
    }
    if let Some(log) = state.open_log_mut() {
        log.leave();
    }
    effects
}

/// The server was restored from a backup: what was loaded of these logs is forgotten, and what is in sight loaded anew.
pub fn rewound(state: &mut State, conversations: &[ConversationId]) -> Vec<Effect> {
    for id in conversations {
        if let Some(log) = state.chat.logs.get_mut(id) {
            log.rewind();
        }
    }
    match state.chat.open {
        Some(open) if conversations.contains(&open) => show_new_line(state, open),
        _ => vec![],
    }
}

fn show_new_line(state: &mut State, id: ConversationId) -> Vec<Effect> {
    let read = state.chat.conversation(id).filter(|conversation| conversation.unread > 0).map(|it| it.read);
    let log = state.chat.logs.entry(id).or_default();
    log.new_after = read;
    let wanted = !log.opened && !log.loading;
    log.loading |= wanted;
    seen(state);
    match wanted {
        true => vec![Effect::Load(Load { conversation: id, part: Part::Newest, limit: PAGE })],
        false => vec![],
    }
}

/// The open conversation is before somebody's eyes: its counts go to nothing, the server will be told.
pub fn seen(state: &mut State) {
    let Some(open) = state.chat.open else { return };
    if let Some(conversation) = state.chat.conversation_mut(open) {
        conversation.unread = 0;
        conversation.mentions = 0;
        state.chat.mark_due.get_or_insert(Time(state.now.0 + 300));
    }
}

/// A part of a log came, from the cache or the server.
pub fn loaded(state: &mut State, loaded: Loaded) -> Vec<Effect> {
    let log = state.chat.logs.entry(loaded.conversation).or_default();
    log.loading = loaded.more_follows;
    log.opened = true;
    log.load(&loaded.entries, loaded.at_start && !loaded.more_follows);
    if let Some(seq) = loaded.focus.filter(|seq| log.items.contains_key(seq)) {
        log.selected = Some(seq);
        log.scroll = Scroll::TopAt(seq);
    }
    vec![]
}

/// Says it in the open conversation, or changes the message that is being edited to it.
pub fn say(state: &mut State, text: &str, reply_to: Option<Seq>, editing: Option<Seq>) -> Vec<Effect> {
    let mut effects = match editing {
        Some(seq) => change_message(state, seq, text),
        None => send_text(state, text, reply_to),
    };
    effects.extend(keep_draft(state));
    effects
}

/// Sends a message to the open conversation, by way of the outbox.
pub fn send_text(state: &mut State, text: &str, reply_to: Option<Seq>) -> Vec<Effect> {
    let Some(conversation) = state.chat.open else {
        state.complain(words::NO_ROOM_OPEN);
        return vec![];
    };
    if let Some(until) = state.muted_until() {
        let when = words::until_when(state, until);
        state.complain(words::muted_unsent(&when));
        state.composer.give_back(text);
        return vec![];
    }
    let text = match titan_core::text::message(text) {
        Ok(text) => text,
        Err(unfit) => {
            state.complain(words::sentence(&unfit.to_string()));
            state.composer.give_back(text);
            return vec![];
        }
    };
    let client_id = ClientId::new();
    let now = state.now;
    if let Some(log) = state.open_log_mut() {
        log.pending.push(Pending {
            client_id,
            text: SafeText::new(&text),
            reply_to,
            at: now,
            kept: false,
            refused: None,
        });
        log.scroll = Scroll::Bottom;
        log.selected = None;
    }
    vec![Effect::Send(Outgoing { client_id, conversation, text, reply_to })]
}

fn change_message(state: &mut State, seq: Seq, text: &str) -> Vec<Effect> {
    let Some(conversation) = state.chat.open else { return vec![] };
    let edit = ask::Edit { conversation, seq, text: text.to_owned(), client_id: Some(ClientId::new()) };
    vec![Effect::Ask(Question::done(edit, Answer::Nothing))]
}

/// Something sent is on disk now.
pub fn kept(state: &mut State, client_id: ClientId) -> Vec<Effect> {
    let mut mine = state.chat.logs.values_mut().flat_map(|log| &mut log.pending);
    if let Some(pending) = mine.find(|pending| pending.client_id == client_id) {
        pending.kept = true;
    }
    vec![]
}

/// What became of something sent.
pub fn sent(state: &mut State, client_id: ClientId, result: Result<Posted, Trouble>) -> Vec<Effect> {
    let mine = state.chat.logs.values_mut().flat_map(|log| &mut log.pending);
    if let (Some(pending), Err(trouble)) = (mine.into_iter().find(|it| it.client_id == client_id), &result) {
        pending.refused = Some(trouble.text.clone());
    }
    if let Err(trouble) = result {
        state.complain(words::not_sent(&trouble.text));
    }
    vec![]
}

/// What stands in the composer is another than is kept.
pub fn changed(state: &mut State) {
    state.composer.draft_due.get_or_insert(Time(state.now.0 + DRAFT_REST_MS));
}

/// After any change of the composer's text: completion, the draft, the typing notice.
pub fn typed(state: &mut State) -> Vec<Effect> {
    state.composer.completion = completion::offers(state);
    changed(state);
    let text = state.composer.editor.text();
    let telling = !text.is_empty() && !text.starts_with('/') && state.is_online();
    match state.chat.open {
        Some(conversation) if telling && state.now.0 - state.composer.typed_at.0 > TYPING_EVERY_MS => {
            state.composer.typed_at = state.now;
            vec![Effect::Ask(Question::done(ask::Typing { conversation }, Answer::Nothing).about(Concern::Nobody))]
        }
        _ => vec![],
    }
}

/// Writes the draft of the open conversation down, and what is under way beside it, where they changed.
pub fn keep_draft(state: &mut State) -> Vec<Effect> {
    state.composer.draft_due = None;
    let Some(open) = state.chat.open else { return vec![] };
    let mut effects = Vec::new();
    let text = Some(state.composer.half_written()).filter(|text| !is_secret(text)).unwrap_or_default();
    if state.chat.drafts.get(&open).map_or("", String::as_str) != text {
        state.chat.drafts.insert(open, text.clone());
        effects.push(Effect::SaveDraft(open, text));
    }
    let under_way = state.composer.under_way();
    if state.chat.under_way.get(&open) != under_way.as_ref() {
        match under_way {
            Some(under_way) => _ = state.chat.under_way.insert(open, under_way),
            None => _ = state.chat.under_way.remove(&open),
        }
        effects.push(Effect::SaveUnderWay(state.chat.under_way.clone()));
    }
    effects
}

/// Moves the view by lines, up being positive; loads older entries when it comes near the top.
pub fn scroll(state: &mut State, lines: isize) -> Vec<Effect> {
    let (above, below, bottom) = (state.drawn.above as isize, state.drawn.below, state.drawn.bottom);
    let Some(log) = state.open_log_mut() else { return vec![] };
    match bottom {
        Some((seq, under)) if lines > 0 => log.scroll = Scroll::BottomAt(seq, under + lines.min(above)),
        Some((seq, under)) if below => log.scroll = Scroll::BottomAt(seq, under + lines),
        _ => log.scroll = Scroll::Bottom,
    }
    match lines > 0 && above - lines < 40 {
        true => load_older(state),
        false => vec![],
    }
}

pub fn scroll_to_newest(state: &mut State) -> Vec<Effect> {
    if let Some(log) = state.open_log_mut() {
        log.scroll = Scroll::Bottom;
        log.selected = None;
    }
    seen(state);
    vec![]
}

pub fn scroll_to_oldest(state: &mut State) -> Vec<Effect> {
    if let Some(log) = state.open_log_mut()
        && let Some(oldest) = log.oldest()
    {
        log.scroll = Scroll::TopAt(oldest);
    }
    load_older(state)
}

fn load_older(state: &mut State) -> Vec<Effect> {
    let Some(conversation) = state.chat.open else { return vec![] };
    let Some(log) = state.open_log_mut() else { return vec![] };
    match log.oldest() {
        Some(oldest) if !log.loading && !log.at_start => {
            log.loading = true;
            vec![Effect::Load(Load { conversation, part: Part::Before(oldest), limit: PAGE })]
        }
        _ => vec![],
    }
}

/// Moves the choice of a message; up being negative.
pub fn select(state: &mut State, by: isize) -> Vec<Effect> {
    let (top, bottom) = (state.drawn.top, state.drawn.bottom);
    let messages = selectable(state);
    let Some(log) = state.open_log_mut() else { return vec![] };
    let next = match log.selected {
        None => bottom.and_then(|(seq, _)| messages.iter().rev().find(|it| **it <= seq)).or(messages.last()).copied(),
        Some(at) if by < 0 => messages.iter().rev().find(|seq| **seq < at).copied().or(Some(at)),
        Some(at) => messages.iter().find(|seq| **seq > at).copied(),
    };
    log.selected = next;
    match next {
        None => log.scroll = Scroll::Bottom,
        Some(seq) if top.is_some_and(|(top, hidden)| seq < top || seq == top && hidden > 0) => {
            log.scroll = Scroll::TopAt(seq);
        }
        Some(seq) if bottom.is_some_and(|(bottom, under)| seq > bottom || seq == bottom && under > 0) => {
            log.scroll = Scroll::BottomAt(seq, 0);
        }
        Some(_) => {}
    }
    let near_top = next.is_some() && next == messages.first().copied();
    if near_top { load_older(state) } else { vec![] }
}

/// The messages one can choose: those that show, and for folded ones the line in their place.
fn selectable(state: &State) -> Vec<Seq> {
    let Some(log) = state.open_log() else { return vec![] };
    let shows = |seq: &Seq| log.message(*seq).is_some_and(|(entry, _)| fold(state, log, entry) != Fold::Under);
    log.items.keys().copied().filter(shows).collect()
}

pub fn select_first_unread(state: &mut State) -> Vec<Effect> {
    if let Some(log) = state.open_log_mut()
        && let Some(after) = log.new_after
        && let Some((first, _)) = log.items.range(after.next()..).next()
    {
        let first = *first;
        log.selected = Some(first);
        log.scroll = Scroll::TopAt(first);
    }
    vec![]
}

/// The message the keys and commands mean: the chosen one, or the newest that fits.
pub fn meant(state: &State, fits: impl Fn(&titan_core::protocol::Entry, &Message) -> bool) -> Option<Seq> {
    let log = state.open_log()?;
    log.selected.or_else(|| {
        let seqs = log.items.keys().rev().copied();
        seqs.into_iter().find(|seq| log.message(*seq).is_some_and(|(entry, message)| fits(entry, message)))
    })
}

/// Goes to the next conversation with something unread, mentions first.
pub fn next_unread(state: &mut State) -> Vec<Effect> {
    let ordered: Vec<_> = state.chat.by_need().into_iter().map(|(_, it)| it).collect();
    let open = ordered.iter().position(|conversation| Some(conversation.id) == state.chat.open).unwrap_or(0);
    let turned =
        ordered.iter().cycle().skip(open + 1).take(ordered.len()).filter(|conversation| conversation.unread > 0);
    let next = turned.clone().find(|conversation| conversation.mentions > 0).or_else(|| turned.clone().next());
    match next.map(|conversation| conversation.id) {
        Some(id) => open_conversation(state, id),
        None => {
            state.say(words::ALL_READ);
            vec![]
        }
    }
}

/// Goes to the conversation above or below in the list.
pub fn neighbour(state: &mut State, by: isize) -> Vec<Effect> {
    match beside(state, state.chat.open, by) {
        Some(id) => {
            let pane = state.pane;
            let effects = open_conversation(state, id);
            state.pane = pane;
            effects
        }
        None => vec![],
    }
}

/// The conversation so many places from this one.
pub fn beside(state: &State, from: Option<ConversationId>, by: isize) -> Option<ConversationId> {
    let ordered: Vec<_> = state.chat.by_need().into_iter().map(|(_, it)| it).collect();
    let at = from.and_then(|id| ordered.iter().position(|conversation| conversation.id == id));
    let to = match at {
        Some(at) => at.checked_add_signed(by)?,
        None => 0,
    };
    ordered.get(to).map(|conversation| conversation.id)
}
