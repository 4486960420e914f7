//! Letters that leave the house: the links by which people choose a new password, what becomes of their mail address.
//!
//! The hub hands letters in and never waits: they go into a bounded queue, and [`Carrier::run`] takes them out by SMTP, or,
//! where none is set up, into a folder for the operator. What fails is tried again a few times, further and further apart.
//! A link is a secret: it stands in the letter and nowhere else.

pub mod address;
mod lately;
pub mod letter;
#[doc(hidden)]
pub mod parsers;
mod server;
pub mod settings;
pub mod trial;
mod way;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use titan_core::Secret;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::address::Unreachable;
use self::lately::Lately;
use self::letter::Letter;
use self::server::Server;
use self::settings::MailSettings;
use self::way::{Undelivered, Way};
use titan_hub::{self as hub, Mailer};

/// Letters that wait to be carried; beyond it they are thrown away, and who asked may ask again.
const LETTERS_MOST: usize = 256;
/// Letters that are handed over at the same time.
const AT_ONCE_MOST: usize = 16;
/// Letters on their way, those that wait to be tried again among them.
const UNDER_WAY_MOST: usize = 256;
/// How long to wait after each failure. Mail servers that know nobody yet turn a first try away for five minutes, some for ten; a link
/// stands for 15 minutes: later than this, a letter is of no use.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(2),
    Duration::from_secs(8),
    Duration::from_secs(20),
    Duration::from_secs(60),
    Duration::from_secs(100),
    Duration::from_secs(120),
    Duration::from_secs(150),
    Duration::from_secs(160),
    Duration::from_secs(170),
];
/// Letters under way get so long when the house closes.
const CLOSING_MOST: Duration = Duration::from_secs(2);

/// Where letters are handed in. Clones share the queue.
#[derive(Clone)]
pub struct Mail {
    letters: mpsc::Sender<Letter>,
    site: Arc<OnceLock<Url>>,
    lately: Arc<Lately>,
    utf8: Arc<OnceLock<bool>>,
}

/// Carries letters out.
pub struct Carrier {
    letters: mpsc::Receiver<Letter>,
    way: Arc<Way>,
    /// The mail server, where there is one, and whether it takes addresses beyond ASCII, once that is known.
    server: Option<Server>,
    utf8: Arc<OnceLock<bool>>,
}

impl Mail {
    /// The desk, and who carries away what is handed in. `outbox` is the folder for letters that can't be sent.
    pub fn open(settings: &MailSettings, outbox: PathBuf) -> anyhow::Result<(Self, Carrier)> {
        let (sender, receiver) = mpsc::channel(LETTERS_MOST);
        let mail = Self { letters: sender, site: Arc::default(), lately: Arc::default(), utf8: Arc::default() };
        if let Some(site) = &settings.reset_url {
            mail.links_lead_to(site.clone());
        }
        let server = settings.smtp.as_ref().and_then(|smtp| Server::of(&smtp.url));
        let (way, utf8) = (Arc::new(Way::open(settings, outbox)?), mail.utf8.clone());
        Ok((mail, Carrier { letters: receiver, way, server, utf8 }))
    }

    /// Where the reset site is. What was said first counts: the operator knows better than the house how it is reached.
    pub fn links_lead_to(&self, site: Url) {
        let _ = self.site.set(site);
    }
}

impl Mailer for Mail {
    fn takes(&self, address: &str) -> Result<(), String> {
        let address = address::travelling(address).map_err(|why| why.to_string())?;
        match self.utf8.get() {
            Some(false) if address::needs_utf8(&address) => Err(Unreachable::NameBeyondAscii.to_string()),
            _ => Ok(()),
        }
    }

    fn patience(&self) -> Duration {
        PAUSES.iter().sum()
    }

    fn link(&self, token: &Secret) -> Option<String> {
        self.site.get().map(|site| letter::link(site, token))
    }

