//! Where results and remarks go: results to standard output, as lines for people or as JSON; remarks, bars and errors to
//! standard error. Colours only on a terminal, and only if NO_COLOR doesn't forbid them.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use serde::Serialize;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::{failure::Failure, globals::Globals};

/// How this run talks.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    pub json: bool,
    quiet: bool,
    colour: bool,
    headings: bool,
}

/// A way to set words off from others.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    Dim,
    Bold,
}

impl Output {
    pub fn of(globals: &Globals) -> Self {
        let terminal = io::stdout().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { json: globals.json, quiet: globals.quiet, colour: terminal && !plain, headings: terminal }
    }

    /// One result: an object for programs, or words for people.
    pub fn result(&self, value: &impl Serialize, words: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json { self.object(value) } else { self.line(words()) }
    }

    /// One object on a line, for programs.
    pub fn object(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(|error| Failure::refused(error.to_string()))?;
        self.line(titan_core::text::escaped_json(&text))
    }

    pub fn line(&self, text: impl Display) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }

    /// Many results: an object each for programs, or a table for people.
    pub fn table<T: Serialize>(
        &self,
        headings: &[&str],
        values: &[T],
        row: impl Fn(&T) -> Vec<String>,
    ) -> Result<(), Failure> {
        if self.json {
            return values.iter().try_for_each(|value| self.object(value));
        }
        let mut rows: Vec<Vec<String>> = values.iter().map(row).collect();
        if self.headings && !rows.is_empty() {
            rows.insert(0, headings.iter().map(|heading| (*heading).to_owned()).collect());
        }
        let widths = widths(&rows);
        for (at, row) in rows.iter().enumerate() {
            let line = aligned(row, &widths);
            let is_heading = self.headings && at == 0;
            self.line(if is_heading { self.styled(Style::Dim, &line) } else { line })?;
        }
        Ok(())
    }

    pub fn styled(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Dim => 2,
            Style::Bold => 1,
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Something good to know that is no result.
    pub fn remark(&self, text: impl AsRef<str>) {
        if !self.quiet && !self.json {
            let _ = writeln!(io::stderr(), "{}", titan_core::shown(text.as_ref()));
        }
    }

    /// Says that there is more than was given, and before which entry: to programs too, beside the results.
    pub fn more(&self, before: i64, words: impl FnOnce() -> String) {
        match self.json {
            true => drop(writeln!(io::stderr(), "{}", json!({"more": {"before": before}}))),
            false => self.remark(words()),
        }
    }

    /// Whether a moving bar has somebody to look at it.
    pub fn shows_bars(&self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// Says what went wrong, if anything did, and gives the exit code.
    pub fn end(&self, result: Result<(), Failure>) -> ExitCode {
        let Err(failure) = result else { return ExitCode::SUCCESS };
        if let Some(message) = failure.message() {
            let _ = if self.json {
                writeln!(io::stderr(), "{}", json!({"error": {"code": failure.code(), "message": message}}))
            } else {
                writeln!(io::stderr(), "titan: {message}")
            };
        }
        failure.exit_code()
    }
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    (0..columns).map(|column| widest(column).unwrap_or(0)).collect()
}

/// The cells under each other; the last one runs free.
fn aligned(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| padded(cell, *width));
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// The text with spaces after it, up to a width in terminal columns.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// A moment for people, in their own time zone.
pub fn moment(time: titan_core::Time) -> String {
    let local = jiff::Timestamp::from_millisecond(time.0).map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
    local.map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

/// A number of bytes for people.
pub fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_the_script() {
        let rows = [vec!["日本".to_owned(), "x".to_owned()], vec!["ada".to_owned(), "y".to_owned()]];
        let lines: Vec<String> = rows.iter().map(|row| aligned(row, &widths(&rows))).collect();
        assert_eq!(lines, ["日本  x", "ada   y"]);
    }
}
