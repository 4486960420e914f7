//! Where doors listen.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Where a door listens, if it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Off,
    At(String),
}

impl Address {
    pub fn local(port: u16) -> Self {
        Self::At(format!("127.0.0.1:{port}"))
    }

    /// The first socket address it names, if it is on.
    pub fn socket(&self) -> anyhow::Result<Option<SocketAddr>> {
        let Self::At(text) = self else { return Ok(None) };
        let mut found = text.to_socket_addrs().with_context(|| format!("{text} is no address to listen on"))?;
        found.next().map(Some).with_context(|| format!("{text} names no address"))
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("off") {
            return Ok(Self::Off);
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(Self::At(text.to_owned())),
            _ => Err(format!("{text:?} is neither HOST:PORT, such as 127.0.0.1:8000, nor off")),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(address) => f.write_str(address),
        }
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
