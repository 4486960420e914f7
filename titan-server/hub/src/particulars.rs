//! What people say of themselves, checked: full names, addresses of theirs.

use titan_core::protocol::Fault;
use titan_core::{SafeText, text};

use super::Outcome;
use super::letter::Mailer;

/// A line that may be left empty.
pub fn optional(what: &'static str, given: &str, most: usize) -> Outcome<Option<String>> {
    let line = SafeText::line(&text::description(what, given.trim(), most)?).into_written();
    Ok(Some(line).filter(|line| !text::is_blank(line)))
}

pub fn web_address(given: &str) -> Outcome<Option<String>> {
    let Some(address) = optional("a blog address", given, 500)? else { return Ok(None) };
    match url::Url::parse(&address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(address)),
        _ => Err(Fault::bad_request("A blog address begins with http:// or https://.")),
    }
}

/// An address that letters can be sent to.
pub fn mail_address(mailer: &dyn Mailer, given: &str) -> Outcome<Option<String>> {
    let Some(address) = optional("a mail address", given, 254)? else { return Ok(None) };
    match address.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !address.contains(char::is_whitespace) => {
            mailer.takes(&address).map_err(Fault::bad_request)?;
            Ok(Some(address))
        }
        _ => Err(Fault::bad_request("A mail address looks like name@example.org.")),
    }
}
