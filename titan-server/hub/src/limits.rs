//! How much of everything one may have: rates for each account and address, from one place for all doors. Of IPv6 addresses a /64
//! counts as one.
//!
//! Every limit refuses with a `rate_limited` fault that says how long to wait; nothing is dropped silently, and the log tells
//! of it ([`super::tally`]). The tables
//! forget idle keys by [`Limits::forget_idle`], which the server calls now and then.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use titan_core::protocol::Fault;
use titan_core::{AccountId, SessionId};

use super::Outcome;
use super::acquaintance::name_key;
use super::guessing::{Guessing, Turn};
use super::network::counted_as;
use super::shares::{Pace, Share};
use super::tally::Tally;

/// A second's worth and a burst.
#[derive(Clone, Copy, Debug)]
struct Rate(u32, u32);

const SENDING: Rate = Rate(50, 500);
const ASKING: Rate = Rate(200, 2_000);
const LOGIN_BY_ADDRESS: Rate = Rate(20, 200);
const LOGIN_BY_ACCOUNT_AND_ADDRESS: Rate = Rate(1, 60);
const REGISTERING: Rate = Rate(2, 200);
const UPLOADING: Rate = Rate(5, 100);
/// Codes of an account's second factor that may be tried at once from one network, and by all strangers together; and how long it
/// is until another one. A million codes of which three are right leave who has the password one chance in a thousand a day.
const CODES: (u32, Duration) = (10, Duration::from_secs(5 * 60));
const CODES_OF_STRANGERS: (u32, Duration) = (30, Duration::from_secs(2 * 60));

/// Passwords of rooms that an account may try, and passwords that a session may give again.
const ROOM_PASSWORDS: (u32, Duration) = (30, Duration::from_secs(10));
const CONFIRMATIONS: (u32, Duration) = (10, Duration::from_secs(30));
/// What tries of the admin key are counted by, which is no name that anybody could have.
const ADMIN_KEY: &str = "\0admin key";

pub struct Limits(Option<Tables>);

struct Tables {
    sending: Table<AccountId>,
    asking: Table<AccountId>,
    uploading: Table<AccountId>,
    logins: Table<IpAddr>,
    attempts: Table<(String, IpAddr)>,
    registering: Table<IpAddr>,
    codes: Table<(AccountId, IpAddr)>,
    codes_of_strangers: Table<AccountId>,
    room_passwords: Table<AccountId>,
    confirmations: Table<SessionId>,
    shares: [Table<AccountId>; Share::ALL.len()],
    guessing: Guessing,
}

struct Table<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>, Tally);

impl Limits {
    pub fn on() -> Self {
        Self(Some(Tables {
            sending: Table::new("messages", SENDING),
            asking: Table::new("questions", ASKING),
            uploading: Table::new("uploads", UPLOADING),
            logins: Table::new("logins", LOGIN_BY_ADDRESS),
            attempts: Table::new("logins_to_one", LOGIN_BY_ACCOUNT_AND_ADDRESS),
            registering: Table::new("registrations", REGISTERING),
            codes: Table::every("codes", CODES),
            codes_of_strangers: Table::every("codes_of_strangers", CODES_OF_STRANGERS),
            room_passwords: Table::every("room_passwords", ROOM_PASSWORDS),
            confirmations: Table::every("confirmations", CONFIRMATIONS),
            shares: Share::ALL.map(Table::paced),
            guessing: Guessing::default(),
        }))
    }

    /// For tests and benchmarks.
    pub fn off() -> Self {
        Self(None)
    }

    pub fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// Something is written: a message, an edit, a reaction, a signal.
    pub fn sending(&self, account: AccountId) -> Outcome<()> {
        self.0.as_ref().map_or(Ok(()), |tables| tables.sending.take(&account))
    }

    /// Something is read or changed that is no message.
    pub fn asking(&self, account: AccountId) -> Outcome<()> {
        self.0.as_ref().map_or(Ok(()), |tables| tables.asking.take(&account))
    }

    /// A file or app is begun.
    pub fn uploading(&self, account: AccountId) -> Outcome<()> {
        self.0.as_ref().map_or(Ok(()), |tables| tables.uploading.take(&account))
    }

