//! What a letter says. Pure.

use std::time::{Duration, Instant};

use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Mailbox, SinglePart};
use lettre::{Address, Message};
use titan_core::Secret;
use titan_hub::Turn;
use url::Url;

use super::address::travelling;

/// Who letters come from where nobody said.
const FROM: &str = "Titan <titan@localhost>";

/// How long a link stands, as the hub has it.
pub const STANDS: Duration = Duration::from_secs(15 * 60);

/// A letter to somebody.
#[derive(Clone)]
pub struct Letter {
    pub username: String,
    /// Where it goes; none where they have given no address.
    pub address: Option<String>,
    tells: Tells,
}

/// What it says.
#[derive(Clone)]
enum Tells {
    /// How to choose a new password, by a secret link that is good until then.
    Reset { link: String, until: Instant },
    /// How to confirm the address that it goes to: by a secret token, and the link it makes where there is a site.
    Confirm { link: Option<String>, token: Secret },
    /// That the account is to have another address, or none.
    Changed { to: Option<String> },
    /// That something else was done in the account's name.
    Turned(Turn),
}

/// Where a token leads, in the form that the older system's clients know from its letters.
pub fn link(site: &Url, token: &Secret) -> String {
    within(site, "reset", token)
}

fn within(site: &Url, page: &str, token: &Secret) -> String {
    format!("{}/{page}/{}", site.as_str().trim_end_matches('/'), token.reveal())
}

/// A letter that can't be written: one of the two addresses isn't one.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    #[error("{0} has no mail address: `titan-server admin reset-password` helps them")]
    NoAddress(String),
    #[error("the mail address of {0} is none")]
    BadAddress(String),
    #[error("the letter can't be written: {0}")]
    Malformed(#[from] lettre::error::Error),
}

impl Letter {
    pub fn reset(site: &Url, username: &str, address: Option<&str>, token: &Secret) -> Self {
        let tells = Tells::Reset { link: link(site, token), until: Instant::now() + STANDS };
        Self { username: username.to_owned(), address: address.map(str::to_owned), tells }
    }

    pub fn confirm(site: Option<&Url>, username: String, address: String, token: Secret) -> Self {
        let tells = Tells::Confirm { link: site.map(|site| within(site, "mail", &token)), token };
        Self { username, address: Some(address), tells }
    }

    pub fn changed(username: String, address: String, to: Option<String>) -> Self {
        Self { username, address: Some(address), tells: Tells::Changed { to } }
    }

    pub fn turned(username: String, address: String, turn: Turn) -> Self {
        Self { username, address: Some(address), tells: Tells::Turned(turn) }
    }

    /// What it is about, for the log.
    pub fn about(&self) -> &'static str {
        match self.tells {
            Tells::Reset { .. } => "a new password",
            Tells::Confirm { .. } => "a mail address to confirm",
            Tells::Changed { .. } => "a mail address that changes",
            Tells::Turned(Turn::FactorAdded) => "a second factor that was set up",
            Tells::Turned(Turn::FactorRemoved) => "a second factor that was taken away",
            Tells::Turned(Turn::RecoveryCodeUsed) => "a recovery code that was used",
            Tells::Turned(Turn::AppPasswordAdded) => "an app password that was made",
        }
    }

    /// The letter as it travels.
    pub fn write(&self, from: &Mailbox) -> Result<Message, Unwritable> {
        let address = self.address.as_deref().ok_or_else(|| Unwritable::NoAddress(self.username.clone()))?;
        let to = travelling(address).map_err(|_| Unwritable::BadAddress(self.username.clone()))?;
        self.compose(from.clone(), Mailbox::new(None, to))
    }

    /// The letter for the operator to hand on: to where it should go, or to themselves where that isn't known.
    pub fn write_for_operator(&self) -> Result<Message, Unwritable> {
        let from = house()?;
        let known = self.address.as_deref().and_then(|address| travelling(address).ok());
        let to = known.map_or_else(|| from.clone(), |address| Mailbox::new(None, address));
        self.compose(from, to)
    }

    fn compose(&self, from: Mailbox, to: Mailbox) -> Result<Message, Unwritable> {
        // All ASCII and unencoded, or a link would be cut in two where the letter is read as it lies there.
        let name = plain(&self.username).map(|name| format!(" {name}")).unwrap_or_default();
        let (subject, text) = self.tells.words();
        composed(from, to, subject, &format!("Hello{name},\n\n{text}"))
    }
}

