//! The first login of an imported account, with more hashing at once than small machines do.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use titan_core::protocol::Role;
use titan_core::{Time, TitanNumber};
use titan_server::admin_key::AdminKey;
use titan_server::hub::{Hub, Letter, Limits, Mailer, Passwords, Peppers, Visitor};
use titan_server::store::sqlite::{SqliteOptions, SqliteStore};
use titan_server::store::{Accounts, MachineClock, NewAccount, Scheme, Verifier, Warrant};
use titan_server::switchboard::Switchboard;
use tokio::sync::mpsc;

struct NoMail;

impl Mailer for NoMail {
    fn take(&self, _: Letter) {}
}

/// Each finds the older hash and would replace it; none may take that for a password that was changed meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_may_come_in_many_times_at_once_the_first_time() {
    let folder = tempfile::tempdir().unwrap();
    let (committed, commits) = mpsc::channel(16);
    let store = SqliteStore::open(&folder.path().join("titan.db"), committed, SqliteOptions::default()).unwrap();
    let store = Arc::new(store);
    let hash = "$2b$04$jR1V4QIs0VnGwOdWK8.CBOfb2fEjHu5mTET4SGOZF69Nl6AqRVqWu".to_owned();
    let ada = NewAccount {
        username: "ada".into(),
        key: "ada".into(),
        titan_number: TitanNumber(12345),
        full_name: None,
        email: None,
        role: Role::User,
        verifier: Verifier { scheme: Scheme::Bcrypt, salt: [0; 32], hash },
        made_up_until: None,
        now: Time(1),
    };
    let (admin_key, _) = AdminKey::load(&folder.path().join("admin_key.txt")).unwrap();
    let (board, passwords) = (Switchboard::new(store.clone()), Passwords::new(Peppers::of(b"pepper"), 8));
    let hub =
        Hub::new(store.clone(), board, passwords, Limits::off(), admin_key, Arc::new(NoMail), Arc::new(MachineClock));
    tokio::spawn(hub.follower().run(commits));
    store.create_account(ada, Warrant::of_house()).await.unwrap();

    let visitor = Visitor::new("native", IpAddr::V4(Ipv4Addr::LOCALHOST));
    let logins = (0..16).map(|_| hub.login(&visitor, "ada", "secret"));
    for login in futures_util::future::join_all(logins).await {
        assert!(login.is_ok(), "{:?}", login.err());
    }
    assert!(hub.login(&visitor, "ada", "secret").await.is_ok());
    assert!(hub.login(&visitor, "ada", "Secret").await.is_err());
}
