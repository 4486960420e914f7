//! The settings of mail and of the reset site, checked before the house opens.

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use titan_core::Secret;
use url::Url;

use super::address::travelling;

#[derive(Clone, Debug, Default)]
pub struct MailSettings {
    /// Without it, letters go into the outbox.
    pub smtp: Option<Smtp>,
    /// Where people reach the reset site.
    pub reset_url: Option<Url>,
    /// Who has it may ask the reset site for tokens.
    pub reset_key: Option<Secret>,
}

#[derive(Clone, Debug)]
pub struct Smtp {
    pub url: Secret,
    pub from: Mailbox,
}

/// What was set, as it was said.
#[derive(Clone, Default)]
pub struct Said {
    pub smtp_url: Option<Secret>,
    pub smtp_from: Option<String>,
    pub reset_url: Option<String>,
    pub reset_key: Option<Secret>,
}

/// A setting that will not do, and why, without its secrets.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {why}")]
pub struct Wrong {
    pub setting: &'static str,
    pub why: String,
}

impl Wrong {
    pub fn new(setting: &'static str, why: impl Into<String>) -> Self {
        Self { setting, why: why.into() }
    }
}

impl MailSettings {
    /// Checks what was set.
    pub fn read(said: Said) -> Result<Self, Wrong> {
        let url = said.smtp_url.filter(|secret| !secret.is_empty());
        let smtp = match (url, said.smtp_from.filter(|from| !from.trim().is_empty())) {
            (Some(url), Some(from)) => Some(Smtp::read(url, &from)?),
            (Some(_), None) => {
                return Err(Wrong::new("smtp_url", "it needs smtp_from, the address that letters come from"));
            }
            (None, _) => None,
        };
        let reset_url = said.reset_url.filter(|url| !url.trim().is_empty());
        let reset_url = reset_url.map(|url| address_of("reset_url", &url)).transpose()?;
        Ok(Self { smtp, reset_url, reset_key: key("reset_key", said.reset_key)? })
    }
}

/// A key that keeps something shut must not be guessed.
pub fn key(setting: &'static str, key: Option<Secret>) -> Result<Option<Secret>, Wrong> {
    match key.filter(|key| !key.is_empty()) {
        Some(key) if key.reveal().len() < 16 => {
            Err(Wrong::new(setting, "it is too short: give at least 16 characters"))
        }
        key => Ok(key),
    }
}

impl Smtp {
    fn read(url: Secret, from: &str) -> Result<Self, Wrong> {
        let no_address = || Wrong::new("smtp_from", format!("{from:?} is no mail address"));
        let Mailbox { name, email } = from.trim().parse().map_err(|_| no_address())?;
        let from = Mailbox::new(name, travelling(email.as_ref()).map_err(|_| no_address())?);
        if AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal()).is_err() {
            return Err(Wrong::new(
                "smtp_url",
                "it is not as it should be: give smtps://user:password@host:465, smtp://user:password@host:587?tls=required \
                 or smtp://localhost:25, special characters in the password as %-codes",
            ));
        }
        Ok(Self { url, from })
    }
}

/// How people reach a part of the house.
pub fn address_of(setting: &'static str, text: &str) -> Result<Url, Wrong> {
    let plain = |url: &Url| url.query().is_none() && url.fragment().is_none() && url.host().is_some();
    let web = |url: &Url| matches!(url.scheme(), "https" | "http");
    let url = text.trim().parse().ok().filter(|url| plain(url) && web(url));
    url.ok_or_else(|| Wrong::new(setting, format!("{text:?} is no address like https://chat.example.org:5050")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(smtp_url: &str, smtp_from: &str, reset_url: &str, reset_key: &str) -> Result<MailSettings, Wrong> {
        let secret = |text: &str| Some(text.parse().unwrap());
        MailSettings::read(Said {
            smtp_url: secret(smtp_url),
            smtp_from: Some(smtp_from.into()),
            reset_url: Some(reset_url.into()),
            reset_key: secret(reset_key),
        })
    }

    #[test]
    fn good_settings_are_taken() {
        for url in
            ["smtps://me:s%40crt@mail.example.org:465", "smtp://mail.example.org:587?tls=required", "smtp://localhost"]
        {
            let read = read(url, "Titan <titan@example.org>", "https://chat.example.org:5050", "0123456789abcdef");
            assert!(read.unwrap().smtp.is_some(), "{url}");
        }
        let international = read("smtp://localhost", "Titan <titan@bücher.example>", "", "").unwrap();
        assert_eq!(international.smtp.unwrap().from.email.to_string(), "titan@xn--bcher-kva.example");
        let none = read("", "", "", "").unwrap();
        assert!(none.smtp.is_none() && none.reset_url.is_none() && none.reset_key.is_none());
    }

    #[test]
    fn mistakes_are_named_and_secrets_are_not() {
        let cases = [
            ("pop3://me:s3cret@host", "titan@example.org", "", "", "smtp_url"),
            ("smtps://me:s3cret@host", "", "", "", "smtp_from"),
            ("smtps://me:s3cret@host", "no address", "", "", "smtp_from"),
            ("", "", "chat.example.org", "", "reset_url"),
            ("", "", "ftp://chat.example.org", "", "reset_url"),
            ("", "", "", "s3cret", "reset_key"),
        ];
        for (url, from, site, key, named) in cases {
            let told = read(url, from, site, key).unwrap_err().to_string();
            assert!(told.contains(named) && !told.contains("s3cret"), "{told}");
        }
    }
}
