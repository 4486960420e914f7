//! A real house for tests: a server on ports of its own over a folder of its own, and people who talk to it.
//!
//! Every wait has a deadline and a condition; nothing sleeps to be safe.

pub mod corpus;
pub mod cutter;
pub mod postgres;
pub mod preloaded;
pub mod process;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use titan_server::Server;
use titan_server::config::Config;
use titan_server::store::Store;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long anything may take before the test has failed.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A running server in this process.
pub struct TestHouse {
    pub server: Option<Server>,
    folder: Folder,
    config: Config,
}

enum Folder {
    /// With its database, if that is in PostgreSQL; gone with it.
    Own(tempfile::TempDir, #[expect(dead_code, reason = "kept to be dropped")] Option<postgres::Database>),
    Given(PathBuf),
}

impl TestHouse {
    /// A fresh house, without rate limits.
    pub async fn open() -> Self {
        Self::open_with(|config| config.limits = false).await
    }

    pub async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let (folder, config) = Self::prepared(change);
        Self::start(folder, config).await
    }

    /// A fresh house without rate limits, with another store in the place of its own.
    pub async fn open_over(replace: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let (folder, config) = Self::prepared(|config| config.limits = false);
        let server = Server::start_with(config.clone(), replace).await.unwrap();
        Self { server: Some(server), folder, config }
    }

    fn prepared(change: impl FnOnce(&mut Config)) -> (Folder, Config) {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::local(folder.path());
        let database = postgres::chosen().then(|| postgres::Database::make_for(folder.path()));
        config.database_url = database.as_ref().map(|database| database.url.parse().unwrap());
        change(&mut config);
        (Folder::Own(folder, database), config)
    }

    /// A house over a folder that outlives it.
    pub async fn open_at(folder: &Path) -> Self {
        let mut config = Config::local(folder);
        config.database_url = postgres::Database::of(folder).map(|url| url.parse().unwrap());
        config.limits = false;
        Self::start(Folder::Given(folder.to_owned()), config).await
    }

    async fn start(folder: Folder, config: Config) -> Self {
        let server = Server::start(config.clone()).await.unwrap();
        Self { server: Some(server), folder, config }
    }

    /// Closes the server and opens it again on the same ports and folder.
    pub async fn restart(&mut self) {
        let Config { http, titan_net, json_lines, slash, .. } = &mut self.config;
        for (name, address) in [("http", http), ("titan-net", titan_net), ("json-lines", json_lines), ("slash", slash)]
        {
            if let Some(at) = self.server.as_ref().and_then(|server| server.address(name)) {
                *address = titan_server::config::Address::At(at.to_string());
            }
        }
        self.server.take().unwrap().close().await;
        self.server = Some(Server::start(self.config.clone()).await.unwrap());
    }

    pub fn folder(&self) -> &Path {
        match &self.folder {
            Folder::Own(folder, _) => folder.path(),
            Folder::Given(folder) => folder,
        }
    }

    pub fn address(&self, door: &str) -> SocketAddr {
        self.server.as_ref().unwrap().address(door).unwrap_or_else(|| panic!("the door {door} is shut"))
    }

    /// The origin of the HTTP port, such as `http://127.0.0.1:4711`.
    pub fn http(&self) -> String {
        format!("http://{}", self.address("http"))
    }

    /// A stranger at the native door.
    pub async fn native(&self) -> Native {
        Native::connect(self.address("http")).await
    }

    /// Somebody registered and logged in at the native door.
    pub async fn enter(&self, name: &str) -> Native {
        let mut native = self.native().await;
        native.ok(json!({"do": "register", "username": name, "password": "secret-password"})).await;
        native.login(name, "secret-password").await;
        native
    }

    /// The same person once more, from another terminal.
    pub async fn enter_again(&self, name: &str) -> Native {
        let mut native = self.native().await;
        native.login(name, "secret-password").await;
        native
    }

    /// Makes an account an admin the way the original's operators did: in the database.
    pub fn make_admin(&self, name: &str) {
        self.in_database(&format!("UPDATE users SET is_admin = 1 WHERE username = '{name}'"));
    }

    /// Changes the database beside the server, as an operator would.
    pub fn in_database(&self, sql: &str) {
        if let Some(url) = &self.config.database_url {
            postgres::run(url.reveal(), sql);
            return;
        }
        let database = rusqlite::Connection::open(self.folder().join("titan.db")).unwrap();
        database.busy_timeout(DEADLINE).unwrap();
        database.execute_batch(sql).unwrap();
    }

