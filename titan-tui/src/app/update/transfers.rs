//! Uploads and downloads: starting, pausing, going on after a restart. The list is written down whenever it changes shape.

use std::path::{Path, PathBuf};

use titan_core::{BlobId, SafeText, protocol::FileInfo};

use super::asking::confirm;
use crate::{
    app::{
        effect::Effect,
        event::TransferNews,
        overlay::Choice,
        state::{Cargo, SavedTransfer, Screen, State, Transfer, TransferId, TransferState},
    },
    keymap::Action,
    words,
};

/// Transfers kept in the list.
const REMEMBERED: usize = 100;

pub fn show(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::Transfers;
    vec![]
}

/// Begins a transfer.
pub fn start(
    state: &mut State,
    cargo: Cargo,
    name: SafeText,
    path: PathBuf,
    size: u64,
    sha256: Option<BlobId>,
) -> Vec<Effect> {
    let same = state.transfers.list.iter().find(|it| it.saved.cargo == cargo && it.state != TransferState::Done);
    if let Some(transfer) = same.filter(|_| !cargo.is_upload()) {
        let id = transfer.id;
        return resume(state, id);
    }
    state.say(words::begun(&cargo, &name, &path.display().to_string()));
    let saved = SavedTransfer { cargo, name, path, size, done: 0, sha256, finished: false };
    let transfer = add(state, saved, TransferState::Running);
    vec![Effect::StartTransfer(Box::new(transfer)), Effect::SaveTransfers(state.transfers.saved())]
}

fn add(state: &mut State, saved: SavedTransfer, standing: TransferState) -> Transfer {
    let id = state.transfers.next;
    state.transfers.next += 1;
    let transfer = Transfer { id, saved, state: standing, rate: 0.0, measured: None };
    state.transfers.list.insert(0, transfer.clone());
    state.transfers.list.truncate(REMEMBERED);
    transfer
}

/// Sends a file as a person named it: `~` is their home.
pub fn start_upload(state: &mut State, cargo: Cargo, path: &str) -> Vec<Effect> {
    let path = expand(path, state.home.as_deref());
    let name = path.file_name().map(|name| titan_core::text::file_name(&name.to_string_lossy())).unwrap_or_default();
    start(state, cargo, SafeText::line(&name), path, 0, None)
}

pub fn expand(path: &str, home: Option<&Path>) -> PathBuf {
    let path = path.trim().trim_matches(['"', '\'']);
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// What was there before the restart: unfinished ones wait to be told to go on.
pub fn restore(state: &mut State, saved: Vec<SavedTransfer>) {
    state.transfers.list.clear();
    for transfer in saved.into_iter().rev() {
        let standing = if transfer.finished { TransferState::Done } else { TransferState::Paused };
        add(state, transfer, standing);
    }
    let waiting = state.transfers.list.iter().filter(|it| it.state == TransferState::Paused).count();
    if waiting > 0 {
        let key = state.keymap.key(Action::ViewTransfers);
        state.say(words::transfers_wait(waiting, &key));
    }
}

pub fn news(state: &mut State, id: TransferId, news: TransferNews) -> Vec<Effect> {
    let now = state.now;
    let Some(transfer) = state.transfers.get_mut(id) else { return vec![] };
    let name = transfer.saved.name.clone();
    match news {
        // News of how far it was may come after those of its end.
        TransferNews::Progress { .. } if transfer.state != TransferState::Running => return vec![],
        TransferNews::Progress { done, total } => {
            measure(transfer, done, total, now);
            return vec![];
        }
        TransferNews::Paused => {
            transfer.state = TransferState::Paused;
            transfer.rate = 0.0;
        }
        TransferNews::Done { path, sha256 } => {
            finish(transfer, path, sha256);
            let said = words::ended(&transfer.saved);
            state.say(said);
        }
        TransferNews::Failed(trouble) => {
            transfer.state = TransferState::Failed(trouble.text.clone());
            transfer.rate = 0.0;
            state.complain(words::transfer_failed(&name, &trouble.text));
        }
    }
    vec![Effect::SaveTransfers(state.transfers.saved())]
}

fn finish(transfer: &mut Transfer, path: PathBuf, sha256: Option<BlobId>) {
    transfer.state = TransferState::Done;
    transfer.rate = 0.0;
    transfer.saved.finished = true;
    // How large an export is shows at its end.
    transfer.saved.size = transfer.saved.size.max(transfer.saved.done);
    transfer.saved.done = transfer.saved.size;
    transfer.saved.path = path;
    transfer.saved.sha256 = sha256.or(transfer.saved.sha256);
}

/// Takes a reading; the rate is smoothed over about two seconds.
fn measure(transfer: &mut Transfer, done: u64, total: u64, now: titan_core::Time) {
    if let Some((at, before)) = transfer.measured {
        let seconds = (now.0 - at.0).max(1) as f64 / 1_000.0;
        let rate = done.saturating_sub(before) as f64 / seconds;
        let weight = (seconds / 2.0).clamp(0.05, 1.0);
        transfer.rate = if transfer.rate == 0.0 { rate } else { transfer.rate * (1.0 - weight) + rate * weight };
    }
    transfer.measured = Some((now, done));
    transfer.saved.done = done;
    transfer.saved.size = total.max(transfer.saved.size);
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::TransferUp => step(state, -1),
        Action::TransferDown => step(state, 1),
        Action::PauseResume => pause_or_resume(state),
        Action::CancelTransfer => ask_cancel(state),
        Action::ClearDone => clear_done(state),
        Action::ShowFolder => open_folder(state),
        _ => vec![],
    }
}

