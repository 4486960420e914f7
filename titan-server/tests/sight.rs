//! What the log tells an operator, and what it tells nobody: at every door, and however much is asked for.

use crate::channels_support;
use crate::slash_support;
use crate::support;
use crate::titan_net_support;
use crate::tls_support;
use std::path::PathBuf;
use std::sync::LazyLock;

use crate::support::{TestHouse, deadline};
use serde_json::{Value, json};
use titan_server::config::Address;
use titan_server::telemetry::{self, Wanted};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const PASSWORD: &str = "secret-password";
const WRONG: &str = "wrong-password-of-ada";
const SAID: &str = "words-for-nobody-else";
const NEW_KEY: &str = "the-next-key-of-the-house";
/// Every door at which one logs in, as sessions know it.
const DOORS: [&str; 7] = ["native", "titan_net", "channels", "api", "json_lines", "slash", "tls_frames"];

/// All that this process says, in a file.
static LOG: LazyLock<PathBuf> = LazyLock::new(|| {
    let file = tempfile::tempdir().unwrap().keep().join("log");
    let much = Some("trace,tungstenite::protocol=trace");
    let security = file.with_file_name("security");
    telemetry::start(&Wanted { much, file: Some(&file), security: Some(&security), ..Wanted::default() }).unwrap();
    file
});

fn log() -> String {
    std::fs::read_to_string(&*LOG).unwrap()
}

