//! What takes apart what comes from a terminal, from people and from files here, each as a function of bytes: for the fuzz targets (`fuzz/`)
//! and the test that goes through their corpus. Nothing else calls it.

use titan_core::parsers::{Parser, text};

use crate::{
    app::update::slash::line::Words,
    cli::target::{self, Target},
    input::Editor,
    keymap::{Chord, Keymap},
    rich,
    settings::Settings,
    spans::Span,
    theme::{self, Theme},
    wrap,
};

/// Those of this crate.
pub const PARSERS: &[Parser] = &[
    #[cfg(unix)]
    ("terminal_keys", keys::terminal_keys),
    ("rich_text", rich_text),
    ("composer", composer),
    ("command_line", command_line),
    ("client_settings", client_settings),
];

#[cfg(unix)]
mod keys {
    use std::time::{Duration, Instant};

    use crate::terminal::keyboard::{
        meaning,
        pieces::{Piece, Pieces},
    };

    /// What keys mean, however their bytes come; the first byte says how.
    pub fn terminal_keys(bytes: &[u8]) {
        let Some((how, bytes)) = bytes.split_first() else { return };
        let whole = heard(std::iter::once(bytes), Duration::ZERO);
        let cut = heard(bytes.chunks(usize::from(*how).max(1)), Duration::ZERO);
        assert_eq!(cut, whole, "how bytes are split changes nothing");
        let slowly = heard(bytes.chunks(usize::from(*how).max(1)), Duration::from_millis(80));
        for piece in whole.into_iter().chain(slowly) {
            let _ = meaning::of(piece);
        }
    }

    /// What comes of bytes that arrive in such parts, with a pause behind each.
    fn heard<'a>(parts: impl Iterator<Item = &'a [u8]>, pause: Duration) -> Vec<Piece> {
        let (mut pieces, mut heard, mut now) = (Pieces::default(), Vec::new(), Instant::now());
        for part in parts {
            pieces.take(part, now);
            now += pause;
            if pieces.wait().is_some_and(|wait| wait <= pause) {
                pieces.time_is_up(now);
            }
            heard.extend(std::iter::from_fn(|| pieces.pop()));
        }
        heard
    }
}

fn rich_text(bytes: &[u8]) {
    let Some((width, bytes)) = bytes.split_first() else { return };
    let (text, theme) = (text(bytes), Theme::new(theme::FIRST));
    let shown = titan_core::shown(&text);
    for line in rich::render(&shown, usize::from(*width).max(1), &theme, Some("ada")) {
        assert!(!line.to_string().chars().any(char::is_control), "nothing acts on the terminal");
    }
    let _ = rich::first_link(&text);
    let _ = (wrap::cut(&shown, usize::from(*width)), wrap::fit(&shown, usize::from(*width)));
}

/// A text is typed; the first byte says what is done to it.
fn composer(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else { return };
    let given = text(bytes);
    let mut input = Editor::multiline();
    input.insert(&given);
    let typed = input.text();
    let moves: [fn(&mut Editor); 8] = [
        Editor::left,
        Editor::word_left,
        Editor::line_start,
        Editor::delete_back,
        Editor::delete_word,
        Editor::delete_next,
        Editor::undo,
        Editor::redo,
    ];
    for (at, act) in moves.iter().enumerate() {
        if how >> at & 1 == 1 {
            act(&mut input);
            assert!(input.on_edge(), "the cursor stands between what people see as characters");
        }
    }
    input.set(&typed);
    assert_eq!(input.text(), typed, "a text comes out as it went in");
}

fn command_line(bytes: &[u8]) {
    let text = text(bytes);
    let words = Words::parse(&text);
    for at in 0..words.words.len() {
        assert!(text.contains(words.from(at)), "the rest of a line stands in it");
    }
    let _ = (text.parse::<Target>(), target::seq(&text), Span::parse(&text), Chord::parse(&text));
}

fn client_settings(bytes: &[u8]) {
    let (settings, _) = Settings::parse(&text(bytes));
    let _ = Keymap::with(&settings.keys);
    let (again, told) = Settings::parse(&settings.to_text());
    assert!(told.is_empty() && again.to_text() == settings.to_text(), "settings survive the file");
}
