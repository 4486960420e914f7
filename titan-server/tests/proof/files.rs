//! A sender of files by resumable uploads: what the server said it has, it has, and each file becomes one message.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use reqwest::{Method, RequestBuilder, Response};
use sha2::Digest;

use super::book::Book;
use super::checker::{Acknowledged, Words};
use super::given::deadline;
use super::wire::Whereabouts;
use super::writers::Enough;

/// Bytes of one request.
const PIECE: usize = 48 * 1024;

pub struct FileSender {
    pub name: String,
    pub token: String,
    pub conversation: i64,
    pub seed: u64,
}

/// A file on its way.
struct Parcel {
    words: Words,
    client_id: String,
    bytes: Vec<u8>,
    /// Where its upload is, once the server has said so.
    place: Option<String>,
    /// What the server said it has.
    promised: usize,
}

impl FileSender {
    /// Sends files until there is enough; gives the SHA-256 of each.
    pub async fn work(self, book: Book, mut whereabouts: Whereabouts, enough: Enough) -> BTreeMap<String, String> {
        let mut random = StdRng::seed_from_u64(self.seed);
        let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        let mut sent = BTreeMap::new();
        while !*enough.borrow() {
            let mut parcel = self.pack(&mut random, sent.len() as u64 + 1);
            book.sends(&parcel.words, self.conversation);
            let told = loop {
                let address = whereabouts.wait_for(Option::is_some).await.expect("the experiment goes on").unwrap();
                let line = Line { client: &client, origin: format!("http://{address}"), token: &self.token };
                if let Some(told) = self.send(&line, &mut parcel).await {
                    break told;
                }
                tokio::task::yield_now().await;
            };
            let (seq, id) = (told["seq"].as_i64(), told["id"].as_i64());
            assert!(id.is_some(), "no id: {told}");
            sent.insert(parcel.words.text(), sha256(&parcel.bytes));
            book.promised(Acknowledged { words: parcel.words, conversation: self.conversation, seq, id });
        }
        sent
    }

    fn pack(&self, random: &mut StdRng, number: u64) -> Parcel {
        let mut bytes = vec![0; random.random_range(1..6 * PIECE)];
        random.fill_bytes(&mut bytes);
        let words = Words { sender: self.name.clone(), number };
        Parcel { words, client_id: uuid::Uuid::new_v4().to_string(), bytes, place: None, promised: 0 }
    }

    /// Brings a parcel as far as the line holds; gives what it became.
    async fn send(&self, line: &Line<'_>, parcel: &mut Parcel) -> Option<serde_json::Value> {
        if parcel.place.is_none() {
            let begun = line.ask(self.begin(line, parcel), 201).await?;
            parcel.place = Some(header(&begun, "location"));
        }
        let place = parcel.place.clone()?;
        let stands = line.ask(line.tus(Method::HEAD, &place), 200).await?;
        let mut offset: usize = header(&stands, "upload-offset").parse().unwrap();
        assert!(offset >= parcel.promised, "{offset} bytes of {} that were promised", parcel.promised);
        let mut answer = stands;
        while offset < parcel.bytes.len() {
            let piece = parcel.bytes[offset..].iter().take(PIECE).copied().collect::<Vec<u8>>();
            let request = line.tus(Method::PATCH, &place).header("Upload-Offset", offset);
            let request = request.header("Content-Type", "application/offset+octet-stream").body(piece);
            answer = line.ask(request, 204).await?;
            offset = header(&answer, "upload-offset").parse().unwrap();
            parcel.promised = offset;
        }
        Some(serde_json::from_str(&header(&answer, "titan-result")).expect("what the upload became"))
    }

    fn begin(&self, line: &Line<'_>, parcel: &Parcel) -> RequestBuilder {
        let fields = [
            ("conversation", self.conversation.to_string()),
            ("filename", format!("{}.bin", parcel.words.number)),
            ("text", parcel.words.text()),
            ("client_id", parcel.client_id.clone()),
            ("sha256", sha256(&parcel.bytes)),
        ];
        let fields = fields.map(|(name, value)| format!("{name} {}", BASE64_STANDARD.encode(value)));
        let request = line.tus(Method::POST, "/api/uploads").header("Upload-Metadata", fields.join(","));
        request.header("Upload-Length", parcel.bytes.len())
    }
}

struct Line<'a> {
    client: &'a reqwest::Client,
    origin: String,
    token: &'a str,
}

impl Line<'_> {
    fn tus(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.origin));
        request.bearer_auth(self.token).header("Tus-Resumable", "1.0.0")
    }

    /// None when the line broke; any other answer than the wanted one ends the experiment.
    async fn ask(&self, request: RequestBuilder, wanted: u16) -> Option<Response> {
        let response = deadline("an answer to an upload", request.send()).await.ok()?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status == wanted {
            return Some(response);
        }
        let told = response.text().await.unwrap_or_default();
        panic!("{status} instead of {wanted}: {told} {headers:?}");
    }
}

fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name).unwrap_or_else(|| panic!("no {name} in {:?}", response.headers()));
    value.to_str().unwrap().to_owned()
}

pub fn sha256(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
