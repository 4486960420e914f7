//! The terminal itself: entering and leaving it, and writing cells with as few bytes as will do.
//!
//! Ratatui's own crossterm backend ends each frame with 19 bytes of resets and shows the cursor anew; over a slow line one
//! typed letter should cost one byte, so this backend remembers the cursor and the style, and writes only what differs.
//! Whatever happens, [`restore`] puts the terminal back: on leaving, on a panic, on a signal.

mod grid;
pub mod hang_up;
pub mod keyboard;
pub mod signals;

use std::io::{self, IsTerminal, Write};

use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    crossterm::{
        clipboard::CopyToClipboard,
        cursor::{Hide, MoveTo, Show},
        event::{
            DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
            EnableMouseCapture,
        },
        execute, queue,
        terminal::{
            self, BeginSynchronizedUpdate, Clear, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
            EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
        },
    },
    layout::{Position, Size},
    style::{Color, Modifier},
};

use grid::{Grid, Redrawn};

/// Frames larger than this are shown at once where the terminal can (synchronized update).
const LARGE: usize = 400;
/// What is taken where the terminal doesn't tell its size.
const USUAL: Size = Size { width: 80, height: 24 };

/// Takes the terminal over. What is written waits for the first flush, so that it goes out with the first frame.
pub fn enter(mouse: bool) -> io::Result<Screen<io::Stdout>> {
    restore_on_panic();
    let mut screen = Screen::new(io::stdout());
    screen.take_over(mouse)?;
    Ok(screen)
}

/// Whether there is a terminal to draw on and to read keys from.
pub fn is_there() -> bool {
    io::stdout().is_terminal() && keyboard::is_there()
}

/// Whether the terminal says that nothing can be drawn on it.
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Gives the terminal back as it was. Harmless to do twice.
pub fn restore() {
    let mut out = io::stdout();
    let _ = out.write_all(b"\x1b[0m");
    let _ = execute!(out, DisableMouseCapture, DisableFocusChange, DisableBracketedPaste, EnableLineWrap);
    let _ = execute!(out, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// Where the screen's own thread panics, the program ends. A task that does so beside it doesn't end it: that goes into the log
/// and leaves the screen alone.
fn restore_on_panic() {
    let before = std::panic::take_hook();
    let screen = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| match std::thread::current().id() == screen {
        true => {
            restore();
            before(panic);
        }
        false => tracing::error!("{panic}"),
    }));
}

/// A backend that writes only what differs, but whole words of it, and whole rows where terminals disagree about widths.
pub struct Screen<W: Write> {
    writer: W,
    pending: Vec<u8>,
    /// What the terminal shows, and how wide it was when it was last asked.
    grid: Grid,
    width: std::cell::Cell<u16>,
    /// Where the terminal's cursor is known to be.
    at: Option<Position>,
    shown: bool,
    look: Look,
}

/// The style in force.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Look = Look { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

impl<W: Write> Screen<W> {
    pub fn new(writer: W) -> Self {
        let (pending, grid) = (Vec::with_capacity(8 * 1024), Grid::default());
        let width = std::cell::Cell::new(USUAL.width);
        Self { writer, pending, grid, width, at: None, shown: false, look: PLAIN }
    }

    fn take_over(&mut self, mouse: bool) -> io::Result<()> {
        enable_raw_mode()?;
        // Without a wrap: what a terminal holds wider than we do must not run over into the next row.
        queue!(self.pending, EnterAlternateScreen, DisableLineWrap, EnableBracketedPaste, EnableFocusChange, Hide)?;
        if mouse {
            queue!(self.pending, EnableMouseCapture)?;
        }
        Ok(())
    }

    /// Takes the terminal over once more, after somebody else had it; nothing is known of what it shows.
    pub fn take_up_again(&mut self, mouse: bool) -> io::Result<()> {
        self.pending.clear();
        self.grid.clear();
        (self.at, self.shown, self.look) = (None, false, PLAIN);
        // Raw mode is entered from what was before it, so that goes back first.
        disable_raw_mode()?;
        self.pending.extend_from_slice(b"\x1b[0m");
        self.take_over(mouse)
    }

    pub fn bell(&mut self) {
        self.pending.push(7);
    }

    /// Hands text to the clipboard of whoever sits before the terminal, over ssh too (OSC 52).
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        queue!(self.pending, CopyToClipboard::to_clipboard_from(text))
    }

    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        match on {
            true => queue!(self.pending, EnableMouseCapture),
            false => queue!(self.pending, DisableMouseCapture),
        }
    }

    /// Writes what is to be written of a row of the grid.
    fn put_row(&mut self, y: u16, redrawn: Redrawn) -> io::Result<()> {
        let Some(row) = self.grid.take(y) else { return Ok(()) };
        if redrawn.whole {
            self.dress(PLAIN)?;
            self.at = Some(Position { x: 0, y });
            queue!(self.pending, MoveTo(0, y), Clear(terminal::ClearType::CurrentLine))?;
        }
        for x in redrawn.columns {
            self.put(x, y, &row[usize::from(x)])?;
        }
        self.grid.put_back(y, row);
        Ok(())
    }

    fn put(&mut self, x: u16, y: u16, cell: &Cell) -> io::Result<()> {
        if self.at != Some(Position { x, y }) {
            queue!(self.pending, MoveTo(x, y))?;
        }
        self.dress(Look { fg: cell.fg, bg: cell.bg, modifier: cell.modifier })?;
        let symbol = cell.symbol();
        self.pending.extend_from_slice(symbol.as_bytes());
        self.at = is_one_cell(symbol).then_some(Position { x: x + 1, y });
        Ok(())
    }

    /// Changes the style in force with one sequence.
    fn dress(&mut self, wanted: Look) -> io::Result<()> {
        if wanted == self.look {
            return Ok(());
        }
        let mut codes: Vec<String> = Vec::new();
        let mut from = self.look;
        if !wanted.modifier.contains(from.modifier) || wanted == PLAIN {
            codes.push("0".to_owned());
            from = PLAIN;
        }
        for (modifier, code) in MODIFIERS {
            if wanted.modifier.contains(modifier) && !from.modifier.contains(modifier) {
                codes.push(code.to_owned());
            }
        }
        if wanted.fg != from.fg {
            codes.push(color(wanted.fg, 30));
        }
        if wanted.bg != from.bg {
            codes.push(color(wanted.bg, 40));
        }
        self.look = wanted;
        write!(self.pending, "\x1b[{}m", codes.join(";"))
    }
}

