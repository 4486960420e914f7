use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt;

use super::*;

fn open() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).unwrap();
    (folder, blobs)
}

fn incoming_files(blobs: &Blobs) -> usize {
    std::fs::read_dir(blobs.0.incoming_dir()).unwrap().count()
}

async fn read(blobs: &Blobs, blob: Blob, start: u64, length: u64) -> Vec<u8> {
    let file = blobs.open_blob(blob.id, blob.size).await.unwrap();
    let pieces: Vec<_> = file.stream(start, length).try_collect().await.unwrap();
    pieces.concat()
}

#[tokio::test]
async fn bytes_come_back_whole_and_in_part() {
    let (_folder, blobs) = open();
    let bytes: Vec<u8> = (0..3_000_001u32).map(|at| (at / 5) as u8).collect();
    let mut incoming = blobs.incoming(bytes.len() as u64).await.unwrap();
    for piece in bytes.chunks(77_777) {
        incoming.push(piece).await.unwrap();
    }
    let blob = incoming.finish().await.unwrap();
    assert_eq!(blob.id.0, <[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(&bytes)));
    assert_eq!(read(&blobs, blob, 0, blob.size).await, bytes);
    assert_eq!(read(&blobs, blob, 1_000_000, 1_500_000).await, &bytes[1_000_000..2_500_000]);
    assert_eq!(blobs.keep(&bytes).await.unwrap(), blob);
    assert_eq!(incoming_files(&blobs), 0);
}

#[tokio::test]
async fn what_is_too_large_or_given_up_leaves_nothing() {
    let (folder, blobs) = open();
    let mut incoming = blobs.incoming(1_000_000).await.unwrap();
    incoming.push(&[1; 900_000]).await.unwrap();
    assert!(matches!(incoming.push(&[1; 100_001]).await, Err(BlobError::TooLarge { most: 1_000_000 })));
    drop(incoming);
    let deadline = SystemTime::now() + Duration::from_secs(10);
    while incoming_files(&blobs) > 0 {
        assert!(SystemTime::now() < deadline, "the temporary file stays");
        tokio::task::yield_now().await;
    }
    std::fs::write(folder.path().join("tmp/left-over"), "x").unwrap();
    Blobs::open(folder.path()).unwrap();
    assert_eq!(incoming_files(&blobs), 0);
}

#[tokio::test]
async fn a_blob_that_shrank_is_not_served() {
    let (_folder, blobs) = open();
    let blob = blobs.keep(b"some bytes").await.unwrap();
    let path = blobs.0.path(blob.id);
    std::fs::write(&path, "some").unwrap();
    assert!(matches!(blobs.open_blob(blob.id, blob.size).await, Err(BlobError::Damaged { found: 4, .. })));
    blobs.keep(b"some bytes").await.unwrap();
    assert_eq!(read(&blobs, blob, 0, blob.size).await, b"some bytes");
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(blobs.open_blob(blob.id, blob.size).await, Err(BlobError::Missing(_))));
}

#[tokio::test]
async fn a_sweep_takes_what_is_old_and_not_in_use() {
    let (_folder, blobs) = open();
    let (used, unused, young) =
        (blobs.keep(b"used").await.unwrap(), blobs.keep(b"unused").await.unwrap(), blobs.keep(b"young").await.unwrap());
    let hour = Duration::from_secs(3_600);
    for old in [used, unused] {
        let file = std::fs::File::options().write(true).open(blobs.0.path(old.id)).unwrap();
        file.set_modified(SystemTime::now() - 2 * hour).unwrap();
    }
    let in_use = HashSet::from([used.id]);
    assert_eq!(blobs.sweep(&in_use, hour).unwrap(), Swept { blobs: 1, bytes: 6 });
    assert!(blobs.open_blob(unused.id, unused.size).await.is_err());
    for stays in [used, young] {
        blobs.open_blob(stays.id, stays.size).await.unwrap();
    }
}

#[tokio::test]
async fn damage_is_found_and_named() {
    let (_folder, blobs) = open();
    let (sound, flipped) = (blobs.keep(b"sound").await.unwrap(), blobs.keep(b"flipped").await.unwrap());
    let gone = BlobId([7; 32]);
    std::fs::write(blobs.0.path(flipped.id), "flopped").unwrap();
    let found = blobs.check(&HashSet::from([sound.id, flipped.id, gone])).unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains(&flipped.id.to_string()) && found[1].contains(&gone.to_string()));
}

#[tokio::test]
async fn adopting_a_file_again_is_harmless() {
    let (folder, blobs) = open();
    let file = folder.path().join("tmp/whole");
    std::fs::write(&file, "whole").unwrap();
    let blob = measure(&mut std::fs::File::open(&file).unwrap()).unwrap();
    blobs.adopt(&file, blob).unwrap();
    assert!(!file.exists());
    blobs.adopt(&file, blob).unwrap();
    assert_eq!(read(&blobs, blob, 0, 5).await, b"whole");
    assert!(matches!(blobs.adopt(&file, Blob { id: BlobId([1; 32]), size: 5 }), Err(BlobError::Missing(_))));
}
