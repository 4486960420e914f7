//! Proxies as a settings file has them: a list, or a text with commas.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use titan_door::proxy::Proxies;

#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Text(String),
    List(Vec<String>),
}

pub fn serialize<S: Serializer>(proxies: &Option<Proxies>, serializer: S) -> Result<S::Ok, S::Error> {
    let listed = proxies.as_ref().map(|proxies| proxies.networks().iter().map(ToString::to_string).collect::<Vec<_>>());
    listed.serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Proxies>, D::Error> {
    let said = match Option::<Said>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Said::Text(text)) => text,
        Some(Said::List(list)) => list.join(","),
    };
    said.parse().map(Some).map_err(D::Error::custom)
}
