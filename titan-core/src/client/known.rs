//! The servers that are known, and by what: a file of lines, one a server, that people can read and programs share.
//!
//! `host:port` and a word: a fingerprint, `authority` or `plaintext`. Files of before there were words hold fingerprints alone.
//! What a line says that isn't understood is never overlooked: its server is not believed.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::{
    Error,
    private::{private_file, replace_private_file},
    untrusted::{Flaw, Known, Untrusted},
};
use crate::{Fingerprint, SafeText};

const AUTHORITY: &str = "authority";
const PLAINTEXT: &str = "plaintext";

/// What is remembered of servers, in a file that is made when there is something to remember.
///
/// ```no_run
/// # async fn hello() -> Result<(), titan_core::client::Error> {
/// use titan_core::client::{Client, Error, KnownServers, Options, Trust};
///
/// let known = KnownServers::at("known_servers");
/// let options = Options::new("chat.example.org")?.password("ada", "secret").trust(Trust::Known(known.clone()));
/// let (titan, events) = match Client::connect(options.clone()).await {
///     // A first contact: nothing was sent yet. Here a person would be shown the fingerprint, and asked.
///     Err(Error::Untrusted(server)) if server.may_be_asked_about() => {
///         known.believe(&server)?;
///         Client::connect(options).await?
///     }
///     // Whoever was known and shows something else is refused: so is who shows what was made for another name.
///     connected => connected?,
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownServers {
    path: PathBuf,
    told: Option<Fingerprint>,
}

