//! What a whole piece means, as the events that the screen knows. `termina` knows the keys; its names become crossterm's here.

use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use termina::event as theirs;

use super::pieces::Piece;
use crate::app::event::Event;

pub fn of(piece: Piece) -> Option<Event> {
    match piece {
        Piece::Paste(bytes) => Some(Event::Paste(String::from_utf8_lossy(&bytes).into_owned())),
        Piece::Key(bytes) if is_nowhere(&bytes) => None,
        Piece::Key(bytes) => {
            let mut parser = termina::Parser::default();
            parser.parse(&bytes, false);
            event(parser.pop()?)
        }
    }
}

/// Terminals count columns and rows from 1: what is reported from 0 is no place, and `termina` counts back from it.
fn is_nowhere(bytes: &[u8]) -> bool {
    let report =
        bytes.strip_prefix(b"\x1b[").and_then(|report| report.strip_suffix(b"M").or(report.strip_suffix(b"m")));
    report
        .is_some_and(|report| report.split(|byte| *byte == b';').any(|number| number.iter().all(|byte| *byte == b'0')))
}

fn event(event: termina::Event) -> Option<Event> {
    match event {
        termina::Event::Key(key) => self::key(key).map(Event::Key),
        termina::Event::Mouse(mouse) => Some(Event::Mouse(self::mouse(mouse))),
        termina::Event::FocusIn => Some(Event::Attended(true)),
        termina::Event::FocusOut => Some(Event::Attended(false)),
        _ => None,
    }
}

fn key(key: theirs::KeyEvent) -> Option<KeyEvent> {
    let kind = match key.kind {
        theirs::KeyEventKind::Press => KeyEventKind::Press,
        theirs::KeyEventKind::Repeat => KeyEventKind::Repeat,
        theirs::KeyEventKind::Release => KeyEventKind::Release,
    };
    Some(KeyEvent::new_with_kind(code(key.code)?, modifiers(key.modifiers), kind))
}

/// None for keys that nothing here listens to.
fn code(code: theirs::KeyCode) -> Option<KeyCode> {
    use theirs::KeyCode as Theirs;
    Some(match code {
        Theirs::Char(c) => KeyCode::Char(c),
        Theirs::Enter => KeyCode::Enter,
        Theirs::Backspace => KeyCode::Backspace,
        Theirs::Tab => KeyCode::Tab,
        Theirs::Escape => KeyCode::Esc,
        Theirs::Left => KeyCode::Left,
        Theirs::Right => KeyCode::Right,
        Theirs::Up => KeyCode::Up,
        Theirs::Down => KeyCode::Down,
        Theirs::Home => KeyCode::Home,
        Theirs::End => KeyCode::End,
        Theirs::BackTab => KeyCode::BackTab,
        Theirs::PageUp => KeyCode::PageUp,
        Theirs::PageDown => KeyCode::PageDown,
        Theirs::Insert => KeyCode::Insert,
        Theirs::Delete => KeyCode::Delete,
        Theirs::Menu => KeyCode::Menu,
        Theirs::Null => KeyCode::Null,
        Theirs::Function(number) => KeyCode::F(number),
        _ => return None,
    })
}

fn modifiers(modifiers: theirs::Modifiers) -> KeyModifiers {
    let known = [
        (theirs::Modifiers::SHIFT, KeyModifiers::SHIFT),
        (theirs::Modifiers::CONTROL, KeyModifiers::CONTROL),
        (theirs::Modifiers::ALT, KeyModifiers::ALT),
        (theirs::Modifiers::SUPER, KeyModifiers::SUPER),
    ];
    known.into_iter().filter(|(theirs, _)| modifiers.contains(*theirs)).map(|(_, ours)| ours).collect()
}

fn mouse(mouse: theirs::MouseEvent) -> MouseEvent {
    use theirs::MouseEventKind as Theirs;
    let kind = match mouse.kind {
        Theirs::Down(button) => MouseEventKind::Down(self::button(button)),
        Theirs::Up(button) => MouseEventKind::Up(self::button(button)),
        Theirs::Drag(button) => MouseEventKind::Drag(self::button(button)),
        Theirs::Moved => MouseEventKind::Moved,
        Theirs::ScrollDown => MouseEventKind::ScrollDown,
        Theirs::ScrollUp => MouseEventKind::ScrollUp,
        Theirs::ScrollLeft => MouseEventKind::ScrollLeft,
        Theirs::ScrollRight => MouseEventKind::ScrollRight,
    };
    MouseEvent { kind, column: mouse.column, row: mouse.row, modifiers: modifiers(mouse.modifiers) }
}

fn button(button: theirs::MouseButton) -> MouseButton {
    match button {
        theirs::MouseButton::Left => MouseButton::Left,
        theirs::MouseButton::Right => MouseButton::Right,
        theirs::MouseButton::Middle => MouseButton::Middle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_no_screen_has_is_none() {
        let heard = |bytes: &[u8]| of(Piece::Key(bytes.to_vec()));
        assert!(matches!(heard(b"\x1b[<0;1;10M"), Some(Event::Mouse(MouseEvent { column: 0, row: 9, .. }))));
        for nowhere in [&b"\x1b[<0;0;3M"[..], b"\x1b[<0;3;00m", b"\x1b[32;3;0M", b"\x1b[<0;;3M", b"\x1b[M"] {
            assert!(heard(nowhere).is_none());
        }
    }
}