    /// A login is tried. Counted by network, and by name and network together, so that no stranger can lock one out.
    pub fn login(&self, address: IpAddr, username: &str) -> Outcome<()> {
        let Some(tables) = &self.0 else { return Ok(()) };
        let address = counted_as(address);
        tables.logins.take(&address)?;
        tables.attempts.take(&(name_key(username), address))
    }

    /// A stranger tries an account's password: when it may.
    pub fn guessing(&self, address: IpAddr, username: &str) -> Outcome<Option<Turn>> {
        let Some(tables) = &self.0 else { return Ok(None) };
        let turn = tables.guessing.turn(&name_key(username), counted_as(address));
        turn.map(Some).map_err(Fault::rate_limited)
    }

    /// Something random is tried that opens something: the token of a letter.
    pub fn token(&self, address: IpAddr) -> Outcome<()> {
        self.0.as_ref().map_or(Ok(()), |tables| tables.logins.take(&counted_as(address)))
    }

    /// The admin key is tried: when it may. Strangers slow each other down as at an account; who runs the house needs no key.
    pub fn admin_key(&self, address: IpAddr) -> Outcome<Option<Turn>> {
        let Some(tables) = &self.0 else { return Ok(None) };
        tables.guessing.turn(ADMIN_KEY, counted_as(address)).map(Some).map_err(Fault::rate_limited)
    }

    /// A room's password is tried, wherever the account comes from.
    pub fn room_password(&self, account: AccountId) -> Outcome<()> {
        self.0.as_ref().map_or(Ok(()), |tables| tables.room_passwords.take(&account))
    }

    /// A password is given again. Counted by session, so that who has stolen one uses up nobody else's.
    pub fn confirming(&self, session: SessionId) -> Outcome<()> {
        self.0.as_ref().map_or(Ok(()), |tables| tables.confirmations.take(&session))
    }

    /// A code of an account's second factor is tried. Who comes from where its owner came from has a bound of their own alone, so
    /// that no stranger, not even one with the password, can use up the owner's tries.
    pub fn code(&self, account: AccountId, address: IpAddr, known: bool) -> Outcome<()> {
        let Some(tables) = &self.0 else { return Ok(()) };
        tables.codes.take(&(account, counted_as(address)))?;
        if known { Ok(()) } else { tables.codes_of_strangers.take(&account) }
    }

    pub fn registering(&self, address: IpAddr) -> Outcome<()> {
        self.0.as_ref().map_or(Ok(()), |tables| tables.registering.take(&counted_as(address)))
    }

    /// Something is done that stays, or that others are shown.
    pub(super) fn share(&self, account: AccountId, share: Share) -> Outcome<()> {
        let table = self.0.as_ref().and_then(|tables| tables.shares.get(share as usize));
        match table.and_then(|table| table.wait(&account)) {
            Some(wait) => Err(Fault::too_many(share.pace().2, wait)),
            None => Ok(()),
        }
    }

    /// A bound in number, where limits are on.
    pub(super) fn most<T>(&self, most: T) -> Option<T> {
        self.are_on().then_some(most)
    }

    pub fn forget_idle(&self) {
        let Some(tables) = &self.0 else { return };
        tables.sending.forget_idle();
        tables.asking.forget_idle();
        tables.uploading.forget_idle();
        tables.logins.forget_idle();
        tables.attempts.forget_idle();
        tables.registering.forget_idle();
        tables.codes.forget_idle();
        tables.codes_of_strangers.forget_idle();
        tables.room_passwords.forget_idle();
        tables.confirmations.forget_idle();
        tables.shares.iter().for_each(Table::forget_idle);
        tables.guessing.forget_idle();
    }
}

impl<K: Hash + Eq + Clone> Table<K> {
    /// The log names it.
    fn new(name: &'static str, Rate(each_second, burst): Rate) -> Self {
        let quota = Quota::per_second(at_least_one(each_second)).allow_burst(at_least_one(burst));
        Self(RateLimiter::keyed(quota), Tally::of_limit(name))
    }

    fn paced(share: Share) -> Self {
        let Pace(at_once, every, _) = share.pace();
        Self::every(share.name(), (at_once, every))
    }

