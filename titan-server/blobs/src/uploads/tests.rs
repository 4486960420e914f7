use std::collections::HashSet;
use std::convert::Infallible;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use titan_core::{ClientId, ConversationId};

use super::*;

const ADA: AccountId = AccountId(1);

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn open(&self) -> Uploads {
        let blobs = Blobs::open(&self.0.path().join("blobs")).unwrap();
        let sizes = Sizes { upload: 100, unfinished: 250, ..Sizes::default() };
        Uploads::open(&self.0.path().join("uploads"), blobs, sizes).unwrap()
    }

    fn names(&self) -> HashSet<String> {
        let entries = std::fs::read_dir(self.0.path().join("uploads")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn file(length: u64) -> NewUpload {
    let purpose = Purpose::File { conversation: ConversationId(1), text: String::new(), client_id: ClientId::new() };
    NewUpload { length, purpose, file_name: "a".to_owned(), sha256: None, told: None }
}

/// For somebody whose room nobody counts.
async fn begin(uploads: &Uploads, account: AccountId, new: NewUpload) -> Result<Arc<Upload>, Fault> {
    let held = uploads.0.blobs.hold_again(account, new.length, 0);
    uploads.begin(account, new, held).await
}

fn body(bytes: &'static [u8]) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> + Unpin {
    stream::iter([Ok(Bytes::from_static(bytes))])
}

#[tokio::test]
async fn uploads_outlive_the_server_and_rubbish_does_not() {
    let place = Place::new();
    let uploads = place.open();
    let upload = begin(&uploads, ADA, file(10)).await.unwrap();
    upload.turn().await.append(0, body(b"1234"), None).await.unwrap();
    let kept = place.names();
    for rubbish in ["0123456789abcdef0123456789abcdef", "x.new", "0123456789abcdef0123456789abcdef.json"] {
        std::fs::write(place.0.path().join("uploads").join(rubbish), "{").unwrap();
    }
    drop(uploads);
    let uploads = place.open();
    assert_eq!(place.names(), kept);
    let upload = uploads.find(ADA, upload.id.as_str()).unwrap();
    assert_eq!(upload.turn().await.offset(), 4);
    upload.turn().await.append(4, body(b"567890"), None).await.unwrap();
    assert!(upload.turn().await.is_whole());
    assert!(uploads.find(AccountId(2), upload.id.as_str()).is_err());
}

#[tokio::test]
async fn an_account_has_only_so_many_bytes_unfinished() {
    let place = Place::new();
    let uploads = place.open();
    let first = begin(&uploads, ADA, file(100)).await.unwrap();
    begin(&uploads, ADA, file(100)).await.unwrap();
    assert_eq!(begin(&uploads, ADA, file(51)).await.err().unwrap().code, FaultCode::TooLarge);
    begin(&uploads, AccountId(2), file(100)).await.unwrap();
    first.turn().await.give_up().await;
    begin(&uploads, ADA, file(51)).await.unwrap();
}

#[tokio::test]
async fn what_nobody_goes_on_with_is_swept() {
    let place = Place::new();
    let uploads = place.open();
    let (old, young) = (begin(&uploads, ADA, file(10)).await.unwrap(), begin(&uploads, ADA, file(10)).await.unwrap());
    drop(uploads);
    for name in [old.id.to_string(), format!("{}.json", old.id)] {
        let file = std::fs::File::options().write(true).open(place.0.path().join("uploads").join(name)).unwrap();
        file.set_modified(SystemTime::now() - KEPT - Duration::from_secs(1)).unwrap();
    }
    let uploads = place.open();
    assert_eq!(uploads.sweep(Time::now()).await, 1);
    assert!(uploads.find(ADA, old.id.as_str()).is_err());
    uploads.find(ADA, young.id.as_str()).unwrap();
    assert_eq!(place.names().len(), 2);
}

#[tokio::test]
async fn a_request_that_hangs_gives_way_to_the_client_that_came_back() {
    let place = Place::new();
    let upload = begin(&place.open(), ADA, file(10)).await.unwrap();
    // The desk lives in `Uploads`; without it the upload is gone.
    assert!(matches!(upload.turn().await.append(0, body(b"x"), None).await, Err(Cut::Gone)));

    let uploads = place.open();
    let upload = begin(&uploads, ADA, file(10)).await.unwrap();
    let hangs = upload.clone();
    let (arrived, arrives) = tokio::sync::oneshot::channel();
    let hanging = tokio::spawn(async move {
        let mut turn = hangs.turn().await;
        let _ = arrived.send(());
        turn.append(0, body(b"1234").chain(stream::pending()), None).await
    });
    arrives.await.unwrap();
    // Nothing tells when the hanging request has taken its bytes in; it may give way before or after.
    let offset = upload.turn().await.offset();
    assert!(matches!(hanging.await.unwrap(), Err(Cut::GaveWay)));
    assert!(offset == 0 || offset == 4, "{offset}");
}
