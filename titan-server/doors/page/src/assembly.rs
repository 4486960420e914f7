//! The page as it is handed out: an index that names everything else by its content, so that a browser keeps that for good and asks
//! for the index alone; and each compressed, once.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::bundle::{Bundles, Read, bundles};

/// Letters of a hash in a name. 96 bits: nobody comes upon the same by chance.
const HASH_LETTERS: usize = 16;

/// Bytes that are handed out, with how they are named for caches.
pub struct Asset {
    pub plain: Bytes,
    pub gzip: Bytes,
    pub hash: String,
}

impl Asset {
    pub fn new(content: impl Into<Bytes>) -> Self {
        let plain = content.into();
        Self { gzip: gzip(&plain).into(), hash: hash(&[&plain]), plain }
    }
}

pub struct Page {
    pub index: Asset,
    /// By names that hold the hash of what they are.
    pub assets: BTreeMap<String, Asset>,
}

/// Puts it together of the files that `read` gives. An error says what is unfit in them.
pub fn assemble(read: Read<'_>) -> Result<Page, String> {
    let source = read("index.html").ok_or("index.html is not there")?;
    let mut assets = BTreeMap::new();
    let mut index = with_scripts(&with_one_style(&source, read, &mut assets)?, read, &mut assets)?;
    let loose: Vec<_> = named(&index).into_iter().filter(|path| !assets.contains_key(path)).collect();
    for path in loose {
        let name = keep(&path, &lasting(&path, read)?, &mut assets);
        index = index.replace(&format!("\"page/{path}\""), &format!("\"page/{name}\""));
    }
    Ok(Page { index: Asset::new(index), assets })
}

/// All style sheets as one, in their order.
fn with_one_style(index: &str, read: Read<'_>, assets: &mut BTreeMap<String, Asset>) -> Result<String, String> {
    let is_style = |line: &&str| line.contains("rel=\"stylesheet\"");
    let mut style = String::new();
    for path in index.lines().filter(is_style).flat_map(named) {
        style += &text(&path, read)?;
    }
    let name = keep("page.css", &style, assets);
    let first = index.lines().position(|line| is_style(&line));
    let one = format!("  <link rel=\"stylesheet\" href=\"page/{name}\">");
    let lines = index.lines().enumerate().filter(|(at, line)| Some(*at) == first || !is_style(line));
    Ok(lines.map(|(at, line)| if Some(at) == first { &one } else { line }).collect::<Vec<_>>().join("\n"))
}

fn with_scripts(index: &str, read: Read<'_>, assets: &mut BTreeMap<String, Asset>) -> Result<String, String> {
    let line = index.lines().find(|line| line.contains("type=\"module\"")).ok_or("the index names no module")?;
    let entry = named(line).pop().ok_or("the index names no module")?;
    let hash_of = |texts: &[&str]| hash(&texts.iter().map(|text| text.as_bytes()).collect::<Vec<_>>());
    let Bundles { outer, inner } = bundles(&entry, read, hash_of)?;
    let index = index.replace(&format!("\"page/{entry}\""), &format!("\"page/{}\"", outer.0));
    for (name, script) in [outer, inner] {
        assets.insert(name, Asset::new(script));
    }
    Ok(index)
}

/// A file as it is kept for good: what it names in its turn is kept so too.
fn lasting(path: &str, read: Read<'_>) -> Result<String, String> {
    let content = text(path, read)?;
    if path != "manifest.webmanifest" {
        return Ok(content);
    }
    let icon = text("icon.svg", read)?;
    Ok(content.replace("\"icon.svg\"", &format!("\"{}\"", name_of("icon.svg", &icon))))
}

fn keep(path: &str, content: &str, assets: &mut BTreeMap<String, Asset>) -> String {
    let name = name_of(path, content);
    assets.insert(name.clone(), Asset::new(content.to_owned()));
    name
}

fn name_of(path: &str, content: &str) -> String {
    let hash = hash(&[content.as_bytes()]);
    match path.rsplit_once('.') {
        Some((stem, kind)) => format!("{stem}-{hash}.{kind}"),
        None => format!("{path}-{hash}"),
    }
}

fn text(path: &str, read: Read<'_>) -> Result<String, String> {
    read(path).ok_or_else(|| format!("{path} is not there"))
}

/// The files that a piece of the index names.
fn named(index: &str) -> Vec<String> {
    let parts = index.split("\"page/").skip(1);
    parts.filter_map(|part| part.split_once('"').map(|(path, _)| path.to_owned())).collect()
}

fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    let mut text = BASE64_URL_SAFE_NO_PAD.encode(hash.finalize());
    text.truncate(HASH_LETTERS);
    text
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 3), Compression::best());
    let done = encoder.write_all(plain).and_then(|()| encoder.try_finish());
    // Writing to memory doesn't fail; if it did, nothing would be handed out compressed.
    done.and_then(|()| encoder.finish()).unwrap_or_default()
}
