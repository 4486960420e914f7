//! The launcher that Titan-Net's server belonged to, and its window.
//!
//! The first version knows a reply by its type alone; the later one numbers what it asks, falls back to the type, and asks
//! for much over HTTP. Neither takes a null where a text belongs.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{DEADLINE, Socket, TestHouse, deadline};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    First,
    Later,
}

pub struct Launcher {
    version: Version,
    socket: Socket,
    origin: String,
    asked: u32,
    pub user_id: i64,
    token: Option<String>,
    current_room: Option<i64>,
    current_private_user: Option<i64>,
    /// What the window shows of the room or the person it is at, a line each.
    pub display: Vec<String>,
    /// What it heard and shows elsewhere: who is online, which rooms there are.
    pub noticed: Vec<Value>,
}

/// A row of the list of rooms: id, name, type, members.
pub type RoomRow = (i64, String, String, i64);
/// A row of the list of people: id, username, number, full name.
pub type UserRow = (i64, String, i64, String);

impl Version {
    /// The button that looks whether there is a server.
    pub async fn checks_server(self, house: &TestHouse) {
        deadline(connect(house).await.close(None)).await.unwrap();
    }

    /// On a connection of its own; the titan number, or why not.
    pub async fn registers(self, house: &TestHouse, username: &str, full_name: &str) -> Result<i64, String> {
        let mut socket = connect(house).await;
        let mut request =
            json!({"type": "register", "username": username, "password": PASSWORD, "full_name": full_name});
        if self == Self::Later {
            (request["email"], request["language"]) = ("".into(), "en".into());
        }
        send(&mut socket, &request).await;
        let response = receive(&mut socket).await;
        let _ = socket.close(None).await;
        match response["type"] == "register_response" && response["success"] == true {
            true => Ok(number(&response, "titan_number")),
            false => Err(text(&response, "error")),
        }
    }

    /// The first frame is taken for the reply, whatever it is.
    pub async fn logs_in(self, house: &TestHouse, username: &str) -> Result<Launcher, String> {
        let mut socket = connect(house).await;
        let mut request = json!({"type": "login", "username": username, "password": PASSWORD});
        if self == Self::Later {
            request["language"] = "en".into();
        }
        send(&mut socket, &request).await;
        let response = receive(&mut socket).await;
        if response["type"] != "login_response" || response["success"] != true {
            return Err(text(&response, "error"));
        }
        let user = &response["user"];
        response["online_users"].as_array().unwrap().iter().for_each(|user| drop(user_row(user)));
        number(user, "titan_number");
        text(user, "username");
        text(user, "full_name");
        Ok(Launcher {
            version: self,
            socket,
            origin: house.http(),
            asked: 0,
            user_id: number(user, "id"),
            token: response["http_token"].as_str().map(str::to_owned),
            current_room: None,
            current_private_user: None,
            display: Vec::new(),
            noticed: Vec::new(),
        })
    }
}

pub const PASSWORD: &str = "secret-password";

async fn connect(house: &TestHouse) -> Socket {
    let url = format!("ws://{}", house.address("titan-net"));
    deadline(tokio_tungstenite::connect_async(url)).await.unwrap().0
}

async fn send(socket: &mut Socket, request: &Value) {
    deadline(socket.send(Message::text(request.to_string()))).await.unwrap();
}

async fn receive(socket: &mut Socket) -> Value {
    loop {
        match deadline(socket.next()).await {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => panic!("the listener stops: {other:?}"),
        }
    }
}

impl Launcher {
    /// The two lists of the window, asked for at once.
    pub async fn opens_its_window(&mut self) -> (Vec<RoomRow>, Vec<UserRow>) {
        (self.lists_rooms().await, self.lists_users().await)
    }

    pub async fn lists_rooms(&mut self) -> Vec<RoomRow> {
        let response = self.asks(json!({"type": "get_rooms"}), "rooms_list").await;
        response["rooms"].as_array().unwrap().iter().map(room_row).collect()
    }

    pub async fn lists_users(&mut self) -> Vec<UserRow> {
        let response = self.asks(json!({"type": "get_online_users"}), "online_users").await;
        response["users"].as_array().unwrap().iter().map(user_row).collect()
    }

    /// A double click on a room: its view opens on success alone, and loads what was said there.
    pub async fn opens_room(&mut self, room: i64, password: &str) -> Result<(), String> {
        let mut request = json!({"type": "join_room", "room_id": room});
        if !password.is_empty() {
            request["password"] = password.into();
        }
        let response = self.asks(request, "room_joined").await;
        if response["success"] != true {
            return Err(text(&response, "error"));
        }
        (self.current_room, self.current_private_user) = (Some(room), None);
        let request = json!({"type": "get_room_messages", "room_id": room, "limit": 100});
        let response = self.asks(request, "room_messages").await;
        self.shows(&response, "username");
        Ok(())
    }

    pub async fn makes_room(&mut self, name: &str, password: &str) -> i64 {
        let mut request = json!({"type": "create_room", "name": name, "description": "", "room_type": "text"});
        if !password.is_empty() {
            request["password"] = password.into();
        }
        let response = self.asks(request, "room_created").await;
        assert_eq!(response["success"], true, "{response}");
        number(&response, "room_id")
    }

