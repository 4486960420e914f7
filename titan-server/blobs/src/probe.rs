//! Whether the folder of blobs is well: asked by whoever watches the server.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::incoming::create_private_file;
use crate::{BlobError, Blobs, off_thread};

impl Blobs {
    /// Whether the folder takes bytes in, and keeps them: by having it done.
    pub async fn probe(&self) -> Result<(), BlobError> {
        static PROBES: AtomicU64 = AtomicU64::new(0);
        let name = format!("probe-{}", PROBES.fetch_add(1, Ordering::Relaxed));
        let path = self.0.incoming_dir().join(name);
        let probed = off_thread(move || {
            let mut file = create_private_file(&path)?;
            let kept = file.write_all(b"probe").and_then(|()| file.sync_all());
            std::fs::remove_file(&path).and(kept)
        });
        Ok(probed.await??)
    }
}
