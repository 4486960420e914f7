//! Large buffers that are used again and again.
//!
//! Transfers run on many threads, and an allocator keeps large pieces for each of them: what was flat by design would
//! still grow. So the pieces of all transfers come from here.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

/// Bytes of each.
pub const BUFFER: usize = 256 * 1024;
/// Unused ones that are kept.
const SPARE_MOST: usize = 16;

/// Buffers in stock. Clones share it.
#[derive(Clone, Default)]
pub struct Buffers(Arc<Mutex<Vec<Box<[u8]>>>>);

/// A buffer, partly filled; it goes back when it is dropped.
pub struct Buffer {
    bytes: Box<[u8]>,
    filled: usize,
    stock: Buffers,
}

impl Buffers {
    /// An empty one.
    pub fn take(&self) -> Buffer {
        let bytes = self.stock().pop().unwrap_or_else(|| vec![0; BUFFER].into_boxed_slice());
        Buffer { bytes, filled: 0, stock: self.clone() }
    }

    fn stock(&self) -> MutexGuard<'_, Vec<Box<[u8]>>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Buffer {
    /// Adds what fits; how much that was.
    pub fn fill(&mut self, piece: &[u8]) -> usize {
        let fits = piece.len().min(BUFFER - self.filled);
        self.bytes[self.filled..self.filled + fits].copy_from_slice(&piece[..fits]);
        self.filled += fits;
        fits
    }

    /// Fills it, at most to `most` bytes in all, from a reader until that ends.
    pub fn fill_from(&mut self, reader: &mut impl std::io::Read, most: usize) -> std::io::Result<()> {
        let most = most.min(BUFFER);
        while self.filled < most {
            match reader.read(&mut self.bytes[self.filled..most]) {
                Ok(0) => return Ok(()),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub fn is_full(&self) -> bool {
        self.filled == BUFFER
    }

    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// What is in it, to be shared; the buffer goes back when the last share is dropped.
    pub fn share(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut stock = self.stock.stock();
        if stock.len() < SPARE_MOST {
            stock.push(std::mem::take(&mut self.bytes));
        }
    }
}
