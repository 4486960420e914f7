//! The JSON lines door, through real sockets: as the document's clients see it, and then against peers who mean no good.

use crate::support::{Native, TestHouse, deadline};
use serde_json::{Value, json};
use titan_server::config::{Address, Config};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

const PASSWORD: &str = "secret-password";
const GENERAL: i64 = 1;
const BAD_LOGIN: &str = "Invalid username or password";

async fn house() -> TestHouse {
    house_with(|_| ()).await
}

async fn house_with(change: impl FnOnce(&mut Config)) -> TestHouse {
    TestHouse::open_with(|config| {
        config.limits = false;
        config.json_lines = Address::local(0);
        change(config);
    })
    .await
}

/// One connection, as a client of the document's kind would hold it.
struct Client {
    reading: BufReader<OwnedReadHalf>,
    writing: OwnedWriteHalf,
}

impl Client {
    async fn connect(house: &TestHouse) -> Self {
        let stream = deadline(TcpStream::connect(house.address("json-lines"))).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (reading, writing) = stream.into_split();
        Self { reading: BufReader::new(reading), writing }
    }

    /// Somebody registered and logged in.
    async fn enter(house: &TestHouse, name: &str) -> Self {
        let mut client = Self::connect(house).await;
        client.ask(json!({"type": "register", "username": name, "password": PASSWORD})).await;
        client.login(name).await;
        client
    }

    async fn login(&mut self, name: &str) {
        let reply = self.ask(json!({"type": "login", "username": name, "password": PASSWORD})).await;
        assert_eq!(reply["status"], "success", "{reply}");
    }

    async fn says(&mut self, sender: &str, message: &str) {
        self.send(json!({"type": "send_message", "sender": sender, "message": message})).await;
    }

    async fn send(&mut self, request: Value) {
        self.write(format!("{request}\n").as_bytes()).await;
    }

    async fn write(&mut self, bytes: &[u8]) {
        deadline(self.writing.write_all(bytes)).await.unwrap();
    }

    /// The next line; none once the server has closed.
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = deadline(self.reading.read_line(&mut line)).await.unwrap_or(0);
        (read > 0).then_some(line)
    }

    async fn next(&mut self) -> Value {
        let line = self.line().await.expect("the server closed");
        serde_json::from_str(&line).unwrap()
    }

    async fn ask(&mut self, request: Value) -> Value {
        self.send(request).await;
        self.next().await
    }

    /// What the `error` says that answers these bytes.
    async fn error(&mut self, bytes: &[u8]) -> String {
        self.write(bytes).await;
        let reply = self.next().await;
        assert_eq!(reply["type"], "error", "{reply}");
        assert_eq!(reply.as_object().unwrap().len(), 2, "{reply}");
        reply["message"].as_str().unwrap().to_owned()
    }

    /// The next thing is this message.
    async fn hears(&mut self, sender: &str, message: &str) -> Value {
        let heard = self.next().await;
        let got = (&heard["type"], &heard["sender"], &heard["message"]);
        assert_eq!(got, (&json!("new_message"), &json!(sender), &json!(message)), "{heard}");
        heard
    }
}

