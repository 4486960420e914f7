//! The mail server itself: talked to step by step, by what finds out what it can and by what tries it for the operator.

use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::{ClientId, Extension};
use percent_encoding::percent_decode_str;
use titan_core::Secret;
use url::Url;

/// How long the mail server may take for each step.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How it is reached, as the URL of the settings says.
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub login: Option<(String, Secret)>,
    hello: ClientId,
}

/// When the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    Never,
    IfItCan,
    Asked,
    FromTheStart,
}

/// What was being done when it failed, and how.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {why}")]
pub struct Failed {
    pub step: &'static str,
    pub why: String,
}

impl Failed {
    pub fn at<E: std::fmt::Display>(step: &'static str) -> impl Fn(E) -> Self {
        move |why| Self { step, why: why.to_string() }
    }
}

impl Server {
    /// What the sending library reads out of the same URL.
    pub fn of(url: &Secret) -> Option<Self> {
        let url: Url = url.reveal().parse().ok()?;
        let wish = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, wish)| wish.into_owned());
        let (tls, port) = match (url.scheme(), wish.as_deref()) {
            ("smtps", _) => (Tls::FromTheStart, 465),
            ("smtp", Some("required")) => (Tls::Asked, 587),
            ("smtp", Some("opportunistic")) => (Tls::IfItCan, 587),
            _ => (Tls::Never, 25),
        };
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let login = url.password().map(|password| (plain(url.username()), plain(password).as_str().into()));
        let name = url.path().trim_matches('/');
        let hello = if name.is_empty() { ClientId::default() } else { ClientId::Domain(name.to_owned()) };
        Some(Self { host: url.host_str()?.to_owned(), port: url.port().unwrap_or(port), tls, login, hello })
    }

    /// Connects, and comes to what is said after `EHLO`.
    pub async fn greet(&self) -> Result<AsyncSmtpConnection, Failed> {
        let encrypted = self.parameters()?.filter(|_| self.tls == Tls::FromTheStart);
        let host = self.host.trim_matches(['[', ']']);
        let connecting =
            AsyncSmtpConnection::connect_tokio1((host, self.port), Some(PATIENCE), &self.hello, encrypted, None);
        within(connecting).await.map_err(Failed::at("connecting"))
    }

    /// Encrypts what began in plain, where that is wanted. Whether it is encrypted now.
    pub async fn encrypt(&self, connection: &mut AsyncSmtpConnection) -> Result<bool, Failed> {
        let wanted = match self.tls {
            Tls::Asked => true,
            Tls::IfItCan => connection.can_starttls(),
            Tls::Never | Tls::FromTheStart => false,
        };
        if let (true, Some(parameters)) = (wanted, self.parameters()?) {
            within(connection.starttls(parameters, &self.hello)).await.map_err(Failed::at("STARTTLS"))?;
        }
        Ok(connection.is_encrypted())
    }

    /// Logs in, where there is somebody to log in as; gives what the server says to it.
    pub async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> Result<Option<String>, Failed> {
        let Some((name, password)) = &self.login else { return Ok(None) };
        let credentials = Credentials::new(name.clone(), password.reveal().to_owned());
        let said = within(connection.auth(DEFAULT_MECHANISMS, &credentials)).await.map_err(Failed::at("logging in"))?;
        Ok(Some(words(&said)))
    }

    fn parameters(&self) -> Result<Option<TlsParameters>, Failed> {
        match self.tls {
            Tls::Never => Ok(None),
            _ => TlsParameters::new(self.host.clone()).map(Some).map_err(Failed::at("setting up TLS")),
        }
    }

    /// Whether it takes addresses beyond ASCII.
    pub async fn speaks_utf8(&self) -> Result<bool, Failed> {
        let mut connection = self.greet().await?;
        self.encrypt(&mut connection).await?;
        let speaks = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        connection.abort().await;
        Ok(speaks)
    }
}

/// An answer of the server's on one line.
pub fn words(response: &lettre::transport::smtp::response::Response) -> String {
    let text: Vec<_> = response.message().collect();
    format!("{} {}", response.code(), text.join(" "))
}

/// Something of the server's, which it must do in time.
pub async fn within<T, E: std::fmt::Display>(doing: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, doing).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the mail server said nothing for {} s", PATIENCE.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_the_same_here_as_to_what_sends_letters() {
        let read = |url: &str| Server::of(&url.into()).unwrap();
        for (url, port, tls) in [
            ("smtps://mail.example.org", 465, Tls::FromTheStart),
            ("smtp://mail.example.org?tls=required", 587, Tls::Asked),
            ("smtp://mail.example.org:2525?tls=opportunistic", 2525, Tls::IfItCan),
            ("smtp://localhost", 25, Tls::Never),
        ] {
            let server = read(url);
            assert_eq!((server.port, server.tls), (port, tls), "{url}");
        }
        let (name, password) = read("smtps://titan%40x:s%40crt@mail.example.org").login.unwrap();
        assert_eq!((name.as_str(), password.reveal()), ("titan@x", "s@crt"));
    }
}