/// The line that holds all of these words, once it is there.
async fn line(words: &[&str]) -> String {
    let found = || log().lines().find(|line| words.iter().all(|word| line.contains(word))).map(str::to_owned);
    let looking = async {
        loop {
            match found() {
                Some(line) => return line,
                None => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(support::DEADLINE, looking).await.unwrap_or_else(|_| panic!("no line has {words:?}"))
}

/// A house with every door open.
async fn house() -> TestHouse {
    LazyLock::force(&LOG);
    TestHouse::open_with(|config| {
        config.limits = false;
        for door in [&mut config.json_lines, &mut config.slash, &mut config.tls_frames, &mut config.reset_site] {
            *door = Address::local(0);
        }
    })
    .await
}

fn admin_key(house: &TestHouse) -> String {
    std::fs::read_to_string(house.folder().join("admin_key.txt")).unwrap().trim().to_owned()
}

async fn json_line(house: &TestHouse, request: Value) -> Value {
    let mut stream = BufReader::new(deadline(TcpStream::connect(house.address("json-lines"))).await.unwrap());
    stream.write_all(format!("{request}\n").as_bytes()).await.unwrap();
    let mut line = String::new();
    deadline(stream.read_line(&mut line)).await.unwrap();
    serde_json::from_str(&line).unwrap()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().danger_accept_invalid_certs(true).no_proxy().build().unwrap()
}

async fn post(house: &TestHouse, path: &str, id: &str, body: Value) -> reqwest::Response {
    let request = http().post(format!("{}{path}", house.http())).header("x-request-id", id).json(&body);
    deadline(request.send()).await.unwrap()
}

/// Tries a password at every door.
async fn tries_everywhere(house: &TestHouse, name: &str, password: &str) {
    let who = json!({"username": name, "password": password});
    let with = |word: &str, value: &str| {
        let mut request = who.clone();
        request[word] = value.into();
        request
    };
    house.native().await.ask(with("do", "login")).await;
    let mut titan_net = titan_net_support::client(house).await;
    titan_net.says(with("type", "login")).await;
    titan_net.hears("login_response").await;
    post(house, "/auth/login", "", who.clone()).await;
    post(house, "/api/login", "", who.clone()).await;
    json_line(house, with("type", "login")).await;
    let mut slash = slash_support::lines(house).await;
    slash.says(&format!("/login {name} {password}")).await;
    slash.line().await;
    tls_support::client(house).await.tries_to_login(name, password).await;
}

#[tokio::test]
async fn a_refused_login_leaves_a_line_with_the_address_at_every_door() {
    let house = house().await;
    house.enter("ada").await;
    tries_everywhere(&house, "ada", WRONG).await;
    for door in DOORS {
        let refused = format!("event=login_failed door={door} address=127.0.0.1 account=ada");
        let told = line(&["INFO", &refused]).await;
        let over = if matches!(door, "channels" | "api") { "http" } else { door };
        assert!(told.contains(&format!("connection{{door={over} address=127.0.0.1 id=")), "{told}");
        assert!(told.contains(":request{id="), "{told}");
    }
    let mut stranger = house.native().await;
    let register = json!({"do": "register", "username": "eve", "password": PASSWORD, "admin_key": "a-guess"});
    stranger.fault(register).await;
    line(&["INFO", "event=admin_key_refused door=native address=127.0.0.1 account=eve"]).await;
    // A name that nobody has may be a password.
    tries_everywhere(&house, "nobody-at-all", WRONG).await;
    for door in DOORS {
        line(&[&format!("event=login_failed door={door} address=127.0.0.1 account=-")]).await;
    }
}

#[tokio::test]
async fn who_comes_in_and_what_is_done_to_whom_leaves_a_line_of_one_form() {
    let house = house().await;
    for (name, address) in house.server.as_ref().unwrap().doors().iter().map(|door| (door.name, door.address)) {
        line(&[&format!("event=start door={} address={address} account=-", name.replace('-', "_"))]).await;
    }
    house.enter("rita").await;
    house.make_admin("rita");
    let mut rita = house.enter_again("rita").await;
    let eve = house.enter("evelyn").await;
    tries_everywhere(&house, "evelyn", PASSWORD).await;
    for door in DOORS {
        line(&[&format!("event=login door={door} address=127.0.0.1 account=evelyn")]).await;
    }
    let room = rita.ok(json!({"do": "create_room", "name": "The Log Book"})).await["id"].clone();
    let spare = json!({"do": "add_account", "username": "spare", "password": PASSWORD});
    let spare = rita.ok(spare).await["account"]["id"].clone();
    let (account, address) = (eve.account, "192.0.2.77");
    for (request, event, of) in [
        (json!({"do": "mute", "conversation": 1, "account": account}), "mute", "evelyn@general"),
        (json!({"do": "unmute", "conversation": 1, "account": account}), "unmute", "evelyn@general"),
        (
            json!({"do": "set_member_role", "conversation": 1, "account": account, "role": "moderator"}),
            "set_member_role",
            "evelyn@general",
        ),
        (json!({"do": "ban_member", "conversation": room, "account": account}), "ban_member", "evelyn@The·Log·Book"),
        (
            json!({"do": "unban_member", "conversation": room, "account": account}),
            "unban_member",
            "evelyn@The·Log·Book",
        ),
        (json!({"do": "edit_account", "account": account, "role": "admin"}), "set_role", "evelyn"),
        (json!({"do": "edit_account", "account": account, "password": "another-password"}), "set_password", "evelyn"),
        (json!({"do": "ban", "account": account}), "ban", "evelyn"),
        (json!({"do": "unban", "account": account}), "unban", "evelyn"),
        (json!({"do": "ban_address", "address": address}), "ban_address", address),
        (json!({"do": "unban_address", "address": address}), "unban_address", address),
        (json!({"do": "delete_room", "conversation": room}), "delete_room", "The·Log·Book"),
        (json!({"do": "remove_account", "account": spare}), "delete_account", "spare"),
    ] {
        rita.ok(request).await;
        line(&[&format!("event={event} door=native address=127.0.0.1 account=rita of={of}")]).await;
    }
    for (event, of) in [("create_room", "The·Log·Book"), ("add_account", "spare")] {
        line(&[&format!("event={event} door=native address=127.0.0.1 account=rita of={of}")]).await;
    }
    for event in ["register", "login"] {
        line(&[&format!("event={event} door=native address=127.0.0.1 account=rita")]).await;
    }

    rita.ok(json!({"do": "change_admin_key", "key": NEW_KEY})).await;
    rita.fault(json!({"do": "change_password", "old": WRONG, "new": "a-third-password"})).await;
    rita.ok(json!({"do": "change_password", "old": PASSWORD, "new": "a-third-password"})).await;
    rita.ok(json!({"do": "request_reset", "username": "rita"})).await;
    let site = format!("https://{}", house.address("reset-site"));
    let asking = http().post(format!("{site}/token/rita")).bearer_auth(NEW_KEY);
    let issued: Value = deadline(asking.send()).await.unwrap().json().await.unwrap();
    let token = issued["token"].as_str().unwrap();
    house.native().await.ok(json!({"do": "reset_password", "token": token, "password": "a-fourth-password"})).await;
    house.native().await.fault(json!({"do": "reset_password", "token": token, "password": "a-fifth-password"})).await;
    for event in ["change_admin_key", "password_refused", "change_password", "request_reset", "reset_password"] {
        line(&[&format!("event={event} door=native address=127.0.0.1 account=rita")]).await;
    }
    line(&["event=issue_reset door=reset_site address=127.0.0.1 account=rita"]).await;
    line(&["event=reset_refused door=native address=127.0.0.1 account=-"]).await;
    let figures = http().get(format!("{}/metrics", house.http())).bearer_auth(WRONG);
    assert_eq!(deadline(figures.send()).await.unwrap().status(), 403);
    line(&["event=metrics_key_refused door=http address=127.0.0.1 account=- of=- suppressed="]).await;
    let mut last = house.native().await;
    last.login("rita", "a-fourth-password").await;
    last.ok(json!({"do": "logout"})).await;
    line(&["event=revoke_session door=native address=127.0.0.1 account=rita"]).await;
}

#[tokio::test]
async fn what_is_forbidden_and_what_admins_read_leaves_a_line_a_minute() {
    let house = house().await;
    house.enter("wanda").await;
    house.make_admin("wanda");
    let mut wanda = house.enter_again("wanda").await;
    let mut mallory = house.enter("mallory-who-tries").await;
    let room = json!({"do": "create_room", "name": "Locked Up", "password": "a room password"});
    let room = mallory.ok(room).await["id"].clone();
    let said = mallory.ok(json!({"do": "post", "conversation": room, "text": "hi"})).await["seq"].clone();
    for _ in 0..3 {
        mallory.fault(json!({"do": "accounts"})).await;
        mallory.fault(json!({"do": "kick", "conversation": 1, "account": wanda.account})).await;
        wanda.ok(json!({"do": "history", "conversation": room})).await;
        // Rooms that are open to all are no secret, and members read what is theirs.
        mallory.ok(json!({"do": "history", "conversation": room})).await;
    }
    for of in ["administer", "moderate"] {
        let told = "event=forbidden door=native address=127.0.0.1 account=mallory-who-tries";
        line(&["INFO", &format!("{told} of={of} suppressed=0")]).await;
    }
    line(&["event=read_as_admin door=native address=127.0.0.1 account=wanda of=Locked·Up suppressed=0"]).await;
    wanda.ok(json!({"do": "update_room", "conversation": room, "description": "Quiet."})).await;
    wanda.ok(json!({"do": "delete", "conversation": room, "seq": said})).await;
    line(&["event=change_room door=native address=127.0.0.1 account=wanda of=Locked·Up"]).await;
    line(&["event=erase_message door=native address=127.0.0.1 account=wanda of=mallory-who-tries@Locked·Up"]).await;
    let lines = |words: &str| log().lines().filter(|line| line.contains(words)).count();
    assert_eq!(lines("account=mallory-who-tries of="), 3, "a line for each, and one for the room");
    assert_eq!(lines("event=read_as_admin"), 1);

    let export = http().get(format!("{}/api/export", house.http())).bearer_auth(&mallory.token);
    assert_eq!(deadline(export.send()).await.unwrap().status(), 200);
    line(&["event=export door=api address=127.0.0.1 account=mallory-who-tries"]).await;
}

#[tokio::test]
async fn who_gets_a_room_and_who_must_choose_a_password_leaves_a_line() {
    let house = house().await;
    house.enter("helen").await;
    house.make_admin("helen");
    let mut helen = house.enter_again("helen").await;
    let mut ian = house.enter("ian").await;
    let room = helen.ok(json!({"do": "create_room", "name": "An Heirloom"})).await["id"].clone();
    ian.ok(json!({"do": "join_room", "conversation": room})).await;
    helen.ok(json!({"do": "leave_room", "conversation": room})).await;
    line(&["INFO", "event=give_room door=house address=- account=- of=ian@An·Heirloom"]).await;
    helen.ok(json!({"do": "add_account", "username": "jo", "password": PASSWORD})).await;
    house.native().await.fault(json!({"do": "login", "username": "jo", "password": PASSWORD})).await;
    line(&["event=choose_password door=native address=127.0.0.1 account=jo"]).await;
}

#[tokio::test]
async fn a_handshake_that_comes_to_nothing_leaves_a_line() {
    let house = house().await;
    for (name, door) in [("reset-site", "reset_site"), ("tls-frames", "tls_frames")] {
        let mut stream = deadline(TcpStream::connect(house.address(name))).await.unwrap();
        deadline(stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")).await.unwrap();
        let told = line(&["INFO", &format!("event=tls_failed door={door} address=127.0.0.1 account=- of=")]).await;
        assert!(told.ends_with(" suppressed=0"), "{told}");
    }
}

#[tokio::test]
async fn the_security_log_has_these_lines_alone_and_what_became_of_each() {
    let house = house().await;
    let mut ute = house.enter("ute").await;
    ute.fault(json!({"do": "change_password", "old": WRONG, "new": "a-third-password"})).await;
    line(&["event=password_refused door=native address=127.0.0.1 account=ute"]).await;
    let security = std::fs::read_to_string(LOG.with_file_name("security")).unwrap();
    let ending =
        |words: &str| security.lines().find_map(|line| line.split_once(words)).map(|(_, rest)| rest.to_owned());
    let at = "door=native address=127.0.0.1 account=ute";
    assert_eq!(ending(&format!("event=password_refused {at}")).as_deref(), Some(" outcome=refused"));
    assert_eq!(ending(&format!("event=login {at}")).as_deref(), Some(" outcome=done"));
    for line in security.lines() {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.ends_with('Z') && rest.starts_with("event="), "{line}");
        assert!(rest.ends_with(" outcome=done") || rest.ends_with(" outcome=refused"), "{line}");
    }
    assert!(!log().contains("outcome="), "programs read those lines as they were");
}

#[tokio::test]
async fn a_limit_that_is_hit_leaves_a_line_and_a_flood_no_more() {
    LazyLock::force(&LOG);
    let house = TestHouse::open_with(|config| config.tls_frames = Address::local(0)).await;
    let mut zoe = house.enter("zoe-in-a-hurry").await;
    let mut last = 0;
    for _ in 0..700 {
        last = zoe.send(json!({"do": "post", "conversation": 1, "text": "hi"})).await;
    }
    zoe.answer(last).await;
    let told = "event=limit door=native address=127.0.0.1 account=zoe-in-a-hurry limit=messages suppressed=0";
    line(&[told]).await;
    // The salt is asked for by name, which costs a try.
    let mut stranger = tls_support::client(&house).await;
    for _ in 0..70 {
        stranger.ask(tls_support::LOG, json!({"login": "yan-in-a-hurry", "password": "X"})).await;
    }
    line(&["event=limit door=tls_frames address=127.0.0.1 account=- limit=logins_to_one suppressed=0"]).await;
    let lines = log().lines().filter(|line| line.contains("event=limit") && line.contains("zoe-in-a-hurry")).count();
    assert_eq!(lines, 1, "a line for all of the first minute");
}

#[tokio::test]
async fn a_line_says_which_connection_and_request_it_belongs_to_and_whose_it_is() {
    let house = house().await;
    let mut root = slash_support::enter_admin(&house, "root").await;
    root.asks("/change_admin_key short", "Admin key changed successfully.").await;
    let told = line(&["the admin key is short", "door=slash"]).await;
    assert!(told.contains("account=\"root\"}:request{id=") && told.contains("what=\"/change_admin_key\"}"), "{told}");

    let mut native = house.enter_again("root").await;
    let id = native.send(json!({"do": "change_admin_key", "key": "shorter"})).await;
    native.answer(id).await;
    let told = line(&["the admin key is short", "door=native"]).await;
    assert!(told.contains("account=\"root\"}:request{id=") && told.contains(&format!("number={id}")), "{told}");
}

#[tokio::test]
async fn a_request_over_http_is_known_by_its_id_and_its_route() {
    let house = house().await;
    house.enter("ada").await;
    let body = json!({"username": "ada", "password": WRONG});
    let answer = post(&house, "/auth/login?token=in-the-address", "the-client.s_own-7", body.clone()).await;
    assert_eq!(answer.headers()["x-request-id"], "the-client.s_own-7");
    line(&["request{id=the-client.s_own-7 what=\"POST /auth/login\" address=127.0.0.1}"]).await;
    assert!(!log().contains("in-the-address"));

    let too_long = "x".repeat(65);
    for unfit in ["", "two words", "quoted\"", &too_long] {
        let answer = post(&house, "/auth/login", unfit, body.clone()).await;
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(id != unfit && id.len() == 10, "{unfit:?} became {id}");
        line(&[&format!("request{{id={id} what=")]).await;
    }
}

#[tokio::test]
async fn no_password_no_token_no_key_and_no_text_is_logged_however_much_is_asked_for() {
    let house = house().await;
    let key = admin_key(&house);
    let mut native = house.native().await;
    let register = json!({"do": "register", "username": "root", "password": PASSWORD, "admin_key": key});
    native.ok(register).await;
    native.login("root", PASSWORD).await;
    native.says(1, SAID).await;
    let token = native.token.clone();
    house.native().await.ok(json!({"do": "authenticate", "token": token})).await;
    for password in [PASSWORD, WRONG] {
        tries_everywhere(&house, "root", password).await;
    }
    // A password where a name belongs.
    tries_everywhere(&house, "typed-in-the-wrong-field", "").await;
    slash_support::lines(&house).await.asks("typed-as-a-command", "Please register or login first.").await;
    let user = channels_support::User::enter(&house, "ada").await;
    user.says(1, SAID).await;
    let mut root = slash_support::lines(&house).await;
    root.asks(&format!("/login root {PASSWORD}"), "Login successful.").await;
    root.asks(&format!("/change_admin_key {NEW_KEY}"), "Admin key changed successfully.").await;
    let site = format!("https://{}/reset/a-token-of-a-letter", house.address("reset-site"));
    deadline(http().get(site).send()).await.unwrap();

    // What comes last stands in the log, and so does all before it.
    line(&["request{", "what=\"GET /reset/{token}\""]).await;
    let log = log();
    let secrets = [PASSWORD, WRONG, &key, NEW_KEY, &token, &user.token, SAID, "a-token-of-a-letter"];
    for secret in secrets.into_iter().chain(["typed-in-the-wrong-field", "typed-as-a-command"]) {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}
