//! The settings of mail and of the reset site, checked before the house opens.

use anyhow::{Context, bail, ensure};
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use titan_core::Secret;
use url::Url;

#[derive(Clone, Debug, Default)]
pub struct MailSettings {
    /// Without it, letters go into the outbox.
    pub smtp: Option<Smtp>,
    /// Where people reach the reset site.
    pub reset_url: Option<Url>,
    /// Who has it may ask the reset site for tokens from other machines.
    pub reset_key: Option<Secret>,
}

#[derive(Clone, Debug)]
pub struct Smtp {
    pub url: Secret,
    pub from: Mailbox,
}

impl MailSettings {
    /// Checks what was set; what is wrong is told without its secrets.
    pub fn read(
        smtp_url: Option<Secret>,
        smtp_from: Option<String>,
        reset_url: Option<String>,
        reset_key: Option<Secret>,
    ) -> anyhow::Result<Self> {
        let smtp = match (smtp_url.filter(|secret| !secret.is_empty()), smtp_from.filter(|from| !from.is_empty())) {
            (Some(url), Some(from)) => Some(Smtp::read(url, &from)?),
            (Some(_), None) => bail!("smtp_url needs smtp_from: the address that letters come from"),
            (None, _) => None,
        };
        let reset_key = reset_key.filter(|secret| !secret.is_empty());
        if let Some(key) = &reset_key {
            ensure!(key.reveal().len() >= 16, "reset_key is too short: give at least 16 characters");
        }
        let reset_url = reset_url.filter(|url| !url.is_empty()).map(|url| site(&url)).transpose()?;
        Ok(Self { smtp, reset_url, reset_key })
    }
}

impl Smtp {
    fn read(url: Secret, from: &str) -> anyhow::Result<Self> {
        let from = from.parse().with_context(|| format!("smtp_from: {from:?} is no mail address"))?;
        if AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal()).is_err() {
            bail!(
                "smtp_url is not as it should be: give smtps://user:password@host:465, smtp://user:password@host:587?tls=required \
                 or smtp://localhost:25, special characters in the password as %-codes"
            );
        }
        Ok(Self { url, from })
    }
}

fn site(text: &str) -> anyhow::Result<Url> {
    let url: Url = text.parse().with_context(|| format!("reset_url: {text:?} is no address"))?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.host().is_some();
    ensure!(
        matches!(url.scheme(), "https" | "http") && plain,
        "reset_url: {text:?} should be like https://chat.example.org:5050"
    );
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(smtp_url: &str, smtp_from: &str, reset_url: &str, reset_key: &str) -> anyhow::Result<MailSettings> {
        let secret = |text: &str| Some(text.parse().unwrap());
        MailSettings::read(secret(smtp_url), Some(smtp_from.into()), Some(reset_url.into()), secret(reset_key))
    }

    #[test]
    fn good_settings_are_taken() {
        for url in
            ["smtps://me:s%40crt@mail.example.org:465", "smtp://mail.example.org:587?tls=required", "smtp://localhost"]
        {
            let read = read(url, "Titan <titan@example.org>", "https://chat.example.org:5050", "0123456789abcdef");
            assert!(read.unwrap().smtp.is_some(), "{url}");
        }
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
            let told = format!("{:#}", read(url, from, site, key).unwrap_err());
            assert!(told.contains(named) && !told.contains("s3cret"), "{told}");
        }
    }
}
