//! Where the client keeps what it keeps, and who is logged in where. The screen and the shell commands share this room.
//!
//! A token lets its holder speak in its owner's name: the file that holds them is made for its owner's eyes only, and
//! written whole or not at all. Passwords are never kept. Nothing here touches the network.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use titan_core::{
    Secret,
    client::{KnownServers, private_file, replace_private_file},
    secret::revealed,
    text::look_alike,
};

/// The name of the server inside this program, wherever it listens.
pub const SOLO: &str = "solo";

/// Where a server stands that nobody has set up otherwise.
pub const USUAL_SERVER: &str = "http://127.0.0.1:8000";

/// The folders of this client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    data: PathBuf,
    settings: PathBuf,
}

impl Folders {
    /// One folder for everything where one was given; the platform's folders otherwise.
    pub fn find(given: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(folder) = given {
            return Ok(Self { data: folder.to_owned(), settings: folder.to_owned() });
        }
        let platform = directories::ProjectDirs::from("", "", "titan")
            .context("this system names no folder for data: give one with --data-dir")?;
        Ok(Self { data: platform.data_dir().to_owned(), settings: platform.config_dir().to_owned() })
    }

    /// Everything but the settings.
    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn settings(&self) -> PathBuf {
        self.settings.join("settings.toml")
    }

    /// Where themes of one's own are.
    pub fn themes(&self) -> PathBuf {
        self.settings.join("themes")
    }

    /// The server that a person set in the settings, if one is.
    pub fn chosen_server(&self) -> Option<String> {
        let settings: toml::Table = fs::read_to_string(self.settings()).ok()?.parse().ok()?;
        Some(settings.get("server")?.as_str()?.to_owned())
    }

    /// The servers that are known, and by what.
    pub fn known_servers(&self) -> KnownServers {
        // Its first readers called it so; it holds lines.
        KnownServers::at(self.data.join("known_servers.json"))
    }

    /// The local history of one account on one server.
    pub fn cache(&self, server: &str, username: &str) -> PathBuf {
        let server = server.trim_start_matches("http://").replace("://", "_");
        self.data.join("cache").join(format!("{}~{}.db", plain(&server), plain(&username.to_lowercase())))
    }

    pub fn credentials(&self) -> Credentials {
        Credentials { path: self.data.join("logins.toml") }
    }

    /// The login at the server inside this program: its port differs each time, so it is no login for the shell commands.
    pub fn solo_credentials(&self) -> Credentials {
        Credentials { path: self.data.join("solo.toml") }
    }

    /// Where downloads go if nothing else is set.
    pub fn downloads(&self) -> PathBuf {
        let platform = || directories::UserDirs::new()?.download_dir().map(Path::to_owned);
        let own = self.data == self.settings;
        if own { None } else { platform() }.unwrap_or_else(|| self.data.join("downloads"))
    }

    pub fn log(&self) -> PathBuf {
        self.data.join("titan.log")
    }

    /// What the screen was at last: a server's address, or [`SOLO`].
    pub fn last_server(&self) -> Option<String> {
        let text = fs::read_to_string(self.data.join("last_server")).ok()?;
        Some(text.trim().to_owned()).filter(|server| !server.is_empty())
    }

    pub fn keep_last_server(&self, server: &str) -> anyhow::Result<()> {
        make_private_folder(&self.data)?;
        Ok(fs::write(self.data.join("last_server"), server)?)
    }

    pub fn save_settings(&self, text: &str) -> anyhow::Result<()> {
        make_private_folder(&self.settings)?;
        Ok(fs::write(self.settings(), text)?)
    }
}

/// A part of a file's name that every file system takes.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect()
}

/// A session that was opened and not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// As `Options::server` gives it.
    pub server: String,
    pub username: String,
    #[serde(serialize_with = "revealed")]
    pub token: Secret,
}

/// All logins of this machine's user, the one used last first: that one is meant where none is named.
pub struct Credentials {
    path: PathBuf,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    login: Vec<Login>,
}

