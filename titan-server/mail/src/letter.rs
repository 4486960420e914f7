//! What a letter says. Pure.

use std::time::{Duration, Instant};

use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Mailbox, SinglePart};
use lettre::{Address, Message};
use titan_core::Secret;
use url::Url;

use super::address::travelling;

/// Who letters come from where nobody said.
const FROM: &str = "Titan <titan@localhost>";

/// How long a link stands, as the hub has it.
pub const STANDS: Duration = Duration::from_secs(15 * 60);

/// A letter to somebody, with a link in it.
#[derive(Clone)]
pub struct Letter {
    pub username: String,
    /// Where it goes; none where they have given no address.
    pub address: Option<String>,
    /// The secret of it.
    pub link: String,
    /// When the link is no good any more.
    pub until: Instant,
}

/// Where a token leads.
pub fn link(site: &Url, token: &Secret) -> String {
    format!("{}/reset/{}", site.as_str().trim_end_matches('/'), token.reveal())
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
        let link = link(site, token);
        Self {
            username: username.to_owned(),
            address: address.map(str::to_owned),
            link,
            until: Instant::now() + STANDS,
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
        let Self { username, link, .. } = self;
        // All ASCII and unencoded, or the link would be cut in two where the letter is read as it lies there.
        let plain = username.chars().all(|c| c.is_ascii_graphic());
        let name = if plain { format!(" {username}") } else { String::new() };
        let minutes = minutes(self.until.saturating_duration_since(Instant::now()));
        let text = format!(
            "Hello{name},\n\nsomebody, most likely you, forgot the password of your account on Titan.\n\
             This link lets you choose a new one:\n\n{link}\n\n\
             It works once, for {minutes}. A new password logs you out everywhere.\n\n\
             If it was not you, do nothing: your password stays as it is.\n"
        );
        composed(from, to, "Your password on Titan", &text)
    }
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
