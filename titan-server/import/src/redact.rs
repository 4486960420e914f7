//! Secrets that older systems wrote into their logs, taken out before anybody reads them here.

/// What stands where a secret stood.
const REMOVED: &str = "[removed]";
/// Words that a secret follows.
const SECRETS: [&str; 9] =
    ["password", "passwd", "passphrase", "pwd", "secret", "token", "api_key", "apikey", "admin key"];
/// What stands between such a word and its secret.
const BETWEEN: [&str; 7] = [" was changed to ", " changed to ", " is ", " to ", ": ", "=", ":"];
/// The least length of a row of hexadecimal digits that is a hash or a token.
const DIGITS_LEAST: usize = 32;

/// The line without what nobody may read.
pub fn redacted(line: &str) -> String {
    words(&behind_words(&edited(line)))
}

/// UtuVox's own line about an edited user. A password holds no space there, but may hold anything else.
fn edited(line: &str) -> String {
    const BEFORE: &str = "(new_password: ";
    let Some(at) = line.find(BEFORE) else { return line.to_owned() };
    let (before, rest) = line.split_at(at + BEFORE.len());
    let after = rest.rfind(", is_admin:").map_or(")", |at| &rest[at..]);
    format!("{before}{REMOVED}{after}")
}

/// What follows a word for a secret: what is quoted, or all up to the next space.
fn behind_words(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some((start, end)) = next_secret(rest) {
        out.push_str(&rest[..start]);
        out.push_str(if end > start { REMOVED } else { "" });
        rest = &rest[end..];
    }
    out + rest
}

/// Where the next secret stands.
fn next_secret(line: &str) -> Option<(usize, usize)> {
    let lower = line.to_ascii_lowercase();
    let starts = SECRETS.iter().flat_map(|word| lower.match_indices(word).map(|(at, word)| at + word.len()));
    let start = |at: usize| {
        // The rest of a word such as `password_hash`, and a quote that closes it.
        let behind = &lower[at..];
        let at = at + behind.len()
            - behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_-'\"".contains(c)).len();
        BETWEEN.iter().find(|between| lower[at..].starts_with(**between)).map(|between| at + between.len())
    };
    let start = starts.filter_map(start).min()?;
    Some((start, start + length(&line[start..])))
}

fn length(secret: &str) -> usize {
    if secret.starts_with(REMOVED) {
        return REMOVED.len();
    }
    let quote = secret.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'));
    match quote.and_then(|quote| secret[1..].rfind(quote)) {
        // A quote may stand in the secret itself: the last one ends it.
        Some(end) => end + 2,
        None => secret.find(char::is_whitespace).unwrap_or(secret.len()),
    }
}

/// Hashes and tokens, wherever they stand.
fn words(line: &str) -> String {
    let inside = |c: char| c.is_alphanumeric() || "$./+=_-".contains(c);
    let mut out = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        out.push_str(if is_hash(word) { REMOVED } else { word });
        let next = after.find(inside).unwrap_or(after.len());
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    out
}

fn is_hash(word: &str) -> bool {
    let crypt = ["$2a$", "$2b$", "$2y$", "$argon2", "$pbkdf2", "$1$", "$5$", "$6$"];
    let hexadecimal = word.len() >= DIGITS_LEAST && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal || crypt.iter().any(|form| word.starts_with(form)) || (word.starts_with("eyJ") && word.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_go_and_all_else_stays() {
        for (line, kept) in [
            (
                "Edited user 'carol' (new_password: newcarol, is_admin: 1)",
                "Edited user 'carol' (new_password: [removed], is_admin: 1)",
            ),
            (
                "Edited user 'c' (new_password: a,is_admin:')x, is_admin: None)",
                "Edited user 'c' (new_password: [removed], is_admin: None)",
            ),
            ("Changed admin key to 'Real-Key-9'", "Changed admin key to [removed]"),
            ("Changed admin key to 'it's ours'", "Changed admin key to [removed]"),
            ("set password=hunter2 for bob", "set password=[removed] for bob"),
            ("Token: abc was revoked", "Token: [removed] was revoked"),
            ("{\"password\": \"hunter 2\"}", "{\"password\": [removed]}"),
            ("hash $2b$12$L6Bc/AlTQHyd9liGgGEZyOFLPHNgyxeEPfgYfBCVxJ7JIlwxyVU3u kept", "hash [removed] kept"),
            ("was 0123456789abcdef0123456789ABCDEF before", "was [removed] before"),
        ] {
            assert_eq!(redacted(line), kept, "{line}");
        }
        for line in [
            "Banned user 'eve'",
            "Deleted room 'keys' and its history (with active users)",
            "Added user 'password' (is_admin: 0)",
            "",
        ] {
            assert_eq!(redacted(line), line);
        }
    }

    proptest! {
        #[test]
        fn no_password_and_no_key_of_utuvox_is_left(secret in "[!-~żŁ\u{4e00}-\u{4e20}]{6,30}", admin in any::<bool>()) {
            let admin = if admin { "1" } else { "None" };
            for line in [
                format!("Edited user 'carol' (new_password: {secret}, is_admin: {admin})"),
                format!("Changed admin key to '{secret}'"),
            ] {
                let kept = redacted(&line);
                prop_assert!(!kept.contains(&secret), "{}", kept);
                prop_assert!(kept.contains(REMOVED), "{}", kept);
            }
        }

        #[test]
        fn any_line_is_read(line in any::<String>()) {
            let _ = redacted(&line);
        }
    }
}
