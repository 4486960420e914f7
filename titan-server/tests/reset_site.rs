//! Forgotten passwords, from the letter to the new one.

use crate::support::{TestHouse, deadline};
use crate::tls_support::postbox::Postbox;
use crate::tls_support::*;
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};
use titan_server::config::Config;
use titan_server::mail::settings::{MailSettings, Said};

const KEY: &str = "0123456789abcdef0123";
/// Who use one token at once. Each has a password hashed, one after the other on a small machine, which is what keeps the
/// token open for all of them; more of them would only wait longer.
const TRIES: usize = 8;

/// A browser that looks at no certificate.
struct Browser {
    client: reqwest::Client,
    site: String,
    admin_key: String,
}

impl Browser {
    fn at(house: &TestHouse) -> Self {
        let client = reqwest::Client::builder().danger_accept_invalid_certs(true).no_proxy().build().unwrap();
        let admin_key = std::fs::read_to_string(house.folder().join("admin_key.txt")).unwrap();
        let site = format!("https://{}", house.address("reset-site"));
        Self { client, site, admin_key: admin_key.trim().to_owned() }
    }

    async fn get(&self, path: &str) -> Response {
        deadline(self.client.get(self.url(path)).send()).await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request =
            self.client.post(self.url(path)).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        deadline(request.body(body).send()).await.unwrap()
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("https://") { path.to_owned() } else { format!("{}{path}", self.site) }
    }

    /// The page of a link, and what its form carries along.
    async fn opens(&self, link: &str) -> String {
        let page = self.get(link).await;
        assert_eq!(page.status(), StatusCode::OK);
        proof(&page.text().await.unwrap())
    }

    async fn changes(&self, link: &str, password: &str) -> (StatusCode, String) {
        let proof = self.opens(link).await;
        words(self.post(link, &[("password", password), ("csrf_token", &proof)]).await).await
    }

    async fn token(&self, user: &str) -> String {
        let request = self.client.post(self.url(&format!("/token/{user}"))).bearer_auth(&self.admin_key);
        let response = deadline(request.send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        let told: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        told["token"].as_str().unwrap().to_owned()
    }
}

fn proof(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf_token\" value=\"").expect("a form");
    rest.split_once('"').unwrap().0.to_owned()
}

async fn words(response: Response) -> (StatusCode, String) {
    (response.status(), response.text().await.unwrap())
}

fn changed() -> (StatusCode, String) {
    (StatusCode::OK, "Password succesfully changed".to_owned())
}

fn invalid() -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, "Invalid address".to_owned())
}

fn mails_to(config: &mut Config, postbox: &Postbox) {
    let url = Some(postbox.url.parse().unwrap());
    config.mail = MailSettings::read(Said {
        smtp_url: url,
        smtp_from: Some("Titan <titan@example.org>".into()),
        ..Said::default()
    })
    .unwrap();
}

#[tokio::test]
async fn a_forgotten_password_is_mailed_and_chosen_anew() {
    let mut postbox = Postbox::open(0).await;
    let house = house_with(|config| mails_to(config, &postbox)).await;
    let mut ada = enter(&house, "ada").await;
    let mut native = house.enter_again("ada").await;
    let mut stranger = client(&house).await;
    assert_eq!(stranger.ask(FRP, json!({"login": "ada"})).await, (ACK, json!({"msg": "Send recovery mail"})));
    let letter = postbox.next().await;
    assert_eq!(
        (letter.from.as_str(), letter.to.as_slice()),
        ("<titan@example.org>", &["<ada@example.org>".to_owned()][..])
    );
    assert_eq!(letter.login.as_deref(), Some(" titan s@crt"));
    let browser = Browser::at(&house);
    let link = letter.link().replace("localhost", "127.0.0.1");
    assert_eq!(browser.changes(&link, "a new one").await, changed());
    // Every session has ended, at every door.
    assert!(ada.is_dismissed().await.contains("password"));
    while native.frame().await.is_some() {}
    let invalid_login = (ERR, json!({"msg": "Invalid login data"}));
    assert_eq!(stranger.tries_to_login("ada", PASSWORD).await, invalid_login);
    stranger.login("ada", "a new one").await;
    house.native().await.login("ada", "a new one").await;
    // And the link is dead.
    assert_eq!(words(browser.get(&link).await).await, invalid());
    assert_eq!(words(browser.post(&link, &[("password", "x")]).await).await, invalid());
}

