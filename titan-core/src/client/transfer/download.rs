//! Downloads: asks what it will be, then fetches what is still missing until it is whole, checks it and puts it in place.

use std::path::{Path, PathBuf};

use reqwest::{
    Response, StatusCode,
    header::{CONTENT_RANGE, IF_RANGE, RANGE},
};
use tokio::time::timeout;

use super::{
    Failure, Patience, TransferControl,
    http::{no_answer, refused},
    part::{Part, Target},
};
use crate::{
    AppId, BlobId, FileId,
    client::{Client, Error},
    protocol::ask,
};

/// Bytes gathered before they are written.
pub(super) const BUFFER: usize = 512 * 1024;

/// What to download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// An app of the repository.
    App(AppId),
    /// A file of a conversation.
    File(FileId),
}

/// A download that is complete and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Where it is.
    pub path: PathBuf,
    /// Of what came, which is what was promised.
    pub sha256: BlobId,
    /// Bytes.
    pub size: u64,
}

/// What the server promises.
struct Offer {
    path: String,
    name: String,
    size: u64,
    sha256: BlobId,
}

impl Client {
    /// Downloads an app or a file of a conversation into a folder, under its own name made safe, or to a path that names a
    /// file. The name is numbered if it is taken. What comes is kept beside it as `NAME.….part` until it is whole and its
    /// SHA-256 is the promised one; after a pause, an error or a crash the same call goes on from there.
    ///
    /// `not_found` where there is no such thing for me, `not_approved` for an app that nobody has approved yet;
    /// [`Error::HashMismatch`] where what came is not what was promised; [`Error::Io`] where it can't be written here.
    ///
    /// ```no_run
    /// # async fn fetch(titan: titan_core::client::Client) -> Result<(), titan_core::client::Error> {
    /// use titan_core::{AppId, client::{Source, TransferControl}};
    ///
    /// let control = TransferControl::new(|progress| eprint!("\r{} of {} bytes", progress.done, progress.total));
    /// let downloaded = titan.download(Source::App(AppId(7)), "Downloads", &control).await?;
    /// println!("{}", downloaded.path.display());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn download(
        &self,
        source: Source,
        to: impl AsRef<Path>,
        control: &TransferControl,
    ) -> Result<Downloaded, Error> {
        let offer = control.unless_stopped(self.offer(source)).await??;
        let mut part = open(to.as_ref().to_owned(), &offer, control.clone()).await?;
        loop {
            let fetched;
            (part, fetched) = self.fetch(&offer, part, control).await?;
            match fetched {
                Ok(()) => {}
                Err(Error::Cancelled) => return blocking(move || part.discard()).await.and(Err(Error::Cancelled)),
                Err(error) => return blocking(move || part.keep()).await.and(Err(error)),
            }
            let got = part.sha256();
            if got == offer.sha256 {
                let path = blocking(move || part.finish()).await??;
                return Ok(Downloaded { path, sha256: offer.sha256, size: offer.size });
            }
            if !part.resumed {
                let path = part.target_path();
                blocking(move || part.discard()).await?;
                return Err(Error::HashMismatch { path, expected: offer.sha256, got });
            }
            // What an earlier call left behind had suffered, in a power cut perhaps: once more, from the beginning.
            part.restart()?;
        }
    }

    async fn offer(&self, source: Source) -> Result<Offer, Error> {
        Ok(match source {
            Source::App(id) => {
                let app = self.ask(ask::App { app: id }).await?;
                let path = format!("/api/download/{id}");
                Offer { path, name: app.file_name.into_written(), size: app.size, sha256: app.sha256 }
            }
            Source::File(id) => {
                let file = self.ask(ask::File { file: id }).await?;
                let path = format!("/api/files/{id}");
                Offer { path, name: file.name.into_written(), size: file.size, sha256: file.sha256 }
            }
        })
    }

    /// Fetches until the part is as long as promised, over broken connections too. The part comes back either way.
    async fn fetch(
        &self,
        offer: &Offer,
        mut part: Part,
        control: &TransferControl,
    ) -> Result<(Part, Result<(), Error>), Error> {
        let mut patience = Patience::new();
        control.report(part.length, offer.size);
        while part.length < offer.size {
            let before = part.length;
            let outcome;
            (part, outcome) = self.attempt(offer, part, control).await?;
            if let Err(failure) = outcome
                && let Err(error) = patience.after(failure, part.length > before, control).await
            {
                return Ok((part, Err(error)));
            }
        }
        Ok((part, Ok(())))
    }

    /// One request, for what is missing.
    async fn attempt(
        &self,
        offer: &Offer,
        mut part: Part,
        control: &TransferControl,
    ) -> Result<(Part, Result<(), Failure>), Error> {
        let response = match self.request(offer, part.length, control).await {
            Ok(response) => response,
            Err(failure) => return Ok((part, Err(failure))),
        };
        match continues_at(&response) {
            Some(at) if at == part.length => {}
            Some(0) => part.restart()?,
            _ if response.status() == StatusCode::RANGE_NOT_SATISFIABLE => {
                part.restart()?;
                return Ok((part, Err(Failure::passing("the server no longer has what was being fetched"))));
            }
            Some(_) => return Ok((part, Err(Failure::passing("the server sent another part than was asked for")))),
            None => return Ok((part, Err(refused(response).await))),
        }
        self.receive(response, part, offer, control).await
    }

    async fn request(&self, offer: &Offer, from: u64, control: &TransferControl) -> Result<Response, Failure> {
        let mut request = self.authorized(self.http().await?.get(self.shared.options.origin.http(&offer.path)));
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-")).header(IF_RANGE, format!("\"{}\"", offer.sha256));
        }
        match control.unless_stopped(timeout(self.shared.options.pace.stall, request.send())).await? {
            Ok(response) => response.map_err(|error| no_answer(&error)),
            Err(_) => Err(Failure::passing("the server did not answer")),
        }
    }

    /// Writes what comes until it ends, breaks off, stalls or is stopped.
    async fn receive(
        &self,
        mut response: Response,
        mut part: Part,
        offer: &Offer,
        control: &TransferControl,
    ) -> Result<(Part, Result<(), Failure>), Error> {
        let stall = self.shared.options.pace.stall;
        let mut buffer = Vec::with_capacity(BUFFER);
        let outcome = loop {
            let chunk = match control.unless_stopped(timeout(stall, response.chunk())).await {
                Ok(Ok(Ok(Some(chunk)))) => chunk,
                Ok(Ok(Ok(None))) if part.length + (buffer.len() as u64) < offer.size => {
                    break Err(Failure::passing("the server sent less than it promised"));
                }
                Ok(Ok(Ok(None))) => break Ok(()),
                Ok(Ok(Err(error))) => break Err(no_answer(&error)),
                Ok(Err(_)) => break Err(Failure::passing("the transfer stalled")),
                Err(stopped) => break Err(stopped.into()),
            };
            buffer.extend_from_slice(&chunk);
            let done = part.length + buffer.len() as u64;
            if done > offer.size {
                break Err(Failure::Final(Error::network("the server sends more than it promised")));
            }
            control.report(done, offer.size);
            if buffer.len() >= BUFFER {
                (part, buffer) = write(part, buffer).await?;
            }
        };
        (part, _) = write(part, buffer).await?;
        Ok((part, outcome))
    }
}

/// Where the bytes of an answer begin; none if it holds none of the file.
fn continues_at(response: &Response) -> Option<u64> {
    match response.status() {
        StatusCode::OK => Some(0),
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
            range.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
        }
        _ => None,
    }
}

async fn open(to: PathBuf, offer: &Offer, control: TransferControl) -> Result<Part, Error> {
    let (name, size, sha256) = (offer.name.clone(), offer.size, offer.sha256);
    blocking(move || Part::open(Target::choose(&to, &name)?, sha256, size, &control)).await?
}

/// Writes a buffer and gives it back empty.
pub(super) async fn write(mut part: Part, mut buffer: Vec<u8>) -> Result<(Part, Vec<u8>), Error> {
    blocking(move || {
        part.append(&buffer)?;
        buffer.clear();
        Ok((part, buffer))
    })
    .await?
}

/// Runs file work where it may block.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Io("file work was broken off".to_owned(), std::io::Error::other(error)))
}
