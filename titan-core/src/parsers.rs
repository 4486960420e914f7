//! What takes apart bytes of others, each as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it. One that gives up, or whose assertion doesn't hold, has found something.

use crate::protocol::{Incoming, Request, fits_a_frame};
use crate::text::{self, SafeText, Sought};

/// A name, and what is tried: whatever bytes there are, it returns.
pub type Parser = (&'static str, fn(&[u8]));

/// Those of this crate.
pub const PARSERS: &[Parser] = &[
    ("native_request", native_request),
    ("native_answer", native_answer),
    ("text_shown", text_shown),
    ("text_names", text_names),
    ("text_sought", text_sought),
    ("text_mentions", text_mentions),
    #[cfg(feature = "client")]
    ("client_address", client_address),
];

/// Bytes as a text, as most parsers get them.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn native_request(bytes: &[u8]) {
    let text = text(bytes);
    let fits = fits_a_frame(&text);
    match Request::parse(&text) {
        Ok(_) => {}
        Err((_, fault)) => assert!(!fault.message.is_empty() && (fits || text.len() > 1_000)),
    }
}

fn native_answer(bytes: &[u8]) {
    let _ = Incoming::parse(&text(bytes));
}

fn text_shown(bytes: &[u8]) {
    let given = text(bytes);
    let safe = SafeText::new(&given);
    let shown = safe.as_str();
    assert_eq!(text::shown(shown), shown, "what is shown is shown as it is");
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "no control character is shown");
    let line = SafeText::line(&given);
    assert!(!line.as_str().contains(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']), "a line is one");
    if let Ok(json) = serde_json::to_string(&given) {
        let back = serde_json::from_str::<String>(&text::escaped_json(&json));
        assert!(back.is_ok_and(|back| back == given), "escaping changes nothing");
    }
    for what in [text::message(&given), text::room_name(&given), text::reaction(&given)] {
        assert!(what.is_err() || what.is_ok_and(|what| !text::is_blank(&what)), "what is taken can be seen");
    }
    let name = text::file_name(&given);
    assert!(
        !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']),
        "a file's name stays in its folder"
    );
}

fn text_names(bytes: &[u8]) {
    let given = text(bytes);
    if let Ok(name) = text::username(&given) {
        assert_eq!(text::username(&name).as_deref(), Ok(name.as_str()), "a name that is taken stays so");
        assert_eq!(text::look_alike(&name), text::look_alike(given.trim()), "it is the same name");
    }
    let _ = text::folded(&given);
    let password = text::password(&given);
    assert_eq!(text::password(&password), password, "a password has one form");
    let _ = text::new_password(&given, "ada");
}

fn text_sought(bytes: &[u8]) {
    let given = text(bytes);
    let words = text::words(&given);
    assert_eq!(text::words(&words.join(" ")), words, "what is folded stays so");
    if let Some(sought) = Sought::of(&given) {
        assert!(sought.is_in(&words), "a text is found by itself");
    }
    let (one, other) = given.split_at(given.floor_char_boundary(given.len() / 2));
    let _ = text::message_words(one, Some(other));
}

fn text_mentions(bytes: &[u8]) {
    let given = text(bytes);
    for mention in text::mentions(&given) {
        assert!(given.contains(mention.likely()));
        if let Some(name) = mention.meant(|_| true) {
            assert!(
                given.get(..mention.end_of(name)).is_some_and(|up_to| up_to.ends_with(name)),
                "it ends where it stands"
            );
        }
    }
}

#[cfg(feature = "client")]
fn client_address(bytes: &[u8]) {
    if let Ok(options) = crate::client::Options::new(&text(bytes)) {
        let server = options.server();
        let again = crate::client::Options::new(&server);
        assert!(again.is_ok_and(|again| again.server() == server), "an address that is shown leads there");
    }
}