pub fn step(state: &mut State, by: isize) -> Vec<Effect> {
    let transfers = &mut state.transfers;
    transfers.at = transfers.at.saturating_add_signed(by).min(transfers.list.len().saturating_sub(1));
    vec![]
}

fn chosen(state: &State) -> Option<&Transfer> {
    state.transfers.list.get(state.transfers.at)
}

pub fn pause_or_resume(state: &mut State) -> Vec<Effect> {
    match chosen(state).map(|transfer| (transfer.id, transfer.state.clone())) {
        Some((id, TransferState::Running)) => vec![Effect::PauseTransfer(id)],
        Some((id, TransferState::Paused | TransferState::Failed(_))) => resume(state, id),
        Some((_, TransferState::Done)) | None => vec![],
    }
}

fn resume(state: &mut State, id: TransferId) -> Vec<Effect> {
    let Some(transfer) = state.transfers.get_mut(id) else { return vec![] };
    if transfer.state == TransferState::Running {
        return vec![];
    }
    transfer.state = TransferState::Running;
    transfer.measured = None;
    vec![Effect::StartTransfer(Box::new(transfer.clone()))]
}

fn ask_cancel(state: &mut State) -> Vec<Effect> {
    match chosen(state).map(|transfer| (transfer.id, transfer.state.clone(), transfer.saved.name.to_string())) {
        Some((id, TransferState::Done, _)) => cancel(state, id),
        Some((id, _, name)) => {
            let question = words::cancel_transfer(&name);
            confirm(state, question, words::CANCEL_DETAIL, words::CANCEL_YES, Choice::CancelTransfer(id))
        }
        None => vec![],
    }
}

pub fn cancel(state: &mut State, id: TransferId) -> Vec<Effect> {
    state.transfers.list.retain(|transfer| transfer.id != id);
    step(state, 0);
    vec![Effect::CancelTransfer(id), Effect::SaveTransfers(state.transfers.saved())]
}

fn clear_done(state: &mut State) -> Vec<Effect> {
    state.transfers.list.retain(|transfer| transfer.state != TransferState::Done);
    step(state, 0);
    vec![Effect::SaveTransfers(state.transfers.saved())]
}

fn open_folder(state: &mut State) -> Vec<Effect> {
    let folder = chosen(state).and_then(|transfer| {
        let path = &transfer.saved.path;
        let folder = if transfer.state == TransferState::Done { path.parent() } else { Some(path.as_path()) };
        folder.map(PathBuf::from)
    });
    vec![Effect::OpenFolder(folder.unwrap_or_else(|| state.downloads.clone()))]
}

/// Fetches a file of a conversation into the downloads.
pub fn fetch(state: &mut State, file: &FileInfo) -> Vec<Effect> {
    start(state, Cargo::FetchFile(file.id), file.name.clone(), state.downloads.clone(), file.size, Some(file.sha256))
}

/// Writes everything the server keeps of us to a file or folder; into the downloads if none is named.
pub fn export_to(state: &mut State, path: &str) -> Vec<Effect> {
    let path = match path {
        "" => state.downloads.clone(),
        path => expand(path, state.home.as_deref()),
    };
    state.transfers.list.retain(|it| it.saved.cargo != Cargo::Export || it.saved.finished);
    let name = SafeText::line(words::EXPORT_NAME);
    start(state, Cargo::Export, name, path, 0, None)
}