impl Tells {
    fn words(&self) -> (&'static str, String) {
        match self {
            Self::Reset { link, until } => {
                let minutes = minutes(until.saturating_duration_since(Instant::now()));
                let text = format!(
                    "somebody, most likely you, forgot the password of your account on Titan.\n\
                     This link lets you choose a new one:\n\n{link}\n\n\
                     It works once, for {minutes}. A new password logs you out everywhere.\n\n\
                     If it was not you, do nothing: your password stays as it is.\n"
                );
                ("Your password on Titan", text)
            }
            Self::Confirm { link, token } => {
                let link = link.as_ref().map(|link| format!("{link}\n\nor by this code, in the client:\n\n"));
                let (link, code) = (link.unwrap_or_default(), token.reveal());
                let text = format!(
                    "this address was given for your account on Titan. Confirm within a day that it is yours:\n\n\
                     {link}{code}\n\n\
                     Until then nothing is sent here. If it was not you, do nothing.\n"
                );
                ("Your mail address on Titan", text)
            }
            Self::Changed { to } => {
                let what = match to {
                    None => "was taken away from".to_owned(),
                    Some(to) => match plain(to) {
                        Some(to) => format!("is to be replaced by {to} at"),
                        None => "is to be replaced by another one at".to_owned(),
                    },
                };
                let text = format!(
                    "this mail address {what} your account on Titan.\n\n\
                     If it was you, do nothing. If not, somebody else is in your account: log in, change your password,\n\
                     which ends every other session, and give this address again. If you can't, ask who runs the house.\n"
                );
                ("Your mail address on Titan", text)
            }
            Self::Turned(turn) => {
                let what = turned(*turn);
                let text = format!(
                    "{what} your account on Titan.\n\n\
                     If it was you, do nothing. If not, somebody else is in your account: log in and change your password,\n\
                     which ends every other session and removes all app passwords. If you can't, ask who runs the house.\n"
                );
                ("Your account on Titan", text)
            }
        }
    }
}

fn turned(turn: Turn) -> &'static str {
    match turn {
        Turn::FactorAdded => "a second factor was set up for",
        Turn::FactorRemoved => "the second factor was taken away from",
        Turn::RecoveryCodeUsed => "a recovery code was used in the place of the second factor to get into",
        Turn::AppPasswordAdded => "an app password was made for",
    }
}

/// A text as it may stand in a letter: ASCII without blanks.
fn plain(text: &str) -> Option<&str> {
    text.chars().all(|c| c.is_ascii_graphic()).then_some(text)
}

/// A letter that only shows that letters arrive.
pub fn trial(from: &Mailbox, to: Address) -> Result<Message, Unwritable> {
    let text = "Hello,\n\nthis letter was sent by `titan-server mail test`: letters of this Titan house arrive here.\n";
    composed(from.clone(), Mailbox::new(None, to), "A letter to try the mail of Titan", text)
}

/// Who letters come from where nobody said.
pub fn house() -> Result<Mailbox, Unwritable> {
    FROM.parse().map_err(|_| Unwritable::BadAddress(FROM.to_owned()))
}

fn composed(from: Mailbox, to: Mailbox, subject: &str, text: &str) -> Result<Message, Unwritable> {
    let text = text.replace('\n', "\r\n");
    let body = Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit);
    let part = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body);
    Ok(Message::builder().from(from).to(to).subject(subject).message_id(None).singlepart(part)?)
}

