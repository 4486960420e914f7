//! Uploads by tus 1.0 (core and creation): an upload is made, then filled piece by piece; after any interruption the server
//! says how far it came. The answer that completes it carries what it became.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::StreamExt;
use reqwest::{
    Body, RequestBuilder, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncSeekExt},
    time::timeout,
};
use tokio_util::io::ReaderStream;

use super::{
    Failure, Patience, TransferControl,
    download::blocking,
    http::{no_answer, refused},
    memory::Unfinished,
};
use crate::{
    BlobId, ClientId, ConversationId,
    client::{Client, Error, options::Origin},
    protocol::{App, Category, Fault, FaultCode, Posted},
    text,
};

/// Bytes of one PATCH: what has to be sent again at most, and how often the server answers.
const PIECE: u64 = 8 * 1024 * 1024;
/// Bytes read from the file at once.
const BUFFER: usize = 256 * 1024;
/// Uploads that a server may lose under one call before it is an error.
const LOSSES_MOST: u32 = 2;

/// An app to be offered to the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewApp {
    /// What it is called, in at most 100 characters.
    pub name: String,
    /// What it is for; perhaps empty. At most 4,000 characters.
    pub description: String,
    /// What kind of thing it is.
    pub category: Category,
    /// As its author counts, such as `1.0`.
    pub version: String,
}

impl NewApp {
    /// Without a description.
    ///
    /// ```
    /// use titan_core::{client::NewApp, protocol::Category};
    /// let app = NewApp::new("Tetris", Category::Game, "1.0").described("Falling blocks.");
    /// assert_eq!(app.description, "Falling blocks.");
    /// ```
    pub fn new(name: impl Into<String>, category: Category, version: impl Into<String>) -> Self {
        Self { name: name.into(), description: String::new(), category, version: version.into() }
    }

    /// Says what it is for.
    #[must_use]
    pub fn described(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }
}

/// The file as it is when an upload begins.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Subject {
    path: PathBuf,
    name: String,
    size: u64,
    /// Nanoseconds since 1970.
    modified: u128,
}

/// One upload: what is sent, what it is for, and how far it came.
struct Upload {
    subject: Subject,
    /// Keys and values as tus wants them; what the file becomes depends on them.
    purpose: Vec<(&'static str, String)>,
    key: String,
    state: Unfinished,
}

/// How far the server has it, and what it became once it has all.
struct Reached {
    offset: u64,
    result: Option<Vec<u8>>,
}

impl Client {
    /// Offers an app to the repository; admins decide on it. After a pause, an error or a restart of the program the same
    /// call goes on where it stopped, as long as the file is the same.
    ///
    /// `too_large` beyond what the server takes, `bad_request` for a name or description that is too long, [`Error::Io`]
    /// where the file can't be read.
    ///
    /// ```no_run
    /// # async fn offer(titan: titan_core::client::Client) -> Result<(), titan_core::client::Error> {
    /// use titan_core::{client::{NewApp, TransferControl}, protocol::Category};
    ///
    /// let app = NewApp::new("Tetris", Category::Game, "1.0").described("Falling blocks.");
    /// let app = titan.upload_app("tetris.zip", app, &TransferControl::default()).await?;
    /// println!("app {} waits for an admin", app.id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn upload_app(
        &self,
        path: impl AsRef<Path>,
        app: NewApp,
        control: &TransferControl,
    ) -> Result<App, Error> {
        let NewApp { name, description, category, version } = app;
        let purpose = vec![
            ("name", name),
            ("description", description),
            ("category", category.name().to_owned()),
            ("version", version),
        ];
        self.upload(path.as_ref(), purpose, control).await
    }

    /// Adds a file to a conversation, with a text beside it perhaps. Resumes as [`Client::upload_app`] does.
    pub async fn upload_file(
        &self,
        path: impl AsRef<Path>,
        conversation: ConversationId,
        text: &str,
        control: &TransferControl,
    ) -> Result<Posted, Error> {
        let purpose = vec![("conversation", conversation.to_string()), ("text", text.to_owned())];
        self.upload(path.as_ref(), purpose, control).await
    }