    /// A number that the database gives, beside the server.
    pub fn number(&self, sql: &str) -> i64 {
        if let Some(url) = &self.config.database_url {
            let rows = postgres::run(url.reveal(), sql);
            return rows[0][0].as_deref().expect("a number").parse().unwrap();
        }
        let database = rusqlite::Connection::open(self.folder().join("titan.db")).unwrap();
        database.busy_timeout(DEADLINE).unwrap();
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// One native connection, as a raw client would hold it.
pub struct Native {
    pub socket: Socket,
    last_id: u64,
    /// Events that came while something else was waited for.
    heard: Vec<Value>,
    pub token: String,
    pub account: i64,
}

impl Native {
    /// A stranger at the native door of the HTTP port there.
    pub async fn connect(http: SocketAddr) -> Self {
        let (socket, _) = deadline(tokio_tungstenite::connect_async(format!("ws://{http}/titan"))).await.unwrap();
        Self::over(socket)
    }

    /// The same, coming from another of this machine's own addresses.
    pub async fn connect_from(address: IpAddr, http: SocketAddr) -> Self {
        let from = tokio::net::TcpSocket::new_v4().unwrap();
        from.bind((address, 0).into()).unwrap();
        let stream = MaybeTlsStream::Plain(deadline(from.connect(http)).await.unwrap());
        let shaken = tokio_tungstenite::client_async(format!("ws://{http}/titan"), stream);
        Self::over(deadline(shaken).await.unwrap().0)
    }

    /// The same with headers of one's own; the status where the server doesn't let it in.
    pub async fn connect_with(http: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{http}/titan").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match deadline(tokio_tungstenite::connect_async(request)).await {
            Ok((socket, _)) => Ok(Self::over(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    fn over(socket: Socket) -> Self {
        Self { socket, last_id: 0, heard: Vec::new(), token: String::new(), account: 0 }
    }

    pub async fn send(&mut self, mut request: Value) -> u64 {
        self.last_id += 1;
        request["id"] = json!(self.last_id);
        self.send_raw(&request.to_string()).await;
        self.last_id
    }

    pub async fn send_raw(&mut self, text: &str) {
        deadline(self.socket.send(Message::text(text))).await.unwrap();
    }

    /// The next frame, whatever it is; none once the server has closed.
    pub async fn frame(&mut self) -> Option<Value> {
        loop {
            match deadline(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_))) | Some(Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The answer to a request; events that come first are kept.
    pub async fn answer(&mut self, id: u64) -> Value {
        loop {
            let frame = self.frame().await.expect("the server closed before it answered");
            if frame["id"] == json!(id) {
                return frame;
            }
            self.heard.push(frame);
        }
    }

    pub async fn ask(&mut self, request: Value) -> Value {
        let id = self.send(request).await;
        self.answer(id).await
    }

    /// What a request gives when all goes well.
    pub async fn ok(&mut self, request: Value) -> Value {
        let answer = self.ask(request.clone()).await;
        assert!(answer.get("ok").is_some(), "{request} was answered {answer}");
        answer["ok"].clone()
    }

    /// The code of the fault that a request gives.
    pub async fn fault(&mut self, request: Value) -> String {
        let answer = self.ask(request.clone()).await;
        assert!(answer.get("error").is_some(), "{request} was answered {answer}");
        assert!(answer["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
        answer["error"]["code"].as_str().unwrap().to_owned()
    }

    pub async fn login(&mut self, name: &str, password: &str) {
        let entered = self.ok(json!({"do": "login", "username": name, "password": password})).await;
        self.token = entered["token"].as_str().unwrap().to_owned();
        self.account = entered["account"]["id"].as_i64().unwrap();
    }

    pub async fn says(&mut self, conversation: i64, text: &str) -> Value {
        self.ok(json!({"do": "post", "conversation": conversation, "text": text})).await
    }

    /// Waits for an event that the condition picks, and takes it out of what was heard.
    pub async fn hears(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.heard.iter().position(&wanted) {
            return self.heard.remove(at);
        }
        loop {
            let frame = self.frame().await.expect("the server closed before the event came");
            if wanted(&frame) {
                return frame;
            }
            self.heard.push(frame);
        }
    }

    /// Waits for a message with this text.
    pub async fn hears_text(&mut self, text: &str) -> Value {
        self.hears(|event| event["entry"]["text"] == json!(text)).await
    }

    /// Everything heard before an answer that is asked for now: a way to be sure that something did not come.
    pub async fn heard_by_now(&mut self) -> Vec<Value> {
        self.ok(json!({"do": "ping"})).await;
        std::mem::take(&mut self.heard)
    }
}

/// Waits for something that must come.
pub async fn deadline<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(DEADLINE, what).await.expect("it took too long")
}
