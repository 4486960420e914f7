use super::*;
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

/// What could act on a terminal, or reorder what stands around a text, wherever it stands.
const NEVER_SHOWN: [char; 14] = [
    '\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{9b}', '\r', '\u{b}', '\u{85}', '\u{2028}', '\u{2029}', '\u{202d}',
    '\u{202e}', '\u{206a}', '\u{fff9}',
];

#[test]
fn what_acts_on_a_terminal_is_seen_and_does_nothing() {
    for (hostile, seen) in [
        ("\u{1b}]0;title\u{7}", "␛]0;title␇"),
        ("\u{9b}31m", "‹U+009B›31m"),
        ("\u{202e}txt.exe", "‹U+202E›txt.exe"),
        ("\u{2067}open", "‹U+2067›open"),
        ("a\u{202c}b", "a‹U+202C›b"),
        ("a\u{e0041}b", "a‹U+E0041›b"),
        ("a\u{fe0f}\u{fe01}", "a\u{fe0f}‹U+FE01›"),
        ("a\u{7f}\0", "a␡␀"),
    ] {
        assert_eq!(shown(hostile), seen);
        assert_eq!(SafeText::new(hostile).written(), hostile);
    }
    let stacked = format!("z{}", "\u{301}".repeat(9));
    assert_eq!(shown(&stacked), format!("z{}‹U+0301›", "\u{301}".repeat(8)));
}

#[test]
fn every_line_break_is_one_and_forges_no_other_line() {
    for end in ["\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
        let text = SafeText::from(format!("first{end}second"));
        assert_eq!(&*text, "first\nsecond", "{end:?}");
        assert_eq!(SafeText::line(text.written()).written(), "first second", "{end:?}");
    }
}

#[test]
fn direction_is_kept_where_it_ends_in_its_own_line() {
    for fine in ["\u{2067}שלום\u{2069} hi", "\u{202b}שלום\u{202c}", "a\u{200e}b\u{200f}c\u{61c}"] {
        assert_eq!(shown(fine), fine);
    }
    assert_eq!(shown("\u{2067}one\ntwo\u{2069}"), "‹U+2067›one\ntwo‹U+2069›");
}

#[test]
fn the_languages_that_need_joiners_are_written_as_they_are() {
    for text in [
        "می\u{200c}خواهم کتاب\u{200c}ها",
        "क्\u{200c}ष",
        "ශ්\u{200d}රී",
        "ന്\u{200d}",
        "ཧྐྵྨླྺྼྻྂ",
        "ᠠ\u{180b}",
        "葛\u{e0100}",
        "\u{e0a0} \u{f8ff}\tx",
    ] {
        assert_eq!(shown(text), text);
        assert_eq!(message(text).unwrap(), text);
        let name: String = text.replace('\t', " ");
        assert_eq!(room_name(&name).unwrap(), name);
    }
}

#[test]
fn every_emoji_is_kept_as_a_message_a_reaction_and_a_rooms_name() {
    let toned = |emoji: &'static emojis::Emoji| emoji.skin_tones().into_iter().flatten().chain([emoji]);
    let mut seen = 0;
    for emoji in emojis::iter().flat_map(toned).map(emojis::Emoji::as_str) {
        seen += 1;
        assert_eq!(shown(emoji), emoji);
        assert_eq!(message(emoji).as_deref(), Ok(emoji));
        assert_eq!(reaction(emoji).as_deref(), Ok(emoji));
        assert_eq!(room_name(emoji).as_deref(), Ok(emoji));
        assert_eq!(emoji.graphemes(true).count(), 1, "{emoji}");
    }
    assert!(seen > 3_000, "{seen}");
}

#[test]
fn every_letter_that_a_language_is_written_with_is_kept() {
    use icu_locale::exemplar_chars::ExemplarCharacters;
    let languages = [
        "am", "ar", "as", "be", "bg", "bn", "bo", "chr", "ckb", "cs", "de", "dv", "dz", "el", "en", "es", "fa", "ff",
        "fr", "gu", "he", "hi", "hu", "hy", "ii", "is", "ja", "ka", "kk", "km", "kn", "ko", "ks", "lo", "lt", "lv",
        "ml", "mn", "mr", "mt", "my", "ne", "nqo", "or", "pa", "pl", "ps", "ro", "ru", "sa", "sat", "sd", "si", "sr",
        "sv", "syr", "ta", "te", "tg", "th", "ti", "tr", "ug", "uk", "ur", "uz", "vi", "yi", "yo", "zh",
    ];
    for language in languages {
        let locale = language.parse::<icu_locale::Locale>().unwrap().into();
        let main = ExemplarCharacters::try_new_main(&locale).unwrap();
        let auxiliary = ExemplarCharacters::try_new_auxiliary(&locale).unwrap();
        for letter in [&main, &auxiliary].into_iter().flat_map(|set| set.code_points().iter_chars()) {
            let word = format!("ن{letter}ن {letter}");
            assert_eq!(shown(&word), word, "{language}");
            assert_eq!(message(&word).as_deref(), Ok(word.as_str()), "{language}");
        }
    }
}

