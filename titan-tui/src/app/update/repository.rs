//! Browsing the repository: shelves, the list, deciding, fetching.

use titan_core::{
    AppId,
    protocol::{App, AppState, Apps, Listing, RepositoryStats, ask},
};

use super::{
    asking::{ask, confirm},
    forms, transfers,
};
use crate::{
    app::{
        effect::Effect,
        overlay::{Choice, FormKind},
        question::{Answer, Concern, Question},
        state::{AppQuery, Cargo, Screen, Shelf, State},
    },
    keymap::Action,
    words,
};

/// Opens the browser, asking for what it shows.
pub fn show(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::Repository;
    let mut effects = refresh(state);
    effects.push(Effect::Ask(Question::new(ask::AppStats {}, Answer::AppStats)));
    effects
}

pub fn refresh(state: &mut State) -> Vec<Effect> {
    let query = query_of(state);
    apps(state, query)
}

fn query_of(state: &State) -> AppQuery {
    let (category, standing) = match state.repository.shelf {
        Shelf::All => (None, None),
        Shelf::Of(category) => (Some(category), None),
        Shelf::Waiting => (None, Some(AppState::Pending)),
        Shelf::Rejected => (None, Some(AppState::Rejected)),
    };
    AppQuery { category, state: standing, query: state.repository.query.clone() }
}

pub fn listed(state: &mut State, query: &AppQuery, apps: Vec<App>) -> Vec<Effect> {
    if state.repository.asked.as_ref() != Some(query) {
        return vec![];
    }
    let repository = &mut state.repository;
    repository.loading = false;
    let wanted = repository.wanted.take();
    let at = wanted.and_then(|wanted| apps.iter().position(|app| app.id == wanted)).unwrap_or(repository.at);
    repository.at = at.min(apps.len().saturating_sub(1));
    repository.apps = apps;
    vec![]
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::AppUp => step(state, -1),
        Action::AppDown => step(state, 1),
        Action::CategoryBack => turn(state, -1),
        Action::CategoryNext => turn(state, 1),
        Action::Install => install(state),
        Action::FindApps => forms::open_form(state, FormKind::FindApps),
        Action::Upload => forms::open_form(state, FormKind::UploadApp),
        Action::Approve => approve(state),
        Action::Reject => reject(state),
        Action::DeleteApp => ask_delete(state),
        Action::RefreshApps => refresh(state),
        _ => vec![],
    }
}

pub fn step(state: &mut State, by: isize) -> Vec<Effect> {
    let repository = &mut state.repository;
    repository.at = repository.at.saturating_add_signed(by).min(repository.apps.len().saturating_sub(1));
    vec![]
}

/// The next shelf, or the one before.
pub fn turn(state: &mut State, by: isize) -> Vec<Effect> {
    if state.screen != Screen::Repository {
        return vec![];
    }
    let count = Shelf::ALL.len();
    let at = Shelf::ALL.iter().position(|shelf| *shelf == state.repository.shelf).unwrap_or(0);
    go_to_shelf(state, (at + count).saturating_add_signed(by) % count)
}

pub fn go_to_shelf(state: &mut State, at: usize) -> Vec<Effect> {
    state.repository.shelf = Shelf::ALL[at];
    state.repository.at = 0;
    refresh(state)
}

/// Searches the apps; none shows all again.
pub fn find(state: &mut State, query: Option<String>) -> Vec<Effect> {
    state.screen = Screen::Repository;
    state.repository.query = query;
    state.repository.at = 0;
    refresh(state)
}

pub fn show_app(state: &mut State, app: AppId) -> Vec<Effect> {
    state.repository.shelf = Shelf::All;
    state.repository.query = None;
    state.repository.wanted = Some(app);
    show(state)
}

fn chosen(state: &State) -> Option<&App> {
    state.repository.apps.get(state.repository.at)
}

fn install(state: &mut State) -> Vec<Effect> {
    let Some(app) = chosen(state).cloned() else { return vec![] };
    if app.state != AppState::Approved {
        state.complain(words::NOT_APPROVED_YET);
        return vec![];
    }
    let folder = state.downloads.clone();
    transfers::start(state, Cargo::FetchApp(app.id), app.file_name, folder, app.size, Some(app.sha256))
}

/// Approves what was looked at: the hash goes with it.
fn approve(state: &mut State) -> Vec<Effect> {
    match chosen(state).map(|app| (app.id, app.sha256, app.name.to_string())) {
        Some((app, sha256, name)) if state.is_admin() => {
            ask(Question::done(ask::ApproveApp { app, sha256 }, Answer::AppDecided(words::app_approved(&name))))
        }
        Some(_) => only_admins(state),
        None => vec![],
    }
}

fn reject(state: &mut State) -> Vec<Effect> {
    match chosen(state).map(|app| app.id) {
        Some(app) if state.is_admin() => forms::open_form(state, FormKind::RejectApp(app)),
        Some(_) => only_admins(state),
        None => vec![],
    }
}

fn only_admins(state: &mut State) -> Vec<Effect> {
    state.complain(words::ONLY_ADMINS);
    vec![]
}

fn ask_delete(state: &mut State) -> Vec<Effect> {
    match chosen(state).map(|app| (app.id, app.name.to_string(), app.author.id)) {
        Some((id, name, author)) if state.is_admin() || state.is_me(author) => {
            let question = words::delete_app(&name);
            confirm(state, question, words::DELETE_APP_DETAIL, words::DELETE_YES, Choice::DeleteApp(id))
        }
        Some(_) => {
            state.complain(words::NOT_YOUR_APP);
            vec![]
        }
        None => vec![],
    }
}

/// An app was decided or uploaded: what is listed of it changes.
pub fn changed(state: &mut State, app: &App) {
    if let Some(known) = state.repository.apps.iter_mut().find(|known| known.id == app.id) {
        *known = app.clone();
    }
}

/// An app was approved or deleted.
pub fn decided(state: &mut State, said: String) -> Vec<Effect> {
    state.say(said);
    refresh(state)
}

pub fn counted(state: &mut State, stats: RepositoryStats) -> Vec<Effect> {
    state.repository.stats = Some(stats);
    vec![]
}

pub fn removed(state: &mut State, app: AppId) -> Vec<Effect> {
    state.repository.apps.retain(|known| known.id != app);
    step(state, 0)
}

/// The apps a shelf shows.
fn apps(state: &mut State, query: AppQuery) -> Vec<Effect> {
    state.repository.loading = true;
    state.repository.asked = Some(query.clone());
    ask(Question::new(list_of(&query), move |it| Answer::Apps(query.clone(), it)).about(Concern::Apps))
}

fn list_of(query: &AppQuery) -> ask::Apps {
    let AppQuery { category, state, query } = query.clone();
    ask::Apps { category, state, query, ..ask::Apps::default() }
}

/// The question for the next page.
pub fn more(query: &AppQuery, page: &Apps) -> Option<Effect> {
    let next = list_of(query).behind(page.apps.last().filter(|_| page.more)?);
    let query = query.clone();
    Some(Effect::Ask(Question::new(next, move |it| Answer::MoreApps(query.clone(), it)).about(Concern::Nobody)))
}

/// A page behind the first one.
pub fn further(state: &mut State, query: &AppQuery, page: Apps) -> Vec<Effect> {
    if state.repository.asked.as_ref() != Some(query) {
        return vec![];
    }
    let more = more(query, &page);
    state.repository.apps.extend(page.apps);
    more.into_iter().collect()
}
