//! Passwords: one verifier for every door, checked on a bounded pool.
//!
//! What is kept is argon2id over PBKDF2-HMAC-SHA256(password, 32-byte salt, 10,000 rounds): the TLS-frames client hashes
//! before it sends, so doors that get the password itself compute that first step too. A pepper from a file in the data
//! folder goes into argon2. Each hash says how it was made ([`kept`]), and is made anew at a login where that is not today's
//! way any more. Imported hashes of the older systems are checked by their own rule, those that are weak wrapped in argon2id,
//! and replaced at login.
//!
//! Whoever floods it waits behind everybody else ([`queue`]), and a refused login takes the same time whatever hash an
//! account still has, or none.

mod imported;
mod kept;
mod pepper;
mod pre_hash;
mod queue;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};
use titan_core::protocol::{Fault, FaultCode};
use titan_core::{Secret, text};

pub use imported::safely;
use kept::{Cost, Kept, argon2id};
use pepper::SECRET;
pub use pepper::{Pepper, Peppers};
pub use pre_hash::PreHash;
use pre_hash::pre_hash;
pub use queue::Applicant;
use queue::Queue;

use super::{Outcome, patience};
use crate::store::{SEALED, Scheme, Verifier};

/// A refused login takes so long beside its waiting: more than any check of a hash is thought to.
const REFUSING: Duration = Duration::from_millis(500);
/// What a dear hash of an older system may make of that.
const REFUSING_MOST: Duration = Duration::from_secs(3);
const PASSWORD_MOST: usize = 1_024;
/// Letters of a part of the house's address that is a name.
const PART_LEAST: usize = 4;

/// The hashing pool. Clones share it.
#[derive(Clone)]
pub struct Passwords {
    peppers: Arc<Peppers>,
    ours: Queue,
    /// Hashes of older systems that cost many times ours have a place of their own, so that nobody else waits for them.
    dear: Queue,
    /// How long the dearest took lately, in milliseconds.
    dearest: Arc<AtomicU64>,
    /// Checked for names that don't exist, so that they take as long as those that do.
    nobody: Arc<Verifier>,
    /// Fewest characters of a new one, at every door.
    least: usize,
    /// What the house is called where it is reached, which is tried first.
    house: Arc<[String]>,
}

/// What is asked of a new password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Demand {
    /// What [`text::new_password`] says.
    Usual,
    /// What the document of an older system lets through.
    #[default]
    Older,
}

impl Passwords {
    /// `at_once` is how many are hashed at the same time.
    pub fn new(peppers: Peppers, at_once: usize) -> Self {
        let pepper = Some(peppers.now().id().to_owned());
        let nobody = Kept { cost: Cost::NOW, pepper, hash: [0; 32] };
        let nobody = Verifier { scheme: Scheme::Titan, salt: rand::random(), hash: nobody.to_text() };
        Self {
            peppers: Arc::new(peppers),
            ours: Queue::new(at_once),
            dear: Queue::new(1),
            dearest: Arc::default(),
            nobody: Arc::new(nobody),
            least: 1,
            house: Arc::default(),
        }
    }

    /// The same, with new passwords of at least so many characters at every door.
    #[must_use]
    pub fn with_least(self, least: usize) -> Self {
        Self { least: least.max(1), ..self }
    }

    /// The same in a house that is reached at this host, whose name and the parts of it are no new passwords.
    #[must_use]
    pub fn at_host(self, host: &str) -> Self {
        let (host, parts) = (text::folded(host), text::folded(host));
        let parts = parts.split('.').filter(|part| part.len() >= PART_LEAST).map(str::to_owned);
        Self { house: parts.chain([host]).collect(), ..self }
    }

    /// Whether it is the house's name, with or without figures around it.
    fn is_the_house(&self, wanted: &str) -> bool {
        let bare = text::folded(wanted.trim_matches(|c: char| !c.is_alphabetic()));
        self.house.contains(&bare)
    }

