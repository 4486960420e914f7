//! The PROXY protocol (haproxy's, versions 1 and 2): a proxy that passes bytes on as they are says in front of them who is behind it.
//!
//! Where the operator has turned it on, trusted proxies must say it, at every door and before TLS; nobody else is asked, and a header of
//! somebody else's is to a door what any other senseless bytes are.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The header must be there in this time.
const HEADER_MOST: Duration = Duration::from_secs(10);
/// The longest line of version 1, as its document has it.
const LINE_MOST: usize = 107;
/// Bytes behind the head of version 2: addresses, and what is skipped.
const BLOCK_MOST: usize = 4_096;
/// How version 2 begins. Version 1 is never shorter than that either.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// Why a header is none.
#[derive(Debug)]
pub(crate) enum Odd {
    None,
    Broken,
    Gone(io::Error),
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("This port expects the PROXY protocol from its proxies, and got something else."),
            Self::Broken => f.write_str("This port expects the PROXY protocol, and the header that came is broken."),
            Self::Gone(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for Odd {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

/// Whom a trusted proxy names in front of what it passes on; the proxy itself, where it speaks for itself. None where the header isn't as it
/// should be: the proxy has been told, and the connection is over.
pub async fn told(mut stream: TcpStream, proxy: IpAddr, door: &'static str) -> Option<(TcpStream, IpAddr)> {
    match timeout(HEADER_MOST, header(&mut stream)).await.unwrap_or(Err(Odd::None)) {
        Ok(said) => Some((stream, said.map_or(proxy, |said| said.to_canonical()))),
        Err(why) => {
            tracing::warn!(door, %proxy, %why, "a proxy did not say who is behind it");
            let _ = timeout(HEADER_MOST, refuse(stream, &why)).await;
            None
        }
    }
}

/// Says why, and waits until that was read: what a peer has sent and nobody reads would have the system drop it.
async fn refuse(mut stream: TcpStream, why: &Odd) -> io::Result<()> {
    stream.write_all(format!("{why}\r\n").as_bytes()).await?;
    stream.shutdown().await?;
    let mut rest = [0; 512];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

/// Reads the header and not a byte more. None where the proxy speaks for itself, or doesn't know.
pub(crate) async fn header<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Option<IpAddr>, Odd> {
    let mut head = [0; SIGNATURE.len()];
    for at in 0..head.len() {
        stream.read_exact(&mut head[at..=at]).await?;
        if !SIGNATURE.starts_with(&head[..=at]) && !b"PROXY ".starts_with(&head[..=at.min(5)]) {
            return Err(Odd::None);
        }
    }
    if head == SIGNATURE { block(stream).await } else { line(stream, head.to_vec()).await }
}

async fn line<S: AsyncRead + Unpin>(stream: &mut S, mut line: Vec<u8>) -> Result<Option<IpAddr>, Odd> {
    while !line.ends_with(b"\r\n") {
        if line.len() >= LINE_MOST {
            return Err(Odd::Broken);
        }
        line.push(stream.read_u8().await?);
    }
    let text = std::str::from_utf8(&line).map_err(|_| Odd::Broken)?;
    let words: Vec<_> = text.trim_end_matches("\r\n").split(' ').collect();
    match words[..] {
        ["PROXY", "UNKNOWN", ..] => Ok(None),
        ["PROXY", family, from, to, from_port, to_port] if [from_port, to_port].iter().all(|port| is_port(port)) => {
            address(family, from).filter(|_| address(family, to).is_some()).map(Some).ok_or(Odd::Broken)
        }
        _ => Err(Odd::Broken),
    }
}

fn address(family: &str, text: &str) -> Option<IpAddr> {
    match family {
        "TCP4" => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        "TCP6" => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        _ => None,
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|digit| digit.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

async fn block<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Option<IpAddr>, Odd> {
    let (command, family, length) = (stream.read_u8().await?, stream.read_u8().await?, stream.read_u16().await?);
    let length = usize::from(length);
    if !matches!(command, 0x20 | 0x21) || length > BLOCK_MOST {
        return Err(Odd::Broken);
    }
    let mut block = vec![0; length];
    stream.read_exact(&mut block).await?;
    // What follows the addresses (TLVs) says nothing about who it is.
    match (command, family >> 4) {
        (0x20, _) => Ok(None),
        (_, 1) => first::<4>(&block, 12).map(|octets| Some(octets.into())),
        (_, 2) => first::<16>(&block, 36).map(|octets| Some(octets.into())),
        (_, 0 | 3) => Ok(None),
        _ => Err(Odd::Broken),
    }
}

/// The source of addresses that take so many bytes.
fn first<const N: usize>(block: &[u8], whole: usize) -> Result<[u8; N], Odd> {
    let source = block.first_chunk::<N>().filter(|_| block.len() >= whole);
    source.copied().ok_or(Odd::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a header says, and what of the stream is left behind it. It comes byte by byte.
    fn read(bytes: &[u8]) -> (Result<Option<String>, Odd>, Vec<u8>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut stream = bytes;
            let said = header(&mut stream).await.map(|said| said.map(|address| address.to_string()));
            (said, stream.to_vec())
        })
    }

    fn second(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([command, family]);
        bytes.extend(u16::try_from(block.len()).unwrap().to_be_bytes());
        bytes.extend(block);
        bytes.extend(b"hello\r\n");
        bytes
    }

    #[test]
    fn both_versions_are_read_to_their_last_byte_and_no_further() {
        let v4 = [203, 0, 113, 7, 10, 0, 0, 1, 0x10, 0, 0, 80];
        let mut v6 = [0; 36];
        v6[..16].copy_from_slice(&"2001:db8::7".parse::<Ipv6Addr>().unwrap().octets());
        let with_tlv = [&v4[..], &[0x04, 0, 3, 1, 2, 3]].concat();
        for (bytes, said) in [
            (b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 80\r\nhello\r\n".to_vec(), Some("203.0.113.7")),
            (b"PROXY TCP6 2001:db8::7 ::1 4711 80\r\nhello\r\n".to_vec(), Some("2001:db8::7")),
            (b"PROXY UNKNOWN\r\nhello\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\nhello\r\n".to_vec(), None),
            (second(0x21, 0x11, &v4), Some("203.0.113.7")),
            (second(0x21, 0x11, &with_tlv), Some("203.0.113.7")),
            (second(0x21, 0x21, &v6), Some("2001:db8::7")),
            (second(0x20, 0x00, &[]), None),
            (second(0x20, 0x11, &v4), None),
            (second(0x21, 0x00, &[]), None),
            (second(0x21, 0x31, &[0; 216]), None),
        ] {
            let (read, left) = read(&bytes);
            assert_eq!((read.unwrap().as_deref(), &left[..]), (said, &b"hello\r\n"[..]), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_header_is_told_apart_from_what_breaks_off() {
        for none in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00",
            b"{\"type\":1}\r\n\r\n",
            b"proxy tcp4",
        ] {
            assert!(matches!(read(none).0, Err(Odd::None)), "{none:?}");
        }
        let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(100)).into_bytes();
        for broken in [
            &b"PROXY TCP4 203.0.113.7 10.0.0.1 4711\r\n"[..],
            b"PROXY TCP4 2001:db8::7 ::1 4711 80\r\n",
            b"PROXY TCP4 203.0.113.7 10.0.0.1 99999 80\r\n",
            b"PROXY UDP4 203.0.113.7 10.0.0.1 1 80\r\n",
            b"PROXY TCP4  203.0.113.7 10.0.0.1 1 80\r\n",
            &long,
            &second(0x11, 0x11, &[0; 12]),
            &second(0x21, 0x11, &[0; 4]),
            &second(0x21, 0x41, &[0; 12]),
            &second(0x21, 0x11, &[0; 5_000]),
        ] {
            assert!(matches!(read(broken).0, Err(Odd::Broken)), "{broken:?}");
        }
        assert!(matches!(read(b"PROXY TCP4 203.0.113.7").0, Err(Odd::Gone(_))));
        assert!(matches!(read(&SIGNATURE).0, Err(Odd::Gone(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_header_or_none(bytes: Vec<u8>, tail in "[ -~]{0,120}", block in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
            let _ = read(format!("PROXY {tail}\r\n").as_bytes());
            let _ = read(&second(block.first().copied().unwrap_or(0x21), 0x11, &block));
        }

        #[test]
        fn whoever_is_named_is_found(from: Ipv4Addr, from6: Ipv6Addr, port: u16) {
            let line = format!("PROXY TCP4 {from} 127.0.0.1 {port} 80\r\n");
            prop_assert_eq!(read(line.as_bytes()).0.unwrap(), Some(from.to_string()));
            let line = format!("PROXY TCP6 {from6} ::1 {port} 80\r\n");
            prop_assert_eq!(read(line.as_bytes()).0.unwrap(), Some(from6.to_string()));
        }
    }
}
