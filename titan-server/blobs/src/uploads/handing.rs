//! The end of an upload: its bytes become a blob, and the blob an app or a file of a conversation, exactly once.
//!
//! Each step is written down before the next, so that a crash anywhere between is made good when the client asks again.
//! A message carries its client id, which makes posting it twice harmless; an app has none, so a second attempt first
//! looks whether the first one succeeded.

use std::fs::File;

use titan_core::Time;
use titan_core::protocol::{App, AppState, Fault, FaultCode};

use super::{Purpose, Slip, Stage, Turn};
use crate::{Blob, BlobError, measure, off_thread};
use titan_hub::{AppFilter, AppUpload, LISTED_MOST, NewFile, Outcome, Page, Post, Session};

/// Why a whole upload did not become anything.
pub enum Refusal {
    /// For good: the upload is given up.
    Fault(Fault),
    /// The bytes are not those whose hash was announced: the upload is given up.
    WrongHash,
    /// For now: asking again may help.
    Later(Fault),
}

impl Turn {
    /// What the finished upload became, as JSON; none while it is not finished.
    pub fn result(&self) -> Option<&str> {
        match &self.state.slip.as_ref()?.stage {
            Stage::Done { result } => Some(result),
            Stage::Receiving | Stage::Handing { .. } => None,
        }
    }

    /// Makes of a whole upload what it is for, unless that is done already.
    pub async fn hand_in(&mut self, session: &Session) -> Result<(), Refusal> {
        if self.result().is_some() {
            return Ok(());
        }
        let handed = self.try_hand_in(session).await;
        if let Err(Refusal::Fault(_) | Refusal::WrongHash) = &handed {
            self.give_up().await;
        }
        handed
    }

    async fn try_hand_in(&mut self, session: &Session) -> Result<(), Refusal> {
        let slip =
            self.state.slip.clone().ok_or_else(|| Refusal::Fault(Fault::not_found("There is no such upload.")))?;
        permit(session, &slip.purpose).await?;
        let (blob, earlier) = match slip.stage {
            Stage::Handing { blob, since } => (Blob { id: blob, size: slip.length }, Some(since)),
            Stage::Receiving | Stage::Done { .. } => (self.settle_bytes(&slip).await?, None),
        };
        let desk = self.desk().map_err(later)?;
        let path = desk.data_path(&self.upload.id);
        off_thread(move || desk.blobs.adopt(&path, blob)).await.map_err(later)?.map_err(later)?;
        let file = NewFile { name: slip.file_name.clone(), size: blob.size, blob: blob.id, unique_name: None };
        let result = match slip.purpose {
            Purpose::File { conversation, text, client_id } => {
                let post = Post { conversation, text, reply_to: None, file: Some(file), client_id: Some(client_id) };
                to_json(&session.post(post).await?)
            }
            Purpose::App { name, description, category, version, metadata } => {
                let app = AppUpload { name, description, category, version, file, metadata };
                to_json(&add_once(session, app, earlier).await?)
            }
        };
        self.enter(Stage::Done { result }).await.map_err(later)
    }

    /// Finds out what the bytes are and writes it down.
    async fn settle_bytes(&mut self, slip: &Slip) -> Result<Blob, Refusal> {
        let path = self.desk().map_err(later)?.data_path(&self.upload.id);
        let measured = off_thread(move || File::open(path).and_then(|mut file| measure(&mut file))).await;
        let blob = measured.flatten().map_err(later)?;
        if slip.sha256.is_some_and(|wanted| wanted != blob.id) {
            return Err(Refusal::WrongHash);
        }
        self.enter(Stage::Handing { blob: blob.id, since: Time::now() }).await.map_err(later)?;
        Ok(blob)
    }
}

/// Whether the bytes may go where they are meant to.
pub async fn permit(session: &Session, purpose: &Purpose) -> Outcome<()> {
    match purpose {
        Purpose::App { .. } => session.permit_app_upload().await,
        Purpose::File { conversation, .. } => session.permit_upload(*conversation).await,
    }
}

/// Hands in an app, unless an attempt since `earlier` did.
async fn add_once(session: &Session, app: AppUpload, earlier: Option<Time>) -> Outcome<App> {
    if let Some(earlier) = earlier {
        for state in [AppState::Pending, AppState::Approved, AppState::Rejected] {
            let mine = AppFilter { state: Some(state), author: Some(session.account()), ..AppFilter::default() };
            let same = |known: &App| known.sha256 == app.file.blob && known.uploaded_at >= earlier;
            // What was handed in lately stands in front.
            let lately = session.apps(mine, Page::first(LISTED_MOST)).await?.list;
            if let Some(known) = lately.into_iter().map(|record| record.app).find(same) {
                return Ok(known);
            }
        }
    }
    session.add_app(app).await
}

fn to_json(result: &impl serde::Serialize) -> String {
    serde_json::to_string(result).unwrap_or_default()
}

fn later(error: impl Into<BlobError>) -> Refusal {
    Refusal::Later(error.into().into())
}

impl From<super::Cut> for BlobError {
    fn from(cut: super::Cut) -> Self {
        match cut {
            super::Cut::Blob(error) => error,
            other => Self::Io(std::io::Error::other(other.to_string())),
        }
    }
}

impl From<Fault> for Refusal {
    /// Some faults pass: trying again later may help.
    fn from(fault: Fault) -> Self {
        match fault.code {
            FaultCode::RateLimited | FaultCode::Unavailable | FaultCode::Internal => Self::Later(fault),
            _ => Self::Fault(fault),
        }
    }
}