/// What is left, as people say it: the letter may have waited.
fn minutes(left: Duration) -> String {
    match left.as_secs().div_ceil(60) {
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter(to {}, hidden)", self.username)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKEN: &str = "0123456789012345678901234567890123456789012";

    fn letter(username: &str, address: &str) -> Letter {
        let site = "https://chat.example.org:5050/".parse().unwrap();
        Letter::reset(&site, username, Some(address), &TOKEN.into())
    }

    fn sender() -> Mailbox {
        "Our house <titan@example.org>".parse().unwrap()
    }

    #[test]
    fn a_letter_holds_its_link_in_one_piece() {
        let written = letter("ada", "ada@example.org").write(&sender()).unwrap();
        let text = String::from_utf8(written.formatted()).unwrap();
        let link = format!("\r\nhttps://chat.example.org:5050/reset/{TOKEN}\r\n");
        assert!(text.contains(&link) && text.contains("To: ada@example.org\r\n"), "{text}");
        assert!(text.contains("From: \"Our house\" <titan@example.org>\r\n"), "{text}");
        assert!(text.contains("for 15 minutes.") && minutes(Duration::from_secs(61)) == "2 minutes", "{text}");
        assert!(!format!("{:?}", letter("ada", "a@b.c")).contains(TOKEN));
    }

    #[test]
    fn a_letter_is_plain_ascii_whoever_it_greets() {
        for (name, greeted) in [("ada", "Hello ada,"), ("zażółć", "Hello,"), ("two\nlines", "Hello,")] {
            let text = letter(name, "ada@example.org").write(&sender()).unwrap().formatted();
            let text = String::from_utf8(text).unwrap();
            assert!(text.is_ascii() && text.contains(&format!("\r\n{greeted}\r\n")), "{text}");
            assert!(text.lines().all(|line| line.len() < 998) && !text.replace("\r\n", "").contains(['\r', '\n']));
        }
    }

    #[test]
    fn a_letter_to_confirm_an_address_has_link_and_code_and_goes_there() {
        let site = "https://chat.example.org:5050/".parse().unwrap();
        let (name, address) = ("ada".to_owned(), "new@example.org".to_owned());
        let letter = Letter::confirm(Some(&site), name.clone(), address.clone(), TOKEN.into());
        let text = String::from_utf8(letter.write(&sender()).unwrap().formatted()).unwrap();
        assert!(text.contains(&format!("\r\nhttps://chat.example.org:5050/mail/{TOKEN}\r\n")), "{text}");
        assert!(text.contains(&format!("\r\n{TOKEN}\r\n")) && text.contains("To: new@example.org\r\n"), "{text}");
        let without_site = Letter::confirm(None, name, address, TOKEN.into());
        let text = String::from_utf8(without_site.write(&sender()).unwrap().formatted()).unwrap();
        assert!(text.contains(&format!("\r\n{TOKEN}\r\n")) && !text.contains("http"), "{text}");
    }

    #[test]
    fn a_letter_that_an_address_changes_names_the_new_one_where_that_can_stand_in_it() {
        let told = |to: Option<&str>| {
            let letter = Letter::changed("ada".into(), "old@example.org".into(), to.map(str::to_owned));
            String::from_utf8(letter.write(&sender()).unwrap().formatted()).unwrap()
        };
        assert!(told(Some("thief@example.net")).contains("replaced by thief@example.net"));
        assert!(
            told(Some("zażółć@example.net")).contains("replaced by another one") && told(None).contains("taken away")
        );
        assert!(
            [told(Some("ź@x")), told(None)].iter().all(|text| text.is_ascii() && text.contains("To: old@example.org"))
        );
    }

    #[test]
    fn a_letter_without_an_address_goes_to_nobody_but_the_operator() {
        let letter = Letter { address: None, ..letter("ada", "") };
        assert!(matches!(letter.write(&sender()), Err(Unwritable::NoAddress(_))));
        assert_eq!(letter.write_for_operator().unwrap().envelope().to()[0].to_string(), "titan@localhost");
    }

    proptest! {
        #[test]
        fn no_address_and_no_name_adds_a_header(username in any::<String>(), address in any::<String>(), tail in "[\\r\\n]{1,3}bcc: [a-z]{1,5}@x.y") {
            for address in [address, format!("ada@example.org{tail}")] {
                let Ok(written) = letter(&username, &address).write(&sender()) else { continue };
                let text = String::from_utf8(written.formatted()).unwrap();
                let (head, _) = text.split_once("\r\n\r\n").unwrap();
                prop_assert!(!head.to_lowercase().contains("bcc"), "{head}");
                prop_assert_eq!(written.envelope().to().len(), 1);
            }
        }
    }
}
