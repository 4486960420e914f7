//! Transfers against a scripted peer that cuts, stalls, lies and forgets.

mod files;

use std::{path::Path, time::Duration};

use self::files::{Files, RESULT};
use super::*;
use crate::{
    AppId, ConversationId, FileId,
    client::{Client, Options, tests::soon},
    protocol::{Category, FaultCode, Posted},
};

const FILE: Source = Source::File(FileId(8));
const ROOM: ConversationId = ConversationId(1);

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|index| (index * 7 + index / 251) as u8).collect()
}

async fn client(files: &Files) -> Client {
    connect(options(files)).await
}

async fn connect(options: Options) -> Client {
    soon(Client::connect(options)).await.unwrap().0
}

fn options(files: &Files) -> Options {
    Options::new(&files.url()).unwrap().token("t0k3n").watch_presence(false)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Stops the transfer once it has come this far.
fn stopping_at(at: u64, stop: fn(&TransferControl)) -> TransferControl {
    let control: std::sync::Arc<std::sync::OnceLock<TransferControl>> = Default::default();
    let inner = control.clone();
    let watching = TransferControl::new(move |progress| {
        if progress.done >= at
            && let Some(control) = inner.get()
        {
            stop(control);
        }
    });
    control.set(watching.clone()).unwrap();
    watching
}

#[tokio::test]
async fn a_download_survives_cuts_and_ends_up_whole_under_a_safe_name() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new("../../.evil\u{202e}name.zip", bytes(3_000_000)).await;
    files.script(|script| script.cuts = [1_000_000, 1, 700_000].into());
    let titan = client(&files).await;
    let got = soon(titan.download(FILE, folder.path(), &TransferControl::default())).await.unwrap();
    assert_eq!((got.size, std::fs::read(&got.path).unwrap()), (3_000_000, bytes(3_000_000)));
    assert_eq!(names(folder.path()), ["evil‹U+202E›name.zip"]);
    let asked = files.log();
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert!(asked[0].contains("authorization: bearer t0k3n") && !asked[0].contains("range:"));
    let hash = got.sha256.to_string();
    assert!(asked[2].contains("range: bytes=") && asked[2].contains(&format!("if-range: \"{hash}\"")), "{}", asked[2]);
}

#[tokio::test]
async fn a_paused_download_goes_on_in_another_client_and_a_cancelled_one_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new("a.bin", bytes(4_000_000)).await;
    files.script(|script| script.slowly = true);
    let control = stopping_at(1_500_000, TransferControl::pause);
    let paused = soon(client(&files).await.download(FILE, folder.path(), &control)).await;
    assert!(matches!(paused, Err(Error::Paused)), "{paused:?}");
    assert!(names(folder.path())[0].ends_with(".part"));
    let again = soon(client(&files).await.download(FILE, folder.path(), &control)).await;
    assert!(matches!(again, Err(Error::Paused)));
    let cancelled = stopping_at(2_500_000, TransferControl::cancel);
    assert!(matches!(
        soon(client(&files).await.download(FILE, folder.path(), &cancelled)).await,
        Err(Error::Cancelled)
    ));
    assert!(names(folder.path()).is_empty());

    let pausing = stopping_at(1_000_000, TransferControl::pause);
    let paused = soon(client(&files).await.download(FILE, folder.path(), &pausing)).await;
    assert!(matches!(paused, Err(Error::Paused)));
    let got = soon(client(&files).await.download(FILE, folder.path(), &TransferControl::default())).await.unwrap();
    assert_eq!(std::fs::read(got.path).unwrap(), bytes(4_000_000));
    assert!(files.log().last().unwrap().contains("range: bytes="));
}

#[tokio::test]
async fn what_is_not_what_was_promised_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new("a.bin", bytes(1000)).await;
    files.script(|script| script.bytes[500] ^= 1);
    let error =
        soon(client(&files).await.download(FILE, folder.path(), &TransferControl::default())).await.unwrap_err();
    assert!(matches!(error, Error::HashMismatch { .. }), "{error}");
    assert!(names(folder.path()).is_empty());
    files.script(|script| script.bytes.extend([0; 10]));
    let error =
        soon(client(&files).await.download(FILE, folder.path(), &TransferControl::default())).await.unwrap_err();
    assert!(error.to_string().contains("more than it promised"), "{error}");
}

