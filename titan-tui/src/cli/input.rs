//! Standard input: a line or all of it, read on a thread of its own so that ctrl-c still works.

use std::io::{self, BufRead, Read};

use super::failure::Failure;

/// The text itself, or all of standard input for `-`. What old programs write is not always UTF-8: an odd byte becomes U+FFFD
/// and the rest is sent.
pub async fn text(given: String) -> Result<String, Failure> {
    if given != "-" {
        return Ok(given);
    }
    let all = read(|| {
        let mut all = Vec::new();
        io::stdin().lock().read_to_end(&mut all).map(|_| String::from_utf8_lossy(&all).into_owned())
    });
    Ok(all.await?.trim_end_matches(['\r', '\n']).to_owned())
}

/// One line, which is an answer or a password: of an odd byte nobody can say what was meant.
pub async fn line() -> Result<String, Failure> {
    let line = read(|| {
        let mut line = Vec::new();
        io::stdin().lock().read_until(b'\n', &mut line)?;
        String::from_utf8(line).map_err(|_| {
            let why =
                "what came in is not UTF-8: check the encoding of the terminal, or of the file that it comes from";
            io::Error::new(io::ErrorKind::InvalidData, why)
        })
    });
    Ok(line.await?.trim_end_matches(['\r', '\n']).to_owned())
}

async fn read(work: impl FnOnce() -> io::Result<String> + Send + 'static) -> Result<String, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(text) => Ok(text?),
        Err(error) => Err(Failure::refused(error.to_string())),
    }
}
