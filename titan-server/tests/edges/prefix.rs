//! Behind a path: what the house tells of its own addresses leads where whoever asked finds it.

use reqwest::redirect::Policy;
use serde_json::Value;

use crate::support::{DEADLINE, TestHouse, deadline};

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_told_under_the_path_that_people_use() {
    let behind = TestHouse::open_with(|config| {
        config.limits = false;
        config.trusted_proxies = "loopback".parse().unwrap();
    })
    .await;
    let told = TestHouse::open_with(|config| {
        config.limits = false;
        let url = Some("https://example.org/titan/".parse().unwrap());
        config.public = titan_server::config::Public { url, origins: Default::default() }.into();
    })
    .await;
    assert_eq!(leads(&behind, Some("/titan")).await, ["/titan", "/titan/channels", "/titan/api/uploads/"]);
    assert_eq!(leads(&told, None).await, ["/titan", "/titan/channels", "/titan/api/uploads/"]);
    assert_eq!(leads(&told, Some("/forged")).await, ["/titan", "/titan/channels", "/titan/api/uploads/"]);
    assert_eq!(leads(&behind, None).await, ["", "/channels", "/api/uploads/"]);
}

/// What the OpenAPI document, a redirect and a new upload lead to.
async fn leads(house: &TestHouse, prefix: Option<&'static str>) -> [String; 3] {
    static NAMES: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NAMES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let ada = house.enter(&format!("ada{number}")).await;
    let http = reqwest::Client::builder().redirect(Policy::none()).timeout(DEADLINE).no_proxy().build().unwrap();
    let send = |request: reqwest::RequestBuilder| {
        let request = prefix.iter().fold(request, |request, prefix| request.header("X-Forwarded-Prefix", *prefix));
        async move { deadline(request.send()).await.unwrap() }
    };
    let document: Value = send(http.get(format!("{}/openapi.json", house.http()))).await.json().await.unwrap();
    let server = document["servers"][0]["url"].as_str().unwrap_or_default().to_owned();
    let location = |response: &reqwest::Response| response.headers()["location"].to_str().unwrap().to_owned();
    let redirect = location(&send(http.get(format!("{}/channels/", house.http()))).await);
    let begun = http.post(format!("{}/api/uploads", house.http())).bearer_auth(&ada.token);
    let begun = begun.header("Tus-Resumable", "1.0.0").header("Upload-Length", "4");
    let begun = location(&send(begun.header("Upload-Metadata", "conversation MQ==,filename YQ==")).await);
    let id = begun.rfind('/').unwrap() + 1;
    [server, redirect, begun[..id].to_owned()]
}