    /// Refuses what is no good as a new password of this person; of `field`.
    pub fn demand(&self, demand: Demand, wanted: &str, username: &str, field: &str) -> Outcome<()> {
        within_bounds(wanted)?;
        if demand == Demand::Usual && self.is_the_house(wanted) {
            return Err(
                Fault::bad_request("That is the name of this house, which is tried first: choose another.").at(field)
            );
        }
        let fits = match demand {
            Demand::Usual => text::new_password(wanted, username),
            Demand::Older => Ok(()),
        };
        fits.and_then(|()| text::long_enough(wanted, self.least)).map_err(|unfit| Fault::from(unfit).at(field))
    }

    /// A salt for a name that has none: always the same one, also under another pepper as long as the first is kept, and
    /// nobody without that can tell that it is made up.
    pub fn made_up_salt(&self, name: &str) -> [u8; 32] {
        let pepper = self.peppers.first().reveal();
        let mut digest = Sha256::new();
        digest.update(b"titan made-up salt");
        digest.update((pepper.len() as u64).to_be_bytes());
        digest.update(pepper);
        digest.update(name);
        digest.finalize().into()
    }

    /// A verifier for a new password, with a fresh salt.
    pub async fn hash(&self, password: &str, by: Applicant) -> Outcome<Verifier> {
        let password = within_bounds(password)?;
        let peppers = self.peppers.clone();
        let hashing = move || {
            let salt = rand::random();
            verifier(&pre_hash(&password, &salt), salt, &peppers)
        };
        run(&self.ours, by, hashing).await?.0
    }

    /// The same with the salt that there is: what rests on that stays good.
    pub async fn hash_again(&self, password: &str, salt: [u8; 32], by: Applicant) -> Outcome<Verifier> {
        let (password, peppers) = (within_bounds(password)?, self.peppers.clone());
        run(&self.ours, by, move || verifier(&pre_hash(&password, &salt), salt, &peppers)).await?.0
    }

    /// What a client makes of a password that hashes it with this salt.
    pub async fn pre_hashed(&self, password: &Secret, salt: [u8; 32], by: Applicant) -> Outcome<PreHash> {
        let password = password.clone();
        Ok(run(&self.ours, by, move || pre_hash(password.reveal(), &salt)).await?.0)
    }

    /// The secret of a second factor as it is kept, and by which pepper.
    pub fn seal(&self, secret: &[u8; SECRET]) -> ([u8; SEALED], String) {
        self.peppers.seal(secret)
    }

    /// The secret itself; none where that pepper isn't here.
    pub fn unseal(&self, sealed: &[u8; SEALED], pepper: &str) -> Option<[u8; SECRET]> {
        self.peppers.unseal(sealed, pepper)
    }

    /// A verifier for what a client hashed itself.
    pub async fn hash_pre_hashed(&self, pre: PreHash, salt: [u8; 32], by: Applicant) -> Outcome<Verifier> {
        let peppers = self.peppers.clone();
        run(&self.ours, by, move || verifier(&pre, salt, &peppers)).await?.0
    }

    /// Whether it is kept as it would be today; if not, it is made anew when the password is known.
    pub fn is_of_today(&self, verifier: &Verifier) -> bool {
        let kept = Kept::read(&verifier.hash);
        verifier.scheme == Scheme::Titan && kept.is_some_and(|(_, kept)| kept.is_of_today(&self.peppers))
    }

    /// The same password kept safely, without knowing it: a weak hash of an older system within argon2id, one of ours with
    /// what it was made with. None where nothing is to be done.
    pub async fn safely(&self, verifier: &Verifier, by: Applicant) -> Outcome<Option<Verifier>> {
        let (peppers, verifier) = (self.peppers.clone(), verifier.clone());
        Ok(run(&self.ours, by, move || imported::safely(&verifier, &peppers)).await?.0)
    }

    /// Whether a password is the verifier's.
    pub async fn check(&self, password: &str, against: &Verifier, by: Applicant) -> Outcome<bool> {
        Ok(self.timed(password, against, by).await?.0)
    }

    /// Whether who logs in may. Without a verifier it takes as long and is wrong; and wrong takes as long with any.
    pub async fn check_login(&self, password: &str, against: Option<&Verifier>, by: Applicant) -> Outcome<bool> {
        let (right, took) = self.timed(password, against.unwrap_or(&self.nobody), by).await?;
        Ok(self.evenly(right && against.is_some(), took).await)
    }

