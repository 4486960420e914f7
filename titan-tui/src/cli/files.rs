//! Bytes: get and put, with a bar on a terminal. Ctrl-c stops in order, and the same command goes on from there.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use titan_core::{
    AppId, FileId, SafeText,
    client::{Client, Downloaded, Error, Source, TransferControl},
};

use super::{failure::Failure, globals::Globals, output::Output, session, stream::Stream, target::Target, words};

/// What to download, as named in the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct What(Source);

impl FromStr for What {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hint = |_| format!("{text:?} is neither a file's number nor app:NUMBER: titan history shows files");
        match text.strip_prefix("app:") {
            Some(number) => number.parse().map(|id| Self(Source::App(AppId(id)))).map_err(hint),
            None => {
                let number = text.strip_prefix("file:").unwrap_or(text);
                number.parse().map(|id| Self(Source::File(FileId(id)))).map_err(hint)
            }
        }
    }
}

pub async fn get(globals: &Globals, output: &Output, what: What, to: Option<PathBuf>) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    download(output, &client, what.0, to).await
}

/// Downloads into a file or folder and says where it lies; or through a pipe, once it is whole and checked.
pub async fn download(output: &Output, client: &Client, what: Source, to: Option<PathBuf>) -> Result<(), Failure> {
    let to = to.unwrap_or_else(|| PathBuf::from("."));
    if let Some(stream) = Stream::named(&to) {
        let folder = stream.waiting_room()?;
        let fetched = fetch(output, client, what, folder.path().to_owned()).await?;
        return stream.pass_on(fetched.path).await;
    }
    let Downloaded { path, sha256, size, .. } = fetch(output, client, what, to).await?;
    let shown = SafeText::line(&path.display().to_string());
    output.remark(format!("{size} bytes, checked: sha256 {sha256}"));
    output.result(&json!({"path": path, "size": size, "sha256": sha256}), || shown.to_string())
}

async fn fetch(output: &Output, client: &Client, what: Source, to: PathBuf) -> Result<Downloaded, Failure> {
    let label = match what {
        Source::App(id) => format!("app {id}"),
        Source::File(id) => format!("file {id}"),
        _ => "download".to_owned(),
    };
    transfer(output, &label, |control| async move { client.download(what, &to, &control).await }).await
}

/// What comes through a pipe and was given no name.
const UNNAMED: &str = "input";

pub async fn put(
    globals: &Globals,
    output: &Output,
    path: PathBuf,
    called: Option<String>,
    conversation: &Target,
    said: &str,
) -> Result<(), Failure> {
    // What comes through a pipe is gathered first: how long it is must be known before it is sent.
    let gathered = match (Stream::incoming(&path), &called) {
        (Some(stream), _) => Some(stream.gather(called.as_deref().unwrap_or(UNNAMED)).await?),
        (None, Some(name)) => {
            readable(&path)?;
            Some(Stream::Through(path.clone()).gather(name).await?)
        }
        (None, None) => {
            readable(&path)?;
            None
        }
    };
    let path = gathered.as_ref().map_or(path, |gathered| gathered.path.clone());
    let client = session::client(globals, output).await?;
    let conversation = conversation.find(&client).await?;
    let (label, client, path) = (name(&path), &client, &path);
    let posted =
        transfer(output, &label, |control| async move { client.upload_file(path, conversation, said, &control).await });
    let posted = posted.await?;
    if output.json {
        return output.object(&posted);
    }
    output.remark(format!("sent (#{})", posted.seq));
    Ok(())
}

/// A file that isn't there is told before anything is asked of the server.
pub fn readable(path: &Path) -> Result<(), Failure> {
    let meta = std::fs::metadata(path).map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
    if meta.is_file() { Ok(()) } else { Err(Failure::refused(format!("{} is no file", path.display()))) }
}

pub fn name(path: &Path) -> String {
    path.file_name().map(|name| SafeText::line(&name.to_string_lossy()).to_string()).unwrap_or_default()
}

/// Runs a transfer with a bar where somebody looks, and pauses it at ctrl-c.
pub async fn transfer<T, F: Future<Output = Result<T, Error>>>(
    output: &Output,
    label: &str,
    start: impl FnOnce(TransferControl) -> F,
) -> Result<T, Failure> {
    let bar = bar(output, label);
    let shown = bar.clone();
    let control = TransferControl::new(move |progress| {
        shown.set_length(progress.total);
        shown.set_position(progress.done);
    });
    let work = start(control.clone());
    tokio::pin!(work);
    let result = tokio::select! {
        result = &mut work => result,
        _ = tokio::signal::ctrl_c() => {
            control.pause();
            work.await
        }
    };
    bar.finish_and_clear();
    if matches!(result, Err(Error::Paused)) {
        output.remark(words::STOPPED);
    }
    Ok(result?)
}

fn bar(output: &Output, label: &str) -> ProgressBar {
    if !output.shows_bars() {
        return ProgressBar::hidden();
    }
    let template = "{prefix} {bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(style.progress_chars("━╸─"));
    bar.set_prefix(label.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