    /// Nothing is awaited.
    pub async fn says_in_room(&mut self, message: &str) {
        let room = self.current_room.expect("a room is open");
        send(&mut self.socket, &json!({"type": "room_message", "room_id": room, "message": message})).await;
    }

    /// Nothing is awaited, and the view is closed whatever the server says.
    pub async fn leaves_room(&mut self) {
        let room = self.current_room.take().expect("a room is open");
        send(&mut self.socket, &json!({"type": "leave_room", "room_id": room})).await;
    }

    pub async fn opens_person(&mut self, user: i64) {
        (self.current_room, self.current_private_user) = (None, Some(user));
        let response =
            self.asks(json!({"type": "get_messages", "user_id": user, "limit": 100}), "private_messages").await;
        self.shows(&response, "sender_username");
    }

    pub async fn says_to_person(&mut self, message: &str) {
        let user = self.current_private_user.expect("a person is open");
        send(&mut self.socket, &json!({"type": "private_message", "recipient_id": user, "message": message})).await;
    }

    /// Listens until the window shows a line with these words.
    pub async fn sees(&mut self, words: &str) {
        while !self.display.iter().any(|line| line.ends_with(words)) {
            let frame = receive(&mut self.socket).await;
            self.handles(frame);
        }
    }

    /// Listens until it has heard of something of this type.
    pub async fn notices(&mut self, name: &str) -> Value {
        loop {
            if let Some(at) = self.noticed.iter().position(|frame| frame["type"] == name) {
                return self.noticed.remove(at);
            }
            let frame = receive(&mut self.socket).await;
            self.handles(frame);
        }
    }

    /// Asks and listens for the reply; what else comes meanwhile is handled.
    pub async fn asks(&mut self, mut request: Value, expected: &str) -> Value {
        self.asked += 1;
        let id = format!("{expected}_{}", self.asked);
        if self.version == Version::Later {
            request["_request_id"] = id.clone().into();
        }
        send(&mut self.socket, &request).await;
        loop {
            let frame = receive(&mut self.socket).await;
            let named = self.version == Version::Later && frame["_request_id"] == id.as_str();
            if named || frame["type"] == expected {
                return frame;
            }
            self.handles(frame);
        }
    }

    /// As the later version asks over HTTP: status and JSON, without which its page stays shut.
    pub async fn asks_by_http(&self, method: reqwest::Method, path: &str) -> (u16, Value) {
        let http = reqwest::Client::builder().timeout(DEADLINE).no_proxy().build().unwrap();
        let request = http.request(method, format!("{}{path}", self.origin)).header("Content-Type", "application/json");
        let request = request.bearer_auth(self.token.as_ref().expect("a token of the server's"));
        let response = deadline(request.send()).await.unwrap();
        let status = response.status().as_u16();
        let body = deadline(response.text()).await.unwrap();
        (status, serde_json::from_str(&body).unwrap_or_else(|_| panic!("{path}: {status} is no JSON: {body}")))
    }

    fn shows(&mut self, response: &Value, author: &str) {
        let messages = response["messages"].as_array().unwrap();
        self.display = messages.iter().rev().map(|message| line(message, author)).collect();
    }

    /// What its callbacks make of what comes by itself.
    fn handles(&mut self, frame: Value) {
        match frame["type"].as_str().unwrap() {
            "room_message" if self.current_room == frame["room_id"].as_i64() => {
                self.display.push(line(&frame, "username"));
            }
            "private_message" if self.current_private_user == frame["sender_id"].as_i64() => {
                self.display.push(line(&frame, "sender_username"));
            }
            "private_message" => drop(line(&frame, "sender_username")),
            "user_joined_room" | "user_left_room" => drop(text(&frame, "username")),
            "user_status" => drop((text(&frame, "username"), text(&frame, "status"))),
            "user_registered" => drop((text(&frame, "username"), number(&frame, "titan_number"))),
            "new_room" => drop((text(&frame, "name"), text(&frame, "creator"), text(&frame, "room_type"))),
            _ => {}
        }
        self.noticed.push(frame);
    }
}

/// `[14:03] ada: hello`, with the time out of `2025-01-20T14:03:00.000000`.
fn line(message: &Value, author: &str) -> String {
    let sent_at = text(message, "sent_at");
    let time = sent_at.split('T').nth(1).unwrap().get(..5).unwrap();
    format!("[{time}] {}: {}", text(message, author), text(message, "message"))
}

fn room_row(room: &Value) -> RoomRow {
    assert!(matches!(room["is_private"].as_i64(), Some(0 | 1)), "{room}");
    text(room, "description");
    (number(room, "id"), text(room, "name"), text(room, "room_type"), number(room, "member_count"))
}

/// Its list takes no null: the whole list stays empty then.
fn user_row(user: &Value) -> UserRow {
    (number(user, "id"), text(user, "username"), number(user, "titan_number"), text(user, "full_name"))
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text: {value}")).to_owned()
}

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("{name} is no number: {value}"))
}