fn is_moment(text: &Value) -> bool {
    let shape: String = text.as_str().unwrap().chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00"
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_story_goes_as_the_document_says() {
    let house = house().await;
    let mut john = Client::connect(&house).await;
    let register = json!({"type": "register", "username": "john_doe", "password": "securepass123"});
    john.send(register.clone()).await;
    let said = r#"{"type":"register_response","status":"success","message":"User registered successfully"}"#;
    assert_eq!(john.line().await.unwrap(), format!("{said}\n"));
    let taken = json!({"type": "register_response", "status": "error", "message": "Username already exists"});
    assert_eq!(john.ask(register).await, taken);

    let login = |password: &str| json!({"type": "login", "username": "john_doe", "password": password});
    let refused = json!({"type": "login_response", "status": "error", "message": BAD_LOGIN});
    assert_eq!(john.ask(login("wrong")).await, refused);
    let entered = john.ask(login("securepass123")).await;
    let wanted =
        json!({"type": "login_response", "status": "success", "user_id": entered["user_id"], "username": "john_doe"});
    assert_eq!(entered, wanted);
    assert!(entered["user_id"].is_i64());

    let mut bob = Client::enter(&house, "bob").await;
    john.says("john_doe", "Hello everyone!").await;
    let heard = bob.hears("john_doe", "Hello everyone!").await;
    assert_eq!(heard.as_object().unwrap().len(), 4);
    assert!(is_moment(&heard["timestamp"]), "{heard}");
    assert_eq!(john.next().await, heard, "the sender hears it too, and that is all");

    bob.says("bob", "second").await;
    bob.hears("bob", "second").await;
    let history = bob.ask(json!({"type": "get_history", "limit": 50})).await;
    let said = |sender: &str, message: &str, at: usize| json!({"sender": sender, "message": message, "timestamp": history["messages"][at]["timestamp"]});
    let wanted = [said("john_doe", "Hello everyone!", 0), said("bob", "second", 1)];
    assert_eq!(history, json!({"type": "history_response", "messages": wanted}));
    let last = bob.ask(json!({"type": "get_history", "limit": 1})).await;
    assert_eq!(last["messages"], json!([wanted[1]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_reaches_who_is_not_logged_in() {
    let house = house().await;
    let mut stranger = Client::connect(&house).await;
    let mut ada = Client::enter(&house, "ada").await;
    ada.says("ada", "inside").await;
    ada.hears("ada", "inside").await;
    let refused = stranger.error(b"{\"type\":\"get_history\"}\n").await;
    assert!(refused.contains("login"), "{refused}");
    let refused = stranger.error(b"{\"type\":\"send_message\",\"sender\":\"ada\",\"message\":\"x\"}\n").await;
    assert!(refused.contains("login"), "{refused}");
    let registered = stranger.ask(json!({"type": "register", "username": "eve", "password": "x"})).await;
    assert_eq!(registered["status"], "success");
    assert!(stranger.error(b"{\"type\":\"get_history\"}\n").await.contains("login"), "registering doesn't log in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_who_they_are_however_they_spell_it() {
    let house = house().await;
    let mut bob = Client::enter(&house, "bob").await;
    for (name, spellings) in [("ada", &["ADA", " ada "][..]), ("José", &["JOSE\u{301}", "josé"])] {
        let mut client = Client::enter(&house, name).await;
        for spelling in spellings {
            let mut again = Client::connect(&house).await;
            again.login(spelling).await;
            again.says(spelling, "hello").await;
            bob.hears(name, "hello").await;
            client.hears(name, "hello").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_in_anothers_name_or_says_nothing() {
    let house = house().await;
    let mut ada = Client::enter(&house, "ada").await;
    let mut bob = Client::enter(&house, "bob").await;
    for (sender, message) in [("bob", "forged"), ("", "forged"), ("ada", ""), ("ada", " \n ")] {
        let request = json!({"type": "send_message", "sender": sender, "message": message});
        let reply = ada.ask(request).await;
        assert_eq!(reply["type"], "error", "{sender} {message:?}: {reply}");
    }
    ada.says("ada", "real").await;
    bob.hears("ada", "real").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn general_is_shared_with_other_doors_and_nothing_else_is_heard() {
    let house = house().await;
    let mut ada: Native = house.enter("ada").await;
    let mut bob = Client::enter(&house, "bob").await;
    let room = ada.ok(json!({"do": "create_room", "name": "den"})).await["id"].as_i64().unwrap();
    ada.says(room, "not for bob").await;
    let bob_id = ada.ok(json!({"do": "find_account", "username": "bob"})).await["id"].as_i64().unwrap();
    let direct = ada.ok(json!({"do": "open_direct", "account": bob_id})).await["id"].as_i64().unwrap();
    ada.says(direct, "private").await;
    let posted = ada.says(GENERAL, "two\nlines \u{1b}[31m").await;
    ada.ok(json!({"do": "edit", "conversation": GENERAL, "seq": posted["seq"], "text": "as it stands"})).await;
    ada.says(GENERAL, "next").await;
    bob.hears("ada", "two\nlines ␛[31m").await;
    bob.hears("ada", "next").await;
    bob.says("bob", "hello ada").await;
    bob.hears("bob", "hello ada").await;
    ada.hears_text("hello ada").await;
    let history = bob.ask(json!({"type": "get_history"})).await;
    let texts: Vec<_> = history["messages"].as_array().unwrap().iter().map(|said| &said["message"]).collect();
    assert_eq!(texts, ["as it stands", "next", "hello ada"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bad_line_is_answered_and_the_connection_stays() {
    let house = house().await;
    let mut ada = Client::enter(&house, "ada").await;
    let deep = format!("{}\n", "[".repeat(60_000));
    let bad: [&[u8]; 16] = [
        b"\n",
        b"hello\n",
        b"[]\n",
        b"null\n",
        b"{}\n",
        b"{\"type\":\"fly\"}\n",
        b"{\"type\":7}\n",
        b"{\"type\":\"login\"}\n",
        b"{\"type\":\"get_history\",\"limit\":0}\n",
        b"{\"type\":\"get_history\",\"limit\":\"x\"}\n",
        b"{\"n\":1e999}\n",
        b"\"\\ud800\"\n",
        b"\xff\xfe{\"type\":\"get_history\"}\n",
        b"\0\0\0\n",
        b"{\"type\":\"login\",\"type\":\"login\"}\r\n",
        deep.as_bytes(),
    ];
    for line in bad {
        assert!(!ada.error(line).await.is_empty());
    }
    ada.says("ada", "still here").await;
    ada.hears("ada", "still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_too_long_is_answered_once_and_what_follows_is_read() {
    let house = house().await;
    let mut ada = Client::enter(&house, "ada").await;
    let long = vec![b'x'; 1024 * 1024];
    for _ in 0..64 {
        ada.write(&long).await;
    }
    ada.write(b"\n{\"type\":\"get_history\"}\n").await;
    let reply = ada.next().await;
    assert_eq!(reply["type"], "error");
    assert!(reply["message"].as_str().unwrap().contains("65536"), "{reply}");
    assert_eq!(ada.next().await["type"], "history_response");

    let text = "y".repeat(16_000);
    ada.says("ada", &text).await;
    ada.hears("ada", &text).await;
    let refused = ada.ask(json!({"type": "send_message", "sender": "ada", "message": "y".repeat(16_001)})).await;
    assert!(refused["message"].as_str().unwrap().contains("16000"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_requests_are_cut_and_joined_changes_nothing() {
    let house = house().await;
    let mut ada = Client::connect(&house).await;
    let requests = [
        json!({"type": "register", "username": "ada", "password": PASSWORD}).to_string(),
        json!({"type": "login", "username": "ada", "password": PASSWORD}).to_string(),
        json!({"type": "send_message", "sender": "ada", "message": "żółw 👩‍👩‍👧"}).to_string(),
        json!({"type": "get_history"}).to_string(),
    ];
    for byte in format!("{}\r\n", requests[0]).bytes() {
        ada.write(&[byte]).await;
    }
    assert_eq!(ada.next().await["status"], "success");
    ada.write(format!("{}\n{}\n{}", requests[1], requests[2], requests[3]).as_bytes()).await;
    assert_eq!(ada.next().await["type"], "login_response");
    ada.write(b"\n").await;
    let mut types = [ada.next().await["type"].clone(), ada.next().await["type"].clone()];
    types.sort_by_key(ToString::to_string);
    assert_eq!(types, ["history_response", "new_message"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_no_more_still_gets_every_answer() {
    let house = house().await;
    let mut ada = Client::connect(&house).await;
    let requests = [
        json!({"type": "register", "username": "ada", "password": PASSWORD}),
        json!({"type": "login", "username": "ada", "password": PASSWORD}),
        json!({"type": "send_message", "sender": "ada", "message": "last words"}),
    ];
    let [one, two, three] = requests.map(|request| request.to_string());
    ada.write(format!("{one}\n{two}\n{three}").as_bytes()).await;
    ada.writing.shutdown().await.unwrap();
    assert_eq!(ada.next().await["type"], "register_response");
    assert_eq!(ada.next().await["type"], "login_response");
    ada.hears("ada", "last words").await;
    assert_eq!(ada.line().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_told_in_order_to_everybody() {
    let house = house().await;
    let mut ada = Client::enter(&house, "ada").await;
    let mut bob = Client::enter(&house, "bob").await;
    let burst: String = (0..1_000)
        .map(|n| format!("{}\n", json!({"type": "send_message", "sender": "ada", "message": format!("m{n}")})))
        .collect();
    ada.write(burst.as_bytes()).await;
    for n in 0..1_000 {
        bob.hears("ada", &format!("m{n}")).await;
        ada.hears("ada", &format!("m{n}")).await;
    }
    let history = bob.ask(json!({"type": "get_history", "limit": 9_999})).await;
    let messages = history["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &messages[499]["message"]), (500, &json!("m999")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_that_nobody_reads_harms_nobody_else() {
    let house = house().await;
    let mut ada = Client::enter(&house, "ada").await;
    let mut mute = Client::connect(&house).await;
    let flood = "nonsense\n".repeat(8_000);
    let flooding = tokio::spawn(async move { while mute.writing.write_all(flood.as_bytes()).await.is_ok() {} });
    for n in 0..20 {
        ada.says("ada", &n.to_string()).await;
        ada.hears("ada", &n.to_string()).await;
    }
    flooding.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_at_another_door_cuts_off_and_keeps_out() {
    let house = house().await;
    let mut admin = house.enter("root").await;
    house.make_admin("root");
    let mut bob = Client::enter(&house, "bob").await;
    let id = admin.ok(json!({"do": "find_account", "username": "bob"})).await["id"].clone();
    admin.ok(json!({"do": "ban", "account": id, "reason": "spam"})).await;
    let last = json!({"type": "error", "message": "You have been banned by an admin."});
    assert_eq!(bob.next().await, last);
    assert_eq!(bob.line().await, None);
    let mut again = Client::connect(&house).await;
    let refused = again.ask(json!({"type": "login", "username": "bob", "password": PASSWORD})).await;
    assert_eq!(refused["status"], "error");
    assert!(refused["message"].as_str().unwrap().contains("banned"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_login_replaces_the_first_and_leaving_ends_the_session() {
    let house = house().await;
    let mut watcher = house.enter("watcher").await;
    watcher.ok(json!({"do": "who", "watch": true})).await;
    let mut ada = Client::enter(&house, "ada").await;
    Client::enter(&house, "bob").await;
    ada.login("bob").await;
    watcher.hears(|event| event["person"]["username"] == "ada" && event["person"]["online"] == false).await;
    ada.says("bob", "now I am bob").await;
    ada.hears("bob", "now I am bob").await;
    drop(ada);
    watcher.hears(|event| event["person"]["username"] == "bob" && event["person"]["online"] == false).await;
    let mut bob = house.enter_again("bob").await;
    let mut sessions = bob.ok(json!({"do": "sessions"})).await["sessions"].clone();
    let wait = async {
        while sessions.as_array().unwrap().len() > 1 {
            sessions = bob.ok(json!({"do": "sessions"})).await["sessions"].clone();
        }
    };
    deadline(wait).await;
    assert_eq!(sessions[0]["door"], "native");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_house_says_so() {
    let mut house = house().await;
    let mut ada = Client::enter(&house, "ada").await;
    let mut stranger = Client::connect(&house).await;
    stranger.error(b"x\n").await;
    house.restart().await;
    for client in [&mut ada, &mut stranger] {
        let last = client.next().await;
        assert_eq!(last["type"], "error");
        assert!(last["message"].as_str().unwrap().contains("shutting down"), "{last}");
        assert_eq!(client.line().await, None);
    }
    let mut again = Client::connect(&house).await;
    again.login("ada").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_machines_are_let_in_only_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::local(folder.path());
    config.json_lines = Address::At("0.0.0.0:0".to_owned());
    let refused = titan_server::Server::start(config.clone()).await.err().unwrap().to_string();
    assert!(refused.contains("--allow-plaintext"), "{refused}");
    config.allow_plaintext = true;
    titan_server::Server::start(config).await.unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_comes_in_one_piece() {
    let house = house().await;
    Client::enter(&house, "test").await;
    let mut stream = TcpStream::connect(house.address("json-lines")).await.unwrap();
    stream
        .write_all(b"{\"type\": \"login\", \"username\": \"test\", \"password\": \"secret-password\"}\n")
        .await
        .unwrap();
    let mut buffer = vec![0; 4096];
    let read = deadline(stream.read(&mut buffer)).await.unwrap();
    let reply: Value = serde_json::from_slice(&buffer[..read]).unwrap();
    assert_eq!(reply["status"], "success");
}