#[test]
fn lengths_count_what_a_person_sees() {
    let family = "👩\u{200d}👩\u{200d}👧";
    assert!(reaction(&"👍".repeat(32)).is_ok() && reaction(&"👍".repeat(33)).is_err());
    assert!(room_name(&"e\u{301}".repeat(100)).is_ok() && room_name(&"é".repeat(101)).is_err());
    for (name, reaction_of) in
        [(family, family), ("कि", "क्षि"), ("นี้", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}")]
    {
        assert!(room_name(&name.repeat(100)).is_ok() && room_name(&name.repeat(101)).is_err(), "{name}");
        assert!(
            reaction(&reaction_of.repeat(32)).is_ok() && reaction(&reaction_of.repeat(33)).is_err(),
            "{reaction_of}"
        );
    }
    assert!(username(&"नि".repeat(50)).is_ok() && username(&"नि".repeat(51)).is_err());
    let (few, most) = ("कि".repeat(12_000), 64_000);
    assert_eq!(message(&few), Err(Unfit::TooManyBytes { what: "a message", most }));
    let grown = "ﷺ".repeat(100);
    assert!(matches!(room_name(&grown), Err(Unfit::TooManyBytes { .. })), "a key that no index takes");
    assert!(message(&"漢".repeat(16_000)).is_ok() && message(&"漢".repeat(16_001)).is_err());
    let endless = format!("z{}", "\u{301}".repeat(32_000));
    assert!(message(&endless).is_err(), "a cluster has its bound in bytes");
}

#[test]
fn what_nobody_sees_is_nothing() {
    for blank in
        ["", " \n", "\u{200b}", "\u{200d}\u{fe0f}", "\u{3164}", "\u{2800}\u{200e}".trim_start_matches('\u{2800}')]
    {
        assert_eq!(message(blank), Err(Unfit::Empty { what: "a message" }), "{blank:?}");
        assert!(room_name(blank).is_err() && reaction(blank).is_err());
    }
    assert_eq!(message("a\0b").unwrap(), "a␀b");
}

#[test]
fn one_room_has_one_name_with_or_without_what_nobody_sees() {
    assert_eq!(look_alike("gen\u{200d}eral"), look_alike("General"));
    assert_eq!(look_alike("❤\u{fe0f}"), look_alike("❤"));
    assert_eq!(look_alike("cafe\u{301}"), look_alike("café"));
}

#[test]
fn a_text_travels_as_it_was_written() {
    let text = SafeText::new("a\u{1b}\u{202e}\r\nb\u{200d}");
    let json = serde_json::to_string(&text).unwrap();
    assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text.written());
    assert_eq!(serde_json::from_str::<SafeText>(&json).unwrap(), text);
}

#[test]
fn names_say_what_is_wrong_with_them() {
    assert_eq!(username(""), Err(Unfit::Empty { what: "a username" }));
    assert!(username("a b").unwrap_err().to_string().contains("letters, digits"));
    assert!(username(&"x".repeat(51)).is_err());
    assert!(username("Titan").is_err());
    assert!(username("żółw").is_ok());
    assert!(username("a\u{34f}b").is_err());
    assert!(room_name("General Chat").is_ok());
    for hostile in ["a\u{202e}b", "a\nb", "a\tb", "a\u{2028}b", "a\u{1b}b", "a\u{e0041}b"] {
        assert!(room_name(hostile).is_err(), "{hostile:?}");
    }
}

proptest! {
    #[test]
    fn what_is_shown_is_shown_as_it_is_and_acts_on_nothing(text in any::<String>(), hostile in "[a\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{206f}\u{301}\u{fe0f}\u{1f3f4}\u{e0020}-\u{e007f}\n]{0,40}") {
        for text in [text, hostile] {
            let once = shown(&text);
            prop_assert_eq!(shown(&once), &*once);
            prop_assert!(!once.contains(NEVER_SHOWN), "{:?}", once);
            let controls = once.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
            prop_assert!(!controls);
        }
    }

    #[test]
    fn json_is_escaped_without_a_change(text in any::<String>(), hostile in "[\"\\\\\u{80}-\u{9f}\u{200b}-\u{206f}\u{e0020}-\u{e007f}]{0,20}") {
        for text in [text, hostile] {
            let json = serde_json::to_string(&text).unwrap();
            let escaped = escaped_json(&json);
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
            prop_assert!(!escaped.contains(NEVER_SHOWN));
        }
    }

    #[test]
    fn a_text_is_kept_to_the_code_point(text in any::<String>()) {
        let text = text.replace('\0', "");
        prop_assert_eq!(description("a text", &text, 10_000).unwrap(), text);
    }

    #[test]
    fn a_file_name_never_leaves_its_folder(text in any::<String>()) {
        let name = file_name(&text);
        prop_assert!(!name.is_empty() && name.len() <= 221 && !name.contains(['/', '\\', '\0']));
        prop_assert!(name != "." && name != "..");
        prop_assert!(!name.starts_with('.'));
    }
}