    /// The same, for what a client hashed itself.
    pub async fn check_pre_hashed(&self, pre: PreHash, against: Option<&Verifier>, by: Applicant) -> Outcome<bool> {
        let verifier = against.unwrap_or(&self.nobody).clone();
        let peppers = self.peppers.clone();
        let (right, took) = run(&self.ours, by, move || matches_pre_hash(&pre, &verifier, &peppers)).await?;
        Ok(self.evenly(right && against.is_some(), took).await)
    }

    /// The outcome of a check, and how long it took.
    async fn timed(&self, password: &str, against: &Verifier, by: Applicant) -> Outcome<(bool, Duration)> {
        let dear = against.scheme == Scheme::Bcrypt;
        let queue = if dear { &self.dear } else { &self.ours };
        let (forms, peppers, verifier) = (forms(password), self.peppers.clone(), against.clone());
        let fits = move || forms.iter().any(|password| matches(password, &verifier, &peppers));
        let (right, took) = run(queue, by, fits).await?;
        if dear {
            let took = took.as_millis().try_into().unwrap_or(u64::MAX);
            let _ = self
                .dearest
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |before| Some(took.max(before - before / 8)));
        }
        Ok((right, took))
    }

    /// Lets a refusal wait until any would have come. What was waited for a place is the same for all, and isn't counted.
    async fn evenly(&self, right: bool, took: Duration) -> bool {
        if !right {
            let dearest = Duration::from_millis(self.dearest.load(Ordering::Relaxed));
            patience::wait((dearest + dearest / 2).clamp(REFUSING, REFUSING_MOST).saturating_sub(took)).await;
        }
        right
    }
}

/// Does the work once it is this one's turn; what it gives, and how long it took.
async fn run<T: Send + 'static>(
    queue: &Queue,
    by: Applicant,
    work: impl FnOnce() -> T + Send + 'static,
) -> Outcome<(T, Duration)> {
    let place = queue.wait(by).await.ok_or_else(|| Fault::rate_limited(Duration::from_secs(1)))?;
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        let begun = patience::now();
        (work(), begun.elapsed())
    });
    done.await.map_err(|_| Fault::new(FaultCode::Internal, "The server failed to hash the password: try again."))
}

/// A password as it is tried: as new ones are hashed, and as it was written, which is how older ones were. How many that are
/// depends on what was given alone, so that the time it takes tells nothing of the account.
fn forms(given: &str) -> Vec<String> {
    let bounded = |text: &str| text.chars().take(PASSWORD_MOST).collect::<String>();
    let written = bounded(given);
    // Signs that are put together are fewer.
    let usual = bounded(&text::password(&given.chars().take(4 * PASSWORD_MOST).collect::<String>()));
    if usual == written { vec![usual] } else { vec![usual, written] }
}

/// A new password as it is hashed.
fn within_bounds(given: &str) -> Outcome<String> {
    let password = text::password(given);
    match password.chars().count() {
        0 => Err(Fault::bad_request("A password may not be empty.")),
        length if length > PASSWORD_MOST => {
            Err(Fault::bad_request(format!("A password may have at most {PASSWORD_MOST} characters.")))
        }
        _ => Ok(password),
    }
}

fn verifier(pre: &PreHash, salt: [u8; 32], peppers: &Peppers) -> Outcome<Verifier> {
    let kept = Kept::make(pre, &salt, peppers).map_err(|error| {
        Fault::new(FaultCode::Internal, format!("The server failed to hash the password: {error}."))
    })?;
    Ok(Verifier { scheme: Scheme::Titan, salt, hash: kept.to_text() })
}

fn matches(password: &str, verifier: &Verifier, peppers: &Peppers) -> bool {
    match verifier.scheme {
        Scheme::Titan => matches_pre_hash(&pre_hash(password, &verifier.salt), verifier, peppers),
        Scheme::Bcrypt => imported::matches(Scheme::Bcrypt, password, verifier),
        scheme => match Kept::read(&verifier.hash) {
            Some((rule, kept)) => match imported::first_step(scheme, password, rule) {
                Some(given) => kept.fits(&given, &verifier.salt, peppers),
                None => as_slow_as_ours(verifier, peppers),
            },
            None => imported::matches(scheme, password, verifier) || as_slow_as_ours(verifier, peppers),
        },
    }
}