#[tokio::test]
async fn nobody_learns_who_exists_or_who_has_mail() {
    let mut postbox = Postbox::open(0).await;
    let house = house_with(|config| mails_to(config, &postbox)).await;
    house.enter("mailless").await;
    enter(&house, "ada").await;
    let mut stranger = client(&house).await;
    let sent = (ACK, json!({"msg": "Send recovery mail"}));
    for name in ["nobody", "mailless", "", "\u{0}", "two words", &"x".repeat(60_000), "ada"] {
        assert_eq!(stranger.ask(FRP, json!({"login": name})).await, sent);
    }
    assert_eq!(postbox.next().await.to, ["<ada@example.org>"]);
    assert!(postbox.is_empty());
}

#[tokio::test]
async fn another_mail_address_is_told_to_the_one_before_and_counts_once_it_is_confirmed() {
    let mut postbox = Postbox::open(0).await;
    let house = house_with(|config| mails_to(config, &postbox)).await;
    let mut ada = enter(&house, "ada").await;
    let mut native = house.enter_again("ada").await;
    let asked = json!({"email": "new@example.org"});
    assert_eq!(ada.ask(CHM, asked).await, (ACK, json!({"msg": "Change mail succesfull"})));
    let mut letters = [postbox.next().await, postbox.next().await];
    letters.sort_by(|one, other| one.to.cmp(&other.to));
    let [told, asks] = letters;
    assert_eq!((&told.to[..], &asks.to[..]), (&["<ada@example.org>".into()][..], &["<new@example.org>".into()][..]));
    assert!(told.text.contains("new@example.org") && !told.text.contains("https://"), "{}", told.text);

    // Until it is confirmed, the way to a new password leads where it led.
    let mut stranger = client(&house).await;
    stranger.ask(FRP, json!({"login": "ada"})).await;
    let reset = postbox.next().await;
    assert_eq!(reset.to, ["<ada@example.org>"]);
    let profile = native.ok(json!({"do": "profile"})).await;
    assert_eq!((&profile["email"], &profile["new_email"]), (&json!("ada@example.org"), &json!("new@example.org")));

    let browser = Browser::at(&house);
    let local = |link: &str| link.replace("localhost", "127.0.0.1");
    let link = local(asks.link());
    let page = browser.get(&link).await.text().await.unwrap();
    assert!(page.contains("new@example.org") && page.contains("ada"), "{page}");
    let looked = native.ok(json!({"do": "profile"})).await;
    assert_eq!(looked["email"], "ada@example.org", "to look at the link is not to confirm");
    let foreign = words(browser.post(&link, &[("csrf_token", "forged")]).await).await;
    assert!(foreign.0 == StatusCode::OK && foreign.1.contains("role=\"alert\""));
    let confirmed = words(browser.post(&link, &[("csrf_token", &proof(&page))]).await).await;
    assert_eq!(confirmed, (StatusCode::OK, "Mail address confirmed".to_owned()));
    assert_eq!(words(browser.get(&link).await).await, invalid());
    let profile = native.ok(json!({"do": "profile"})).await;
    assert_eq!((&profile["email"], &profile["new_email"]), (&json!("new@example.org"), &json!(null)));
    assert_eq!(words(browser.get(&local(reset.link())).await).await, invalid(), "its link went to the one before");
    stranger.ask(FRP, json!({"login": "ada"})).await;
    assert_eq!(postbox.next().await.to, ["<new@example.org>"]);

    // By the code, from the native door: which takes the password, or a login that is not long ago.
    native.ok(json!({"do": "update_profile", "email": "third@example.org"})).await;
    let letters = [postbox.next().await, postbox.next().await];
    let asks = letters.iter().find(|letter| letter.to == ["<third@example.org>"]).unwrap();
    let code = asks.link().rsplit_once('/').unwrap().1;
    assert!(asks.text.lines().any(|line| line == code), "{}", asks.text);
    assert_eq!(stranger_confirms(&house, "nothing").await, Some("not_found".to_owned()));
    assert_eq!(stranger_confirms(&house, code).await, None);
    assert_eq!(native.ok(json!({"do": "profile"})).await["email"], "third@example.org");
    // The one that counts, given again, takes another one back.
    native.ok(json!({"do": "update_profile", "email": "fourth@example.org"})).await;
    native.ok(json!({"do": "update_profile", "email": "third@example.org"})).await;
    assert_eq!(native.ok(json!({"do": "profile"})).await["new_email"], json!(null));
    let acts = house.number("SELECT count(*) FROM audit WHERE act IN ('change_mail', 'confirm_mail')");
    assert_eq!(acts, 6, "each is in the audit log");
}

