//! Where an upload's words end and its bytes begin. Pure.
//!
//! `/upload <room> <path> <size>` is followed at once by so many bytes, with nothing in between: bytes that begin with
//! digits look like a longer size. The original's client also sends `/upload <room> <path>` right before, so that all three
//! may come in one read. What tells: there are never more bytes than the size says, and in the end exactly as many.

/// Where the words of an upload stand at the latest.
const HEAD_MOST: usize = 4 * 1024;
/// Digits of a size: more is no size.
const DIGITS_MOST: usize = 18;
const WORD: &[u8] = b"/upload ";

/// What bytes that begin with `/upload` are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announced {
    /// `size` bytes follow the first `head` of these. `what` is room and path.
    Sized { what: String, size: u64, head: usize },
    /// A command without a size.
    Unsized,
    /// What comes next will tell.
    Unsure,
}

/// Whether bytes are the beginning of an upload, or may become it.
pub fn may_announce(bytes: &[u8]) -> bool {
    bytes.len() > 1 && (bytes.starts_with(WORD) || WORD.starts_with(bytes))
}

/// Reads bytes for which [`may_announce`] holds. `settled`: nothing more comes for a while, so that this is all there is
/// to tell by.
pub fn announced(bytes: &[u8], settled: bool) -> Announced {
    let open = if settled { Announced::Unsized } else { Announced::Unsure };
    if bytes.len() < WORD.len() {
        return open;
    }
    let start = last_start(bytes);
    let places = places(bytes, start);
    let Some(&first) = places.first() else { return open };
    let found =
        if settled { Some(settle(bytes, &places, first)) } else { tell(bytes, first).map(|size| (first, size)) };
    match found.map(|(place, size)| (std::str::from_utf8(&bytes[start..place]), size)) {
        None => Announced::Unsure,
        Some((Ok(what), (size, head))) => Announced::Sized { what: what.trim().to_owned(), size, head },
        Some((Err(_), _)) => Announced::Unsized,
    }
}

/// A whole line that announces bytes: what and how many.
pub fn announced_by_line(line: &str) -> Option<(String, u64)> {
    let (what, size) = line.strip_prefix("/upload ")?.trim_end().rsplit_once(' ')?;
    let what = what.trim();
    let plain = size.len() <= DIGITS_MOST && size.bytes().all(|byte| byte.is_ascii_digit());
    let size = size.parse().ok().filter(|_| plain && what.contains(' '))?;
    Some((what.to_owned(), size))
}

/// Behind the last `/upload ` before which no size was said.
fn last_start(bytes: &[u8]) -> usize {
    let mut start = WORD.len();
    while let Some(next) = find(&bytes[start..bytes.len().min(HEAD_MOST)], WORD).map(|at| start + at) {
        let said = &bytes[start..next];
        if !said.contains(&b' ') || said.iter().any(u8::is_ascii_control) || !places(&bytes[..next], start).is_empty() {
            break;
        }
        start = next + WORD.len();
    }
    start
}

/// Where words stand, after room and path, that begin as a size does.
fn places(bytes: &[u8], start: usize) -> Vec<usize> {
    let head = &bytes[start..bytes.len().min(HEAD_MOST)];
    let end = head.iter().position(u8::is_ascii_control).unwrap_or(head.len());
    let words = head[..end].split(|&byte| byte == b' ').scan(start, |at, word| {
        let place = *at;
        *at += word.len() + 1;
        Some((place, word))
    });
    let words = words.filter(|(_, word)| !word.is_empty()).skip(2);
    words.filter(|(_, word)| word[0].is_ascii_digit()).map(|(place, _)| place).collect()
}

/// How the digits at a place can be read: a size, and where its bytes begin.
fn readings(bytes: &[u8], place: usize) -> impl DoubleEndedIterator<Item = (u64, usize)> {
    let digits = bytes[place..].iter().take(DIGITS_MOST).take_while(|byte| byte.is_ascii_digit()).count();
    (1..=digits).filter_map(move |count| {
        let size = std::str::from_utf8(&bytes[place..place + count]).ok()?.parse().ok()?;
        Some((size, place + count))
    })
}

fn fits(bytes: &[u8], size: u64, head: usize) -> bool {
    (bytes.len() - head) as u64 <= size
}

fn is_all(bytes: &[u8], size: u64, head: usize) -> bool {
    (bytes.len() - head) as u64 == size
}

/// The size that the digits at a place say; none while that can't be told.
fn tell(bytes: &[u8], place: usize) -> Option<(u64, usize)> {
    let longest = readings(bytes, place).next_back()?;
    if longest.1 == bytes.len() {
        // More digits may come.
        return None;
    }
    let fitting: Vec<_> = readings(bytes, place).filter(|&(size, head)| fits(bytes, size, head)).collect();
    match fitting[..] {
        [] => Some(longest),
        [only] => Some(only),
        _ => Some(longest).filter(|&(size, head)| is_all(bytes, size, head)),
    }
}