impl KnownServers {
    /// Those in this file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), told: None }
    }

    /// The same for one server that must show the certificate of this fingerprint, whatever is known of it or vouches for another;
    /// it is remembered once it has.
    pub fn told(mut self, fingerprint: Fingerprint) -> Self {
        self.told = Some(fingerprint);
        self
    }

    /// Where they are kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every server that is known, as `host:port`, in the order in which they came to be. [`Error::Io`] where the file can't be
    /// read, or holds a line that makes no sense.
    pub fn list(&self) -> Result<Vec<(String, Known)>, Error> {
        self.lines()?.into_iter().map(|(server, word)| self.read(&server, &word).map(|known| (server, known))).collect()
    }

    /// How a server is known, by its `host:port`. [`Error::Io`] as for [`KnownServers::list`].
    pub fn of(&self, server: &str) -> Result<Option<Known>, Error> {
        let mut known = None;
        for (_, word) in self.lines()?.iter().filter(|(name, _)| name == server) {
            let said = self.read(server, word)?;
            // An older program may have added a fingerprint since: the stricter word counts.
            known = if said == Known::ByAuthority { Some(said) } else { known.or(Some(said)) };
        }
        Ok(known)
    }

    /// Remembers how a server is known, in the place of what was known of it. [`Error::Io`] where that can't be written.
    pub fn keep(&self, server: &str, known: Known) -> Result<(), Error> {
        let word = match known {
            Known::ByAuthority => AUTHORITY.to_owned(),
            Known::ByFingerprint(fingerprint) => fingerprint.to_string(),
            Known::Plaintext => PLAINTEXT.to_owned(),
        };
        self.change(server, Some(word)).map(drop)
    }

    /// Remembers that a person, or a script, trusts a server in spite of its flaw. [`Error::Untrusted`] where that is not theirs to
    /// decide: see [`Untrusted::may_be_asked_about`].
    pub fn believe(&self, server: &Untrusted) -> Result<(), Error> {
        match (server.may_be_asked_about(), &server.flaw, server.fingerprint) {
            (true, Flaw::Plaintext, _) => self.keep(&server.server, Known::Plaintext),
            (true, _, Some(fingerprint)) => self.keep(&server.server, Known::ByFingerprint(fingerprint)),
            _ => Err(Error::Untrusted(Box::new(server.clone()))),
        }
    }

    /// Forgets a server, by its `host:port`, so that the next contact is a first one; whether it was known.
    pub fn forget(&self, server: &str) -> Result<bool, Error> {
        self.change(server, None)
    }

    pub(super) fn expected(&self) -> Option<Fingerprint> {
        self.told
    }

    /// Servers and words. What is no such line is left alone.
    fn lines(&self) -> Result<Vec<(String, String)>, Error> {
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            text => text.map_err(|error| self.failed("read", error))?,
        };
        let parts = |line: &str| line.split_once(' ').map(|(server, word)| (server.to_owned(), word.trim().to_owned()));
        Ok(text.lines().filter(|line| !line.starts_with('#')).filter_map(parts).collect())
    }

    fn read(&self, server: &str, word: &str) -> Result<Known, Error> {
        match word {
            AUTHORITY => Ok(Known::ByAuthority),
            PLAINTEXT => Ok(Known::Plaintext),
            _ => word.parse().map(Known::ByFingerprint).map_err(|_| {
                let why = format!("the line of {} makes no sense: remove it", SafeText::line(server));
                self.failed("use", io::Error::new(ErrorKind::InvalidData, why))
            }),
        }
    }

    /// Takes the lines of a server out and puts another one in, with nobody else writing in between; whether there were any.
    fn change(&self, server: &str, word: Option<String>) -> Result<bool, Error> {
        let write = || -> io::Result<bool> {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            let lock = private_file(&self.path.with_extension("lock"))?;
            lock.lock()?;
            let text = match fs::read_to_string(&self.path) {
                Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
                text => text?,
            };
            let is_meant = |line: &&str| line.split_once(' ').is_some_and(|(name, _)| name == server);
            let (before, kept): (Vec<&str>, Vec<&str>) = text.lines().partition(is_meant);
            let new = word.map(|word| format!("{server} {word}"));
            let lines: String = kept.into_iter().chain(new.as_deref()).flat_map(|line| [line, "\n"]).collect();
            if lines != text {
                replace_private_file(&self.path, lines.as_bytes())?;
            }
            Ok(!before.is_empty())
        };
        write().map_err(|error| self.failed("change", error))
    }

    fn failed(&self, what: &str, error: io::Error) -> Error {
        Error::Io(format!("can't {what} {}, where known servers are kept", self.path.display()), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Known = Known::ByFingerprint(Fingerprint([1; 32]));
    const TWO: Known = Known::ByFingerprint(Fingerprint([2; 32]));

    fn kept(text: &str) -> (tempfile::TempDir, KnownServers) {
        let folder = tempfile::tempdir().unwrap();
        let known = KnownServers::at(folder.path().join("known_servers.json"));
        fs::write(known.path(), text).unwrap();
        (folder, known)
    }

    #[test]
    fn a_server_is_known_by_what_was_kept_last_and_unknown_once_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let known = KnownServers::at(folder.path().join("sub/known_servers"));
        assert_eq!(known.of("h:1").unwrap(), None);
        for how in [ONE, Known::Plaintext, TWO, Known::ByAuthority] {
            known.keep("h:1", how).unwrap();
            assert_eq!(known.of("h:1").unwrap(), Some(how));
        }
        known.keep("[::1]:2", ONE).unwrap();
        assert_eq!(known.list().unwrap(), [("h:1".to_owned(), Known::ByAuthority), ("[::1]:2".to_owned(), ONE)]);
        assert!(known.forget("h:1").unwrap() && !known.forget("h:1").unwrap());
        assert_eq!((known.of("h:1").unwrap(), known.of("[::1]:2").unwrap()), (None, Some(ONE)));
    }

    #[test]
    fn pins_of_before_stay_and_what_an_older_program_adds_weakens_nothing() {
        let (_folder, known) = kept(&format!("old:443 {}\n# mine\nca:443 authority\n", "01".repeat(32)));
        assert_eq!(known.of("old:443").unwrap(), Some(ONE));
        let text = fs::read_to_string(known.path()).unwrap();
        fs::write(known.path(), format!("{text}ca:443 {}\n", "02".repeat(32))).unwrap();
        assert_eq!(known.of("ca:443").unwrap(), Some(Known::ByAuthority));
        known.keep("new:1", TWO).unwrap();
        assert!(fs::read_to_string(known.path()).unwrap().contains("# mine"));
    }

    #[test]
    fn a_line_that_makes_no_sense_makes_its_server_no_stranger() {
        let (_folder, known) = kept("h:1 0101\nother:1 authority\n");
        assert!(known.of("h:1").unwrap_err().to_string().contains("makes no sense"));
        assert_eq!(known.of("other:1").unwrap(), Some(Known::ByAuthority));
        known.keep("h:1", ONE).unwrap();
        assert_eq!(known.of("h:1").unwrap(), Some(ONE));
    }

    #[test]
    fn nobody_decides_for_a_server_that_was_known_otherwise() {
        let (_folder, known) = kept("");
        let changed = Untrusted::new("h:1", Flaw::SelfSigned).showing(Fingerprint([2; 32])).known_until_now(Some(ONE));
        assert!(matches!(known.believe(&changed), Err(Error::Untrusted(_))));
        assert_eq!(known.of("h:1").unwrap(), None);
        known.believe(&Untrusted::new("h:1", Flaw::SelfSigned).showing(Fingerprint([2; 32]))).unwrap();
        known.believe(&Untrusted::new("h:2", Flaw::Plaintext)).unwrap();
        assert_eq!((known.of("h:1").unwrap(), known.of("h:2").unwrap()), (Some(TWO), Some(Known::Plaintext)));
    }

    #[test]
    fn programs_that_write_at_the_same_time_lose_nothing() {
        let (_folder, known) = kept("");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let known = known.clone();
                scope.spawn(move || known.keep(&format!("h:{number}"), ONE).unwrap());
            }
        });
        assert_eq!(known.list().unwrap().len(), 8);
    }
}