async fn stranger_confirms(house: &TestHouse, token: &str) -> Option<String> {
    let answer = house.native().await.ask(json!({"do": "confirm_mail", "token": token})).await;
    answer["error"]["code"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_link_dies_with_the_password_and_the_address_that_it_was_made_for() {
    let house = house().await;
    let mut ada = house.enter("ada").await;
    let browser = Browser::at(&house);
    for change in [
        json!({"do": "change_password", "old": "secret-password", "new": "another-password"}),
        json!({"do": "update_profile", "email": "new@example.org"}),
        json!({"do": "update_profile", "email": ""}),
    ] {
        let link = format!("/reset/{}", browser.token("ada").await);
        browser.opens(&link).await;
        ada.ok(change).await;
        assert_eq!(words(browser.get(&link).await).await, invalid());
    }
    assert_eq!(house.number("SELECT count(*) FROM audit WHERE act = 'issue_reset'"), 3, "and each was noted");
}

#[tokio::test]
async fn a_letter_that_is_turned_away_is_brought_again() {
    let mut postbox = Postbox::open(1).await;
    let house = house_with(|config| mails_to(config, &postbox)).await;
    let mut ada = enter(&house, "ada").await;
    assert_eq!(ada.ask(FRP, json!({"login": "ada"})).await.0, ACK);
    postbox.next().await;
}

#[tokio::test]
async fn without_mail_the_link_waits_in_the_outbox() {
    let house = house().await;
    let mut ada = enter(&house, "ada").await;
    assert_eq!(ada.ask(FRP, json!({"login": "ada"})).await.0, ACK);
    let outbox = house.folder().join("outbox");
    let letter = deadline(async {
        loop {
            let found = std::fs::read_dir(&outbox).ok().and_then(|mut found| Some(found.next()?.unwrap().path()));
            let text = found.map(|file| std::fs::read_to_string(file).unwrap());
            match text.filter(|text| text.contains("as it is")) {
                Some(text) => return text,
                None => tokio::task::yield_now().await,
            }
        }
    })
    .await;
    let link = letter.lines().find(|line| line.starts_with("https://")).unwrap().replace("localhost", "127.0.0.1");
    assert_eq!(Browser::at(&house).changes(&link, "a new one").await, changed());
    client(&house).await.login("ada", "a new one").await;
}

#[tokio::test]
async fn a_token_works_once_however_many_try() {
    let house = house().await;
    house.enter("ada").await;
    let browser = Browser::at(&house);
    let link = format!("/reset/{}", browser.token("ada").await);
    let proof = browser.opens(&link).await;
    let tries = (0..TRIES).map(|number| {
        let password = format!("password-{number}");
        let (browser, link, proof) = (&browser, &link, &proof);
        async move {
            let form = [("password", password.as_str()), ("csrf_token", proof.as_str())];
            (words(browser.post(link, &form).await).await, password.clone())
        }
    });
    let answers = futures_util::future::join_all(tries).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(answer, _)| *answer == changed());
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|(answer, _)| *answer == invalid()), "{lost:?}");
    house.native().await.login("ada", &won[0].1).await;
}

#[tokio::test]
async fn an_old_token_and_one_that_was_overtaken_are_dead() {
    let house = house().await;
    house.enter("ada").await;
    let browser = Browser::at(&house);
    let (first, second) = (browser.token("ada").await, browser.token("ada").await);
    assert_ne!(first, second);
    assert!(first.len() >= 43, "256 bits");
    let file = house.folder().join("titan.db");
    if file.exists() {
        let file = rusqlite::Connection::open(file).unwrap();
        let kept = "SELECT count(*) FROM resets WHERE instr(token_hash, ?1) > 0";
        let kept: i64 = file.query_row(kept, [&first], |row| row.get(0)).unwrap();
        assert_eq!(kept, 0, "only its hash is kept");
    }
    assert_eq!(browser.changes(&format!("/reset/{first}"), "the first one").await, changed());
    assert_eq!(words(browser.get(&format!("/reset/{second}")).await).await, invalid());
    let third = browser.token("ada").await;
    let proof = browser.opens(&format!("/reset/{third}")).await;
    house.in_database("UPDATE resets SET expires_at = 1");
    let form = [("password", "two"), ("csrf_token", proof.as_str())];
    assert_eq!(words(browser.post(&format!("/reset/{third}"), &form).await).await, invalid());
    house.native().await.login("ada", "the first one").await;
}

