//! What the server keeps of me, as one file: a line of JSON each, as long as it takes. The server makes it while it is read, so
//! it can't be continued: a broken one begins anew, and only a whole one takes its place.

use std::path::{Path, PathBuf};

use reqwest::Response;
use tokio::time::timeout;

use super::{
    Failure, Patience, TransferControl,
    download::{BUFFER, blocking, write},
    http::{no_answer, refused},
    part::{Part, Target},
};
use crate::{
    BlobId,
    client::{Client, Error},
    protocol::Exported,
};

/// Its name where only a folder was given.
const NAME: &str = "titan-export.ndjson";
/// As long as the last line may be.
const END_MOST: usize = 128;
/// No hash names it beforehand.
const UNNAMED: BlobId = BlobId([0; 32]);

/// An export that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportFile {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Lines, each a JSON object ([`crate::protocol::Exported`]).
    pub lines: u64,
}

impl Client {
    /// Writes everything that the server keeps of me into a folder, or to a path that names a file; the name is numbered
    /// if it is taken. On Unix only its owner can read it. Progress is told in bytes; a total of 0 is one nobody knows.
    /// Whatever stops it, a pause too, leaves nothing behind.
    ///
    /// ```no_run
    /// # async fn export(titan: titan_core::client::Client) -> Result<(), titan_core::client::Error> {
    /// use titan_core::client::TransferControl;
    ///
    /// let control = TransferControl::new(|progress| eprint!("\r{} bytes", progress.done));
    /// let exported = titan.export("titan.ndjson", &control).await?;
    /// println!("{} lines in {}", exported.lines, exported.path.display());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn export(&self, to: impl AsRef<Path>, control: &TransferControl) -> Result<ExportFile, Error> {
        let mut part = open(to.as_ref().to_owned(), control.clone()).await?;
        let mut patience = Patience::new();
        loop {
            let outcome;
            (part, outcome) = self.attempt_export(part, control).await?;
            let failure = match outcome {
                Ok(lines) => {
                    let size = part.length;
                    let path = blocking(move || part.finish()).await??;
                    return Ok(ExportFile { path, size, lines });
                }
                Err(failure) => failure,
            };
            if let Err(error) = patience.after(failure, false, control).await {
                return blocking(move || part.discard()).await.and(Err(error));
            }
            part.restart()?;
        }
    }

    /// One request; the number of lines that came.
    async fn attempt_export(
        &self,
        part: Part,
        control: &TransferControl,
    ) -> Result<(Part, Result<u64, Failure>), Error> {
        let url = self.shared.options.origin.http("/api/export");
        let request = self.authorized(self.http().await?.get(url)).send();
        let response = match control.unless_stopped(timeout(self.shared.options.pace.stall, request)).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(error))) => return Ok((part, Err(no_answer(&error)))),
            Ok(Err(_)) => return Ok((part, Err(Failure::passing("the server did not answer")))),
            Err(stopped) => return Ok((part, Err(stopped.into()))),
        };
        if !response.status().is_success() {
            return Ok((part, Err(refused(response).await)));
        }
        self.receive_export(response, part, control).await
    }

    /// Writes what comes until its last line, which says that it is the last.
    async fn receive_export(
        &self,
        mut response: Response,
        mut part: Part,
        control: &TransferControl,
    ) -> Result<(Part, Result<u64, Failure>), Error> {
        let stall = self.shared.options.pace.stall;
        let total = response.content_length().unwrap_or(0);
        let mut buffer = Vec::with_capacity(BUFFER);
        let mut lines = 0;
        let mut end = Vec::new();
        let outcome = loop {
            let chunk = match control.unless_stopped(timeout(stall, response.chunk())).await {
                Ok(Ok(Ok(Some(chunk)))) => chunk,
                Ok(Ok(Ok(None))) if is_last(&end) => break Ok(lines),
                Ok(Ok(Ok(None))) => {
                    break Err(Failure::Final(Error::network("the server broke off in the middle")));
                }
                Ok(Ok(Err(error))) => break Err(no_answer(&error)),
                Ok(Err(_)) => break Err(Failure::passing("the transfer stalled")),
                Err(stopped) => break Err(stopped.into()),
            };
            lines += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
            keep_end(&mut end, &chunk);
            buffer.extend_from_slice(&chunk);
            control.report(part.length + buffer.len() as u64, total);
            if buffer.len() >= BUFFER {
                (part, buffer) = write(part, buffer).await?;
            }
        };
        (part, _) = write(part, buffer).await?;
        Ok((part, outcome))
    }
}

/// Remembers the last bytes, enough for the last line.
fn keep_end(end: &mut Vec<u8>, chunk: &[u8]) {
    end.extend_from_slice(&chunk[chunk.len().saturating_sub(END_MOST)..]);
    end.drain(..end.len().saturating_sub(END_MOST));
}

fn is_last(end: &[u8]) -> bool {
    let line = end.strip_suffix(b"\n").and_then(|end| end.rsplit(|byte| *byte == b'\n').next());
    line.is_some_and(|line| matches!(serde_json::from_slice(line), Ok(Exported::End {})))
}

async fn open(to: PathBuf, control: TransferControl) -> Result<Part, Error> {
    blocking(move || {
        let mut part = Part::open(Target::choose(&to, NAME)?, UNNAMED, u64::MAX, &control)?;
        part.restart()?;
        part.keep_private()?;
        Ok(part)
    })
    .await?
}