/// The size where there is nothing more to tell by: the one that says just as many bytes as there are, if any.
fn settle(bytes: &[u8], places: &[usize], first: usize) -> (usize, (u64, usize)) {
    let all = places.iter().flat_map(|&place| readings(bytes, place).map(move |reading| (place, reading)));
    let mut whole = all.filter(|&(_, (size, head))| is_all(bytes, size, head));
    let longest = || readings(bytes, first).next_back().unwrap_or((0, first));
    whole.next().unwrap_or_else(|| (first, longest()))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sized(what: &str, size: u64, head: usize) -> Announced {
        Announced::Sized { what: what.to_owned(), size, head }
    }

    #[test]
    fn a_size_is_told_from_the_bytes_behind_it() {
        assert_eq!(announced(b"/upload r p 5hello", false), sized("r p", 5, 13));
        assert_eq!(announced(b"/upload r p 12hello world!", false), sized("r p", 12, 14));
        assert_eq!(announced(b"/upload r p/upload r p 5hello", false), sized("r p", 5, 24));
        assert_eq!(announced(b"/upload 7 9/upload 7 9 5hello", false), sized("7 9", 5, 24));
        assert_eq!(announced(b"/upload r p 5hello/list_files", false), sized("r p", 5, 13));
        let inner = b"/upload general cmds.txt 25/upload general b.txt 5hi";
        assert_eq!(announced(inner, false), sized("general cmds.txt", 25, 27));
        assert_eq!(announced(b"/upload General Chat p 5hello", false), sized("General Chat p", 5, 24));
        let dated = b"/upload general shot 2024-01-01.png 5hello";
        assert_eq!(announced(dated, true), sized("general shot 2024-01-01.png", 5, 37));
    }

    #[test]
    fn what_can_be_read_in_two_ways_waits_for_what_comes() {
        assert_eq!(announced(b"/upload r p 5", false), Announced::Unsure);
        assert_eq!(announced(b"/upload r p 512345", false), Announced::Unsure);
        assert_eq!(announced(b"/upload r p 512345", true), sized("r p", 5, 13));
        assert_eq!(announced(b"/upload r p 1000", true), sized("r p", 1000, 16));
        assert_eq!(announced(b"/upload r p 1000a", false), Announced::Unsure);
        assert_eq!(announced(b"/upload r p 0", true), sized("r p", 0, 13));
    }

    #[test]
    fn without_a_size_it_is_a_command_once_nothing_more_comes() {
        for text in ["/u", "/upload", "/upload ", "/upload r", "/upload r p", "/upload r p x"] {
            assert!(may_announce(text.as_bytes()));
            assert_eq!(announced(text.as_bytes(), false), Announced::Unsure, "{text}");
            assert_eq!(announced(text.as_bytes(), true), Announced::Unsized, "{text}");
        }
        assert!(!may_announce(b"/") && !may_announce(b"/uploads") && !may_announce(b""));
        assert_eq!(announced(b"/upload \xff \xff 5hello", false), Announced::Unsized);
    }

    #[test]
    fn a_line_announces_by_its_last_word() {
        assert_eq!(
            announced_by_line("/upload General Chat my file.txt 17 "),
            Some(("General Chat my file.txt".to_owned(), 17))
        );
        for line in [
            "/upload r p",
            "/upload r 5",
            "/upload r p 5x",
            "/upload r p -5",
            "/upload r p 9999999999999999999",
            "/join r p 5",
        ] {
            assert_eq!(announced_by_line(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), settled: bool) {
            let bytes = [WORD, &bytes].concat();
            if let Announced::Sized { head, .. } = announced(&bytes, settled) {
                prop_assert!(head <= bytes.len());
            }
        }

        #[test]
        fn whatever_the_bytes_are_and_wherever_they_are_cut_the_size_is_found(
            room in "[a-z0-9]{1,8}",
            path in "[a-z0-9./]{1,12}",
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 1..400),
                prop::collection::vec(prop::sample::select(&b"0123456789 /upload"[..]), 1..400),
            ],
            twice: bool,
        ) {
            let what = format!("{room} {path}");
            let first = if twice { format!("/upload {what}") } else { String::new() };
            let head = format!("{first}/upload {what} {}", bytes.len());
            let sent = [head.as_bytes(), &bytes].concat();
            let wanted = sized(&what, bytes.len() as u64, head.len());
            for cut in 2..sent.len() {
                if let found @ Announced::Sized { .. } = announced(&sent[..cut], false) {
                    prop_assert_eq!(&found, &wanted, "cut at {}", cut);
                }
            }
            prop_assert_eq!(announced(&sent, true), wanted);
        }
    }
}