impl Credentials {
    /// The logins, the one used last first.
    pub fn logins(&self) -> anyhow::Result<Vec<Login>> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("reading {}", self.path.display())),
        };
        let kept: Kept = toml::from_str(&text)
            .with_context(|| format!("{} is damaged: remove it and log in again", self.path.display()))?;
        Ok(kept.login)
    }

    /// The login used last among those at this server and of this person; either may be left open.
    pub fn find(&self, server: Option<&str>, username: Option<&str>) -> anyhow::Result<Option<Login>> {
        let is_meant = |login: &Login| {
            server.is_none_or(|server| login.server == server)
                && username.is_none_or(|name| look_alike(&login.username) == look_alike(name))
        };
        Ok(self.logins()?.into_iter().find(is_meant))
    }

    /// Keeps a login in the place of an older one, as the one used last.
    pub fn keep(&self, login: Login) -> anyhow::Result<()> {
        self.change(|logins| {
            logins.retain(|kept| !same(kept, &login.server, &login.username));
            logins.insert(0, login);
        })
    }

    pub fn forget(&self, server: &str, username: &str) -> anyhow::Result<()> {
        self.change(|logins| logins.retain(|kept| !same(kept, server, username)))
    }

    /// Reads, changes and writes, with nobody else writing in between.
    fn change(&self, change: impl FnOnce(&mut Vec<Login>)) -> anyhow::Result<()> {
        let write = || -> anyhow::Result<()> {
            let folder = self.path.parent().context("no folder")?;
            make_private_folder(folder)?;
            let lock = private_file(&self.path.with_extension("lock"))?;
            lock.lock()?;
            let mut login = self.logins()?;
            change(&mut login);
            let text = toml::to_string(&Kept { login })?;
            Ok(replace_private_file(&self.path, text.as_bytes())?)
        };
        write().with_context(|| format!("keeping the login in {}", self.path.display()))
    }
}

fn same(login: &Login, server: &str, username: &str) -> bool {
    login.server == server && login.username == username
}

/// Makes a folder that only its owner can look into; one that is there already stays as it is.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(server: &str, username: &str, token: &str) -> Login {
        Login { server: server.into(), username: username.into(), token: token.into() }
    }

    #[test]
    fn the_login_used_last_is_meant_where_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = Folders::find(Some(folder.path())).unwrap().credentials();
        assert_eq!(credentials.find(None, None).unwrap(), None);
        credentials.keep(login("http://a", "ada", "1")).unwrap();
        credentials.keep(login("http://b", "bob", "2")).unwrap();
        assert_eq!(credentials.find(None, None).unwrap().unwrap().username, "bob");
        assert_eq!(credentials.find(None, Some("ADA")).unwrap().unwrap().token.reveal(), "1");
        assert_eq!(credentials.find(Some("http://a"), None).unwrap().unwrap().username, "ada");
        assert_eq!(credentials.find(Some("http://a"), Some("bob")).unwrap(), None);
        credentials.keep(login("http://a", "ada", "3")).unwrap();
        assert_eq!(credentials.find(None, None).unwrap().unwrap().token.reveal(), "3");
        assert_eq!(credentials.logins().unwrap().len(), 2);
        credentials.forget("http://a", "ada").unwrap();
        assert_eq!(credentials.find(Some("http://a"), None).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn tokens_are_for_their_owners_eyes_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let credentials = Folders::find(Some(&folder.path().join("new"))).unwrap().credentials();
        credentials.keep(login("http://a", "ada", "secret")).unwrap();
        assert_eq!(fs::metadata(&credentials.path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!format!("{:?}", credentials.logins().unwrap()).contains("secret"));
    }

    #[test]
    fn writers_at_the_same_time_lose_nobodys_login() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::find(Some(folder.path())).unwrap();
        std::thread::scope(|scope| {
            for number in 0..8 {
                let credentials = folders.credentials();
                scope.spawn(move || credentials.keep(login("http://a", &format!("user{number}"), "t")).unwrap());
            }
        });
        assert_eq!(folders.credentials().logins().unwrap().len(), 8);
    }

    #[test]
    fn every_account_has_a_cache_of_its_own() {
        let folders = Folders::find(Some(Path::new("/data"))).unwrap();
        let cache = folders.cache("http://127.0.0.1:8000", "Ada");
        assert_eq!(cache, Path::new("/data/cache/127.0.0.1_8000~ada.db"));
        assert_ne!(cache, folders.cache("https://127.0.0.1:8000", "ada"));
        assert_eq!(folders.cache("../..", "../x").parent(), Some(Path::new("/data/cache")));
    }
}