    fn every(name: &'static str, (at_once, every): (u32, Duration)) -> Self {
        let at_once = at_least_one(at_once);
        let quota = Quota::with_period(every).unwrap_or_else(|| Quota::per_second(at_once));
        Self(RateLimiter::keyed(quota.allow_burst(at_once)), Tally::of_limit(name))
    }

    fn take(&self, key: &K) -> Outcome<()> {
        self.wait(key).map_or(Ok(()), |wait| Err(Fault::rate_limited(wait)))
    }

    /// Takes one; how long to wait, where there is none left.
    fn wait(&self, key: &K) -> Option<Duration> {
        let taken = self.0.check_key(key).inspect_err(|_| self.1.note());
        taken.err().map(|early| early.wait_time_from(DefaultClock::default().now()))
    }

    fn forget_idle(&self) {
        self.0.retain_recent();
        self.1.tell_rest();
    }
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use titan_core::protocol::FaultCode;

    #[test]
    fn a_burst_is_let_through_and_then_told_to_wait() {
        let limits = Limits::on();
        let ada = AccountId(1);
        (0..500).for_each(|_| limits.sending(ada).unwrap());
        let fault = limits.sending(ada).unwrap_err();
        assert_eq!(fault.code, FaultCode::RateLimited);
        assert!(fault.retry_after_ms.is_some());
        limits.sending(AccountId(2)).unwrap();
    }

    #[test]
    fn whoever_has_a_whole_network_of_ipv6_has_no_more_than_others() {
        let limits = Limits::on();
        let from = |tail: u16| format!("2001:db8:1:2::{tail:x}").parse().unwrap();
        let let_in = (0..300).filter(|tail| limits.login(from(*tail), "ada").is_ok()).count();
        assert!((60..80).contains(&let_in), "{let_in}");
        limits.login("2001:db8:1:3::1".parse().unwrap(), "ada").unwrap();
        let registered = (0..300).filter(|tail| limits.registering(from(*tail)).is_ok()).count();
        assert!((200..230).contains(&registered), "{registered}");
    }

    #[test]
    fn codes_are_bounded_and_strangers_dont_use_up_the_owners() {
        let (limits, ada) = (Limits::on(), AccountId(1));
        let from = |network: u32| std::net::Ipv4Addr::from_bits(0xC600_0000 + network).into();
        let tried = |network, known| (0..1_000).filter(|_| limits.code(ada, from(network), known).is_ok()).count();
        assert_eq!((0..100).map(|network| tried(network, false)).sum::<usize>(), 30);
        assert_eq!(tried(200, true), 10);
        assert!(limits.code(AccountId(2), from(1), false).is_ok());
    }

    #[test]
    fn tries_of_rooms_and_of_ones_own_password_are_bounded_one_by_one() {
        let limits = Limits::on();
        let rooms = |account| (0..100).filter(|_| limits.room_password(AccountId(account)).is_ok()).count();
        let again = |session| (0..100).filter(|_| limits.confirming(SessionId(session)).is_ok()).count();
        assert_eq!((rooms(1), rooms(2)), (30, 30));
        assert_eq!((again(1), again(2)), (10, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn tries_of_the_admin_key_are_slowed_down_however_many_networks_they_come_from() {
        let limits = Limits::on();
        let from = |network: u32| std::net::Ipv4Addr::from_bits(0xC600_0000 + network).into();
        let at_once = (0..200).map_while(|network| limits.admin_key(from(network)).ok().flatten());
        assert_eq!(at_once.take_while(|turn| turn.wait.is_zero()).count(), 100);
        assert!(limits.guessing(from(1), "ada").unwrap().unwrap().wait.is_zero(), "accounts are not concerned");
    }

    #[test]
    fn each_share_has_its_place_and_is_told_in_words_when_it_is_used_up() {
        let limits = Limits::on();
        for (place, share) in Share::ALL.into_iter().enumerate() {
            assert_eq!(share as usize, place);
            let Pace(at_once, _, said) = share.pace();
            (0..at_once).for_each(|_| limits.share(AccountId(1), share).unwrap());
            let fault = limits.share(AccountId(1), share).unwrap_err();
            assert!(fault.message.starts_with(said) && fault.retry_after_ms > Some(0), "{fault:?}");
            limits.share(AccountId(2), share).unwrap();
        }
    }
}