#[tokio::test]
async fn a_form_that_is_not_ours_or_not_right_is_shown_again_and_costs_nothing() {
    let house = house().await;
    house.enter("ada").await;
    house.enter("bob").await;
    let browser = Browser::at(&house);
    let link = format!("/reset/{}", browser.token("ada").await);
    let other = format!("/reset/{}", browser.token("bob").await);
    let (good, foreign) = (browser.opens(&link).await, browser.opens(&other).await);
    let long = "x".repeat(1_025);
    let cases: [&[(&str, &str)]; 9] = [
        &[],
        &[("password", "stolen")],
        &[("password", "stolen"), ("csrf_token", "")],
        &[("password", "stolen"), ("csrf_token", "forged")],
        &[("password", "stolen"), ("csrf_token", &foreign)],
        &[("csrf_token", &good)],
        &[("password", ""), ("csrf_token", &good)],
        &[("password", &long), ("csrf_token", &good)],
        &[("password", "iloveyou"), ("csrf_token", &good)],
    ];
    for form in cases {
        let (status, page) = words(browser.post(&link, form).await).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(proof(&page), good, "{form:?}");
        assert!(page.contains("role=\"alert\""), "{form:?}");
    }
    let too_long = "x".repeat(100_000);
    let (status, page) = words(browser.post(&link, &[("password", &too_long), ("csrf_token", &good)]).await).await;
    assert!(status == StatusCode::OK && page.contains("role=\"alert\""));
    assert_eq!(browser.changes(&link, "p\u{e4}ss & <word> + 100 %").await, changed());
    house.native().await.login("ada", "p\u{e4}ss & <word> + 100 %").await;
}

#[tokio::test]
async fn nothing_is_found_at_any_other_address() {
    let house = house().await;
    house.enter("ada").await;
    let browser = Browser::at(&house);
    let token = browser.token("ada").await;
    let paths = [
        "/reset",
        "/reset/",
        "/reset/x",
        "/reset/..%2f..%2fetc%2fpasswd",
        "/reset/%00",
        "/reset/%ff",
        "/token?key=x",
        "/reset/<script>alert(1)</script>",
        &format!("/reset/{token}/x"),
        &format!("/reset/{token}%20"),
        &format!("/reset/{}", "x".repeat(10_000)),
    ];
    for path in paths {
        let response = browser.get(path).await;
        assert!(response.status().is_client_error(), "{path}");
        assert!(!response.text().await.unwrap().contains("script>"), "{path}");
    }
    browser.opens(&format!("/reset/{token}")).await;
}

#[tokio::test]
async fn every_answer_is_strict() {
    let house = house().await;
    house.enter("ada").await;
    let browser = Browser::at(&house);
    let token = browser.token("ada").await;
    for path in [&format!("/reset/{token}"), "/reset/none", "/style.css", "/"] {
        let response = browser.get(path).await;
        let said = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert!(said("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(said("content-security-policy").contains("frame-ancestors 'none'"));
        let short = ["cache-control", "referrer-policy", "x-frame-options", "x-content-type-options"].map(said);
        assert_eq!(short, ["no-store", "no-referrer", "DENY", "nosniff"]);
        assert!(response.headers().get("access-control-allow-origin").is_none());
    }
}

#[tokio::test]
async fn tokens_are_for_who_has_a_key_wherever_they_come_from() {
    let with_key = |config: &mut Config| {
        config.mail = MailSettings::read(Said { reset_key: Some(KEY.parse().unwrap()), ..Said::default() }).unwrap();
        config.trusted_proxies = "127.0.0.1".parse().unwrap();
    };
    let house = house_with(with_key).await;
    house.enter("ada").await;
    let browser = Browser::at(&house);
    browser.token("ada").await;
    assert_eq!(browser.post("/token/ada", &[]).await.status(), StatusCode::FORBIDDEN, "this machine is no key");
    let unknown = browser.client.post(browser.url("/token/nobody")).bearer_auth(KEY);
    assert_eq!(deadline(unknown.send()).await.unwrap().status(), StatusCode::NOT_FOUND);
    let from_afar = async |name: &'static str, value: &str, key: Option<&str>| {
        let mut request = browser.client.post(browser.url("/token/ada")).header(name, value);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        deadline(request.send()).await.unwrap().status()
    };
    for (name, value) in
        [("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "127.0.0.1"), ("origin", "https://evil.example")]
    {
        assert_eq!(from_afar(name, value, None).await, StatusCode::FORBIDDEN);
        assert_eq!(from_afar(name, value, Some("wrong")).await, StatusCode::FORBIDDEN);
        assert_eq!(from_afar(name, value, Some(KEY)).await, StatusCode::CREATED);
    }
    assert_eq!(browser.get("/token/ada").await.status(), StatusCode::METHOD_NOT_ALLOWED);
}
