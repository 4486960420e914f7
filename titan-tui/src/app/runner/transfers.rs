//! Bytes moving: each transfer is a task with a control to pause or cancel it.

use std::time::Duration;

use titan_core::{
    BlobId,
    client::{Client, Error, NewApp, Progress, Source, TransferControl},
};
use tokio::sync::{mpsc, watch};

use super::{Runner, lock, trouble};
use crate::{
    app::{
        event::{Event, TransferNews, Trouble},
        state::{Cargo, SavedTransfer, Transfer, TransferId},
    },
    words,
};

/// Progress is told at most so often.
const EVERY: Duration = Duration::from_millis(200);

impl Runner {
    pub(super) fn start_transfer(&self, transfer: Transfer) {
        let id = transfer.id;
        let control = self.control(id);
        lock(&self.shared.controls).insert(id, control.clone());
        let runner = self.clone();
        tokio::spawn(async move {
            let news = match runner.client() {
                Some(client) => outcome(carry(&client, &transfer.saved, &control).await),
                None => Some(TransferNews::Failed(Trouble::new(words::NEEDS_CONNECTION))),
            };
            if let Some(news) = news {
                runner.tell(Event::Transfer(id, news)).await;
            }
        });
    }

    /// A control that tells the screen how far it is, now and then; also the last it heard before it stood still.
    fn control(&self, id: TransferId) -> TransferControl {
        let (progress, heard) = watch::channel(None);
        tokio::spawn(tell_progress(self.shared.events.clone(), id, heard));
        TransferControl::new(move |now: Progress| {
            progress.send_replace(Some(now));
        })
    }

    pub(super) fn pause_transfer(&self, id: TransferId) {
        if let Some(control) = lock(&self.shared.controls).get(&id) {
            control.pause();
        }
    }

    pub(super) fn cancel_transfer(&self, id: TransferId) {
        if let Some(control) = lock(&self.shared.controls).remove(&id) {
            control.cancel();
        }
    }

    pub(super) fn save_transfers(&self, transfers: &[SavedTransfer]) {
        match serde_json::to_string(transfers) {
            Ok(json) => self.keep(move |cache| cache.set_value("transfers", &json)),
            Err(error) => tracing::warn!(%error, "the transfers could not be written down"),
        }
    }
}

/// Tells the newest progress as often as may be, until the control is gone.
async fn tell_progress(events: mpsc::Sender<Event>, id: TransferId, mut heard: watch::Receiver<Option<Progress>>) {
    while heard.changed().await.is_ok() {
        let newest = *heard.borrow_and_update();
        if let Some(Progress { done, total, .. }) = newest {
            let _ = events.send(Event::Transfer(id, TransferNews::Progress { done, total })).await;
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// What a finished transfer left.
struct Arrived {
    path: std::path::PathBuf,
    sha256: Option<BlobId>,
}

async fn carry(client: &Client, saved: &SavedTransfer, control: &TransferControl) -> Result<Arrived, Error> {
    let path = saved.path.clone();
    match saved.cargo.clone() {
        Cargo::FetchApp(app) => fetch(client, Source::App(app), saved, control).await,
        Cargo::FetchFile(file) => fetch(client, Source::File(file), saved, control).await,
        Cargo::Export => {
            let exported = client.export(&path, control).await?;
            Ok(Arrived { path: exported.path, sha256: None })
        }
        Cargo::SendApp { name, description, category, version } => {
            let app = NewApp::new(name, category, version).described(description);
            let app = client.upload_app(&path, app, control).await?;
            Ok(Arrived { path, sha256: Some(app.sha256) })
        }
        Cargo::SendFile { conversation, text } => {
            client.upload_file(&path, conversation, &text, control).await?;
            Ok(Arrived { path, sha256: None })
        }
    }
}

async fn fetch(
    client: &Client,
    source: Source,
    saved: &SavedTransfer,
    control: &TransferControl,
) -> Result<Arrived, Error> {
    std::fs::create_dir_all(&saved.path).map_err(|error| Error::Io(saved.path.display().to_string(), error))?;
    let downloaded = client.download(source, &saved.path, control).await?;
    Ok(Arrived { path: downloaded.path, sha256: Some(downloaded.sha256) })
}

/// What the screen is told; nothing of a transfer that was cancelled and forgotten.
fn outcome(result: Result<Arrived, Error>) -> Option<TransferNews> {
    Some(match result {
        Ok(Arrived { path, sha256 }) => TransferNews::Done { path, sha256 },
        Err(Error::Paused) => TransferNews::Paused,
        Err(Error::Cancelled) => return None,
        Err(error) => TransferNews::Failed(trouble(error)),
    })
}