fn matches_pre_hash(pre: &PreHash, verifier: &Verifier, peppers: &Peppers) -> bool {
    match (verifier.scheme, Kept::read(&verifier.hash)) {
        (Scheme::Titan, Some(("", kept))) => kept.fits(pre, &verifier.salt, peppers),
        (Scheme::Pbkdf2, None) => imported::matches_pre_hash(pre, verifier) || as_slow_as_ours(verifier, peppers),
        _ => as_slow_as_ours(verifier, peppers),
    }
}

/// A wrong password takes its time for imported hashes too, so that it doesn't tell which names exist. Never right.
fn as_slow_as_ours(verifier: &Verifier, peppers: &Peppers) -> bool {
    let _ = std::hint::black_box(argon2id(&[0; 32], &verifier.salt, peppers.now().reveal(), Cost::NOW));
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn ada() -> Applicant {
        Applicant::stranger(ADA)
    }

    #[tokio::test]
    async fn a_password_is_known_again_by_itself_and_by_its_pre_hash() {
        let passwords = Passwords::new(Peppers::of(b"pepper"), 2);
        let verifier = passwords.hash("secret", ada()).await.unwrap();
        assert!(passwords.check_login("secret", Some(&verifier), ada()).await.unwrap());
        assert!(!passwords.check("Secret", &verifier, ada()).await.unwrap());
        assert!(!passwords.check_login("secret", None, ada()).await.unwrap());
        let pre = pre_hash("secret", &verifier.salt);
        assert!(passwords.check_pre_hashed(pre, Some(&verifier), ada()).await.unwrap());
        let accented = passwords.hash("caf\u{e9}\u{3000}1234", ada()).await.unwrap();
        assert!(passwords.check("cafe\u{301} 1234", &accented, ada()).await.unwrap(), "however it is typed");
        let as_written = pre_hash("cafe\u{301}", &verifier.salt);
        let older = passwords.hash_pre_hashed(as_written, verifier.salt, ada()).await.unwrap();
        assert!(passwords.check("cafe\u{301}", &older, ada()).await.unwrap(), "made of what was written");
        assert!(!passwords.check("caf\u{e9}", &older, ada()).await.unwrap());
        let other_pepper = Passwords::new(Peppers::of(b"salt"), 1);
        assert!(!other_pepper.check("secret", &verifier, ada()).await.unwrap());
    }

    #[test]
    fn the_houses_own_name_is_no_new_password() {
        let passwords = Passwords::new(Peppers::of(b"pepper"), 1).at_host("chat.Example.org");
        let fits = |wanted| passwords.demand(Demand::Usual, wanted, "ada", "password").is_ok();
        assert!(["example2026!", "Chat.example.org", "1234CHAT"].iter().all(|wanted| !fits(wanted)));
        assert!(
            fits("example of a word")
                && Passwords::new(Peppers::of(b"x"), 1).demand(Demand::Usual, "example2026!", "ada", "").is_ok()
        );
    }

    /// The clock of the runtime goes on by what is waited for alone, so that this is no matter of the machine.
    #[tokio::test(start_paused = true)]
    async fn a_refusal_takes_as_long_whatever_hash_there_is() {
        let passwords = Passwords::new(Peppers::of(b"pepper"), 1);
        for took in [0, 20, 480] {
            let begun = tokio::time::Instant::now();
            assert!(!passwords.evenly(false, Duration::from_millis(took)).await);
            assert_eq!(begun.elapsed(), Duration::from_millis(500 - took));
        }
        passwords.dearest.store(800, Ordering::Relaxed);
        let begun = tokio::time::Instant::now();
        assert!(!passwords.evenly(false, Duration::from_millis(800)).await);
        assert_eq!(begun.elapsed(), Duration::from_millis(400));
    }
}
