//! Writing a stream of small pieces in large batches, off the async threads.

use std::io::{self, Write};

use tokio::task::JoinHandle;

use super::buffers::{Buffer, Buffers};

/// Collects pieces; one batch is written while the next is collected, and no more than these two are held. After an error
/// the writer is gone.
pub struct Pour<W> {
    batch: Buffer,
    at_work: AtWork<W>,
}

enum AtWork<W> {
    Idle(W, Buffer),
    Writing(JoinHandle<io::Result<(W, Buffer)>>),
    Failed,
}

impl<W: Write + Send + 'static> Pour<W> {
    pub fn new(writer: W, buffers: &Buffers) -> Self {
        Self { batch: buffers.take(), at_work: AtWork::Idle(writer, buffers.take()) }
    }

    /// Takes a piece in; waits only while both batches are full.
    pub async fn push(&mut self, mut piece: &[u8]) -> io::Result<()> {
        while !piece.is_empty() {
            piece = &piece[self.batch.fill(piece)..];
            if self.batch.is_full() {
                self.write_batch().await?;
            }
        }
        Ok(())
    }

    /// Writes what is left and gives the writer back.
    pub async fn end(mut self) -> io::Result<W> {
        self.write_batch().await?;
        self.idle().await.map(|(writer, _)| writer)
    }

    async fn write_batch(&mut self) -> io::Result<()> {
        let (mut writer, empty) = self.idle().await?;
        let mut full = std::mem::replace(&mut self.batch, empty);
        self.at_work = AtWork::Writing(tokio::task::spawn_blocking(move || {
            writer.write_all(full.as_ref())?;
            full.clear();
            Ok((writer, full))
        }));
        Ok(())
    }

    /// Waits for the batch being written, if any.
    async fn idle(&mut self) -> io::Result<(W, Buffer)> {
        // Waited for in place: if this future is dropped meanwhile, the work is not forgotten.
        let written = match &mut self.at_work {
            AtWork::Writing(writing) => Some(writing.await.map_err(io::Error::other).flatten()),
            AtWork::Idle(..) | AtWork::Failed => None,
        };
        match (std::mem::replace(&mut self.at_work, AtWork::Failed), written) {
            (_, Some(written)) => written,
            (AtWork::Idle(writer, empty), None) => Ok((writer, empty)),
            _ => Err(io::Error::other("an earlier write failed")),
        }
    }
}
