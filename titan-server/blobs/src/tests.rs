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

/// Reads as much as comes before it is broken off.
async fn breaks_off(blobs: &Blobs, blob: Blob, start: u64, length: u64) -> u64 {
    let mut pieces = std::pin::pin!(blobs.open_blob(blob.id, blob.size).await.unwrap().stream(start, length));
    let mut came = 0;
    loop {
        match pieces.try_next().await {
            Ok(Some(piece)) => came += piece.len() as u64,
            Ok(None) => panic!("damaged bytes ended as if all were well"),
            Err(_) => return came,
        }
    }
}

#[tokio::test]
async fn a_transfer_of_damaged_bytes_is_broken_off_whatever_part_of_them_it_is() {
    let whole = vec![7; 1_000_000];
    for (flipped, start, length) in
        [(0, 0, 1_000_000), (999_999, 0, 1_000_000), (500_000, 0, 1_000), (500_000, 400_000, 600_000), (3, 999_999, 1)]
    {
        let (_folder, blobs) = open();
        let blob = blobs.keep(&whole).await.unwrap();
        let mut bytes = whole.clone();
        bytes[flipped] ^= 1;
        std::fs::write(blobs.0.path(blob.id), &bytes).unwrap();
        assert!(breaks_off(&blobs, blob, start, length).await < length);
        // From now on it is known.
        assert!(matches!(blobs.open_blob(blob.id, blob.size).await, Err(BlobError::Changed(_))));
        assert_eq!(blobs.damaged(), 1);
        // The same bytes sent once more heal it.
        blobs.keep(&whole).await.unwrap();
        assert_eq!(read(&blobs, blob, start, length).await.len() as u64, length);
    }
}

#[tokio::test]
async fn a_part_of_a_blob_that_was_looked_through_needs_no_other_look() {
    let (_folder, blobs) = open();
    let blob = blobs.keep(&vec![7; 1_000_000]).await.unwrap();
    assert_eq!(read(&blobs, blob, 10, 10).await, [7; 10]);
    let file = blobs.open_blob(blob.id, blob.size).await.unwrap();
    // Nothing can be looked through any more; what is known is enough.
    std::fs::rename(blobs.0.path(blob.id), blobs.0.path(BlobId([1; 32])).with_file_name("away")).ok();
    std::fs::remove_file(blobs.0.path(blob.id)).ok();
    let pieces: Vec<_> = file.stream(20, 10).try_collect().await.unwrap();
    assert_eq!(pieces.concat(), [7; 10]);
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
