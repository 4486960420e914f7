//! A file that comes in at one door goes out at every other, the same to the byte.

use reqwest::Method;
use sha2::Digest;

use super::*;
use crate::guests::bytes::{Api, bytes_of};
use crate::guests::channels::Person;
use crate::guests::slash::Lines;

/// Somebody in one room at each door that has files.
struct Carriers {
    api: Api,
    channels: Person,
    slash: Lines,
    native: Native,
    room: i64,
}

impl Carriers {
    async fn gather(house: &TestHouse) -> Self {
        let mut native = house.enter("ada").await;
        let room = native.ok(json!({"do": "create_room", "name": "den"})).await["id"].as_i64().unwrap();
        let api = Api::with(house, &native.token);
        Door::Channels.register(house, "bob").await;
        let mut channels = Person::login(house, "bob", PASSWORD).await.unwrap();
        channels.goes_to(&Place::Room { id: room, name: "den".to_owned() }).await;
        let mut slash = Lines::open(house).await;
        assert_eq!(slash.ask(&format!("/register eve {PASSWORD}")).await, "Registration successful as user.");
        slash.send("/join den").await;
        slash.reads(|line| line == "You joined room 'den'.").await;
        Self { api, channels, slash, native, room }
    }

    /// What the log tells of the file, waits for it: its id.
    async fn hears_of(&mut self, name: &str) -> i64 {
        let heard = self.native.hears(|event| event["entry"]["file"]["name"] == name).await;
        heard["entry"]["file"]["id"].as_i64().unwrap()
    }

    /// Every door gives the same bytes for it.
    async fn give_out(&mut self, name: &str, bytes: &[u8]) {
        let file = self.hears_of(name).await;
        let wanted = sha2::Sha256::digest(bytes);
        let by_api = self.api.downloads(file).await.unwrap();
        assert_eq!(sha2::Sha256::digest(by_api), wanted, "{name} by the API");
        let by_channels = bytes_of(self.channels.user.request(Method::GET, &format!("/files/{file}"))).await.unwrap();
        assert_eq!(sha2::Sha256::digest(by_channels), wanted, "{name} by the channels door");
        let unique_name = self.unique_name(name).await;
        let by_slash = self.slash.download(&unique_name).await.unwrap();
        assert_eq!(sha2::Sha256::digest(by_slash), wanted, "{name} by the slash door");
    }

    /// The name the slash door lists it under.
    async fn unique_name(&mut self, name: &str) -> String {
        let original = format!("Original Name: {name},");
        self.slash.send("/list_files").await;
        let line = self.slash.reads(|line| line.contains(&original)).await;
        line.split("Unique Name: ").nth(1).unwrap().split(',').next().unwrap().to_owned()
    }
}

/// Bytes that hold whatever a door might take for something else.
fn bytes(seed: u8) -> Vec<u8> {
    let mut bytes = b"\n/quit\n\0\r\n--boundary\r\n[2026-11-20 09:46:19] ".to_vec();
    bytes.extend((0..300_000_u32).map(|at| (at.wrapping_mul(31) >> 3) as u8 ^ seed));
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_from_the_api_goes_out_at_every_door() {
    let house = open_house().await;
    let mut carriers = Carriers::gather(&house).await;
    carriers.api.uploads(carriers.room, "from-api.bin", &bytes(1)).await.unwrap();
    carriers.give_out("from-api.bin", &bytes(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_from_the_channels_door_goes_out_at_every_door() {
    let house = open_house().await;
    let mut carriers = Carriers::gather(&house).await;
    carriers.channels.user.shares(carriers.room, "from-channels.bin", &bytes(2)).await;
    carriers.give_out("from-channels.bin", &bytes(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_from_the_slash_door_goes_out_at_every_door() {
    let house = open_house().await;
    let mut carriers = Carriers::gather(&house).await;
    let bytes = bytes(3);
    carriers.slash.send(&format!("/upload den ../from-slash.bin {}", bytes.len())).await;
    carriers.slash.send_bytes(&bytes).await;
    carriers.slash.reads(|line| line.starts_with("File 'den_") && line.ends_with("' uploaded to room 'den'.")).await;
    carriers.give_out("from-slash.bin", &bytes).await;
}
