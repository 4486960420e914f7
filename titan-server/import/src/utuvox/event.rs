//! Lines of UtuVox's histories, read back into what had happened.

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Joined {
        who: &'a str,
    },
    Left {
        who: &'a str,
    },
    Said {
        who: &'a str,
        text: &'a str,
    },
    Uploaded {
        who: &'a str,
        unique: &'a str,
        original: &'a str,
    },
    Downloaded {
        who: &'a str,
        unique: &'a str,
        original: &'a str,
    },
    /// Nothing that UtuVox is known to have written.
    Other,
}

/// Reads a line of a room's history. No username of UtuVox holds a space, so that what somebody said never passes for
/// something that happened.
pub fn read<'a>(room: &str, line: &'a str) -> Event<'a> {
    happened(room, line).or_else(|| said(line)).unwrap_or(Event::Other)
}

fn happened<'a>(room: &str, line: &'a str) -> Option<Event<'a>> {
    let (who, what) = line.strip_prefix("User ")?.split_once(' ')?;
    if !is_name(who) || who.ends_with(':') {
        return None;
    }
    let here = |what: &str| what.strip_prefix('\'').and_then(|what| what.strip_suffix('\'')) == Some(room);
    let (verb, rest) = what.split_once(' ')?;
    match (verb, rest.split_once(' ')?) {
        ("joined", ("room", place)) if here(place) => Some(Event::Joined { who }),
        ("left", ("room", place)) if here(place) => Some(Event::Left { who }),
        ("uploaded", ("file", file)) => names(file).map(|(unique, original)| Event::Uploaded { who, unique, original }),
        ("downloaded", ("file", file)) => {
            names(file).map(|(unique, original)| Event::Downloaded { who, unique, original })
        }
        _ => None,
    }
}

fn said(line: &str) -> Option<Event<'_>> {
    let (who, text) = line.split_once(": ")?;
    is_name(who).then_some(Event::Said { who, text })
}

/// `'U' (Original: O)`. The unique name ends in the original one, a line and eight digits: by that the right place is found
/// where a name holds the words between them.
fn names(file: &str) -> Option<(&str, &str)> {
    const BETWEEN: &str = "' (Original: ";
    let file = file.strip_prefix('\'')?.strip_suffix(')')?;
    let split = |(at, _): (usize, &'static str)| (&file[..at], &file[at + BETWEEN.len()..]);
    let all = || file.match_indices(BETWEEN).map(|(at, _)| split((at, BETWEEN)));
    let fits = |(unique, original): &(&str, &str)| {
        unique.rsplit_once('_').is_some_and(|(named, _)| !original.is_empty() && named.ends_with(original))
    };
    all().find(fits).or_else(|| all().next())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_line_that_utuvox_wrote_is_read_back() {
        let read = |line| super::read("the lab", line);
        assert_eq!(read("User ada joined room 'the lab'"), Event::Joined { who: "ada" });
        assert_eq!(read("User ada left room 'the lab'"), Event::Left { who: "ada" });
        assert_eq!(read("ada: hello: you"), Event::Said { who: "ada", text: "hello: you" });
        assert_eq!(read("ada: two\nlines"), Event::Said { who: "ada", text: "two\nlines" });
        assert_eq!(
            read("User ada uploaded file 'the lab_20250301_210015_a b.txt_0a1b2c3d' (Original: a b.txt)"),
            Event::Uploaded { who: "ada", unique: "the lab_20250301_210015_a b.txt_0a1b2c3d", original: "a b.txt" }
        );
        assert_eq!(
            read("User bob downloaded file 'r_1_a.txt_ff' (Original: a.txt)"),
            Event::Downloaded { who: "bob", unique: "r_1_a.txt_ff", original: "a.txt" }
        );
        let odd = "x' (Original: y";
        let line = format!("User bob uploaded file 'r_1_{odd}_ff' (Original: {odd})");
        assert_eq!(read(&line), Event::Uploaded { who: "bob", unique: &format!("r_1_{odd}_ff"), original: odd });
    }

    #[test]
    fn what_somebody_said_passes_for_nothing_else() {
        let read = |line| super::read("lab", line);
        let text = "User ada joined room 'lab'";
        assert_eq!(read("eve: User ada joined room 'lab'"), Event::Said { who: "eve", text });
        assert_eq!(read("User: ada joined room 'lab'"), Event::Said { who: "User", text: "ada joined room 'lab'" });
        assert_eq!(read("User ada joined room 'other'"), Event::Other);
        assert_eq!(read("Room created"), Event::Other);
        assert_eq!(read(""), Event::Other);
    }

    proptest! {
        #[test]
        fn any_line_is_read(room in any::<String>(), line in any::<String>(), nearly in "User .{0,9} (joined|left|uploaded|downloaded) (room|file) '.{0,20}\\)?") {
            let _ = (read(&room, &line), read(&room, &nearly));
            let text = line.replace('\n', " ");
            let (said, left) = (format!("ada: {text}"), format!("User ada left room '{room}'"));
            prop_assert_eq!(read(&room, &said), Event::Said { who: "ada", text: &text });
            prop_assert_eq!(read(&room, &left), Event::Left { who: "ada" });
        }
    }
}