    /// Writes the letter and puts it into the queue. Who has had some lately gets no more of them for a while.
    fn take(&self, letter: hub::Letter) {
        let site = self.site.get();
        let letter = match (letter, site) {
            (hub::Letter::Reset { username, .. }, None) => {
                return tracing::warn!(
                    username,
                    "somebody forgot their password, but the reset site is shut: open it by --reset-site"
                );
            }
            (hub::Letter::Reset { username, email, token }, Some(site)) => {
                Letter::reset(site, &username, email.as_deref(), &token)
            }
            (hub::Letter::ConfirmMail { username, email, token }, site) => {
                Letter::confirm(site, username, email, token)
            }
            (hub::Letter::MailChanged { username, email, to }, _) => Letter::changed(username, email, to),
            (hub::Letter::Turned { username, email, turn }, _) => Letter::turned(username, email, turn),
        };
        let username = letter.username.clone();
        // Each kind by itself: no flood of one keeps another from being told.
        if !self.lately.may_have_another(&format!("{}: {username}", letter.about())) {
            return tracing::debug!(username, "so many letters were asked for that one was not written");
        }
        if self.letters.try_send(letter).is_err() {
            tracing::warn!(username, "too many letters wait: one was thrown away");
        }
    }
}

impl Carrier {
    /// Carries until the house closes.
    pub async fn run(mut self, closing: CancellationToken) {
        let mut under_way = JoinSet::new();
        let hands = Arc::new(Semaphore::new(AT_ONCE_MOST));
        let (finding, until) = (find_out(self.server.take(), self.utf8.clone()), closing.clone());
        under_way.spawn(async move { _ = until.run_until_cancelled(finding).await });
        loop {
            tokio::select! {
                () = closing.cancelled() => break,
                Some(_) = under_way.join_next() => {}
                letter = self.letters.recv(), if under_way.len() < UNDER_WAY_MOST => match letter {
                    Some(letter) => {
                        let hands = hands.clone();
                        under_way.spawn(carry(self.way.clone(), hands, letter, &PAUSES, closing.clone()));
                    }
                    None => break,
                },
            }
        }
        let ended = async { while under_way.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(CLOSING_MOST, ended).await;
    }
}

/// Asks the mail server what it can, so that an address it can't be given is refused where it is taken in.
async fn find_out(server: Option<Server>, utf8: Arc<OnceLock<bool>>) {
    let Some(server) = server else { return };
    match server.speaks_utf8().await {
        Ok(speaks) => _ = utf8.set(speaks),
        Err(why) => tracing::warn!(%why, "the mail server can't be reached: `titan-server mail test` tells more"),
    }
}

async fn carry(
    way: Arc<Way>,
    hands: Arc<Semaphore>,
    letter: Letter,
    pauses: &'static [Duration],
    closing: CancellationToken,
) {
    let username = letter.username.as_str();
    let mut left: Duration = pauses.iter().sum();
    for pause in pauses.iter().map(Some).chain([None]) {
        let tried = {
            let _hand = hands.acquire().await;
            way.take(&letter).await
        };
        match (tried, pause) {
            (Ok(()), _) => return,
            (Err(Undelivered::Refused(why)), _) => return tracing::warn!(username, %why, "a letter was refused"),
            (Err(Undelivered::Later(why)), None) => return tracing::warn!(username, %why, "a letter was given up"),
            (Err(Undelivered::Later(why)), Some(pause)) => {
                tracing::warn!(username, %why, again_in = ?pause, given_up_in = ?left, "a letter could not be delivered");
                left -= *pause;
                if closing.run_until_cancelled(tokio::time::sleep(*pause)).await.is_none() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::settings::Said;
    use super::*;

    fn site() -> Url {
        "https://chat.example.org:5050".parse().unwrap()
    }

    fn asked(username: &str, email: Option<&str>, token: &str) -> hub::Letter {
        hub::Letter::Reset { username: username.into(), email: email.map(Into::into), token: token.into() }
    }

    #[tokio::test]
    async fn without_smtp_a_letter_lies_in_the_outbox_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("outbox");
        let (mail, carrier) = Mail::open(&MailSettings::default(), outbox.clone()).unwrap();
        mail.links_lead_to(site());
        mail.take(asked("ada", Some("ada@example.org"), "a-token"));
        mail.take(asked("bob", None, "b-token"));
        drop(mail);
        carrier.run(CancellationToken::new()).await;
        let mut letters: Vec<_> = std::fs::read_dir(&outbox)
            .unwrap()
            .map(|found| std::fs::read_to_string(found.unwrap().path()).unwrap())
            .collect();
        letters.sort_by_key(|letter| letter.contains("b-token"));
        assert!(letters[0].contains("\r\n\r\n") && letters[0].contains("To: ada@example.org\r\n"), "{}", letters[0]);
        assert!(letters[0].contains("https://chat.example.org:5050/reset/a-token"), "{}", letters[0]);
        assert!(letters[1].contains("https://chat.example.org:5050/reset/b-token"), "{}", letters[1]);
        #[cfg(unix)]
        for found in std::fs::read_dir(&outbox).unwrap() {
            let mode = std::os::unix::fs::PermissionsExt::mode(&found.unwrap().metadata().unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_letter_outlives_those_who_turn_a_first_try_away_for_five_or_ten_minutes() {
        let tries: Vec<u64> = PAUSES
            .iter()
            .scan(0, |at, pause| {
                *at += pause.as_secs();
                Some(*at)
            })
            .collect();
        for turned_away in [300, 600] {
            assert!(tries.iter().any(|at| (turned_away + 5..turned_away + 60).contains(at)), "{tries:?}");
        }
        let last = Duration::from_secs(*tries.last().unwrap());
        assert!(last + Duration::from_secs(60) < letter::STANDS, "a letter that comes must be of use");
    }

    #[tokio::test]
    async fn an_address_that_nobody_can_send_to_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (mail, carrier) = Mail::open(&MailSettings::default(), folder.path().join("outbox")).unwrap();
        for good in ["ada@example.org", "user@bücher.example", "żółw@example.org"] {
            mail.takes(good).unwrap();
        }
        assert!(mail.takes("ada@").unwrap_err().contains("name@example.org"));
        carrier.utf8.set(false).unwrap();
        assert!(mail.takes("żółw@example.org").unwrap_err().contains("SMTPUTF8"));
        mail.takes("user@bücher.example").unwrap();
    }

    #[tokio::test]
    async fn a_full_queue_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let (mail, _carrier) = Mail::open(&MailSettings::default(), folder.path().join("outbox")).unwrap();
        mail.links_lead_to(site());
        (0..2 * LETTERS_MOST).for_each(|number| mail.take(asked(&format!("ada-{number}"), None, "token")));
        assert_eq!(mail.letters.capacity(), 0);
    }

    #[tokio::test]
    async fn nobody_is_buried_in_letters() {
        let folder = tempfile::tempdir().unwrap();
        let (mail, mut carrier) = Mail::open(&MailSettings::default(), folder.path().join("outbox")).unwrap();
        mail.links_lead_to(site());
        (0..100).for_each(|_| mail.take(asked("ada", None, "token")));
        mail.take(asked("bob", None, "token"));
        drop(mail);
        let mut written = Vec::new();
        while let Some(letter) = carrier.letters.recv().await {
            written.push(letter.username);
        }
        assert_eq!(written, ["ada", "ada", "ada", "ada", "ada", "bob"]);
    }

    #[tokio::test]
    async fn what_can_not_be_delivered_is_tried_again_and_given_up_in_the_end() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", server.local_addr().unwrap()).parse().unwrap();
        let settings = MailSettings::read(Said {
            smtp_url: Some(url),
            smtp_from: Some("titan@example.org".into()),
            ..Said::default()
        })
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (_, carrier) = Mail::open(&settings, folder.path().join("outbox")).unwrap();
        let letter = Letter::reset(&site(), "ada", Some("ada@example.org"), &"token".into());
        let refusing = tokio::spawn(async move {
            for _ in 0..=PAUSES.len() {
                drop(server.accept().await.unwrap());
            }
        });
        let hands = Arc::new(Semaphore::new(1));
        carry(carrier.way.clone(), hands, letter, &[Duration::ZERO; PAUSES.len()], CancellationToken::new()).await;
        refusing.await.unwrap();
        assert!(!folder.path().join("outbox").exists());
    }
}