    async fn upload<T: DeserializeOwned>(
        &self,
        path: &Path,
        purpose: Vec<(&'static str, String)>,
        control: &TransferControl,
    ) -> Result<T, Error> {
        let path = path.to_owned();
        let subject = blocking(move || Subject::of(&path)).await??;
        let mut upload = self.prepare(subject, purpose, control).await?;
        match self.carry(&mut upload, control).await {
            Ok(result) => {
                self.forget_upload(&upload.key)?;
                serde_json::from_slice(&result).map_err(|error| {
                    Error::broken(format!("the upload is done, but its answer makes no sense: {error}"), error)
                })
            }
            Err(Error::Cancelled) => {
                self.forget_upload(&upload.key)?;
                self.abandon(&upload).await;
                Err(Error::Cancelled)
            }
            // The server will not have it: there is nothing to go on with.
            Err(Error::Fault(fault)) if is_final(&fault) => {
                self.forget_upload(&upload.key)?;
                Err(fault.into())
            }
            Err(error) => Err(error),
        }
    }

    /// Recalls where an earlier call stopped, or hashes the file for a new upload.
    async fn prepare(
        &self,
        subject: Subject,
        purpose: Vec<(&'static str, String)>,
        control: &TransferControl,
    ) -> Result<Upload, Error> {
        let session = self.me().ok_or(Error::Offline)?;
        let key = key(&self.shared.options.server(), session.account.id.0, &subject, &purpose);
        let state = match self.recall_upload(&key)? {
            Some(state) => state,
            None => {
                let (path, control) = (subject.path.clone(), control.clone());
                let sha256 = blocking(move || hash(&path, &control)).await??;
                let state = Unfinished { client_id: ClientId::new(), sha256, url: None };
                self.remember_upload(&key, &state)?;
                state
            }
        };
        Ok(Upload { subject, purpose, key, state })
    }

    /// Makes the upload where there is none, and fills it, over broken connections too.
    async fn carry(&self, upload: &mut Upload, control: &TransferControl) -> Result<Vec<u8>, Error> {
        let mut patience = Patience::new();
        let mut losses = 0;
        let mut furthest = 0;
        loop {
            let reached = self.advance(upload, &mut furthest, control).await;
            let failure = match reached {
                Ok(result) => return Ok(result),
                Err(Failure::Final(Error::Fault(fault))) if is_gone(&fault) && upload.state.url.is_some() => {
                    // The server has let it go (it was too old, perhaps): from the beginning.
                    upload.state.url = None;
                    losses += 1;
                    if losses > LOSSES_MOST {
                        return Err(fault.into());
                    }
                    continue;
                }
                Err(failure) => failure,
            };
            let before = std::mem::replace(&mut furthest, 0);
            patience.after(failure, before > 0, control).await?;
            self.check_unchanged(upload).await?;
        }
    }

    /// From where the server is to the end, if nothing interferes. `sent` counts what the server took of it.
    async fn advance(
        &self,
        upload: &mut Upload,
        sent: &mut u64,
        control: &TransferControl,
    ) -> Result<Vec<u8>, Failure> {
        let mut reached = match &upload.state.url {
            Some(url) => self.ask_offset(url, control).await?,
            None => self.create(upload, control).await?,
        };
        let size = upload.subject.size;
        let Some(url) = upload.state.url.clone() else { return Err(Failure::passing("the upload has no place")) };
        loop {
            control.report(reached.offset, size);
            if let Some(result) = reached.result {
                return Ok(result);
            }
            let before = reached.offset;
            reached = match before < size {
                true => self.send_piece(&upload.subject, &url, before, control).await?,
                false => self.ask_offset(&url, control).await?,
            };
            if reached.offset > before {
                *sent += reached.offset - before;
            } else if reached.result.is_none() {
                return Err(Failure::passing("the server does not say what the upload became"));
            }
        }
    }

    /// Makes an upload: the answer says where it is.
    async fn create(&self, upload: &mut Upload, control: &TransferControl) -> Result<Reached, Failure> {
        let collection = self.shared.options.origin.http("/api/uploads");
        let request = self
            .tus(self.http().await?.post(&collection))
            .header("Upload-Length", upload.subject.size)
            .header("Upload-Metadata", upload.metadata())
            .header(CONTENT_LENGTH, 0);
        let response = self.exchange(request, control).await?;
        let place = response.headers().get(LOCATION).and_then(|place| place.to_str().ok()).unwrap_or_default();
        upload.state.url = Some(within_origin(&self.shared.options.origin, &collection, place)?);
        self.remember_upload(&upload.key, &upload.state)?;
        Ok(Reached { offset: 0, result: result(&response) })
    }

    /// How far the server has it.
    async fn ask_offset(&self, url: &str, control: &TransferControl) -> Result<Reached, Failure> {
        let response = self.exchange(self.tus(self.http().await?.head(url)), control).await?;
        Ok(Reached { offset: offset(&response)?, result: result(&response) })
    }

    /// Sends one piece, straight from the file.
    async fn send_piece(
        &self,
        subject: &Subject,
        url: &str,
        from: u64,
        control: &TransferControl,
    ) -> Result<Reached, Failure> {
        let length = PIECE.min(subject.size - from);
        let unreadable = |error| Failure::Final(Error::Io(format!("can't read {}", subject.path.display()), error));
        let mut file = tokio::fs::File::open(&subject.path).await.map_err(unreadable)?;
        file.seek(std::io::SeekFrom::Start(from)).await.map_err(unreadable)?;
        let sent = Arc::new(AtomicU64::new(0));
        let body = {
            let (sent, control, size) = (sent.clone(), control.clone(), subject.size);
            ReaderStream::with_capacity(file.take(length), BUFFER).inspect(move |block| {
                let count = block.as_ref().map_or(0, |block| block.len() as u64);
                let done = from + sent.fetch_add(count, Ordering::Relaxed) + count;
                control.report(done, size);
            })
        };
        let request = self
            .tus(self.http().await?.patch(url))
            .header("Upload-Offset", from)
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .header(CONTENT_LENGTH, length)
            .body(Body::wrap_stream(body));
        let stall = self.shared.options.pace.stall;
        let response = tokio::select! {
            response = control.unless_stopped(request.send()) => response?.map_err(|error| no_answer(&error))?,
            () = stalled(&sent, length, stall) => return Err(Failure::passing("the upload stalled")),
        };
        let response = accepted(response).await?;
        Ok(Reached { offset: offset(&response)?, result: result(&response) })
    }

    /// Tells the server that it need not keep what it has. If it can't be told, it lets go by itself in time.
    async fn abandon(&self, upload: &Upload) {
        if let (Some(url), Ok(http)) = (&upload.state.url, self.http().await) {
            let _ = timeout(Duration::from_secs(5), self.tus(http.delete(url)).send()).await;
        }
    }

    fn tus(&self, request: RequestBuilder) -> RequestBuilder {
        self.authorized(request).header("Tus-Resumable", "1.0.0")
    }

    async fn exchange(&self, request: RequestBuilder, control: &TransferControl) -> Result<Response, Failure> {
        match control.unless_stopped(timeout(self.shared.options.pace.stall, request.send())).await? {
            Ok(response) => accepted(response.map_err(|error| no_answer(&error))?).await,
            Err(_) => Err(Failure::passing("the server did not answer")),
        }
    }

    async fn check_unchanged(&self, upload: &Upload) -> Result<(), Error> {
        let path = upload.subject.path.clone();
        if blocking(move || Subject::of(&path)).await?? == upload.subject {
            return Ok(());
        }
        self.forget_upload(&upload.key)?;
        self.abandon(upload).await;
        let message = format!("{} changed while it was being sent: send it again", upload.subject.path.display());
        Err(Fault::new(FaultCode::Conflict, message).into())
    }
}

impl Subject {
    fn of(path: &Path) -> Result<Self, Error> {
        let unreadable = |error| Error::Io(format!("can't read {}", path.display()), error);
        let path = fs::canonicalize(path).map_err(unreadable)?;
        let found = fs::metadata(&path).map_err(unreadable)?;
        if !found.is_file() {
            return Err(unreadable(std::io::Error::other("it is not a file")));
        }
        let modified = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let name = path.file_name().map(|name| text::file_name(&name.to_string_lossy())).unwrap_or_default();
        Ok(Self { path, name, size: found.len(), modified: modified.as_nanos() })
    }
}

impl Upload {
    /// Keys and base64 values, as tus writes them.
    fn metadata(&self) -> String {
        let (sha256, client_id) = (self.state.sha256.to_string(), self.state.client_id.to_string());
        let own = [("filename", &self.subject.name), ("sha256", &sha256), ("client_id", &client_id)];
        let purpose = self.purpose.iter().map(|(key, value)| (*key, value));
        let pairs = own.into_iter().chain(purpose);
        let pairs = pairs.map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)));
        pairs.collect::<Vec<_>>().join(",")
    }
}