#[tokio::test]
async fn a_part_that_suffered_is_fetched_anew_as_is_one_that_the_server_will_not_continue() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new("a.bin", bytes(3_000_000)).await;
    files.script(|script| script.slowly = true);
    for suffer in [true, false] {
        let paused = stopping_at(1_500_000, TransferControl::pause);
        soon(client(&files).await.download(FILE, folder.path(), &paused)).await.unwrap_err();
        let part = names(folder.path()).into_iter().find(|name| name.ends_with(".part")).unwrap();
        if suffer {
            let path = folder.path().join(part);
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[100] ^= 1;
            std::fs::write(&path, bytes).unwrap();
        } else {
            files.script(|script| script.ranges = false);
        }
        let got = soon(client(&files).await.download(FILE, folder.path(), &TransferControl::default())).await.unwrap();
        assert_eq!(std::fs::read(got.path).unwrap(), bytes(3_000_000));
    }
    assert_eq!(names(folder.path()), ["a (2).bin", "a.bin"]);
}

#[tokio::test]
async fn a_stalled_download_is_begun_again_and_a_dead_one_given_up_with_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new("a.bin", bytes(2_000_000)).await;
    files.script(|script| script.stalls = 1);
    let mut impatient = options(&files);
    impatient.pace.stall = Duration::from_millis(300);
    let titan = connect(impatient).await;
    soon(titan.download(FILE, folder.path(), &TransferControl::default())).await.unwrap();
    files.script(|script| script.status = Some("503 Service Unavailable"));
    let error = soon(titan.download(FILE, folder.path(), &TransferControl::default())).await.unwrap_err();
    assert_eq!(error.fault().unwrap().code, FaultCode::Unavailable);
    files.script(|script| script.status = Some("403 Forbidden"));
    let error = soon(titan.download(FILE, folder.path(), &TransferControl::default())).await.unwrap_err();
    assert_eq!(error.to_string(), "No.");
}

#[tokio::test]
async fn an_app_is_saved_to_the_path_its_person_names_and_an_empty_one_too() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new("tetris.zip", Vec::new()).await;
    let to = folder.path().join("deep/my game.zip");
    let got = soon(client(&files).await.download(Source::App(AppId(4)), &to, &TransferControl::default())).await;
    assert_eq!(got.unwrap().path, to);
    assert_eq!(std::fs::read(to).unwrap(), b"");
}

fn file(folder: &Path, count: usize) -> std::path::PathBuf {
    let path = folder.join("żółw.bin");
    std::fs::write(&path, bytes(count)).unwrap();
    path
}