const MODIFIERS: [(Modifier, &str); 7] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// A colour's code; `base` is 30 for the text, 40 for the ground.
fn color(color: Color, base: u8) -> String {
    let bright = base + 60;
    match color {
        Color::Reset => format!("{}", base + 9),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
        Color::Black => format!("{base}"),
        Color::Red => format!("{}", base + 1),
        Color::Green => format!("{}", base + 2),
        Color::Yellow => format!("{}", base + 3),
        Color::Blue => format!("{}", base + 4),
        Color::Magenta => format!("{}", base + 5),
        Color::Cyan => format!("{}", base + 6),
        Color::Gray => format!("{}", base + 7),
        Color::DarkGray => format!("{bright}"),
        Color::LightRed => format!("{}", bright + 1),
        Color::LightGreen => format!("{}", bright + 2),
        Color::LightYellow => format!("{}", bright + 3),
        Color::LightBlue => format!("{}", bright + 4),
        Color::LightMagenta => format!("{}", bright + 5),
        Color::LightCyan => format!("{}", bright + 6),
        Color::White => format!("{}", bright + 7),
    }
}

/// Whether every terminal is sure to move one cell for it. After anything else the cursor is placed anew.
fn is_one_cell(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let only = chars.next().filter(|_| chars.next().is_none());
    only.is_some_and(|c| matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' | '\u{2500}'..='\u{257f}'))
}

impl<W: Write> Backend for Screen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let changed = self.grid.change(content, self.width.get());
        changed.into_iter().try_for_each(|(y, redrawn)| self.put_row(y, redrawn))
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.shown, false) {
            true => queue!(self.pending, Hide),
            false => Ok(()),
        }
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.shown, true) {
            true => Ok(()),
            false => queue!(self.pending, Show),
        }
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.at.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.at == Some(position) {
            return Ok(());
        }
        self.at = Some(position);
        queue!(self.pending, MoveTo(position.x, position.y))
    }

    fn clear(&mut self) -> io::Result<()> {
        self.dress(PLAIN)?;
        self.at = None;
        self.grid.clear();
        queue!(self.pending, Clear(terminal::ClearType::All))
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        let size = match terminal::size() {
            Ok((width, height)) if width > 0 && height > 0 => Size { width, height },
            _ => USUAL,
        };
        self.width.set(size.width);
        Ok(size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let large = self.pending.len() > LARGE;
        if large {
            let mut begin = Vec::with_capacity(self.pending.len() + 16);
            queue!(begin, BeginSynchronizedUpdate)?;
            begin.append(&mut self.pending);
            queue!(begin, EndSynchronizedUpdate)?;
            self.pending = begin;
        }
        self.writer.write_all(&self.pending)?;
        self.pending.clear();
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::{Terminal, TerminalOptions, Viewport, layout::Rect, style::Style};

    fn terminal() -> Terminal<Screen<Vec<u8>>> {
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, 20, 2)) };
        Terminal::with_options(Screen::new(Vec::new()), options).unwrap()
    }

    fn typed(terminal: &mut Terminal<Screen<Vec<u8>>>, text: &str) -> Vec<u8> {
        terminal.backend_mut().writer.clear();
        terminal
            .draw(|frame| {
                frame.buffer_mut().set_string(0, 0, text, Style::new());
                frame.set_cursor_position((text.len() as u16, 0));
            })
            .unwrap();
        terminal.backend().writer.clone()
    }

    #[test]
    fn one_typed_letter_costs_one_byte_and_the_same_frame_none() {
        let mut terminal = terminal();
        typed(&mut terminal, "a");
        assert_eq!(typed(&mut terminal, "ab"), b"b");
        assert_eq!(typed(&mut terminal, "ab"), b"");
    }

    #[test]
    fn a_style_is_changed_by_one_sequence_and_taken_back() {
        let mut terminal = terminal();
        let style = Style::new().fg(Color::Indexed(75)).add_modifier(Modifier::BOLD);
        let mut draw = |style: Style| {
            terminal.backend_mut().writer.clear();
            terminal.draw(|frame| frame.buffer_mut().set_string(0, 0, "x", style)).unwrap();
            String::from_utf8(terminal.backend().writer.clone()).unwrap()
        };
        assert!(draw(style).contains("\x1b[1;38;5;75mx"));
        assert!(draw(Style::new()).contains("\x1b[0mx"));
    }
}