/// The same file, for the same purpose, to the same server, by the same person.
fn key(server: &str, account: i64, subject: &Subject, purpose: &[(&str, String)]) -> String {
    let Subject { path, size, modified, .. } = subject;
    let all = format!("{server}\n{account}\n{}\n{size}\n{modified}\n{purpose:?}", path.display());
    BlobId(Sha256::digest(all).into()).to_string()
}

fn hash(path: &Path, control: &TransferControl) -> Result<BlobId, Error> {
    let unreadable = |error| Error::Io(format!("can't read {}", path.display()), error);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1024 * 1024];
    loop {
        control.check()?;
        match file.read(&mut block).map_err(unreadable)? {
            0 => return Ok(BlobId(hash.finalize().into())),
            count => hash.update(&block[..count]),
        }
    }
}

/// Ends when nothing more has been sent for a while; the answer to a whole piece may take the server longer.
async fn stalled(sent: &AtomicU64, length: u64, stall: Duration) {
    loop {
        let before = sent.load(Ordering::Relaxed);
        let patience = if before == length { stall * 4 } else { stall };
        tokio::time::sleep(patience).await;
        if sent.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

async fn accepted(response: Response) -> Result<Response, Failure> {
    match response.status() {
        status if status.is_success() => Ok(response),
        // The server is elsewhere than we thought: ask where.
        StatusCode::CONFLICT if response.headers().contains_key("Tus-Resumable") => {
            Err(Failure::passing("the server has another part of the upload than we thought"))
        }
        _ => Err(refused(response).await),
    }
}

fn offset(response: &Response) -> Result<u64, Failure> {
    let offset = response.headers().get("Upload-Offset").and_then(|offset| offset.to_str().ok()?.parse().ok());
    offset.ok_or_else(|| Error::network("the server does not say how far the upload is: is it Titan's?").into())
}

fn result(response: &Response) -> Option<Vec<u8>> {
    response.headers().get("Titan-Result").map(|result| result.as_bytes().to_vec())
}

/// The address of a new upload, which must be the same server's: the token goes there. A server behind a proxy may not know
/// the path it is reached under.
fn within_origin(origin: &Origin, collection: &str, place: &str) -> Result<String, Failure> {
    let strange = || Error::network(format!("the server puts the upload at {place:?}, which is not its own address"));
    let full = if place.starts_with("/api/") { origin.http(place) } else { place.to_owned() };
    let base = url::Url::parse(collection).map_err(|_| strange())?;
    let place = base.join(&full).map_err(|_| strange())?;
    if place.origin() != base.origin() || place.path() == base.path() {
        return Err(strange().into());
    }
    Ok(place.into())
}

/// A refusal that stays one.
fn is_final(fault: &Fault) -> bool {
    !matches!(
        fault.code,
        FaultCode::RateLimited | FaultCode::Unavailable | FaultCode::Internal | FaultCode::BadToken | FaultCode::Banned
    )
}

fn is_gone(fault: &Fault) -> bool {
    fault.code == FaultCode::NotFound
}