#[tokio::test]
async fn an_upload_goes_on_where_the_connection_broke() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), 20_000_000);
    let files = Files::new("x", Vec::new()).await;
    files.script(|script| script.cuts = [3_000_000, 9_000_000].into());
    let control = TransferControl::default();
    let posted: Posted = soon(client(&files).await.upload_file(&path, ROOM, "look", &control)).await.unwrap();
    assert_eq!(serde_json::to_string(&posted).unwrap(), RESULT);
    files.script(|script| assert!(script.received == bytes(20_000_000)));
    let asked = files.log();
    let metadata = asked[0].split("upload-metadata: ").nth(1).unwrap().lines().next().unwrap();
    for key in ["filename", "sha256", "client_id", "conversation", "text"] {
        assert!(metadata.contains(&format!("{key} ")), "{metadata}");
    }
    let patches = asked.iter().filter(|request| request.starts_with("patch"));
    assert!(patches.clone().all(|patch| patch.contains("content-length: ") && !patch.contains("chunked")));
    assert!(asked.iter().filter(|request| request.starts_with("post")).count() == 1, "{asked:?}");
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_and_is_forgotten_when_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), 12_000_000);
    let files = Files::new("x", Vec::new()).await;
    let state = folder.path().join("uploads.json");
    let app =
        NewApp { name: "Tetris".into(), description: "Blocks".into(), category: Category::Game, version: "1".into() };
    let titan = connect(options(&files).state_file(&state)).await;
    let paused = stopping_at(9_000_000, TransferControl::pause);
    let error = soon(titan.upload_app(&path, app.clone(), &paused)).await.unwrap_err();
    assert!(matches!(error, Error::Paused), "{error}");
    let titan = connect(options(&files).state_file(&state)).await;
    let error = soon(titan.upload_app(&path, app.clone(), &TransferControl::default())).await.unwrap_err();
    assert!(error.to_string().contains("is done"), "a post's answer is no app: {error}");
    files.script(|script| assert!(script.received == bytes(12_000_000)));
    assert_eq!(files.log().iter().filter(|request| request.starts_with("post")).count(), 1);
    assert_eq!(std::fs::read_to_string(&state).unwrap(), "{}");

    let cancelled = stopping_at(9_000_000, TransferControl::cancel);
    let error = soon(titan.upload_app(&path, app, &cancelled)).await.unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error}");
    assert!(files.log().last().unwrap().starts_with("delete"));
}

#[tokio::test]
async fn an_upload_that_the_server_forgot_begins_anew_and_one_it_refuses_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), 12_000_000);
    let files = Files::new("x", Vec::new()).await;
    let titan = client(&files).await;
    let paused = stopping_at(9_000_000, TransferControl::pause);
    soon(titan.upload_file(&path, ROOM, "", &paused)).await.unwrap_err();
    files.script(|script| script.forget_upload());
    soon(titan.upload_file(&path, ROOM, "", &TransferControl::default())).await.unwrap();
    files.script(|script| assert!(script.received == bytes(12_000_000)));
    files.script(|script| script.status = Some("403 Forbidden"));
    let error = soon(titan.upload_file(&path, ROOM, "", &TransferControl::default())).await.unwrap_err();
    assert_eq!(error.fault().unwrap().code, FaultCode::Forbidden);
    let missing = soon(titan.upload_file(folder.path(), ROOM, "", &TransferControl::default())).await.unwrap_err();
    assert!(matches!(missing, Error::Io(..)), "{missing}");
}

#[tokio::test]
async fn an_export_is_whole_or_not_there_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines: String = (0..200_000).map(|number| format!("{{\"line\":{number}}}\n")).collect();
    lines.push_str("{\"export\":\"end\"}\n");
    let files = Files::new("x", lines.clone().into_bytes()).await;
    files.script(|script| script.cuts = [1_000_000].into());
    let titan = client(&files).await;
    let got = soon(titan.export(folder.path(), &TransferControl::default())).await.unwrap();
    assert_eq!((got.size, got.lines), (lines.len() as u64, 200_001));
    assert_eq!(std::fs::read_to_string(&got.path).unwrap(), lines);
    assert_eq!(names(folder.path()), ["titan-export.ndjson"]);
    assert!(files.log().iter().all(|head| head.starts_with("get /api/export ") && head.contains("bearer t0k3n")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&got.path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    files.script(|script| script.bytes.truncate(1_000));
    let error = soon(titan.export(folder.path().join("cut"), &TransferControl::default())).await.unwrap_err();
    assert!(error.to_string().contains("broke off"), "what lacks its last line is not whole: {error}");
    files.script(|script| (script.slowly, script.bytes) = (true, bytes(4_000_000)));
    let stopped = stopping_at(1_000_000, TransferControl::pause);
    let error = soon(titan.export(folder.path().join("second"), &stopped)).await.unwrap_err();
    assert!(matches!(error, Error::Paused), "{error}");
    files.script(|script| script.status = Some("403 Forbidden"));
    let error = soon(titan.export(folder.path(), &TransferControl::default())).await.unwrap_err();
    assert_eq!(error.to_string(), "No.");
    assert_eq!(names(folder.path()), ["titan-export.ndjson"], "nothing unfinished is left behind");
}
