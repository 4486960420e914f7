//! Files over HTTP, beside the socket: downloads that resume, uploads by tus 1.0. Memory stays flat whatever their size.

mod control;

pub use control::{Progress, TransferControl};

use std::path::{Path, PathBuf};

use super::{Client, Error};
use crate::{
    AppId, BlobId, ConversationId, FileId,
    protocol::{App, Category, Posted},
};

/// What to download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    App(AppId),
    File(FileId),
}

/// A download that is complete and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    pub path: PathBuf,
    pub sha256: BlobId,
    /// Bytes.
    pub size: u64,
}

/// An app to be offered to the repository.
#[derive(Clone, Debug)]
pub struct NewApp {
    pub name: String,
    pub description: String,
    pub category: Category,
    pub version: String,
}

/// What transfers of one client share.
#[derive(Default)]
pub(super) struct Shop {}

impl Client {
    pub async fn download(
        &self,
        _source: Source,
        _to: impl AsRef<Path>,
        _control: &TransferControl,
    ) -> Result<Downloaded, Error> {
        Err(Error::Offline)
    }

    pub async fn upload_app(
        &self,
        _path: impl AsRef<Path>,
        _app: NewApp,
        _control: &TransferControl,
    ) -> Result<App, Error> {
        Err(Error::Offline)
    }

    pub async fn upload_file(
        &self,
        _path: impl AsRef<Path>,
        _conversation: ConversationId,
        _text: &str,
        _control: &TransferControl,
    ) -> Result<Posted, Error> {
        Err(Error::Offline)
    }
}
