//! Who stands at a door.

use std::net::IpAddr;
use std::sync::Arc;

use titan_core::SafeText;

/// Characters of what a client says of itself.
const CLIENT_MOST: usize = 100;

/// Somebody at a door, before and after they say who they are.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The door's name, such as `native`; sessions remember it.
    pub door: &'static str,
    pub address: IpAddr,
    /// What they come with, as that says of itself.
    pub client: Option<Arc<str>>,
}

impl Visitor {
    pub fn new(door: &'static str, address: IpAddr) -> Self {
        Self { door, address, client: None }
    }

    /// The same with a client that says this of itself: one line, and no more than a list of sessions has room for. What says
    /// nothing changes nothing.
    #[must_use]
    pub fn with_client(self, said: Option<&str>) -> Self {
        let line = said.map(|said| SafeText::line(said.trim()).chars().take(CLIENT_MOST).collect::<String>());
        match line.filter(|line| !line.trim().is_empty()) {
            Some(line) => Self { client: Some(line.into()), ..self },
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_of_itself_is_one_short_line_or_nothing() {
        let with = |said: Option<&str>| Visitor::new("native", IpAddr::from([127, 0, 0, 1])).with_client(said).client;
        assert_eq!(with(Some(" titan 0.9 on desk\n")).as_deref(), Some("titan 0.9 on desk"));
        assert_eq!(with(Some(&"ж".repeat(5_000))).unwrap().chars().count(), CLIENT_MOST);
        assert!(!with(Some("a\u{1b}[31m\nb")).unwrap().contains(char::is_control));
        assert_eq!((with(Some("  \t ")), with(None)), (None, None));
    }
}
